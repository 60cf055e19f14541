//! How much of what fit asks is known. A condition on a field that isn't known is neither true nor false: what it may come
//! to once the field is known is left open, and says how much fit may yet go up or down.

use serde::Serialize;

use super::words::plain;
use super::{Outcome, wire};
use crate::agreement::{AMOUNT_FIELDS, Agreement, Condition, FieldType, FitRule, Test};
use crate::domain::{Points, Traits, Value, ValueRef};
use crate::engine::{Engine, Fit};
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

/// What fit and exclusions come to, and what they may come to once all is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FitBounds {
    /// What they come to.
    pub now: Fit,
    /// The worst that they may come to: the least points, and every exclusion that isn't ruled out.
    pub least: Fit,
    /// The best: the most points, and only the exclusions that hold for sure.
    pub most: Fit,
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
        .filter(|field| !is_known(agreement, field, profile.field(field)))
        .map(|field| UnknownField {
            field: (*field).to_owned(),
            unreadable: stated(field, profile.field(field)).map(ValueRef::to_value),
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

/// The fit of these traits, and what it may come to once all is known.
pub fn fit_bounds(engine: &Engine, traits: &Traits) -> FitBounds {
    let (agreement, profile, now) = (engine.agreement(), Profile::new(traits), engine.fit(traits));
    let (mut least, mut most) = (now.points, now.points);
    for rule in &agreement.fit {
        let open = Open::of(agreement, &profile, rule);
        least = least - (open.now - open.least);
        most = most + (open.most - open.now);
    }
    let first = |excludes: fn(Option<bool>) -> bool| {
        let mut exclusions = agreement.disqualify.iter();
        exclusions.position(|exclusion| excludes(holds(agreement, &profile, &exclusion.when)))
    };
    FitBounds {
        now,
        least: Fit {
            points: least,
            disqualified_by: first(|holds| holds != Some(false)),
        },
        most: Fit {
            points: most,
            disqualified_by: first(|holds| holds == Some(true)),
        },
    }
}

/// All that fit rules, exclusions and what is said of unknown fields ask of one field's value. Leads whose fields answer
/// alike have the same fit and the same bounds of it.
pub fn answers(agreement: &Agreement, field: &str, value: Option<ValueRef<'_>>) -> Vec<bool> {
    let value = value.filter(|value| !value.is_empty());
    let mut answers = vec![is_known(agreement, field, value)];
    let cases = agreement
        .fit
        .iter()
        .flat_map(|rule| &rule.cases)
        .map(|case| &case.when);
    let exclusions = agreement.disqualify.iter().map(|exclusion| &exclusion.when);
    for condition in cases.chain(exclusions) {
        condition.visit_tests(&mut |of, test: &Test| {
            if of == field {
                answers.push(test.holds(value));
            }
        });
    }
    answers
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
            let value = profile.field(field);
            is_known(agreement, field, value).then(|| test.holds(stated(field, value)))
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

fn stated<'v>(field: &str, value: Option<ValueRef<'v>>) -> Option<ValueRef<'v>> {
    value.filter(|value| {
        let says_unknown = UNKNOWN_WORDS
            .iter()
            .any(|(name, word)| *name == field && *value == ValueRef::Text(word));
        !value.is_empty() && !says_unknown
    })
}

/// Whether there is a value that can be read as what the field holds.
fn is_known(agreement: &Agreement, field: &str, value: Option<ValueRef<'_>>) -> bool {
    let Some(value) = stated(field, value) else {
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
    fn bounds_hold_what_is_open_both_ways() {
        let engine = Engine::new(std::sync::Arc::new(
            Agreement::parse(AGREEMENT).expect("an agreement"),
        ));
        let bounds = |traits: &[(&str, &str)]| {
            let traits: Traits = traits
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
                .collect();
            let bounds = fit_bounds(&engine, &traits);
            [bounds.least, bounds.now, bounds.most].map(|fit| (fit.points, fit.disqualified_by))
        };
        let points = Points::whole;
        let nobody = [(points(-7), Some(0)), (points(-2), None), (points(35), None)];
        assert_eq!(bounds(&[]), nobody);
        let rival = bounds(&[
            ("email", "ana@rival.example"),
            ("title", "VP"),
            ("employees", "60"),
            ("phone", "1"),
        ]);
        assert_eq!(rival, [(points(25), Some(0)); 3]);
    }

    #[test]
    fn values_that_answer_alike_cannot_be_told_apart() {
        let agreement = Agreement::parse(AGREEMENT).expect("an agreement");
        let of = |field: &str, text: &str| answers(&agreement, field, Some(ValueRef::Text(text)));
        assert_eq!(of("employees", "60"), of("employees", "51-200"));
        assert_ne!(of("employees", "60"), of("employees", "1000"));
        assert_ne!(of("employees", "60"), of("employees", "many"));
        assert_eq!(of("seniority", "unknown").first(), Some(&false));
        assert_eq!(answers(&agreement, "city", None), [false]);
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
