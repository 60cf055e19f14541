//! An agreement's source, checked and compiled.

use std::fmt::Write as _;
use std::sync::Arc;

use bellwether_core::agreement::{Agreement, check};
use bellwether_core::engine::Engine;
use bellwether_store::{AgreementRow, StoreError};
use sha2::{Digest, Sha256};

use crate::shared::not_committed;
use crate::{AgreementVersion, AppError, Basis, PublishMode};

/// A source with what it compiles to.
#[derive(Debug, Clone)]
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

/// The same, off the threads that answer.
pub(crate) async fn compiled(source: String) -> Result<Compiled, AppError> {
    let compiled = tokio::task::spawn_blocking(move || compile(source));
    compiled.await.map_err(|_| not_committed())?
}

/// A kept version, compiled. It was checked when it was published; only what this version of the product can't read any
/// more is an error.
pub(crate) fn version(row: AgreementRow) -> Result<AgreementVersion, AppError> {
    let engine = engine(&row.source)?;
    Ok(AgreementVersion {
        mode: mode(&row)?,
        basis: basis(&row)?,
        reason: row.reason,
        proposal: row.proposal,
        back_to: row.back_to,
        version: row.version,
        hash: row.hash,
        source: row.source,
        activated_at: row.activated_at,
        by: row.published_by,
        engine,
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

/// A source that was published before, as it is compiled to be published again: a text in it that isn't right any more is no
/// reason to refuse it.
pub(crate) fn again(source: String) -> Result<Compiled, AppError> {
    let engine = engine(&source)?;
    Ok(Compiled {
        hash: hash(&source),
        source,
        engine,
    })
}

/// What a source that was checked compiles to.
pub(crate) fn engine(source: &str) -> Result<Arc<Engine>, AppError> {
    let (agreement, _) = Agreement::parse_published(source).map_err(AppError::Agreement)?;
    Ok(Arc::new(Engine::new(Arc::new(live(agreement)))))
}

/// From when on leads are judged by a kept version.
pub(crate) fn mode(row: &AgreementRow) -> Result<PublishMode, StoreError> {
    PublishMode::named(&row.mode).ok_or_else(|| corrupt(&row.mode))
}

/// On what a kept version stands.
pub(crate) fn basis(row: &AgreementRow) -> Result<Basis, StoreError> {
    Basis::named(&row.basis).ok_or_else(|| corrupt(&row.basis))
}

fn corrupt(value: &str) -> StoreError {
    StoreError::Corrupt {
        table: "agreement",
        value: value.to_owned(),
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
