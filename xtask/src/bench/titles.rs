//! What is read from job titles, held against titles that others labelled (the snapADDY benchmark, in `../shared/data`)
//! and against the plain English titles among the test cases.
//!
//! Words were added to the tables while looking at one half of the labelled titles only, the half that [`is_held_out`]
//! does not name; the other half tells what to expect of titles that nobody has looked at.

mod labels;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;

use self::labels::{Outcome, tally};
use super::table::print;
use crate::shell;

const COMMAND: &str = "cargo run --release -p bellwether-core --example bench_titles -- TITLES";

/// A list of labelled titles.
struct List {
    name: &'static str,
    file: &'static str,
    column: &'static str,
    labels: &'static str,
    says: Says,
    /// The list has no label for professionals and calls them senior.
    professional_is_senior: bool,
    /// The publisher's best accuracy and macro-F1, in thousandths.
    published: Option<(u64, u64)>,
}

#[derive(Clone, Copy)]
enum Says {
    Seniority,
    Department,
}

const CV: &str = "snapaddy_cv_titles_annotated.csv.gz";

const LISTS: [List; 4] = [
    List {
        name: "seniority, annotated CV titles",
        file: CV,
        column: "position",
        labels: "seniority",
        says: Says::Seniority,
        professional_is_senior: false,
        published: Some((652, 584)),
    },
    List {
        name: "department, annotated CV titles",
        file: CV,
        column: "position",
        labels: "department",
        says: Says::Department,
        professional_is_senior: false,
        published: Some((796, 734)),
    },
    List {
        name: "seniority-v2",
        file: "snapaddy_seniority-v2.csv.gz",
        column: "text",
        labels: "label",
        says: Says::Seniority,
        professional_is_senior: true,
        published: None,
    },
    List {
        name: "department-v2",
        file: "snapaddy_department-v2.csv.gz",
        column: "text",
        labels: "label",
        says: Says::Department,
        professional_is_senior: false,
        published: None,
    },
];

pub(super) fn run() -> Result<()> {
    plain_english()?;
    let folder = shell::root().join("../shared/data/titles");
    if !folder.is_dir() {
        println!("\nSKIPPED: labelled titles: `../shared/data/titles` is absent");
        return Ok(());
    }
    let mut rows = Vec::new();
    let mut by_label = Vec::new();
    for list in &LISTS {
        let (outcomes, nanoseconds) = outcomes(&folder, list)?;
        rows.extend(summary(list, &outcomes, nanoseconds));
        by_label.push((list.name, tally(outcomes.iter())));
    }
    let heads = [
        "labels",
        "half",
        "titles",
        "accuracy",
        "macro-F1",
        "published",
        "ns/title",
    ];
    print("Job titles, as others labelled them", COMMAND, &heads, &rows);
    for (name, tally) in by_label {
        let heads = ["label", "titles", "precision", "recall", "F1"];
        print(
            &format!("Job titles by label: {name}"),
            COMMAND,
            &heads,
            &tally.rows(),
        );
    }
    Ok(())
}

/// The plain English titles of the test cases, by level.
fn plain_english() -> Result<()> {
    let file = shell::root().join("crates/core/tests/profile/titles/english.txt");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let cases: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split(" | ");
            Some((columns.next()?, columns.next()?))
        })
        .collect();
    let (read, nanoseconds) = read(cases.iter().map(|(title, _)| *title))?;
    let outcomes: Vec<Outcome> = cases
        .iter()
        .zip(&read)
        .map(|((title, label), read)| Outcome::new(title, label, &read.seniority))
        .collect();
    let tally = tally(outcomes.iter());
    let heads = ["level", "titles", "precision", "recall", "F1"];
    let title = format!(
        "Plain English titles: accuracy {}, macro-F1 {}, {nanoseconds} ns a title",
        tally.accuracy(),
        tally.macro_f1()
    );
    print(&title, COMMAND, &heads, &tally.rows());
    Ok(())
}

fn summary(list: &List, outcomes: &[Outcome], nanoseconds: u64) -> [Vec<String>; 3] {
    let published = list.published.map_or_else(String::new, |(accuracy, f1)| {
        format!("{} / {}", labels::thousandths(accuracy), labels::thousandths(f1))
    });
    let halves = [
        ("looked at", Some(false)),
        ("held out", Some(true)),
        ("both", None),
    ];
    halves.map(|(half, held_out)| {
        let belongs = |outcome: &&Outcome| held_out.is_none_or(|out| is_held_out(&outcome.title) == out);
        let tally = tally(outcomes.iter().filter(belongs));
        vec![
            list.name.to_owned(),
            half.to_owned(),
            tally.titles().to_string(),
            tally.accuracy(),
            tally.macro_f1(),
            published.clone(),
            nanoseconds.to_string(),
        ]
    })
}

/// What is read from one title.
struct Read {
    seniority_label: String,
    department_label: String,
    seniority: String,
}

fn outcomes(folder: &Path, list: &List) -> Result<(Vec<Outcome>, u64)> {
    let rows = labelled(&folder.join(list.file), list)?;
    let (read, nanoseconds) = read(rows.iter().map(|(title, _)| title.as_str()))?;
    let outcomes = rows.iter().zip(&read).map(|((title, label), read)| {
        let found = match list.says {
            Says::Seniority if list.professional_is_senior && read.seniority_label == "Professional" => {
                "Senior"
            }
            Says::Seniority => &read.seniority_label,
            Says::Department => &read.department_label,
        };
        Outcome::new(title, label, found)
    });
    Ok((outcomes.collect(), nanoseconds))
}

/// The titles of a list and their labels.
fn labelled(file: &Path, list: &List) -> Result<Vec<(String, String)>> {
    let shown = file.display();
    let packed = fs::File::open(file).with_context(|| format!("cannot open `{shown}`"))?;
    let mut reader = csv::Reader::from_reader(GzDecoder::new(packed));
    let heads = reader
        .headers()
        .with_context(|| format!("cannot read `{shown}`"))?;
    let column = |name: &str| {
        let at = heads.iter().position(|head| head == name);
        at.with_context(|| format!("`{shown}` has no column `{name}`"))
    };
    let (title, label) = (column(list.column)?, column(list.labels)?);
    let rows = reader.records().map(|record| {
        let record = record.with_context(|| format!("cannot read `{shown}`"))?;
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        Ok((field(title).replace(['\n', '\r'], " "), field(label)))
    });
    rows.collect()
}

/// Has the titles read by the library, built for release. Gives also how many nanoseconds a title took.
fn read<'t>(titles: impl Iterator<Item = &'t str>) -> Result<(Vec<Read>, u64)> {
    let file = shell::target().join("bench_titles.txt");
    let lines: Vec<&str> = titles.collect();
    fs::write(&file, lines.join("\n")).with_context(|| format!("cannot write `{}`", file.display()))?;
    let words = [
        "run",
        "--quiet",
        "--release",
        "-p",
        "bellwether-core",
        "--example",
        "bench_titles",
        "--",
    ];
    let said = shell::output(shell::cargo(words).arg(&file))?;
    let (read, time) = said
        .trim_end()
        .rsplit_once("nanoseconds: ")
        .context("the example ends with the time")?;
    let read: Vec<Read> = read.lines().filter_map(parse).collect();
    let same = read.len() == lines.len();
    let nanoseconds = time.trim().parse().context("the time is a number")?;
    same.then_some((read, nanoseconds))
        .context("the example prints a line for each title")
}

fn parse(line: &str) -> Option<Read> {
    let mut columns = line.split('\t').map(str::to_owned);
    Some(Read {
        seniority_label: columns.next()?,
        department_label: columns.next()?,
        seniority: columns.next()?,
    })
}

/// Whether nobody looked at this title while words were added: one bit of a hash (FNV-1a) of its text in lower case, so
/// that a title is in the same half in every list.
fn is_held_out(title: &str) -> bool {
    let lower = title.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let hash = words
        .join(" ")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    (hash >> 32) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_half_of_the_titles_are_held_out_whatever_their_case() {
        let held_out =
            (0..1_000).filter(|number| is_held_out(&format!("{number} Title of {}", number * 7_919)));
        assert!((300..700).contains(&held_out.count()));
        assert_eq!(is_held_out("Head  of Sales"), is_held_out("head of SALES "));
    }

    #[test]
    fn a_line_of_the_example_is_read_back() {
        let read = parse("Lead\tSales\tdirector\tsales");
        assert_eq!(
            read.map(|read| (read.department_label, read.seniority)),
            Some(("Sales".to_owned(), "director".to_owned()))
        );
        assert!(parse("Lead").is_none());
    }
}
