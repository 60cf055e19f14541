//! Naive Bayes in the manner of Odoo's predictive lead scoring, as something to be held against: for each field and value
//! the leads won and lost with it, multiplied as if no field told anything of another.
//!
//! A cell that comes into being starts with a tenth of a lead on both sides, so that none is zero. A value that no lead
//! had is passed over, and so is a tag that fewer than fifty had. Stages, where there are any, count as passed: a won lead
//! went through every one, a lost one through those up to its own.

use std::collections::{BTreeMap, BTreeSet};

/// What a new cell starts with on both sides.
const SMOOTHING: f64 = 0.1;
/// A tag with fewer leads than this says nothing.
const TAG_LEADS_MIN: f64 = 50.0;
/// The field that stages are counted under.
const STAGE: &str = "stage_id";
/// The field that tags are counted under.
const TAG: &str = "tag_id";

/// Leads won and lost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Tally {
    won: f64,
    lost: f64,
}

/// The tallies by field, value and team.
#[derive(Debug, Clone, Default)]
pub(super) struct Frequencies {
    fields: BTreeMap<String, BTreeMap<String, BTreeMap<Option<u32>, Tally>>>,
    teams: BTreeSet<u32>,
}

/// A lead as the table sees it. Fields that are empty are left out by whoever makes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) team: Option<u32>,
    /// The sequence numbers of all stages, and that of the lead's own; without stages a single one.
    pub(super) stages: &'a [u32],
    pub(super) stage: u32,
    /// Field and value; a field may come several times, as tags do.
    pub(super) values: &'a [(&'a str, &'a str)],
}

impl Frequencies {
    /// Counts a lead that was won or lost.
    pub(super) fn count(&mut self, lead: &Known<'_>, won: bool) {
        for stage in lead.stages {
            if won || *stage <= lead.stage {
                self.add(lead.team, STAGE, &stage.to_string(), won);
            }
        }
        for (field, value) in lead.values {
            self.add(lead.team, field, value, won);
        }
    }

    fn add(&mut self, team: Option<u32>, field: &str, value: &str, won: bool) {
        self.teams.extend(team);
        if !self.fields.contains_key(field) {
            self.fields.insert(field.to_owned(), BTreeMap::new());
        }
        let Some(values) = self.fields.get_mut(field) else {
            return;
        };
        if !values.contains_key(value) {
            values.insert(value.to_owned(), BTreeMap::new());
        }
        let Some(cell) = values.get_mut(value) else { return };
        let cell = cell.entry(team).or_insert(Tally {
            won: SMOOTHING,
            lost: SMOOTHING,
        });
        if won {
            cell.won += 1.0;
        } else {
            cell.lost += 1.0;
        }
    }

    /// The chance of a lead to be won, 0 to 1; `None` where nothing was won or nothing lost.
    pub(super) fn chance(&self, lead: &Known<'_>) -> Option<f64> {
        let team = lead.team.filter(|team| self.teams.contains(team));
        let first = lead.stages.first()?.to_string();
        let all = self.tally(team, STAGE, &first);
        if all.won <= 0.0 || all.lost <= 0.0 {
            return None;
        }
        let (mut won, mut lost) = (all.won / (all.won + all.lost), all.lost / (all.won + all.lost));
        let stage = lead.stage.to_string();
        let stage = [(STAGE, stage.as_str())];
        for (field, value) in stage.iter().chain(lead.values) {
            let cell = self.tally(team, field, value);
            if cell == Tally::default() || (*field == TAG && cell.won + cell.lost < TAG_LEADS_MIN) {
                continue;
            }
            let sums = if *field == STAGE {
                all
            } else {
                self.sums(team, field)
            };
            won *= cell.won / sums.won;
            lost *= cell.lost / sums.lost;
        }
        Some((won / (won + lost)).clamp(0.0001, 0.9999))
    }

    /// A cell of a team; without one, of all teams together.
    fn tally(&self, team: Option<u32>, field: &str, value: &str) -> Tally {
        let cell = self.fields.get(field).and_then(|values| values.get(value));
        cell.map_or(Tally::default(), |cell| of_team(cell, team))
    }

    fn sums(&self, team: Option<u32>, field: &str) -> Tally {
        let values = self.fields.get(field).into_iter().flat_map(BTreeMap::values);
        values.fold(Tally::default(), |sum, cell| sum.with(of_team(cell, team)))
    }
}

impl Tally {
    fn with(self, other: Self) -> Self {
        Self {
            won: self.won + other.won,
            lost: self.lost + other.lost,
        }
    }
}

fn of_team(cell: &BTreeMap<Option<u32>, Tally>, team: Option<u32>) -> Tally {
    match team {
        Some(_) => cell.get(&team).copied().unwrap_or_default(),
        None => cell
            .values()
            .fold(Tally::default(), |sum, tally| sum.with(*tally)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::numbers::whole;

    /// (country, state, source, stage) with teams apart.
    type Lead = (u32, [&'static str; 3], u32);

    fn known<'a>(team: Option<u32>, values: &'a [(&'a str, &'a str)], stage: u32) -> Known<'a> {
        Known {
            team,
            stages: &[1, 2, 3, 70],
            stage,
            values,
        }
    }

    fn values(of: [&'static str; 3]) -> Vec<(&'static str, &'static str)> {
        let fields = [
            "country_id",
            "state_id",
            "source_id",
            "phone_state",
            "email_state",
        ];
        let all = of.into_iter().chain(["False", "False"]);
        fields.into_iter().zip(all).collect()
    }

    /// In hundredths of a percent, to which Odoo rounds.
    fn percent(chance: Option<f64>) -> i32 {
        whole(chance.expect("there are won and lost leads") * 10_000.0)
    }

    #[test]
    fn three_teams_come_to_the_values_that_odoo_tests_itself_with() {
        let history: [(Lead, bool); 9] = [
            ((1, ["0", "0", "0"], 1), false),
            ((1, ["1", "1", "1"], 2), false),
            ((1, ["2", "2", "2"], 70), true),
            ((2, ["0", "1", "1"], 3), false),
            ((2, ["0", "1", "2"], 2), false),
            ((2, ["0", "2", "2"], 70), true),
            ((3, ["1", "1", "1"], 70), true),
            ((3, ["0", "1", "0"], 1), false),
            ((3, ["1", "2", "2"], 1), false),
        ];
        let chances = |third: Option<u32>| {
            let mut table = Frequencies::default();
            for ((team, of, stage), won) in history {
                let team = if team == 3 { third } else { Some(team) };
                table.count(&known(team, &values(of), stage), won);
            }
            let asked = values(["0", "1", "2"]);
            [Some(1), Some(2), third].map(|team| percent(table.chance(&known(team, &asked, 2))))
        };
        assert_eq!(chances(Some(3)), [33_49, 7_74, 35_09]);
        assert_eq!(chances(None)[2], 35_19);
    }

    #[test]
    fn tags_come_to_the_values_that_odoo_tests_itself_with() {
        let mut table = Frequencies::default();
        let mut count = |tags: &[(&str, &str)], lost: usize, won: usize| {
            for at in 0..lost + won {
                table.count(&known(Some(1), tags, 1), at >= lost);
            }
        };
        let (one, two) = ((TAG, "1"), (TAG, "2"));
        count(&[one], 30, 19);
        count(&[two], 40, 9);
        count(&[one, two], 35, 14);
        let asked = |tags: &[(&str, &str)]| percent(table.chance(&known(Some(1), tags, 1)));
        assert_eq!(
            [asked(&[one]), asked(&[two]), asked(&[one, two]), asked(&[])],
            [33_69, 23_51, 28_05, 28_60]
        );
    }

    #[test]
    fn without_won_or_lost_leads_it_says_nothing() {
        let mut table = Frequencies::default();
        assert_eq!(table.chance(&known(None, &[], 1)), None);
        table.count(&known(None, &[("country_id", "1")], 1), true);
        // The tenth that a cell starts with keeps the other side from being none.
        assert!(table.chance(&known(None, &[], 1)).is_some());
    }
}
