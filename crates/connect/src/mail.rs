//! Mails: what is written to whom, and the sending of it to a mail server.

mod html;
mod send;

use bellwether_core::domain::Timestamp;
use serde_json::Value;

use crate::destination::{MESSAGE_SEND, Smtp};
use crate::link::{ACCEPT_PERIOD, Accept};
use crate::outgoing::{Failure, Here, Message};
use crate::told::{Told, when};

pub(crate) use self::send::send;

/// The longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it comes from.
    pub from: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Whom it goes to.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same, with more to look at.
    pub html: Option<String>,
    /// By which it is known if it comes twice.
    pub message_id: String,
    /// When it was written.
    pub date: Timestamp,
    /// Where its reader says that there are to be no more (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// Says what to mail.
pub(crate) fn plan(
    smtp: &Smtp,
    message: Message<'_>,
    data: &Value,
    recipient: &str,
    here: Here<'_>,
) -> Result<Mail, Failure> {
    let get = |name: &str| {
        data.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let (subject, text, html) = if message.event_type == MESSAGE_SEND {
        let missing = |what: &str| Failure::never(format!("the mail has no {what}"));
        let subject = get("subject").ok_or_else(|| missing("subject"))?;
        let text = get("text").ok_or_else(|| missing("text"))?;
        (
            subject.to_owned(),
            text.to_owned(),
            get("html").map(str::to_owned),
        )
    } else {
        let told = Told::of(message.event_type, data, here);
        let letter = Letter {
            accept: accept_link(&told, message, data, here),
            due: told.due.map(|due| when(due, here.timezone)),
            told: &told,
        };
        (told.title.clone(), letter.text(), Some(html::page(&letter)))
    };
    let unsubscribe =
        get("unsubscribe_url").filter(|url| crate::walls::is_callable(url) && !url.contains('>'));
    Ok(Mail {
        from: smtp.from.clone(),
        reply_to: get("reply_to")
            .map(str::to_owned)
            .or_else(|| smtp.reply_to.clone()),
        to: recipient.to_owned(),
        subject: one_line(&subject),
        text,
        html,
        message_id: message_id(message.id, &smtp.from),
        date: message.created_at,
        unsubscribe: unsubscribe.map(str::to_owned),
    })
}

/// What a mail to a salesperson says.
pub(crate) struct Letter<'a> {
    told: &'a Told,
    /// The link that takes the lead with one click and a button.
    accept: Option<String>,
    due: Option<String>,
}

impl Letter<'_> {
    fn text(&self) -> String {
        let told = self.told;
        let mut lines = vec![told.title.clone(), String::new()];
        let who = [&told.name, &told.role]
            .into_iter()
            .chain(&told.email)
            .chain(&told.phone);
        lines.extend(who.filter(|text| !text.is_empty()).cloned());
        lines.push(String::new());
        lines.extend(told.note.iter().chain(&told.why).cloned());
        lines.extend(
            told.rules
                .iter()
                .map(|(rule, points)| format!("  {points}  {rule}")),
        );
        lines.extend(told.activities.iter().map(|text| format!("- {text}")));
        lines.push(String::new());
        lines.extend(told.task.as_ref().map(|task| format!("To do: {task}")));
        lines.extend(self.due.as_ref().map(|due| format!("Due: {due}")));
        lines.extend(told.owner.as_ref().map(|owner| format!("Owner: {owner}")));
        lines.extend(told.score.as_ref().map(|score| format!("Score: {score}")));
        lines.push(String::new());
        lines.extend(
            self.accept
                .as_ref()
                .map(|link| format!("Accept this lead: {link}")),
        );
        lines.extend(told.page.as_ref().map(|page| format!("Open it: {page}")));
        lines.dedup_by(|next, before| next.is_empty() && before.is_empty());
        lines.join("\n")
    }
}

/// The link by which the owner takes the lead; nothing where the mail doesn't ask, or goes to somebody else.
fn accept_link(told: &Told, message: Message<'_>, data: &Value, here: Here<'_>) -> Option<String> {
    let url = here.public_url.filter(|_| told.asks)?;
    let (handoff, owner) = (told.handoff?, Told::owner_id(data)?);
    let named = |place: &str| data.get(place).filter(|found| !found.is_null());
    let addressee = named("to").or_else(|| named("notify"));
    let is_owner =
        addressee.is_none_or(|to| to.get("id").and_then(Value::as_str) == Some(owner.to_string().as_str()));
    if !is_owner {
        return None;
    }
    let expires_at = message.created_at.plus(ACCEPT_PERIOD);
    let accept = Accept {
        handoff,
        owner,
        expires_at,
    };
    let token = here
        .link_key
        .map_or_else(|| "(token)".to_owned(), |key| accept.token(key));
    Some(format!("{url}/a/{token}"))
}

fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain
        .take(SUBJECT_CHARS_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The same for each attempt, and another one for each message.
fn message_id(id: &str, from: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let safe: String = id.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("<{safe}@{}>", domain(from))
}

/// The domain that mails come from.
fn domain(from: &str) -> String {
    let after = from.rsplit('@').next().unwrap_or_default();
    let plain: String = after
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        .collect();
    if plain.is_empty() {
        "bellwether.invalid".to_owned()
    } else {
        plain
    }
}
