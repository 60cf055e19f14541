//! The ledger's lines on what a lead does: each match that gives points, and what the groups' caps take away.

use super::history::Folded;
use super::ledger::{Counted, CutLine, Earlier, IntentLine, MatchLine, NotCounted, QuietLine, Waiting};
use crate::agreement::{IntentRule, RuleKind};
use crate::domain::{Event, EventKind, Points, Properties, Property, Timestamp};
use crate::engine::{Engine, decay_in_words};

/// The most matches of one rule that are listed; what the older ones give is given as one sum.
pub(super) const MATCHES_LISTED_MAX: usize = 200;

/// One line a rule, in the agreement's order.
pub(super) fn lines(engine: &Engine, folded: &Folded<'_>, t: Timestamp) -> Vec<IntentLine> {
    let matches = engine.matches_of(&folded.signatures);
    let given = folded.state.points_by_rule(engine, t);
    let rules = engine.agreement().intent.iter().enumerate().zip(&matches);
    rules
        .map(|((index, rule), matches)| {
            let counted = match &rule.kind {
                RuleKind::Matches(_) => counted_matches(engine, folded, index, rule, matches, t),
                RuleKind::Quiet(quiet) => quiet_line(engine, folded, &given, index, quiet.points, t),
            };
            line(engine, rule, counted)
        })
        .collect()
}

/// What the caps take away.
pub(super) fn cuts(engine: &Engine, lines: &[IntentLine]) -> Vec<CutLine> {
    let rules = &engine.agreement().intent;
    let groups = engine.agreement().groups.iter().enumerate();
    let cuts = groups.map(|(index, group)| {
        let members = rules
            .iter()
            .zip(lines)
            .filter(|(rule, _)| rule.group == Some(index));
        let before: Points = members.map(|(_, line)| line.points.positive()).sum();
        CutLine {
            group: group.name.clone(),
            max: group.max,
            before,
            points: before.min(group.max) - before,
        }
    });
    cuts.filter(|cut| cut.points != Points::ZERO).collect()
}

fn line(engine: &Engine, rule: &IntentRule, (points, counted): (Points, Counted)) -> IntentLine {
    let group = rule.group.and_then(|index| engine.agreement().groups.get(index));
    IntentLine {
        rule: rule.name.clone(),
        level: rule.level,
        group: group.map(|group| group.name.clone()),
        points,
        decay: match &rule.kind {
            RuleKind::Matches(matches) => decay_in_words(matches.decay, matches.expires_days),
            RuleKind::Quiet(_) => None,
        },
        counted,
    }
}

fn counted_matches(
    engine: &Engine,
    folded: &Folded<'_>,
    index: usize,
    rule: &IntentRule,
    matches: &[usize],
    t: Timestamp,
) -> (Points, Counted) {
    let mut listed = Vec::new();
    let mut earlier = Earlier {
        matches: 0,
        points: Points::ZERO,
    };
    let mut not_counted = NotCounted::default();
    let mut sum = Points::ZERO;
    let events = matches.iter().rev().filter_map(|at| folded.events.get(*at));
    for (newer, event) in events.enumerate() {
        let age_days = t.day().since(event.ts.day());
        let Some(worth) = engine.worth(index, newer, age_days) else {
            not_counted.over_max = not_counted.over_max.saturating_add(1);
            continue;
        };
        sum = sum + worth.points;
        if worth.points == Points::ZERO {
            not_counted.faded = not_counted.faded.saturating_add(1);
        } else if listed.len() < MATCHES_LISTED_MAX {
            listed.push(MatchLine {
                at: event.ts,
                kind: event.kind,
                event: event.name.clone(),
                detail: detail(rule, event),
                full: worth.full,
                age_days,
                factor_ppm: worth.factor_ppm,
                points: worth.points,
            });
        } else {
            earlier.matches = earlier.matches.saturating_add(1);
            earlier.points = earlier.points + worth.points;
        }
    }
    let counted = Counted::Matches {
        matches: listed,
        earlier: (earlier.matches > 0).then_some(earlier),
        not_counted,
        waiting: waiting(engine, folded, index, rule, t),
    };
    (sum, counted)
}

/// How many events wait to be enough for a match, of how many.
fn waiting(
    engine: &Engine,
    folded: &Folded<'_>,
    index: usize,
    rule: &IntentRule,
    t: Timestamp,
) -> Option<Waiting> {
    let RuleKind::Matches(matches) = &rule.kind else {
        return None;
    };
    let count = matches.count.filter(|count| count.events > 1)?;
    Some(Waiting {
        events: folded.state.waiting_at(engine, index, t),
        of: count.events,
    })
}

fn quiet_line(
    engine: &Engine,
    folded: &Folded<'_>,
    given: &[Points],
    index: usize,
    points: Points,
    t: Timestamp,
) -> (Points, Counted) {
    let since = folded.state.quiet_since(engine, index, t);
    let given = given.get(index).copied().unwrap_or_default();
    let holds = given == points && since.is_some() && given != Points::ZERO;
    (given, Counted::Quiet(QuietLine { since, holds }))
}

/// What to say of an event beside its name: the page's path, and the properties that the rule asks about.
fn detail(rule: &IntentRule, event: &Event) -> Option<String> {
    let path = event
        .path
        .iter()
        .filter(|_| event.kind == EventKind::Page)
        .cloned();
    let pattern = rule.pattern();
    let read = pattern.iter().flat_map(|on| on.properties.iter());
    let read = read.filter_map(|(name, _)| property_in_words(&event.properties, name));
    let parts: Vec<String> = path.chain(read).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn property_in_words(properties: &Properties, name: &str) -> Option<String> {
    let value = properties.property(name)?.to_value();
    Some(format!("{name} = {value}"))
}
