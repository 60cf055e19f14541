//! What came of a run: one compact row a lead.

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{Points, Timestamp};
use bellwether_core::engine::{Engine, Score};

use crate::texts::Texts;

/// What one lead came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Fit and intent, not clamped.
    pub(crate) score: Score,
    /// When it qualified first, and by what.
    pub(crate) qualified: Option<(Timestamp, String)>,
    /// The index of the exclusion that holds.
    pub(crate) disqualified_by: Option<usize>,
}

/// What all leads came to, sorted by id in the order of bytes once [`Scored::sort`] was called.
#[derive(Default)]
pub struct Scored {
    ids: String,
    triggers: Texts,
    rows: Vec<Row>,
}

/// As small as it can be: there is one a lead.
#[derive(Clone, Copy)]
struct Row {
    id_start: usize,
    fit: i64,
    intent: i64,
    /// Milliseconds since 1970; negative where it didn't qualify.
    qualified_at: i64,
    trigger: u32,
    id_length: u16,
    /// One more than the exclusion's index; 0 where none holds.
    disqualified_by: u16,
}

/// One lead's row, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoredLead<'a> {
    /// The lead's id.
    pub lead: &'a str,
    /// Fit and intent, not clamped.
    pub score: Score,
    /// When it qualified first.
    pub qualified_at: Option<Timestamp>,
    /// What made it qualify.
    pub trigger: Option<&'a str>,
    /// The index of the exclusion that holds.
    pub disqualified_by: Option<usize>,
}

impl Scored {
    /// How many leads there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many qualified.
    pub fn qualified(&self) -> usize {
        self.rows.iter().filter(|row| row.qualified_at >= 0).count()
    }

    /// The rows from `start` on, at most `count`.
    pub fn rows(&self, start: usize, count: usize) -> impl Iterator<Item = ScoredLead<'_>> {
        self.rows.iter().skip(start).take(count).map(|row| self.lead(row))
    }

    pub(crate) fn push(&mut self, id: &str, outcome: &Outcome) {
        let id_start = self.ids.len();
        self.ids.push_str(id);
        let trigger = outcome
            .qualified
            .as_ref()
            .map_or(0, |(_, trigger)| self.triggers.intern(trigger));
        self.rows.push(Row {
            id_start,
            // Ids are no longer than their limit.
            id_length: u16::try_from(id.len()).unwrap_or(u16::MAX),
            trigger,
            fit: outcome.score.fit.millis(),
            intent: outcome.score.intent.millis(),
            qualified_at: outcome.qualified.as_ref().map_or(-1, |(at, _)| at.ms()),
            disqualified_by: outcome
                .disqualified_by
                .map_or(0, |at| u16::try_from(at + 1).unwrap_or(u16::MAX)),
        });
    }

    /// Makes room for as many more as there are likely to be, judging by the part that comes of the first rows of a file.
    pub(crate) fn make_room(&mut self, part: &Self, of_rows: usize, rows: usize) {
        let likely = |count: usize| count.saturating_mul(rows / of_rows.max(1) + 1);
        let room = self.rows.try_reserve_exact(likely(part.rows.len()));
        // Without room it grows as it must.
        drop(room.and_then(|()| self.ids.try_reserve_exact(likely(part.ids.len()))));
    }

    /// Forgets all rows, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.ids.clear();
        self.rows.clear();
        self.triggers = Texts::default();
    }

    /// Adds the rows of another part of the same run.
    pub(crate) fn append(&mut self, part: &Self) {
        let shift = self.ids.len();
        self.ids.push_str(&part.ids);
        let triggers: Vec<u32> = (0..part.triggers.len())
            .map(|number| {
                self.triggers
                    .intern(part.triggers.get(u32::try_from(number).unwrap_or(0)))
            })
            .collect();
        self.rows.extend(part.rows.iter().map(|row| Row {
            id_start: row.id_start + shift,
            trigger: triggers.get(row.trigger as usize).copied().unwrap_or(0),
            ..*row
        }));
    }

    /// Sorts the rows by id, bytewise.
    pub(crate) fn sort(&mut self) {
        let ids = &self.ids;
        let id = |row: &Row| &ids.as_bytes()[row.id_start..row.id_start + row.id_length as usize];
        if self.rows.is_sorted_by(|a, b| id(a) <= id(b)) {
            return;
        }
        // Most comparisons are settled by the first eight bytes.
        let prefix = |row: &Row| {
            let (mut first, id) = ([0; 8], id(row));
            let length = id.len().min(8);
            first[..length].copy_from_slice(&id[..length]);
            u64::from_be_bytes(first)
        };
        let mut keyed: Vec<(u64, u32)> = (0..).zip(&self.rows).map(|(at, row)| (prefix(row), at)).collect();
        let rows = &self.rows;
        keyed.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| id(&rows[a.1 as usize]).cmp(id(&rows[b.1 as usize])))
        });
        self.rows = keyed.into_iter().map(|(_, at)| rows[at as usize]).collect();
    }

    fn lead(&self, row: &Row) -> ScoredLead<'_> {
        let qualified_at = Timestamp::from_ms(row.qualified_at);
        ScoredLead {
            lead: self
                .ids
                .get(row.id_start..row.id_start + row.id_length as usize)
                .unwrap_or_default(),
            score: Score {
                fit: Points::from_millis(row.fit),
                intent: Points::from_millis(row.intent),
            },
            qualified_at,
            trigger: qualified_at.map(|_| self.triggers.get(row.trigger)),
            disqualified_by: (row.disqualified_by as usize).checked_sub(1),
        }
    }
}

impl ScoredLead<'_> {
    /// Fit, intent and score as the agreement shows them.
    pub fn displayed(&self, agreement: &Agreement) -> (Points, Points, Points) {
        self.score.displayed(agreement.clamp)
    }

    /// The grade, empty without `[grades]`.
    pub fn grade(&self, engine: &Engine) -> String {
        engine.grade(self.score)
    }

    /// The name of the exclusion that holds.
    pub fn exclusion<'a>(&self, agreement: &'a Agreement) -> Option<&'a str> {
        agreement
            .disqualify
            .get(self.disqualified_by?)
            .map(|exclusion| exclusion.name.as_str())
    }
}
