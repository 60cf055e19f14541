//! Rules that are proposed, and their text in an agreement.

use std::fmt::Write as _;

use super::toml_text::text;

/// A rule that nobody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Draft {
    /// A rule on who a lead is.
    Fit { name: String, cases: Vec<DraftCase> },
    /// A rule on what it did.
    Intent(DraftIntent),
}

/// A case, its condition as TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftCase {
    pub(super) when: String,
    /// Whether the next case holds for all for whom this one does, so that of two with the same points this one can go.
    pub(super) merges: bool,
}

/// Events that count for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftIntent {
    pub(super) name: String,
    /// The pattern as TOML.
    pub(super) on: String,
    pub(super) counts: Counts,
    pub(super) expires_days: i64,
}

/// What of an event's times gives points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Each, as many as this.
    Each { max: u32 },
    /// That it was done so often within so many days.
    Often { times: u32, days: i64 },
}

impl Draft {
    /// How many points it names: one a case.
    pub(super) fn points(&self) -> usize {
        match self {
            Self::Fit { cases, .. } => cases.len(),
            Self::Intent(_) => 1,
        }
    }

    /// The rule with every case, each giving a point, to find who has it.
    pub(super) fn probe(&self) -> String {
        match self {
            Self::Fit { name, cases } => {
                let cases: Vec<(&str, i32)> = cases.iter().map(|case| (case.when.as_str(), 1)).collect();
                fit(name, &cases)
            }
            Self::Intent(intent) => intent.text(1),
        }
    }

    /// The rule with its points, shortened by what gives nothing; `None` where nothing is left.
    pub(super) fn text(&self, points: &[i32]) -> Option<String> {
        match self {
            Self::Fit { name, cases } => {
                let kept = shortened(cases, points);
                (!kept.is_empty()).then(|| fit(name, &kept))
            }
            Self::Intent(intent) => {
                let points = points.first().copied().filter(|points| *points != 0)?;
                Some(intent.text(points))
            }
        }
    }
}

impl DraftIntent {
    fn text(&self, points: i32) -> String {
        let counts = match self.counts {
            Counts::Each { max } => format!("max = {max}"),
            Counts::Often { times, days } => format!("count = {times}\nwithin = \"{days}d\""),
        };
        format!(
            "\n[[intent]]\nname = {}\non = {}\n{counts}\npoints = {points}\nexpires = \"{}d\"\n",
            text(&self.name),
            self.on,
            self.expires_days
        )
    }
}

/// The cases that are needed: neighbouring bands of the same points become one, and what gives nothing goes where no later
/// case would take its leads.
fn shortened<'c>(cases: &'c [DraftCase], points: &[i32]) -> Vec<(&'c str, i32)> {
    let mut kept: Vec<(&DraftCase, i32)> = Vec::new();
    for (case, points) in cases.iter().zip(points) {
        while let Some((before, given)) = kept.last() {
            // The last band has a lower end, which goes with the band before it.
            let joins = before.merges && case.merges && given == points;
            if !joins {
                break;
            }
            kept.pop();
        }
        kept.push((case, *points));
    }
    if kept.iter().all(|(_, points)| *points == 0) {
        return Vec::new();
    }
    let needed = kept
        .into_iter()
        .filter(|(case, points)| *points != 0 || case.merges);
    needed
        .map(|(case, points)| (case.when.as_str(), points))
        .collect()
}

fn fit(name: &str, cases: &[(&str, i32)]) -> String {
    let mut rule = format!("\n[[fit]]\nname = {}\n", text(name));
    // Writing to a string can't fail.
    if let [(when, points)] = cases {
        let _ = write!(rule, "when = {when}\npoints = {points}\n");
        return rule;
    }
    rule.push_str("cases = [\n");
    for (when, points) in cases {
        let _ = writeln!(rule, "  {{ when = {when}, points = {points} }},");
    }
    rule.push_str("]\n");
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(when: &str, merges: bool) -> DraftCase {
        DraftCase {
            when: format!("{{ x = {{ {when} }} }}"),
            merges,
        }
    }

    #[test]
    fn bands_of_the_same_points_become_one_and_nothing_is_said_of_nothing() {
        let draft = Draft::Fit {
            name: "Found: x in bands".to_owned(),
            cases: vec![
                band("max = 1", true),
                band("max = 2", true),
                band("max = 3", true),
                band("min = 4", false),
                DraftCase {
                    when: "{ x = { exists = false } }".to_owned(),
                    merges: false,
                },
            ],
        };
        let expected = "\n[[fit]]\nname = \"Found: x in bands\"\ncases = [\n  { when = { x = { max = 2 } }, points = 5 },\n  \
                        { when = { x = { max = 3 } }, points = 0 },\n  { when = { x = { min = 4 } }, points = 7 },\n]\n";
        assert_eq!(draft.text(&[5, 5, 0, 7, 0]).as_deref(), Some(expected));
        assert_eq!(draft.text(&[0; 5]), None);
        let one = draft.text(&[0, 0, 0, 0, 3]).expect("one case gives points");
        assert!(
            one.contains("max = 3 } }, points = 0") && one.contains("exists = false"),
            "{one}"
        );
        assert_eq!(draft.points(), 5);
    }
}
