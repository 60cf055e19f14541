//! What can go wrong in a use case.

use bellwether_core::agreement::Problem;

/// Why a use case came to nothing. Whatever it began was undone.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppError {
    /// There is no such thing.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What was asked for: `lead`, `handoff`.
        what: &'static str,
        /// By what it was asked for.
        id: String,
    },
    /// Somebody else was faster.
    #[error("{message}")]
    Conflict {
        /// What has changed meanwhile.
        message: String,
    },
    /// The lead's stage doesn't allow the move.
    #[error("{message}")]
    Refused {
        /// Which move, and why not.
        message: String,
    },
    /// Whoever asks may not do that.
    #[error("{message}")]
    Forbidden {
        /// Who may, and whom to ask.
        message: String,
    },
    /// An argument isn't right.
    #[error("{message}")]
    Invalid {
        /// The argument's name.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        message: String,
    },
    /// The agreement has errors or an example that fails.
    #[error("the agreement has {} problems", .0.len())]
    Agreement(Vec<Problem>),
    /// There is more than can be held; what was asked fails again as long as it is so.
    #[error("{message}; {help}")]
    TooMuch {
        /// Of what there is too much, and the limit.
        message: String,
        /// What it may come from, and what to do.
        help: String,
    },
    /// The store, or what stands before it, can't serve now; what was asked can be asked again.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}
