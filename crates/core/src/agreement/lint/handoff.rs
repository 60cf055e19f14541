//! Lints on what sales promised: reasons and times.

use super::Finding;
use crate::agreement::model::{Agreement, RejectionReason, Sla};
use crate::agreement::parse::Parsed;
use crate::agreement::problem::quoted;
use crate::domain::{Period, normalized_name};

/// The longest time to first contact for somebody who raised their hand.
const HAND_RAISER_MAX: Period = Period::from_ms(3_600_000);
/// The longest for other leads.
const LEAD_MAX: Period = Period::from_days(1);
/// The longest for leads that were sent back before.
const RECYCLED_MAX: Period = Period::from_days(3);
/// Reasons that say nothing, in the form that names are compared in.
const VAGUE: [&str; 17] = [
    "other",
    "others",
    "other reason",
    "misc",
    "miscellaneous",
    "various",
    "n/a",
    "na",
    "none",
    "unknown",
    "bad",
    "bad lead",
    "poor lead",
    "not good",
    "not qualified",
    "unqualified",
    "rejected",
];

pub(super) fn findings(parsed: &Parsed) -> Vec<Finding> {
    let mut found = reasons(parsed);
    found.extend(slas(parsed));
    found
}

fn reasons(parsed: &Parsed) -> Vec<Finding> {
    let rejections = &parsed.agreement.rejections;
    if rejections.is_empty() {
        return vec![Finding {
            lint: "no-rejection-reasons",
            rules: Vec::new(),
            span: parsed.places.qualify.clone(),
            message: "sales can't say why it sends a lead back".to_owned(),
            help: "add `[[rejection]]` with a `reason`, once for each".to_owned(),
        }];
    }
    let vague = rejections
        .iter()
        .zip(&parsed.places.rejections)
        .filter(|(rejection, _)| is_vague(rejection));
    vague
        .map(|(rejection, place)| Finding {
            lint: "vague-reason",
            rules: vec![rejection.reason.clone()],
            span: place.clone(),
            message: format!("the reason {} teaches nothing", quoted(&rejection.reason)),
            help: "say what was wrong, or ask for a note with `note = true`".to_owned(),
        })
        .collect()
}

fn is_vague(rejection: &RejectionReason) -> bool {
    let name = normalized_name(&rejection.reason);
    let plain = name.trim_matches(|c: char| !c.is_alphanumeric());
    !rejection.note && VAGUE.contains(&plain)
}

fn slas(parsed: &Parsed) -> Vec<Finding> {
    let agreement = &parsed.agreement;
    let finding =
        |rule: Option<&Sla>, span: &std::ops::Range<usize>, message: String, help: String| Finding {
            lint: "slow-sla",
            rules: rule.map(|sla| sla.name.clone()).into_iter().collect(),
            span: span.clone(),
            message,
            help,
        };
    if agreement.slas.is_empty() {
        let message = "no time to first contact is promised".to_owned();
        return vec![finding(
            None,
            &parsed.places.qualify,
            message,
            "add `[[sla]]` with a `first_contact`".to_owned(),
        )];
    }
    let mut found = Vec::new();
    for (sla, place) in agreement.slas.iter().zip(&parsed.places.slas) {
        let (longest, whom) = allowed(agreement, sla);
        if sla.first_contact > longest {
            let message = format!(
                "{} gives {whom} {} to first contact",
                quoted(&sla.name),
                sla.first_contact
            );
            found.push(finding(
                Some(sla),
                place,
                message,
                format!("promise at most {longest}"),
            ));
        }
    }
    found.extend(uncovered_hand_raisers(agreement).and_then(|(name, sla)| {
        let at = agreement.slas.iter().position(|one| one.name == sla.name)?;
        let message = format!(
            "hand-raisers by {} wait up to {} under {}",
            quoted(name),
            sla.first_contact,
            quoted(&sla.name)
        );
        let help = format!(
            "add an `[[sla]]` before it with `when = {{ trigger = \"…\" }}` and at most {HAND_RAISER_MAX}"
        );
        Some(finding(Some(sla), parsed.places.slas.get(at)?, message, help))
    }));
    found
}

/// The longest time for the leads that an SLA is for, and what they are.
fn allowed(agreement: &Agreement, sla: &Sla) -> (Period, &'static str) {
    let by_hand = sla
        .when
        .trigger
        .iter()
        .any(|trigger| agreement.qualify.fast.contains(trigger));
    if by_hand {
        (HAND_RAISER_MAX, "hand-raisers")
    } else if sla.when.recycled == Some(true) {
        (RECYCLED_MAX, "leads that came back")
    } else {
        (LEAD_MAX, "leads")
    }
}

/// The first way to raise one's hand that no SLA names and that the general one makes wait for long.
fn uncovered_hand_raisers(agreement: &Agreement) -> Option<(&str, &Sla)> {
    agreement.qualify.fast.iter().find_map(|name| {
        let named = agreement.slas.iter().any(|sla| sla.when.trigger.contains(name));
        let general = agreement.slas.iter().find(|sla| {
            let when = &sla.when;
            when.trigger.is_empty()
                && when.measures.is_empty()
                && when.recycled.is_none()
                && when.traits.is_none()
        })?;
        (!named && general.first_contact > HAND_RAISER_MAX && general.first_contact <= LEAD_MAX)
            .then_some((name.as_str(), general))
    })
}
