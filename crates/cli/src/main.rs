//! The one binary: commands, configuration, wiring.

fn main() {}
