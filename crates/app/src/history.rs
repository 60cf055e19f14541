//! A lead's facts from the database, as the engine and the ledger take them.

use bellwether_core::agreement::Suspect;
use bellwether_core::domain::{Event, EventKind, Period, Timestamp, Traits, Value};
use bellwether_core::engine::{Engine, Returned};
use bellwether_core::explain::{History, HistoryFact};
use bellwether_core::suspect::{self, Held, Rule, Watch};
use bellwether_store::{Db, FactRow, LeadId, ReturnedRow, StoreError};

use crate::json;

/// The traits by which a caller says when a lead came to be.
const CREATED_TRAITS: [&str; 2] = ["created_at", "createdAt"];

/// What sifting says of an event that isn't what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It is held.
    Held { event: i64, held: Held },
    /// It is held no more.
    LetThrough { event: i64 },
    /// It was released, and is another lead's now.
    Moved { event: i64 },
}

/// A lead's facts, and what became of those that machines made.
pub(crate) struct Sifted {
    /// The facts that count, in the order in which they are folded.
    pub(crate) history: History,
    /// What is to be remembered for judging the next event.
    pub(crate) watch: Watch,
    /// Where what is kept of held events isn't so any more.
    pub(crate) judged: Vec<Judged>,
}

/// An event as it is kept, with what is kept of its being held.
struct Kept {
    id: i64,
    event: Event,
    /// Whose it is, by which rule, and whether it was released.
    mark: Option<(LeadId, Option<Rule>, bool)>,
}

/// A lead's facts that count, in the order in which they are folded.
pub(crate) fn read(db: &Db, engine: &Engine, lead: LeadId) -> Result<History, StoreError> {
    read_from(db, engine, lead, db.last_fact(lead)?)
}

/// The same, where it is known which fact was kept last though the lead's row doesn't say so yet.
pub(crate) fn read_from(
    db: &Db,
    engine: &Engine,
    lead: LeadId,
    last: Option<i64>,
) -> Result<History, StoreError> {
    Ok(sifted(db, engine.agreement().suspect.as_ref(), lead, last)?.history)
}

/// A lead's facts, with the events that are held.
pub(crate) fn read_whole(db: &Db, lead: LeadId) -> Result<History, StoreError> {
    Ok(sifted(db, None, lead, db.last_fact(lead)?)?.history)
}

/// The facts that count by these rules, with what became of the events of machines.
pub(crate) fn sifted(
    db: &Db,
    rules: Option<&Suspect>,
    lead: LeadId,
    last: Option<i64>,
) -> Result<Sifted, StoreError> {
    let (mut facts, mut events) = (Vec::new(), Vec::new());
    let mut known_from: Option<Timestamp> = None;
    let mut created: Option<Timestamp> = None;
    let mut visit = |row: FactRow<'_>| {
        if row.known {
            known_from = Some(known_from.map_or(row.ts, |known| known.min(row.ts)));
        }
        if let Some(event) = event_of(&row) {
            let mark = row.suspect;
            events.push(Kept {
                id: row.id,
                event,
                mark: mark.map(|mark| (mark.lead, Rule::parse(mark.rule), mark.released)),
            });
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
    let sifted = sift_kept(rules, &events);
    let mut judged = Vec::new();
    for (kept, held) in events.into_iter().zip(sifted.held) {
        judged.extend(changed(&kept, lead, held.as_ref()));
        if held.is_none() {
            facts.push(HistoryFact::Event(kept.event));
        }
    }
    facts.extend(known_from.map(HistoryFact::Known));
    facts.extend(created.map(HistoryFact::Created));
    let mut history = History {
        base: Traits::new(),
        always_known: false,
        facts,
    };
    send_back(&mut history, &db.returned(lead)?);
    Ok(Sifted {
        history,
        watch: sifted.watch,
        judged,
    })
}

fn sift_kept(rules: Option<&Suspect>, events: &[Kept]) -> suspect::Sifted {
    let Some(rules) = rules else {
        return suspect::Sifted {
            held: vec![None; events.len()],
            watch: Watch::default(),
        };
    };
    let views: Vec<_> = events.iter().map(|kept| kept.event.view()).collect();
    let seen = events.iter().zip(&views).map(|(kept, view)| {
        let mut seen = rules.see(kept.event.ts, view);
        seen.released = kept.mark.is_some_and(|(.., released)| released);
        seen
    });
    suspect::sift(rules, &seen.collect::<Vec<_>>())
}

/// What there is to keep of an event anew.
fn changed(kept: &Kept, lead: LeadId, held: Option<&Held>) -> Option<Judged> {
    let event = kept.id;
    match (kept.mark, held) {
        (Some((of, _, true)), _) => (of != lead).then_some(Judged::Moved { event }),
        (Some((of, rule, false)), Some(held)) if of == lead && rule == Some(held.rule) => None,
        (_, Some(held)) => Some(Judged::Held {
            event,
            held: held.clone(),
        }),
        (Some(_), None) => Some(Judged::LetThrough { event }),
        (None, None) => None,
    }
}

/// Adds when sales sent a lead back, and puts its facts in the order in which they are folded.
pub(crate) fn send_back(history: &mut History, returned: &[ReturnedRow]) {
    let facts = &mut history.facts;
    facts.extend(
        returned
            .iter()
            .map(|row| HistoryFact::SentBack(row.at, returned_of(row))),
    );
    facts.sort_by_key(|fact| (fact.ts(), matches!(fact, HistoryFact::SentBack(..))));
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

/// What kind of event a fact is; nothing where it is none.
pub(crate) fn kind_of(row: &FactRow<'_>) -> Option<EventKind> {
    match row.kind {
        "track" => Some(EventKind::Track),
        "page" => Some(EventKind::Page),
        "screen" => Some(EventKind::Screen),
        _ => None,
    }
}

fn event_of(row: &FactRow<'_>) -> Option<Event> {
    Some(Event {
        ts: row.ts,
        kind: kind_of(row)?,
        name: row.name.unwrap_or_default().to_owned(),
        path: row.path.map(str::to_owned),
        properties: json::read(row.properties),
    })
}
