//! The demo company's teams: who is on which, and how they stand when the demo opens. One works in New York and one in
//! Amsterdam; of the latter somebody is away and the other has enough to do, so that a large company's lead has to wait.

use bellwether_app::{Actor, App, TeamSettings, UserId};
use bellwether_core::domain::{Period, Timestamp};

use super::sales::COLLEAGUES;

/// The team for large companies.
const ENTERPRISE: &str = "enterprise";
/// Who of it is away when the demo opens.
const AWAY: &str = "sanne@quillmere.example";
/// Who of it is there, and has enough to do.
const BUSY: &str = "rafael@quillmere.example";
/// How many leads may wait for an answer of theirs.
const BUSY_OPEN_MAX: u32 = 2;
/// For how long somebody is still away.
const AWAY_FOR: Period = Period::from_days(4);

/// A team's zone, its hours (one of them works in shifts around the clock, so that whenever somebody looks leads come), and where leads book a time with it.
const TEAMS: [(&str, &str, &str, &str); 2] = [
    (
        "sdr",
        "America/New_York",
        "mon-sun 00:00-24:00",
        "https://book.quillmere.example/sales",
    ),
    (
        ENTERPRISE,
        "Europe/Amsterdam",
        "mon-fri 09:00-12:30 13:30-17:30",
        "https://book.quillmere.example/enterprise",
    ),
];

/// Signs up the demo's salespeople, each with their password, and puts them on their teams.
pub(crate) async fn staff(app: &App, passwords: &[String]) -> anyhow::Result<()> {
    for (colleague, password) in COLLEAGUES.iter().zip(passwords) {
        let user = app
            .create_user(colleague.name, colleague.email, password, colleague.role)
            .await?;
        if let Some(team) = colleague.team {
            app.add_member(team, user.id, 1).await?;
        }
    }
    Ok(())
}

/// A day before the demo opens: one of the team for large companies is away, the other gets no more than they can do.
pub(super) async fn thin_out(app: &App, opens: Timestamp) -> anyhow::Result<()> {
    let users = app.users().await?;
    let named = |email: &str| users.iter().find(|user| user.email == email).map(|user| user.id);
    if let Some(away) = named(AWAY) {
        let until = Some(opens.plus(AWAY_FOR));
        app.add_time_off(away, None, until, "Moving house", false, Actor::Console)
            .await?;
    }
    if let Some(busy) = named(BUSY) {
        app.limit_member(ENTERPRISE, busy, None, Some(BUSY_OPEN_MAX))
            .await?;
    }
    Ok(())
}

/// Gives the teams their hours. They hold from when the demo opens, since the history before is told without nights.
pub(super) async fn set_hours(app: &App) -> anyhow::Result<()> {
    let manager = manager(app).await?;
    for (team, zone, shifts, booking_url) in TEAMS {
        let settings = TeamSettings {
            zone: Some(zone.to_owned()),
            shifts: Some(shifts.to_owned()),
            holidays: None,
            manager,
            booking_url: Some(booking_url.to_owned()),
        };
        app.put_team(team, settings).await?;
    }
    Ok(())
}

async fn manager(app: &App) -> anyhow::Result<Option<UserId>> {
    let manager = COLLEAGUES.iter().find(|colleague| colleague.team.is_none());
    let users = app.users().await?;
    Ok(users
        .iter()
        .find(|user| manager.is_some_and(|manager| manager.email == user.email))
        .map(|user| user.id))
}
