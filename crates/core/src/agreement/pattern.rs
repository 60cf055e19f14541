//! Which events a rule is about: by name, page or screen, and by conditions on properties.

use super::condition::Test;
use crate::domain::{EventKind, EventView, normalized_name};

/// Text with `*` for any run of characters, compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    source: String,
    /// The lower-cased pieces between the stars; one piece means no star.
    pieces: Vec<String>,
}

impl Glob {
    /// Compiles a pattern; every text is one.
    pub fn new(source: &str) -> Self {
        let pieces = source.to_lowercase().split('*').map(str::to_owned).collect();
        Self {
            source: source.to_owned(),
            pieces,
        }
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole of `text` fits the pattern.
    pub fn matches(&self, text: &str) -> bool {
        if text.is_ascii() && !text.bytes().any(|b| b.is_ascii_uppercase()) {
            self.matches_lower(text)
        } else {
            self.matches_lower(&text.to_lowercase())
        }
    }

    fn matches_lower(&self, text: &str) -> bool {
        let [first, rest @ ..] = self.pieces.as_slice() else {
            return false;
        };
        let Some(mut remaining) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        let [middle @ .., last] = rest else {
            return remaining.is_empty();
        };
        for piece in middle {
            let Some((_, after)) = remaining.split_once(piece.as_str()) else {
                return false;
            };
            remaining = after;
        }
        remaining.ends_with(last.as_str())
    }
}

/// Which events are meant. Every part that is there must hold; an empty one is any event.
#[derive(Debug, Clone, Default)]
pub struct EventPattern {
    /// Track events by normalized name, any of them.
    pub names: Vec<String>,
    /// Page views by path, any of them.
    pub pages: Vec<Glob>,
    /// App screens by normalized name, any of them.
    pub screens: Vec<String>,
    /// Conditions on properties by dotted path.
    pub properties: Vec<(String, Test)>,
}

impl EventPattern {
    /// Track events of one name.
    pub fn named(name: &str) -> Self {
        Self {
            names: vec![normalized_name(name)],
            ..Self::default()
        }
    }

    /// Whether `event` is meant.
    pub fn matches(&self, event: &EventView<'_>) -> bool {
        self.kind_matches(event)
            && self
                .properties
                .iter()
                .all(|(path, test)| test.holds(event.properties.property(path)))
    }

    /// `event`, `page` and `screen` name three kinds; an event of any kind that the pattern names will do.
    fn kind_matches(&self, event: &EventView<'_>) -> bool {
        if self.names.is_empty() && self.pages.is_empty() && self.screens.is_empty() {
            return true;
        }
        match event.kind {
            EventKind::Track => !self.names.is_empty() && self.names.contains(&normalized_name(event.name)),
            EventKind::Screen => {
                !self.screens.is_empty() && self.screens.contains(&normalized_name(event.name))
            }
            EventKind::Page => event
                .path
                .is_some_and(|path| self.pages.iter().any(|glob| glob.matches(path))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn a_star_is_any_run_and_case_is_nothing() {
        for (pattern, text, fits) in [
            ("/pricing*", "/pricing", true),
            ("/pricing*", "/Pricing/eu", true),
            ("/pricing*", "/eu/pricing", false),
            ("*vp*", "SVP Sales", true),
            ("a*b*a", "aba", true),
            ("a*b*a", "ab", false),
            ("a*a", "a", false),
            ("", "", true),
            ("*", "", true),
            ("ÄRZTE*", "ärztekammer", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), fits, "{pattern} on {text}");
        }
    }
}
