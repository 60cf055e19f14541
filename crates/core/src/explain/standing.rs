//! Whether a lead qualified, and otherwise each reason why not, in words.

use super::history::Folded;
use super::ledger::{Qualified, Totals};
use super::words::minute;
use crate::domain::Timestamp;
use crate::engine::{Engine, Score};

/// Where a lead stands in its present cycle.
pub(super) struct Standing {
    pub(super) qualified: Option<Qualified>,
    pub(super) held_back: Vec<String>,
}

/// Whether the lead qualified by `t`, or what holds it back then.
pub(super) fn standing(engine: &Engine, folded: &mut Folded<'_>, score: Score, t: Timestamp) -> Standing {
    let qualified = folded.state.qualification(engine).map(|qualification| Qualified {
        at: qualification.at,
        trigger: qualification.trigger,
        score: Totals {
            fit: qualification.score.fit,
            intent: qualification.score.intent,
            score: qualification.score.total(),
        },
    });
    let held_back = match qualified {
        Some(_) => Vec::new(),
        None => reasons(engine, folded, score, t),
    };
    Standing { qualified, held_back }
}

/// The name of the exclusion that holds.
pub(super) fn exclusion(engine: &Engine, folded: &Folded<'_>) -> Option<String> {
    let index = folded.state.fit().disqualified_by?;
    let exclusion = engine.agreement().disqualify.get(index)?;
    Some(exclusion.name.clone())
}

fn reasons(engine: &Engine, folded: &Folded<'_>, score: Score, t: Timestamp) -> Vec<String> {
    let qualify = &engine.agreement().qualify;
    let mut reasons = Vec::new();
    if let Some(name) = exclusion(engine, folded) {
        reasons.push(format!("excluded by `{name}`"));
    }
    if folded.state.known_from().is_none_or(|known| t < known) {
        reasons.push("nobody that one could reach: no email, phone or external id is known".to_owned());
    }
    let again_at = reasons.len();
    let gap = engine.gap(score);
    for (of, lacks, line, has) in [
        ("fit", gap.fit, qualify.fit, score.fit),
        ("score", gap.score, qualify.score, score.total()),
        ("intent", gap.intent, qualify.intent, score.intent),
    ] {
        if let Some(line) = line
            && lacks.is_positive()
        {
            reasons.push(format!(
                "{of} {} is {} short of {}",
                has.short(),
                lacks.short(),
                line.short()
            ));
        }
    }
    if qualify.score.is_none() && qualify.intent.is_none() {
        reasons.push("only a hand-raiser qualifies, and none of those events has just come".to_owned());
    }
    let again = again_reasons(engine, folded, t);
    if again.is_empty() && reasons.is_empty() {
        reasons.push(
            "the line is reached now, but it is judged only when the lead does something or something is learned \
             about it"
                .to_owned(),
        );
    }
    reasons.splice(again_at..again_at, again);
    reasons
}

fn again_reasons(engine: &Engine, folded: &Folded<'_>, t: Timestamp) -> Vec<String> {
    let Some(again) = folded.state.again(engine, t) else {
        return Vec::new();
    };
    let mut reasons = Vec::new();
    let sent_back = minute(again.at);
    if t < again.not_before {
        let until = minute(again.not_before);
        reasons.push(format!(
            "sent back on {sent_back}, it may not qualify again before {until}"
        ));
    } else if t <= again.at {
        reasons.push("sent back at this very moment; only what comes after counts".to_owned());
    }
    let line = engine.agreement().qualify.intent;
    if let Some(line) = line.filter(|line| again.fresh_intent < *line) {
        let (fresh, line) = (again.fresh_intent.short(), line.short());
        reasons.push(format!(
            "intent since it was sent back on {sent_back} is {fresh}, short of {line}"
        ));
    }
    reasons
}
