//! A lead's points on its page: the picture's bars, the ledger's lines, and where it stands towards the line.

use bellwether_core::domain::{EventKind, Points, Timestamp};
use bellwether_core::explain::{Counted, Ledger, Outcome, Way, Ways};

use super::capital;
use crate::ui::agreement::signed;
use crate::ui::inbox::nearest_whole;
use crate::ui::times::{Moment, Viewpoint};
use crate::ui::waterfall::Bar;

/// How many ways to qualify are shown.
const WAYS_SHOWN_MAX: usize = 5;
/// How many matches of one rule are shown.
const MATCHES_SHOWN_MAX: usize = 10;

/// A part of the ledger, with its sum.
pub(super) struct Part {
    pub(super) title: &'static str,
    pub(super) total: String,
    pub(super) lines: Vec<Line>,
}

pub(super) struct Line {
    pub(super) rule: String,
    pub(super) why: String,
    pub(super) points: String,
    pub(super) zero: bool,
    pub(super) matches: Vec<Match>,
}

pub(super) struct Match {
    pub(super) at: Moment,
    pub(super) what: String,
    pub(super) points: String,
}

/// Where the lead stands towards the line.
pub(super) struct Standing {
    pub(super) title: String,
    pub(super) lines: Vec<Reached>,
    pub(super) held_back: Vec<String>,
    pub(super) ways: Vec<String>,
}

pub(super) struct Reached {
    pub(super) reached: bool,
    pub(super) text: String,
}

/// What gives the most: `Requested a demo +50, Job title +15`.
pub(super) fn top_lines(ledger: &Ledger) -> String {
    const LINES_MAX: usize = 4;
    let lines = ledger.top_lines(LINES_MAX);
    let lines: Vec<String> = lines
        .iter()
        .map(|(rule, points)| format!("{rule} {}", signed(nearest_whole(*points))))
        .collect();
    if lines.is_empty() {
        "Nothing gives points yet.".to_owned()
    } else {
        lines.join(", ")
    }
}

pub(super) fn bars(ledger: &Ledger) -> Vec<Bar> {
    let bar = |label: &str, points, class| Bar {
        label: label.to_owned(),
        points,
        class,
    };
    let fit = ledger.fit.iter().map(|line| bar(&line.rule, line.points, "fit"));
    let intent = ledger
        .intent
        .iter()
        .map(|line| bar(&line.rule, line.points, "intent"));
    let cuts = ledger
        .cuts
        .iter()
        .map(|cut| bar(&format!("{}: over its cap", cut.group), cut.points, "minus"));
    fit.chain(intent).chain(cuts).collect()
}

pub(super) fn parts(ledger: &Ledger, view: &Viewpoint) -> Vec<Part> {
    let zero = Points::ZERO;
    let fit = ledger.fit.iter().map(|line| Line {
        rule: line.rule.clone(),
        why: line.when.clone().unwrap_or_else(|| {
            let read = line.read.iter().map(|read| read.field.as_str());
            match line.outcome {
                Outcome::Unknown => unknown(read),
                Outcome::Holds | Outcome::No => missing(read),
            }
        }),
        points: signed(line.points),
        zero: line.points == zero,
        matches: Vec::new(),
    });
    let cuts = ledger.cuts.iter().map(|cut| Line {
        rule: cut.group.clone(),
        why: format!("together at most {}, of {}", cut.max.short(), cut.before.short()),
        points: signed(cut.points),
        zero: false,
        matches: Vec::new(),
    });
    let intent = ledger.intent.iter().map(|line| {
        let (why, matches) = counted(&line.counted, line.decay.as_deref(), view);
        Line {
            rule: line.rule.clone(),
            why,
            points: signed(line.points),
            zero: line.points == zero,
            matches,
        }
    });
    vec![
        Part {
            title: "Fit: who they are",
            total: ledger.totals.fit.short(),
            lines: fit.collect(),
        },
        Part {
            title: "Intent: what they do",
            total: ledger.totals.intent.short(),
            lines: intent.chain(cuts).collect(),
        },
    ]
}

/// Why a rule gives nothing as yet: what isn't known is never taken for no.
fn unknown<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    format!("unknown: reads {}", fields.collect::<Vec<_>>().join(", "))
}

fn missing<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    format!("nothing fits in {}", fields.collect::<Vec<_>>().join(", "))
}

fn counted(counted: &Counted, decay: Option<&str>, view: &Viewpoint) -> (String, Vec<Match>) {
    match counted {
        Counted::Matches {
            matches,
            earlier,
            not_counted,
            waiting,
        } => {
            let mut parts = Vec::new();
            if matches.is_empty() {
                parts.push("nothing counts".to_owned());
            }
            parts.extend(decay.map(str::to_owned));
            if let Some(earlier) = earlier {
                parts.push(format!(
                    "{} more, {} together",
                    earlier.matches,
                    earlier.points.short()
                ));
            }
            if not_counted.over_max > 0 {
                parts.push(format!("{} beyond what counts", not_counted.over_max));
            }
            if not_counted.faded > 0 {
                parts.push(format!("{} faded", not_counted.faded));
            }
            if let Some(waiting) = waiting {
                parts.push(format!("{} of {} for the next", waiting.events, waiting.of));
            }
            if matches.len() > MATCHES_SHOWN_MAX {
                parts.push(format!(
                    "the newest {MATCHES_SHOWN_MAX} of {} are shown",
                    matches.len()
                ));
            }
            let shown = matches.iter().take(MATCHES_SHOWN_MAX).map(|found| Match {
                at: view.moment(found.at),
                what: found.detail.clone().unwrap_or_else(|| found.event.clone()),
                points: signed(found.points),
            });
            (parts.join("; "), shown.collect())
        }
        Counted::Quiet(quiet) => {
            let since = quiet.since.map_or_else(
                || "nothing has happened yet".to_owned(),
                |since| format!("quiet since {}", view.moment(since).local),
            );
            (since, Vec::new())
        }
    }
}

pub(super) fn standing(ledger: &Ledger, ways: &Ways, view: &Viewpoint) -> Standing {
    let title = match &ledger.qualified {
        Some(qualified) => {
            format!(
                "Qualified {} {}",
                view.moment(qualified.at).local,
                how(ledger, &qualified.trigger, qualified.at)
            )
        }
        None => "What is missing to qualify".to_owned(),
    };
    let lines = ledger.line.iter().map(|line| Reached {
        reached: line.reached,
        text: if line.reached {
            format!(
                "{} {} reaches {}",
                capital(line.of),
                line.has.short(),
                line.needs.short()
            )
        } else {
            format!(
                "{} {} of {}: {} short",
                capital(line.of),
                line.has.short(),
                line.needs.short(),
                line.lacks.short()
            )
        },
    });
    let open = ledger.qualified.is_none();
    let shown = ways.ways.iter().take(if open { WAYS_SHOWN_MAX } else { 0 });
    let none = ways
        .none_because
        .iter()
        .filter(|_| open && ways.ways.is_empty())
        .map(|why| capital(why));
    Standing {
        title,
        lines: lines.collect(),
        held_back: ledger
            .held_back
            .iter()
            .map(|why| capital(why))
            .chain(none)
            .collect(),
        ways: shown.map(way_in_words).collect(),
    }
}

/// How it qualified, after the word `qualified` and the time.
fn how(ledger: &Ledger, trigger: &str, at: Timestamp) -> String {
    match trigger {
        "created" => "when it was created".to_owned(),
        "traits" => "by what was learned about it".to_owned(),
        "page" => format!("by visiting {}", page_at(ledger, at).unwrap_or("a page")),
        other => format!("by {other}"),
    }
}

/// The path of a page that counted at an instant.
fn page_at(ledger: &Ledger, at: Timestamp) -> Option<&str> {
    ledger.intent.iter().find_map(|line| match &line.counted {
        Counted::Matches { matches, .. } => matches
            .iter()
            .find(|found| found.kind == EventKind::Page && found.at == at)
            .and_then(|found| found.detail.as_deref()),
        Counted::Quiet(_) => None,
    })
}

/// What would have to happen, and what would come of it.
fn way_in_words(way: &Way) -> String {
    let steps: Vec<String> = way
        .steps
        .iter()
        .map(|step| step.to_string().replace('`', ""))
        .collect();
    format!(
        "{} (score {})",
        capital(&steps.join(", and ")),
        way.score.score.short()
    )
}
