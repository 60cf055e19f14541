//! Why one agreement hands a lead off and the other doesn't: what differs between their two ledgers at that instant, as far
//! as it bears on what the other one lacks.

use std::collections::BTreeMap;

use bellwether_core::domain::{Points, normalized_name};
use bellwether_core::explain::{Ledger, Requirement};
use serde::Serialize;

use super::Only;
use crate::report::wire;

/// Something that made the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What kind of thing it is.
    pub kind: CauseKind,
    /// The rule, the group, the exclusion, the event; of a line what it is drawn on.
    pub name: String,
    /// What it gives, takes or asks for in the first agreement; nothing where it isn't there.
    #[serde(serialize_with = "wire::text_opt")]
    pub a: Option<Points>,
    /// The same in the second one.
    #[serde(serialize_with = "wire::text_opt")]
    pub b: Option<Points>,
}

/// What made the difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// An exclusion that only one of them has, or that holds in only one.
    Exclusion,
    /// An event by which a lead qualifies at once in only one of them.
    Fast,
    /// A line that is drawn elsewhere.
    Line,
    /// A fit rule.
    Fit,
    /// An intent rule.
    Intent,
    /// What a group's cap takes away.
    Group,
}

impl CauseKind {
    /// The kind's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exclusion => "exclusion",
            Self::Fast => "fast",
            Self::Line => "line",
            Self::Fit => "fit",
            Self::Intent => "intent",
            Self::Group => "group",
        }
    }
}

/// The lines that the one that doesn't hand the lead off found wanting.
#[derive(Debug, Clone, Copy, Default)]
struct Wanting {
    score: bool,
    fit: bool,
    intent: bool,
}

/// The causes, the greatest first. `a` and `b` are the ledgers at the instant at which only one of them hands the lead off.
pub(super) fn causes(a: &Ledger, b: &Ledger, only: Only) -> Vec<Cause> {
    let (with, without) = match only {
        Only::A => (a, b),
        Only::B => (b, a),
    };
    let wanting = Wanting::of(without);
    let mut causes = Vec::new();
    if let Some(name) = &without.disqualified_by {
        causes.push(Cause {
            kind: CauseKind::Exclusion,
            name: name.clone(),
            a: None,
            b: None,
        });
    }
    let at_once = hand_raised(with);
    if let Some(event) = at_once.filter(|event| !is_fast(without, event)) {
        causes.push(Cause {
            kind: CauseKind::Fast,
            name: event.to_owned(),
            a: None,
            b: None,
        });
    }
    // A hand-raiser passes by the fit line alone, so the other lines made no difference.
    let wanting = Wanting {
        score: wanting.score && at_once.is_none(),
        intent: wanting.intent && at_once.is_none(),
        ..wanting
    };
    let mut points = lines(a, b, only, wanting);
    points.extend(rules(a, b, only, wanting));
    points.sort_by(|x, y| {
        let weight = |cause: &Cause| change(cause, only).millis().saturating_abs();
        let order = weight(y).cmp(&weight(x)).then(x.kind.cmp(&y.kind));
        order.then_with(|| x.name.cmp(&y.name))
    });
    causes.extend(points);
    causes
}

impl Wanting {
    fn of(ledger: &Ledger) -> Self {
        let lacks = |of: &str| ledger.line.iter().any(|line| line.of == of && !line.reached);
        Self {
            score: lacks("score"),
            fit: lacks("fit"),
            intent: lacks("intent"),
        }
    }
}

/// The event by which the lead qualified at once, though a line isn't reached.
fn hand_raised(ledger: &Ledger) -> Option<&str> {
    let trigger = ledger.qualified.as_ref()?.trigger.as_str();
    let drawn = |line: &&Requirement| line.of != "fit";
    let mut lines = ledger.line.iter().filter(drawn).peekable();
    let by_line = lines.peek().is_some() && lines.all(|line| line.reached);
    (!by_line && is_fast(ledger, trigger)).then_some(trigger)
}

fn is_fast(ledger: &Ledger, event: &str) -> bool {
    ledger.fast.contains(&normalized_name(event))
}

/// How much more the one that hands the lead off gives: a line that asks for less gives more.
fn change(cause: &Cause, only: Only) -> Points {
    let (a, b) = (cause.a.unwrap_or_default(), cause.b.unwrap_or_default());
    let more = match only {
        Only::A => a - b,
        Only::B => b - a,
    };
    if cause.kind == CauseKind::Line {
        -more
    } else {
        more
    }
}

fn lines(a: &Ledger, b: &Ledger, only: Only, wanting: Wanting) -> Vec<Cause> {
    let needs = |ledger: &Ledger, of: &str| {
        let line = ledger.line.iter().find(|line| line.of == of);
        line.map(|line| line.needs)
    };
    let asked = [
        ("score", wanting.score),
        ("fit", wanting.fit),
        ("intent", wanting.intent),
    ];
    let lines = asked
        .into_iter()
        .filter(|(_, wanting)| *wanting)
        .map(|(of, _)| Cause {
            kind: CauseKind::Line,
            name: of.to_owned(),
            a: needs(a, of),
            b: needs(b, of),
        });
    let helps = |cause: &Cause| {
        let with = match only {
            Only::A => cause.a,
            Only::B => cause.b,
        };
        with.is_none() || change(cause, only).is_positive()
    };
    lines.filter(helps).collect()
}

fn rules(a: &Ledger, b: &Ledger, only: Only, wanting: Wanting) -> Vec<Cause> {
    let mut given: BTreeMap<(CauseKind, &str), [Option<Points>; 2]> = BTreeMap::new();
    for (ledger, place) in [(a, 0), (b, 1)] {
        let fit = ledger.fit.iter();
        let fit = fit.map(|line| ((CauseKind::Fit, line.rule.as_str()), line.points));
        let intent = ledger.intent.iter();
        let intent = intent.map(|line| ((CauseKind::Intent, line.rule.as_str()), line.points));
        let cuts = ledger.cuts.iter();
        let cuts = cuts.map(|cut| ((CauseKind::Group, cut.group.as_str()), cut.points));
        for (key, points) in fit.chain(intent).chain(cuts) {
            if let Some(place) = given.entry(key).or_default().get_mut(place) {
                *place = Some(points);
            }
        }
    }
    let bears = |kind: CauseKind| match kind {
        CauseKind::Fit => wanting.score || wanting.fit,
        CauseKind::Intent | CauseKind::Group => wanting.score || wanting.intent,
        CauseKind::Exclusion | CauseKind::Fast | CauseKind::Line => false,
    };
    let given = given.into_iter().filter(|((kind, _), _)| bears(*kind));
    let causes = given.map(|((kind, name), [a, b])| Cause {
        kind,
        name: name.to_owned(),
        a,
        b,
    });
    causes.filter(|cause| change(cause, only).is_positive()).collect()
}
