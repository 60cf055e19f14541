//! One module a command: its arguments, and what it does with them.

pub(crate) mod account;
pub(crate) mod agreement;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod destination;
pub(crate) mod enricher;
pub(crate) mod explain;
pub(crate) mod explain_route;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod inbound;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod message;
pub(crate) mod move_leads;
pub(crate) mod profile;
pub(crate) mod review;
pub(crate) mod score;
pub(crate) mod serve;
pub(crate) mod suspects;
pub(crate) mod team;
pub(crate) mod unsubscribe;
pub(crate) mod user;
pub(crate) mod webhook;
