//! Texts and times of a tool's JSON, however it is built.

use bellwether_core::domain::Timestamp;
use serde_json::Value;

use super::{ANSWERS_MAX, TEXT_CHARS_MAX};

/// The value at a path; null where there is none.
pub(super) fn at<'a>(of: &'a Value, path: &[&str]) -> &'a Value {
    path.iter()
        .fold(of, |of, name| of.get(name).unwrap_or(&Value::Null))
}

/// The text at a path, on one line, cut to the longest that is kept; nothing where it is empty or no text.
pub(super) fn text(of: &Value, path: &[&str]) -> Option<String> {
    let text = at(of, path).as_str()?;
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let text: String = plain.take(TEXT_CHARS_MAX).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The first of several paths under which there is a text: tools rename fields.
pub(super) fn text_of(of: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(of, &[name]))
}

/// The time at a path.
pub(super) fn time(of: &Value, path: &[&str]) -> Option<Timestamp> {
    text(of, path)?.parse().ok()
}

/// An address, if it has the form of one.
pub(super) fn address(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let sound = !local.is_empty()
        && domain.contains('.')
        && text.len() <= TEXT_CHARS_MAX
        && !text.contains(char::is_whitespace);
    sound.then(|| text.to_lowercase())
}

/// The answers of a booking form, `question: answer` each.
pub(super) fn answers(of: &Value) -> Vec<String> {
    let answers = of.as_array().map_or(&[][..], Vec::as_slice).iter();
    let answers = answers.filter_map(|one| {
        let answer = text(one, &["answer"])?;
        Some(match text(one, &["question"]) {
            Some(question) => format!("{question}: {answer}"),
            None => answer,
        })
    });
    answers.take(ANSWERS_MAX).collect()
}
