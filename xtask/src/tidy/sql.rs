//! SQL is written out whole, with values bound: text put together at run time is where injections come from.

use super::{File, Finding, source::Line};

const MACROS: [&str; 4] = ["format!(", "write!(", "writeln!(", "format_args!("];

const STATEMENTS: [&str; 10] = [
    "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "CREATE ", "DROP ", "ALTER ", "PRAGMA ", "ATTACH ",
];

pub(super) fn check(file: &File, lines: &[Line]) -> Vec<Finding> {
    let texts: Vec<&str> = file.text.lines().collect();
    let mut findings = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !MACROS.iter().any(|call| line.code.contains(call)) {
            continue;
        }
        // rustfmt breaks a long call after its parenthesis, so the text may start a line or two further down.
        let window = texts.get(at..texts.len().min(at + 3)).unwrap_or_default();
        if window.iter().any(|text| has_statement(text)) {
            findings.push(Finding {
                path: file.path.clone(),
                line: at + 1,
                what: "SQL put together from pieces".to_owned(),
                remedy: "write the statement as one literal and bind its values",
            });
        }
    }
    findings
}

/// Whether a literal on this line begins with a statement.
fn has_statement(text: &str) -> bool {
    text.split('"').skip(1).any(|literal| {
        STATEMENTS
            .iter()
            .any(|word| literal.trim_start().starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::source, *};

    fn found(text: &str) -> usize {
        let file = File {
            path: "a.rs".to_owned(),
            text: text.to_owned(),
        };
        check(&file, &source::lines(text)).len()
    }

    #[test]
    fn a_statement_in_a_format_call_is_found() {
        assert_eq!(found("let q = format!(\"SELECT * FROM {table}\");"), 1);
        assert_eq!(found("let q = format!(\n    \"DELETE FROM {table}\",\n);"), 1);
    }

    #[test]
    fn a_bound_statement_and_a_sentence_are_not() {
        assert_eq!(
            found("connection.execute(\"DELETE FROM leads WHERE id = ?1\", [id])"),
            0
        );
        assert_eq!(found("format!(\"Selected {count} leads\")"), 0);
    }
}
