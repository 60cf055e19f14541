//! `/teams`: who gets leads: each team's people, when it works, who is away until when, and whose turn is next.

mod edit;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{Holiday, MemberStanding, Role, TeamStanding, TimeOff, User, UserId};
use serde::Deserialize;

pub(super) use self::edit::{away, back, member, remove, settings};
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::setup::may_set_up;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many teams the page shows.
const TEAMS_MAX: usize = 50;
/// How many holidays to come are shown of a team.
const HOLIDAYS_MAX: usize = 4;

/// What a page's address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "teams.html")]
struct TeamsPage {
    frame: Frame,
    flash: Option<&'static str>,
    summary: String,
    teams: Vec<Team>,
    /// How many teams are left out.
    more: usize,
    users: Vec<Choice>,
    zone: String,
}

struct Team {
    name: String,
    routes: String,
    may_edit: bool,
    hours: String,
    zone: String,
    shifts: String,
    calendar: String,
    booking_url: String,
    manager: String,
    manager_id: i64,
    holidays: Vec<String>,
    waiting: u64,
    next: String,
    reason: String,
    members: Vec<Member>,
}

struct Member {
    id: i64,
    name: String,
    /// Whether they can be given a lead now.
    can: bool,
    /// Why they get no lead now, apart from time off; empty where that is all.
    absent: String,
    own_hours: String,
    off: Vec<Off>,
    /// Whether somebody may say that they are back.
    away: bool,
    weight: u32,
    credit: String,
    today: u32,
    day_max: Option<u32>,
    open: u32,
    open_max: Option<u32>,
    last: Option<Moment>,
}

/// A time that somebody is away.
struct Off {
    id: i64,
    began: bool,
    from: Moment,
    until: Option<Moment>,
    reason: String,
}

/// Somebody who can be chosen.
struct Choice {
    id: i64,
    name: String,
}

/// What the page knows of one team before it says it.
struct Known {
    standing: TeamStanding,
    active: Vec<UserId>,
    off: Vec<TimeOff>,
    holidays: Vec<Holiday>,
}

/// Whether somebody changes a team: an admin, or its manager.
pub(super) fn may_edit(user: &User, manager: Option<UserId>) -> bool {
    user.role == Role::Admin || manager == Some(user.id)
}

/// `GET /teams`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let me = &signed_in.user;
    let (mut known, more) = known(&edge).await?;
    if !may_set_up(me) {
        known.retain(|team| may_edit(me, team.standing.settings.manager));
        if known.is_empty() {
            return Err(Failure::forbidden(
                "Marketing, admins and managers see who is on which team. Ask one of them.",
            ));
        }
    }
    let agreement = edge.app().active_agreement().await?;
    let zone = agreement.engine.agreement().timezone.clone();
    let view = Viewpoint::new(edge.now(), &zone);
    let users = edge.app().users().await?.into_iter();
    let shown = TeamsPage {
        flash: asked.done.as_deref().and_then(done_in_words),
        summary: summary(&known),
        teams: known.into_iter().map(|team| shown(team, me, &view)).collect(),
        more,
        users: users
            .map(|user| Choice {
                id: user.id.0,
                name: user.name,
            })
            .collect(),
        zone,
        frame: Frame::of(&signed_in, "teams"),
    };
    Ok(page(StatusCode::OK, &shown))
}

/// Each team as it stands, and how many are left out.
async fn known(edge: &Edge) -> Result<(Vec<Known>, usize), Failure> {
    let app = edge.app();
    let teams = app.teams().await?;
    let more = teams.len().saturating_sub(TEAMS_MAX);
    let today = edge.now().to_string();
    let today = today.get(..10).unwrap_or_default();
    let mut known = Vec::new();
    for team in teams.into_iter().take(TEAMS_MAX) {
        let Some(standing) = app.team_standing(&team.name).await? else {
            continue;
        };
        let members = team.members.into_iter().filter(|member| member.active);
        let active: Vec<UserId> = members.map(|member| member.user.id).collect();
        let mut off = Vec::new();
        for user in &active {
            off.extend(app.time_off(*user).await?);
        }
        let mut holidays = match &standing.settings.holidays {
            Some(calendar) => app.holidays(calendar).await?,
            None => Vec::new(),
        };
        holidays.retain(|day| day.date.as_str() >= today);
        holidays.truncate(HOLIDAYS_MAX);
        known.push(Known {
            standing,
            active,
            off,
            holidays,
        });
    }
    Ok((known, more))
}

fn shown(known: Known, me: &User, view: &Viewpoint) -> Team {
    let Known {
        standing,
        active,
        off,
        holidays,
    } = known;
    let settings = standing.settings;
    let hours = settings.shifts.as_ref().map_or_else(
        || "always there: no hours are set".to_owned(),
        |shifts| match &settings.zone {
            Some(zone) => format!("{shifts} ({zone})"),
            None => shifts.clone(),
        },
    );
    let members = standing.members.into_iter();
    let members = members
        .filter(|member| active.contains(&member.user.id))
        .map(|one| member_shown(one, &off, view));
    Team {
        may_edit: may_edit(me, settings.manager),
        routes: standing.routes.join(", "),
        hours,
        zone: settings.zone.unwrap_or_default(),
        shifts: settings.shifts.unwrap_or_default(),
        calendar: settings.holidays.unwrap_or_default(),
        booking_url: settings.booking_url.unwrap_or_default(),
        manager: standing.manager.map_or_else(String::new, |user| user.name),
        manager_id: settings.manager.map_or(0, |id| id.0),
        holidays: holidays.into_iter().map(day_in_words).collect(),
        waiting: standing.waiting,
        next: standing.next.map_or_else(String::new, |user| user.name),
        reason: standing.reason,
        members: members.collect(),
        name: standing.name,
    }
}

fn member_shown(one: MemberStanding, off: &[TimeOff], view: &Viewpoint) -> Member {
    let mine = off.iter().filter(|off| off.user == one.user.id);
    let off: Vec<Off> = mine
        .map(|off| Off {
            id: off.id,
            began: off.from <= view.now,
            from: view.moment(off.from),
            until: off.until.map(|until| view.moment(until)),
            reason: off.reason.clone(),
        })
        .collect();
    let away = off.iter().any(|off| off.began);
    // The time off says it in the page's zone.
    let absent = one.absent.filter(|absent| !(away && absent.starts_with("away")));
    Member {
        id: one.user.id.0,
        can: absent.is_none() && !away,
        away,
        off,
        name: one.user.name,
        absent: absent.unwrap_or_default(),
        own_hours: one.shifts.unwrap_or_default(),
        weight: one.weight,
        credit: if one.credit == "owed nothing" {
            String::new()
        } else {
            one.credit
        },
        today: one.today,
        day_max: one.day_max,
        open: one.open,
        open_max: one.open_max,
        last: one.last_assigned_at.map(|at| view.moment(at)),
    }
}

fn day_in_words(day: Holiday) -> String {
    if day.name.is_empty() {
        day.date
    } else {
        format!("{} {}", day.date, day.name)
    }
}

fn summary(known: &[Known]) -> String {
    let waiting: u64 = known.iter().map(|team| team.standing.waiting).sum();
    let teams = match known.len() {
        1 => "1 team".to_owned(),
        teams => format!("{teams} teams"),
    };
    match waiting {
        0 => format!("{teams}, no lead waits for somebody to be there."),
        1 => format!("{teams}, 1 lead waits for somebody to be there."),
        waiting => format!("{teams}, {waiting} leads wait for somebody to be there."),
    }
}

fn done_in_words(done: &str) -> Option<&'static str> {
    match done {
        "saved" => Some("Saved. Leads that come from now on go by it."),
        "removed" => Some("They get no more of this team’s leads, and keep those that they have."),
        "away" => Some("Noted. They get no leads while they are away."),
        "back" => Some("Noted. They are in turn again."),
        _ => None,
    }
}
