//! Which of a lead's events are held apart because a machine made them, and not the person: link scanners that open
//! every link of a mail, crawlers, programs that go faster than anybody can.
//!
//! What is held is kept, listed and counted, and the engine is given everything else. [`sift`] looks at a lead's whole
//! history and at nothing besides, so the order in which events arrive never shows. An event that somebody released is
//! never held, though it still speaks of the events around it; so releasing can only ever let more through.

mod agent;
mod crowd;
mod watch;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

pub use agent::known_agent;
pub use watch::{Verdict, Watch};

use self::crowd::{crowded, spans, within_any};
use crate::agreement::{Burst, Suspect};
use crate::domain::{Event, EventKind, EventView, Period, Timestamp, normalized_name};

/// The property by which an event says that a known machine sent it, and which.
pub const AGENT: &str = "context.agent";

/// How far the clock of a mail service and that of a browser may be apart: a page view may come so much before the click
/// that led to it.
const CLOCKS_APART: Period = Period::from_ms(5_000);

/// What an event is to the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A mail was delivered, which the lead didn't do.
    Delivered,
    /// A mail was opened.
    Opened,
    /// A link of a mail was clicked.
    Clicked,
    /// A page or screen was viewed.
    Viewed,
    /// Anything else.
    Other,
}

/// An event as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// When it was.
    pub ts: Timestamp,
    /// What it is.
    pub act: Act,
    /// Which mail it is about; empty where that isn't said.
    pub mail: Cow<'a, str>,
    /// Which link; empty where that isn't said.
    pub link: Cow<'a, str>,
    /// The known machine that sent it.
    pub agent: Option<Cow<'a, str>>,
    /// Somebody said that it is real.
    pub released: bool,
}

/// The rule by which an event is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A known crawler, HTTP library or headless browser sent it.
    Agents,
    /// It is one of more than a person can do.
    Speed,
    /// It is one of several clicks in a mail within seconds.
    Burst,
    /// It is a click in a mail that no page view followed yet.
    ClickWithoutVisit,
}

/// That an event is held, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// By which rule: the first that holds it, in the order of [`Rule`].
    pub rule: Rule,
    /// Why, in words.
    pub reason: String,
}

/// What came of sifting.
#[derive(Debug, Clone, Default)]
pub struct Sifted {
    /// For each event, in the order in which they were given, whether it is held.
    pub held: Vec<Option<Held>>,
    /// What is to be remembered for judging the next event.
    pub watch: Watch,
}

impl Rule {
    /// All rules, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self::Agents, Self::Speed, Self::Burst, Self::ClickWithoutVisit];

    /// The rule's key in `[suspect]`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Speed => "speed",
            Self::Burst => "burst",
            Self::ClickWithoutVisit => "click_without_visit",
        }
    }

    /// The rule of a key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == key)
    }
}

impl Suspect {
    /// What an event of this kind and name is to the rules.
    pub fn act(&self, kind: EventKind, name: &str) -> Act {
        if kind != EventKind::Track {
            return Act::Viewed;
        }
        let name = normalized_name(name);
        if self.mail.clicked.contains(&name) {
            Act::Clicked
        } else if self.mail.opened.contains(&name) {
            Act::Opened
        } else if self.mail.delivered.contains(&name) {
            Act::Delivered
        } else {
            Act::Other
        }
    }

    /// An event as the rules see it, which nobody released.
    pub fn see<'a>(&self, ts: Timestamp, event: &EventView<'a>) -> Sighting<'a> {
        self.see_act(ts, self.act(event.kind, event.name), event)
    }

    /// The same, where it is known what the event is.
    pub fn see_act<'a>(&self, ts: Timestamp, act: Act, event: &EventView<'a>) -> Sighting<'a> {
        let of_mail = matches!(act, Act::Delivered | Act::Opened | Act::Clicked);
        let said = |names: &[String]| {
            let first = names.iter().find_map(|name| event.properties.property(name));
            first
                .and_then(|value| value.as_texts().next())
                .unwrap_or_default()
        };
        Sighting {
            ts,
            act,
            mail: if of_mail {
                said(&self.mail.mail)
            } else {
                Cow::default()
            },
            link: if act == Act::Clicked {
                said(&self.mail.link)
            } else {
                Cow::default()
            },
            agent: event
                .properties
                .property(AGENT)
                .filter(|_| self.agents)
                .and_then(|agent| agent.as_texts().next()),
            released: false,
        }
    }

    /// Every property that [`Suspect::see`] reads.
    pub fn property_paths(&self) -> impl Iterator<Item = &str> {
        let mail = self.mail.mail.iter().chain(&self.mail.link).map(String::as_str);
        mail.chain([AGENT])
    }

    fn by_agent(&self, sighting: &Sighting<'_>) -> Option<Held> {
        let agent = sighting.agent.as_deref().filter(|_| self.agents)?;
        Some(Held {
            rule: Rule::Agents,
            reason: format!("sent by {agent}, which is a program"),
        })
    }

    fn by_speed(&self) -> Option<Held> {
        let speed = self.speed?;
        Some(Held {
            rule: Rule::Speed,
            reason: format!(
                "{} or more views and clicks within {}",
                speed.events, speed.within
            ),
        })
    }
}

impl Act {
    /// Whether a person does it by hand, one after the other.
    const fn by_hand(self) -> bool {
        matches!(self, Self::Viewed | Self::Clicked)
    }
}

/// Judges events, given in any order, of which those at the sorted places `released` are released; see [`sift`].
pub fn sift_events<'e>(
    rules: &Suspect,
    events: impl Iterator<Item = &'e Event>,
    released: &[usize],
) -> Vec<Option<Held>> {
    let views: Vec<(Timestamp, EventView<'_>)> = events.map(|event| (event.ts, event.view())).collect();
    let sightings = views.iter().enumerate().map(|(place, (ts, view))| Sighting {
        released: released.binary_search(&place).is_ok(),
        ..rules.see(*ts, view)
    });
    sift(rules, &sightings.collect::<Vec<_>>()).held
}

/// Judges a lead's events, given in any order: which are held, and what to remember for the next one.
pub fn sift(rules: &Suspect, sightings: &[Sighting<'_>]) -> Sifted {
    let mut held: Vec<Option<Held>> = sightings.iter().map(|one| rules.by_agent(one)).collect();
    let mut watch = Watch::new(sightings);
    hold_speed(rules, sightings, &mut held, &mut watch);
    if let Some(burst) = rules.burst {
        hold_bursts(burst, sightings, &mut held, &mut watch);
    }
    for (held, sighting) in held.iter_mut().zip(sightings) {
        if sighting.released {
            *held = None;
        }
    }
    if let Some(within) = rules.click_without_visit {
        hold_clicks(within, sightings, &mut held, &mut watch);
    }
    Sifted { held, watch }
}

/// Events while somebody does more than a person can, and for as long again after it.
fn hold_speed(rules: &Suspect, sightings: &[Sighting<'_>], held: &mut [Option<Held>], watch: &mut Watch) {
    let Some(speed) = rules.speed else { return };
    let by_hand = sightings.iter().filter(|one| one.act.by_hand());
    let mut times: Vec<Timestamp> = by_hand.map(|one| one.ts).collect();
    times.sort_unstable();
    let fast = spans(&times, speed.events as usize, speed.within);
    for (held, one) in held.iter_mut().zip(sightings) {
        if held.is_none() && one.act != Act::Delivered && within_any(&fast, one.ts) {
            *held = rules.by_speed();
        }
    }
    watch.saw_speed(speed, &times, fast.last().map(|(_, until)| *until));
}

/// Clicks on several links of one mail within seconds, and what opened the mail about then.
fn hold_bursts(burst: Burst, sightings: &[Sighting<'_>], held: &mut [Option<Held>], watch: &mut Watch) {
    let mut by_mail: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, one) in sightings.iter().enumerate() {
        if matches!(one.act, Act::Delivered | Act::Opened | Act::Clicked) {
            by_mail.entry(&one.mail).or_default().push(index);
        }
    }
    for mut indices in by_mail.into_values() {
        indices.sort_by_key(|index| sightings.get(*index).map(|one| one.ts));
        hold_burst(burst, sightings, &indices, held, watch);
    }
}

fn hold_burst(
    burst: Burst,
    sightings: &[Sighting<'_>],
    of_mail: &[usize],
    held: &mut [Option<Held>],
    watch: &mut Watch,
) {
    let of = |act: Act| {
        let all = of_mail
            .iter()
            .filter_map(|index| Some((*index, sightings.get(*index)?)));
        all.filter(move |(_, one)| one.act == act)
    };
    let clicks: Vec<(usize, Timestamp, &str)> = of(Act::Clicked)
        .map(|(index, one)| (index, one.ts, &*one.link))
        .collect();
    let times: Vec<Timestamp> = clicks.iter().map(|(_, ts, _)| *ts).collect();
    let deliveries: Vec<Timestamp> = of(Act::Delivered).map(|(_, one)| one.ts).collect();
    let links = burst.links as usize;
    let mut hold = |index: usize, reason: String| {
        if let Some(held @ None) = held.get_mut(index) {
            *held = Some(Held {
                rule: Rule::Burst,
                reason,
            });
        }
    };
    let of_one_another = crowded(&times, &clicks, links, burst.within);
    let after_delivery = burst
        .after_delivery
        .map(|within| crowded(&deliveries, &clicks, links, within));
    let mut burst_times = Vec::new();
    for (place, (index, ts, _)) in clicks.iter().enumerate() {
        let in_one = |crowd: &[bool]| crowd.get(place).copied().unwrap_or(false);
        if !in_one(&of_one_another) && !after_delivery.as_deref().is_some_and(in_one) {
            continue;
        }
        burst_times.push(*ts);
        hold(*index, burst_in_words(burst));
    }
    for (index, open) in of(Act::Opened) {
        let next = burst_times.partition_point(|ts| *ts < open.ts);
        let about = [next.checked_sub(1), Some(next)].into_iter().flatten();
        let mut about = about.filter_map(|place| burst_times.get(place));
        if about.any(|ts| ts.since(open.ts).ms().abs() <= burst.within.ms()) {
            hold(
                index,
                format!(
                    "opened within {} of a burst of clicks in the same mail",
                    burst.within
                ),
            );
        }
    }
    watch.saw_burst(burst_times.last().map(|last| last.plus(burst.within)));
}

/// Why a click of a burst is held: the same whichever of the two it met, since a later fact may add the other.
fn burst_in_words(burst: Burst) -> String {
    let Burst {
        links,
        within,
        after_delivery,
    } = burst;
    match after_delivery {
        None => format!("{links} or more links of one mail clicked within {within}"),
        Some(after) => format!(
            "{links} or more links of one mail clicked within {within} of one another or {after} of its delivery"
        ),
    }
}

/// Clicks in mails that no page view of a person followed.
fn hold_clicks(within: Period, sightings: &[Sighting<'_>], held: &mut [Option<Held>], watch: &mut Watch) {
    let visits = sightings.iter().zip(held.iter());
    let visits = visits.filter(|(one, held)| one.act == Act::Viewed && held.is_none());
    let mut visits: Vec<Timestamp> = visits.map(|(one, _)| one.ts).collect();
    visits.sort_unstable();
    for (held, one) in held.iter_mut().zip(sightings) {
        if one.act != Act::Clicked || held.is_some() || one.released {
            continue;
        }
        let next = visits.partition_point(|visit| one.ts.since(*visit) > CLOCKS_APART);
        let visited = visits
            .get(next)
            .is_some_and(|visit| visit.since(one.ts) <= within);
        if !visited {
            *held = Some(Held {
                rule: Rule::ClickWithoutVisit,
                reason: format!("no page view followed the click within {within}"),
            });
            watch.saw_pending(one.ts.plus(within));
        }
    }
}
