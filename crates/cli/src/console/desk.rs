//! What is asked about teams, their people and their leads, and done.

use anyhow::Context as _;
use bellwether_app::{
    Actor, App, Holiday, LeadId, RouteDecision, TeamSettings, TeamStanding, UserChange, UserId,
};
use bellwether_core::domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::Done;

/// Something to be done about teams and their people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeskRequest {
    /// Say when a team works and who manages it; what isn't said stays.
    PutTeam {
        /// The team.
        team: String,
        /// What is said.
        said: TeamSaid,
    },
    /// Show a team as it stands.
    ShowTeam {
        /// The team.
        team: String,
    },
    /// Limit what a team gives somebody.
    Limit {
        /// The team.
        team: String,
        /// Their address.
        email: String,
        /// Leads on one day.
        day_max: Option<u32>,
        /// Leads that wait for their answer.
        open_max: Option<u32>,
    },
    /// Take somebody off a team.
    RemoveMember {
        /// The team.
        team: String,
        /// Their address.
        email: String,
    },
    /// Make these the days of a calendar.
    PutHolidays {
        /// The calendar.
        calendar: String,
        /// Dates and names.
        days: Vec<(String, String)>,
    },
    /// Somebody is away.
    Away {
        /// Their address.
        email: String,
        /// From when, in milliseconds since 1970; now where it isn't said.
        from: Option<i64>,
        /// Until when.
        until: Option<i64>,
        /// Why.
        reason: String,
        /// Whether what waits for them goes to others.
        reassign: bool,
    },
    /// Somebody is back.
    Back {
        /// Their address.
        email: String,
    },
    /// Somebody left, or is there again.
    Active {
        /// Their address.
        email: String,
        /// Whether they are there.
        active: bool,
        /// Whether what waits for them goes to others.
        reassign: bool,
    },
    /// An account is somebody's.
    AccountOwner {
        /// The company's domain.
        domain: String,
        /// Their address; nothing where it is nobody's in particular.
        email: Option<String>,
    },
    /// Why a lead's handoffs became whose.
    ExplainRoute {
        /// The lead's number or address.
        lead: String,
    },
}

/// What is said of a team; empty texts take away what there is.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TeamSaid {
    pub(crate) zone: Option<String>,
    pub(crate) hours: Option<String>,
    pub(crate) holidays: Option<String>,
    pub(crate) manager: Option<String>,
    pub(crate) booking_url: Option<String>,
}

/// Does what was asked.
pub(super) async fn perform(app: &App, request: DeskRequest) -> anyhow::Result<Done> {
    match request {
        DeskRequest::PutTeam { team, said } => put_team(app, &team, said).await,
        DeskRequest::ShowTeam { team } => {
            let standing = app.team_standing(&team).await?;
            let standing = standing.with_context(|| format!("there is no team `{team}`"))?;
            Ok(Done::Text(team_in_words(&standing)))
        }
        DeskRequest::Limit {
            team,
            email,
            day_max,
            open_max,
        } => {
            let user = user_with(app, &email).await?;
            app.limit_member(&team, user, day_max, open_max).await?;
            Ok(Done::Nothing)
        }
        DeskRequest::RemoveMember { team, email } => {
            app.remove_member(&team, user_with(app, &email).await?).await?;
            Ok(Done::Nothing)
        }
        DeskRequest::PutHolidays { calendar, days } => {
            let days = days.into_iter().map(|(date, name)| Holiday { date, name });
            app.put_holidays(&calendar, days.collect()).await?;
            Ok(Done::Nothing)
        }
        DeskRequest::AccountOwner { domain, email } => {
            let account = app.account_of_domain(&domain).await?;
            let owner = match email {
                Some(email) => Some(user_with(app, &email).await?),
                None => None,
            };
            app.set_account_owner(account, owner).await?;
            Ok(Done::Nothing)
        }
        DeskRequest::ExplainRoute { lead } => {
            let id = lead_named(app, &lead).await?;
            let decisions = app.routing_of_lead(id).await?;
            Ok(Done::Text(routing_in_words(id, &decisions)))
        }
        person => perform_person(app, person).await,
    }
}

async fn perform_person(app: &App, request: DeskRequest) -> anyhow::Result<Done> {
    match request {
        DeskRequest::Away {
            email,
            from,
            until,
            reason,
            reassign,
        } => {
            let user = user_with(app, &email).await?;
            let from = from.and_then(Timestamp::from_ms);
            let until = until.and_then(Timestamp::from_ms);
            app.add_time_off(user, from, until, &reason, reassign, Actor::Console)
                .await?;
        }
        DeskRequest::Back { email } => {
            app.back(user_with(app, &email).await?).await?;
        }
        DeskRequest::Active {
            email,
            active,
            reassign,
        } => {
            let change = UserChange {
                active: Some(active),
                ..UserChange::default()
            };
            let user = user_with(app, &email).await?;
            app.change_user(user, change, reassign, Actor::Console).await?;
        }
        _ => anyhow::bail!("this isn't about a person"),
    }
    Ok(Done::Nothing)
}

async fn put_team(app: &App, team: &str, said: TeamSaid) -> anyhow::Result<Done> {
    let before = app.team_settings(team).await?.unwrap_or_default();
    let manager = match said.manager {
        Some(email) if email.is_empty() => None,
        Some(email) => Some(user_with(app, &email).await?),
        None => before.manager,
    };
    let settings = TeamSettings {
        zone: said.zone.or(before.zone),
        shifts: said.hours.or(before.shifts),
        holidays: said.holidays.or(before.holidays),
        manager,
        booking_url: said.booking_url.or(before.booking_url),
    };
    app.put_team(team, settings).await?;
    Ok(Done::Nothing)
}

async fn user_with(app: &App, email: &str) -> anyhow::Result<UserId> {
    let wanted = email.trim().to_lowercase();
    let users = app.users().await?;
    let user = users.iter().find(|user| user.email.to_lowercase() == wanted);
    user.map(|user| user.id)
        .with_context(|| format!("nobody signs in as `{email}`; `bellwether user list` shows who does"))
}

async fn lead_named(app: &App, lead: &str) -> anyhow::Result<LeadId> {
    if let Ok(id) = lead.parse() {
        return Ok(LeadId(id));
    }
    let found = app.lead_by_key("email", lead).await?;
    found.with_context(|| format!("no lead is known by `{lead}`; give its number or its email address"))
}

fn team_in_words(team: &TeamStanding) -> String {
    let said = &team.settings;
    let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
    let mut lines = vec![
        format!("team      {}", team.name),
        format!("routes    {}", team.routes.join(", ")),
        format!("zone      {}", or(&said.zone, "the agreement's")),
        format!("hours     {}", or(&said.shifts, "at any time")),
        format!("holidays  {}", or(&said.holidays, "none")),
        format!(
            "manager   {}",
            team.manager.as_ref().map_or("nobody", |user| user.name.as_str())
        ),
        format!("booking   {}", or(&said.booking_url, "none")),
        format!("waiting   {}", team.waiting),
        format!(
            "next      {}: {}",
            team.next.as_ref().map_or("nobody", |user| user.name.as_str()),
            team.reason
        ),
        String::new(),
    ];
    for one in &team.members {
        let limit = |max: Option<u32>| max.map_or_else(String::new, |max| format!(" of {max}"));
        lines.push(format!(
            "  {} (weight {}): {} today{}, {} to answer{}; {}; {}",
            one.user.name,
            one.weight,
            one.today,
            limit(one.day_max),
            one.open,
            limit(one.open_max),
            one.credit,
            one.absent.as_deref().unwrap_or("there"),
        ));
    }
    lines.join("\n")
}

fn routing_in_words(lead: LeadId, decisions: &[RouteDecision]) -> String {
    if decisions.is_empty() {
        return format!("lead {lead} was never handed off, or before decisions were kept");
    }
    let each: Vec<String> = decisions.iter().map(decision_in_words).collect();
    each.join("\n\n")
}

fn decision_in_words(decision: &RouteDecision) -> String {
    let cause = decision.cause.as_str().replace('_', " ");
    let mut lines = vec![format!(
        "handoff {}, {}: {cause}, by {}",
        decision.handoff, decision.at, decision.actor
    )];
    let seen = &decision.looked_at;
    for route in &seen.routes {
        let fits = if route.fits { "taken" } else { "not taken" };
        lines.push(format!(
            "  route {} to team {}, {fits}: {}",
            route.route, route.team, route.why
        ));
    }
    for owner in &seen.owners {
        let became = owner
            .passed_over
            .as_ref()
            .map_or_else(|| "gets it".to_owned(), |why| format!("passed over: {why}"));
        lines.push(format!("  {} {}; {became}", owner.name, owner.by));
    }
    if let (Some(team), Some(pick)) = (&decision.team, &seen.pick) {
        lines.push(format!("  team {team} picks {pick}:"));
    }
    for one in &seen.candidates {
        lines.push(format!(
            "    {} (weight {}): has {} in this stretch, {}, {} to answer; {}",
            one.name,
            one.weight,
            one.given,
            one.credit_in_words(),
            one.open,
            one.passed_over
                .as_deref()
                .map_or_else(|| "could take it".to_owned(), |why| format!("passed over: {why}"),),
        ));
    }
    let picked = decision
        .picked
        .as_ref()
        .map_or("nobody", |user| user.name.as_str());
    lines.push(format!("  -> {picked}: {}", decision.reason));
    lines.join("\n")
}
