//! What an operator has done from the command line, done.

use std::path::Path;

use anyhow::Context as _;
use bellwether_app::{
    Actor, App, ImportId, KeyClass, KeyId, LeadId, PAGE_ITEMS_MAX, Release, Role, SuspectQuery, UserId,
    read_counts,
};
use bellwether_core::domain::{Timestamp, TraitSource};
use bellwether_core::records::RecordKind;
use bellwether_core::suspect::Rule;
use bellwether_store::Db;

use super::destinations;
use super::enrichers;
use super::inbound;
use super::moves;
use super::records;
use super::request::{CheckedRow, Done, Request, RowDone, TeamMember};
use super::session::{Taking, settings};

/// Does what was asked, on the running product.
pub(crate) async fn perform(app: &App, data: &Path, request: Request) -> anyhow::Result<Done> {
    match request {
        Request::CreateKey {
            admin,
            name,
            speaks_as,
        } => create_key(app, admin, &name, &speaks_as).await,
        Request::Keys => keys(app).await,
        Request::RevokeKey { id } => {
            app.revoke_key(KeyId(id)).await?;
            Ok(Done::Nothing)
        }
        Request::AddUser {
            name,
            email,
            password,
            role,
            teams,
        } => {
            let user = app
                .create_user(&name, &email, &password, role_named(&role)?)
                .await?;
            for team in &teams {
                app.add_member(team, user.id, 1).await?;
            }
            Ok(Done::Nothing)
        }
        Request::Users => users(app).await,
        Request::Teams => teams(app, data).await,
        Request::Desk(request) => super::desk::perform(app, request).await,
        Request::AddMember { team, email, weight } => {
            app.add_member(&team, user_with(app, &email).await?, weight)
                .await?;
            Ok(Done::Nothing)
        }
        Request::SetWebhook { url } => {
            let (_, secret) = app.set_webhook(&url, None).await?;
            Ok(Done::Webhook { secret })
        }
        Request::Webhooks => webhooks(app).await,
        Request::Suspects { rule, lead } => suspects(app, rule.as_deref(), lead).await,
        Request::Release { event, lead, rule } => release(app, event, lead, rule.as_deref()).await,
        asked @ (Request::PutEnricher { .. }
        | Request::Enrichers
        | Request::RemoveEnricher { .. }
        | Request::TryEnricher { .. }) => enrichers::perform(app, asked).await,
        Request::Destination(what) => destinations::perform(app, what).await,
        Request::MoveLeads(args) => moves::perform(app, args).await,
        asked @ (Request::SetInbound { .. } | Request::Inbound | Request::RemoveInbound { .. }) => {
            inbound::perform(app, asked).await
        }
        Request::Mail(what) => super::mail::perform(app, what).await,
        Request::Agreement(what) => super::agreements::perform(app, what).await,
        request @ (Request::BeginImport { .. }
        | Request::ImportRows { .. }
        | Request::CheckRows { .. }
        | Request::NoteImport { .. }) => import(app, request).await,
    }
}

/// Takes a part of an import.
async fn import(app: &App, request: Request) -> anyhow::Result<Done> {
    match request {
        Request::BeginImport { kind, file, dry_run } => {
            let kind: RecordKind = kind.parse().map_err(anyhow::Error::msg)?;
            let (id, started_at) = app.begin_import(kind, &file, dry_run, Actor::Console).await?;
            Ok(Done::Import {
                id: id.0,
                started_at: started_at.ms(),
            })
        }
        Request::ImportRows {
            rows,
            speaker,
            hand_off,
            started_at,
        } => {
            let taking = Taking {
                speaker: TraitSource::named(&speaker).context("nobody speaks so")?,
                hand_off,
                started_at: Timestamp::from_ms(started_at).context("no such time")?,
            };
            let outcomes = app.import(records::from_json(&rows)?, settings(taking)).await?;
            Ok(Done::Rowed(outcomes.into_iter().map(RowDone::from).collect()))
        }
        Request::CheckRows { rows } => {
            let (_, checked) = app.check_import(records::from_json(&rows)?).await?;
            Ok(Done::CheckedRows(
                checked.into_iter().map(CheckedRow::from).collect(),
            ))
        }
        Request::NoteImport {
            id,
            counts,
            rejects,
            ended,
        } => {
            let counts = read_counts(&counts.to_string());
            let would_qualify = app.note_import(ImportId(id), &counts, rejects, ended).await?;
            Ok(Done::Noted { would_qualify })
        }
        other => anyhow::bail!("`{other:?}` is no part of an import"),
    }
}

fn role_named(name: &str) -> anyhow::Result<Role> {
    Role::ALL
        .into_iter()
        .find(|role| role.as_str() == name)
        .with_context(|| format!("there is no role `{name}`"))
}

fn rule_named(key: Option<&str>) -> anyhow::Result<Option<Rule>> {
    let known = || Rule::ALL.map(Rule::as_str).join("`, `");
    key.map(|key| {
        Rule::parse(key).with_context(|| format!("there is no rule `{key}`; there are `{}`", known()))
    })
    .transpose()
}

async fn release(
    app: &App,
    event: Option<i64>,
    lead: Option<i64>,
    rule: Option<&str>,
) -> anyhow::Result<Done> {
    let what = match (event, lead) {
        (Some(event), None) => Release::Event(event),
        (None, Some(lead)) => Release::Lead {
            lead: LeadId(lead),
            rule: rule_named(rule)?,
        },
        _ => anyhow::bail!("name either an event or a lead"),
    };
    let released = app.release(what, Actor::Console).await?;
    Ok(Done::Released {
        events: released.events,
    })
}

async fn suspects(app: &App, rule: Option<&str>, lead: Option<i64>) -> anyhow::Result<Done> {
    let query = SuspectQuery {
        lead: lead.map(LeadId),
        rule: rule_named(rule)?,
        cursor: None,
        limit: PAGE_ITEMS_MAX,
    };
    let held = app.suspects(query).await?.items.into_iter();
    let rows = held.map(|one| {
        vec![
            one.event.to_string(),
            one.ts.to_string(),
            one.lead.to_string(),
            one.rule,
            one.path.or(one.name).unwrap_or(one.kind),
            one.reason,
        ]
    });
    Ok(Done::Rows(rows.collect()))
}

async fn create_key(app: &App, admin: bool, name: &str, speaks_as: &str) -> anyhow::Result<Done> {
    let class = if admin { KeyClass::Admin } else { KeyClass::Write };
    let speaks_as =
        TraitSource::named(speaks_as).with_context(|| format!("nobody speaks as `{speaks_as}`"))?;
    let (key, secret) = app.create_key_that_speaks(class, name, speaks_as).await?;
    Ok(Done::Key { id: key.id.0, secret })
}

async fn keys(app: &App) -> anyhow::Result<Done> {
    let keys = app.keys().await?.into_iter().map(|key| {
        vec![
            key.id.to_string(),
            key.class.as_str().to_owned(),
            key.speaks_as.as_str().to_owned(),
            key.created_at.to_string(),
            key.name,
        ]
    });
    Ok(Done::Rows(keys.collect()))
}

async fn users(app: &App) -> anyhow::Result<Done> {
    let users = app.users().await?.into_iter();
    let users = users.map(|user| {
        vec![
            user.id.to_string(),
            user.role.as_str().to_owned(),
            user.email,
            user.name,
        ]
    });
    Ok(Done::Rows(users.collect()))
}

async fn user_with(app: &App, email: &str) -> anyhow::Result<UserId> {
    let wanted = email.trim().to_lowercase();
    let users = app.users().await?;
    let user = users.iter().find(|user| user.email.to_lowercase() == wanted);
    user.map(|user| user.id)
        .with_context(|| format!("nobody signs in as `{email}`; `bellwether user list` shows who does"))
}

/// The teams that the agreement's routes name, each with whoever is on it.
async fn teams(app: &App, data: &Path) -> anyhow::Result<Done> {
    let active = app.active_agreement().await?;
    let mut teams: Vec<String> = Vec::new();
    for route in &active.engine.agreement().routes {
        if !teams.contains(&route.team) {
            teams.push(route.team.clone());
        }
    }
    let users = app.users().await?;
    read(data, move |db| {
        let mut rows = Vec::new();
        for team in teams {
            let members = db.candidates(&team)?;
            if members.is_empty() {
                rows.push(TeamMember {
                    team,
                    member: None,
                    weight: 0,
                });
                continue;
            }
            rows.extend(members.into_iter().map(|member| {
                TeamMember {
                    team: team.clone(),
                    member: users
                        .iter()
                        .find(|user| user.id == member.user)
                        .map(|user| user.name.clone()),
                    weight: member.weight,
                }
            }));
        }
        Ok(Done::Teams(rows))
    })
    .await
}

async fn webhooks(app: &App) -> anyhow::Result<Done> {
    let webhooks = app.destinations().await?.into_iter();
    let webhooks = webhooks.filter(|view| view.kind == "webhook" && view.active);
    Ok(Done::Rows(
        webhooks
            .map(|view| vec![view.id.to_string(), view.address])
            .collect(),
    ))
}

/// Looks something up beside the running product; nothing is changed.
async fn read(
    data: &Path,
    look: impl FnOnce(&Db) -> anyhow::Result<Done> + Send + 'static,
) -> anyhow::Result<Done> {
    let data = data.to_owned();
    tokio::task::spawn_blocking(move || look(&Db::open_reader(&data)?)).await?
}
