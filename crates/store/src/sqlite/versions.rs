//! Versions of the agreement, the proposals that they come from, and who signed those.

use bellwether_core::domain::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::{Db, millis, time, time_or_none};
use crate::{AgreementRow, LeadId, ProposalId, ProposalRow, SignatureRow, StoreError, UserId};

impl Db {
    /// Keeps a version of the agreement.
    pub fn insert_agreement(&self, agreement: &AgreementRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO agreement (version, hash, source, activated_at, published_by, mode, basis, reason, proposal_id,
                 back_to, rescored_to, rescored_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        insert.execute(params![
            agreement.version,
            agreement.hash,
            agreement.source,
            agreement.activated_at.ms(),
            agreement.published_by,
            agreement.mode,
            agreement.basis,
            agreement.reason,
            agreement.proposal.map(|id| id.0),
            agreement.back_to,
            agreement.rescored_to.map(|id| id.0),
            millis(agreement.rescored_at)
        ])?;
        Ok(())
    }

    /// The newest version.
    pub fn latest_agreement(&self) -> Result<Option<AgreementRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM agreement ORDER BY version DESC LIMIT 1")?;
        Ok(select.query_row([], agreement_row).optional()?)
    }

    /// One version.
    pub fn agreement(&self, version: u32) -> Result<Option<AgreementRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM agreement WHERE version = ?1")?;
        Ok(select.query_row([version], agreement_row).optional()?)
    }

    /// Versions before one, the newest first.
    pub fn agreements(&self, before: Option<u32>, limit: u32) -> Result<Vec<AgreementRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM agreement WHERE version < coalesce(?1, 9223372036854775807)
             ORDER BY version DESC LIMIT ?2",
        )?;
        let rows = select.query_map(params![before, limit], agreement_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Keeps how far judging all leads anew by a version is, and when it was done.
    pub fn put_rescored(
        &self,
        version: u32,
        to: LeadId,
        done_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE agreement SET rescored_to = ?2, rescored_at = ?3 WHERE version = ?1")?
            .execute(params![version, to.0, millis(done_at)])?;
        Ok(())
    }

    /// Keeps a proposal.
    pub fn insert_proposal(&self, proposal: &ProposalRow) -> Result<ProposalId, StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO proposal (hash, source, note, based_on, proposed_at, proposed_by, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let id = insert.insert(params![
            proposal.hash,
            proposal.source,
            proposal.note,
            proposal.based_on,
            proposal.proposed_at.ms(),
            proposal.proposed_by,
            proposal.state
        ])?;
        Ok(ProposalId(id))
    }

    /// One proposal.
    pub fn proposal(&self, id: ProposalId) -> Result<Option<ProposalRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM proposal WHERE id = ?1")?;
        Ok(select.query_row([id.0], proposal_row).optional()?)
    }

    /// Proposals before one, the newest first.
    pub fn proposals(&self, before: Option<ProposalId>, limit: u32) -> Result<Vec<ProposalRow>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT * FROM proposal WHERE id < coalesce(?1, 9223372036854775807) ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = select.query_map(params![before.map(|id| id.0), limit], proposal_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Open proposals, the newest first.
    pub fn open_proposals(&self, limit: u32) -> Result<Vec<ProposalRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM proposal WHERE state = 'open' ORDER BY id DESC LIMIT ?1")?;
        let rows = select.query_map(params![limit], proposal_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many proposals are open.
    pub fn proposals_open(&self) -> Result<u64, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT count(*) FROM proposal WHERE state = 'open'")?;
        Ok(select.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Keeps what a proposal would have come to.
    pub fn put_replay(&self, id: ProposalId, replay: &str, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE proposal SET replay = ?2, replayed_at = ?3 WHERE id = ?1")?
            .execute(params![id.0, replay, at.ms()])?;
        Ok(())
    }

    /// Ends a proposal: published as a version, or withdrawn.
    pub fn end_proposal(&self, id: ProposalId, state: &str, version: Option<u32>) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE proposal SET state = ?2, version = ?3 WHERE id = ?1")?
            .execute(params![id.0, state, version])?;
        Ok(())
    }

    /// Keeps a signature. The caller has made sure that its department hasn't signed, nor has this person.
    pub fn insert_signature(&self, signature: &SignatureRow) -> Result<(), StoreError> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO signature (proposal_id, department, user_id, name, role, at, hash, replay)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        insert.execute(params![
            signature.proposal.0,
            signature.department,
            signature.user.0,
            signature.name,
            signature.role,
            signature.at.ms(),
            signature.hash,
            signature.replay
        ])?;
        Ok(())
    }

    /// Who signed a proposal, by department.
    pub fn signatures(&self, proposal: ProposalId) -> Result<Vec<SignatureRow>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT * FROM signature WHERE proposal_id = ?1 ORDER BY department")?;
        let rows = select.query_map([proposal.0], signature_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn agreement_row(row: &Row<'_>) -> rusqlite::Result<AgreementRow> {
    Ok(AgreementRow {
        version: row.get("version")?,
        hash: row.get("hash")?,
        source: row.get("source")?,
        activated_at: time(row, "activated_at")?,
        published_by: row.get("published_by")?,
        mode: row.get("mode")?,
        basis: row.get("basis")?,
        reason: row.get("reason")?,
        proposal: row.get::<_, Option<i64>>("proposal_id")?.map(ProposalId),
        back_to: row.get("back_to")?,
        rescored_to: row.get::<_, Option<i64>>("rescored_to")?.map(LeadId),
        rescored_at: time_or_none(row, "rescored_at")?,
    })
}

fn proposal_row(row: &Row<'_>) -> rusqlite::Result<ProposalRow> {
    Ok(ProposalRow {
        id: ProposalId(row.get("id")?),
        hash: row.get("hash")?,
        source: row.get("source")?,
        note: row.get("note")?,
        based_on: row.get("based_on")?,
        proposed_at: time(row, "proposed_at")?,
        proposed_by: row.get("proposed_by")?,
        state: row.get("state")?,
        version: row.get("version")?,
        replay: row.get("replay")?,
        replayed_at: time_or_none(row, "replayed_at")?,
    })
}

fn signature_row(row: &Row<'_>) -> rusqlite::Result<SignatureRow> {
    Ok(SignatureRow {
        proposal: ProposalId(row.get("proposal_id")?),
        department: row.get("department")?,
        user: UserId(row.get("user_id")?),
        name: row.get("name")?,
        role: row.get("role")?,
        at: time(row, "at")?,
        hash: row.get("hash")?,
        replay: row.get("replay")?,
    })
}
