//! Enrichers: services that are asked over HTTP what they know of a lead or its company, and whose answers become
//! traits. A TOML file says whom to ask, when, and where the traits stand in the answer.
//!
//! [`plan`] says what to send and [`Enricher::read`] what an answer means, both pure; [`Sender`] sends.

mod answer;
mod path;
mod request;
mod send;
mod settings;
mod template;

pub use answer::{Answer, Outcome};
pub use request::{Request, key_of, plan};
pub use send::{SendError, Sender};
pub use settings::{
    Enricher, EnricherError, Limits, Method, SECRET_BYTES_MAX, SOURCE_BYTES_MAX, TIMEOUT_S_MAX, When,
};
