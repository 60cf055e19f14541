//! Where facts and decisions are kept.
//!
//! **Invariant:** facts are appended and decisions are never rewritten; everything else in the database can be worked out
//! from them again.

mod ids;

pub use ids::{AccountId, DestinationId, HandoffId, KeyId, LeadId, SourceId, UserId};
