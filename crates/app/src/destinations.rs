//! Where messages go: destinations are added, listed and removed.

use std::sync::{Arc, PoisonError, RwLock};

use bellwether_connect::destination::{Destination, DestinationError, Kind, SECRET_BYTES_MAX};
use bellwether_connect::webhook;
use bellwether_store::{Db, DestinationId, DestinationRow, StoreError};

use crate::shared::Shared;
use crate::{App, AppError, WebhookView, people};

/// How many destinations there may be.
const DESTINATIONS_MAX: usize = 20;
/// What `bellwether webhook set` names its destination.
const WEBHOOK: &str = "webhook";

/// A destination, and how it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationView {
    /// Which.
    pub id: DestinationId,
    /// What it is called.
    pub name: String,
    /// `webhook`, `slack` or `smtp`.
    pub kind: &'static str,
    /// Where it is, without what nobody else may know.
    pub address: String,
    /// The patterns of the events that it is told.
    pub events: Vec<String>,
    /// How many messages it is sent in a minute.
    pub rate_per_minute: u32,
    /// Whether it is sent anything, by its file.
    pub active: bool,
    /// Why it isn't sent anything though its file says so.
    pub off_reason: Option<String>,
    /// Whether a secret is missing, so that nothing can be sent.
    pub lacks_secret: bool,
    /// Whether calls are held off after failures: `closed` means that they aren't, `open` that they are, `half_open` that
    /// one is tried.
    pub breaker: &'static str,
    /// How many messages wait for it.
    pub waiting: u64,
    /// How many messages to it were given up.
    pub dead: u64,
    /// Why the last message that hasn't arrived didn't.
    pub last_error: Option<String>,
}

/// A destination that is kept.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) id: DestinationId,
    pub(crate) settings: Destination,
    pub(crate) secret: Option<String>,
    pub(crate) signing_secret: Option<String>,
    pub(crate) off_reason: Option<String>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept")
            .field("id", &self.id)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Kept {
    fn read(row: DestinationRow) -> Result<Self, DestinationError> {
        Ok(Self {
            id: row.id,
            settings: Destination::parse(&row.source)?,
            secret: row.secret,
            signing_secret: row.signing_secret,
            off_reason: row.off_reason,
        })
    }

    /// Whether messages are made for it and sent.
    pub(crate) fn is_on(&self) -> bool {
        self.settings.active && self.off_reason.is_none()
    }

    /// Whether messages to it can't be made since a secret isn't there.
    pub(crate) fn lacks_secret(&self) -> bool {
        self.settings.needs_secret() && self.secret.is_none()
    }
}

/// Destinations as one reading found them.
pub(crate) type Found = Arc<Vec<Arc<Kept>>>;

/// The destinations, as the workers see them.
#[derive(Debug, Default)]
pub(crate) struct Destinations(RwLock<Found>);

impl Destinations {
    /// Those that there are.
    pub(crate) fn kept(&self) -> Found {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one of a name.
    pub(crate) fn named(&self, name: &str) -> Option<Arc<Kept>> {
        self.kept()
            .iter()
            .find(|kept| kept.settings.name == name)
            .cloned()
    }

    pub(crate) fn set(&self, found: Found) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

/// The destinations of the database. One whose file another version of the product wrote, and this one can't read, is
/// left out and said so.
pub(crate) fn load(db: &Db) -> Result<Found, StoreError> {
    let mut found = Vec::new();
    for row in db.destinations()? {
        let name = row.name.clone();
        match Kept::read(row) {
            Ok(kept) => found.push(Arc::new(kept)),
            Err(error) => {
                tracing::error!(destination.name = %name, %error, "a destination can't be used; put its file again");
            }
        }
    }
    Ok(Arc::new(found))
}

/// A destination's file and secrets, as they are given.
#[derive(Clone, Default)]
pub struct NewDestination {
    /// The file.
    pub source: String,
    /// What messages are signed with, or what lets us in; without one, the one that it has stays, as long as it is at the
    /// same place.
    pub secret: Option<String>,
    /// By which requests from there are known: Slack's signing secret.
    pub signing_secret: Option<String>,
}

impl std::fmt::Debug for NewDestination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewDestination").finish_non_exhaustive()
    }
}

impl App {
    /// Adds a destination by its file, or changes the one of the same name. A webhook without a secret is given a new one,
    /// which is in the answer this once.
    pub async fn put_destination(
        &self,
        wanted: NewDestination,
    ) -> Result<(DestinationView, Option<String>), AppError> {
        let settings = parse(&wanted.source)?;
        let is_webhook = matches!(settings.kind, Kind::Webhook { .. });
        let secret = wanted.secret.map(|secret| checked(&secret, is_webhook));
        let signing = wanted.signing_secret.map(|secret| checked(&secret, false));
        let (secret, signing) = (secret.transpose()?, signing.transpose()?);
        let made = webhook::secret_text(&people::random::<32>(self.shared())?);
        let (name, source, at) = (settings.name.clone(), wanted.source, self.now());
        let (found, shown) = self
            .write(move |committer| {
                let held = load(&committer.db)?;
                let kept = held.iter().find(|kept| kept.settings.name == settings.name);
                if kept.is_none() && held.len() >= DESTINATIONS_MAX {
                    let message =
                        format!("there are {DESTINATIONS_MAX} destinations already; remove one first");
                    return Ok(Err(AppError::Conflict { message }));
                }
                let moved = kept.is_some_and(|kept| !settings.is_the_same_as(&kept.settings));
                let kept_secret = kept.is_some_and(|kept| kept.secret.is_some());
                if moved && kept_secret && secret.is_none() {
                    let message =
                        "it is at another place; give the secret again, or remove the destination first";
                    return Ok(Err(invalid("secret", message)));
                }
                let shown = (is_webhook && secret.is_none() && !kept_secret).then_some(made);
                let secret = secret.as_deref().or(shown.as_deref());
                let db = &committer.db;
                db.put_destination(&settings.name, &source, secret, signing.as_deref(), at)?;
                committer.forget_destinations();
                Ok(Ok((load(&committer.db)?, shown)))
            })
            .await?;
        self.shared().tell_lanes(found);
        Ok((self.destination_there(&name).await?, shown))
    }

    /// Delivers to an address, signed with a secret of the form `whsec_…`; without one, a new secret is made. The secret is
    /// in the answer this once. It is a destination named `webhook`, that takes every event.
    pub async fn set_webhook(
        &self,
        url: &str,
        secret: Option<String>,
    ) -> Result<(WebhookView, String), AppError> {
        webhook::check_url(url).map_err(|error| invalid("url", &error.to_string()))?;
        let secret = match secret {
            Some(secret) => secret,
            None => webhook::secret_text(&people::random::<32>(self.shared())?),
        };
        let quoted = serde_json::to_string(url).unwrap_or_default();
        let wanted = NewDestination {
            source: format!("name = \"{WEBHOOK}\"\nkind = \"webhook\"\nurl = {quoted}\n"),
            secret: Some(secret.clone()),
            signing_secret: None,
        };
        let (view, _) = self.put_destination(wanted).await?;
        let url = url.to_owned();
        Ok((WebhookView { id: view.id, url }, secret))
    }

    /// Removes a destination; what waits for it is given up.
    pub async fn remove_destination(&self, name: &str) -> Result<(), AppError> {
        let (wanted, at) = (name.to_owned(), self.now());
        let found = self
            .write(move |committer| {
                let removed = committer.db.remove_destination(&wanted, at)?;
                committer.forget_destinations();
                let missing = || not_there(&wanted);
                Ok(if removed {
                    Ok(load(&committer.db)?)
                } else {
                    Err(missing())
                })
            })
            .await?;
        self.shared().tell_lanes(found);
        Ok(())
    }

    /// The destinations, and how they do.
    pub async fn destinations(&self) -> Result<Vec<DestinationView>, AppError> {
        let shared = Arc::clone(self.shared());
        self.read(move |db| {
            let found = load(db)?;
            found.iter().map(|kept| view(db, &shared, kept)).collect()
        })
        .await
    }

    async fn destination_there(&self, name: &str) -> Result<DestinationView, AppError> {
        let mut views = self.destinations().await?;
        views.retain(|view| view.name == name);
        views.pop().ok_or_else(|| not_there(name))
    }
}

fn view(db: &Db, shared: &Shared, kept: &Kept) -> Result<DestinationView, AppError> {
    let settings = &kept.settings;
    let (waiting, dead) = db.destination_counts(kept.id)?;
    Ok(DestinationView {
        id: kept.id,
        name: settings.name.clone(),
        kind: settings.kind_name(),
        address: settings.address(),
        events: settings.events().map(str::to_owned).collect(),
        rate_per_minute: settings.rate_per_minute,
        active: settings.active,
        off_reason: kept.off_reason.clone(),
        lacks_secret: kept.lacks_secret(),
        breaker: shared.outbox.state(kept.id),
        waiting,
        dead,
        last_error: db.last_delivery_error(kept.id)?,
    })
}

pub(crate) fn not_there(name: &str) -> AppError {
    AppError::NotFound {
        what: "destination",
        id: name.to_owned(),
    }
}

fn parse(source: &str) -> Result<Destination, AppError> {
    Destination::parse(source).map_err(|error| invalid("source", &error.to_string()))
}

fn invalid(field: &'static str, message: &str) -> AppError {
    let message = message.to_owned();
    AppError::Invalid { field, message }
}

fn checked(secret: &str, signs: bool) -> Result<String, AppError> {
    let trimmed = secret.trim();
    if trimmed.is_empty() || trimmed.len() > SECRET_BYTES_MAX || trimmed.contains(char::is_control) {
        let message = format!("a secret is 1 to {SECRET_BYTES_MAX} bytes of text on one line");
        return Err(invalid("secret", &message));
    }
    if signs {
        webhook::secret_bytes(trimmed).map_err(|error| invalid("secret", &error.to_string()))?;
    }
    Ok(trimmed.to_owned())
}
