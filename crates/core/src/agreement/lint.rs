//! Lints: what is allowed but probably not meant.

/// The names of all lints.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    [
        "low-intent-path",
        "fit-alone",
        "intent-alone",
        "unreachable-line",
        "no-decay",
        "never-negative",
        "unbounded-rule",
        "overlapping-rules",
        "no-fit-gate",
        "no-rejection-reasons",
        "vague-reason",
        "slow-sla",
        "dead-rule",
        "share-out-of-range",
    ]
    .into_iter()
}
