//! Which column becomes what, by what the caller said and what the headers suggest, so that it can be shown before
//! anything is made of it.

use std::collections::BTreeSet;

use bellwether_core::domain::Stage;
use bellwether_core::records::RecordKind;
use jiff::tz::TimeZone;

use super::dates::{DateDoubt, DateForm};
use super::headers::{self, Meaning};
use super::run::REJECT_COLUMNS;
use super::survey::{ColumnSurvey, Survey};
use super::text::Encoding;
use crate::columns::listed;

/// The kind of the ids of a file where nothing is said.
pub const ID_KIND: &str = "import";

/// What the caller says about a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Fields and the columns that hold them.
    pub maps: Vec<(String, String)>,
    /// What kind of ids the file's own are: `crm`, `salesforce`; `import` where nothing is said.
    pub id_kind: Option<String>,
    /// Leave out the columns that nothing is known of.
    pub only_mapped: bool,
    /// How dates are written.
    pub dates: Option<DateForm>,
    /// The zone of times that name none; UTC where nothing is said.
    pub timezone: Option<String>,
    /// The stage of all leads of the file that name none.
    pub stage: Option<Stage>,
    /// What words for stages or outcomes stand for: a word of the file, and one that is known here.
    pub words: Vec<(String, String)>,
    /// How the file's bytes are read.
    pub encoding: Option<Encoding>,
}

/// What a column becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A field of the row.
    Field(&'static str),
    /// An id of a kind of its own.
    External(String),
    /// A trait.
    Trait(String),
    /// An event's property.
    Property(String),
}

/// Why a column becomes what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The caller said so.
    Said,
    /// Its header suggests it.
    Guessed,
    /// It keeps its own name.
    Kept,
    /// It is left out.
    LeftOut,
}

/// A column and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedColumn {
    /// Which one.
    pub column: String,
    /// What it becomes, by the name that `--map` has for it; nothing where it is left out.
    pub target: Option<String>,
    /// Why.
    pub how: How,
    /// What its values are, in a word.
    pub values: &'static str,
    /// How its dates are read.
    pub dates: Option<DateForm>,
    /// How many rows have a value.
    pub filled: u64,
    /// Its first values.
    pub samples: Vec<String>,
}

/// Why a file can't be imported so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// `--map` names a column that isn't there.
    #[error("`--map {field}={column}` names no column; the file has {found}")]
    UnknownColumn {
        /// The field.
        field: String,
        /// What it names.
        column: String,
        /// The columns that are there.
        found: String,
    },
    /// `--map` names a field that such rows don't have.
    #[error("`{field}` is no field of {kind}; they have {known}")]
    UnknownField {
        /// The field.
        field: String,
        /// The kind of rows.
        kind: RecordKind,
        /// The fields that they have.
        known: String,
    },
    /// A field was mapped twice.
    #[error("`{field}` is mapped twice; one column holds it")]
    MappedTwice {
        /// The field.
        field: String,
    },
    /// Nothing holds what every row must have.
    #[error("no column holds {what}; name one with `--map {field}=COLUMN`; the file has {found}")]
    Missing {
        /// What is needed, in words.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// The columns that are there.
        found: String,
    },
    /// A column's dates can be read two ways.
    #[error(
        "column `{column}` may have the day or the month first: every value, such as `{sample}`, can be read both ways; \
         say which with `--dates dmy` or `--dates mdy`"
    )]
    DatesEither {
        /// The column.
        column: String,
        /// One of its values.
        sample: String,
    },
    /// A column's dates are written in two ways.
    #[error(
        "column `{column}` has the day first in `{day_first}` and the month first in `{month_first}`; mend the file, or say \
         which is right with `--dates`, and the others are listed as rejects"
    )]
    DatesBoth {
        /// The column.
        column: String,
        /// A value of the one kind.
        day_first: String,
        /// A value of the other kind.
        month_first: String,
    },
    /// There is no such time zone.
    #[error("`{0}` is no time zone that is known; write it like `Europe/Berlin`")]
    UnknownZone(String),
    /// The kind of ids can't be one.
    #[error("`{0}` can't be a kind of ids; use up to 40 letters, digits and `_`")]
    IdKind(String),
}

/// Which column becomes what.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) kind: RecordKind,
    pub(super) targets: Vec<(usize, Target)>,
    pub(super) dates: Vec<(usize, DateForm)>,
    pub(super) zone: TimeZone,
    pub(super) id_kind: String,
    pub(super) stage: Option<Stage>,
    pub(super) words: Vec<(String, String)>,
    shown: Vec<PlannedColumn>,
}

impl Plan {
    /// The plan for a file that was looked at.
    pub fn new(kind: RecordKind, survey: &Survey, options: &ImportOptions) -> Result<Self, PlanError> {
        let zone = options.timezone.as_deref().unwrap_or("UTC");
        let zone = TimeZone::get(zone).map_err(|_| PlanError::UnknownZone(zone.to_owned()))?;
        let mut chosen = said(kind, survey, options)?;
        guess(kind, survey, &mut chosen);
        if !options.only_mapped && kind != RecordKind::Outcomes {
            keep(kind, survey, &mut chosen);
        }
        let mut plan = Self {
            kind,
            targets: Vec::new(),
            dates: Vec::new(),
            zone,
            id_kind: id_kind(options)?,
            stage: options.stage,
            words: options
                .words
                .iter()
                .map(|(from, to)| (headers::plain(from), to.clone()))
                .collect(),
            shown: Vec::new(),
        };
        plan.read_dates(survey, &chosen, options)?;
        plan.show(survey, &chosen);
        plan.targets = chosen.into_iter().map(|(at, target, _)| (at, target)).collect();
        plan.require(survey)?;
        Ok(plan)
    }

    /// What kind of rows they are.
    pub fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Every column with what it becomes, in the file's order; one that becomes two things is there twice.
    pub fn columns(&self) -> &[PlannedColumn] {
        &self.shown
    }

    /// The zone of times that name none.
    pub fn timezone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The kind of the file's own ids.
    pub fn id_kind(&self) -> &str {
        &self.id_kind
    }

    fn read_dates(
        &mut self,
        survey: &Survey,
        chosen: &[Chosen],
        options: &ImportOptions,
    ) -> Result<(), PlanError> {
        for (at, target, _) in chosen {
            let (Target::Field(field), Some(column)) = (target, survey.columns.get(*at)) else {
                continue;
            };
            if !DATES.contains(field) {
                continue;
            }
            let form = match options.dates {
                Some(said) => said,
                None => column.dates.form().map_err(|doubt| doubtful(column, doubt))?,
            };
            self.dates.push((*at, form));
        }
        Ok(())
    }

    fn show(&mut self, survey: &Survey, chosen: &[Chosen]) {
        for (at, column) in survey.columns.iter().enumerate() {
            let of_it: Vec<&Chosen> = chosen.iter().filter(|(found, ..)| *found == at).collect();
            let planned = |target: Option<String>, how: How, dates: Option<DateForm>| PlannedColumn {
                column: column.name.clone(),
                target,
                how,
                values: column.type_in_words(),
                dates,
                filled: column.filled,
                samples: column.samples.clone(),
            };
            if of_it.is_empty() {
                self.shown.push(planned(None, How::LeftOut, None));
            }
            for (_, target, how) in of_it {
                let is_date = matches!(target, Target::Field(field) if DATES.contains(field));
                let form = self
                    .dates
                    .iter()
                    .find(|(found, _)| is_date && *found == at)
                    .map(|(_, form)| *form);
                self.shown.push(planned(Some(target.to_string()), *how, form));
            }
        }
    }

    fn require(&self, survey: &Survey) -> Result<(), PlanError> {
        let has = |field: &str| {
            self.targets
                .iter()
                .any(|(_, target)| matches!(target, Target::Field(found) if *found == field))
        };
        let external = self
            .targets
            .iter()
            .any(|(_, target)| matches!(target, Target::External(_)));
        let who = ["id", "lead", "email", "user_id", "anonymous_id", "keys"];
        let named = external || who.iter().any(|field| has(field));
        let needed: &[(bool, &'static str, &'static str)] = match self.kind {
            RecordKind::Leads => &[(named, "an id or an address of the lead", "email")],
            RecordKind::Events => {
                let named = external || who.iter().skip(1).any(|field| has(field));
                &[
                    (named, "an id or an address of the lead", "lead"),
                    (has("ts"), "the time", "ts"),
                    (has("event") || has("type"), "the event's name", "event"),
                ]
            }
            RecordKind::Accounts => &[(has("id") || has("domain"), "the account's id or domain", "id")],
            RecordKind::Outcomes => &[
                (has("lead"), "an id or an address of the lead", "lead"),
                (has("outcome"), "whether it was won or lost", "outcome"),
                (has("at"), "the time", "at"),
            ],
        };
        match needed.iter().find(|(there, ..)| !there) {
            None => Ok(()),
            Some((_, what, field)) => Err(PlanError::Missing {
                what,
                field,
                found: names(survey),
            }),
        }
    }
}

/// Fields that hold times.
pub(super) const DATES: [&str; 4] = ["created_at", "updated_at", "ts", "at"];

type Chosen = (usize, Target, How);

/// What the caller said.
fn said(kind: RecordKind, survey: &Survey, options: &ImportOptions) -> Result<Vec<Chosen>, PlanError> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for (field, column) in &options.maps {
        let at = survey.columns.iter().position(|known| known.name == *column);
        // A header in another case or with other blanks is the same, where just one is.
        let at = at.or_else(|| {
            let plain = headers::plain(column);
            let mut like = survey.columns.iter().enumerate();
            let mut like = like
                .by_ref()
                .filter(|(_, known)| headers::plain(&known.name) == plain);
            let first = like.next().map(|(at, _)| at);
            first.filter(|_| like.next().is_none() && !plain.is_empty())
        });
        let Some(at) = at else {
            return Err(PlanError::UnknownColumn {
                field: field.clone(),
                column: column.clone(),
                found: names(survey),
            });
        };
        let target = target_of(kind, field)?;
        if chosen.iter().any(|(_, known, _)| *known == target) {
            return Err(PlanError::MappedTwice { field: field.clone() });
        }
        chosen.push((at, target, How::Said));
    }
    Ok(chosen)
}

/// What a name in `--map` means.
fn target_of(kind: RecordKind, field: &str) -> Result<Target, PlanError> {
    let field = field.trim();
    if let Some(known) = headers::fields(kind).into_iter().find(|known| *known == field) {
        return Ok(Target::Field(known));
    }
    let people = matches!(kind, RecordKind::Leads | RecordKind::Events);
    if let Some(external) = field.strip_prefix("external.").filter(|_| people) {
        return Ok(Target::External(checked_kind(external)?));
    }
    let (rest, is_trait) = match field.strip_prefix("trait.") {
        Some(rest) => (rest, true),
        None => (
            field.strip_prefix("property.").unwrap_or(field),
            kind != RecordKind::Events,
        ),
    };
    if rest.is_empty() || kind == RecordKind::Outcomes {
        let known = headers::fields(kind);
        return Err(PlanError::UnknownField {
            field: field.to_owned(),
            kind,
            known: known.join(", "),
        });
    }
    Ok(if is_trait {
        Target::Trait(rest.to_owned())
    } else {
        Target::Property(rest.to_owned())
    })
}

/// What the headers suggest, of columns that the caller said nothing about.
fn guess(kind: RecordKind, survey: &Survey, chosen: &mut Vec<Chosen>) {
    let said: BTreeSet<usize> = chosen.iter().map(|(at, ..)| *at).collect();
    let mut guesses: Vec<(usize, usize, Target)> = Vec::new();
    for (at, column) in survey
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !said.contains(at))
    {
        if REJECT_COLUMNS.contains(&column.name.as_str()) {
            continue;
        }
        let Some((meaning, rank)) = headers::guess(kind, &column.name) else {
            continue;
        };
        let target = match meaning {
            // A column without a single date holds no times, whatever it is called.
            Meaning::Field(field)
                if DATES.contains(&field) && column.filled > 0 && column.dates.dated() == 0 =>
            {
                continue;
            }
            Meaning::Field(field) => Target::Field(field),
            Meaning::Trait(name) => Target::Trait(name.to_owned()),
        };
        guesses.push((rank, at, target));
    }
    // The best name first; of equals the column that comes first.
    guesses.sort_by_key(|(rank, at, _)| (*rank, *at));
    for (_, at, target) in guesses {
        if !chosen.iter().any(|(_, known, _)| *known == target) {
            chosen.push((at, target, How::Guessed));
        }
    }
}

/// What keeps its own name.
fn keep(kind: RecordKind, survey: &Survey, chosen: &mut Vec<Chosen>) {
    let taken: BTreeSet<usize> = chosen.iter().map(|(at, ..)| *at).collect();
    for (at, column) in survey
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken.contains(at))
    {
        let name = &column.name;
        // What an export says of scores is worked out again, never believed.
        if kind == RecordKind::Leads && name.starts_with("scored_") {
            continue;
        }
        if REJECT_COLUMNS.contains(&name.as_str()) {
            continue;
        }
        let target = match (name.strip_prefix("properties."), name.strip_prefix("traits.")) {
            (Some(property), _) if kind == RecordKind::Events => Target::Property(property.to_owned()),
            (_, Some(own)) => Target::Trait(own.to_owned()),
            _ if kind == RecordKind::Events => Target::Property(name.clone()),
            _ => Target::Trait(name.clone()),
        };
        if !chosen.iter().any(|(_, known, _)| *known == target) {
            chosen.push((at, target, How::Kept));
        }
    }
}

fn doubtful(column: &ColumnSurvey, doubt: DateDoubt) -> PlanError {
    let column = column.name.clone();
    match doubt {
        DateDoubt::Either(sample) => PlanError::DatesEither { column, sample },
        DateDoubt::Both(day_first, month_first) => PlanError::DatesBoth {
            column,
            day_first,
            month_first,
        },
    }
}

fn id_kind(options: &ImportOptions) -> Result<String, PlanError> {
    checked_kind(options.id_kind.as_deref().unwrap_or(ID_KIND))
}

fn checked_kind(kind: &str) -> Result<String, PlanError> {
    let kind = kind.trim();
    let plain = kind
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if kind.is_empty() || kind.len() > 40 || !plain {
        return Err(PlanError::IdKind(kind.chars().take(60).collect()));
    }
    Ok(kind.to_owned())
}

fn names(survey: &Survey) -> String {
    let names: Vec<String> = survey.columns.iter().map(|column| column.name.clone()).collect();
    listed(&names)
}

impl std::fmt::Display for Target {
    /// As `--map` names it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(field) => f.write_str(field),
            Self::External(kind) => write!(f, "external.{kind}"),
            Self::Trait(name) => write!(f, "trait.{name}"),
            Self::Property(name) => write!(f, "property.{name}"),
        }
    }
}

impl How {
    /// Why, in a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Guessed => "guessed",
            Self::Kept => "own name",
            Self::LeftOut => "left out",
        }
    }
}
