//! A lead that qualifies is handed to sales; sales takes it or sends it back.

use std::sync::Arc;

use bellwether_core::agreement::{Route, Sla};
use bellwether_core::domain::{Stage, Timestamp};
use bellwether_core::engine::{Engine, Gap, Qualification};
use bellwether_core::explain::{self, Ledger};
use bellwether_core::handoff::{
    Handed, Member, Owner, Packet, RouteChoice, SlaFacts, choose_route, choose_sla, packet, pick,
};
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::profile::Profile;
use bellwether_store::{HandoffId, LeadId, NewHandoff, ReturnedRow, StoreError, TransitionRow, UserId};

use super::Committer;
use super::leads::{ENGINE, Lead};
use super::reason::agreed_reason;
use crate::{AppError, Change, history, outbox};

/// Whose a lead becomes, and why.
struct Assigned {
    route: Option<RouteChoice>,
    owner: Option<Owner>,
    user: Option<UserId>,
    reason: String,
}

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
        let before = (active.version > 1 && qualified.at < active.activated_at)
            || lead.imported_until.is_some_and(|until| qualified.at <= until);
        if before && !qualifies_now(&active.engine, lead, fast) {
            return Ok(());
        }
        let judged_at = if before {
            lead.state.newest().unwrap_or(at)
        } else {
            qualified.at
        };
        match lifecycle::next(lead.row.stage, Move::Qualify) {
            Ok(to) => self.hand_off(id, to, judged_at, at),
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
    fn hand_off(
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
        // Whatever was joined and parted meanwhile, a cycle has one handoff.
        let cycle = lead.row.cycle.max(self.db.next_cycle(id)?);
        let (from, account) = (lead.row.stage, lead.row.account);
        let owner = lead.row.owner;
        let profile = Profile::new(&traits);
        let assigned = self.assign(choose_route(agreement, &profile).as_ref(), owner, account, at)?;
        let sla = choose_sla(agreement, &sla_facts(&ledger, cycle, from, &profile));
        let made = packet(Handed {
            agreement,
            version: u64::from(active.version),
            hash: &active.hash,
            lead_id: &id.to_string(),
            traits: &traits,
            ledger: &ledger,
            route: assigned.route.clone(),
            owner: assigned.owner.clone(),
            sla,
        });
        let Some(made) = made.map(|made| timed(made, cycle, judged_at, sla, at)) else {
            return Ok(());
        };
        let handoff = self.new_handoff();
        self.keep(id, handoff, &made, &assigned, at)?;
        self.move_to_sales(id, handoff, &made, &assigned, to, at)?;
        let payload = outbox::qualified(handoff, &made, at);
        self.promise(
            &format!("lead.qualified-{handoff}"),
            outbox::QUALIFIED,
            &payload,
            at,
        )?;
        self.group.changes.push(Change::Handoff(handoff));
        if assigned.user.is_none() {
            self.find("no_owner", &format!("handoff {handoff}"), assigned.reason, at);
        }
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

    /// Whose the lead becomes: who has it already, the account's owner, else whoever's turn it is on the route's team.
    fn assign(
        &mut self,
        route: Option<&(&Route, String)>,
        owner: Option<UserId>,
        account: Option<bellwether_store::AccountId>,
        at: Timestamp,
    ) -> Result<Assigned, StoreError> {
        let choice = route.map(|(route, reason)| RouteChoice {
            name: route.name.clone(),
            team: route.team.clone(),
            reason: reason.clone(),
        });
        if let Some(user) = owner {
            return self.owned(choice, user, "has the lead already".to_owned());
        }
        let by_account = match account {
            Some(account) => self.db.account_owner(account)?,
            None => None,
        };
        if let Some(user) = by_account {
            return self.owned(choice, user, "has the lead's account already".to_owned());
        }
        let Some((route, _)) = route else {
            let reason = "no route of the agreement takes this lead".to_owned();
            return Ok(Assigned {
                route: None,
                owner: None,
                user: None,
                reason,
            });
        };
        let members = self.db.team_members(&route.team)?;
        let members: Vec<Member> = members
            .iter()
            .map(|member| Member {
                id: format!("{:019}", member.user.0),
                weight: member.weight,
                assigned: u32::try_from(member.assigned).unwrap_or(u32::MAX),
                last_assigned_at: member.last_assigned_at,
            })
            .collect();
        let turn = pick(route.pick, &members, |id| self.db.open_handoffs(user_of(id)))?;
        let Some(turn) = turn else {
            let reason = format!("nobody of team `{}` takes leads now", route.team);
            return Ok(Assigned {
                route: choice,
                owner: None,
                user: None,
                reason,
            });
        };
        let user = user_of(&turn.id);
        if turn.anew {
            self.db.begin_turns_anew(&route.team)?;
        }
        self.db.assign(&route.team, user, at)?;
        self.owned(choice, user, turn.reason)
    }

    fn owned(
        &self,
        route: Option<RouteChoice>,
        user: UserId,
        reason: String,
    ) -> Result<Assigned, StoreError> {
        let name = self.db.user(user)?.map_or_else(String::new, |row| row.name);
        let owner = Owner {
            id: user.to_string(),
            name,
            reason: reason.clone(),
        };
        Ok(Assigned {
            route,
            owner: Some(owner),
            user: Some(user),
            reason,
        })
    }

    /// Promises a message to every destination.
    fn promise(
        &mut self,
        id: &str,
        event_type: &str,
        payload: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for destination in self.db.destinations()? {
            let message_id = format!("{id}-{}", destination.id);
            self.db
                .insert_message(destination.id, &message_id, event_type, payload, at)?;
            self.group.messages = true;
        }
        Ok(())
    }

    /// Sales takes a lead.
    pub(crate) fn accept_handoff(
        &mut self,
        handoff: HandoffId,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let (id, to) = match self.decidable(handoff, Move::Accept)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.db
            .decide_handoff(handoff, "accepted", at, actor, None, None)?;
        self.moved(id, handoff, to, actor, "accepted", at)?;
        Ok(Ok(()))
    }

    /// Sales sends a lead back.
    pub(crate) fn reject_handoff(
        &mut self,
        handoff: HandoffId,
        reason: &str,
        note: Option<&str>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Result<(), AppError>, StoreError> {
        let active = Arc::clone(&self.active);
        let agreed = match agreed_reason(active.engine.agreement(), reason, note) {
            Ok(agreed) => agreed,
            Err(error) => return Ok(Err(error)),
        };
        let (id, to) = match self.decidable(handoff, Move::Reject)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.db
            .decide_handoff(handoff, "rejected", at, actor, Some(&agreed.reason), note)?;
        let returned = ReturnedRow {
            handoff,
            at,
            again_ms: agreed.again.map(bellwether_core::domain::Period::ms),
            reason: agreed.reason.clone(),
            note: note.map(str::to_owned),
        };
        self.db.insert_returned(id, &returned)?;
        if let Some(lead) = self.leads.get_mut(&id) {
            lead.row.handoff = None;
            lead.row.owner = None;
            lead.row.cycle = lead.row.cycle.saturating_add(1);
            // A fact may lie in this moment's future, by a wrong clock; then the lead is folded anew.
            let engine = &active.engine;
            lead.stale |= !lead.state.send_back(engine, at, agreed.again);
        }
        if self.leads.get(&id).is_some_and(|lead| lead.stale) {
            self.refold(id)?;
        }
        self.moved(id, handoff, to, actor, &agreed.reason, at)?;
        Ok(Ok(()))
    }

    /// The lead of a handoff that can be answered so, and its stage after that.
    fn decidable(
        &mut self,
        handoff: HandoffId,
        by: Move,
    ) -> Result<Result<(LeadId, Stage), AppError>, StoreError> {
        let Some(row) = self.db.handoff(handoff)? else {
            return Ok(Err(AppError::NotFound {
                what: "handoff",
                id: handoff.to_string(),
            }));
        };
        self.load(row.lead)?;
        let Some(lead) = self.leads.get(&row.lead) else {
            return Ok(Err(AppError::NotFound {
                what: "lead",
                id: row.lead.to_string(),
            }));
        };
        if lead.row.handoff != Some(handoff) {
            let message = format!(
                "handoff {handoff} is over: it is {}; look at the lead's newest one",
                row.state
            );
            return Ok(Err(AppError::Conflict { message }));
        }
        let next = lifecycle::next(lead.row.stage, by);
        Ok(next
            .map(|to| (row.lead, to))
            .map_err(|refused| AppError::Refused {
                message: refused.to_string(),
            }))
    }

    fn moved(
        &mut self,
        id: LeadId,
        handoff: HandoffId,
        to: Stage,
        actor: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let from = std::mem::replace(&mut lead.row.stage, to);
        super::leads::score(&active, lead);
        self.db.put_lead(&lead.row)?;
        self.group.changes.push(Change::Handoff(handoff));
        self.db.insert_transition(&TransitionRow {
            lead: id,
            at,
            from: Some(from),
            to,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
            handoff: Some(handoff),
            origin: self.db.handoff_origin(handoff)?,
        })
    }
}

/// Whose id a member's is.
fn user_of(member: &str) -> UserId {
    UserId(member.parse().unwrap_or_default())
}

/// Whether a lead reaches the line as of its newest fact, whatever it did before.
fn qualifies_now(engine: &Engine, lead: &Lead, fast: bool) -> bool {
    let Some(now) = lead.state.newest() else {
        return false;
    };
    let gap = engine.gap(engine.score(&lead.state, now));
    let qualify = &engine.agreement().qualify;
    let drawn = qualify.score.is_some() || qualify.intent.is_some();
    let reached = (drawn && gap == Gap::default()) || (fast && !gap.fit.is_positive());
    lead.row.known_from.is_some() && lead.state.fit().disqualified_by.is_none() && reached
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
fn timed(mut made: Packet, cycle: u32, judged_at: Timestamp, sla: Option<&Sla>, at: Timestamp) -> Packet {
    made.cycle = cycle;
    made.qualified_at = judged_at;
    let due_at = sla.map(|sla| at.plus(sla.first_contact));
    made.task.due_at = due_at;
    if let (Some(stamp), Some(due_at)) = (&mut made.sla, due_at) {
        stamp.due_at = due_at;
    }
    made
}
