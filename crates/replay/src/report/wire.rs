//! How points and times are written in JSON: as texts, so that no client rounds them.

use std::fmt::Display;

use serde::Serializer;

/// By its words.
pub(crate) fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// The same of what may be missing.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(crate) fn text_opt<T: Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
