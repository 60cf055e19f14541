//! The leads whose outcome is known, each at the moment at which it is judged.
//!
//! That moment is the lead's first qualification under the present agreement. A lead that never qualified before its
//! outcome is judged at the last thing that was known of it before: a silence that followed would tell the outcome, since
//! sales gives up on leads that fell silent. What comes after the moment doesn't exist.

use std::collections::BTreeSet;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact};

use super::CalibrateOptions;
use crate::chronicle::Chronicle;
use crate::outcomes::{Fate, Outcomes};

/// Leads with their facts, whatever keeps them.
pub trait Leads {
    /// How many there are.
    fn count(&self) -> u32;
    /// A lead's id.
    fn id(&self, lead: u32) -> &str;
    /// The lead of an id.
    fn find(&self, id: &str) -> Option<u32>;
    /// All that is known of a lead.
    fn facts(&self, lead: u32) -> History;
    /// Which of its events somebody said no machine made, by their places among them, sorted.
    fn released(&self, _lead: u32) -> Vec<usize> {
        Vec::new()
    }
}

impl Leads for Chronicle {
    fn count(&self) -> u32 {
        u32::try_from(self.leads()).unwrap_or(u32::MAX)
    }

    fn id(&self, lead: u32) -> &str {
        self.id(lead)
    }

    fn find(&self, id: &str) -> Option<u32> {
        self.find(id)
    }

    fn facts(&self, lead: u32) -> History {
        self.facts(lead)
    }

    fn released(&self, lead: u32) -> Vec<usize> {
        self.released(lead).collect()
    }
}

/// What was known of leads at an instant, without the events that the agreement holds apart.
#[derive(Clone, Copy)]
pub(super) struct Facts<'f> {
    pub(super) leads: &'f dyn Leads,
    pub(super) engine: &'f Engine,
    /// The instant; `None` where it is all that the leads hold.
    pub(super) as_of: Option<Timestamp>,
}

/// A lead whose outcome is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    /// Its number among the leads.
    pub(super) lead: u32,
    pub(super) won: bool,
    /// When it was won or lost.
    pub(super) decided: Option<Timestamp>,
    /// When it is judged; `None` where nothing of it has a time.
    pub(super) moment: Option<Timestamp>,
    /// Whether it had qualified by then.
    pub(super) qualified: bool,
}

/// How many leads there are of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// In the files.
    pub leads: usize,
    /// Won.
    pub won: usize,
    /// Lost, or sent back by sales.
    pub lost: usize,
    /// Of those, without a row of their own.
    pub taken_as_lost: usize,
    /// Without an outcome as yet, left out.
    pub undecided: usize,
    /// Outcomes of leads that no file names.
    pub unknown: usize,
    /// Leads whose outcome came after the instant that is asked for, or at no known time, and doesn't count.
    pub decided_later: usize,
    /// Judged at their first qualification; the others at the last fact before their outcome.
    pub judged_when_qualified: usize,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The leads whose outcome is known, in the order of their ids.
    pub(super) subjects: Vec<Subject>,
    pub(super) counts: Counts,
    /// For each intent rule of the agreement, when its events came.
    pub(super) timing: Vec<Timing>,
}

/// For how many leads a rule's events came before the outcome, and for how many only with it or later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Timing {
    pub(super) before: usize,
    pub(super) only_after: usize,
}

/// Takes the leads whose outcome was known.
pub(super) fn gather(facts: Facts<'_>, outcomes: &Outcomes, options: &CalibrateOptions) -> Gathered {
    let mut decided = vec![None; facts.leads.count() as usize];
    let mut gathered = Gathered {
        timing: vec![Timing::default(); facts.engine.agreement().intent.len()],
        ..Gathered::default()
    };
    let counts = &mut gathered.counts;
    for (id, said) in outcomes.iter() {
        let place = facts.leads.find(id);
        let Some(place) = place.and_then(|lead| decided.get_mut(lead as usize)) else {
            counts.unknown += 1;
            continue;
        };
        let known = match facts.as_of {
            Some(as_of) => said.until(as_of),
            None => said.furthest(),
        };
        counts.decided_later += usize::from(known != said.furthest());
        *place = known.map(|outcome| (outcome.fate, outcome.at));
    }
    for (lead, said) in (0_u32..).zip(decided) {
        let Some(known) = facts.of(lead) else { continue };
        counts.leads += 1;
        let (won, at) = match said {
            Some((fate, at)) if fate.is_decided() => (fate == Fate::Won, at),
            None if options.others_lost => {
                counts.taken_as_lost += 1;
                (false, None)
            }
            Some(_) | None => {
                counts.undecided += 1;
                continue;
            }
        };
        *(if won { &mut counts.won } else { &mut counts.lost }) += 1;
        let subject = subject(lead, won, at, &known, facts.engine, &mut gathered.timing);
        counts.judged_when_qualified += usize::from(subject.qualified);
        gathered.subjects.push(subject);
    }
    gathered
}

impl Facts<'_> {
    /// What was known of a lead; `None` where it wasn't there yet.
    pub(super) fn of(&self, lead: u32) -> Option<History> {
        let mut facts = self.leads.facts(lead);
        if let Some(as_of) = self.as_of {
            let is_later = |fact: &HistoryFact| fact.ts() > as_of;
            let created_later = |fact: &HistoryFact| matches!(fact, HistoryFact::Created(at) if *at > as_of);
            let known_later = |fact: &HistoryFact| matches!(fact, HistoryFact::Known(at) if *at > as_of);
            let came_later = facts.facts.iter().any(created_later) && facts.facts.iter().all(is_later);
            if came_later || facts.facts.iter().any(known_later) {
                return None;
            }
            facts.facts.retain(|fact| !is_later(fact));
        }
        if let Some(rules) = &self.engine.agreement().suspect {
            // Events are in the order of their times, so that those before the instant have the places that they had.
            facts.hold_apart(rules, &self.leads.released(lead));
        }
        Some(facts)
    }
}

fn subject(
    lead: u32,
    won: bool,
    decided: Option<Timestamp>,
    facts: &History,
    engine: &Engine,
    timing: &mut [Timing],
) -> Subject {
    // What is recorded at the instant of the outcome may be the outcome.
    let last = decided.map_or(Timestamp::MAX, |at| Timestamp::from_ms_clamped(at.ms() - 1));
    let mut folded = facts.fold(engine, last);
    let hits =
        |hits: &[u16], into: &mut BTreeSet<usize>| into.extend(hits.iter().map(|hit| usize::from(*hit)));
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for (_, signature) in &folded.signatures {
        hits(&signature.hits, &mut before);
    }
    for fact in &facts.facts {
        if let HistoryFact::Event(event) = fact
            && event.ts > last
        {
            hits(&engine.classify(&event.view()).hits, &mut after);
        }
    }
    for (rule, timing) in timing.iter_mut().enumerate() {
        timing.before += usize::from(before.contains(&rule));
        timing.only_after += usize::from(after.contains(&rule) && !before.contains(&rule));
    }
    let qualified = folded.state.qualification(engine).map(|found| found.at);
    let latest = || {
        facts
            .facts
            .iter()
            .map(HistoryFact::ts)
            .filter(|ts| *ts <= last)
            .max()
    };
    Subject {
        lead,
        won,
        decided,
        moment: qualified.or_else(latest),
        qualified: qualified.is_some(),
    }
}

impl Subject {
    /// The instant whose facts count. Where nothing has a time, traits are all there is, and they hold at any.
    pub(super) fn instant(&self) -> Timestamp {
        let last = self.decided.map(|at| Timestamp::from_ms_clamped(at.ms() - 1));
        self.moment.or(last).unwrap_or(Timestamp::MAX)
    }

    /// By what it is put into the order of time: when its outcome was known, or else when it is judged.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.decided.or(self.moment)
    }
}
