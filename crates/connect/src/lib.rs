//! What the outside is spoken with, one module each: a pure part that says what to send or what an answer means, and a
//! thin one that sends.

mod address;
pub mod companies;
pub mod destination;
pub mod enrich;
pub mod link;
pub mod mail;
pub mod meetings;
pub mod outgoing;
pub mod slack;
mod told;
mod walls;
pub mod webhook;

pub use address::is_public;
