//! `bellwether profile` as it is called: which columns come out, in which form, and what is said of the rest.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn bellwether(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(folder).args(words).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What comes out as CSV of a file of this name and content.
fn profiled(name: &str, content: &[u8], more: &[&str]) -> (String, String) {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join(name), content).expect("written");
    let words = [&["profile", name], more].concat();
    let done = bellwether(folder.path(), &words);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    (text(&done.stdout), text(&done.stderr))
}

const ADDED: &str =
    "domain,email_kind,seniority,department,country_code,employees_number,channel,source,campaign";

#[test]
fn rows_keep_their_columns_and_get_what_is_derived_after_them() {
    let (rows, said) = profiled(
        "leads.csv",
        b"id,E-Mail,Job Title,Country,Company size,utm_source,utm_medium\n\
          1,ana@acme.example,VP Marketing,Germany,51-200,google,cpc\n\
          2,info@gmail.com,,,many,,\n",
        &[],
    );
    let mut lines = rows.lines();
    assert_eq!(
        lines.next(),
        Some(format!("id,E-Mail,Job Title,Country,Company size,utm_source,utm_medium,{ADDED}").as_str())
    );
    assert_eq!(
        lines.next(),
        Some(
            "1,ana@acme.example,VP Marketing,Germany,51-200,google,cpc,acme.example,business,vp,marketing,DE,51,paid_search,\
             google,"
        )
    );
    assert_eq!(
        lines.next(),
        Some("2,info@gmail.com,,,many,,,gmail.com,free,unknown,unknown,,,,,")
    );
    assert!(
        said.contains("email from `E-Mail`, title from `Job Title`"),
        "{said}"
    );
    assert!(said.contains("profiled 2 rows"), "{said}");
}

#[test]
fn a_column_of_its_own_overrides_where_it_says_something() {
    let (rows, _) = profiled(
        "leads.csv",
        b"email,seniority\nana@acme.example,director\nbob@acme.example,\n",
        &[],
    );
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(
        rows[0],
        "email,seniority,domain,email_kind,department,country_code,employees_number,channel,source,campaign"
    );
    assert!(
        rows[1].starts_with("ana@acme.example,director,acme.example,"),
        "{}",
        rows[1]
    );
    assert!(
        rows[2].starts_with("bob@acme.example,unknown,acme.example,"),
        "{}",
        rows[2]
    );
}

#[test]
fn spreadsheets_own_forms_are_read() {
    let plain = profiled(
        "a.csv",
        "Name;Position\nAna;Geschäftsführer\n".as_bytes(),
        &["--map", "title=Position"],
    )
    .0;
    let marked = profiled(
        "a.csv",
        "\u{feff}Name;Position\r\nAna;Geschäftsführer\r\n".as_bytes(),
        &[],
    )
    .0;
    let latin = profiled("a.csv", b"Name;Position\r\nAna;Gesch\xe4ftsf\xfchrer\r\n", &[]).0;
    assert!(plain.contains("Ana,Geschäftsführer,"), "{plain}");
    assert_eq!(plain, marked);
    assert_eq!(plain, latin);
}

#[test]
fn bad_rows_are_counted_and_listed() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(
        folder.path().join("a.csv"),
        "email,title\nana@acme.example,CEO,more\nbob@acme.example,CFO\n",
    )
    .expect("written");
    let done = bellwether(folder.path(), &["profile", "a.csv", "--rejects", "r.csv"]);
    assert_eq!(done.status.code(), Some(0));
    assert!(
        text(&done.stderr).contains("left out 1 rows: 1 wrong number of cells"),
        "{}",
        text(&done.stderr)
    );
    let listed = std::fs::read_to_string(folder.path().join("r.csv")).expect("a list");
    assert!(listed.contains("a.csv,2,wrong number of cells"), "{listed}");
    let strict = bellwether(folder.path(), &["profile", "a.csv", "--strict", "--out", "o.csv"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(!folder.path().join("o.csv").exists());
}

#[test]
fn every_format_goes_out_and_comes_in_again() {
    let folder = TempDir::new().expect("a folder");
    let at = folder.path();
    std::fs::write(
        at.join("a.csv"),
        "email,title\nana@acme.example,\"VP, Sales\"\nbob@gmail.com,\n",
    )
    .expect("written");
    for (from, to) in [
        ("a.csv", "b.jsonl"),
        ("b.jsonl", "c.parquet"),
        ("c.parquet", "d.csv"),
    ] {
        let done = bellwether(at, &["profile", from, "--out", to]);
        assert_eq!(done.status.code(), Some(0), "{from}: {}", text(&done.stderr));
    }
    let direct = text(&bellwether(at, &["profile", "a.csv"]).stdout);
    let around = std::fs::read_to_string(at.join("d.csv")).expect("written");
    let sorted = |text: &str| {
        let mut cells: Vec<Vec<String>> = text
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        for row in &mut cells {
            row.sort();
        }
        cells
    };
    assert_eq!(sorted(&direct), sorted(&around));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("a.csv"), "email\n").expect("written");
    for (words, status, said) in [
        (vec!["profile", "a.txt"], 2, "no known extension"),
        (
            vec!["profile", "a.csv", "--map", "title=Positon"],
            2,
            "names no column",
        ),
        (vec!["profile", "a.csv", "--map", "shoe=x"], 2, "none of"),
        (vec!["profile", "a.csv", "--out", "a.csv"], 1, "an input, too"),
        (vec!["profile", "none.csv"], 1, "can't read"),
    ] {
        let done = bellwether(folder.path(), &words);
        assert_eq!(
            done.status.code(),
            Some(status),
            "{words:?}: {}",
            text(&done.stderr)
        );
        assert!(
            text(&done.stderr).contains(said),
            "{words:?}: {}",
            text(&done.stderr)
        );
    }
}

#[test]
fn rejects_never_take_the_place_of_the_rows() {
    let folder = TempDir::new().expect("a folder");
    let text = "email,title\nana@acme.example,CEO,more\n";
    std::fs::write(folder.path().join("a.csv"), text).expect("written");
    let done = bellwether(folder.path(), &["profile", "a.csv", "--rejects", "./a.csv"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        self::text(&done.stderr).contains("is an input, too"),
        "{}",
        self::text(&done.stderr)
    );
    let kept = std::fs::read_to_string(folder.path().join("a.csv")).expect("the rows");
    assert_eq!(kept, text);
}
