//! Conditions, times and texts as people read them.

use crate::agreement::{Condition, Glob, Test};
use crate::domain::{Number, Timestamp};

/// The longest text from outside that a line shows, in characters.
pub(super) const SHOWN_CHARS_MAX: usize = 120;
/// The most alternatives of one condition that are named.
const ALTERNATIVES_MAX: usize = 6;

/// A condition in words: `seniority is vp or director, employees is 50 to 500`.
pub fn condition_in_words(condition: &Condition) -> String {
    match condition {
        Condition::All(all) if all.is_empty() => "always".to_owned(),
        Condition::All(all) => joined(all, ", "),
        Condition::Any(any) if any.is_empty() => "never".to_owned(),
        Condition::Any(any) => format!("({})", joined(any, " or ")),
        Condition::Not(condition) => format!("not ({})", condition_in_words(condition)),
        Condition::Field { field, test } => test_in_words(field, test),
    }
}

fn joined(conditions: &[Condition], between: &str) -> String {
    let words: Vec<String> = conditions.iter().map(condition_in_words).collect();
    words.join(between)
}

fn test_in_words(field: &str, test: &Test) -> String {
    match test {
        Test::Text(globs) | Test::Country { texts: globs, .. } => {
            format!("{field} is {}", alternatives(globs))
        }
        Test::Regex(regex) => format!("{field} matches `{}`", regex.as_str()),
        Test::Number { min, max } | Test::Amount { min, max } => bounds_in_words(field, *min, *max),
        Test::Bool(expected) => format!("{field} is {expected}"),
        Test::Exists(true) => format!("{field} is known"),
        Test::Exists(false) => format!("{field} is missing"),
        Test::Not(test) => format!("not ({})", test_in_words(field, test)),
        Test::All(tests) => {
            let words: Vec<String> = tests.iter().map(|test| test_in_words(field, test)).collect();
            words.join(" and ")
        }
    }
}

fn bounds_in_words(field: &str, min: Option<Number>, max: Option<Number>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!("{field} is {min}"),
        (Some(min), Some(max)) => format!("{field} is {min} to {max}"),
        (Some(min), None) => format!("{field} is at least {min}"),
        (None, Some(max)) => format!("{field} is at most {max}"),
        (None, None) => format!("{field} is a number"),
    }
}

fn alternatives(globs: &[Glob]) -> String {
    let mut words: Vec<String> = globs
        .iter()
        .take(ALTERNATIVES_MAX)
        .map(|glob| plain(glob.source()))
        .collect();
    let more = globs.len().saturating_sub(ALTERNATIVES_MAX);
    if more > 0 {
        words.push(format!("one of {more} more"));
    }
    words.join(" or ")
}

/// A text from outside on one line of a terminal: control characters and those that turn the writing direction are
/// replaced, and the end of a long one is cut off.
pub(crate) fn plain(text: &str) -> String {
    let shown = text.chars().take(SHOWN_CHARS_MAX);
    let mut plain: String = shown
        .map(|c| if is_unprintable(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        plain.push('…');
    }
    plain
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A time to the minute: `2026-01-15 09:00 UTC`.
pub(crate) fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", time.get(..5).unwrap_or_default())
}

/// `3 visits`, `1 visit`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_as_sentences() {
        let text = |words: &[&str]| Test::Text(words.iter().map(|word| Glob::new(word)).collect());
        let field = |field: &str, test| Condition::Field {
            field: field.to_owned(),
            test,
        };
        let number = |min, max| Test::Number {
            min: Number::parse(min),
            max: Number::parse(max),
        };
        for (condition, words) in [
            (Condition::All(vec![]), "always"),
            (
                field("seniority", text(&["vp", "director"])),
                "seniority is vp or director",
            ),
            (field("employees", number("50", "500")), "employees is 50 to 500"),
            (field("employees", number("50", "")), "employees is at least 50"),
            (field("seats", number("5", "5")), "seats is 5"),
            (
                Condition::Any(vec![
                    field("trial", Test::Bool(true)),
                    Condition::Not(Box::new(field("email", Test::Exists(false)))),
                ]),
                "(trial is true or not (email is missing))",
            ),
        ] {
            assert_eq!(condition_in_words(&condition), words);
        }
    }

    #[test]
    fn what_would_move_a_terminal_is_not_shown() {
        assert_eq!(
            plain("a\u{1b}[2Jb\nc\u{202e}d"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d"
        );
        assert_eq!(plain(&"x".repeat(500)).chars().count(), SHOWN_CHARS_MAX + 1);
    }
}
