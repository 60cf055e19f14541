//! One module a command: its arguments, and what it does with them.

pub mod check;
pub mod explain;
pub mod init;
pub mod score;
