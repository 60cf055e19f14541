//! Moves of many leads from the command line, done.

use anyhow::Context as _;
use bellwether_app::{AccountId, Actor, App, BulkMove, BulkQuery, LeadId, MoveOutcome, UserId};
use bellwether_core::domain::Stage;

use super::request::{Done, MoveArgs};

/// Shows what a move would come to, or makes it where a preview's token comes with it.
pub(super) async fn perform(app: &App, args: MoveArgs) -> anyhow::Result<Done> {
    let token = args.token.clone();
    let query = query(app, args).await?;
    let (token, leads) = match token {
        None => {
            let preview = app.preview_moves(query, Actor::Console).await?;
            (Some(preview.token), preview.leads)
        }
        Some(token) => (None, app.move_leads(query, token, Actor::Console).await?.leads),
    };
    Ok(Done::Moves {
        token,
        rows: leads.into_iter().map(row).collect(),
    })
}

async fn query(app: &App, args: MoveArgs) -> anyhow::Result<BulkQuery> {
    let stage_named = |name: &str| {
        name.parse::<Stage>().ok().with_context(|| {
            format!(
                "`{name}` is not a stage; use one of {}",
                Stage::ALL.map(Stage::as_str).join(", ")
            )
        })
    };
    let by = match (args.by.as_str(), args.to.as_deref()) {
        ("accept", None) => BulkMove::Accept,
        ("reject", None) => BulkMove::Reject,
        ("disqualify", None) => BulkMove::Disqualify,
        ("override", Some(to)) => BulkMove::Override(stage_named(to)?),
        ("override", None) => anyhow::bail!("say with --to to which stage"),
        (_, Some(_)) => anyhow::bail!("only an override has --to; leave it away"),
        (other, None) => {
            anyhow::bail!("`{other}` is not a move; use accept, reject, disqualify or override")
        }
    };
    let owner = match &args.owner {
        Some(email) => Some(user_with(app, email).await?),
        None => None,
    };
    Ok(BulkQuery {
        by,
        reason: args.reason,
        leads: args.leads.into_iter().map(LeadId).collect(),
        stage: args.stage.as_deref().map(stage_named).transpose()?,
        owner,
        account: args.account.map(AccountId),
        search: args.search,
    })
}

async fn user_with(app: &App, email: &str) -> anyhow::Result<UserId> {
    let wanted = email.trim().to_lowercase();
    let users = app.users().await?;
    let user = users.iter().find(|user| user.email.to_lowercase() == wanted);
    user.map(|user| user.id)
        .with_context(|| format!("nobody signs in as `{email}`; `bellwether user list` shows who does"))
}

fn row(one: MoveOutcome) -> Vec<String> {
    let (to, refused) = match one.to {
        Ok(to) => (to.as_str().to_owned(), String::new()),
        Err(why) => ("(not moved)".to_owned(), why),
    };
    vec![
        one.lead.to_string(),
        one.name.unwrap_or_default(),
        one.from
            .map_or_else(String::new, |stage| stage.as_str().to_owned()),
        to,
        refused,
    ]
}
