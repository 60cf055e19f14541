//! The most that rules can give.

use crate::agreement::model::{Agreement, Decay, IntentRule, Matches, RuleKind};
use crate::domain::{MS_PER_DAY, Points};

/// The most that all fit rules give together.
pub(super) fn fit_most(agreement: &Agreement) -> Points {
    let best = agreement
        .fit
        .iter()
        .map(|rule| rule.cases.iter().map(|case| case.points).max());
    best.map(|points| points.unwrap_or_default().positive()).sum()
}

/// The most that the intent rules that pass `include` give together, groups cut; `None` where there is no bound.
pub(super) fn intent_most(agreement: &Agreement, include: impl Fn(&IntentRule) -> bool) -> Option<Points> {
    let mut alone = Some(Points::ZERO);
    let mut grouped: Vec<Option<Points>> = agreement.groups.iter().map(|_| Some(Points::ZERO)).collect();
    for rule in agreement.intent.iter().filter(|rule| include(rule)) {
        let most = rule_most(rule);
        let sum = match rule.group.and_then(|at| grouped.get_mut(at)) {
            Some(sum) => sum,
            None => &mut alone,
        };
        *sum = sum.zip(most).map(|(sum, most)| sum + most);
    }
    let together = agreement
        .groups
        .iter()
        .zip(grouped)
        .map(|(group, sum)| sum.map_or(group.max, |sum| sum.min(group.max)));
    alone.map(|alone| alone + together.sum())
}

/// The most that one rule gives, before its group's cap; `None` where there is no bound.
pub(super) fn rule_most(rule: &IntentRule) -> Option<Points> {
    match &rule.kind {
        RuleKind::Quiet(quiet) => Some(quiet.points.positive()),
        RuleKind::Matches(matches) if matches.by_recency => {
            let gains = gains(matches).unwrap_or_default();
            let mut sum = Points::ZERO;
            let sums = gains.into_iter().map(|gain| {
                sum = sum + gain;
                sum
            });
            Some(sums.max().unwrap_or_default().positive())
        }
        RuleKind::Matches(matches) => {
            let each = matches.points.first().copied().unwrap_or_default();
            if !each.is_positive() {
                return Some(Points::ZERO);
            }
            matches_most(matches).map(|most| each.times(most))
        }
    }
}

/// What the first match gives, the second one adds, and so on; `None` where every match gives the same without end.
pub(super) fn gains(matches: &Matches) -> Option<Vec<Points>> {
    let most = matches_most(matches)? as usize;
    if matches.by_recency {
        return Some(matches.points.iter().copied().take(most).collect());
    }
    let each = matches.points.first().copied().unwrap_or_default();
    Some(vec![each; most.min(10_000)])
}

/// How many matches can count at once: by `max`, or because a match is spent after some days and further ones within
/// `once_per` are the same.
fn matches_most(matches: &Matches) -> Option<u32> {
    let spent_days = match matches.decay {
        Decay::Over { days } => Some(days),
        Decay::Lose { percent, every_days } => Some(every_days.saturating_mul(100_u32.div_ceil(percent))),
        Decay::None | Decay::HalfLife { .. } => None,
    };
    let spent_days = spent_days.into_iter().chain(matches.expires_days).min();
    let by_time = spent_days.zip(matches.once_per).and_then(|(days, once_per)| {
        let count = i64::from(days)
            .saturating_mul(MS_PER_DAY)
            .checked_div(once_per.ms())?;
        u32::try_from(count.saturating_add(1)).ok()
    });
    matches.max.into_iter().chain(by_time).min()
}
