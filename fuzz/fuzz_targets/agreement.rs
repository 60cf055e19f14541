//! Any text as an agreement: checking it twice says the same, problems lie within the text, an error and only an error
//! keeps it from being one, and a comment at its end changes nothing.

#![no_main]

use bellwether_core::agreement::{Agreement, Checked, Severity, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let checked = check(source);
    assert_eq!(
        said(&checked),
        said(&check(source)),
        "the same text, other problems"
    );
    for problem in &checked.problems {
        assert!(
            source.get(problem.span.clone()).is_some() || problem.span.is_empty(),
            "{:?} is no part of the text",
            problem.span
        );
    }
    let failed = checked
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    assert_eq!(checked.agreement.is_none(), failed);
    if checked.agreement.is_some() {
        assert!(Agreement::parse(source).is_ok(), "what is checked can be parsed");
        let commented = check(&format!("{source}\n# the end\n"));
        assert_eq!(said(&checked), said(&commented), "a comment changes nothing");
    }
});

fn said(checked: &Checked) -> Vec<String> {
    checked
        .problems
        .iter()
        .map(|problem| format!("{problem:?}"))
        .collect()
}
