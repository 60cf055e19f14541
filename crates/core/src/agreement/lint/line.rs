//! Lints on the line: whether it can be reached, and by what alone.

use super::Finding;
use super::bounds::{fit_most, gains, intent_most};
use crate::agreement::model::{Agreement, Level, RuleKind};
use crate::agreement::parse::Parsed;
use crate::domain::Points;

/// How many events a path to the line is followed for.
const PATH_EVENTS_MAX: u32 = 10_000;

pub(super) fn findings(parsed: &Parsed) -> Vec<Finding> {
    let agreement = &parsed.agreement;
    let found = [
        unreachable_fit(agreement),
        unreachable_intent(agreement),
        unreachable_score(agreement),
        fit_alone(agreement),
        intent_alone(agreement),
        low_intent_path(agreement),
        no_fit_gate(agreement),
    ];
    let at_line = |(lint, message, help)| Finding {
        lint,
        rules: Vec::new(),
        span: parsed.places.qualify.clone(),
        message,
        help,
    };
    found.into_iter().flatten().map(at_line).collect()
}

type Found = Option<(&'static str, String, String)>;

fn unreachable_fit(agreement: &Agreement) -> Found {
    let line = agreement.qualify.fit?;
    let most = fit_most(agreement);
    unreachable("fit", "the fit rules together give", line, most)
}

fn unreachable_intent(agreement: &Agreement) -> Found {
    let line = agreement.qualify.intent?;
    let most = intent_most(agreement, |_| true)?;
    unreachable("intent", "the intent rules together give", line, most)
}

fn unreachable_score(agreement: &Agreement) -> Found {
    let line = agreement.qualify.score?;
    let most = intent_most(agreement, |_| true)? + fit_most(agreement);
    unreachable("score", "all rules together give", line, most)
}

fn unreachable(key: &str, giving: &str, line: Points, most: Points) -> Found {
    (line > most).then(|| {
        let message = format!(
            "nobody reaches `{key} = {}`: {giving} at most {}",
            line.short(),
            most.short()
        );
        (
            "unreachable-line",
            message,
            format!("lower `{key}` to at most {}, or give more points", most.short()),
        )
    })
}

fn fit_alone(agreement: &Agreement) -> Found {
    let qualify = &agreement.qualify;
    let line = qualify.score?;
    if qualify.intent.is_some_and(Points::is_positive) {
        return None;
    }
    let most = fit_most(agreement);
    (most >= line).then(|| {
        let message = format!(
            "fit alone gives up to {}, which reaches `score = {}`",
            most.short(),
            line.short()
        );
        (
            "fit-alone",
            message,
            "add a line for interest, such as `intent = 20`".to_owned(),
        )
    })
}

fn intent_alone(agreement: &Agreement) -> Found {
    let qualify = &agreement.qualify;
    if qualify.fit.is_some_and(Points::is_positive) || (qualify.score.is_none() && qualify.intent.is_none()) {
        return None;
    }
    let line = qualify.score.into_iter().chain(qualify.intent).max()?;
    let most = intent_most(agreement, |_| true);
    if most.is_some_and(|most| most < line) {
        return None;
    }
    let gives = most.map_or("any number of points".to_owned(), |most| {
        format!("up to {}", most.short())
    });
    let message = format!(
        "intent alone gives {gives}, which reaches the line at {}",
        line.short()
    );
    Some((
        "intent-alone",
        message,
        "add a line for fit, such as `fit = 10`".to_owned(),
    ))
}

fn low_intent_path(agreement: &Agreement) -> Found {
    let qualify = &agreement.qualify;
    if qualify.score.is_none() && qualify.intent.is_none() {
        return None;
    }
    let best_fit = fit_most(agreement);
    if qualify.fit.is_some_and(|line| line > best_fit) {
        return None;
    }
    let by_score = qualify.score.map(|line| line - best_fit);
    let needed = by_score.into_iter().chain(qualify.intent).max()?;
    if !needed.is_positive() {
        return None;
    }
    let events = fewest_events(agreement, needed)?;
    let message = format!(
        "a lead of the best fit ({}) gets over the line by low-level rules alone: {events} events are enough",
        best_fit.short()
    );
    Some((
        "low-intent-path",
        message,
        "put the low-level rules in a `[[group]]` whose `max` stays below the line".to_owned(),
    ))
}

/// How many events of low-level rules, each at its full points, are enough to give `needed`: always the next match that
/// gives the most an event. `None` where no number is.
fn fewest_events(agreement: &Agreement, needed: Points) -> Option<u32> {
    let mut room: Vec<Points> = agreement.groups.iter().map(|group| group.max).collect();
    let mut ladders: Vec<Ladder> = agreement.intent.iter().filter_map(Ladder::of_low_rule).collect();
    let (mut sum, mut events) = (Points::ZERO, 0_u32);
    while sum < needed && events < PATH_EVENTS_MAX {
        let worth = |ladder: &Ladder| ladder.next(&room).millis() / i64::from(ladder.events);
        let best = ladders.iter_mut().max_by_key(|ladder| worth(ladder))?;
        let gain = best.next(&room);
        if !gain.is_positive() {
            return None;
        }
        if let Some(left) = best.group.and_then(|at| room.get_mut(at)) {
            *left = *left - gain;
        }
        best.climbed += 1;
        events = events.saturating_add(best.events);
        sum = sum + gain;
    }
    (sum >= needed).then_some(events)
}

/// What a rule's matches give, one after the other.
struct Ladder {
    gains: Option<Vec<Points>>,
    each: Points,
    climbed: usize,
    events: u32,
    group: Option<usize>,
}

impl Ladder {
    fn of_low_rule(rule: &crate::agreement::IntentRule) -> Option<Self> {
        let RuleKind::Matches(matches) = &rule.kind else {
            return None;
        };
        (rule.level == Some(Level::Low)).then(|| Self {
            gains: gains(matches),
            each: matches.points.first().copied().unwrap_or_default(),
            climbed: 0,
            events: matches.count.map_or(1, |count| count.events),
            group: rule.group,
        })
    }

    fn next(&self, room: &[Points]) -> Points {
        let gain = self.gains.as_ref().map_or(self.each, |gains| {
            gains.get(self.climbed).copied().unwrap_or_default()
        });
        self.group
            .and_then(|at| room.get(at))
            .map_or(gain, |left| gain.min(*left))
            .positive()
    }
}

fn no_fit_gate(agreement: &Agreement) -> Found {
    let gate = agreement.qualify.fit.is_some();
    (!gate).then(|| {
        let message =
            "`[qualify]` draws no line for fit, so that activity makes up for a poor one".to_owned();
        (
            "no-fit-gate",
            message,
            "add a line for fit, such as `fit = 10`".to_owned(),
        )
    })
}
