//! What each rule has to do with a lead at an instant, without the words: which case of a fit rule holds, and what an
//! intent rule gives before its group is cut. It is asked of the engine's own rules, as the ledger is.

use super::History;
use crate::domain::{Points, Timestamp};
use crate::engine::Engine;
use crate::profile::Profile;

/// What each rule of an agreement has to do with a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contributions {
    /// For each fit rule, the index of the first case that holds.
    pub cases: Vec<Option<usize>>,
    /// For each intent rule, what it gives, before its group is cut.
    pub intent: Vec<Points>,
}

/// What each rule has to do with the lead at `t`; facts after `t` don't exist.
pub fn contributions(engine: &Engine, history: &History, t: Timestamp) -> Contributions {
    let folded = history.fold(engine, t);
    let traits = folded.traits.current();
    let profile = Profile::new(&traits);
    let agreement = engine.agreement();
    let holding = |rule: &crate::agreement::FitRule| {
        let mut cases = rule.cases.iter();
        cases.position(|case| case.when.holds(&|field| profile.field(field)))
    };
    Contributions {
        cases: agreement.fit.iter().map(holding).collect(),
        intent: folded.state.points_by_rule(engine, t),
    }
}
