//! The server over HTTP, whole, and mostly without the socket: the real app on a real database, a clock that the test sets.

mod agreement;
mod api;
mod clock;
mod deals;
mod desk;
mod destinations;
mod duplicates;
mod hooks;
mod imports;
mod links;
mod nurture;
mod pages;
mod segment;
mod serve;
mod slack;
mod sources;
mod suspects;
mod teams;
mod tracker;
mod visitors;
