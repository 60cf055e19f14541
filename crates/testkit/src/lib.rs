//! For tests only: fake clock, builders, generators.
