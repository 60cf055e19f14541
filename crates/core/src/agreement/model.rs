//! The compiled agreement: every name resolved, every unit applied, every limit held.

mod sales;
mod suspect;

use std::collections::BTreeMap;

use serde::Serialize;

pub use sales::{
    EscalationAction, EscalationStep, Handoff, Limits, Message, NurtureStep, NurtureTrack, Pick, Priority,
    RejectionReason, Reply, Route, Sla, SlaCondition, SlaHours,
};
pub use suspect::{Burst, MailEvents, Speed, Suspect};

use super::condition::Condition;
use super::pattern::EventPattern;
use crate::domain::{Period, Points, Properties, Traits};
use crate::profile::channel::{FIRST_TOUCH_FIELDS, VISIT_PATHS};

/// A whole agreement, ready to run.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// What the agreement is called.
    pub name: String,
    /// The IANA zone of business hours; scoring days are UTC.
    pub timezone: String,
    /// How long after activation its review falls due.
    pub review: Option<Period>,
    /// Every field that conditions may name, with its type.
    pub fields: Fields,
    /// Who they are, in the file's order.
    pub fit: Vec<FitRule>,
    /// What they do, in the file's order.
    pub intent: Vec<IntentRule>,
    /// Caps on what several rules give together; [`IntentRule::group`] indexes it.
    pub groups: Vec<Group>,
    /// The line.
    pub qualify: Qualify,
    /// Who is never a lead for sales, in the file's order.
    pub disqualify: Vec<Disqualify>,
    /// Letters for fit, numbers for intent.
    pub grades: Option<Grades>,
    /// Clamps on what is shown.
    pub clamp: ScoreClamp,
    /// Which events are held apart as those of machines, where the file says so. Of files nothing is held without; a
    /// server holds by the default then.
    pub suspect: Option<Suspect>,
    /// What makes an account qualified.
    pub account: Option<AccountModel>,
    /// What happens when a lead qualifies.
    pub handoff: Handoff,
    /// Who gets it: the first that matches.
    pub routes: Vec<Route>,
    /// How fast they must act: the first that matches.
    pub slas: Vec<Sla>,
    /// Why sales may send it back.
    pub rejections: Vec<RejectionReason>,
    /// What happens to those sent back.
    pub nurture: Vec<NurtureTrack>,
    /// How often a lead is handed off, and written to.
    pub limits: Limits,
    /// Messages sent at once to hand-raisers.
    pub replies: Vec<Reply>,
    /// The texts of messages.
    pub messages: Vec<Message>,
    /// The definition, tested.
    pub examples: Vec<Example>,
    /// Lints that the file silences.
    pub silenced: Vec<Silenced>,
}

/// Field names and their types, built in and declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fields(pub BTreeMap<String, FieldType>);

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text, compared without case.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list of texts.
    List,
    /// An instant.
    Time,
}

/// A rule on who a lead is: the first case that holds gives its points.
#[derive(Debug, Clone)]
pub struct FitRule {
    /// What the rule is called; unique among fit rules.
    pub name: String,
    /// The cases in the file's order; a rule with `when` has one.
    pub cases: Vec<Case>,
}

/// One case of a fit rule.
#[derive(Debug, Clone)]
pub struct Case {
    /// When it applies.
    pub when: Condition,
    /// What it gives.
    pub points: Points,
}

/// A rule on what a lead, or an account, does.
#[derive(Debug, Clone)]
pub struct IntentRule {
    /// What the rule is called; unique among its kind.
    pub name: String,
    /// How strong a buying signal it is, where the file says so.
    pub level: Option<Level>,
    /// The index in [`Agreement::groups`] of the cap that it shares.
    pub group: Option<usize>,
    /// What it counts.
    pub kind: RuleKind,
}

/// How strong a buying signal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Reading and subscribing.
    Low,
    /// Comparing and attending.
    Medium,
    /// Asking for a demo, looking at prices.
    High,
}

/// What an intent rule counts.
#[derive(Debug, Clone)]
pub enum RuleKind {
    /// Matches of a pattern.
    Matches(Matches),
    /// The absence of events.
    Quiet(Quiet),
}

/// A rule that gives points for matches.
#[derive(Debug, Clone)]
pub struct Matches {
    /// Which events.
    pub on: EventPattern,
    /// A further event within this time of the last one kept is the same one.
    pub once_per: Option<Period>,
    /// How many events make one match; `None` means each does.
    pub count: Option<Count>,
    /// Points by recency: the most recent match gives the first. One entry without `by_recency` is given by each match.
    pub points: Vec<Points>,
    /// Whether `points` was written as a list.
    pub by_recency: bool,
    /// How many of the most recent matches count; `None` is all. Where points go by recency it is at most their number,
    /// and where `count` is given and nothing else was said, 1: both already applied.
    pub max: Option<u32>,
    /// How points fade with age.
    pub decay: Decay,
    /// The age in days at which a match counts no more.
    pub expires_days: Option<u32>,
}

/// `count = n`, `within = w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// How many events make a match; at least 1.
    pub events: u32,
    /// The time that they must fall within; `None` is any.
    pub within: Option<Period>,
}

/// How a match's points fade with its age in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// Not at all.
    None,
    /// To a half every so many days.
    HalfLife {
        /// Days to a half; at least 1.
        days: u32,
    },
    /// By a share of the original every so many days.
    Lose {
        /// Percent lost each time, 1 to 100.
        percent: u32,
        /// Days between losses; at least 1.
        every_days: u32,
    },
    /// In a straight line to nothing.
    Over {
        /// Days until nothing is left; at least 1.
        days: u32,
    },
}

/// A rule that gives points while nothing happens.
#[derive(Debug, Clone)]
pub struct Quiet {
    /// Which events end the quiet; `None` is any event.
    pub on: Option<EventPattern>,
    /// How long it must have been quiet.
    pub after: Period,
    /// What that gives.
    pub points: Points,
}

/// A cap on what several intent rules give together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the group is called.
    pub name: String,
    /// The most that its rules' positive points count for together.
    pub max: Points,
}

/// The line. One of `score`, `intent` and `fast` is there.
#[derive(Debug, Clone, Default)]
pub struct Qualify {
    /// What fit and intent together must reach.
    pub score: Option<Points>,
    /// What fit must reach, however much is done.
    pub fit: Option<Points>,
    /// What intent must reach, whoever it is.
    pub intent: Option<Points>,
    /// Normalized names of the track events by which a hand-raiser qualifies at once.
    pub fast: Vec<String>,
}

/// Who is never a lead for sales.
#[derive(Debug, Clone)]
pub struct Disqualify {
    /// What the exclusion is called.
    pub name: String,
    /// Whom it excludes.
    pub when: Condition,
}

/// Lines for letters and numbers, each list from the highest line down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grades {
    /// Letters by the fit that they ask for; below the last it is `D`.
    pub fit: Vec<(String, Points)>,
    /// Numbers by the intent that they ask for; below the last it is `4`.
    pub intent: Vec<(String, Points)>,
}

/// Bounds on what is shown of fit, intent and score; the line is drawn on what is not clamped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScoreClamp {
    /// The least that is shown.
    pub min: Option<Points>,
    /// The most that is shown.
    pub max: Option<Points>,
}

/// What makes an account qualified.
#[derive(Debug, Clone)]
pub struct AccountModel {
    /// The most that one person's intent adds to the account's score.
    pub per_person: Points,
    /// The score that qualifies.
    pub score: Option<Points>,
    /// How many people with positive intent that asks for.
    pub people: Option<u32>,
    /// How many roles of the committee that asks for.
    pub roles: Option<u32>,
    /// The roles of a buying committee.
    pub committee: Vec<CommitteeRole>,
    /// Signals that come for a company, not a person.
    pub intent: Vec<IntentRule>,
}

/// A role of a buying committee.
#[derive(Debug, Clone)]
pub struct CommitteeRole {
    /// What the role is called.
    pub role: String,
    /// Who holds it.
    pub when: Condition,
}

/// A lead that shows what the definition means, and what it must come to.
#[derive(Debug, Clone)]
pub struct Example {
    /// What the example shows.
    pub name: String,
    /// The lead's traits.
    pub traits: Traits,
    /// What it did, at instants before the moment of judging.
    pub events: Vec<ExampleEvent>,
    /// What must come of it.
    pub expect: Expectation,
    /// Where it stands in the file, 1-based, for messages.
    pub line: usize,
}

/// What an example's lead did.
#[derive(Debug, Clone)]
pub struct ExampleEvent {
    /// The kind of call: a page view, a screen, or a track event.
    pub kind: crate::domain::EventKind,
    /// Its name; `page` for a page view.
    pub name: String,
    /// Its path.
    pub path: Option<String>,
    /// Its properties.
    pub properties: Properties,
    /// How long before the moment of judging the last of them was.
    pub ago: Period,
    /// How many there were.
    pub times: u32,
    /// How far apart.
    pub every: Period,
}

/// What an example must come to; only what is there is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectation {
    /// Whether it qualified.
    pub qualified: Option<bool>,
    /// Its fit.
    pub fit: Option<Points>,
    /// Its intent.
    pub intent: Option<Points>,
    /// Its score.
    pub score: Option<Points>,
    /// Its grade, such as `A1`.
    pub grade: Option<String>,
    /// The name of the exclusion that it meets.
    pub disqualified_by: Option<String>,
    /// What made it qualify.
    pub trigger: Option<String>,
}

/// A lint that the file silences, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silenced {
    /// The lint's name.
    pub lint: String,
    /// Why it doesn't apply.
    pub reason: String,
    /// The one rule (or SLA, or rejection reason) that it doesn't apply to; `None` is the whole file.
    pub rule: Option<String>,
}

impl Agreement {
    /// Every property that an event pattern of the agreement reads, sorted; what isn't here can't change a score.
    pub fn property_paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self
            .intent
            .iter()
            .filter_map(IntentRule::pattern)
            .flat_map(|on| on.properties.iter().map(|(path, _)| path.as_str()))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Whether anything that is decided about a lead reads by what it first came.
    pub fn reads_first_touch(&self) -> bool {
        let cases = self
            .fit
            .iter()
            .flat_map(|rule| &rule.cases)
            .map(|case| &case.when);
        let excluded = self.disqualify.iter().map(|exclusion| &exclusion.when);
        let routes = self.routes.iter().map(|route| &route.when);
        let slas = self.slas.iter().filter_map(|sla| sla.when.traits.as_ref());
        let roles = self.account.iter().flat_map(|account| &account.committee);
        let nurture = self.nurture.iter().filter_map(|track| track.when.as_ref());
        let conditions = cases.chain(excluded).chain(routes).chain(slas).chain(nurture);
        let mut reads = false;
        for condition in conditions.chain(roles.map(|role| &role.when)) {
            condition.visit_fields(&mut |field| reads |= FIRST_TOUCH_FIELDS.contains(&field));
        }
        reads
    }

    /// Every property of an event that can change a score, sorted: those that patterns read and, where it matters by what a
    /// lead first came, those that say so.
    pub fn event_paths(&self) -> Vec<&str> {
        let mut paths = self.property_paths();
        if self.reads_first_touch() {
            paths.extend(VISIT_PATHS);
            paths.sort_unstable();
            paths.dedup();
        }
        paths
    }

    /// Every field that fit rules and exclusions read, sorted.
    pub fn scored_fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        let cases = self
            .fit
            .iter()
            .flat_map(|rule| rule.cases.iter().map(|case| &case.when));
        for condition in cases.chain(self.disqualify.iter().map(|exclusion| &exclusion.when)) {
            condition.visit_fields(&mut |field| fields.push(field));
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }
}

impl IntentRule {
    /// The events that the rule is about; `None` for a quiet rule that any event ends.
    pub fn pattern(&self) -> Option<&EventPattern> {
        match &self.kind {
            RuleKind::Matches(matches) => Some(&matches.on),
            RuleKind::Quiet(quiet) => quiet.on.as_ref(),
        }
    }
}
