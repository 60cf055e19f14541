//! The use cases: facts are accepted, scored and handed off in one transaction; handoffs are decided; agreements are
//! published. Workers deliver what the transactions promised.

mod clock;
mod error;
mod facts;
mod views;

use std::path::PathBuf;
use std::sync::Arc;

use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
pub use bellwether_store::{AccountId, DestinationId, HandoffId, KeyId, LeadId, SourceId, UserId};
use tokio::sync::broadcast;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use error::AppError;
pub use facts::{AcceptError, FactBody, IncomingFact, Keys, Receipt, Submission};
pub use views::*;

/// What an [`App`] needs to run.
pub struct Options {
    /// The directory that holds the database; made where it is missing.
    pub data_dir: PathBuf,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives unguessable bytes.
    pub entropy: Arc<dyn Entropy>,
    /// The agreement to begin with, where the database holds none.
    pub agreement_if_none: String,
    /// How many facts may wait to be taken before callers are told to come again.
    pub queue_facts_max: usize,
    /// How many leads' states are kept in memory.
    pub lead_states_max: usize,
    /// Whether webhooks may go to addresses of this machine and its private networks.
    pub webhooks_to_private_addresses: bool,
}

/// A version of the agreement.
#[derive(Debug, Clone)]
pub struct AgreementVersion {
    /// Its number, from 1.
    pub version: u32,
    /// The SHA-256 of its source, in hex.
    pub hash: String,
    /// The file as it was given.
    pub source: String,
    /// Since when it is active.
    pub activated_at: Timestamp,
    /// Who published it.
    pub by: String,
    /// The same, compiled.
    pub engine: Arc<Engine>,
}

/// The product at work on one database. Cloning is cheap; the last clone that goes away stops the workers.
#[derive(Clone)]
pub struct App;

#[expect(clippy::unused_async, reason = "bodies follow")]
impl App {
    /// Opens the database, making it where there is none, and starts the workers.
    pub fn open(options: Options) -> Result<Self, AppError> {
        let _ = options;
        Err(later())
    }

    /// Takes facts. When this resolves they are durable, scored, and whoever qualified by them has an owner.
    pub async fn accept(&self, _submission: Submission) -> Result<Receipt, AcceptError> {
        Err(AcceptError::Unavailable)
    }

    /// Whether facts are taken just now.
    pub fn is_ready(&self) -> bool {
        false
    }

    /// Leads, a page at a time.
    pub async fn leads(&self, _query: LeadQuery) -> Result<Page<LeadSummary>, AppError> {
        Err(later())
    }

    /// One lead, with its scores as of `now`.
    pub async fn lead(&self, _id: LeadId, _now: Timestamp) -> Result<Option<LeadDetail>, AppError> {
        Err(later())
    }

    /// More of a lead's facts, latest first.
    pub async fn lead_events(
        &self,
        _id: LeadId,
        _cursor: Option<String>,
        _limit: u32,
    ) -> Result<Page<TimelineEvent>, AppError> {
        Err(later())
    }

    /// The lead that is known by an id; `kind` is `anonymous_id`, `user_id`, `email`, or the kind of an external id.
    pub async fn lead_by_key(&self, _kind: &str, _value: &str) -> Result<Option<LeadId>, AppError> {
        Err(later())
    }

    /// Handoffs, a page at a time.
    pub async fn handoffs(&self, _query: HandoffQuery) -> Result<Page<HandoffSummary>, AppError> {
        Err(later())
    }

    /// One handoff.
    pub async fn handoff(&self, _id: HandoffId) -> Result<Option<HandoffDetail>, AppError> {
        Err(later())
    }

    /// The agreement that is active.
    pub async fn active_agreement(&self) -> Result<AgreementVersion, AppError> {
        Err(later())
    }

    /// Warnings, those that came last first.
    pub async fn findings(&self, _limit: u32) -> Result<Vec<Finding>, AppError> {
        Err(later())
    }

    /// How much there is of everything.
    pub async fn counts(&self) -> Result<Counts, AppError> {
        Err(later())
    }

    /// Sales takes a lead.
    pub async fn accept_handoff(&self, _id: HandoffId, _actor: Actor) -> Result<HandoffDetail, AppError> {
        Err(later())
    }

    /// Sales sends a lead back, for one of the agreement's reasons.
    pub async fn reject_handoff(
        &self,
        _id: HandoffId,
        _reason: String,
        _note: Option<String>,
        _actor: Actor,
    ) -> Result<HandoffDetail, AppError> {
        Err(later())
    }

    /// Checks an agreement and, if it is good, makes it the active one; [`AppError::Conflict`] where
    /// `expected_version` isn't the active one any more.
    pub async fn put_agreement(
        &self,
        _source: String,
        _expected_version: Option<u32>,
        _actor: Actor,
    ) -> Result<AgreementVersion, AppError> {
        Err(later())
    }

    /// Signs somebody in; `None` where the email or the password is wrong, or there were too many attempts.
    pub async fn sign_in(&self, _email: &str, _password: &str) -> Result<Option<Session>, AppError> {
        Err(later())
    }

    /// Whose session a token is.
    pub async fn session(&self, _token: &str) -> Result<Option<User>, AppError> {
        Err(later())
    }

    /// Ends a session.
    pub async fn sign_out(&self, _token: &str) -> Result<(), AppError> {
        Err(later())
    }

    /// The key that was presented, where it is one of that class.
    pub async fn check_key(&self, _presented: &str, _class: KeyClass) -> Result<Option<ApiKey>, AppError> {
        Err(later())
    }

    /// Makes a key; the text is shown this once.
    pub async fn create_key(&self, _class: KeyClass, _name: &str) -> Result<(ApiKey, String), AppError> {
        Err(later())
    }

    /// The keys that there are.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, AppError> {
        Err(later())
    }

    /// Adds somebody who signs in.
    pub async fn create_user(
        &self,
        _name: &str,
        _email: &str,
        _password: &str,
        _role: Role,
    ) -> Result<User, AppError> {
        Err(later())
    }

    /// Those who sign in.
    pub async fn users(&self) -> Result<Vec<User>, AppError> {
        Err(later())
    }

    /// Puts somebody on a team that routes name.
    pub async fn add_member(&self, _team: &str, _user: UserId, _weight: u32) -> Result<(), AppError> {
        Err(later())
    }

    /// Delivers `lead.qualified` to an address, signed with a secret of the form `whsec_…`; without one, a new secret
    /// is made. The secret is in the answer this once.
    pub async fn set_webhook(
        &self,
        _url: &str,
        _secret: Option<String>,
    ) -> Result<(WebhookView, String), AppError> {
        Err(later())
    }

    /// Tells of changes as they are committed, for pages that follow them.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        broadcast::channel(1).1
    }
}

fn later() -> AppError {
    AppError::Unavailable("not open".to_owned())
}
