//! What an operator has done to sources of meetings from the command line, done.

use bellwether_app::App;

use super::request::{Done, Request};

/// Does what was asked of sources of meetings; anything else is nothing.
pub(super) async fn perform(app: &App, request: Request) -> anyhow::Result<Done> {
    match request {
        Request::SetInbound { tool, source, secret } => {
            app.set_inbound(&tool, &source, &secret).await?;
            Ok(Done::Nothing)
        }
        Request::Inbound => {
            let sources = app.inbound().await?.into_iter();
            let rows = sources.map(|one| {
                let path = format!("/hooks/{}/{}", one.tool, one.source);
                vec![one.tool, one.source, path]
            });
            Ok(Done::Rows(rows.collect()))
        }
        Request::RemoveInbound { tool, source } => {
            app.remove_inbound(&tool, &source).await?;
            Ok(Done::Nothing)
        }
        _ => Ok(Done::Nothing),
    }
}
