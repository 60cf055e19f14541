//! Files whose traits and properties are objects, as the server's exports are: what is said by whom and when, and whom one
//! could reach.

use bellwether_replay::{
    Chronicle, Effort, Format, Reason, Rejects, TableWriter, WrittenColumn, lead_history,
};

use crate::support::{Bench, Outcome};

const LEADS: [&str; 9] = [
    "lead",
    "email",
    "anonymous_id",
    "created_at",
    "updated_at",
    "stage",
    "traits",
    "scored_fit",
    "employees",
];
/// Traits that nobody says in the events hold from `updated_at` on; an object's word goes before a column of its own.
const LEAD_ROWS: &[[&str; 9]] = &[
    [
        "1",
        "ana@acme.example",
        "d1",
        "2026-01-01",
        "2026-01-04",
        "mql",
        r#"{"title":"VP Sales","employees":80.0}"#,
        "25",
        "7",
    ],
    [
        "2",
        "",
        "d2",
        "",
        "2026-01-06",
        "lead",
        r#"{"company":{"employee_count":60}}"#,
        "",
        "",
    ],
    ["", "", "d3", "", "2026-01-02", "visitor", "", "", ""],
    [
        "4",
        "bob@rival.example",
        "",
        "",
        "2026-01-02",
        "lead",
        "",
        "",
        "90",
    ],
];
const EVENTS: [&str; 12] = [
    "id",
    "lead",
    "anonymous_id",
    "ts",
    "type",
    "event",
    "path",
    "properties",
    "traits",
    "said_by",
    "known",
    "kind",
];
const EVENT_ROWS: &[[&str; 12]] = &[
    // Ana reached the line as a visitor; who she is is known two days later, and her title is said by three.
    [
        "1",
        "1",
        "",
        "2026-01-01",
        "track",
        "Demo Requested",
        "",
        "",
        "",
        "stated",
        "false",
        "",
    ],
    [
        "2",
        "1",
        "",
        "2026-01-03",
        "identify",
        "",
        "",
        "",
        r#"{"email":"ana@acme.example"}"#,
        "stated",
        "true",
        "",
    ],
    [
        "3",
        "1",
        "",
        "2026-01-03",
        "identify",
        "",
        "",
        "",
        r#"{"title":"VP Sales"}"#,
        "crm",
        "false",
        "",
    ],
    [
        "4",
        "1",
        "",
        "2026-01-04",
        "group",
        "acme",
        "",
        "",
        r#"{"employees":80.0}"#,
        "stated",
        "true",
        "",
    ],
    [
        "5",
        "1",
        "",
        "2026-01-05",
        "identify",
        "",
        "",
        "",
        r#"{"title":"Engineer"}"#,
        "enrichment",
        "false",
        "",
    ],
    // Two's ebook is told by the object, whatever the column says; a screen of that name is no page.
    [
        "6",
        "2",
        "",
        "2026-01-05",
        "track",
        "Asset Downloaded",
        "",
        r#"{"kind":"ebook","n":1.0}"#,
        "",
        "stated",
        "true",
        "video",
    ],
    [
        "7",
        "2",
        "",
        "2026-01-05",
        "page",
        "page",
        "/pricing/eu",
        r#"{"url":"x"}"#,
        "",
        "stated",
        "true",
        "",
    ],
    [
        "8",
        "2",
        "",
        "2026-01-05",
        "screen",
        "page",
        "/pricing",
        "",
        "",
        "stated",
        "true",
        "",
    ],
    [
        "9",
        "2",
        "",
        "2026-01-06",
        "track",
        "asset_downloaded",
        "",
        "",
        "",
        "stated",
        "true",
        "ebook",
    ],
    // A visitor never qualifies.
    [
        "10",
        "",
        "d3",
        "2026-01-02",
        "track",
        "Demo Requested",
        "",
        "",
        "",
        "stated",
        "false",
        "",
    ],
    [
        "11",
        "",
        "d3",
        "2026-01-02",
        "alias",
        "d2",
        "",
        "",
        "",
        "stated",
        "false",
        "",
    ],
    // Of four nothing is said of when they could be reached, and an address of a rival says who they are from then on.
    [
        "12",
        "4",
        "",
        "2026-01-01",
        "",
        "page",
        "/pricing",
        "",
        "",
        "",
        "",
        "",
    ],
];
/// Worked out by hand at 6 January. Ana: 15 + 10 of fit and her demo's 50; she qualified when she could be reached.
/// Two: 10 of fit from 6 January on, then ebooks of 5 * (1 - 1/180) + 5, and a pricing page of 15 * 2^(-1/30).
const SCORES: [&str; 4] = [
    "1,25.000,50.000,75.000,A1,true,2026-01-03T00:00:00.000Z,traits,",
    "2,10.000,24.629,34.629,B2,true,2026-01-06T00:00:00.000Z,asset_downloaded,",
    "4,10.000,13.363,23.363,B2,false,,,\"Competitor, the\"",
    "d3,0.000,50.000,50.000,D1,false,,,",
];

fn table<const N: usize>(form: (Format, bool), columns: [&'static str; N], rows: &[[&str; N]]) -> Vec<u8> {
    let column = |name: &'static str| WrittenColumn {
        name,
        is_json: matches!(name, "properties" | "traits"),
    };
    let columns = columns.map(column).to_vec();
    let mut writer = TableWriter::new(Vec::new(), form.0, form.1, columns).expect("begun");
    for row in rows {
        let cells = row.map(|cell| (!cell.is_empty()).then(|| cell.to_owned()));
        writer.row(&cells).expect("written");
    }
    writer.finish().expect("ended")
}

/// Writes both files in a format, packed or not; what they are called.
fn in_form(bench: &Bench, form: (Format, bool), extension: &str) -> [String; 2] {
    let [leads, events] = ["leads", "events"].map(|name| format!("{name}.{extension}"));
    bench.file(&leads, table(form, LEADS, LEAD_ROWS));
    bench.file(&events, table(form, EVENTS, EVENT_ROWS));
    [leads, events]
}

/// What a chronicle of the same files comes to.
fn judged(bench: &Bench, leads: &str, events: &str) -> (Vec<String>, Chronicle) {
    let input = bench.input(Some(leads), Some(events));
    let mut rejects = Rejects::new(None, true).expect("a list");
    let chronicle = Chronicle::read(&input, Effort::default(), &mut rejects, &|_| {}).expect("a chronicle");
    let kept = bench.path("kept");
    chronicle.write(&kept).expect("written");
    let chronicle = Chronicle::open(&kept, &|_| {}).expect("opened");
    let judged = chronicle.judge(&bench.engine, chronicle.latest(), bench.effort.threads);
    let mut csv = Vec::new();
    let scored = judged.scored(&chronicle);
    bellwether_replay::write(&mut csv, Format::Csv, &scored, &bench.engine, bench.effort).expect("written");
    let csv = String::from_utf8(csv).expect("UTF-8");
    (csv.lines().skip(1).map(str::to_owned).collect(), chronicle)
}

#[test]
fn what_a_server_exports_comes_to_what_it_came_to_there_in_every_format() {
    for (form, extension) in [
        ((Format::Csv, false), "csv"),
        ((Format::Csv, true), "csv.gz"),
        ((Format::JsonLines, false), "jsonl"),
        ((Format::JsonLines, true), "jsonl.gz"),
        ((Format::Parquet, false), "parquet"),
    ] {
        let bench = Bench::new();
        let [leads, events] = in_form(&bench, form, extension);
        let outcome = bench.score(Some(&leads), Some(&events));
        assert_eq!(outcome.rejects, [], "{extension}");
        assert_eq!(outcome.rows(), SCORES, "{extension}");
        let (scores, chronicle) = judged(&bench, &leads, &events);
        assert_eq!(scores, SCORES, "{extension}");
        let ana = chronicle.find("1").expect("she is there");
        let facts = chronicle.facts(ana);
        assert!(!facts.always_known && facts.base.is_empty());
        let input = bench.input(Some(&leads), Some(&events));
        let mut rejects = Rejects::new(None, true).expect("a list");
        let history = lead_history(&bench.engine, &input, bench.effort, "d3", &mut rejects, &|_| {});
        let history = history.expect("read").expect("there");
        let ledger = bellwether_core::explain::explain(&bench.engine, &history.facts, history.t);
        assert_eq!(ledger.qualified, None, "{extension}: a visitor");
    }
}

#[test]
fn nothing_is_known_before_it_was_said() {
    let mut bench = Bench::new();
    bench.as_of = Some("2026-01-03");
    let [leads, events] = in_form(&bench, (Format::Csv, false), "csv");
    let outcome = bench.score(Some(&leads), Some(&events));
    let ana = "1,15.000,50.000,65.000,B1,true,2026-01-03T00:00:00.000Z,traits,";
    assert_eq!(outcome.rows().first(), Some(&ana));
    bench.as_of = Some("2026-01-02");
    let outcome = bench.score(Some(&leads), Some(&events));
    let ana = "1,0.000,50.000,50.000,D1,false,,,";
    assert_eq!(outcome.rows().first(), Some(&ana));
}

#[test]
fn traits_of_a_leads_file_hold_from_the_beginning_where_the_events_say_none() {
    let bench = Bench::new();
    let [leads, _] = in_form(&bench, (Format::Parquet, false), "parquet");
    bench.file("e.csv", "lead,ts,event\n1,2026-01-02,Demo Requested\n");
    let outcome = bench.score(Some(&leads), Some("e.csv"));
    let ana = "1,25.000,50.000,75.000,A1,true,2026-01-02T00:00:00.000Z,Demo Requested,";
    assert_eq!(outcome.rows().first(), Some(&ana));
}

fn reasons(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.listed.lines().skip(1);
    lines
        .map(|line| line.rsplit_once(",\"").map_or(line, |(why, _)| why))
        .collect()
}

#[test]
fn a_cell_that_holds_no_object_is_listed_with_its_place_and_what_to_do() {
    let bench = Bench::new();
    bench.file(
        "leads.csv",
        "id,traits\n1,\"{\"\"title\"\":\"\n2,VP Sales\n3,\"{\"\"title\"\":\"\"VP Sales\"\"}\"\n4,\"{\"\"x\"\":1e999}\"\n",
    );
    bench.file(
        "events.csv",
        "lead,ts,event,type,properties\n3,2026-01-01,Demo Requested,,\"[1]\"\n3,2026-01-01,Demo Requested,call,\n\
         3,2026-01-02,,track,\n,2026-01-02,,identify,\n3,2026-01-02,,identify,\n",
    );
    let outcome = bench.score(Some("leads.csv"), Some("events.csv"));
    assert_eq!(outcome.rows(), ["3,15.000,0.000,15.000,B4,false,,,"]);
    let expected = [
        (Reason::MissingLead, 1),
        (Reason::UnknownCall, 1),
        (Reason::MissingEvent, 1),
        (Reason::BrokenJson, 3),
        (Reason::NumberOutOfRange, 1),
    ];
    assert_eq!(outcome.rejects, expected);
    for part in [
        "leads.csv,2,\"broken JSON: in `traits`: EOF while parsing a value at line 1 column 9; write an object such as",
        "leads.csv,3,\"broken JSON: in `traits`: expected value at line 1 column 1; write an object such as",
        "leads.csv,5,number out of range: in `traits`,",
        "events.csv,2,\"broken JSON: in `properties`: not an object; write an object such as",
        "events.csv,3,\"none of track, page, screen, identify, group, alias: `call`\",",
    ] {
        assert!(outcome.listed.contains(part), "{part}: {:?}", reasons(&outcome));
    }
}
