//! What came of the rules that were found: their text, their lines in the report, and what of them was dropped and why.

use super::Proposal;
use super::draft::{Draft, DraftCase};
use super::levels::Why;
use super::numbers::whole;
use super::points::{Data, WholePoints};
use super::report::{DroppedLine, Evidence, PointsLine, RateRange};
use crate::statistics::Rate;

/// How often bands may turn from up to down before it is said that their numbers may be codes.
const TURNS_MAX: usize = 2;
/// The most values that are named in words.
const NAMED_MAX: usize = 6;

/// A rule that was found: its draft and, for each of its cases, the feature and the points.
struct Found<'p> {
    draft: &'p Draft,
    features: Vec<usize>,
    points: Vec<i32>,
}

fn all<'p>(proposal: &'p Proposal<'_>, points: &[f64]) -> Vec<Found<'p>> {
    let features = proposal.features.all.iter().zip(points).enumerate();
    let mut found = features.filter(|(_, (feature, _))| feature.found.is_some());
    let drafts = proposal.drafts.iter().map(|draft| {
        let cases = found.by_ref().take(draft.points());
        let (features, points) = cases.map(|(at, (_, points))| (at, whole(*points))).unzip();
        Found {
            draft,
            features,
            points,
        }
    });
    drafts.collect()
}

/// The text of the rules, those that give something.
pub(super) fn rules(proposal: &Proposal<'_>, points: &[f64]) -> String {
    let found = all(proposal, points);
    let texts = found
        .iter()
        .filter_map(|found| found.draft.text(&found.draft.written(&found.points)));
    texts.collect()
}

/// Every case that is written, with its evidence.
pub(super) fn points_lines(proposal: &Proposal<'_>, data: Data<'_>, points: &[f64]) -> Vec<PointsLine> {
    let found = all(proposal, points);
    let lines = found.iter().flat_map(|found| {
        let cases = found.draft.written(&found.points);
        cases.into_iter().map(|case| PointsLine {
            rule: found.draft.name().to_owned(),
            evidence: found.evidence(data, &case.of),
            when: case.band.unwrap_or_else(|| found.in_words(proposal, &case.of)),
            was: None,
            becomes: case.points.to_string(),
            changed: true,
            kept: None,
        })
    });
    lines.collect()
}

/// What gives nothing: whole rules, and of rules that are written the values that say no more than the others do.
pub(super) fn dropped(proposal: &Proposal<'_>, data: Data<'_>, points: &WholePoints) -> Vec<DroppedLine> {
    let found = all(proposal, &points.of);
    let lines = found.iter().flat_map(|found| {
        let why = |case: usize| {
            found
                .features
                .get(case)
                .and_then(|feature| points.levels.why(*feature))
        };
        let cases = 0..found.features.len();
        if found.points.iter().all(|points| *points == 0) {
            let why = cases.clone().filter_map(why).max();
            let all: Vec<usize> = cases.collect();
            return vec![found.dropped(data, &all, String::new(), why.unwrap_or(Why::NothingMore))];
        }
        let of = |wanted: Why| {
            // Bands that give nothing are part of their rule.
            let all = cases.clone().filter(|case| !found.draft.is_band(*case));
            let all: Vec<usize> = all.filter(|case| why(*case) == Some(wanted)).collect();
            let words = found.in_words(proposal, &all);
            (!all.is_empty()).then(|| found.dropped(data, &all, words, wanted))
        };
        [Why::TooFewLeads, Why::NothingMore, Why::TooSmall]
            .into_iter()
            .filter_map(of)
            .collect()
    });
    lines.collect()
}

/// What should be known of the rules: where bands go up and down, their numbers may mean no amounts.
pub(super) fn notes(proposal: &Proposal<'_>, points: &[f64]) -> Vec<String> {
    let found = all(proposal, points);
    let turning = found.iter().filter_map(|found| match found.draft {
        Draft::Fit(fit) => {
            let bands = fit.cases.iter().zip(&found.points);
            let bands = bands.filter(|(case, _)| matches!(case, DraftCase::From(_) | DraftCase::Under(_)));
            let bands: Vec<i32> = bands.map(|(_, points)| *points).collect();
            (turns(&bands) > TURNS_MAX).then(|| format!("`{}`", fit.field))
        }
        Draft::Intent(_) => None,
    });
    let turning: Vec<String> = turning.collect();
    if turning.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "more of {} is better, then worse, then better again: if its numbers are codes and not amounts, declare it as \"text\" in `[fields]`",
        turning.join(", ")
    )]
}

fn turns(points: &[i32]) -> usize {
    let steps = points.iter().zip(points.iter().skip(1)).map(|(a, b)| b - a);
    let steps: Vec<i32> = steps.filter(|step| *step != 0).collect();
    let pairs = steps.iter().zip(steps.iter().skip(1));
    pairs.filter(|(a, b)| a.signum() != b.signum()).count()
}

impl Found<'_> {
    /// Some of its cases in words, of many the first few.
    fn in_words(&self, proposal: &Proposal<'_>, cases: &[usize]) -> String {
        let features = cases
            .iter()
            .filter_map(|case| proposal.features.all.get(*self.features.get(*case)?));
        let mut words: Vec<&str> = features.map(|feature| feature.when.as_str()).collect();
        let more = words.len().saturating_sub(NAMED_MAX);
        words.truncate(NAMED_MAX);
        // They begin alike: `plan is pro`, `plan is max`.
        let begins = match self.draft {
            Draft::Fit(fit) => format!("{} is ", fit.field),
            Draft::Intent(_) => String::new(),
        };
        let first = words.first().copied().unwrap_or_default();
        let others = words
            .iter()
            .skip(1)
            .map(|when| when.strip_prefix(&begins).unwrap_or(when));
        let others: Vec<&str> = std::iter::once(first).chain(others).collect();
        let more = if more > 0 {
            format!(" or one of {more} more")
        } else {
            String::new()
        };
        format!("{}{more}", others.join(" or "))
    }

    /// Leads with any of some cases, of which nobody has two, and what came of them.
    fn evidence(&self, data: Data<'_>, cases: &[usize]) -> Evidence {
        let met = cases
            .iter()
            .filter_map(|case| data.met.get(*self.features.get(*case)?));
        let (leads, won) = met.fold((0, 0), |(leads, won), met| (leads + met.leads, won + met.won));
        let all_won = data.won.iter().filter(|won| **won).count();
        Evidence::new(leads, won, data.won.len(), all_won)
    }

    fn dropped(&self, data: Data<'_>, cases: &[usize], when: String, why: Why) -> DroppedLine {
        let rates = cases.iter().map(|case| self.evidence(data, &[*case]).with);
        let rates: Vec<Rate> = rates.filter(|rate| rate.of > 0).collect();
        let by_share = |a: &&Rate, b: &&Rate| a.share().total_cmp(&b.share());
        let ends = rates.iter().min_by(by_share).zip(rates.iter().max_by(by_share));
        DroppedLine {
            rule: self.draft.name().to_owned(),
            when,
            why,
            evidence: self.evidence(data, cases),
            range: ends
                .filter(|_| rates.len() > 1)
                .map(|(lowest, highest)| RateRange {
                    cases: rates.len(),
                    lowest: *lowest,
                    highest: *highest,
                }),
        }
    }
}
