//! Points tried on leads whose outcomes they were not made from: later ones where there are times, else one fold after the
//! other, several times over. Beside them stand the present agreement, its points as a plain table, and naive Bayes.

use bellwether_core::domain::Timestamp;
use serde::Serialize;

use super::features::Of;
use super::leads::Subject;
use super::levels::Levels;
use super::logistic::{Problem, Weights, fit};
use super::matrix::Matrix;
use super::metrics::Judged;
use super::naive_bayes::{Frequencies, Known};
use super::numbers::{chance, log_odds, real, share_of};
use super::points::{Aim, Data, learn, sum_of};
use super::seeded::Seeded;

/// The share of the leads, the earlier ones, that points are made from where there are times.
const TRAINED_SHARE: f64 = 0.7;
/// Into how many parts leads without times are dealt, and how often anew.
const FOLDS: usize = 5;
const REPEATS: usize = 2;
/// Ridges to choose from. The smallest hardly holds a weight back, the largest asks for hundreds of leads.
const RIDGES: [f64; 5] = [100.0, 30.0, 8.0, 2.0, 0.5];

/// The ways of scoring that are held against one another, in the order of [`Tried::methods`].
pub(super) const METHODS: [&str; 4] = [
    "new points",
    "present agreement",
    "points as a plain table",
    "naive Bayes",
];

/// How points were tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum How {
    /// Made from earlier leads, tried on later ones.
    Time {
        /// The time of the last lead that points were made from.
        #[serde(serialize_with = "super::report::time")]
        trained_until: Timestamp,
        /// The time of the last one that they were tried on.
        #[serde(serialize_with = "super::report::time")]
        tested_until: Timestamp,
    },
    /// Without times: made from all parts but one and tried on that, for each part, several times over.
    Folds {
        /// Parts.
        folds: usize,
        /// How often the leads were dealt anew.
        repeats: usize,
        /// Leads that nothing with a time is known of.
        without_time: usize,
    },
}

/// What came of trying.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) how: How,
    /// How many leads the points were made from.
    pub(super) trained: usize,
    /// The leads that each method was tried on, the same for each and in the same order.
    pub(super) methods: [Vec<Judged>; 4],
}

/// Rows in the order of time; `None` where some have no time, or all the same.
pub(super) fn in_time_order(subjects: &[Subject]) -> Option<Vec<usize>> {
    let times: Option<Vec<Timestamp>> = subjects.iter().map(Subject::time).collect();
    let times = times?;
    if times.iter().min() == times.iter().max() {
        return None;
    }
    let mut rows: Vec<usize> = (0..subjects.len()).collect();
    rows.sort_by_key(|row| times.get(*row).copied());
    Some(rows)
}

/// Tries points, and chooses the ridge that they are made with.
pub(super) fn validate(data: Data<'_>, subjects: &[Subject], aim: Aim, seed: u64) -> (Tried, f64) {
    if let Some(order) = in_time_order(subjects) {
        let (earlier, later) = order.split_at(share_of(order.len(), TRAINED_SHARE));
        let (train, check) = earlier.split_at(share_of(earlier.len(), TRAINED_SHARE));
        let ridge = best_ridge(data, train, check);
        let time = |row: Option<&usize>| {
            let subject = row.and_then(|row| subjects.get(*row));
            subject.and_then(Subject::time).unwrap_or(Timestamp::MIN)
        };
        let tried = Tried {
            how: How::Time {
                trained_until: time(earlier.last()),
                tested_until: time(later.last()),
            },
            trained: earlier.len(),
            methods: judge(data, earlier, later, ridge, aim),
        };
        return (tried, ridge);
    }
    let deals: Vec<Vec<Vec<usize>>> = (0..REPEATS)
        .map(|repeat| deal(data.won, seed.wrapping_add(repeat as u64)))
        .collect();
    let first = deals.first().map(|folds| without(folds, 0)).unwrap_or_default();
    let held = deals
        .first()
        .and_then(|folds| folds.first())
        .cloned()
        .unwrap_or_default();
    let ridge = best_ridge(data, &first, &held);
    let mut sums = [(); 4].map(|()| vec![(0.0, 0.0); data.won.len()]);
    for folds in &deals {
        for (at, fold) in folds.iter().enumerate() {
            let methods = judge(data, &without(folds, at), fold, ridge, aim);
            for (sums, judged) in sums.iter_mut().zip(methods) {
                for (row, one) in fold.iter().zip(judged) {
                    if let Some((odds, chance)) = sums.get_mut(*row) {
                        // Points of different folds have different scales; log-odds have one.
                        *odds += (one.chance / (1.0 - one.chance)).ln();
                        *chance += one.chance;
                    }
                }
            }
        }
    }
    let mean = |sums: Vec<(f64, f64)>| {
        let leads = sums.into_iter().zip(data.won);
        leads
            .map(|((odds, chance), won)| Judged {
                score: odds / real(REPEATS),
                chance: chance / real(REPEATS),
                won: *won,
            })
            .collect()
    };
    let tried = Tried {
        how: How::Folds {
            folds: FOLDS,
            repeats: REPEATS,
            without_time: subjects.iter().filter(|subject| subject.time().is_none()).count(),
        },
        trained: first.len(),
        methods: sums.map(mean),
    };
    (tried, ridge)
}

/// The ridge whose weights, made from some rows, give others the least log loss. From the largest down, until the loss
/// goes up.
fn best_ridge(data: Data<'_>, train: &[usize], check: &[usize]) -> f64 {
    let (mut best, mut least) = (1.0, f64::INFINITY);
    let levels = Levels::told_apart(data, train);
    let mut weights = Weights::default();
    for ridge in RIDGES {
        weights = levels.weigh(data, train, ridge, f64::INFINITY, &weights);
        let loss = levels.problem(data, check, 0.0, &[]).loss(&weights);
        if loss >= least {
            break;
        }
        (best, least) = (ridge, loss);
    }
    best
}

/// Deals the rows into parts with as many won ones each.
fn deal(won: &[bool], seed: u64) -> Vec<Vec<usize>> {
    let mut folds = vec![Vec::new(); FOLDS];
    let mut draw = Seeded::new(seed, 4);
    for kind in [true, false] {
        let mut rows: Vec<usize> = (0..won.len())
            .filter(|row| won.get(*row) == Some(&kind))
            .collect();
        draw.shuffle(&mut rows);
        for (at, row) in rows.into_iter().enumerate() {
            if let Some(fold) = folds.get_mut(at % FOLDS) {
                fold.push(row);
            }
        }
    }
    folds
}

fn without(folds: &[Vec<usize>], at: usize) -> Vec<usize> {
    let others = folds.iter().enumerate().filter(|(other, _)| *other != at);
    others.flat_map(|(_, fold)| fold.iter().copied()).collect()
}

/// What each method, made from some rows, says of others.
fn judge(data: Data<'_>, train: &[usize], test: &[usize], ridge: f64, aim: Aim) -> [Vec<Judged>; 4] {
    let new = learn(data, train, ridge, aim).of;
    let present = data.features.present();
    [
        by_score(data, train, test, &|row| sum_of(data, row, &new).total()),
        by_score(data, train, test, &|row| sum_of(data, row, &present).total()),
        by_score(data, train, test, &|row| plain_table(data, row)),
        by_naive_bayes(data, train, test),
    ]
}

/// Each rule that a lead ever met gives its points once: no fading, no counting, no caps.
fn plain_table(data: Data<'_>, row: usize) -> f64 {
    let met = data.matrix.row(row).iter();
    met.filter_map(|(column, _)| data.features.all.get(*column))
        .map(|feature| feature.points)
        .sum()
}

/// Leads by a score, with the chance that the score means on the rows it is made from.
pub(super) fn by_score(
    data: Data<'_>,
    train: &[usize],
    test: &[usize],
    score: &dyn Fn(usize) -> f64,
) -> Vec<Judged> {
    let chances = chances_of(data, train, score);
    let won = |row: usize| data.won.get(row).copied().unwrap_or(false);
    let judged = test.iter().map(|row| Judged {
        score: score(*row),
        chance: chances(score(*row)),
        won: won(*row),
    });
    judged.collect()
}

/// The chance that a score means (J. Platt, 1999), never less for a higher one.
fn chances_of(data: Data<'_>, train: &[usize], score: &dyn Fn(usize) -> f64) -> impl Fn(f64) -> f64 + use<> {
    let scores: Vec<f64> = train.iter().map(|row| score(*row)).collect();
    let mean = scores.iter().sum::<f64>() / real(scores.len().max(1));
    let squares: f64 = scores.iter().map(|score| (score - mean).powi(2)).sum();
    let spread = (squares / real(scores.len().max(1))).sqrt().max(1e-9);
    let mut matrix = Matrix::new(1);
    for score in &scores {
        matrix.push([(0, (score - mean) / spread)]);
    }
    let won: Vec<bool> = train
        .iter()
        .map(|row| data.won.get(*row).copied().unwrap_or(false))
        .collect();
    let rows: Vec<usize> = (0..scores.len()).collect();
    let problem = Problem {
        matrix: &matrix,
        rows: &rows,
        won: &won,
        offset: &[],
        ridge: 1e-3,
        bounds: &[(0.0, f64::INFINITY)],
    };
    let weights = fit(&problem, &Weights::default());
    let slope = weights.of.first().copied().unwrap_or(0.0);
    move |score| chance(weights.intercept + slope * (score - mean) / spread)
}

fn by_naive_bayes(data: Data<'_>, train: &[usize], test: &[usize]) -> Vec<Judged> {
    let names: Vec<(String, String)> = data
        .features
        .all
        .iter()
        .map(|feature| match feature.of {
            Of::Case { rule, case } => (format!("fit {rule}"), case.to_string()),
            Of::Intent { rule } => (format!("intent {rule}"), "met".to_owned()),
        })
        .collect();
    let values = |row: usize| -> Vec<(&str, &str)> {
        let met = data.matrix.row(row).iter();
        met.filter_map(|(column, _)| names.get(*column))
            .map(|(field, value)| (field.as_str(), value.as_str()))
            .collect()
    };
    let won = |row: usize| data.won.get(row).copied().unwrap_or(false);
    let mut table = Frequencies::default();
    for row in train {
        table.count(&without_team(&values(*row)), won(*row));
    }
    let base = chance(log_odds(
        train.iter().filter(|row| won(**row)).count(),
        train.len(),
    ));
    let judged = test.iter().map(|row| {
        let chance = table.chance(&without_team(&values(*row))).unwrap_or(base);
        Judged {
            score: chance,
            chance,
            won: won(*row),
        }
    });
    judged.collect()
}

fn without_team<'a>(values: &'a [(&'a str, &'a str)]) -> Known<'a> {
    Known {
        team: None,
        stages: &[1],
        stage: 1,
        values,
    }
}
