//! A ledger as plain text for a terminal: why in one line, then the lines.

use std::fmt::{self, Write};

use super::Coverage;
use super::ledger::{Counted, FitLine, IntentLine, Ledger, MatchLine, Outcome};
use super::words::{counted, minute, plain};
use super::{shown_value, ways::Ways};
use crate::domain::Points;

/// How many matches of one rule the text lists; JSON has more.
const MATCHES_SHOWN_MAX: usize = 5;
/// How many lines the one-line why names.
const TOP_LINES_MAX: usize = 3;
/// The widest that names are aligned to, in characters.
const NAME_CHARS_MAX: usize = 44;

impl Ledger {
    /// The lines that give the most, by name and points, the greatest first.
    pub fn top_lines(&self, most: usize) -> Vec<(String, Points)> {
        let fit = self.fit.iter().map(|line| (&line.rule, line.points));
        let intent = self.intent.iter().map(|line| (&line.rule, line.points));
        let mut lines: Vec<(&String, Points)> = fit
            .chain(intent)
            .filter(|(_, points)| points.is_positive())
            .collect();
        lines.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        lines.truncate(most);
        lines
            .into_iter()
            .map(|(rule, points)| (rule.clone(), points))
            .collect()
    }

    /// The whole ledger as plain, aligned text.
    pub fn render_text(&self) -> String {
        self.to_string()
    }

    pub(super) fn in_one_line(&self) -> String {
        let (fit, intent, score) = (
            self.totals.fit.short(),
            self.totals.intent.short(),
            self.totals.score.short(),
        );
        let top: Vec<String> = self
            .top_lines(TOP_LINES_MAX)
            .iter()
            .map(|(rule, points)| format!("{} {}", plain(rule), signed(*points)))
            .collect();
        let mostly = if top.is_empty() {
            String::new()
        } else {
            format!(": {}", top.join(", "))
        };
        match (&self.qualified, self.held_back.first()) {
            (Some(qualified), _) => {
                let (at, trigger) = (minute(qualified.at), plain(&qualified.trigger));
                let then = qualified.score.score;
                let then = if then == self.totals.score {
                    String::new()
                } else {
                    format!(" with {}", then.short())
                };
                format!(
                    "qualified {at} by {trigger}{then}; now {score} = fit {fit} + intent {intent}{mostly}"
                )
            }
            (None, Some(reason)) => {
                let more = match self.held_back.len() {
                    0 | 1 => String::new(),
                    reasons => format!(
                        " (and {})",
                        counted(reasons.saturating_sub(1), "more reason", "more reasons")
                    ),
                };
                format!(
                    "not qualified, {}{more}; {score} = fit {fit} + intent {intent}{mostly}",
                    plain(reason)
                )
            }
            (None, None) => format!("not qualified; {score} = fit {fit} + intent {intent}{mostly}"),
        }
    }

    fn name_width(&self) -> usize {
        let fit = self.fit.iter().map(|line| &line.rule);
        let names = fit.chain(self.intent.iter().map(|line| &line.rule));
        let widest = names.map(|name| plain(name).chars().count()).max().unwrap_or(0);
        widest.min(NAME_CHARS_MAX)
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.name_width();
        let grade = if self.grade.is_empty() {
            String::new()
        } else {
            format!("  [{}]", plain(&self.grade))
        };
        writeln!(f, "{}{grade}", plain_line(&self.why))?;
        writeln!(f, "as of {}\n", minute(self.at))?;
        total(f, "Fit", self.totals.fit)?;
        for line in self.fit.iter().filter(|line| line.outcome != Outcome::No) {
            fit_line(f, line, width)?;
        }
        coverage(f, &self.coverage)?;
        total(f, "Intent", self.totals.intent)?;
        for line in &self.intent {
            intent_line(f, line, width)?;
        }
        for cut in &self.cuts {
            let (group, max) = (plain(&cut.group), cut.max.short());
            writeln!(f, "{:>9}  `{group}` is cut at {max}", signed(cut.points))?;
        }
        total(f, "Score", self.totals.score)?;
        if self.shown != self.totals {
            let shown = &self.shown;
            let (fit, intent, score) = (shown.fit.short(), shown.intent.short(), shown.score.short());
            writeln!(f, "  shown as fit {fit}, intent {intent}, score {score}")?;
        }
        writeln!(f)?;
        the_line(f, self)
    }
}

fn the_line(f: &mut fmt::Formatter<'_>, ledger: &Ledger) -> fmt::Result {
    writeln!(f, "The line")?;
    for requirement in &ledger.line {
        let (of, has, needs) = (requirement.of, requirement.has.short(), requirement.needs.short());
        if requirement.reached {
            writeln!(f, "  reached  {of} {has} of {needs}")?;
        } else {
            writeln!(
                f,
                "  missing  {of} {has} of {needs}: {} short",
                requirement.lacks.short()
            )?;
        }
    }
    if !ledger.fast.is_empty() {
        let names: Vec<String> = ledger.fast.iter().map(|name| plain(name)).collect();
        writeln!(f, "  at once  {}", names.join(", "))?;
    }
    if let Some(qualified) = &ledger.qualified {
        let (at, trigger) = (minute(qualified.at), plain(&qualified.trigger));
        return writeln!(f, "Qualified {at} by {trigger} (cycle {})", ledger.cycle);
    }
    writeln!(f, "Not qualified (cycle {})", ledger.cycle)?;
    ledger
        .held_back
        .iter()
        .try_for_each(|reason| writeln!(f, "  {}", plain_line(reason)))
}

fn total(f: &mut fmt::Formatter<'_>, name: &str, points: Points) -> fmt::Result {
    writeln!(f, "{name:<7}{:>9}", points.short())
}

fn fit_line(f: &mut fmt::Formatter<'_>, line: &FitLine, width: usize) -> fmt::Result {
    let read: Vec<String> = line
        .read
        .iter()
        .map(|read| format!("{} = {}", read.field, shown_value(read.value.as_ref())))
        .collect();
    let rule = plain(&line.rule);
    let points = if line.outcome == Outcome::Unknown {
        "unknown".to_owned()
    } else {
        signed(line.points)
    };
    writeln!(f, "{points:>9}  {rule:<width$}  {}", read.join(", "))
}

/// How much of what fit asks is known, in a line; nothing where all of it is.
fn coverage(f: &mut fmt::Formatter<'_>, coverage: &Coverage) -> fmt::Result {
    if coverage.unknown.is_empty() {
        return Ok(());
    }
    writeln!(f, "           {}", coverage.in_words())
}

fn intent_line(f: &mut fmt::Formatter<'_>, line: &IntentLine, width: usize) -> fmt::Result {
    let (rule, points) = (plain(&line.rule), signed(line.points));
    match &line.counted {
        Counted::Quiet(quiet) if quiet.holds => {
            let since = quiet.since.map(minute).unwrap_or_default();
            writeln!(f, "{points:>9}  {rule:<width$}  nothing since {since}")
        }
        Counted::Quiet(_) => Ok(()),
        Counted::Matches {
            matches,
            earlier,
            not_counted,
            waiting,
        } => {
            let earlier_count = earlier.map_or(0, |earlier| earlier.matches);
            let gives_nothing = not_counted.over_max.saturating_add(not_counted.faded);
            let waits = waiting.filter(|waiting| waiting.events > 0);
            if matches.is_empty() && gives_nothing == 0 && waits.is_none() {
                return Ok(());
            }
            let mut notes: Vec<String> = line.decay.iter().cloned().collect();
            if not_counted.over_max > 0 {
                notes.push(format!("{} over what counts", not_counted.over_max));
            }
            if not_counted.faded > 0 {
                notes.push(format!("{} faded to nothing", not_counted.faded));
            }
            if let Some(waiting) = waits {
                notes.push(format!("{} of {} towards the next", waiting.events, waiting.of));
            }
            writeln!(
                f,
                "{}",
                format!("{points:>9}  {rule:<width$}  {}", notes.join("; ")).trim_end()
            )?;
            matches
                .iter()
                .take(MATCHES_SHOWN_MAX)
                .try_for_each(|found| match_line(f, found))?;
            let more = matches
                .len()
                .saturating_sub(MATCHES_SHOWN_MAX)
                .saturating_add(earlier_count);
            if more > 0 {
                writeln!(f, "             and {} before", counted(more, "match", "matches"))?;
            }
            Ok(())
        }
    }
}

fn match_line(f: &mut fmt::Formatter<'_>, found: &MatchLine) -> fmt::Result {
    let mut text = format!("             {}  {}", minute(found.at), plain(&found.event));
    if let Some(detail) = &found.detail {
        write!(text, " {}", plain(detail))?;
    }
    write!(text, ": {}", signed(found.points))?;
    if found.points != found.full {
        write!(
            text,
            " of {} after {}",
            found.full.short(),
            counted_days(found.age_days)
        )?;
    }
    writeln!(f, "{text}")
}

fn counted_days(days: i32) -> String {
    counted(usize::try_from(days).unwrap_or(0), "day", "days")
}

fn signed(points: Points) -> String {
    let sign = if points.is_positive() { "+" } else { "" };
    format!("{sign}{}", points.short())
}

/// A sentence that the project put together from shown texts: only what would move a terminal is replaced.
fn plain_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

impl fmt::Display for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = &self.none_because {
            return writeln!(f, "No ways to qualify from here: {}", plain_line(reason));
        }
        writeln!(f, "The shortest ways to qualify from here")?;
        for (index, way) in self.ways.iter().enumerate() {
            let steps: Vec<String> = way.steps.iter().map(ToString::to_string).collect();
            let score = way.score.score.short();
            writeln!(
                f,
                "  {}. {} (score {score})",
                index.saturating_add(1),
                steps.join(", then ")
            )?;
        }
        Ok(())
    }
}
