//! What differs between two agreements, for people: the sentence that matters first, then tables.

use bellwether_core::domain::Points;
use bellwether_replay::compare::{Cause, CauseCount, CauseKind, Comparison, Flipped, Side};
use bellwether_replay::outcomes::Fate;

use crate::commands::replay::{
    Grid, add, count, counted, heading, number, paragraph, percent, rate, without_time,
};

/// The most causes that the text lists, and the most leads; the JSON has more.
const CAUSES_LISTED_MAX: usize = 12;
const LEADS_LISTED_MAX: usize = 20;

/// The whole comparison.
pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = paragraph(&headline(comparison));
    text.push_str(&without_time(comparison.without_time, comparison.a.handed_off.of));
    text.push_str(&sides(comparison));
    text.push_str(&flipped("Newly gone to sales", &comparison.newly));
    text.push_str(&flipped("No longer gone to sales", &comparison.no_longer));
    text.push_str(&heading("Notes"));
    text.push_str(&paragraph(&format!(
        "Judged by what was known up to {}. A cause is what differs between the two ledgers when one of them handed the \
         lead off, as far as it bears on the line that the other didn't reach. Intervals, {}.",
        comparison.judged_at, comparison.intervals
    )));
    text
}

fn headline(comparison: &Comparison) -> String {
    if comparison.is_empty() {
        return format!(
            "No lead is treated differently: both hand off {}, at the same instants.",
            counted(comparison.both, "lead")
        );
    }
    let (newly, no_longer) = (&comparison.newly.fates, &comparison.no_longer.fates);
    let mut text = format!(
        "The second would have handed sales {} more and {} fewer: {} a week instead of {}.",
        counted(newly.total(), "lead"),
        count(no_longer.total()),
        number(comparison.b.load.per_week),
        number(comparison.a.load.per_week)
    );
    if comparison.outcomes.rows > 0 {
        add(
            &mut text,
            format_args!(
                " It gains {}{} and misses {}{}.",
                counted(newly.won, "won lead"),
                worth(&newly.amounts.to_string()),
                count(no_longer.won),
                worth(&no_longer.amounts.to_string())
            ),
        );
    }
    add(
        &mut text,
        format_args!(
            " Both hand off {}, {} of them sooner by the second and {} later.",
            counted(comparison.both, "lead"),
            count(comparison.sooner),
            count(comparison.later)
        ),
    );
    text
}

fn worth(amounts: &str) -> String {
    if amounts.is_empty() {
        String::new()
    } else {
        format!(" ({amounts})")
    }
}

fn sides(comparison: &Comparison) -> String {
    let (a, b) = (&comparison.a, &comparison.b);
    let mut grid = Grid::with_texts(1, &["", "first", "second"]);
    let mut row = |name: &str, of: &dyn Fn(&Side) -> String| grid.row(vec![name.to_owned(), of(a), of(b)]);
    row("gone to sales", &|side| count(side.handed_off.hits));
    row("share of all", &|side| percent(side.handed_off.rate));
    row("a week on average", &|side| number(side.load.per_week));
    row("in the busiest week", &|side| count(side.load.busiest));
    if a.load.capacity.is_some() {
        row("weeks over capacity", &|side| {
            count(side.load.weeks_over.unwrap_or(0))
        });
    }
    if a.load.people.is_some() {
        row("a week for each salesperson", &|side| {
            number(side.load.per_person)
        });
    }
    if comparison.outcomes.rows > 0 {
        row("won", &|side| count(side.fates.won));
        row("lost", &|side| count(side.fates.lost));
        row("rejected", &|side| count(side.fates.rejected));
        row("won of those known (precision)", &|side| rate(side.precision));
        row("of those won (recall)", &|side| rate(side.recall));
    }
    let mut text = heading("Before and after");
    for (name, side) in [("first", a), ("second", b)] {
        text.push_str(&paragraph(&format!("The {name} is: {}.", side.agreement)));
    }
    text.push_str(&grid.text());
    text
}

fn flipped(title: &str, flipped: &Flipped) -> String {
    let total = flipped.fates.total();
    if total == 0 {
        return String::new();
    }
    let mut text = heading(&format!("{title}: {}", counted(total, "lead")));
    let mut grid = Grid::with_texts(1, &["because of", "leads", "won"]);
    for cause in flipped.causes.iter().take(CAUSES_LISTED_MAX) {
        grid.row(vec![cause_in_words(cause), count(cause.leads), count(cause.won)]);
    }
    text.push_str(&grid.text());
    text.push('\n');
    let mut grid = Grid::with_texts(4, &["lead", "when", "fate", "because of"]);
    // Deals are what is asked for first.
    let mut leads: Vec<_> = flipped.leads.iter().collect();
    leads.sort_by_key(|lead| lead.fate != Some(Fate::Won));
    for lead in leads.into_iter().take(LEADS_LISTED_MAX) {
        let at = lead.at.to_string();
        let causes: Vec<String> = lead.causes.iter().map(change_in_words).collect();
        grid.row(vec![
            lead.lead.clone(),
            at.get(..10).unwrap_or(&at).to_owned(),
            lead.fate.map_or_else(String::new, |fate| fate.to_string()),
            causes.join(", "),
        ]);
    }
    text.push_str(&grid.text());
    let more = total.saturating_sub(LEADS_LISTED_MAX as u64);
    if more > 0 {
        text.push_str(&paragraph(&format!(
            "and {}; --format json lists up to {}.",
            counted(more, "more lead"),
            count(flipped.traced)
        )));
    }
    text
}

fn cause_in_words(cause: &CauseCount) -> String {
    let name = &cause.name;
    match cause.kind {
        CauseKind::Exclusion => format!("the exclusion `{name}`"),
        CauseKind::Fast => format!("`{name}`, by which one qualifies at once"),
        CauseKind::Line => format!("the {name} line"),
        CauseKind::Fit => format!("the fit rule `{name}`"),
        CauseKind::Intent => format!("the intent rule `{name}`"),
        CauseKind::Group => format!("the cap of `{name}`"),
    }
}

fn change_in_words(cause: &Cause) -> String {
    let points = |points: Option<Points>| points.map_or_else(|| "none".to_owned(), Points::short);
    let change = format!("{} -> {}", points(cause.a), points(cause.b));
    let name = &cause.name;
    match cause.kind {
        CauseKind::Exclusion => format!("exclusion `{name}`"),
        CauseKind::Fast => format!("`{name}` at once"),
        CauseKind::Line => format!("{name} line {change}"),
        CauseKind::Fit | CauseKind::Intent => format!("`{name}` {change}"),
        CauseKind::Group => format!("cap of `{name}` {change}"),
    }
}
