//! A lead that qualifies is handed to sales: the packet, whose it is, the task and the messages, all in the transaction of
//! the fact that qualified it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bellwether_core::domain::{Stage, Timestamp, TraitSource};
use bellwether_core::engine::{Engine, Qualification, TraitLog};
use bellwether_core::explain::{self, Ledger};
use bellwether_core::handoff::{FIRMOGRAPHICS, Handed, Packet, SlaFacts, Terms, choose_sla, packet};
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::profile::Profile;
use bellwether_store::{HandoffId, LeadId, NewHandoff, StoreError, TransitionRow};

use super::Committer;
use super::leads::{ENGINE, Lead};
use super::route::{Assigned, Decided};
use super::timers::{Timer, TimerKind};
use crate::terms::hours_in_words;
use crate::{Change, RouteCause, history, line, outbox};

impl Committer {
    /// Acts on a qualification: a handoff, a notice to the owner of somebody who buys already, or nothing.
    pub(super) fn qualified(
        &mut self,
        id: LeadId,
        qualified: &Qualification,
        fast: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        // What an import brought hands nobody off, whatever is learned or decided of them since: they must do something.
        let idle = lead
            .imported_until
            .is_some_and(|until| qualified.at <= until && lead.row.last_seen <= until);
        if idle {
            return Ok(());
        }
        // An agreement holds forward: who would have qualified before it was published must do so again.
        // So must who would have qualified by what an import brought.
        let of_an_older = active.version > 1 && qualified.at < active.activated_at;
        let before = of_an_older || lead.imported_until.is_some_and(|until| qualified.at <= until);
        if of_an_older && !fast && self.waits_to_be_confirmed(id, qualified, at)? {
            return Ok(());
        }
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        if before && !qualifies_now(&active.engine, lead, fast) {
            return Ok(());
        }
        let judged_at = if before {
            lead.state.newest().unwrap_or(at)
        } else {
            qualified.at
        };
        match lifecycle::next(lead.row.stage, Move::Qualify) {
            Ok(_) if lead.row.cycle > active.engine.agreement().limits.cycles => {
                let reason =
                    "it qualified again after it was handed off as often as `[limits] cycles` allows";
                self.find("cycle_limit", &format!("lead {id}"), reason, at);
                Ok(())
            }
            Ok(to) => {
                self.hand_off(id, to, judged_at, at)?;
                self.no_more_to_confirm(id)
            }
            Err(_) if matches!(lead.row.stage, Stage::Opportunity | Stage::Customer) => {
                let (cycle, owner) = (lead.row.cycle, lead.row.owner);
                let payload = outbox::activity(id, cycle, owner, qualified, at);
                self.promise(
                    &format!("lead.activity-{id}-{cycle}"),
                    outbox::ACTIVITY,
                    &payload,
                    at,
                )
            }
            Err(_) => Ok(()),
        }
    }

    /// Hands a lead to sales: the packet, whose it is, the task, the messages and the move, all in this transaction.
    pub(super) fn hand_off(
        &mut self,
        id: LeadId,
        to: Stage,
        judged_at: Timestamp,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let agreement = active.engine.agreement();
        let Some(lead) = self.leads.get(&id) else {
            return Ok(());
        };
        let history = history::read_from(&self.db, &active.engine, id, lead.row.last_fact)?;
        let ledger = explain::explain(&active.engine, &history, judged_at);
        let traits = lead.traits.current();
        let said_by = said_by(&lead.traits);
        // Whatever was joined and parted meanwhile, a cycle has one handoff.
        let cycle = lead.row.cycle.max(self.db.next_cycle(id)?);
        let (from, account) = (lead.row.stage, lead.row.account);
        let owner = lead.row.owner;
        let profile = Profile::new(&traits);
        let assigned = self.assign(&profile, owner, account, at)?;
        let sla = choose_sla(agreement, &sla_facts(&ledger, cycle, from, &profile));
        let team = assigned.route.as_ref().map(|route| route.team.as_str());
        let terms = self.terms(sla, team, at)?;
        let around = self.surroundings(id, account, at)?;
        let made = packet(Handed {
            agreement,
            version: u64::from(active.version),
            hash: &active.hash,
            lead_id: &id.to_string(),
            at,
            traits: &traits,
            said_by,
            account: around.account,
            earlier: around.earlier,
            ledger: &ledger,
            route: assigned.route.clone(),
            owner: assigned.owner.clone(),
            sla,
        });
        let Some(made) = made.map(|made| timed(made, cycle, judged_at, &terms, at)) else {
            return Ok(());
        };
        let handoff = self.new_handoff();
        self.keep(id, handoff, &made, &assigned, at)?;
        self.begin_clock(handoff, terms, assigned.user, at)?;
        if let Some(expire) = agreement.handoff.expire {
            let (kind, subject) = (TimerKind::Expire, handoff.0);
            let at = at.plus(expire);
            self.set_timer(Timer { kind, subject, at })?;
        }
        self.move_to_sales(id, handoff, &made, &assigned, to, at)?;
        if from == Stage::Recycled {
            self.stop_nurture(id, "it qualified again", at)?;
        }
        let payload = outbox::qualified(handoff, &made, at);
        self.promise(
            &format!("lead.qualified-{handoff}"),
            outbox::QUALIFIED,
            &payload,
            at,
        )?;
        self.group.changes.push(Change::Handoff(handoff));
        self.routed(handoff, assigned, at)
    }

    /// Keeps why a new handoff is whose, and has it wait where nobody could take it.
    fn routed(&mut self, handoff: HandoffId, assigned: Assigned, at: Timestamp) -> Result<(), StoreError> {
        let team = assigned.route.as_ref().map(|route| route.team.as_str());
        let decided = Decided {
            cause: RouteCause::Qualified,
            actor: ENGINE,
            at,
        };
        self.keep_decision(
            handoff,
            decided,
            team,
            assigned.user,
            &assigned.reason,
            &assigned.looked_at,
        )?;
        if assigned.user.is_some() {
            return Ok(());
        }
        if let Some(team) = team {
            self.waits(handoff, team, &assigned.reason, assigned.next_at, at)?;
        }
        self.find("no_owner", &format!("handoff {handoff}"), assigned.reason, at);
        Ok(())
    }

    fn keep(
        &self,
        lead: LeadId,
        handoff: HandoffId,
        made: &Packet,
        assigned: &Assigned,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(made).unwrap_or_default();
        let priority = serde_json::to_value(made.task.priority).ok();
        self.db.insert_handoff(&NewHandoff {
            id: handoff,
            lead,
            cycle: made.cycle,
            trigger: &made.trigger,
            qualified_at: made.qualified_at,
            fit: made.score.fit,
            intent: made.score.intent,
            grade: &made.score.grade,
            owner: assigned.user,
            team: assigned.route.as_ref().map(|route| route.team.as_str()),
            route: assigned.route.as_ref().map(|route| route.name.as_str()),
            route_reason: &assigned.reason,
            sla: made.sla.as_ref().map(|sla| sla.name.as_str()),
            created_at: at,
            due_at: made.task.due_at,
            agreement_version: self.active.version,
            packet: &text,
            task: &made.task.title,
            priority: priority
                .as_ref()
                .and_then(serde_json::Value::as_str)
                .unwrap_or("normal"),
        })
    }

    /// The lead's row and its move. The row is written at once, for whoever of the same account comes next in this group.
    fn move_to_sales(
        &mut self,
        id: LeadId,
        handoff: HandoffId,
        made: &Packet,
        assigned: &Assigned,
        to: Stage,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let from = lead.row.stage;
        lead.row.stage = to;
        lead.row.handoff = Some(handoff);
        lead.row.owner = assigned.user;
        super::leads::score(&active, lead);
        self.db.put_lead(&lead.row)?;
        self.db.insert_transition(&TransitionRow {
            lead: id,
            at,
            from: Some(from),
            to,
            actor: ENGINE.to_owned(),
            reason: format!("qualified by {}", made.trigger),
            handoff: Some(handoff),
            origin: Some(id),
        })
    }
}

/// Whether a lead reaches the line as of its newest fact, whatever it did before.
pub(super) fn qualifies_now(engine: &Engine, lead: &Lead, fast: bool) -> bool {
    line::reached(engine, &lead.state, lead.row.known_from.is_some(), fast)
}

/// Who says what is known of the company.
fn said_by(traits: &TraitLog) -> BTreeMap<String, TraitSource> {
    let held = FIRMOGRAPHICS.iter().filter_map(|field| {
        let held = traits.holding(field)?;
        Some(((*field).to_owned(), held.source))
    });
    held.collect()
}

fn sla_facts<'a>(ledger: &'a Ledger, cycle: u32, from: Stage, profile: &'a Profile<'a>) -> SlaFacts<'a> {
    SlaFacts {
        trigger: ledger
            .qualified
            .as_ref()
            .map_or("", |qualified| qualified.trigger.as_str()),
        score: bellwether_core::engine::Score {
            fit: ledger.totals.fit,
            intent: ledger.totals.intent,
        },
        grade: &ledger.grade,
        cycle,
        recycled: from == Stage::Recycled || cycle > 1,
        profile,
    }
}

/// The time to act runs from the handoff: sales can't be late for what came late.
fn timed(mut made: Packet, cycle: u32, judged_at: Timestamp, terms: &Terms, at: Timestamp) -> Packet {
    made.cycle = cycle;
    made.qualified_at = judged_at;
    let due_at = terms.allowed.map(|allowed| terms.counting.due(at, allowed));
    made.task.due_at = due_at;
    if let (Some(stamp), Some(due_at)) = (&mut made.sla, due_at) {
        stamp.due_at = due_at;
        stamp.hours = hours_in_words(&terms.counting);
    }
    made
}
