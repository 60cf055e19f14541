//! The REST interface under `/api/v1`: one endpoint a file, JSON in and out, problems as `application/problem+json`,
//! admin keys as bearers. Cookies mean nothing here.

mod account;
mod account_owner_put;
mod agreement_get;
mod agreement_put;
mod agreement_replay;
mod agreement_text;
mod bant_put;
mod clock;
mod counts;
mod deliveries;
mod deliveries_replay;
mod delivery_replay;
mod destination_put;
mod destination_remove;
mod destination_test;
mod destinations;
mod enricher_put;
mod enricher_remove;
mod enrichers;
mod export;
mod extract;
mod findings;
mod handoff;
mod handoff_accept;
mod handoff_contact;
mod handoff_pause;
mod handoff_preview;
mod handoff_reassign;
mod handoff_reject;
mod handoff_resume;
mod handoff_routing;
mod handoffs;
mod health;
mod holidays_get;
mod holidays_put;
mod import;
mod import_create;
mod imports;
mod key_create;
mod key_revoke;
mod keys;
mod lead;
mod lead_disqualify;
mod lead_events;
mod lead_merge;
mod lead_nurture;
mod lead_override;
mod lead_release;
mod lead_sales_qualify;
mod lead_unmerge;
mod leads;
mod member_put;
mod member_remove;
mod merged;
mod message_preview;
mod moves;
mod newly_qualified;
mod nurture;
mod nurture_counts;
mod openapi;
mod opportunities;
mod opportunity;
mod opportunity_close;
mod opportunity_create;
mod opportunity_patch;
mod pair_dismiss;
mod pairs;
mod proposal;
mod proposals;
mod review;
mod shadows;
mod suspect_counts;
mod suspect_hold;
mod suspect_release;
mod suspects;
mod team_get;
mod team_put;
mod teams;
mod time_off;
mod time_off_create;
mod time_off_delete;
mod unsubscribe_get;
mod unsubscribe_put;
mod unsubscribe_remove;
mod unsubscribes;
mod user_create;
mod user_patch;
mod users;
mod versions;
mod webhook_put;
mod what_if;
mod wire;
mod wire_agreement;
mod wire_deals;
mod wire_figures;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri, Request};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use bellwether_app::PAGE_ITEMS_MAX;

pub use self::openapi::openapi_json;
pub(crate) use self::proposals::replay_beside;
use crate::edge::Edge;
use crate::limits::{API_BODY_BYTES_MAX, REQUEST_TIMEOUT};
use crate::problem::Problem;

/// Every route of the REST interface, and of health.
pub(crate) fn routes() -> Router<Edge> {
    let api = Router::new()
        .merge(leads_and_facts())
        .merge(handoffs_and_deals())
        .merge(agreement())
        .merge(settings())
        .merge(messages())
        .route("/openapi.json", get(openapi::handler))
        .fallback(async |OriginalUri(uri): OriginalUri| Problem::no_such_path(uri.path()))
        .method_not_allowed_fallback(async || Problem::no_such_method())
        .layer(DefaultBodyLimit::max(API_BODY_BYTES_MAX))
        .layer(axum::middleware::from_fn(in_time));
    // Files come and go as fast as they can.
    let files = Router::new()
        .route(
            "/imports",
            get(imports::handler)
                .post(import_create::handler)
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/imports/{id}", get(import::handler))
        .route("/exports/{kind}", get(export::handler))
        .route(
            "/agreement/replay",
            post(agreement_replay::handler).layer(DefaultBodyLimit::max(API_BODY_BYTES_MAX)),
        )
        .route(
            "/agreement/what-if",
            post(what_if::handler).layer(DefaultBodyLimit::max(API_BODY_BYTES_MAX)),
        )
        .layer(axum::middleware::map_response(uncached));
    let api = api.merge(files);
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
}

/// Who leads are, what they did, and what marketing does for them.
fn leads_and_facts() -> Router<Edge> {
    Router::new()
        .route("/leads", get(leads::handler))
        .route("/leads/{id}", get(lead::handler))
        .route("/leads/{id}/events", get(lead_events::handler))
        .route("/leads/{id}/merge", post(lead_merge::handler))
        .route("/leads/{id}/unmerge", post(lead_unmerge::handler))
        .route("/leads/{id}/nurture", get(lead_nurture::handler))
        .route("/nurture", get(nurture::handler))
        .route("/nurture/counts", get(nurture_counts::handler))
        .route("/review", get(review::handler))
        .route("/messages/{name}/preview", get(message_preview::handler))
        .route("/unsubscribes", get(unsubscribes::handler))
        .route(
            "/unsubscribes/{address}",
            get(unsubscribe_get::handler)
                .put(unsubscribe_put::handler)
                .delete(unsubscribe_remove::handler),
        )
        .route("/pairs", get(pairs::handler))
        .route("/pairs/dismiss", post(pair_dismiss::handler))
        .route("/leads/{id}/release", post(lead_release::handler))
        .route("/suspects", get(suspects::handler))
        .route("/suspects/counts", get(suspect_counts::handler))
        .route(
            "/suspects/{id}/release",
            post(suspect_release::handler).delete(suspect_hold::handler),
        )
}

/// What sales does with leads.
fn handoffs_and_deals() -> Router<Edge> {
    Router::new()
        .route("/leads/{id}/bant", put(bant_put::handler))
        .route("/leads/{id}/sales-qualify", post(lead_sales_qualify::handler))
        .route("/leads/{id}/disqualify", post(lead_disqualify::handler))
        .route("/leads/{id}/override", post(lead_override::handler))
        .route("/leads/{id}/opportunities", post(opportunity_create::handler))
        .route("/opportunities", get(opportunities::handler))
        .route(
            "/opportunities/{id}",
            get(opportunity::handler).patch(opportunity_patch::handler),
        )
        .route("/opportunities/{id}/win", post(opportunity_close::win))
        .route("/opportunities/{id}/lose", post(opportunity_close::lose))
        .route("/moves", post(moves::deed))
        .route("/moves/preview", post(moves::preview))
        .route("/accounts/{id}", get(account::handler))
        .route("/handoffs", get(handoffs::handler))
        .route("/handoffs/{id}", get(handoff::handler))
        .route("/handoffs/{id}/accept", post(handoff_accept::handler))
        .route("/handoffs/{id}/reject", post(handoff_reject::handler))
        .route("/handoffs/{id}/contact", post(handoff_contact::handler))
        .route("/handoffs/{id}/pause", post(handoff_pause::handler))
        .route("/handoffs/{id}/resume", post(handoff_resume::handler))
        .route("/handoffs/{id}/routing", get(handoff_routing::handler))
        .route("/handoffs/{id}/reassign", post(handoff_reassign::handler))
        .route("/accounts/{id}/owner", put(account_owner_put::handler))
}

/// What marketing and sales agreed: its versions, and what is to become one.
fn agreement() -> Router<Edge> {
    Router::new()
        .route(
            "/agreement",
            get(agreement_get::handler).put(agreement_put::handler),
        )
        .route(
            "/agreement/proposals",
            get(proposals::list).post(proposals::create),
        )
        .route(
            "/agreement/proposals/{id}",
            get(proposal::get).delete(proposal::withdraw),
        )
        .route("/agreement/proposals/{id}/replay", post(proposal::replay))
        .route("/agreement/proposals/{id}/sign", post(proposal::sign))
        .route("/agreement/proposals/{id}/publish", post(proposal::publish))
        .route("/agreement/proposals/{id}/shadow", post(shadows::start))
        .route("/agreement/shadows", get(shadows::list))
        .route(
            "/agreement/shadows/{id}",
            get(shadows::report).delete(shadows::stop),
        )
        .route("/agreement/versions", get(versions::list))
        .route("/agreement/versions/{id}", get(versions::get))
        .route("/agreement/versions/{id}/publish", post(versions::publish))
        .route("/agreement/newly-qualified/counts", get(newly_qualified::counts))
        .route(
            "/agreement/versions/{id}/newly-qualified",
            get(newly_qualified::list),
        )
        .route("/agreement/versions/{id}/confirm", post(newly_qualified::confirm))
        .route(
            "/agreement/versions/{id}/leave-out",
            post(newly_qualified::leave_out),
        )
}

/// What the product goes by, and who works with it.
fn settings() -> Router<Edge> {
    Router::new()
        .route("/findings", get(findings::handler))
        .route("/counts", get(counts::handler))
        .route("/webhook", put(webhook_put::handler))
        .route("/enrichers", get(enrichers::handler).put(enricher_put::handler))
        .route("/enrichers/{name}", delete(enricher_remove::handler))
        .route("/keys", get(keys::handler).post(key_create::handler))
        .route("/keys/{id}", delete(key_revoke::handler))
        .route("/users", get(users::handler).post(user_create::handler))
        .route("/users/{id}", patch(user_patch::handler))
        .route(
            "/users/{id}/time-off",
            get(time_off::handler).post(time_off_create::handler),
        )
        .route("/users/{id}/time-off/{number}", delete(time_off_delete::handler))
        .route("/teams", get(teams::handler))
        .route("/teams/{team}", get(team_get::handler).put(team_put::handler))
        .route(
            "/holidays/{calendar}",
            get(holidays_get::handler).put(holidays_put::handler),
        )
        .route(
            "/teams/{team}/members/{user}",
            put(member_put::handler).delete(member_remove::handler),
        )
}

/// Where messages go, and what became of them.
fn messages() -> Router<Edge> {
    Router::new()
        .route(
            "/destinations",
            get(destinations::handler).put(destination_put::handler),
        )
        .route("/destinations/{name}", delete(destination_remove::handler))
        .route("/destinations/{name}/test", post(destination_test::handler))
        .route("/deliveries", get(deliveries::handler))
        .route("/deliveries/replay", post(deliveries_replay::handler))
        .route("/deliveries/{id}/replay", post(delivery_replay::handler))
        .route("/handoffs/{id}/preview", get(handoff_preview::handler))
}

/// Bounds how long an answer takes, and keeps it out of caches.
async fn in_time(request: Request, next: Next) -> Response {
    let response = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::unavailable().into_response());
    uncached(response).await
}

/// Keeps an answer out of caches.
async fn uncached(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// How many items a page is to hold; 0 where nothing was said.
fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(0),
        Some(limit) if (1..=PAGE_ITEMS_MAX).contains(&limit) => Ok(limit),
        Some(limit) => Err(Problem::invalid(format!(
            "`limit` is {limit}; use 1 to {PAGE_ITEMS_MAX}"
        ))),
    }
}
