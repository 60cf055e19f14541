//! The agreement's text with other points. Only the numbers change: what stands around them, comments and all, stays as
//! it was, byte for byte.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A number, or what an example expects, in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The points of a case, or of a rule with one.
    Case { rule: usize, case: usize },
    /// The points of an intent rule, or an element of its list.
    Intent { rule: usize, element: Option<usize> },
    /// A line of `[qualify]`.
    Line(&'static str),
    /// What an example expects under a key.
    Expected { example: usize, key: &'static str },
}

/// The text with each place replaced. A place that isn't there is left.
pub(super) fn rewrite(source: &str, changes: &[(Place, String)]) -> String {
    let Ok(table) = DeTable::parse(source) else {
        return source.to_owned();
    };
    let mut edits: Vec<(Range<usize>, &str)> = changes
        .iter()
        .filter_map(|(place, text)| Some((span(table.get_ref(), *place)?, text.as_str())))
        .collect();
    edits.sort_by_key(|(span, _)| span.start);
    let mut written = String::with_capacity(source.len());
    let mut from = 0;
    for (span, text) in edits {
        written.push_str(source.get(from..span.start).unwrap_or_default());
        written.push_str(text);
        from = span.end;
    }
    written.push_str(source.get(from..).unwrap_or_default());
    written
}

fn span(file: &DeTable<'_>, place: Place) -> Option<Range<usize>> {
    let value = match place {
        Place::Case { rule, case } => {
            let rule = element(file.get("fit")?, rule)?.as_table()?;
            match rule.get("cases") {
                Some(cases) => element(cases, case)?.as_table()?.get("points")?,
                None => rule.get("points")?,
            }
        }
        Place::Intent { rule, element: at } => {
            let points = element(file.get("intent")?, rule)?.as_table()?.get("points")?;
            match at {
                Some(at) => points.get_ref().as_array()?.get(at)?,
                None => points,
            }
        }
        Place::Line(key) => file.get("qualify")?.get_ref().as_table()?.get(key)?,
        Place::Expected { example, key } => {
            let example = element(file.get("example")?, example)?.as_table()?;
            example.get("expect")?.get_ref().as_table()?.get(key)?
        }
    };
    Some(value.span())
}

fn element<'v>(list: &'v Spanned<DeValue<'v>>, at: usize) -> Option<&'v DeValue<'v>> {
    list.get_ref().as_array()?.get(at).map(Spanned::get_ref)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_numbers_change() {
        let source = "# why\n[[fit]]\nname = \"A\" # ours\nwhen = { x = 1 }\npoints = 5   # five\n\n[[fit]]\ncases = [\n  { when = { y = 2 }, points = -1 }, # one\n  \
                      { points = 2.5, when = { y = 3 } },\n]\n[[intent]]\npoints = [15, 10]\n[[intent]]\npoints = +1_0\n[[example]]\nexpect = { fit = 3, grade = \"A1\" }\n[qualify]\nscore = 70 # agreed\n";
        let changes = [
            (
                Place::Intent {
                    rule: 0,
                    element: Some(1),
                },
                "12".to_owned(),
            ),
            (Place::Case { rule: 0, case: 0 }, "-40".to_owned()),
            (Place::Case { rule: 1, case: 1 }, "7".to_owned()),
            (
                Place::Intent {
                    rule: 1,
                    element: None,
                },
                "0".to_owned(),
            ),
            (
                Place::Expected {
                    example: 0,
                    key: "grade",
                },
                "\"B2\"".to_owned(),
            ),
            (Place::Case { rule: 9, case: 1 }, "99".to_owned()),
            (Place::Line("score"), "64".to_owned()),
            (Place::Line("fit"), "99".to_owned()),
        ];
        let expected = source
            .replace("points = 5 ", "points = -40 ")
            .replace("2.5", "7")
            .replace("10]", "12]")
            .replace("+1_0", "0")
            .replace("A1", "B2")
            .replace("70 #", "64 #");
        assert_eq!(rewrite(source, &changes), expected);
        assert_eq!(rewrite("not = [toml", &changes), "not = [toml");
    }
}
