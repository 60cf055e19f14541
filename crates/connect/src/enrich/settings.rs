//! What an enricher's file says, read and checked: whom to ask, which leads, and which traits the answer holds.

mod read;

use std::collections::BTreeSet;

use bellwether_core::agreement::Glob;
use bellwether_core::domain::Traits;
use bellwether_core::profile::Profile;

pub use self::read::TIMEOUT_S_MAX;
use super::path::{Kind, Path};
use super::template::{SECRET, Template};
use crate::walls;

/// The longest file, in bytes.
pub const SOURCE_BYTES_MAX: usize = 32 * 1024;
/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: usize = 4_096;
/// A service that is asked what it knows of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enricher {
    /// What it is called.
    pub name: String,
    /// The variable of the server's environment that holds the secret, where that isn't kept beside the file.
    pub secret_env: Option<String>,
    /// Which leads it is asked about.
    pub when: When,
    /// How often it is asked, and how long its answers hold.
    pub limits: Limits,
    pub(super) method: Method,
    pub(super) url: Template,
    pub(super) headers: Vec<(String, Template)>,
    pub(super) body: Option<Template>,
    pub(super) form: bool,
    pub(super) answer: Vec<(String, Path, Kind)>,
}

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`.
    Post,
}

/// Which leads an enricher is asked about. The fields that its request names are needed besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Only leads that one could reach.
    pub known: bool,
    /// Fields that a lead must have.
    pub present: Vec<String>,
    /// Fields of which a lead must lack at least one.
    pub missing: Vec<String>,
    pub(super) is: Vec<(String, Globs)>,
}

/// Patterns of which one must fit.
#[derive(Debug, Clone)]
pub(super) struct Globs(Vec<Glob>);

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.0
            .iter()
            .map(Glob::source)
            .eq(other.0.iter().map(Glob::source))
    }
}

impl Eq for Globs {}

/// How often an enricher is asked, and how much of what it says is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in any second.
    pub requests_per_second: Option<u32>,
    /// Requests in any minute.
    pub requests_per_minute: u32,
    /// Requests on one day of UTC; what is more waits for the next.
    pub requests_per_day: u32,
    /// Seconds that one request may take.
    pub timeout_s: u64,
    /// Bytes of an answer.
    pub answer_bytes_max: u64,
    /// Days for which an answer holds, one that nothing is known too.
    pub cache_days: i32,
}

/// What is wrong with an enricher's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(*line))]
pub struct EnricherError {
    /// The line, from 1; none where the file as a whole is wrong.
    pub line: Option<usize>,
    /// What, and what would be right.
    pub message: String,
}

fn place(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("line {line}: "))
}

impl Enricher {
    /// Reads a file.
    pub fn parse(source: &str) -> Result<Self, EnricherError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(EnricherError {
                line: None,
                message: format!("an enricher's file has at most {SOURCE_BYTES_MAX} bytes"),
            });
        }
        read::read(source)
    }

    /// The fields that the request names, without the secret.
    pub fn fields(&self) -> BTreeSet<&str> {
        let bodies = self.body.iter();
        let headers = self.headers.iter().map(|(_, value)| value);
        let templates = bodies.chain(headers).chain([&self.url]);
        templates
            .flat_map(Template::fields)
            .filter(|name| *name != SECRET)
            .collect()
    }

    /// Whether the request carries a secret.
    pub fn needs_secret(&self) -> bool {
        let mut headers = self.headers.iter().map(|(_, value)| value);
        let names_it = |template: &Template| template.fields().any(|name| name == SECRET);
        names_it(&self.url) || self.body.as_ref().is_some_and(names_it) || headers.any(names_it)
    }

    /// Where it is asked, without what is asked.
    pub fn address(&self) -> &str {
        let beginning = self.url.beginning();
        beginning.split('?').next().unwrap_or(beginning)
    }

    /// Whether it asks whom another one asks: at the same scheme, host and port.
    pub fn asks_the_same_as(&self, other: &Self) -> bool {
        let origin = walls::origin(self.url.beginning());
        origin.is_some() && origin == walls::origin(other.url.beginning())
    }

    /// The traits that its answers set.
    pub fn sets(&self) -> impl Iterator<Item = &str> {
        self.answer.iter().map(|(name, ..)| name.as_str())
    }

    /// Whether it is to be asked about a lead with these traits.
    pub fn wants(&self, traits: &Traits, known: bool) -> bool {
        let when = &self.when;
        if when.known && !known {
            return false;
        }
        let profile = Profile::new(traits);
        let has = |name: &String| profile.field(name).is_some_and(|value| !value.is_empty());
        when.present.iter().all(has)
            && (when.missing.is_empty() || !when.missing.iter().all(has))
            && when.is.iter().all(|(field, globs)| {
                profile.field(field).is_some_and(|value| {
                    let mut texts = value.as_texts();
                    texts.any(|text| globs.0.iter().any(|glob| glob.matches(text.trim())))
                })
            })
    }
}
