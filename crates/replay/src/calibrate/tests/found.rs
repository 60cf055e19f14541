//! What is found reads as somebody would write it, and what tells nothing isn't proposed.

use super::*;
use crate::calibrate::levels::Why;

/// The usual agreement without its rule on the size of companies.
fn without_size() -> String {
    let begins = FILE.find("[[fit]]\nname = \"Size\"").expect("there");
    let ends = FILE.find("[[fit]]\nname = \"Personal").expect("there");
    format!("{}{}", &FILE[..begins], &FILE[ends..])
}

fn discovered(leads: &MadeUp) -> Calibration {
    let file = without_size();
    let agreement = Agreement::parse(&file).expect("it is in order");
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    calibrate(&file, &agreement, leads, &outcomes_of(leads), &options).expect("it can be tried")
}

fn lines<'r>(found: &'r Calibration, rule: &str) -> Vec<&'r PointsLine> {
    let lines = found.report.points.iter().filter(|line| line.rule == rule);
    lines.collect()
}

fn points(line: &PointsLine) -> i32 {
    line.becomes.parse().expect("whole")
}

/// Gives the leads a number of seats that has nothing to do with anything.
fn with_seats(mut leads: MadeUp, seed: u64) -> MadeUp {
    let mut draw = Seeded::new(seed, 79);
    for facts in leads.leads.values_mut() {
        facts.base.insert("seats".to_owned(), number(draw.below(10_000)));
    }
    leads
}

#[test]
fn bands_end_where_the_truth_turns_and_go_one_way() {
    for seed in [21, 22, 23] {
        let found = discovered(&made_up(4_000, seed, |_| 1.0));
        let said = found.report.to_text();
        assert_eq!(reasons(&found), [], "{said}");
        let bands = lines(&found, "Found: employees in bands");
        // In truth companies of 500 and more are best, and those under 50 worst.
        assert!((2..=3).contains(&bands.len()), "{said}");
        assert!(
            bands.windows(2).all(|pair| points(pair[0]) > points(pair[1])),
            "{said}"
        );
        let best = bands[0].when.strip_prefix("employees is at least ").expect(&said);
        let best: f64 = best.parse().expect(&said);
        assert!((430.0..=570.0).contains(&best), "{said}");
        assert!(best % 10.0 == 0.0, "a round number: {said}");
        let evidence: u64 = bands.iter().map(|band| band.evidence.with.of).sum();
        assert!(evidence <= 4_000, "{said}");
    }
}

#[test]
fn what_tells_nothing_is_not_proposed_and_is_listed() {
    let leads = with_seats(made_up(2_000, 24, |_| 1.0), 1);
    let found = discovered(&leads);
    assert!(
        lines(&found, "Found: seats in bands").is_empty(),
        "{}",
        found.report.to_text()
    );
    let dropped = found
        .report
        .dropped
        .iter()
        .find(|line| line.rule == "Found: seats in bands");
    let dropped = dropped.expect("it is listed");
    assert_eq!((dropped.why, dropped.evidence.with.of), (Why::NothingMore, 2_000));
    let range = dropped.range.expect("several bands");
    assert!(range.cases > 10 && range.lowest.share() < range.highest.share());
    for said in [found.report.to_text(), html(&found.report)] {
        assert!(
            said.contains("Found: seats in bands") && said.contains("what it tells may be luck"),
            "{said}"
        );
    }
    // Blogs tell nothing either, but somebody wrote that rule.
    assert_eq!(lines(&found, "Read the blog").len(), 1);
    assert!(
        found
            .report
            .dropped
            .iter()
            .all(|line| line.rule.starts_with("Found: "))
    );
}

#[test]
fn what_is_proposed_could_move_somebody() {
    let found = discovered(&with_seats(made_up(4_000, 25, |_| 1.0), 2));
    let line = found.report.line.as_ref().expect("a line");
    let least = line.lines[0].becomes / 20.0;
    let proposed = found.report.points.iter().filter(|line| line.was.is_none());
    let mut some = 0;
    for line in proposed.filter(|line| points(line) != 0) {
        // An event counts up to three times.
        let times = if line.when.is_empty() { 3.0 } else { 1.0 };
        assert!(f64::from(points(line).abs()) * times >= least, "{line:?}");
        some += 1;
    }
    assert!(some > 0);
}

#[test]
fn outcomes_of_other_leads_change_nothing_of_what_some_come_to() {
    let leads = with_seats(made_up(1_200, 26, |_| 1.0), 3);
    let (file, options) = (
        without_size(),
        CalibrateOptions {
            discover: true,
            ..CalibrateOptions::default()
        },
    );
    let agreement = Agreement::parse(&file).expect("it is in order");
    let engine = Engine::new(std::sync::Arc::new(agreement.clone()));
    let facts = Facts {
        leads: &leads,
        engine: &engine,
        as_of: None,
    };
    let gathered = gather(facts, &outcomes_of(&leads), &options);
    let proposal = propose(&file, &agreement, facts, &gathered, &options).expect("in order");
    let probing = probing(&proposal.candidate);
    let mut matrix = Matrix::new(proposal.features.all.len());
    for one in &gathered.subjects {
        let given = contributions(&probing, &facts.of(one.lead).expect("there"), one.instant());
        matrix.push(proposal.features.row(&given));
    }
    let won: Vec<bool> = gathered.subjects.iter().map(|one| one.won).collect();
    let rows: Vec<usize> = (0..won.len()).filter(|row| row % 3 != 0).collect();
    let inverted: Vec<bool> = won
        .iter()
        .enumerate()
        .map(|(row, won)| won ^ (row % 3 == 0))
        .collect();
    let learned = |won: &[bool]| {
        let (cut, met) = (proposal.features.cut(&matrix), met(&matrix, won));
        let data = Data {
            features: &proposal.features,
            matrix: &matrix,
            cut: &cut,
            won,
            met: &met,
            free: &vec![true; matrix.columns()],
            examples: &Examples::default(),
        };
        let lines = Lines {
            score: Some(60.0),
            ..Lines::default()
        };
        learn(
            data,
            &rows,
            2.0,
            Aim {
                lines,
                share: 0.2,
                as_before: false,
                points_max: 50.0,
            },
        )
    };
    let found = learned(&won);
    assert_eq!(found, learned(&inverted));
    assert!(found.of.iter().any(|points| *points != 0.0));
}

#[test]
fn an_event_that_leaks_is_named_once_with_the_rule_that_reads_it() {
    let mut leads = made_up(1_200, 27, |_| 1.0);
    let outcomes = leads.outcomes.clone();
    for (id, facts) in &mut leads.leads {
        let (won, decided) = outcomes[id];
        let before = Timestamp::from_ms_clamped(decided.expect("dated").ms() - 3_600_000);
        facts
            .facts
            .extend(won.then(|| event(before, "Contract Received")));
    }
    let file = format!("{FILE}\n[[intent]]\nname = \"Contract\"\non = \"contract received\"\npoints = 5\n");
    let agreement = Agreement::parse(&file).expect("it is in order");
    let options = CalibrateOptions {
        discover: true,
        ..CalibrateOptions::default()
    };
    let found = calibrate(&file, &agreement, &leads, &outcomes_of(&leads), &options).expect("tried");
    let [leak] = found.report.refusals.as_slice() else {
        panic!("{}", found.report.to_text())
    };
    let begins = "the event `Contract Received`, which the rule `Contract` reads, knows the outcome: of the ";
    assert!(leak.message.starts_with(begins), "{}", leak.message);
    assert_eq!(leak.reason, Reason::Leak);
    assert!(leak.numbers["leads"] > 300.0 && leak.numbers["odds_ratio_at_least"] > 20.0);
}
