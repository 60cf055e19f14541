//! Brings the story in: visits through [`App::accept`], and between them the salespeople's answers, each at its time.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use bellwether_app::{
    Actor, App, AppError, HandoffId, HandoffQuery, HandoffState, HandoffSummary, PAGE_ITEMS_MAX, SourceId,
    UserId,
};
use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::clock::StoryClock;
use super::plan::{Cast, Persona};
use super::sales::{Answer, COLLEAGUES, answer};
use super::story::{Moment, lately, story};

/// How many visits are brought in before their receipts are waited for.
const MOMENTS_AT_ONCE_MAX: usize = 2_000;

/// What was brought in.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Loaded {
    /// Facts that were taken.
    pub(crate) facts: u64,
    /// Handoffs that sales took.
    pub(crate) accepted: u64,
    /// Handoffs that sales sent back.
    pub(crate) rejected: u64,
}

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

/// Brings the whole story in, up to the present.
pub(crate) async fn load(
    app: &App,
    cast: &Cast,
    source: SourceId,
    clock: &StoryClock,
) -> anyhow::Result<Loaded> {
    let mut sales = Sales::new(cast);
    let mut loaded = Loaded::default();
    let mut moments = story(cast).into_iter().peekable();
    let mut day_ends = cast.begins;
    while moments.peek().is_some() {
        day_ends = Timestamp::from_ms_clamped(day_ends.ms() + MS_PER_DAY).min(cast.ends);
        let mut day = Vec::new();
        while let Some(moment) = moments.next_if(|moment| moment.at < day_ends || day_ends == cast.ends) {
            day.push(moment);
        }
        for part in in_parts(day) {
            loaded.facts += bring(app, part, source, clock).await?;
        }
        sales.answer_until(app, day_ends, clock, &mut loaded).await?;
    }
    Ok(loaded)
}

fn in_parts(mut moments: Vec<Moment>) -> Vec<Vec<Moment>> {
    let mut parts = Vec::new();
    while moments.len() > MOMENTS_AT_ONCE_MAX {
        let rest = moments.split_off(MOMENTS_AT_ONCE_MAX);
        parts.push(std::mem::replace(&mut moments, rest));
    }
    parts.push(moments);
    parts
}

/// Brings visits in, all of them waiting at once, so that they share their commits.
async fn bring(app: &App, moments: Vec<Moment>, source: SourceId, clock: &StoryClock) -> anyhow::Result<u64> {
    let Some(last) = moments.last().map(|moment| moment.at) else {
        return Ok(0);
    };
    let waiting = moments
        .into_iter()
        .map(|moment| app.accept(moment.into_submission(source)));
    let receipts = futures_util::future::join_all(waiting).await;
    let mut taken = 0;
    for receipt in receipts {
        let receipt = receipt.context("the demo's history wasn't taken")?;
        taken += u64::from(receipt.accepted);
    }
    clock.advance(last);
    Ok(taken)
}

/// What sales still has to answer.
struct Sales<'a> {
    seed: u64,
    people: BTreeMap<&'a str, Persona>,
    /// Those who must still be waiting when the demo opens.
    waiting: Vec<String>,
    /// By the time of the answer.
    planned: BTreeMap<(Timestamp, HandoffId), (Answer, Option<UserId>)>,
    /// Those that an answer was thought of for, or none.
    seen: BTreeSet<HandoffId>,
}

impl<'a> Sales<'a> {
    fn new(cast: &'a Cast) -> Self {
        let people = cast.people.iter();
        Self {
            seed: cast.seed,
            people: people
                .map(|person| (person.email.as_str(), person.persona))
                .collect(),
            waiting: lately(cast).into_iter().map(|person| person.email).collect(),
            planned: BTreeMap::new(),
            seen: BTreeSet::new(),
        }
    }

    /// Gives every answer that falls before that instant.
    async fn answer_until(
        &mut self,
        app: &App,
        until: Timestamp,
        clock: &StoryClock,
        loaded: &mut Loaded,
    ) -> anyhow::Result<()> {
        for handoff in open_handoffs(app).await? {
            self.plan(&handoff);
        }
        while let Some(entry) = self.planned.first_entry() {
            let (at, id) = *entry.key();
            if at >= until {
                break;
            }
            let (answer, owner) = entry.remove();
            clock.advance(at);
            give(app, id, answer, owner, loaded).await?;
        }
        clock.advance(until);
        Ok(())
    }

    fn plan(&mut self, handoff: &HandoffSummary) {
        if !self.seen.insert(handoff.id) {
            return;
        }
        let email = handoff.email.as_deref().unwrap_or_default();
        if self.waiting.iter().any(|waiting| waiting == email) {
            return;
        }
        let answer = answer(self.seed, handoff, self.people.get(email).copied());
        let owner = handoff.owner.as_ref().map(|owner| owner.id);
        self.planned.insert((answer.at, handoff.id), (answer, owner));
    }
}

async fn open_handoffs(app: &App) -> anyhow::Result<Vec<HandoffSummary>> {
    let mut query = HandoffQuery {
        state: Some(HandoffState::Open),
        limit: PAGE_ITEMS_MAX,
        ..HandoffQuery::default()
    };
    let mut handoffs = Vec::new();
    loop {
        let page = app.handoffs(query.clone()).await?;
        handoffs.extend(page.items);
        if page.next.is_none() {
            return Ok(handoffs);
        }
        query.cursor = page.next;
    }
}

/// A handoff that expired, or went into another with its lead, before its answer came is left as it is.
async fn give(
    app: &App,
    id: HandoffId,
    answer: Answer,
    owner: Option<UserId>,
    loaded: &mut Loaded,
) -> anyhow::Result<()> {
    let actor = owner.map_or(Actor::Console, Actor::User);
    let given = match answer.rejection {
        None => app.accept_handoff(id, actor).await,
        Some((reason, note)) => {
            app.reject_handoff(id, reason.to_owned(), Some(note.to_owned()), actor)
                .await
        }
    };
    match given {
        Ok(_) if answer.rejection.is_some() => loaded.rejected += 1,
        Ok(_) => loaded.accepted += 1,
        Err(AppError::Refused { .. } | AppError::Conflict { .. }) => {}
        Err(error) => return Err(error).context("the demo's salespeople couldn't answer"),
    }
    Ok(())
}
