//! The story as facts: every visit of everybody in the order of time, each to be brought in at its own moment, so that
//! every decision that follows bears the time at which it would have been made.

use bellwether_app::{FactBody, IncomingFact, Keys, SourceId, Submission};
use bellwether_core::domain::{
    Event, EventKind, Number, Period, Properties, Timestamp, TraitSource, Traits, Value,
};

use super::dice::Dice;
use super::journey::{Step, Visit, hot_visit, journey, stroll};
use super::pages::{SITE, SitePage};
use super::plan::{Cast, Person, Persona, newcomer};

/// Facts that one browser, or the mail service, brings at a time.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// When the last of them happened, and all were received.
    pub(crate) at: Timestamp,
    /// The facts, in order.
    pub(crate) facts: Vec<IncomingFact>,
}

impl Moment {
    /// As something to submit by a write key.
    pub(crate) fn into_submission(self, source: SourceId) -> Submission {
        Submission {
            source,
            speaker: TraitSource::Stated,
            received_at: self.at,
            facts: self.facts,
            findings: Vec::new(),
        }
    }
}

/// Those who qualify shortly before the present, by how many minutes: their handoffs are what the inbox opens with.
/// Some are long overdue, some due soon, and some fresh.
const LATELY_MIN: [i64; 54] = [
    2, 5, 9, 14, 21, 28, 38, 47, 55, 66, 75, 86, 95, 103, 112, 126, 140, 163, 190, 215, 240, 275, 310, 345,
    380, 420, 460, 500, 540, 600, 650, 710, 770, 830, 900, 960, 1_020, 1_100, 1_180, 1_235, 1_290, 1_315,
    1_340, 1_365, 1_390, 1_405, 1_425, 1_500, 1_600, 1_700, 2_000, 2_300, 2_900, 4_100,
];
/// Where their places in the story begin.
const LATELY_FROM: u32 = 2_000_000;
/// Where strangers' places in the story begin.
const STRANGERS_FROM: u32 = 1_000_000;

/// Tells everything up to the present, in the order of time.
pub(crate) fn story(cast: &Cast) -> Vec<Moment> {
    let mut moments = Vec::new();
    for person in &cast.people {
        tell(cast, person, journey(cast, person), &mut moments);
    }
    for index in 0..cast.strangers {
        let arrives =
            Dice::new(cast.seed, (2 << 32) + u64::from(index)).between(cast.begins.ms(), cast.ends.ms());
        let arrives = Timestamp::from_ms_clamped(arrives);
        let stranger = newcomer(cast, STRANGERS_FROM + index, Persona::Casual, arrives);
        tell(cast, &stranger, stroll(cast, &stranger), &mut moments);
    }
    for person in lately(cast) {
        let mut dice = Dice::new(cast.seed, (3 << 32) + u64::from(person.index));
        tell(cast, &person, late_visits(&mut dice, &person), &mut moments);
    }
    moments.retain(|moment| moment.at < cast.ends);
    // The sort is stable, so that equal instants stay in the order of the cast.
    moments.sort_by_key(|moment| moment.at);
    moments
}

/// Those who qualify shortly before the present.
pub(crate) fn lately(cast: &Cast) -> Vec<Person> {
    let minutes = (0_u32..).zip(LATELY_MIN);
    minutes
        .map(|(n, minutes)| {
            let at = Timestamp::from_ms_clamped(cast.ends.ms() - minutes * 60_000);
            newcomer(cast, LATELY_FROM + n, Persona::Buyer, at)
        })
        .collect()
}

/// They came by some days before; then a last visit, a few minutes long, ends where it should.
fn late_visits(dice: &mut Dice, person: &Person) -> Vec<Visit> {
    let last = person.arrives.ms();
    let earlier = |dice: &mut Dice, low_days: i64, high_days: i64| {
        let minutes = dice.between(low_days, high_days) * 1_440 + dice.between(-90, 200);
        Timestamp::from_ms_clamped(last - minutes * 60_000)
    };
    let reading = Step::Page(dice.pick(&super::pages::BLOG));
    let product = Step::Page(dice.pick(&super::pages::PRODUCT));
    let ebook = Step::Download(*dice.pick(&super::pages::READING));
    let asks = dice.chance(30);
    // Whoever asks for a demo hasn't done enough before, so that asking is what makes them qualify.
    let second = if asks {
        vec![product, reading]
    } else {
        vec![product, Step::Page(&super::pages::PRICING)]
    };
    vec![
        Visit {
            at: earlier(dice, 12, 30),
            steps: vec![reading, product],
        },
        Visit {
            at: earlier(dice, 5, 9),
            steps: vec![Step::Page(&super::pages::PRICING), Step::SignUp, ebook],
        },
        Visit {
            at: earlier(dice, 1, 3),
            steps: second,
        },
        Visit {
            at: Timestamp::from_ms_clamped(last - 500_000),
            steps: hot_visit(dice, asks),
        },
    ]
}
/// Makes facts of somebody's visits.
pub(super) fn tell(cast: &Cast, person: &Person, visits: Vec<Visit>, moments: &mut Vec<Moment>) {
    let mut dice = Dice::new(cast.seed, (4 << 32) + u64::from(person.index));
    let mut teller = Teller {
        cast,
        person,
        facts_told: 0,
        arrived: false,
    };
    for visit in visits {
        moments.push(teller.moment(&mut dice, &visit));
    }
}

/// Makes facts of one visit of somebody who has been here before; `nonce` keeps its message ids apart from earlier ones.
pub(super) fn tell_once(cast: &Cast, person: &Person, nonce: u32, visit: &Visit) -> Moment {
    let mut dice = Dice::new(cast.seed, (5 << 32) + u64::from(nonce));
    let mut teller = Teller {
        cast,
        person,
        facts_told: 1_000_000 + nonce * 100,
        arrived: true,
    };
    teller.moment(&mut dice, visit)
}

/// One mailbox in so many has a scanner before it.
const SCANNED_MAILBOX_OF: u32 = 240;

struct Teller<'a> {
    cast: &'a Cast,
    person: &'a Person,
    facts_told: u32,
    arrived: bool,
}

impl Teller<'_> {
    fn moment(&mut self, dice: &mut Dice, visit: &Visit) -> Moment {
        let mut at = visit.at;
        let mut facts = Vec::with_capacity(visit.steps.len());
        if matches!(visit.steps.first(), Some(Step::OpenMail))
            && self.person.index.is_multiple_of(SCANNED_MAILBOX_OF)
        {
            self.scan(visit.at, &mut facts);
        }
        for (n, step) in visit.steps.iter().enumerate() {
            if n > 0 {
                at = Timestamp::from_ms_clamped(at.ms() + dice.between(9_000, 85_000));
            }
            facts.push(self.fact(at, step));
            self.arrived = true;
        }
        Moment { at, facts }
    }

    /// What the scanner before somebody's mailbox does with a mail a few minutes before it is read: it opens every link.
    fn scan(&mut self, read_at: Timestamp, facts: &mut Vec<IncomingFact>) {
        const LINKS: [(&str, &str); 5] = [
            ("product", "/pricing"),
            ("product", "/demo"),
            ("content", "/blog"),
            ("content", "/webinars"),
            ("content", "/unsubscribe"),
        ];
        let delivered = read_at.minus(Period::from_ms(240_000));
        let mail = format!("quill-{}", delivered.ms());
        let said = |cta: &str, link: &str| {
            text(&[
                ("cta", cta),
                ("subject", "The Quill"),
                ("email_id", &mail),
                ("link_url", link),
            ])
        };
        let mut happened = vec![(delivered, "Email Delivered", text(&[("email_id", &mail)]))];
        happened.extend((1_i64..).zip(LINKS).map(|(n, (cta, link))| {
            let at = delivered.plus(Period::from_ms(900 + n * 380));
            (at, "Email Link Clicked", said(cta, &format!("{SITE}{link}")))
        }));
        for (at, name, properties) in happened {
            self.facts_told += 1;
            let event = Event {
                ts: at,
                kind: EventKind::Track,
                name: name.to_owned(),
                path: None,
                properties,
            };
            facts.push(IncomingFact {
                message_id: format!("story-{}-{}", self.person.index, self.facts_told),
                ts: at,
                original_at: Some(at),
                sent_at: Some(at),
                keys: Keys {
                    email: Some(self.person.email.clone()),
                    ..Keys::default()
                },
                seen_from: None,
                context_traits: Traits::new(),
                body: FactBody::Event(event),
            });
        }
    }

    fn fact(&mut self, at: Timestamp, step: &Step) -> IncomingFact {
        self.facts_told += 1;
        let by_mail = matches!(step, Step::OpenMail | Step::ClickMail { .. });
        let keys = Keys {
            anonymous_id: (!by_mail).then(|| format!("browser-{}", self.person.index)),
            email: by_mail.then(|| self.person.email.clone()),
            ..Keys::default()
        };
        let body = match step {
            Step::Page(page) => self.page(at, page),
            Step::SignUp => FactBody::Identify(self.traits()),
            Step::AskForDemo => track(at, "Demo Requested", &[("form", "demo")]),
            Step::Subscribe => track(at, "Newsletter Subscribed", &[("list", "The Quill, fortnightly")]),
            Step::Download((kind, title)) => {
                track(at, "Asset Downloaded", &[("kind", kind), ("title", title)])
            }
            Step::Attend { product, title } => {
                let topic = if *product { "product" } else { "education" };
                track(at, "Webinar Attended", &[("topic", topic), ("title", title)])
            }
            Step::OpenMail => track(at, "Email Opened", &[("subject", "The Quill")]),
            Step::ClickMail { product } => {
                let cta = if *product { "product" } else { "content" };
                track(
                    at,
                    "Email Link Clicked",
                    &[("cta", cta), ("subject", "The Quill")],
                )
            }
        };
        IncomingFact {
            message_id: format!("story-{}-{}", self.person.index, self.facts_told),
            ts: at,
            original_at: Some(at),
            sent_at: Some(at),
            keys,
            seen_from: None,
            context_traits: Traits::new(),
            body,
        }
    }

    fn page(&self, at: Timestamp, page: &SitePage) -> FactBody {
        let mut properties = text(&[("title", page.title)]);
        properties.insert("url".to_owned(), Value::Text(format!("{SITE}{}", page.path)));
        let channel = self.person.channel;
        if !self.arrived && !channel.referrer.is_empty() {
            properties.insert("referrer".to_owned(), Value::from(channel.referrer));
        }
        FactBody::Event(Event {
            ts: at,
            kind: EventKind::Page,
            name: "page".to_owned(),
            path: Some(page.path.to_owned()),
            properties,
        })
    }

    fn traits(&self) -> Traits {
        let person = self.person;
        let mut traits = text(&[
            ("email", &person.email),
            ("first_name", person.first),
            ("last_name", person.last),
            ("title", person.title),
            ("country", person.country.name),
            ("city", person.city),
            ("channel", person.channel.name),
            ("source", person.channel.source),
        ]);
        traits.insert(
            "name".to_owned(),
            Value::Text(format!("{} {}", person.first, person.last)),
        );
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                traits.insert(name.to_owned(), value);
            }
        };
        put("campaign", person.channel.campaign.map(Value::from));
        put("phone", person.phone.as_deref().map(Value::from));
        if let Some(company) = person.company.and_then(|at| self.cast.companies.get(at)) {
            put("company", Some(Value::Text(company.name.clone())));
            put(
                "website",
                Some(Value::Text(format!("https://www.{}", company.domain))),
            );
            put("industry", Some(Value::from(company.industry)));
            put(
                "employees",
                Number::new(f64::from(company.employees)).map(Value::Number),
            );
        } else {
            // The mailboxes of the story are at made-up providers, which nothing could know for what they are.
            put("email_kind", Some(Value::from("free")));
        }
        if person.persona == Persona::Owner {
            put(
                "company",
                Some(Value::Text(format!("{} & Daughters", person.last))),
            );
            put("employees", Number::new(3.0).map(Value::Number));
        }
        traits
    }
}

fn track(ts: Timestamp, name: &str, properties: &[(&str, &str)]) -> FactBody {
    FactBody::Event(Event {
        ts,
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties: text(properties),
    })
}

fn text(entries: &[(&str, &str)]) -> Properties {
    entries
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect()
}
