//! What may not stand in a file: macros and attributes that put work off or hide it, unfinished marks, and paths that exist
//! on one machine only.

use super::{File, Finding, source::Line};

/// What is searched in code, and what to do about it.
const IN_CODE: [(&str, &str); 7] = [
    (
        "#[allow(",
        "use `#[expect(lint, reason = \"…\")]`, which says when it is no longer needed",
    ),
    (
        "#![allow(",
        "use `#[expect(lint, reason = \"…\")]` at the narrowest place",
    ),
    (
        "#[ignore",
        "make the test skip visibly when what it needs is absent, or remove it",
    ),
    ("todo!(", "finish it, or take it out and open an issue"),
    ("unimplemented!(", "finish it, or take it out and open an issue"),
    ("dbg!(", "remove it, or log through `tracing`"),
    (
        "Box<dyn Error",
        "write an error enum with thiserror; the binary uses anyhow",
    ),
];

/// Words that mark something unfinished, each as a whole word in capitals.
const UNFINISHED: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Folders of single machines. A path that merely contains one of these names further in is not meant.
const MACHINE_FOLDERS: [&str; 4] = ["tmp", "root", "work", "farm"];

pub(super) fn check_code(file: &File, lines: &[Line]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(lines) {
        for (mark, remedy) in IN_CODE {
            if line.code.contains(mark) {
                findings.push(finding(file, number, format!("`{mark}` in code"), remedy));
            }
        }
        findings.extend(unfinished(file, number, &line.comment));
    }
    findings
}

pub(super) fn check_text(file: &File) -> Vec<Finding> {
    let lines = (1..).zip(file.text.lines());
    lines
        .filter_map(|(number, line)| unfinished(file, number, line))
        .collect()
}

pub(super) fn check_paths(file: &File) -> Vec<Finding> {
    let lines = (1..).zip(file.text.lines());
    let found = lines.filter_map(|(number, line)| machine_folder(line).map(|folder| (number, folder)));
    let remedy = "write a path from the project's root, or say what kind of place is meant";
    found
        .map(|(number, folder)| finding(file, number, format!("a path below /{folder}"), remedy))
        .collect()
}

fn unfinished(file: &File, number: usize, text: &str) -> Option<Finding> {
    let mut words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    let word = words.find(|word| UNFINISHED.contains(word))?;
    Some(finding(
        file,
        number,
        format!("an unfinished mark, {word}"),
        "finish it, or take it out and open an issue",
    ))
}

fn machine_folder(line: &str) -> Option<&'static str> {
    MACHINE_FOLDERS.into_iter().find(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().last());
            !before.is_some_and(|before| before.is_alphanumeric() || "./-_}*~".contains(before))
        })
    })
}

fn finding(file: &File, line: usize, what: String, remedy: &'static str) -> Finding {
    Finding {
        path: file.path.clone(),
        line,
        what,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::source, *};

    fn file(text: &str) -> File {
        File {
            path: "a.rs".to_owned(),
            text: text.to_owned(),
        }
    }

    fn found_in_code(text: &str) -> Vec<(usize, String)> {
        let findings = check_code(&file(text), &source::lines(text));
        findings
            .into_iter()
            .map(|finding| (finding.line, finding.what))
            .collect()
    }

    #[test]
    fn marks_in_code_are_found_with_their_line() {
        assert_eq!(
            found_in_code("fn f() {\n    todo!()\n}"),
            [(2, "`todo!(` in code".to_owned())]
        );
        assert_eq!(
            found_in_code("#[allow(dead_code)]"),
            [(1, "`#[allow(` in code".to_owned())]
        );
    }

    #[test]
    fn a_text_or_comment_that_names_a_mark_is_none() {
        assert!(found_in_code("say(\"todo!()\") // not dbg!(x)").is_empty());
    }

    #[test]
    fn unfinished_marks_are_whole_words() {
        assert_eq!(found_in_code("// TODO: finish").len(), 1);
        assert!(found_in_code("// the TODOS of a HACKNEY").is_empty());
        assert_eq!(
            check_text(&file("fine\nFIXME later"))
                .first()
                .map(|finding| finding.line),
            Some(2)
        );
    }

    #[test]
    fn machine_paths_are_found_and_addresses_are_not() {
        let machine = ["/tmp", "/file"].concat();
        assert_eq!(check_paths(&file(&format!("see {machine}"))).len(), 1);
        assert!(check_paths(&file("https://example.com/work/item and target/tmp/x")).is_empty());
    }
}
