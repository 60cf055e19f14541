//! What is done for leads that marketing has, as it is shown; and who wants no more mail.

use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Traits;
use bellwether_core::message::{Correspondent, letter};
use bellwether_store::{Db, MailRow, NurtureFilter, NurtureRow, UnsubscribedRow};

use crate::committer::booking_url;
use crate::identity::{self, EMAIL};
use crate::reads::page_limit;
use crate::{
    Actor, AgreementVersion, App, AppError, LeadId, LeadNurture, MailView, MessagePreview, NurtureCount,
    NurtureQuery, NurtureView, Page, UnsubscribeLink, Unsubscribed, history,
};

/// How many of a lead's tracks and messages are shown.
const SHOWN_MAX: u32 = 100;
/// Who unsubscribes by a link.
const BY_LINK: &str = "the addressee";

impl App {
    /// A lead's nurture tracks and messages; nothing where there never was such a lead.
    pub async fn lead_nurture(&self, id: LeadId) -> Result<Option<LeadNurture>, AppError> {
        let active = self.shared().active();
        self.read(move |db| {
            let Some(root) = db.root(id)? else {
                return Ok(None);
            };
            let filter = NurtureFilter {
                lead: Some(root),
                limit: SHOWN_MAX,
                ..NurtureFilter::default()
            };
            let rows = db.list_nurture(&filter)?;
            let email = db.lead(root)?.and_then(|row| row.derived.email);
            let address = email.as_deref().and_then(identity::email);
            let unsubscribed = match address {
                Some(address) => db.unsubscribed(&address)?,
                None => None,
            };
            Ok(Some(LeadNurture {
                tracks: rows.into_iter().map(|row| nurture_view(&active, row)).collect(),
                messages: db.mails_of(root, SHOWN_MAX)?.into_iter().map(mail_view).collect(),
                unsubscribed_at: unsubscribed.map(|row| row.at),
            }))
        })
        .await
    }

    /// Who is or was on a nurture track, latest first, a page at a time.
    pub async fn nurture(&self, query: NurtureQuery) -> Result<Page<NurtureView>, AppError> {
        let active = self.shared().active();
        let limit = page_limit(query.limit);
        let before = query.cursor.as_deref().map(number_of).transpose()?;
        let filter = NurtureFilter {
            track: query.track,
            state: query.state,
            lead: None,
            before,
            limit: limit + 1,
        };
        let mut rows = self.read(move |db| Ok(db.list_nurture(&filter)?)).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
        Ok(Page {
            items: rows.into_iter().map(|row| nurture_view(&active, row)).collect(),
            next,
        })
    }

    /// How many leads are on each track, by state.
    pub async fn nurture_counts(&self) -> Result<Vec<NurtureCount>, AppError> {
        let rows = self.read(|db| Ok(db.nurture_counts()?)).await?;
        let count = |(track, state, leads)| NurtureCount { track, state, leads };
        Ok(rows.into_iter().map(count).collect())
    }

    /// A message of the agreement's as it would go out to a lead, or to nobody in particular. Nothing is sent.
    pub async fn preview_message(
        &self,
        name: String,
        lead: Option<LeadId>,
    ) -> Result<MessagePreview, AppError> {
        let agreement = Arc::clone(self.shared().active().engine.agreement());
        self.preview_message_of(agreement, name, lead).await
    }

    /// The same of an agreement that needn't be the active one.
    pub async fn preview_message_of(
        &self,
        agreement: Arc<Agreement>,
        name: String,
        lead: Option<LeadId>,
    ) -> Result<MessagePreview, AppError> {
        let active = self.shared().active();
        let link = self
            .public_url()
            .map(|url| format!("{}/u/…", url.trim_end_matches('/')));
        self.read(move |db| {
            let found = agreement.messages.iter().find(|message| message.name == name);
            let Some(message) = found else {
                return Err(AppError::NotFound {
                    what: "message",
                    id: name,
                });
            };
            let known = match lead {
                Some(lead) => known_of(db, &active, lead)?,
                None => Known::default(),
            };
            let owner = known.owner.as_ref().map(|owner| Correspondent {
                name: &owner.name,
                email: &owner.email,
                booking_url: &known.page,
            });
            let is_step = agreement
                .nurture
                .iter()
                .flat_map(|track| &track.steps)
                .any(|step| step.send == message.name);
            let link = link.as_deref().filter(|_| is_step);
            let made = letter(&agreement, message, &known.id, &known.traits, owner, link);
            let made = made.map_err(|error| AppError::Conflict {
                message: error.to_string(),
            })?;
            Ok(MessagePreview {
                subject: made.subject,
                text: made.text,
                html: made.html,
            })
        })
        .await
    }

    /// Who wants no more mail, by address, a page at a time.
    pub async fn unsubscribed(
        &self,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<Unsubscribed>, AppError> {
        let limit = page_limit(limit);
        let after = cursor.unwrap_or_default();
        let mut rows = self
            .read(move |db| Ok(db.list_unsubscribed(&after, limit + 1)?))
            .await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| row.address.clone());
        Ok(Page {
            items: rows.into_iter().map(unsubscribed_view).collect(),
            next,
        })
    }

    /// Whether an address wants no more mail.
    pub async fn unsubscribed_address(&self, address: &str) -> Result<Option<Unsubscribed>, AppError> {
        let address = checked(address)?;
        let row = self.read(move |db| Ok(db.unsubscribed(&address)?)).await?;
        Ok(row.map(unsubscribed_view))
    }

    /// Keeps that an address wants no more mail; whether that is new.
    pub async fn unsubscribe(&self, address: &str, actor: Actor) -> Result<bool, AppError> {
        let (address, at) = (checked(address)?, self.now());
        self.write(move |committer| {
            Ok(Ok(committer.unsubscribe(
                &address,
                "hand",
                &actor.to_string(),
                None,
                at,
            )?))
        })
        .await
    }

    /// An address wants mail after all; whether it didn't before.
    pub async fn resubscribe(&self, address: &str) -> Result<bool, AppError> {
        let address = checked(address)?;
        self.write(move |committer| Ok(Ok(committer.db.delete_unsubscribed(&address)?)))
            .await
    }

    /// What an unsubscribe link leads to; nothing where there is no such link.
    pub async fn unsubscribe_link(&self, token: String) -> Result<Option<UnsubscribeLink>, AppError> {
        self.read(move |db| {
            let Some(address) = db.mail_by_token(&token)?.and_then(|mail| mail.address) else {
                return Ok(None);
            };
            Ok(Some(UnsubscribeLink {
                unsubscribed: db.unsubscribed(&address)?.is_some(),
                address: hidden(&address),
            }))
        })
        .await
    }

    /// Follows an unsubscribe link: no more mail, or mail after all. Whether there is such a link.
    pub async fn follow_unsubscribe_link(
        &self,
        token: String,
        wanted: bool,
        one_click: bool,
    ) -> Result<bool, AppError> {
        let at = self.now();
        self.write(move |committer| {
            let mail = committer.db.mail_by_token(&token)?;
            let Some((id, address)) = mail.and_then(|mail| Some((mail.id, mail.address?))) else {
                return Ok(Ok(false));
            };
            if wanted {
                committer.db.delete_unsubscribed(&address)?;
            } else {
                let how = if one_click { "one_click" } else { "page" };
                committer.unsubscribe(&address, how, BY_LINK, Some(id), at)?;
            }
            Ok(Ok(true))
        })
        .await
    }
}

/// What a message to a lead is made of.
#[derive(Default)]
struct Known {
    id: String,
    traits: Traits,
    owner: Option<bellwether_store::UserRow>,
    /// Where the lead picks a time with its owner.
    page: String,
}

/// What a message to a lead is made of.
fn known_of(db: &Db, active: &AgreementVersion, lead: LeadId) -> Result<Known, AppError> {
    let missing = || AppError::NotFound {
        what: "lead",
        id: lead.to_string(),
    };
    let root = db.root(lead)?.ok_or_else(missing)?;
    let row = db.lead(root)?.ok_or_else(missing)?;
    let history = history::read(db, &active.engine, root)?;
    let now = row.last_seen;
    let traits = history.fold(&active.engine, now).traits.current();
    let owner = row.owner.map(|owner| db.user(owner)).transpose()?.flatten();
    Ok(Known {
        id: root.to_string(),
        traits,
        page: booking_url(db, owner.as_ref(), row.handoff)?,
        owner,
    })
}

/// An address, in lower case.
fn checked(address: &str) -> Result<String, AppError> {
    let known = identity::email(address).map(std::borrow::Cow::into_owned);
    known.ok_or_else(|| AppError::Invalid {
        field: EMAIL,
        message: "that is not an email address; write it as `name@company.example`".to_owned(),
    })
}

/// `a•••@acme.example`: enough for whoever knows the address.
fn hidden(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{domain}")
}

fn nurture_view(active: &AgreementVersion, row: NurtureRow) -> NurtureView {
    let mut tracks = active.engine.agreement().nurture.iter();
    let steps = tracks
        .find(|track| track.name == row.track)
        .and_then(|track| u32::try_from(track.steps.len()).ok());
    NurtureView {
        id: row.id,
        lead: row.lead,
        track: row.track,
        cause: row.cause,
        started_at: row.started_at,
        step: row.step,
        steps,
        next_at: row.next_at,
        state: row.state,
        why: row.why,
        ended_at: row.ended_at,
    }
}

fn mail_view(row: MailRow) -> MailView {
    MailView {
        id: row.id,
        at: row.at,
        kind: row.kind,
        name: row.name,
        step: row.step,
        kept_back: row.kept_back,
    }
}

fn unsubscribed_view(row: UnsubscribedRow) -> Unsubscribed {
    Unsubscribed {
        address: row.address,
        at: row.at,
        how: row.how,
        actor: row.actor,
        message: row.mail,
    }
}

fn number_of(cursor: &str) -> Result<i64, AppError> {
    cursor.parse().map_err(|_| AppError::Invalid {
        field: "cursor",
        message: "the cursor isn't one that a page ended with; leave it out to begin anew".to_owned(),
    })
}
