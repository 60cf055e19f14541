//! Why history couldn't be read or what came of it couldn't be written.

use std::path::Path;

use crate::rejects::Reason;

/// Why the work failed. Bad rows are no failure; they are counted in [`crate::Rejects`].
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file's name doesn't say what it holds.
    #[error("`{file}` has no known extension; use .csv, .jsonl or .parquet (the first two also with .gz)")]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// The file can't be opened or read.
    #[error("can't read `{file}`: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system or the decoder said.
        reason: String,
    },
    /// The file stops before its end, so that what it held is unknown.
    #[error("`{file}` is cut off or damaged after row {rows}: {reason}; fetch it again")]
    Truncated {
        /// The file.
        file: String,
        /// How many rows were read until there.
        rows: u64,
        /// What the decoder said.
        reason: String,
    },
    /// The file has no header, or one that can't be one.
    #[error("`{file}` has no usable header: {reason}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A column that is needed wasn't found by any well-known name.
    #[error("`{file}` has no column for the {what}; name one with `--map {key}=COLUMN`; it has {found}")]
    MissingColumn {
        /// The file.
        file: String,
        /// What the column is for.
        what: &'static str,
        /// Its key in `--map`.
        key: &'static str,
        /// The columns that the file has.
        found: String,
    },
    /// `--map` names a column that isn't there.
    #[error("`--map {key}={column}` names no column of `{file}`; it has {found}")]
    UnknownColumn {
        /// The file.
        file: String,
        /// The key in `--map`.
        key: &'static str,
        /// What it names.
        column: String,
        /// The columns that the file has.
        found: String,
    },
    /// A bad row, where bad rows stop the run.
    #[error("`{file}`, row {row}: {reason}{}; without `--strict` such rows are counted and left out",
        if detail.is_empty() { String::new() } else { format!(" ({detail})") })]
    Strict {
        /// The file.
        file: String,
        /// The row's first line, or in Parquet its number.
        row: u64,
        /// What is wrong with it.
        reason: Reason,
        /// More on that.
        detail: String,
    },
    /// There are more of something than the run has memory for.
    #[error("more than {limit} {what} in the input, which is more than this machine's memory is planned for")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The files of a chronicle hold something else than was written.
    #[error(
        "the files in `{folder}` aren't as they were written; make them anew from what they were made of"
    )]
    NotAsWritten {
        /// Where they are.
        folder: String,
    },
    /// Results, rejects or temporary files can't be written.
    #[error("can't write `{file}`: {reason}")]
    Unwritable {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
}

impl ReplayError {
    pub(crate) fn unreadable(path: &Path, reason: &(impl ToString + ?Sized)) -> Self {
        Self::Unreadable {
            file: path.display().to_string(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn unwritable(file: &(impl ToString + ?Sized), reason: &(impl ToString + ?Sized)) -> Self {
        Self::Unwritable {
            file: file.to_string(),
            reason: reason.to_string(),
        }
    }
}
