//! Whether a lead reaches the line as it stands, whatever it did before.

use bellwether_core::engine::{Engine, Gap, LeadState};

/// Whether a lead whom one could reach or not (`known`) reaches the line as of its newest fact; `fast` is whether that is an event that
/// qualifies at once.
pub(crate) fn reached(engine: &Engine, state: &LeadState, known: bool, fast: bool) -> bool {
    let Some(now) = state.newest() else {
        return false;
    };
    let gap = engine.gap(engine.score(state, now));
    let qualify = &engine.agreement().qualify;
    let drawn = qualify.score.is_some() || qualify.intent.is_some();
    let reached = (drawn && gap == Gap::default()) || (fast && !gap.fit.is_positive());
    known && state.fit().disqualified_by.is_none() && reached
}
