//! Handoffs that are answered from outside of a session: by a button in a channel, or by a link in a mail.

use bellwether_connect::destination::Kind;
use bellwether_connect::link::Accept;
use bellwether_connect::slack::action::{Action, Answer};
use bellwether_connect::slack::{ANSWER, answers_to};
use bellwether_core::domain::Timestamp;
use bellwether_store::{HandoffId, NewMessage, StoreError, UserId};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::committer::Committer;
use crate::destinations::Kept;
use crate::{Actor, App, AppError, HandoffDetail};

/// A link of a mail that accepts a lead.
#[derive(Debug, Clone)]
pub struct AcceptLink {
    /// The lead's handoff.
    pub handoff: HandoffDetail,
    /// Whether it can still be accepted with this link.
    pub state: LinkState,
}

/// What a link is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It accepts the lead.
    Good,
    /// Its time is over.
    Expired,
    /// It was used.
    Used,
    /// The lead is somebody else's now, or was answered otherwise.
    Over,
}

impl App {
    /// What a link's token is good for; [`AppError::NotFound`] where it is none of ours.
    pub async fn accept_link(&self, token: &str) -> Result<AcceptLink, AppError> {
        let accept = self.token(token)?;
        let (handoff, digest) = (HandoffId(accept.handoff), accept.digest());
        let used = self.read(move |db| Ok(db.is_link_used(&digest)?)).await?;
        let detail = self.handoff(handoff).await?.ok_or_else(no_link)?;
        let state = if used {
            LinkState::Used
        } else if self.now() > accept.expires_at {
            LinkState::Expired
        } else if is_open(&detail, accept) {
            LinkState::Good
        } else {
            LinkState::Over
        };
        Ok(AcceptLink {
            handoff: detail,
            state,
        })
    }

    /// Accepts a lead as the owner that the link was mailed to. It works once.
    pub async fn use_accept_link(&self, token: &str) -> Result<AcceptLink, AppError> {
        let accept = self.token(token)?;
        let found = self.accept_link(token).await?;
        if found.state != LinkState::Good {
            return Ok(found);
        }
        let at = self.now();
        let handoff = HandoffId(accept.handoff);
        let decided = self
            .write(move |committer| committer.accept_by_link(accept, at))
            .await;
        match decided {
            Ok(()) => {
                let handoff = self.handoff(handoff).await?.ok_or_else(no_link)?;
                let state = LinkState::Good;
                Ok(AcceptLink { handoff, state })
            }
            // Somebody was faster.
            Err(AppError::Conflict { .. } | AppError::Refused { .. }) => self.accept_link(token).await,
            Err(error) => Err(error),
        }
    }

    /// Does what a button of a channel's message asks for, and promises the answer that takes the message's place.
    pub async fn answer_from_slack(&self, destination: &str, action: Action) -> Result<(), AppError> {
        let kept = self.destination_named(destination)?;
        let at = self.now();
        self.write(move |committer| committer.answer_from_slack(&kept, &action, at).map(Ok))
            .await
    }

    /// The signing secret of a destination that messages with buttons go to.
    pub fn signing_secret(&self, destination: &str) -> Option<String> {
        let kept = self.shared().destinations.named(destination)?;
        matches!(kept.settings.kind, Kind::Slack { .. }).then(|| kept.signing_secret.clone())?
    }

    fn token(&self, token: &str) -> Result<Accept, AppError> {
        Accept::read(token, self.link_key()).ok_or_else(no_link)
    }
}

fn no_link() -> AppError {
    AppError::NotFound {
        what: "link",
        id: "(hidden)".to_owned(),
    }
}

fn is_open(detail: &HandoffDetail, accept: Accept) -> bool {
    let owner = detail.summary.owner.as_ref().map(|owner| owner.id);
    detail.summary.state == crate::HandoffState::Open && owner == Some(UserId(accept.owner))
}

impl Committer {
    fn accept_by_link(&mut self, accept: Accept, at: Timestamp) -> Result<Result<(), AppError>, StoreError> {
        let over = |message: &str| {
            Ok(Err(AppError::Conflict {
                message: message.to_owned(),
            }))
        };
        let handoff = HandoffId(accept.handoff);
        if self.db.is_link_used(&accept.digest())? {
            return over("the link was used");
        }
        let row = self.db.handoff(handoff)?;
        if row.and_then(|row| row.owner).map(|(owner, _)| owner) != Some(UserId(accept.owner)) {
            return over("the lead is somebody else's now");
        }
        let actor = Actor::User(UserId(accept.owner)).to_string();
        let accepted = self.accept_handoff(handoff, &actor, at)?;
        if accepted.is_ok() {
            self.db.use_link(&accept.digest(), at, accept.expires_at)?;
        }
        Ok(accepted)
    }

    fn answer_from_slack(&mut self, kept: &Kept, action: &Action, at: Timestamp) -> Result<(), StoreError> {
        let handoff = HandoffId(action.handoff);
        let user = self.db.user_by_slack_id(&action.user_id)?;
        let (actor, name) = match &user {
            Some(user) => (Actor::User(user.id).to_string(), user.name.clone()),
            None => (format!("slack {}", action.user_name), action.user_name.clone()),
        };
        let row = self.db.handoff(handoff)?;
        if let Some(decided) = row.as_ref().filter(|row| row.state != "open") {
            let text = format!(
                "Nothing was done: handoff {handoff} is {} already.",
                decided.state
            );
            return self.promise_slack_answer(kept, action, &text, Some(true), at);
        }
        let lead = row.and_then(|row| row.lead_name);
        let lead = lead.unwrap_or_else(|| format!("The lead of handoff {handoff}"));
        let (answered, done) = match &action.answer {
            Answer::Accept => (
                self.accept_handoff(handoff, &actor, at)?,
                format!("{lead} was accepted by {name}."),
            ),
            Answer::Reject(reason) => (
                self.reject_handoff(handoff, reason, None, &actor, at)?,
                format!("{lead} was sent back by {name}: {reason}."),
            ),
        };
        let (text, in_vain) = match answered {
            Ok(()) => (done, None),
            Err(error) => (format!("Nothing was done: {error}."), Some(true)),
        };
        self.promise_slack_answer(kept, action, &text, in_vain, at)
    }

    /// Promises what takes the place of the message, to the one destination that it came from.
    fn promise_slack_answer(
        &mut self,
        kept: &Kept,
        action: &Action,
        text: &str,
        in_vain: Option<bool>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Kind::Slack { url } = &kept.settings.kind else {
            return Ok(());
        };
        if !answers_to(&action.response_url, url) {
            let reason =
                "the message wasn't replaced: the address to answer to isn't at the destination's host";
            self.find("slack_answer", &format!("handoff {}", action.handoff), reason, at);
            return Ok(());
        }
        let data = json!({
            "handoff": action.handoff.to_string(), "response_url": action.response_url, "text": text, "in_vain": in_vain,
        });
        let payload = json!({ "type": ANSWER, "timestamp": at.to_string(), "data": data }).to_string();
        let digest = Sha256::new()
            .chain_update(&action.response_url)
            .chain_update(text)
            .chain_update(at.ms().to_le_bytes())
            .finalize();
        let short = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let message_id = format!("{ANSWER}-{}-{short:016x}-{}", action.handoff, kept.id);
        let dry_run = self.is_dry_run();
        let message = NewMessage {
            destination: kept.id,
            message_id: &message_id,
            event_type: ANSWER,
            payload: &payload,
            recipient: None,
            dry_run,
        };
        self.promise_to(&message, at)
    }
}
