//! From the file's text to the compiled agreement: every section is read even where another is wrong, so that all
//! problems are found in one go.

mod conditions;
mod events;
mod examples;
mod handoff;
mod rules;
mod suspect;

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::fields::{RESERVED, TYPES};
use super::limits::{FIELDS_MAX, FILE_BYTES_MAX};
use super::model::{Agreement, FieldType, Fields, Qualify};
use super::problem::{Problems, did_you_mean, listed, quoted};
use super::read::{Node, Section, entries, period, wrong_type};
use super::shape;
use examples::Known;

/// The compiled agreement, with the places in the file that lints and examples point at; each list goes with the
/// agreement's list of the same name.
pub(super) struct Parsed {
    pub(super) agreement: Agreement,
    pub(super) places: Places,
}

/// Where the parts of an agreement stand in its file.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) fit: Vec<Range<usize>>,
    pub(super) intent: Vec<Range<usize>>,
    pub(super) account_intent: Vec<Range<usize>>,
    pub(super) qualify: Range<usize>,
    pub(super) slas: Vec<Range<usize>>,
    pub(super) rejections: Vec<Range<usize>>,
    pub(super) examples: Vec<Range<usize>>,
    pub(super) silenced: Vec<Range<usize>>,
}

/// Reads the whole file; what comes of a file with errors is not to be used.
pub(super) fn parse(cx: &mut Problems<'_>, source: &str) -> Option<Parsed> {
    if source.len() > FILE_BYTES_MAX {
        let message = format!("the file has {} bytes", source.len());
        cx.error(
            "too-long",
            0..0,
            message,
            format!("an agreement has at most {FILE_BYTES_MAX} bytes"),
        );
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(source);
    // After its first error the rest of a line is read wrongly more often than not.
    let mut lines = std::collections::BTreeSet::new();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let (message, help) = syntax(error.message());
        if lines.insert(cx.line_of(span.start)) {
            cx.error("syntax", span, message, help);
        }
    }
    let file = Section::of(cx, &shape::FILE, table.get_ref(), 0..0);
    let parsed = sections(cx, &file);
    cx.forgive_after_syntax_errors();
    (!cx.has_errors()).then_some(parsed)
}

/// The TOML parser's message in this project's form, with what to do.
fn syntax(message: &str) -> (String, String) {
    let help = if message.contains("duplicate key") {
        "take one of the two out; a section that may stand several times has two brackets: `[[intent]]`"
    } else if message.contains("recurs") {
        "tables and lists are nested too deep: take some levels out"
    } else if message.contains("string") {
        "a text begins and ends with the same quotes, on one line"
    } else {
        "the file is TOML: `key = value` lines under `[section]` headers, texts in quotes"
    };
    (format!("the file can't be read here: {message}"), help.to_owned())
}

/// `[qualify]`, and where it stands.
fn line(cx: &mut Problems<'_>, file: &Section<'_>) -> (Qualify, Range<usize>) {
    let section = file
        .get("qualify")
        .and_then(|node| Section::open(cx, &shape::QUALIFY, node));
    section.map_or_else(
        || (Qualify::default(), 0..0),
        |section| (rules::qualify(cx, &section), section.span),
    )
}

fn sections(cx: &mut Problems<'_>, file: &Section<'_>) -> Parsed {
    let (name, timezone, review) = heading(cx, file);
    let fields = file
        .get("fields")
        .map_or_else(Fields::built_in, |node| declared(cx, node));
    let groups = rules::groups(cx, file);
    let (intent, intent_places) = rules::intent(cx, file, &shape::INTENT, &groups)
        .into_iter()
        .unzip();
    let (qualify, qualify_place) = line(cx, file);
    let disqualify = rules::disqualify(cx, file, &fields);
    let grades = file.read(cx, "grades", rules::grades);
    let (account, account_intent) = file
        .read(cx, "account", |cx, node| handoff::account(cx, node, &fields))
        .unzip();
    let (slas, sla_places) = handoff::slas(cx, file, &fields).into_iter().unzip();
    let messages = handoff::messages(cx, file, &fields);
    let nurture = handoff::nurture(cx, file, &messages, &fields);
    let (rejections, rejection_places) = handoff::rejections(cx, file, &nurture).into_iter().unzip();
    let known = Known {
        fields: &fields,
        grades: grades.as_ref(),
        exclusions: &disqualify,
    };
    let (examples, example_places) = examples::examples(cx, file, &known).into_iter().unzip();
    let (fit, fit_places) = rules::fit(cx, file, &fields).into_iter().unzip();
    let mut agreement = Agreement {
        name,
        timezone,
        review,
        fit,
        intent,
        groups,
        qualify,
        grades,
        clamp: file.read(cx, "score", rules::clamp).unwrap_or_default(),
        suspect: file.read(cx, "suspect", suspect::suspect),
        account,
        handoff: handoff::handoff(cx, file.get("handoff"), &fields, &nurture),
        routes: handoff::routes(cx, file, &fields),
        slas,
        rejections,
        limits: handoff::limits(cx, file.get("limits")),
        replies: handoff::replies(cx, file, &messages),
        nurture,
        messages,
        examples,
        silenced: Vec::new(),
        fields,
        disqualify,
    };
    let (silenced, silence_places) = examples::silences(cx, file, &silenceable(&agreement))
        .into_iter()
        .unzip();
    agreement.silenced = silenced;
    let places = Places {
        fit: fit_places,
        intent: intent_places,
        account_intent: account_intent.unwrap_or_default(),
        qualify: qualify_place,
        slas: sla_places,
        rejections: rejection_places,
        examples: example_places,
        silenced: silence_places,
    };
    Parsed { agreement, places }
}

/// The names that a silence can be narrowed to.
fn silenceable(agreement: &Agreement) -> Vec<&str> {
    let account = agreement.account.iter().flat_map(|account| &account.intent);
    let fit = agreement.fit.iter().map(|rule| rule.name.as_str());
    let intent = agreement
        .intent
        .iter()
        .chain(account)
        .map(|rule| rule.name.as_str());
    let slas = agreement.slas.iter().map(|sla| sla.name.as_str());
    let reasons = agreement
        .rejections
        .iter()
        .map(|rejection| rejection.reason.as_str());
    fit.chain(intent).chain(slas).chain(reasons).collect()
}

/// `[agreement]`: name, time zone and review.
fn heading(cx: &mut Problems<'_>, file: &Section<'_>) -> (String, String, Option<crate::domain::Period>) {
    let section = file
        .get("agreement")
        .and_then(|node| Section::open(cx, &shape::AGREEMENT, node));
    let Some(section) = section else {
        return (String::new(), "UTC".to_owned(), None);
    };
    let name = section.text(cx, "name");
    let timezone = section
        .read(cx, "timezone", timezone)
        .unwrap_or_else(|| "UTC".to_owned());
    (name, timezone, section.read(cx, "review", period))
}

fn timezone(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<String> {
    let name = super::read::text(cx, node)?;
    // The zones that are built in are asked, so that a file means the same on every machine.
    let zones = jiff::tz::TimeZoneDatabase::bundled();
    if name.len() <= 64 && zones.get(&name).is_ok() {
        return Some(name);
    }
    let known: Vec<String> = zones.available().map(|zone| zone.as_str().to_owned()).collect();
    let help = super::problem::nearest(&name, known.iter().map(String::as_str)).map_or_else(
        || "write an IANA name, such as `Europe/Berlin` or `America/New_York`".to_owned(),
        |zone| format!("did you mean {}?", quoted(zone)),
    );
    cx.error(
        "unknown-timezone",
        node.span(),
        format!("there is no time zone {}", quoted(&name)),
        help,
    );
    None
}

/// The built-in fields and those that `[fields]` declares.
fn declared(cx: &mut Problems<'_>, node: &Node<'_>) -> Fields {
    let mut fields = Fields::built_in();
    let DeValue::Table(table) = node.get_ref() else {
        wrong_type(
            cx,
            node,
            "a table",
            "write `[fields]` and, below it, lines like `plan = \"text\"`",
        );
        return fields;
    };
    if table.len() > FIELDS_MAX {
        let message = format!(
            "{} fields are more than the {FIELDS_MAX} that may be declared",
            table.len()
        );
        cx.error("too-many", node.span(), message, format!("keep to {FIELDS_MAX}"));
        return fields;
    }
    for (key, value) in entries(table) {
        let name = key.get_ref().as_ref();
        if Fields::is_built_in(name) {
            let message = format!("{} is built in", quoted(name));
            cx.error(
                "duplicate-name",
                key.span(),
                message,
                "take the line out: it needs no declaration".to_owned(),
            );
        } else if !Fields::may_be_called(name) {
            let message = format!("no field can be called {}", quoted(name));
            let help = format!(
                "give it another name; {} mean something else in conditions",
                listed(RESERVED, "and")
            );
            cx.error("reserved-name", key.span(), message, help);
        } else {
            let of = field_type(cx, value);
            // A field of an unknown type is still declared, so that its uses aren't reported too.
            fields.0.insert(name.to_owned(), of.unwrap_or(FieldType::Text));
        }
    }
    fields
}

fn field_type(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<FieldType> {
    let names = shape::type_names();
    let Some(written) = node.get_ref().as_str() else {
        let help = format!(
            "write one of {}, in quotes; a name with a dot is put in quotes too",
            listed(names, "and")
        );
        wrong_type(cx, node, "a field's type", &help);
        return None;
    };
    let found = TYPES.iter().find(|(name, _)| *name == written).map(|(_, of)| *of);
    if found.is_none() {
        let message = format!("there is no field type {}", quoted(written));
        cx.error("unknown-word", node.span(), message, did_you_mean(written, names));
    }
    found
}

/// Reports tables whose name another of the same kind has already.
fn unique(cx: &mut Problems<'_>, what: &str, sections: &[Section<'_>], key: &str) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for section in sections {
        let Some(node) = section.get(key) else { continue };
        let Some(name) = node
            .get_ref()
            .as_str()
            .map(str::trim)
            .filter(|name| !name.is_empty())
        else {
            continue;
        };
        match seen.get(name) {
            Some(first) => {
                let message = format!("there are two {what}s called {}", quoted(name));
                let help = format!(
                    "give each its own name; the first is on line {}",
                    cx.line_of(*first)
                );
                cx.error("duplicate-name", node.span(), message, help);
            }
            None => {
                seen.insert(name, node.span().start);
            }
        }
    }
}
