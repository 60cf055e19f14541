//! What sales sent back, traced to the rules that brought it: by the ledger of each such lead at the instant it qualified.
//! Beside that, what would have kept those leads away, judged anew, and the won deals that it would have cost.

use std::collections::{BTreeMap, BTreeSet};

use bellwether_core::agreement::{Agreement, RuleKind};
use bellwether_core::domain::{Points, Timestamp};
use bellwether_core::explain::Ledger;
use serde::Serialize;

use super::bands::step;
use super::capacity::Axis;
use super::fates::Amounts;
use super::tally::Tally;
use super::{Case, Trials, Window, wire};
use crate::outcomes::Fate;

/// The most ledgers that are looked into: of what was sent back, and of what was won.
const LEDGERS_MAX: usize = 5_000;
/// The most rules that are tried without their points.
const RULES_TRIED_MAX: usize = 8;
/// How many higher lines are tried.
const LINES_TRIED: i64 = 3;
/// The name of a reason that nobody gave.
const NO_REASON: &str = "(no reason given)";

/// What sales sent back, and what brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejections {
    /// How many leads that the agreement hands off were sent back.
    pub leads: u64,
    /// Of those, how many ledgers were looked into.
    pub traced: u64,
    /// How many by reason, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// The rules that gave them points, the most frequent first.
    pub rules: Vec<RuleTrace>,
    /// What would have kept them away, the most first.
    pub changes: Vec<Change>,
}

/// A rule that gave points to leads that were sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// The rule.
    pub rule: String,
    /// `fit` or `intent`.
    pub part: &'static str,
    /// To how many leads that were sent back it gave points.
    pub rejected: u64,
    /// To how many that were won.
    pub won: u64,
    /// Of how many that were won a ledger was looked into.
    pub of_won: u64,
    /// What it gave to those that were sent back, together.
    #[serde(serialize_with = "wire::text")]
    pub points: Points,
    /// To how many by reason, the most frequent first.
    pub reasons: Vec<(String, u64)>,
}

/// A change to the agreement, and what it would have done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The rule that gives nothing; nothing where it is the line that is raised.
    pub rule: Option<String>,
    /// The line that is raised, and to what.
    #[serde(serialize_with = "wire::text_opt")]
    pub line: Option<Points>,
    /// How many leads that were sent back wouldn't have been handed off.
    pub kept_away: u64,
    /// The same by reason, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// How many deals were won with leads that wouldn't have been handed off.
    pub won_missed: u64,
    /// What those deals are worth.
    pub amounts_missed: Amounts,
    /// How many leads would have been handed off in all.
    pub handed_off: u64,
}

/// A rule by its place in the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RulePlace {
    Fit(usize),
    Intent(usize),
}

/// What is needed to trace.
pub(super) struct Tracing<'t, T> {
    pub(super) agreement: &'t Agreement,
    pub(super) cases: &'t [Case<'t>],
    pub(super) window: Window,
    pub(super) trials: &'t T,
}

/// The leads of one fate that were handed off: their places among the cases, and when.
type Leads = BTreeMap<usize, Timestamp>;

impl<T: Trials> Tracing<'_, T> {
    /// Traces what was sent back; nothing where nothing was.
    pub(super) fn trace(&self, tally: &Tally) -> Option<Rejections> {
        let of = |fate: Fate| -> Leads {
            let handed_off = tally.handed_off.iter().copied();
            let has = |(place, at): &(usize, Timestamp)| {
                self.cases.get(*place).and_then(|case| case.fate_since(*at)) == Some(fate)
            };
            handed_off.filter(has).collect()
        };
        let (rejected, won) = (of(Fate::Rejected), of(Fate::Won));
        if rejected.is_empty() {
            return None;
        }
        let brought = self.rules(&rejected);
        let brought_won = self.rules(&won);
        let mut ranked: Vec<(RulePlace, &Brought)> = brought.iter().map(|(rule, by)| (*rule, by)).collect();
        ranked.sort_by(|(a, by_a), (b, by_b)| by_b.leads.len().cmp(&by_a.leads.len()).then(a.cmp(b)));
        let rules = ranked.iter().map(|(rule, by)| RuleTrace {
            rule: self.name(*rule),
            part: rule.part(),
            rejected: by.leads.len() as u64,
            won: brought_won.get(rule).map_or(0, |by| by.leads.len() as u64),
            of_won: won.len().min(LEDGERS_MAX) as u64,
            points: by.points,
            reasons: self.reasons(
                by.leads
                    .iter()
                    .filter_map(|place| Some((*place, *rejected.get(place)?))),
            ),
        });
        Some(Rejections {
            leads: rejected.len() as u64,
            traced: rejected.len().min(LEDGERS_MAX) as u64,
            reasons: self.reasons(rejected.iter().map(|(place, at)| (*place, *at))),
            rules: rules.collect(),
            changes: self.changes(&rejected, &won, ranked.iter().map(|(rule, _)| *rule)),
        })
    }

    /// The rules that gave points to those leads when they qualified.
    fn rules(&self, leads: &Leads) -> BTreeMap<RulePlace, Brought> {
        let mut rules: BTreeMap<RulePlace, Brought> = BTreeMap::new();
        for (place, at) in leads.iter().take(LEDGERS_MAX) {
            for (rule, points) in given(&self.trials.ledger(*place, *at)) {
                let brought = rules.entry(rule).or_default();
                brought.leads.insert(*place);
                brought.points = brought.points + points;
            }
        }
        rules
    }

    fn changes(&self, rejected: &Leads, won: &Leads, rules: impl Iterator<Item = RulePlace>) -> Vec<Change> {
        let without = rules.take(RULES_TRIED_MAX).map(|rule| {
            let name = self.name(rule);
            self.change(Some(name), None, without(self.agreement, rule), rejected, won)
        });
        let mut changes: Vec<Change> = without.collect();
        if let Some((axis, present)) = Axis::of(self.agreement) {
            let step = step(present, 10).millis();
            let higher = (1..=LINES_TRIED).map(|times| Points::from_millis(present.millis() + step * times));
            changes.extend(higher.map(|line| {
                let agreement = axis.drawn(self.agreement, line);
                self.change(None, Some(line), agreement, rejected, won)
            }));
        }
        changes.retain(|change| change.kept_away > 0);
        // What costs least goes first where as many are kept away; sorting keeps the order of what is alike.
        changes.sort_by(|a, b| {
            b.kept_away
                .cmp(&a.kept_away)
                .then(a.won_missed.cmp(&b.won_missed))
        });
        changes
    }

    fn change(
        &self,
        rule: Option<String>,
        line: Option<Points>,
        agreement: Agreement,
        rejected: &Leads,
        won: &Leads,
    ) -> Change {
        let qualified_at = self.trials.qualified_at(agreement);
        let tally = Tally::new(self.cases, self.window, &qualified_at);
        let still: BTreeSet<usize> = tally.handed_off.iter().map(|(place, _)| *place).collect();
        let gone = |leads: &Leads| -> Vec<(usize, Timestamp)> {
            let leads = leads.iter().map(|(place, at)| (*place, *at));
            leads.filter(|(place, _)| !still.contains(place)).collect()
        };
        let (kept_away, missed) = (gone(rejected), gone(won));
        let mut amounts_missed = Amounts::default();
        for (place, at) in &missed {
            if let Some(case) = self.cases.get(*place) {
                amounts_missed.add(case, *at);
            }
        }
        Change {
            rule,
            line,
            kept_away: kept_away.len() as u64,
            reasons: self.reasons(kept_away.into_iter()),
            won_missed: missed.len() as u64,
            amounts_missed,
            handed_off: tally.handed_off.len() as u64,
        }
    }

    /// How many of those leads were sent back for each reason.
    fn reasons(&self, leads: impl Iterator<Item = (usize, Timestamp)>) -> Vec<(String, u64)> {
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for (place, at) in leads {
            let said = self.cases.get(place).and_then(|case| case.since(at));
            let reason = said.and_then(|said| said.reason.as_deref()).unwrap_or(NO_REASON);
            *reasons.entry(reason).or_default() += 1;
        }
        let mut reasons: Vec<(String, u64)> = reasons
            .into_iter()
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect();
        reasons.sort_by(|(_, a), (_, b)| b.cmp(a));
        reasons
    }

    fn name(&self, rule: RulePlace) -> String {
        let name = match rule {
            RulePlace::Fit(place) => self.agreement.fit.get(place).map(|rule| &rule.name),
            RulePlace::Intent(place) => self.agreement.intent.get(place).map(|rule| &rule.name),
        };
        name.cloned().unwrap_or_default()
    }
}

/// What a rule gave to several leads.
#[derive(Debug, Clone, Default)]
struct Brought {
    leads: BTreeSet<usize>,
    points: Points,
}

impl RulePlace {
    fn part(self) -> &'static str {
        match self {
            Self::Fit(_) => "fit",
            Self::Intent(_) => "intent",
        }
    }
}

/// The rules that give points in a ledger, which lists them in the agreement's order.
fn given(ledger: &Ledger) -> Vec<(RulePlace, Points)> {
    let fit = ledger.fit.iter().enumerate();
    let fit = fit.map(|(place, line)| (RulePlace::Fit(place), line.points));
    let intent = ledger.intent.iter().enumerate();
    let intent = intent.map(|(place, line)| (RulePlace::Intent(place), line.points));
    fit.chain(intent)
        .filter(|(_, points)| points.is_positive())
        .collect()
}

/// The agreement with a rule that gives nothing.
fn without(agreement: &Agreement, rule: RulePlace) -> Agreement {
    let mut agreement = agreement.clone();
    match rule {
        RulePlace::Fit(place) => {
            let cases = agreement.fit.get_mut(place).map(|rule| &mut rule.cases);
            for case in cases.into_iter().flatten() {
                case.points = Points::ZERO;
            }
        }
        RulePlace::Intent(place) => match agreement.intent.get_mut(place).map(|rule| &mut rule.kind) {
            Some(RuleKind::Matches(matches)) => matches.points.fill(Points::ZERO),
            Some(RuleKind::Quiet(quiet)) => quiet.points = Points::ZERO,
            None => {}
        },
    }
    agreement
}
