//! Facts as they come in, whatever wire brought them.

use bellwether_connect::companies::Company;
use bellwether_core::domain::{Event, Timestamp, TraitSource, Traits};
use bellwether_store::SourceId;

/// What one caller brings in one go.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The write key that it came by.
    pub source: SourceId,
    /// Who says the traits in it.
    pub speaker: TraitSource,
    /// When it came. Every decision that follows bears this time.
    pub received_at: Timestamp,
    /// The facts, in the caller's order.
    pub facts: Vec<IncomingFact>,
    /// What couldn't be made a fact of, or only in part. It is listed with the other warnings, in the same transaction;
    /// none for most.
    pub findings: Vec<Noted>,
}

/// Something that was refused, dropped or doubtful, and how many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// What kind of thing happened.
    pub kind: NotedKind,
    /// What it is about; the first 60 characters are kept.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// How many times.
    pub count: u64,
}

/// What happened to something that came in, before it was a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotedKind {
    /// One event of a request couldn't be used; counted among the facts that were refused.
    RefusedEvent,
    /// A value was left out of an event that was kept.
    DroppedValue,
    /// An event came without a message id, so that sending it twice counts twice.
    NoMessageId,
    /// Nothing of a request was taken.
    RefusedRequest,
}

impl NotedKind {
    /// The kind's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefusedEvent => "refused_event",
            Self::DroppedValue => "dropped_value",
            Self::NoMessageId => "no_message_id",
            Self::RefusedRequest => "refused_request",
        }
    }
}

/// One fact about somebody.
#[derive(Debug, Clone)]
pub struct IncomingFact {
    /// By which a fact that is sent twice is known; unique within its source.
    pub message_id: String,
    /// When it happened: `received - (sentAt - originalTimestamp)`. An [`Event`] in the body has the same.
    pub ts: Timestamp,
    /// When the sender's clock says that it happened.
    pub original_at: Option<Timestamp>,
    /// When the sender's clock says that it was sent.
    pub sent_at: Option<Timestamp>,
    /// Whom it is about.
    pub keys: Keys,
    /// The company whose network it came from, where that is known; it names the account where nothing better does.
    pub seen_from: Option<Company>,
    /// Traits that came beside an event (Segment's `context.traits`); empty for most.
    pub context_traits: Traits,
    /// What it says.
    pub body: FactBody,
}

/// By what somebody is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// A browser's or device's own id.
    pub anonymous_id: Option<String>,
    /// The id that the sender's own system gives them.
    pub user_id: Option<String>,
    /// Their email address. The one among the traits of an identify call counts too, without being repeated here.
    pub email: Option<String>,
    /// Ids in other systems, as kind and value, such as `salesforce` and `00Q…`.
    pub external_ids: Vec<(String, String)>,
}

/// What a fact says.
#[derive(Debug, Clone)]
pub enum FactBody {
    /// They did something.
    Event(Event),
    /// Who they are.
    Identify(Traits),
    /// Which company they belong to.
    Group {
        /// The company's id.
        group_id: String,
        /// What is known of the company.
        traits: Traits,
    },
    /// They were known by another id before.
    Alias {
        /// That id: a user id or an anonymous one.
        previous_id: String,
    },
}

/// What became of a submission, once it is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// How many facts were taken.
    pub accepted: u32,
    /// How many had been taken before.
    pub duplicates: u32,
    /// Those that couldn't be taken, by their place in the submission, and why.
    pub refused: Vec<(usize, String)>,
}

/// Why a submission wasn't taken. Nothing of it was kept; the caller sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// More is waiting than the queue may hold.
    #[error("the queue is full; send it again in {retry_after_s} s")]
    Busy {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// The store can't take it now.
    #[error("the store doesn't take anything just now")]
    Unavailable,
}
