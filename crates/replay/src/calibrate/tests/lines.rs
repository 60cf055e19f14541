//! Where the line stands, and what examples say of it.

use super::*;

/// What comes of the leads by a file that differs from the usual one.
fn by(file: &str, leads: &MadeUp, options: &CalibrateOptions) -> Calibration {
    let checked = check(file);
    let agreement = checked
        .agreement
        .unwrap_or_else(|| panic!("{:?}", checked.problems));
    calibrate(file, &agreement, leads, &outcomes_of(leads), options).expect("it can be tried")
}

fn without_digits(text: &str) -> String {
    text.replace(
        |character: char| character.is_ascii_digit() || character == '-',
        "",
    )
}

#[test]
fn a_line_that_no_points_reach_moves_and_the_points_take_the_whole_of_the_limit() {
    let leads = made_up(1_500, 1, |_| 1.0);
    for (qualify, moved) in [
        ("score = 5000", vec!["score"]),
        (
            "score = 5000 # agreed\nfit = 100\nintent = 0",
            vec!["score", "fit"],
        ),
        // What these leads have of intent is one of a few sums.
        ("intent = 900", vec!["intent"]),
    ] {
        let file = FILE.replace("score = 60", qualify);
        let found = by(&file, &leads, &CalibrateOptions::default());
        assert_eq!(reasons(&found), [], "{}", found.report.to_text());
        let text = found.agreement.clone().expect("nothing speaks against it");
        assert_eq!(without_digits(&text), without_digits(&file));
        let line = found.report.line.as_ref().expect("there is a line");
        assert_eq!(line.moves().map(|line| line.key).collect::<Vec<_>>(), moved);
        assert!((line.share_after - 0.2).abs() < 0.07, "{line:?}");
        let largest = found
            .report
            .points
            .iter()
            .map(|line| line.becomes.parse::<i32>().expect("whole").abs());
        assert_eq!(largest.max(), Some(50));
        for line in line.moves() {
            let written = format!("{} = {}", line.key, line.becomes);
            assert!(line.becomes < line.was && text.contains(&written), "{text}");
            let said = found.report.to_text();
            assert!(
                said.contains(&format!("+ qualify: {written}\n")) && said.contains("so the line moves"),
                "{said}"
            );
            let page = html(&found.report);
            assert!(page.contains(&format!("<ins>{}</ins>", line.becomes)), "{page}");
        }
    }
}

#[test]
fn a_line_that_hardly_anybody_reaches_says_nothing_of_how_many_should() {
    let leads = made_up(700, 1, |_| 1.0);
    let found = by(
        &FILE.replace("score = 60", "score = 89"),
        &leads,
        &CalibrateOptions::default(),
    );
    let line = found.report.line.as_ref().expect("there is a line");
    assert!(line.won_before.of > 0 && line.won_before.of < 20, "{line:?}");
    assert!((line.share_after - 0.2).abs() < 0.05, "{line:?}");
    assert!(line.moves().next().is_none());
    assert!(
        found
            .report
            .to_text()
            .contains("hardly any lead reaches the line")
    );
}

#[test]
fn lines_for_fit_and_intent_are_kept_in_mind() {
    let leads = made_up(1_500, 1, |_| 1.0);
    let file = FILE.replace("score = 60", "score = 40\nfit = 15\nintent = 20");
    let found = by(&file, &leads, &CalibrateOptions::default());
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
    let line = found.report.line.as_ref().expect("there is a line");
    assert!(
        line.share_before > 0.1 && line.moves().next().is_none(),
        "{line:?}"
    );
    assert!((line.share_after - line.share_before).abs() < 0.05, "{line:?}");
}

#[test]
fn where_nobody_reaches_any_line_the_line_stays() {
    let lines = Lines {
        score: Some(60.0),
        fit: Some(-5.0),
        intent: Some(20.0),
    };
    let moved = lines.moved_to(15);
    assert_eq!(
        (moved.score, moved.fit, moved.intent),
        (Some(15.0), Some(-5.0), Some(5.0))
    );
    let intent = Lines {
        score: None,
        fit: None,
        ..lines
    };
    assert_eq!(
        (intent.main(), intent.moved_to(3).intent),
        (Some(20.0), Some(3.0))
    );
    assert_eq!(Lines::default().main(), None);
}

/// A lead with a personal mailbox, against which the deals speak.
const EXAMPLE: &str = r#"
[[example]]
name = "Asked for prices by private mail"
lead = { email = "ana@gmail.com", employees = 50 }
events = [{ on = "Prices Requested", times = 3 }, { on = "Blog Read" }]
expect = { qualified = true, fit = 30 }
"#;

#[test]
fn an_example_that_says_who_qualifies_moves_points_until_it_holds() {
    let leads = made_up(1_500, 1, |_| 1.0);
    let file = format!("{FILE}{EXAMPLE}");
    let without = by(FILE, &leads, &CalibrateOptions::default());
    let found = by(&file, &leads, &CalibrateOptions::default());
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
    let mailbox = |found: &Calibration| {
        let line = found
            .report
            .points
            .iter()
            .find(|line| line.rule == "Personal mailbox");
        line.map(|line| line.becomes.parse::<i32>().expect("whole"))
            .expect("there")
    };
    assert!(mailbox(&without) < mailbox(&found), "the example pulls it up");
    let said = found.report.to_text();
    assert!(
        said.contains("what the deals say: `Asked for prices by private mail`\n"),
        "{said}"
    );
    let text = found.agreement.expect("nothing speaks against it");
    assert!(check(&text).agreement.is_some(), "{text}");
    let [expectation] = found.report.expectations.as_slice() else {
        panic!("{:?}", found.report.expectations)
    };
    assert_eq!((expectation.key, expectation.was.as_str()), ("fit", "30"));
    assert!(text.contains(&format!("qualified = true, fit = {}", expectation.becomes)));
}

#[test]
fn an_example_that_no_points_within_the_limits_agree_with_is_a_contradiction() {
    let leads = made_up(1_500, 1, |_| 1.0);
    // No lead is known by name, so that this keeps its points; what outweighs it at present is more than may be given.
    let file = format!(
        "{}{}",
        FILE.replace("points = 10\n\n[[intent]]", "points = -30\n\n[[fit]]\nname = \"Known by name\"\nwhen = { plan = \"gold\" }\npoints = 70\n\n[[intent]]"),
        "\n[[example]]\nname = \"Known, by private mail\"\nlead = { email = \"ana@gmail.com\", plan = \"gold\" }\nexpect = { qualified = false }\n"
    );
    let options = CalibrateOptions {
        points_max: 5,
        ..CalibrateOptions::default()
    };
    let found = by(&file, &leads, &options);
    let said = found.report.to_text();
    assert!(reasons(&found).contains(&Reason::ContradictsExample), "{said}");
    assert!(found.agreement.is_none());
    assert!(
        said.contains(
            "contradicts-example: the example `Known, by private mail` expects `qualified` to be false"
        ) && said.contains("by the new points it is true: no points up to 5 either way"),
        "{said}"
    );
    assert!(html(&found.report).contains("contradicts-example"));
    // With room enough they agree.
    let found = by(&file, &leads, &CalibrateOptions::default());
    assert_eq!(reasons(&found), [], "{}", found.report.to_text());
}
