//! What a history had to do with an agreement, for the lints that need one.

use bellwether_core::agreement::{Level, Observed};
use bellwether_core::domain::{Points, Timestamp, TraitSource, Traits};
use bellwether_core::engine::{Engine, TraitLog};
use bellwether_core::explain::{HistoryFact, explain};
use bellwether_core::profile::Profile;

use crate::chronicle::Chronicle;
use crate::judged::Judged;

impl Chronicle {
    /// Counts what meets the rules of an agreement, by which the chronicle was judged.
    pub fn observe(&self, engine: &Engine, judged: &Judged) -> Observed {
        let agreement = engine.agreement();
        let mut observed = Observed {
            leads: judged.leads.len() as u64,
            events: self.events(),
            fit: vec![0; agreement.fit.len()],
            intent: self.events_met(engine),
            ..Observed::default()
        };
        for (lead, verdict) in (0..).zip(&judged.leads) {
            let traits = self.traits_last(lead);
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
                observed.led_by_activity += u64::from(self.is_led_by_activity(engine, lead, qualified.at));
            }
        }
        observed
    }

    /// How many events meet the pattern of each intent rule.
    fn events_met(&self, engine: &Engine) -> Vec<u64> {
        let mut times = vec![0_u64; self.distinct_events()];
        for number in &self.events.numbers {
            times
                .get_mut(*number as usize)
                .into_iter()
                .for_each(|times| *times += 1);
        }
        let mut met = vec![0; engine.agreement().intent.len()];
        for (number, times) in (0..).zip(times) {
            let event = self.distinct.event(number, Timestamp::MIN);
            for hit in engine.classify(&event.view()).hits {
                met.get_mut(usize::from(hit))
                    .into_iter()
                    .for_each(|met| *met += times);
            }
        }
        met
    }

    /// What is known of a lead in the end.
    fn traits_last(&self, lead: u32) -> Traits {
        let facts = self.facts(lead);
        let mut log = TraitLog::default();
        log.write(Timestamp::MIN, TraitSource::Stated, &facts.base);
        for fact in &facts.facts {
            if let HistoryFact::Traits(ts, source, written) = fact {
                log.write(*ts, *source, written);
            }
        }
        log.current()
    }

    /// Whether rules of level `low` gave a lead more than all others at an instant.
    fn is_led_by_activity(&self, engine: &Engine, lead: u32, at: Timestamp) -> bool {
        let ledger = explain(engine, &self.facts_as_judged(engine, lead, self.latest()), at);
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
