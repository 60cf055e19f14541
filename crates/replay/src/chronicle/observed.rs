//! What a history had to do with an agreement, for the lints that need one.

use bellwether_core::agreement::{Level, Observed};
use bellwether_core::domain::{Points, Timestamp, TraitSource, Traits};
use bellwether_core::engine::{Engine, TraitLog};
use bellwether_core::explain::{HistoryFact, explain};
use bellwether_core::profile::Profile;

use crate::chronicle::Chronicle;
use crate::judged::Judged;

impl Chronicle {
    /// Counts what meets the rules of an agreement, by which the chronicle was judged; facts, and leads that one could reach,
    /// that came later than it was judged at don't exist.
    pub fn observe(&self, engine: &Engine, judged: &Judged) -> Observed {
        let agreement = engine.agreement();
        let (events, intent) = self.events_met(engine, judged.t);
        let mut observed = Observed {
            events,
            fit: vec![0; agreement.fit.len()],
            intent,
            ..Observed::default()
        };
        for (lead, verdict) in (0..).zip(&judged.leads) {
            let only_later =
                verdict.first_seen.is_none() && self.has_facts_within(lead, judged.t, Timestamp::MAX);
            if only_later || self.known_from(lead).is_some_and(|known| known > judged.t) {
                continue;
            }
            observed.leads += 1;
            let traits = self.traits_by(lead, judged.t);
            let profile = Profile::new(&traits);
            for (rule, count) in agreement.fit.iter().zip(&mut observed.fit) {
                let meets = rule
                    .cases
                    .iter()
                    .any(|case| case.when.holds(&|field| profile.field(field)));
                *count += u64::from(meets);
            }
            if let Some(qualified) = &verdict.qualified {
                observed.qualified += 1;
                observed.led_by_activity +=
                    u64::from(self.is_led_by_activity(engine, judged.t, lead, qualified.at));
            }
        }
        observed
    }

    /// How many events there are by `t`, and how many of them meet the pattern of each intent rule.
    fn events_met(&self, engine: &Engine, t: Timestamp) -> (u64, Vec<u64>) {
        let mut times = vec![0_u64; self.distinct_events()];
        for (ms, number) in self.events.ms.iter().zip(&self.events.numbers) {
            if *ms <= t.ms() {
                times
                    .get_mut(*number as usize)
                    .into_iter()
                    .for_each(|times| *times += 1);
            }
        }
        let events = times.iter().sum();
        let mut met = vec![0; engine.agreement().intent.len()];
        for (number, times) in (0..).zip(times) {
            let event = self.distinct.event(number, Timestamp::MIN);
            for hit in engine.classify(&event.view()).hits {
                met.get_mut(usize::from(hit))
                    .into_iter()
                    .for_each(|met| *met += times);
            }
        }
        (events, met)
    }

    /// What is known of a lead at an instant.
    fn traits_by(&self, lead: u32, t: Timestamp) -> Traits {
        let facts = self.facts(lead);
        let mut log = TraitLog::default();
        log.write(Timestamp::MIN, TraitSource::Stated, &facts.base);
        for fact in &facts.facts {
            if let HistoryFact::Traits(ts, source, written) = fact
                && *ts <= t
            {
                log.write(*ts, *source, written);
            }
        }
        log.current()
    }

    /// Whether rules of level `low` gave a lead more than all others at an instant.
    fn is_led_by_activity(&self, engine: &Engine, t: Timestamp, lead: u32, at: Timestamp) -> bool {
        let ledger = explain(engine, &self.facts_as_judged(engine, lead, t), at);
        let sum = |low: bool| {
            let lines = ledger
                .intent
                .iter()
                .filter(|line| (line.level == Some(Level::Low)) == low);
            lines
                .map(|line| line.points)
                .filter(|points| *points > Points::ZERO)
                .fold(Points::ZERO, |sum, points| sum + points)
        };
        sum(true) > sum(false)
    }
}
