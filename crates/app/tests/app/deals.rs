//! Deals: how they move their leads, what they leave behind, and that joining and parting keeps each with whom it belongs.

use bellwether_app::{
    Actor, AppError, BulkMove, BulkQuery, DealPatch, DealQuery, DealState, ExportKind, LeadId, Role, UserId,
};
use bellwether_core::deal::{Answer, Answered, Bant, Money, Question};
use bellwether_core::domain::Stage;
use bellwether_core::records::RecordKind;

use crate::lifecycle::{ANN, bant, deal, reach};
use crate::support::{DAY_MS, START_MS, World, keys, track};

async fn world() -> World {
    let world = World::new();
    world.sales(&["ann"]).await;
    world
}

fn exported(world: &World, kind: ExportKind) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    world
        .app
        .export(kind, &mut |row| -> Result<(), AppError> {
            rows.push(row.into_iter().map(Option::unwrap_or_default).collect());
            Ok(())
        })
        .unwrap();
    rows
}

#[tokio::test]
async fn only_the_last_open_deal_that_is_lost_sends_the_lead_back_and_each_is_an_outcome() {
    let world = world().await;
    let app = &world.app;
    let lead = reach(&world, "a", Stage::Opportunity).await;
    let mut second = deal("Second");
    second.money = Some(Money::parse("1250.5", "EUR").unwrap());
    let second = app.open_deal(lead, second, ANN).await.unwrap();
    let first = app.deals(DealQuery::default()).await.unwrap().items[0].id;
    let no_reason = app.lose_deal(second.id, " ".to_owned(), None, ANN).await;
    assert!(
        matches!(no_reason, Err(AppError::Invalid { field: "reason", .. })),
        "{no_reason:?}"
    );
    app.lose_deal(second.id, "too dear".to_owned(), None, ANN)
        .await
        .unwrap();
    let detail = world.detail(lead).await;
    assert_eq!(
        (detail.summary.stage, detail.summary.cycle),
        (Stage::Opportunity, 1)
    );
    app.lose_deal(
        first,
        "timing not right".to_owned(),
        Some("next year".to_owned()),
        ANN,
    )
    .await
    .unwrap();
    let detail = world.detail(lead).await;
    assert_eq!((detail.summary.stage, detail.summary.cycle), (Stage::Recycled, 2));
    let twice = app.win_deal(first, None, None, ANN).await;
    assert!(matches!(twice, Err(AppError::Conflict { .. })), "{twice:?}");
    let outcomes = exported(&world, ExportKind::Records(RecordKind::Outcomes));
    let said: Vec<[&str; 5]> = outcomes
        .iter()
        .map(|row| [row[1].as_str(), &row[3], &row[4], &row[5], &row[6]])
        .collect();
    assert_eq!(
        said,
        [
            ["lost", "1250.500", "EUR", "too dear", "bellwether-2"],
            ["lost", "", "", "timing not right", "bellwether-1"],
        ]
    );
    // The reason is one of the agreement's, which keeps the lead away for 90 days.
    let early = START_MS + 80 * DAY_MS;
    let demo = |id: &str, ms| track(id, ms, keys("", "a", ""), "Demo Requested");
    world.accept(early, vec![demo("early", early)]).await;
    assert_eq!(world.detail(lead).await.summary.stage, Stage::Recycled);
    let late = START_MS + 91 * DAY_MS;
    world.accept(late, vec![demo("late", late)]).await;
    assert_eq!(world.detail(lead).await.summary.stage, Stage::Mql);
}

#[tokio::test]
async fn a_customer_may_have_further_deals_and_stays_one() {
    let world = world().await;
    let app = &world.app;
    let lead = reach(&world, "a", Stage::Customer).await;
    let further = app.open_deal(lead, deal("Renewal"), ANN).await.unwrap();
    app.lose_deal(further.id, "left".to_owned(), None, ANN)
        .await
        .unwrap();
    let further = app.open_deal(lead, deal("Again"), ANN).await.unwrap();
    app.win_deal(further.id, Some("liked it".to_owned()), None, ANN)
        .await
        .unwrap();
    let detail = world.detail(lead).await;
    assert_eq!((detail.summary.stage, detail.summary.cycle), (Stage::Customer, 1));
    assert_eq!(detail.summary.owner.unwrap().name, "ann");
    let states: Vec<DealState> = detail.deals.iter().map(|deal| deal.state).collect();
    assert_eq!(states, [DealState::Won, DealState::Lost, DealState::Won]);
}

#[tokio::test]
async fn qualifying_asks_for_all_four_answers_and_keeps_them() {
    let world = world().await;
    let app = &world.app;
    let lead = reach(&world, "a", Stage::Sal).await;
    let mut some = Bant::default();
    let yes = Answered {
        answer: Answer::Unknown,
        note: Some("asks the board".to_owned()),
    };
    some.record(Question::Budget, yes.clone());
    app.record_bant(lead, some, ANN).await.unwrap();
    let refused = app.sales_qualify(lead, Bant::default(), ANN).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "nobody recorded authority, need, timeline; answer each with yes, no or unknown first"
    );
    let mut rest = bant();
    rest.record(Question::Budget, yes.clone());
    app.sales_qualify(lead, rest, ANN).await.unwrap();
    let detail = world.detail(lead).await;
    assert_eq!(detail.summary.stage, Stage::Sql);
    assert_eq!(detail.bant.unwrap().bant.answer(Question::Budget), Some(&yes));
}

#[tokio::test]
async fn what_is_changed_of_a_deal_is_told() {
    let world = world().await;
    let app = &world.app;
    reach(&world, "a", Stage::Opportunity).await;
    let id = app.deals(DealQuery::default()).await.unwrap().items[0].id;
    let patch = DealPatch {
        money: Some(Some(Money::parse("10", "usd").unwrap())),
        close_on: Some(Some("2026-09-30".parse().unwrap())),
        sales_stage: Some(Some("demo".to_owned())),
        ..DealPatch::default()
    };
    app.change_deal(id, patch.clone(), ANN).await.unwrap();
    app.change_deal(id, patch, ANN).await.unwrap();
    let (deal, changes) = app.deal(id).await.unwrap().unwrap();
    assert_eq!(deal.close_on.as_deref(), Some("2026-09-30"));
    let told: Vec<&str> = changes.iter().map(|change| change.change.as_str()).collect();
    assert_eq!(
        told,
        ["amount: nothing → 10 USD; close date: nothing → 2026-09-30; stage: nothing → demo"],
        "what stays the same is no change"
    );
    let totals = app.deal_totals(DealQuery::default()).await.unwrap();
    assert_eq!(
        (totals[0].currency.as_deref(), totals[0].thousandths),
        (Some("USD"), 10_000)
    );
}

#[tokio::test]
async fn deals_come_by_close_date_and_each_once() {
    let world = world().await;
    let app = &world.app;
    let lead = reach(&world, "a", Stage::Opportunity).await;
    for day in ["2026-10-01", "2026-09-01", "2026-09-01"] {
        let mut new = deal(day);
        new.close_on = Some(day.parse().unwrap());
        app.open_deal(lead, new, ANN).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = app
            .deals(DealQuery {
                cursor,
                limit: 1,
                ..DealQuery::default()
            })
            .await
            .unwrap();
        seen.extend(page.items.into_iter().map(|deal| (deal.name, deal.id.0)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected = [
        ("2026-09-01", 3),
        ("2026-09-01", 4),
        ("2026-10-01", 2),
        ("First", 1),
    ];
    assert_eq!(seen, expected.map(|(name, id)| (name.to_owned(), id)));
}

#[tokio::test]
async fn parting_gives_each_lead_its_deals_and_answers_back() {
    let world = world().await;
    let app = &world.app;
    let one = reach(&world, "a", Stage::Sal).await;
    let other = reach(&world, "b", Stage::Opportunity).await;
    let stays = app.merge_leads(one, other, ANN).await.unwrap();
    let joined = world.detail(stays).await;
    assert_eq!(
        (joined.summary.stage, joined.deals.len()),
        (Stage::Opportunity, 1)
    );
    assert!(joined.bant.is_some(), "the further one's answers are shown");
    app.open_deal(stays, deal("Second"), ANN).await.unwrap();
    app.win_deal(joined.deals[0].id, None, None, ANN).await.unwrap();
    assert_eq!(world.detail(stays).await.summary.stage, Stage::Customer);
    app.unmerge_lead(other, ANN).await.unwrap();
    let (one, other) = (world.detail(one).await, world.detail(other).await);
    assert_eq!(
        (one.summary.stage, one.deals.len(), one.bant),
        (Stage::Sal, 0, None)
    );
    assert_eq!((other.summary.stage, other.deals.len()), (Stage::Customer, 2));
    assert!(other.bant.is_some());
}

#[tokio::test]
async fn a_lead_that_a_manager_put_back_is_parted_with_its_cycle() {
    let world = world().await;
    let app = &world.app;
    let one = reach(&world, "a", Stage::Lead).await;
    let other = reach(&world, "b", Stage::Sal).await;
    let reason = || "wrong".to_owned();
    app.override_stage(other, Stage::Recycled, None, reason(), Actor::Console)
        .await
        .unwrap();
    app.override_stage(one, Stage::Sql, None, reason(), Actor::Console)
        .await
        .unwrap();
    app.override_stage(one, Stage::Recycled, None, reason(), Actor::Console)
        .await
        .unwrap();
    let stays = app.merge_leads(one, other, ANN).await.unwrap();
    assert_eq!(world.detail(stays).await.summary.cycle, 3);
    app.unmerge_lead(other, ANN).await.unwrap();
    for lead in [one, other] {
        let detail = world.detail(lead).await;
        assert_eq!((detail.summary.stage, detail.summary.cycle), (Stage::Recycled, 2));
    }
}

#[tokio::test]
async fn who_may_do_what_is_settled_by_role() {
    let world = world().await;
    let app = &world.app;
    let mia = app
        .create_user("mia", "mia@seller.example", "correct horse", Role::Marketing)
        .await
        .unwrap();
    let root = app
        .create_user("root", "root@seller.example", "correct horse", Role::Admin)
        .await
        .unwrap();
    let (mia, root) = (Actor::User(mia.id), Actor::User(root.id));
    let lead = reach(&world, "a", Stage::Mql).await;
    let handoff = world.detail(lead).await.handoffs[0].id;
    let forbidden = |result: Result<(), AppError>| matches!(result, Err(AppError::Forbidden { .. }));
    assert!(forbidden(app.accept_handoff(handoff, mia).await.map(drop)));
    let no_budget = || "No budget".to_owned();
    assert!(forbidden(
        app.reject_handoff(handoff, no_budget(), None, mia)
            .await
            .map(drop)
    ));
    assert!(
        forbidden(app.disqualify(lead, no_budget(), mia).await),
        "sales has it"
    );
    assert!(forbidden(
        app.disqualify(lead, no_budget(), Actor::User(UserId(99))).await
    ));
    let put = |to, actor| app.override_stage(lead, to, None, no_budget(), actor);
    assert!(forbidden(put(Stage::Sal, ANN).await));
    put(Stage::Lead, root).await.unwrap();
    app.disqualify(lead, no_budget(), mia).await.unwrap();
    assert_eq!(world.detail(lead).await.summary.stage, Stage::Disqualified);
}

fn all_at(stage: Stage) -> BulkQuery {
    BulkQuery {
        by: BulkMove::Disqualify,
        reason: "spring cleaning".to_owned(),
        leads: Vec::new(),
        stage: Some(stage),
        owner: None,
        account: None,
        search: None,
    }
}

#[tokio::test]
async fn nobody_is_moved_whom_the_preview_did_not_show() {
    let world = world().await;
    let app = &world.app;
    for name in ["a", "b"] {
        reach(&world, name, Stage::Lead).await;
    }
    let preview = app.preview_moves(all_at(Stage::Lead), ANN).await.unwrap();
    assert_eq!((preview.leads.len(), preview.allowed()), (2, 2));
    reach(&world, "c", Stage::Lead).await;
    let stale = app
        .move_leads(all_at(Stage::Lead), preview.token.clone(), ANN)
        .await;
    assert!(matches!(stale, Err(AppError::Conflict { .. })), "{stale:?}");
    let leads: Vec<LeadId> = preview.leads.iter().map(|one| one.lead).collect();
    let mut named = all_at(Stage::Lead);
    (named.stage, named.leads) = (None, vec![leads[1], leads[0], LeadId(999)]);
    let preview = app.preview_moves(named.clone(), ANN).await.unwrap();
    assert_eq!((preview.leads.len(), preview.allowed()), (3, 2));
    let mut otherwise = named.clone();
    otherwise.reason = "another reason".to_owned();
    let other = app.move_leads(otherwise, preview.token.clone(), ANN).await;
    assert!(matches!(other, Err(AppError::Conflict { .. })), "{other:?}");
    let moved = app.move_leads(named, preview.token, ANN).await.unwrap();
    assert_eq!(moved.leads.iter().filter(|one| one.to.is_ok()).count(), 2);
    for lead in leads {
        assert_eq!(world.detail(lead).await.summary.stage, Stage::Disqualified);
    }
    let mut nobody = all_at(Stage::Lead);
    nobody.stage = None;
    let unnamed = app.preview_moves(nobody, ANN).await;
    assert!(
        matches!(unnamed, Err(AppError::Invalid { field: "leads", .. })),
        "{unnamed:?}"
    );
}

#[tokio::test]
async fn decisions_and_deals_can_be_taken_away() {
    let world = world().await;
    reach(&world, "a", Stage::Customer).await;
    let deals = exported(&world, ExportKind::Opportunities);
    assert_eq!(deals.len(), 1);
    assert_eq!(deals[0].len(), ExportKind::Opportunities.columns().len());
    assert_eq!(
        (deals[0][4].as_str(), deals[0][5].as_str(), deals[0][6].as_str()),
        ("First", "won", "")
    );
    let moves = exported(&world, ExportKind::Decisions);
    let to: Vec<&str> = moves.iter().map(|row| row[5].as_str()).collect();
    assert_eq!(to, ["lead", "mql", "sal", "sql", "opportunity", "customer"]);
    assert_eq!(moves[0].len(), ExportKind::Decisions.columns().len());
}
