//! The salespeople of the quarter: three teams in three zones, with hours, holidays and limits; who is away when, who leaves
//! and who joins. The simulation's own account of it, which the product's decisions are held against.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow};
use bellwether_app::{Actor, AppError, Holiday, Role, TeamSettings, UserChange, UserId};
use bellwether_core::domain::{Period, Timestamp};
use bellwether_core::hours::{Calendar, LocalDate, WeeklyHours, Zone};

use crate::dice::Dice;
use crate::world::World;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// By which the dice of people's absences are told from others'.
const STAFF_DICE: u64 = u64::MAX - 2;

/// A team: its name, zone, shifts, and the days on which nobody works.
type Place = (&'static str, &'static str, &'static str, &'static [&'static str]);

const TEAMS: [Place; 3] = [
    (
        "new-york",
        "America/New_York",
        "mon-fri 09:00-17:30",
        &["2026-09-07", "2026-10-12", "2026-11-26"],
    ),
    (
        "london",
        "Europe/London",
        "mon-thu 08:30-17:00; fri 08:30-15:00",
        &["2026-10-15"],
    ),
    (
        "sydney",
        "Australia/Sydney",
        "mon-fri 09:00-12:30 13:30-17:30; sat 10:00-13:00",
        &["2026-10-05"],
    ),
];

/// Somebody: name, team, weight, leads a day, leads that wait for their answer.
type Hired = (&'static str, usize, u32, Option<u32>, Option<u32>);

const PEOPLE: [Hired; 13] = [
    ("Ada", 0, 1, None, None),
    ("Bo", 0, 1, Some(12), None),
    ("Cy", 0, 1, None, Some(60)),
    ("Dee", 0, 1, Some(2), Some(4)),
    ("Eve", 1, 3, None, None),
    ("Fin", 1, 2, Some(10), None),
    ("Gus", 1, 1, None, Some(25)),
    ("Hal", 1, 1, Some(1), Some(3)),
    ("Ida", 2, 1, None, None),
    ("Jon", 2, 1, None, Some(25)),
    ("Kay", 2, 1, Some(6), None),
    ("Lou", 2, 1, Some(1), Some(2)),
    // Comes when somebody has left.
    ("Max", 0, 1, None, Some(40)),
];
/// Those who are there from the start.
const FIRST: usize = 12;

/// Something that changes who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Is away from now on, until a time or until they say that they are back; whether what waits for them goes to others.
    Away {
        who: usize,
        days: Option<i64>,
        from_now: i64,
        hand_on: bool,
    },
    Back(usize),
    Leaves(usize),
    Joins(usize),
    /// Gets no more of their team's leads.
    OffTeam(usize),
    OnTeam(usize),
}

/// Somebody, as the simulation knows them.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) team: &'static str,
    pub(crate) day_max: Option<u32>,
    pub(crate) open_max: Option<u32>,
    active: bool,
    on_team: bool,
    away: Vec<(Timestamp, Option<Timestamp>)>,
}

impl Person {
    /// Whether they are of the team by now.
    pub(crate) fn counts(&self) -> bool {
        self.active && self.on_team
    }

    /// Whether they left or are away.
    pub(crate) fn gone(&self, at: Timestamp) -> bool {
        let away = |(from, until): &(Timestamp, Option<Timestamp>)| {
            *from <= at && until.is_none_or(|until| until > at)
        };
        !self.active || self.away.iter().any(away)
    }

    /// Until when they are away without a break, where that is known.
    fn back_at(&self, at: Timestamp) -> Option<Timestamp> {
        let mut back = at;
        while let Some((_, until)) = self
            .away
            .iter()
            .find(|(from, until)| *from <= back && until.is_none_or(|until| until > back))
        {
            back = (*until)?;
        }
        Some(back)
    }
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct Staff {
    pub(crate) people: BTreeMap<i64, Person>,
    ids: BTreeMap<usize, i64>,
    calendars: BTreeMap<&'static str, Calendar>,
}

impl Staff {
    /// Makes users and teams.
    pub(crate) fn hire(world: &World) -> Result<Self> {
        let mut staff = Self {
            people: BTreeMap::new(),
            ids: BTreeMap::new(),
            calendars: BTreeMap::new(),
        };
        let app = world.app();
        for (team, zone, shifts, holidays) in TEAMS {
            let days = holidays.iter().map(|date| Holiday {
                date: (*date).to_owned(),
                name: "Holiday".to_owned(),
            });
            world.wait(app.put_holidays(zone, days.collect()))?;
            let settings = TeamSettings {
                zone: Some(zone.to_owned()),
                shifts: Some(shifts.to_owned()),
                holidays: Some(zone.to_owned()),
                ..TeamSettings::default()
            };
            world.wait(app.put_team(team, settings))?;
            let dates = holidays.iter().map(|date| date.parse::<LocalDate>());
            let dates: Vec<LocalDate> = dates.collect::<Result<_, _>>()?;
            let calendar = Calendar::new(WeeklyHours::parse(zone, shifts)?, dates);
            staff.calendars.insert(team, calendar);
        }
        for who in 0..FIRST {
            staff.join(world, who)?;
        }
        Ok(staff)
    }

    fn join(&mut self, world: &World, who: usize) -> Result<(), anyhow::Error> {
        let (name, team, weight, day_max, open_max) = PEOPLE[who];
        let (team, ..) = TEAMS[team];
        let app = world.app();
        let email = format!("{name}@seller.example");
        // Whoever asks again has the user already.
        let there = world
            .wait(app.users())?
            .into_iter()
            .find(|user| user.name == name);
        let user = match there {
            Some(user) => user,
            None => world.wait(app.create_user(name, &email, "correct horse", Role::Sales))?,
        };
        world
            .wait(app.add_limited_member(team, user.id, weight, Some((day_max, open_max))))
            .with_context(|| format!("{name} can't join {team}"))?;
        self.ids.insert(who, user.id.0);
        let person = Person {
            id: user.id.0,
            name,
            team,
            day_max,
            open_max,
            active: true,
            on_team: true,
            away: Vec::new(),
        };
        self.people.insert(user.id.0, person);
        Ok(())
    }

    /// Who is away when, leaves and joins, in a quarter.
    pub(crate) fn plan(seed: u64, start: Timestamp, days: i64) -> Vec<(Timestamp, Change)> {
        let mut dice = Dice::new(seed, STAFF_DICE);
        let mut changes = Vec::new();
        let day = |day: i64| start.plus(Period::from_ms(day * DAY_MS));
        for who in 0..FIRST {
            // Sick twice, on holiday once.
            for _ in 0..2 {
                let from = start.plus(Period::from_ms(dice.between(DAY_MS, days * DAY_MS)));
                let long = dice.between(12 * HOUR_MS, 4 * DAY_MS);
                let hand_on = dice.chance(50);
                changes.push((
                    from,
                    Change::Away {
                        who,
                        days: None,
                        from_now: 0,
                        hand_on,
                    },
                ));
                changes.push((from.plus(Period::from_ms(long)), Change::Back(who)));
            }
            let planned = start.plus(Period::from_ms(dice.between(DAY_MS, days * DAY_MS)));
            let long = dice.between(3, 10);
            changes.push((
                planned,
                Change::Away {
                    who,
                    days: Some(long),
                    from_now: dice.between(0, 7),
                    hand_on: false,
                },
            ));
        }
        changes.extend([
            (day(40), Change::Leaves(2)),
            (day(45), Change::Joins(12)),
            (day(50), Change::OffTeam(9)),
            (day(60), Change::OnTeam(9)),
            (day(70), Change::Leaves(5)),
        ]);
        changes
    }

    /// Has something of it happen, in the product and in the simulation's account.
    pub(crate) fn change(&mut self, world: &World, now: Timestamp, change: Change) -> Result<(), AppError> {
        let app = world.app();
        let id = |staff: &Self, who: usize| staff.ids.get(&who).copied().unwrap_or_default();
        match change {
            Change::Away {
                who,
                days,
                from_now,
                hand_on,
            } => {
                let id = id(self, who);
                let from = now.plus(Period::from_ms(from_now * DAY_MS));
                let until = days.map(|days| from.plus(Period::from_ms(days * DAY_MS)));
                let asked = app.add_time_off(UserId(id), Some(from), until, "away", hand_on, Actor::Console);
                world.wait(asked)?;
                self.of(id, |person| person.away.push((from, until)));
            }
            Change::Back(who) => {
                let id = id(self, who);
                world.wait(app.back(UserId(id)))?;
                self.of(id, |person| {
                    for (from, until) in &mut person.away {
                        if *from <= now && until.is_none_or(|until| until > now) {
                            *until = Some(now);
                        }
                    }
                });
            }
            Change::Leaves(who) => {
                let id = id(self, who);
                let left = UserChange {
                    active: Some(false),
                    ..UserChange::default()
                };
                world.wait(app.change_user(UserId(id), left, true, Actor::Console))?;
                self.of(id, |person| person.active = false);
            }
            Change::Joins(who) => {
                self.join(world, who)
                    .map_err(|error| match error.downcast::<AppError>() {
                        Ok(error) => error,
                        Err(error) => AppError::Unavailable(error.to_string()),
                    })?;
            }
            Change::OffTeam(who) => {
                let id = id(self, who);
                let team = TEAMS[PEOPLE[who].1].0;
                match world.wait(app.remove_member(team, UserId(id))) {
                    // Whoever asks again has gone already.
                    Ok(()) | Err(AppError::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
                self.of(id, |person| person.on_team = false);
            }
            Change::OnTeam(who) => {
                let id = id(self, who);
                let (_, team, weight, ..) = PEOPLE[who];
                world.wait(app.add_member(TEAMS[team].0, UserId(id), weight))?;
                self.of(id, |person| person.on_team = true);
            }
        }
        Ok(())
    }

    fn of(&mut self, id: i64, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(&id) {
            change(person);
        }
    }

    pub(crate) fn person(&self, id: i64) -> Result<&Person> {
        self.people
            .get(&id)
            .ok_or_else(|| anyhow!("user {id} was never hired"))
    }

    pub(crate) fn calendar(&self, team: &str) -> Result<&Calendar> {
        self.calendars
            .get(team)
            .ok_or_else(|| anyhow!("there is no team {team}"))
    }

    pub(crate) fn zone(&self, team: &str) -> Result<&Zone> {
        Ok(self.calendar(team)?.hours.zone())
    }

    /// Whether somebody is there and at work; limits apart.
    pub(crate) fn at_work(&self, person: &Person, at: Timestamp) -> Result<bool> {
        Ok(person.counts() && !person.gone(at) && self.calendar(person.team)?.is_open(at))
    }

    /// When somebody who isn't at work will be, where that is known: back, or at the next shift.
    pub(crate) fn next_at(&self, person: &Person, at: Timestamp) -> Result<Option<Timestamp>> {
        if person.gone(at) {
            return Ok(person.back_at(at));
        }
        Ok(self.calendar(person.team)?.next_open(at))
    }
}
