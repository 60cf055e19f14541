//! Other systems' exports through the built program: every row accounted for, whoever holds the data, and everything given
//! back as it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bellwether_testkit::server::TestServer;
use bellwether_testkit::skip::{Missing, skip};

const BINARY: &str = env!("CARGO_BIN_EXE_bellwether");

fn bellwether(words: &[&str], data: &Path) -> Output {
    let mut command = Command::new(BINARY);
    command.args(words).arg("--data").arg(data).stdin(Stdio::null());
    command.env_remove("BELLWETHER_DATA").output().unwrap()
}

/// A data directory with a database in it.
fn database() -> TestServer {
    TestServer::database(BINARY, &[])
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Imports a file; gives what was printed, and what was said beside it.
fn import(kind: &str, file: &Path, more: &[&str], data: &Path) -> (String, String, i32) {
    let mut words = vec!["import", kind, file.to_str().unwrap()];
    words.extend(more);
    let output = bellwether(&words, data);
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

/// The numbers of a report: rows, new, updated, there before, left out.
fn counts(report: &str) -> Vec<u64> {
    let first = |line: &str| line.split_whitespace().next().and_then(|word| word.parse().ok());
    let lines: Vec<u64> = report.lines().take(5).filter_map(first).collect();
    let (rows, rest) = lines.split_first().expect("a report begins with the rows");
    assert_eq!(
        *rows,
        rest.iter().sum::<u64>(),
        "every row is accounted for:\n{report}"
    );
    lines
}

#[test]
fn a_spreadsheet_of_leads_is_shown_first_and_taken_once() {
    let data = database();
    let folder = tempfile::tempdir().unwrap();
    let leads = file(
        folder.path(),
        "kontakte.csv",
        b"Kontakt-ID;E-Mail;Vorname;Firma;Position;Erstellt am;Lifecycle Stage;Schuhgr\xf6\xdfe\r\n\
          1;ana@acme.example;Ana;M\xfcller AG;VP Sales;25.01.2026;Lead;38\r\n\
          2;bob@acme.example;Bob;N/A;Einkauf;03.02.2026 14:30;marketingqualifiedlead;\r\n\
          3;no address;Cleo;;;04.02.2026;Lead;\r\n\
          4;dan@acme.example;Dan;;;bald;Lead;\r\n\
          5;eva@acme.example;Eva\r\n",
    );
    let (report, shown, code) = import("leads", &leads, &[], data.data());
    assert!(
        shown.contains("dry run") && shown.contains("Latin-1") && shown.contains("separated by `;`"),
        "{shown}"
    );
    assert!(
        shown.contains("Müller AG") && shown.contains("trait.Schuhgröße"),
        "{shown}"
    );
    assert_eq!((counts(&report), code), (vec![5, 2, 0, 0, 3], 1), "{report}");
    let (report, ..) = import("leads", &leads, &["--yes"], data.data());
    assert_eq!(counts(&report), [5, 2, 0, 0, 3], "{report}");
    let rejects = std::fs::read_to_string(folder.path().join("kontakte.csv.rejects.csv")).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert!(
        lines[1].starts_with("4,not an email address: `no address`,3,no address,Cleo"),
        "{rejects}"
    );
    assert!(
        lines[2].contains("a time that can't be read: `bald` as dmy"),
        "{rejects}"
    );
    assert!(
        lines[3].contains("wrong number of cells: 3 instead of 8"),
        "{rejects}"
    );
    let (report, ..) = import("leads", &leads, &["--yes"], data.data());
    assert_eq!(counts(&report), [5, 0, 0, 2, 3], "{report}");
    let given = bellwether(&["export", "leads"], data.data());
    let given = String::from_utf8(given.stdout).unwrap();
    assert!(
        given.contains("mql") && given.contains("2026-01-25T00:00:00.000Z"),
        "{given}"
    );
}

#[test]
fn dates_that_can_be_read_two_ways_are_asked_about() {
    let data = database();
    let folder = tempfile::tempdir().unwrap();
    let leads = file(
        folder.path(),
        "l.csv",
        b"\xef\xbb\xbfemail,created\na@x.example,03/04/2026\n",
    );
    let (_, said, code) = import("leads", &leads, &["--yes"], data.data());
    assert_eq!(code, 2);
    assert!(
        said.contains("column `created`") && said.contains("--dates dmy"),
        "{said}"
    );
    let (report, said, _) = import("leads", &leads, &["--yes", "--dates", "mdy"], data.data());
    assert_eq!(counts(&report), [1, 1, 0, 0, 0], "{report}");
    assert!(said.contains("as mdy"), "{said}");
    let (_, said, code) = import("leads", &leads, &["--map", "email=Mail"], data.data());
    assert_eq!(code, 2);
    assert!(said.contains("names no column"), "{said}");
}

#[test]
fn a_crms_export_is_accounted_for_row_by_row() {
    let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/crm_opportunities");
    if !set.is_dir() {
        skip(Missing::Data, "the CRM export isn't there");
        return;
    }
    let data = database();
    let folder = tempfile::tempdir().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let listed = ["--yes", "--rejects", rejects.to_str().unwrap()];
    let with = |more: &[&'static str]| [&listed[..], more].concat();
    let (report, ..) = import(
        "accounts",
        &set.join("accounts.csv"),
        &with(&["--map", "id=account"]),
        data.data(),
    );
    assert_eq!(counts(&report), [85, 85, 0, 0, 0], "{report}");
    // Deals stand for leads here, which the export has none of; those without a company are leads without one.
    let leads = [
        "--map",
        "id=opportunity_id",
        "--map",
        "created_at=engage_date",
        "--map",
        "account=account",
        "--id-kind",
        "deal",
    ];
    let pipeline = set.join("sales_pipeline.csv");
    let (report, ..) = import("leads", &pipeline, &with(&leads), data.data());
    assert_eq!(counts(&report), [8_800, 8_800, 0, 0, 0], "{report}");
    let deals = [
        "--map",
        "lead=opportunity_id",
        "--map",
        "opportunity=opportunity_id",
        "--id-kind",
        "deal",
    ];
    let (report, ..) = import("outcomes", &pipeline, &with(&deals), data.data());
    assert_eq!(counts(&report), [8_800, 6_711, 0, 0, 2_089], "{report}");
    assert!(report.contains("2089 neither won nor lost"), "{report}");
    assert_eq!(std::fs::read_to_string(&rejects).unwrap().lines().count(), 2_090);
    let (report, ..) = import("outcomes", &pipeline, &with(&deals), data.data());
    assert_eq!(counts(&report), [8_800, 0, 0, 6_711, 2_089], "{report}");
}

#[test]
fn what_is_given_back_makes_the_same_leads_in_an_empty_database() {
    let first = database();
    let folder = tempfile::tempdir().unwrap();
    let mut calls: Vec<String> = Vec::new();
    for n in 0..40 {
        let day = 1 + n % 28;
        let user = n % 7;
        calls.push(format!(
            "{{\"type\":\"page\",\"anonymousId\":\"device-{user}\",\"timestamp\":\"2026-03-{day:02}T10:00:{n:02}Z\",\
             \"properties\":{{\"path\":\"/pricing\",\"n\":{n}}}}}\n"
        ));
        if n % 5 == 0 {
            calls.push(format!(
                "{{\"type\":\"identify\",\"anonymousId\":\"device-{user}\",\"userId\":\"u{user}\",\
                 \"timestamp\":\"2026-03-{day:02}T11:00:00Z\",\
                 \"traits\":{{\"email\":\"u{user}@acme.example\",\"title\":\"VP Sales\",\"employees\":500}}}}\n"
            ));
            calls.push(format!(
                "{{\"type\":\"track\",\"event\":\"Demo Requested\",\"userId\":\"u{user}\",\
                 \"timestamp\":\"2026-03-{day:02}T12:00:00Z\",\"properties\":{{\"form\":\"demo\"}}}}\n"
            ));
        }
    }
    let calls = file(folder.path(), "calls.jsonl", calls.concat().as_bytes());
    let (report, shown, code) = import("events", &calls, &["--yes"], first.data());
    assert_eq!(code, 0, "{shown}{report}");
    for extension in ["csv", "jsonl.gz", "parquet"] {
        let second = database();
        for kind in ["leads", "events"] {
            let out = folder.path().join(format!("{kind}.{extension}"));
            let given = bellwether(&["export", kind, "--out", out.to_str().unwrap()], first.data());
            assert!(
                given.status.success(),
                "{}",
                String::from_utf8_lossy(&given.stderr)
            );
            let (report, shown, code) =
                import(kind, &out, &["--yes", "--id-kind", "bellwether"], second.data());
            assert_eq!(code, 0, "{extension} {kind}: {shown}{report}");
        }
        assert_eq!(scores(first.data()), scores(second.data()), "{extension}");
    }
}

/// What an export says of the leads' scores, in an order of its own.
fn scores(data: &Path) -> Vec<String> {
    let given = bellwether(&["export", "leads"], data);
    let mut rows = csv::Reader::from_reader(given.stdout.as_slice());
    let headers = rows.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let shown = [
        at("email"),
        at("user_id"),
        at("anonymous_id"),
        at("stage"),
        at("traits"),
        at("scored_first_seen"),
        at("scored_fit"),
        at("scored_intent"),
        at("scored_grade"),
        at("scored_qualified_at"),
        at("scored_trigger"),
    ];
    let mut scores: Vec<String> = rows
        .records()
        .map(|row| row.unwrap())
        .map(|row| {
            shown
                .map(|at| row.get(at).unwrap_or_default().to_owned())
                .join("|")
        })
        .collect();
    scores.sort();
    assert!(
        scores.iter().any(|row| row.contains("Demo Requested")),
        "{scores:?}"
    );
    scores
}

#[test]
fn an_import_that_stops_says_how_far_it_came() {
    use std::fmt::Write as _;
    let data = database();
    let folder = tempfile::tempdir().unwrap();
    let mut rows = "email\n".to_owned();
    for n in 0..1_500 {
        writeln!(rows, "u{n}@acme.example").unwrap();
    }
    rows.push_str("nobody\n");
    let leads = file(folder.path(), "l.csv", rows.as_bytes());
    // The list can't be opened once the first row is left out, which is in the second chunk.
    let nowhere = folder.path().join("missing").join("r.csv");
    let more = ["--yes", "--rejects", nowhere.to_str().unwrap()];
    let (_, said, code) = import("leads", &leads, &more, data.data());
    assert_eq!(code, 1);
    assert!(said.contains("stopped after 1000 rows"), "{said}");
    let (report, ..) = import("leads", &leads, &["--yes"], data.data());
    assert_eq!(counts(&report), [1_501, 500, 0, 1_000, 1], "{report}");
}

#[test]
fn rejects_never_take_the_place_of_the_file_and_are_its_owners_alone() {
    let nowhere = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = b"email\nnobody\n";
    let leads = file(folder.path(), "l.csv", text);
    let roundabout = folder.path().join(".").join("l.csv");
    let more = ["--yes", "--rejects", roundabout.to_str().unwrap()];
    let (_, said, code) = import("leads", &leads, &more, nowhere.path());
    assert_eq!(code, 2);
    assert!(said.contains("is an input, too"), "{said}");
    assert_eq!(std::fs::read(&leads).unwrap(), text);
    let data = database();
    import("leads", &leads, &["--yes"], data.data());
    let listed = std::fs::metadata(folder.path().join("l.csv.rejects.csv")).unwrap();
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&listed.permissions()) & 0o777,
        0o600
    );
    assert!(listed.len() > 0);
}
