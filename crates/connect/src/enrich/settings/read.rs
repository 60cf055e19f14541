//! A file, read and checked: what is wrong is said with its line.

use std::collections::BTreeMap;
use std::ops::Range;

use bellwether_core::agreement::Glob;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use toml::Spanned;

use super::{Enricher, EnricherError, Globs, Limits, Method, When};
use crate::enrich::path::{Kind, Path};
use crate::enrich::template::{SECRET, Template, has_dot_segment};
use crate::walls;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The most traits that an answer sets.
const TRAITS_MAX: usize = 50;
/// The most headers that a request carries.
const HEADERS_MAX: usize = 20;

/// How long one request may take where nobody says, in seconds.
const TIMEOUT_S: u64 = 10;
/// How long one request may take at most, in seconds.
pub const TIMEOUT_S_MAX: u64 = 60;
/// How long an answer may be where nobody says, in bytes.
const ANSWER_BYTES: u64 = 256 * 1024;
/// How long an answer may be at most, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How often is asked where nobody says, a minute.
const REQUESTS_PER_MINUTE: u32 = 60;
/// How often is asked where nobody says, a day.
const REQUESTS_PER_DAY: u32 = 1_000;
/// The most requests that a limit allows.
const REQUESTS_MAX: u32 = 1_000_000;
/// How long an answer holds where nobody says, in days.
const CACHE_DAYS: i32 = 30;
/// How long an answer holds at most, in days.
const CACHE_DAYS_MAX: i32 = 3_650;

/// Traits that no answer sets: they say who somebody is or when they came, which only they and their sender know.
const NEVER_SET: [&str; 4] = ["email", "phone", "created_at", "createdAt"];

/// How the names of variables begin that a file may name. Whoever may put a file may send what it names anywhere, so that the
/// rest of the server's environment is out of reach.
const SECRET_ENV_PREFIX: &str = "BELLWETHER_SECRET_";

/// Reads a file.
pub(super) fn read(source: &str) -> Result<Enricher, EnricherError> {
    let written: Written = toml::from_str(source).map_err(|error| EnricherError {
        line: error.span().map(|span| line_of(source, span.start)),
        message: error.message().trim().replace('\n', ", "),
    })?;
    Reading { source }.enricher(written)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    request: WrittenRequest,
    #[serde(default)]
    when: WrittenWhen,
    answer: Spanned<BTreeMap<String, Spanned<WrittenTrait>>>,
    #[serde(default)]
    limits: WrittenLimits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRequest {
    method: Option<Spanned<String>>,
    url: Spanned<String>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    body: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWhen {
    known: Option<bool>,
    #[serde(default)]
    present: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    is: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLimits {
    requests_per_second: Option<Spanned<i64>>,
    requests_per_minute: Option<Spanned<i64>>,
    requests_per_day: Option<Spanned<i64>>,
    timeout_s: Option<Spanned<i64>>,
    answer_bytes_max: Option<Spanned<i64>>,
    cache_days: Option<Spanned<i64>>,
}

/// A trait's path, or a table of its path and kind.
struct WrittenTrait {
    path: String,
    kind: Option<String>,
}

impl<'de> Deserialize<'de> for WrittenTrait {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = WrittenTrait;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "a path such as `\"company.employees\"`, or `{ path = \"…\", type = \"number\" }`",
                )
            }

            fn visit_str<E>(self, path: &str) -> Result<WrittenTrait, E> {
                let (path, kind) = (path.to_owned(), None);
                Ok(WrittenTrait { path, kind })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WrittenTrait, A::Error> {
                let (mut path, mut kind) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "path" => path = Some(map.next_value()?),
                        "type" => kind = Some(map.next_value()?),
                        other => return Err(serde::de::Error::unknown_field(other, &["path", "type"])),
                    }
                }
                let path = path.ok_or_else(|| serde::de::Error::missing_field("path"))?;
                Ok(WrittenTrait { path, kind })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Checks what was written.
struct Reading<'a> {
    source: &'a str,
}

impl Reading<'_> {
    fn wrong(&self, at: Range<usize>, message: impl Into<String>) -> EnricherError {
        EnricherError {
            line: Some(line_of(self.source, at.start)),
            message: message.into(),
        }
    }

    fn enricher(&self, written: Written) -> Result<Enricher, EnricherError> {
        let name = self.name(&written.name)?;
        let request = written.request;
        let url = self.url(&request.url)?;
        let method = self.method(request.method.as_ref(), request.body.as_ref())?;
        let (headers, form) = self.headers(&request.headers)?;
        let body = match &request.body {
            Some(body) => Some(self.template(body)?),
            None => None,
        };
        let limits = self.limits(&written.limits)?;
        let enricher = Enricher {
            name,
            secret_env: self.secret_env(request.secret_env.as_ref())?,
            when: when(written.when),
            limits,
            method,
            url,
            headers,
            body,
            form,
            answer: self.answer(&written.answer)?,
        };
        let fields = enricher.fields();
        if fields.is_empty() {
            let message = "the request names no field of the lead; ask for one, as in `?email={{ email }}`";
            return Err(self.wrong(request.url.span(), message));
        }
        if let Some(both) = enricher.sets().find(|name| fields.contains(name)) {
            let message = format!(
                "`{both}` is asked with and answered, which would go in circles; take it out of `[answer]`"
            );
            return Err(self.wrong(written.answer.span(), message));
        }
        Ok(enricher)
    }

    fn name(&self, name: &Spanned<String>) -> Result<String, EnricherError> {
        let text = name.get_ref().trim();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if text.is_empty() || text.chars().count() > NAME_CHARS_MAX || !text.chars().all(plain) {
            let message = format!(
                "`{text}` is not an enricher's name; take 1 to {NAME_CHARS_MAX} of `a-z`, `0-9`, `-` and `_`"
            );
            return Err(self.wrong(name.span(), message));
        }
        Ok(text.to_owned())
    }

    fn template(&self, text: &Spanned<String>) -> Result<Template, EnricherError> {
        Template::parse(text.get_ref()).map_err(|message| self.wrong(text.span(), message))
    }

    fn url(&self, url: &Spanned<String>) -> Result<Template, EnricherError> {
        let template = self.template(url)?;
        // Whom to call is for the operator to say alone: no value of a lead may stand in the host.
        let beginning = template.beginning();
        let host_ends = beginning
            .split_once("://")
            .is_some_and(|(_, rest)| rest.contains(['/', '?']));
        let whole = beginning.len() == url.get_ref().len();
        if !walls::is_callable(beginning) || !(host_ends || whole) {
            let message = format!(
                "`{}` is not an address that can be called; give `https://host/path`, with fields only after the host",
                url.get_ref().chars().take(80).collect::<String>()
            );
            return Err(self.wrong(url.span(), message));
        }
        if has_dot_segment(url.get_ref()) {
            let message = "the path has a part `.` or `..`; write the path that it comes to";
            return Err(self.wrong(url.span(), message));
        }
        Ok(template)
    }

    fn method(
        &self,
        method: Option<&Spanned<String>>,
        body: Option<&Spanned<String>>,
    ) -> Result<Method, EnricherError> {
        match (method, method.map(|method| method.get_ref().as_str()), body) {
            (_, Some("GET"), Some(body)) => Err(self.wrong(
                body.span(),
                "a `GET` has no body; set `method = \"POST\"`, or leave the body out",
            )),
            (_, Some("POST"), _) | (_, None, Some(_)) => Ok(Method::Post),
            (Some(method), Some(other), _) if other != "GET" => {
                let message = format!("`{other}` is not a method that is used; write `GET` or `POST`");
                Err(self.wrong(method.span(), message))
            }
            _ => Ok(Method::Get),
        }
    }

    fn headers(
        &self,
        written: &BTreeMap<String, Spanned<String>>,
    ) -> Result<(Vec<(String, Template)>, bool), EnricherError> {
        let (mut headers, mut form) = (Vec::new(), false);
        for (name, value) in written {
            let lower = name.to_ascii_lowercase();
            let plain = !lower.is_empty() && lower.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !plain || written.len() > HEADERS_MAX {
                let message = format!("`{name}` is not a header that can be sent, or there are more than 20");
                return Err(self.wrong(value.span(), message));
            }
            if matches!(
                lower.as_str(),
                "host" | "content-length" | "transfer-encoding" | "connection"
            ) {
                let message = format!("`{name}` is set by the connection itself; take it out");
                return Err(self.wrong(value.span(), message));
            }
            if value.get_ref().contains(|c: char| !matches!(c, ' '..='~')) {
                let message =
                    format!("the value of `{name}` holds characters that no header may; use plain ASCII");
                return Err(self.wrong(value.span(), message));
            }
            let secret = ["authorization", "api-key", "apikey", "token"];
            let template = self.template(value)?;
            if secret.iter().any(|part| lower.contains(part)) && !template.fields().any(|name| name == SECRET)
            {
                let message = format!(
                    "`{name}` carries a secret, which has no place in a file; write it as `{{{{ secret }}}}` and give it beside"
                );
                return Err(self.wrong(value.span(), message));
            }
            form |= lower == "content-type" && value.get_ref().contains("x-www-form-urlencoded");
            headers.push((lower, template));
        }
        Ok((headers, form))
    }

    fn secret_env(&self, name: Option<&Spanned<String>>) -> Result<Option<String>, EnricherError> {
        let Some(name) = name else { return Ok(None) };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let own = name.get_ref().strip_prefix(SECRET_ENV_PREFIX);
        if !own.is_some_and(|own| !own.is_empty() && own.bytes().all(plain)) {
            let message = format!(
                "`secret_env` is the name of an environment variable that begins with `{SECRET_ENV_PREFIX}`, such as \
                 `{SECRET_ENV_PREFIX}EXAMPLE`, not the secret; no other variable of the server can be read"
            );
            return Err(self.wrong(name.span(), message));
        }
        Ok(Some(name.get_ref().clone()))
    }

    fn answer(
        &self,
        written: &Spanned<BTreeMap<String, Spanned<WrittenTrait>>>,
    ) -> Result<Vec<(String, Path, Kind)>, EnricherError> {
        let traits = written.get_ref();
        if traits.is_empty() || traits.len() > TRAITS_MAX {
            let message = format!("`[answer]` names 1 to {TRAITS_MAX} traits, each with its path");
            return Err(self.wrong(written.span(), message));
        }
        let mut answer = Vec::with_capacity(traits.len());
        for (name, taken) in traits {
            let wrong = |message: String| self.wrong(taken.span(), message);
            if NEVER_SET.contains(&name.as_str()) || name.trim().is_empty() {
                return Err(wrong(format!(
                    "`{name}` says who somebody is or when they came, which no answer may; take it out"
                )));
            }
            let taken_from = taken.get_ref();
            let kind = match taken_from.kind.as_deref() {
                None => Kind::AsGiven,
                Some(kind) => Kind::named(kind).ok_or_else(|| {
                    wrong(format!(
                        "`{kind}` is not a type; write `text`, `number`, `bool` or `list`"
                    ))
                })?,
            };
            answer.push((name.clone(), Path::parse(&taken_from.path).map_err(wrong)?, kind));
        }
        Ok(answer)
    }

    fn limits(&self, written: &WrittenLimits) -> Result<Limits, EnricherError> {
        let within = |value: &Option<Spanned<i64>>, name: &str, most: i64| match value {
            None => Ok(None),
            Some(value) if (1..=most).contains(value.get_ref()) => Ok(Some(*value.get_ref())),
            Some(value) => {
                let message = format!("`{name}` is between 1 and {most}, not {}", value.get_ref());
                Err(self.wrong(value.span(), message))
            }
        };
        let requests = |value, name| {
            let found = within(value, name, i64::from(REQUESTS_MAX))?;
            Ok(found.map(|found| u32::try_from(found).unwrap_or(REQUESTS_MAX)))
        };
        let bytes = |value, name, most: u64| {
            let found = within(value, name, i64::try_from(most).unwrap_or(i64::MAX))?;
            Ok(found.map(i64::unsigned_abs))
        };
        let days = within(&written.cache_days, "cache_days", i64::from(CACHE_DAYS_MAX))?;
        let per_second = requests(&written.requests_per_second, "requests_per_second")?;
        let by_second = per_second.map_or(REQUESTS_PER_MINUTE, |second| second.saturating_mul(60));
        Ok(Limits {
            requests_per_second: per_second,
            requests_per_minute: requests(&written.requests_per_minute, "requests_per_minute")?
                .unwrap_or(by_second),
            requests_per_day: requests(&written.requests_per_day, "requests_per_day")?
                .unwrap_or(REQUESTS_PER_DAY),
            timeout_s: bytes(&written.timeout_s, "timeout_s", TIMEOUT_S_MAX)?.unwrap_or(TIMEOUT_S),
            answer_bytes_max: bytes(&written.answer_bytes_max, "answer_bytes_max", ANSWER_BYTES_MAX)?
                .unwrap_or(ANSWER_BYTES),
            cache_days: days.map_or(CACHE_DAYS, |days| i32::try_from(days).unwrap_or(CACHE_DAYS_MAX)),
        })
    }
}

fn when(written: WrittenWhen) -> When {
    let globs = |patterns: Vec<String>| Globs(patterns.iter().map(|pattern| Glob::new(pattern)).collect());
    When {
        known: written.known.unwrap_or(true),
        present: written.present,
        missing: written.missing,
        is: written
            .is
            .into_iter()
            .map(|(field, patterns)| (field, globs(patterns)))
            .collect(),
    }
}

fn line_of(source: &str, at: usize) -> usize {
    let before = source.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}
