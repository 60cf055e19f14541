//! What the product is killed in: where each begins, what is asked of it, and what asking again may answer.

use bellwether_app::{Actor, App, AppError, HandoffId, NewDestination, Role, TeamSettings, UserId};
use bellwether_connect::link::{ACCEPT_PERIOD, Accept};

use super::steps::Whose;
use crate::support::{
    AGREEMENT, DAY_MS, MINUTE_MS, START_MS, World, at, identify, keys, page, submission, track,
};

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The tests' agreement with a clock of three steps, a time to answer in, and tracks for those who came back.
pub(super) fn agreement() -> String {
    let agreed = AGREEMENT
        .replace(
            "priority = \"high\"",
            "priority = \"high\"\nexpire = \"1d\"\nnurture = \"short\"\nagain = \"10d\"",
        )
        .replace("again = \"90d\"", "again = \"90d\"\nnurture = \"long\"")
        .replace(
            "first_contact = \"5m\"",
            "first_contact = \"1h\"\nescalate = [{ at = 50, notify = \"owner\" }, { at = 100, notify = \"manager\" }, \
             { at = 150, reassign = true }]",
        );
    format!(
        r#"{agreed}
[[nurture]]
name = "long"
steps = [{{ wait = "7d", send = "story" }}, {{ wait = "1d", send = "news" }}]

[[nurture]]
name = "short"
steps = [{{ wait = "1d", send = "news" }}]

[[reply]]
on = "Demo Requested"
send = "confirmation"

[[message]]
name = "confirmation"
subject = "Your demo"
body = "{{{{ owner.name }}}} calls you."

[[message]]
name = "story"
subject = "A story"
body = "Dear {{{{ lead.name }}}}: {{{{ unsubscribe_url }}}}"

[[message]]
name = "news"
subject = "News"
body = "Dear {{{{ lead.name }}}}: {{{{ unsubscribe_url }}}}"
"#
    )
}

/// What the product does when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// It starts on a folder without a database.
    FirstStart,
    /// It starts on what an earlier kill left.
    Start,
    /// Facts qualify a lead: it is handed off, its owner and itself are written to, and a webhook is told.
    HandOff,
    /// Sales takes a lead, and may take the next of the queue.
    Accept,
    /// The same by the link of a mail.
    AcceptByLink,
    /// Sales sends a lead back, and a track begins.
    Reject,
    /// Nobody answered in time.
    Expire,
    /// One step of a handoff's clock is due.
    Escalate,
    /// All of them are, since nobody was there.
    EscalateLate,
    /// Somebody comes on shift, and takes what waits in the team's queue.
    TakeUp,
    /// The first step of a track is due.
    Nurture,
    /// The last one is.
    NurtureLast,
    /// Timers of every kind are due at once, after a long absence.
    AllDue,
    /// Mails that wait are sent.
    Mail,
    /// Messages that wait are sent to a webhook that fails.
    TellInVain,
}

/// Where the receivers of messages are.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) webhook: String,
    pub(super) mail_port: u16,
}

impl Operation {
    /// Whose steps are counted.
    pub(super) fn whose(self) -> Whose {
        match self {
            Self::FirstStart | Self::Start => Whose::Opener,
            _ => Whose::Committer,
        }
    }

    /// Whether messages leave by themselves while it is done.
    pub(super) fn sends(self) -> bool {
        matches!(self, Self::HandOff | Self::Mail | Self::TellInVain)
    }

    /// How many transactions it is.
    pub(super) fn commits(self) -> u32 {
        match self {
            Self::FirstStart | Self::Start => 0,
            Self::HandOff | Self::Mail | Self::TellInVain => 2,
            _ => 1,
        }
    }

    /// How many of those change what the database holds.
    pub(super) fn changes(self) -> usize {
        match self {
            Self::FirstStart | Self::Start => 0,
            Self::HandOff => 2,
            _ => 1,
        }
    }

    /// Whether who asks for it has an answer only once it is done.
    pub(super) fn acknowledges(self) -> bool {
        self.changes() > 0 && !matches!(self, Self::Mail | Self::TellInVain)
    }

    /// When it is done.
    pub(super) fn ms(self) -> i64 {
        let after = match self {
            Self::FirstStart | Self::Start | Self::HandOff | Self::Mail | Self::TellInVain => MINUTE_MS,
            Self::Accept | Self::AcceptByLink | Self::Reject => 5 * MINUTE_MS,
            Self::Escalate => 30 * MINUTE_MS,
            Self::TakeUp => HOUR_MS,
            Self::EscalateLate => 3 * HOUR_MS,
            Self::Expire => DAY_MS,
            Self::Nurture => 7 * DAY_MS,
            Self::NurtureLast => 8 * DAY_MS,
            Self::AllDue => 20 * DAY_MS,
        };
        START_MS + after
    }

    /// Brings a new world to where it begins.
    pub(super) async fn prepare(self, world: &World, places: &Places) {
        if self == Self::FirstStart {
            return;
        }
        staff(world).await;
        match self {
            Self::HandOff | Self::TellInVain => webhook(world, places).await,
            Self::Mail => mail(world, places).await,
            _ => {
                webhook(world, places).await;
                mail(world, places).await;
            }
        }
        match self {
            Self::HandOff => {
                let who = keys("device", "", "");
                world
                    .accept(START_MS, vec![page("p1", START_MS, who, "/pricing")])
                    .await;
            }
            Self::Mail | Self::TellInVain => {
                // Not due before the clock says so.
                world.clock.set(self.ms());
                asks(world, 1, self.ms()).await;
            }
            Self::Accept | Self::AcceptByLink | Self::Reject => {
                // Ann may hold one: the next waits in the queue until the first is off her desk.
                only_ann(world, None).await;
                asks(world, 1, START_MS).await;
                asks(world, 2, START_MS + MINUTE_MS).await;
            }
            Self::TakeUp => {
                only_ann(world, None).await;
                let (user, from, until) = (UserId(1), Some(at(START_MS)), Some(at(START_MS + HOUR_MS)));
                let away = world
                    .app
                    .add_time_off(user, from, until, "sick", false, Actor::Console);
                away.await.unwrap();
                world.app.limit_member("sdr", user, None, None).await.unwrap();
                asks(world, 1, START_MS).await;
                asks(world, 2, START_MS + MINUTE_MS).await;
                fire(world, START_MS + 59 * MINUTE_MS).await;
            }
            Self::Expire => {
                asks(world, 1, START_MS).await;
                fire(world, START_MS + 3 * HOUR_MS).await;
            }
            Self::Nurture | Self::NurtureLast => {
                asks(world, 1, START_MS).await;
                reject(world, 1).await;
                if self == Self::NurtureLast {
                    fire(world, START_MS + 7 * DAY_MS).await;
                }
            }
            Self::AllDue => {
                asks(world, 1, START_MS).await;
                asks(world, 2, START_MS).await;
                reject(world, 2).await;
                only_ann(world, Some(START_MS + HOUR_MS)).await;
                for lead in 3..5 {
                    asks(world, lead, START_MS).await;
                }
            }
            _ => asks(world, 1, START_MS).await,
        }
    }

    /// Does it, or asks for it again.
    pub(super) async fn ask(self, app: &App) -> Result<(), AppError> {
        let (ann, first) = (Actor::User(UserId(1)), HandoffId(1));
        match self {
            Self::FirstStart | Self::Start => {}
            Self::HandOff => {
                let facts = facts(1, self.ms(), keys("device", "u1", ""));
                app.accept(submission(self.ms(), facts)).await.unwrap();
            }
            Self::Accept => drop(app.accept_handoff(first, ann).await?),
            Self::AcceptByLink => {
                let accept = Accept {
                    handoff: 1,
                    owner: 1,
                    expires_at: at(START_MS).plus(ACCEPT_PERIOD),
                };
                app.use_accept_link(&accept.token(app.link_key())).await?;
            }
            Self::Reject => {
                let reason = "Timing not right".to_owned();
                let note = Some("in autumn".to_owned());
                app.reject_handoff(first, reason, note, ann).await?;
            }
            Self::Mail | Self::TellInVain => drop(app.replay_deliveries().await?),
            Self::Expire
            | Self::Escalate
            | Self::EscalateLate
            | Self::TakeUp
            | Self::Nurture
            | Self::NurtureLast
            | Self::AllDue => drop(app.fire_timers().await?),
        }
        Ok(())
    }
}

async fn staff(world: &World) {
    world.sales(&["ann", "bob"]).await;
    let cat = world.user("cat", Role::Marketing).await;
    let settings = TeamSettings {
        manager: Some(cat),
        ..TeamSettings::default()
    };
    world.app.put_team("sdr", settings).await.unwrap();
}

/// Bob is away, and ann takes one at a time; until when she takes none at all, where a time is given.
async fn only_ann(world: &World, away_until: Option<i64>) {
    let away = |user: i64, until: Option<i64>| {
        let until = until.map(at);
        let away = world.app.add_time_off(
            UserId(user),
            Some(at(START_MS)),
            until,
            "sick",
            false,
            Actor::Console,
        );
        async move { away.await.unwrap() }
    };
    away(2, None).await;
    if away_until.is_some() {
        away(1, away_until).await;
    }
    world
        .app
        .limit_member("sdr", UserId(1), None, Some(1))
        .await
        .unwrap();
}

async fn webhook(world: &World, places: &Places) {
    let url = &places.webhook;
    let source =
        format!("name = \"crm\"\nkind = \"webhook\"\nurl = \"{url}\"\nevents = [\"*\", \"message.*\"]\n");
    put(world, source).await;
}

async fn mail(world: &World, places: &Places) {
    let port = places.mail_port;
    let source = format!(
        "name = \"mail\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
         from = \"Bell <bell@acme.example>\"\n"
    );
    put(world, source).await;
}

async fn put(world: &World, source: String) {
    let wanted = NewDestination {
        source,
        secret: None,
        signing_secret: None,
    };
    world.app.put_destination(wanted).await.unwrap();
}

/// A VP of a company of their own asks for a demo.
async fn asks(world: &World, lead: i64, ms: i64) {
    world.clock.set(ms);
    let who = keys("", &format!("u{lead}"), "");
    world.accept(ms, facts(lead, ms, who)).await;
}

fn facts(lead: i64, ms: i64, who: bellwether_app::Keys) -> Vec<bellwether_app::IncomingFact> {
    let (name, address) = (format!("Eve {lead}"), format!("eve@c{lead}.example"));
    let traits = [
        ("email", address.as_str()),
        ("title", "VP"),
        ("name", name.as_str()),
    ];
    vec![
        identify(&format!("i{lead}"), ms, who.clone(), &traits),
        track(&format!("t{lead}"), ms, who, "Demo Requested"),
    ]
}

async fn reject(world: &World, handoff: i64) {
    let reason = "Timing not right".to_owned();
    let rejected = world
        .app
        .reject_handoff(HandoffId(handoff), reason, None, Actor::Console)
        .await;
    rejected.unwrap();
}

async fn fire(world: &World, ms: i64) {
    world.clock.set(ms);
    world.app.fire_timers().await.unwrap();
}
