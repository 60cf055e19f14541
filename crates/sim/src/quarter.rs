//! The quarter itself: one step after another, in the order of time, each checked when it is done.

mod post;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use bellwether_app::{AcceptError, Actor, AppError, LeadId, NewDestination, SourceId, Submission};
use bellwether_core::domain::{Period, Timestamp, TraitSource};

use crate::agenda::Agenda;
use crate::audit::{self, Sent};
use crate::desks::Desks;
use crate::dice::Dice;
use crate::receiver::Receiver;
use crate::sales::{self, Answer, Deed, Told};
use crate::staff::{self, Staff};
use crate::visits::{self, Visit};
use crate::watch::{self, Watch};
use crate::world::World;
use crate::{Plan, Report, content};

/// When every quarter begins: 2026-09-01, so that the clocks of all three zones change within it.
const START_MS: i64 = 1_788_220_800_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
/// Where everything is told, mails to leads too.
const RECEIVER: &str = "name = \"receiver\"\nkind = \"webhook\"\nurl = \"http://receiver.example/hook\"\n\
                        events = [\"*\", \"message.*\"]\n";
/// Of how many readers of a nurture mail in a hundred want no more.
const UNSUBSCRIBE_PERCENT: u64 = 30;
/// By which the simulation's own dice are told from those of its leads.
const OWN_DICE: u64 = u64::MAX;
/// How many times everything is looked at, power cuts aside.
const AUDITS: i64 = 4;
/// How long the product rests between deliveries: what is due by then goes together.
const DELIVER_MS: i64 = 300_000;
/// How often somebody has what was given up sent again, in days.
const REPLAY_DAYS: i64 = 13;
/// After how many steps the queues are looked at.
const QUEUES_STEPS: u64 = 16;

/// Something that happens.
#[derive(Debug, Clone)]
enum Act {
    /// A lead's visit is sent, for the first time or again.
    Visit { lead: u64, visit: usize },
    /// Somebody in sales does something about a handoff.
    Deed(Deed),
    /// Somebody wants no more mail.
    Unsubscribe(String),
    /// Somebody comes or goes.
    Staff(staff::Change),
    /// What is due is delivered.
    Deliver,
    /// What was given up is sent again.
    Replay,
    /// The power fails during what comes next.
    PowerCut(Cut),
    /// Everything is looked at.
    Audit,
}

/// Where a power cut falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// What was asked isn't on disk.
    BeforeCommit,
    /// It is, and nobody was told.
    BeforeAnswer,
}

/// What became of an act.
enum Outcome {
    Done,
    /// The product couldn't do it, and nothing of it may be left.
    Lost,
}

/// A quarter under way.
pub(crate) struct Quarter {
    plan: Plan,
    start: Timestamp,
    now: Timestamp,
    /// Nothing happens before: the machine is down.
    up_from: Timestamp,
    world: World,
    watch: Watch,
    agenda: Agenda<Act>,
    dice: Dice,
    steps: u64,
    sent: Sent,
    visited: BTreeSet<(u64, usize)>,
    counts: BTreeMap<&'static str, u64>,
    cut: Option<Cut>,
    /// Whoever asks had no answer the first time.
    asked_again: bool,
    /// The deals that were acknowledged, and how each stands.
    deals: BTreeMap<i64, &'static str>,
    last_mail: i64,
    unsubscribed: BTreeSet<String>,
    staff: Staff,
    desks: Desks,
    receiver: Receiver,
    /// Handoffs that somebody was given.
    given: BTreeSet<i64>,
    deliver_from: Timestamp,
}

impl Quarter {
    pub(crate) fn begin(plan: Plan, folder: &Path) -> Result<Self> {
        let start = Timestamp::from_ms_clamped(START_MS);
        let world = World::open(folder, plan.seed, start)?;
        let staff = Staff::hire(&world)?;
        let mut quarter = Self {
            plan,
            start,
            now: start,
            up_from: start,
            world,
            watch: Watch::default(),
            agenda: Agenda::new(),
            dice: Dice::new(plan.seed, OWN_DICE),
            steps: 0,
            sent: Sent::default(),
            visited: BTreeSet::new(),
            counts: BTreeMap::new(),
            cut: None,
            asked_again: false,
            deals: BTreeMap::new(),
            last_mail: 0,
            unsubscribed: BTreeSet::new(),
            staff,
            desks: Desks::default(),
            receiver: Receiver::new(plan.seed, start, i64::from(plan.days) * DAY_MS),
            given: BTreeSet::new(),
            deliver_from: start,
        };
        let receiver = NewDestination {
            source: RECEIVER.to_owned(),
            secret: None,
            signing_secret: None,
        };
        quarter
            .world
            .wait(quarter.world.app().put_destination(receiver))?;
        quarter.put_down();
        Ok(quarter)
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Lives until the quarter or the steps are over.
    pub(crate) fn live(&mut self) -> Result<Report> {
        while self.steps < self.plan.steps_max {
            let timer_at = self.next_timer()?;
            let act_at = self.agenda.next_at();
            let end = self.start.plus(Period::from_ms(self.days() * DAY_MS));
            if let Some(at) = self.next_delivery()?
                && at <= end
                && timer_at.is_none_or(|timer| at < timer)
                && act_at.is_none_or(|act| at < act)
            {
                self.step(at, Some(&Act::Deliver))?;
                continue;
            }
            match (timer_at, act_at) {
                (Some(timer), act) if timer <= end && act.is_none_or(|act| timer <= act) => {
                    self.step(timer, None)?;
                }
                (_, Some(act)) if act <= end => {
                    if let Some((at, act)) = self.agenda.take() {
                        self.step(at, Some(&act))?;
                    }
                }
                _ => break,
            }
        }
        self.audit()?;
        Ok(Report {
            steps: self.steps,
            counts: self.counts(),
            hash: content::hash(&self.world.reader)?,
        })
    }

    /// Everything that is known to come.
    fn put_down(&mut self) {
        for lead in 0..self.plan.leads {
            let plan = visits::plan(self.plan.seed, lead, self.start, self.plan.days);
            for visit in 0..plan.visits.len() {
                let Some(made) = plan.visit(visit) else { continue };
                let Some(last) = made.facts.last() else { continue };
                let at = last.ts.plus(made.late);
                self.agenda.put(at, Act::Visit { lead, visit });
                if let Some(again) = made.again {
                    self.agenda.put(at.plus(again), Act::Visit { lead, visit });
                }
            }
        }
        let span = self.days() * DAY_MS;
        for number in 0..self.plan.power_cuts {
            let at = self.start.plus(Period::from_ms(self.dice.between(DAY_MS, span)));
            let cut = if number.is_multiple_of(2) {
                Cut::BeforeCommit
            } else {
                Cut::BeforeAnswer
            };
            self.agenda.put(at, Act::PowerCut(cut));
        }
        for (at, change) in Staff::plan(self.plan.seed, self.start, self.days()) {
            self.agenda.put(at, Act::Staff(change));
        }
        for number in 1..=self.days() / REPLAY_DAYS {
            let at = self.start.plus(Period::from_ms(number * REPLAY_DAYS * DAY_MS));
            self.agenda.put(at, Act::Replay);
        }
        for number in 1..=AUDITS {
            let at = self.start.plus(Period::from_ms(span * number / (AUDITS + 1)));
            self.agenda.put(at, Act::Audit);
        }
    }

    fn days(&self) -> i64 {
        i64::from(self.plan.days)
    }

    /// One step: an act, or the timers that are due; then the power cut that falls into it.
    fn step(&mut self, at: Timestamp, act: Option<&Act>) -> Result<()> {
        self.now = self.now.max(at).max(self.up_from);
        self.world.set_time(self.now);
        self.steps += 1;
        let when = self.now;
        let place = move || format!("at {when}, {act:?}");
        match act {
            Some(Act::PowerCut(cut)) => self.cut = Some(*cut),
            Some(Act::Audit) => self.audit().with_context(place)?,
            _ => self.through_power_cuts(act).with_context(place)?,
        }
        if self.steps.is_multiple_of(QUEUES_STEPS) && self.next_timer()?.is_none_or(|next| next > self.now) {
            self.desks
                .check_queues(&self.world.reader, &self.staff, self.now)?;
        }
        Ok(())
    }

    fn through_power_cuts(&mut self, act: Option<&Act>) -> Result<()> {
        let cut = self.cut.take();
        self.world.fail_commits(cut == Some(Cut::BeforeCommit));
        let outcome = self.perform(act)?;
        let lost = matches!(outcome, Outcome::Lost);
        ensure!(
            lost == (cut == Some(Cut::BeforeCommit)),
            "an act is lost when and only when its commit fails; this one was lost: {lost}"
        );
        self.look()?;
        if cut.is_none() {
            return Ok(());
        }
        self.count("power cuts");
        self.world.cut_power()?;
        let down_ms = self.dice.between(1_000, 8 * HOUR_MS);
        self.up_from = self.now.plus(Period::from_ms(down_ms));
        self.now = self.up_from;
        self.world.set_time(self.now);
        self.look()?;
        // Whoever had no answer asks again.
        self.asked_again = true;
        let outcome = self.perform(act)?;
        self.asked_again = false;
        ensure!(matches!(outcome, Outcome::Done), "it is lost after a power cut");
        self.look()?;
        self.fire()?;
        self.look()?;
        self.audit()
    }

    fn perform(&mut self, act: Option<&Act>) -> Result<Outcome> {
        match act {
            None => self.fire(),
            Some(Act::Visit { lead, visit }) => self.visit(*lead, *visit),
            Some(Act::Deed(deed)) => self.deed(deed),
            Some(Act::Unsubscribe(address)) => self.unsubscribe(address),
            Some(Act::Staff(change)) => self.change_staff(*change),
            Some(Act::Deliver) => self.deliver(),
            Some(Act::Replay) => self.replay(),
            Some(Act::PowerCut(_) | Act::Audit) => Ok(Outcome::Done),
        }
    }

    /// Sends a visit; what it is told must be what it knows.
    fn visit(&mut self, lead: u64, number: usize) -> Result<Outcome> {
        let plan = visits::plan(self.plan.seed, lead, self.start, self.plan.days);
        let Some(Visit { facts, refused, .. }) = plan.visit(number) else {
            bail!("lead {lead} has no visit {number}");
        };
        let good = u32::try_from(facts.len())? - refused;
        let submission = Submission {
            source: SourceId(1),
            speaker: TraitSource::Stated,
            received_at: self.now,
            facts,
            findings: Vec::new(),
        };
        let receipt = match self.world.wait(self.world.app().accept(submission)) {
            Ok(receipt) => receipt,
            Err(AcceptError::Unavailable) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        };
        let first = self.visited.insert((lead, number));
        let expected = if first { (good, 0) } else { (0, good) };
        ensure!(
            (receipt.accepted, receipt.duplicates) == expected && receipt.refused.len() == refused as usize,
            "{good} good facts and {refused} bad ones, sent for the first time: {first}; the answer: {receipt:?}"
        );
        self.sent.accepted += u64::from(receipt.accepted);
        self.sent.duplicates += u64::from(receipt.duplicates);
        self.sent.refused += receipt.refused.len() as u64;
        Ok(Outcome::Done)
    }

    /// Somebody in sales does something. That it can't be done any more is an answer too, where something came between.
    fn deed(&mut self, deed: &Deed) -> Result<Outcome> {
        let known = self.watch.handoffs.get(&deed.handoff);
        let first = matches!(
            deed.answer,
            Answer::Accept | Answer::Reject(_) | Answer::Contact(_)
        );
        let at_work = known.is_some_and(|handoff| match handoff.state.as_str() {
            "open" => first,
            "accepted" => deed.answer != Answer::Accept,
            _ => false,
        });
        let (lead, owner) = watch::whose(&self.world.reader, deed.handoff)?;
        // Whoever has it by now does what the first would have done.
        let deed = &Deed {
            by: owner.unwrap_or(deed.by),
            ..deed.clone()
        };
        let told = match sales::perform(&self.world, deed, LeadId(lead)) {
            Ok(told) => told,
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(AppError::Conflict { .. } | AppError::Refused { .. }) if !at_work || self.asked_again => {
                self.count("too late");
                return Ok(Outcome::Done);
            }
            Err(error) => bail!(error),
        };
        self.look()?;
        match told {
            Told::Handoff(state) => {
                self.watch.must_be(deed.handoff, state)?;
                self.count(state);
            }
            Told::Deal(deal, state) => {
                self.deals.insert(deal, state);
            }
            Told::Done(what) => self.count(what),
        }
        if let Some((wait, deed)) = sales::next(self.plan.seed, deed, told) {
            self.agenda.put(self.now.plus(wait), Act::Deed(deed));
        }
        Ok(Outcome::Done)
    }

    fn unsubscribe(&mut self, address: &str) -> Result<Outcome> {
        match self
            .world
            .wait(self.world.app().unsubscribe(address, Actor::Console))
        {
            Ok(_) => {}
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        }
        self.unsubscribed.insert(address.to_owned());
        Ok(Outcome::Done)
    }

    fn change_staff(&mut self, change: staff::Change) -> Result<Outcome> {
        match self.staff.change(&self.world, self.now, change) {
            Ok(()) => {}
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        }
        self.count("people came or went");
        Ok(Outcome::Done)
    }

    /// Lets those who were written to read it; some want no more.
    fn let_read(&mut self) -> Result<()> {
        let mails = watch::mails_after(&self.world.reader, self.last_mail)?;
        for (id, address) in mails {
            self.last_mail = id;
            self.count("nurture mails");
            if self.dice.chance(UNSUBSCRIBE_PERCENT) {
                let wait = Period::from_ms(self.dice.between(1_000, 2 * DAY_MS));
                self.agenda.put(self.now.plus(wait), Act::Unsubscribe(address));
            }
        }
        Ok(())
    }

    /// Fires what is due, and sees to it that nothing stays and nothing fires early.
    fn fire(&mut self) -> Result<Outcome> {
        let fired = match self.world.wait(self.world.app().fire_timers()) {
            Ok(fired) => fired,
            Err(AppError::Unavailable(_)) => return Ok(Outcome::Lost),
            Err(error) => bail!(error),
        };
        *self.counts.entry("timers fired").or_default() += fired;
        let next = self.next_timer()?;
        ensure!(
            next.is_none_or(|next| next > self.now),
            "a timer of {next:?} didn't fire"
        );
        Ok(Outcome::Done)
    }

    /// Looks at what the last step brought, and lets people act on it.
    fn look(&mut self) -> Result<()> {
        let seen = self.watch.look(&self.world.reader, self.now)?;
        *self.counts.entry("moves").or_default() += seen.moves;
        for handoff in seen.handoffs {
            self.count("handoffs");
            if handoff.cycle > 1 {
                self.count("handoffs of later cycles");
            }
        }
        for given in self.desks.look(&self.world.reader, &self.staff, self.now)? {
            if !self.given.insert(given.handoff) {
                continue;
            }
            for (wait, deed) in sales::first_deeds(self.plan.seed, given.handoff, given.to) {
                self.agenda.put(self.now.plus(wait), Act::Deed(deed));
            }
        }
        self.let_read()
    }

    fn audit(&mut self) -> Result<()> {
        self.count("audits");
        self.watch.check_all(&self.world.reader)?;
        // A machine that was down fires what it missed when it is up.
        self.fire()?;
        self.look()?;
        self.desks.check_all(&self.world.reader, &self.staff, self.now)?;
        self.receiver.check(&self.world.reader)?;
        audit::check_nurture(&self.world.reader, &self.unsubscribed)?;
        audit::check(&self.world, self.sent, &self.deals, self.now, &mut self.dice)
    }

    fn next_timer(&self) -> Result<Option<Timestamp>> {
        let mut select = self.world.reader.prepare_cached("SELECT min(at) FROM timer")?;
        let next: Option<i64> = select.query_row([], |row| row.get(0))?;
        Ok(next.map(Timestamp::from_ms_clamped))
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = self.counts.clone();
        counts.extend(&self.desks.counts);
        counts.insert("messages that came again", self.receiver.again);
        counts.insert("deliveries that failed", self.receiver.failed);
        counts.insert("facts accepted", self.sent.accepted);
        counts.insert("facts sent again", self.sent.duplicates);
        counts.insert("facts refused", self.sent.refused);
        counts.insert("unsubscribed", self.unsubscribed.len() as u64);
        for state in self.deals.values() {
            let state = match *state {
                "won" => "deals won",
                "lost" => "deals lost",
                _ => "deals open",
            };
            *counts.entry(state).or_default() += 1;
        }
        counts
    }
}
