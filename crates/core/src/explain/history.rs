//! A lead's facts with the events whole, as a ledger shows them, and the fold of those that exist at an instant.

use std::sync::Arc;

use crate::agreement::Suspect;
use crate::domain::{Event, EventKind, Properties, Timestamp, TraitSource, Traits};
use crate::engine::{Engine, Fact, LeadState, Returned, Signature, TraitLog, apply};
use crate::suspect::{Held, sift_events};

/// All that is known of a lead, in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Traits that hold from the beginning, as those of a leads file do.
    pub base: Traits,
    /// Whether one could always reach this lead, as files hold it; otherwise a [`HistoryFact::Known`] says from when.
    pub always_known: bool,
    /// What happened, and was learned and decided.
    pub facts: Vec<HistoryFact>,
}

/// Something that is known about a lead, at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryFact {
    /// It did something.
    Event(Event),
    /// A source wrote traits.
    Traits(Timestamp, TraitSource, Traits),
    /// It came to be.
    Created(Timestamp),
    /// It became somebody whom one could reach.
    Known(Timestamp),
    /// Sales sent it back.
    SentBack(Timestamp, Returned),
}

/// A history, folded up to an instant.
#[derive(Debug, Clone)]
pub struct Folded<'h> {
    /// What the facts come to.
    pub state: LeadState,
    /// The traits, with when each was written.
    pub traits: TraitLog,
    /// The events in the order of their times; those of one instant by name, so that their order never shows.
    pub events: Vec<&'h Event>,
    /// What each event means to the agreement.
    pub signatures: Vec<(Timestamp, Arc<Signature>)>,
}

impl HistoryFact {
    /// When it was.
    pub fn ts(&self) -> Timestamp {
        match self {
            Self::Event(event) => event.ts,
            Self::Traits(ts, ..) | Self::Created(ts) | Self::Known(ts) | Self::SentBack(ts, _) => *ts,
        }
    }

    /// The fact as the engine takes it.
    pub fn to_fact(&self, engine: &Engine) -> Fact {
        match self {
            Self::Event(event) => Fact::Event(Arc::new(engine.classify(&event.view()))),
            Self::Traits(_, source, traits) => Fact::Traits(*source, traits.clone()),
            Self::Created(_) => Fact::Created,
            Self::Known(_) => Fact::Known,
            Self::SentBack(_, returned) => Fact::SentBack(*returned),
        }
    }
}

impl History {
    /// Takes out the events that are held apart by these rules, and gives them. `released` are the places, among the events
    /// in the order of the facts, of those that somebody said no machine made; sorted.
    pub fn hold_apart(&mut self, rules: &Suspect, released: &[usize]) -> Vec<(Event, Held)> {
        let events = self.facts.iter().filter_map(|fact| match fact {
            HistoryFact::Event(event) => Some(event),
            _ => None,
        });
        let mut judged = sift_events(rules, events, released).into_iter();
        let mut held = Vec::new();
        let facts = std::mem::take(&mut self.facts);
        for fact in facts {
            match fact {
                HistoryFact::Event(event) => match judged.next().flatten() {
                    Some(why) => held.push((event, why)),
                    None => self.facts.push(HistoryFact::Event(event)),
                },
                other => self.facts.push(other),
            }
        }
        held
    }

    /// Folds the facts that exist at `t`.
    pub fn fold<'h>(&'h self, engine: &Engine, t: Timestamp) -> Folded<'h> {
        let mut facts: Vec<&HistoryFact> = self.facts.iter().filter(|fact| fact.ts() <= t).collect();
        // Being sent back ends a cycle, so what happened at that instant belongs before it.
        facts.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut folded = Folded {
            state: LeadState::new(engine),
            traits: TraitLog::default(),
            events: Vec::new(),
            signatures: Vec::new(),
        };
        folded
            .traits
            .write(Timestamp::MIN, TraitSource::Stated, &self.base);
        folded
            .state
            .learn_from_the_beginning(engine, engine.fit(&folded.traits.current()));
        if self.always_known {
            folded.state.known_from_the_beginning(engine);
        }
        for fact in facts {
            let taken = fact.to_fact(engine);
            apply(engine, &mut folded.state, &mut folded.traits, fact.ts(), &taken);
            if let (HistoryFact::Event(event), Fact::Event(signature)) = (fact, taken) {
                folded.events.push(event);
                folded.signatures.push((event.ts, signature));
            }
        }
        folded
    }
}

/// By time, what ends a cycle last, and events of one instant by all that they are.
fn order(fact: &HistoryFact) -> (Timestamp, u8, Option<EventOrder<'_>>) {
    match fact {
        HistoryFact::Event(event) => {
            let all = (
                event.name.as_str(),
                event.kind,
                event.path.as_deref(),
                &event.properties,
            );
            (event.ts, 1, Some(all))
        }
        HistoryFact::SentBack(ts, _) => (*ts, 2, None),
        other => (other.ts(), 0, None),
    }
}

type EventOrder<'e> = (&'e str, EventKind, Option<&'e str>, &'e Properties);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Value;

    #[test]
    fn events_of_one_instant_are_ordered_by_all_that_they_are() {
        let event = |kind, path: Option<&str>, topic: &str| {
            HistoryFact::Event(Event {
                ts: Timestamp::MIN,
                kind,
                name: "page".to_owned(),
                path: path.map(str::to_owned),
                properties: Properties::from([("topic".to_owned(), Value::from(topic))]),
            })
        };
        let facts = [
            event(EventKind::Track, None, "a"),
            event(EventKind::Page, Some("/a"), "a"),
            event(EventKind::Page, Some("/a"), "b"),
            event(EventKind::Page, Some("/b"), "a"),
            HistoryFact::SentBack(Timestamp::MIN, Returned { again: None }),
        ];
        assert!(facts.iter().is_sorted_by(|a, b| order(a) < order(b)));
    }
}
