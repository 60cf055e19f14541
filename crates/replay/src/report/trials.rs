//! Judging the same history again by an agreement that was changed a little.

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use bellwether_core::explain::Ledger;

/// A history that can be judged again.
pub trait Trials {
    /// When each lead would have qualified by that agreement, in the order of the cases.
    fn qualified_at(&self, agreement: Agreement) -> Vec<Option<Timestamp>>;

    /// The ledger of a lead, by its place among the cases, at an instant and by the agreement that is replayed.
    fn ledger(&self, case: usize, at: Timestamp) -> Ledger;
}
