//! Checking never panics, whatever the file holds, and says where each problem is.

use bellwether_core::agreement::{Agreement, check};
use proptest::prelude::*;

const GOOD: [&str; 3] = [
    include_str!("agreement/good/whole_file.toml"),
    include_str!("agreement/good/every_form.toml"),
    include_str!("agreement/good/smallest.toml"),
];

/// Pieces that mean something somewhere, to be put where they don't.
const PIECES: [&str; 20] = [
    "{",
    "}",
    "[[intent]]",
    "[qualify]",
    "\"",
    "=",
    "nan",
    "-1",
    "99999999999999999999",
    "0.0001",
    "\"0d\"",
    "[]",
    "{}",
    "not = ",
    "\n",
    "é",
    "\u{0}",
    "'",
    "true",
    "1979-05-27",
];

fn is_sound(source: &str) -> Result<(), TestCaseError> {
    let checked = check(source);
    for problem in &checked.problems {
        prop_assert!(
            source.get(problem.span.clone()).is_some(),
            "{:?} is no part of the file",
            problem.span
        );
        let line_start = source
            .split_inclusive('\n')
            .take(problem.line - 1)
            .map(str::len)
            .sum::<usize>();
        let before = source.get(line_start..problem.span.start);
        prop_assert_eq!(before.map(|text| text.chars().count() + 1), Some(problem.column));
        prop_assert!(problem.help.is_some());
    }
    if checked.agreement.is_some() {
        prop_assert!(Agreement::parse(source).is_ok());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_text_never_panics(source in "\\PC{0,400}") {
        is_sound(&source)?;
    }

    #[test]
    fn arbitrary_toml_like_text_never_panics(parts in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        is_sound(&parts.concat())?;
    }

    #[test]
    fn good_files_with_a_wound_never_panic(
        file in 0..GOOD.len(),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(&PIECES[..])), 1..4),
    ) {
        let mut source = GOOD[file].to_owned();
        for (at, cut, piece) in wounds {
            let mut start = at.index(source.len() + 1);
            while !source.is_char_boundary(start) {
                start -= 1;
            }
            let mut end = (start + cut).min(source.len());
            while !source.is_char_boundary(end) {
                end += 1;
            }
            source.replace_range(start..end, piece);
        }
        is_sound(&source)?;
    }

    #[test]
    fn whole_lines_taken_out_or_exchanged_never_panic(
        file in 0..GOOD.len(),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
    ) {
        let mut lines: Vec<&str> = GOOD[file].lines().collect();
        for (one, other) in swaps {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
        }
        is_sound(&lines.join("\n"))?;
    }
}
