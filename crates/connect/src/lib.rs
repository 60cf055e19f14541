//! Destinations, one module each: a pure `plan` that says what to send, and a thin `send` that sends it.

mod address;
pub mod webhook;

pub use address::is_public;
