//! When teams and people work, who is away, and who left. Whatever frees somebody has what waits for them taken up in the
//! same transaction.

use bellwether_core::domain::Timestamp;
use bellwether_core::hours::{LocalDate, WeeklyHours, Zone};
use bellwether_store::{HolidayRow, StoreError, TeamRow, TimeOffRow, UserRow};

use crate::committer::Committer;
use crate::people::named;
use crate::{AccountId, Actor, App, AppError, Holiday, TeamSettings, TimeOff, UserChange, UserId};

/// The most days that a calendar of holidays holds.
pub const HOLIDAYS_MAX: usize = 2_000;
/// The longest booking link, in bytes.
const BOOKING_URL_BYTES_MAX: usize = 2_000;
/// The longest id by which Slack knows somebody, in bytes.
const SLACK_ID_BYTES_MAX: usize = 50;

impl App {
    /// Keeps when a team works, its holidays, its manager and its booking link.
    pub async fn put_team(&self, team: &str, settings: TeamSettings) -> Result<(), AppError> {
        let name = named("team", team)?;
        let zone = self.shared().active().engine.agreement().timezone.clone();
        let hours = checked_hours(settings.zone, settings.shifts, &zone)?;
        let row = TeamRow {
            id: 0,
            name,
            zone: hours.0,
            shifts: hours.1,
            holidays: calendar_named(settings.holidays)?,
            manager: settings.manager,
            booking_url: link(settings.booking_url)?,
        };
        let at = self.now();
        self.write(move |committer| {
            if let Some(manager) = row.manager
                && committer.db.user(manager)?.is_none()
            {
                return Ok(Err(no_user(manager)));
            }
            committer.db.put_team(&row)?;
            committer.take_up(&row.name, at)?;
            Ok(Ok(()))
        })
        .await
    }

    /// What is said of a team; nothing where nothing is.
    pub async fn team_settings(&self, team: &str) -> Result<Option<TeamSettings>, AppError> {
        let team = team.trim().to_owned();
        let row = self.read(move |db| Ok(db.team(&team)?)).await?;
        Ok(row.map(|row| TeamSettings {
            zone: row.zone,
            shifts: row.shifts,
            holidays: row.holidays,
            manager: row.manager,
            booking_url: row.booking_url,
        }))
    }

    /// The days of a calendar, in order.
    pub async fn holidays(&self, calendar: &str) -> Result<Vec<Holiday>, AppError> {
        let calendar = calendar.trim().to_owned();
        let rows = self.read(move |db| Ok(db.holidays(&calendar)?)).await?;
        let days = rows.into_iter().map(|row| Holiday {
            date: row.date,
            name: row.name,
        });
        Ok(days.collect())
    }

    /// Makes these the days of a calendar.
    pub async fn put_holidays(&self, calendar: &str, days: Vec<Holiday>) -> Result<(), AppError> {
        let calendar = named("calendar", calendar)?;
        if days.len() > HOLIDAYS_MAX {
            let message = format!("a calendar holds at most {HOLIDAYS_MAX} days, not {}", days.len());
            return Err(AppError::Invalid {
                field: "days",
                message,
            });
        }
        let days: Vec<HolidayRow> = days.iter().map(holiday_row).collect::<Result<_, _>>()?;
        let at = self.now();
        self.write(move |committer| {
            committer.db.put_holidays(&calendar, &days)?;
            for team in committer.db.teams()? {
                committer.take_up(&team.name, at)?;
            }
            Ok(Ok(()))
        })
        .await
    }

    /// When somebody is away, from now on.
    pub async fn time_off(&self, user: UserId) -> Result<Vec<TimeOff>, AppError> {
        let now = self.now();
        self.read(move |db| {
            if db.user(user)?.is_none() {
                return Err(no_user(user));
            }
            Ok(db.time_off(user, now)?.into_iter().map(time_off).collect())
        })
        .await
    }

    /// Keeps that somebody is away, until an instant or until they are back. Where `reassign_open` is set and it has begun,
    /// what waits for their answer goes to whoever of its team is next.
    pub async fn add_time_off(
        &self,
        user: UserId,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: &str,
        reassign_open: bool,
        actor: Actor,
    ) -> Result<TimeOff, AppError> {
        const REASON_BYTES_MAX: usize = 200;
        let at = self.now();
        let from = from.unwrap_or(at);
        if until.is_some_and(|until| until <= from) {
            let message = "the time off ends before it begins; give an `until` after `from`".to_owned();
            return Err(AppError::Invalid {
                field: "until",
                message,
            });
        }
        let reason = reason.trim();
        if reason.len() > REASON_BYTES_MAX || reason.contains(char::is_control) {
            let message = format!("a reason is at most {REASON_BYTES_MAX} bytes of text on one line");
            return Err(AppError::Invalid {
                field: "reason",
                message,
            });
        }
        let mut row = TimeOffRow {
            id: 0,
            user,
            from,
            until,
            reason: reason.to_owned(),
        };
        self.write(move |committer| {
            let Some(person) = committer.db.user(user)? else {
                return Ok(Err(no_user(user)));
            };
            row.id = committer.db.insert_time_off(&row)?;
            let began = row.from <= at && row.until.is_none_or(|until| until > at);
            if reassign_open && began {
                committer.reassign_open(&person, "is away", &actor.to_string(), at)?;
            }
            Ok(Ok(time_off(row)))
        })
        .await
    }

    /// Forgets a time off.
    pub async fn remove_time_off(&self, user: UserId, id: i64) -> Result<(), AppError> {
        let at = self.now();
        self.write(move |committer| {
            if !committer.db.delete_time_off(user, id)? {
                return Ok(Err(AppError::NotFound {
                    what: "time off",
                    id: id.to_string(),
                }));
            }
            committer.freed(user, at)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Somebody is back: what they are away for now ends. Gives how many times off that were.
    pub async fn back(&self, user: UserId) -> Result<usize, AppError> {
        let at = self.now();
        self.write(move |committer| {
            let ended = committer.db.end_time_off(user, at)?;
            committer.freed(user, at)?;
            Ok(Ok(ended))
        })
        .await
    }

    /// Changes somebody: their hours, their booking link, their Slack id, whether they left. Where `reassign_open` is set and
    /// they left, what waits for their answer goes to whoever of its team is next.
    pub async fn change_user(
        &self,
        user: UserId,
        change: UserChange,
        reassign_open: bool,
        actor: Actor,
    ) -> Result<(), AppError> {
        let zone = self.shared().active().engine.agreement().timezone.clone();
        let at = self.now();
        let row = self.read(move |db| Ok(db.user(user)?)).await?;
        let row = changed(row.ok_or_else(|| no_user(user))?, change, &zone)?;
        self.write(move |committer| {
            committer.db.put_person(&row)?;
            if row.active {
                committer.freed(user, at)?;
            } else {
                committer.db.end_sessions(user)?;
                if reassign_open {
                    committer.reassign_open(&row, "left the company", &actor.to_string(), at)?;
                }
            }
            Ok(Ok(()))
        })
        .await
    }

    /// Limits what a team gives somebody who is on it: leads on one day, and leads that wait for their answer.
    pub async fn limit_member(
        &self,
        team: &str,
        user: UserId,
        day_max: Option<u32>,
        open_max: Option<u32>,
    ) -> Result<(), AppError> {
        let (team, at) = (team.trim().to_owned(), self.now());
        self.write(move |committer| {
            if !committer.db.teams_of(user)?.contains(&team) {
                return Ok(Err(AppError::NotFound {
                    what: "member",
                    id: format!("{user} of {team}"),
                }));
            }
            committer.db.put_limits(&team, user, day_max, open_max)?;
            committer.take_up(&team, at)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Gives an account to somebody in sales, who gets its leads from then on, or to nobody in particular.
    pub async fn set_account_owner(&self, account: AccountId, owner: Option<UserId>) -> Result<(), AppError> {
        self.write(move |committer| {
            if let Some(owner) = owner
                && committer.db.user(owner)?.is_none()
            {
                return Ok(Err(no_user(owner)));
            }
            let known = committer.db.put_account_owner(account, owner)?;
            Ok(known.then_some(()).ok_or_else(|| AppError::NotFound {
                what: "account",
                id: account.to_string(),
            }))
        })
        .await
    }

    /// The account of a company's domain.
    pub async fn account_of_domain(&self, domain: &str) -> Result<AccountId, AppError> {
        let domain = domain.trim().to_lowercase();
        let shown = domain.clone();
        let found = self.read(move |db| Ok(db.account_of_domain(&domain)?)).await?;
        found.ok_or(AppError::NotFound {
            what: "account",
            id: shown,
        })
    }
}

impl Committer {
    /// Gives what waits for somebody's answer to whoever of its team is next.
    fn reassign_open(
        &mut self,
        person: &UserRow,
        why: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let cause = format!("{} {why}", person.name);
        for handoff in self.db.open_of(person.id)? {
            if let Err(error) = self.reassign(handoff, None, &cause, actor, at)? {
                tracing::warn!(%error, handoff.id = handoff.0, "a handoff stays where it is");
            }
        }
        Ok(())
    }
}

/// What somebody's row is after a change.
fn changed(mut row: UserRow, change: UserChange, zone: &str) -> Result<UserRow, AppError> {
    row.active = change.active.unwrap_or(row.active);
    let hours = checked_hours(
        change.zone.unwrap_or(row.zone),
        change.shifts.unwrap_or(row.shifts),
        zone,
    )?;
    (row.zone, row.shifts) = hours;
    if let Some(holidays) = change.holidays {
        row.holidays = calendar_named(holidays)?;
    }
    if let Some(url) = change.booking_url {
        row.booking_url = link(url)?;
    }
    if let Some(id) = change.slack_id {
        row.slack_id = slack_id(id)?;
    }
    Ok(row)
}

/// A zone and shifts that can be read; empty ones are none.
fn checked_hours(
    zone: Option<String>,
    shifts: Option<String>,
    otherwise: &str,
) -> Result<(Option<String>, Option<String>), AppError> {
    let zone = zone.filter(|zone| !zone.trim().is_empty());
    let shifts = shifts.filter(|shifts| !shifts.trim().is_empty());
    let zone = zone.map(|zone| Zone::parse(&zone).map(|zone| zone.name().to_owned()));
    let zone = zone.transpose().map_err(|error| AppError::Invalid {
        field: "zone",
        message: error.to_string(),
    })?;
    if let Some(shifts) = &shifts {
        let read = WeeklyHours::parse(zone.as_deref().unwrap_or(otherwise), shifts);
        read.map_err(|error| AppError::Invalid {
            field: "shifts",
            message: error.to_string(),
        })?;
    }
    Ok((zone, shifts))
}

fn calendar_named(calendar: Option<String>) -> Result<Option<String>, AppError> {
    let calendar = calendar.filter(|calendar| !calendar.trim().is_empty());
    calendar.map(|calendar| named("holidays", &calendar)).transpose()
}

/// A link that a browser may follow.
fn link(url: Option<String>) -> Result<Option<String>, AppError> {
    let Some(url) = url.filter(|url| !url.trim().is_empty()) else {
        return Ok(None);
    };
    let url = url.trim();
    let web = url.starts_with("https://") || url.starts_with("http://");
    let plain = !url.contains(|c: char| c.is_control() || c.is_whitespace());
    if !web || !plain || url.len() > BOOKING_URL_BYTES_MAX {
        let message = format!(
            "a booking link begins with `https://`, has no spaces and at most {BOOKING_URL_BYTES_MAX} bytes"
        );
        return Err(AppError::Invalid {
            field: "booking_url",
            message,
        });
    }
    Ok(Some(url.to_owned()))
}

fn slack_id(id: Option<String>) -> Result<Option<String>, AppError> {
    let Some(id) = id.filter(|id| !id.trim().is_empty()) else {
        return Ok(None);
    };
    let id = id.trim();
    if id.len() > SLACK_ID_BYTES_MAX || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        let message = "a Slack id is letters and digits, such as `U024BE7LH`".to_owned();
        return Err(AppError::Invalid {
            field: "slack_id",
            message,
        });
    }
    Ok(Some(id.to_owned()))
}

fn holiday_row(day: &Holiday) -> Result<HolidayRow, AppError> {
    let date: LocalDate =
        day.date.parse().map_err(
            |error: bellwether_core::hours::LocalDateError| AppError::Invalid {
                field: "date",
                message: error.to_string(),
            },
        )?;
    let name = day.name.trim();
    Ok(HolidayRow {
        date: date.to_string(),
        name: name.chars().filter(|c| !c.is_control()).take(200).collect(),
    })
}

fn time_off(row: TimeOffRow) -> TimeOff {
    TimeOff {
        id: row.id,
        user: row.user,
        from: row.from,
        until: row.until,
        reason: row.reason,
    }
}

fn no_user(user: UserId) -> AppError {
    AppError::NotFound {
        what: "user",
        id: user.to_string(),
    }
}
