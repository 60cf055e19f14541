//! Which of the agreement's rejection reasons somebody means.

use bellwether_core::agreement::{Agreement, RejectionReason};

use crate::AppError;

/// The agreement's own reason that is meant.
pub(super) fn agreed_reason<'a>(
    agreement: &'a Agreement,
    reason: &str,
    note: Option<&str>,
) -> Result<&'a RejectionReason, AppError> {
    const NOTE_BYTES_MAX: usize = 10_000;
    let Some(agreed) = named_reason(agreement, reason) else {
        let known: Vec<String> = agreement
            .rejections
            .iter()
            .map(|agreed| format!("`{}`", agreed.reason))
            .collect();
        let message = format!(
            "`{reason}` is not a reason of the agreement's; give one of {}",
            known.join(", ")
        );
        return Err(AppError::Invalid {
            field: "reason",
            message,
        });
    };
    if agreed.note && note.is_none_or(|note| note.trim().is_empty()) {
        let message = format!("the reason `{}` needs a note; say what happened", agreed.reason);
        return Err(AppError::Invalid {
            field: "note",
            message,
        });
    }
    if note.is_some_and(|note| note.len() > NOTE_BYTES_MAX) {
        let message = format!("the note is longer than {NOTE_BYTES_MAX} bytes; shorten it");
        return Err(AppError::Invalid {
            field: "note",
            message,
        });
    }
    Ok(agreed)
}

/// The agreement's reason of this name, compared without case.
pub(super) fn named_reason<'a>(agreement: &'a Agreement, reason: &str) -> Option<&'a RejectionReason> {
    let meant = reason.trim().to_lowercase();
    let mut agreed = agreement.rejections.iter();
    agreed.find(|agreed| agreed.reason.to_lowercase() == meant)
}
