//! The shortest ways to qualify from here: what the lead could do, or one could learn about it, each tried on the engine
//! itself. The search is bounded: the most promising single steps, and sets of at most three of them.

use std::fmt;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::history::{Folded, History, HistoryFact};
use super::ledger::Totals;
use super::samples::{event_that_meets, track, traits_that_meet};
use super::shown_value;
use super::standing::{exclusion, standing};
use super::words::{minute, plain};
use crate::agreement::{FitRule, IntentRule, RuleKind};
use crate::domain::{Event, EventKind, Points, Timestamp, TraitSource, Traits, Value, ValueRef};
use crate::engine::{Engine, Fact, Score, apply};
use crate::profile::Profile;

/// The most steps of one way.
pub(super) const STEPS_MAX: usize = 3;
/// The most ways that are given.
pub(super) const WAYS_MAX: usize = 20;
/// The most single steps that are tried alone.
pub(super) const STEPS_TRIED_MAX: usize = 2_000;
/// The most promising ones, of which sets are tried: with three of them, 2,324 sets.
pub(super) const STEPS_COMBINED_MAX: usize = 24;
/// How many times one step may repeat an event whose rule doesn't count to more.
const TIMES_MAX: u32 = 3;
/// How many times one step may repeat an event whose rule counts up to a match.
const COUNT_MAX: u32 = 10;

/// The shortest ways to qualify, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ways {
    /// Fewest steps first; then those that contradict nothing that is known, fewest events, most points, by name.
    pub ways: Vec<Way>,
    /// Why none was found.
    pub none_because: Option<String>,
}

/// Steps that together make the lead qualify at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// What would have to happen.
    pub steps: Vec<Step>,
    /// What the lead would be worth.
    pub score: Totals,
    /// The facts that were tried.
    #[serde(skip)]
    facts: Vec<HistoryFact>,
}

/// One thing that could happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// The lead does something.
    Event {
        /// The rule that it is for; `None` where it only makes a hand-raiser.
        rule: Option<String>,
        /// The event's name, or the page's path.
        event: String,
        /// How many times.
        times: u32,
        /// Whether it makes a hand-raiser, who qualifies at once.
        fast: bool,
    },
    /// Something is learned about it.
    Trait {
        /// The rule that it is for.
        rule: String,
        /// What is learned.
        traits: Vec<Learned>,
    },
    /// It becomes somebody whom one could reach.
    BecomeKnown,
}

/// A trait's value that would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Learned {
    /// The field.
    pub field: String,
    /// The value.
    pub value: Value,
    /// What is known now and would have to change.
    pub instead_of: Option<Value>,
}

impl Way {
    /// The facts that make it so, all at the instant that was asked about.
    pub fn facts(&self) -> &[HistoryFact] {
        &self.facts
    }

    fn contradicts(&self) -> usize {
        let contradicts = |step: &&Step| match step {
            Step::Trait { traits, .. } => traits.iter().any(|learned| learned.instead_of.is_some()),
            Step::Event { .. } | Step::BecomeKnown => false,
        };
        self.steps.iter().filter(contradicts).count()
    }

    fn names(&self) -> Vec<String> {
        self.steps.iter().map(ToString::to_string).collect()
    }
}

/// A step that could be taken, with its facts and what it alone would change.
struct Candidate {
    /// What it is about: no two steps of a way are about the same.
    about: About,
    times: u32,
    step: Step,
    facts: Vec<HistoryFact>,
    taken: Vec<Fact>,
    /// Whether it can do more than add points.
    opens: bool,
    gain: Points,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Known,
    /// The fit rule of this index.
    Fit(usize),
    /// The event of this index among the different ones that are tried.
    Event(usize),
}

/// Up to `limit` of the shortest ways to qualify at `t`.
pub fn ways(engine: &Engine, history: &History, t: Timestamp, limit: usize) -> Ways {
    let mut folded = history.fold(engine, t);
    let score = engine.score(&folded.state, t);
    let now = standing(engine, &mut folded, score, t);
    let none = |reason: String| Ways {
        ways: Vec::new(),
        none_because: Some(reason),
    };
    if let Some(qualified) = now.qualified {
        return none(format!("it qualified already, on {}", minute(qualified.at)));
    }
    let candidates = promising(engine, &folded, score, t);
    let limit = limit.clamp(1, WAYS_MAX);
    let mut found: Vec<(Vec<usize>, Way)> = Vec::new();
    for size in 1..=STEPS_MAX {
        let mut longer = sets_of(engine, &folded, t, &candidates, size, &found);
        longer.sort_by_cached_key(|(_, way)| {
            let times = way.facts.len();
            (way.contradicts(), times, -way.score.score, way.names())
        });
        found.extend(longer);
        if found.len() >= limit {
            break;
        }
    }
    if found.is_empty() {
        let reasons = match exclusion(engine, &folded) {
            Some(name) => format!("it is excluded by `{name}`"),
            None => now.held_back.join("; "),
        };
        return none(format!(
            "no set of up to {STEPS_MAX} further steps is enough: {reasons}"
        ));
    }
    Ways {
        ways: found.into_iter().take(limit).map(|(_, way)| way).collect(),
        none_because: None,
    }
}

/// Every set of `size` steps that makes the lead qualify and needs each of them.
fn sets_of(
    engine: &Engine,
    folded: &Folded<'_>,
    t: Timestamp,
    candidates: &[Candidate],
    size: usize,
    shorter: &[(Vec<usize>, Way)],
) -> Vec<(Vec<usize>, Way)> {
    let mut found: Vec<(Vec<usize>, Way)> = Vec::new();
    for set in subsets(candidates.len(), size) {
        let steps: Vec<&Candidate> = set.iter().filter_map(|index| candidates.get(*index)).collect();
        let is_about_one_thing_twice = steps.iter().enumerate().any(|(at, step)| {
            steps
                .iter()
                .skip(at.saturating_add(1))
                .any(|other| step.about == other.about)
        });
        let known = shorter.iter().chain(&found);
        let mut known = known.map(|(other, _)| other);
        if is_about_one_thing_twice || known.any(|other| includes(candidates, &steps, other)) {
            continue;
        }
        if let Some(score) = try_steps(engine, folded, t, &steps) {
            let way = Way {
                steps: steps.iter().map(|step| step.step.clone()).collect(),
                score: Totals {
                    fit: score.fit,
                    intent: score.intent,
                    score: score.total(),
                },
                facts: steps.iter().flat_map(|step| step.facts.iter().cloned()).collect(),
            };
            found.push((set, way));
        }
    }
    found
}

/// Whether the steps hold all of a way that is known already.
fn includes(candidates: &[Candidate], steps: &[&Candidate], way: &[usize]) -> bool {
    let holds = |step: &Candidate, needed: &Candidate| match needed.about {
        About::Event(_) => step.about == needed.about && step.times >= needed.times,
        About::Known | About::Fit(_) => step.facts == needed.facts,
    };
    let mut needed = way.iter().filter_map(|index| candidates.get(*index));
    needed.all(|needed| steps.iter().any(|step| holds(step, needed)))
}

/// The score with which the lead qualifies at `t` after these steps.
fn try_steps(engine: &Engine, folded: &Folded<'_>, t: Timestamp, steps: &[&Candidate]) -> Option<Score> {
    let (mut state, mut traits) = (folded.state.clone(), folded.traits.clone());
    for fact in steps.iter().flat_map(|step| &step.taken) {
        apply(engine, &mut state, &mut traits, t, fact);
    }
    let qualification = state.qualification(engine)?;
    (qualification.at == t).then_some(qualification.score)
}

/// All sets of `size` of the first `count` numbers, in order; `size` is small.
fn subsets(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = sets.iter().flat_map(|set| {
            let from = set.last().map_or(0, |last| last.saturating_add(1));
            (from..count).map(|next| set.iter().copied().chain([next]).collect::<Vec<_>>())
        });
        sets = longer.collect();
    }
    sets
}

/// The single steps that change the most, each tried alone.
fn promising(engine: &Engine, folded: &Folded<'_>, before: Score, t: Timestamp) -> Vec<Candidate> {
    let agreement = engine.agreement();
    let traits = folded.traits.current();
    let profile = Profile::new(&traits);
    let mut candidates: Vec<Candidate> = Vec::new();
    if folded.state.known_from().is_none_or(|known| t < known) {
        let facts = vec![HistoryFact::Known(t)];
        candidates.extend(candidate(engine, About::Known, Step::BecomeKnown, facts));
    }
    for (index, rule) in agreement.fit.iter().enumerate() {
        candidates.extend(trait_steps(engine, index, rule, &profile, t));
    }
    candidates.extend(event_steps(engine, folded, t));
    candidates.truncate(STEPS_TRIED_MAX);
    for candidate in &mut candidates {
        let (mut state, mut traits) = (folded.state.clone(), folded.traits.clone());
        for fact in &candidate.taken {
            apply(engine, &mut state, &mut traits, t, fact);
        }
        let after = engine.score(&state, t);
        candidate.gain = (after.fit - before.fit)
            .max(after.intent - before.intent)
            .max(after.total() - before.total());
        candidate.opens |=
            folded.state.fit().disqualified_by.is_some() && state.fit().disqualified_by.is_none();
    }
    candidates.retain(|candidate| candidate.opens || candidate.gain.is_positive());
    candidates.sort_by(|a, b| {
        b.opens
            .cmp(&a.opens)
            .then_with(|| b.gain.cmp(&a.gain))
            .then(a.times.cmp(&b.times))
    });
    candidates.truncate(STEPS_COMBINED_MAX);
    candidates
}

fn candidate(engine: &Engine, about: About, step: Step, facts: Vec<HistoryFact>) -> Option<Candidate> {
    let (times, fast) = match &step {
        Step::Event { times, fast, .. } => (*times, *fast),
        Step::Trait { .. } => (1, false),
        Step::BecomeKnown => (1, true),
    };
    let taken = facts.iter().map(|fact| fact.to_fact(engine)).collect();
    (!facts.is_empty()).then_some(Candidate {
        about,
        times,
        step,
        facts,
        taken,
        opens: fast,
        gain: Points::ZERO,
    })
}

fn event_step(
    engine: &Engine,
    about: About,
    rule: Option<&IntentRule>,
    event: &Event,
    times: u32,
) -> Option<Candidate> {
    let shown = match (event.kind, &event.path) {
        (EventKind::Page, Some(path)) => path.clone(),
        _ => event.name.clone(),
    };
    let fast = engine.classify(&event.view()).fast;
    let step = Step::Event {
        rule: rule.map(|rule| rule.name.clone()),
        event: shown,
        times,
        fast,
    };
    let facts = (0..times).map(|_| HistoryFact::Event(event.clone())).collect();
    candidate(engine, about, step, facts)
}

/// What the lead could do: each rule's event, and those that make a hand-raiser. Rules that ask for the same event share
/// its steps.
fn event_steps(engine: &Engine, folded: &Folded<'_>, t: Timestamp) -> Vec<Candidate> {
    let agreement = engine.agreement();
    let mut events: Vec<Event> = Vec::new();
    let mut steps: Vec<Candidate> = Vec::new();
    let rules = agreement.intent.iter().enumerate();
    let by_rules = rules.filter_map(|(index, rule)| {
        let times = times_worth_trying(engine, folded, index, rule, t);
        Some((Some(rule), event_that_meets(rule.pattern()?, t)?, times))
    });
    let by_hand = agreement
        .qualify
        .fast
        .iter()
        .map(|name| (None, track(name, t), 1..=1));
    for (rule, event, times) in by_rules.chain(by_hand) {
        let at = events
            .iter()
            .position(|known| *known == event)
            .unwrap_or_else(|| {
                events.push(event.clone());
                events.len().saturating_sub(1)
            });
        let about = About::Event(at);
        for times in times {
            if !steps
                .iter()
                .any(|step| step.about == about && step.times == times)
            {
                steps.extend(event_step(engine, about, rule, &event, times));
            }
        }
    }
    steps
}

/// Once, twice and so on, or as often as makes a match.
fn times_worth_trying(
    engine: &Engine,
    folded: &Folded<'_>,
    index: usize,
    rule: &IntentRule,
    t: Timestamp,
) -> RangeInclusive<u32> {
    let RuleKind::Matches(matches) = &rule.kind else {
        return 1..=1;
    };
    match matches.count {
        Some(count) => {
            let waiting = u32::try_from(folded.state.waiting_at(engine, index, t)).unwrap_or(u32::MAX);
            let missing = count.events.saturating_sub(waiting).max(1);
            missing..=missing.min(COUNT_MAX)
        }
        None if matches.once_per.is_some() => 1..=1,
        None => 1..=matches.max.unwrap_or(TIMES_MAX).clamp(1, TIMES_MAX),
    }
}

/// For each case of a fit rule that would give more than now, what one would have to learn.
fn trait_steps(
    engine: &Engine,
    index: usize,
    rule: &FitRule,
    profile: &Profile<'_>,
    t: Timestamp,
) -> Vec<Candidate> {
    let now = rule
        .cases
        .iter()
        .find(|case| case.when.holds(&|field| profile.field(field)));
    let now = now.map_or(Points::ZERO, |case| case.points);
    let better = rule.cases.iter().filter(|case| case.points > now);
    let steps = better.filter_map(|case| {
        let learned = traits_that_meet(&case.when)?;
        let mut after = profile.traits().clone();
        after.extend(learned.iter().map(|(name, value)| (name.clone(), value.clone())));
        let after = Profile::new(&after);
        if learned.is_empty() || !case.when.holds(&|field| after.field(field)) {
            return None;
        }
        let traits = learned_traits(&learned, profile);
        let step = Step::Trait {
            rule: rule.name.clone(),
            traits,
        };
        candidate(
            engine,
            About::Fit(index),
            step,
            vec![HistoryFact::Traits(t, TraitSource::Stated, learned)],
        )
    });
    steps.collect()
}

fn learned_traits(learned: &Traits, profile: &Profile<'_>) -> Vec<Learned> {
    let learned = learned.iter().map(|(field, value)| {
        let present = profile
            .field(field)
            .filter(|value| !matches!(value, ValueRef::Text("unknown" | "none")));
        let instead_of = present.map(ValueRef::to_value).filter(|present| present != value);
        Learned {
            field: field.clone(),
            value: value.clone(),
            instead_of,
        }
    });
    learned.collect()
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { event, times: 1, .. } => write!(f, "`{}`", plain(event)),
            Self::Event { event, times, .. } => write!(f, "`{}` {times} times", plain(event)),
            Self::BecomeKnown => f.write_str("becoming known by an email, phone or external id"),
            Self::Trait { traits, .. } => {
                let learned: Vec<String> = traits.iter().map(ToString::to_string).collect();
                f.write_str(&learned.join(" and "))
            }
        }
    }
}

impl fmt::Display for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.field, shown_value(Some(&self.value)))?;
        match &self.instead_of {
            Some(present) => write!(f, " (now {})", shown_value(Some(present))),
            None => Ok(()),
        }
    }
}
