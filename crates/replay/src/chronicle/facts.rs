//! One lead's facts, whole, for its ledger and for what was known of it at an instant.

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact};

use super::Chronicle;

impl Chronicle {
    /// A lead's facts, those that an agreement may hold apart included; see [`Chronicle::facts_as_judged`].
    pub fn facts(&self, lead: u32) -> History {
        let (ms, numbers) = self.events.of(lead);
        let events = ms.iter().zip(numbers).map(|(ms, number)| {
            let ts = Timestamp::from_ms_clamped(*ms);
            HistoryFact::Event(self.distinct.event(*number, ts))
        });
        let writes = self.writes.of(lead).iter().filter_map(|write| {
            let (ts, set) = (Timestamp::from_ms_clamped(write.ms), self.writes.set(write)?);
            Some(HistoryFact::Traits(ts, write.source, set.clone()))
        });
        let created = self.created(lead).map(HistoryFact::Created);
        let known = self.known_from(lead).map(HistoryFact::Known);
        let first = created.into_iter().chain(known.clone());
        History {
            base: self.traits.row(lead),
            always_known: known.is_none(),
            facts: first.chain(events).chain(writes).collect(),
        }
    }

    /// Whether a lead did anything, or anything was learned of it, between two instants, both included.
    pub fn has_facts_within(&self, lead: u32, from: Timestamp, until: Timestamp) -> bool {
        let within = |ms: i64| (from.ms()..=until.ms()).contains(&ms);
        let (ms, _) = self.events.of(lead);
        let event = ms.get(ms.partition_point(|ms| *ms < from.ms()));
        let writes = self.writes.of(lead);
        let write = writes.get(writes.partition_point(|write| write.ms < from.ms()));
        let others = [self.created(lead), self.known_from(lead)].into_iter().flatten();
        let mut found = event.into_iter().chain(write.map(|write| &write.ms)).copied();
        found.any(within) || others.map(Timestamp::ms).any(within)
    }

    /// A lead's facts as an agreement judges them at `t`: without the events that it holds apart then, and without what
    /// leads did later.
    pub fn facts_as_judged(&self, engine: &Engine, lead: u32, t: Timestamp) -> History {
        let mut facts = self.facts(lead);
        facts.facts.retain(|fact| fact.ts() <= t);
        if let Some(rules) = &engine.agreement().suspect {
            let released: Vec<usize> = self.released(lead).collect();
            facts.hold_apart(rules, &released);
        }
        facts
    }
}
