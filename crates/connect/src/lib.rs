//! Destinations: one module each, a pure plan and a thin send.
