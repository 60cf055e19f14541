//! The quarterly review: what came of the agreement in a quarter, beside the quarter before. Everything is read from one
//! state of the database.
//!
//! A rule's worth is judged by the agreement as it is now: of each handoff, the rules that would have given it points at the
//! moment at which it qualified. A rule spoke of a lead where an event of the period met its pattern, or the lead's traits
//! met its condition at the period's end.

use std::collections::BTreeMap;

use bellwether_core::domain::{Points, Timestamp};
use bellwether_core::engine::Engine;
use bellwether_core::explain::{self, Counted, History, HistoryFact, Outcome};
use bellwether_core::hours::{Quarter, Zone};
use bellwether_store::{Db, LeadId, ReviewedHandoff, StoreError};

use crate::{
    App, AppError, Funnel, PeriodFigures, Promises, ProposalView, Review, RuleFigures, RuleSide, RuleWorth,
    ToSign, agreement, history, proposals,
};

/// How many leads are read at once.
const SLICE: u32 = 1_000;
/// How many proposals are listed.
const PROPOSALS_MAX: u32 = 100;

/// A quarter as instants; one that hasn't ended ends now.
struct Span {
    quarter: Quarter,
    from: Timestamp,
    until: Timestamp,
    complete: bool,
}

impl App {
    /// Reviews a quarter; without one, the present.
    pub async fn review(&self, quarter: Option<Quarter>) -> Result<Review, AppError> {
        let now = self.now();
        self.read(move |db| review(db, quarter, now)).await
    }
}

/// Reviews a quarter, by the agreement that is active; without one, the present.
pub fn review(db: &Db, quarter: Option<Quarter>, now: Timestamp) -> Result<Review, AppError> {
    let row = db.latest_agreement()?.ok_or(AppError::NotFound {
        what: "agreement",
        id: "active".to_owned(),
    })?;
    let version = agreement::version(row)?;
    let agreement = version.engine.agreement();
    let zone = Zone::parse(&agreement.timezone).map_err(|error| AppError::Unavailable(error.to_string()))?;
    let quarter = quarter.unwrap_or_else(|| Quarter::of(&zone, now));
    let span = |quarter: Quarter| {
        let (from, until) = quarter.span(&zone);
        Span {
            quarter,
            from,
            until: until.min(now.max(from)),
            complete: until <= now,
        }
    };
    let (this, before) = (span(quarter), span(quarter.previous()));
    let (handed, handed_before) = (
        db.reviewed_handoffs(this.from, this.until)?,
        db.reviewed_handoffs(before.from, before.until)?,
    );
    let mut rules = Rules::new(&version.engine);
    rules.weigh(db, &handed, |figures| &mut figures.now)?;
    rules.weigh(db, &handed_before, |figures| &mut figures.before)?;
    rules.count_leads(db, &this, &before)?;
    Ok(Review {
        agreement: agreement.name.clone(),
        version: version.version,
        active_since: version.activated_at,
        review_due: agreement
            .review
            .map(|period| Timestamp::from_ms_clamped(version.activated_at.ms().saturating_add(period.ms()))),
        timezone: zone.name().to_owned(),
        at: now,
        now: figures(db, &this, &handed, now)?,
        before: figures(db, &before, &handed_before, now)?,
        rules: rules.figures,
        proposals: proposals::open(db, PROPOSALS_MAX)?
            .into_iter()
            .map(to_sign)
            .collect(),
    })
}

fn to_sign(proposal: ProposalView) -> ToSign {
    let signatures = proposal.signatures.into_iter();
    ToSign {
        id: proposal.id,
        note: proposal.note,
        at: proposal.proposed_at,
        by: proposal.proposed_by,
        based_on: proposal.based_on,
        signed: signatures
            .map(|one| (one.department, one.user.name, one.at))
            .collect(),
        missing: proposal.missing,
    }
}

fn figures(
    db: &Db,
    span: &Span,
    handed: &[ReviewedHandoff],
    now: Timestamp,
) -> Result<PeriodFigures, StoreError> {
    let (leads, qualified) = db.leads_created(span.from, span.until)?;
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    for reason in handed
        .iter()
        .filter_map(|handoff| handoff.rejection_reason.as_ref())
    {
        *reasons.entry(reason.clone()).or_default() += 1;
    }
    Ok(PeriodFigures {
        name: span.quarter.to_string(),
        complete: span.complete,
        leads,
        qualified,
        handoffs: funnel(handed),
        rejections: PeriodFigures::rank(reasons),
        promises: promises(handed, now),
    })
}

fn funnel(handed: &[ReviewedHandoff]) -> Funnel {
    let count = |holds: &dyn Fn(&ReviewedHandoff) -> bool| {
        handed.iter().filter(|handoff| holds(handoff)).count() as u64
    };
    let in_state = |state: &'static str| count(&|handoff| !handoff.accepted && handoff.state == state);
    Funnel {
        made: handed.len() as u64,
        accepted: count(&|handoff| handoff.accepted),
        rejected: in_state("rejected"),
        expired: in_state("expired"),
        waiting: in_state("open"),
        sql: count(&|handoff| handoff.was_sql),
        deals: count(&|handoff| handoff.had_deal),
        won: count(&|handoff| handoff.won),
    }
}

fn promises(handed: &[ReviewedHandoff], now: Timestamp) -> Promises {
    let mut promises = Promises::default();
    let mut times = Vec::new();
    for handoff in handed {
        let Some(due) = handoff.due_at else { continue };
        promises.made += 1;
        match (handoff.contacted_at, handoff.ended_at) {
            (Some(contact), _) if contact <= due => promises.kept += 1,
            (None, Some(ended)) if ended <= due => promises.answered += 1,
            (None, None) if now <= due => promises.running += 1,
            _ => promises.broken += 1,
        }
        times.extend(handoff.contacted_at.and(handoff.working));
    }
    times.sort_unstable();
    promises.median = times.get(times.len().saturating_sub(1) / 2).copied();
    promises
}

/// Every rule's figures, while they are counted.
struct Rules<'e> {
    engine: &'e Engine,
    figures: Vec<RuleFigures>,
    /// Where the rules of intent begin.
    intent: usize,
}

impl<'e> Rules<'e> {
    fn new(engine: &'e Engine) -> Self {
        let agreement = engine.agreement();
        let row = |rule: &String, side, points_max| RuleFigures {
            rule: rule.clone(),
            side,
            points_max,
            now: RuleWorth::default(),
            before: RuleWorth::default(),
        };
        let fit = agreement.fit.iter().map(|rule| {
            let most = rule.cases.iter().map(|case| case.points).max();
            row(&rule.name, RuleSide::Fit, most)
        });
        let intent = agreement
            .intent
            .iter()
            .map(|rule| row(&rule.name, RuleSide::Intent, None));
        Self {
            engine,
            figures: fit.chain(intent).collect(),
            intent: agreement.fit.len(),
        }
    }

    /// Counts what came of the handoffs to which each rule gave points.
    fn weigh(
        &mut self,
        db: &Db,
        handed: &[ReviewedHandoff],
        of: impl Fn(&mut RuleFigures) -> &mut RuleWorth,
    ) -> Result<(), StoreError> {
        for handoff in handed {
            let facts = history::read(db, self.engine, handoff.lead)?;
            let ledger = explain::explain(self.engine, &facts, handoff.qualified_at);
            let fit = ledger.fit.iter().map(|line| line.points);
            let points = fit.chain(ledger.intent.iter().map(|line| line.points));
            for (figures, points) in self.figures.iter_mut().zip(points) {
                if points <= Points::ZERO {
                    continue;
                }
                let worth = of(figures);
                worth.handoffs += 1;
                worth.accepted += u64::from(handoff.accepted);
                worth.won += u64::from(handoff.won);
                worth.rejected += u64::from(!handoff.accepted && handoff.state == "rejected");
            }
        }
        Ok(())
    }

    /// Counts of how many leads each rule spoke.
    fn count_leads(&mut self, db: &Db, this: &Span, before: &Span) -> Result<(), StoreError> {
        let mut after = LeadId(0);
        loop {
            let leads = db.leads_after(after, SLICE)?;
            let Some(last) = leads.last() else { break };
            after = last.id;
            for lead in leads.iter().filter(|lead| lead.last_seen >= before.from) {
                let facts = history::read(db, self.engine, lead.id)?;
                self.count_lead(&facts, this, |figures| &mut figures.now);
                self.count_lead(&facts, before, |figures| &mut figures.before);
            }
        }
        Ok(())
    }

    fn count_lead(&mut self, facts: &History, span: &Span, of: impl Fn(&mut RuleFigures) -> &mut RuleWorth) {
        let mut spoke = vec![false; self.figures.len()];
        let mut was_there = false;
        for fact in &facts.facts {
            if fact.ts() < span.from || fact.ts() >= span.until {
                continue;
            }
            was_there = true;
            if let HistoryFact::Event(event) = fact {
                for hit in self.engine.classify(&event.view()).hits {
                    spoke
                        .get_mut(self.intent + usize::from(hit))
                        .into_iter()
                        .for_each(|spoke| *spoke = true);
                }
            }
        }
        if !was_there {
            return;
        }
        let end = Timestamp::from_ms_clamped(span.until.ms() - 1);
        let ledger = explain::explain(self.engine, facts, end);
        let fit = ledger.fit.iter().map(|line| line.outcome == Outcome::Holds);
        let quiet = ledger
            .intent
            .iter()
            .map(|line| matches!(&line.counted, Counted::Quiet(quiet) if quiet.holds));
        for (spoke, holds) in spoke.iter_mut().zip(fit.chain(quiet)) {
            *spoke |= holds;
        }
        for (figures, spoke) in self.figures.iter_mut().zip(spoke) {
            of(figures).leads += u64::from(spoke);
        }
    }
}
