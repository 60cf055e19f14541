//! What sales works on: the leads that it accepted, and the deals that are open, those that close first first.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use bellwether_app::{Deal, DealQuery, DealState, DealTotal, LeadQuery, LeadSort, LeadSummary, UserId};
use bellwether_core::domain::{Points, Stage};
use serde::Deserialize;

use super::inbox::{name, role};
use super::lead::stage_in_words;
use super::page::{Failure, Frame, page};
use super::session::SignedIn;
use super::times::{Moment, Viewpoint};
use crate::edge::Edge;

/// How many deals, and how many leads of each stage, the page shows.
const ROWS_MAX: u32 = 50;

/// Whose deals.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    whose: Option<String>,
    cursor: Option<String>,
}

#[derive(Template)]
#[template(path = "deals.html")]
struct DealsPage {
    frame: Frame,
    all: bool,
    summary: String,
    totals: Vec<Total>,
    rows: Vec<Row>,
    next: Option<String>,
    leads: Vec<AtWork>,
    more_leads: bool,
}

struct Total {
    deals: String,
    worth: String,
}

struct Row {
    lead: i64,
    who: String,
    name: String,
    worth: String,
    close_on: String,
    late: bool,
    sales_stage: String,
    owner: String,
    account: String,
}

/// A lead that was accepted and has no deal yet.
struct AtWork {
    lead: i64,
    name: String,
    role: String,
    stage: &'static str,
    owner: String,
    seen: Moment,
}

/// `GET /deals`.
pub(super) async fn handler(
    State(edge): State<Edge>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let all = asked.whose.as_deref() == Some("all");
    let owner = (!all).then_some(signed_in.user.id);
    let query = DealQuery {
        owner,
        state: Some(DealState::Open),
        cursor: asked.cursor.clone(),
        limit: ROWS_MAX,
        ..DealQuery::default()
    };
    let totals = edge.app().deal_totals(query.clone()).await?;
    let deals = edge.app().deals(query).await?;
    let (mut leads, mut more_leads) = (Vec::new(), false);
    for stage in [Stage::Sal, Stage::Sql] {
        let found = edge.app().leads(at_stage(stage, owner)).await?;
        more_leads |= found.next.is_some();
        leads.extend(found.items);
    }
    let agreement = edge.app().active_agreement().await?;
    let view = Viewpoint::new(edge.now(), &agreement.engine.agreement().timezone);
    let today = edge.now().to_string();
    let today = today.get(..10).unwrap_or_default();
    let rows: Vec<Row> = deals.items.into_iter().map(|deal| row(deal, today)).collect();
    let shown = DealsPage {
        frame: Frame::of(&signed_in, "deals"),
        all,
        summary: summary(&totals, leads.len()),
        totals: totals.into_iter().map(total).collect(),
        rows,
        next: deals.next.map(|cursor| {
            let whose = if all { "whose=all&" } else { "" };
            format!("/deals?{whose}cursor={cursor}")
        }),
        leads: leads.into_iter().map(|lead| at_work(lead, &view)).collect(),
        more_leads,
    };
    Ok(page(StatusCode::OK, &shown))
}

fn at_stage(stage: Stage, owner: Option<UserId>) -> LeadQuery {
    LeadQuery {
        sort: LeadSort::LastSeen,
        stage: Some(stage),
        owner,
        limit: ROWS_MAX,
        ..LeadQuery::default()
    }
}

fn summary(totals: &[DealTotal], leads: usize) -> String {
    let deals: u64 = totals.iter().map(|total| total.deals).sum();
    let deals = match deals {
        0 => "No deal is open".to_owned(),
        1 => "1 deal is open".to_owned(),
        deals => format!("{deals} deals are open"),
    };
    match leads {
        0 => format!("{deals}."),
        1 => format!("{deals}; 1 accepted lead has none yet."),
        leads => format!("{deals}; {leads} accepted leads have none yet."),
    }
}

fn total(total: DealTotal) -> Total {
    let deals = match total.deals {
        1 => "1 deal".to_owned(),
        deals => format!("{deals} deals"),
    };
    let worth = match total.currency {
        Some(currency) => format!("{} {currency}", Points::from_millis(total.thousandths).short()),
        None => "worth not said".to_owned(),
    };
    Total { deals, worth }
}

fn row(deal: Deal, today: &str) -> Row {
    let close_on = deal.close_on.unwrap_or_default();
    Row {
        lead: deal.lead.0,
        who: name(deal.lead_name.as_deref(), deal.lead_email.as_deref(), deal.lead.0),
        name: deal.name,
        worth: deal.money.map_or_else(String::new, |money| money.to_string()),
        late: !close_on.is_empty() && close_on.as_str() < today,
        close_on,
        sales_stage: deal.sales_stage.unwrap_or_default(),
        owner: deal.owner_name.unwrap_or_else(|| "nobody".to_owned()),
        account: deal.account.map_or_else(String::new, |(_, name)| name),
    }
}

fn at_work(lead: LeadSummary, view: &Viewpoint) -> AtWork {
    AtWork {
        lead: lead.id.0,
        name: name(lead.name.as_deref(), lead.email.as_deref(), lead.id.0),
        role: role(
            lead.title.as_deref(),
            lead.company.as_deref(),
            lead.email.as_deref(),
        ),
        stage: stage_in_words(lead.stage),
        owner: lead.owner.map_or_else(|| "nobody".to_owned(), |owner| owner.name),
        seen: view.moment(lead.last_seen),
    }
}
