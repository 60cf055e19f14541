//! Lints on single rules: whether their points fade, end, and are ever taken away.

use super::Finding;
use super::bounds::rule_most;
use crate::agreement::model::{Agreement, Decay, IntentRule, RuleKind};
use crate::agreement::parse::Parsed;
use crate::agreement::problem::quoted;
use crate::domain::Points;

pub(super) fn findings(parsed: &Parsed) -> Vec<Finding> {
    let agreement = &parsed.agreement;
    let account = agreement.account.iter().flat_map(|account| &account.intent);
    let rules = agreement.intent.iter().chain(account);
    let places = parsed.places.intent.iter().chain(&parsed.places.account_intent);
    let mut found = Vec::new();
    for (rule, place) in rules.zip(places) {
        for (lint, message, help) in [no_decay(rule), unbounded(rule)].into_iter().flatten() {
            found.push(Finding {
                lint,
                rules: vec![rule.name.clone()],
                span: place.clone(),
                message,
                help,
            });
        }
    }
    if !takes_points_away(agreement) {
        found.push(Finding {
            lint: "never-negative",
            rules: Vec::new(),
            span: parsed.places.qualify.clone(),
            message: "no rule takes points away".to_owned(),
            help: "give a poor fit, a visit to the careers page or a long silence negative points".to_owned(),
        });
    }
    found
}

type Found = Option<(&'static str, String, String)>;

fn no_decay(rule: &IntentRule) -> Found {
    let RuleKind::Matches(matches) = &rule.kind else {
        return None;
    };
    let gives = matches.points.iter().any(|points| points.is_positive());
    let fades = matches.decay != Decay::None || matches.expires_days.is_some();
    (gives && !fades).then(|| {
        let message = format!("the points of {} never fade", quoted(&rule.name));
        (
            "no-decay",
            message,
            "add `decay = { half_life = \"30d\" }` or `expires = \"90d\"`".to_owned(),
        )
    })
}

fn unbounded(rule: &IntentRule) -> Found {
    let bounded = rule.group.is_some() || rule_most(rule).is_some();
    (!bounded).then(|| {
        let message = format!("{} gives points without end", quoted(&rule.name));
        (
            "unbounded-rule",
            message,
            "add `max`, or a list of points such as `points = [15, 10]`".to_owned(),
        )
    })
}

fn takes_points_away(agreement: &Agreement) -> bool {
    let negative = |points: &Points| *points < Points::ZERO;
    let by_fit = agreement
        .fit
        .iter()
        .flat_map(|rule| &rule.cases)
        .any(|case| negative(&case.points));
    by_fit
        || agreement.intent.iter().any(|rule| match &rule.kind {
            RuleKind::Matches(matches) => matches.points.iter().any(negative),
            RuleKind::Quiet(quiet) => negative(&quiet.points),
        })
}
