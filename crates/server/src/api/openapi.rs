//! `GET /api/v1/openapi.json`: the interface, described for machines. The same text is kept in `docs/openapi.json`.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    account, account_owner_put, agreement_get, agreement_put, agreement_replay, bant_put, counts, deliveries,
    deliveries_replay, delivery_replay, destination_put, destination_remove, destination_test, destinations,
    enricher_put, enricher_remove, enrichers, export, findings, handoff, handoff_accept, handoff_contact,
    handoff_pause, handoff_preview, handoff_reassign, handoff_reject, handoff_resume, handoff_routing,
    handoffs, holidays_get, holidays_put, import, import_create, imports, key_create, key_revoke, keys, lead,
    lead_disqualify, lead_events, lead_merge, lead_nurture, lead_override, lead_release, lead_sales_qualify,
    lead_unmerge, leads, member_put, member_remove, message_preview, moves, newly_qualified, nurture,
    nurture_counts, opportunities, opportunity, opportunity_close, opportunity_create, opportunity_patch,
    pair_dismiss, pairs, proposal, proposals, review, shadows, suspect_counts, suspect_hold, suspect_release,
    suspects, team_get, team_put, teams, time_off, time_off_create, time_off_delete, unsubscribe_get,
    unsubscribe_put, unsubscribe_remove, unsubscribes, user_create, user_patch, users, versions, webhook_put,
    what_if,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bellwether",
        description = "Leads, handoffs and the agreement behind them. Points are decimals with three places and times \
                       RFC 3339 in UTC, both as texts. Lists come in pages: give `next` as `cursor`. Errors are \
                       `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        leads::handler, lead::handler, lead_events::handler, lead_merge::handler, lead_unmerge::handler, pairs::handler,
        pair_dismiss::handler, lead_release::handler, suspects::handler, suspect_counts::handler,
        suspect_release::handler, suspect_hold::handler, handoffs::handler, handoff::handler,
        bant_put::handler, lead_sales_qualify::handler, lead_disqualify::handler, lead_override::handler,
        opportunity_create::handler, opportunities::handler, opportunity::handler, opportunity_patch::handler,
        opportunity_close::win, opportunity_close::lose, moves::preview, moves::deed, account::handler,
        handoff_routing::handler, handoff_reassign::handler, account_owner_put::handler, team_get::handler,
        team_put::handler, holidays_get::handler, holidays_put::handler, time_off::handler, time_off_create::handler,
        time_off_delete::handler, user_patch::handler,
        handoff_accept::handler, handoff_reject::handler, handoff_contact::handler, handoff_pause::handler, handoff_resume::handler, agreement_get::handler, agreement_put::handler,
        proposals::list, proposals::create, proposal::get, proposal::withdraw, proposal::replay, proposal::sign,
        proposal::publish, shadows::start, shadows::list, shadows::report, shadows::stop, versions::list, versions::get,
        versions::publish, newly_qualified::list, newly_qualified::counts, newly_qualified::confirm,
        newly_qualified::leave_out, what_if::handler, agreement_replay::handler,
    lead_nurture::handler, nurture::handler, nurture_counts::handler, review::handler, message_preview::handler, unsubscribes::handler, unsubscribe_get::handler, unsubscribe_put::handler, unsubscribe_remove::handler, findings::handler, counts::handler, webhook_put::handler, enrichers::handler, enricher_put::handler, destinations::handler, destination_put::handler, destination_remove::handler, destination_test::handler, deliveries::handler, delivery_replay::handler, deliveries_replay::handler, handoff_preview::handler,
        enricher_remove::handler, keys::handler, key_create::handler, key_revoke::handler,
        users::handler,
        import_create::handler, imports::handler, import::handler, export::handler,
        user_create::handler, member_put::handler, member_remove::handler, teams::handler,
    ),
    tags(
        (name = "leads", description = "Who they are, and every point behind their scores"),
        (name = "handoffs", description = "Whom sales was given, and what they answered"),
        (name = "nurture", description = "What is done for leads that marketing has, and who wants no more mail"),
        (name = "deals", description = "What sales found out, opened, won and lost, and moves of leads"),
        (name = "suspects", description = "What machines did, held apart until somebody says that it is real"),
        (name = "agreement", description = "What marketing and sales agreed"),
        (name = "people", description = "Who signs in, and on which teams they are"),
        (name = "imports", description = "What other systems know, and what this one does"),
        (name = "operation", description = "Keys, destinations, enrichers, counts and warnings"),
    ),
    modifiers(&AdminKey),
    security(("admin_key" = [])),
)]
struct Interface;

struct AdminKey;

impl Modify for AdminKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An admin key, `bw_admin_…`"))
            .build();
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("admin_key", SecurityScheme::Http(bearer));
    }
}

/// The description as pretty JSON with a line feed at the end.
pub fn openapi_json() -> String {
    let mut text = Interface::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The description.
pub(crate) async fn handler() -> Response {
    ([(CONTENT_TYPE, "application/json")], openapi_json()).into_response()
}
