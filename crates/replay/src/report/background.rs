//! What a report needs besides verdicts and is the same for every agreement: by what each lead first came, and what became
//! of it. It is worked out once and used for each agreement that is judged.

use std::num::NonZeroUsize;
use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::Timestamp;
use bellwether_core::engine::{Engine, TraitLog};
use bellwether_core::explain::{Ledger, explain};
use bellwether_core::profile::channel::touch_of;

use super::{Asked, Case, OutcomeCounts, ReplayReport, Trials};
use crate::chronicle::Chronicle;
use crate::compare::{Comparison, Judgement};
use crate::judged::Judged;
use crate::outcomes::{LeadOutcome, Outcomes};

/// The field that says by what a lead first came.
const CHANNEL: &str = "channel";

/// A history with what became of its leads, up to an instant.
pub struct Background<'c> {
    chronicle: &'c Chronicle,
    t: Timestamp,
    channels: Vec<String>,
    first_seen: Vec<Option<Timestamp>>,
    outcomes: Vec<LeadOutcome>,
    counts: OutcomeCounts,
}

/// A history that an agreement judges at an instant.
struct Bench<'b> {
    background: &'b Background<'b>,
    engine: &'b Engine,
    threads: NonZeroUsize,
}

/// What an agreement would have done with a history.
pub fn replay_report(
    background: &Background<'_>,
    engine: &Engine,
    asked: &Asked,
    threads: NonZeroUsize,
) -> ReplayReport {
    let judged = background.judge(engine, threads);
    let bench = Bench {
        background,
        engine,
        threads,
    };
    ReplayReport::new(
        engine.agreement(),
        asked,
        background.t,
        &background.cases(&judged),
        background.counts,
        &bench,
    )
}

/// What differs between two agreements on a history.
pub fn comparison(
    background: &Background<'_>,
    a: &Engine,
    b: &Engine,
    asked: &Asked,
    threads: NonZeroUsize,
) -> Comparison {
    let [judged_a, judged_b] = [a, b].map(|engine| background.judge(engine, threads));
    background.compare((a, &judged_a), (b, &judged_b), asked, threads)
}

impl<'c> Background<'c> {
    /// What an agreement makes of the history.
    pub fn judge(&self, engine: &Engine, threads: NonZeroUsize) -> Judged {
        self.chronicle.judge(engine, self.t, threads)
    }

    /// What differs between two agreements, given what each makes of the history.
    pub fn compare(
        &self,
        a: (&Engine, &Judged),
        b: (&Engine, &Judged),
        asked: &Asked,
        threads: NonZeroUsize,
    ) -> Comparison {
        let [bench_a, bench_b] = [a.0, b.0].map(|engine| Bench {
            background: self,
            engine,
            threads,
        });
        let (at_a, at_b) = (qualified_at(a.1), qualified_at(b.1));
        Comparison::new(
            &Judgement {
                agreement: a.0.agreement(),
                qualified_at: &at_a,
                trials: &bench_a,
            },
            &Judgement {
                agreement: b.0.agreement(),
                qualified_at: &at_b,
                trials: &bench_b,
            },
            asked,
            self.t,
            &self.cases(a.1),
            self.counts,
        )
    }

    /// What is known of each lead of the chronicle up to an instant, besides what an agreement makes of it.
    pub fn new(chronicle: &'c Chronicle, outcomes: &Outcomes, t: Timestamp) -> Self {
        let mut of_lead = vec![LeadOutcome::default(); chronicle.leads()];
        let mut unknown_leads = 0;
        for (id, said) in outcomes.iter() {
            let lead = chronicle.find(id).and_then(|lead| usize::try_from(lead).ok());
            let Some(known) = lead.and_then(|lead| of_lead.get_mut(lead)) else {
                unknown_leads += 1;
                continue;
            };
            // Several ids may be those of one lead.
            for row in said.rows() {
                known.add(row.clone());
            }
        }
        Self {
            channels: channels(chronicle, t),
            first_seen: leads(chronicle).map(|lead| first_seen(chronicle, lead)).collect(),
            counts: OutcomeCounts {
                rows: outcomes.rows(),
                leads: of_lead.iter().filter(|said| !said.rows().is_empty()).count() as u64,
                unknown_leads,
            },
            outcomes: of_lead,
            chronicle,
            t,
        }
    }

    /// The leads as a report counts them, in the chronicle's order.
    pub fn cases<'b>(&'b self, judged: &Judged) -> Vec<Case<'b>> {
        let known = self.channels.iter().zip(&self.first_seen).zip(&self.outcomes);
        let cases = (0..).zip(&judged.leads).zip(known);
        let cases = cases.map(|((lead, verdict), ((channel, first_seen), said))| Case {
            id: self.chronicle.id(lead),
            channel,
            first_seen: *first_seen,
            qualified_at: verdict.qualified.as_ref().map(|qualified| qualified.at),
            uncertain: verdict.uncertain,
            outcome: Some(said).filter(|said| !said.rows().is_empty()),
        });
        cases.collect()
    }
}

impl Trials for Bench<'_> {
    fn qualified_at(&self, agreement: Agreement) -> Vec<Option<Timestamp>> {
        let engine = Engine::new(Arc::new(agreement));
        let background = self.background;
        qualified_at(&background.judge(&engine, self.threads))
    }

    fn ledger(&self, case: usize, at: Timestamp) -> Ledger {
        let lead = u32::try_from(case).unwrap_or(u32::MAX);
        let facts = self
            .background
            .chronicle
            .facts_as_judged(self.engine, lead, self.background.t);
        explain(self.engine, &facts, at)
    }
}

fn qualified_at(judged: &Judged) -> Vec<Option<Timestamp>> {
    let at = |verdict: &crate::judged::Verdict| verdict.qualified.as_ref().map(|qualified| qualified.at);
    judged.leads.iter().map(at).collect()
}

/// By what each lead first came: what it says itself, or else what its first visit says that says anything.
fn channels(chronicle: &Chronicle, t: Timestamp) -> Vec<String> {
    let distinct = (0..chronicle.distinct.len()).map(|number| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let properties = chronicle.distinct.properties(number);
        touch_of(&chronicle.distinct.view(number, &properties))
    });
    let touches: Vec<_> = distinct.collect();
    let channels = leads(chronicle).map(|lead| {
        let mut log = TraitLog::default();
        let (times, numbers) = chronicle.events.of(lead);
        for (ms, number) in times.iter().zip(numbers) {
            let at = Timestamp::from_ms_clamped(*ms);
            if let Some(Some(touch)) = touches.get(*number as usize).filter(|_| at <= t)
                && !log.write_touch(at, touch)
            {
                break;
            }
        }
        let derived = log.holding(CHANNEL).map(|held| held.value.to_string());
        stated(chronicle, lead, t).or(derived).unwrap_or_default()
    });
    channels.collect()
}

fn leads(chronicle: &Chronicle) -> std::ops::Range<u32> {
    0..u32::try_from(chronicle.leads()).unwrap_or(u32::MAX)
}

/// A lead's creation or first fact, whenever that was: who came after the time that is looked at isn't counted in it.
fn first_seen(chronicle: &Chronicle, lead: u32) -> Option<Timestamp> {
    let (times, _) = chronicle.events.of(lead);
    let event = times.first().copied().map(Timestamp::from_ms_clamped);
    let write = chronicle.writes.of(lead).first();
    let write = write.map(|write| Timestamp::from_ms_clamped(write.ms));
    [chronicle.created(lead), event, write]
        .into_iter()
        .flatten()
        .min()
}

/// What a lead says itself of how it came.
fn stated(chronicle: &Chronicle, lead: u32, t: Timestamp) -> Option<String> {
    let writes = chronicle.writes.of(lead).iter();
    let last = writes.take_while(|write| write.ms <= t.ms()).last();
    let value = chronicle
        .traits
        .sent(CHANNEL)?
        .value(last.map_or(lead, |write| write.row))?;
    Some(value.to_value().to_string()).filter(|value| !value.is_empty())
}
