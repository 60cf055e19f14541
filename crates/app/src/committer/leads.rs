//! Leads in memory: a row, a state and traits each, folded from the database where they aren't there, and written back
//! once a group.

use std::sync::Arc;

use bellwether_core::domain::{Stage, Timestamp, Traits, Value};
use bellwether_core::engine::{Engine, Fact, LeadState, TraitLog, apply};
use bellwether_core::explain::HistoryFact;
use bellwether_core::lifecycle::{self, Move};
use bellwether_core::profile::{EmailKind, Profile};
use bellwether_core::suspect::Watch;
use bellwether_store::{Db, Derived, LeadId, LeadRow, PairRow, PairState, StoreError, TransitionRow};

use super::Committer;
use super::mail::ToAnswer;
use crate::history::Judged;
use crate::likeness::{self, Likeness};
use crate::signatures::Signatures;
use crate::{AgreementVersion, history};

/// Who made a move that nobody asked for.
pub(super) const ENGINE: &str = "engine";

/// A lead in memory.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a note of its own; none excludes another"
)]
pub(super) struct Lead {
    pub(super) row: LeadRow,
    pub(super) state: LeadState,
    pub(super) traits: TraitLog,
    /// What is remembered of its events for holding the next one apart.
    pub(super) watch: Watch,
    /// The oldest creation that its traits name.
    pub(super) created_fact: Option<Timestamp>,
    /// Its state must be folded anew: a fact came late, or two leads turned out to be one.
    pub(super) stale: bool,
    /// The present submission touched it.
    pub(super) touched: bool,
    /// Its traits changed since they were last looked at.
    pub(super) learned: bool,
    /// The present submission brought an event that qualifies at once.
    pub(super) fast: bool,
    /// Events of the present submission that would qualify at once, unless sifting the history finds that a machine made
    /// them.
    pub(super) fast_unclear: Vec<i64>,
    /// Events of the present submission that the agreement answers.
    pub(super) to_answer: Vec<ToAnswer>,
    /// Its row must be written.
    pub(super) dirty: bool,
    /// More of its row than what its newest facts come to.
    pub(super) whole: bool,
    /// It came under an account that it wasn't under before.
    pub(super) account_new: bool,
    /// Until when its facts came by an import that hands nobody off.
    pub(super) imported_until: Option<Timestamp>,
}

impl Lead {
    /// Notes when the lead was seen.
    pub(super) fn seen(&mut self, ts: Timestamp, created: Option<Timestamp>, known: bool) {
        let row = &mut self.row;
        let created_at = row.created_at.min(ts).min(created.unwrap_or(ts));
        self.whole |= created_at != row.created_at || (known && row.known_from.is_none_or(|from| ts < from));
        row.created_at = created_at;
        row.last_seen = row.last_seen.max(ts);
        if known {
            row.known_from = Some(row.known_from.map_or(ts, |from| from.min(ts)));
        }
    }
}

impl Committer {
    /// A new lead, seen first at `ts`.
    pub(super) fn create(&mut self, ts: Timestamp) -> LeadId {
        let id = self.new_lead();
        let row = LeadRow {
            id,
            stage: Stage::Visitor,
            cycle: 1,
            handoff: None,
            owner: None,
            account: None,
            account_ts: None,
            created_at: ts,
            known_from: None,
            last_seen: ts,
            merged_into: None,
            first_fact: None,
            last_fact: None,
            derived: Derived::default(),
            scored_at: ts,
            // Scored under none yet.
            agreement_version: 0,
        };
        let lead = Lead {
            row,
            state: LeadState::new(&self.active.engine),
            traits: TraitLog::default(),
            watch: Watch::default(),
            created_fact: None,
            stale: false,
            touched: false,
            learned: true,
            fast: false,
            fast_unclear: Vec::new(),
            to_answer: Vec::new(),
            dirty: false,
            whole: true,
            account_new: false,
            imported_until: None,
        };
        self.leads.put(id, Box::new(lead));
        id
    }

    /// Has a lead in memory.
    pub(super) fn load(&mut self, id: LeadId) -> Result<(), StoreError> {
        if self.leads.get(&id).is_some() {
            return Ok(());
        }
        let Some(row) = self.db.lead(id)? else {
            return Err(StoreError::Corrupt {
                table: "lead_key",
                value: format!("lead {id}, which isn't there"),
            });
        };
        let engine = Arc::clone(&self.active.engine);
        let folded = fold(&self.db, &engine, &mut self.signatures, &row)?;
        self.keep_judged(id, &folded.judged)?;
        let lead = Lead {
            row,
            state: folded.state,
            traits: folded.traits,
            watch: folded.watch,
            created_fact: folded.created,
            stale: false,
            touched: false,
            learned: true,
            fast: false,
            fast_unclear: Vec::new(),
            to_answer: Vec::new(),
            dirty: false,
            whole: false,
            account_new: false,
            imported_until: self.db.imported_until(id)?,
        };
        self.leads.put(id, Box::new(lead));
        Ok(())
    }

    /// Folds a lead anew from its facts.
    pub(super) fn refold(&mut self, id: LeadId) -> Result<(), StoreError> {
        let engine = Arc::clone(&self.active.engine);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let folded = fold(&self.db, &engine, &mut self.signatures, &lead.row)?;
        lead.state = folded.state;
        lead.traits = folded.traits;
        lead.watch = folded.watch;
        lead.created_fact = folded.created;
        lead.stale = false;
        lead.learned = true;
        let is_held = |fast: &i64| {
            let mut judged = folded.judged.iter();
            judged.any(|one| matches!(one, Judged::Held { event, .. } if event == fast))
        };
        lead.fast |= std::mem::take(&mut lead.fast_unclear)
            .iter()
            .any(|event| !is_held(event));
        lead.to_answer.retain(|one| !is_held(&one.event));
        self.keep_judged(id, &folded.judged)
    }

    /// Judges a lead after the facts of one submission.
    pub(super) fn settle(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        self.bring_up_to_date(id, at)?;
        let engine = Arc::clone(&self.active.engine);
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        let fast = std::mem::take(&mut lead.fast);
        let to_answer = std::mem::take(&mut lead.to_answer);
        if lead.row.handoff.is_none()
            && let Some(qualified) = lead.state.qualification(&engine)
        {
            self.qualified(id, &qualified, fast, at)?;
        }
        // Whoever the lead belongs to now answers.
        self.answer(id, &to_answer, at)
    }

    /// The same for facts of an import, which hand nobody off.
    pub(super) fn settle_imported(
        &mut self,
        id: LeadId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.bring_up_to_date(id, at)?;
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        lead.fast = false;
        lead.to_answer.clear();
        if lead.imported_until.is_none_or(|known| known < until) {
            lead.imported_until = Some(until);
            self.db.put_imported_until(id, until)?;
        }
        Ok(())
    }

    /// What follows from a lead's new facts, short of handing it off.
    fn bring_up_to_date(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        if self.leads.get(&id).is_some_and(|lead| lead.stale) {
            self.refold(id)?;
        }
        let learned = self.leads.peek(&id).is_some_and(|lead| {
            lead.learned || (lead.row.stage == Stage::Visitor && lead.row.known_from.is_some())
        });
        self.look_at_traits(id, at)?;
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        if std::mem::take(&mut lead.account_new)
            && let Some(account) = lead.row.account
        {
            self.tell_company(id, account, at)?;
            if self.leads.peek(&id).is_some_and(|lead| lead.stale) {
                self.refold(id)?;
            }
            self.look_at_traits(id, at)?;
        }
        if learned {
            self.promise_enrichments(id, at)?;
        }
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        lead.touched = false;
        if !lead.dirty {
            lead.dirty = true;
            self.group.dirty.push(id);
        }
        self.become_known(id, at)
    }

    /// Makes a lead of a visitor whom one could reach.
    pub(super) fn become_known(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        let Some(lead) = self.leads.get_mut(&id) else {
            return Ok(());
        };
        if lead.row.stage == Stage::Visitor && lead.row.known_from.is_some() {
            let to = lifecycle::next(Stage::Visitor, Move::BecomeKnown).unwrap_or(Stage::Lead);
            lead.row.stage = to;
            lead.whole = true;
            self.db.insert_transition(&TransitionRow {
                lead: id,
                at,
                from: Some(Stage::Visitor),
                to,
                actor: ENGINE.to_owned(),
                reason: "became known".to_owned(),
                handoff: None,
                origin: Some(id),
            })?;
        }
        Ok(())
    }

    /// What follows from a lead's traits, where they changed: the account, and what lists show.
    fn look_at_traits(&mut self, id: LeadId, at: Timestamp) -> Result<(), StoreError> {
        let Some(lead) = self.leads.get_mut(&id).filter(|lead| lead.learned) else {
            return Ok(());
        };
        lead.learned = false;
        lead.whole = true;
        let traits = lead.traits.current();
        let derived = &mut lead.row.derived;
        let (name, email) = (name_of(&traits), text(&traits, "email"));
        let renamed = (&derived.name, &derived.email) != (&name, &email);
        let had_any = derived.name.is_some() || derived.email.is_some();
        (derived.name, derived.email) = (name, email);
        derived.title = text(&traits, "title");
        derived.company = text(&traits, "company");
        let domain = company_domain(&traits);
        if lead.row.account_ts.is_none()
            && let Some(domain) = &domain
        {
            let account = self.db.account("domain", domain, at)?;
            lead.account_new |= lead.row.account != Some(account);
            lead.row.account = Some(account);
        }
        if !renamed {
            return Ok(());
        }
        let derived = &lead.row.derived;
        let likenesses = likeness::of(
            derived.name.as_deref(),
            derived.email.as_deref(),
            domain.as_deref(),
        );
        if had_any {
            self.db.delete_likeness(id)?;
        }
        self.offer_pairs(id, &likenesses, at)
    }

    /// Offers a lead as a pair with each that is like it, for somebody to look at.
    fn offer_pairs(&mut self, id: LeadId, likenesses: &[Likeness], at: Timestamp) -> Result<(), StoreError> {
        for likeness in likenesses {
            let others = self
                .db
                .put_likeness(likeness.kind, &likeness.value, id, likeness::PAIRS_MAX)?;
            for other in others {
                self.db.put_pair(&PairRow {
                    id: 0,
                    one: id,
                    other,
                    state: PairState::Offered,
                    reason: likeness.reason.clone(),
                    at,
                    actor: None,
                })?;
            }
        }
        Ok(())
    }

    /// Writes the rows of the leads that the group touched.
    pub(super) fn write_dirty(&mut self) -> Result<(), StoreError> {
        let active = Arc::clone(&self.active);
        let mut dirty = std::mem::take(&mut self.group.dirty);
        // In the table's order: leads that share a page are written one after the other.
        dirty.sort_unstable();
        for id in dirty {
            if let Some(lead) = self.leads.get_mut(&id).filter(|lead| lead.dirty) {
                lead.dirty = false;
                let changed = score(&active, lead);
                match (std::mem::take(&mut lead.whole), changed) {
                    (true, _) => self.db.put_lead(&lead.row)?,
                    (false, true) => self.db.put_scores(&lead.row)?,
                    (false, false) => self.db.put_seen(&lead.row)?,
                }
            }
        }
        Ok(())
    }
}

/// A lead's facts, folded.
pub(super) struct Folded {
    state: LeadState,
    traits: TraitLog,
    created: Option<Timestamp>,
    watch: Watch,
    judged: Vec<Judged>,
}

fn fold(db: &Db, engine: &Engine, signatures: &mut Signatures, row: &LeadRow) -> Result<Folded, StoreError> {
    let sifted = history::sifted(db, engine.agreement().suspect.as_ref(), row.id, row.last_fact)?;
    let mut folded = Folded {
        state: LeadState::new(engine),
        traits: TraitLog::default(),
        created: None,
        watch: sifted.watch,
        judged: sifted.judged,
    };
    for fact in sifted.history.facts {
        let ts = fact.ts();
        let fact = match fact {
            HistoryFact::Event(event) => Fact::Event(signatures.of(engine, &event).0),
            HistoryFact::Traits(_, source, traits) => Fact::Traits(source, traits),
            HistoryFact::Created(created) => {
                folded.created = Some(created);
                Fact::Created
            }
            HistoryFact::Known(_) => Fact::Known,
            HistoryFact::SentBack(_, returned) => Fact::SentBack(returned),
        };
        let in_order = apply(engine, &mut folded.state, &mut folded.traits, ts, &fact);
        debug_assert!(in_order, "facts are read in order");
    }
    Ok(folded)
}

/// Works out what a lead's row shows of its state, as of its newest fact; whether that is anything new.
pub(super) fn score(active: &AgreementVersion, lead: &mut Lead) -> bool {
    let engine = &active.engine;
    let at = lead.state.newest().unwrap_or(lead.row.last_seen);
    let score = engine.score(&lead.state, at);
    let qualified = lead.state.qualification(engine);
    let excluded = lead.state.fit().disqualified_by;
    let exclusion = excluded
        .and_then(|index| engine.agreement().disqualify.get(index))
        .map(|one| one.name.as_str());
    lead.row.scored_at = at;
    let derived = &mut lead.row.derived;
    let qualified_at = qualified.as_ref().map(|qualified| qualified.at);
    let trigger = qualified.map(|qualified| qualified.trigger);
    let same = (derived.fit, derived.intent, derived.qualified_at) == (score.fit, score.intent, qualified_at)
        && derived.trigger == trigger
        && derived.disqualified_by.as_deref() == exclusion
        && lead.row.agreement_version == active.version;
    if !same {
        derived.fit = score.fit;
        derived.intent = score.intent;
        derived.grade = engine.grade(score);
        derived.qualified_at = qualified_at;
        derived.trigger = trigger;
        derived.disqualified_by = exclusion.map(str::to_owned);
        lead.row.agreement_version = active.version;
    }
    !same
}

/// What a lead is called: its name, or else its first and last one.
pub(super) fn name_of(traits: &Traits) -> Option<String> {
    let part = |names: [&str; 2]| names.into_iter().find_map(|name| text(traits, name));
    text(traits, "name").or_else(|| {
        let parts = [part(["first_name", "firstName"]), part(["last_name", "lastName"])];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

fn text(traits: &Traits, name: &str) -> Option<String> {
    match traits.get(name) {
        Some(Value::Text(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

/// The registrable domain of a company's mail; free and disposable mail has none.
pub(crate) fn company_domain(traits: &Traits) -> Option<String> {
    let mail: Traits = traits
        .get_key_value("email")
        .map(|(k, v)| (k.clone(), v.clone()))
        .into_iter()
        .collect();
    let profile = Profile::new(&mail);
    let kind = profile.field("email_kind")?;
    let of_company = [EmailKind::Business, EmailKind::Role]
        .iter()
        .any(|company| kind.as_texts().any(|kind| kind == company.as_str()));
    let domain = profile.field("domain").filter(|_| of_company)?;
    domain.as_texts().next().map(std::borrow::Cow::into_owned)
}
