//! What is read from job titles: folders of cases that are compared exactly, and what holds of every title.

use std::{fs, path::Path};

use bellwether_core::profile::JobTitle;
use proptest::prelude::*;

const FILES: [&str; 4] = ["english.txt", "german.txt", "french.txt", "mixed.txt"];

/// The lines of a file of cases: title, seniority, department.
fn cases(file: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profile/titles");
    let text = fs::read_to_string(folder.join(file)).expect("the file of cases is readable");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (title, _) = line.split_once(" | ").expect("a case has three columns");
            (title.to_owned(), line.to_owned())
        })
        .collect()
}

fn line(title: &str) -> String {
    let read = JobTitle::read(title);
    format!(
        "{title} | {} | {}",
        read.seniority().as_str(),
        read.department().as_str()
    )
}

fn titles() -> Vec<String> {
    let cases = FILES.iter().flat_map(|file| cases(file));
    cases.map(|(title, _)| title).collect()
}

#[test]
fn titles_are_read_as_their_files_say() {
    for file in FILES {
        let cases = cases(file);
        assert!(cases.len() > 90, "{file} has {} cases", cases.len());
        let wrong: Vec<String> = cases
            .iter()
            .filter_map(|(title, expected)| {
                let read = line(title);
                (read != *expected).then(|| format!("expected {expected}\n     but {read}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_level_and_every_department_has_cases() {
    let lines: Vec<String> = titles().iter().map(|title| line(title)).collect();
    for level in [
        "c_suite",
        "vp",
        "director",
        "manager",
        "individual",
        "entry",
        "student",
        "unknown",
    ] {
        let column = format!(" | {level} | ");
        let count = lines.iter().filter(|line| line.contains(&column)).count();
        assert!(count >= 25, "{level} has {count} cases");
    }
    for department in [
        "marketing",
        "sales",
        "engineering",
        "it",
        "finance",
        "hr",
        "operations",
        "product",
        "legal",
        "support",
        "executive",
        "other",
        "unknown",
    ] {
        let column = format!(" | {department}");
        let count = lines.iter().filter(|line| line.ends_with(&column)).count();
        assert!(count >= 8, "{department} has {count} cases");
    }
}

#[test]
fn gender_forms_mean_what_the_first_form_does() {
    for (first, others) in [
        (
            "Geschäftsführer",
            "Geschäftsführerin, Geschäftsführer/in, Geschäftsführer:in, Geschäftsführer*in, Geschäftsführer_in, GeschäftsführerIn, Geschäftsführer(in), Geschäftsführer/-in, Geschäftsführer (m/w/d), Geschaeftsfuehrerin",
        ),
        (
            "Vertriebsleiter",
            "Vertriebsleiterin, Vertriebsleiter:in, Vertriebsleiter (w/m/d), Vertriebsleiter (all genders)",
        ),
        (
            "Referent Personal",
            "Referentin Personal, Referent/in Personal, Referent*in Personal",
        ),
        ("Kaufmann", "Kauffrau, Kaufmann/-frau"),
        ("Rechtsanwalt", "Rechtsanwältin, Rechtsanwalt/Rechtsanwältin"),
        (
            "Directeur marketing",
            "Directrice marketing, Directeur/trice marketing, Directeur (H/F) marketing, Directeur.rice marketing",
        ),
        (
            "Chargé de communication",
            "Chargée de communication, Chargé(e) de communication, Chargé·e de communication, Chargé.e de communication, Charge de communication",
        ),
        (
            "Développeur",
            "Développeuse, Développeur/euse, Developpeur, Développeur·se",
        ),
        ("Technicien", "Technicienne, Technicien(ne)"),
        ("Infirmier", "Infirmière, Infirmier(ère)"),
        (
            "Conseiller clientèle",
            "Conseillère clientèle, Conseiller/ère clientèle",
        ),
        ("Gérant", "Gérante, Gérant(e), Gérants"),
    ] {
        for other in others.split(", ") {
            assert_eq!(JobTitle::read(other), JobTitle::read(first), "{other}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(title in "\\PC{0,80}") {
        let read = JobTitle::read(&title);
        prop_assert!(!read.seniority().as_str().is_empty());
    }

    #[test]
    fn case_and_spaces_do_not_matter(at in any::<prop::sample::Index>(), spaces in "[ \t]{1,4}") {
        let titles = titles();
        let title = at.get(&titles);
        let read = JobTitle::read(title);
        prop_assert_eq!(JobTitle::read(&title.to_uppercase()), read);
        prop_assert_eq!(JobTitle::read(&title.to_lowercase()), read);
        let spaced = format!("{spaces}{}{spaces}", title.replace(' ', &spaces));
        prop_assert_eq!(JobTitle::read(&spaced), read);
    }

    #[test]
    fn who_was_something_is_nothing_now(at in any::<prop::sample::Index>(), former in "Former|ex|Ehemalige|Ancien") {
        let titles: Vec<String> = titles()
            .into_iter()
            .filter(|title| title.chars().all(|c| c.is_alphanumeric() || " '/".contains(c)))
            .collect();
        let title = at.get(&titles);
        let read = JobTitle::read(&format!("{former} {title}"));
        prop_assert_eq!((read.seniority().as_str(), read.department().as_str()), ("unknown", "unknown"));
    }

    #[test]
    fn whom_an_assistant_assists_does_not_count(at in any::<prop::sample::Index>()) {
        let titles: Vec<String> = titles()
            .into_iter()
            .filter(|title| title.chars().all(|c| c.is_alphanumeric() || c == ' '))
            .collect();
        let title = at.get(&titles);
        let read = JobTitle::read(&format!("Assistant to the {title}"));
        prop_assert_eq!(read.seniority().as_str(), "individual");
    }
}
