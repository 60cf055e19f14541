//! For tests only: fake clock, builders, generators.

pub mod clients;
pub mod history;
pub mod mmdb;
pub mod server;
pub mod skip;
