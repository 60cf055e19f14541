//! A chronicle judged by an agreement gives what a run over the same files gives, and what one lead's ledger says.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use bellwether_core::domain::Timestamp;
use bellwether_core::explain::explain;
use bellwether_replay::{Chronicle, Effort, Format, Judged, Rejects, lead_history, write};
use bellwether_testkit::history::{Dice, EVENT_NAMES, HistoryEvent, HistoryFormat, HistoryPlan};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::support::{AGREEMENT, Bench};

const BENCH_AGREEMENT: &str = include_str!("../../examples/bench_agreement.toml");

/// What no other agreement here reads: what machines do, by what a lead came, a line on fit, and other properties.
pub(crate) const OTHER: &str = r#"
[agreement]
name     = "Other"
timezone = "UTC"

[fields]
plan = "text"

[[fit]]
name   = "Came by search"
when   = { channel = ["organic_search", "paid_search"] }
points = 10

[[fit]]
name   = "Plan"
cases  = [
  { when = { plan = "pro" }, points = 12 },
  { when = { employees = { min = 100 } }, points = 6 },
]

[[fit]]
name   = "No title"
when   = { title = { exists = false } }
points = -3

[[intent]]
name   = "Clicked"
on     = "Email Link Clicked"
points = 8
max    = 3

[[intent]]
name   = "Pages"
on     = { page = ["/pricing*", "/product"] }
points = 4
count  = 2
within = "20d"
max    = 4
decay  = { half_life = "9d" }

[[intent]]
name   = "Video"
on     = { event = "Asset Downloaded", kind = { not = "ebook" } }
points = 5

[qualify]
score = 14
fit   = -5

[[disqualify]]
name = "Student"
when = { any = [{ title = "Student" }, { domain = "rival.example" }] }

[suspect]
"#;

fn judged(bench: &Bench, chronicle: &Chronicle, threads: usize) -> Judged {
    let t = bench
        .as_of
        .map_or(chronicle.latest(), |text| text.parse().expect("a time"));
    chronicle.judge(&bench.engine, t, NonZeroUsize::new(threads).expect("some"))
}

fn read(bench: &Bench, leads: Option<&str>, events: Option<&str>) -> Chronicle {
    let mut rejects = Rejects::new(None, false).expect("no list");
    let input = bench.input(leads, events);
    Chronicle::read(&input, bench.effort, &mut rejects, &|_| {}).expect("a chronicle")
}

fn csv(bench: &Bench, chronicle: &Chronicle, judged: &Judged) -> String {
    let mut bytes = Vec::new();
    let scored = judged.scored(chronicle);
    write(&mut bytes, Format::Csv, &scored, &bench.engine, Effort::default()).expect("written");
    String::from_utf8(bytes).expect("UTF-8")
}

/// Compares with a run over the files, on one thread and on several.
fn compare(bench: &Bench, chronicle: &Chronicle, leads: Option<&str>, events: Option<&str>) -> Judged {
    let first = judged(bench, chronicle, 1);
    let run = bench.score(leads, events);
    assert_eq!(run.rows().len(), chronicle.leads());
    assert_eq!(csv(bench, chronicle, &first), run.csv);
    for threads in [2, 3, 7] {
        assert_eq!(judged(bench, chronicle, threads), first, "{threads} threads");
    }
    first
}

/// Compares with each lead's ledger: at the instant that was asked for, and at that of qualifying.
fn compare_ledgers(
    bench: &Bench,
    chronicle: &Chronicle,
    judged: &Judged,
    leads: Option<&str>,
    events: Option<&str>,
) {
    for (lead, verdict) in (0..).zip(&judged.leads) {
        let mut rejects = Rejects::new(None, false).expect("no list");
        let input = bench.input(leads, events);
        let id = chronicle.id(lead);
        let history = lead_history(&bench.engine, &input, bench.effort, id, &mut rejects, &|_| {});
        let history = history.expect("read").expect("known");
        if history.id != id {
            // A device that is somebody's in the end, and a lead of its own by the leads file.
            continue;
        }
        for facts in [
            &history.facts,
            &chronicle.facts_as_judged(&bench.engine, lead, judged.t),
        ] {
            let ledger = explain(&bench.engine, facts, judged.t);
            assert_eq!(
                (ledger.totals.fit, ledger.totals.intent),
                (verdict.now.fit, verdict.now.intent),
                "{id}"
            );
            let qualified = ledger
                .qualified
                .map(|it| (it.at, it.trigger, it.score.fit, it.score.intent));
            let found = verdict.qualified.as_ref();
            let found = found.map(|it| (it.at, it.trigger.to_string(), it.score.fit, it.score.intent));
            assert_eq!(found, qualified, "{id}");
        }
    }
}

/// Calls of a few people on a few devices, some of them more than once, in an order that means nothing.
fn calls(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut lines: Vec<String> = Vec::new();
    for number in 0..160 {
        let at = Timestamp::from_ms_clamped(
            1_767_225_600_000 + i64::try_from(dice.below(40 * 96)).expect("small") * 900_000,
        );
        let (user, device) = (dice.below(7), dice.below(9));
        let who = match dice.below(4) {
            0 => format!(r#""anonymousId":"d{device}""#),
            1 => format!(r#""userId":"u{user}","anonymousId":"d{device}""#),
            _ => format!(r#""userId":"u{user}""#),
        };
        let pick = |dice: &mut Dice, of: &[&str]| {
            of[usize::try_from(dice.below(of.len() as u64)).expect("small")].to_owned()
        };
        let what = match dice.below(12) {
            0 => {
                let title = pick(&mut dice, &["\"VP Sales\"", "\"Student\"", "null", "\"Manager\""]);
                let employees = pick(&mut dice, &["20", "\"51-200\"", "700", "\"many\""]);
                let plan = pick(&mut dice, &["\"pro\"", "\"free\"", "\"\""]);
                format!(
                    r#""type":"identify","traits":{{"title":{title},"employees":{employees},"plan":{plan}}}"#
                )
            }
            1 => format!(
                r#""type":"identify","traits":{{"email":"u@{}"}}"#,
                pick(&mut dice, &["acme.example", "rival.example", "gmail.com"])
            ),
            2 if number % 5 == 0 => format!(r#""type":"alias","previousId":"u{}""#, dice.below(7)),
            3..=5 => {
                let path = pick(&mut dice, &["/pricing", "/pricing/eu", "/product", "/about"]);
                let url = pick(
                    &mut dice,
                    &[
                        "",
                        "?utm_source=google&utm_medium=cpc",
                        "?utm_source=letter&utm_medium=email",
                    ],
                );
                let referrer = pick(
                    &mut dice,
                    &["", "https://www.google.com/", "https://news.example/"],
                );
                format!(
                    r#""type":"page","properties":{{"path":"{path}","url":"https://x.example{path}{url}","referrer":"{referrer}"}}"#
                )
            }
            6 | 7 => format!(
                r#""type":"track","event":"Email Link Clicked","properties":{{"email_id":"m{}","link_url":"/{}"}}"#,
                dice.below(3),
                dice.below(4)
            ),
            8 => format!(
                r#""type":"track","event":"Asset Downloaded","properties":{{"kind":"{}","size":{}}}"#,
                pick(&mut dice, &["ebook", "video"]),
                dice.below(3)
            ),
            9 => r#""type":"track","event":"Demo Requested","properties":{}"#.to_owned(),
            _ => r#""type":"track","event":"Blog Read","context":{"userAgent":"curl/8.0"}"#.to_owned(),
        };
        let line = format!(r#"{{{who},{what},"messageId":"m-{number}","timestamp":"{at}"}}"#);
        for _ in 0..=dice.below(8) / 7 {
            lines.push(line.clone());
        }
    }
    for at in (1..lines.len()).rev() {
        lines.swap(at, usize::try_from(dice.below(at as u64 + 1)).expect("small"));
    }
    lines.join("\n")
}

fn leads(seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x1ead);
    let mut text = "id,email,title,employees,created_at,plan\n".to_owned();
    for lead in ["u3", "u1", "d4", "idle", "u6", "u1", "u5"] {
        let email = ["", "a@acme.example", "b@gmail.com", "c@rival.example"]
            [usize::try_from(dice.below(4)).expect("small")];
        let title = ["", "VP Sales", "Wizard"][usize::try_from(dice.below(3)).expect("small")];
        let created =
            ["", "2026-01-05", "2026-02-01T10:00:00Z"][usize::try_from(dice.below(3)).expect("small")];
        writeln!(text, "{lead},{email},{title},{},{created},pro", dice.below(200)).expect("written");
    }
    text
}

#[test]
fn a_chronicle_of_calls_is_judged_as_a_run_and_as_each_ledger_says() {
    let (mut qualified, mut uncertain) = (0, 0);
    for seed in 0..10 {
        for agreement in [AGREEMENT, OTHER] {
            let mut bench = Bench::with(agreement);
            bench.file("e.jsonl", calls(seed));
            bench.file("l.csv", leads(seed));
            for leads in [None, Some("l.csv")] {
                for as_of in [None, Some("2026-01-20T00:00:00Z")] {
                    bench.as_of = as_of;
                    let chronicle = read(&bench, leads, Some("e.jsonl"));
                    let judged = compare(&bench, &chronicle, leads, Some("e.jsonl"));
                    compare_ledgers(&bench, &chronicle, &judged, leads, Some("e.jsonl"));
                    qualified += judged
                        .leads
                        .iter()
                        .filter(|verdict| verdict.qualified.is_some())
                        .count();
                    uncertain += judged.leads.iter().filter(|verdict| verdict.uncertain).count();
                }
            }
        }
    }
    assert!(qualified > 50 && uncertain > 50, "{qualified} {uncertain}");
}

#[test]
fn every_format_and_order_makes_the_same_chronicle() {
    let plan = HistoryPlan {
        events: 6_000,
        leads: 300,
        seed: 3,
        whole_ids: false,
        shuffled: false,
    };
    let mut bench = Bench::with(BENCH_AGREEMENT);
    plan.write_leads(&bench.path("leads.csv")).expect("written");
    let mut all: Vec<(u64, String, Judged)> = Vec::new();
    for format in [
        HistoryFormat::Csv,
        HistoryFormat::JsonLines,
        HistoryFormat::Parquet,
    ] {
        for shuffled in [false, true] {
            let name = format!("events.{}", format.extension());
            let plan = HistoryPlan { shuffled, ..plan };
            plan.write_events(&bench.path(&name), format).expect("written");
            for records_in_memory_max in [usize::MAX, 500] {
                bench.effort.records_in_memory_max = records_in_memory_max;
                let chronicle = read(&bench, Some("leads.csv"), Some(&name));
                assert_eq!((chronicle.events(), chronicle.distinct_events()), (6_000, 14));
                let judged = compare(&bench, &chronicle, Some("leads.csv"), Some(&name));
                all.push((chronicle.fingerprint(), csv(&bench, &chronicle, &judged), judged));
            }
        }
    }
    assert!(all[0].2.leads.iter().any(|verdict| verdict.qualified.is_some()));
    for one in &all {
        assert!(one == &all[0]);
    }
}

/// Who qualified did so by what was known then: judged at that very instant they score what they scored, and qualify.
#[test]
fn nothing_later_leaks_into_a_verdict() {
    // What a person does later may show that what came before was a machine's, so nothing is held apart here.
    let bench = Bench::with(&OTHER.replace("[suspect]", ""));
    let mut seen = 0;
    for seed in 100..110 {
        bench.file("e.jsonl", calls(seed));
        bench.file("l.csv", leads(seed));
        let chronicle = read(&bench, Some("l.csv"), Some("e.jsonl"));
        let one = NonZeroUsize::MIN;
        for (lead, verdict) in judged(&bench, &chronicle, 1).leads.iter().enumerate() {
            let Some(qualified) = &verdict.qualified else {
                continue;
            };
            let then = chronicle.judge(&bench.engine, qualified.at, one);
            let then = &then.leads[lead];
            assert_eq!(
                (then.now, then.qualified.as_ref()),
                (qualified.score, Some(qualified))
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

/// A table's facts after an instant change nothing before it, who is who being the same.
#[test]
fn a_chronicle_is_judged_at_any_instant_as_a_run_up_to_it() {
    let plan = HistoryPlan {
        events: 4_000,
        leads: 150,
        seed: 9,
        whole_ids: true,
        shuffled: true,
    };
    let mut bench = Bench::with(BENCH_AGREEMENT);
    plan.write_events(&bench.path("e.csv"), HistoryFormat::Csv)
        .expect("written");
    let chronicle = read(&bench, None, Some("e.csv"));
    for as_of in [
        "2024-08-01T00:00:00Z",
        "2025-03-03T12:00:00Z",
        "2027-01-01T00:00:00Z",
    ] {
        bench.as_of = Some(as_of);
        let judged = judged(&bench, &chronicle, 2);
        let expected = bench.score(None, Some("e.csv"));
        let seen = judged
            .leads
            .iter()
            .filter(|verdict| verdict.first_seen.is_some())
            .count();
        let all = csv(&bench, &chronicle, &judged);
        let seen_rows = all
            .lines()
            .skip(1)
            .zip(&judged.leads)
            .filter(|(_, verdict)| verdict.first_seen.is_some());
        assert_eq!(seen_rows.map(|(row, _)| row).collect::<Vec<_>>(), expected.rows());
        assert_eq!(seen, expected.rows().len());
    }
}

#[test]
fn a_lead_is_found_by_whatever_it_is_called() {
    let bench = Bench::new();
    bench.file(
        "e.jsonl",
        r#"{"type":"track","anonymousId":"d1","userId":"ana","timestamp":"2026-01-01T00:00:00Z","event":"Blog Read"}
{"type":"alias","userId":"bob","previousId":"ana","timestamp":"2026-01-02T00:00:00Z"}
{"type":"track","anonymousId":"d2","timestamp":"2026-01-03T00:00:00Z","event":"Blog Read"}"#,
    );
    let chronicle = read(&bench, None, Some("e.jsonl"));
    let found = ["ana", "bob", "d1", "d2", "eve"].map(|id| chronicle.find(id).map(|lead| chronicle.id(lead)));
    assert_eq!(found, [Some("bob"), Some("bob"), Some("bob"), Some("d2"), None]);
    assert_eq!(chronicle.latest().to_string(), "2026-01-03T00:00:00.000Z");
}

#[test]
fn a_chronicle_in_files_is_what_was_written() {
    for seed in 200..206 {
        let bench = Bench::with(OTHER);
        bench.file("e.jsonl", calls(seed));
        bench.file("l.csv", leads(seed));
        let chronicle = read(&bench, Some("l.csv"), Some("e.jsonl"));
        chronicle.write(&bench.path("kept")).expect("written");
        let again = Chronicle::open(&bench.path("kept"), &|_| {}).expect("opened");
        assert_eq!(again.fingerprint(), chronicle.fingerprint());
        assert_eq!(judged(&bench, &again, 2), judged(&bench, &chronicle, 1));
        for lead in (0..).take(chronicle.leads()) {
            assert_eq!(again.id(lead), chronicle.id(lead));
            assert_eq!(again.facts(lead), chronicle.facts(lead));
        }
        for id in ["d0", "d3", "u1", "u2", "idle"] {
            assert_eq!(again.find(id), chronicle.find(id));
        }
    }
}

#[test]
fn files_that_are_not_of_one_chronicle_are_refused() {
    let bench = Bench::with(OTHER);
    bench.file("e.jsonl", calls(1));
    bench.file("f.jsonl", calls(2));
    read(&bench, None, Some("e.jsonl"))
        .write(&bench.path("a"))
        .expect("written");
    read(&bench, None, Some("f.jsonl"))
        .write(&bench.path("b"))
        .expect("written");
    for name in ["events.parquet", "leads.parquet", "traits.parquet"] {
        let kept = bench.path("a").join(name);
        let own = std::fs::read(&kept).expect("read");
        std::fs::copy(bench.path("b").join(name), &kept).expect("copied");
        let error = Chronicle::open(&bench.path("a"), &|_| {}).err().expect("refused");
        assert!(
            error.to_string().contains("aren't as they were written"),
            "{name}: {error}"
        );
        std::fs::write(&kept, own).expect("written");
    }
    assert!(Chronicle::open(&bench.path("a"), &|_| {}).is_ok());
    // A table of events that something else wrote.
    let plan = HistoryPlan {
        events: 10,
        leads: 2,
        seed: 1,
        whole_ids: false,
        shuffled: false,
    };
    plan.write_events(&bench.path("a").join("events.parquet"), HistoryFormat::Parquet)
        .expect("written");
    assert!(Chronicle::open(&bench.path("a"), &|_| {}).is_err());
}

/// Writes sorted events in row groups so small that leads span several.
fn write_in_small_groups(plan: &HistoryPlan, path: &std::path::Path, rows: usize) {
    let schema =
        "message e { required binary lead (utf8); required int64 ts; required binary event (utf8); }";
    let schema = std::sync::Arc::new(parse_message_type(schema).expect("a schema"));
    let file = std::fs::File::create(path).expect("created");
    let mut writer = SerializedFileWriter::new(file, schema, std::sync::Arc::default()).expect("a writer");
    let events: Vec<HistoryEvent> = plan.events().collect();
    for events in events.chunks(rows) {
        let mut group = writer.next_row_group().expect("a row group");
        for names in [true, false] {
            if !names {
                let times: Vec<i64> = events.iter().map(|event| event.ms).collect();
                let mut column = group.next_column().expect("a column").expect("one more");
                column
                    .typed::<Int64Type>()
                    .write_batch(&times, None, None)
                    .expect("written");
                column.close().expect("closed");
            }
            let text = |event: &HistoryEvent| {
                if names {
                    ByteArray::from(plan.lead_id(event.lead).into_bytes())
                } else {
                    ByteArray::from(EVENT_NAMES[event.name])
                }
            };
            let texts: Vec<ByteArray> = events.iter().map(text).collect();
            let mut column = group.next_column().expect("a column").expect("one more");
            column
                .typed::<ByteArrayType>()
                .write_batch(&texts, None, None)
                .expect("written");
            column.close().expect("closed");
        }
        group.close().expect("closed");
    }
    writer.close().expect("closed");
}

#[test]
fn leads_that_span_row_groups_are_whole() {
    let plan = HistoryPlan {
        events: 3_000,
        leads: 90,
        seed: 4,
        whole_ids: false,
        shuffled: false,
    };
    let mut bench = Bench::with(BENCH_AGREEMENT);
    plan.write_leads(&bench.path("leads.csv")).expect("written");
    plan.write_events(&bench.path("e.csv"), HistoryFormat::Csv)
        .expect("written");
    let fingerprint = read(&bench, Some("leads.csv"), Some("e.csv")).fingerprint();
    for (rows, threads) in [(7, 1), (7, 3), (64, 2), (1_000, 2)] {
        write_in_small_groups(&plan, &bench.path("e.parquet"), rows);
        bench.effort.threads = NonZeroUsize::new(threads).expect("some");
        let chronicle = read(&bench, Some("leads.csv"), Some("e.parquet"));
        assert_eq!(
            chronicle.fingerprint(),
            fingerprint,
            "{rows} rows, {threads} threads"
        );
        compare(&bench, &chronicle, Some("leads.csv"), Some("e.parquet"));
    }
    bench.as_of = Some("2025-01-01T00:00:00Z");
    let chronicle = read(&bench, None, Some("e.parquet"));
    compare(&bench, &chronicle, None, Some("e.parquet"));
}
