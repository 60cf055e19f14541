//! What became of messages: listed, tried again, tried out, and looked at before anything is sent.

use bellwether_connect::destination::Kind;
use bellwether_connect::outgoing::{Carrier, Planned};
use bellwether_core::domain::Timestamp;
use bellwether_store::{DeliveryRow, OutboxRow};
use serde_json::{Value, json};

use crate::destinations::not_there;
use crate::outbox::{self, planned};
use crate::reads::page_limit;
use crate::shared::not_committed;
use crate::{App, AppError, HandoffId, Page};

/// How many messages are tried again at one go.
const REPLAYED_MAX: u32 = 10_000;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits to be sent, or to be sent again.
    Waiting,
    /// It arrived.
    Delivered,
    /// It was given up.
    Dead,
    /// It was only kept to be looked at.
    DryRun,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Dead, Self::DryRun];

    /// What it is called.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::DryRun => "dry_run",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A message and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// Its number.
    pub id: i64,
    /// By which its receiver knows it.
    pub message_id: String,
    /// What it tells.
    pub event_type: String,
    /// Where it goes; nothing where the destination is no longer known.
    pub destination: Option<String>,
    /// The address that it is mailed to.
    pub recipient: Option<String>,
    /// What became of it.
    pub state: DeliveryState,
    /// When it was promised.
    pub created_at: Timestamp,
    /// How many times it was tried.
    pub attempts: u32,
    /// When it is tried next, where it waits.
    pub next_at: Option<Timestamp>,
    /// When it arrived or was given up.
    pub ended_at: Option<Timestamp>,
    /// Why it didn't arrive when it was last tried.
    pub last_error: Option<String>,
}

/// What would be sent, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Where to.
    pub to: String,
    /// Headers, of a request or a mail.
    pub headers: Vec<(String, String)>,
    /// The body of a request, or a mail's text.
    pub body: String,
    /// A mail's HTML.
    pub html: Option<String>,
}

/// What came of trying a destination out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationTrial {
    /// What was sent.
    pub sent: Preview,
    /// Why it didn't arrive; nothing where it did.
    pub error: Option<String>,
}

impl App {
    /// Messages in a state, the newest first.
    pub async fn deliveries(
        &self,
        state: DeliveryState,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<DeliveryView>, AppError> {
        let limit = page_limit(limit);
        let before = cursor.map(|cursor| {
            cursor.parse::<i64>().map_err(|_| AppError::Invalid {
                field: "cursor",
                message: "give what the page before gave as `next`".to_owned(),
            })
        });
        let before = before.transpose()?;
        let rows = self
            .read(move |db| Ok(db.deliveries(state.as_str(), before, limit)?))
            .await?;
        let full = rows.len() >= limit as usize;
        let next = rows.last().filter(|_| full).map(|row| row.message.id.to_string());
        Ok(Page {
            items: rows.into_iter().map(view).collect(),
            next,
        })
    }

    /// Has a message that was given up sent again, under its old id.
    pub async fn replay_delivery(&self, id: i64) -> Result<DeliveryView, AppError> {
        let at = self.now();
        let replayed = self
            .write(move |committer| {
                let Some(row) = committer.db.delivery(id)? else {
                    return Ok(Err(AppError::NotFound {
                        what: "delivery",
                        id: id.to_string(),
                    }));
                };
                if !committer
                    .db
                    .destinations()?
                    .iter()
                    .any(|there| there.id == row.message.destination)
                {
                    let message =
                        "its destination was removed; put one of that name, and what comes next goes there";
                    return Ok(Err(AppError::Conflict {
                        message: message.to_owned(),
                    }));
                }
                if !committer.db.replay_message(id, at)? {
                    let message = format!(
                        "delivery {id} is {}; only what is `dead` is sent again",
                        row.state
                    );
                    return Ok(Err(AppError::Conflict { message }));
                }
                Ok(Ok(committer.db.delivery(id)?))
            })
            .await?;
        self.shared().outbox.wake_all();
        replayed.map(view).ok_or_else(not_committed)
    }

    /// Has everything that was given up sent again, as far as its destination is still there; how many.
    pub async fn replay_deliveries(&self) -> Result<u64, AppError> {
        let at = self.now();
        let mut all = 0;
        loop {
            let replayed = self
                .write(move |committer| Ok(Ok(committer.db.replay_messages(at, REPLAYED_MAX)?)))
                .await?;
            all += replayed;
            if replayed < u64::from(REPLAYED_MAX) {
                break;
            }
        }
        self.shared().outbox.wake_all();
        Ok(all)
    }

    /// What a destination would be sent of a handoff, or would have been: a look at it, without secrets. One-click links
    /// are shown without what makes them work.
    pub async fn preview(&self, handoff: HandoffId, destination: &str) -> Result<Preview, AppError> {
        let missing = move || AppError::NotFound {
            what: "handoff",
            id: handoff.to_string(),
        };
        let (kept, shared) = (self.destination_named(destination)?, self.shared().clone());
        self.read(move |db| {
            let row = db.handoff(handoff)?.ok_or_else(missing)?;
            let extra = db.handoff_extra(handoff)?.unwrap_or_default();
            let mut data: Value = serde_json::from_str(&extra.packet).unwrap_or_default();
            if let Some(data) = data.as_object_mut() {
                data.insert("handoff".to_owned(), json!(handoff.to_string()));
            }
            let owner = row.owner.map(|(owner, _)| db.user(owner)).transpose()?.flatten();
            let payload =
                json!({ "type": outbox::QUALIFIED, "timestamp": row.created_at.to_string(), "data": data });
            let message = OutboxRow {
                id: 0,
                destination: kept.id,
                message_id: format!("{}-{handoff}-{}", outbox::QUALIFIED, kept.id),
                event_type: outbox::QUALIFIED.to_owned(),
                payload: payload.to_string(),
                recipient: owner.map(|owner| owner.email),
                created_at: row.created_at,
                attempts: 0,
            };
            let planned = planned(&shared, &kept, &message, false).map_err(|failure| AppError::Conflict {
                message: failure.to_string(),
            })?;
            Ok(shown(&planned, &kept.settings.address()))
        })
        .await
    }

    /// Sends a destination a `notice`, now and this once, and says what came of it. A mail goes to `to`, or else to whom
    /// mails come from.
    pub async fn try_destination(
        &self,
        name: &str,
        to: Option<String>,
    ) -> Result<DestinationTrial, AppError> {
        if self.shared().dry_run {
            let message = "nothing is sent in a dry run; start without --dry-run".to_owned();
            return Err(AppError::Conflict { message });
        }
        let (kept, shared) = (self.destination_named(name)?, self.shared().clone());
        let from = match &kept.settings.kind {
            Kind::Smtp(smtp) => Some(smtp.from.clone()),
            _ => None,
        };
        let now = self.now();
        let data = json!({ "subject": "A test of Bellwether", "text": "This destination works." });
        let payload = json!({ "type": "notice", "timestamp": now.to_string(), "data": data });
        let message = OutboxRow {
            id: 0,
            destination: kept.id,
            message_id: format!("notice-test-{}-{}", kept.id, now.ms()),
            event_type: "notice".to_owned(),
            payload: payload.to_string(),
            recipient: to.or(from),
            created_at: now,
            attempts: 0,
        };
        let private_allowed = self.inner.destinations_at_private_addresses;
        let tried = tokio::task::spawn_blocking(move || {
            let planned = planned(&shared, &kept, &message, true).map_err(|failure| AppError::Conflict {
                message: failure.to_string(),
            })?;
            let came = Carrier::new(private_allowed).send(&kept.settings, kept.secret.as_deref(), &planned);
            Ok(DestinationTrial {
                sent: shown(&planned, &kept.settings.address()),
                error: came.err().map(|failure| failure.to_string()),
            })
        });
        tried.await.map_err(|_| not_committed())?
    }

    pub(crate) fn destination_named(
        &self,
        name: &str,
    ) -> Result<std::sync::Arc<crate::destinations::Kept>, AppError> {
        self.shared()
            .destinations
            .named(name)
            .ok_or_else(|| not_there(name))
    }
}

/// What is sent, without what nobody else may know.
pub(crate) fn shown(planned: &Planned, address: &str) -> Preview {
    match planned {
        Planned::Post(request) => {
            let hide = |name: &str, value: &str| {
                if name == "webhook-signature" {
                    "…".to_owned()
                } else {
                    value.to_owned()
                }
            };
            Preview {
                to: address.to_owned(),
                headers: request
                    .headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), hide(name, value)))
                    .collect(),
                body: request.body.clone(),
                html: None,
            }
        }
        Planned::Mail(mail) => {
            let mut headers = vec![
                ("From".to_owned(), mail.from.clone()),
                ("To".to_owned(), mail.to.clone()),
                ("Subject".to_owned(), mail.subject.clone()),
                ("Message-ID".to_owned(), mail.message_id.clone()),
            ];
            headers.extend(
                mail.reply_to
                    .iter()
                    .map(|reply| ("Reply-To".to_owned(), reply.clone())),
            );
            headers.extend(
                mail.unsubscribe
                    .iter()
                    .map(|url| ("List-Unsubscribe".to_owned(), format!("<{url}>"))),
            );
            Preview {
                to: address.to_owned(),
                headers,
                body: mail.text.clone(),
                html: mail.html.clone(),
            }
        }
    }
}

fn view(row: DeliveryRow) -> DeliveryView {
    let state = DeliveryState::named(&row.state).unwrap_or(DeliveryState::Dead);
    DeliveryView {
        id: row.message.id,
        message_id: row.message.message_id,
        event_type: row.message.event_type,
        destination: row.destination,
        recipient: row.message.recipient,
        state,
        created_at: row.message.created_at,
        attempts: row.message.attempts,
        next_at: (state == DeliveryState::Waiting).then_some(row.next_at),
        ended_at: row.ended_at,
        last_error: row.last_error,
    }
}
