//! A lead's facts from the database, as the engine and the ledger take them.

use bellwether_core::domain::{Event, EventKind, Period, Timestamp, Traits, Value};
use bellwether_core::engine::Returned;
use bellwether_core::explain::{History, HistoryFact};
use bellwether_store::{Db, FactRow, LeadId, ReturnedRow, StoreError};

use crate::json;

/// The traits by which a caller says when a lead came to be.
const CREATED_TRAITS: [&str; 2] = ["created_at", "createdAt"];

/// All facts of a lead, in the order in which they are folded.
pub(crate) fn read(db: &Db, lead: LeadId) -> Result<History, StoreError> {
    read_from(db, lead, db.last_fact(lead)?)
}

/// The same, where it is known which fact was kept last though the lead's row doesn't say so yet.
pub(crate) fn read_from(db: &Db, lead: LeadId, last: Option<i64>) -> Result<History, StoreError> {
    let mut facts = Vec::new();
    let mut known_from: Option<Timestamp> = None;
    let mut created: Option<Timestamp> = None;
    let mut visit = |row: FactRow<'_>| {
        if row.known {
            known_from = Some(known_from.map_or(row.ts, |known| known.min(row.ts)));
        }
        if let Some(event) = event_of(&row) {
            facts.push(HistoryFact::Event(event));
        }
        if row.traits.is_some() {
            let traits = json::read(row.traits);
            created = created.into_iter().chain(created_in(&traits, row.ts)).min();
            facts.push(HistoryFact::Traits(row.ts, row.said_by, traits));
        }
    };
    if let Some(last) = last {
        db.each_fact(last, &mut visit)?;
    }
    facts.extend(known_from.map(HistoryFact::Known));
    facts.extend(created.map(HistoryFact::Created));
    let returned = db.returned(lead)?;
    facts.extend(
        returned
            .iter()
            .map(|row| HistoryFact::SentBack(row.at, returned_of(row))),
    );
    facts.sort_by_key(|fact| (fact.ts(), matches!(fact, HistoryFact::SentBack(..))));
    Ok(History {
        base: Traits::new(),
        always_known: false,
        facts,
    })
}

/// The oldest creation that the traits of a lead's facts name.
pub(crate) fn created(db: &Db, last: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    let mut created = None;
    if let Some(last) = last {
        db.each_fact(last, |row| {
            let named = row
                .traits
                .and_then(|_| created_in(&json::read(row.traits), row.ts));
            created = created.into_iter().chain(named).min();
        })?;
    }
    Ok(created)
}

/// How a lead was sent back, as the engine takes it.
pub(crate) fn returned_of(row: &ReturnedRow) -> Returned {
    Returned {
        again: row.again_ms.map(Period::from_ms),
    }
}

/// When the lead came to be, where its traits say so and it isn't in the fact's future.
pub(crate) fn created_in(traits: &Traits, ts: Timestamp) -> Option<Timestamp> {
    let given = CREATED_TRAITS.iter().find_map(|name| traits.get(*name))?;
    let created = match given {
        Value::Text(text) => text.parse().ok()?,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "out of range is refused just after"
        )]
        Value::Number(number) => Timestamp::from_ms(number.get() as i64)?,
        Value::Bool(_) | Value::List(_) => return None,
    };
    (created <= ts).then_some(created)
}

fn event_of(row: &FactRow<'_>) -> Option<Event> {
    let kind = match row.kind {
        "track" => EventKind::Track,
        "page" => EventKind::Page,
        "screen" => EventKind::Screen,
        _ => return None,
    };
    Some(Event {
        ts: row.ts,
        kind,
        name: row.name.unwrap_or_default().to_owned(),
        path: row.path.map(str::to_owned),
        properties: json::read(row.properties),
    })
}
