//! HTTP: what Segment's clients send, the REST interface, and the pages.

pub mod limits;
pub mod segment;
