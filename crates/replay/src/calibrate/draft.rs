//! Rules that are proposed, and their text in an agreement.

use std::fmt::Write as _;

use super::toml_text::{key, number, text};

/// A rule that nobody wrote.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Draft {
    /// A rule on who a lead is.
    Fit(DraftFit),
    /// A rule on what it did.
    Intent(DraftIntent),
}

/// A rule on one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DraftFit {
    pub(super) name: String,
    pub(super) field: String,
    /// The first that holds counts: bands from the highest down, then what excludes one another.
    pub(super) cases: Vec<DraftCase>,
}

/// What a field may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DraftCase {
    /// A number from this one on, under what the case before takes.
    From(f64),
    /// A number under what the case before takes, which begins at this one.
    Under(f64),
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Missing,
}

/// Events that count for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DraftIntent {
    pub(super) name: String,
    /// What it is about: `the event ...` as people call it.
    pub(super) about: String,
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

/// A case as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenCase {
    /// The condition as TOML; empty for an intent rule.
    when: String,
    /// The same in words where it is about numbers.
    pub(super) band: Option<String>,
    /// The places of the draft's cases that it stands for.
    pub(super) of: Vec<usize>,
    pub(super) points: i32,
}

impl Draft {
    /// How many points it names: one a case.
    pub(super) fn points(&self) -> usize {
        match self {
            Self::Fit(fit) => fit.cases.len(),
            Self::Intent(_) => 1,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Fit(fit) => &fit.name,
            Self::Intent(intent) => &intent.name,
        }
    }

    /// What it reads, as people call it.
    pub(super) fn about(&self) -> String {
        match self {
            Self::Fit(fit) => format!("the field `{}`", fit.field),
            Self::Intent(intent) => intent.about.clone(),
        }
    }

    /// Whether a case is a band of numbers.
    pub(super) fn is_band(&self, case: usize) -> bool {
        match self {
            Self::Fit(fit) => fit.cases.get(case).is_some_and(DraftCase::is_band),
            Self::Intent(_) => false,
        }
    }

    /// Whether the numbers of a case follow on those of the case before it, so that the two may be one.
    pub(super) fn follows(&self, case: usize) -> bool {
        case > 0 && self.is_band(case) && self.is_band(case - 1)
    }

    /// The rule with every case, each giving a point, to find who has it.
    pub(super) fn probe(&self) -> String {
        match self {
            Self::Fit(fit) => {
                let cases = fit.cases.iter().map(|case| (case.when(&fit.field), 1));
                fit_text(&fit.name, &cases.collect::<Vec<_>>())
            }
            Self::Intent(intent) => intent.text(1),
        }
    }

    /// The cases that are needed for some points: bands that follow on one another and texts are one where their points are
    /// the same, and what gives nothing goes where no later band would take its leads. Empty where nothing is left.
    pub(super) fn written(&self, points: &[i32]) -> Vec<WrittenCase> {
        match self {
            Self::Fit(fit) => fit.written(points),
            Self::Intent(_) => {
                let points = points.first().copied().filter(|points| *points != 0);
                let written = points.map(|points| WrittenCase {
                    when: String::new(),
                    band: None,
                    of: vec![0],
                    points,
                });
                written.into_iter().collect()
            }
        }
    }

    /// The rule with these cases; nothing where there are none.
    pub(super) fn text(&self, cases: &[WrittenCase]) -> Option<String> {
        match self {
            Self::Fit(fit) if !cases.is_empty() => {
                let cases = cases.iter().map(|case| (case.when.clone(), case.points));
                Some(fit_text(&fit.name, &cases.collect::<Vec<_>>()))
            }
            Self::Intent(intent) => Some(intent.text(cases.first()?.points)),
            Self::Fit(_) => None,
        }
    }
}

impl DraftCase {
    fn when(&self, field: &str) -> String {
        let field = key(field);
        match self {
            Self::From(least) => format!("{{ {field} = {{ min = {} }} }}", number(*least)),
            Self::Under(most) => format!("{{ {field} = {{ max = {} }} }}", number(*most)),
            Self::Text(value) => format!("{{ {field} = {} }}", text(value)),
            Self::Bool(value) => format!("{{ {field} = {value} }}"),
            Self::Missing => format!("{{ {field} = {{ exists = false }} }}"),
        }
    }

    fn is_band(&self) -> bool {
        matches!(self, Self::From(_) | Self::Under(_))
    }
}

impl DraftFit {
    fn written(&self, points: &[i32]) -> Vec<WrittenCase> {
        let bands = self.cases.iter().take_while(|case| case.is_band()).count();
        let mut written = self.bands(points.get(..bands).unwrap_or(points));
        written.extend(self.others(bands, points));
        written
    }

    /// Runs of bands with the same points, down to the last that gives any.
    fn bands(&self, points: &[i32]) -> Vec<WrittenCase> {
        let (count, mut runs): (usize, Vec<(Vec<usize>, i32)>) = (points.len(), Vec::new());
        for (place, points) in points.iter().enumerate() {
            // All bands together can't be said in one condition, so that the lowest then stands apart.
            let is_whole = place + 1 == count && runs.len() == 1;
            match runs.last_mut() {
                Some((run, given)) if given == points && !is_whole => run.push(place),
                _ => runs.push((vec![place], *points)),
            }
        }
        while runs.last().is_some_and(|(_, points)| *points == 0) {
            runs.pop();
        }
        let written = runs.into_iter().filter_map(|(of, points)| {
            let lowest = self.cases.get(*of.last()?)?;
            let above = of.first()?.checked_sub(1);
            Some(WrittenCase {
                when: match lowest {
                    // It begins where the run above ends.
                    DraftCase::Under(_) => DraftCase::Under(self.least_of(above?)?).when(&self.field),
                    other => other.when(&self.field),
                },
                band: Some(self.band_in_words(lowest, above.and_then(|above| self.least_of(above)))),
                of,
                points,
            })
        });
        written.collect()
    }

    fn least_of(&self, case: usize) -> Option<f64> {
        match self.cases.get(case)? {
            DraftCase::From(least) => Some(*least),
            _ => None,
        }
    }

    fn band_in_words(&self, lowest: &DraftCase, under: Option<f64>) -> String {
        let mut ends = Vec::new();
        if let DraftCase::From(least) = lowest {
            ends.push(format!("at least {}", number(*least)));
        }
        ends.extend(under.map(|under| format!("under {}", number(under))));
        format!("{} is {}", self.field, ends.join(", "))
    }

    /// What stands behind the bands and gives points: the most first, texts that give the same together.
    fn others(&self, bands: usize, points: &[i32]) -> Vec<WrittenCase> {
        let mut by_points: Vec<(i32, Vec<usize>)> = Vec::new();
        for (place, (case, points)) in self.cases.iter().zip(points).enumerate().skip(bands) {
            let is_text = |place: &usize| matches!(self.cases.get(*place), Some(DraftCase::Text(_)));
            let same = by_points.iter_mut().find(|(given, of)| {
                given == points && matches!(case, DraftCase::Text(_)) && of.iter().all(is_text)
            });
            match same {
                _ if *points == 0 => {}
                Some((_, of)) => of.push(place),
                None => by_points.push((*points, vec![place])),
            }
        }
        by_points.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
        let written = by_points.into_iter().map(|(points, of)| WrittenCase {
            when: self.when_any(&of),
            band: None,
            of,
            points,
        });
        written.collect()
    }

    fn when_any(&self, of: &[usize]) -> String {
        let cases = of.iter().filter_map(|place| self.cases.get(*place));
        let cases: Vec<&DraftCase> = cases.collect();
        if let [one] = cases.as_slice() {
            return one.when(&self.field);
        }
        let texts = cases.iter().filter_map(|case| match case {
            DraftCase::Text(value) => Some(text(value)),
            _ => None,
        });
        format!(
            "{{ {} = [{}] }}",
            key(&self.field),
            texts.collect::<Vec<_>>().join(", ")
        )
    }
}

impl DraftIntent {
    /// How often and how lately.
    pub(super) fn counted_in_words(&self) -> String {
        match self.counts {
            Counts::Each { .. } => format!("within {} days", self.expires_days),
            Counts::Often { times, days } => format!("{times} times within {days} days"),
        }
    }

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

fn fit_text(name: &str, cases: &[(String, i32)]) -> String {
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

    fn bands() -> Draft {
        Draft::Fit(DraftFit {
            name: "Found: x in bands".to_owned(),
            field: "x".to_owned(),
            cases: vec![
                DraftCase::From(30.0),
                DraftCase::From(20.0),
                DraftCase::From(10.0),
                DraftCase::Under(10.0),
                DraftCase::Missing,
            ],
        })
    }

    fn cases(draft: &Draft, points: &[i32]) -> String {
        let text = draft.text(&draft.written(points)).unwrap_or_default();
        let cases = text
            .lines()
            .filter(|line| line.contains("x = ") || line.starts_with("points"));
        cases
            .map(|line| line.trim().trim_end_matches(','))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn bands_of_the_same_points_become_one_and_nothing_is_said_of_nothing() {
        for (points, expected) in [
            (
                [9, 5, 5, 0, 0],
                "{ when = { x = { min = 30 } }, points = 9 }; { when = { x = { min = 10 } }, points = 5 }",
            ),
            ([9, 9, 0, 0, 0], "when = { x = { min = 20 } }; points = 9"),
            // What begins where another band ends needs that one before it.
            (
                [0, 0, -5, -5, 0],
                "{ when = { x = { min = 20 } }, points = 0 }; { when = { x = { max = 20 } }, points = -5 }",
            ),
            ([0, 0, 0, 0, 3], "when = { x = { exists = false } }; points = 3"),
            (
                [4, 4, 4, 4, 0],
                "{ when = { x = { min = 10 } }, points = 4 }; { when = { x = { max = 10 } }, points = 4 }",
            ),
            (
                [0, 7, 0, 0, 2],
                "{ when = { x = { min = 30 } }, points = 0 }; { when = { x = { min = 20 } }, points = 7 }; { when = { x = { exists = false } }, points = 2 }",
            ),
            ([0; 5], ""),
        ] {
            assert_eq!(cases(&bands(), &points), expected, "{points:?}");
        }
        let words: Vec<Option<String>> = bands()
            .written(&[9, 5, 5, 1, 0])
            .into_iter()
            .map(|case| case.band)
            .collect();
        let expected = ["x is at least 30", "x is at least 10, under 30", "x is under 10"];
        assert_eq!(words, expected.map(|words| Some(words.to_owned())));
    }

    #[test]
    fn values_of_the_same_points_are_written_together_the_best_first() {
        let values = ["a", "b", "c", "d"].map(|value| DraftCase::Text(value.to_owned()));
        let draft = Draft::Fit(DraftFit {
            name: "Found: x by value".to_owned(),
            field: "x".to_owned(),
            cases: values.into(),
        });
        let expected = "{ when = { x = [\"b\", \"d\"] }, points = 8 }; { when = { x = \"a\" }, points = -3 }";
        assert_eq!(cases(&draft, &[-3, 8, 0, 8]), expected);
        let bools = DraftFit {
            name: "Found: x by value".to_owned(),
            field: "x".to_owned(),
            cases: vec![DraftCase::Bool(true), DraftCase::Bool(false)],
        };
        assert_eq!(
            cases(&Draft::Fit(bools), &[0, 4]),
            "when = { x = false }; points = 4"
        );
    }
}
