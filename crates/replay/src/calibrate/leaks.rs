//! What knows the outcome: a field or an event that alone ranks leads almost rightly, almost all of whose leads came out alike
//! while the others didn't, or that comes only with the outcome.
//!
//! One event may be several rules, how lately and how often, and so may one field: what is said is said of it once, by the
//! strongest evidence.

use std::collections::BTreeMap;
use std::ops::Range;

use bellwether_core::agreement::{Agreement, Glob, RuleKind};

use super::draft::Draft;
use super::features::Of;
use super::leads::Timing;
use super::metrics::{Judged, auc};
use super::numbers::{log_odds, real};
use super::points::Data;
use super::refuse::{Reason, Refusal};

/// The area under the curve at which one rule alone knows the outcome.
const LEAK_AREA: f64 = 0.95;
/// The share of the leads with a case or rule that came out alike, from which on it knows the outcome.
const LEAK_ALIKE: f64 = 0.995;
/// How many times higher their odds must be than those of the others, at the lower end of the 95 % interval.
const LEAK_ODDS: f64 = 20.0;
/// The part of all won leads that such a case or rule must have, and the part of all lost ones: that somebody can't be sold to
/// at all is often known beforehand, that somebody surely buys never is.
const LEAK_COVERS: [f64; 2] = [0.1, 0.5];
/// The share of leads with a rule's events for whom these came only with the outcome or after it, at which it tells it.
const LATE_SHARE: f64 = 0.9;
/// The fewest leads to say so of.
const LEAK_LEADS_MIN: usize = 20;

/// A field or an event that rules read, and what speaks for its knowing the outcome.
#[derive(Debug, Clone, PartialEq)]
struct Suspect {
    /// What makes two rules read the same.
    reads: String,
    /// What it is called, where something was found that reads it.
    about: Option<String>,
    /// The rules that somebody wrote.
    written: Vec<String>,
    /// The largest area under the curve of one of its rules.
    area: f64,
    /// The case or rule with the largest odds, where there is one that is telling.
    telling: Option<Telling>,
    /// The rule whose events come late.
    late: Option<Timing>,
}

/// A case or rule nearly all of whose leads came out alike.
#[derive(Debug, Clone, PartialEq)]
struct Telling {
    /// What its leads have.
    with: String,
    leads: usize,
    won: usize,
    odds: f64,
}

/// What knows the outcome, each field and event once. `agreement` holds the rules that were found, too; `timing` is of those
/// that were written.
pub(super) fn leaks(
    data: Data<'_>,
    agreement: &Agreement,
    drafts: &[Draft],
    timing: &[Timing],
) -> Vec<Refusal> {
    let mut suspects: Vec<Suspect> = Vec::new();
    for columns in data.features.rules() {
        let Some(feature) = data.features.all.get(columns.start) else {
            continue;
        };
        let reads = reads(agreement, feature.of).unwrap_or_else(|| format!("rule {}", feature.rule));
        let at = suspects.iter().position(|suspect| suspect.reads == reads);
        let at = at.unwrap_or_else(|| {
            suspects.push(Suspect::new(reads));
            suspects.len() - 1
        });
        let Some(suspect) = suspects.get_mut(at) else {
            continue;
        };
        let draft = feature.found.and_then(|found| drafts.get(found.draft));
        match draft {
            Some(draft) => suspect.about = Some(draft.about()),
            None => suspect.written.push(feature.rule.clone()),
        }
        suspect.area = suspect.area.max(area_of_rule(data, columns.clone()));
        let all = columns.filter_map(|column| telling(data, column, draft));
        let most = suspect.telling.take().into_iter().chain(all);
        suspect.telling = most.reduce(|most, next| if next.odds > most.odds { next } else { most });
        if let Of::Intent { rule } = feature.of {
            let late = timing.get(rule).copied().filter(|timing| timing.is_late());
            suspect.late = suspect.late.or(late);
        }
    }
    suspects.iter().filter_map(Suspect::refusal).collect()
}

/// The one field that a fit rule reads, or the events of an intent rule whatever their properties; `None` where it reads
/// several fields, or any event.
fn reads(agreement: &Agreement, of: Of) -> Option<String> {
    match of {
        Of::Case { rule, .. } => {
            let mut fields: Vec<&str> = Vec::new();
            for case in &agreement.fit.get(rule)?.cases {
                case.when.visit_fields(&mut |field| fields.push(field));
            }
            fields.dedup();
            match fields.as_slice() {
                [field] => Some(format!("field {field}")),
                _ => None,
            }
        }
        Of::Intent { rule } => match &agreement.intent.get(rule)?.kind {
            RuleKind::Matches(matches) => {
                let on = &matches.on;
                let pages: Vec<&str> = on.pages.iter().map(Glob::source).collect();
                let is_any = on.names.is_empty() && pages.is_empty() && on.screens.is_empty();
                (!is_any).then(|| format!("events {:?} {pages:?} {:?}", on.names, on.screens))
            }
            RuleKind::Quiet(_) => None,
        },
    }
}

impl Timing {
    /// Whether the events of nearly all came only with the outcome.
    fn is_late(self) -> bool {
        let share = real(self.only_after) / real((self.before + self.only_after).max(1));
        self.only_after >= LEAK_LEADS_MIN && share >= LATE_SHARE
    }
}

impl Suspect {
    fn new(reads: String) -> Self {
        Self {
            reads,
            about: None,
            written: Vec::new(),
            area: 0.0,
            telling: None,
            late: None,
        }
    }

    fn refusal(&self) -> Option<Refusal> {
        let (mut evidence, mut numbers) = (Vec::new(), Vec::new());
        if self.area >= LEAK_AREA {
            evidence.push(format!(
                "alone it ranks leads with an area under the curve of {:.3}",
                self.area
            ));
            numbers.push(("auc", self.area));
        } else if let Some(telling) = &self.telling {
            evidence.push(format!(
                "of the {} leads with {}, {} were won, and the others fared otherwise: nothing that is known beforehand is that sure",
                telling.leads, telling.with, telling.won
            ));
            numbers.extend([
                ("leads", real(telling.leads)),
                ("won", real(telling.won)),
                ("odds_ratio_at_least", telling.odds),
            ]);
        }
        if let Some(late) = self.late {
            let all = late.before + late.only_after;
            evidence.push(format!(
                "of the {all} leads with events of it, {} had the first of them only with their outcome or after it",
                late.only_after
            ));
            numbers.extend([
                ("leads_with_events", real(all)),
                ("only_with_or_after", real(late.only_after)),
            ]);
        }
        (!evidence.is_empty()).then(|| {
            let message = format!(
                "{} knows the outcome: {}; {}",
                self.named(),
                evidence.join("; "),
                self.remedy()
            );
            Refusal::new(Reason::Leak, message, &numbers)
        })
    }

    fn named(&self) -> String {
        match &self.about {
            Some(about) if self.written.is_empty() => about.clone(),
            Some(about) => format!("{about}, which {} reads,", self.rules()),
            None => self.rules(),
        }
    }

    fn rules(&self) -> String {
        let rules: Vec<String> = self
            .written
            .iter()
            .map(|rule| format!("the rule `{rule}`"))
            .collect();
        rules.join(" and ")
    }

    fn remedy(&self) -> &'static str {
        if self.written.is_empty() {
            "leave it out of what is read"
        } else {
            "take the rule out, and what it reads"
        }
    }
}

/// The area under the curve of one rule: of what an intent rule amounts to, and of a fit rule's won rates, those of the one
/// half of the leads tried on the other.
fn area_of_rule(data: Data<'_>, columns: Range<usize>) -> f64 {
    let held = |row: usize| {
        let entries = data.matrix.row(row).iter();
        entries.copied().find(|(column, _)| columns.contains(column))
    };
    let is_intent = data
        .features
        .all
        .get(columns.start)
        .is_some_and(|feature| matches!(feature.of, Of::Intent { .. }));
    let won = |row: usize| data.won.get(row).copied().unwrap_or(false);
    let mut tallies: [BTreeMap<Option<usize>, (usize, usize)>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let all: Vec<Option<(usize, f64)>> = (0..data.matrix.rows()).map(held).collect();
    for (row, held) in all.iter().enumerate() {
        if let Some(tally) = tallies.get_mut(row % 2) {
            let (leads, wins) = tally.entry(held.map(|(column, _)| column)).or_default();
            *leads += 1;
            *wins += usize::from(won(row));
        }
    }
    let judged: Vec<Judged> = all
        .iter()
        .enumerate()
        .map(|(row, held)| {
            let tally = tallies.get((row + 1) % 2);
            let tally = tally.and_then(|tally| tally.get(&held.map(|(column, _)| column)));
            let rate = tally.map_or(0.0, |(leads, wins)| log_odds(*wins, *leads));
            Judged {
                score: if is_intent {
                    held.map_or(0.0, |(_, value)| value)
                } else {
                    rate
                },
                chance: 0.5,
                won: won(row),
            }
        })
        .collect();
    let area = auc(&judged);
    area.max(1.0 - area)
}

/// A column whose leads came out alike as leads don't, with its odds ratio at the lower end of its interval.
fn telling(data: Data<'_>, column: usize, draft: Option<&Draft>) -> Option<Telling> {
    let feature = data.features.all.get(column)?;
    let met = data.met.get(column)?;
    let (with, won_with) = (met.leads, met.won);
    let all_won = data.won.iter().filter(|won| **won).count();
    let (without, won_without) = (data.won.len() - with, all_won - won_with);
    if with < LEAK_LEADS_MIN || without < LEAK_LEADS_MIN {
        return None;
    }
    let [covers_won, covers_lost] = LEAK_COVERS;
    let (alike, all_alike, covers) = if won_with * 2 > with {
        (won_with, all_won, covers_won)
    } else {
        (with - won_with, data.won.len() - all_won, covers_lost)
    };
    if real(alike) < LEAK_ALIKE * real(with) || real(alike) < covers * real(all_alike) {
        return None;
    }
    let ratio = log_odds(won_with, with) - log_odds(won_without, without);
    let parts = [won_with, with - won_with, won_without, without - won_without];
    let error = parts
        .map(|part| 1.0 / (real(part) + 0.5))
        .iter()
        .sum::<f64>()
        .sqrt();
    let least = ratio.abs() - 1.96 * error;
    (least >= LEAK_ODDS.ln()).then(|| Telling {
        with: match draft {
            Some(Draft::Intent(intent)) => format!("it {}", intent.counted_in_words()),
            _ if feature.when.is_empty() => "it".to_owned(),
            _ => feature.when.clone(),
        },
        leads: with,
        won: won_with,
        odds: least.exp(),
    })
}
