//! The forms of `/teams`: when a team works and who manages it, who is on it, and who is away.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use bellwether_app::{Actor, TeamSettings, UserId};
use bellwether_core::domain::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::may_edit;
use crate::edge::Edge;
use crate::ui::page::Failure;
use crate::ui::session::SignedIn;

/// A form with what is said of a team.
#[derive(Debug, Deserialize)]
pub(in crate::ui) struct SettingsForm {
    csrf: String,
    team: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    shifts: String,
    #[serde(default)]
    holidays: String,
    /// A user's number; nobody where it is empty.
    #[serde(default)]
    manager: String,
    #[serde(default)]
    booking_url: String,
}

/// A form about somebody on a team.
#[derive(Debug, Deserialize)]
pub(in crate::ui) struct MemberForm {
    csrf: String,
    team: String,
    user: i64,
    #[serde(default)]
    weight: String,
    #[serde(default)]
    day_max: String,
    #[serde(default)]
    open_max: String,
}

/// A form that says that somebody is away.
#[derive(Debug, Deserialize)]
pub(in crate::ui) struct AwayForm {
    csrf: String,
    team: String,
    user: i64,
    /// The first day, as `2026-08-03`; from now on where it is empty.
    #[serde(default)]
    from: String,
    /// The day on which they are back; until they say so where it is empty.
    #[serde(default)]
    until: String,
    #[serde(default)]
    reason: String,
    /// Whether others get what waits for their answer.
    #[serde(default)]
    reassign_open: Option<String>,
}

/// A form that says that somebody is back, or won't be away.
#[derive(Debug, Deserialize)]
pub(in crate::ui) struct BackForm {
    csrf: String,
    team: String,
    user: i64,
    /// Which time off isn't to be; the present ones end where it is empty.
    #[serde(default)]
    off: String,
}

type Posted<T> = Result<Form<T>, FormRejection>;

/// `POST /teams/settings`.
pub(in crate::ui) async fn settings(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Posted<SettingsForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    may_change(&edge, &signed_in, &form.team).await?;
    let said = TeamSettings {
        zone: Some(form.zone),
        shifts: Some(form.shifts),
        holidays: Some(form.holidays),
        manager: number(&form.manager)?.map(|id| UserId(id.into())),
        booking_url: Some(form.booking_url),
    };
    edge.app().put_team(&form.team, said).await?;
    Ok(done("saved"))
}

/// `POST /teams/members`: puts somebody on a team, or changes their weight and limits.
pub(in crate::ui) async fn member(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Posted<MemberForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    may_change(&edge, &signed_in, &form.team).await?;
    let weight = number(&form.weight)?.unwrap_or(1);
    let limits = (number(&form.day_max)?, number(&form.open_max)?);
    edge.app()
        .add_limited_member(&form.team, UserId(form.user), weight, Some(limits))
        .await?;
    Ok(done("saved"))
}

/// `POST /teams/members/remove`.
pub(in crate::ui) async fn remove(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Posted<MemberForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    may_change(&edge, &signed_in, &form.team).await?;
    edge.app().remove_member(&form.team, UserId(form.user)).await?;
    Ok(done("removed"))
}

/// `POST /teams/away`.
pub(in crate::ui) async fn away(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Posted<AwayForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    let zone = may_change(&edge, &signed_in, &form.team).await?;
    is_on(&edge, &form.team, UserId(form.user)).await?;
    let actor = Actor::User(signed_in.user.id);
    let (from, until) = (begin(&form.from, &zone)?, begin(&form.until, &zone)?);
    edge.app()
        .add_time_off(
            UserId(form.user),
            from,
            until,
            &form.reason,
            form.reassign_open.is_some(),
            actor,
        )
        .await?;
    Ok(done("away"))
}

/// `POST /teams/back`.
pub(in crate::ui) async fn back(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    form: Posted<BackForm>,
) -> Result<Response, Failure> {
    let Form(form) = form.map_err(|_| Failure::bad_form())?;
    signed_in.verify(&form.csrf)?;
    may_change(&edge, &signed_in, &form.team).await?;
    let user = UserId(form.user);
    is_on(&edge, &form.team, user).await?;
    match number(&form.off)? {
        Some(off) => edge.app().remove_time_off(user, off.into()).await?,
        None => drop(edge.app().back(user).await?),
    }
    Ok(done("back"))
}

/// Refuses whoever is neither an admin nor the team's manager; gives the zone that the team's days are in.
async fn may_change(edge: &Edge, signed_in: &SignedIn, team: &str) -> Result<String, Failure> {
    let said = edge.app().team_settings(team).await?.unwrap_or_default();
    if !may_edit(&signed_in.user, said.manager) {
        return Err(Failure::forbidden(
            "Only an admin and the team’s manager change a team. Ask one of them.",
        ));
    }
    if let Some(zone) = said.zone {
        return Ok(zone);
    }
    let active = edge.app().active_agreement().await?;
    Ok(active.engine.agreement().timezone.clone())
}

/// A manager speaks for those who are on the team, and for nobody else.
async fn is_on(edge: &Edge, team: &str, user: UserId) -> Result<(), Failure> {
    let teams = edge.app().teams().await?;
    let members = teams.iter().filter(|one| one.name == team.trim());
    let found = members
        .flat_map(|one| &one.members)
        .any(|member| member.user.id == user && member.active);
    found.then_some(()).ok_or_else(Failure::not_found)
}

fn number(text: &str) -> Result<Option<u32>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = text.parse().map(Some);
    read.map_err(|_| {
        Failure::unusable(&format!(
            "“{text}” isn’t a whole number. Write one, or leave it empty."
        ))
    })
}

/// When a day begins in a zone.
fn begin(day: &str, zone: &str) -> Result<Option<Timestamp>, Failure> {
    let day = day.trim();
    if day.is_empty() {
        return Ok(None);
    }
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let began = day
        .parse::<jiff::civil::Date>()
        .and_then(|day| day.to_zoned(zone))
        .map(|began| Timestamp::from_ms_clamped(began.timestamp().as_millisecond()));
    began
        .map(Some)
        .map_err(|_| Failure::unusable(&format!("“{day}” isn’t a day. Write it as 2026-08-31.")))
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/teams?done={what}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_where_the_team_is() {
        let began = |day, zone| begin(day, zone).ok().flatten().map(|at| at.to_string());
        assert_eq!(
            began("2026-08-03", "Europe/Berlin").as_deref(),
            Some("2026-08-02T22:00:00.000Z")
        );
        assert_eq!(
            began(" 2026-08-03", "Nowhere/Here").as_deref(),
            Some("2026-08-03T00:00:00.000Z")
        );
        assert_eq!(began("", "UTC"), None);
        assert!(begin("3 Aug", "UTC").is_err());
    }

    #[test]
    fn an_empty_limit_is_none_and_a_wrong_one_is_said() {
        assert_eq!(number(" 12 ").ok(), Some(Some(12)));
        assert_eq!(number("").ok(), Some(None));
        assert!(number("-1").is_err() && number("many").is_err());
    }
}
