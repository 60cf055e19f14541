//! Lints: what is allowed but probably not meant. Each has a name, explains itself, and can be silenced in the file with
//! a reason: `[[silence]]` with `lint`, `reason` and, for one rule only, `rule`.

mod bounds;
mod handoff;
mod line;
mod observed;
mod overlap;
mod rules;

use std::ops::Range;

use super::model::Silenced;
use super::parse::Parsed;
use super::problem::{Problems, quoted};

pub use observed::Observed;

/// A lint: its name, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lint {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What it finds, why that matters, and how to mend or silence it.
    pub explanation: &'static str,
    /// Whether it needs a history of events, and so isn't found by checking the file alone.
    pub needs_history: bool,
}

/// All lints, in the order in which they are documented.
pub const LINTS: [Lint; 17] = [
    lint(
        "low-intent-path",
        "A lead of the best fit can get over the line by rules of level `low` alone: reading and subscribing. Salespeople who call \
         such leads hear that they were only looking, and stop trusting the list. Put these rules in a `[[group]]` with a `max` that \
         keeps them below the line, lower their points, or raise `[qualify] intent`.",
    ),
    lint(
        "fit-alone",
        "Who a lead is suffices to get over the line, whatever it does: a title without any interest. Draw a line for interest with \
         `[qualify] intent`, or raise `[qualify] score` above what the fit rules give together.",
    ),
    lint(
        "intent-alone",
        "What a lead does suffices to get over the line, whoever it is: students and competitors read a lot, too. Draw a line for fit \
         with `[qualify] fit`, or cap the intent rules with `max` and `[[group]]`.",
    ),
    lint(
        "unreachable-line",
        "All rules together can't give what `[qualify]` asks for, so that nobody ever qualifies by it. Lower the line, or give more \
         points.",
    ),
    lint(
        "no-decay",
        "The rule's points never fade: a visit of two years ago counts as much as one of today, and scores only ever grow. Add \
         `decay = { half_life = \"30d\" }`, `decay = { lose = 25, every = \"30d\" }`, `decay = { over = \"180d\" }` or `expires = \"90d\"`.",
    ),
    lint(
        "never-negative",
        "Nothing takes points away: neither a poor fit (a private mailbox, a student) nor a sign of another purpose (a visit to the \
         careers page) nor silence. Without such rules everybody who stays long enough qualifies. Give some rule negative points.",
    ),
    lint(
        "unbounded-rule",
        "The rule gives points for every match, without an upper bound: somebody who reloads a page all day qualifies by that alone. Add \
         `max`, list the points (`points = [15, 10]`), or put the rule in a `[[group]]`.",
    ),
    lint(
        "overlapping-rules",
        "One and the same event gives the points of two rules, which is easily overlooked when their points are chosen. Narrow one of \
         the patterns, or silence the lint if both are meant. Found by trying an event that each rule describes on the other rules, \
         so an overlap that only shows in events that neither rule describes fully isn't found; a rule with `count` next to one \
         without it is taken as meant.",
    ),
    lint(
        "no-fit-gate",
        "`[qualify]` draws no line for fit: a lead that is nobody's customer qualifies once it is busy enough, or at once if it raises its \
         hand. Add `fit` to `[qualify]`.",
    ),
    lint(
        "no-rejection-reasons",
        "Sales can't say why a lead was sent back, so that nothing can be learned from it and no nurture track fits. Add a `[[rejection]]` \
         for each reason that occurs.",
    ),
    lint(
        "vague-reason",
        "A rejection reason such as `Other` is chosen whenever choosing takes thought, and teaches nothing. Say what was wrong (timing, \
         budget, authority, fit), or ask for a note with `note = true`.",
    ),
    lint(
        "slow-sla",
        "The time to first contact is long for the kind of lead: hand-raisers cool within the hour, other leads within a day, those who \
         came back within three. Add an `[[sla]]` for them before the general one, or shorten it.",
    ),
    lint(
        "underived-word",
        "The condition asks a derived field for a word that Bellwether never derives, so it holds only where a trait of that name was \
         sent. Most often it is misspelt.",
    ),
    lint(
        "page-path",
        "Pages are compared by their path, such as `/pricing`, without scheme and host; this pattern begins with neither `/` nor `*` and \
         so fits no page.",
    ),
    Lint {
        name: "dead-rule",
        explanation: "No event or lead of the history ever met the rule: its event may be called otherwise in the data. Compare the names, \
                      or take the rule out.",
        needs_history: true,
    },
    Lint {
        name: "share-out-of-range",
        explanation: "Of the history's leads fewer than 15 % or more than 25 % qualify. Below that, sales has too little to do and the line is \
                      probably too high; above it the list is no selection any more. Move the line.",
        needs_history: true,
    },
    Lint {
        name: "activity-outscores-intent",
        explanation: "Of the history's leads that qualify, a tenth or more got there by reading and subscribing: rules of level `low` gave \
                      them more than all others together. Salespeople who call such leads hear that they were only looking. Put \
                      the low rules in a `[[group]]` with a `max`, give them fewer points, or raise `[qualify] intent`.",
        needs_history: true,
    },
];

const fn lint(name: &'static str, explanation: &'static str) -> Lint {
    Lint {
        name,
        explanation,
        needs_history: false,
    }
}

/// What a lint finds, why that matters, and how to mend or silence it; `None` for an unknown name.
pub fn explain(name: &str) -> Option<&'static str> {
    LINTS
        .iter()
        .find(|lint| lint.name == name)
        .map(|lint| lint.explanation)
}

/// The names of all lints.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    LINTS.iter().map(|lint| lint.name)
}

/// Something that a lint found.
pub(super) struct Finding {
    lint: &'static str,
    /// The rules that it is about, by which it can be silenced.
    rules: Vec<String>,
    span: Range<usize>,
    message: String,
    help: String,
}

/// Runs every lint, those that need a history where there is one, and reports what isn't silenced.
pub(super) fn run(cx: &mut Problems<'_>, parsed: &Parsed, observed: Option<&Observed>) {
    let agreement = &parsed.agreement;
    let mut used = vec![false; agreement.silenced.len()];
    let found = [
        line::findings(parsed),
        rules::findings(parsed),
        overlap::findings(parsed),
        handoff::findings(parsed),
        observed
            .map(|observed| observed::findings(parsed, observed))
            .unwrap_or_default(),
    ];
    for finding in found.into_iter().flatten() {
        if !silence(&agreement.silenced, &mut used, finding.lint, &finding.rules) {
            cx.warn(finding.lint, finding.span, finding.message, finding.help);
        }
    }
    cx.retain_warnings(|code| {
        !["underived-word", "page-path"].contains(&code)
            || !silence(&agreement.silenced, &mut used, code, &[])
    });
    for ((silenced, used), span) in agreement.silenced.iter().zip(used).zip(&parsed.places.silenced) {
        let needs_history = LINTS
            .iter()
            .any(|lint| lint.name == silenced.lint && lint.needs_history);
        if !used && (!needs_history || observed.is_some()) {
            let message = format!("{} finds nothing that this would silence", quoted(&silenced.lint));
            cx.warn(
                "needless-silence",
                span.clone(),
                message,
                "take it out".to_owned(),
            );
        }
    }
}

/// Whether a silence covers this; all that do are marked as used.
fn silence(silenced: &[Silenced], used: &mut [bool], lint: &str, rules: &[String]) -> bool {
    let mut covered = false;
    for (one, used) in silenced.iter().zip(used) {
        if one.lint == lint && one.rule.as_ref().is_none_or(|rule| rules.contains(rule)) {
            *used = true;
            covered = true;
        }
    }
    covered
}
