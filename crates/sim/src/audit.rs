//! What must hold of everything at once. It takes long, so that it is done a few times in a quarter: after each power cut, and
//! at the end.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use bellwether_app::LeadId;
use bellwether_core::domain::Timestamp;
use rusqlite::{Connection, params};

use crate::dice::Dice;
use crate::world::World;

/// How many leads' scores are worked out anew from their facts.
const LEADS_FOLDED: u64 = 25;
/// How long nobody may leave a handoff unanswered, as the agreement says.
const EXPIRE_MS: i64 = 14 * 86_400_000;

/// What the simulation sent and was told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent {
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    pub(crate) refused: u64,
}

/// Checks everything.
pub(crate) fn check(
    world: &World,
    sent: Sent,
    deals: &BTreeMap<i64, &'static str>,
    now: Timestamp,
    dice: &mut Dice,
) -> Result<()> {
    let db = &world.reader;
    check_leads(db)?;
    check_timers(db, now)?;
    check_clocks(db, now)?;
    check_counts(db, sent)?;
    check_deals(db, deals)?;
    check_messages(db)?;
    check_scores(world, dice)
}

/// Gives an error that shows the first row that a query finds; a query finds what must not be.
fn none(db: &Connection, what: &str, query: &str) -> Result<()> {
    let mut select = db.prepare_cached(query)?;
    let mut rows = select.query([])?;
    if let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        bail!("{what}: {id}");
    }
    Ok(())
}

fn check_leads(db: &Connection) -> Result<()> {
    none(
        db,
        "a lead isn't where its last move led",
        "SELECT lead.id FROM lead JOIN transition ON transition.id =
             (SELECT max(last.id) FROM transition AS last WHERE last.lead_id = lead.id)
         WHERE lead.merged_into IS NULL AND transition.to_stage <> lead.stage",
    )?;
    none(
        db,
        "a handoff at work isn't its lead's current one",
        "SELECT handoff.id FROM handoff JOIN lead ON lead.id = handoff.lead_id
         WHERE handoff.state = 'open' AND lead.handoff_id IS NOT handoff.id",
    )?;
    none(
        db,
        "a lead is with sales without a handoff at work",
        "SELECT lead.id FROM lead LEFT JOIN handoff ON handoff.id = lead.handoff_id
         WHERE lead.merged_into IS NULL AND ((lead.stage = 'mql' AND handoff.state IS NOT 'open')
             OR (lead.stage IN ('sal', 'sql', 'opportunity') AND handoff.state IS NOT 'accepted'))",
    )?;
    none(
        db,
        "a lead's cycle doesn't count its returns",
        "SELECT lead.id FROM lead WHERE lead.merged_into IS NULL AND lead.cycle <> 1 +
             (SELECT count(*) FROM returned WHERE returned.lead_id = lead.id)",
    )?;
    none(
        db,
        "a handoff is another one's cycle",
        "SELECT min(id) FROM handoff GROUP BY origin_lead_id, cycle HAVING count(*) > 1",
    )
}

fn check_timers(db: &Connection, now: Timestamp) -> Result<()> {
    let mut overdue = db.prepare_cached("SELECT count(*) FROM timer WHERE at < ?1")?;
    let overdue: i64 = overdue.query_row([now.ms()], |row| row.get(0))?;
    ensure!(overdue == 0, "{overdue} timers are overdue");
    let mut wrong = db.prepare_cached(
        "SELECT handoff.id FROM handoff LEFT JOIN timer ON timer.kind = 'expire' AND timer.subject = handoff.id
         WHERE handoff.state = 'open' AND timer.at IS NOT handoff.created_at + ?1",
    )?;
    let mut wrong = wrong.query([EXPIRE_MS])?;
    if let Some(row) = wrong.next()? {
        let id: i64 = row.get(0)?;
        bail!("open handoff {id} isn't set to expire at its time");
    }
    none(
        db,
        "a handoff that isn't open would expire",
        "SELECT timer.subject FROM timer LEFT JOIN handoff ON handoff.id = timer.subject
         WHERE timer.kind = 'expire' AND handoff.state IS NOT 'open'",
    )?;
    let mut early = db.prepare_cached(
        "SELECT id FROM handoff WHERE state = 'expired' AND decided_at < created_at + ?1 LIMIT 1",
    )?;
    let mut early = early.query([EXPIRE_MS])?;
    ensure!(early.next()?.is_none(), "a handoff expired before its time");
    Ok(())
}

/// The clocks that run day and night show what subtraction does, and each of their steps was taken once, when it was due.
fn check_clocks(db: &Connection, now: Timestamp) -> Result<()> {
    none(
        db,
        "a handoff that is over has a clock that runs",
        "SELECT handoff.id FROM handoff JOIN clock ON clock.handoff_id = handoff.id
         WHERE handoff.state NOT IN ('open', 'accepted') AND clock.ended_at IS NULL",
    )?;
    none(
        db,
        "a clock didn't stop at the first contact",
        "SELECT handoff_id FROM clock WHERE contacted_at IS NOT NULL AND (ended_at IS NOT contacted_at
             OR contacted_at IS NOT (SELECT min(at) FROM contact WHERE contact.handoff_id = clock.handoff_id))",
    )?;
    none(
        db,
        "a clock shows something else than what passed",
        "SELECT handoff_id FROM clock JOIN handoff ON handoff.id = clock.handoff_id
         WHERE clock.ended_at IS NOT NULL AND (clock.raw_ms <> clock.ended_at - clock.started_at
             OR clock.working_ms NOT BETWEEN 0 AND clock.raw_ms
             OR (handoff.sla <> 'Demo request' AND clock.working_ms <> clock.raw_ms))",
    )?;
    none(
        db,
        "a step was taken before its time, or after the clock had stopped",
        "SELECT clock_step.handoff_id FROM clock_step JOIN clock USING (handoff_id)
         WHERE clock_step.taken_at < clock_step.due_at OR clock_step.taken_at > coalesce(clock.ended_at, clock_step.taken_at)
             OR clock_step.due_at < clock.started_at",
    )?;
    for (sla, allowed_ms, percents) in [
        ("Standard", 86_400_000, &[75, 100][..]),
        ("Re-engaged", 172_800_000, &[100]),
    ] {
        for percent in percents {
            check_step(db, now, sla, *percent, allowed_ms / 100 * percent)?;
        }
    }
    Ok(())
}

/// One step of one SLA: where the clock ran until then it was taken, and was due then.
fn check_step(db: &Connection, now: Timestamp, sla: &str, percent: i64, after_ms: i64) -> Result<()> {
    let mut wrong = db.prepare_cached(
        "SELECT clock.handoff_id, clock_step.due_at - clock.started_at FROM clock
         JOIN handoff ON handoff.id = clock.handoff_id
         LEFT JOIN clock_step ON clock_step.handoff_id = clock.handoff_id AND clock_step.at_percent = ?3
         WHERE handoff.sla = ?2 AND ((clock_step.step IS NOT NULL AND clock_step.due_at <> clock.started_at + ?4)
             OR (clock_step.step IS NULL AND coalesce(clock.ended_at, ?1) > clock.started_at + ?4))",
    )?;
    let mut wrong = wrong.query(params![now.ms(), sla, percent, after_ms])?;
    if let Some(row) = wrong.next()? {
        let (id, due): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        bail!("handoff {id}, {sla}: the step at {percent} % was due after {due:?} ms, not {after_ms}");
    }
    Ok(())
}

/// What the product counts is what it acknowledged, and what it acknowledged is there.
fn check_counts(db: &Connection, sent: Sent) -> Result<()> {
    let mut counter = db.prepare_cached("SELECT value FROM counter WHERE name = ?1")?;
    for (name, told) in [
        ("facts_accepted", sent.accepted),
        ("facts_duplicate", sent.duplicates),
        ("facts_refused", sent.refused),
    ] {
        let mut rows = counter.query([name])?;
        let counted: i64 = rows.next()?.map_or(Ok(0), |row| row.get(0))?;
        ensure!(
            u64::try_from(counted).ok() == Some(told),
            "{name} is {counted}, the simulation was told {told}"
        );
    }
    let mut kept = db.prepare_cached("SELECT count(*), count(DISTINCT message_id) FROM event")?;
    let (kept, distinct): (i64, i64) = kept.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    ensure!(
        kept == distinct && u64::try_from(kept).ok() == Some(sent.accepted),
        "{kept} facts are kept under {distinct} ids, {} were accepted",
        sent.accepted
    );
    Ok(())
}

fn check_messages(db: &Connection) -> Result<()> {
    none(
        db,
        "a handoff wasn't told of to every destination",
        "SELECT handoff.id FROM handoff CROSS JOIN destination LEFT JOIN outbox
             ON outbox.message_id = 'lead.qualified-' || handoff.id || '-' || destination.id
         WHERE destination.removed_at IS NULL AND destination.created_at < handoff.created_at AND outbox.id IS NULL",
    )?;
    for (told, of) in [
        (
            "lead.accepted",
            "SELECT count(*) FROM transition WHERE from_stage = 'mql' AND to_stage = 'sal' AND origin_id IS NOT NULL",
        ),
        (
            "lead.rejected",
            "SELECT count(*) FROM handoff WHERE state = 'rejected'",
        ),
        (
            "lead.expired",
            "SELECT count(*) FROM handoff WHERE state = 'expired'",
        ),
        (
            "lead.sql",
            "SELECT count(*) FROM transition WHERE from_stage = 'sal' AND to_stage = 'sql' AND origin_id IS NOT NULL",
        ),
        ("opportunity.opened", "SELECT count(*) FROM opportunity"),
        (
            "opportunity.won",
            "SELECT count(*) FROM opportunity WHERE state = 'won'",
        ),
        (
            "opportunity.lost",
            "SELECT count(*) FROM opportunity WHERE state = 'lost'",
        ),
    ] {
        let made: i64 = db.prepare_cached(of)?.query_row([], |row| row.get(0))?;
        let mut promised = db.prepare_cached("SELECT count(*) FROM outbox WHERE event_type = ?1")?;
        let promised: i64 = promised.query_row([told], |row| row.get(0))?;
        ensure!(
            made == promised,
            "{made} times there was something to tell by `{told}`, {promised} messages were promised"
        );
    }
    none(
        db,
        "a message is in no known state",
        "SELECT id FROM outbox WHERE state NOT IN ('waiting', 'delivered', 'dead')",
    )
}

/// The deals that were acknowledged are there as they were; each that ended is a fact, and no lead forgets one that is open.
fn check_deals(db: &Connection, deals: &BTreeMap<i64, &'static str>) -> Result<()> {
    let mut select = db.prepare_cached("SELECT state FROM opportunity WHERE id = ?1")?;
    for (id, state) in deals {
        let found: String = select.query_row([id], |row| row.get(0))?;
        ensure!(
            found == *state,
            "deal {id} was acknowledged as {state} and is {found}"
        );
    }
    none(
        db,
        "a deal that ended isn't one fact",
        "SELECT opportunity.id FROM opportunity WHERE (opportunity.state <> 'open') <>
             (SELECT count(*) FROM outcome WHERE outcome.opportunity = 'bellwether-' || opportunity.id
                 AND outcome.won = (opportunity.state = 'won'))",
    )?;
    none(
        db,
        "a deal is open and its lead isn't at it",
        "SELECT opportunity.id FROM opportunity JOIN lead ON lead.id = opportunity.lead_id
         WHERE opportunity.state = 'open' AND lead.stage NOT IN ('opportunity', 'customer')",
    )?;
    none(
        db,
        "a lead is at a deal that isn't there",
        "SELECT lead.id FROM lead WHERE lead.stage = 'opportunity' AND lead.merged_into IS NULL AND NOT EXISTS
             (SELECT 1 FROM opportunity WHERE opportunity.lead_id = lead.id AND opportunity.state = 'open')",
    )?;
    none(
        db,
        "sales qualified a lead on nothing",
        "SELECT transition.id FROM transition WHERE from_stage = 'sal' AND to_stage = 'sql'
             AND origin_id IS NOT NULL AND NOT EXISTS
             (SELECT 1 FROM bant WHERE bant.origin_id = transition.origin_id AND bant.at <= transition.at)",
    )
}

/// Nobody is written to who doesn't want it, nor more often than agreed; every track that runs goes on at its time.
pub(crate) fn check_nurture(db: &Connection, unsubscribed: &BTreeSet<String>) -> Result<()> {
    let mut there = db.prepare_cached("SELECT count(*) FROM unsubscribed WHERE address = ?1")?;
    for address in unsubscribed {
        let there: i64 = there.query_row([address], |row| row.get(0))?;
        ensure!(there == 1, "that {address} wants no more mail is forgotten");
    }
    none(
        db,
        "a nurture mail went to somebody who wants none",
        "SELECT mail.id FROM mail JOIN unsubscribed USING (address)
         WHERE mail.kind = 'nurture' AND mail.kept_back IS NULL AND mail.at > unsubscribed.at",
    )?;
    none(
        db,
        "more nurture mails went to an address in seven days than the agreement allows",
        "SELECT mail.id FROM mail WHERE mail.kind = 'nurture' AND mail.kept_back IS NULL AND 3 <
             (SELECT count(*) FROM mail AS other WHERE other.address = mail.address AND other.kind = 'nurture'
                 AND other.kept_back IS NULL AND other.at > mail.at - 604800000 AND other.at <= mail.at)",
    )?;
    none(
        db,
        "a step of a track was sent twice",
        "SELECT min(id) FROM mail WHERE nurture_id IS NOT NULL AND kept_back IS NULL
         GROUP BY nurture_id, step HAVING count(*) > 1",
    )?;
    none(
        db,
        "a track runs without its timer, or has one and doesn't run",
        "SELECT nurture.id FROM nurture
         LEFT JOIN timer ON timer.kind = 'nurture' AND timer.subject = nurture.id
         WHERE timer.at IS NOT CASE WHEN nurture.state = 'running' THEN nurture.next_at END",
    )?;
    none(
        db,
        "a lead is on two tracks",
        "SELECT lead_id FROM nurture WHERE state = 'running' GROUP BY lead_id HAVING count(*) > 1",
    )?;
    let sent = "SELECT count(*) FROM mail WHERE kept_back IS NULL";
    let sent: i64 = db.query_row(sent, [], |row| row.get(0))?;
    let promised = "SELECT count(*) FROM outbox WHERE event_type = 'message.send'";
    let promised: i64 = db.query_row(promised, [], |row| row.get(0))?;
    ensure!(
        sent == promised,
        "{sent} mails were written, {promised} were promised"
    );
    Ok(())
}

/// Some leads' scores, worked out anew from their whole history.
fn check_scores(world: &World, dice: &mut Dice) -> Result<()> {
    let db = &world.reader;
    let last: i64 = db.query_row("SELECT coalesce(max(id), 0) FROM lead", [], |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT id, fit, intent, scored_at FROM lead
         WHERE id >= ?1 AND merged_into IS NULL AND known_from IS NOT NULL ORDER BY id LIMIT 1",
    )?;
    for _ in 0..LEADS_FOLDED {
        let from = dice.between(1, last.max(1));
        let mut rows = select.query([from])?;
        let Some(row) = rows.next()? else { continue };
        let (id, fit, intent): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let at = Timestamp::from_ms_clamped(row.get(3)?);
        let detail = world.wait(world.app().lead(LeadId(id), at))?;
        let totals = detail
            .with_context(|| format!("lead {id} is gone"))?
            .ledger
            .totals;
        ensure!(
            (totals.fit.millis(), totals.intent.millis()) == (fit, intent),
            "lead {id} has fit {fit} and intent {intent}; its facts come to {} and {}",
            totals.fit.millis(),
            totals.intent.millis()
        );
    }
    Ok(())
}
