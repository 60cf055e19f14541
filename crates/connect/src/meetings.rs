//! What scheduling tools say of meetings, checked and read: a pure module for each tool. Whatever is sent, the worst that
//! comes of it is a text that says what is wrong with it.

pub mod calendly;
pub mod chili_piper;
mod fields;
mod signed;

use bellwether_core::domain::{Properties, Timestamp, Value};

pub use signed::Unsigned;

/// The longest text of a meeting that is kept, in characters.
pub const TEXT_CHARS_MAX: usize = 300;
/// The most answers of a booking form that are kept.
pub const ANSWERS_MAX: usize = 20;
/// The most hosts of a meeting that are kept.
pub const HOSTS_MAX: usize = 10;
/// The fewest bytes of a secret.
pub const SECRET_BYTES_MIN: usize = 16;
/// The most bytes of a secret.
pub const SECRET_BYTES_MAX: usize = 512;

/// A scheduling tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Calendly.
    Calendly,
    /// Chili Piper.
    ChiliPiper,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 2] = [Self::Calendly, Self::ChiliPiper];

    /// The tool's name in data and in paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendly => "calendly",
            Self::ChiliPiper => "chili-piper",
        }
    }

    /// The tool of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name)
    }
}

/// What became of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingKind {
    /// It was booked.
    Booked,
    /// It was moved to another time.
    Rescheduled,
    /// It was changed, and the tool doesn't say how: moved, or given to somebody else.
    Updated,
    /// It was called off.
    Cancelled,
    /// The lead didn't come.
    NoShow,
    /// The lead had come after all.
    NoShowWithdrawn,
}

impl MeetingKind {
    /// The name of the event that it becomes.
    pub const fn event(self) -> &'static str {
        match self {
            Self::Booked => "Meeting Booked",
            Self::Rescheduled => "Meeting Rescheduled",
            Self::Updated => "Meeting Updated",
            Self::Cancelled => "Meeting Cancelled",
            Self::NoShow => "Meeting No-Show",
            Self::NoShowWithdrawn => "Meeting No-Show Withdrawn",
        }
    }

    /// Whether there is an agreed time to meet after it.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Booked | Self::Rescheduled | Self::Updated)
    }
}

/// A meeting, as a tool tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// What became of it.
    pub kind: MeetingKind,
    /// By which the same told twice is known.
    pub message_id: String,
    /// When that became of it; nothing where the tool doesn't say.
    pub at: Option<Timestamp>,
    /// With whom: their address.
    pub email: String,
    /// Their name.
    pub name: Option<String>,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// Their phone number.
    pub phone: Option<String>,
    /// The addresses of those of ours who hold it, whoever it is given to first.
    pub hosts: Vec<String>,
    /// What else is known: properties of the event.
    pub properties: Properties,
}

/// What a body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Something about a meeting.
    Meeting(Box<Meeting>),
    /// Something that isn't used, by what the tool calls it.
    Unused(String),
    /// Something that can't be used, and why.
    Unusable(&'static str),
}

/// Adds a text to properties, cut to the longest that is kept.
fn put(properties: &mut Properties, name: &str, text: Option<String>) {
    if let Some(text) = text {
        properties.insert(name.to_owned(), Value::Text(text));
    }
}

#[cfg(test)]
mod tests;
