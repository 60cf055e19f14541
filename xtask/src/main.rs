//! What the project runs on itself.

fn main() {}
