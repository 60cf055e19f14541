//! Each lint on the smallest change that calls for it, and on what silences it.

use bellwether_core::agreement::{
    Agreement, ExampleOutcome, LINTS, Observed, Severity, check, check_observed, explain, run_examples,
};

/// An agreement that no lint finds anything in.
const SOUND: &str = r#"
[agreement]
name = "Sound"

[[fit]]
name = "Position"
cases = [
  { when = { seniority = "vp" }, points = 30 },
  { when = { seniority = "student" }, points = -20 },
]

[[intent]]
name = "Demo"
level = "high"
on = "Demo Requested"
points = 50
max = 1
decay = { half_life = "30d" }

[[intent]]
name = "Blog"
level = "low"
group = "Reading"
on = { page = "/blog/*" }
points = 1
expires = "90d"

[[group]]
name = "Reading"
max = 10

[qualify]
score = 60
fit = 10
intent = 20
fast = ["Demo Requested"]

[[rejection]]
reason = "No budget"

[[sla]]
name = "Hand-raisers"
when = { trigger = "demo_requested" }
first_contact = "5m"

[[sla]]
name = "Everybody"
first_contact = "24h"
"#;

/// The lints found, with the first message of each.
fn lints(source: &str) -> Vec<(&'static str, String)> {
    let checked = check(source);
    let errors: Vec<_> = checked
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    checked
        .problems
        .into_iter()
        .map(|problem| (problem.code, problem.message))
        .collect()
}

fn changed(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "`{from}` is not in the agreement");
    SOUND.replacen(from, to, 1)
}

#[test]
fn a_sound_agreement_has_no_lint() {
    assert_eq!(lints(SOUND), []);
}

#[test]
fn each_lint_is_found_where_it_is_called_for() {
    let page = "on = { page = \"/blog/*\" }";
    let rule = |on: &str, more: &str| {
        format!(
            "{SOUND}\n[[intent]]\nname = \"New\"\non = {on}\npoints = 1\nmax = 1\nexpires = \"9d\"\n{more}\n"
        )
    };
    let cases: Vec<(&str, &str, String)> = vec![
        (
            "low-intent-path",
            "30 events are enough",
            changed("max = 10", "max = 40"),
        ),
        (
            "fit-alone",
            "fit alone gives up to 30",
            changed("score = 60\nfit = 10\nintent = 20", "score = 30\nfit = 10"),
        ),
        ("intent-alone", "up to 60", changed("fit = 10\n", "fit = 0\n")),
        (
            "unreachable-line",
            "`score = 91`: all rules together give at most 90",
            changed("score = 60", "score = 91"),
        ),
        ("unreachable-line", "`fit = 31`", changed("fit = 10", "fit = 31")),
        (
            "unreachable-line",
            "`intent = 61`",
            changed("intent = 20", "intent = 61"),
        ),
        (
            "no-decay",
            "`Demo` never fade",
            changed("decay = { half_life = \"30d\" }\n", ""),
        ),
        (
            "never-negative",
            "no rule takes",
            changed("points = -20", "points = 2"),
        ),
        (
            "unbounded-rule",
            "`Blog` gives points without end",
            changed("group = \"Reading\"\n", "level = \"medium\"\n").replacen("level = \"low\"\n", "", 1),
        ),
        (
            "overlapping-rules",
            "`New` and `Blog`",
            rule("{ page = \"/blog/*/deep\" }", ""),
        ),
        (
            "overlapping-rules",
            "`New` and `Demo`",
            rule(
                "{ event = \"Demo Requested\", kind = \"x*\", size = { min = 3 } }",
                "",
            ),
        ),
        (
            "no-rejection-reasons",
            "can't say why",
            changed("[[rejection]]\nreason = \"No budget\"\n", ""),
        ),
        (
            "vague-reason",
            "`Other` teaches nothing",
            changed("No budget", "Other"),
        ),
        (
            "slow-sla",
            "`Hand-raisers` gives hand-raisers 2h",
            changed("5m", "2h"),
        ),
        ("slow-sla", "`Everybody` gives leads 25h", changed("24h", "25h")),
        (
            "slow-sla",
            "wait up to 1d under `Everybody`",
            changed("trigger = \"demo_requested\"", "recycled = true"),
        ),
        ("page-path", "`blog`", changed(page, "on = { page = \"blog\" }")),
        (
            "underived-word",
            "`vise president`",
            changed("\"vp\"", "[\"vp\", \"vise president\"]"),
        ),
        (
            "needless-silence",
            "`no-decay`",
            format!("{SOUND}\n[[silence]]\nlint = \"no-decay\"\nreason = \"x\"\n"),
        ),
    ];
    for (lint, says, source) in cases {
        let found = lints(&source);
        assert_eq!(found.len(), 1, "{lint}: {found:?}");
        let (name, message) = &found[0];
        assert_eq!(*name, lint, "{message}");
        assert!(message.contains(says), "{lint}: {message}");
    }
}

#[test]
fn without_a_fit_line_both_of_its_lints_are_found() {
    let names: Vec<_> = lints(&changed("fit = 10\n", ""))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["intent-alone", "no-fit-gate"]);
}

#[test]
fn rules_that_no_event_feeds_together_do_not_overlap() {
    for on in [
        "\"Webinar Attended\"",
        "{ page = \"/pricing*\" }",
        "{ screen = \"Demo Requested\" }",
        "{ event = \"Blog\", kind = { matches = \"x\" } }",
    ] {
        let source = format!(
            "{SOUND}\n[[intent]]\nname = \"New\"\non = {on}\npoints = 1\nmax = 1\nexpires = \"9d\"\n"
        );
        assert_eq!(lints(&source), [], "{on}");
    }
    let counted = format!(
        "{SOUND}\n[[intent]]\nname = \"New\"\non = \"Demo Requested\"\npoints = 1\ncount = 3\nexpires = \"9d\"\n"
    );
    assert_eq!(
        lints(&counted),
        [],
        "counting what another rule takes singly is meant"
    );
}

#[test]
fn a_lint_is_silenced_for_the_file_or_for_one_rule() {
    let undecaying = changed("decay = { half_life = \"30d\" }\n", "").replacen("expires = \"90d\"\n", "", 1);
    let named = |found: Vec<(&'static str, String)>| {
        found.into_iter().map(|(_, message)| message).collect::<Vec<_>>()
    };
    assert_eq!(named(lints(&undecaying)).len(), 2);
    let silence = "\n[[silence]]\nlint = \"no-decay\"\nreason = \"we review each quarter\"\n";
    assert_eq!(lints(&format!("{undecaying}{silence}")), []);
    let one_rule = named(lints(&format!("{undecaying}{silence}rule = \"Demo\"\n")));
    assert_eq!(one_rule, ["the points of `Blog` never fade"]);
}

#[test]
fn a_history_bears_lints_out() {
    let sound = Agreement::parse(SOUND).expect("it is sound");
    let usual = Observed {
        leads: 200,
        qualified: 40,
        led_by_activity: 1,
        events: 900,
        fit: vec![5; sound.fit.len()],
        intent: vec![5; sound.intent.len()],
    };
    let found = |observed: &Observed| -> Vec<&'static str> {
        let problems = check_observed(SOUND, observed).problems;
        problems.iter().map(|problem| problem.code).collect()
    };
    let with = |change: &dyn Fn(&mut Observed)| {
        let mut observed = usual.clone();
        change(&mut observed);
        found(&observed)
    };
    assert_eq!(found(&usual), [""; 0]);
    assert_eq!(with(&|seen| seen.qualified = 29), ["share-out-of-range"]);
    assert_eq!(with(&|seen| seen.qualified = 30), [""; 0]);
    assert_eq!(with(&|seen| seen.qualified = 51), ["share-out-of-range"]);
    assert_eq!(with(&|seen| (seen.leads, seen.qualified) = (19, 19)), [""; 0]);
    assert_eq!(
        with(&|seen| seen.led_by_activity = 4),
        ["activity-outscores-intent"]
    );
    assert_eq!(with(&|seen| seen.fit[0] = 0), ["dead-rule"]);
    assert_eq!(with(&|seen| seen.intent[0] = 0), ["dead-rule"]);
    // Without an event nothing is known of rules on events.
    assert_eq!(with(&|seen| (seen.events, seen.intent[0]) = (0, 0)), [""; 0]);
    let name = &sound.fit[0].name;
    let silence = format!("\n[[silence]]\nlint = \"dead-rule\"\nrule = \"{name}\"\nreason = \"it is new\"\n");
    let mut dead = usual.clone();
    dead.fit[0] = 0;
    assert_eq!(check_observed(&format!("{SOUND}{silence}"), &dead).problems, []);
    let needless = check_observed(&format!("{SOUND}{silence}"), &usual).problems;
    assert_eq!(needless[0].code, "needless-silence");
}

#[test]
fn every_lint_explains_itself() {
    for lint in LINTS {
        let explanation = explain(lint.name).expect("it is known");
        assert!(
            explanation.len() > 80 && explanation.ends_with('.'),
            "{}: {explanation}",
            lint.name
        );
        assert!(!explanation.contains("  "), "{}: {explanation}", lint.name);
    }
    assert_eq!(explain("nothing"), None);
}

/// Runs one example against the sound agreement; what it fails on, and its ledger.
fn outcome(example: &str) -> (Vec<String>, String) {
    let source = format!("{SOUND}\n[[example]]\nname = \"E\"\n{example}\n");
    let agreement = Agreement::parse(&source).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let outcomes = run_examples(&agreement);
    assert_eq!(outcomes.len(), 1);
    let failed = outcomes[0]
        .mismatches
        .iter()
        .map(|one| format!("{} {} not {}", one.key, one.found, one.expected));
    (failed.collect(), outcomes[0].ledger.join(", "))
}

#[test]
fn examples_come_to_what_the_agreement_says() {
    let vp = "lead = { title = \"VP Sales\" }";
    let cases: [(String, &[&str], &str); 7] = [
        (format!("{vp}\nevents = [{{ on = \"Demo Requested\" }}]\nexpect = {{ qualified = true, fit = 30, intent = 50, score = 80, trigger = \"demo-requested\" }}"), &[], "Position 30, Demo 50"),
        (format!("{vp}\nevents = [{{ on = \"Demo Requested\", ago = \"30d\" }}]\nexpect = {{ qualified = true, intent = 25 }}"), &[], "Position 30, Demo 25"),
        (format!("{vp}\nevents = [{{ on = {{ page = \"/blog/x\" }}, times = 30 }}]\nexpect = {{ qualified = false, intent = 10 }}"), &[], "Position 30, Blog 10"),
        (format!("{vp}\nevents = [{{ on = {{ page = \"/blog/x\" }}, times = 5, every = \"20d\" }}]\nexpect = {{ intent = 5 }}"), &[], "Position 30, Blog 5"),
        (format!("{vp}\nevents = [{{ on = {{ page = \"/blog/x\" }}, times = 6, every = \"20d\" }}]\nexpect = {{ intent = 6 }}"), &["intent 5 not 6"], "Position 30, Blog 5"),
        (format!("{vp}\nexpect = {{ qualified = true, trigger = \"x\" }}"), &["qualified false not true", "trigger none not x"], "Position 30"),
        ("lead = { title = \"Student\" }\nevents = [{ on = \"Demo Requested\" }]\nexpect = { qualified = false, score = 30 }".to_owned(), &[], "Position -20, Demo 50"),
    ];
    for (example, failed, ledger) in cases {
        assert_eq!(
            outcome(&example),
            (
                failed.iter().map(|&one| one.to_owned()).collect(),
                ledger.to_owned()
            ),
            "{example}"
        );
    }
}

#[test]
fn without_events_an_example_is_judged_by_its_traits() {
    let source = SOUND.replacen("score = 60\nfit = 10\nintent = 20\n", "score = 30\n", 1);
    let source = format!(
        "{source}\n[[example]]\nname = \"E\"\nlead = {{ title = \"VP Sales\" }}\nexpect = {{ qualified = true, trigger = \"traits\" }}\n"
    );
    let agreement = Agreement::parse(&source).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(run_examples(&agreement).iter().all(ExampleOutcome::passed));
}
