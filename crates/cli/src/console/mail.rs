//! What an operator asks of messages to leads from the command line, done.

use std::sync::Arc;

use anyhow::Context as _;
use bellwether_app::{Actor, App, LeadId, PAGE_ITEMS_MAX};
use bellwether_core::agreement::check;

use super::request::{Done, MailRequest};

/// Does what was asked of messages to leads.
pub(super) async fn perform(app: &App, request: MailRequest) -> anyhow::Result<Done> {
    match request {
        MailRequest::Unsubscribed => unsubscribed(app).await,
        MailRequest::Unsubscribe { address } => {
            let new = app.unsubscribe(&address, Actor::Console).await?;
            Ok(Done::Counted(u64::from(new)))
        }
        MailRequest::Resubscribe { address } => {
            let was = app.resubscribe(&address).await?;
            Ok(Done::Counted(u64::from(was)))
        }
        MailRequest::Preview { source, name, lead } => {
            let agreement = check(&source).agreement.map(Arc::new);
            let agreement = agreement.context("the agreement has problems; `bellwether check` shows them")?;
            let made = app
                .preview_message_of(agreement, name, Some(LeadId(lead)))
                .await?;
            Ok(Done::Text(laid_out(&made.subject, &made.text)))
        }
    }
}

/// A message as it is shown.
pub(crate) fn laid_out(subject: &str, text: &str) -> String {
    format!("Subject: {subject}\n\n{text}")
}

/// All of them, however many pages that is.
async fn unsubscribed(app: &App) -> anyhow::Result<Done> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = app.unsubscribed(cursor, PAGE_ITEMS_MAX).await?;
        rows.extend(
            page.items
                .into_iter()
                .map(|one| vec![one.address, one.at.to_string(), one.how, one.actor]),
        );
        cursor = page.next;
        if cursor.is_none() {
            return Ok(Done::Rows(rows));
        }
    }
}
