//! The quarterly review as one page that needs nothing else: no server, no script, no network. It can be mailed, kept, and
//! printed.

mod noticed;

use askama::Template;
use bellwether_app::{Funnel, PeriodFigures, Promises, Review, RuleFigures, RuleSide, RuleWorth, ToSign};
use bellwether_core::domain::{Period, Points, Timestamp};
use bellwether_replay::statistics::{INTERVALS, Millionths, Rate};
use serde_json::{Value, json};

pub use noticed::{Notice, notices};

/// A share of leads that is as it should be: between these two.
#[derive(Debug, Clone, Copy)]
struct Band {
    low: Millionths,
    high: Millionths,
}

/// The share of leads that qualify.
const QUALIFIED: Band = Band {
    low: Millionths(150_000),
    high: Millionths(250_000),
};
/// Of answered handoffs, the share that sales qualify.
const MQL_TO_SQL: Band = Band {
    low: Millionths(130_000),
    high: Millionths(270_000),
};
/// Of answered handoffs, the share that sales accept is to be no less than this.
const ACCEPTED_MIN: Millionths = Millionths(300_000);
/// Of answered handoffs, the share that sales reject is to be no more than this.
const REJECTED_MAX: Millionths = Millionths(600_000);

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage<'r> {
    review: &'r Review,
    notices: Vec<Notice>,
    steps: Vec<Step>,
    rejections: Vec<Bar<'r>>,
    promises: Vec<Line>,
    rules: Vec<RuleRow<'r>>,
    never: Vec<&'r str>,
    proposals: Vec<ProposalRow<'r>>,
    /// Where proposals are signed; nothing where the page is read apart from the server.
    changes: Option<&'r str>,
    active_since: String,
    due: Option<String>,
    at: String,
    intervals: &'static str,
}

/// A step of the funnel in both quarters.
struct Step {
    name: &'static str,
    now: Share,
    before: Share,
    /// In words, where the two can't be told apart by luck.
    change: &'static str,
    aim: &'static str,
}

/// A share as it is shown.
struct Share {
    text: String,
    interval: String,
    of: String,
    /// In thousandths of the whole, for its bar.
    width: u64,
}

struct Bar<'r> {
    name: &'r str,
    now: u64,
    before: u64,
    width: u64,
}

struct Line {
    name: &'static str,
    now: String,
    before: String,
}

struct RuleRow<'r> {
    rule: &'r str,
    side: &'static str,
    leads: u64,
    leads_before: u64,
    handoffs: u64,
    accepted: Share,
    accepted_before: Share,
    won: u64,
    change: &'static str,
}

struct ProposalRow<'r> {
    id: i64,
    note: Option<&'r str>,
    by: &'r str,
    at: String,
    signed: Vec<String>,
    missing: String,
    /// The version that it was made on, where another one is active by now.
    outdated: Option<u32>,
}

/// The review as a page of HTML. `changes` is where proposals are signed, for a page that a server shows.
pub fn review_page(review: &Review, changes: Option<&str>) -> Result<String, askama::Error> {
    let (now, before) = (&review.now, &review.before);
    let rules = review.rules.iter();
    let page = ReviewPage {
        review,
        notices: notices(review),
        steps: steps(now, before),
        rejections: rejections(now, before),
        promises: promises(&now.promises, &before.promises),
        never: rules
            .clone()
            .filter(|rule| rule.now.leads == 0)
            .map(|rule| rule.rule.as_str())
            .collect(),
        rules: rules.map(rule_row).collect(),
        proposals: review
            .proposals
            .iter()
            .map(|one| proposal_row(one, review.version))
            .collect(),
        changes,
        active_since: day(review.active_since),
        due: review.review_due.map(day),
        at: day(review.at),
        intervals: INTERVALS,
    };
    page.render()
}

/// The review as JSON.
pub fn review_json(review: &Review) -> Value {
    json!({
        "agreement": { "name": review.agreement, "version": review.version, "active_since": review.active_since.to_string() },
        "review_due": review.review_due.map(|due| due.to_string()),
        "timezone": review.timezone,
        "at": review.at.to_string(),
        "noticed": notices(review).iter().map(|notice| json!({ "kind": notice.kind, "text": notice.text, "sure": notice.sure })).collect::<Vec<_>>(),
        "now": period_json(&review.now),
        "before": period_json(&review.before),
        "rules": review.rules.iter().map(|rule| json!({
            "rule": rule.rule,
            "side": side(rule.side),
            "points_max": rule.points_max.map(Points::short),
            "now": worth_json(&rule.now),
            "before": worth_json(&rule.before),
        })).collect::<Vec<_>>(),
        "proposals": review.proposals.iter().map(proposal_json).collect::<Vec<_>>(),
        "intervals": INTERVALS,
    })
}

fn proposal_json(one: &ToSign) -> Value {
    json!({
        "id": one.id.0,
        "note": one.note,
        "proposed_at": one.at.to_string(),
        "proposed_by": one.by,
        "based_on": one.based_on,
        "signed": one.signed.iter().map(|(department, name, at)| json!({
            "department": department.as_str(), "by": name, "at": at.to_string(),
        })).collect::<Vec<_>>(),
        "missing": one.missing.iter().map(|department| department.as_str()).collect::<Vec<_>>(),
    })
}

fn period_json(figures: &PeriodFigures) -> Value {
    let funnel = &figures.handoffs;
    let promises = &figures.promises;
    json!({
        "quarter": figures.name,
        "complete": figures.complete,
        "leads": figures.leads,
        "qualified": Rate::new(figures.qualified, figures.leads),
        "handoffs": {
            "made": funnel.made, "accepted": funnel.accepted, "rejected": funnel.rejected, "expired": funnel.expired,
            "waiting": funnel.waiting, "sql": funnel.sql, "deals": funnel.deals, "won": funnel.won,
        },
        "accepted_of_answered": accepted(funnel),
        "rejected_of_answered": rejected(funnel),
        "sql_of_answered": qualified_by_sales(funnel),
        "rejections": figures.rejections.iter().map(|(reason, count)| json!({ "reason": reason, "count": count })).collect::<Vec<_>>(),
        "first_contact": {
            "promised": promises.made, "kept": promises.kept, "broken": promises.broken,
            "answered_without": promises.answered, "running": promises.running,
            "median_working_ms": promises.median.map(Period::ms),
        },
    })
}

fn worth_json(worth: &RuleWorth) -> Value {
    json!({
        "leads": worth.leads, "handoffs": worth.handoffs, "accepted": worth.accepted, "rejected": worth.rejected,
        "won": worth.won,
    })
}

/// Of those that sales answered, or let pass, the share that it accepted.
fn accepted(funnel: &Funnel) -> Rate {
    Rate::new(
        funnel.accepted,
        funnel.accepted + funnel.rejected + funnel.expired,
    )
}

fn rejected(funnel: &Funnel) -> Rate {
    Rate::new(
        funnel.rejected,
        funnel.accepted + funnel.rejected + funnel.expired,
    )
}

/// Of the same, the share that sales qualified: those that wait say nothing yet.
fn qualified_by_sales(funnel: &Funnel) -> Rate {
    Rate::new(funnel.sql, funnel.accepted + funnel.rejected + funnel.expired)
}

fn steps(now: &PeriodFigures, before: &PeriodFigures) -> Vec<Step> {
    let step = |name, aim, of: &dyn Fn(&PeriodFigures) -> Rate| {
        let (now, before) = (of(now), of(before));
        Step {
            name,
            change: change(now, before),
            now: share(now),
            before: share(before),
            aim,
        }
    };
    vec![
        step("Leads that qualified", "15 to 25 %", &|figures| {
            Rate::new(figures.qualified, figures.leads)
        }),
        step(
            "Answered handoffs that sales accepted",
            "30 % or more",
            &|figures| accepted(&figures.handoffs),
        ),
        step(
            "Answered handoffs that sales rejected",
            "60 % or less",
            &|figures| rejected(&figures.handoffs),
        ),
        step("Answered handoffs that became SQL", "13 to 27 %", &|figures| {
            qualified_by_sales(&figures.handoffs)
        }),
        step("SQLs with a deal", "", &|figures| {
            Rate::new(figures.handoffs.deals, figures.handoffs.sql)
        }),
        step("Deals that were won", "", &|figures| {
            Rate::new(figures.handoffs.won, figures.handoffs.deals)
        }),
    ]
}

/// What to say of a rate beside an earlier one: something only where it is more than luck.
fn change(now: Rate, before: Rate) -> &'static str {
    match (now.is_apart_from(&before), now.rate > before.rate) {
        (false, _) => "",
        (true, true) => "up",
        (true, false) => "down",
    }
}

fn share(rate: Rate) -> Share {
    Share {
        text: rate.rate.map_or_else(|| "–".to_owned(), percent),
        interval: rate.low.zip(rate.high).map_or_else(String::new, |(low, high)| {
            format!("{} to {}", percent(low), percent(high))
        }),
        of: format!("{} of {}", rate.hits, rate.of),
        width: rate.rate.map_or(0, |rate| (rate.0 / 1_000).min(1_000)),
    }
}

/// `23.4 %`.
pub(crate) fn percent(share: Millionths) -> String {
    let tenths = (share.0 + 500) / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn rejections<'r>(now: &'r PeriodFigures, before: &'r PeriodFigures) -> Vec<Bar<'r>> {
    let count = |figures: &PeriodFigures, reason: &str| {
        let found = figures.rejections.iter().find(|(name, _)| name == reason);
        found.map_or(0, |(_, count)| *count)
    };
    let gone = before
        .rejections
        .iter()
        .filter(|(reason, _)| count(now, reason) == 0);
    let most = now.rejections.first().map_or(1, |(_, count)| (*count).max(1));
    now.rejections
        .iter()
        .chain(gone)
        .map(|(reason, _)| Bar {
            name: reason,
            now: count(now, reason),
            before: count(before, reason),
            width: count(now, reason) * 1_000 / most,
        })
        .collect()
}

fn promises(now: &Promises, before: &Promises) -> Vec<Line> {
    let line = |name, of: &dyn Fn(&Promises) -> String| Line {
        name,
        now: of(now),
        before: of(before),
    };
    let kept = |promises: &Promises| {
        let share = share(Rate::new(promises.kept, promises.kept + promises.broken));
        format!("{} ({})", share.text, share.of)
    };
    vec![
        line("Kept, of those that are decided", &kept),
        line("Broken", &|promises| promises.broken.to_string()),
        line("Answered in time, without a contact on record", &|promises| {
            promises.answered.to_string()
        }),
        line("Still running", &|promises| promises.running.to_string()),
        line("Time to first contact, the middle one", &|promises| {
            promises.median.map_or_else(|| "–".to_owned(), Period::in_words)
        }),
    ]
}

fn rule_row(figures: &RuleFigures) -> RuleRow<'_> {
    let accepted = |worth: &RuleWorth| Rate::new(worth.accepted, worth.accepted + worth.rejected);
    let (now, before) = (accepted(&figures.now), accepted(&figures.before));
    RuleRow {
        rule: &figures.rule,
        side: side(figures.side),
        leads: figures.now.leads,
        leads_before: figures.before.leads,
        handoffs: figures.now.handoffs,
        change: change(now, before),
        accepted: share(now),
        accepted_before: share(before),
        won: figures.now.won,
    }
}

fn proposal_row(one: &ToSign, active: u32) -> ProposalRow<'_> {
    let missing: Vec<&str> = one.missing.iter().map(|department| department.as_str()).collect();
    let signed = one.signed.iter();
    ProposalRow {
        id: one.id.0,
        note: one.note.as_deref(),
        by: &one.by,
        at: day(one.at),
        signed: signed
            .map(|(department, name, at)| format!("{name} for {}, {}", department.as_str(), day(*at)))
            .collect(),
        missing: missing.join(" and "),
        outdated: Some(one.based_on).filter(|version| *version != active),
    }
}

const fn side(side: RuleSide) -> &'static str {
    match side {
        RuleSide::Fit => "fit",
        RuleSide::Intent => "intent",
    }
}

/// The day of an instant, in UTC.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
