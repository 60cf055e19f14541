//! Events as lines of JSON: Segment's calls, or flat rows.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use bellwether_core::domain::{EventKind, Timestamp, TraitSource, Traits, Value};
use bellwether_core::profile::channel::{PageAround, carried_of_page};
use bellwether_core::suspect::{AGENT, known_agent};
use serde_json::{Map, Value as Json};

use super::Taken;
use super::objects::take_objects;
use super::row::{EventRow, Layout, refusal, take};
use crate::cells::{flatten, flatten_traits, json_text, parse_object, read_time};
use crate::columns::{ColumnMap, EVENT, EVENT_LEAD, PATH, TS};
use crate::csv_table::cut_off;
use crate::error::ReplayError;
use crate::history::{Actor, History};
use crate::identity::is_junk;
use crate::limits::LEAD_ID_BYTES_MAX;
use crate::rejects::{Reason, Rejects};
use crate::rows::{Lines, Next};
use crate::signatures::Given;
use crate::source::{Progress, Source};

const CALLS: [&str; 6] = ["track", "page", "screen", "identify", "group", "alias"];

type Object = Map<String, Json>;

pub(super) fn read(
    source: &Source,
    columns: &ColumnMap,
    history: &mut History<'_>,
    progress: Progress<'_>,
    rejects: &mut Rejects,
) -> Result<(), ReplayError> {
    let mut lines = Lines::new(source.open(progress)?);
    let mut lines_of_objects = ObjectLines::default();
    loop {
        let next = lines.next();
        let next = next.map_err(|error| cut_off(source, lines.number(), lines.number(), &error, rejects))?;
        let mut junk = false;
        let taken = match next {
            Next::End => return Ok(()),
            Next::TooLong => Err((Reason::RowTooLong, String::new())),
            Next::Row => match parse_object(lines.line()) {
                Ok(object) if is_call(&object, columns) => take_call(&object, history, &mut junk)?,
                Ok(object) if has_objects(&object) => lines_of_objects.take(&object, columns, history)?,
                Ok(object) => take_flat(&object, columns, history)?,
                Err(refusal) => Err(refusal),
            },
        };
        if junk {
            rejects.add(&source.path, lines.number(), Reason::JunkId, "", lines.line())?;
        }
        if let Err((reason, detail)) = taken {
            rejects.add(&source.path, lines.number(), reason, &detail, lines.line())?;
        }
    }
}

/// Whether a line is one of Segment's calls, rather than a row of a table.
fn is_call(object: &Object, columns: &ColumnMap) -> bool {
    let called = object
        .get("type")
        .and_then(Json::as_str)
        .is_some_and(|call| CALLS.contains(&call));
    let keyed = ["userId", "anonymousId", "previousId", "messageId"]
        .iter()
        .any(|key| object.contains_key(*key));
    columns.lead.is_none() && called && keyed
}

fn take_flat(object: &Object, columns: &ColumnMap, history: &mut History<'_>) -> Taken {
    let names: Vec<String> = object.keys().cloned().collect();
    let cell = |wanted: &crate::columns::Wanted, named: Option<&String>| {
        let named = named.map(String::as_str);
        // A key that the caller named may be missing from one line without being wrong.
        let at = wanted.find(Path::new(""), &names, named).ok().flatten()?;
        object.get(names.get(at)?).and_then(json_text)
    };
    let cells = [
        cell(&EVENT_LEAD, columns.lead.as_ref()),
        cell(&TS, columns.ts.as_ref()),
        cell(&EVENT, columns.event.as_ref()),
        cell(&PATH, columns.path.as_ref()),
    ];
    if cells.iter().take(3).all(Option::is_none) {
        return Ok(Err((Reason::NotAnEvent, String::new())));
    }
    let [lead, ts, event, path] = cells.each_ref().map(|cell| cell.as_deref().map(str::trim));
    let mut flat = flatten(&Json::Object(object.clone()));
    // As in a table, what says who, when and what is no property.
    for (wanted, named) in [
        (&EVENT_LEAD, &columns.lead),
        (&TS, &columns.ts),
        (&EVENT, &columns.event),
    ] {
        let at = wanted
            .find(Path::new(""), &names, named.as_deref())
            .ok()
            .flatten();
        at.and_then(|at| names.get(at)).map(|name| flat.remove(name));
    }
    let row = EventRow {
        lead: lead.unwrap_or_default(),
        ts: ts.unwrap_or_default(),
        event: event.unwrap_or_default(),
        path: path.filter(|path| !path.is_empty()),
    };
    take(&row, Given::Map(&flat), history)
}

/// Whether a row of a table holds properties or traits as objects.
fn has_objects(object: &Object) -> bool {
    ["properties", "traits"]
        .iter()
        .any(|key| object.contains_key(*key))
}

/// Whether the first line says by whom and when traits were said.
pub(super) fn say_traits(source: &Source, columns: &ColumnMap) -> bool {
    let first = source.open(&|_| {}).map(|text| {
        let mut lines = Lines::new(text);
        lines.next().ok().filter(|next| *next == Next::Row)?;
        parse_object(lines.line()).ok()
    });
    first.is_ok_and(|first| {
        first.is_some_and(|object| object.contains_key("traits") && !is_call(&object, columns))
    })
}

/// Lines that hold properties or traits as objects; what their members mean is worked out once for lines that have the same.
#[derive(Default)]
struct ObjectLines {
    names: Vec<String>,
    layout: Option<Layout>,
}

impl ObjectLines {
    fn take(&mut self, object: &Object, columns: &ColumnMap, history: &mut History<'_>) -> Taken {
        if !object.keys().eq(&self.names) {
            self.names = object.keys().cloned().collect();
            self.layout = layout(&self.names, columns);
        }
        let layout = self.layout.as_ref();
        let Some((layout, objects)) = layout.and_then(|layout| Some((layout, layout.objects.as_ref()?)))
        else {
            // What it lacks is said as of any other row.
            return take_flat(object, columns, history);
        };
        let texts: Vec<String> = object.values().map(cell_text).collect();
        let mut row = match objects.row(layout, &|at| texts.get(at).map_or("", |text| text.trim())) {
            Ok(row) => row,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let is_own = |(at, _): &(usize, _)| layout.is_property(*at);
        let own: Object = object
            .iter()
            .enumerate()
            .filter(is_own)
            .map(|(_, (name, value))| (name.clone(), value.clone()))
            .collect();
        for (name, value) in flatten(&Json::Object(own)) {
            row.properties.entry(name).or_insert(value);
        }
        take_objects(row, history)
    }
}

/// What the members of a line mean. A key that the caller named may be missing from one line without being wrong.
fn layout(names: &[String], columns: &ColumnMap) -> Option<Layout> {
    let there = |named: &Option<String>| named.clone().filter(|name| names.contains(name));
    let map = ColumnMap {
        lead: there(&columns.lead),
        ts: there(&columns.ts),
        event: there(&columns.event),
        path: there(&columns.path),
        ..ColumnMap::default()
    };
    Layout::new(Path::new(""), names, &|_| false, &map, &[]).ok()
}

/// A member as a table's cell would hold it.
fn cell_text(value: &Json) -> String {
    match value {
        Json::Object(_) | Json::Array(_) => value.to_string(),
        value => json_text(value).unwrap_or_default(),
    }
}

/// Whom a call names.
struct Named {
    user: Option<String>,
    anonymous: Option<String>,
    junk: bool,
}

impl Named {
    fn of(object: &Object) -> Self {
        let id = |key: &str| {
            let id = object.get(key).and_then(json_text).map(|id| id.trim().to_owned());
            id.filter(|id| !id.is_empty())
        };
        let (user, anonymous) = (id("userId"), id("anonymousId"));
        let is_bad = |id: &Option<String>| id.as_ref().is_some_and(|id| is_junk(id));
        let junk = is_bad(&user) || is_bad(&anonymous);
        let good = |id: Option<String>| id.filter(|id| !is_junk(id));
        Self {
            user: good(user),
            anonymous: good(anonymous),
            junk,
        }
    }
}

fn take_call(object: &Object, history: &mut History<'_>, junk: &mut bool) -> Taken {
    let call = object.get("type").and_then(Json::as_str).unwrap_or_default();
    if call == "group" {
        history.counts.groups_ignored += 1;
        return Ok(Ok(()));
    }
    let named = Named::of(object);
    *junk = named.junk;
    let ids = [&named.user, &named.anonymous].into_iter().flatten();
    let Some(longest) = ids.max_by_key(|id| id.len()) else {
        return Ok(Err((Reason::MissingLead, String::new())));
    };
    let (kind, name) = match call {
        "page" => (EventKind::Page, Some("page".to_owned())),
        "screen" => (EventKind::Screen, screen_name(object)),
        "track" => (EventKind::Track, object.get("event").and_then(json_text)),
        // The other calls have no name; any will do for the check of the id.
        _ => (EventKind::Track, Some(call.to_owned())),
    };
    let name = name.unwrap_or_default().trim().to_owned();
    if let Some(refusal) = refusal(longest, &name) {
        return Ok(Err(refusal));
    }
    let time = ["timestamp", "originalTimestamp", "receivedAt", "sentAt"];
    let time = time.iter().find_map(|key| {
        object
            .get(*key)
            .and_then(json_text)
            .filter(|text| !text.trim().is_empty())
    });
    let ts = match read_time(&time.unwrap_or_default()) {
        Ok(ts) => ts,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !history.exists(ts) {
        return Ok(Ok(()));
    }
    let actor = actor(&named, ts, history)?;
    match call {
        "alias" => take_alias(object, actor, ts, history),
        "identify" => {
            let mut traits = traits_of(object.get("context").and_then(|context| context.get("traits")));
            traits.extend(traits_of(object.get("traits")));
            write(traits, actor, ts, object, history)?;
            Ok(Ok(()))
        }
        _ => {
            take_event(object, kind, &name, actor, ts, history)?;
            let traits = traits_of(object.get("context").and_then(|context| context.get("traits")));
            if !traits.is_empty() {
                write(traits, actor, ts, object, history)?;
            }
            Ok(Ok(()))
        }
    }
}

fn screen_name(object: &Object) -> Option<String> {
    let name = object
        .get("name")
        .or_else(|| object.get("properties")?.get("name"));
    name.and_then(json_text)
}

fn actor(named: &Named, ts: Timestamp, history: &mut History<'_>) -> Result<Actor, ReplayError> {
    let user = named.user.as_deref().map(|id| history.id(id)).transpose()?;
    let anonymous = named.anonymous.as_deref().map(|id| history.id(id)).transpose()?;
    Ok(match (user, anonymous) {
        (Some(user), Some(anonymous)) => {
            if user != anonymous {
                history.identities.link(ts.ms(), anonymous, user)?;
            }
            Actor {
                id: user,
                anonymous: false,
            }
        }
        (Some(user), None) => Actor {
            id: user,
            anonymous: false,
        },
        (None, anonymous) => Actor {
            id: anonymous.unwrap_or_default(),
            anonymous: true,
        },
    })
}

fn take_alias(object: &Object, actor: Actor, ts: Timestamp, history: &mut History<'_>) -> Taken {
    let previous = object.get("previousId").and_then(json_text).unwrap_or_default();
    let previous = previous.trim();
    if previous.is_empty() || is_junk(previous) {
        return Ok(Err((Reason::MissingLead, "no `previousId`".to_owned())));
    }
    if previous.len() > LEAD_ID_BYTES_MAX {
        return Ok(Err((Reason::LeadTooLong, String::new())));
    }
    let previous = history.id(previous)?;
    if previous != actor.id {
        history.identities.alias(ts.ms(), previous, actor.id)?;
    }
    Ok(Ok(()))
}

fn take_event(
    object: &Object,
    kind: EventKind,
    name: &str,
    actor: Actor,
    ts: Timestamp,
    history: &mut History<'_>,
) -> Result<(), ReplayError> {
    let mut properties = object.get("properties").map(flatten).unwrap_or_default();
    for key in ["name", "category"] {
        if let Some(text) = object
            .get(key)
            .and_then(Json::as_str)
            .filter(|text| !text.is_empty())
        {
            properties
                .entry(key.to_owned())
                .or_insert_with(|| Value::from(text));
        }
    }
    carry_context(object, kind, &mut properties);
    if history.signatures.reads(AGENT) {
        carry_agent(object, &mut properties);
    }
    let path = if kind == EventKind::Page {
        page_path(object)
    } else {
        None
    };
    let signature = history
        .signatures
        .of(kind, name, path.as_deref(), Given::Map(&properties))?;
    history.event(actor, ts, signature, message(object, 0))
}

/// What agreements may ask of where a visit came from.
fn carry_context(object: &Object, kind: EventKind, properties: &mut Traits) {
    let Some(context) = object.get("context") else {
        return;
    };
    if let Some(campaign) = context.get("campaign") {
        for (name, value) in flatten(campaign) {
            properties
                .entry(format!("context.campaign.{name}"))
                .or_insert(value);
        }
    }
    let referrer = context
        .get("page")
        .and_then(|page| page.get("referrer"))
        .and_then(Json::as_str);
    if let Some(referrer) = referrer.filter(|referrer| !referrer.is_empty()) {
        properties
            .entry("context.page.referrer".to_owned())
            .or_insert_with(|| Value::from(referrer));
    }
    if let Some(page) = context.get("page").filter(|_| !properties.contains_key("url")) {
        let text = |member: &str| page.get(member).and_then(Json::as_str);
        let page = PageAround {
            url: text("url"),
            search: text("search"),
            referrer: text("referrer"),
        };
        for (name, value) in carried_of_page(kind, page) {
            properties.entry(name.to_owned()).or_insert(value);
        }
    }
}

/// The program that made the event, where that is no person's browser.
fn carry_agent(object: &Object, properties: &mut Traits) {
    let context = object.get("context");
    let named = ["userAgent", "user_agent"]
        .into_iter()
        .find_map(|name| context?.get(name)?.as_str());
    if let Some(program) = named.and_then(known_agent) {
        let program = || Value::from(program);
        properties.entry(AGENT.to_owned()).or_insert_with(program);
    }
}

/// A page's path: what the call says before what the page around it says, and a path before a whole address.
fn page_path(object: &Object) -> Option<String> {
    let own = object.get("properties");
    let around = object.get("context").and_then(|context| context.get("page"));
    let text = |of: Option<&Json>, key: &str| {
        let text = of?.get(key)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    };
    let path = text(own, "path")
        .or_else(|| text(around, "path"))
        .or_else(|| text(own, "url").as_deref().and_then(path_of_url))
        .or_else(|| text(around, "url").as_deref().and_then(path_of_url))?;
    Some(path.split(['?', '#']).next().unwrap_or_default().to_owned())
}

fn path_of_url(url: &str) -> Option<String> {
    let (_, after) = url.split_once("://")?;
    Some(
        after
            .find('/')
            .and_then(|slash| after.get(slash..))
            .unwrap_or("/")
            .to_owned(),
    )
}

fn traits_of(traits: Option<&Json>) -> Traits {
    traits.map(flatten_traits).unwrap_or_default()
}

fn write(
    traits: Traits,
    actor: Actor,
    ts: Timestamp,
    object: &Object,
    history: &mut History<'_>,
) -> Result<(), ReplayError> {
    history.write_traits(actor, ts, TraitSource::Stated, traits, message(object, 1))
}

/// By which a copy of a message is known; 0 where it has no id. `part` tells what one message says apart.
fn message(object: &Object, part: u8) -> u64 {
    let Some(id) = object
        .get("messageId")
        .and_then(json_text)
        .filter(|id| !id.is_empty())
    else {
        return 0;
    };
    let mut hasher = DefaultHasher::new();
    (id, part).hash(&mut hasher);
    hasher.finish().max(1)
}
