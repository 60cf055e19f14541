//! Agreements and leads at random: every kind of rule, and histories that crowd where arithmetic goes wrong, on equal
//! instants, on the edge of a window, and around midnight. Everything shrinks towards one plain rule and no events.

use std::collections::BTreeMap;

use bellwether_core::agreement::{
    AccountModel, Agreement, Case, CommitteeRole, Condition, Count, Decay, Disqualify, EventPattern,
    FieldType, Fields, FitRule, Glob, Grades, Group, Handoff, IntentRule, Limits, Matches, Priority, Qualify,
    Quiet, RuleKind, ScoreClamp, Test,
};
use bellwether_core::domain::{
    Event, EventKind, MS_PER_DAY, Number, Period, Points, Properties, Timestamp, Traits, Value,
};
use bellwether_core::profile::country_code;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use regex::RegexBuilder;

use super::OracleLead;

/// The midnight that histories begin near.
pub(crate) const START_MS: i64 = 20_000 * MS_PER_DAY;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// The lengths of time that rules use, so that gaps between events can be drawn at their edges.
const PERIODS_MS: [i64; 6] = [
    1,
    30 * MINUTE_MS,
    6 * HOUR_MS,
    MS_PER_DAY,
    7 * MS_PER_DAY,
    30 * MS_PER_DAY,
];
const DAYS: [u32; 6] = [1, 2, 7, 14, 30, 90];

/// An agreement, a lead, and the instant to judge it at.
pub(crate) fn case() -> impl Strategy<Value = (Agreement, OracleLead, Timestamp)> {
    case_of(40)
}

/// The same with a lead of up to so many events.
pub(crate) fn case_of(events_max: usize) -> impl Strategy<Value = (Agreement, OracleLead, Timestamp)> {
    let case = (agreement(), lead_of(events_max), any::<Index>(), later());
    case.prop_map(|(agreement, lead, which, later)| {
        let t = moment(&lead, which, later);
        (agreement, lead, t)
    })
}

/// An agreement with an account model, up to four of its people, what came for the company, and the instant.
pub(crate) fn account_case() -> impl Strategy<Value = (Agreement, Vec<OracleLead>, Vec<Event>, Timestamp)> {
    (
        agreement(),
        account_model(),
        vec(lead(), 0..4),
        events(6),
        later(),
    )
        .prop_map(|(mut agreement, model, people, events, later)| {
            agreement.account = Some(model);
            let moments = people
                .iter()
                .flat_map(|lead| lead.events.iter())
                .chain(&events)
                .map(|e| e.ts);
            let t = shifted(moments.max().unwrap_or(at(START_MS)), later);
            (agreement, people, events, t)
        })
}

/// A moment of the lead's, or its end, and then some.
fn moment(lead: &OracleLead, which: Index, later: i64) -> Timestamp {
    let instants = super::instants(lead, Timestamp::MAX);
    let chosen = if instants.is_empty() {
        at(START_MS)
    } else {
        instants[which.index(instants.len())]
    };
    shifted(chosen, later)
}

fn later() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        1 => select(vec![1, -1, MS_PER_DAY - 1, MS_PER_DAY, 200 * MS_PER_DAY, 2_000 * MS_PER_DAY]),
        2 => select(PERIODS_MS.to_vec()),
        2 => 0..100 * MS_PER_DAY,
    ]
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms_clamped(ms)
}

fn shifted(from: Timestamp, ms: i64) -> Timestamp {
    at(from.ms() + ms)
}

// ---- Agreements -------------------------------------------------------------------------------------------------

/// An agreement of up to four fit rules, eight intent rules and three groups.
pub(crate) fn agreement() -> impl Strategy<Value = Agreement> {
    let rules = (vec(fit_cases(), 0..4), groups(), vec(rule_body(), 0..8));
    // Most agreements exclude nobody, or else too few leads would get as far as the line.
    let excluded = prop_oneof![2 => Just(Vec::new()), 1 => vec(condition(), 1..3)];
    let lines = (qualify(), excluded, option::of(grades()), clamp());
    (rules, lines).prop_map(|((fit, groups, intent), (qualify, disqualify, grades, clamp))| {
        let group_count = groups.len();
        Agreement {
            fit: named("fit", fit)
                .map(|(name, cases)| FitRule { name, cases })
                .collect(),
            intent: intent_rules("intent", intent, group_count),
            groups,
            qualify,
            disqualify: named("exclusion", disqualify)
                .map(|(name, when)| Disqualify { name, when })
                .collect(),
            grades,
            clamp,
            ..empty_agreement()
        }
    })
}

/// An agreement in which nothing is agreed yet, to build on by `..empty_agreement()`.
pub(crate) fn empty_agreement() -> Agreement {
    Agreement {
        name: "Drawn at random".to_owned(),
        timezone: "UTC".to_owned(),
        review: None,
        fields: fields(),
        fit: Vec::new(),
        intent: Vec::new(),
        groups: Vec::new(),
        qualify: Qualify::default(),
        disqualify: Vec::new(),
        grades: None,
        clamp: ScoreClamp::default(),
        suspect: None,
        account: None,
        handoff: Handoff {
            task: "Call".to_owned(),
            opening: None,
            priority: Priority::Normal,
            expire: None,
            nurture: None,
            again: None,
            first_contact: Vec::new(),
        },
        routes: Vec::new(),
        slas: Vec::new(),
        rejections: Vec::new(),
        nurture: Vec::new(),
        limits: Limits::default(),
        replies: Vec::new(),
        messages: Vec::new(),
        examples: Vec::new(),
        silenced: Vec::new(),
    }
}

fn fields() -> Fields {
    let mut fields = Fields::built_in();
    fields.0.insert("vip".to_owned(), FieldType::Bool);
    fields
}

fn named<T>(kind: &str, items: Vec<T>) -> impl Iterator<Item = (String, T)> {
    items
        .into_iter()
        .enumerate()
        .map(move |(i, item)| (format!("{kind} {i}"), item))
}

fn account_model() -> impl Strategy<Value = AccountModel> {
    let bars = (option::of(points()), option::of(0..4u32), option::of(0..3u32));
    (bars, points(), vec(condition(), 0..3), vec(rule_body(), 0..3)).prop_map(
        |((score, people, roles), per_person, committee, intent)| AccountModel {
            per_person: per_person.positive(),
            score,
            people,
            roles,
            committee: named("role", committee)
                .map(|(role, when)| CommitteeRole { role, when })
                .collect(),
            intent: intent_rules("account intent", intent, 0),
        },
    )
}

fn intent_rules(kind: &str, bodies: Vec<(Option<Index>, RuleKind)>, group_count: usize) -> Vec<IntentRule> {
    let group_of = |group: Option<Index>| {
        group
            .filter(|_| group_count > 0)
            .map(|which| which.index(group_count))
    };
    named(kind, bodies)
        .map(|(name, (group, kind))| IntentRule {
            name,
            level: None,
            group: group_of(group),
            kind,
        })
        .collect()
}

/// Points of any number of places up to three, of either sign.
pub(crate) fn points() -> impl Strategy<Value = Points> {
    prop_oneof![
        3 => (0..60i32).prop_map(Points::whole),
        1 => (-40..0i32).prop_map(Points::whole),
        2 => (-3_000..30_000i64).prop_map(Points::from_millis),
        1 => select(vec![1, -1, 500, -500, 999, 0]).prop_map(Points::from_millis),
    ]
}

fn fit_cases() -> impl Strategy<Value = Vec<Case>> {
    vec(
        (condition(), points()).prop_map(|(when, points)| Case { when, points }),
        1..4,
    )
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    vec(points(), 0..3).prop_map(|maxima| {
        named("group", maxima)
            .map(|(name, max)| Group {
                name,
                max: max.positive(),
            })
            .collect()
    })
}

fn qualify() -> impl Strategy<Value = Qualify> {
    let fast = subsequence(
        vec!["demo requested".to_owned(), "email opened".to_owned()],
        0..=2,
    );
    let no_line = prop_oneof![3 => Just(Vec::new()), 1 => fast];
    (
        option::weighted(0.8, points()),
        option::of(points()),
        option::of(points()),
        no_line,
    )
        .prop_map(|(score, fit, intent, mut fast)| {
            if score.is_none() && intent.is_none() && fast.is_empty() {
                fast.push("demo requested".to_owned());
            }
            Qualify {
                score,
                fit,
                intent,
                fast,
            }
        })
}

fn grades() -> impl Strategy<Value = Grades> {
    let lines = |labels: [&'static str; 3]| {
        vec(points(), 0..=3).prop_map(move |mut lines| {
            lines.sort();
            lines.dedup();
            lines.reverse();
            labels
                .iter()
                .map(|label| (*label).to_owned())
                .zip(lines)
                .collect::<Vec<_>>()
        })
    };
    (lines(["A", "B", "C"]), lines(["1", "2", "3"])).prop_map(|(fit, intent)| Grades { fit, intent })
}

fn clamp() -> impl Strategy<Value = ScoreClamp> {
    option::weighted(0.3, (points(), points())).prop_map(|bounds| match bounds {
        None => ScoreClamp::default(),
        Some((one, other)) => ScoreClamp {
            min: Some(one.min(other)),
            max: Some(one.max(other)),
        },
    })
}

// ---- Intent rules -----------------------------------------------------------------------------------------------

/// What a rule counts, and which group it may be in.
fn rule_body() -> impl Strategy<Value = (Option<Index>, RuleKind)> {
    let kind =
        prop_oneof![4 => matches().prop_map(RuleKind::Matches), 1 => quiet().prop_map(RuleKind::Quiet)];
    (option::of(any::<Index>()), kind)
}

fn quiet() -> impl Strategy<Value = Quiet> {
    (option::of(pattern()), period(), points()).prop_map(|(on, after, points)| Quiet { on, after, points })
}

fn matches() -> impl Strategy<Value = Matches> {
    let counted = (option::weighted(0.3, period()), option::weighted(0.3, count()));
    let given = prop_oneof![
        2 => points().prop_map(|points| (vec![points], false)),
        1 => vec(points(), 1..4).prop_map(|points| (points, true)),
    ];
    (
        pattern(),
        counted,
        given,
        option::of(1..5u32),
        decay(),
        option::weighted(0.3, select(DAYS.to_vec())),
    )
        .prop_map(
            |(on, (once_per, count), (points, by_recency), max, decay, expires_days)| {
                let listed = u32::try_from(points.len()).unwrap_or(u32::MAX);
                // The compiled form has both defaults applied already: what is listed, and one where events are counted.
                let max = match (max, by_recency, count) {
                    (Some(max), true, _) => Some(max.min(listed)),
                    (None, true, _) => Some(listed),
                    (None, false, Some(_)) => Some(1),
                    (max, false, _) => max,
                };
                Matches {
                    on,
                    once_per,
                    count,
                    points,
                    by_recency,
                    max,
                    decay,
                    expires_days,
                }
            },
        )
}

fn count() -> impl Strategy<Value = Count> {
    (1..=4u32, option::of(period())).prop_map(|(events, within)| Count { events, within })
}

fn decay() -> impl Strategy<Value = Decay> {
    let days = || select(DAYS.to_vec());
    prop_oneof![
        2 => Just(Decay::None),
        1 => days().prop_map(|days| Decay::HalfLife { days }),
        1 => (1..=100u32, days()).prop_map(|(percent, every_days)| Decay::Lose { percent, every_days }),
        1 => days().prop_map(|days| Decay::Over { days }),
    ]
}

fn period() -> impl Strategy<Value = Period> {
    select(PERIODS_MS.to_vec()).prop_map(Period::from_ms)
}

// ---- Patterns and conditions ------------------------------------------------------------------------------------

/// A pattern of at most one kind of event, with up to two conditions on properties.
pub(crate) fn pattern() -> impl Strategy<Value = EventPattern> {
    let names = subsequence(vec!["demo requested", "asset downloaded", "email opened"], 1..=2);
    let pages = subsequence(vec!["/pricing*", "/blog/*", "*", "/", "*/EU"], 1..=2);
    let to_names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let kind = prop_oneof![
        4 => names.prop_map(move |names| EventPattern { names: to_names(names), ..EventPattern::default() }),
        3 => pages.prop_map(|pages| EventPattern {
            pages: pages.into_iter().map(Glob::new).collect(),
            ..EventPattern::default()
        }),
        1 => Just(EventPattern { screens: vec!["home".to_owned()], ..EventPattern::default() }),
        1 => Just(EventPattern::default()),
    ];
    let tested = prop_oneof![3 => Just(Vec::new()), 1 => vec(property_test(), 1..=2)];
    (kind, tested).prop_map(|(kind, properties)| EventPattern { properties, ..kind })
}

fn property_test() -> impl Strategy<Value = (String, Test)> {
    prop_oneof![
        text_test(&["ebook", "WHITE*", "*"]).prop_map(|test| ("kind".to_owned(), test)),
        number_test().prop_map(|test| ("strength".to_owned(), test)),
        text_test(&["gold"]).prop_map(|test| ("plan.tier".to_owned(), test)),
        any::<bool>().prop_map(|wanted| ("first".to_owned(), Test::Bool(wanted))),
    ]
}

fn text_test(globs: &[&'static str]) -> impl Strategy<Value = Test> + use<> {
    let globs = globs.to_vec();
    let most = globs.len();
    let text =
        subsequence(globs, 1..=most).prop_map(|globs| Test::Text(globs.into_iter().map(Glob::new).collect()));
    with_absence(prop_oneof![3 => text, 1 => Just(Test::Regex(regex("o+k|gold|vp\\b")))])
}

fn number_test() -> impl Strategy<Value = Test> {
    let bound =
        || option::of(select(vec![0.0, 10.0, 50.0, 70.0, 500.5])).prop_map(|n| n.and_then(Number::new));
    with_absence((bound(), bound()).prop_map(|(min, max)| Test::Number { min, max }))
}

/// The test, or one on there being a value at all, or its opposite, or both.
fn with_absence(test: impl Strategy<Value = Test> + 'static) -> impl Strategy<Value = Test> {
    (test, 0..10u32, any::<bool>()).prop_map(|(test, which, wanted)| match which {
        9 => Test::All(vec![Test::Exists(true), Test::Not(Box::new(test))]),
        8 => Test::Not(Box::new(test)),
        7 => Test::Exists(wanted),
        _ => test,
    })
}

/// The test as fields of sizes take it.
fn as_amounts(test: Test) -> Test {
    match test {
        Test::Not(test) => Test::Not(Box::new(as_amounts(*test))),
        Test::All(tests) => Test::All(tests.into_iter().map(as_amounts).collect()),
        Test::Number { min, max } => Test::Amount { min, max },
        test => test,
    }
}

/// The test as the field of countries takes it.
fn as_countries(test: Test) -> Test {
    match test {
        Test::Not(test) => Test::Not(Box::new(as_countries(*test))),
        Test::All(tests) => Test::All(tests.into_iter().map(as_countries).collect()),
        Test::Text(texts) => {
            let codes = texts
                .iter()
                .filter_map(|glob| country_code(glob.source()))
                .collect();
            Test::Country { texts, codes }
        }
        test => test,
    }
}

fn regex(source: &str) -> regex::Regex {
    RegexBuilder::new(source)
        .case_insensitive(true)
        .build()
        .expect("the test's own expression compiles")
}

/// A condition on traits, nested up to two deep.
pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    let field = |name: &str, test: Test| Condition::Field {
        field: name.to_owned(),
        test,
    };
    let leaf = prop_oneof![
        2 => number_test().prop_map(move |test| field("employees", test)),
        2 => number_test().prop_map(move |test| field("employees", as_amounts(test))),
        2 => text_test(&["DE", "USA", "germany", "*"]).prop_map(move |test| field("country", as_countries(test))),
        3 => text_test(&["software*", "retail"]).prop_map(move |test| field("industry", test)),
        2 => text_test(&["hubspot", "seg*"]).prop_map(move |test| field("technologies", test)),
        2 => text_test(&["vp", "director"]).prop_map(move |test| field("seniority", test)),
        1 => any::<bool>().prop_map(move |wanted| field("vip", Test::Bool(wanted))),
        2 => text_test(&["paid_search", "organic*", "email", "direct"]).prop_map(move |test| field("channel", test)),
        1 => text_test(&["google", "bing", "newsletter"]).prop_map(move |test| field("source", test)),
        1 => text_test(&["spring"]).prop_map(move |test| field("campaign", test)),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..=2).prop_map(Condition::All),
            vec(inner.clone(), 1..=2).prop_map(Condition::Any),
            inner.prop_map(|condition| Condition::Not(Box::new(condition))),
        ]
    })
}

// ---- Leads ------------------------------------------------------------------------------------------------------

/// A lead of up to forty events, with traits that change over time and sometimes a return from sales.
pub(crate) fn lead() -> impl Strategy<Value = OracleLead> {
    lead_of(40)
}

/// The same of up to so many events.
fn lead_of(events_max: usize) -> impl Strategy<Value = OracleLead> {
    let learned = vec((any::<Index>(), beside(), traits()), 0..4);
    let created = option::of((any::<Index>(), beside()));
    let returns = prop_oneof![3 => Just(Vec::new()), 1 => vec((any::<Index>(), beside(), again()), 1..3)];
    (events(events_max), traits(), learned, created, returns).prop_map(
        |(events, base, learned, created, returns)| {
            let near = |which: Index, beside: i64| {
                let chosen = if events.is_empty() {
                    at(START_MS)
                } else {
                    events[which.index(events.len())].ts
                };
                shifted(chosen, beside)
            };
            OracleLead {
                base,
                traits: learned
                    .into_iter()
                    .map(|(which, beside, traits)| (near(which, beside), traits))
                    .collect(),
                created_at: created.map(|(which, beside)| near(which, beside)),
                sent_back: returns
                    .into_iter()
                    .map(|(which, beside, again)| (near(which, beside), again))
                    .collect(),
                events,
            }
        },
    )
}

fn again() -> impl Strategy<Value = Period> {
    prop_oneof![1 => Just(Period::from_ms(0)), 2 => period()]
}

/// How far from an event something else happens; mostly in the same instant.
fn beside() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        2 => select(vec![1, -1]),
        1 => select(vec![MS_PER_DAY, -MS_PER_DAY, -30 * MS_PER_DAY]),
    ]
}

/// Up to `most` events, in order.
pub(crate) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let start = select(vec![0, 12 * HOUR_MS, MS_PER_DAY - 1]);
    (start, vec((gap(), event_body()), 0..=most)).prop_map(|(start, drawn)| {
        let mut ms = START_MS + start;
        let mut events = Vec::new();
        for (gap, (kind, name, path, properties)) in drawn {
            ms = gap.after(ms);
            events.push(Event {
                ts: at(ms),
                kind,
                name,
                path,
                properties,
            });
        }
        events
    })
}

/// How long after the event before it an event comes.
#[derive(Debug, Clone, Copy)]
enum Gap {
    Of(i64),
    ToMidnight(i64),
}

impl Gap {
    fn after(self, ms: i64) -> i64 {
        match self {
            Self::Of(gap) => ms + gap,
            Self::ToMidnight(beside) => ((ms.div_euclid(MS_PER_DAY) + 1) * MS_PER_DAY + beside).max(ms),
        }
    }
}

fn gap() -> impl Strategy<Value = Gap> {
    prop_oneof![
        4 => Just(Gap::Of(0)),
        2 => select(vec![1, MINUTE_MS, HOUR_MS, 3 * HOUR_MS]).prop_map(Gap::Of),
        3 => (select(PERIODS_MS.to_vec()), -1..=1i64).prop_map(|(period, beside)| Gap::Of(period + beside)),
        1 => (-1..=1i64).prop_map(Gap::ToMidnight),
        1 => (0..10 * MS_PER_DAY).prop_map(Gap::Of),
    ]
}

type EventBody = (EventKind, String, Option<String>, Properties);

fn event_body() -> impl Strategy<Value = EventBody> {
    let names = select(vec![
        "Demo Requested",
        "demo_requested",
        "Asset Downloaded",
        "Email-Opened",
        "Other",
    ]);
    let paths = select(vec!["/pricing", "/Pricing/eu", "/blog/a", "/", ""]);
    let body = prop_oneof![
        4 => names.prop_map(|name| (EventKind::Track, name.to_owned(), None)),
        3 => paths.prop_map(|path| (EventKind::Page, "page".to_owned(), Some(path.to_owned()))),
        1 => select(vec!["Home", "home", "Settings"]).prop_map(|name| (EventKind::Screen, name.to_owned(), None)),
    ];
    (body, properties()).prop_map(|((kind, name, path), properties)| (kind, name, path, properties))
}

fn properties() -> impl Strategy<Value = Properties> {
    let one = prop_oneof![
        select(vec!["ebook", "White Paper", "", "gold"]).prop_map(|kind| ("kind", Value::from(kind))),
        number_or_text().prop_map(|strength| ("strength", strength)),
        select(vec!["gold", "free"]).prop_map(|tier| ("plan.tier", Value::from(tier))),
        any::<bool>().prop_map(|first| ("first", Value::Bool(first))),
    ];
    let others = prop_oneof![2 => Just(Properties::new()), 1 => vec(one, 1..=3).prop_map(keyed)];
    let visited = prop_oneof![3 => Just(Vec::new()), 1 => visit()];
    (others, visited).prop_map(|(mut others, visited)| {
        others.extend(
            visited
                .into_iter()
                .map(|(name, text)| (name.to_owned(), Value::from(text))),
        );
        others
    })
}

/// What an event may say of the visit that it was part of.
fn visit() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let here = ("url", "https://acme.example/pricing");
    select(vec![
        vec![
            ("utm_source", "google"),
            ("utm_medium", "cpc"),
            ("utm_campaign", "spring"),
        ],
        vec![("utm_source", "newsletter"), ("utm_medium", "email")],
        vec![("referrer", "https://www.bing.com/"), here],
        vec![("referrer", "https://partner.example/a")],
        vec![("referrer", "https://www.acme.example/"), here],
        vec![here],
    ])
}

/// Traits of a few fields, some of them empty or of another type than declared, as facts are.
pub(crate) fn traits() -> impl Strategy<Value = Traits> {
    let technologies = subsequence(vec!["HubSpot".to_owned(), "Segment".to_owned()], 0..=2);
    let one = prop_oneof![
        3 => number_or_text().prop_map(|employees| ("employees", employees)),
        2 => select(vec!["50-200", "11 - 50", "1k+", "2-", "many"]).prop_map(|employees| ("employees", employees.into())),
        2 => select(vec!["DE", "Germany", " deutschland", "us", "United States", "France", ""])
            .prop_map(|country| ("country", country.into())),
        3 => select(vec!["Software", "software & data", "Retail", ""]).prop_map(|industry| ("industry", industry.into())),
        2 => technologies.prop_map(|list| ("technologies", Value::List(list))),
        1 => select(vec!["email", "paid_search", ""]).prop_map(|channel| ("channel", channel.into())),
        1 => select(vec!["VP", "director"]).prop_map(|seniority| ("seniority", seniority.into())),
        1 => select(vec!["VP Marketing", "Director of Sales", "Intern"]).prop_map(|title| ("title", title.into())),
        1 => prop_oneof![any::<bool>().prop_map(Value::Bool), Just("TRUE".into())].prop_map(|vip| ("vip", vip)),
    ];
    vec(one, 0..5).prop_map(keyed)
}

fn number_or_text() -> impl Strategy<Value = Value> {
    let number = select(vec![-1.0, 0.0, 10.0, 50.0, 70.0, 500.0, 500.5, 501.0]);
    let number = number.prop_filter_map("numbers are finite", |n| Number::new(n).map(Value::Number));
    prop_oneof![3 => number, 1 => select(vec!["70", "5e2", "many", " "]).prop_map(Value::from)]
}

fn keyed(pairs: Vec<(&'static str, Value)>) -> BTreeMap<String, Value> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
