//! The naive implementation on cases worked out by hand from the contract's text. What the engine is held against must
//! itself be held against something.

mod oracle;

use bellwether_core::agreement::{
    AccountModel, Agreement, Case, CommitteeRole, Condition, Count, Decay, Disqualify, EventPattern, Example,
    FitRule, Glob, Grades, Group, IntentRule, Matches, Qualify, Quiet, RuleKind, ScoreClamp, Test,
};
use bellwether_core::domain::{
    Event, EventKind, MS_PER_DAY, Number, Period, Points, Properties, Timestamp, Traits, Value,
};
use oracle::strategies::{self, START_MS, empty_agreement};
use oracle::{OracleLead, OracleResult, factor_ppm, judge, judge_account, match_times, rule_points};
use proptest::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// Milliseconds after the midnight that these cases begin at.
fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms_clamped(START_MS + ms)
}

fn day(days: i64) -> Timestamp {
    at(days * MS_PER_DAY)
}

fn track(name: &str, ts: Timestamp) -> Event {
    Event {
        ts,
        kind: EventKind::Track,
        name: name.to_owned(),
        path: None,
        properties: Properties::new(),
    }
}

fn page(path: &str, ts: Timestamp) -> Event {
    Event {
        kind: EventKind::Page,
        path: Some(path.to_owned()),
        ..track("page", ts)
    }
}

fn did(events: Vec<Event>) -> OracleLead {
    OracleLead {
        events,
        ..OracleLead::default()
    }
}

fn each(points: i32) -> Matches {
    Matches {
        on: EventPattern::named("X"),
        once_per: None,
        count: None,
        points: vec![Points::whole(points)],
        by_recency: false,
        max: None,
        decay: Decay::None,
        expires_days: None,
    }
}

fn rule(name: &str, matches: Matches) -> IntentRule {
    IntentRule {
        name: name.to_owned(),
        level: None,
        group: None,
        kind: RuleKind::Matches(matches),
    }
}

fn on(name: &str, points: i32) -> IntentRule {
    rule(
        name,
        Matches {
            on: EventPattern::named(name),
            ..each(points)
        },
    )
}

fn went_quiet(on: Option<EventPattern>, days: i32) -> IntentRule {
    let quiet = Quiet {
        on,
        after: Period::from_days(days),
        points: Points::whole(-10),
    };
    IntentRule {
        name: "Quiet".to_owned(),
        level: None,
        group: None,
        kind: RuleKind::Quiet(quiet),
    }
}

fn given(matches: Matches, times: &[i64], t: Timestamp) -> i64 {
    let events = times.iter().map(|ms| track("x", at(*ms))).collect();
    rule_points(&rule("X", matches), &did(events), t).millis()
}

fn employees(min: f64) -> Condition {
    Condition::Field {
        field: "employees".to_owned(),
        test: Test::Number {
            min: Number::new(min),
            max: None,
        },
    }
}

fn staff(count: f64) -> Traits {
    Traits::from([(
        "employees".to_owned(),
        Value::Number(Number::new(count).expect("finite")),
    )])
}

/// Twenty points from fifty employees on, and a line of fifty.
fn sized(intent: Vec<IntentRule>) -> Agreement {
    let case = Case {
        when: employees(50.0),
        points: Points::whole(20),
    };
    Agreement {
        fit: vec![FitRule {
            name: "Size".to_owned(),
            cases: vec![case],
        }],
        intent,
        qualify: Qualify {
            score: Some(Points::whole(50)),
            ..Qualify::default()
        },
        ..empty_agreement()
    }
}

fn when_and_why(result: &OracleResult) -> (Option<Timestamp>, Option<&str>) {
    (result.qualified_at, result.trigger.as_deref())
}

#[test]
fn a_second_event_is_another_one_exactly_when_once_per_has_passed() {
    let rule = || Matches {
        once_per: Some(Period::from_days(1)),
        ..each(1)
    };
    assert_eq!(given(rule(), &[0, MS_PER_DAY - 1], day(2)), 1_000);
    assert_eq!(given(rule(), &[0, MS_PER_DAY], day(2)), 2_000);
    // The day is counted from the last one kept, not from the last one seen.
    assert_eq!(given(rule(), &[0, 16 * HOUR_MS, 32 * HOUR_MS], day(2)), 2_000);
    assert_eq!(given(rule(), &[5, 5, 5], day(2)), 1_000);
}

#[test]
fn a_count_starts_over_after_each_match_and_its_window_is_open_at_the_far_end() {
    let three = Matches {
        count: Some(Count {
            events: 3,
            within: Some(Period::from_days(7)),
        }),
        ..each(25)
    };
    let times = |ms: &[i64]| {
        let events = ms.iter().map(|ms| track("x", at(*ms))).collect();
        match_times(&three, &did(events), day(100))
    };
    assert_eq!(times(&[0, 1, 7 * MS_PER_DAY - 1]), [at(7 * MS_PER_DAY - 1)]);
    assert_eq!(times(&[0, 1, 7 * MS_PER_DAY]), []);
    assert_eq!(times(&[0, 0, 0, 1, 2, 3]), [at(0), at(3)]);
    assert_eq!(times(&[0, 1, 2, 3, 4]), [at(2)]);
    let any_three = Matches {
        count: Some(Count {
            events: 3,
            within: None,
        }),
        max: Some(1),
        ..each(25)
    };
    assert_eq!(
        given(any_three, &[0, MS_PER_DAY, 400 * MS_PER_DAY], day(400)),
        25_000
    );
}

#[test]
fn a_list_of_points_goes_from_the_latest_match_back() {
    let list = || Matches {
        points: vec![Points::whole(15), Points::whole(10)],
        by_recency: true,
        max: Some(2),
        ..each(0)
    };
    assert_eq!(given(list(), &[0], day(1)), 15_000);
    assert_eq!(given(list(), &[0, 1, 2], day(1)), 25_000);
    // By half-lives of a day: the latest is a day old, the one before it two.
    let fading = Matches {
        decay: Decay::HalfLife { days: 1 },
        ..list()
    };
    assert_eq!(given(fading, &[0, MS_PER_DAY], day(2)), 7_500 + 2_500);
    assert_eq!(
        given(
            Matches {
                max: Some(1),
                ..list()
            },
            &[0, 1],
            day(1)
        ),
        15_000
    );
}

#[test]
fn only_the_most_recent_matches_count() {
    let fading = Matches {
        max: Some(2),
        decay: Decay::Over { days: 10 },
        ..each(10)
    };
    // Ages 5 and 4 count, age 9 doesn't: 5 + 6.
    assert_eq!(
        given(fading, &[0, 4 * MS_PER_DAY, 5 * MS_PER_DAY], day(9)),
        11_000
    );
}

#[test]
fn age_is_counted_in_utc_days_and_not_in_hours() {
    let fading = || Matches {
        decay: Decay::HalfLife { days: 1 },
        ..each(10)
    };
    assert_eq!(given(fading(), &[MS_PER_DAY - 1], day(1)), 5_000);
    assert_eq!(given(fading(), &[0], at(MS_PER_DAY - 1)), 10_000);
}

#[test]
fn factors_are_millionths_rounded_half_away_from_nothing() {
    let month = Decay::HalfLife { days: 30 };
    assert_eq!(
        [0, 1, 30, 60].map(|age| factor_ppm(month, age)),
        [1_000_000, 977_160, 500_000, 250_000]
    );
    assert_eq!(factor_ppm(month, 30 * 21), 0);
    let quarter = Decay::Lose {
        percent: 25,
        every_days: 30,
    };
    assert_eq!(
        [29, 30, 95, 119, 120, 500].map(|age| factor_ppm(quarter, age)),
        [1_000_000, 750_000, 250_000, 250_000, 0, 0]
    );
    let line = Decay::Over { days: 3 };
    assert_eq!(
        [0, 1, 2, 3, 4].map(|age| factor_ppm(line, age)),
        [1_000_000, 666_667, 333_333, 0, 0]
    );
    // 0.001 points at a half are half a millipoint, which goes away from nothing on both sides.
    let least = |millis| Matches {
        points: vec![Points::from_millis(millis)],
        decay: month,
        ..each(0)
    };
    assert_eq!(given(least(1), &[0], day(30)), 1);
    assert_eq!(given(least(-1), &[0], day(30)), -1);
    assert_eq!(given(least(1), &[0], day(31)), 0);
}

#[test]
fn what_expires_counts_in_full_until_then() {
    let expiring = || Matches {
        expires_days: Some(90),
        ..each(5)
    };
    assert_eq!(given(expiring(), &[0], at(90 * MS_PER_DAY - 1)), 5_000);
    assert_eq!(given(expiring(), &[MS_PER_DAY - 1], day(90)), 0);
}

#[test]
fn quiet_is_counted_in_milliseconds_from_the_last_event_or_the_first_sign_of_life() {
    let any = went_quiet(None, 30);
    let lead = did(vec![track("x", at(5))]);
    assert_eq!(rule_points(&any, &lead, at(30 * MS_PER_DAY + 4)), Points::ZERO);
    assert_eq!(
        rule_points(&any, &lead, at(30 * MS_PER_DAY + 5)),
        Points::whole(-10)
    );
    assert_eq!(rule_points(&any, &OracleLead::default(), day(99)), Points::ZERO);

    let opened = went_quiet(Some(EventPattern::named("Email Opened")), 30);
    let created = OracleLead {
        created_at: Some(day(20)),
        ..did(vec![track("x", day(10)), track("x", day(39))])
    };
    assert_eq!(
        rule_points(&opened, &created, at(40 * MS_PER_DAY - 1)),
        Points::ZERO
    );
    assert_eq!(rule_points(&opened, &created, day(40)), Points::whole(-10));
    let mut opens = created.clone();
    opens.events.push(track("email_opened", day(15)));
    assert_eq!(rule_points(&opened, &opens, day(40)), Points::ZERO);
    // What comes later doesn't exist yet, the creation included.
    let unmade = OracleLead {
        created_at: Some(day(50)),
        ..OracleLead::default()
    };
    assert_eq!(rule_points(&opened, &unmade, day(49)), Points::ZERO);
}

#[test]
fn a_group_cuts_what_its_rules_add_and_not_what_they_take() {
    let mut rules = vec![on("A", 15), on("B", 15), on("C", -7), on("D", 3)];
    for rule in rules.iter_mut().take(3) {
        rule.group = Some(0);
    }
    let groups = vec![Group {
        name: "Content".to_owned(),
        max: Points::whole(20),
    }];
    let agreement = Agreement {
        groups,
        ..sized(rules)
    };
    let lead = did(["A", "B", "C", "D"].map(|name| track(name, day(0))).to_vec());
    let result = judge(&agreement, &lead, day(0));
    assert_eq!(result.intent, Points::whole(20 - 7 + 3));
    assert_eq!(result.cuts, [("Content".to_owned(), Points::whole(-10))]);
    assert_eq!(result.lines.last(), Some(&("D".to_owned(), Points::whole(3))));
}

#[test]
fn traits_are_the_latest_and_of_one_instant_the_greatest() {
    let agreement = sized(vec![]);
    let mut lead = OracleLead {
        base: staff(100.0),
        traits: vec![(day(5), staff(10.0))],
        ..OracleLead::default()
    };
    assert_eq!(judge(&agreement, &lead, day(4)).fit, Points::whole(20));
    assert_eq!(judge(&agreement, &lead, day(5)).fit, Points::ZERO);
    lead.traits.insert(0, (day(5), staff(60.0)));
    assert_eq!(judge(&agreement, &lead, day(5)).fit, Points::whole(20));
    let text = Traits::from([("employees".to_owned(), Value::from("7"))]);
    lead.traits.insert(0, (day(5), text));
    assert_eq!(
        judge(&agreement, &lead, day(5)).fit,
        Points::ZERO,
        "texts are greater than numbers"
    );
}

#[test]
fn a_lead_qualifies_at_the_first_moment_of_judging_and_never_by_waiting() {
    let agreement = sized(vec![on("X", 30), went_quiet(None, 1)]);
    let mut lead = did(vec![track("X", day(1)), track("Y", day(3))]);
    lead.base = staff(60.0);
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(9))),
        (Some(day(1)), Some("X"))
    );
    lead.base = Traits::new();
    lead.traits = vec![(day(2), staff(60.0))];
    // On the second day the size is known, but the quiet of a day has begun: 20 + 30 - 10. The third ends it.
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(9))),
        (Some(day(3)), Some("Y"))
    );
    lead.traits = vec![(at(MS_PER_DAY + 1), staff(60.0))];
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(9))),
        (Some(at(MS_PER_DAY + 1)), Some("traits"))
    );
    lead.created_at = Some(at(MS_PER_DAY + 1));
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(9))),
        (Some(at(MS_PER_DAY + 1)), Some("created"))
    );
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, at(MS_PER_DAY))),
        (None, None)
    );
}

#[test]
fn an_instant_is_judged_after_all_that_happened_in_it() {
    let agreement = sized(vec![on("X", 60), on("Careers", -30)]);
    let lead = did(vec![track("X", day(1)), track("Careers", day(1))]);
    assert_eq!(judge(&agreement, &lead, day(1)).qualified_at, None);
}

#[test]
fn each_line_that_is_drawn_must_be_reached() {
    let mut agreement = sized(vec![on("X", 60)]);
    agreement.qualify.fit = Some(Points::whole(20));
    agreement.qualify.intent = Some(Points::whole(60));
    let mut lead = did(vec![track("X", day(1))]);
    assert_eq!(judge(&agreement, &lead, day(1)).qualified_at, None, "fit is 0");
    lead.base = staff(50.0);
    assert_eq!(judge(&agreement, &lead, day(1)).qualified_at, Some(day(1)));
    agreement.qualify.intent = Some(Points::from_millis(60_001));
    assert_eq!(judge(&agreement, &lead, day(1)).qualified_at, None);
    agreement.qualify = Qualify {
        intent: Some(Points::whole(60)),
        ..Qualify::default()
    };
    lead.base = Traits::new();
    assert_eq!(
        judge(&agreement, &lead, day(1)).qualified_at,
        Some(day(1)),
        "no other line is drawn"
    );
}

#[test]
fn a_raised_hand_needs_the_fit_line_only() {
    let mut agreement = sized(vec![]);
    agreement.qualify = Qualify {
        fit: Some(Points::whole(20)),
        fast: vec!["demo requested".to_owned()],
        ..Qualify::default()
    };
    let mut lead = did(vec![track("Demo-Requested", day(1)), track("Else", day(2))]);
    assert_eq!(judge(&agreement, &lead, day(3)).qualified_at, None);
    lead.base = staff(50.0);
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(3))),
        (Some(day(1)), Some("Demo-Requested"))
    );
    // A fit that comes after the hand was raised is too late for it.
    lead.base = Traits::new();
    lead.traits = vec![(day(2), staff(50.0))];
    assert_eq!(judge(&agreement, &lead, day(3)).qualified_at, None);
    lead.base = staff(50.0);
    lead.traits.clear();
    agreement.disqualify = vec![Disqualify {
        name: "Big".to_owned(),
        when: employees(40.0),
    }];
    let result = judge(&agreement, &lead, day(3));
    assert_eq!(
        (result.qualified_at, result.disqualified_by.as_deref()),
        (None, Some("Big"))
    );
}

#[test]
fn the_trigger_is_fast_then_rich_then_first_by_name() {
    let pages = EventPattern {
        pages: vec![Glob::new("/pricing*")],
        ..EventPattern::default()
    };
    let pricing = rule(
        "Pricing",
        Matches {
            on: pages,
            ..each(40)
        },
    );
    let mut agreement = sized(vec![on("A", 10), on("B", 10), pricing]);
    let lead = did(vec![
        track("B", day(1)),
        page("/Pricing/eu", day(1)),
        track("A", day(1)),
    ]);
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(1))),
        (Some(day(1)), Some("page"))
    );
    agreement.qualify.fast = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(judge(&agreement, &lead, day(1)).trigger.as_deref(), Some("A"));
    agreement.intent.push(rule(
        "Again",
        Matches {
            on: EventPattern::named("B"),
            ..each(1)
        },
    ));
    assert_eq!(judge(&agreement, &lead, day(1)).trigger.as_deref(), Some("B"));
}

#[test]
fn after_a_return_only_rest_and_fresh_intent_qualify_again() {
    let mut agreement = sized(vec![on("X", 30)]);
    agreement.qualify.intent = Some(Points::whole(30));
    let mut lead = did(vec![track("X", day(1)), track("X", day(2)), track("X", day(5))]);
    lead.traits = vec![(day(11), staff(10.0)), (day(12), staff(60.0))];
    assert_eq!(judge(&agreement, &lead, day(20)).qualified_at, Some(day(2)));
    lead.sent_back = vec![(day(3), Period::from_days(8))];
    assert_eq!(
        judge(&agreement, &lead, day(2)).qualified_at,
        Some(day(2)),
        "not sent back yet"
    );
    // What happened on day 5 is fresh, but the rest lasts to day 11; any moment of judging from then on will do.
    assert_eq!(
        when_and_why(&judge(&agreement, &lead, day(20))),
        (Some(day(11)), Some("traits"))
    );
    lead.sent_back = vec![(day(5), Period::from_ms(0))];
    assert_eq!(
        judge(&agreement, &lead, day(20)).qualified_at,
        None,
        "what happened with the return is not after it"
    );
    agreement.qualify.intent = None;
    assert_eq!(
        judge(&agreement, &lead, day(20)).qualified_at,
        Some(day(11)),
        "no intent line, no fresh intent asked"
    );
}

#[test]
fn grades_and_lines_are_drawn_on_what_is_not_clamped() {
    let whole = Points::whole;
    let mut agreement = sized(vec![on("X", 60)]);
    agreement.grades = Some(Grades {
        fit: vec![("A".to_owned(), whole(20)), ("B".to_owned(), whole(5))],
        intent: vec![("1".to_owned(), whole(60)), ("2".to_owned(), whole(30))],
    });
    agreement.clamp = ScoreClamp {
        min: Some(whole(10)),
        max: Some(whole(25)),
    };
    let mut lead = did(vec![track("X", day(1))]);
    let result = judge(&agreement, &lead, day(1));
    assert_eq!(
        (result.grade.as_deref(), result.qualified_at),
        (Some("D1"), Some(day(1)))
    );
    assert_eq!(result.shown, (whole(10), whole(25), whole(25)));
    lead.base = staff(60.0);
    assert_eq!(judge(&agreement, &lead, day(0)).grade.as_deref(), Some("A4"));
}

#[test]
fn an_account_is_the_sum_of_its_people_each_cut_and_of_its_own_signals() {
    let mut agreement = sized(vec![on("X", 70), on("Careers", -25)]);
    agreement.account = Some(AccountModel {
        per_person: Points::whole(100),
        score: Some(Points::whole(180)),
        people: Some(2),
        roles: Some(1),
        committee: vec![
            CommitteeRole {
                role: "champion".to_owned(),
                when: employees(50.0),
            },
            CommitteeRole {
                role: "everybody".to_owned(),
                when: employees(5.0),
            },
        ],
        intent: vec![on("Surge", 40)],
    });
    let keen = OracleLead {
        base: staff(10.0),
        ..did(vec![track("X", day(1)), track("X", day(2))])
    };
    let warm = OracleLead {
        base: staff(1.0),
        ..did(vec![track("X", day(1))])
    };
    let gone = OracleLead {
        base: staff(99.0),
        ..did(vec![track("Careers", day(1))])
    };
    let people = [keen, warm, gone];
    let at_the_time = |t| {
        let account =
            judge_account(&agreement, &people, &[track("Surge", day(2))], t).expect("there is a model");
        (
            account.score,
            account.people,
            account.roles.join(", "),
            account.qualified,
        )
    };
    assert_eq!(
        at_the_time(day(1)),
        (Points::whole(140), 2, "everybody".to_owned(), false)
    );
    assert_eq!(
        at_the_time(day(2)),
        (Points::whole(100 + 70 + 40), 2, "everybody".to_owned(), true)
    );
}

/// What an example's lead knows and did, judged at `t`.
fn exemplary(example: &Example, t: Timestamp) -> OracleLead {
    let mut lead = OracleLead {
        base: example.traits.clone(),
        ..OracleLead::default()
    };
    for entry in &example.events {
        for nth in 0..i64::from(entry.times) {
            lead.events.push(Event {
                ts: Timestamp::from_ms_clamped(t.ms() - entry.ago.ms() - nth * entry.every.ms()),
                kind: entry.kind,
                name: entry.name.clone(),
                path: entry.path.clone(),
                properties: entry.properties.clone(),
            });
        }
    }
    lead
}

/// The agreements that are shipped mean what their own examples say, at whatever time of day they are asked.
#[test]
fn the_examples_of_the_shipped_agreements_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/agreements");
    let mut examples_seen = 0;
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("it can be listed").path();
        let source = std::fs::read_to_string(&path).expect("it can be read");
        let agreement =
            Agreement::parse(&source).unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()));
        for example in &agreement.examples {
            for t in [
                day(400),
                at(400 * MS_PER_DAY + 13 * HOUR_MS),
                at(401 * MS_PER_DAY - 1),
            ] {
                let result = judge(&agreement, &exemplary(example, t), t);
                let expect = &example.expect;
                let shown = format!("{}: {} at {t}: {result:#?}", path.display(), example.name);
                assert!(
                    expect
                        .qualified
                        .is_none_or(|wanted| result.qualified_at.is_some() == wanted),
                    "{shown}"
                );
                assert!(expect.fit.is_none_or(|wanted| result.fit == wanted), "{shown}");
                assert!(
                    expect.intent.is_none_or(|wanted| result.intent == wanted),
                    "{shown}"
                );
                assert!(
                    expect.score.is_none_or(|wanted| result.score == wanted),
                    "{shown}"
                );
                assert!(expect.grade.is_none() || result.grade == expect.grade, "{shown}");
                assert!(
                    expect.trigger.is_none() || result.trigger == expect.trigger,
                    "{shown}"
                );
                let excluded =
                    expect.disqualified_by.is_none() || result.disqualified_by == expect.disqualified_by;
                assert!(excluded, "{shown}");
            }
            examples_seen += 1;
        }
    }
    assert!(examples_seen >= 15, "only {examples_seen} examples were found");
}

proptest! {
    /// What must hold of any implementation, and so of this one: sums are sums, and arrival is nothing.
    #[test]
    fn lines_and_cuts_sum_to_the_score_and_arrival_order_is_nothing((agreement, lead, t) in strategies::case()) {
        let result = judge(&agreement, &lead, t);
        let parts = result.lines.iter().chain(&result.cuts).map(|(_, points)| *points);
        prop_assert_eq!(parts.sum::<Points>(), result.score);
        prop_assert_eq!(result.qualified_at.is_some(), result.trigger.is_some());

        let mut backwards = lead.clone();
        backwards.events.reverse();
        backwards.traits.reverse();
        backwards.sent_back.reverse();
        prop_assert_eq!(judge(&agreement, &backwards, t), result);
    }

    #[test]
    fn an_account_counts_no_more_people_than_there_are((agreement, people, events, t) in strategies::account_case()) {
        let account = judge_account(&agreement, &people, &events, t).expect("there is a model");
        prop_assert!(account.people as usize <= people.len());
        prop_assert!(account.people > 0 || account.roles.is_empty());
    }
}

/// Strategies that draw only dull cases prove nothing: of these at least some qualify, return, and are cut.
#[test]
fn what_is_drawn_at_random_is_worth_drawing() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut qualified, mut again, mut excluded, mut cut, mut crowded) = (0, 0, 0, 0, 0);
    for _ in 0..500 {
        let (agreement, lead, t) = strategies::case()
            .new_tree(&mut runner)
            .expect("nothing is rejected")
            .current();
        let result = judge(&agreement, &lead, t);
        qualified += usize::from(result.qualified_at.is_some());
        let back = lead.sent_back.iter().any(|(at, _)| *at <= t);
        again += usize::from(back && result.qualified_at.is_some());
        excluded += usize::from(result.disqualified_by.is_some());
        cut += usize::from(result.cuts.iter().any(|(_, points)| *points < Points::ZERO));
        crowded += usize::from(lead.events.windows(2).any(|pair| pair[0].ts == pair[1].ts));
    }
    println!(
        "of 500: {qualified} qualified, {again} again, {excluded} excluded, {cut} cut, {crowded} crowded"
    );
    for (what, count) in [
        ("qualified", qualified),
        ("excluded", excluded),
        ("cut", cut),
        ("crowded", crowded),
    ] {
        assert!(count >= 50, "only {count} of 500 cases were {what}");
    }
    assert!(again >= 5, "only {again} of 500 cases qualified again");
}
