//! Who is who in Segment's calls.

use crate::support::Bench;

fn rows(lines: &[&str]) -> Vec<String> {
    let mut answers = Vec::new();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    for _ in 0..lines.len() {
        order.rotate_left(1);
        for reversed in [false, true] {
            let bench = Bench::new();
            let mut text: Vec<&str> = order.iter().map(|at| lines[*at]).collect();
            if reversed {
                text.reverse();
            }
            bench.file("e.jsonl", text.join("\n"));
            let outcome = bench.score(None, Some("e.jsonl"));
            answers.push(outcome.rows().into_iter().map(str::to_owned).collect::<Vec<_>>());
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the order of the lines shows");
    answers.remove(0)
}

#[test]
fn a_device_follows_its_user_and_a_visitor_without_one_is_a_lead_of_its_own() {
    let rows = rows(&[
        r#"{"type":"page","anonymousId":"d1","timestamp":"2026-01-01T10:00:00Z","properties":{"path":"/pricing"}}"#,
        r#"{"type":"identify","anonymousId":"d1","userId":"ana","timestamp":"2026-01-02T10:00:00Z","traits":{"title":"VP Sales","employees":80}}"#,
        r#"{"type":"page","anonymousId":"d1","timestamp":"2026-01-03T00:00:00Z","properties":{"path":"/pricing"}}"#,
        r#"{"type":"identify","anonymousId":"d1","userId":"bob","timestamp":"2026-01-03T00:00:01Z","traits":{}}"#,
        r#"{"type":"track","anonymousId":"d1","timestamp":"2026-01-03T00:00:02Z","event":"Blog Read"}"#,
        r#"{"type":"track","anonymousId":"d2","timestamp":"2026-01-03T00:00:02Z","event":"Blog Read"}"#,
    ]);
    let expected = [
        "ana,25.000,24.548,49.548,A2,true,2026-01-02T10:00:00.000Z,traits,",
        "bob,0.000,1.125,1.125,D4,false,,,",
        "d2,0.000,1.125,1.125,D4,false,,,",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn an_alias_unites_two_histories() {
    let rows = rows(&[
        r#"{"type":"track","userId":"old","timestamp":"2026-01-01T00:00:00Z","event":"Blog Read"}"#,
        r#"{"type":"track","userId":"new","timestamp":"2026-01-02T00:00:00Z","event":"Blog Read"}"#,
        r#"{"type":"alias","userId":"new","previousId":"old","timestamp":"2026-01-03T00:00:00Z"}"#,
    ]);
    assert_eq!(rows, ["new,0.000,2.250,2.250,D4,false,,,"]);
}

#[test]
fn traits_by_calls_go_over_those_of_the_leads_file_from_their_time_on() {
    let bench = Bench::new();
    bench.file(
        "leads.csv",
        "id,title,employees\nana,Manager,10\nbob,Manager,10\n",
    );
    bench.file(
        "e.jsonl",
        r#"{"type":"track","userId":"ana","timestamp":"2026-01-01T00:00:00Z","event":"Blog Read"}
{"type":"identify","userId":"ana","timestamp":"2026-01-02T00:00:00Z","traits":{"employees":100,"title":null}}
{"type":"alias","userId":"cid","previousId":"bob","timestamp":"2026-01-03T00:00:00Z"}
{"type":"track","userId":"cid","timestamp":"2026-01-03T00:00:00Z","event":"Blog Read"}"#,
    );
    let outcome = bench.score(Some("leads.csv"), Some("e.jsonl"));
    let expected = [
        "ana,10.000,1.125,11.125,B4,false,,,",
        "cid,15.000,1.125,16.125,B4,false,,,",
    ];
    assert_eq!(outcome.rows(), expected);
}

#[test]
fn placeholders_are_no_ids_and_are_listed() {
    let bench = Bench::new();
    bench.file(
        "e.jsonl",
        r#"{"type":"track","userId":"undefined","anonymousId":"d1","timestamp":"2026-01-01T00:00:00Z","event":"Blog Read"}
{"type":"track","userId":"null","timestamp":"2026-01-01T00:00:00Z","event":"Blog Read"}"#,
    );
    let outcome = bench.score(None, Some("e.jsonl"));
    assert_eq!(outcome.rows(), ["d1,0.000,1.125,1.125,D4,false,,,"]);
    let reasons: Vec<String> = outcome
        .rejects
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    assert_eq!(reasons, ["1 missing lead", "2 placeholder id ignored"]);
}
