//! What a destination's file says, read and checked: what kind it is, where it is, which events it is told, and how fast.
//! Its secrets are never in the file.

mod read;

use bellwether_core::agreement::Glob;

use crate::walls;

/// The longest file, in bytes.
pub const SOURCE_BYTES_MAX: usize = 32 * 1024;
/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: usize = 4_096;
/// A mail to a lead, which only goes where it is asked for by name.
pub const MESSAGE_SEND: &str = "message.send";
/// What stands for the secret in an address.
pub const SECRET: &str = "{{ secret }}";

/// Where messages go.
#[derive(Debug, Clone)]
pub struct Destination {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How many messages it is sent in a minute.
    pub rate_per_minute: u32,
    /// Whether it is sent anything.
    pub active: bool,
    events: Vec<Glob>,
}

/// What a destination is, with what that kind needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Whoever takes signed JSON by HTTP.
    Webhook {
        /// Its address.
        url: String,
    },
    /// Slack, or what takes its messages.
    Slack {
        /// Its address, with [`SECRET`] in the place of what nobody else may know.
        url: String,
    },
    /// A mail server.
    Smtp(Smtp),
}

/// A mail server, and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others.
    pub tls: Tls,
    /// As whom to sign in; nobody where there is no need to.
    pub user: Option<String>,
    /// Whom mails come from: `Bellwether <bellwether@acme.example>`.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Who vouches for the server besides whom everybody trusts: certificates, PEM.
    pub authority: Option<String>,
}

/// How a connection to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// It begins in the clear and must be turned into TLS.
    StartTls,
    /// It is TLS from the first byte.
    Implicit,
}

/// What is wrong with a destination's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map_or_else(String::new, |line| format!("line {line}: ")))]
pub struct DestinationError {
    /// The line, from 1; none where the file as a whole is wrong.
    pub line: Option<usize>,
    /// What, and what would be right.
    pub message: String,
}

impl Destination {
    /// Reads a file.
    pub fn parse(source: &str) -> Result<Self, DestinationError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(DestinationError {
                line: None,
                message: format!("a destination's file has at most {SOURCE_BYTES_MAX} bytes"),
            });
        }
        read::read(source)
    }

    /// Whether it is told of an event. A mail to a lead goes to mail servers; elsewhere it is told of only where a pattern
    /// begins with `message.`, never where one takes everything.
    pub fn takes(&self, event_type: &str) -> bool {
        let fits = |glob: &Glob| {
            glob.matches(event_type) && (event_type != MESSAGE_SEND || glob.source().starts_with("message."))
        };
        match (&self.kind, event_type) {
            (Kind::Slack { .. }, MESSAGE_SEND) => false,
            _ => self.events.iter().any(fits),
        }
    }

    /// The patterns of the events that it is told.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(Glob::source)
    }

    /// Its kind, as files write it.
    pub const fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Webhook { .. } => "webhook",
            Kind::Slack { .. } => "slack",
            Kind::Smtp(_) => "smtp",
        }
    }

    /// Where it is, without what nobody else may know: of Slack's address only the host.
    pub fn address(&self) -> String {
        match &self.kind {
            Kind::Webhook { url } => url.split('?').next().unwrap_or(url).to_owned(),
            Kind::Slack { url } => walls::origin(url)
                .map_or_else(String::new, |(scheme, host, _)| format!("{scheme}://{host}/…")),
            Kind::Smtp(smtp) => format!("smtp://{}:{}", smtp.host, smtp.port),
        }
    }

    /// Whether messages to it can't be made without a secret.
    pub fn needs_secret(&self) -> bool {
        match &self.kind {
            Kind::Webhook { .. } => true,
            Kind::Slack { url } => url.contains(SECRET),
            Kind::Smtp(smtp) => smtp.user.is_some(),
        }
    }

    /// Whether it is whom another one is: of the same kind, at the same host and port, as the same user.
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Webhook { url: a }, Kind::Webhook { url: b })
            | (Kind::Slack { url: a }, Kind::Slack { url: b }) => {
                let known = origin(a);
                known.is_some() && known == origin(b)
            }
            (Kind::Smtp(a), Kind::Smtp(b)) => {
                (&a.host, a.port, &a.user) == (&b.host, b.port, &b.user)
                    && (b.tls == Tls::None || a.tls != Tls::None)
            }
            _ => false,
        }
    }
}

/// Whom an address leads to, also where a secret is to stand in it.
pub(crate) fn origin(url: &str) -> Option<(String, String, u16)> {
    walls::origin(&url.replace(SECRET, "x"))
}
