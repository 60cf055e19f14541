//! Files that one reads in a sitting: at most 500 lines, tests not counted.

use super::{File, Finding};

const FILE_LINES_MAX: usize = 500;

pub(super) fn check(file: &File) -> Option<Finding> {
    if file.is_test() {
        return None;
    }
    let lines = lines_without_tests(&file.text);
    (lines > FILE_LINES_MAX).then(|| Finding {
        path: file.path.clone(),
        line: 0,
        what: format!("{lines} lines without tests, over {FILE_LINES_MAX}"),
        remedy: "find the two things that this file is, and give each a module",
    })
}

/// Counts lines, leaving out each module marked `#[cfg(test)]`. rustfmt has put the closing brace in the same column.
fn lines_without_tests(text: &str) -> usize {
    let mut count = 0;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_test_module =
            line.trim() == "#[cfg(test)]" && lines.peek().is_some_and(|next| opens_module(next));
        if !is_test_module {
            count += 1;
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        lines.by_ref().find(|line| **line == end);
    }
    count
}

fn opens_module(line: &str) -> bool {
    let line = line.trim();
    (line.starts_with("mod ") || line.starts_with("pub mod ")) && line.ends_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_modules_do_not_count() {
        let text =
            "one\n#[cfg(test)]\nmod tests {\n    fn a() {\n    }\n}\ntwo\n#[cfg(test)]\nfn builder() {}\n";
        assert_eq!(lines_without_tests(text), 4);
    }

    #[test]
    fn a_long_file_is_found_and_a_long_test_file_is_not() {
        let text = "x\n".repeat(FILE_LINES_MAX + 1);
        let long = |path: &str| {
            check(&File {
                path: path.to_owned(),
                text: text.clone(),
            })
        };
        assert_eq!(long("crates/core/src/engine.rs").map(|found| found.line), Some(0));
        assert_eq!(long("crates/core/tests/engine.rs"), None);
        assert_eq!(long("crates/core/src/engine/tests.rs"), None);
    }

    #[test]
    fn the_limit_itself_is_allowed() {
        let file = File {
            path: "a.rs".to_owned(),
            text: "x\n".repeat(FILE_LINES_MAX),
        };
        assert_eq!(check(&file), None);
    }
}
