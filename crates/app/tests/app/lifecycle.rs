//! Every stage by every move, made through the use cases: what the table allows is done whole, and what it refuses changes
//! nothing.

use bellwether_app::{
    Actor, AppError, BulkMove, BulkQuery, HandoffState, LeadDetail, LeadId, NewDeal, UserId,
};
use bellwether_core::deal::{Answer, Answered, Bant, Question};
use bellwether_core::domain::Stage;
use bellwether_core::lifecycle::{self, Move};

use crate::support::{MINUTE_MS, START_MS, World, identify, keys, track};

pub(crate) const ANN: Actor = Actor::User(UserId(1));

pub(crate) fn bant() -> Bant {
    let mut bant = Bant::default();
    for question in Question::ALL {
        let answered = Answered {
            answer: Answer::Yes,
            note: None,
        };
        bant.record(question, answered);
    }
    bant
}

pub(crate) fn deal(name: &str) -> NewDeal {
    NewDeal {
        name: name.to_owned(),
        money: None,
        close_on: None,
        sales_stage: None,
        owner: None,
    }
}

/// A lead that came to a stage as leads do.
pub(crate) async fn reach(world: &World, name: &str, stage: Stage) -> LeadId {
    let app = &world.app;
    if stage == Stage::Visitor {
        let visitor = keys(name, "", "");
        let facts = vec![track(&format!("{name}-v"), START_MS, visitor, "Looked Around")];
        world.accept(START_MS, facts).await;
        return world.lead_of("anonymous_id", name).await;
    }
    let who = keys("", name, "");
    let mut facts = vec![identify(
        &format!("{name}-i"),
        START_MS,
        who.clone(),
        &[("title", "VP")],
    )];
    if !matches!(stage, Stage::Lead | Stage::Disqualified) {
        facts.push(track(&format!("{name}-d"), START_MS, who, "Demo Requested"));
    }
    world.accept(START_MS, facts).await;
    let lead = world.lead_of("user_id", name).await;
    if stage == Stage::Disqualified {
        app.disqualify(lead, "a student".to_owned(), ANN).await.unwrap();
    }
    let handoff = world
        .detail(lead)
        .await
        .handoffs
        .first()
        .map(|handoff| handoff.id);
    let Some(handoff) = handoff else { return lead };
    match stage {
        Stage::Mql => return lead,
        Stage::Recycled => {
            let reason = "No budget".to_owned();
            app.reject_handoff(handoff, reason, None, ANN).await.unwrap();
            return lead;
        }
        _ => {}
    }
    app.accept_handoff(handoff, ANN).await.unwrap();
    if stage != Stage::Sal {
        app.sales_qualify(lead, bant(), ANN).await.unwrap();
    }
    if matches!(stage, Stage::Opportunity | Stage::Customer) {
        let opened = app.open_deal(lead, deal("First"), ANN).await.unwrap();
        if stage == Stage::Customer {
            app.win_deal(opened.id, None, None, ANN).await.unwrap();
        }
    }
    lead
}

fn one(by: BulkMove, lead: LeadId) -> BulkQuery {
    BulkQuery {
        by,
        reason: "No budget".to_owned(),
        leads: vec![lead],
        stage: None,
        owner: None,
        account: None,
        search: None,
    }
}

/// Makes a move of one lead by way of the preview; gives what the preview said, and what came of it.
async fn bulk(world: &World, by: BulkMove, lead: LeadId) -> Result<Stage, String> {
    let preview = world
        .app
        .preview_moves(one(by, lead), Actor::Console)
        .await
        .unwrap();
    let moved = world
        .app
        .move_leads(one(by, lead), preview.token.clone(), Actor::Console)
        .await
        .unwrap();
    assert_eq!(moved.leads, preview.leads, "the deed is what the preview showed");
    moved.leads[0].to.clone()
}

/// Makes a move of people; nothing where nobody can ask for it.
async fn make(world: &World, lead: LeadId, by: Move) -> Option<Result<(), String>> {
    let app = &world.app;
    let refused = |result: Result<(), AppError>| {
        result.map_err(|error| {
            assert!(matches!(error, AppError::Refused { .. }), "{error:?}");
            error.to_string()
        })
    };
    let reason = || "because".to_owned();
    Some(match by {
        Move::Accept => bulk(world, BulkMove::Accept, lead).await.map(drop),
        Move::Reject => bulk(world, BulkMove::Reject, lead).await.map(drop),
        Move::SalesQualify => refused(app.sales_qualify(lead, bant(), ANN).await),
        Move::OpenOpportunity => refused(app.open_deal(lead, deal("Another"), ANN).await.map(drop)),
        Move::Disqualify => refused(app.disqualify(lead, reason(), Actor::Console).await),
        Move::Override(to) => refused(app.override_stage(lead, to, None, reason(), Actor::Console).await),
        Move::Win | Move::Lose => {
            let open = world
                .detail(lead)
                .await
                .deals
                .into_iter()
                .find(|deal| deal.closed_at.is_none());
            let open = open?.id;
            let closed = match by {
                Move::Win => app.win_deal(open, None, None, ANN).await,
                _ => app.lose_deal(open, reason(), None, ANN).await,
            };
            refused(closed.map(drop))
        }
        Move::BecomeKnown | Move::Qualify | Move::Expire => return None,
    })
}

/// All that a move could change, in words.
fn all_of(detail: &LeadDetail) -> String {
    let handoffs: Vec<_> = detail.handoffs.iter().map(|handoff| handoff.state).collect();
    format!(
        "{:?} cycle {} owner {:?} {handoffs:?} {:?} {:?} {:?}",
        detail.summary.stage,
        detail.summary.cycle,
        detail.summary.owner,
        detail.transitions.len(),
        detail.deals,
        detail.bant,
    )
}

/// What holds of every lead: its handoff is as its stage says, and deals are open only with those who may buy.
fn consistent(detail: &LeadDetail) {
    let stage = detail.summary.stage;
    let all = all_of(detail);
    for handoff in &detail.handoffs {
        let past = handoff.cycle < detail.summary.cycle;
        match handoff.state {
            HandoffState::Open => assert!(!past && stage == Stage::Mql, "{all}"),
            HandoffState::Accepted => assert!(
                !past
                    && matches!(
                        stage,
                        Stage::Sal | Stage::Sql | Stage::Opportunity | Stage::Customer
                    ),
                "{all}"
            ),
            _ => assert!(past, "{all}"),
        }
    }
    let open = detail.deals.iter().any(|deal| deal.closed_at.is_none());
    assert!(
        !open || matches!(stage, Stage::Opportunity | Stage::Customer),
        "{all}"
    );
    if matches!(stage, Stage::Recycled | Stage::Lead | Stage::Disqualified) {
        assert_eq!(detail.summary.owner, None, "{all}");
    }
    let last = detail.transitions.last().map(|moved| moved.to);
    assert_eq!(last.unwrap_or(Stage::Visitor), stage, "{all}");
}

#[tokio::test]
async fn every_stage_by_every_move_through_the_use_cases() {
    let world = World::new();
    world.sales(&["ann"]).await;
    let mut made = 0;
    for stage in Stage::ALL {
        for (index, by) in Move::ALL.into_iter().enumerate() {
            let lead = reach(&world, &format!("{stage}-{index}"), stage).await;
            let before = world.detail(lead).await;
            assert_eq!(before.summary.stage, stage);
            let Some(outcome) = make(&world, lead, by).await else {
                continue;
            };
            let after = world.detail(lead).await;
            let table = lifecycle::next(stage, by);
            let deal_in_the_way = stage == Stage::Opportunity
                && matches!(by, Move::Override(to) if !matches!(to, Stage::Opportunity | Stage::Customer));
            match (outcome, table) {
                (Err(message), Ok(_)) if deal_in_the_way => {
                    assert!(
                        message.ends_with("1 deal is open; win or lose what is open first"),
                        "{message}"
                    );
                    assert_eq!(all_of(&after), all_of(&before), "{stage} by {by}");
                }
                (Ok(()), Ok(to)) => {
                    assert_eq!(after.summary.stage, to, "{stage} by {by}");
                    assert_eq!(after.transitions.len(), before.transitions.len() + 1);
                }
                (Err(message), Err(refused)) => {
                    assert_eq!(message, refused.to_string());
                    assert_eq!(all_of(&after), all_of(&before), "{stage} by {by}");
                }
                (outcome, table) => panic!("{stage} by {by}: {outcome:?}, but {table:?}"),
            }
            consistent(&after);
            made += 1;
        }
    }
    // Nine stages by fourteen moves that people ask for, and a deal's end where one is open.
    assert_eq!(made, 9 * 14 + 2);
}

#[tokio::test]
async fn a_manager_puts_a_lead_back_and_fresh_intent_brings_it_again() {
    let world = World::new();
    world.sales(&["ann"]).await;
    for (name, stage, to) in [
        ("a", Stage::Mql, Stage::Lead),
        ("b", Stage::Sal, Stage::Recycled),
        ("c", Stage::Customer, Stage::Recycled),
        ("d", Stage::Lead, Stage::Recycled),
    ] {
        let lead = reach(&world, name, stage).await;
        let had = world.detail(lead).await.handoffs.len();
        world
            .app
            .override_stage(lead, to, None, "wrong team".to_owned(), Actor::Console)
            .await
            .unwrap();
        let detail = world.detail(lead).await;
        assert_eq!((detail.summary.stage, detail.summary.cycle), (to, 2), "{name}");
        assert_eq!(
            detail.summary.qualified_at, None,
            "what it did before counts for nothing now"
        );
        consistent(&detail);
        let later = START_MS + MINUTE_MS;
        let fresh = track(
            &format!("{name}-again"),
            later,
            keys("", name, ""),
            "Demo Requested",
        );
        world.accept(later, vec![fresh]).await;
        let detail = world.detail(lead).await;
        assert_eq!(
            (detail.summary.stage, detail.handoffs.len()),
            (Stage::Mql, had + 1),
            "{name}"
        );
        consistent(&detail);
    }
}

#[tokio::test]
async fn a_lead_without_a_handoff_is_worked_as_any_other() {
    let world = World::new();
    world.sales(&["ann", "bob"]).await;
    let lead = reach(&world, "a", Stage::Lead).await;
    let app = &world.app;
    let known = app
        .override_stage(
            lead,
            Stage::Mql,
            Some(UserId(99)),
            "met".to_owned(),
            Actor::Console,
        )
        .await;
    assert!(
        matches!(known, Err(AppError::Invalid { field: "owner", .. })),
        "{known:?}"
    );
    app.override_stage(
        lead,
        Stage::Mql,
        Some(UserId(2)),
        "met at a fair".to_owned(),
        Actor::Console,
    )
    .await
    .unwrap();
    let detail = world.detail(lead).await;
    assert_eq!(detail.summary.owner.as_ref().unwrap().name, "bob");
    assert!(detail.handoffs.is_empty());
    assert_eq!(bulk(&world, BulkMove::Accept, lead).await, Ok(Stage::Sal));
    app.sales_qualify(lead, bant(), ANN).await.unwrap();
    let opened = app.open_deal(lead, deal("Fair"), ANN).await.unwrap();
    assert_eq!(opened.owner_name.as_deref(), Some("bob"));
    app.lose_deal(opened.id, "no budget".to_owned(), None, ANN)
        .await
        .unwrap();
    let detail = world.detail(lead).await;
    assert_eq!((detail.summary.stage, detail.summary.cycle), (Stage::Recycled, 2));
    assert_eq!(detail.summary.owner, None);
    consistent(&detail);
}

#[tokio::test]
async fn a_handoff_follows_its_lead_when_a_manager_moves_it() {
    let agreement =
        crate::support::AGREEMENT.replace("priority = \"high\"", "priority = \"high\"\nexpire = \"14d\"");
    let world = World::with(&agreement, |options| options.deliver = false);
    world.sales(&["ann"]).await;
    let lead = reach(&world, "a", Stage::Mql).await;
    let put = |to| {
        world
            .app
            .override_stage(lead, to, None, "because".to_owned(), Actor::Console)
    };
    put(Stage::Sql).await.unwrap();
    let detail = world.detail(lead).await;
    assert_eq!(detail.handoffs[0].state, HandoffState::Accepted);
    world.clock.set(START_MS + 20 * crate::support::DAY_MS);
    assert_eq!(
        world.app.fire_timers().await.unwrap(),
        0,
        "what is taken expires no more"
    );
    put(Stage::Mql).await.unwrap();
    let detail = world.detail(lead).await;
    assert_eq!(
        (detail.handoffs[0].state, detail.handoffs[0].decided_at),
        (HandoffState::Open, None)
    );
    world.clock.set(START_MS + 34 * crate::support::DAY_MS);
    assert_eq!(
        world.app.fire_timers().await.unwrap(),
        1,
        "it waits for an answer again"
    );
    let detail = world.detail(lead).await;
    assert_eq!(detail.handoffs[0].state, HandoffState::Expired);
    consistent(&detail);
}
