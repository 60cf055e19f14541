//! Input that is wrong: a clear error or a listed reject, no panic, nothing else lost.

use std::io::Write as _;

use bellwether_testkit::history::{HistoryFormat, HistoryPlan};

use crate::support::{Bench, gzip};

const GOOD: &str = "ana,0.000,50.000,50.000,D1,true,2026-01-10T00:00:00.000Z,Demo Requested,";

/// Each bad row stands between good ones; what is listed of it.
#[test]
fn bad_rows_of_csv_are_listed_with_line_and_reason_and_the_others_count() {
    let long = "x".repeat(1_100);
    let cases: [(&[u8], &str); 14] = [
        (b",2026-01-01,Blog Read,", "missing lead"),
        (b"bob,,Blog Read,", "missing time"),
        (
            b"bob,soon,Blog Read,",
            "unreadable time: `soon` is not a time; write it like `2026-01-31T09:30:00Z` or `2026-01-31`",
        ),
        (
            b"bob,9999-12-31,Blog Read,",
            "time outside 1970 to 2199: `9999-12-31` is outside the years 1970 to 2199",
        ),
        (
            b"bob,1969-12-31,Blog Read,",
            "time outside 1970 to 2199: `1969-12-31` is outside the years 1970 to 2199",
        ),
        (
            b"bob,9999999999999,Blog Read,",
            "time outside 1970 to 2199: `9999999999999` ms since 1970",
        ),
        (
            b"bob,NaN,Blog Read,",
            "unreadable time: `NaN` is not a time; write it like `2026-01-31T09:30:00Z` or `2026-01-31`",
        ),
        (
            b"bob,1e400,Blog Read,",
            "unreadable time: `1e400` is not a time; write it like `2026-01-31T09:30:00Z` or `2026-01-31`",
        ),
        (b"bob,2026-01-01,,", "missing event name"),
        (b"bob,2026-01-01", "wrong number of cells: 2 instead of 4"),
        (
            b"bob,2026-01-01,Blog Read,,,",
            "wrong number of cells: 6 instead of 4",
        ),
        (b"b\xf6b,2026-01-01,Blog Read,", "invalid UTF-8"),
        (
            &[long.as_bytes(), b",2026-01-01,Blog Read,"].concat(),
            "lead id too long",
        ),
        (
            &[b"bob,2026-01-01,", long.as_bytes(), b","].concat(),
            "event name too long",
        ),
    ];
    for (row, reason) in cases {
        let bench = Bench::new();
        let text = [
            b"lead,ts,event,kind\n\"a\nb\",2026-01-05,Blog Read,\n",
            row,
            b"\nana,2026-01-10,Demo Requested,\n",
        ];
        bench.file("e.csv", text.concat());
        let outcome = bench.score(None, Some("e.csv"));
        assert_eq!(outcome.rows().len(), 3, "{reason}");
        assert!(outcome.csv.contains(GOOD), "{reason}");
        let listed = outcome.listed.replace('"', "");
        assert!(
            listed.contains(&format!("e.csv,4,{reason},")),
            "{reason}: {listed}"
        );
        assert_eq!(outcome.rejects.len(), 1, "{reason}");
    }
}

#[test]
fn bad_lines_of_json_are_listed_with_line_and_reason_and_the_others_count() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_property = format!(r#"{{"type":"track","userId":"bob","properties":{deep}}}"#);
    let cases: [(&[u8], &str); 12] = [
        (b"{\"type\":\"track\"", "broken JSON"),
        (b"nonsense", "broken JSON"),
        (b"[1,2]", "neither a Segment call nor a row"),
        (b"{\"a\":1}", "neither a Segment call nor a row"),
        (b"{\"type\":\"track\",\"userId\":\"b\xf6b\"}", "invalid UTF-8"),
        (
            b"{\"type\":\"track\",\"userId\":\"bob\",\"event\":\"x\",\"timestamp\":NaN}",
            "broken JSON",
        ),
        (
            b"{\"type\":\"track\",\"userId\":\"bob\",\"event\":\"x\",\"timestamp\":1e400}",
            "number out of range",
        ),
        (
            b"{\"type\":\"track\",\"messageId\":\"1\",\"event\":\"x\",\"timestamp\":\"2026-01-01\"}",
            "missing lead",
        ),
        (
            b"{\"type\":\"track\",\"userId\":\"bob\",\"timestamp\":\"2026-01-01\"}",
            "missing event name",
        ),
        (
            b"{\"type\":\"track\",\"userId\":\"bob\",\"event\":\"x\"}",
            "missing time",
        ),
        (
            b"{\"type\":\"track\",\"userId\":\"bob\",\"event\":\"x\",\"timestamp\":\"9999-01-01\"}",
            "time outside 1970 to 2199",
        ),
        (deep_property.as_bytes(), "broken JSON"),
    ];
    for (line, reason) in cases {
        let bench = Bench::new();
        let good = br#"{"type":"track","userId":"ana","timestamp":"2026-01-10","event":"Demo Requested"}"#;
        bench.file("e.jsonl", [b"\r\n", line, b"\r\n", &good[..]].concat());
        let outcome = bench.score(None, Some("e.jsonl"));
        assert_eq!(outcome.rows(), [GOOD], "{reason}");
        assert!(
            outcome
                .listed
                .replace('"', "")
                .contains(&format!("e.jsonl,2,{reason}")),
            "{reason}: {}",
            outcome.listed
        );
    }
}

#[test]
fn strictness_stops_at_the_first_bad_row() {
    let mut bench = Bench::new();
    bench.strict = true;
    bench.file("e.csv", "lead,ts,event\nana,2026-01-10,x\nbob,soon,x\n,,\n");
    let outcome = bench.score(None, Some("e.csv"));
    assert!(
        outcome.error().contains("row 3: unreadable time"),
        "{}",
        outcome.error()
    );
    assert_eq!(outcome.listed.lines().count(), 2);
}

#[test]
fn a_header_that_can_not_be_one_is_an_error() {
    for (text, says) in [
        (&b""[..], "the file is empty"),
        (b"lead,ts,event,ts\n", "the column `ts` twice"),
        (b"lead,z\xe9it,event\n", "save the file as UTF-8"),
        (b"who,when\n1,2\n", "--map lead=COLUMN"),
    ] {
        let bench = Bench::new();
        bench.file("e.csv", text);
        assert!(bench.score(None, Some("e.csv")).error().contains(says), "{says}");
    }
}

#[test]
fn a_file_that_is_cut_off_fails_the_run_and_is_listed() {
    let bench = Bench::new();
    let plan = HistoryPlan {
        events: 5_000,
        leads: 50,
        seed: 3,
        whole_ids: false,
        shuffled: false,
    };
    for format in [HistoryFormat::Csv, HistoryFormat::JsonLines] {
        let name = format!("e.{}", format.extension());
        plan.write_events(&bench.path(&name), format).expect("written");
        let packed = gzip(&std::fs::read(bench.path(&name)).expect("there"));
        bench.file(&format!("{name}.gz"), &packed[..packed.len() / 2]);
        let outcome = bench.score(None, Some(&format!("{name}.gz")));
        assert!(
            outcome.error().contains("is cut off or damaged after row"),
            "{}",
            outcome.error()
        );
        assert!(
            outcome.listed.contains("file cut off or damaged"),
            "{}",
            outcome.listed
        );
    }
}

#[test]
fn parquet_damaged_anywhere_is_an_error_or_a_listed_reject_and_never_a_panic() {
    let bench = Bench::new();
    let plan = HistoryPlan {
        events: 3_000,
        leads: 50,
        seed: 3,
        whole_ids: false,
        shuffled: false,
    };
    plan.write_events(&bench.path("e.parquet"), HistoryFormat::Parquet)
        .expect("written");
    let whole = std::fs::read(bench.path("e.parquet")).expect("there");
    for cut in [0, 3, 4, 12, whole.len() / 2, whole.len() - 5] {
        bench.file("cut.parquet", &whole[..cut]);
        assert!(bench.score(None, Some("cut.parquet")).run.is_err(), "{cut}");
    }
    for at in (0..whole.len()).step_by(whole.len() / 150) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        bench.file("damaged.parquet", damaged);
        // Some damage goes unnoticed, in a time's bits for example; all of it ends well.
        drop(bench.score(None, Some("damaged.parquet")));
    }
}

#[test]
fn a_huge_cell_is_taken_and_a_huge_line_is_one_reject() {
    let bench = Bench::new();
    let text = format!(
        "lead,ts,event,note\nbob,2026-01-01,Blog Read,{}\n",
        "y".repeat(1_000_000)
    );
    let text = format!(
        "{text}cid,2026-01-01,Blog Read,{}\nana,2026-01-10,Demo Requested,\n",
        "z".repeat(9_000_000)
    );
    bench.file("e.csv", text);
    let outcome = bench.score(None, Some("e.csv"));
    assert_eq!(outcome.rows().len(), 2);
    assert!(
        outcome.listed.contains("e.csv,3,row too long"),
        "{}",
        outcome.listed.lines().count()
    );
}

/// A gigabyte of zeros from a megabyte, many times over, would not fit if it were held.
#[test]
fn a_bomb_of_zeros_is_one_reject() {
    let bench = Bench::new();
    let member = gzip(&vec![0; 16 << 20]);
    let mut bomb = std::fs::File::create(bench.path("bomb.jsonl.gz")).expect("created");
    for _ in 0..64 {
        bomb.write_all(&member).expect("written");
    }
    bomb.write_all(&gzip(
        b"\n{\"lead\":\"ana\",\"ts\":\"2026-01-10\",\"event\":\"Demo Requested\"}\n",
    ))
    .expect("written");
    drop(bomb);
    let outcome = bench.score(None, Some("bomb.jsonl.gz"));
    assert_eq!(outcome.rows(), [GOOD]);
    assert!(outcome.listed.contains("bomb.jsonl.gz,1,row too long"));
}
