//! What an operator has done to destinations from the command line, done.

use std::fmt::Write as _;

use bellwether_app::{
    App, DeliveryState, DestinationView, HandoffId, NewDestination, PAGE_ITEMS_MAX, Preview,
};

use super::request::{DestinationRequest, Done};

/// Does what was asked of destinations.
pub(super) async fn perform(app: &App, request: DestinationRequest) -> anyhow::Result<Done> {
    match request {
        DestinationRequest::Put {
            source,
            secret,
            signing_secret,
        } => {
            let wanted = NewDestination {
                source,
                secret,
                signing_secret,
            };
            let (put, secret) = app.put_destination(wanted).await?;
            Ok(Done::Destination {
                name: put.name,
                lacks_secret: put.lacks_secret,
                secret,
            })
        }
        DestinationRequest::List => {
            let destinations = app.destinations().await?;
            Ok(Done::Rows(destinations.into_iter().map(row).collect()))
        }
        DestinationRequest::Remove { name } => {
            app.remove_destination(&name).await?;
            Ok(Done::Nothing)
        }
        DestinationRequest::Test { name, to } => {
            let tried = app.try_destination(&name, to).await?;
            Ok(Done::TriedDestination { error: tried.error })
        }
        DestinationRequest::Preview { name, handoff } => {
            let shown = app.preview(HandoffId(handoff), &name).await?;
            Ok(Done::Text(laid_out(&shown)))
        }
        DestinationRequest::Dead => dead(app).await,
        DestinationRequest::Replay { id: Some(id) } => {
            app.replay_delivery(id).await?;
            Ok(Done::Counted(1))
        }
        DestinationRequest::Replay { id: None } => Ok(Done::Counted(app.replay_deliveries().await?)),
    }
}

async fn dead(app: &App) -> anyhow::Result<Done> {
    let dead = app.deliveries(DeliveryState::Dead, None, PAGE_ITEMS_MAX).await?;
    let rows = dead.items.into_iter().map(|one| {
        vec![
            one.id.to_string(),
            one.destination.unwrap_or_default(),
            one.message_id,
            one.attempts.to_string(),
            one.ended_at.map(|at| at.to_string()).unwrap_or_default(),
            one.last_error.unwrap_or_default(),
        ]
    });
    Ok(Done::Rows(rows.collect()))
}

fn row(view: DestinationView) -> Vec<String> {
    let state = match (&view.off_reason, view.active, view.lacks_secret) {
        (Some(reason), ..) => format!("off: {reason}"),
        (None, false, _) => "off".to_owned(),
        (None, true, true) => "its secret isn't there".to_owned(),
        (None, true, false) if view.breaker == "closed" => "on".to_owned(),
        (None, true, false) => format!("failing: {}", view.last_error.unwrap_or_default()),
    };
    vec![
        view.name,
        view.kind.to_owned(),
        state,
        view.waiting.to_string(),
        view.dead.to_string(),
        view.rate_per_minute.to_string(),
        view.address,
        view.events.join(" "),
    ]
}

fn laid_out(shown: &Preview) -> String {
    let mut text = format!("to {}\n", shown.to);
    for (name, value) in &shown.headers {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text.push_str(&shown.body);
    text
}
