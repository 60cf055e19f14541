//! Where facts and decisions are kept, in domain words; SQLite holds them.
//!
//! **Invariants:** facts are appended and decisions are never rewritten; everything else in the database can be worked
//! out from them again. There is one writing connection, and whoever owns it is the only one who changes anything that
//! a decision depends on.

mod error;
mod ids;
mod import_rows;
mod rows;
mod sqlite;

pub use error::StoreError;
pub use ids::{
    AccountId, DestinationId, EnricherId, HandoffId, ImportId, KeyId, LeadId, OpportunityId, ProposalId,
    ShadowId, SourceId, UserId,
};
pub use import_rows::*;
pub use rows::*;
pub use sqlite::{ArrivalRow, Db, ReadGuard, Readers, Schema};
