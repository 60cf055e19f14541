//! The leads of a quarter and what they do: who each is and what each of its visits brings follow from the seed and the
//! lead's number alone, so that nothing of it need be kept.

use bellwether_app::{FactBody, IncomingFact, Keys};
use bellwether_core::domain::{Event, EventKind, Number, Period, Properties, Timestamp, Traits, Value};

use crate::dice::Dice;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// How many dice a lead has: one for who it is, the others for its visits.
const DICE_PER_LEAD: u64 = 64;

/// What sort of visitor a lead is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Reads and never says who they are.
    Anonymous,
    /// Says who they are, and doesn't fit.
    Student,
    /// Fits and reads.
    Reader,
    /// Fits and asks for a demo.
    HandRaiser,
    /// Of a competitor.
    Rival,
    /// A program that opens every page at once.
    Bot,
}

const KINDS: [(u64, Kind); 6] = [
    (52, Kind::Anonymous),
    (20, Kind::Student),
    (15, Kind::Reader),
    (9, Kind::HandRaiser),
    (1, Kind::Rival),
    (3, Kind::Bot),
];

const COUNTRIES: [&str; 6] = [
    "United States",
    "United States",
    "United Kingdom",
    "Germany",
    "Australia",
    "Japan",
];
const TITLES: [&str; 5] = [
    "VP Marketing",
    "Director of Sales",
    "Marketing Manager",
    "CEO",
    "Head of Growth",
];
const PATHS: [&str; 7] = [
    "/",
    "/pricing",
    "/blog/first",
    "/blog/second",
    "/docs/start",
    "/about",
    "/pricing/teams",
];

/// One lead's plan.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    seed: u64,
    lead: u64,
    kind: Kind,
    /// When each of its visits begins.
    pub(crate) visits: Vec<Timestamp>,
}

/// What a visit sends.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The facts, in the order in which they are sent.
    pub(crate) facts: Vec<IncomingFact>,
    /// How many of them can't be taken.
    pub(crate) refused: u32,
    /// How much later than it happened it is sent: whoever was offline sends later.
    pub(crate) late: Period,
    /// How long after that it is sent once more, where the answer got lost.
    pub(crate) again: Option<Period>,
}

/// The plan of a lead that comes within the quarter.
pub(crate) fn plan(seed: u64, lead: u64, start: Timestamp, days: u32) -> Plan {
    let mut dice = Dice::new(seed, lead * DICE_PER_LEAD);
    let kind = dice.weighted(&KINDS);
    let span = i64::from(days) * DAY_MS;
    let first = dice.between(0, span - 1);
    let mut at = first;
    let mut visits = Vec::new();
    let count = match kind {
        Kind::Bot => 1,
        Kind::HandRaiser => 2 + dice.below(4),
        _ => 1 + dice.below(5),
    };
    for _ in 0..count {
        visits.push(start.plus(Period::from_ms(at)));
        at += dice.between(20 * MINUTE_MS, 6 * DAY_MS);
    }
    // Who fits comes back weeks later, as some whom sales sent away do.
    if matches!(kind, Kind::Reader | Kind::HandRaiser) {
        for _ in 0..dice.below(3) {
            at += dice.between(15 * DAY_MS, 40 * DAY_MS);
            visits.push(start.plus(Period::from_ms(at)));
        }
    }
    visits.retain(|visit| visit.since(start).ms() < span);
    Plan {
        seed,
        lead,
        kind,
        visits,
    }
}

impl Plan {
    /// What a visit sends, by its number from 0.
    pub(crate) fn visit(&self, number: usize) -> Option<Visit> {
        let begins = *self.visits.get(number)?;
        let mut dice = Dice::new(self.seed, self.lead * DICE_PER_LEAD + 1 + number as u64);
        let mut facts = Facts {
            plan: self,
            number,
            at: begins,
            made: Vec::new(),
        };
        match self.kind {
            Kind::Bot => facts.crawl(),
            _ => facts.human(&mut dice),
        }
        let facts = facts.made;
        let junk = self.lead.is_multiple_of(997);
        let mut visit = Visit {
            facts,
            refused: u32::from(junk),
            late: Period::from_ms(dice.between(1_000, 20_000)),
            again: None,
        };
        if junk {
            visit.facts.push(self.junk(begins, number));
        }
        if dice.chance(4) {
            visit.late = Period::from_ms(dice.between(MINUTE_MS, 3 * DAY_MS));
        }
        if dice.chance(3) {
            visit.again = Some(Period::from_ms(dice.between(1_000, DAY_MS)));
        }
        Some(visit)
    }

    /// A fact of nobody: its id is one that broken pages send.
    fn junk(&self, at: Timestamp, number: usize) -> IncomingFact {
        let keys = Keys {
            anonymous_id: Some("undefined".to_owned()),
            ..Keys::default()
        };
        fact(
            format!("l{}v{number}junk", self.lead),
            at,
            keys,
            page_view(at, "/"),
        )
    }

    /// The browser's id; every fiftieth lead has a second device.
    fn device(&self, number: usize) -> String {
        let second = self.lead.is_multiple_of(50) && number.is_multiple_of(2);
        format!("device-{}-{}", self.lead, u8::from(second))
    }

    fn email(&self) -> String {
        let company = self.lead / 3;
        match self.kind {
            Kind::Student => format!("student{}@gmail.com", self.lead),
            Kind::Rival => format!("p{}@rival.example", self.lead),
            _ => format!("p{}@company{company}.example", self.lead),
        }
    }

    fn traits(&self) -> Traits {
        let mut dice = Dice::new(self.seed, self.lead * DICE_PER_LEAD + DICE_PER_LEAD - 1);
        let student = self.kind == Kind::Student;
        let title = if student { "Student" } else { dice.pick(&TITLES) };
        let employees = dice.pick(&[60.0, 300.0, 4_000.0]);
        let text = |name: &str, value: &str| (name.to_owned(), Value::Text(value.to_owned()));
        let mut traits = Traits::from([
            text("email", &self.email()),
            text("first_name", &format!("First{}", self.lead)),
            text("last_name", &format!("Last{}", self.lead)),
            text("title", title),
            text("country", dice.pick(&COUNTRIES)),
        ]);
        if let Some(employees) = Number::new(employees).filter(|_| !student) {
            traits.insert("employees".to_owned(), Value::Number(employees));
        }
        traits
    }
}

/// The facts of one visit, while they are made.
struct Facts<'a> {
    plan: &'a Plan,
    number: usize,
    at: Timestamp,
    made: Vec<IncomingFact>,
}

impl Facts<'_> {
    /// Everything within seconds.
    fn crawl(&mut self) {
        for page in 0..40 {
            self.at = self.at.plus(Period::from_ms(90));
            let path = format!("/docs/{page}");
            self.push(page_view(self.at, &path));
        }
    }

    fn human(&mut self, dice: &mut Dice) {
        for _ in 0..=dice.below(4) {
            self.walk(dice);
            self.push(page_view(self.at, dice.pick(&PATHS)));
        }
        if self.plan.kind == Kind::Anonymous {
            return;
        }
        if self.number < 2 || dice.chance(30) {
            self.walk(dice);
            self.push(FactBody::Identify(self.plan.traits()));
        }
        if dice.chance(15) {
            self.walk(dice);
            self.push(track(self.at, "Webinar Attended"));
        }
        let asks = match self.plan.kind {
            Kind::HandRaiser => 60,
            Kind::Rival => 30,
            Kind::Student => 3,
            _ => 0,
        };
        if dice.chance(asks) {
            self.walk(dice);
            self.push(track(self.at, "Demo Requested"));
        }
    }

    fn walk(&mut self, dice: &mut Dice) {
        self.at = self.at.plus(Period::from_ms(dice.between(3_000, 3 * MINUTE_MS)));
    }

    fn push(&mut self, body: FactBody) {
        let keys = Keys {
            anonymous_id: Some(self.plan.device(self.number)),
            ..Keys::default()
        };
        let id = format!("l{}v{}n{}", self.plan.lead, self.number, self.made.len());
        self.made.push(fact(id, self.at, keys, body));
    }
}

fn fact(message_id: String, ts: Timestamp, keys: Keys, body: FactBody) -> IncomingFact {
    IncomingFact {
        message_id,
        ts,
        original_at: Some(ts),
        sent_at: None,
        keys,
        seen_from: None,
        context_traits: Traits::new(),
        body,
    }
}

fn page_view(ts: Timestamp, path: &str) -> FactBody {
    FactBody::Event(Event {
        ts,
        kind: EventKind::Page,
        name: "page".to_owned(),
        path: Some(path.to_owned()),
        properties: Properties::new(),
    })
}

fn track(ts: Timestamp, name: &str) -> FactBody {
    FactBody::Event(Event {
        ts,
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties: Properties::new(),
    })
}
