//! Points from outcomes: what each rule of an agreement is worth by the deals that were won, in whole points, tried on
//! leads that it wasn't made from, and refused where there is nothing to be made.
//!
//! Each lead is judged as it stood at one moment ([`leads`]); what it then has of each rule is a row of a matrix
//! ([`features`]); of what was found only what the outcomes tell apart is kept ([`levels`]); a bounded logistic regression
//! ([`logistic`]) weighs the columns; weights become points ([`points`]); the points are tried ([`validate`]) and doubted
//! ([`refuse`]); and the agreement's text is given them ([`rewrite`]).

mod discover;
mod draft;
mod examples;
mod features;
mod found;
mod html;
mod leads;
mod leaks;
mod levels;
mod logistic;
mod matrix;
mod metrics;
mod naive_bayes;
mod numbers;
mod points;
mod refuse;
mod report;
mod resample;
mod result;
mod rewrite;
mod seeded;
mod toml_text;
mod validate;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use bellwether_core::engine::Engine;
use bellwether_core::explain::contributions;

use self::discover::{LEADS_MIN, Survey};
use self::draft::Draft;
use self::examples::Examples;
use self::features::{Features, probing};
use self::leads::{Facts, Gathered, gather};
use self::matrix::Matrix;
use self::numbers::real;
use self::points::{Aim, Data, Lines, SHARE_USUAL, learn, met, share_above};
use crate::outcomes::Outcomes;

pub use self::html::html;
pub use self::leads::{Counts, Leads};
pub use self::levels::Why;
pub use self::metrics::{Band, Measures};
pub use self::refuse::{Period, Reason, Refusal};
pub use self::report::{
    CalibrationReport, DroppedLine, Evidence, ExpectationLine, LineMove, LineReport, PointsLine, TriedReport,
};
pub use self::resample::Interval;
pub use self::toml_text::{key as toml_key, text as toml_text};
pub use self::validate::How;

/// How an agreement is to be calibrated.
#[derive(Debug, Clone, Copy)]
pub struct CalibrateOptions {
    /// The most points, either way, that a rule may give.
    pub points_max: u32,
    /// Whether rules that nobody wrote are looked for.
    pub discover: bool,
    /// Whether a lead without an outcome counts as lost.
    pub others_lost: bool,
    /// The instant after which nothing is known, neither of leads nor of outcomes; `None` where all counts.
    pub as_of: Option<Timestamp>,
    /// What chance is drawn by.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Calibration {
    /// What was found.
    pub report: CalibrationReport,
    /// The agreement's text with the new points; `None` where they were refused.
    pub agreement: Option<String>,
}

/// Why it couldn't be tried at all.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// The rules that were found don't go with the file.
    #[error(
        "the rules that were found can't be added to the agreement: {problem}; write its rules as `[[fit]]` and `[[intent]]`"
    )]
    CannotAppend {
        /// What the check says.
        problem: String,
    },
    /// What was made of the file isn't an agreement, which is a fault of the program.
    #[error("the agreement with the new points doesn't pass the check: {problem}")]
    DoesNotCheck {
        /// What the check says.
        problem: String,
    },
}

impl Default for CalibrateOptions {
    fn default() -> Self {
        Self {
            points_max: 50,
            discover: false,
            others_lost: false,
            as_of: None,
            seed: 1,
        }
    }
}

/// The agreement that is calibrated: its text, what that means, and the rules that are proposed beside its own.
struct Proposal<'a> {
    source: &'a str,
    agreement: &'a Agreement,
    drafts: Vec<Draft>,
    /// The agreement with the proposed rules.
    candidate: Agreement,
    features: Features,
}

/// Makes points for `agreement`, whose text is `source`.
pub fn calibrate(
    source: &str,
    agreement: &Agreement,
    leads: &dyn Leads,
    outcomes: &Outcomes,
    options: &CalibrateOptions,
) -> Result<Calibration, CalibrateError> {
    let engine = Engine::new(std::sync::Arc::new(agreement.clone()));
    let facts = Facts {
        leads,
        engine: &engine,
        as_of: options.as_of,
    };
    let gathered = gather(facts, outcomes, options);
    let mut report = result::begun(agreement, gathered.counts, options);
    if let Some(refusal) = refuse::too_few(&gathered.counts) {
        report.refusals.push(refusal);
        return Ok(Calibration {
            report,
            agreement: None,
        });
    }
    let proposal = propose(source, agreement, facts, &gathered, options)?;
    let probing = probing(&proposal.candidate);
    let mut matrix = Matrix::new(proposal.features.all.len());
    for one in &gathered.subjects {
        let known = facts.of(one.lead).unwrap_or_default();
        let given = contributions(&probing, &known, one.instant());
        matrix.push(proposal.features.row(&given));
    }
    let won: Vec<bool> = gathered.subjects.iter().map(|one| one.won).collect();
    let cut = proposal.features.cut(&matrix);
    let met = met(&matrix, &won);
    let free: Vec<bool> = met.iter().map(|met| met.leads >= LEADS_MIN).collect();
    let examples = Examples::new(&proposal.candidate, &probing, &proposal.features);
    let data = Data {
        features: &proposal.features,
        matrix: &matrix,
        cut: &cut,
        won: &won,
        met: &met,
        free: &free,
        examples: &examples,
    };
    judge(&proposal, data, &gathered, options, report)
}

/// Looks for rules that nobody wrote, and puts them beside those that are.
fn propose<'a>(
    source: &'a str,
    agreement: &'a Agreement,
    facts: Facts<'_>,
    gathered: &Gathered,
    options: &CalibrateOptions,
) -> Result<Proposal<'a>, CalibrateError> {
    let drafts = if options.discover {
        let mut survey = Survey::default();
        for one in &gathered.subjects {
            let known = facts.of(one.lead).unwrap_or_default();
            survey.look(facts.engine, &known, one.instant());
        }
        survey.drafts(agreement)
    } else {
        Vec::new()
    };
    let probed: String = drafts.iter().map(Draft::probe).collect();
    let candidate = if drafts.is_empty() {
        agreement.clone()
    } else {
        let text = format!("{source}\n{probed}");
        Agreement::parse(&text).map_err(|problems| CalibrateError::CannotAppend {
            problem: result::first_problem(&problems),
        })?
    };
    let features = Features::new(&candidate, &drafts);
    Ok(Proposal {
        source,
        agreement,
        drafts,
        candidate,
        features,
    })
}

/// Tries points, doubts them, and writes them where no doubt remains.
fn judge(
    proposal: &Proposal<'_>,
    data: Data<'_>,
    gathered: &Gathered,
    options: &CalibrateOptions,
    mut report: CalibrationReport,
) -> Result<Calibration, CalibrateError> {
    let rows: Vec<usize> = (0..data.won.len()).collect();
    let aim = aim(data, &rows, Lines::of(proposal.agreement), options);
    let (tried, ridge) = validate::validate(data, &gathered.subjects, aim, options.seed);
    let points = learn(data, &rows, ridge, aim);
    report.refusals = leaks::leaks(data, &proposal.candidate, &proposal.drafts, &gathered.timing);
    let (inverted, periods) = refuse::over_time(
        data,
        &gathered.subjects,
        &points.of,
        &tried,
        ridge,
        aim,
        options.seed,
    );
    report.refusals.extend(inverted);
    let (doubts, gain, likely) = refuse::after_trying(&tried, options.seed);
    if points.of.iter().all(|points| *points == 0.0) {
        report.refusals.push(refuse::nothing_told(proposal.drafts.len()));
    } else {
        report.refusals.extend(doubts);
    }
    report.periods = periods;
    report.tried = Some(result::tried(&tried, ridge, gain, likely));
    report.line = Some(result::line(data, &rows, &points, aim));
    report.notes.extend(result::notes(&points, aim, gathered));
    report.points = result::points_lines(proposal, data, &points.of);
    report
        .points
        .extend(found::points_lines(proposal, data, &points.of));
    report.dropped = found::dropped(proposal, data, &points);
    report.notes.extend(found::notes(proposal, &points.of));
    let (text, expectations, contradictions) = result::written(proposal, data, &points, options.points_max)?;
    report.expectations = expectations;
    report.refusals.extend(contradictions);
    let agreement = report.refusals.is_empty().then_some(text);
    Ok(Calibration { report, agreement })
}

/// What the points are to keep: the lines, and about as many leads that reach them as now, where that says anything.
fn aim(data: Data<'_>, rows: &[usize], lines: Lines, options: &CalibrateOptions) -> Aim {
    let share = share_above(data, rows, &data.features.present(), lines);
    let few = real(LEADS_MIN) / real(rows.len().max(1));
    let as_before = lines.main().is_some() && share >= few && share <= 1.0 - few;
    Aim {
        lines,
        share: if as_before { share } else { SHARE_USUAL },
        as_before,
        points_max: f64::from(options.points_max),
    }
}

#[cfg(test)]
mod tests;
