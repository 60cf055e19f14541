//! Brings the story in: visits through [`App::accept`], and between them the salespeople's answers, each at its time.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use bellwether_app::{
    Actor, App, AppError, HandoffId, HandoffQuery, HandoffState, HandoffSummary, OpportunityId,
    PAGE_ITEMS_MAX, SourceId, UserId,
};
use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::clock::StoryClock;
use super::deals::{Ending, Prospect, found_out, prospect};
use super::plan::{Cast, Persona};
use super::sales::{Answer, answer, is_forgotten};
use super::staff::{set_hours, thin_out};
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
    /// Deals that were opened.
    pub(crate) deals: u64,
    /// Deals that were won.
    pub(crate) won: u64,
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
        if day_ends == cast.ends {
            thin_out(app, cast.ends).await?;
        }
        for part in in_parts(day) {
            loaded.facts += bring(app, part, source, clock).await?;
        }
        sales.act_until(app, day_ends, clock, &mut loaded).await?;
    }
    set_hours(app).await?;
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

/// Something that sales will do.
enum Planned {
    Answer(Box<HandoffSummary>, Answer),
    Open(Prospect, Actor),
    Close(OpportunityId, Ending, Actor),
}

/// What sales still has to do.
struct Sales<'a> {
    seed: u64,
    people: BTreeMap<&'a str, Persona>,
    /// Those who must still be waiting when the demo opens.
    waiting: Vec<String>,
    /// By when it is done; of one instant, in the order in which it was planned.
    planned: BTreeMap<(Timestamp, usize), Planned>,
    /// Those that an answer was thought of for, or none.
    seen: BTreeSet<HandoffId>,
    /// How much was planned so far.
    count: usize,
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
            count: 0,
        }
    }

    /// Does everything that falls before that instant.
    async fn act_until(
        &mut self,
        app: &App,
        until: Timestamp,
        clock: &StoryClock,
        loaded: &mut Loaded,
    ) -> anyhow::Result<()> {
        for handoff in open_handoffs(app).await? {
            self.consider(handoff);
        }
        while let Some(entry) = self.planned.first_entry() {
            let (at, _) = *entry.key();
            if at >= until {
                break;
            }
            let planned = entry.remove();
            clock.advance(at);
            match planned {
                Planned::Answer(handoff, answer) => self.answer(app, &handoff, answer, loaded).await?,
                Planned::Open(prospect, actor) => self.open(app, prospect, actor, loaded).await?,
                Planned::Close(deal, ending, actor) => close(app, deal, ending, actor, loaded).await?,
            }
        }
        clock.advance(until);
        app.fire_timers().await?;
        Ok(())
    }

    fn plan(&mut self, at: Timestamp, planned: Planned) {
        self.count += 1;
        self.planned.insert((at, self.count), planned);
    }

    fn persona_of(&self, handoff: &HandoffSummary) -> Option<Persona> {
        self.people
            .get(handoff.email.as_deref().unwrap_or_default())
            .copied()
    }

    fn consider(&mut self, handoff: HandoffSummary) {
        if !self.seen.insert(handoff.id) {
            return;
        }
        let email = handoff.email.as_deref().unwrap_or_default();
        if self.waiting.iter().any(|waiting| waiting == email) || is_forgotten(self.seed, &handoff) {
            return;
        }
        let answer = answer(self.seed, &handoff, self.persona_of(&handoff));
        self.plan(answer.at, Planned::Answer(Box::new(handoff), answer));
    }

    /// A handoff that expired, or went into another with its lead, before its answer came is left as it is.
    async fn answer(
        &mut self,
        app: &App,
        handoff: &HandoffSummary,
        answer: Answer,
        loaded: &mut Loaded,
    ) -> anyhow::Result<()> {
        let now = app.handoff(handoff.id).await?;
        let owner = now.and_then(|now| now.summary.owner).map(|owner| owner.id);
        let actor = acting(owner);
        if let Some(kind) = answer.contact {
            let noted = answer.rejection.map(|(_, note)| note.to_owned());
            allowed(app.record_contact(handoff.id, kind, None, noted, actor).await)?;
        }
        let Some((reason, note)) = answer.rejection else {
            if allowed(app.accept_handoff(handoff.id, actor).await)?.is_some() {
                loaded.accepted += 1;
                let comes = prospect(self.seed, handoff, self.persona_of(handoff), answer.at);
                if let Some(prospect) = comes {
                    self.plan(prospect.opens, Planned::Open(prospect, actor));
                }
            }
            return Ok(());
        };
        let given = app.reject_handoff(handoff.id, reason.to_owned(), Some(note.to_owned()), actor);
        loaded.rejected += u64::from(allowed(given.await)?.is_some());
        Ok(())
    }

    async fn open(
        &mut self,
        app: &App,
        prospect: Prospect,
        actor: Actor,
        loaded: &mut Loaded,
    ) -> anyhow::Result<()> {
        let lead = prospect.lead;
        if allowed(app.sales_qualify(lead, found_out(), actor).await)?.is_none() {
            return Ok(());
        }
        if let Some(deal) = allowed(app.open_deal(lead, prospect.new_deal(), actor).await)? {
            loaded.deals += 1;
            self.plan(prospect.closes, Planned::Close(deal.id, prospect.ending, actor));
        }
        Ok(())
    }
}

async fn close(
    app: &App,
    deal: OpportunityId,
    ending: Ending,
    actor: Actor,
    loaded: &mut Loaded,
) -> anyhow::Result<()> {
    match ending {
        Ending::Won => {
            loaded.won += u64::from(allowed(app.win_deal(deal, None, None, actor).await)?.is_some());
        }
        Ending::Lost(reason) => {
            allowed(app.lose_deal(deal, reason.to_owned(), None, actor).await)?;
        }
        Ending::Slips => {}
    }
    Ok(())
}

fn acting(owner: Option<UserId>) -> Actor {
    owner.map_or(Actor::Console, Actor::User)
}

/// What came of something that the lead's stage may no longer allow.
fn allowed<T>(done: Result<T, AppError>) -> anyhow::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(AppError::Refused { .. } | AppError::Conflict { .. } | AppError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error).context("the demo's salespeople couldn't do their work"),
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
