//! What happens to a lead that qualifies: the account's model, routes, SLAs, rejections, nurture tracks and messages.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::conditions::{condition, test, unknown_field_help};
use super::events::names;
use super::rules::intent;
use super::unique;
use crate::agreement::condition::Condition;
use crate::agreement::limits::{
    ALLOWED_MAX, BODY_BYTES_MAX, ESCALATION_PERCENT_MAX, PER_PERSON_DEFAULT, STEPS_MAX, TABLES_MAX,
};
use crate::agreement::model::{
    AccountModel, CommitteeRole, EscalationAction, EscalationStep, FieldType, Fields, Handoff, IntentRule,
    Limits, Message, NurtureStep, NurtureTrack, Pick, Priority, RejectionReason, Reply, Route, Sla,
    SlaCondition, SlaHours,
};
use crate::agreement::problem::{Problems, did_you_mean, quoted};
use crate::agreement::read::{
    Node, Section, boolean, entries, integer, long_text, period, points, positive_points, text, texts, word,
    wrong_type,
};
use crate::agreement::shape;
use crate::domain::Period;
use crate::message::{self, Names};

/// The account's model, its own intent rules with their places.
pub(super) fn account(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    fields: &Fields,
) -> Option<(AccountModel, Vec<Range<usize>>)> {
    let section = Section::open(cx, &shape::ACCOUNT, node)?;
    let line = section
        .get("qualify")
        .and_then(|node| Section::open(cx, &shape::ACCOUNT_QUALIFY, node));
    let whole = |cx: &mut Problems<'_>, node: &Node<'_>| integer(cx, node, &(1..=10_000));
    let (mut score, mut people, mut roles) = (None, None, None);
    if let Some(line) = &line {
        score = line.read(cx, "score", points);
        people = line.read(cx, "people", whole);
        roles = line.read(cx, "roles", whole);
    }
    let committees = section.tables(cx, "committee", &shape::COMMITTEE, TABLES_MAX);
    unique(cx, "committee role", &committees, "role");
    let committee: Vec<CommitteeRole> = committees
        .iter()
        .filter_map(|role| {
            let name = role.text(cx, "role");
            let when = role.read(cx, "when", |cx, node| condition(cx, node, fields))?;
            Some(CommitteeRole { role: name, when })
        })
        .collect();
    if let (Some(line), Some(asked)) = (&line, roles)
        && asked as usize > committees.len()
    {
        let message = format!(
            "{asked} roles are asked for, but the committee has {}",
            committees.len()
        );
        cx.error(
            "contradiction",
            line.key_span("roles"),
            message,
            "name more roles in `committee`, or ask for fewer".to_owned(),
        );
    }
    let per_person = section
        .read(cx, "per_person", positive_points)
        .unwrap_or(PER_PERSON_DEFAULT);
    let rules = intent(cx, &section, &shape::ACCOUNT_INTENT, &[]);
    let (intent, places): (Vec<IntentRule>, Vec<_>) = rules.into_iter().unzip();
    Some((
        AccountModel {
            per_person,
            score,
            people,
            roles,
            committee,
            intent,
        },
        places,
    ))
}

/// `[handoff]`, or what holds without it.
pub(super) fn handoff(
    cx: &mut Problems<'_>,
    node: Option<&Node<'_>>,
    fields: &Fields,
    tracks: &[NurtureTrack],
) -> Handoff {
    const TASK_DEFAULT: &str = "New MQL: follow up with {{ lead.name }}";
    let section = node.and_then(|node| Section::open(cx, &shape::HANDOFF, node));
    let Some(section) = section else {
        return Handoff {
            task: TASK_DEFAULT.to_owned(),
            opening: None,
            priority: Priority::Normal,
            expire: None,
            nurture: None,
            again: None,
            first_contact: Vec::new(),
        };
    };
    let priority = section.read(cx, "priority", |cx, node| word(cx, node, shape::PRIORITIES));
    Handoff {
        task: section
            .read(cx, "task", |cx, node| templated(cx, node, &Names::task(fields)))
            .unwrap_or_else(|| TASK_DEFAULT.to_owned()),
        opening: section.read(cx, "opening", |cx, node| {
            templated(cx, node, &Names::opening(fields))
        }),
        priority: match priority {
            Some(0) => Priority::Low,
            Some(2) => Priority::High,
            _ => Priority::Normal,
        },
        expire: section.read(cx, "expire", period),
        nurture: section.read(cx, "nurture", |cx, node| track_of(cx, node, tracks)),
        again: section.read(cx, "again", period),
        first_contact: section.read(cx, "first_contact", names).unwrap_or_default(),
    }
}

/// A text with `{{ … }}` in it.
fn templated(cx: &mut Problems<'_>, node: &Node<'_>, names: &Names) -> Option<String> {
    let written = long_text(cx, node, BODY_BYTES_MAX)?;
    for slip in message::check(&written, names) {
        let place = cx.place_within(&node.span(), &written, &slip.range);
        cx.bad_template(place, slip.message, slip.help);
    }
    Some(written)
}

/// `[[route]]`.
pub(super) fn routes(cx: &mut Problems<'_>, file: &Section<'_>, fields: &Fields) -> Vec<Route> {
    let sections = file.tables(cx, "route", &shape::ROUTE, TABLES_MAX);
    unique(cx, "route", &sections, "name");
    sections
        .iter()
        .map(|section| route(cx, section, fields))
        .collect()
}

fn route(cx: &mut Problems<'_>, section: &Section<'_>, fields: &Fields) -> Route {
    let pick = section.read(cx, "pick", |cx, node| word(cx, node, shape::PICKS));
    Route {
        name: section.text(cx, "name"),
        when: section
            .read(cx, "when", |cx, node| condition(cx, node, fields))
            .unwrap_or(Condition::All(Vec::new())),
        team: section.text(cx, "team"),
        pick: match pick {
            Some(1) => Pick::Weighted,
            Some(2) => Pick::LeastLoaded,
            _ => Pick::RoundRobin,
        },
    }
}

/// `[[sla]]`.
pub(super) fn slas(cx: &mut Problems<'_>, file: &Section<'_>, fields: &Fields) -> Vec<(Sla, Range<usize>)> {
    let sections = file.tables(cx, "sla", &shape::SLA, TABLES_MAX);
    unique(cx, "SLA", &sections, "name");
    sections
        .iter()
        .filter_map(|section| {
            let name = section.text(cx, "name");
            let when = section
                .read(cx, "when", |cx, node| sla_condition(cx, node, fields))
                .unwrap_or_default();
            let hours = section.read(cx, "hours", |cx, node| word(cx, node, shape::HOURS));
            let hours = if hours == Some(1) {
                SlaHours::Business
            } else {
                SlaHours::AroundTheClock
            };
            let steps = section.tables(cx, "escalate", &shape::ESCALATE, STEPS_MAX);
            let escalate = steps.iter().filter_map(|step| escalation(cx, step)).collect();
            let first_contact = section.read(cx, "first_contact", period)?;
            let pause = section.read(cx, "pause", pause_reasons).unwrap_or_default();
            Some((
                Sla {
                    name,
                    when,
                    first_contact,
                    hours,
                    escalate,
                    pause,
                },
                section.span.clone(),
            ))
        })
        .collect()
}

/// The reasons for a pause, each once.
fn pause_reasons(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Vec<String>> {
    let reasons = texts(cx, node)?;
    for (index, reason) in reasons.iter().enumerate() {
        let same = |other: &String| other.trim().to_lowercase() == reason.trim().to_lowercase();
        if reasons.iter().take(index).any(same) {
            let message = format!("the reason {} is given twice", quoted(reason));
            let help = "take one of the two out".to_owned();
            cx.error("duplicate-name", node.span(), message, help);
        }
    }
    Some(reasons)
}

fn sla_condition(cx: &mut Problems<'_>, node: &Node<'_>, fields: &Fields) -> Option<SlaCondition> {
    let DeValue::Table(table) = node.get_ref() else {
        wrong_type(
            cx,
            node,
            "a condition",
            "write a table, such as `{ trigger = \"Demo Requested\" }`",
        );
        return None;
    };
    if table.is_empty() {
        let message = "an empty condition holds for every handoff".to_owned();
        cx.error(
            "empty",
            node.span(),
            message,
            "leave `when` out to mean all".to_owned(),
        );
    }
    let mut when = SlaCondition::default();
    let mut traits = DeTable::new();
    for (key, value) in entries(table) {
        match key.get_ref().as_ref() {
            "trigger" => when.trigger = names(cx, value).unwrap_or_default(),
            "recycled" => when.recycled = boolean(cx, value),
            measure @ ("score" | "fit" | "intent" | "cycle") => {
                let test = test(cx, value, Some(FieldType::Number), 0);
                when.measures.extend(test.map(|test| (measure.to_owned(), test)));
            }
            "grade" => {
                let test = test(cx, value, Some(FieldType::Text), 0);
                when.measures.extend(test.map(|test| ("grade".to_owned(), test)));
            }
            name if fields.type_of(name).is_none() && !matches!(name, "any" | "all" | "not") => {
                let message = format!("there is no field {}", quoted(name));
                cx.error("unknown-field", key.span(), message, sla_field_help(name, fields));
            }
            _ => {
                traits.insert(key.clone(), value.clone());
            }
        }
    }
    if !traits.is_empty() {
        when.traits = condition(
            cx,
            &toml::Spanned::new(node.span(), DeValue::Table(traits)),
            fields,
        );
    }
    Some(when)
}

fn sla_field_help(name: &str, fields: &Fields) -> String {
    const MEASURES: [&str; 7] = ["trigger", "score", "fit", "intent", "cycle", "grade", "recycled"];
    match crate::agreement::problem::nearest(name, MEASURES) {
        Some(measure) => format!("did you mean {}?", quoted(measure)),
        None => unknown_field_help(name, fields),
    }
}

fn escalation(cx: &mut Problems<'_>, step: &Section<'_>) -> Option<EscalationStep> {
    let at_percent = step.read(cx, "at", |cx, node| {
        integer(cx, node, &(1..=ESCALATION_PERCENT_MAX))
    });
    let notify = step.read(cx, "notify", text);
    let reassign = step.read(cx, "reassign", boolean);
    if reassign == Some(false) {
        let message = "a step that doesn't reassign does nothing".to_owned();
        cx.error(
            "contradiction",
            step.key_span("reassign"),
            message,
            "leave the step out".to_owned(),
        );
    }
    match (step.has("notify"), step.has("reassign")) {
        (true, true) => {
            step.exclude(
                cx,
                &["reassign"],
                "notify",
                "write two steps at the same percentage",
            );
            None
        }
        (false, false) => {
            let message = "it isn't said what the step does".to_owned();
            cx.error(
                "missing-key",
                step.span.clone(),
                message,
                "add `notify = \"owner\"` or `reassign = true`".to_owned(),
            );
            None
        }
        (true, false) => Some(EscalationStep {
            at_percent: at_percent?,
            action: EscalationAction::Notify(notify?),
        }),
        (false, true) => Some(EscalationStep {
            at_percent: at_percent?,
            action: EscalationAction::Reassign,
        }),
    }
}

/// `[[rejection]]`; `tracks` are the names of the nurture tracks.
pub(super) fn rejections(
    cx: &mut Problems<'_>,
    file: &Section<'_>,
    tracks: &[NurtureTrack],
) -> Vec<(RejectionReason, Range<usize>)> {
    let sections = file.tables(cx, "rejection", &shape::REJECTION, TABLES_MAX);
    unique(cx, "rejection reason", &sections, "reason");
    sections
        .iter()
        .map(|section| {
            let reason = RejectionReason {
                reason: section.text(cx, "reason"),
                nurture: section.read(cx, "nurture", |cx, node| track_of(cx, node, tracks)),
                again: section.read(cx, "again", period),
                note: section.read(cx, "note", boolean).unwrap_or(false),
            };
            (reason, section.span.clone())
        })
        .collect()
}

/// The name of a nurture track.
fn track_of(cx: &mut Problems<'_>, node: &Node<'_>, tracks: &[NurtureTrack]) -> Option<String> {
    let track = text(cx, node)?;
    let known = tracks.iter().map(|track| track.name.as_str());
    known_name(cx, node, "nurture track", "nurture", &track, known);
    Some(track)
}

/// `[limits]`.
pub(super) fn limits(cx: &mut Problems<'_>, node: Option<&Node<'_>>) -> Limits {
    let mut limits = Limits::default();
    if let Some(section) = node.and_then(|node| Section::open(cx, &shape::LIMITS, node)) {
        let whole = |cx: &mut Problems<'_>, node: &Node<'_>| integer(cx, node, &(1..=ALLOWED_MAX));
        limits.cycles = section.read(cx, "cycles", whole).unwrap_or(limits.cycles);
        limits.messages_a_week = section
            .read(cx, "messages_a_week", whole)
            .unwrap_or(limits.messages_a_week);
    }
    limits
}

/// Reports a name that no `[[section]]` has.
fn known_name<'n>(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    what: &str,
    section: &str,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) {
    if known.clone().any(|one| one == name) {
        return;
    }
    let help = if known.clone().next().is_none() {
        format!("add a section `[[{section}]]` with that name")
    } else {
        did_you_mean(name, known)
    };
    cx.error(
        "unknown-name",
        node.span(),
        format!("there is no {what} {}", quoted(name)),
        help,
    );
}

/// `[[nurture]]`.
pub(super) fn nurture(
    cx: &mut Problems<'_>,
    file: &Section<'_>,
    messages: &[Message],
    fields: &Fields,
) -> Vec<NurtureTrack> {
    let sections = file.tables(cx, "nurture", &shape::NURTURE, TABLES_MAX);
    unique(cx, "nurture track", &sections, "name");
    sections
        .iter()
        .map(|section| {
            let name = section.text(cx, "name");
            let steps = section.tables(cx, "steps", &shape::STEP, STEPS_MAX);
            NurtureTrack {
                name,
                when: section.read(cx, "when", |cx, node| condition(cx, node, fields)),
                steps: steps
                    .iter()
                    .map(|step| nurture_step(cx, step, messages))
                    .collect(),
            }
        })
        .collect()
}

fn nurture_step(cx: &mut Problems<'_>, step: &Section<'_>, messages: &[Message]) -> NurtureStep {
    NurtureStep {
        wait: step.read(cx, "wait", period).unwrap_or(Period::from_days(1)),
        send: sent(cx, step, messages),
    }
}

/// The name under `send`, which must be a message's.
fn sent(cx: &mut Problems<'_>, section: &Section<'_>, messages: &[Message]) -> String {
    let name = section.read(cx, "send", text);
    if let (Some(name), Some(node)) = (&name, section.get("send")) {
        known_name(
            cx,
            node,
            "message",
            "message",
            name,
            messages.iter().map(|message| message.name.as_str()),
        );
    }
    name.unwrap_or_default()
}

/// `[[reply]]`.
pub(super) fn replies(cx: &mut Problems<'_>, file: &Section<'_>, messages: &[Message]) -> Vec<Reply> {
    let sections = file.tables(cx, "reply", &shape::REPLY, TABLES_MAX);
    sections
        .iter()
        .map(|section| Reply {
            on: section.read(cx, "on", names).unwrap_or_default(),
            send: sent(cx, section, messages),
        })
        .collect()
}

/// `[[message]]`.
pub(super) fn messages(cx: &mut Problems<'_>, file: &Section<'_>, fields: &Fields) -> Vec<Message> {
    let names = Names::mail(fields);
    let sections = file.tables(cx, "message", &shape::MESSAGE, TABLES_MAX);
    unique(cx, "message", &sections, "name");
    sections
        .iter()
        .map(|section| Message {
            name: section.text(cx, "name"),
            subject: section
                .read(cx, "subject", |cx, node| templated(cx, node, &names))
                .unwrap_or_default(),
            body: section
                .read(cx, "body", |cx, node| templated(cx, node, &names))
                .unwrap_or_default(),
        })
        .collect()
}
