//! What each format holds, and how it is read.

use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::support::{Bench, gzip};

const LEADS: &str = "id,email,title,employees,created_at\n\
    ana,ana@acme.example,VP Marketing,300,2026-01-01\n\
    bob,bob@rival.example,Engineer,,\n\
    \"o, \"\"dd\",,,70,2026-02-01T12:00:00Z\n";
const EVENTS: &str = "lead,ts,event,path,kind\n\
    ana,2026-01-10T10:00:00Z,page,/pricing/eu,\n\
    ana,2026-01-10T10:00:00Z,page,/about,\n\
    bob,2026-02-01T00:00:00+01:00,Demo Requested,,\n\
    cid,1769904000000,asset_downloaded,,ebook\n\
    cid,1769904001,Asset Downloaded,,video\n\
    ana,2026-02-03,demo_requested,,\n";

/// Worked out by hand. Ana: fit 25; the visit of 10 January is 24 days old on 3 February, 15 * 2^(-24/30) = 8.615; her demo 50.
/// She was created without reaching a line; on 10 January 25 + 15 do. Bob's domain is excluded. Cid: the ebook is 2 days
/// old, 5 * (1 - 2/180) = 4.944. The last lead did nothing and came to be two days before.
const SCORES: &str = "lead,fit,intent,score,grade,qualified,qualified_at,trigger,disqualified_by\n\
    ana,25.000,58.615,83.615,A1,true,2026-01-10T10:00:00.000Z,page,\n\
    bob,0.000,50.000,50.000,D1,false,,,\"Competitor, the\"\n\
    cid,0.000,4.944,4.944,D4,false,,,\n\
    \"o, \"\"dd\",10.000,0.000,10.000,B4,false,,,\n";

#[test]
fn tables_give_the_scores_that_the_contract_says() {
    let bench = Bench::new();
    bench.file("leads.csv", LEADS);
    bench.file("events.csv", EVENTS);
    let outcome = bench.score(Some("leads.csv"), Some("events.csv"));
    assert_eq!(outcome.rejects, []);
    assert_eq!(outcome.csv, SCORES);
}

#[test]
fn a_byte_order_mark_windows_lines_and_gzip_in_several_members_change_nothing() {
    let bench = Bench::new();
    let windows = format!("\u{feff}{}", EVENTS.replace('\n', "\r\n"));
    let (first, second) = windows.as_bytes().split_at(100);
    bench.file("leads.csv.gz", gzip(LEADS.as_bytes()));
    bench.file("events.csv.gz", [gzip(first), gzip(second)].concat());
    let outcome = bench.score(Some("leads.csv.gz"), Some("events.csv.gz"));
    assert_eq!(outcome.csv, SCORES);
}

#[test]
fn segments_calls_and_flat_lines_give_the_same_as_a_table() {
    let bench = Bench::new();
    bench.file(
        "leads.jsonl",
        r#"{"id":"ana","email":"ana@acme.example","title":"VP Marketing","employees":300,"created_at":"2026-01-01"}
{"type":"identify","userId":"bob","traits":{"email":"bob@rival.example","jobTitle":"Engineer"}}
{"id":"o, \"dd","employees":70,"created_at":"2026-02-01T12:00:00Z"}
"#,
    );
    bench.file(
        "events.jsonl",
        r#"{"type":"page","userId":"ana","timestamp":"2026-01-10T10:00:00Z","properties":{"url":"https://x.example/pricing/eu?a=1"}}
{"type":"page","userId":"ana","timestamp":"2026-01-10T10:00:00Z","context":{"page":{"path":"/about"}}}
{"type":"track","userId":"bob","timestamp":"2026-02-01T00:00:00+01:00","event":"Demo Requested"}
{"type":"group","userId":"bob","groupId":"rival","timestamp":"2026-02-01T00:00:00+01:00"}
{"lead":"cid","ts":1769904000000,"event":"asset_downloaded","kind":"ebook"}
{"lead":"cid","ts":"1769904001","event":"Asset Downloaded","kind":"video"}
{"type":"track","userId":"ana","timestamp":"2026-02-03","event":"demo_requested","messageId":"m1"}
{"type":"track","userId":"ana","timestamp":"2026-02-03","event":"demo_requested","messageId":"m1"}
"#,
    );
    let outcome = bench.score(Some("leads.jsonl"), Some("events.jsonl"));
    assert_eq!(outcome.rejects, []);
    assert_eq!(outcome.csv, SCORES);
    let counts = outcome.run.expect("a run").counts;
    assert_eq!(
        (counts.groups_ignored, counts.duplicate_messages, counts.events),
        (1, 1, 7)
    );
}

/// A column of a test file.
enum Column {
    Text(&'static str, Vec<Option<&'static str>>),
    Whole(&'static str, &'static str, Vec<Option<i64>>),
    Double(&'static str, Vec<Option<f64>>),
}

fn parquet(columns: &[Column], properties: WriterProperties) -> Vec<u8> {
    let fields: Vec<String> = columns
        .iter()
        .map(|column| match column {
            Column::Text(name, _) => format!("optional binary {name} (utf8);"),
            Column::Whole(name, logical, _) => format!("optional int64 {name} {logical};"),
            Column::Double(name, _) => format!("optional double {name};"),
        })
        .collect();
    let schema = parse_message_type(&format!("message t {{ {} }}", fields.join(" "))).expect("a schema");
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties)).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    for column in columns {
        let mut to = group.next_column().expect("a column").expect("a column");
        match column {
            Column::Text(_, cells) => {
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
                let cells: Vec<ByteArray> = cells
                    .iter()
                    .flatten()
                    .map(|cell| ByteArray::from(*cell))
                    .collect();
                to.typed::<ByteArrayType>()
                    .write_batch(&cells, Some(&levels), None)
                    .expect("cells");
            }
            Column::Whole(_, _, cells) => {
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
                let cells: Vec<i64> = cells.iter().flatten().copied().collect();
                to.typed::<Int64Type>()
                    .write_batch(&cells, Some(&levels), None)
                    .expect("cells");
            }
            Column::Double(_, cells) => {
                let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
                let cells: Vec<f64> = cells.iter().flatten().copied().collect();
                to.typed::<DoubleType>()
                    .write_batch(&cells, Some(&levels), None)
                    .expect("cells");
            }
        }
        to.close().expect("closed");
    }
    group.close().expect("closed");
    writer.close().expect("closed");
    bytes
}

fn parquet_tables(time: &'static str, factor: i64, properties: &WriterProperties) -> (Vec<u8>, Vec<u8>) {
    let ms = [
        1_768_039_200_000,
        1_768_039_200_000,
        1_769_900_400_000,
        1_769_904_000_000,
        1_769_904_001_000,
    ]
    .into_iter()
    .chain([1_770_076_800_000]);
    let text = Column::Text;
    let leads = [
        text("id", vec![Some("ana"), Some("bob"), Some("o, \"dd")]),
        text(
            "email",
            vec![Some("ana@acme.example"), Some("bob@rival.example"), None],
        ),
        text("title", vec![Some("VP Marketing"), Some("Engineer"), None]),
        Column::Double("employees", vec![Some(300.0), None, Some(70.0)]),
        Column::Whole(
            "created_at",
            "(timestamp(micros, true))",
            vec![Some(1_767_225_600_000_000), None, Some(1_769_947_200_000_000)],
        ),
    ];
    let events = [
        text(
            "lead",
            ["ana", "ana", "bob", "cid", "cid", "ana"].map(Some).to_vec(),
        ),
        Column::Whole("ts", time, ms.map(|ms| Some(ms * factor)).collect()),
        text(
            "event",
            [
                "page",
                "page",
                "Demo Requested",
                "asset_downloaded",
                "Asset Downloaded",
                "demo_requested",
            ]
            .map(Some)
            .to_vec(),
        ),
        text(
            "path",
            vec![
                Some("/pricing/eu"),
                Some("/about"),
                None,
                None,
                None,
                Some("/pricing"),
            ],
        ),
        text("kind", vec![None, None, None, Some("ebook"), Some("video"), None]),
    ];
    (
        parquet(&leads, properties.clone()),
        parquet(&events, properties.clone()),
    )
}

#[test]
fn parquet_of_any_writer_gives_the_same_as_a_table() {
    let usual = WriterProperties::builder();
    let plain = WriterProperties::builder().set_dictionary_enabled(false);
    let deltas = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_writer_version(WriterVersion::PARQUET_2_0);
    let second = WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0);
    for (name, properties) in [
        ("usual", usual),
        ("plain", plain),
        ("deltas", deltas),
        ("second", second),
    ] {
        for (time, factor) in [
            ("", 1),
            ("(timestamp(millis, true))", 1),
            ("(timestamp(micros, false))", 1_000),
            ("(timestamp(nanos, true))", 1_000_000),
        ] {
            let bench = Bench::new();
            let (leads, events) = parquet_tables(time, factor, &properties.clone().build());
            bench.file("leads.parquet", leads);
            bench.file("events.parquet", events);
            let outcome = bench.score(Some("leads.parquet"), Some("events.parquet"));
            assert_eq!(outcome.rejects, [], "{name} {time}");
            assert_eq!(outcome.csv, SCORES, "{name} {time}");
        }
    }
}

#[test]
fn nothing_after_the_instant_asked_for_exists() {
    let mut bench = Bench::new();
    bench.as_of = Some("2026-01-15");
    bench.file("leads.csv", LEADS);
    bench.file("events.csv", EVENTS);
    let outcome = bench.score(Some("leads.csv"), Some("events.csv"));
    // The visit is five days old: 15 * 2^(-5/30) = 13.363.
    let expected = [
        "ana,25.000,13.363,38.363,A2,true,2026-01-10T10:00:00.000Z,page,",
        "bob,0.000,0.000,0.000,D4,false,,,\"Competitor, the\"",
        "\"o, \"\"dd\",10.000,0.000,10.000,B4,false,,,",
    ];
    assert_eq!(outcome.rows(), expected);
    assert_eq!(outcome.run.expect("a run").counts.after_as_of, 4);
}

#[test]
fn a_later_row_of_a_lead_wins_where_it_says_something_and_is_listed() {
    let bench = Bench::new();
    bench.file(
        "leads.csv",
        "id,title,employees\nana,Manager,300\nana,,10\nana,\"VP, Sales\",\n",
    );
    let outcome = bench.score(Some("leads.csv"), None);
    assert_eq!(outcome.rows(), ["ana,15.000,0.000,15.000,B4,false,,,"]);
    assert_eq!(
        outcome.listed,
        "file,line,reason,row\n\
         leads.csv,3,\"duplicate lead, later row wins\",\"ana,,10\"\n\
         leads.csv,4,\"duplicate lead, later row wins\",\"ana,VP, Sales,\"\n"
    );
}

#[test]
fn columns_can_be_named_and_a_name_that_is_not_there_says_what_is() {
    let mut bench = Bench::new();
    bench.file("events.csv", "who,wann,was\nana,2026-01-10,Demo Requested\n");
    let outcome = bench.score(None, Some("events.csv"));
    let error = outcome.error();
    assert!(
        error.contains("--map lead=COLUMN") && error.contains("`who`, `wann`, `was`"),
        "{error}"
    );
    bench.columns = "lead=who,ts=wann,event=was".parse().expect("a map");
    let outcome = bench.score(None, Some("events.csv"));
    assert_eq!(
        outcome.rows(),
        ["ana,0.000,50.000,50.000,D1,true,2026-01-10T00:00:00.000Z,Demo Requested,"]
    );
}

#[test]
fn results_are_the_same_in_every_format_of_output() {
    use bellwether_replay::{Format, write, write_file};
    let bench = Bench::new();
    bench.file("leads.csv", LEADS);
    bench.file("events.csv", EVENTS);
    let run = bench
        .score(Some("leads.csv"), Some("events.csv"))
        .run
        .expect("a run");
    let mut lines = Vec::new();
    write(
        &mut lines,
        Format::JsonLines,
        &run.scored,
        &bench.engine,
        bench.effort,
    )
    .expect("written");
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(
        lines.lines().next(),
        Some(
            r#"{"lead":"ana","fit":25.000,"intent":58.615,"score":83.615,"grade":"A1","qualified":true,"qualified_at":"2026-01-10T10:00:00.000Z","trigger":"page","disqualified_by":null}"#
        )
    );
    assert!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    );
    let path = bench.path("out.parquet");
    write_file(&path, &run.scored, &bench.engine, bench.effort).expect("written");
    let file = std::fs::File::open(&path).expect("there");
    let reader = parquet::file::serialized_reader::SerializedFileReader::new(file).expect("Parquet");
    let rows: Vec<String> = reader
        .into_iter()
        .map(|row| row.expect("a row").to_string())
        .collect();
    assert_eq!(rows.len(), 4);
    assert!(
        rows[0].contains("intent: 58.615") && rows[0].contains("2026-01-10 10:00:00"),
        "{}",
        rows[0]
    );
}
