//! Lints that a history bears out: what never happens, and what the line makes of real leads.

use super::Finding;
use crate::agreement::model::RuleKind;
use crate::agreement::parse::Parsed;
use crate::agreement::problem::quoted;

/// What a history had to do with an agreement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// How many leads there are.
    pub leads: u64,
    /// How many of them qualify.
    pub qualified: u64,
    /// How many of these had more points from rules of level `low` than from all others, as they qualified.
    pub led_by_activity: u64,
    /// How many events there are.
    pub events: u64,
    /// For each fit rule, how many leads meet one of its cases.
    pub fit: Vec<u64>,
    /// For each intent rule, how many events meet its pattern.
    pub intent: Vec<u64>,
}

/// With fewer leads, a share says nothing.
const LEADS_MIN: u64 = 20;
/// Of all leads, the share in percent that is to qualify.
const SHARE_PERCENT: (u64, u64) = (15, 25);
/// Of the qualified, the share in percent of those who only read that is worth a word.
const ACTIVITY_PERCENT_MIN: u64 = 10;

pub(super) fn findings(parsed: &Parsed, observed: &Observed) -> Vec<Finding> {
    let mut found = dead_rules(parsed, observed);
    found.extend(share(parsed, observed));
    found.extend(activity(parsed, observed));
    found
}

fn dead_rules(parsed: &Parsed, observed: &Observed) -> Vec<Finding> {
    let agreement = &parsed.agreement;
    let dead = |name: &String, span: &std::ops::Range<usize>, what: &str, of: u64| Finding {
        lint: "dead-rule",
        rules: vec![name.clone()],
        span: span.clone(),
        message: format!("{} never holds: none of {of} {what} meets it", quoted(name)),
        help: "compare the names in the rule with those in the data, or take it out".to_owned(),
    };
    let fit = agreement.fit.iter().zip(&parsed.places.fit).zip(&observed.fit);
    let fit = fit
        .filter(|(_, leads)| observed.leads > 0 && **leads == 0)
        .map(|((rule, span), _)| dead(&rule.name, span, "leads", observed.leads));
    let intent = agreement
        .intent
        .iter()
        .zip(&parsed.places.intent)
        .zip(&observed.intent);
    let intent = intent
        .filter(|((rule, _), events)| {
            observed.events > 0 && **events == 0 && matches!(rule.kind, RuleKind::Matches(_))
        })
        .map(|((rule, span), _)| dead(&rule.name, span, "events", observed.events));
    fit.chain(intent).collect()
}

fn share(parsed: &Parsed, observed: &Observed) -> Option<Finding> {
    let (leads, qualified) = (observed.leads, observed.qualified);
    let (low, high) = SHARE_PERCENT;
    let (few, many) = (qualified * 100 < leads * low, qualified * 100 > leads * high);
    (leads >= LEADS_MIN && (few || many)).then(|| Finding {
        lint: "share-out-of-range",
        rules: Vec::new(),
        span: parsed.places.qualify.clone(),
        message: format!(
            "{qualified} of {leads} leads qualify, {} % of them: {} than {} %",
            qualified * 100 / leads,
            if few { "fewer" } else { "more" },
            if few { low } else { high },
        ),
        help: format!(
            "{} the line until 15 to 25 % qualify",
            if few { "lower" } else { "raise" }
        ),
    })
}

fn activity(parsed: &Parsed, observed: &Observed) -> Option<Finding> {
    let (led, qualified) = (observed.led_by_activity, observed.qualified);
    (qualified > 0 && led > 0 && led * 100 >= qualified * ACTIVITY_PERCENT_MIN).then(|| Finding {
        lint: "activity-outscores-intent",
        rules: Vec::new(),
        span: parsed.places.qualify.clone(),
        message: format!(
            "{led} of {qualified} leads that qualify had more points from rules of level `low` than from all others"
        ),
        help: "put the low rules in a group with a `max`, give them fewer points, or raise `[qualify] intent`".to_owned(),
    })
}
