//! The fields that every agreement knows, with their types, and the words that the derived ones may hold.

use super::model::{FieldType, Fields};

/// Fields that are built in, sorted by name.
const BUILT_IN: [(&str, FieldType); 25] = [
    ("age", FieldType::Number),
    ("campaign", FieldType::Text),
    ("channel", FieldType::Text),
    ("city", FieldType::Text),
    ("company", FieldType::Text),
    ("country", FieldType::Text),
    ("department", FieldType::Text),
    ("device", FieldType::Text),
    ("domain", FieldType::Text),
    ("email", FieldType::Text),
    ("email_kind", FieldType::Text),
    ("employees", FieldType::Number),
    ("first_name", FieldType::Text),
    ("income", FieldType::Number),
    ("industry", FieldType::Text),
    ("last_name", FieldType::Text),
    ("name", FieldType::Text),
    ("phone", FieldType::Text),
    ("region", FieldType::Text),
    ("revenue", FieldType::Number),
    ("seniority", FieldType::Text),
    ("source", FieldType::Text),
    ("technologies", FieldType::List),
    ("title", FieldType::Text),
    ("website", FieldType::Text),
];

/// Names that mean something else in a condition, so that no field can have them.
pub(super) const RESERVED: [&str; 10] = [
    "any", "all", "not", "trigger", "score", "fit", "intent", "cycle", "grade", "recycled",
];

/// The longest name of a declared field, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// How field types are written in `[fields]`.
pub(super) const TYPES: [(&str, FieldType); 5] = [
    ("text", FieldType::Text),
    ("number", FieldType::Number),
    ("bool", FieldType::Bool),
    ("list", FieldType::List),
    ("time", FieldType::Time),
];

/// The words that a derived field is derived as; `None` where it may hold anything.
pub(super) fn derived_words(field: &str) -> Option<&'static [&'static str]> {
    match field {
        "email_kind" => Some(&["business", "free", "disposable", "role", "none"]),
        "seniority" => Some(&[
            "c_suite",
            "vp",
            "director",
            "manager",
            "individual",
            "entry",
            "student",
            "unknown",
        ]),
        "department" => Some(&[
            "marketing",
            "sales",
            "engineering",
            "it",
            "finance",
            "hr",
            "operations",
            "product",
            "legal",
            "support",
            "executive",
            "other",
            "unknown",
        ]),
        _ => None,
    }
}

impl Fields {
    /// The fields that need no declaration.
    pub fn built_in() -> Self {
        Self(
            BUILT_IN
                .iter()
                .map(|(name, of)| ((*name).to_owned(), *of))
                .collect(),
        )
    }

    /// Whether a field of this name is built in.
    pub fn is_built_in(name: &str) -> bool {
        BUILT_IN.iter().any(|(known, _)| *known == name)
    }

    /// Whether a file may declare a field of this name.
    pub fn may_be_called(name: &str) -> bool {
        !RESERVED.contains(&name) && name.trim() == name && !name.is_empty() && name.len() <= NAME_BYTES_MAX
    }

    /// The type of the field of this name.
    pub fn type_of(&self, name: &str) -> Option<FieldType> {
        self.0.get(name).copied()
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }
}

impl FieldType {
    /// The type as it is written in `[fields]`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::List => "list",
            Self::Time => "time",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_fields_are_sorted_and_none_is_reserved() {
        assert!(BUILT_IN.is_sorted_by(|a, b| a.0 < b.0));
        assert!(BUILT_IN.iter().all(|(name, _)| !RESERVED.contains(name)));
    }

    #[test]
    fn every_field_with_derived_words_is_a_built_in_text() {
        let fields = Fields::built_in();
        for name in ["email_kind", "seniority", "department"] {
            assert_eq!(fields.type_of(name), Some(FieldType::Text));
            assert!(derived_words(name).is_some());
        }
        assert!(TYPES.iter().all(|(name, of)| of.as_str() == *name));
    }
}
