//! A world for the tests: a clock that stands still until it is moved, bytes that are drawn in order, a small agreement.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bellwether_app::{
    Actor, AgreementVersion, App, Clock, Entropy, FactBody, IncomingFact, Keys, LeadDetail, LeadId, Options,
    Receipt, Role, SourceId, Submission, UserId,
};
use bellwether_core::domain::{Event, EventKind, Properties, Timestamp, TraitSource, Traits, Value};

/// Fit by title, intent by pages and demo requests; 50 points qualify, a demo request does at once.
pub(crate) const AGREEMENT: &str = r#"
[agreement]
name = "Tests"
timezone = "UTC"

[[fit]]
name = "Seniority"
when = { title = "VP*" }
points = 20

[[intent]]
name = "Demo"
level = "high"
on = "Demo Requested"
points = 40
max = 1

[[intent]]
name = "Pricing"
level = "medium"
on = { page = "/pricing*" }
points = 10
max = 4
decay = { half_life = "30d" }

[[intent]]
name = "Big file"
level = "low"
on = { event = "Asset Downloaded", size = { min = 10 } }
points = 5
once_per = "1d"
expires = "90d"

[qualify]
score = 50
fit = 10
intent = 20
fast = ["Demo Requested"]

[[disqualify]]
name = "Competitor"
when = { domain = "rival.example" }

[grades]
fit = { A = 20, B = 10 }
intent = { 1 = 40, 2 = 20 }

[handoff]
task = "Follow up with {{ lead.name }}"
priority = "high"

[[route]]
name = "Everyone"
team = "sdr"
pick = "round_robin"

[[sla]]
name = "Demo request"
when = { trigger = "Demo Requested" }
first_contact = "5m"

[[sla]]
name = "Standard"
first_contact = "24h"

[[rejection]]
reason = "Timing not right"
again = "90d"

[[rejection]]
reason = "No budget"
"#;

/// When the tests begin: 2026-06-01.
pub(crate) const START_MS: i64 = 1_780_272_000_000;
/// A minute.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// A day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A clock that stands still until it is moved.
pub(crate) struct StillClock(AtomicI64);

impl StillClock {
    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

/// The product on a folder, at a time, with random bytes that begin somewhere.
pub(crate) fn open(
    folder: &Path,
    agreement: &str,
    ms: i64,
    bytes_from: u64,
    change: impl FnOnce(&mut Options),
) -> (App, Arc<StillClock>) {
    let clock = Arc::new(StillClock(AtomicI64::new(ms)));
    let mut options = Options::new(folder.to_owned(), agreement.to_owned());
    options.clock = Arc::<StillClock>::clone(&clock);
    options.entropy = Arc::new(Counting(AtomicU64::new(bytes_from)));
    change(&mut options);
    (App::open(options).unwrap(), clock)
}

/// Bytes that count up.
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> bool {
        for chunk in bytes.chunks_mut(8) {
            let next = self
                .0
                .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst)
                .to_le_bytes();
            chunk.copy_from_slice(&next[..chunk.len()]);
        }
        true
    }
}

/// An app on a directory of its own.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Arc<StillClock>,
    pub(crate) directory: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(AGREEMENT, |_| {})
    }

    pub(crate) fn with(agreement: &str, change: impl FnOnce(&mut Options)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (app, clock) = open(directory.path(), agreement, START_MS, 1, change);
        Self {
            app,
            clock,
            directory,
        }
    }

    /// The same world after a restart.
    pub(crate) fn again(self, agreement: &str) -> Self {
        let Self {
            app,
            clock,
            directory,
        } = self;
        drop(app);
        let now = clock.now().ms();
        let (app, clock) = open(directory.path(), agreement, now, 1_000_000, |options| {
            options.deliver = false;
        });
        Self {
            app,
            clock,
            directory,
        }
    }

    /// Adds salespeople to the team.
    pub(crate) async fn sales(&self, names: &[&str]) {
        for name in names {
            let email = format!("{name}@seller.example");
            let user = self
                .app
                .create_user(name, &email, "correct horse", Role::Sales)
                .await
                .unwrap();
            self.app.add_member("sdr", user.id, 1).await.unwrap();
        }
    }

    /// Makes an agreement the active one without signatures.
    pub(crate) async fn publish(&self, source: &str) -> AgreementVersion {
        let reason = Some("a test has nobody who signs".to_owned());
        self.app
            .put_agreement(source.to_owned(), None, reason, Actor::Console)
            .await
            .unwrap()
    }

    /// Somebody with a role.
    pub(crate) async fn user(&self, name: &str, role: Role) -> UserId {
        let email = format!("{name}@acme.example");
        let user = self.app.create_user(name, &email, "correct horse", role).await;
        user.unwrap().id
    }

    /// Waits until the background work is done: it goes on between groups.
    pub(crate) async fn settle(&self) {
        loop {
            self.accept(START_MS, Vec::new()).await;
            let counts = self.app.confirm_counts().await.unwrap();
            let left = self.app.counts().await.unwrap().rescore_left;
            if left == 0 && counts.left == 0 && counts.confirmed == 0 {
                return;
            }
        }
    }

    pub(crate) async fn accept(&self, received_ms: i64, facts: Vec<IncomingFact>) -> Receipt {
        self.app.accept(submission(received_ms, facts)).await.unwrap()
    }

    pub(crate) async fn lead_of(&self, kind: &str, value: &str) -> LeadId {
        self.app.lead_by_key(kind, value).await.unwrap().unwrap()
    }

    pub(crate) async fn detail(&self, id: LeadId) -> LeadDetail {
        self.app
            .lead(id, at(START_MS + 30 * DAY_MS))
            .await
            .unwrap()
            .unwrap()
    }
}

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms).unwrap()
}

pub(crate) fn submission(received_ms: i64, facts: Vec<IncomingFact>) -> Submission {
    Submission {
        source: SourceId(1),
        speaker: TraitSource::Stated,
        received_at: at(received_ms),
        facts,
        findings: Vec::new(),
    }
}

pub(crate) fn keys(anonymous: &str, user: &str, email: &str) -> Keys {
    let some = |id: &str| (!id.is_empty()).then(|| id.to_owned());
    Keys {
        anonymous_id: some(anonymous),
        user_id: some(user),
        email: some(email),
        external_ids: Vec::new(),
    }
}

pub(crate) fn fact(message: &str, ms: i64, keys: Keys, body: FactBody) -> IncomingFact {
    IncomingFact {
        message_id: message.to_owned(),
        ts: at(ms),
        original_at: None,
        sent_at: None,
        keys,
        seen_from: None,
        context_traits: Traits::new(),
        body,
    }
}

pub(crate) fn track(message: &str, ms: i64, keys: Keys, name: &str) -> IncomingFact {
    track_with(message, ms, keys, name, Properties::new())
}

pub(crate) fn track_with(
    message: &str,
    ms: i64,
    keys: Keys,
    name: &str,
    properties: Properties,
) -> IncomingFact {
    let event = Event {
        ts: at(ms),
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties,
    };
    fact(message, ms, keys, FactBody::Event(event))
}

pub(crate) fn page(message: &str, ms: i64, keys: Keys, path: &str) -> IncomingFact {
    let event = Event {
        ts: at(ms),
        kind: EventKind::Page,
        name: "page".to_owned(),
        path: Some(path.to_owned()),
        properties: Properties::new(),
    };
    fact(message, ms, keys, FactBody::Event(event))
}

pub(crate) fn identify(message: &str, ms: i64, keys: Keys, traits: &[(&str, &str)]) -> IncomingFact {
    fact(message, ms, keys, FactBody::Identify(traits_of(traits)))
}

pub(crate) fn traits_of(traits: &[(&str, &str)]) -> Traits {
    traits
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::Text((*value).to_owned())))
        .collect()
}
