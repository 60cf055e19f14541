//! Two agreements that are folded over the same facts: those of the columns, and when sales sent a lead back.

use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::{Engine, Fact, LeadState, Qualification, TraitLog, apply};
use bellwether_core::explain::{History, HistoryFact};
use bellwether_replay::Chronicle;
use bellwether_store::ReturnedRow;

use crate::signatures::Signatures;
use crate::{history, line};

/// When and why a lead would have been handed off, by the active version and by the proposal.
pub(super) type HandedOff = (Option<Qualification>, Option<Qualification>);

/// The active version and a proposal.
pub(super) struct Sides {
    active: Side,
    proposed: Side,
    /// Whether they hold events apart by other rules, so that they don't see the same facts.
    hold_otherwise: bool,
}

impl Sides {
    pub(super) fn new(active: &Arc<Engine>, proposed: &Arc<Engine>) -> Self {
        Self {
            hold_otherwise: active.agreement().suspect != proposed.agreement().suspect,
            active: Side::new(active),
            proposed: Side::new(proposed),
        }
    }

    /// How each would have handed off a lead of a chronicle between two instants.
    pub(super) fn handed_off(
        &mut self,
        chronicle: &Chronicle,
        lead: u32,
        returned: &[ReturnedRow],
        from: Timestamp,
        until: Timestamp,
    ) -> HandedOff {
        let facts = |side: &Side| {
            // What is held apart follows from all that a lead does, later, too.
            let mut facts = chronicle.facts_as_judged(&side.engine, lead, Timestamp::MAX);
            history::send_back(&mut facts, returned);
            facts
        };
        let seen = facts(&self.active);
        let by_active = self.active.handed_off_within(&seen, from, until);
        let seen = if self.hold_otherwise {
            facts(&self.proposed)
        } else {
            seen
        };
        (by_active, self.proposed.handed_off_within(&seen, from, until))
    }
}

/// An agreement with what it remembers of events.
struct Side {
    engine: Arc<Engine>,
    signatures: Signatures,
}

/// A lead as far as it is folded.
struct Folding {
    state: LeadState,
    traits: TraitLog,
    known: bool,
}

impl Side {
    fn new(engine: &Arc<Engine>) -> Self {
        Self {
            engine: Arc::clone(engine),
            signatures: Signatures::new(engine),
        }
    }

    /// When and why a lead would first have been handed off between two instants, had the agreement become active at the
    /// first of them: who qualified earlier must reach the line by something that comes later.
    fn handed_off_within(
        &mut self,
        history: &History,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<Qualification> {
        let mut folding = self.begin();
        for instant in history.facts.chunk_by(|one, next| one.ts() == next.ts()) {
            let ts = instant.first()?.ts();
            if ts > until {
                return None;
            }
            let mut acted: Option<(bool, &str)> = None;
            for fact in instant {
                let fast = self.take(&mut folding, fact);
                acted = acted.max(name_of(fact).map(|name| (fast, name)));
            }
            let Some((fast, name)) = acted.filter(|_| ts >= from) else {
                continue;
            };
            let Some(qualified) = folding.state.qualification(&self.engine) else {
                continue;
            };
            if qualified.at >= from {
                return Some(qualified);
            }
            if line::reached(&self.engine, &folding.state, folding.known, fast) {
                return Some(Qualification {
                    at: ts,
                    trigger: name.to_owned(),
                    score: self.engine.score(&folding.state, ts),
                });
            }
        }
        None
    }

    fn begin(&self) -> Folding {
        Folding {
            state: LeadState::new(&self.engine),
            traits: TraitLog::default(),
            known: false,
        }
    }

    /// Takes a fact; whether it is an event that qualifies at once.
    fn take(&mut self, folding: &mut Folding, fact: &HistoryFact) -> bool {
        let taken = match fact {
            HistoryFact::Event(event) => Fact::Event(self.signatures.of(&self.engine, event).0),
            other => other.to_fact(&self.engine),
        };
        folding.known |= taken == Fact::Known;
        apply(
            &self.engine,
            &mut folding.state,
            &mut folding.traits,
            fact.ts(),
            &taken,
        );
        matches!(taken, Fact::Event(signature) if signature.fast)
    }
}

/// What a fact is called as a trigger; being sent back is none.
fn name_of(fact: &HistoryFact) -> Option<&str> {
    match fact {
        HistoryFact::Event(event) => Some(&event.name),
        HistoryFact::Traits(..) | HistoryFact::Known(_) => Some("traits"),
        HistoryFact::Created(_) => Some("created"),
        HistoryFact::SentBack(..) => None,
    }
}
