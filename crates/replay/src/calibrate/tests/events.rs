//! Rules on what leads did, found where there is something to be found.

use super::*;

const NO_RULES: &str = "[agreement]\nname = \"No rules yet\"\n\n[qualify]\nscore = 50\n";
/// What leads look at besides prices, which has nothing to do with what becomes of them.
const OTHER_PAGES: [&str; 4] = ["/", "/blog", "/docs", "/careers"];

fn page(ts: Timestamp, path: &str) -> HistoryFact {
    HistoryFact::Event(Event {
        ts,
        kind: EventKind::Page,
        name: "page".to_owned(),
        path: Some(path.to_owned()),
        properties: Properties::new(),
    })
}

/// Leads over four hundred days who look at pages for forty days. A third of them look at prices three times in one week,
/// the others as often, but weeks apart. The last argument says in how many of a thousand cases somebody of either kind is won.
fn visitors(count: usize, seed: u64, [in_a_week, spread]: [usize; 2]) -> MadeUp {
    let (mut all, mut draw) = (MadeUp::default(), Seeded::new(seed, 78));
    for at in 0..count {
        let begins = i64::try_from(draw.below(400)).expect("few");
        let days = |draw: &mut Seeded, most| i64::try_from(draw.below(most)).expect("few");
        let mut facts = vec![HistoryFact::Created(day(begins))];
        for other in OTHER_PAGES {
            for _ in 0..draw.below(5) {
                facts.push(page(day(begins + days(&mut draw, 40)), other));
            }
        }
        let is_often = draw.below(3) == 0;
        let first = days(&mut draw, if is_often { 33 } else { 8 });
        for visit in 0..3 {
            let later = if is_often { 2 * visit } else { 12 * visit };
            facts.push(page(day(begins + first + later), "/Pricing"));
        }
        let won = draw.below(1_000) < if is_often { in_a_week } else { spread };
        let id = format!("lead-{at:05}");
        all.outcomes.insert(id.clone(), (won, Some(day(begins + 45))));
        all.leads.insert(
            id,
            History {
                base: Traits::new(),
                always_known: true,
                facts,
            },
        );
    }
    all
}

fn found_in(leads: &MadeUp, seed: u64) -> Calibration {
    let agreement = Agreement::parse(NO_RULES).expect("it is in order");
    let options = CalibrateOptions {
        discover: true,
        seed,
        ..CalibrateOptions::default()
    };
    calibrate(NO_RULES, &agreement, leads, &outcomes_of(leads), &options).expect("it can be tried")
}

#[test]
fn three_visits_within_a_week_are_found_and_written_as_a_rule() {
    for seed in [1, 2] {
        let found = found_in(&visitors(1_200, seed, [600, 150]), 1);
        let said = found.report.to_text();
        assert_eq!(reasons(&found), [], "{said}");
        let points = |line: &PointsLine| line.becomes.parse::<i32>().expect("whole");
        let largest = found
            .report
            .points
            .iter()
            .max_by_key(|line| points(line).abs())
            .expect("a rule");
        assert_eq!(largest.rule, "Found: /pricing 3 times within 7 days", "{said}");
        let text = found.agreement.expect("nothing speaks against it");
        let rule = format!(
            "[[intent]]\nname = \"Found: /pricing 3 times within 7 days\"\non = {{ page = \"/pricing\" }}\ncount = 3\nwithin = \"7d\"\npoints = {}\n\
             expires = \"90d\"\n",
            largest.becomes
        );
        assert!(points(largest) > 0 && text.contains(&rule), "{text}");
        let checked = check(&text);
        assert!(checked.agreement.is_some(), "{:?}", checked.problems);
        // What has nothing to do with it hardly counts.
        for line in &found.report.points {
            let is_other = !line.rule.contains("/pricing");
            assert!(!is_other || points(line).abs() * 3 < points(largest), "{said}");
        }
    }
}

#[test]
fn where_visits_say_nothing_no_rule_is_written() {
    let mut nothing = 0;
    for seed in 0..10 {
        let found = found_in(&visitors(600, seed, [300, 300]), seed);
        assert!(
            found.agreement.is_none(),
            "seed {seed}: {}",
            found.report.to_text()
        );
        assert!(
            reasons(&found).contains(&Reason::LooksShuffled) || reasons(&found).contains(&Reason::NoBetter)
        );
        // Where nothing at all was found it says just that, and what was looked at.
        if found.report.points.is_empty() {
            let said = found.report.to_text();
            assert!(
                said.contains("no rule of the agreement tells anything") && !said.contains("coarse"),
                "{said}"
            );
            assert!(said.contains("Looked at and not proposed"), "{said}");
            nothing += 1;
        }
    }
    assert!(nothing >= 7, "{nothing}");
}

#[test]
fn what_was_found_counts_for_nothing_by_the_present_agreement() {
    let found = found_in(&visitors(1_200, 3, [600, 150]), 1);
    let tried = found.report.tried.expect("it was tried");
    let [_, present, table, _] = tried.methods.as_slice() else {
        panic!("{:?}", tried.methods)
    };
    // It has no rules, so that everybody is alike to it.
    assert!(
        (present.auc - 0.5).abs() < 1e-9 && (table.auc - 0.5).abs() < 1e-9,
        "{} {}",
        present.auc,
        table.auc
    );
    assert_eq!(found.report.line.map(|line| line.won_before.of), Some(0));
    assert!(found.report.points.iter().all(|line| line.kept.is_none()));
}
