//! The services that are asked what they know of leads: added, listed, tried and removed.

use std::sync::{Arc, PoisonError, RwLock};

use bellwether_connect::enrich::{
    self, Answer, Enricher, EnricherError, Outcome, SECRET_BYTES_MAX, SendError, Sender,
};
use bellwether_core::domain::{Traits, Value};
pub use bellwether_store::EnricherCounts;
use bellwether_store::{Db, EnricherId, EnricherRow, StoreError};

use crate::identity::EMAIL;
use crate::shared::{Shared, not_committed};
use crate::{App, AppError, history};

/// The longest that an enricher may take for an answer, in seconds, whatever its file says.
pub const ENRICHER_TIMEOUT_S_MAX: u64 = enrich::TIMEOUT_S_MAX;
/// How many enrichers there may be.
const ENRICHERS_MAX: usize = 20;
/// How much of an answer a trial shows, in characters.
const SHOWN_CHARS_MAX: usize = 4_000;

/// A service that is asked what it knows of leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnricherView {
    /// Which.
    pub id: EnricherId,
    /// What it is called.
    pub name: String,
    /// Where it is asked, without what is asked.
    pub address: String,
    /// The fields of a lead that it is told.
    pub asks_with: Vec<String>,
    /// The traits that its answers set.
    pub sets: Vec<String>,
    /// Whether its request names a secret that there isn't, so that it isn't asked.
    pub lacks_secret: bool,
    /// How many requests were made today, by UTC.
    pub requests_today: u32,
    /// How many may be made in a day.
    pub requests_per_day: u32,
    /// What became of all that it was to be asked.
    pub counts: EnricherCounts,
}

/// What an enricher answered when it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnricherTrial {
    /// The request, without its secret.
    pub request: String,
    /// The status of the answer; nothing where there was none.
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub answer: String,
    /// What the answer comes to, in words.
    pub outcome: String,
    /// The traits that it would set.
    pub traits: Traits,
}

/// An enricher that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: EnricherId,
    pub(crate) settings: Enricher,
    pub(crate) secret: Secret,
}

/// An enricher's secret. It is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(Option<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "(secret)" } else { "(none)" })
    }
}

impl Secret {
    /// The one that is given, or else the one in the variable that the file names.
    fn of(settings: &Enricher, given: Option<String>) -> Self {
        let variable = || std::env::var(settings.secret_env.as_deref()?).ok();
        let secret = given.or_else(variable).map(|secret| secret.trim().to_owned());
        Self(secret.filter(|secret| !secret.is_empty()))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Kept {
    fn read(row: EnricherRow) -> Result<Self, EnricherError> {
        let settings = Enricher::parse(&row.source)?;
        Ok(Self {
            id: row.id,
            secret: Secret::of(&settings, row.secret),
            settings,
        })
    }

    /// Whether the request asks for a secret that there isn't.
    pub(crate) fn lacks_secret(&self) -> bool {
        self.settings.needs_secret() && self.secret.text().is_none()
    }
}

/// The enrichers, as the committer and the worker see them.
#[derive(Debug, Default)]
pub(crate) struct Enrichers(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    kept: Arc<Vec<Arc<Kept>>>,
    private_allowed: bool,
}

impl Enrichers {
    /// Reads them at the start.
    pub(crate) fn begin(&self, db: &Db, private_allowed: bool) -> Result<(), StoreError> {
        let kept = load(db)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = State {
            kept,
            private_allowed,
        };
        Ok(())
    }

    /// Those that there are.
    pub(crate) fn kept(&self) -> Arc<Vec<Arc<Kept>>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).kept)
    }

    /// Whether they may be at private addresses.
    pub(crate) fn private_allowed(&self) -> bool {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .private_allowed
    }

    fn set(&self, kept: Arc<Vec<Arc<Kept>>>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).kept = kept;
    }
}

/// The enrichers of the database. One whose file another version of the product wrote, and this one can't read, is left
/// out and said so.
fn load(db: &Db) -> Result<Arc<Vec<Arc<Kept>>>, StoreError> {
    let mut kept = Vec::new();
    for row in db.enrichers()? {
        let name = row.name.clone();
        match Kept::read(row) {
            Ok(enricher) => kept.push(Arc::new(enricher)),
            Err(error) => {
                tracing::error!(enricher.name = %name, %error, "an enricher can't be used; put its file again");
            }
        }
    }
    Ok(Arc::new(kept))
}

impl App {
    /// Adds an enricher by its file, or changes the one of the same name. Without a secret, the one that it has stays, as
    /// long as the address leads to whom it led: a secret isn't told to anybody else.
    pub async fn put_enricher(
        &self,
        source: String,
        secret: Option<String>,
    ) -> Result<EnricherView, AppError> {
        let settings = parse(&source)?;
        let secret = secret.map(|secret| checked_secret(&secret)).transpose()?;
        let (name, at, shared) = (settings.name.clone(), self.now(), Arc::clone(self.shared()));
        let wanted = name.clone();
        let kept = self
            .write(move |committer| {
                let held = committer.db.enrichers()?;
                if held.len() >= ENRICHERS_MAX && !held.iter().any(|row| row.name == name) {
                    let message = format!("there are {ENRICHERS_MAX} enrichers already; remove one first");
                    return Ok(Err(AppError::Conflict { message }));
                }
                let kept = held.iter().find(|row| row.name == name);
                if secret.is_none() && kept.is_some_and(|row| !keeps_secret(row, &settings)) {
                    let message =
                        "the address is another one; give the secret again, or remove the enricher first";
                    return Ok(Err(invalid("secret", message.to_owned())));
                }
                committer.db.put_enricher(&name, &source, secret.as_deref(), at)?;
                Ok(Ok(load(&committer.db)?))
            })
            .await?;
        shared.enrichers.set(kept);
        shared.enrichment.wake();
        let mut views = self.enrichers().await?;
        views.retain(|view| view.name == wanted);
        views.pop().ok_or_else(not_committed)
    }

    /// Removes an enricher; what it answered stays with the leads.
    pub async fn remove_enricher(&self, name: &str) -> Result<(), AppError> {
        let (wanted, shared) = (name.to_owned(), Arc::clone(self.shared()));
        let kept = self
            .write(move |committer| {
                let removed = committer.db.remove_enricher(&wanted)?;
                let missing = || AppError::NotFound {
                    what: "enricher",
                    id: wanted.clone(),
                };
                Ok(if removed {
                    Ok(load(&committer.db)?)
                } else {
                    Err(missing())
                })
            })
            .await?;
        shared.enrichers.set(kept);
        Ok(())
    }

    /// The enrichers, with what became of what they were to be asked.
    pub async fn enrichers(&self) -> Result<Vec<EnricherView>, AppError> {
        let (kept, today) = (self.shared().enrichers.kept(), self.now().day());
        self.read(move |db| {
            let view = |kept: &Arc<Kept>| {
                let settings = &kept.settings;
                Ok(EnricherView {
                    id: kept.id,
                    name: settings.name.clone(),
                    address: settings.address().to_owned(),
                    asks_with: settings.fields().into_iter().map(str::to_owned).collect(),
                    sets: settings.sets().map(str::to_owned).collect(),
                    lacks_secret: kept.lacks_secret(),
                    requests_today: db.requests_made(kept.id, today)?,
                    requests_per_day: settings.limits.requests_per_day,
                    counts: db.enricher_counts(kept.id)?,
                })
            };
            kept.iter().map(view).collect()
        })
        .await
    }

    /// Asks an enricher about somebody, by its name or by a file that isn't kept yet, and shows the request without its
    /// secret, the answer, and the traits that it would set. A secret that is given is used in place of the enricher's own,
    /// and a file never has the one of the enricher that is kept. Nothing is written but that a request was made.
    pub async fn try_enricher(
        &self,
        enricher: String,
        source: Option<String>,
        secret: Option<String>,
        email: &str,
    ) -> Result<EnricherTrial, AppError> {
        let Some(email) = crate::identity::email(email).map(std::borrow::Cow::into_owned) else {
            let message = format!("`{email}` is not an email address; give one like `ana@acme.example`");
            return Err(invalid("email", message));
        };
        let kept = self.shared().enrichers.kept();
        let named = kept.iter().find(|kept| kept.settings.name == enricher).cloned();
        let given = secret.map(|secret| checked_secret(&secret)).transpose()?;
        let (settings, secret) = if let Some(source) = source {
            let settings = parse(&source)?;
            let secret = Secret::of(&settings, given);
            (settings, secret)
        } else {
            let named = named.as_ref().ok_or(AppError::NotFound {
                what: "enricher",
                id: enricher,
            })?;
            let secret = match given {
                Some(given) => Secret(Some(given)),
                None => named.secret.clone(),
            };
            (named.settings.clone(), secret)
        };
        let traits = self.traits_of(email).await?;
        let key = enrich::key_of(&settings, &traits).ok_or_else(|| {
            let wanted: Vec<&str> = settings.fields().into_iter().collect();
            invalid(
                "email",
                format!(
                    "the request needs `{}`, of which nothing that can be asked with is known for this address",
                    wanted.join("`, `")
                ),
            )
        })?;
        let request =
            enrich::plan(&settings, secret.text(), &key).ok_or_else(|| missing_secret(&settings))?;
        if let Some(named) = named {
            let (day, shared) = (self.now().day(), named.id);
            self.write(move |committer| Ok(Ok(committer.db.spend_requests(shared, day, 1, u32::MAX)?)))
                .await?;
        }
        let sender = Sender::new(self.shared().enrichers.private_allowed());
        let (sent, limits) = (request.clone(), settings.limits);
        let answered = tokio::task::spawn_blocking(move || sender.send(&sent, &limits));
        let answered = answered.await.map_err(|_| not_committed())?;
        Ok(trial(&settings, &request, answered, self.shared()))
    }

    /// What is known of whoever has an address; the address alone where nobody has it.
    async fn traits_of(&self, email: String) -> Result<Traits, AppError> {
        let active = self.shared().active();
        let now = self.now();
        self.read(move |db| {
            let mut traits = match db.key_holder(EMAIL, &email)? {
                Some(holder) => history::read(db, &active.engine, holder.lead)?
                    .fold(&active.engine, now)
                    .traits
                    .current(),
                None => Traits::new(),
            };
            traits.insert(EMAIL.to_owned(), Value::Text(email));
            Ok(traits)
        })
        .await
    }
}

fn trial(
    settings: &Enricher,
    request: &enrich::Request,
    answered: Result<Answer, SendError>,
    shared: &Shared,
) -> EnricherTrial {
    let mut trial = EnricherTrial {
        request: request.to_string(),
        status: None,
        answer: String::new(),
        outcome: String::new(),
        traits: Traits::new(),
    };
    match answered {
        Err(error) => trial.outcome = error.to_string(),
        Ok(answer) => {
            trial.status = Some(answer.status);
            let text = request.hide(&String::from_utf8_lossy(&answer.body));
            let plain = text
                .chars()
                .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
            trial.answer = plain.take(SHOWN_CHARS_MAX).collect();
            trial.outcome = match settings.read(&answer, shared.clock.now()) {
                Outcome::Known(traits) => {
                    trial.traits = traits;
                    "known".to_owned()
                }
                Outcome::Unknown => "nothing is known".to_owned(),
                Outcome::Later { why, .. } => format!("{why}; it would be asked again"),
                Outcome::Refused(why) => {
                    format!("{why}: the secret isn't good, or what was paid for is used up")
                }
                Outcome::Never(why) => format!("{why}: it can't be asked this"),
            };
        }
    }
    trial
}

/// Whether a kept secret, where there is one, may stay with another file.
fn keeps_secret(row: &EnricherRow, settings: &Enricher) -> bool {
    row.secret.is_none() || Enricher::parse(&row.source).is_ok_and(|before| before.asks_the_same_as(settings))
}

fn parse(source: &str) -> Result<Enricher, AppError> {
    Enricher::parse(source).map_err(|error| invalid("source", error.to_string()))
}

fn invalid(field: &'static str, message: String) -> AppError {
    AppError::Invalid { field, message }
}

fn missing_secret(settings: &Enricher) -> AppError {
    let place = settings.secret_env.as_ref().map_or_else(
        || "give it with the file".to_owned(),
        |name| format!("set `{name}` in the server's environment, or give it with the file"),
    );
    invalid(
        "secret",
        format!("the request names a secret, and there is none; {place}"),
    )
}

fn checked_secret(secret: &str) -> Result<String, AppError> {
    let trimmed = secret.trim();
    if trimmed.is_empty() || trimmed.len() > SECRET_BYTES_MAX || trimmed.contains(char::is_control) {
        let message = format!("a secret is 1 to {SECRET_BYTES_MAX} bytes of text on one line");
        return Err(invalid("secret", message));
    }
    Ok(trimmed.to_owned())
}
