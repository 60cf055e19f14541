//! A summary in words, for pages and the command line.

use super::summary::{ChangeCause, ChangeFigures, ReplaySummary, Share, SideFigures};

/// What two agreements come to in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRow {
    /// In which.
    pub what: &'static str,
    /// By the active version.
    pub active: String,
    /// By the other agreement.
    pub proposed: String,
}

impl ReplaySummary {
    /// Whom the two would have handed off, and which deals are gained and missed, as sentences.
    pub fn headline(&self) -> String {
        let who = format!(
            "Of {} leads version {} would have handed off {}, and this {}: {} newly, {} no longer.",
            self.judged, self.against, self.active, self.proposed, self.newly, self.no_longer
        );
        let won = |change: &ChangeFigures| change.fates.won;
        match &self.figures {
            Some(figures) if figures.active.recall.of > 0 => format!(
                "{who} Won deals: {} gained, {} missed.",
                won(&figures.newly),
                won(&figures.no_longer)
            ),
            _ => who,
        }
    }

    /// The two side by side, a row for each respect in which there is something to say.
    pub fn rows(&self) -> Vec<ReplayRow> {
        let Some(figures) = &self.figures else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let mut row = |what, of: &dyn Fn(&SideFigures) -> Option<String>| {
            let (active, proposed) = (of(&figures.active), of(&figures.proposed));
            if active.is_some() || proposed.is_some() {
                let shown = |said: Option<String>| said.unwrap_or_else(|| "–".to_owned());
                rows.push(ReplayRow {
                    what,
                    active: shown(active),
                    proposed: shown(proposed),
                });
            }
        };
        row("Won, of those decided", &|side| share(side.precision));
        row("Handed off, of all won", &|side| share(side.recall));
        row("Leads a week", &|side| side.per_week.map(tenths));
        row("In the busiest week", &|side| {
            side.per_week.map(|_| side.busiest_week.to_string())
        });
        row("A week for each who takes leads", &|side| {
            side.per_person.map(tenths)
        });
        rows
    }

    /// Why the two differ, a sentence for each way.
    pub fn causes(&self) -> Vec<String> {
        let figures = self.figures.iter();
        let ways = figures.flat_map(|it| [("Newly", &it.newly), ("No longer", &it.no_longer)]);
        ways.filter_map(|(which, change)| causes(which, change)).collect()
    }
}

/// `12 of 60 (12–32 %)`, with the interval.
fn share(share: Share) -> Option<String> {
    let percent = |millionths: u64| (millionths + 5_000) / 10_000;
    let (low, high) = (share.low?, share.high?);
    Some(format!(
        "{} of {} ({}–{} %)",
        share.hits,
        share.of,
        percent(low),
        percent(high)
    ))
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
            "fast" => format!("“{}”, which qualifies at once", cause.name),
            "group" => format!("the cap of “{}”", cause.name),
            kind => format!("the {kind} rule “{}”", cause.name),
        };
        format!("{what} ({})", cause.leads)
    };
    let causes: Vec<String> = change.causes.iter().map(named).collect();
    Some(format!("{which} because of {}.", causes.join(", ")))
}
