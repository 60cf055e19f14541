//! Proposals are kept, signed by two people of two departments, and published; an older version is published again.

use bellwether_core::domain::Timestamp;
use bellwether_store::{ProposalId, ProposalRow, SignatureRow, StoreError, UserId};

use super::Committer;
use super::publish::Publication;
use crate::agreement::Compiled;
use crate::{Actor, AgreementVersion, AppError, Basis, Department, ProposalState, PublishMode, signing};

/// How many proposals may be open at once.
const PROPOSALS_OPEN_MAX: u64 = 100;

impl Committer {
    /// Keeps an agreement that is to become a version.
    pub(crate) fn propose(
        &mut self,
        compiled: &Compiled,
        note: Option<String>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<ProposalId, AppError>, StoreError> {
        if let Some(error) = signing::forbidden(&self.db, actor)? {
            return Ok(Err(error));
        }
        if compiled.hash == self.active.hash {
            let message = format!("it is what version {} says already", self.active.version);
            return Ok(Err(AppError::Refused { message }));
        }
        if self.db.proposals_open()? >= PROPOSALS_OPEN_MAX {
            let message =
                format!("{PROPOSALS_OPEN_MAX} proposals are open; withdraw those that nobody means any more");
            return Ok(Err(AppError::Refused { message }));
        }
        let id = self.db.insert_proposal(&ProposalRow {
            id: ProposalId(0),
            hash: compiled.hash.clone(),
            source: compiled.source.clone(),
            note,
            based_on: self.active.version,
            proposed_at: at,
            proposed_by: actor.to_string(),
            state: ProposalState::Open.as_str().to_owned(),
            version: None,
            replay: None,
            replayed_at: None,
        })?;
        Ok(Ok(id))
    }

    /// Takes a proposal back.
    pub(crate) fn withdraw(
        &mut self,
        id: ProposalId,
        actor: Actor,
    ) -> Result<Result<(), AppError>, StoreError> {
        if let Some(error) = signing::forbidden(&self.db, actor)? {
            return Ok(Err(error));
        }
        if let Err(error) = self.open_proposal(id)? {
            return Ok(Err(error));
        }
        self.db
            .end_proposal(id, ProposalState::Withdrawn.as_str(), None)?;
        Ok(Ok(()))
    }

    /// Somebody signs a proposal for a department; where they may sign for one only, it needn't be named.
    pub(crate) fn sign(
        &mut self,
        id: ProposalId,
        department: Option<Department>,
        user: UserId,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let proposal = match self.current_proposal(id)? {
            Ok(proposal) => proposal,
            Err(error) => return Ok(Err(error)),
        };
        let Some(row) = self.db.user(user)? else {
            return Ok(Err(not_there("user", user.to_string())));
        };
        let may = signing::departments_of(&self.db, &row)?;
        let department = match signs_for(department, &may) {
            Ok(department) => department,
            Err(error) => return Ok(Err(error)),
        };
        for signed in self.db.signatures(id)? {
            if let Some(error) = clashes(&signed, department, user) {
                return Ok(Err(error));
            }
        }
        let Some(replay) = proposal.replay else {
            let message = "its replay isn't there yet; wait until it is, and look at it before you sign";
            return Ok(Err(conflict(message)));
        };
        self.db.insert_signature(&SignatureRow {
            proposal: id,
            department: department.as_str().to_owned(),
            user,
            name: row.name,
            role: row.role,
            at,
            hash: proposal.hash,
            replay,
        })?;
        Ok(Ok(()))
    }

    /// Publishes a proposal that two people signed, one of each department; or, where somebody who may says why, one that
    /// wasn't.
    pub(crate) fn publish_proposal(
        &mut self,
        id: ProposalId,
        compiled: Compiled,
        mode: PublishMode,
        reason: Option<String>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<AgreementVersion, AppError>, StoreError> {
        if let Some(error) = signing::forbidden(&self.db, actor)? {
            return Ok(Err(error));
        }
        let proposal = match self.current_proposal(id)? {
            Ok(proposal) => proposal,
            Err(error) => return Ok(Err(error)),
        };
        let missing = missing(&self.db.signatures(id)?, &proposal.hash);
        let basis = if missing.is_empty() {
            Basis::Signed
        } else if reason.is_some() && signing::may_override(&self.db, actor)? {
            Basis::Override
        } else {
            let missing: Vec<&str> = missing.iter().map(|one| one.as_str()).collect();
            let message = format!("nobody of {} has signed it yet", missing.join(" and of "));
            return Ok(Err(AppError::Refused { message }));
        };
        let version = self.publish(
            Publication {
                compiled,
                mode,
                basis,
                reason,
                proposal: Some(id),
                back_to: None,
            },
            actor,
            at,
        )?;
        self.db
            .end_proposal(id, ProposalState::Published.as_str(), Some(version.version))?;
        Ok(Ok(version))
    }

    /// Publishes an older version again. One that was signed needs no new signatures; any other needs a reason, from
    /// somebody who may publish without.
    pub(crate) fn roll_back(
        &mut self,
        to: u32,
        compiled: Compiled,
        mode: PublishMode,
        reason: Option<String>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<AgreementVersion, AppError>, StoreError> {
        if let Some(error) = signing::forbidden(&self.db, actor)? {
            return Ok(Err(error));
        }
        let Some(old) = self.db.agreement(to)? else {
            return Ok(Err(not_there("version", to.to_string())));
        };
        if old.hash == self.active.hash {
            let message = format!(
                "version {to} says what version {} says, which is active",
                self.active.version
            );
            return Ok(Err(AppError::Refused { message }));
        }
        let signed = [Basis::Signed, Basis::Rollback].map(Basis::as_str);
        let basis = if signed.contains(&old.basis.as_str()) {
            Basis::Rollback
        } else if reason.is_some() && signing::may_override(&self.db, actor)? {
            Basis::Override
        } else {
            let message = format!(
                "version {to} wasn't signed: propose it anew, or have an operator or admin publish it and say why"
            );
            return Ok(Err(AppError::Refused { message }));
        };
        let publication = Publication {
            compiled,
            mode,
            basis,
            reason,
            proposal: old.proposal,
            back_to: Some(old.back_to.unwrap_or(to)),
        };
        self.publish(publication, actor, at).map(Ok)
    }

    fn open_proposal(&self, id: ProposalId) -> Result<Result<ProposalRow, AppError>, StoreError> {
        let Some(proposal) = self.db.proposal(id)? else {
            return Ok(Err(not_there("proposal", id.to_string())));
        };
        if proposal.state != ProposalState::Open.as_str() {
            let message = format!("proposal {id} was {} already", proposal.state);
            return Ok(Err(conflict(&message)));
        }
        Ok(Ok(proposal))
    }

    /// An open proposal that was made on the version that is active: what was signed is then what changes.
    fn current_proposal(&self, id: ProposalId) -> Result<Result<ProposalRow, AppError>, StoreError> {
        let found = self.open_proposal(id)?;
        Ok(found.and_then(|proposal| {
            if proposal.based_on == self.active.version {
                return Ok(proposal);
            }
            let message = format!(
                "proposal {id} was made on version {}, and version {} is active by now; propose it anew",
                proposal.based_on, self.active.version
            );
            Err(conflict(&message))
        }))
    }
}

/// Who still has to sign what has this hash.
pub(crate) fn missing(signatures: &[SignatureRow], hash: &str) -> Vec<Department> {
    let signed = |department: &Department| {
        let mut signatures = signatures.iter();
        signatures.any(|one| one.department == department.as_str() && one.hash == hash)
    };
    let all = Department::ALL.into_iter();
    all.filter(|department| !signed(department)).collect()
}

fn signs_for(asked: Option<Department>, may: &[Department]) -> Result<Department, AppError> {
    let message = match (asked, may) {
        (_, []) => "only marketing, managers of sales teams and admins sign an agreement".to_owned(),
        (Some(asked), may) if may.contains(&asked) => return Ok(asked),
        (None, [only]) => return Ok(*only),
        (Some(asked), _) => format!("they don't sign for {}", asked.as_str()),
        (None, _) => {
            let message = "say for which department you sign, `marketing` or `sales`".to_owned();
            return Err(AppError::Invalid {
                field: "department",
                message,
            });
        }
    };
    Err(AppError::Forbidden { message })
}

fn clashes(signed: &SignatureRow, department: Department, user: UserId) -> Option<AppError> {
    if signed.department == department.as_str() {
        let message = format!("{} signed it for {} already", signed.name, signed.department);
        return Some(conflict(&message));
    }
    (signed.user == user).then(|| AppError::Refused {
        message: format!(
            "{} signed it for {}; somebody else signs for {}",
            signed.name,
            signed.department,
            department.as_str()
        ),
    })
}

fn conflict(message: &str) -> AppError {
    AppError::Conflict {
        message: message.to_owned(),
    }
}

fn not_there(what: &'static str, id: String) -> AppError {
    AppError::NotFound { what, id }
}
