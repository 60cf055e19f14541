//! What an operator has done to enrichers from the command line, done.

use bellwether_app::App;

use super::request::{Done, Request, Trial};

/// Does what was asked of enrichers; anything else is nothing.
pub(super) async fn perform(app: &App, request: Request) -> anyhow::Result<Done> {
    match request {
        Request::PutEnricher { source, secret } => {
            let put = app.put_enricher(source, secret).await?;
            Ok(Done::Enricher {
                name: put.name,
                lacks_secret: put.lacks_secret,
            })
        }
        Request::Enrichers => enrichers(app).await,
        Request::TryEnricher {
            name,
            source,
            secret,
            email,
        } => {
            let tried = app.try_enricher(name, source, secret, &email).await?;
            let traits = tried.traits.iter();
            Ok(Done::Tried(Trial {
                request: tried.request,
                status: tried.status,
                answer: tried.answer,
                outcome: tried.outcome,
                traits: traits
                    .map(|(name, value)| (name.clone(), value.to_string()))
                    .collect(),
            }))
        }
        Request::RemoveEnricher { name } => {
            app.remove_enricher(&name).await?;
            Ok(Done::Nothing)
        }
        _ => Ok(Done::Nothing),
    }
}

async fn enrichers(app: &App) -> anyhow::Result<Done> {
    let enrichers = app.enrichers().await?.into_iter().map(|view| {
        vec![
            view.name,
            view.requests_today.to_string(),
            view.requests_per_day.to_string(),
            view.counts.waiting.to_string(),
            view.counts.answered.to_string(),
            view.counts.unknown.to_string(),
            view.counts.skipped.to_string(),
            view.counts.dead.to_string(),
            if view.lacks_secret {
                format!("{} (its secret isn't there)", view.address)
            } else {
                view.address
            },
        ]
    });
    Ok(Done::Rows(enrichers.collect()))
}
