//! Reading the parsed TOML by hand, so that every value keeps its place and everything wrong is reported.

mod values;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::limits::{LIST_MAX, TEXT_BYTES_MAX};
use super::problem::{Problems, did_you_mean, listed, nearest, quoted};
use super::shape::{Holds, Shape};

pub(super) use values::{boolean, days, integer, number, period, points, positive_points, word};

/// A value with its place in the file.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// A table of a known shape.
pub(super) struct Section<'a> {
    pub(super) shape: &'static Shape,
    entries: &'a DeTable<'a>,
    /// Keys that are missing, but probably there under a misspelt name, which was reported.
    misspelt: Vec<&'static str>,
    pub(super) span: Range<usize>,
}

impl<'a> Section<'a> {
    /// Takes `node` as a table of this shape; reports its unknown and missing keys.
    pub(super) fn open(cx: &mut Problems<'_>, shape: &'static Shape, node: &'a Node<'a>) -> Option<Self> {
        match node.get_ref() {
            DeValue::Table(entries) => Some(Self::of(cx, shape, entries, node.span())),
            DeValue::Array(items)
                if items.iter().all(|item| item.get_ref().is_table()) && !items.is_empty() =>
            {
                wrong_type(
                    cx,
                    node,
                    "one table",
                    "write its header once, with single brackets: `[…]`",
                );
                None
            }
            _ => {
                let keys = shape.keys.iter().map(|key| key.name);
                wrong_type(
                    cx,
                    node,
                    "a table",
                    &format!("write `{{ … }}` with {}", listed(keys, "and")),
                );
                None
            }
        }
    }

    /// As [`Section::open`], for a table that was recognised already.
    pub(super) fn of(
        cx: &mut Problems<'_>,
        shape: &'static Shape,
        entries: &'a DeTable<'a>,
        span: Range<usize>,
    ) -> Self {
        let known = shape.keys.iter().map(|key| key.name);
        let mut misspelt = Vec::new();
        for key in entries.keys() {
            if !known.clone().any(|name| name == key.get_ref()) {
                let message = format!("{} has no key {}", shape.what, quoted(key.get_ref()));
                cx.error(
                    "unknown-key",
                    key.span(),
                    message,
                    did_you_mean(key.get_ref(), known.clone()),
                );
                misspelt.extend(nearest(key.get_ref(), known.clone()));
            }
        }
        let section = Self {
            shape,
            entries,
            misspelt,
            span,
        };
        for key in shape
            .keys
            .iter()
            .filter(|key| key.required && section.lacks(key.name))
        {
            let message = format!("{} needs `{}`", shape.what, key.name);
            cx.error(
                "missing-key",
                section.span.clone(),
                message,
                sample(key.name, key.holds),
            );
        }
        section
    }

    /// Whether the key is missing, under any name.
    pub(super) fn lacks(&self, key: &str) -> bool {
        !self.has(key) && !self.misspelt.contains(&key)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node<'a>> {
        self.entries.get(key)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The place of the key itself, or of the whole table where it is missing.
    pub(super) fn key_span(&self, key: &str) -> Range<usize> {
        self.entries
            .get_key_value(key)
            .map_or_else(|| self.span.clone(), |(name, _)| name.span())
    }

    /// The key's value as `read` takes it; `None` where it is missing, or wrong, which is reported.
    pub(super) fn read<T>(
        &self,
        cx: &mut Problems<'_>,
        key: &str,
        read: impl FnOnce(&mut Problems<'_>, &'a Node<'a>) -> Option<T>,
    ) -> Option<T> {
        self.get(key).and_then(|node| read(cx, node))
    }

    /// The text of a key, or an empty one where that was reported.
    pub(super) fn text(&self, cx: &mut Problems<'_>, key: &str) -> String {
        self.read(cx, key, text).unwrap_or_default()
    }

    /// The tables under a key, at most `limit`.
    pub(super) fn tables(
        &self,
        cx: &mut Problems<'_>,
        key: &str,
        shape: &'static Shape,
        limit: usize,
    ) -> Vec<Section<'a>> {
        let Some(node) = self.get(key) else {
            return Vec::new();
        };
        let top_level = self.shape.what == super::shape::FILE.what;
        let items = match node.get_ref() {
            DeValue::Array(items) => items,
            DeValue::Table(_) if top_level => {
                let help = format!("write `[[{key}]]`, with two brackets: there may be several");
                wrong_type(cx, node, "a list of tables", &help);
                return Vec::new();
            }
            _ => {
                wrong_type(
                    cx,
                    node,
                    "a list of tables",
                    &format!("write `{key} = [ {{ … }}, {{ … }} ]`"),
                );
                return Vec::new();
            }
        };
        if items.len() > limit {
            too_many(cx, node, items.len(), limit);
            return Vec::new();
        }
        items
            .iter()
            .filter_map(|item| Section::open(cx, shape, item))
            .collect()
    }

    /// Reports a key that means nothing without another.
    pub(super) fn needs(&self, cx: &mut Problems<'_>, key: &str, other: &str, help: &str) {
        if self.has(key) && !self.has(other) {
            let message = format!("`{key}` means nothing without `{other}`");
            cx.error("contradiction", self.key_span(key), message, help.to_owned());
        }
    }

    /// Reports keys that don't go together with another.
    pub(super) fn exclude(&self, cx: &mut Problems<'_>, keys: &[&str], with: &str, help: &str) {
        for key in keys.iter().filter(|key| self.has(key)) {
            let message = format!("`{key}` doesn't go together with `{with}`");
            cx.error("contradiction", self.key_span(key), message, help.to_owned());
        }
    }
}

/// A table's entries in the file's order.
pub(super) fn entries<'a>(
    table: &'a DeTable<'a>,
) -> Vec<(&'a Spanned<toml::de::DeString<'a>>, &'a Node<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// How a missing key could be written.
fn sample(name: &str, holds: Holds) -> String {
    let value = match holds {
        Holds::OrFalse(holds) => return sample(name, *holds),
        Holds::Text | Holds::Lint | Holds::Event | Holds::Pattern | Holds::Texts => "\"…\"",
        Holds::Points | Holds::PointsList => "10",
        Holds::Period => "\"24h\"",
        Holds::Days => "\"30d\"",
        Holds::Count => "1",
        Holds::Bool => "true",
        Holds::Word(words) => {
            return format!(
                "add `{name} = …`, one of {}",
                listed(words.iter().copied(), "and")
            );
        }
        Holds::Table(_) if matches!(name, "agreement" | "qualify") => {
            return format!("add a section `[{name}]`");
        }
        Holds::Tables(_) => "[ { … } ]",
        Holds::Condition | Holds::SlaCondition | Holds::Values | Holds::FieldTypes | Holds::Table(_) => {
            "{ … }"
        }
    };
    format!("add `{name} = {value}`")
}

/// Reports a value of the wrong type.
pub(super) fn wrong_type(cx: &mut Problems<'_>, node: &Node<'_>, expected: &str, help: &str) {
    let found = match node.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let message = format!("expected {expected}, found {found}");
    cx.error("wrong-type", node.span(), message, help.to_owned());
}

fn too_many(cx: &mut Problems<'_>, node: &Node<'_>, found: usize, limit: usize) {
    let message = format!("{found} entries are more than the {limit} that may stand here");
    cx.error("too-many", node.span(), message, format!("keep to {limit}"));
}

/// A text that isn't empty and not too long.
pub(super) fn text(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<String> {
    long_text(cx, node, TEXT_BYTES_MAX)
}

/// A text that isn't empty, of at most `limit` bytes.
pub(super) fn long_text(cx: &mut Problems<'_>, node: &Node<'_>, limit: usize) -> Option<String> {
    let Some(text) = node.get_ref().as_str() else {
        wrong_type(cx, node, "a text", "put it in quotes: `\"…\"`");
        return None;
    };
    if text.trim().is_empty() {
        cx.error(
            "empty",
            node.span(),
            "the text is empty".to_owned(),
            "write something, or leave the key out".to_owned(),
        );
        return None;
    }
    if text.len() > limit {
        let message = format!("the text has {} bytes", text.len());
        cx.error("too-long", node.span(), message, format!("keep to {limit} bytes"));
        return None;
    }
    Some(text.to_owned())
}

/// A text or a list of texts, at least one.
pub(super) fn texts(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<String>> {
    match node.get_ref() {
        DeValue::String(_) => text(cx, node).map(|one| vec![one]),
        DeValue::Array(_) => {
            let all = items(cx, node, LIST_MAX)?;
            // A list with a wrong element is still a list; the element was reported.
            Some(all.iter().filter_map(|item| text(cx, item)).collect())
        }
        _ => {
            wrong_type(
                cx,
                node,
                "a text or a list of texts",
                "write `\"…\"` or `[\"…\", \"…\"]`",
            );
            None
        }
    }
}

/// The elements of a list that isn't empty, at most `limit`.
pub(super) fn items<'a>(cx: &mut Problems<'_>, node: &'a Node<'a>, limit: usize) -> Option<&'a [Node<'a>]> {
    let Some(items) = node.get_ref().as_array() else {
        wrong_type(cx, node, "a list", "write `[ …, … ]`");
        return None;
    };
    if items.is_empty() {
        cx.error(
            "empty",
            node.span(),
            "the list is empty".to_owned(),
            "write an entry, or leave the key out".to_owned(),
        );
        return None;
    }
    if items.len() > limit {
        too_many(cx, node, items.len(), limit);
        return None;
    }
    Some(items)
}
