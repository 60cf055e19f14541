//! Segment's wire form: the routes that its clients call, unmodified, and the facts that their bodies state.

mod decode;
mod fact;
mod json;
mod wire;

pub use decode::{DecodeError, Decoded, Dropped, Expected, Arrival, Refused, decode};
pub use wire::Call;
