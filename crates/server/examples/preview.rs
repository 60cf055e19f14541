//! A server with a few made-up leads, to look at the pages while changing them:
//! `cargo run -p bellwether-server --example preview -- 127.0.0.1:7879`, then sign in as `ana@acme.example`, or as
//! `mia@acme.example` who sets up sites, with the password `preview preview`. Everything is gone when it ends.

use std::sync::Arc;

use bellwether_app::{
    Actor, App, FactBody, Holiday, IncomingFact, KeyClass, Keys, LeadId, NewDeal, Options, Role, SourceId,
    Submission, SystemClock, SystemEntropy, TeamSettings, UserId,
};
use bellwether_core::deal::{Answer, Answered, Bant, Money, Question};
use bellwether_core::domain::{
    Event, EventKind, Number, Period, Properties, Timestamp, TraitSource, Traits, Value,
};
use bellwether_server::{ServerOptions, VisitorOptions, router, serve};

const AGREEMENT: &str = include_str!("../../../examples/agreements/saas-fit-intent.toml");
const PASSWORD: &str = "preview preview";

/// Name, title, company, email, employees, minutes since they asked for a demo.
const PEOPLE: [(&str, &str, &str, &str, f64, i64); 7] = [
    (
        "Ingrid Solberg",
        "VP Marketing",
        "Fjordlight Analytics",
        "ingrid@fjordlight.example",
        320.0,
        2,
    ),
    (
        "Mateo Álvarez",
        "Director of Demand Generation",
        "Quarry & Kiln",
        "mateo@quarrykiln.example",
        140.0,
        44,
    ),
    (
        "Priya Raman",
        "Chief Revenue Officer",
        "Northwind Logistics",
        "priya@northwind.example",
        480.0,
        95,
    ),
    (
        "Tom Becker",
        "Marketing Manager",
        "Brightwater Software GmbH & Co. KG",
        "tom@brightwater.example",
        75.0,
        300,
    ),
    (
        "Aiko Tanaka",
        "VP Growth",
        "Lumen Health",
        "aiko@lumenhealth.example",
        210.0,
        1_600,
    ),
    (
        "Chidi Eze",
        "Head of Marketing",
        "Savanna Pay",
        "chidi@savannapay.example",
        95.0,
        4_000,
    ),
    (
        "Anne-Laure de la Bourdonnaye-Montmorency",
        "Directrice du Marketing International et des Partenariats",
        "Compagnie Générale de Logistique Maritime",
        "anne-laure.bourdonnaye@cglm-logistique.example",
        900.0,
        12,
    ),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:7879".to_owned());
    let directory = tempfile::tempdir()?;
    let mut options = Options::new(directory.path().to_owned(), AGREEMENT.to_owned());
    options.public_url = Some(format!("http://{address}"));
    let app = App::open(options)?;
    let (key, secret) = app.create_key(KeyClass::Write, "Preview").await?;
    let (_, admin) = app.create_key(KeyClass::Admin, "Preview").await?;
    let ana = app
        .create_user("Ana Okoye", "ana@acme.example", PASSWORD, Role::Sales)
        .await?;
    let _ = app
        .create_user("Mia Marketing", "mia@acme.example", PASSWORD, Role::Marketing)
        .await?;
    let ben = app
        .create_user("Ben Castellanos", "ben@acme.example", PASSWORD, Role::Sales)
        .await?;
    let routes = app.active_agreement().await?.engine.agreement().routes.clone();
    for route in &routes {
        app.add_member(&route.team, ana.id, 2).await?;
        app.add_member(&route.team, ben.id, 1).await?;
    }
    let now = app.now();
    for person in PEOPLE {
        for fact in story(person, now) {
            let at = fact.ts;
            let submission = Submission {
                source: SourceId(key.id.0),
                speaker: TraitSource::Stated,
                received_at: at,
                facts: vec![fact],
                findings: Vec::new(),
            };
            app.accept(submission).await?;
        }
    }
    work(&app, ana.id, ben.id).await?;
    let options = ServerOptions {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        public_url: None,
        visitors: VisitorOptions::default(),
    };
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{address} with the write key {secret} and the admin key {admin}");
    serve(listener, router(app, options), async {
        drop(tokio::signal::ctrl_c().await);
    })
    .await?;
    Ok(())
}

/// What sales has done by now, and how its team stands.
async fn work(app: &App, ana: UserId, ben: UserId) -> anyhow::Result<()> {
    app.create_user("Ada Admin", "ada@acme.example", PASSWORD, Role::Admin)
        .await?;
    let settings = TeamSettings {
        zone: Some("Europe/Berlin".to_owned()),
        shifts: Some("mon-sun 00:00-23:59".to_owned()),
        holidays: Some("de".to_owned()),
        manager: Some(ana),
        booking_url: Some("https://book.acme.example/sdr".to_owned()),
    };
    let days = [("2099-12-25", "Christmas"), ("2099-12-26", "Boxing Day")].map(|(date, name)| Holiday {
        date: date.to_owned(),
        name: name.to_owned(),
    });
    app.put_holidays("de", days.into()).await?;
    for team in app.teams().await? {
        app.put_team(&team.name, settings.clone()).await?;
    }
    let actor = Actor::User(ana);
    let until = app.now().plus(Period::from_ms(9 * 86_400_000));
    app.add_time_off(ben, None, Some(until), "Skiing", false, actor)
        .await?;
    let yes = Answered {
        answer: Answer::Yes,
        note: Some("said so on the phone".to_owned()),
    };
    let mut bant = Bant::default();
    for question in [
        Question::Budget,
        Question::Authority,
        Question::Need,
        Question::Timeline,
    ] {
        bant.record(question, yes.clone());
    }
    let (worked, back) = (LeadId(3), LeadId(4));
    for lead in [worked, back] {
        let detail = app.lead(lead, app.now()).await?;
        let handoff = detail.and_then(|detail| detail.handoffs.first().map(|handoff| handoff.id));
        match handoff {
            Some(handoff) if lead == worked => {
                app.accept_handoff(handoff, actor).await?;
                app.sales_qualify(lead, bant.clone(), actor).await?;
                let deal = NewDeal {
                    name: "Northwind: 120 seats and onboarding".to_owned(),
                    money: Money::parse("48000", "EUR").ok(),
                    close_on: "2099-03-31".parse().ok(),
                    sales_stage: Some("proposal".to_owned()),
                    owner: None,
                };
                app.open_deal(lead, deal, actor).await?;
            }
            Some(handoff) => {
                let reason = app.active_agreement().await?;
                let reasons = &reason.engine.agreement().rejections;
                let reason = reasons.first().map(|one| one.reason.clone());
                let note = Some("Ask again when the new budget is there".to_owned());
                app.reject_handoff(handoff, reason.unwrap_or_default(), note, actor)
                    .await?;
            }
            None => println!("lead {lead} has no handoff"),
        }
    }
    Ok(())
}

fn story(person: (&str, &str, &str, &str, f64, i64), now: Timestamp) -> Vec<IncomingFact> {
    let (name, title, company, email, employees, minutes) = person;
    let ago = |minutes: i64| now.minus(Period::from_ms(minutes * 60_000));
    let text = |text: &str| Value::Text(text.to_owned());
    let traits: Traits = [
        ("name", text(name)),
        ("title", text(title)),
        ("company", text(company)),
        ("email", text(email)),
        ("industry", text("software")),
        ("country", text("US")),
        (
            "employees",
            Number::new(employees).map_or_else(|| text(""), Value::Number),
        ),
    ]
    .map(|(field, value)| (field.to_owned(), value))
    .into();
    let mut facts = vec![
        page("/blog/lead-scoring", ago(minutes + 9_000)),
        page("/pricing", ago(minutes + 4_000)),
        page("/pricing", ago(minutes + 60)),
        page("/case-studies/acme", ago(minutes + 30)),
        track("Webinar Attended", ago(minutes + 2_000)),
        fact(ago(minutes + 5), FactBody::Identify(traits)),
        track("Demo Requested", ago(minutes)),
        page("/docs/getting-started", ago(minutes / 2)),
    ];
    facts.extend(scan(ago(minutes + 90)));
    facts.sort_by_key(|fact| fact.ts);
    for (index, fact) in facts.iter_mut().enumerate() {
        fact.message_id = format!("{email}-{index}");
        fact.keys = Keys {
            user_id: Some(email.to_owned()),
            ..Keys::default()
        };
    }
    facts
}

/// What the scanner before a mailbox does with a mail: it opens every link.
fn scan(delivered: Timestamp) -> impl Iterator<Item = IncomingFact> {
    ["/pricing", "/demo", "/blog", "/unsubscribe"]
        .into_iter()
        .zip(1_i64..)
        .map(move |(link, n)| {
            let ts = delivered.plus(Period::from_ms(n * 700));
            let said = [("email_id", "spring"), ("link_url", link)];
            fact(
                ts,
                FactBody::Event(Event {
                    ts,
                    kind: EventKind::Track,
                    name: "Email Link Clicked".to_owned(),
                    path: None,
                    properties: said
                        .map(|(name, value)| (name.to_owned(), Value::from(value)))
                        .into(),
                }),
            )
        })
}

fn page(path: &str, ts: Timestamp) -> IncomingFact {
    let event = Event {
        ts,
        kind: EventKind::Page,
        name: "page".to_owned(),
        path: Some(path.to_owned()),
        properties: Properties::new(),
    };
    fact(ts, FactBody::Event(event))
}

fn track(name: &str, ts: Timestamp) -> IncomingFact {
    let properties = Properties::from([("source".to_owned(), Value::Text("website".to_owned()))]);
    fact(
        ts,
        FactBody::Event(Event {
            ts,
            kind: EventKind::Track,
            name: name.to_owned(),
            path: None,
            properties,
        }),
    )
}

fn fact(ts: Timestamp, body: FactBody) -> IncomingFact {
    IncomingFact {
        message_id: String::new(),
        ts,
        original_at: None,
        sent_at: None,
        keys: Keys::default(),
        seen_from: None,
        context_traits: Traits::new(),
        body,
    }
}
