//! What may be asked of the process that holds a data directory, and what it answers: JSON, one line each way. Only
//! this program speaks it, with itself, so both ends are always of one machine.

use serde::{Deserialize, Serialize};

/// Something to be done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Make an API key.
    CreateKey {
        /// Whether it is an admin key; else it is a write key.
        admin: bool,
        /// What it is called.
        name: String,
        /// As whom its traits are believed.
        speaks_as: String,
    },
    /// List the API keys.
    Keys,
    /// Make an API key useless.
    RevokeKey {
        /// Its number.
        id: i64,
    },
    /// Add somebody who signs in.
    AddUser {
        /// Their name.
        name: String,
        /// Their address.
        email: String,
        /// Their password.
        password: String,
        /// `sales`, `marketing` or `admin`.
        role: String,
        /// The teams that they are put on.
        teams: Vec<String>,
    },
    /// List those who sign in.
    Users,
    /// List the teams and who is on them.
    Teams,
    /// Put somebody on a team.
    AddMember {
        /// The team.
        team: String,
        /// Their address.
        email: String,
        /// Their share beside the others'.
        weight: u32,
    },
    /// Something about teams and their people.
    Desk(super::desk::DeskRequest),
    /// Deliver to an address from now on.
    SetWebhook {
        /// The address.
        url: String,
    },
    /// List where messages are delivered to.
    Webhooks,
    /// List the events that are held apart, those that came last first.
    Suspects {
        /// Only those that this rule holds.
        rule: Option<String>,
        /// Only those of this lead.
        lead: Option<i64>,
    },
    /// Release one event that is held, or those of a lead.
    Release {
        /// The event.
        event: Option<i64>,
        /// The lead.
        lead: Option<i64>,
        /// Of the lead's events only those that this rule holds.
        rule: Option<String>,
    },
    /// Add or change an enricher.
    PutEnricher {
        /// Its file's text.
        source: String,
        /// Its secret, where that is given.
        secret: Option<String>,
    },
    /// List the enrichers.
    Enrichers,
    /// Remove an enricher.
    RemoveEnricher {
        /// Its name.
        name: String,
    },
    /// Ask an enricher about somebody, and change nothing.
    TryEnricher {
        /// Its name.
        name: String,
        /// Its file's text, where it isn't kept yet.
        source: Option<String>,
        /// Its secret, where that is given.
        secret: Option<String>,
        /// The address to ask about.
        email: String,
    },
    /// Something about destinations of messages.
    Destination(DestinationRequest),
    /// Show what moving leads would come to, or move them.
    MoveLeads(MoveArgs),
    /// Take what a scheduling tool sends from now on.
    SetInbound {
        /// `calendly` or `chili-piper`.
        tool: String,
        /// What the source is called.
        source: String,
        /// By what its messages are known.
        secret: String,
    },
    /// List the sources of meetings.
    Inbound,
    /// Take nothing more from a source of meetings.
    RemoveInbound {
        /// `calendly` or `chili-piper`.
        tool: String,
        /// What the source is called.
        source: String,
    },
    /// Something about messages to leads.
    Mail(MailRequest),
    /// Something about the agreement.
    Agreement(super::agreements::AgreementRequest),
    /// Keep that an import begins.
    BeginImport {
        /// `leads`, `events`, `accounts` or `outcomes`.
        kind: String,
        /// What the file is called.
        file: String,
        /// Whether nothing is written.
        dry_run: bool,
    },
    /// Take rows.
    ImportRows {
        /// Them.
        rows: Vec<serde_json::Value>,
        /// Who is taken to say the traits in them.
        speaker: String,
        /// Whether leads that reach the line are handed off.
        hand_off: bool,
        /// When the import began, in milliseconds since 1970.
        started_at: i64,
    },
    /// Look at what would become of rows.
    CheckRows {
        /// Them.
        rows: Vec<serde_json::Value>,
    },
    /// Keep how far an import is.
    NoteImport {
        /// Its number.
        id: i64,
        /// What became of its rows so far.
        counts: serde_json::Value,
        /// Rows that were left out: line, reason and cells.
        rejects: Vec<(u64, String, Vec<String>)>,
        /// At the end, whether all went well.
        ended: Option<Result<(), String>>,
    },
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowDone {
    /// It made something that wasn't there.
    New,
    /// It was about something that was there.
    Updated,
    /// It was taken before.
    AlreadyThere,
    /// It couldn't be taken, and why.
    Rejected(String),
}

/// What would become of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckedRow {
    /// The hash of its fact, whether it was taken before, and whether it is about something that is there.
    Read(Option<(i64, i64)>, bool, bool),
    /// It can't be taken, and why.
    Refused(String),
}

impl std::fmt::Debug for Request {
    /// Passwords and secrets go this way, so that what is asked isn't shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}

/// Which leads to move, how, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MoveArgs {
    /// `accept`, `reject`, `disqualify` or `override`.
    pub(crate) by: String,
    /// The stage of an override.
    pub(crate) to: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// These leads.
    pub(crate) leads: Vec<i64>,
    /// Else those at this stage,
    pub(crate) stage: Option<String>,
    /// of whoever signs in by this address,
    pub(crate) owner: Option<String>,
    /// of this account,
    pub(crate) account: Option<i64>,
    /// and whose name, email or company contains this.
    pub(crate) search: Option<String>,
    /// What the preview gave; only shown without it.
    pub(crate) token: Option<String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Done {
    /// A key was made; its secret is shown this once.
    Key {
        /// Its number.
        id: i64,
        /// The whole key.
        secret: String,
    },
    /// Something was listed, each row with its cells.
    Rows(Vec<Vec<String>>),
    /// Teams were listed.
    Teams(Vec<TeamMember>),
    /// A webhook was set; its secret is shown this once.
    Webhook {
        /// What its messages are signed with.
        secret: String,
    },
    /// An enricher was put.
    Enricher {
        /// Its name.
        name: String,
        /// Whether its request names a secret that there isn't.
        lacks_secret: bool,
    },
    /// An enricher was asked.
    Tried(Trial),
    /// A destination was put.
    Destination {
        /// Its name.
        name: String,
        /// Whether its secret isn't there.
        lacks_secret: bool,
        /// The secret that was made for it.
        secret: Option<String>,
    },
    /// A destination was tried.
    TriedDestination {
        /// Why the message didn't arrive.
        error: Option<String>,
    },
    /// Something to be shown as it is.
    Text(String),
    /// How many.
    Counted(u64),
    /// The active agreement.
    Agreement {
        /// Its number.
        version: u32,
        /// Since when it is active.
        activated_at: String,
        /// Who published it.
        by: String,
        /// On what it stands, in words.
        basis: String,
        /// The file's text.
        source: String,
    },
    /// An agreement is active.
    Published {
        /// Its number.
        version: u32,
        /// On what it stands, in words.
        basis: String,
    },
    /// Whom the active version would newly hand off, each with their cells.
    NewlyQualified {
        /// Leads that are still to be judged anew.
        left: u64,
        /// Leads that wait to be confirmed.
        waiting: u64,
        /// The first of the list.
        rows: Vec<Vec<String>>,
    },
    /// An import begins.
    Import {
        /// Its number.
        id: i64,
        /// When it began, in milliseconds since 1970.
        started_at: i64,
    },
    /// What became of rows.
    Rowed(Vec<RowDone>),
    /// What would become of rows.
    CheckedRows(Vec<CheckedRow>),
    /// How far an import is was kept.
    Noted {
        /// At the end, how many leads reached the line by it.
        would_qualify: Option<u64>,
    },
    /// So many held events were released.
    Released {
        /// How many.
        events: u64,
    },
    /// What becomes of many leads, each with its cells.
    Moves {
        /// What the deed asks for, where they weren't moved yet.
        token: Option<String>,
        /// The leads.
        rows: Vec<Vec<String>>,
    },
    /// It was done, and there is nothing more to say.
    Nothing,
    /// The agreement has problems; nothing was changed.
    Problems,
}

/// What an enricher was asked, and what it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    /// The request, without its secret.
    pub(crate) request: String,
    /// The answer's status, where there was one.
    pub(crate) status: Option<u16>,
    /// The beginning of the answer.
    pub(crate) answer: String,
    /// What it comes to, in words.
    pub(crate) outcome: String,
    /// The traits that it would set, each with its value in words.
    pub(crate) traits: Vec<(String, String)>,
}

/// Somebody on a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TeamMember {
    /// The team.
    pub(crate) team: String,
    /// Their name; nothing where the team has nobody.
    pub(crate) member: Option<String>,
    /// Their share beside the others'.
    pub(crate) weight: u32,
}

/// Something to be done about destinations of messages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DestinationRequest {
    /// Add or change one.
    Put {
        /// Its file's text.
        source: String,
        /// Its secret, where that is given.
        secret: Option<String>,
        /// Its signing secret, where that is given.
        signing_secret: Option<String>,
    },
    /// List them.
    List,
    /// Remove one.
    Remove {
        /// Its name.
        name: String,
    },
    /// Send one a notice.
    Test {
        /// Its name.
        name: String,
        /// Whom a mail goes to.
        to: Option<String>,
    },
    /// Show what one would be sent.
    Preview {
        /// Its name.
        name: String,
        /// Of which handoff.
        handoff: i64,
    },
    /// List the messages that were given up.
    Dead,
    /// Send such a message again, or all of them.
    Replay {
        /// Which; nothing is all.
        id: Option<i64>,
    },
}

/// Something about messages to leads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MailRequest {
    /// List who wants no more mail.
    Unsubscribed,
    /// Somebody wants no more mail.
    Unsubscribe {
        /// Their address.
        address: String,
    },
    /// Somebody wants mail after all.
    Resubscribe {
        /// Their address.
        address: String,
    },
    /// Show a message of an agreement as it would go out to a lead.
    Preview {
        /// The agreement's text.
        source: String,
        /// The message's name.
        name: String,
        /// The lead's number.
        lead: i64,
    },
}
