//! What the database holds, given back row by row in the forms that imports take: importing leads and events into an empty
//! database that runs by the same agreement makes the same leads with the same scores.

use bellwether_core::explain::HistoryFact;
use bellwether_core::records::RecordKind;
use bellwether_store::{Db, LeadId, LeadRow, OutcomeRow, StoreError};

use crate::{App, AppError, history, json};

/// How many rows are read at once.
const SLICE: u32 = 1_000;

/// What can be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExportKind {
    /// What an import takes, too.
    Records(RecordKind),
    /// What sales was given, and what it answered.
    Handoffs,
    /// Deals, open, won and lost.
    Opportunities,
    /// Every move of every lead: who made it, when and why.
    Decisions,
}

/// A column: its name, and whether its cells are JSON.
pub type ExportColumn = (&'static str, bool);

/// A row: a cell a column.
pub type ExportRow = Vec<Option<String>>;

type Visit<'v, E> = &'v mut dyn FnMut(ExportRow) -> Result<(), E>;

const LEADS: &[ExportColumn] = &[
    ("lead", false),
    ("email", false),
    ("user_id", false),
    ("anonymous_id", false),
    ("keys", true),
    ("created_at", false),
    ("updated_at", false),
    ("stage", false),
    ("owner", false),
    ("account_id", false),
    ("traits", true),
    ("scored_first_seen", false),
    ("scored_fit", false),
    ("scored_intent", false),
    ("scored_score", false),
    ("scored_grade", false),
    ("scored_qualified_at", false),
    ("scored_trigger", false),
];
const EVENTS: &[ExportColumn] = &[
    ("id", false),
    ("lead", false),
    ("anonymous_id", false),
    ("ts", false),
    ("type", false),
    ("event", false),
    ("path", false),
    ("properties", true),
    ("traits", true),
    ("said_by", false),
    ("known", false),
];
const ACCOUNTS: &[ExportColumn] = &[
    ("id", false),
    ("domain", false),
    ("name", false),
    ("owner", false),
    ("traits", true),
];
const OUTCOMES: &[ExportColumn] = &[
    ("lead", false),
    ("outcome", false),
    ("at", false),
    ("amount", false),
    ("currency", false),
    ("reason", false),
    ("opportunity", false),
];
const HANDOFFS: &[ExportColumn] = &[
    ("handoff", false),
    ("lead", false),
    ("email", false),
    ("cycle", false),
    ("state", false),
    ("trigger", false),
    ("qualified_at", false),
    ("fit", false),
    ("intent", false),
    ("grade", false),
    ("owner", false),
    ("team", false),
    ("route", false),
    ("created_at", false),
    ("due_at", false),
    ("decided_at", false),
    ("rejection_reason", false),
    ("note", false),
    ("packet", true),
];

const OPPORTUNITIES: &[ExportColumn] = &[
    ("opportunity", false),
    ("lead", false),
    ("email", false),
    ("account", false),
    ("name", false),
    ("state", false),
    ("amount", false),
    ("currency", false),
    ("close_date", false),
    ("stage", false),
    ("owner", false),
    ("opened_at", false),
    ("opened_by", false),
    ("closed_at", false),
    ("closed_by", false),
    ("reason", false),
    ("note", false),
];
const DECISIONS: &[ExportColumn] = &[
    ("move", false),
    ("lead", false),
    ("email", false),
    ("at", false),
    ("from", false),
    ("to", false),
    ("actor", false),
    ("reason", false),
    ("handoff", false),
];

impl ExportKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Records(RecordKind::Leads),
        Self::Records(RecordKind::Events),
        Self::Records(RecordKind::Accounts),
        Self::Records(RecordKind::Outcomes),
        Self::Handoffs,
        Self::Opportunities,
        Self::Decisions,
    ];

    /// The kind's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Records(kind) => kind.as_str(),
            Self::Handoffs => "handoffs",
            Self::Opportunities => "opportunities",
            Self::Decisions => "decisions",
        }
    }

    /// The columns of its rows.
    pub const fn columns(self) -> &'static [ExportColumn] {
        match self {
            Self::Records(RecordKind::Leads) => LEADS,
            Self::Records(RecordKind::Events) => EVENTS,
            Self::Records(RecordKind::Accounts) => ACCOUNTS,
            Self::Records(RecordKind::Outcomes) => OUTCOMES,
            Self::Handoffs => HANDOFFS,
            Self::Opportunities => OPPORTUNITIES,
            Self::Decisions => DECISIONS,
        }
    }
}

impl std::str::FromStr for ExportKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| {
            format!(
                "`{text}` is none of leads, events, accounts, outcomes, handoffs, opportunities, decisions"
            )
        })
    }
}

impl App {
    /// Calls `visit` with each row of a kind, of one state of the database. It blocks.
    pub fn export<E: From<AppError>>(&self, kind: ExportKind, visit: Visit<'_, E>) -> Result<(), E> {
        let reader = self.shared().readers.take().map_err(stored::<E>)?;
        let mut outcome = Ok(());
        let read: Result<(), StoreError> = reader.snapshot(|db| {
            outcome = export(db, kind, visit);
            Ok(())
        });
        read.map_err(stored::<E>)?;
        outcome
    }
}

/// Calls `visit` with each row of a kind, of one state of the database where `db` is within a snapshot.
pub fn export<E: From<AppError>>(db: &Db, kind: ExportKind, visit: Visit<'_, E>) -> Result<(), E> {
    match kind {
        ExportKind::Records(RecordKind::Leads) => {
            each_lead(db, &mut |db, row| visit(lead_row(db, row).map_err(stored)?))
        }
        ExportKind::Records(RecordKind::Events) => each_lead(db, &mut |db, row| events_of(db, row, visit)),
        ExportKind::Records(RecordKind::Accounts) => accounts(db, visit),
        ExportKind::Records(RecordKind::Outcomes) => {
            let mut failed = Ok(());
            let read = db.each_outcome(|outcome| {
                failed = visit(outcome_cells(&outcome));
                failed.is_ok()
            });
            read.map_err(stored)?;
            failed
        }
        ExportKind::Handoffs => in_slices(visit, |after| db.handoffs_after(after, SLICE)),
        ExportKind::Opportunities => in_slices(visit, |after| db.deals_after(after, SLICE)),
        ExportKind::Decisions => in_slices(visit, |after| db.transitions_after(after, SLICE)),
    }
}

fn stored<E: From<AppError>>(error: StoreError) -> E {
    E::from(AppError::from(error))
}

fn each_lead<E: From<AppError>>(
    db: &Db,
    visit: &mut dyn FnMut(&Db, &LeadRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = LeadId(0);
    loop {
        let rows = db.leads_after(after, SLICE).map_err(stored)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in &rows {
            visit(db, row)?;
        }
    }
}

/// What a lead is called in every file of an export. Visitors have no number: it would make them known.
fn reference(row: &LeadRow) -> Option<String> {
    row.known_from.is_some().then(|| row.id.to_string())
}

fn lead_row(db: &Db, row: &LeadRow) -> Result<ExportRow, StoreError> {
    let keys = db.keys_of(row.id)?;
    let first = |kind: &str| {
        keys.iter()
            .find(|key| key.kind == kind)
            .map(|key| key.value.clone())
    };
    let pairs: Vec<(&str, &str)> = keys
        .iter()
        .map(|key| (key.kind.as_str(), key.value.as_str()))
        .collect();
    let history = history::read_whole(db, row.id)?;
    let mut log = bellwether_core::engine::TraitLog::default();
    let (mut created, mut updated) = (None, None);
    for fact in &history.facts {
        match fact {
            HistoryFact::Traits(at, source, traits) => {
                updated = updated.max(Some(*at));
                log.write(*at, *source, traits);
            }
            HistoryFact::Created(at) => created = Some(*at),
            HistoryFact::Event(_) | HistoryFact::Known(_) | HistoryFact::SentBack(..) => {}
        }
    }
    let mut buffer = Vec::new();
    let traits = json::write(&log.current(), &mut buffer).map(str::to_owned);
    let owner = match row.owner {
        Some(owner) => db.user(owner)?.map(|user| user.email),
        None => None,
    };
    let account = match row.account {
        Some(account) => db
            .account_place(account)?
            .filter(|(kind, _)| kind == "group")
            .map(|(_, value)| value),
        None => None,
    };
    let derived = &row.derived;
    Ok(vec![
        reference(row),
        first("email"),
        first("user_id"),
        first("anonymous_id"),
        serde_json::to_string(&pairs).ok(),
        created.map(|at| at.to_string()),
        Some(updated.or(row.known_from).unwrap_or(row.created_at).to_string()),
        Some(row.stage.as_str().to_owned()),
        owner,
        account,
        traits,
        Some(row.created_at.to_string()),
        Some(derived.fit.to_string()),
        Some(derived.intent.to_string()),
        Some((derived.fit + derived.intent).to_string()),
        Some(derived.grade.clone()),
        derived.qualified_at.map(|at| at.to_string()),
        derived.trigger.clone(),
    ])
}

fn events_of<E: From<AppError>>(db: &Db, row: &LeadRow, visit: Visit<'_, E>) -> Result<(), E> {
    let Some(last) = row.last_fact else { return Ok(()) };
    let lead = reference(row);
    let keys = if lead.is_some() {
        Vec::new()
    } else {
        db.keys_of(row.id).map_err(stored)?
    };
    let device = keys
        .into_iter()
        .find(|key| key.kind == "anonymous_id")
        .map(|key| key.value);
    let mut failed = Ok(());
    let read = db.each_fact_numbered(last, |id, fact| {
        if failed.is_err() {
            return;
        }
        failed = visit(vec![
            Some(id.to_string()),
            lead.clone(),
            device.clone(),
            Some(fact.ts.to_string()),
            Some(fact.kind.to_owned()),
            fact.name.map(str::to_owned),
            fact.path.map(str::to_owned),
            fact.properties.map(str::to_owned),
            fact.traits.map(str::to_owned),
            Some(fact.said_by.as_str().to_owned()),
            Some(fact.known.to_string()),
        ]);
    });
    read.map_err(stored)?;
    failed
}

fn accounts<E: From<AppError>>(db: &Db, visit: Visit<'_, E>) -> Result<(), E> {
    let mut after = 0;
    loop {
        let rows = db.accounts_after(after, SLICE).map_err(stored)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id.0;
        for row in rows {
            let (id, domain) = if row.kind == "domain" {
                (None, Some(row.value))
            } else {
                (Some(row.value), None)
            };
            visit(vec![id, domain, row.name, row.owner_email, row.traits])?;
        }
    }
}

fn outcome_cells(outcome: &OutcomeRow) -> ExportRow {
    let amount = outcome.amount_thousandths.map(|amount| {
        let sign = if amount < 0 { "-" } else { "" };
        let amount = amount.unsigned_abs();
        format!("{sign}{}.{:03}", amount / 1_000, amount % 1_000)
    });
    vec![
        Some(outcome.lead.to_string()),
        Some(if outcome.won { "won" } else { "lost" }.to_owned()),
        Some(outcome.at.to_string()),
        amount,
        outcome.currency.clone(),
        outcome.reason.clone(),
        outcome.has_id.then(|| outcome.opportunity.clone()),
    ]
}

/// Calls `visit` with the cells of numbered rows, a slice after another.
fn in_slices<E: From<AppError>>(
    visit: Visit<'_, E>,
    slice: impl Fn(i64) -> Result<Vec<(i64, ExportRow)>, StoreError>,
) -> Result<(), E> {
    let mut after = 0;
    loop {
        let rows = slice(after).map_err(stored)?;
        let Some((last, _)) = rows.last() else {
            return Ok(());
        };
        after = *last;
        for (_, cells) in rows {
            visit(cells)?;
        }
    }
}
