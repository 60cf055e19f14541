//! How an agreement becomes a version: proposed, replayed, signed by both departments, published; and the list of whom a
//! retroactive version would newly hand off.

use std::sync::Arc;

use bellwether_store::{Db, NewlyQualifiedRow, ProposalRow, SignatureRow, StoreError};

use crate::committer::confirm::{self, CONFIRMED, HANDED_OFF, LAPSED, LEFT_OUT, WAITING};
use crate::committer::propose::missing;
use crate::reads::{page, page_limit, place};
use crate::replays::{Question, kept, summarize};
use crate::shared::{not_committed, shutting_down};
use crate::{
    Actor, AgreementVersion, App, AppError, ConfirmCounts, Decided, Department, LeadId, Listed,
    NOTE_CHARS_MAX, NewlyQualified, Page, ProposalId, ProposalState, ProposalView, PublishMode,
    SignatureView, UserId, UserRef, VersionView, agreement, signing,
};

/// How many leads may be named in one decision.
const LISTED_MAX: usize = 10_000;

impl App {
    /// Makes an agreement the active one that nobody signed: the first of a database without leads, from an operator; or
    /// one for which an operator or admin says why. [`AppError::Conflict`] where `expected_version` isn't the active one any
    /// more.
    pub async fn put_agreement(
        &self,
        source: String,
        expected_version: Option<u32>,
        reason: Option<String>,
        actor: Actor,
    ) -> Result<AgreementVersion, AppError> {
        let reason = said("override", reason)?;
        let compiled = agreement::compiled(source).await?;
        let at = self.now();
        self.write(move |committer| committer.put_agreement(compiled, expected_version, reason, actor, at))
            .await
    }

    /// Keeps an agreement that is to become a version, if it is good. [`App::replay_proposal`] says what it would have come
    /// to.
    pub async fn propose(
        &self,
        source: String,
        note: Option<String>,
        actor: Actor,
    ) -> Result<ProposalView, AppError> {
        let note = said("note", note)?;
        let compiled = agreement::compiled(source).await?;
        let at = self.now();
        let id = self
            .write(move |committer| committer.propose(&compiled, note, actor, at))
            .await?;
        self.proposal(id).await
    }

    /// Works out what a proposal would have come to beside the active version, and keeps it for whoever signs. It goes on
    /// though whoever asked goes away.
    pub async fn replay_proposal(&self, id: ProposalId) -> Result<ProposalView, AppError> {
        let app = self.clone();
        let replayed = tokio::spawn(async move { app.replay_now(id).await });
        replayed.await.map_err(|_| not_committed())?
    }

    async fn replay_now(&self, id: ProposalId) -> Result<ProposalView, AppError> {
        let proposal = self.read(move |db| proposal_row(db, id)).await?;
        if proposal.state != ProposalState::Open.as_str() {
            let message = format!("proposal {id} was {} already", proposal.state);
            return Err(AppError::Conflict { message });
        }
        let place = self.inner.replays.place().await?;
        let shared = Arc::clone(self.shared());
        let as_of = self.now();
        let worked_out = tokio::task::spawn_blocking(move || {
            let question = Question {
                active: shared.active(),
                proposed: agreement::engine(&proposal.source)?,
                hash: proposal.hash,
                as_of,
            };
            let goes_on = || shared.queue.is_open();
            let Some(history) = shared.history(&goes_on)? else {
                return Ok(None);
            };
            let leads = history.chronicle.leads() as u64;
            Ok::<_, AppError>(summarize(&history, leads, &question, &goes_on))
        });
        let summary = worked_out.await.map_err(|_| not_committed())??;
        drop(place);
        let summary = summary.ok_or_else(shutting_down)?;
        let text =
            serde_json::to_string(&summary).map_err(|error| AppError::Unavailable(error.to_string()))?;
        self.write(move |committer| Ok(Ok(committer.db.put_replay(id, &text, as_of)?)))
            .await?;
        self.proposal(id).await
    }

    /// One proposal, with who signed it.
    pub async fn proposal(&self, id: ProposalId) -> Result<ProposalView, AppError> {
        self.read(move |db| proposal_view(db, proposal_row(db, id)?))
            .await
    }

    /// Proposals, the newest first.
    pub async fn proposals(
        &self,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<ProposalView>, AppError> {
        let limit = page_limit(limit);
        let before = place(cursor.as_deref())?.map(|(_, id)| ProposalId(id));
        let rows = self.read(move |db| {
            let rows = db.proposals(before, limit + 1)?.into_iter();
            rows.map(|row| proposal_view(db, row))
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(page(rows.await?, limit, |row| (0, row.id.0), |row| row))
    }

    /// Takes a proposal back.
    pub async fn withdraw_proposal(&self, id: ProposalId, actor: Actor) -> Result<ProposalView, AppError> {
        self.write(move |committer| committer.withdraw(id, actor)).await?;
        self.proposal(id).await
    }

    /// The departments that somebody may sign for.
    pub async fn departments_of(&self, user: UserId) -> Result<Vec<Department>, AppError> {
        self.read(move |db| match db.user(user)? {
            Some(user) => Ok(signing::departments_of(db, &user)?),
            None => Ok(Vec::new()),
        })
        .await
    }

    /// Somebody signs a proposal for a department; whoever may sign for one only needn't name it. Its replay is worked out
    /// first, where it isn't there yet.
    pub async fn sign_proposal(
        &self,
        id: ProposalId,
        department: Option<Department>,
        user: UserId,
    ) -> Result<ProposalView, AppError> {
        if self.proposal(id).await?.replay.is_none() {
            self.replay_proposal(id).await?;
        }
        let at = self.now();
        self.write(move |committer| committer.sign(id, department, user, at))
            .await?;
        self.proposal(id).await
    }

    /// The same for somebody who isn't signed in: an API key and the command line are nobody, so that whoever signs there
    /// says their password.
    pub async fn sign_proposal_as(
        &self,
        id: ProposalId,
        department: Option<Department>,
        email: &str,
        password: &str,
    ) -> Result<ProposalView, AppError> {
        match self.proven(email, password).await? {
            Some(user) => self.sign_proposal(id, department, user.id).await,
            None => Err(AppError::Forbidden {
                message: "nobody signs in by this email address and password".to_owned(),
            }),
        }
    }

    /// Makes a proposal the active version: one that both departments signed; or, with a reason, from an operator or
    /// admin, one that they didn't.
    pub async fn publish_proposal(
        &self,
        id: ProposalId,
        mode: PublishMode,
        reason: Option<String>,
        actor: Actor,
    ) -> Result<AgreementVersion, AppError> {
        let reason = said("override", reason)?;
        let source = self.read(move |db| Ok(proposal_row(db, id)?.source)).await?;
        let compiled = agreement::compiled(source).await?;
        let at = self.now();
        self.write(move |committer| committer.publish_proposal(id, compiled, mode, reason, actor, at))
            .await
    }

    /// Makes an older version the active one again, as a new version.
    pub async fn roll_back(
        &self,
        to: u32,
        mode: PublishMode,
        reason: Option<String>,
        actor: Actor,
    ) -> Result<AgreementVersion, AppError> {
        let reason = said("override", reason)?;
        let compiled = agreement::again(self.version(to).await?.source)?;
        let at = self.now();
        self.write(move |committer| committer.roll_back(to, compiled, mode, reason, actor, at))
            .await
    }

    /// One version, with who signed it.
    pub async fn version(&self, version: u32) -> Result<VersionView, AppError> {
        self.read(move |db| {
            let row = db.agreement(version)?.ok_or_else(|| AppError::NotFound {
                what: "version",
                id: version.to_string(),
            })?;
            version_view(db, row)
        })
        .await
    }

    /// Every version, the newest first.
    pub async fn versions(&self, cursor: Option<String>, limit: u32) -> Result<Page<VersionView>, AppError> {
        let limit = page_limit(limit);
        let before = place(cursor.as_deref())?.map(|(_, version)| u32::try_from(version).unwrap_or(0));
        let rows = self.read(move |db| {
            let rows = db.agreements(before, limit + 1)?.into_iter();
            rows.map(|row| version_view(db, row))
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(page(
            rows.await?,
            limit,
            |row| (0, i64::from(row.version)),
            |row| row,
        ))
    }

    /// How far the active version's list of newly qualified leads is.
    pub async fn confirm_counts(&self) -> Result<ConfirmCounts, AppError> {
        let active = self.shared().active();
        self.read(move |db| {
            let version = active.version;
            let retroactive = active.mode == PublishMode::Retroactive;
            let row = db.agreement(version)?.filter(|_| retroactive);
            let left = match row {
                // Where none are left, that is still to be noted.
                Some(row) if row.rescored_at.is_none() => {
                    db.leads_left(row.rescored_to.unwrap_or(LeadId(0)))?.max(1)
                }
                _ => 0,
            };
            let counts = db.newly_qualified_counts(version)?;
            let count = |state| confirm::count(&counts, state);
            Ok(ConfirmCounts {
                version,
                retroactive,
                left,
                waiting: count(WAITING),
                confirmed: count(CONFIRMED),
                handed_off: count(HANDED_OFF),
                left_out: count(LEFT_OUT),
                lapsed: count(LAPSED),
            })
        })
        .await
    }

    /// Whom a version would newly hand off, by number; those in one state where one is asked for.
    pub async fn newly_qualified(
        &self,
        version: u32,
        state: Option<String>,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<NewlyQualified>, AppError> {
        let limit = page_limit(limit);
        let after = place(cursor.as_deref())?.map_or(LeadId(0), |(_, id)| LeadId(id));
        let rows = self.read(move |db| {
            let rows = db.newly_qualified(version, state.as_deref(), after, limit + 1)?;
            let rows = rows.into_iter().map(|row| newly_qualified(db, row));
            Ok(rows.collect::<Result<Vec<_>, StoreError>>()?)
        });
        Ok(page(rows.await?, limit, |row| (0, row.lead.0), |row| row))
    }

    /// Has listed leads handed off.
    pub async fn confirm(&self, version: u32, which: Listed, actor: Actor) -> Result<Decided, AppError> {
        self.decide_listed(version, which, true, actor).await
    }

    /// Leaves listed leads out: they are judged by what they do next.
    pub async fn leave_out(&self, version: u32, which: Listed, actor: Actor) -> Result<Decided, AppError> {
        self.decide_listed(version, which, false, actor).await
    }

    async fn decide_listed(
        &self,
        version: u32,
        which: Listed,
        hand_off: bool,
        actor: Actor,
    ) -> Result<Decided, AppError> {
        if matches!(&which, Listed::Leads(leads) if leads.is_empty() || leads.len() > LISTED_MAX) {
            let message = format!("name between 1 and {LISTED_MAX} leads, or all that wait");
            return Err(AppError::Invalid {
                field: "leads",
                message,
            });
        }
        let at = self.now();
        self.write(move |committer| committer.decide_listed(version, &which, hand_off, actor, at))
            .await
    }
}

/// A note or reason, where something is said.
pub(crate) fn said(field: &'static str, text: Option<String>) -> Result<Option<String>, AppError> {
    let text = text
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() > NOTE_CHARS_MAX)
    {
        let message = format!("it has more than {NOTE_CHARS_MAX} characters");
        return Err(AppError::Invalid { field, message });
    }
    Ok(text)
}

pub(crate) fn proposal_row(db: &Db, id: ProposalId) -> Result<ProposalRow, AppError> {
    db.proposal(id)?.ok_or_else(|| AppError::NotFound {
        what: "proposal",
        id: id.to_string(),
    })
}

/// Open proposals, the newest first.
pub(crate) fn open(db: &Db, limit: u32) -> Result<Vec<ProposalView>, AppError> {
    let rows = db.open_proposals(limit)?.into_iter();
    rows.map(|row| proposal_view(db, row)).collect()
}

fn proposal_view(db: &Db, row: ProposalRow) -> Result<ProposalView, AppError> {
    let signatures = db.signatures(row.id)?;
    Ok(ProposalView {
        missing: missing(&signatures, &row.hash),
        signatures: signatures
            .into_iter()
            .map(signature_view)
            .collect::<Result<_, _>>()?,
        state: ProposalState::named(&row.state).ok_or_else(|| corrupt("proposal", &row.state))?,
        id: row.id,
        hash: row.hash,
        source: row.source,
        note: row.note,
        based_on: row.based_on,
        proposed_at: row.proposed_at,
        proposed_by: row.proposed_by,
        version: row.version,
        replay: kept(row.replay.as_deref()),
    })
}

fn version_view(db: &Db, row: bellwether_store::AgreementRow) -> Result<VersionView, AppError> {
    let signatures = match row.proposal {
        Some(proposal) => db.signatures(proposal)?,
        None => Vec::new(),
    };
    Ok(VersionView {
        mode: agreement::mode(&row)?,
        basis: agreement::basis(&row)?,
        signatures: signatures
            .into_iter()
            .map(signature_view)
            .collect::<Result<_, _>>()?,
        version: row.version,
        hash: row.hash,
        source: row.source,
        activated_at: row.activated_at,
        by: row.published_by,
        reason: row.reason,
        proposal: row.proposal,
        back_to: row.back_to,
    })
}

fn signature_view(row: SignatureRow) -> Result<SignatureView, StoreError> {
    let department = Department::named(&row.department);
    Ok(SignatureView {
        department: department.ok_or_else(|| corrupt("signature", &row.department))?,
        user: UserRef {
            id: row.user,
            name: row.name,
        },
        role: row.role,
        at: row.at,
        hash: row.hash,
        replay: kept(Some(&row.replay)),
    })
}

fn newly_qualified(db: &Db, row: NewlyQualifiedRow) -> Result<NewlyQualified, StoreError> {
    let lead = db.lead(row.lead)?.map(|lead| lead.derived);
    let (name, company) = lead.map_or((None, None), |lead| (lead.name.or(lead.email), lead.company));
    let owner = match row.owner {
        Some(owner) => db.user(owner)?.map(|user| UserRef {
            id: owner,
            name: user.name,
        }),
        None => None,
    };
    Ok(NewlyQualified {
        lead: row.lead,
        name,
        company,
        qualified_at: row.qualified_at,
        trigger: row.trigger,
        fit: row.fit,
        intent: row.intent,
        reaches: row.reaches,
        team: row.team,
        owner,
        state: row.state,
        decided_by: row.decided_by,
        handoff: row.handoff,
        outcome: row.outcome,
    })
}

fn corrupt(table: &'static str, value: &str) -> StoreError {
    StoreError::Corrupt {
        table,
        value: value.to_owned(),
    }
}
