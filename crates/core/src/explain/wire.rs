//! How points and times are written in JSON: as texts, so that no client rounds them.

use serde::Serializer;

use crate::domain::{Points, Timestamp};

/// Points with three decimals: `"15.000"`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
pub(crate) fn points<S: Serializer>(points: &Points, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(points)
}

/// A time in RFC 3339, UTC, with milliseconds.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
pub(crate) fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

/// A time that may be missing.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(crate) fn time_opt<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}
