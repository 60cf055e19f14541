//! Fit rules, intent rules, groups and the line.

use std::ops::Range;

use toml::de::DeValue;

use super::conditions::condition;
use super::events::{names, pattern};
use super::unique;
use crate::agreement::limits::{CASES_MAX, MATCHES_MAX, STEPS_MAX, TABLES_MAX};
use crate::agreement::model::{
    Case, Count, Decay, Disqualify, Fields, FitRule, Grades, Group, IntentRule, Level, Matches, Qualify,
    Quiet, RuleKind, ScoreClamp,
};
use crate::agreement::problem::{Problems, did_you_mean, quoted};
use crate::agreement::read::{
    Node, Section, days, integer, items, period, points, positive_points, text, word, wrong_type,
};
use crate::agreement::shape;
use crate::domain::Points;

/// `[[fit]]`.
pub(super) fn fit(
    cx: &mut Problems<'_>,
    file: &Section<'_>,
    fields: &Fields,
) -> Vec<(FitRule, Range<usize>)> {
    let sections = file.tables(cx, "fit", &shape::FIT, TABLES_MAX);
    unique(cx, "fit rule", &sections, "name");
    sections
        .iter()
        .map(|rule| (fit_rule(cx, rule, fields), rule.span.clone()))
        .collect()
}

fn fit_rule(cx: &mut Problems<'_>, rule: &Section<'_>, fields: &Fields) -> FitRule {
    let name = rule.text(cx, "name");
    if rule.has("cases") {
        let help = "each case has its own `when` and `points`; leave these out, or `cases`";
        rule.exclude(cx, &["when", "points"], "cases", help);
        let cases = rule.tables(cx, "cases", &shape::CASE, CASES_MAX);
        if cases.is_empty()
            && rule
                .get("cases")
                .is_some_and(|node| node.get_ref().as_array().is_some_and(|a| a.is_empty()))
        {
            let message = "a rule without cases gives nothing".to_owned();
            cx.error(
                "empty",
                rule.key_span("cases"),
                message,
                "add `{ when = { … }, points = 10 }`".to_owned(),
            );
        }
        return FitRule {
            name,
            cases: cases.iter().filter_map(|one| case(cx, one, fields)).collect(),
        };
    }
    for (key, sample) in [
        ("when", "`when = { … }`, or `cases`"),
        ("points", "`points = 10`"),
    ] {
        if rule.lacks(key) {
            cx.error(
                "missing-key",
                rule.span.clone(),
                format!("a fit rule needs `{key}`"),
                format!("add {sample}"),
            );
        }
    }
    FitRule {
        name,
        cases: case(cx, rule, fields).into_iter().collect(),
    }
}

fn case(cx: &mut Problems<'_>, section: &Section<'_>, fields: &Fields) -> Option<Case> {
    let when = section.read(cx, "when", |cx, node| condition(cx, node, fields));
    let points = section.read(cx, "points", points);
    Some(Case {
        when: when?,
        points: points?,
    })
}

/// `[[group]]`.
pub(super) fn groups(cx: &mut Problems<'_>, file: &Section<'_>) -> Vec<Group> {
    let sections = file.tables(cx, "group", &shape::GROUP, TABLES_MAX);
    unique(cx, "group", &sections, "name");
    sections
        .iter()
        .map(|section| {
            let name = section.text(cx, "name");
            let max = section.read(cx, "max", positive_points).unwrap_or_default();
            Group { name, max }
        })
        .collect()
}

/// The intent rules under a key, with their places; `groups` are those that they may belong to.
pub(super) fn intent(
    cx: &mut Problems<'_>,
    parent: &Section<'_>,
    shape: &'static shape::Shape,
    groups: &[Group],
) -> Vec<(IntentRule, Range<usize>)> {
    let sections = parent.tables(cx, "intent", shape, TABLES_MAX);
    unique(cx, "intent rule", &sections, "name");
    sections
        .iter()
        .filter_map(|rule| Some((intent_rule(cx, rule, groups)?, rule.span.clone())))
        .collect()
}

fn intent_rule(cx: &mut Problems<'_>, rule: &Section<'_>, groups: &[Group]) -> Option<IntentRule> {
    let name = rule.text(cx, "name");
    let level = rule
        .read(cx, "level", |cx, node| word(cx, node, shape::LEVELS))
        .map(|at| match at {
            0 => Level::Low,
            1 => Level::Medium,
            _ => Level::High,
        });
    // An account's rules have no groups, so that the key is unknown there and reported as such.
    let may_group = rule.shape.keys.iter().any(|key| key.name == "group");
    let group = rule
        .get("group")
        .filter(|_| may_group)
        .and_then(|node| group(cx, node, groups));
    let kind = if rule.has("quiet") {
        quiet(cx, rule).map(RuleKind::Quiet)
    } else {
        matches(cx, rule).map(RuleKind::Matches)
    };
    Some(IntentRule {
        name,
        level,
        group,
        kind: kind?,
    })
}

fn group(cx: &mut Problems<'_>, node: &Node<'_>, groups: &[Group]) -> Option<usize> {
    let name = text(cx, node)?;
    let found = groups.iter().position(|group| group.name == name);
    if found.is_none() {
        let help = if groups.is_empty() {
            format!(
                "add a section `[[group]]` with `name = \"{}\"` and a `max`",
                name.chars().take(40).collect::<String>()
            )
        } else {
            did_you_mean(&name, groups.iter().map(|group| group.name.as_str()))
        };
        cx.error(
            "unknown-group",
            node.span(),
            format!("there is no group {}", quoted(&name)),
            help,
        );
    }
    found
}

fn quiet(cx: &mut Problems<'_>, rule: &Section<'_>) -> Option<Quiet> {
    let others = ["max", "count", "within", "once_per", "decay", "expires"];
    rule.exclude(
        cx,
        &others,
        "quiet",
        "a quiet rule gives its points while nothing happens: `on` and `points` is all it takes",
    );
    let after = rule.read(cx, "quiet", period);
    let on = rule.read(cx, "on", pattern);
    let points = rule.read(cx, "points", |cx, node| {
        if node.get_ref().is_array() {
            wrong_type(cx, node, "points", "a quiet rule gives one number of points");
            return None;
        }
        points(cx, node)
    });
    if rule.has("on") && on.is_none() {
        return None;
    }
    Some(Quiet {
        on,
        after: after?,
        points: points?,
    })
}

fn matches(cx: &mut Problems<'_>, rule: &Section<'_>) -> Option<Matches> {
    if rule.lacks("on") {
        let message = format!("{} needs `on`", rule.shape.what);
        let help = "add `on = \"…\"` with the event's name, or `quiet = \"30d\"`".to_owned();
        cx.error("missing-key", rule.span.clone(), message, help);
    }
    let on = rule.read(cx, "on", pattern);
    let listed = rule.get("points").is_some_and(|node| node.get_ref().is_array());
    let points = rule.read(cx, "points", points_list);
    let count = rule.read(cx, "count", |cx, node| integer(cx, node, &(1..=MATCHES_MAX)));
    let within = rule.read(cx, "within", period);
    rule.needs(
        cx,
        "within",
        "count",
        "say how many events within that time make a match: `count = 3`",
    );
    let max = rule.read(cx, "max", |cx, node| integer(cx, node, &(1..=MATCHES_MAX)));
    let once_per = rule.read(cx, "once_per", period);
    let decay = rule.read(cx, "decay", decay).unwrap_or(Decay::None);
    let expires_days = rule.read(cx, "expires", days);
    let points = points?;
    let listed_max = listed.then(|| u32::try_from(points.len()).unwrap_or(u32::MAX));
    let max = match (max, listed_max) {
        (Some(max), Some(listed_max)) => Some(max.min(listed_max)),
        // A list of points says how many matches count, and so comes before the one that `count` implies.
        (max, listed_max) => max.or(listed_max).or(count.map(|_| 1)),
    };
    let count = count.map(|events| Count { events, within });
    Some(Matches {
        on: on?,
        once_per,
        count,
        points,
        by_recency: listed,
        max,
        decay,
        expires_days,
    })
}

fn points_list(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<Points>> {
    if !node.get_ref().is_array() {
        return points(cx, node).map(|one| vec![one]);
    }
    let all: Vec<Option<Points>> = items(cx, node, STEPS_MAX)?
        .iter()
        .map(|item| points(cx, item))
        .collect();
    all.into_iter().collect()
}

fn decay(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Decay> {
    const HELP: &str =
        "write `{ half_life = \"30d\" }`, `{ lose = 25, every = \"30d\" }` or `{ over = \"180d\" }`";
    let section = Section::open(cx, &shape::DECAY, node)?;
    let ways: Vec<&str> = ["half_life", "lose", "over"]
        .into_iter()
        .filter(|key| section.has(key))
        .collect();
    match ways.as_slice() {
        ["half_life"] => {
            section.exclude(cx, &["every"], "half_life", HELP);
            Some(Decay::HalfLife {
                days: section.read(cx, "half_life", days)?,
            })
        }
        ["over"] => {
            section.exclude(cx, &["every"], "over", HELP);
            Some(Decay::Over {
                days: section.read(cx, "over", days)?,
            })
        }
        ["lose"] => {
            if !section.has("every") {
                let message = "it isn't said how often the points are lost".to_owned();
                cx.error(
                    "missing-key",
                    section.span.clone(),
                    message,
                    "add `every = \"30d\"`".to_owned(),
                );
            }
            let percent = section.read(cx, "lose", |cx, node| integer(cx, node, &(1..=100)));
            let every_days = section.read(cx, "every", days);
            Some(Decay::Lose {
                percent: percent?,
                every_days: every_days?,
            })
        }
        [] => {
            let message = "it isn't said how the points fade".to_owned();
            cx.error("missing-key", section.span.clone(), message, HELP.to_owned());
            None
        }
        [first, others @ ..] => {
            section.exclude(cx, others, first, HELP);
            None
        }
    }
}

/// `[qualify]`.
pub(super) fn qualify(cx: &mut Problems<'_>, section: &Section<'_>) -> Qualify {
    if !["score", "intent", "fast"].iter().any(|key| section.has(key)) {
        let message = "no line is drawn that a lead could reach by what it does".to_owned();
        let help = "add one of `score = 65`, `intent = 20` and `fast = [\"…\"]`".to_owned();
        cx.error("no-line", section.span.clone(), message, help);
    }
    Qualify {
        score: section.read(cx, "score", points),
        fit: section.read(cx, "fit", points),
        intent: section.read(cx, "intent", points),
        fast: section.read(cx, "fast", names).unwrap_or_default(),
    }
}

/// `[[disqualify]]`.
pub(super) fn disqualify(cx: &mut Problems<'_>, file: &Section<'_>, fields: &Fields) -> Vec<Disqualify> {
    let sections = file.tables(cx, "disqualify", &shape::DISQUALIFY, TABLES_MAX);
    unique(cx, "exclusion", &sections, "name");
    sections
        .iter()
        .filter_map(|section| {
            let name = section.text(cx, "name");
            let when = section.read(cx, "when", |cx, node| condition(cx, node, fields))?;
            Some(Disqualify { name, when })
        })
        .collect()
}

/// `[grades]`.
pub(super) fn grades(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Grades> {
    let section = Section::open(cx, &shape::GRADES, node)?;
    let fit = section.read(cx, "fit", |cx, node| lines(cx, node, &shape::GRADES_FIT));
    let intent = section.read(cx, "intent", |cx, node| lines(cx, node, &shape::GRADES_INTENT));
    Some(Grades {
        fit: fit?,
        intent: intent?,
    })
}

fn lines(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    shape: &'static shape::Shape,
) -> Option<Vec<(String, Points)>> {
    let section = Section::open(cx, shape, node)?;
    if let DeValue::Table(table) = node.get_ref()
        && table.is_empty()
    {
        let help = format!(
            "write `{{ {} = 40 }}`",
            shape.keys.first().map_or("", |key| key.name)
        );
        cx.error("empty", section.span.clone(), "no line is given".to_owned(), help);
    }
    let mut lines: Vec<(String, Points)> = Vec::new();
    for key in shape.keys {
        let Some(line) = section.read(cx, key.name, points) else {
            continue;
        };
        if let Some((above, higher)) = lines.last()
            && *higher <= line
        {
            let message = format!(
                "`{}` asks for {}, no less than `{above}` with {}",
                key.name,
                line.short(),
                higher.short()
            );
            let help = format!("`{above}` is better than `{}`: give it the higher line", key.name);
            cx.error("contradiction", section.key_span(key.name), message, help);
        }
        lines.push((key.name.to_owned(), line));
    }
    lines.sort_by_key(|(_, line)| std::cmp::Reverse(*line));
    Some(lines)
}

/// `[score]`.
pub(super) fn clamp(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<ScoreClamp> {
    let section = Section::open(cx, &shape::SCORE, node)?;
    let (min, max) = (section.read(cx, "min", points), section.read(cx, "max", points));
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        let message = format!("`min` {} is above `max` {}", least.short(), most.short());
        cx.error(
            "contradiction",
            section.span.clone(),
            message,
            "exchange the two".to_owned(),
        );
    }
    Some(ScoreClamp { min, max })
}
