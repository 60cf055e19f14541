//! What came of a calibration, put together: the lines of the report, and the agreement's text with the new points.

use bellwether_core::agreement::{Agreement, Mismatch, Problem, RuleKind, Severity, check, run_examples};
use bellwether_core::domain::{Points, Timestamp};

use super::features::{Feature, Of};
use super::found;
use super::leads::{Counts, Gathered};
use super::metrics::measures;
use super::numbers::whole;
use super::points::{Aim, Data, Lines, WholePoints, sum_of};
use super::refuse::{Reason, Refusal};
use super::report::{
    CalibrationReport, Evidence, ExpectationLine, LineMove, LineReport, PointsLine, TriedReport,
};
use super::resample::Interval;
use super::rewrite::{Place, rewrite};
use super::toml_text::text;
use super::validate::{METHODS, Tried};
use super::{CalibrateError, CalibrateOptions, Proposal};
use crate::statistics::Rate;

/// Below how many points for one of log-odds whole points are coarse.
const COARSE: f64 = 4.0;
/// Why a rule keeps its points.
const TOO_FEW_LEADS: &str = "too few leads have it to tell";

/// A report in which nothing was found yet.
pub(super) fn begun(agreement: &Agreement, counts: Counts, options: &CalibrateOptions) -> CalibrationReport {
    CalibrationReport {
        agreement: agreement.name.clone(),
        refusals: Vec::new(),
        counts,
        points_max: options.points_max,
        seed: options.seed,
        tried: None,
        line: None,
        periods: Vec::new(),
        points: Vec::new(),
        dropped: Vec::new(),
        expectations: Vec::new(),
        notes: options
            .as_of
            .map(|as_of| as_known_at(as_of, counts))
            .into_iter()
            .collect(),
    }
}

fn as_known_at(as_of: Timestamp, counts: Counts) -> String {
    let later = match counts.decided_later {
        0 => String::new(),
        later => {
            format!(", so that the outcomes of {later} leads, which came later or have no time, don't count")
        }
    };
    format!("everything is as it was known at {as_of}{later}")
}

/// The first error, with its place.
pub(super) fn first_problem(problems: &[Problem]) -> String {
    let error = problems
        .iter()
        .find(|problem| problem.severity == Severity::Error);
    error.map_or_else(
        || "an error without a name".to_owned(),
        |problem| format!("line {}: {}", problem.line, problem.message),
    )
}

/// How the points were tried, measured.
pub(super) fn tried(tried: &Tried, ridge: f64, gain: Interval, by_chance: f64) -> TriedReport {
    let [new, ..] = &tried.methods;
    TriedReport {
        how: tried.how.clone(),
        trained: tried.trained,
        tested: new.len(),
        tested_won: new.iter().filter(|one| one.won).count(),
        ridge,
        methods: METHODS
            .into_iter()
            .zip(&tried.methods)
            .map(|(name, judged)| measures(name, judged))
            .collect(),
        gain,
        by_chance,
    }
}

/// What reaches the lines before and after.
pub(super) fn line(data: Data<'_>, rows: &[usize], points: &WholePoints, aim: Aim) -> LineReport {
    let above = |points: &[f64], lines: Lines| {
        let above = rows
            .iter()
            .filter(|row| lines.reached_by(sum_of(data, **row, points)));
        let (leads, won) = above.fold((0, 0), |(leads, won), row| {
            (
                leads + 1,
                won + u64::from(data.won.get(*row).copied().unwrap_or(false)),
            )
        });
        (Rate::new(won, leads), Rate::new(leads, rows.len() as u64).share())
    };
    let (won_before, share_before) = above(&data.features.present(), aim.lines);
    let (won_after, share_after) = above(&points.of, points.lines);
    LineReport {
        lines: moves(aim.lines, points.lines),
        share_before,
        share_after,
        won_before,
        won_after,
    }
}

fn moves(was: Lines, becomes: Lines) -> Vec<LineMove> {
    let lines = [
        ("score", was.score, becomes.score),
        ("fit", was.fit, becomes.fit),
        ("intent", was.intent, becomes.intent),
    ];
    let drawn = lines.into_iter().filter_map(|(key, was, becomes)| {
        let (was, becomes) = was.zip(becomes)?;
        Some(LineMove { key, was, becomes })
    });
    drawn.collect()
}

/// What else should be known.
pub(super) fn notes(points: &WholePoints, aim: Aim, gathered: &Gathered) -> Vec<String> {
    let mut notes = Vec::new();
    let share = aim.share * 100.0;
    if !aim.as_before && aim.lines.main().is_some() {
        notes.push(format!(
            "by the present points hardly any lead reaches the line, or nearly every one: the new ones are made so that {share:.0} % do"
        ));
    }
    match aim.lines.main() {
        None => notes.push("the agreement draws no line above zero, so the largest points are those of the limit".to_owned()),
        Some(_) if points.lines != aim.lines => notes.push(format!(
            "within {} points either way {share:.0} % of the leads can't reach the line where it is, so the line moves; `--points-max` \
             allows more, and then it may stay",
            aim.points_max
        )),
        Some(line) if points.per_log_odds < COARSE && points.of.iter().any(|points| *points != 0.0) => notes.push(format!(
            "with the line at {line} whole points are coarse: one of them is a step of {:.2} in log-odds; a higher line would tell leads \
             apart better",
            1.0 / points.per_log_odds
        )),
        Some(_) => {}
    }
    if !points.moved_for.is_empty() {
        let examples: Vec<String> = points.moved_for.iter().map(|name| format!("`{name}`")).collect();
        notes.push(format!(
            "for the agreement's own examples points were moved from what the deals say: {}",
            examples.join(", ")
        ));
    }
    if gathered.counts.unknown > 0 {
        notes.push(format!(
            "{} outcomes are of leads that no file names",
            gathered.counts.unknown
        ));
    }
    let undated = gathered
        .subjects
        .iter()
        .filter(|one| one.moment.is_none())
        .count();
    if undated > 0 {
        notes.push(format!(
            "nothing that is known of {undated} leads has a time: they are judged by the file as it is, whenever it was written; `score` and \
             `compare` let a lead qualify when something happens, so that they need a `created_at`"
        ));
    }
    notes
}

/// Every rule and case that somebody wrote, with its evidence.
pub(super) fn points_lines(proposal: &Proposal<'_>, data: Data<'_>, points: &[f64]) -> Vec<PointsLine> {
    let all_won = data.won.iter().filter(|won| **won).count();
    let features = data.features.all.iter().zip(points).zip(data.met).zip(data.free);
    let lines = features.filter_map(|(((feature, points), met), free)| {
        if feature.found.is_some() {
            return None;
        }
        let was = written_points(proposal.agreement, feature);
        let becomes = if *free {
            elements(feature, *points).join(", ")
        } else {
            was.clone()
        };
        let becomes = if feature.shape.len() > 1 && *free {
            format!("[{becomes}]")
        } else {
            becomes
        };
        Some(PointsLine {
            rule: feature.rule.clone(),
            when: feature.when.clone(),
            changed: was != becomes,
            was: Some(was),
            becomes,
            evidence: Evidence::new(met.leads, met.won, data.won.len(), all_won),
            kept: (!free).then_some(TOO_FEW_LEADS),
        })
    });
    lines.collect()
}

/// The new points of a feature as the file holds them: of a list, each element by its proportion.
fn elements(feature: &Feature, points: f64) -> Vec<String> {
    let each = feature.shape.iter().map(|part| whole(points * part).to_string());
    each.collect()
}

/// The points as they were written.
fn written_points(agreement: &Agreement, feature: &Feature) -> String {
    let list = |points: &[Points]| -> String {
        let points: Vec<String> = points.iter().map(|points| points.short()).collect();
        points.join(", ")
    };
    match feature.of {
        Of::Case { rule, case } => {
            let case = agreement.fit.get(rule).and_then(|rule| rule.cases.get(case));
            case.map_or_else(String::new, |case| case.points.short())
        }
        Of::Intent { rule } => match agreement.intent.get(rule).map(|rule| &rule.kind) {
            Some(RuleKind::Matches(matches)) if matches.by_recency && matches.points.len() > 1 => {
                format!("[{}]", list(&matches.points))
            }
            Some(RuleKind::Matches(matches)) => list(&matches.points),
            Some(RuleKind::Quiet(quiet)) => quiet.points.short(),
            None => String::new(),
        },
    }
}

type Written = (String, Vec<ExpectationLine>, Vec<Refusal>);

/// The agreement's text with the new points, what its examples expect now, and what they say against it.
pub(super) fn written(
    proposal: &Proposal<'_>,
    data: Data<'_>,
    points: &WholePoints,
    most: u32,
) -> Result<Written, CalibrateError> {
    let mut edits = changes(proposal.agreement, data, &points.of);
    let moved = moves(Lines::of(proposal.agreement), points.lines);
    let moved = moved.into_iter().filter(LineMove::is_moved);
    edits.extend(moved.map(|line| (Place::Line(line.key), line.becomes.to_string())));
    let mut changed = rewrite(proposal.source, &edits);
    let found = found::rules(proposal, &points.of);
    if !found.is_empty() {
        changed = format!(
            "{}\n\n# ---- Found by `bellwether calibrate` ----\n{found}",
            changed.trim_end()
        );
    }
    let does_not_check = |problems: &[Problem]| CalibrateError::DoesNotCheck {
        problem: first_problem(problems),
    };
    let agreement = Agreement::parse(&changed).map_err(|problems| does_not_check(&problems))?;
    let (mut expectations, mut refusals, mut edits) = (Vec::new(), Vec::new(), Vec::new());
    for (example, outcome) in run_examples(&agreement).into_iter().enumerate() {
        for one in outcome.mismatches {
            if !matches!(one.key, "fit" | "intent" | "score" | "grade" | "trigger") {
                refusals.push(contradiction(&outcome.name, &one, most));
                continue;
            }
            let is_text = matches!(one.key, "grade" | "trigger");
            let becomes = if is_text {
                text(&one.found)
            } else {
                one.found.clone()
            };
            edits.push((
                Place::Expected {
                    example,
                    key: one.key,
                },
                becomes,
            ));
            expectations.push(ExpectationLine {
                example: outcome.name.clone(),
                key: one.key,
                was: one.expected,
                becomes: one.found,
            });
        }
    }
    let changed = rewrite(&changed, &edits);
    if refusals.is_empty() {
        let checked = check(&changed);
        if checked.agreement.is_none() {
            return Err(does_not_check(&checked.problems));
        }
    }
    Ok((changed, expectations, refusals))
}

fn contradiction(example: &str, missed: &Mismatch, most: u32) -> Refusal {
    Refusal::new(
        Reason::ContradictsExample,
        format!(
            "the example `{example}` expects `{}` to be {}, and by the new points it is {}: no points up to {most} either way were found that \
             agree with both it and the deals; change the example, allow more points with `--points-max`, or look into the deals",
            missed.key, missed.expected, missed.found
        ),
        &[],
    )
}

/// Where the points of written rules change, and to what.
fn changes(agreement: &Agreement, data: Data<'_>, points: &[f64]) -> Vec<(Place, String)> {
    let mut changes = Vec::new();
    for ((feature, points), free) in data.features.all.iter().zip(points).zip(data.free) {
        if feature.found.is_some() || !free {
            continue;
        }
        let mut elements = elements(feature, *points);
        match feature.of {
            Of::Case { rule, case } => {
                changes.extend(elements.pop().map(|text| (Place::Case { rule, case }, text)));
            }
            Of::Intent { rule } => {
                let by_recency = agreement.intent.get(rule).is_some_and(
                    |rule| matches!(&rule.kind, RuleKind::Matches(matches) if matches.by_recency),
                );
                for (at, text) in elements.into_iter().enumerate() {
                    let element = by_recency.then_some(at);
                    changes.push((Place::Intent { rule, element }, text));
                }
            }
        }
    }
    // What comes to the same stays as it was written: `5.0` isn't made `5`.
    changes.retain(|(place, text)| before(agreement, *place).map(Points::short).as_ref() != Some(text));
    changes
}

fn before(agreement: &Agreement, place: Place) -> Option<Points> {
    match place {
        Place::Case { rule, case } => Some(agreement.fit.get(rule)?.cases.get(case)?.points),
        Place::Intent { rule, element } => match &agreement.intent.get(rule)?.kind {
            RuleKind::Matches(matches) => matches.points.get(element.unwrap_or(0)).copied(),
            RuleKind::Quiet(quiet) => Some(quiet.points),
        },
        Place::Line(_) | Place::Expected { .. } => None,
    }
}
