//! The numbers that rows are known by, each its own type so that one can't stand for another.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A lead.
    LeadId,
    /// A handoff of a lead to sales.
    HandoffId,
    /// Somebody who signs in.
    UserId,
    /// Where facts come from: the row of the write key that brought them.
    SourceId,
    /// An API key.
    KeyId,
    /// A company.
    AccountId,
    /// Where messages are delivered to.
    DestinationId,
    /// A file that was imported.
    ImportId,
    /// A service that is asked what it knows of leads.
    EnricherId,
    /// A deal.
    OpportunityId,
    /// An agreement that is to become a version.
    ProposalId,
    /// A run of a proposal beside the active version.
    ShadowId,
}
