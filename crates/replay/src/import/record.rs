//! A row, made into what it says by a plan, or the reason why it says nothing.

use bellwether_core::domain::{Properties, Stage, Timestamp, TraitSource, Traits, Value};
use bellwether_core::profile::fill_known_fields;
use bellwether_core::records::{
    AccountRecord, CallKind, EventRecord, LeadRecord, OutcomeRecord, Record, RecordKeys, RecordKind,
};

use super::amounts::thousandths;
use super::dates::{self, DateError, DateForm};
use super::headers::plain;
use super::plan::{Plan, Target};
use super::row::Row;
use crate::cells::flatten;

/// The name that page views have.
const PAGE: &str = "page";
/// The longest name or id, in bytes.
const NAME_BYTES_MAX: usize = 512;
/// The most ids of one row.
const KEYS_MAX: usize = 256;

/// Words for stages in other systems, beside the stages' own names.
const STAGES: [(&str, Stage); 20] = [
    ("subscriber", Stage::Lead),
    ("prospect", Stage::Lead),
    ("interessent", Stage::Lead),
    ("marketingqualified", Stage::Mql),
    ("marketingqualifiedlead", Stage::Mql),
    ("salesaccepted", Stage::Sal),
    ("salesacceptedlead", Stage::Sal),
    ("salesqualified", Stage::Sql),
    ("salesqualifiedlead", Stage::Sql),
    ("opportunite", Stage::Opportunity),
    ("verkaufschance", Stage::Opportunity),
    ("kunde", Stage::Customer),
    ("client", Stage::Customer),
    ("evangelist", Stage::Customer),
    ("won", Stage::Customer),
    ("closedwon", Stage::Customer),
    ("nurture", Stage::Recycled),
    ("nurturing", Stage::Recycled),
    ("unqualified", Stage::Disqualified),
    ("disqualifiziert", Stage::Disqualified),
];
/// Words for a deal that was won, without case and without anything but letters and digits.
pub(crate) const WON: [&str; 7] = [
    "won",
    "closedwon",
    "win",
    "gewonnen",
    "gagne",
    "gagnee",
    "closedwongewonnen",
];
/// The same for one that was lost.
pub(crate) const LOST: [&str; 7] = [
    "lost",
    "closedlost",
    "loss",
    "verloren",
    "perdu",
    "perdue",
    "closedlostverloren",
];

/// Why a row is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason, under which rows are counted.
    pub reason: &'static str,
    /// What in particular.
    pub detail: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.detail.as_str() {
            "" => f.write_str(self.reason),
            detail => write!(f, "{}: {detail}", self.reason),
        }
    }
}

fn refuse<T>(reason: &'static str, detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        reason,
        detail: detail.into(),
    })
}

impl Plan {
    /// What a row says.
    pub fn record(&self, row: &Row) -> Result<Record, Refusal> {
        if let Some(broken) = &row.broken {
            return Err(broken.clone());
        }
        let cells = Cells { plan: self, row };
        match self.kind {
            RecordKind::Leads => cells.lead().map(|lead| Record::Lead(Box::new(lead))),
            RecordKind::Events => cells.event().map(|event| Record::Event(Box::new(event))),
            RecordKind::Accounts => cells.account().map(|account| Record::Account(Box::new(account))),
            RecordKind::Outcomes => cells.outcome().map(|outcome| Record::Outcome(Box::new(outcome))),
        }
    }
}

struct Cells<'a> {
    plan: &'a Plan,
    row: &'a Row,
}

impl Cells<'_> {
    fn value(&self, at: usize) -> Option<&Value> {
        self.row.cells.get(at)?.as_ref()
    }

    fn field(&self, wanted: &str) -> Option<(usize, &Value)> {
        self.plan.targets.iter().find_map(|(at, target)| match target {
            Target::Field(field) if *field == wanted => Some((*at, self.value(*at)?)),
            _ => None,
        })
    }

    fn text(&self, field: &str) -> Option<String> {
        let (_, value) = self.field(field)?;
        let text = value.to_string();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An id or a name, which isn't as long as a story.
    fn name(&self, field: &'static str) -> Result<Option<String>, Refusal> {
        let text = self.text(field);
        if text.as_ref().is_some_and(|text| text.len() > NAME_BYTES_MAX) {
            return refuse(
                "an id or a name is too long",
                format!("`{field}` has more than {NAME_BYTES_MAX} bytes"),
            );
        }
        Ok(text)
    }

    fn time(&self, field: &'static str) -> Result<Option<Timestamp>, Refusal> {
        let Some((at, value)) = self.field(field) else {
            return Ok(None);
        };
        let form = self.plan.dates.iter().find(|(known, _)| *known == at);
        let form = form.map_or(DateForm::Iso, |(_, form)| *form);
        let text = value.to_string();
        match dates::read(&text, form, &self.plan.zone) {
            Ok(at) => Ok(Some(at)),
            Err(DateError::Unreadable) => refuse(
                "a time that can't be read",
                format!("`{}` as {}", short(&text), form.as_str()),
            ),
            Err(DateError::OutOfRange) => {
                refuse("a time outside 1970 to 2199", format!("`{}`", short(&text)))
            }
        }
    }

    fn keys(&self, own: &'static str) -> Result<RecordKeys, Refusal> {
        let mut keys = RecordKeys {
            anonymous_id: self.name("anonymous_id")?,
            user_id: self.name("user_id")?,
            email: self.email()?,
            external_ids: Vec::new(),
        };
        if let Some(id) = self.name(own)? {
            if own == "lead" && id.contains('@') && keys.email.is_none() {
                keys.email = Some(id);
            } else {
                keys.external_ids.push((self.plan.id_kind.clone(), id));
            }
        }
        for (at, target) in &self.plan.targets {
            if let (Target::External(kind), Some(value)) = (target, self.value(*at)) {
                let id = value.to_string().trim().to_owned();
                if id.len() > NAME_BYTES_MAX {
                    return refuse("an id or a name is too long", format!("`external.{kind}`"));
                }
                keys.external_ids.push((kind.clone(), id));
            }
        }
        Ok(keys)
    }

    fn email(&self) -> Result<Option<String>, Refusal> {
        let Some(address) = self.name("email")? else {
            return Ok(None);
        };
        let plausible = address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !address.contains(char::is_whitespace)
        });
        if plausible {
            return Ok(Some(address));
        }
        refuse("not an email address", format!("`{}`", short(&address)))
    }

    /// Everything that became a trait, and with `others` everything that became a property.
    fn gathered(&self) -> (Traits, Properties) {
        let (mut traits, mut properties) = (Traits::new(), Properties::new());
        for (at, target) in &self.plan.targets {
            let Some(value) = self.value(*at) else { continue };
            match target {
                Target::Trait(name) => drop(traits.insert(name.clone(), value.clone())),
                Target::Property(name) => drop(properties.insert(name.clone(), value.clone())),
                Target::Field("traits") => traits.extend(object(value)),
                Target::Field("properties") => properties.extend(object(value)),
                Target::Field(_) | Target::External(_) => {}
            }
        }
        fill_known_fields(&mut traits);
        (traits, properties)
    }

    fn lead(&self) -> Result<LeadRecord, Refusal> {
        let keys = self.keys("id")?;
        let more_keys = self.more_keys()?;
        if keys.is_empty() && more_keys.is_empty() {
            return refuse("nobody is named", "no id and no address");
        }
        let created_at = self.time("created_at")?;
        let (traits, _) = self.gathered();
        Ok(LeadRecord {
            keys,
            more_keys,
            at: self.time("updated_at")?.or(created_at),
            created_at,
            stage: self.stage()?.or(self.plan.stage),
            owner: self.name("owner")?,
            account: self.name("account")?,
            traits,
        })
    }

    /// Pairs of kind and value.
    fn more_keys(&self) -> Result<Vec<(String, String)>, Refusal> {
        let Some((_, value)) = self.field("keys") else {
            return Ok(Vec::new());
        };
        let text = match value {
            Value::List(pairs) => format!("[{}]", pairs.join(",")),
            other => other.to_string(),
        };
        match serde_json::from_str::<Vec<(String, String)>>(&text) {
            Ok(pairs) if pairs.len() <= KEYS_MAX => Ok(pairs),
            _ => refuse(
                "ids that can't be read",
                "`keys` is a list of kind and value, as an export writes it",
            ),
        }
    }

    fn stage(&self) -> Result<Option<Stage>, Refusal> {
        let Some(text) = self.text("stage") else {
            return Ok(None);
        };
        let word = self.word(&text);
        let own = Stage::ALL.into_iter().filter(|stage| *stage != Stage::Visitor);
        let stage = own.into_iter().find(|stage| stage.as_str() == word);
        let stage = stage.or_else(|| {
            STAGES
                .into_iter()
                .find(|(name, _)| *name == word)
                .map(|(_, stage)| stage)
        });
        match stage {
            Some(stage) => Ok(Some(stage)),
            // Visitors are those of whom nothing else is known; an export says so of them.
            None if word == Stage::Visitor.as_str() => Ok(None),
            None => refuse(
                "a stage that isn't known",
                format!(
                    "`{}`; say what it stands for with `--word '{}=lead'`",
                    short(&text),
                    short(&text)
                ),
            ),
        }
    }

    /// A word of the file as it is compared, or the one that the caller says it stands for.
    fn word(&self, text: &str) -> String {
        let plain_word = plain(text);
        let said = self.plan.words.iter().find(|(from, _)| *from == plain_word);
        said.map_or(plain_word, |(_, to)| plain(to))
    }

    fn event(&self) -> Result<EventRecord, Refusal> {
        let keys = self.keys("lead")?;
        if keys.is_empty() {
            return refuse("nobody is named", "no id and no address");
        }
        let Some(ts) = self.time("ts")? else {
            return refuse("no time", "");
        };
        let name = self.name("event")?;
        let kind = match self.text("type") {
            None if name.as_deref() == Some(PAGE) => CallKind::Page,
            None => CallKind::Track,
            Some(word) => match CallKind::named(&word) {
                Some(kind) => kind,
                None => {
                    return refuse(
                        "a type that isn't known",
                        format!("`{}`; use track, page or screen", short(&word)),
                    );
                }
            },
        };
        let name = match (name, kind) {
            (_, CallKind::Page) => PAGE.to_owned(),
            (Some(name), _) => name,
            (None, CallKind::Identify) => String::new(),
            (None, _) => return refuse("no name of the event", ""),
        };
        let (traits, properties) = self.gathered();
        Ok(EventRecord {
            keys,
            ts,
            kind,
            name,
            path: self.text("path"),
            properties,
            traits,
            id: self.name("id")?,
            said_by: self.text("said_by").and_then(|name| TraitSource::named(&name)),
            known: self
                .text("known")
                .map(|text| matches!(text.as_str(), "true" | "1")),
        })
    }

    fn account(&self) -> Result<AccountRecord, Refusal> {
        let (id, domain) = (self.name("id")?, self.name("domain")?);
        let domain = domain.and_then(|domain| bare_domain(&domain));
        if id.is_none() && domain.is_none() {
            return refuse("no account is named", "no id and no domain");
        }
        let (traits, _) = self.gathered();
        Ok(AccountRecord {
            id,
            domain,
            name: self.name("name")?,
            owner: self.name("owner")?,
            traits,
        })
    }

    fn outcome(&self) -> Result<OutcomeRecord, Refusal> {
        let Some(lead) = self.name("lead")? else {
            return refuse("nobody is named", "no id and no address");
        };
        let Some(text) = self.text("outcome") else {
            return refuse("no outcome", "");
        };
        let word = self.word(&text);
        let won = WON.contains(&word.as_str());
        if !won && !LOST.contains(&word.as_str()) {
            return refuse("neither won nor lost", format!("`{}`", short(&text)));
        }
        let Some(at) = self.time("at")? else {
            return refuse("no time", "");
        };
        let amount_thousandths = match self.text("amount") {
            None => None,
            Some(text) => match thousandths(&text) {
                Some(amount) => Some(amount),
                None => return refuse("an amount that can't be read", format!("`{}`", short(&text))),
            },
        };
        Ok(OutcomeRecord {
            lead,
            lead_kind: Some(self.plan.id_kind.clone()),
            won,
            at,
            amount_thousandths,
            currency: self.name("currency")?,
            reason: self.name("reason")?,
            opportunity: self.name("opportunity")?,
        })
    }
}

/// The members of a cell that is a JSON object; of any other none.
fn object(value: &Value) -> Traits {
    match value {
        Value::Text(text) => serde_json::from_str(text)
            .map(|json| flatten(&json))
            .unwrap_or_default(),
        Value::Bool(_) | Value::Number(_) | Value::List(_) => Traits::new(),
    }
}

/// A domain without what an address of a page has around it; nothing where there is no more than that.
fn bare_domain(text: &str) -> Option<String> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let domain = host.trim().trim_start_matches("www.").to_lowercase();
    (!domain.is_empty()).then_some(domain)
}

fn short(text: &str) -> String {
    text.chars()
        .take(40)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
