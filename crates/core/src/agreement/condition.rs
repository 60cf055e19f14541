//! Conditions on traits and properties: what `when = { … }` compiles to, and how it is evaluated.

use regex::Regex;

use super::pattern::Glob;
use crate::domain::{Number, ValueRef};
use crate::profile::{amount, country_code};

/// Built-in numbers that forms and data sellers write as ranges and in short.
pub(crate) const AMOUNT_FIELDS: [&str; 4] = ["age", "employees", "income", "revenue"];
/// The built-in field in which a country is known by any of its names.
pub(crate) const COUNTRY_FIELD: &str = "country";

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
    /// The same, where a text that reads as no number is taken as people write amounts: `51-200`, `1k+`.
    Amount {
        /// The least that passes.
        min: Option<Number>,
        /// The most that passes.
        max: Option<Number>,
    },
    /// A text fits one of these, or means one of these countries.
    Country {
        /// The texts.
        texts: Vec<Glob>,
        /// The countries that they mean, by code.
        codes: Vec<&'static str>,
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
        self.visit_tests(&mut |field, _| visit(field));
    }

    /// Calls `visit` with every test of the condition and the field that it is on.
    pub fn visit_tests<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a Test)) {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.visit_tests(visit);
                }
            }
            Self::Not(condition) => condition.visit_tests(visit),
            Self::Field { field, test } => visit(field, test),
        }
    }
}

impl Test {
    /// The test as the field of this name takes it: countries by whatever name, sizes as people write them. Other fields,
    /// and properties, take it as it stands.
    pub(super) fn on_field(self, field: &str) -> Self {
        match self {
            Self::Not(test) => Self::Not(Box::new(test.on_field(field))),
            Self::All(tests) => Self::All(tests.into_iter().map(|test| test.on_field(field)).collect()),
            Self::Number { min, max } if AMOUNT_FIELDS.contains(&field) => Self::Amount { min, max },
            Self::Text(texts) if field == COUNTRY_FIELD => {
                let codes = texts.iter().filter_map(|glob| country_code(glob.source()));
                let codes = codes.collect();
                Self::Country { texts, codes }
            }
            test => test,
        }
    }

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
            Self::Number { min, max } => within(value.and_then(ValueRef::as_number), *min, *max),
            Self::Amount { min, max } => within(value.and_then(as_amount), *min, *max),
            Self::Country { texts, codes } => value.is_some_and(|v| {
                v.as_texts().any(|text| {
                    texts.iter().any(|glob| glob.matches(text.trim()))
                        || country_code(&text).is_some_and(|code| codes.contains(&code))
                })
            }),
            Self::Bool(expected) => value.and_then(ValueRef::as_bool) == Some(*expected),
        }
    }
}

fn within(number: Option<Number>, min: Option<Number>, max: Option<Number>) -> bool {
    number.is_some_and(|number| {
        min.is_none_or(|least| number >= least) && max.is_none_or(|most| number <= most)
    })
}

/// A value as a number, be it written as people write amounts.
fn as_amount(value: ValueRef<'_>) -> Option<Number> {
    match value {
        ValueRef::Text(text) => amount(text),
        other => other.as_number(),
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
    fn only_the_fields_meant_read_amounts_and_countries() {
        let number = |least| Test::Number {
            min: Number::parse(least),
            max: None,
        };
        let holds = |field: &str, test: Test, text| test.on_field(field).holds(Some(ValueRef::Text(text)));
        assert!(holds("employees", number("50"), "51-200"));
        assert!(!holds("employees", number("52"), "51-200"));
        assert!(!holds("employees", Test::Not(Box::new(number("50"))), "51-200"));
        assert!(!holds("employees", number("1"), "many"));
        assert!(!holds("seats", number("50"), "51-200"));
        let germany = || Test::Text(vec![Glob::new("DE")]);
        for text in ["de", "Germany", " Deutschland ", "DEU"] {
            assert!(holds("country", germany(), text), "{text}");
        }
        assert!(!holds("region", germany(), "Germany"));
        assert!(!holds("country", germany(), "Denmark"));
        assert!(holds("country", Test::Text(vec![Glob::new("Ger*")]), "Germany"));
        assert!(!holds("country", Test::Text(vec![Glob::new("Ger*")]), "DE"));
    }

    #[test]
    fn a_list_passes_by_any_of_its_elements() {
        let technologies = ["HubSpot".to_owned(), "Segment".to_owned()];
        let test = Test::Text(vec![Glob::new("segment")]);
        assert!(test.holds(Some(ValueRef::List(&technologies))));
        assert!(!test.holds(Some(ValueRef::List(&technologies[..1]))));
    }
}
