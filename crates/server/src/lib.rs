//! HTTP: what Segment's clients send, the REST interface, and the pages.

mod api;
mod edge;
mod hooks;
pub mod limits;
mod problem;
mod review;
pub mod segment;
mod serve;
mod slack;
mod tracker;
mod ui;
mod uploads;

pub use api::openapi_json;
pub use edge::{ServerOptions, VisitorOptions};
pub use review::{Notice, notices, review_json, review_page};
pub use serve::{router, serve};
