//! Every decision of Bellwether is made here, and nothing else is: the agreement that marketing and sales wrote is
//! compiled, facts about a lead are folded into a state, and the state says score, grade and qualification.
//!
//! **Invariant:** this crate is pure. It does no I/O, reads no clock, draws no random number and depends on the order of
//! no hash map; the same facts give the same bytes.

pub mod agreement;
pub mod deal;
pub mod domain;
pub mod engine;
pub mod explain;
pub mod handoff;
pub mod hours;
pub mod lifecycle;
pub mod message;
pub mod profile;
pub mod records;
pub mod suspect;
