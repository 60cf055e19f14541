//! A summary in sentences, for pages and the command line.

use super::summary::{ChangeCause, ChangeFigures, ReplaySummary, Share, SideFigures};

impl ReplaySummary {
    /// What it says, a sentence each: who, what became of them, how much work it is, and why the two differ.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![format!(
            "Of {} leads version {} would have handed off {}, and this {}: {} newly, {} no longer.",
            self.judged, self.against, self.active, self.proposed, self.newly, self.no_longer
        )];
        let Some(figures) = &self.figures else {
            return sentences;
        };
        let (active, proposed) = (&figures.active, &figures.proposed);
        let decided = active.precision.of + proposed.precision.of;
        if decided + active.recall.of > 0 {
            sentences.push(format!(
                "Won deals: {} among those of version {}, {} among these; {} gained, {} missed.",
                active.fates.won,
                self.against,
                proposed.fates.won,
                figures.newly.fates.won,
                figures.no_longer.fates.won
            ));
            sentences.push(format!(
                "Of those decided were won, by version {}: {}; by this: {}.",
                self.against,
                share(active.precision),
                share(proposed.precision)
            ));
            sentences.push(format!(
                "Of all won leads would have been handed off before, by version {}: {}; by this: {}.",
                self.against,
                share(active.recall),
                share(proposed.recall)
            ));
        }
        sentences.push(format!(
            "Load, by version {}: {}; by this: {}.",
            self.against,
            load(active),
            load(proposed)
        ));
        sentences.extend(causes("Newly", &figures.newly));
        sentences.extend(causes("No longer", &figures.no_longer));
        sentences
    }
}

/// `12 of 60 (20 %, between 12 and 32 %)`.
fn share(share: Share) -> String {
    let percent = |millionths: u64| (millionths + 5_000) / 10_000;
    match (share.low, share.high) {
        (Some(low), Some(high)) => format!(
            "{} of {} ({} %, between {} and {} %)",
            share.hits,
            share.of,
            percent(share.hits * 1_000_000 / share.of.max(1)),
            percent(low),
            percent(high)
        ),
        _ => "none".to_owned(),
    }
}

/// `3.1 leads a week (9 in the busiest, 0.5 for each who takes leads)`.
fn load(side: &SideFigures) -> String {
    let Some(per_week) = side.per_week else {
        return "nobody".to_owned();
    };
    let person = side
        .per_person
        .map(|per_person| format!(", {} for each who takes leads", tenths(per_person)));
    format!(
        "{} leads a week ({} in the busiest{})",
        tenths(per_week),
        side.busiest_week,
        person.unwrap_or_default()
    )
}

fn tenths(millionths: u64) -> String {
    let tenths = (millionths + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn causes(which: &str, change: &ChangeFigures) -> Option<String> {
    if change.causes.is_empty() {
        return None;
    }
    let named = |cause: &ChangeCause| {
        let what = match cause.kind.as_str() {
            "line" => format!("the line on {}", cause.name),
            "exclusion" => format!("the exclusion “{}”", cause.name),
            "fast" => format!("“{}” qualifies at once", cause.name),
            "group" => format!("the cap of “{}”", cause.name),
            kind => format!("the {kind} rule “{}”", cause.name),
        };
        format!("{what} ({})", cause.leads)
    };
    let causes: Vec<String> = change.causes.iter().map(named).collect();
    Some(format!("{which} because of {}.", causes.join(", ")))
}
