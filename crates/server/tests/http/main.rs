//! The server over HTTP, whole, and mostly without the socket: the real app on a real database, a clock that the test sets.

mod api;
mod desk;
mod duplicates;
mod imports;
mod pages;
mod segment;
mod serve;
mod suspects;
mod tracker;
