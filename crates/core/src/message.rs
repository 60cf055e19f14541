//! Texts that people write in the agreement, with names in braces: a task's title, a message's subject and body. The
//! language is a small part of Jinja's: names, `if`, `for` over lists, a few filters. It has no arithmetic, no calls and
//! no files, runs on fuel, and treats what isn't known as empty, so that a text that was checked can be made of any lead.

mod html;
mod letter;
mod names;
mod scan;
mod values;

use std::io;
use std::ops::Range;
use std::sync::LazyLock;

use minijinja::{Environment, Error, UndefinedBehavior, Value};

pub use self::html::html;
pub use self::letter::{Correspondent, Letter, letter};
pub use self::names::Names;
pub use self::values::Values;

/// The steps that making a text may take.
pub const FUEL_MAX: u64 = 50_000;
/// The longest text that may come of a template, in bytes.
pub const TEXT_BYTES_MAX: usize = 200_000;
/// The longest task title or subject, in characters.
pub const LINE_CHARS_MAX: usize = 500;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Where, in bytes of the template.
    pub range: Range<usize>,
    /// What, in lower case without a full stop.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// Why no text could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text can't be made: {0}")]
pub struct Unmade(String);

/// Everything that is wrong with a template: its syntax, and names that aren't known.
pub fn check(template: &str, names: &Names) -> Vec<Slip> {
    let mut slips = scan::slips(template);
    if !slips.is_empty() {
        return slips;
    }
    match ENVIRONMENT.template_from_str(template) {
        Err(error) => slips.push(syntax(template, &error)),
        Ok(parsed) => {
            slips.extend(names.unknown(template, &parsed.undeclared_variables(true)));
        }
    }
    if slips.is_empty() {
        for values in [Values::default(), names.sample()] {
            if let Err(error) = made(template, &values) {
                slips.push(syntax(template, &error));
                break;
            }
        }
    }
    slips
}

/// Makes a text of several lines.
pub fn render(template: &str, values: &Values) -> Result<String, Unmade> {
    made(template, values).map_err(|error| Unmade(in_words(&error)))
}

/// Makes a text of one line, such as a subject.
pub fn render_line(template: &str, values: &Values) -> Result<String, Unmade> {
    let text = render(template, values)?;
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    Ok(words.join(" ").chars().take(LINE_CHARS_MAX).collect())
}

fn made(template: &str, values: &Values) -> Result<String, Error> {
    let parsed = ENVIRONMENT.template_from_str(template)?;
    let mut text = Bounded(Vec::new());
    parsed.render_captured_to(values.context(), &mut text)?;
    Ok(String::from_utf8_lossy(&text.0).into_owned())
}

/// What text there is, up to the limit.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(more.len()) > TEXT_BYTES_MAX {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_debug(true);
    environment.set_formatter(|out, _, value| Ok(out.write_str(&text_of(value))?));
    environment.add_filter("default", |value: &Value, other: Value| {
        if text_of(value).trim().is_empty() {
            other
        } else {
            value.clone()
        }
    });
    environment.add_filter("upper", |value: &Value| text_of(value).to_uppercase());
    environment.add_filter("lower", |value: &Value| text_of(value).to_lowercase());
    environment.add_filter("trim", |value: &Value| text_of(value).trim().to_owned());
    environment.add_filter("capitalize", |value: &Value| capitalized(&text_of(value)));
    environment.add_filter("title", |value: &Value| {
        let text = text_of(value);
        let words: Vec<String> = text.split(' ').map(capitalized).collect();
        words.join(" ")
    });
    environment.add_filter("join", |value: &Value, between: &str| parts(value).join(between));
    environment.add_filter("first", |value: &Value| {
        parts(value).into_iter().next().unwrap_or_default()
    });
    environment.add_filter("last", |value: &Value| parts(value).pop().unwrap_or_default());
    environment.add_filter("length", |value: &Value| parts(value).len());
    environment.add_test("defined", |value: &Value| !text_of(value).is_empty());
    environment
});

/// The filters, as they are written.
const FILTERS: [&str; 10] = [
    "capitalize",
    "default",
    "first",
    "join",
    "last",
    "length",
    "lower",
    "title",
    "trim",
    "upper",
];

/// The tests, as they are written.
const TESTS: [&str; 1] = ["defined"];

/// A value as it stands in a text: nothing for what isn't there, lists with commas.
fn text_of(value: &Value) -> String {
    if value.is_undefined() || value.is_none() {
        return String::new();
    }
    if value.as_str().is_none() && value.try_iter().is_ok() {
        return parts(value).join(", ");
    }
    value.to_string()
}

/// The entries of a list; any other value is its own only entry, and what isn't there has none.
fn parts(value: &Value) -> Vec<String> {
    if value.is_undefined() || value.is_none() {
        return Vec::new();
    }
    match value.try_iter() {
        Ok(entries) if value.as_str().is_none() => entries.map(|entry| entry.to_string()).collect(),
        _ => vec![value.to_string()],
    }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The parser's complaint, with its place.
fn syntax(template: &str, error: &Error) -> Slip {
    let range = error
        .range()
        .filter(|range| template.get(range.clone()).is_some())
        .unwrap_or(0..template.len());
    Slip {
        range,
        message: format!("the text can't be read: {}", in_words(error)),
        help: "names stand in double braces, `{{ lead.first_name }}`; conditions so: `{% if lead.company %} … {% endif %}`"
            .to_owned(),
    }
}

fn in_words(error: &Error) -> String {
    use minijinja::ErrorKind;
    match error.kind() {
        ErrorKind::OutOfFuel => format!("it takes more than {FUEL_MAX} steps"),
        ErrorKind::WriteFailure => format!("it is longer than {TEXT_BYTES_MAX} bytes"),
        kind => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
    }
}

#[cfg(test)]
mod tests;
