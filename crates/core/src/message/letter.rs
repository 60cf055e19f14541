//! A message of the agreement's, made for one lead: what would go out, and what does.

use super::{Unmade, Values, html, render, render_line};
use crate::agreement::{Agreement, Message};
use crate::domain::{Traits, Value};
use crate::profile::Profile;

/// Who in sales the lead belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correspondent<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their address.
    pub email: &'a str,
    /// Where a lead picks a time; empty where they have no such page.
    pub booking_url: &'a str,
}

/// A message as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// On one line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as an HTML document.
    pub html: String,
}

/// Makes a message for a lead. Where there is a link by which it is unsubscribed from and the text doesn't hold it, it
/// stands at the end.
pub fn letter(
    agreement: &Agreement,
    message: &Message,
    lead: &str,
    traits: &Traits,
    owner: Option<Correspondent<'_>>,
    unsubscribe_url: Option<&str>,
) -> Result<Letter, Unmade> {
    let profile = Profile::new(traits);
    let field = |name: &str| profile.field(name).map(crate::domain::ValueRef::to_value);
    let mut values = Values::default();
    values.lead(&agreement.fields, lead, |name| match name {
        "name" => field(name).or_else(|| whole_name(&field)),
        _ => field(name),
    });
    if let Some(owner) = owner {
        let first_name = owner.name.split_whitespace().next().unwrap_or_default();
        values.table(
            "owner",
            [
                ("name", owner.name),
                ("first_name", first_name),
                ("email", owner.email),
                ("booking_url", owner.booking_url),
            ],
        );
    }
    values.text("unsubscribe_url", unsubscribe_url.unwrap_or_default());
    let mut text = render(&message.body, &values)?.trim().to_owned();
    text.push('\n');
    if let Some(url) = unsubscribe_url.filter(|url| !text.contains(url)) {
        text = format!("{text}\nUnsubscribe: {url}\n");
    }
    Ok(Letter {
        subject: render_line(&message.subject, &values)?,
        html: html(&text),
        text,
    })
}

fn whole_name(field: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    let parts: Vec<String> = ["first_name", "last_name"]
        .into_iter()
        .filter_map(|name| Some(field(name)?.to_string()))
        .collect();
    (!parts.is_empty()).then(|| Value::Text(parts.join(" ")))
}
