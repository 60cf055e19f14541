//! A lead's facts as they are kept, and the fold of them into a state.

use std::sync::Arc;

use super::{Engine, LeadState, Signature, TraitLog};
use crate::domain::{Period, Timestamp, TraitSource, Traits};

/// Something that is known about a lead, at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// It did something.
    Event(Arc<Signature>),
    /// A source wrote traits.
    Traits(TraitSource, Traits),
    /// It came to be.
    Created,
    /// It became somebody whom one could reach.
    Known,
    /// Sales sent it back.
    SentBack(Returned),
}

/// How a lead was sent back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// How long after it may qualify again; `None` is at once.
    pub again: Option<Period>,
}

/// Folds a lead's whole history, in whatever order it is given, into the state at its last fact.
pub fn fold(engine: &Engine, facts: &[(Timestamp, Fact)]) -> (LeadState, TraitLog) {
    let mut order: Vec<&(Timestamp, Fact)> = facts.iter().collect();
    // Being sent back ends a cycle, so what happened at that instant belongs before it.
    order.sort_by_key(|(ts, fact)| (*ts, matches!(fact, Fact::SentBack(_))));
    let (mut state, mut traits) = (LeadState::new(engine), TraitLog::default());
    for (ts, fact) in order {
        apply(engine, &mut state, &mut traits, *ts, fact);
    }
    (state, traits)
}

/// Applies one fact; `false`, having changed nothing, where it is older than one already applied.
pub fn apply(
    engine: &Engine,
    state: &mut LeadState,
    traits: &mut TraitLog,
    ts: Timestamp,
    fact: &Fact,
) -> bool {
    match fact {
        Fact::Event(signature) => {
            let in_order = state.event(engine, ts, Arc::clone(signature));
            if in_order
                && let Some(touch) = &signature.touch
                && traits.write_touch(ts, touch)
            {
                return state.learn(engine, ts, engine.fit(&traits.current()));
            }
            in_order
        }
        Fact::Created => state.create(engine, ts),
        Fact::Known => state.become_known(engine, ts),
        Fact::SentBack(returned) => state.send_back(engine, ts, returned.again),
        Fact::Traits(source, written) => {
            if state.newest().is_some_and(|newest| ts < newest) {
                return false;
            }
            traits.write(ts, *source, written);
            state.learn(engine, ts, engine.fit(&traits.current()))
        }
    }
}
