//! What happens as the time for first contact runs out: the owner, the manager or somebody named is told, or the lead goes
//! to the next of its team. Each step is taken once.

use bellwether_core::agreement::EscalationAction;
use bellwether_core::domain::{Period, Timestamp};
use bellwether_store::{HandoffId, HandoffRow, StepRow, StoreError, UserRow};
use serde_json::{Value, json};

use super::Committer;
use super::clock::Clock;
use super::leads::ENGINE;
use super::timers::late_in_words;
use crate::{Change, outbox};

/// A step that is taken.
#[derive(Clone, Copy)]
struct Step {
    index: u32,
    at_percent: u32,
    due: Timestamp,
}

impl Committer {
    /// Takes the steps of a handoff that are due. After a long absence that may be several; each says how late it is.
    pub(super) fn escalate(&mut self, handoff: HandoffId, now: Timestamp) -> Result<(), StoreError> {
        while let Some(mut clock) = Clock::load(&self.db, handoff)? {
            let Some((index, step, due)) = clock.next_step().filter(|(_, _, due)| *due <= now) else {
                return self.schedule(&clock);
            };
            clock.row.steps_done = index.saturating_add(1);
            self.db.put_clock(&clock.row)?;
            let Some(row) = self.db.handoff(handoff)? else {
                return Ok(());
            };
            let taken = Step {
                index,
                at_percent: step.at_percent,
                due,
            };
            let outcome = match &step.action {
                EscalationAction::Notify(who) => self.tell_of_step(&clock, &row, taken, who, now)?,
                EscalationAction::Reassign => self.reassign_late(&row, now)?,
            };
            let kept = StepRow {
                step: index,
                at_percent: step.at_percent,
                due_at: due,
                taken_at: now,
                outcome: format!("{outcome}{}", late_in_words(due, now)),
            };
            self.db.insert_step(handoff, &kept)?;
            self.group.changes.push(Change::Handoff(handoff));
        }
        Ok(())
    }

    /// Tells whom a step names; gives what to say of it.
    fn tell_of_step(
        &mut self,
        clock: &Clock,
        row: &HandoffRow,
        step: Step,
        who: &str,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let (role, people) = self.whom(row, who, now)?;
        if people.is_empty() {
            let reason = format!("an escalation step tells `{who}`, but there is nobody to tell");
            self.find("nobody_to_tell", &format!("handoff {}", row.id), reason, now);
            return Ok(format!("there was nobody to tell as {who}"));
        }
        let taken = self.is_taken(outbox::ESCALATED)?;
        let mut names = Vec::new();
        for person in people {
            let payload = self.told(clock, row, step, (&role, &person), now)?;
            let id = format!("sla.escalated-{}-{}-{}", row.id, step.index, person.id);
            self.promise(&id, outbox::ESCALATED, &payload, now)?;
            names.push(person.name);
        }
        let names = names.join(", ");
        if taken {
            return Ok(format!("told {names} ({role})"));
        }
        let reason = format!(
            "{names} ({role}) was to be told, but no destination takes `{}`; add one, or name the event in its file",
            outbox::ESCALATED
        );
        self.find("nobody_to_tell", &format!("handoff {}", row.id), reason, now);
        Ok(format!("no destination told {names} ({role})"))
    }

    /// Whom a step names, and as what: the owner, else whoever manages those who would be; the team's manager, else the
    /// administrators; or a user by name or email address.
    fn whom(
        &mut self,
        row: &HandoffRow,
        who: &str,
        now: Timestamp,
    ) -> Result<(String, Vec<UserRow>), StoreError> {
        let meant = who.trim().to_lowercase();
        if meant == "owner"
            && let Some((owner, _)) = &row.owner
        {
            let owner = self.db.user(*owner)?;
            return Ok(("owner".to_owned(), owner.into_iter().collect()));
        }
        let everybody = self.db.users()?.into_iter();
        if matches!(meant.as_str(), "owner" | "manager") {
            if let Some(manager) = self.manager_of(row.team.as_deref())? {
                return Ok(("manager".to_owned(), vec![manager]));
            }
            let administrators = everybody.filter(|user| user.role == "admin");
            return Ok(("administrator".to_owned(), administrators.collect()));
        }
        let named: Vec<UserRow> = everybody
            .filter(|user| user.name.to_lowercase() == meant || user.email.to_lowercase() == meant)
            .collect();
        if named.is_empty() {
            let reason = "an escalation step names somebody who is no user; write `owner`, `manager`, or the name or \
                          email address of a user";
            self.find("unknown_person", who, reason, now);
        }
        Ok((who.trim().to_owned(), named))
    }

    /// The manager of a team.
    fn manager_of(&self, team: Option<&str>) -> Result<Option<UserRow>, StoreError> {
        let team = team.map(|team| self.db.team(team)).transpose()?.flatten();
        let manager = team.and_then(|team| team.manager);
        let manager = manager.map(|manager| self.db.user(manager)).transpose()?;
        Ok(manager.flatten().filter(|manager| manager.active))
    }

    /// Gives a lead that its owner was too slow with to the next of the team.
    fn reassign_late(&mut self, row: &HandoffRow, now: Timestamp) -> Result<String, StoreError> {
        let before = row.owner.as_ref().map(|(owner, _)| *owner);
        let given = self.reassign(row.id, None, "nobody was in touch in time", ENGINE, now)?;
        let after = match given {
            Ok(after) => after.filter(|after| Some(*after) != before),
            Err(error) => {
                self.find(
                    "not_reassigned",
                    &format!("handoff {}", row.id),
                    error.to_string(),
                    now,
                );
                None
            }
        };
        let after = after.map(|after| self.db.user(after)).transpose()?.flatten();
        Ok(match (after, before) {
            (Some(after), _) => format!("given to {}", after.name),
            (None, Some(_)) => "stays with its owner, since nobody else can take it now".to_owned(),
            (None, None) => "stays in the queue, since nobody can take it now".to_owned(),
        })
    }

    /// The body that tells of a step.
    fn told(
        &self,
        clock: &Clock,
        row: &HandoffRow,
        step: Step,
        (role, person): (&str, &UserRow),
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let packet = self.db.handoff_extra(row.id)?.map(|extra| extra.packet);
        let packet: Value = serde_json::from_str(&packet.unwrap_or_default()).unwrap_or_default();
        let part = |name: &str| packet.get(name).cloned().unwrap_or_default();
        let owner = row
            .owner
            .as_ref()
            .map(|(id, name)| json!({ "id": id.to_string(), "name": name }));
        let passed = clock.run().passed(now);
        let left_ms = clock
            .terms
            .allowed
            .map_or(0, |allowed| allowed.ms() - passed.ms());
        let standing = if left_ms > 0 {
            format!("{} left", Period::from_ms(left_ms).in_words())
        } else {
            format!("overdue by {}", Period::from_ms(-left_ms).in_words())
        };
        let data = json!({
            "handoff": row.id.to_string(),
            "lead": part("lead"),
            "cycle": row.cycle,
            "trigger": row.trigger,
            "score": part("score"),
            "why": row.why,
            "route": part("route"),
            "team": row.team,
            "owner": owner,
            "task": { "title": row.task, "priority": row.priority },
            "due_at": row.due_at.map(|due| due.to_string()),
            "sla": { "name": clock.terms.policy, "hours": crate::terms::hours_in_words(&clock.terms.counting) },
            "percent": step.at_percent,
            "standing": standing,
            "late": late_in_words(step.due, now).trim_start_matches(", "),
            "notify": { "as": role, "id": person.id.to_string(), "name": person.name, "email": person.email },
        });
        Ok(outbox::body(outbox::ESCALATED, &data, now))
    }
}
