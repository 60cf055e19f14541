//! What a calibration found, for people and for programs.

use std::fmt::Write as _;

use bellwether_core::domain::Timestamp;
use serde::{Serialize, Serializer};

use super::leads::Counts;
use super::levels::Why;
use super::metrics::Measures;
use super::refuse::{Period, Refusal};
use super::resample::Interval;
use super::validate::How;
use crate::statistics::Rate;

/// How many of the rules that were dropped for one reason a terminal shows.
const DROPPED_MAX: usize = 8;

/// What a calibration found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationReport {
    /// What the agreement is called.
    pub agreement: String,
    /// Why no agreement is written; empty where one is.
    pub refusals: Vec<Refusal>,
    /// Which leads it rests on.
    pub counts: Counts,
    /// The most points, either way, that a rule may give.
    pub points_max: u32,
    /// What chance was drawn by.
    pub seed: u64,
    /// How the points were tried; nothing where it didn't come to that.
    pub tried: Option<TriedReport>,
    /// The line.
    pub line: Option<LineReport>,
    /// How the ranking holds over time; empty where there are no times.
    pub periods: Vec<Period>,
    /// Every rule and case with its evidence, in the agreement's order, those found last.
    pub points: Vec<PointsLine>,
    /// What was looked at for rules and isn't proposed, and why.
    pub dropped: Vec<DroppedLine>,
    /// What examples expect now.
    pub expectations: Vec<ExpectationLine>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// How the points were tried on leads whose outcomes they weren't made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TriedReport {
    /// On which leads.
    pub how: How,
    /// How many leads the points were made from.
    pub trained: usize,
    /// How many they were tried on.
    pub tested: usize,
    /// How many of these were won.
    pub tested_won: usize,
    /// The ridge, chosen among the leads that the points were made from.
    pub ridge: f64,
    /// The measures of the new points and of what they are held against.
    pub methods: Vec<Measures>,
    /// By how much the new points' area under the curve is above the present agreement's, with the bootstrap's interval.
    pub gain: Interval,
    /// How likely a ranking as good is where the outcomes are shuffled.
    pub by_chance: f64,
}

/// What reaches the lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LineReport {
    /// The lines that are drawn.
    pub lines: Vec<LineMove>,
    /// The share of the leads that reach them by the present points.
    pub share_before: f64,
    /// The share that reach them by the new points, where they then are.
    pub share_after: f64,
    /// The won rate above them by the present points.
    pub won_before: Rate,
    /// The won rate above them by the new ones.
    pub won_after: Rate,
}

/// A line of `[qualify]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LineMove {
    /// `score`, `fit` or `intent`.
    pub key: &'static str,
    /// Where it is.
    pub was: f64,
    /// Where it is to be: the same, unless no points within the limits would let enough leads reach it.
    pub becomes: f64,
}

/// What a rule or case gives, gave, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointsLine {
    /// The rule.
    pub rule: String,
    /// The case in words; empty for an intent rule.
    pub when: String,
    /// What it gave, as it was written; nothing where it was found.
    pub was: Option<String>,
    /// What it gives now.
    pub becomes: String,
    /// Whether that is something else.
    pub changed: bool,
    /// The leads that met it when they were judged, and what came of them.
    pub evidence: Evidence,
    /// Why it was left as it was, where it was.
    pub kept: Option<&'static str>,
}

/// A rule that was looked at, or values of one, that give no points.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DroppedLine {
    /// The rule as it would have been called.
    pub rule: String,
    /// Which of its values, in words; empty where it is the whole rule.
    pub when: String,
    /// Why.
    pub why: Why,
    /// The leads that have it, and what came of them.
    pub evidence: Evidence,
    /// Of several bands or values, how many there were and the won rates of the worst and the best.
    pub range: Option<RateRange>,
}

/// The won rates of bands or values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateRange {
    /// How many there are.
    pub cases: usize,
    /// The lowest won rate.
    pub lowest: Rate,
    /// The highest won rate.
    pub highest: Rate,
}

/// Leads with and without something, and what came of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// How many of those with it were won.
    pub with: Rate,
    /// How many of those without it were won.
    pub without: Rate,
    /// By how much the one is above the other, with its 95 % interval (R. Newcombe 1998, method 10).
    pub difference: Interval,
}

/// What an example expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectationLine {
    /// The example.
    pub example: String,
    /// The key: `fit`, `score` …
    pub key: &'static str,
    /// What it expected.
    pub was: String,
    /// What it comes to by the new points.
    pub becomes: String,
}

impl Evidence {
    /// So many of so many with it, and of all so many won.
    pub fn new(leads: usize, won: usize, all: usize, all_won: usize) -> Self {
        let with = Rate::new(won as u64, leads as u64);
        let without = Rate::new(
            all_won.saturating_sub(won) as u64,
            all.saturating_sub(leads) as u64,
        );
        if with.of == 0 || without.of == 0 {
            // There is nothing to hold it against.
            let difference = Interval {
                value: 0.0,
                low: -1.0,
                high: 1.0,
            };
            return Self {
                with,
                without,
                difference,
            };
        }
        let value = with.share() - without.share();
        let (with_low, with_high) = with.ends();
        let (without_low, without_high) = without.ends();
        let squares = |a: f64, b: f64| (a * a + b * b).sqrt();
        let low = squares(with.share() - with_low, without_high - without.share());
        let high = squares(with_high - with.share(), without.share() - without_low);
        Self {
            with,
            without,
            difference: Interval {
                value,
                low: value - low,
                high: value + high,
            },
        }
    }

    /// In a line, where there are leads without it: `412 leads, 31.0 % (27.0 to 36.0) won with it, 12.0 % (11.0 to 13.0) without, +19.0 percentage points …`
    pub fn in_words(&self) -> String {
        format!(
            "{} leads, {} won with it, {} without, {:+.1} percentage points ({:+.1} to {:+.1})",
            self.with.of,
            self.with,
            self.without,
            self.difference.value * 100.0,
            self.difference.low * 100.0,
            self.difference.high * 100.0
        )
    }
}

impl CalibrationReport {
    /// The lines whose points change, those found included.
    pub fn changes(&self) -> impl Iterator<Item = &PointsLine> {
        self.points.iter().filter(|line| line.changed)
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        let counts = &self.counts;
        writeln!(
            text,
            "{}: {} leads, {} won, {} lost, {} left out for want of an outcome",
            self.agreement, counts.leads, counts.won, counts.lost, counts.undecided
        )?;
        if let Some(tried) = &self.tried {
            writeln!(text, "{}\n", tried.in_words())?;
            writeln!(
                text,
                "{:<26}{:>8}{:>10}{:>8}{:>12}{:>12}",
                "on unseen leads", "AUC", "log loss", "Brier", "lift 10 %", "lift 20 %"
            )?;
            for one in &tried.methods {
                writeln!(
                    text,
                    "{:<26}{:>8.3}{:>10.4}{:>8.4}{:>12.2}{:>12.2}",
                    one.method, one.auc, one.log_loss, one.brier, one.lift_top_tenth, one.lift_top_fifth
                )?;
            }
        }
        if let Some(line) = &self.line {
            writeln!(text, "\n{}", line.in_words())?;
        }
        for note in &self.notes {
            writeln!(text, "note: {note}")?;
        }
        if self.refusals.is_empty() {
            self.write_changes(text)?;
        } else {
            writeln!(text, "\nRefused; no agreement is written:")?;
            self.refusals.iter().try_for_each(|refusal| {
                writeln!(text, "  {}: {}", refusal.reason.as_str(), refusal.message)
            })?;
        }
        self.write_dropped(text)
    }

    /// What was dropped and why, in a line for each reason, and the rules with the most leads.
    fn write_dropped(&self, text: &mut String) -> std::fmt::Result {
        for why in Why::ALL {
            let mut dropped: Vec<&DroppedLine> = self.dropped.iter().filter(|line| line.why == why).collect();
            if dropped.is_empty() {
                continue;
            }
            dropped.sort_by_key(|line| std::cmp::Reverse(line.evidence.with.of));
            writeln!(
                text,
                "\nLooked at and not proposed, since {}: {}",
                why.in_words(),
                dropped.len()
            )?;
            for line in dropped.iter().take(DROPPED_MAX) {
                writeln!(text, "  {}\n    {}", line.named(), line.in_words())?;
            }
            if dropped.len() > DROPPED_MAX {
                writeln!(
                    text,
                    "  and {} more, which --report lists",
                    dropped.len() - DROPPED_MAX
                )?;
            }
        }
        Ok(())
    }

    fn write_changes(&self, text: &mut String) -> std::fmt::Result {
        for line in self.line.iter().flat_map(LineReport::moves) {
            writeln!(
                text,
                "\nThe line moves:\n- qualify: {} = {}\n+ qualify: {} = {}",
                line.key, line.was, line.key, line.becomes
            )?;
        }
        if self.changes().next().is_none() {
            writeln!(text, "\nNo points change.")?;
        } else {
            writeln!(text, "\nPoints that change:")?;
        }
        for line in self.changes() {
            let when = if line.when.is_empty() {
                String::new()
            } else {
                format!(", {}", line.when)
            };
            match &line.was {
                Some(was) => writeln!(
                    text,
                    "- {}{when}: {was}\n+ {}{when}: {}",
                    line.rule, line.rule, line.becomes
                )?,
                None => writeln!(text, "+ {}{when}: {}", line.rule, line.becomes)?,
            }
            writeln!(text, "    {}", line.evidence.in_words())?;
        }
        for line in &self.expectations {
            writeln!(text, "- {}: expects {} = {}", line.example, line.key, line.was)?;
            writeln!(
                text,
                "+ {}: expects {} = {}",
                line.example, line.key, line.becomes
            )?;
        }
        Ok(())
    }
}

impl DroppedLine {
    /// The rule, and which of its values it is about.
    pub fn named(&self) -> String {
        if self.when.is_empty() {
            self.rule.clone()
        } else {
            format!("{}, {}", self.rule, self.when)
        }
    }

    /// What came of its leads, in a line.
    pub fn in_words(&self) -> String {
        match &self.range {
            Some(range) => format!(
                "{} leads in {} parts, of which {} to {} were won",
                self.evidence.with.of, range.cases, range.lowest, range.highest
            ),
            None if self.evidence.without.of == 0 => format!("all {} leads", self.evidence.with.of),
            None => self.evidence.in_words(),
        }
    }
}

impl Why {
    /// Each of them, the most frequent first.
    pub const ALL: [Self; 3] = [Self::NothingMore, Self::TooSmall, Self::TooFewLeads];

    /// In words, as what follows on `since`.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::TooFewLeads => "too few leads have it to tell",
            Self::NothingMore => "what it tells may be luck, or the other rules tell it as well",
            Self::TooSmall => "its points would be too few to move anybody",
        }
    }
}

impl TriedReport {
    /// How it was tried, in a sentence.
    pub fn in_words(&self) -> String {
        match &self.how {
            How::Time {
                trained_until,
                tested_until,
            } => format!(
                "Made from {} leads up to {trained_until}, tried on {} later ones up to {tested_until}, {} of them won.",
                self.trained, self.tested, self.tested_won
            ),
            How::Folds {
                folds,
                repeats,
                without_time,
            } => format!(
                "Not tried in the order of time, since {}: made from all parts of {folds} but one and tried on that, {repeats} times over, on {} \
                 leads, {} of them won.",
                if *without_time > 0 {
                    format!("{without_time} leads have no time")
                } else {
                    "all leads have the same time".to_owned()
                },
                self.tested,
                self.tested_won
            ),
        }
    }
}

impl LineReport {
    /// What reaches the lines, in a sentence.
    pub fn in_words(&self) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| format!("{} {}", line.key, line.was))
            .collect();
        let lines = lines.join(", ");
        let before = match self.won_before.of {
            0 => format!("No lead reached the line ({lines}) by the old points"),
            _ => format!(
                "{:.1} % of the leads reached the line ({lines}) by the old points, {} of them won",
                self.share_before * 100.0,
                self.won_before
            ),
        };
        let after = match self.won_after.of {
            0 => "none does by the new ones".to_owned(),
            _ => format!(
                "{:.1} % do by the new ones, {} of them won",
                self.share_after * 100.0,
                self.won_after
            ),
        };
        format!("{before}; {after}.")
    }

    /// The lines that move.
    pub fn moves(&self) -> impl Iterator<Item = &LineMove> {
        self.lines.iter().filter(|line| line.is_moved())
    }
}

impl LineMove {
    /// Whether it is to be somewhere else.
    pub fn is_moved(&self) -> bool {
        self.was.total_cmp(&self.becomes).is_ne()
    }
}

/// A time as text.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_has_the_interval_of_the_tables() {
        // 56 of 70 against 48 of 80: 0.2000, 0.0524 to 0.3339 (Newcombe 1998, method 10).
        let evidence = Evidence::new(70, 56, 150, 104);
        let difference = evidence.difference;
        assert!((difference.value - 0.2).abs() < 1e-9);
        assert!((difference.low - 0.0524).abs() < 1e-4, "{difference:?}");
        assert!((difference.high - 0.3339).abs() < 1e-4, "{difference:?}");
    }
}
