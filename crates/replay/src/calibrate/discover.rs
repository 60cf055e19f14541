//! Rules that nobody wrote yet: bands of numbers, frequent values, and what was done how lately and how often.
//!
//! What is proposed is looked for without the outcomes, so that finding it leaks none of them: bands by quantiles, values
//! and events by how many leads have them. The outcomes then say what each is worth, and what is worth nothing is dropped.

use std::collections::{BTreeMap, BTreeSet};

use bellwether_core::agreement::{Agreement, FieldType};
use bellwether_core::domain::{Event, EventKind, Number, Timestamp, ValueRef, normalized_name};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{History, HistoryFact};
use bellwether_core::profile::{Profile, amount};

use super::draft::{Counts, Draft, DraftCase, DraftFit, DraftIntent};
use super::numbers::{roundest, share_of};
use super::toml_text::text;

/// The fewest leads that a band, a value or an event must have.
pub(super) const LEADS_MIN: usize = 20;
/// How many leads a band of numbers has, so that its won rate is known to about a tenth.
const BAND_LEADS: usize = 60;
/// The most bands of one number. Many, since those that can't be told apart become one: so the ends are where they matter.
const BANDS_MAX: usize = 50;
/// The part of a band by which its end may be moved to a rounder number.
const BAND_LEEWAY: f64 = 0.5;
/// The most values of one field.
const VALUES_MAX: usize = 40;
/// How many bands and values of all fields together are weighed: weighing takes time by the third power of it.
const CASES_MAX: usize = 1_500;
/// The longest value that a rule is made for, in bytes.
const VALUE_BYTES_MAX: usize = 120;
/// How many different values of a field are counted; a field with more names people and no kinds of them.
const DISTINCT_MAX: usize = 100_000;
/// The most events that rules are made for.
const EVENTS_MAX: usize = 30;
/// Windows, in days, in which events are counted.
const WINDOWS: [i64; 3] = [7, 30, 90];
/// How many matches in a window count.
const MATCHES_MAX: u32 = 3;
/// How often within how many days is often, and for how many days that counts.
const OFTEN: (u32, i64, i64) = (3, 7, 90);
const DAY_MS: i64 = 86_400_000;
/// Fields that say who somebody is, which no rule should go by.
const PERSONAL: [&str; 6] = ["email", "first_name", "last_name", "name", "phone", "domain"];
/// Numbers that people write as ranges and in short.
const AMOUNTS: [&str; 4] = ["age", "employees", "income", "revenue"];

/// What the leads have, counted without their outcomes.
#[derive(Debug, Default)]
pub(super) struct Survey {
    leads: usize,
    fields: BTreeMap<String, FieldSurvey>,
    events: BTreeMap<EventName, EventSurvey>,
}

/// How many leads did something, and how many did it often within a few days.
#[derive(Debug, Clone, Default)]
struct EventSurvey {
    /// The event's name as somebody wrote it; of several ways the first by their letters.
    written: String,
    leads: usize,
    often: usize,
}

#[derive(Debug, Default)]
struct FieldSurvey {
    numbers: Vec<f64>,
    /// By the value without case: how often, and as it was first written.
    values: BTreeMap<String, (usize, String)>,
    known: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum EventName {
    Track(String),
    Page(String),
    Screen(String),
}

impl Survey {
    /// Counts what is known of a lead at an instant.
    pub(super) fn look(&mut self, engine: &Engine, history: &History, t: Timestamp) {
        self.leads += 1;
        let traits = history.fold(engine, t).traits.current();
        let profile = Profile::new(&traits);
        for (name, of) in &engine.agreement().fields.0 {
            if PERSONAL.contains(&name.as_str()) {
                continue;
            }
            let Some(value) = profile.field(name) else {
                continue;
            };
            let field = match self.fields.get_mut(name) {
                Some(field) => field,
                None => self.fields.entry(name.clone()).or_default(),
            };
            field.known += 1;
            match of {
                FieldType::Number => field.numbers.extend(number_of(name, value).map(Number::get)),
                FieldType::Text | FieldType::Bool | FieldType::List => field.look(value, *of),
                FieldType::Time => {}
            }
        }
        let mut done: BTreeMap<EventName, (Vec<i64>, &str)> = BTreeMap::new();
        for fact in &history.facts {
            let HistoryFact::Event(event) = fact else { continue };
            if let Some(name) = event_name(event).filter(|_| event.ts <= t) {
                let (times, written) = done.entry(name).or_insert((Vec::new(), &event.name));
                times.push(event.ts.ms());
                *written = (*written).min(&event.name);
            }
        }
        for (name, (mut times, written)) in done {
            times.sort_unstable();
            let event = self.events.entry(name).or_default();
            if event.leads == 0 || *written < *event.written {
                written.clone_into(&mut event.written);
            }
            event.leads += 1;
            event.often += usize::from(is_often(&times, t));
        }
    }

    /// Rules for what enough leads have. `names` are those that are taken.
    pub(super) fn drafts(mut self, agreement: &Agreement) -> Vec<Draft> {
        let mut taken: BTreeSet<String> = agreement.fit.iter().map(|rule| rule.name.clone()).collect();
        let mut drafts = Vec::new();
        let cases_max = (CASES_MAX / self.fields.len().max(1)).max(2);
        for (name, field) in &mut self.fields {
            let of = agreement.fields.type_of(name);
            let fit = match of {
                Some(FieldType::Number) => {
                    let bands = bands(name, field, self.leads, BANDS_MAX.min(cases_max));
                    bands.into_iter().collect()
                }
                // Each is a rule of its own, and a file holds only so many.
                Some(FieldType::List) => elements(name, field, VALUES_MAX.min(cases_max / 2)),
                _ => {
                    let is_bool = of == Some(FieldType::Bool);
                    let values = values(name, field, self.leads, is_bool, VALUES_MAX.min(cases_max));
                    values.into_iter().collect()
                }
            };
            drafts.extend(fit);
        }
        for draft in &mut drafts {
            if let Draft::Fit(fit) = draft {
                fit.name = free(&fit.name, &mut taken);
            }
        }
        let mut taken: BTreeSet<String> = agreement.intent.iter().map(|rule| rule.name.clone()).collect();
        let mut events: Vec<(&EventName, &EventSurvey)> = self.events.iter().collect();
        events.retain(|(_, event)| event.leads >= LEADS_MIN);
        events.sort_by(|a, b| b.1.leads.cmp(&a.1.leads).then(a.0.cmp(b.0)));
        for (name, event) in events.into_iter().take(EVENTS_MAX) {
            for mut draft in of_event(name, event) {
                draft.name = free(&draft.name, &mut taken);
                drafts.push(Draft::Intent(draft));
            }
        }
        drafts
    }
}

impl FieldSurvey {
    fn look(&mut self, value: ValueRef<'_>, of: FieldType) {
        let mut seen = BTreeSet::new();
        let texts: Vec<String> = match value.as_bool().filter(|_| of == FieldType::Bool) {
            Some(bool) => vec![bool.to_string()],
            None => value.as_texts().map(|text| text.trim().to_owned()).collect(),
        };
        for written in texts {
            let plain = written.to_lowercase();
            if plain.is_empty() || plain.len() > VALUE_BYTES_MAX || !seen.insert(plain.clone()) {
                continue;
            }
            if let Some((count, _)) = self.values.get_mut(&plain) {
                *count += 1;
            } else if self.values.len() < DISTINCT_MAX {
                self.values.insert(plain, (1, written));
            }
        }
    }

    /// Up to so many values that enough leads have, the most frequent first.
    fn frequent(&self, most: usize) -> Vec<&str> {
        let mut values: Vec<(&String, &(usize, String))> = self.values.iter().collect();
        // A star would be any run of characters.
        values.retain(|(plain, (count, _))| *count >= LEADS_MIN && !plain.contains('*'));
        values.sort_by(|a, b| b.1.0.cmp(&a.1.0).then(a.0.cmp(b.0)));
        values
            .into_iter()
            .take(most)
            .map(|(_, (_, written))| written.as_str())
            .collect()
    }
}

fn number_of(field: &str, value: ValueRef<'_>) -> Option<Number> {
    match value {
        ValueRef::Text(text) if AMOUNTS.contains(&field) => amount(text),
        other => other.as_number(),
    }
}

fn event_name(event: &Event) -> Option<EventName> {
    Some(match event.kind {
        EventKind::Track => EventName::Track(normalized_name(&event.name)),
        EventKind::Screen => EventName::Screen(normalized_name(&event.name)),
        EventKind::Page => EventName::Page(
            event
                .path
                .clone()
                .filter(|path| !path.contains('*'))?
                .to_lowercase(),
        ),
    })
}

impl EventName {
    fn pattern(&self) -> String {
        match self {
            Self::Track(name) => text(name),
            Self::Page(path) => format!("{{ page = {} }}", text(path)),
            Self::Screen(name) => format!("{{ screen = {} }}", text(name)),
        }
    }
}

/// Whether the last of sorted times before `t` that still count hold as many within as few days as is often.
fn is_often(times: &[i64], t: Timestamp) -> bool {
    let (often, days, counts_days) = OFTEN;
    let still = |time: &i64| *time > t.ms() - counts_days * DAY_MS;
    let mut runs = times.windows(often as usize);
    runs.any(|run| match run {
        [first, .., last] => last - first <= days * DAY_MS && still(last),
        _ => false,
    })
}

/// Rules for an event: how lately and how often.
fn of_event(name: &EventName, event: &EventSurvey) -> Vec<DraftIntent> {
    let shown = match name {
        EventName::Track(_) | EventName::Screen(_) => &event.written,
        EventName::Page(path) => path,
    };
    let about = match name {
        EventName::Track(_) => format!("the event `{shown}`"),
        EventName::Page(_) => format!("the page `{shown}`"),
        EventName::Screen(_) => format!("the screen `{shown}`"),
    };
    let draft = |named: String, counts, expires_days| DraftIntent {
        name: named,
        about: about.clone(),
        on: name.pattern(),
        counts,
        expires_days,
    };
    let (times, days, counts_days) = OFTEN;
    let mut drafts: Vec<DraftIntent> = WINDOWS
        .into_iter()
        .map(|days| {
            let counts = Counts::Each { max: MATCHES_MAX };
            draft(format!("Found: {shown} within {days} days"), counts, days)
        })
        .collect();
    if event.often >= LEADS_MIN {
        let named = format!("Found: {shown} {times} times within {days} days");
        drafts.push(draft(named, Counts::Often { times, days }, counts_days));
    }
    drafts
}

/// A name that no rule has yet.
fn free(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = name.to_owned();
    let mut copies = 1;
    while !taken.insert(free.clone()) {
        copies += 1;
        free = format!("{name} ({copies})");
    }
    free
}

/// Bands of about the same number of leads each, and what isn't known.
fn bands(name: &str, field: &mut FieldSurvey, leads: usize, most: usize) -> Option<Draft> {
    field.numbers.sort_by(f64::total_cmp);
    let edges = edges(&field.numbers, most);
    let mut cases: Vec<DraftCase> = edges.iter().rev().map(|edge| DraftCase::From(*edge)).collect();
    cases.extend(edges.first().map(|edge| DraftCase::Under(*edge)));
    cases.extend(missing(leads - field.known.min(leads)));
    (cases.len() > 1).then(|| fit(format!("Found: {name} in bands"), name, cases))
}

/// Where about so many bands of sorted numbers at most begin, but for the lowest, in ascending order. A number that by itself fills a band has
/// one.
fn edges(sorted: &[f64], most: usize) -> Vec<f64> {
    let size = sorted.len() / (sorted.len() / BAND_LEADS).clamp(1, most);
    let leeway = share_of(size, BAND_LEEWAY);
    let (mut edges, mut begun, mut under) = (Vec::new(), 0, 0);
    let mut after_full = false;
    for tied in sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        let is_full = tied.len() >= size;
        if under > begun && (under - begun >= size || is_full || after_full) {
            let leeway = if is_full || after_full { 0 } else { leeway };
            let low = sorted.get((under - 1).saturating_sub(leeway));
            let high = sorted.get(under + leeway).or(sorted.last());
            let ends = low.zip(tied.first()).zip(high);
            edges.extend(ends.map(|((low, at), high)| roundest(*low, *at, *high)));
            begun = under;
        }
        (under, after_full) = (under + tied.len(), is_full);
    }
    // What is left between two ends may be too little to go by.
    let (mut kept, mut below) = (Vec::new(), 0);
    for edge in edges {
        let under = sorted.partition_point(|number| *number < edge);
        if under >= below + LEADS_MIN && under + LEADS_MIN <= sorted.len() {
            kept.push(edge);
            below = under;
        }
    }
    kept
}

/// Up to so many frequent values, and what isn't known; nothing where nearly all have the same.
fn values(name: &str, field: &FieldSurvey, leads: usize, is_bool: bool, most: usize) -> Option<Draft> {
    let frequent = field.frequent(most);
    let is_all = |value: &str| {
        field
            .values
            .get(&value.to_lowercase())
            .is_some_and(|(count, _)| count + LEADS_MIN > leads)
    };
    if frequent.first().is_none_or(|value| is_all(value)) {
        return None;
    }
    let cases = frequent.into_iter().map(|value| match value {
        "true" | "false" if is_bool => DraftCase::Bool(value == "true"),
        other => DraftCase::Text(other.to_owned()),
    });
    let mut cases: Vec<DraftCase> = cases.collect();
    cases.extend(missing(leads - field.known.min(leads)));
    Some(fit(format!("Found: {name} by value"), name, cases))
}

/// A rule for each of up to so many elements of a list, of which a lead may have several.
fn elements(name: &str, field: &FieldSurvey, most: usize) -> Vec<Draft> {
    let draft = |value: &str| {
        let case = DraftCase::Text(value.to_owned());
        fit(format!("Found: {name} has {value}"), name, vec![case])
    };
    field.frequent(most).into_iter().map(draft).collect()
}

fn missing(leads: usize) -> Option<DraftCase> {
    (leads >= LEADS_MIN).then_some(DraftCase::Missing)
}

fn fit(name: String, field: &str, cases: Vec<DraftCase>) -> Draft {
    Draft::Fit(DraftFit {
        name,
        field: field.to_owned(),
        cases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::numbers::real;

    #[test]
    fn bands_begin_at_round_numbers_and_a_frequent_number_has_its_own() {
        let spread = |count: usize, by: f64| (0..count).map(move |at| real(at) * by);
        let mut skewed: Vec<f64> = spread(600, 0.37).map(|x| x * x).collect();
        skewed.sort_by(f64::total_cmp);
        let mut visits: Vec<f64> = [0, 1, 2, 3, 4, 5, 9]
            .iter()
            .flat_map(|n: &i32| vec![f64::from(*n); if *n == 0 { 300 } else { 40 }])
            .collect();
        visits.sort_by(f64::total_cmp);
        for (numbers, expected) in [
            (
                spread(600, 1.0).collect(),
                vec![50.0, 100.0, 200.0, 250.0, 300.0, 350.0, 400.0, 500.0, 550.0],
            ),
            (skewed, vec![1e3, 2e3, 5e3, 8e3, 1e4, 2e4, 2.5e4, 3e4, 4e4]),
            (visits, vec![1.0, 3.0, 5.0]),
            (vec![7.0; 500], vec![]),
            (spread(100, 1.0).collect(), vec![]),
            (vec![], vec![]),
        ] {
            assert_eq!(edges(&numbers, BANDS_MAX), expected);
        }
    }
}
