//! Holding events apart: by cases, against a slow reading of the same rules, and the claims that everything rests on.

use bellwether_core::agreement::{Agreement, Suspect};
use bellwether_core::domain::{Event, EventKind, Period, Properties, Timestamp, Value};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact, explain};
use bellwether_core::suspect::{AGENT, Act, Rule, Sighting, Verdict, Watch, sift};
use proptest::prelude::*;

const START_MS: i64 = 1_768_478_400_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms_clamped(START_MS + ms)
}

fn one(act: Act, ms: i64, mail: &str, link: &str) -> Sighting<'static> {
    Sighting {
        ts: at(ms),
        act,
        mail: mail.to_owned().into(),
        link: link.to_owned().into(),
        agent: None,
        released: false,
    }
}

/// Who is held, by rule, in the order given; `-` is nobody.
fn judged(rules: &Suspect, sightings: &[Sighting<'_>]) -> Vec<&'static str> {
    let held = sift(rules, sightings).held;
    held.iter()
        .map(|held| held.as_ref().map_or("-", |held| held.rule.as_str()))
        .collect()
}

#[test]
fn every_click_of_a_burst_is_held_and_what_opened_the_mail_with_it() {
    let rules = Suspect::default();
    let mut scanned = vec![
        one(Act::Delivered, 0, "spring", ""),
        one(Act::Opened, 900, "spring", ""),
        one(Act::Opened, 86_400_000, "spring", ""),
    ];
    scanned.extend((0..6).map(|n| one(Act::Clicked, 1_000 + n * 300, "spring", &format!("/{n}"))));
    assert_eq!(judged(&rules, &scanned)[..3], ["-", "burst", "-"]);
    assert_eq!(judged(&rules, &scanned)[3..], ["burst"; 6]);
}

#[test]
fn the_same_link_again_or_links_of_several_mails_are_no_burst() {
    let rules = Suspect {
        click_without_visit: None,
        ..Suspect::default()
    };
    let impatient: Vec<_> = (0..6)
        .map(|n| one(Act::Clicked, n * 500, "spring", "/offer"))
        .collect();
    assert_eq!(judged(&rules, &impatient), ["-"; 6]);
    let mails: Vec<_> = (0..6)
        .map(|n| one(Act::Clicked, n * 500, &format!("{n}"), &format!("/{n}")))
        .collect();
    assert_eq!(judged(&rules, &mails), ["-"; 6]);
}

#[test]
fn soon_after_delivery_more_time_is_too_short() {
    let rules = Suspect {
        click_without_visit: None,
        ..Suspect::default()
    };
    let clicks =
        |from: i64| (0..3).map(move |n| one(Act::Clicked, from + n * 12_000, "spring", &format!("/{n}")));
    let slow: Vec<_> = clicks(1_000).collect();
    assert_eq!(judged(&rules, &slow), ["-"; 3]);
    let just_delivered: Vec<_> = clicks(1_000)
        .chain([one(Act::Delivered, 0, "spring", "")])
        .collect();
    assert_eq!(judged(&rules, &just_delivered), ["burst", "burst", "burst", "-"]);
    let long_delivered: Vec<_> = clicks(60_000)
        .chain([one(Act::Delivered, 0, "spring", "")])
        .collect();
    assert_eq!(judged(&rules, &long_delivered), ["-"; 4]);
}

#[test]
fn a_click_counts_once_its_visit_is_there() {
    let rules = Suspect::default();
    let click = one(Act::Clicked, 0, "spring", "/offer");
    for (visit, expected) in [
        (None, "click_without_visit"),
        (Some(-5_001), "click_without_visit"),
        (Some(-5_000), "-"),
        (Some(1_500), "-"),
        (Some(600_000), "-"),
        (Some(600_001), "click_without_visit"),
    ] {
        let visit = visit.map(|ms| one(Act::Viewed, ms, "", ""));
        let all: Vec<_> = [click.clone()].into_iter().chain(visit).collect();
        assert_eq!(judged(&rules, &all)[0], expected, "{all:?}");
    }
}

#[test]
fn a_machines_page_view_vouches_for_nobody_until_it_is_released() {
    let rules = Suspect::default();
    let mut seen = [one(Act::Clicked, 0, "spring", "/"), one(Act::Viewed, 900, "", "")];
    seen[1].agent = Some("Googlebot".into());
    assert_eq!(judged(&rules, &seen), ["click_without_visit", "agents"]);
    seen[1].released = true;
    assert_eq!(judged(&rules, &seen), ["-", "-"]);
    let off = Suspect {
        agents: false,
        ..rules
    };
    seen[1].released = false;
    assert_eq!(judged(&off, &seen), ["-", "-"]);
}

#[test]
fn what_is_too_fast_is_held_until_it_has_been_slow_for_as_long() {
    let rules = Suspect::default();
    let mut views: Vec<_> = (0..30).map(|n| one(Act::Viewed, n * 100, "", "")).collect();
    views.push(one(Act::Other, 2_900 + 5_000, "", ""));
    views.push(one(Act::Other, 2_900 + 5_001, "", ""));
    assert_eq!(judged(&rules, &views)[..31], ["speed"; 31]);
    assert_eq!(judged(&rules, &views)[31], "-");
    assert_eq!(judged(&rules, &views[1..30]), ["-"; 29]);
}

/// The rules, read as slowly as they are written.
fn slowly(rules: &Suspect, all: &[Sighting<'_>]) -> Vec<Option<Rule>> {
    let by_hand = |act: Act| matches!(act, Act::Viewed | Act::Clicked);
    let machine = |one: &Sighting<'_>| -> Option<Rule> {
        if rules.agents && one.agent.is_some() {
            return Some(Rule::Agents);
        }
        let fast = rules.speed.is_some_and(|speed| {
            one.act != Act::Delivered
                && all.iter().filter(|first| by_hand(first.act)).any(|first| {
                    // A window of exactly so many that begins here, and what comes until as long after it.
                    let mut later: Vec<_> = all
                        .iter()
                        .filter(|other| by_hand(other.act) && other.ts >= first.ts)
                        .map(|other| other.ts)
                        .collect();
                    later.sort();
                    later.get(speed.events as usize - 1).is_some_and(|_| {
                        let inside = later.iter().filter(|ts| ts.since(first.ts) <= speed.within);
                        let inside: Vec<_> = inside.collect();
                        inside.len() >= speed.events as usize
                            && one.ts >= first.ts
                            && one.ts.since(**inside.last().unwrap()) <= speed.within
                    })
                })
        });
        if fast {
            return Some(Rule::Speed);
        }
        burst(rules, all, one).then_some(Rule::Burst)
    };
    let counts = |one: &Sighting<'_>| one.released || machine(one).is_none();
    let visit = |click: &Sighting<'_>| {
        all.iter()
            .filter(|view| view.act == Act::Viewed && counts(view))
            .any(|view| {
                let after = view.ts.since(click.ts).ms();
                after >= -5_000
                    && rules
                        .click_without_visit
                        .is_none_or(|within| after <= within.ms())
            })
    };
    all.iter()
        .map(|one| {
            if one.released {
                return None;
            }
            machine(one).or_else(|| {
                let waits = rules.click_without_visit.is_some() && one.act == Act::Clicked && !visit(one);
                waits.then_some(Rule::ClickWithoutVisit)
            })
        })
        .collect()
}

fn burst(rules: &Suspect, all: &[Sighting<'_>], one: &Sighting<'_>) -> bool {
    let Some(burst) = rules.burst else { return false };
    let of_mail = |act: Act| {
        all.iter()
            .filter(move |other| other.act == act && other.mail == one.mail)
    };
    let crowded = |from: Timestamp, within: Period| {
        let links: std::collections::BTreeSet<_> = of_mail(Act::Clicked)
            .filter(|click| click.ts >= from && click.ts.since(from) <= within)
            .map(|click| &click.link)
            .collect();
        links.len() >= burst.links as usize
    };
    let of_burst = |click: &Sighting<'_>| {
        let begins = |from: Timestamp, within: Period| {
            click.ts >= from && click.ts.since(from) <= within && crowded(from, within)
        };
        of_mail(Act::Clicked).any(|first| begins(first.ts, burst.within))
            || burst
                .after_delivery
                .is_some_and(|within| of_mail(Act::Delivered).any(|mail| begins(mail.ts, within)))
    };
    match one.act {
        Act::Clicked => of_burst(one),
        Act::Opened => of_mail(Act::Clicked)
            .any(|click| of_burst(click) && click.ts.since(one.ts).ms().abs() <= burst.within.ms()),
        _ => false,
    }
}

fn sighting() -> impl Strategy<Value = Sighting<'static>> {
    let act = prop_oneof![
        1 => Just(Act::Delivered),
        2 => Just(Act::Opened),
        4 => Just(Act::Clicked),
        4 => Just(Act::Viewed),
        2 => Just(Act::Other),
    ];
    let about = prop_oneof![3 => 0..40_i64, 1 => 0..2_000_i64];
    (
        act,
        about,
        0..2_u8,
        0..4_u8,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.15),
    )
        .prop_map(|(act, seconds, mail, link, machine, released)| {
            let mut seen = one(act, seconds * 500, &format!("m{mail}"), &format!("/{link}"));
            seen.agent = machine.then(|| "curl".into());
            seen.released = released;
            seen
        })
}

fn rules() -> impl Strategy<Value = Suspect> {
    use bellwether_core::agreement::{Burst, Speed};
    let seconds = |range: std::ops::Range<i64>| range.prop_map(|s| Period::from_ms(s * 500));
    let burst = (2..5_u32, seconds(1..12), prop::option::of(seconds(1..20))).prop_map(
        |(links, within, after_delivery)| Burst {
            links,
            within,
            after_delivery,
        },
    );
    let speed = (2..8_u32, seconds(1..6)).prop_map(|(events, within)| Speed { events, within });
    (
        prop::option::weighted(0.8, burst),
        prop::option::weighted(0.8, seconds(1..60)),
        prop::bool::weighted(0.8),
        prop::option::weighted(0.8, speed),
    )
        .prop_map(|(burst, click_without_visit, agents, speed)| Suspect {
            burst,
            click_without_visit,
            agents,
            speed,
            ..Suspect::default()
        })
}

fn rules_of(rules: &Suspect, all: &[Sighting<'_>]) -> Vec<Option<Rule>> {
    sift(rules, all)
        .held
        .iter()
        .map(|held| held.as_ref().map(|held| held.rule))
        .collect()
}

proptest! {
    #[test]
    fn sifting_is_the_slow_reading(rules in rules(), all in prop::collection::vec(sighting(), 0..40)) {
        prop_assert_eq!(rules_of(&rules, &all), slowly(&rules, &all));
    }

    #[test]
    fn the_order_of_arrival_never_shows(
        rules in rules(),
        (all, shuffled) in prop::collection::vec(sighting(), 0..30).prop_flat_map(|all| {
            let numbers: Vec<usize> = (0..all.len()).collect();
            (Just(all), Just(numbers).prop_shuffle())
        }),
    ) {
        let arrived: Vec<_> = shuffled.iter().map(|at| all[*at].clone()).collect();
        let sifted = sift(&rules, &all);
        let again = sift(&rules, &arrived);
        for (place, at) in shuffled.iter().enumerate() {
            prop_assert_eq!(&again.held[place], &sifted.held[*at]);
        }
        prop_assert_eq!(again.watch, sifted.watch);
    }

    /// Judging each event as it comes, and sifting the whole only where that is unclear, holds what sifting holds.
    #[test]
    fn watching_is_sifting(rules in rules(), all in prop::collection::vec(sighting(), 0..40), in_order: bool) {
        let mut all = all;
        for one in &mut all {
            one.released = false;
        }
        if in_order {
            all.sort_by_key(|one| one.ts);
        }
        let (mut watch, mut held) = (Watch::default(), Vec::new());
        for (place, one) in all.iter().enumerate() {
            match watch.next(&rules, one) {
                Verdict::Counts => held.push(None),
                Verdict::Held(why) => held.push(Some(why)),
                Verdict::Unclear => {
                    let sifted = sift(&rules, &all[..=place]);
                    (watch, held) = (sifted.watch, sifted.held);
                }
            }
            prop_assert_eq!(&held, &sift(&rules, &all[..=place]).held, "after {:?}", one);
        }
    }

    #[test]
    fn releasing_only_ever_lets_more_through(
        rules in rules(),
        all in prop::collection::vec(sighting(), 0..40),
        which in prop::collection::vec(any::<bool>(), 40),
    ) {
        let before = rules_of(&rules, &all);
        let mut released = all.clone();
        for (one, also) in released.iter_mut().zip(which) {
            one.released |= also;
        }
        for (after, before) in rules_of(&rules, &released).iter().zip(&before) {
            prop_assert!(after.is_none() || before.is_some());
        }
        for (one, held) in released.iter_mut().zip(&before) {
            one.released |= held.is_some();
        }
        prop_assert!(rules_of(&rules, &released).iter().all(Option::is_none));
    }

    /// What was held until its visit came is as if it had never been held.
    #[test]
    fn a_visit_that_comes_later_makes_a_click_count_from_its_own_time(clicks in prop::collection::vec(0..3_000_i64, 1..6)) {
        let engine = Engine::new(std::sync::Arc::new(Agreement::parse(AGREEMENT).unwrap()));
        let event = |ms: i64, kind, name: &str, link: i64| HistoryFact::Event(Event {
            ts: at(ms),
            kind,
            name: name.to_owned(),
            path: None,
            properties: Properties::from([("link_url".to_owned(), Value::from(link.to_string().as_str()))]),
        });
        // A minute apart, so that no burst is among them.
        let minutes: std::collections::BTreeSet<i64> = clicks.into_iter().collect();
        let click = |minute: &i64| event(minute * 60_000, EventKind::Track, "Email Link Clicked", *minute);
        let visit = |minute: &i64| event(minute * 60_000 + 2_000, EventKind::Page, "page", 0);
        let clicked = History { always_known: true, facts: minutes.iter().map(click).collect(), ..History::default() };
        let mut held = clicked.clone();
        prop_assert_eq!(held.hold_apart(&Suspect::default(), &[]).len(), minutes.len());
        prop_assert_eq!(&held.facts, &[]);
        let mut whole = clicked;
        whole.facts.extend(minutes.iter().map(visit));
        let never_held = whole.clone();
        prop_assert_eq!(whole.hold_apart(&Suspect::default(), &[]), vec![]);
        let t = at(4_000 * 60_000);
        prop_assert_eq!(format!("{:?}", explain(&engine, &whole, t)), format!("{:?}", explain(&engine, &never_held, t)));
    }
}

const AGREEMENT: &str = r#"
[agreement]
name = "Clicks"

[[intent]]
name   = "Clicked"
on     = "Email Link Clicked"
points = 10
max    = 5

[qualify]
score = 20
"#;

#[test]
fn a_section_says_what_it_changes_and_false_turns_a_rule_off() {
    let with = |section: &str| {
        Agreement::parse(&format!("{AGREEMENT}\n{section}"))
            .unwrap()
            .suspect
    };
    assert_eq!(with(""), None);
    assert_eq!(with("[suspect]"), Some(Suspect::default()));
    let changed =
        with("[suspect]\nspeed = false\nagents = false\nclick_without_visit = false\nburst = { links = 4 }");
    let changed = changed.unwrap();
    assert_eq!(
        (changed.speed, changed.agents, changed.click_without_visit),
        (None, false, None)
    );
    let burst = Suspect::default().burst.unwrap();
    assert_eq!(
        changed.burst,
        Some(bellwether_core::agreement::Burst { links: 4, ..burst })
    );
}

#[test]
fn an_example_is_judged_by_the_section_of_its_own_file() {
    let example = |events: &str, qualified: bool| {
        format!("[[example]]\nname = \"e\"\nevents = [{events}]\nexpect = {{ qualified = {qualified} }}\n")
    };
    let click = |link: &str, ago: &str| {
        format!("{{ on = {{ event = \"Email Link Clicked\", link_url = \"{link}\" }}, ago = \"{ago}\" }}")
    };
    let scanner = [click("/a", "60s"), click("/b", "60s"), click("/c", "60s")].join(", ");
    let person = [click("/a", "2d"), click("/b", "1d")].join(", ");
    let visits = r#", { on = { page = "/" }, ago = "2d" }, { on = { page = "/" }, ago = "1d" }"#;
    for (section, events, qualified) in [
        ("", scanner.clone(), true),
        ("[suspect]\n", scanner, false),
        ("[suspect]\n", person.clone(), false),
        ("[suspect]\n", person.clone() + visits, true),
        ("[suspect]\nclick_without_visit = false\n", person, true),
    ] {
        let source = format!("{AGREEMENT}\n{section}{}", example(&events, qualified));
        let agreement = Agreement::parse(&source).unwrap_or_else(|problems| panic!("{problems:?}"));
        for outcome in bellwether_core::agreement::run_examples(&agreement) {
            assert!(outcome.passed(), "{section}{events}: {outcome:?}");
        }
    }
}

#[test]
fn an_event_says_by_a_property_that_a_machine_sent_it() {
    let rules = Suspect::default();
    let event = Event {
        ts: at(0),
        kind: EventKind::Track,
        name: "email_link_clicked".to_owned(),
        path: None,
        properties: Properties::from([
            (AGENT.to_owned(), Value::from("curl")),
            ("campaign_id".to_owned(), Value::from("spring")),
            ("link_id".to_owned(), Value::from("7")),
        ]),
    };
    let view = event.view();
    let seen = rules.see(event.ts, &view);
    assert_eq!(seen.act, Act::Clicked);
    assert_eq!(
        (&*seen.mail, &*seen.link, seen.agent.as_deref()),
        ("spring", "7", Some("curl"))
    );
    let held = sift(&rules, &[seen]).held.remove(0).unwrap();
    assert_eq!(
        (held.rule, held.reason.as_str()),
        (Rule::Agents, "sent by curl, which is a program")
    );
}
