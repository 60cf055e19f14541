//! What a trait or property can hold, and how the forms that data comes in are read as one another.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A lead's traits by field name.
pub type Traits = BTreeMap<String, Value>;

/// A finite number, only ever compared and never calculated with, so that a float is exact enough.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Number(f64);

impl Number {
    /// The number, where it is finite.
    pub fn new(number: f64) -> Option<Self> {
        // Adding zero would need arithmetic; a negative zero compares as zero through `total_cmp` only once replaced.
        number
            .is_finite()
            .then_some(Self(if number == 0.0 { 0.0 } else { number }))
    }

    /// Reads a decimal or scientific number; `None` for text, `NaN` and what overflows to infinity.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // `f64::from_str` also takes words such as `infinity` and `nan`.
        let numeric = text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        (numeric && text.len() <= 400)
            .then(|| text.parse().ok())
            .flatten()
            .and_then(Self::new)
    }

    /// The number as a float.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl fmt::Display for Number {
    /// The shortest decimal that reads back as the same number: `300`, `0.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A trait's or property's value, as it came. Its declared type is applied when it is compared, since an agreement may
/// change its mind about a type while the facts stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// Text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// A [`Value`] that borrows its text, for columns and wire forms that hold it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A finite number.
    Number(Number),
    /// Text.
    Text(&'a str),
    /// Several texts.
    List(&'a [String]),
}

impl Value {
    /// This value, borrowed.
    pub fn view(&self) -> ValueRef<'_> {
        match self {
            Self::Bool(b) => ValueRef::Bool(*b),
            Self::Number(n) => ValueRef::Number(*n),
            Self::Text(t) => ValueRef::Text(t),
            Self::List(l) => ValueRef::List(l),
        }
    }
}

impl<'a> ValueRef<'a> {
    /// This value, owned.
    pub fn to_value(self) -> Value {
        match self {
            Self::Bool(b) => Value::Bool(b),
            Self::Number(n) => Value::Number(n),
            Self::Text(t) => Value::Text(t.to_owned()),
            Self::List(l) => Value::List(l.to_vec()),
        }
    }

    /// As a number: a number, or text that reads as one (files hold text only).
    pub fn as_number(self) -> Option<Number> {
        match self {
            Self::Number(n) => Some(n),
            Self::Text(t) => Number::parse(t),
            Self::Bool(_) | Self::List(_) => None,
        }
    }

    /// As true or false: a bool, or the texts `true` and `false` without case, or the numbers 1 and 0.
    pub fn as_bool(self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(b),
            Self::Text(t) if t.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Text(t) if t.trim().eq_ignore_ascii_case("false") => Some(false),
            Self::Text(_) | Self::Number(_) => match self.as_number()?.get() {
                1.0 => Some(true),
                0.0 => Some(false),
                _ => None,
            },
            Self::List(_) => None,
        }
    }

    /// As texts, each of which a text condition is tried on: one, or a list's elements.
    pub fn as_texts(self) -> impl Iterator<Item = Cow<'a, str>> {
        let (one, many): (Option<Cow<'a, str>>, &'a [String]) = match self {
            Self::Text(t) => (Some(Cow::Borrowed(t)), &[]),
            Self::Number(n) => (Some(Cow::Owned(n.to_string())), &[]),
            Self::Bool(b) => (Some(Cow::Borrowed(if b { "true" } else { "false" })), &[]),
            Self::List(l) => (None, l),
        };
        one.into_iter()
            .chain(many.iter().map(|t| Cow::Borrowed(t.as_str())))
    }

    /// Whether there is nothing in it: a missing trait and an empty text or list are the same.
    pub fn is_empty(self) -> bool {
        match self {
            Self::Text(t) => t.trim().is_empty(),
            Self::List(l) => l.is_empty(),
            Self::Bool(_) | Self::Number(_) => false,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(t),
            Self::List(l) => f.write_str(&l.join(", ")),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite_and_read_from_text() {
        assert_eq!(Number::parse(" 1e3 "), Number::new(1000.0));
        assert_eq!(Number::parse("-0"), Number::new(0.0));
        for text in ["NaN", "inf", "1e400", "", "12 apples", "0x10", "1_000"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        assert_eq!(Number::new(300.0).map(|n| n.to_string()), Some("300".to_owned()));
    }

    #[test]
    fn text_cells_are_read_as_the_type_that_is_asked_for() {
        assert_eq!(ValueRef::Text("TRUE").as_bool(), Some(true));
        assert_eq!(ValueRef::Text("0").as_bool(), Some(false));
        assert_eq!(ValueRef::Text("2").as_bool(), None);
        assert_eq!(ValueRef::Bool(true).as_number(), None);
    }
}
