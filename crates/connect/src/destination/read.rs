//! A destination's file, read and checked: what is wrong is said with its line.

use std::ops::Range;

use bellwether_core::agreement::Glob;
use lettre::message::Mailbox;
use serde::Deserialize;
use toml::Spanned;

use super::{Destination, DestinationError, Kind, SECRET, Smtp, Tls};
use crate::walls;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 40;
/// The most patterns of events.
const EVENTS_MAX: usize = 50;
/// The most messages that a destination may be sent in a minute.
const RATE_MAX: u32 = 600_000;

/// Every event that there is.
const EVENTS: [&str; 14] = [
    "lead.qualified",
    "lead.activity",
    "lead.accepted",
    "lead.rejected",
    "lead.expired",
    "lead.sql",
    "handoff.waiting",
    "handoff.assigned",
    "sla.escalated",
    "opportunity.opened",
    "opportunity.won",
    "opportunity.lost",
    "notice",
    super::MESSAGE_SEND,
];

/// Reads a file.
pub(super) fn read(source: &str) -> Result<Destination, DestinationError> {
    let written: Written = toml::from_str(source).map_err(|error| DestinationError {
        line: error.span().map(|span| line_of(source, span.start)),
        message: error.message().trim().replace('\n', ", "),
    })?;
    Reading { source }.destination(&written)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    host: Option<Spanned<String>>,
    port: Option<Spanned<i64>>,
    tls: Option<Spanned<String>>,
    user: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    reply_to: Option<Spanned<String>>,
    authority: Option<Spanned<String>>,
    events: Option<Spanned<Vec<Spanned<String>>>>,
    rate: Option<Spanned<i64>>,
    active: Option<bool>,
}

/// Checks what was written.
struct Reading<'a> {
    source: &'a str,
}

impl Reading<'_> {
    fn wrong(&self, at: Range<usize>, message: impl Into<String>) -> DestinationError {
        DestinationError {
            line: Some(line_of(self.source, at.start)),
            message: message.into(),
        }
    }

    fn destination(&self, written: &Written) -> Result<Destination, DestinationError> {
        let name = self.name(&written.name)?;
        let (kind, rate, events) = match written.kind.get_ref().as_str() {
            "webhook" => (
                Kind::Webhook {
                    url: self.url(written, false)?,
                },
                6_000,
                ["lead.*", "handoff.*", "sla.*", "opportunity.*", "notice"].as_slice(),
            ),
            "slack" => (
                Kind::Slack {
                    url: self.url(written, true)?,
                },
                60,
                [
                    "lead.qualified",
                    "lead.activity",
                    "handoff.*",
                    "sla.*",
                    "opportunity.won",
                ]
                .as_slice(),
            ),
            "smtp" => (
                Kind::Smtp(self.smtp(written)?),
                600,
                [
                    "lead.qualified",
                    "lead.activity",
                    "handoff.*",
                    "sla.*",
                    "notice",
                    super::MESSAGE_SEND,
                ]
                .as_slice(),
            ),
            other => {
                let message = format!("`{other}` is not a kind; write `webhook`, `slack` or `smtp`");
                return Err(self.wrong(written.kind.span(), message));
            }
        };
        self.only_of_its_kind(written, matches!(kind, Kind::Smtp(_)))?;
        Ok(Destination {
            name,
            kind,
            rate_per_minute: self.rate(written.rate.as_ref(), rate)?,
            active: written.active.unwrap_or(true),
            events: self.events(written.events.as_ref(), events)?,
        })
    }

    fn name(&self, name: &Spanned<String>) -> Result<String, DestinationError> {
        let text = name.get_ref().trim();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if text.is_empty() || text.chars().count() > NAME_CHARS_MAX || !text.chars().all(plain) {
            let message = format!(
                "`{text}` is not a destination's name; take 1 to {NAME_CHARS_MAX} of `a-z`, `0-9`, `-` and `_`"
            );
            return Err(self.wrong(name.span(), message));
        }
        Ok(text.to_owned())
    }

    /// Keys that the kind doesn't have are mistakes.
    fn only_of_its_kind(&self, written: &Written, mails: bool) -> Result<(), DestinationError> {
        let texts = [
            ("host", &written.host),
            ("tls", &written.tls),
            ("user", &written.user),
            ("from", &written.from),
            ("reply_to", &written.reply_to),
            ("authority", &written.authority),
        ];
        let mut foreign: Vec<(&str, Range<usize>)> = Vec::new();
        if mails {
            foreign.extend(written.url.as_ref().map(|url| ("url", url.span())));
        } else {
            foreign.extend(
                texts
                    .iter()
                    .filter_map(|(name, text)| Some((*name, text.as_ref()?.span()))),
            );
            foreign.extend(written.port.as_ref().map(|port| ("port", port.span())));
        }
        match foreign.into_iter().next() {
            Some((name, span)) => {
                let message = format!("a destination of this kind has no `{name}`; take it out");
                Err(self.wrong(span, message))
            }
            None => Ok(()),
        }
    }

    fn url(&self, written: &Written, may_hide: bool) -> Result<String, DestinationError> {
        let Some(url) = &written.url else {
            let message = "there is no `url`; write where it is, such as `url = \"https://host/path\"`";
            return Err(self.wrong(written.kind.span(), message));
        };
        let plain = if may_hide {
            url.get_ref().replace(SECRET, "x")
        } else {
            url.get_ref().clone()
        };
        let host_is_plain = walls::origin(&plain).is_some_and(|_| {
            let rest = url.get_ref().split_once("://").map_or("", |(_, rest)| rest);
            !rest.split(['/', '?']).next().unwrap_or("").contains('{')
        });
        if !walls::is_callable(&plain) || !host_is_plain {
            let shown: String = url.get_ref().chars().take(80).collect();
            let message = format!("`{shown}` is not an address that can be called; give `https://host/path`");
            return Err(self.wrong(url.span(), message));
        }
        Ok(url.get_ref().clone())
    }

    fn smtp(&self, written: &Written) -> Result<Smtp, DestinationError> {
        let host = self.needed(written, written.host.as_ref(), "host", "mail.acme.example")?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
        if host.get_ref().is_empty() || host.get_ref().len() > 253 || !host.get_ref().bytes().all(plain) {
            let message = format!("`{}` is not the name of a host", host.get_ref());
            return Err(self.wrong(host.span(), message));
        }
        let tls = match written.tls.as_ref().map(|tls| tls.get_ref().as_str()) {
            None | Some("starttls") => Tls::StartTls,
            Some("implicit") => Tls::Implicit,
            Some("none") => Tls::None,
            Some(other) => {
                let message =
                    format!("`{other}` is no way to use TLS; write `starttls`, `implicit` or `none`");
                let at = written.tls.as_ref().map_or(0..0, Spanned::span);
                return Err(self.wrong(at, message));
            }
        };
        let usual = match tls {
            Tls::Implicit => 465,
            Tls::StartTls => 587,
            Tls::None => 25,
        };
        let port = match &written.port {
            None => usual,
            Some(port) => u16::try_from(*port.get_ref())
                .ok()
                .filter(|port| *port > 0)
                .ok_or_else(|| {
                    self.wrong(
                        port.span(),
                        format!("`{}` is not a port; give 1 to 65535", port.get_ref()),
                    )
                })?,
        };
        if let (Tls::None, Some(user)) = (tls, &written.user) {
            let message =
                "a password isn't sent in the clear; use `tls = \"starttls\"` or `\"implicit\"`, or no user";
            return Err(self.wrong(user.span(), message));
        }
        let from = self.needed(
            written,
            written.from.as_ref(),
            "from",
            "Acme <sales@acme.example>",
        )?;
        Ok(Smtp {
            host: host.get_ref().clone(),
            port,
            tls,
            user: written.user.as_ref().map(|user| user.get_ref().clone()),
            from: self.mailbox(from)?,
            reply_to: written
                .reply_to
                .as_ref()
                .map(|reply| self.mailbox(reply))
                .transpose()?,
            authority: written
                .authority
                .as_ref()
                .map(|pem| self.authority(pem))
                .transpose()?,
        })
    }

    fn authority(&self, pem: &Spanned<String>) -> Result<String, DestinationError> {
        let text = pem.get_ref();
        if text.contains("PRIVATE KEY") || !text.contains("-----BEGIN CERTIFICATE-----") {
            let message = "`authority` holds certificates in PEM, and no key; take `-----BEGIN CERTIFICATE-----` and on";
            return Err(self.wrong(pem.span(), message));
        }
        Ok(text.clone())
    }

    fn needed<'a>(
        &self,
        written: &Written,
        value: Option<&'a Spanned<String>>,
        name: &str,
        example: &str,
    ) -> Result<&'a Spanned<String>, DestinationError> {
        value.ok_or_else(|| {
            let message = format!("there is no `{name}`; write it, such as `{name} = \"{example}\"`");
            self.wrong(written.kind.span(), message)
        })
    }

    fn mailbox(&self, text: &Spanned<String>) -> Result<String, DestinationError> {
        let parsed: Result<Mailbox, _> = text.get_ref().parse();
        match parsed {
            Ok(_) if !text.get_ref().contains(char::is_control) => Ok(text.get_ref().clone()),
            _ => {
                let message = format!(
                    "`{}` is not a mail address, such as `Acme <sales@acme.example>`",
                    text.get_ref()
                );
                Err(self.wrong(text.span(), message))
            }
        }
    }

    fn rate(&self, rate: Option<&Spanned<i64>>, usual: u32) -> Result<u32, DestinationError> {
        let Some(rate) = rate else { return Ok(usual) };
        let found = u32::try_from(*rate.get_ref()).ok();
        found.filter(|rate| (1..=RATE_MAX).contains(rate)).ok_or_else(|| {
            let message = format!(
                "`rate` is {}; give 1 to {RATE_MAX} messages a minute",
                rate.get_ref()
            );
            self.wrong(rate.span(), message)
        })
    }

    fn events(
        &self,
        events: Option<&Spanned<Vec<Spanned<String>>>>,
        usual: &[&str],
    ) -> Result<Vec<Glob>, DestinationError> {
        let Some(events) = events else {
            return Ok(usual.iter().map(|event| Glob::new(event)).collect());
        };
        if events.get_ref().is_empty() || events.get_ref().len() > EVENTS_MAX {
            let message =
                format!("`events` holds 1 to {EVENTS_MAX} patterns; `active = false` sends nothing");
            return Err(self.wrong(events.span(), message));
        }
        let mut globs = Vec::with_capacity(events.get_ref().len());
        for event in events.get_ref() {
            let glob = Glob::new(event.get_ref());
            if !EVENTS.iter().any(|known| glob.matches(known)) {
                let message = format!(
                    "`{}` fits no event; there are `{}`",
                    event.get_ref(),
                    EVENTS.join("`, `")
                );
                return Err(self.wrong(event.span(), message));
            }
            globs.push(glob);
        }
        Ok(globs)
    }
}

fn line_of(source: &str, at: usize) -> usize {
    let before = source.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}
