//! The ledger behind a score, and what is missing to qualify.
