//! An agreement's source, checked and compiled.

use std::fmt::Write as _;
use std::sync::Arc;

use bellwether_core::agreement::{Agreement, check};
use bellwether_core::engine::Engine;
use bellwether_store::AgreementRow;
use sha2::{Digest, Sha256};

use crate::{AgreementVersion, AppError};

/// A source with what it compiles to.
pub(crate) struct Compiled {
    pub(crate) source: String,
    pub(crate) hash: String,
    pub(crate) engine: Arc<Engine>,
}

/// Checks a source wholly, examples and all, and compiles it.
pub(crate) fn compile(source: String) -> Result<Compiled, AppError> {
    let checked = check(&source);
    let Some(agreement) = checked.agreement else {
        return Err(AppError::Agreement(checked.problems));
    };
    let engine = Arc::new(Engine::new(Arc::new(live(agreement))));
    Ok(Compiled {
        hash: hash(&source),
        source,
        engine,
    })
}

/// A kept version, compiled. It was checked when it was published; only what this version of the product can't read any
/// more is an error.
pub(crate) fn version(row: AgreementRow) -> Result<AgreementVersion, AppError> {
    let (agreement, _) = Agreement::parse_published(&row.source).map_err(AppError::Agreement)?;
    Ok(AgreementVersion {
        version: row.version,
        hash: row.hash,
        source: row.source,
        activated_at: row.activated_at,
        by: row.published_by,
        engine: Arc::new(Engine::new(Arc::new(live(agreement)))),
    })
}

/// Says in the log what texts of a kept version aren't right any more.
pub(crate) fn warn_of_texts(row: &AgreementRow) {
    let Ok((_, slips)) = Agreement::parse_published(&row.source) else {
        return;
    };
    for slip in slips {
        tracing::warn!(version = row.version, line = slip.line, problem = %slip.message, "a text of the agreement isn't right any more; publish a mended one");
    }
}

/// An agreement as a server runs it: what machines do is held apart by the usual rules where its file says nothing of it.
/// Of files, only what their agreement says is held.
fn live(mut agreement: Agreement) -> Agreement {
    agreement.suspect.get_or_insert_default();
    agreement
}

fn hash(source: &str) -> String {
    let digest = Sha256::digest(source);
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
