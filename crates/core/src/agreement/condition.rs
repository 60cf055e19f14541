//! Conditions on traits and properties: what `when = { … }` compiles to, and how it is evaluated.

use regex::Regex;

use super::pattern::Glob;
use crate::domain::{Number, ValueRef};

/// A condition on a lead's traits (or, in routes and SLAs, on what else has a name there).
#[derive(Debug, Clone)]
pub enum Condition {
    /// Every one holds; an empty list always does.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It doesn't hold.
    Not(Box<Condition>),
    /// A test on one field.
    Field {
        /// The field's name.
        field: String,
        /// What is asked of it.
        test: Test,
    },
}

/// What is asked of one value. A missing value passes nothing but `Exists(false)` and what stands under `Not`.
#[derive(Debug, Clone)]
pub enum Test {
    /// A text, or an element of a list, fits one of these.
    Text(Vec<Glob>),
    /// A text, or an element of a list, has a part that fits.
    Regex(Regex),
    /// A number within these bounds, both inclusive.
    Number {
        /// The least that passes.
        min: Option<Number>,
        /// The most that passes.
        max: Option<Number>,
    },
    /// True or false.
    Bool(bool),
    /// There is a value, or there is none.
    Exists(bool),
    /// The test within fails.
    Not(Box<Test>),
    /// Every test within passes (several keys of one table, such as `{ exists = true, not = … }`).
    All(Vec<Test>),
}

impl Condition {
    /// Whether the condition holds, given a way to look a field up.
    pub fn holds<'v>(&self, lookup: &dyn Fn(&str) -> Option<ValueRef<'v>>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|c| c.holds(lookup)),
            Self::Any(conditions) => conditions.iter().any(|c| c.holds(lookup)),
            Self::Not(condition) => !condition.holds(lookup),
            Self::Field { field, test } => test.holds(lookup(field).filter(|value| !value.is_empty())),
        }
    }

    /// Calls `visit` with every field that the condition reads.
    pub fn visit_fields<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.visit_fields(visit);
                }
            }
            Self::Not(condition) => condition.visit_fields(visit),
            Self::Field { field, .. } => visit(field),
        }
    }
}

impl Test {
    /// Whether the value passes; `None` is a missing value, as an empty one must be given.
    pub fn holds(&self, value: Option<ValueRef<'_>>) -> bool {
        match self {
            Self::Not(test) => !test.holds(value),
            Self::All(tests) => tests.iter().all(|test| test.holds(value)),
            Self::Exists(expected) => value.is_some() == *expected,
            Self::Text(globs) => value.is_some_and(|v| {
                v.as_texts()
                    .any(|text| globs.iter().any(|g| g.matches(text.trim())))
            }),
            Self::Regex(regex) => value.is_some_and(|v| v.as_texts().any(|text| regex.is_match(&text))),
            Self::Number { min, max } => value.and_then(ValueRef::as_number).is_some_and(|number| {
                min.is_none_or(|least| number >= least) && max.is_none_or(|most| number <= most)
            }),
            Self::Bool(expected) => value.and_then(ValueRef::as_bool) == Some(*expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_passes_only_absence_and_negation() {
        let text = Test::Text(vec![Glob::new("*")]);
        let number = Test::Number { min: None, max: None };
        for test in [&text, &number, &Test::Bool(false), &Test::Exists(true)] {
            assert!(!test.holds(None), "{test:?}");
            assert!(Test::Not(Box::new(test.clone())).holds(None), "not {test:?}");
        }
        assert!(Test::Exists(false).holds(None));
    }

    #[test]
    fn a_list_passes_by_any_of_its_elements() {
        let technologies = ["HubSpot".to_owned(), "Segment".to_owned()];
        let test = Test::Text(vec![Glob::new("segment")]);
        assert!(test.holds(Some(ValueRef::List(&technologies))));
        assert!(!test.holds(Some(ValueRef::List(&technologies[..1]))));
    }
}
