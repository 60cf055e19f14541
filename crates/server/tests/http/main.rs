//! The server over HTTP, whole but for the socket: the real app on a real database, a clock that the test sets.

mod api;
mod desk;
mod pages;
mod segment;
