//! Segment's wire form: the routes that its clients call, unmodified, and the facts that their bodies state.
//!
//! A request goes from [`routes`] through its body, its decoding and its key to the app, and is answered when its facts
//! are durable. The decoding is pure and is the only part that knows the form of an event.

mod agent;
mod auth;
mod body;
mod cors;
mod decode;
mod fact;
mod findings;
mod json;
mod reply;
mod routes;
mod settings;
mod visitor;
mod wire;

pub use decode::{Arrival, DecodeError, Decoded, Dropped, Expected, Refused, decode};
pub(crate) use routes::routes;
pub(crate) use visitor::Peer;
pub use visitor::SentAddress;
pub use wire::Call;
