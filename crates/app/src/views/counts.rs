//! How much there is of everything.

use bellwether_core::domain::Stage;

/// How much there is of everything.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Leads by stage, in the order of the funnel.
    pub stages: Vec<(Stage, u64)>,
    /// Facts that were taken.
    pub facts_accepted: u64,
    /// Facts that had been taken before.
    pub facts_duplicate: u64,
    /// Facts that couldn't be taken.
    pub facts_refused: u64,
    /// Handoffs that nobody answered yet.
    pub handoffs_open: u64,
    /// Messages that wait to be delivered.
    pub outbox_waiting: u64,
    /// Messages that were given up.
    pub outbox_dead: u64,
    /// Leads that the present agreement hasn't rescored yet.
    pub rescore_left: u64,
    /// Events that are held apart as those of machines.
    pub suspects_held: u64,
    /// Events that were held and that somebody released.
    pub suspects_released: u64,
}
