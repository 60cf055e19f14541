//! Tests against the real server as a child process. Those in `browser`, `clients`, `crash`, `real_history` and `tracker`
//! have the machine to themselves: `.config/nextest.toml` knows them by these names.

mod browser;
mod clients;
mod company;
mod crash;
mod real_history;
mod tracker;
