use super::*;
use crate::domain::{Event, EventKind, Properties, Stage};
use crate::engine::Engine;
use crate::explain::{History, HistoryFact, explain};
use crate::handoff::{SlaFacts, choose_route, choose_sla};

const AGREEMENT: &str = r#"
[agreement]
name = "Acme"
timezone = "UTC"

[fields]
plan = "text"

[[fit]]
name = "Seniority"
when = { seniority = "vp" }
points = 20

[[intent]]
name = "Requested a demo"
on = "Demo Requested"
points = 50
max = 1

[[intent]]
name = "Visited pricing"
on = { page = "/pricing*" }
points = [15, 10, 5]

[[intent]]
name = "Visits"
on = { page = "*" }
points = 1
max = 10

[qualify]
score = 65
fast = ["Demo Requested"]

[handoff]
task = "Call {{ lead.name }} ({{ lead.company }}): {{ trigger }}, {{ score }} points"
priority = "high"

[[route]]
name = "Enterprise"
when = { employees = { min = 1000 } }
team = "enterprise"
pick = "round_robin"

[[route]]
name = "Everyone else"
team = "sdr"
pick = "round_robin"

[[sla]]
name = "Demo request"
when = { trigger = "Demo Requested" }
first_contact = "5m"

[[sla]]
name = "Standard"
first_contact = "24h"
"#;

/// An agreement with every part of a handoff.
pub(in crate::handoff) fn agreement() -> Agreement {
    let checked = crate::agreement::check(AGREEMENT);
    checked
        .agreement
        .unwrap_or_else(|| panic!("{:?}", checked.problems))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn page(ts: &str, path: &str) -> HistoryFact {
    HistoryFact::Event(Event {
        ts: at(ts),
        kind: EventKind::Page,
        name: "page".to_owned(),
        path: Some(path.to_owned()),
        properties: Properties::new(),
    })
}

fn ana() -> History {
    let traits = [
        ("email", "ana@acme.example"),
        ("first_name", "Ana"),
        ("last_name", "Lima"),
        ("title", "VP Marketing"),
        ("company", "Acme"),
        ("employees", "300"),
        ("plan", "team"),
        ("internal_note", "not a field of the agreement"),
    ];
    History {
        base: traits
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect(),
        always_known: true,
        facts: vec![
            page("2026-01-13T08:00:00Z", "/pricing"),
            page("2026-01-14T08:00:00Z", "/pricing"),
            page("2026-01-15T09:00:00Z", "/pricing"),
            HistoryFact::Event(Event {
                ts: at("2026-01-15T09:05:00Z"),
                kind: EventKind::Track,
                name: "Demo Requested".to_owned(),
                path: None,
                properties: Properties::new(),
            }),
        ],
    }
}

fn packet_of(history: &History) -> Option<Packet> {
    packet_under(&agreement(), history, None, Vec::new())
}

fn packet_under(
    agreement: &Agreement,
    history: &History,
    account: Option<AccountContext>,
    earlier: Vec<EarlierCycle>,
) -> Option<Packet> {
    let engine = Engine::new(std::sync::Arc::new(agreement.clone()));
    let t = at("2026-01-15T09:05:00Z");
    let ledger = explain(&engine, history, t);
    let profile = Profile::new(&history.base);
    let (route, reason) = choose_route(agreement, &profile).unwrap();
    let facts = SlaFacts {
        trigger: "Demo Requested",
        score: engine.score(&history.fold(&engine, t).state, t),
        grade: "",
        cycle: 1,
        recycled: false,
        profile: &profile,
    };
    packet(Handed {
        agreement,
        version: 3,
        hash: "abc",
        lead_id: "lead_1",
        at: t,
        said_by: BTreeMap::from([("company".to_owned(), TraitSource::Stated)]),
        account,
        earlier,
        traits: &history.base,
        ledger: &ledger,
        route: Some(RouteChoice {
            name: route.name.clone(),
            team: route.team.clone(),
            reason,
        }),
        owner: Some(Owner {
            id: "u1".to_owned(),
            name: "Sam".to_owned(),
            reason: "the only one".to_owned(),
        }),
        sla: choose_sla(agreement, &facts),
    })
}

#[test]
fn a_packet_says_who_why_whose_and_by_when() {
    let packet = packet_of(&ana()).unwrap();
    assert_eq!(
        packet.task.title,
        "Call Ana Lima (Acme): Demo Requested, 103 points"
    );
    assert_eq!(packet.task.due_at, Some(at("2026-01-15T09:10:00Z")));
    assert_eq!(
        packet.sla.as_ref().map(|sla| sla.first_contact.as_str()),
        Some("5m")
    );
    assert_eq!(
        packet.route.as_ref().map(|route| route.name.as_str()),
        Some("Everyone else")
    );
    assert_eq!((packet.cycle, packet.trigger.as_str()), (1, "Demo Requested"));
    let fields: Vec<&str> = packet.lead.fields.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "department",
            "domain",
            "email_kind",
            "employees",
            "plan",
            "seniority"
        ]
    );
    let top: Vec<(&str, String)> = packet
        .top_lines
        .iter()
        .map(|line| (line.rule.as_str(), line.points.short()))
        .collect();
    let expected = [
        ("Requested a demo", "50"),
        ("Visited pricing", "30"),
        ("Seniority", "20"),
        ("Visits", "3"),
    ];
    // A page pattern of `*` is about page views alone, so the demo request is no visit.
    assert!(
        top.iter()
            .map(|(rule, points)| (*rule, points.as_str()))
            .eq(expected)
    );
}

#[test]
fn one_visit_under_two_rules_is_one_activity() {
    let packet = packet_of(&ana()).unwrap();
    let texts: Vec<&str> = packet
        .activities
        .iter()
        .map(|activity| activity.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "Demo Requested, just now",
            "visited /pricing 3 times, last 5 min ago",
        ]
    );
    assert_eq!(packet.activities_more, 0);
}

#[test]
fn who_has_not_qualified_has_no_packet() {
    let nobody = History {
        always_known: true,
        ..History::default()
    };
    assert_eq!(packet_of(&nobody), None);
}

#[test]
fn a_lead_without_a_name_is_called_by_its_email_or_id() {
    let agreement = agreement();
    let email = Traits::from([("email".to_owned(), Value::from("ana@acme.example"))]);
    assert_eq!(lead_card(&agreement, "lead_1", &email).name, "ana@acme.example");
    assert_eq!(lead_card(&agreement, "lead_1", &Traits::new()).name, "lead_1");
}

/// The account of Ana's company, with more going on than a packet holds.
fn acme() -> AccountContext {
    let colleague = |n: i64| Colleague {
        lead: format!("lead_{n}"),
        name: format!("Colleague {n}"),
        title: Some("Director of IT".to_owned()),
        stage: Stage::Lead,
        intent: Points::from_millis(40_000 - n * 1_000),
        last_seen: at("2026-01-14T12:00:00Z"),
    };
    AccountContext {
        id: "7".to_owned(),
        name: "Acme".to_owned(),
        owner: Some("Sam".to_owned()),
        score: Some(AccountScore {
            score: Points::from_millis(155_000),
            qualified: false,
            roles: vec![CommitteeSeat {
                role: "economic buyer".to_owned(),
                held: true,
            }],
        }),
        people: (2..9).map(colleague).collect(),
        people_more: 1,
        deals: Vec::new(),
    }
}

fn sent_back(cycle: u32) -> EarlierCycle {
    EarlierCycle {
        cycle,
        trigger: "Demo Requested".to_owned(),
        handed_at: at("2025-06-01T09:00:00Z"),
        owner: Some("Ann".to_owned()),
        ended: "rejected".to_owned(),
        ended_at: Some(at("2025-06-02T09:00:00Z")),
        by: Some("Ann".to_owned()),
        reason: Some("Timing not right".to_owned()),
        note: Some("budget in spring".to_owned()),
    }
}

#[test]
fn a_whole_packet_as_it_is_kept_and_sent() {
    let packet = packet_under(&agreement(), &ana(), Some(acme()), vec![sent_back(1)]).unwrap();
    let mut text = serde_json::to_string_pretty(&packet).unwrap();
    text.push('\n');
    expect_test::expect_file!["tests/whole.json"].assert_eq(&text);
}

#[test]
fn every_list_of_a_packet_is_bounded_and_says_what_is_left_out() {
    let packet = packet_under(
        &agreement(),
        &ana(),
        Some(acme()),
        (1..20).rev().map(sent_back).collect(),
    );
    let packet = packet.unwrap();
    let account = packet.account.unwrap();
    assert_eq!((account.people.len(), account.people_more), (COLLEAGUES_MAX, 3));
    assert_eq!((packet.earlier.len(), packet.earlier[0].cycle), (EARLIER_MAX, 19));
    let mut wordy = ana();
    let long = Value::List(vec!["x".repeat(1_000); 500]);
    wordy.base.insert("technologies".to_owned(), long);
    let packet = packet_of(&wordy).unwrap();
    let Some(Value::List(kept)) = packet
        .firmographics
        .into_iter()
        .find(|known| known.field == "technologies")
        .map(|known| known.value)
    else {
        panic!("technologies are told");
    };
    assert_eq!((kept.len(), kept[0].len()), (20, 200));
}

#[test]
fn the_opening_reads_naturally_whatever_is_known() {
    let check = |change: &dyn Fn(&mut History), earlier: Vec<EarlierCycle>, line: &str| {
        let mut history = ana();
        change(&mut history);
        let packet = packet_under(&agreement(), &history, None, earlier).unwrap();
        assert_eq!(packet.opening, line);
    };
    check(
        &|_| {},
        Vec::new(),
        "Hi Ana, this is Sam. You requested a demo, and you have been looking at our pricing page. \
         What would you like to get done at Acme?",
    );
    check(
        &|history| {
            history.facts.drain(..3);
            for name in ["first_name", "company"] {
                history.base.remove(name);
            }
        },
        Vec::new(),
        "Hello, this is Sam. You requested a demo. What would you like to get done?",
    );
    check(
        &|history| drop(history.facts.drain(..2)),
        vec![sent_back(1)],
        "Hi Ana, this is Sam. Good to see you back: you requested a demo, and you looked at our pricing page. \
         What would you like to get done at Acme?",
    );
}

#[test]
fn the_agreements_own_opening_is_filled_in() {
    let own = AGREEMENT.replace(
        "priority = \"high\"",
        "priority = \"high\"\nopening = \"{{ owner.first_name }} from Bell here, {{ lead.first_name }}: {{ did }}.\"",
    );
    let agreement = crate::agreement::check(&own).agreement.unwrap();
    let packet = packet_under(&agreement, &ana(), None, Vec::new()).unwrap();
    assert_eq!(
        packet.opening,
        "Sam from Bell here, Ana: you requested a demo, and you have been looking at our pricing page."
    );
}
