//! How much of what fit asks is known. A condition on a field that isn't known is neither true nor false: what it may come
//! to once the field is known is left open, and says how much fit may yet go up or down.

use serde::Serialize;

use super::words::plain;
use super::{Outcome, wire};
use crate::agreement::{AMOUNT_FIELDS, Agreement, Condition, FieldType, FitRule};
use crate::domain::{Points, Value, ValueRef};
use crate::profile::{Profile, amount};

/// Words that a field is derived as where nothing tells it.
const UNKNOWN_WORDS: [(&str, &str); 3] = [
    ("seniority", "unknown"),
    ("department", "unknown"),
    ("email_kind", "none"),
];

/// How much of what the fit rules and exclusions ask is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The fields that they read.
    pub asked: usize,
    /// How many of those are known.
    pub known: usize,
    /// The others, sorted by name.
    pub unknown: Vec<UnknownField>,
    /// The most that fit can gain by what is unknown.
    #[serde(serialize_with = "wire::points")]
    pub could_add: Points,
    /// The most that fit can lose by it, as points of zero or more.
    #[serde(serialize_with = "wire::points")]
    pub could_take: Points,
    /// The exclusions that may yet hold.
    pub could_exclude: Vec<String>,
}

/// A field that isn't known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownField {
    /// Its name.
    pub field: String,
    /// What stands there and can't be read as what the field holds; nothing where nothing does.
    pub unreadable: Option<Value>,
}

impl Coverage {
    /// In one line, as it is shown: `2 of 4 fields known; unknown: employees, title; open: up to 15 more or 5 less`.
    pub fn in_words(&self) -> String {
        let mut words = format!("{} of {} fields known", self.known, self.asked);
        if !self.unknown.is_empty() {
            let named: Vec<String> = self.unknown.iter().map(UnknownField::in_words).collect();
            words = format!("{words}; unknown: {}", named.join(", "));
        }
        let open = match (self.could_add.is_positive(), self.could_take.is_positive()) {
            (true, true) => format!(
                "; open: up to {} more or {} less",
                self.could_add.short(),
                self.could_take.short()
            ),
            (true, false) => format!("; open: up to {} more", self.could_add.short()),
            (false, true) => format!("; open: up to {} less", self.could_take.short()),
            (false, false) => String::new(),
        };
        words.push_str(&open);
        words
    }

    /// The share that is known, in whole percent; all of nothing is known.
    pub fn percent(&self) -> usize {
        self.known
            .saturating_mul(100)
            .checked_div(self.asked)
            .unwrap_or(100)
    }
}

impl UnknownField {
    fn in_words(&self) -> String {
        match &self.unreadable {
            Some(value) => format!("{} (`{}` can't be read)", self.field, plain(&value.to_string())),
            None => self.field.clone(),
        }
    }
}

/// How much is known of what the agreement asks of this lead.
pub fn coverage(agreement: &Agreement, profile: &Profile<'_>) -> Coverage {
    let fields = agreement.scored_fields();
    let unknown: Vec<UnknownField> = fields
        .iter()
        .filter(|field| !is_known(agreement, profile, field))
        .map(|field| UnknownField {
            field: (*field).to_owned(),
            unreadable: stated(profile, field).map(ValueRef::to_value),
        })
        .collect();
    let mut coverage = Coverage {
        asked: fields.len(),
        known: fields.len().saturating_sub(unknown.len()),
        unknown,
        ..Coverage::default()
    };
    if coverage.unknown.is_empty() {
        return coverage;
    }
    for rule in &agreement.fit {
        let open = Open::of(agreement, profile, rule);
        coverage.could_add = coverage.could_add + (open.most - open.now);
        coverage.could_take = coverage.could_take + (open.now - open.least);
    }
    let open = agreement
        .disqualify
        .iter()
        .filter(|exclusion| holds(agreement, profile, &exclusion.when).is_none());
    coverage.could_exclude = open.map(|exclusion| exclusion.name.clone()).collect();
    coverage
}

/// Whether a rule holds, doesn't, or can't be told to.
pub(super) fn outcome(agreement: &Agreement, profile: &Profile<'_>, rule: &FitRule) -> Outcome {
    let when = |case: &crate::agreement::Case| case.when.holds(&|field| profile.field(field));
    if rule.cases.iter().any(when) {
        return Outcome::Holds;
    }
    let open = |case: &crate::agreement::Case| holds(agreement, profile, &case.when).is_none();
    if rule.cases.iter().any(open) {
        Outcome::Unknown
    } else {
        Outcome::No
    }
}

/// What a rule gives now, and the least and most that it may once all is known.
struct Open {
    now: Points,
    least: Points,
    most: Points,
}

impl Open {
    fn of(agreement: &Agreement, profile: &Profile<'_>, rule: &FitRule) -> Self {
        let lookup = |field: &str| profile.field(field);
        let held = rule.cases.iter().find(|case| case.when.holds(&lookup));
        let now = held.map_or(Points::ZERO, |case| case.points);
        let mut possible = vec![now];
        let mut surely = false;
        // The first case that holds counts, so what comes after one that surely does is out of reach.
        for case in &rule.cases {
            match holds(agreement, profile, &case.when) {
                Some(false) => {}
                Some(true) => {
                    possible.push(case.points);
                    surely = true;
                    break;
                }
                None => possible.push(case.points),
            }
        }
        if !surely {
            possible.push(Points::ZERO);
        }
        Self {
            now,
            least: possible.iter().copied().min().unwrap_or(now),
            most: possible.iter().copied().max().unwrap_or(now),
        }
    }
}

/// Whether a condition holds; `None` where that hangs on what isn't known.
fn holds(agreement: &Agreement, profile: &Profile<'_>, condition: &Condition) -> Option<bool> {
    match condition {
        Condition::All(all) => {
            let each = all.iter().map(|one| holds(agreement, profile, one));
            every(each)
        }
        Condition::Any(any) => {
            let each = any.iter().map(|one| holds(agreement, profile, one).map(|it| !it));
            every(each).map(|none| !none)
        }
        Condition::Not(one) => holds(agreement, profile, one).map(|it| !it),
        Condition::Field { field, test } => {
            is_known(agreement, profile, field).then(|| test.holds(stated(profile, field)))
        }
    }
}

/// Whether all hold: one that doesn't settles it, and otherwise one that isn't known leaves it open.
fn every(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for one in each {
        match one {
            Some(true) => {}
            Some(false) => return Some(false),
            None => all = None,
        }
    }
    all
}

fn stated<'p>(profile: &'p Profile<'_>, field: &str) -> Option<ValueRef<'p>> {
    profile.field(field).filter(|value| {
        let says_unknown = UNKNOWN_WORDS
            .iter()
            .any(|(name, word)| *name == field && *value == ValueRef::Text(word));
        !value.is_empty() && !says_unknown
    })
}

/// Whether there is a value that can be read as what the field holds.
fn is_known(agreement: &Agreement, profile: &Profile<'_>, field: &str) -> bool {
    let Some(value) = stated(profile, field) else {
        return false;
    };
    match (agreement.fields.type_of(field), value) {
        (Some(FieldType::Number), ValueRef::Text(text)) if AMOUNT_FIELDS.contains(&field) => {
            amount(text).is_some()
        }
        (Some(FieldType::Number), value) => value.as_number().is_some(),
        (Some(FieldType::Bool), value) => value.as_bool().is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Traits;

    const AGREEMENT: &str = r#"
[agreement]
name = "Test"

[[fit]]
name  = "Size"
cases = [
  { when = { employees = { min = 1000 } }, points = 20 },
  { when = { employees = { min = 50 } }, points = 10 },
]

[[fit]]
name   = "Seniority"
when   = { seniority = ["vp", "director"] }
points = 15

[[fit]]
name   = "Personal mailbox"
when   = { email_kind = "free" }
points = -5

[[fit]]
name   = "No phone"
when   = { phone = { exists = false } }
points = -2

[[disqualify]]
name = "Competitor"
when = { domain = "rival.example" }

[qualify]
score = 10
"#;

    fn covered(traits: &[(&str, &str)]) -> Coverage {
        let agreement = Agreement::parse(AGREEMENT).expect("an agreement");
        let traits: Traits = traits
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
            .collect();
        coverage(&agreement, &Profile::new(&traits))
    }

    fn unknown(coverage: &Coverage) -> Vec<&str> {
        coverage
            .unknown
            .iter()
            .map(|unknown| unknown.field.as_str())
            .collect()
    }

    #[test]
    fn of_nobody_nothing_is_known_and_everything_open() {
        let nobody = covered(&[]);
        assert_eq!((nobody.asked, nobody.known, nobody.percent()), (5, 0, 0));
        assert_eq!(
            unknown(&nobody),
            ["domain", "email_kind", "employees", "phone", "seniority"]
        );
        // The two points for a missing phone are taken already, and may come back.
        assert_eq!(
            (nobody.could_add, nobody.could_take),
            (Points::whole(37), Points::whole(5))
        );
        assert_eq!(nobody.could_exclude, ["Competitor"]);
    }

    #[test]
    fn what_is_known_closes_what_hangs_on_it() {
        let ana = covered(&[
            ("email", "ana@acme.example"),
            ("title", "VP Sales"),
            ("employees", "51-200"),
            ("phone", "1"),
        ]);
        assert_eq!((ana.known, ana.percent()), (5, 100));
        assert_eq!((ana.could_add, ana.could_take), (Points::ZERO, Points::ZERO));
        assert!(ana.could_exclude.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_not_known_and_is_shown() {
        let ana = covered(&[
            ("email", "ana@gmail.com"),
            ("employees", "many"),
            ("title", "Wizard"),
        ]);
        assert_eq!(unknown(&ana), ["employees", "phone", "seniority"]);
        let employees = ana.unknown.first().expect("employees");
        assert_eq!(employees.unreadable, Some(Value::from("many")));
        assert_eq!((ana.could_add, ana.could_take), (Points::whole(37), Points::ZERO));
    }
}
