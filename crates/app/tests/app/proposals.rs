//! An agreement becomes a version once two people signed it, one of each department; whatever doesn't is kept as that.

use bellwether_app::{
    Actor, AgreementVersion, AppError, Basis, Department, KeyId, ProposalId, ProposalState, PublishMode,
    Role, TeamSettings, UserId,
};

use crate::support::{AGREEMENT, DAY_MS, START_MS, World, identify, keys, page};

fn with_line(score: u32) -> String {
    AGREEMENT.replace("score = 50", &format!("score = {score}"))
}

/// A lead, so that the database isn't one that begins.
async fn somebody(world: &World) {
    let who = keys("", "u1", "");
    let facts = vec![
        identify("i", START_MS, who.clone(), &[("title", "VP")]),
        page("p", START_MS, who, "/pricing"),
    ];
    world.accept(START_MS, facts).await;
}

async fn propose(world: &World, score: u32) -> ProposalId {
    let proposed = world
        .app
        .propose(with_line(score), Some("fewer, better".to_owned()), Actor::Console)
        .await;
    proposed.unwrap().id
}

async fn publish(world: &World, id: ProposalId, actor: Actor) -> Result<AgreementVersion, AppError> {
    world
        .app
        .publish_proposal(id, PublishMode::Forward, None, actor)
        .await
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, AppError>, with: &str) {
    let error = outcome.expect_err("it is refused");
    assert!(error.to_string().contains(with), "{error}");
}

#[tokio::test]
async fn two_people_of_two_departments_sign_and_it_is_kept_who_did_and_what_they_saw() {
    let world = World::new();
    somebody(&world).await;
    let (mia, sam) = (
        world.user("mia", Role::Marketing).await,
        world.user("sam", Role::Sales).await,
    );
    let id = propose(&world, 25).await;
    refused(
        publish(&world, id, Actor::User(mia)).await,
        "nobody of marketing and of sales",
    );
    world.app.sign_proposal(id, None, mia).await.unwrap();
    refused(publish(&world, id, Actor::User(mia)).await, "nobody of sales");
    world.clock.set(START_MS + DAY_MS);
    let signed = world.app.sign_proposal(id, None, sam).await.unwrap();
    assert!(signed.missing.is_empty());
    let active = publish(&world, id, Actor::User(mia)).await.unwrap();
    assert_eq!((active.version, active.basis), (2, Basis::Signed));
    assert_eq!(active.source, with_line(25));

    let kept = world.app.version(2).await.unwrap();
    let who: Vec<_> = kept
        .signatures
        .iter()
        .map(|one| (one.department, one.user.id, one.hash == active.hash))
        .collect();
    assert_eq!(
        who,
        [(Department::Marketing, mia, true), (Department::Sales, sam, true)]
    );
    // A view of the prices is 10 points of intent, and the line of intent stands at 20 still.
    let replay = kept.signatures[0].replay.as_ref().unwrap();
    assert_eq!(
        (replay.against, replay.leads, replay.judged),
        (1, 1, 1),
        "{replay:?}"
    );
    let lead = world.lead_of("user_id", "u1").await;
    assert_eq!((replay.active, replay.proposed, replay.newly), (0, 0, 0));
    let lower = world
        .app
        .propose(
            with_line(25).replace("intent = 20", "intent = 10"),
            None,
            Actor::User(sam),
        )
        .await
        .unwrap();
    let replay = world.app.replay_proposal(lower.id).await.unwrap().replay.unwrap();
    assert_eq!((replay.active, replay.proposed, replay.newly), (0, 1, 1));
    assert_eq!(replay.newly_leads[0].lead, lead);
    assert_eq!(
        (replay.months[0].month.as_str(), replay.months[0].proposed),
        ("2026-06", 1)
    );
    let state = world.app.proposal(id).await.unwrap();
    assert_eq!((state.state, state.version), (ProposalState::Published, Some(2)));
}

#[tokio::test]
async fn nobody_signs_twice_nor_for_a_department_that_is_not_theirs() {
    let world = World::new();
    somebody(&world).await;
    let admin = world.user("ada", Role::Admin).await;
    let mia = world.user("mia", Role::Marketing).await;
    let id = propose(&world, 40).await;
    let sign = |department, user| world.app.sign_proposal(id, department, user);
    refused(sign(None, admin).await, "say for which department");
    refused(sign(Some(Department::Sales), mia).await, "don't sign for sales");
    sign(Some(Department::Sales), admin).await.unwrap();
    refused(
        sign(Some(Department::Marketing), admin).await,
        "somebody else signs for marketing",
    );
    refused(
        sign(Some(Department::Sales), admin).await,
        "signed it for sales already",
    );
    refused(sign(None, UserId(99)).await, "there is no user");
    sign(None, mia).await.unwrap();
    refused(sign(None, mia).await, "already");
    assert_eq!(
        publish(&world, id, Actor::User(mia)).await.unwrap().basis,
        Basis::Signed
    );
    refused(sign(None, mia).await, "published already");
}

#[tokio::test]
async fn for_sales_sign_the_managers_of_its_teams_where_there_are_any() {
    let world = World::new();
    somebody(&world).await;
    let (rep, chief) = (
        world.user("rex", Role::Sales).await,
        world.user("cleo", Role::Sales).await,
    );
    let settings = TeamSettings {
        manager: Some(chief),
        ..TeamSettings::default()
    };
    world.app.put_team("sdr", settings).await.unwrap();
    let id = propose(&world, 40).await;
    refused(
        world.app.sign_proposal(id, None, rep).await,
        "managers of sales teams",
    );
    refused(
        publish(&world, id, Actor::User(rep)).await,
        "managers of sales teams",
    );
    world.app.sign_proposal(id, None, chief).await.unwrap();
    assert_eq!(
        world.app.departments_of(chief).await.unwrap(),
        [Department::Sales]
    );
}

#[tokio::test]
async fn a_key_or_the_console_is_nobody_and_signs_only_with_a_password() {
    let world = World::new();
    somebody(&world).await;
    world.user("mia", Role::Marketing).await;
    let id = propose(&world, 40).await;
    let sign = |password| world.app.sign_proposal_as(id, None, "mia@acme.example", password);
    refused(sign("wrong").await, "nobody signs in");
    assert_eq!(sign("correct horse").await.unwrap().missing, [Department::Sales]);
}

#[tokio::test]
async fn without_signatures_only_a_database_that_begins_and_whoever_says_why() {
    let world = World::new();
    let put = |score: u32, reason: Option<&str>, actor| {
        world
            .app
            .put_agreement(with_line(score), None, reason.map(str::to_owned), actor)
    };
    let admin = world.user("ada", Role::Admin).await;
    let mia = world.user("mia", Role::Marketing).await;
    refused(put(45, None, Actor::User(admin)).await, "signed it");
    let first = put(45, None, Actor::Console).await.unwrap();
    assert_eq!((first.version, first.basis), (2, Basis::First));
    // As long as nobody was judged by it.
    assert_eq!(
        put(46, None, Actor::Key(KeyId(1))).await.unwrap().basis,
        Basis::First
    );
    somebody(&world).await;
    for actor in [Actor::Console, Actor::Key(KeyId(1)), Actor::User(admin)] {
        refused(put(47, None, actor).await, "signed it");
        refused(put(47, Some("  "), actor).await, "signed it");
    }
    refused(put(47, Some("I want it"), Actor::User(mia)).await, "signed it");
    let forced = put(47, Some("the line was a typing error"), Actor::Console)
        .await
        .unwrap();
    assert_eq!(forced.basis, Basis::Override);
    assert_eq!(forced.reason.as_deref(), Some("the line was a typing error"));
    let found = world.app.findings(0).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .filter(|finding| finding.kind == "unsigned_agreement")
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].subject.as_str(), found[0].reason.as_str()),
        ("version 4 by console", "the line was a typing error")
    );
    let all = world.app.versions(None, 0).await.unwrap().items;
    let all: Vec<_> = all.iter().map(|one| (one.version, one.basis)).collect();
    assert_eq!(
        all,
        [
            (4, Basis::Override),
            (3, Basis::First),
            (2, Basis::First),
            (1, Basis::First)
        ]
    );
}

#[tokio::test]
async fn what_was_signed_is_what_changes_or_it_is_proposed_anew() {
    let world = World::new();
    somebody(&world).await;
    let (mia, sam) = (
        world.user("mia", Role::Marketing).await,
        world.user("sam", Role::Sales).await,
    );
    let (one, other) = (propose(&world, 40).await, propose(&world, 30).await);
    for id in [one, other] {
        world.app.sign_proposal(id, None, mia).await.unwrap();
    }
    world.app.sign_proposal(one, None, sam).await.unwrap();
    publish(&world, one, Actor::User(sam)).await.unwrap();
    refused(world.app.sign_proposal(other, None, sam).await, "propose it anew");
    refused(publish(&world, other, Actor::User(sam)).await, "propose it anew");
    world
        .app
        .withdraw_proposal(other, Actor::User(mia))
        .await
        .unwrap();
    refused(
        world.app.withdraw_proposal(other, Actor::User(mia)).await,
        "withdrawn already",
    );
    refused(
        world.app.propose(with_line(40), None, Actor::User(mia)).await,
        "says already",
    );
    let shown: Vec<_> = world
        .app
        .proposals(None, 0)
        .await
        .unwrap()
        .items
        .iter()
        .map(|one| (one.id, one.state))
        .collect();
    assert_eq!(
        shown,
        [(other, ProposalState::Withdrawn), (one, ProposalState::Published)]
    );
}

#[tokio::test]
async fn rolling_back_publishes_an_old_version_and_asks_for_signatures_where_it_had_none() {
    let world = World::new();
    somebody(&world).await;
    let (mia, sam) = (
        world.user("mia", Role::Marketing).await,
        world.user("sam", Role::Sales).await,
    );
    for score in [40, 30] {
        let id = propose(&world, score).await;
        world.app.sign_proposal(id, None, mia).await.unwrap();
        world.app.sign_proposal(id, None, sam).await.unwrap();
        publish(&world, id, Actor::User(mia)).await.unwrap();
    }
    let back = |to, reason: Option<&str>, actor| {
        world
            .app
            .roll_back(to, PublishMode::Forward, reason.map(str::to_owned), actor)
    };
    refused(back(3, None, Actor::User(mia)).await, "which is active");
    refused(back(9, None, Actor::User(mia)).await, "there is no version");
    refused(back(1, None, Actor::User(mia)).await, "wasn't signed");
    let rolled = back(2, None, Actor::User(mia)).await.unwrap();
    assert_eq!(
        (rolled.version, rolled.basis, rolled.back_to),
        (4, Basis::Rollback, Some(2))
    );
    assert_eq!(rolled.source, with_line(40));
    // Its signatures are those of what it is again; and it survives a restart.
    let kept = world.app.version(4).await.unwrap();
    assert_eq!(kept.signatures.len(), 2);
    let world = world.again(AGREEMENT);
    let active = world.app.active_agreement().await.unwrap();
    assert_eq!((active.version, active.hash), (4, kept.hash));
    let first = world
        .app
        .roll_back(
            1,
            PublishMode::Forward,
            Some("all went wrong".to_owned()),
            Actor::Console,
        )
        .await
        .unwrap();
    assert_eq!((first.basis, first.back_to), (Basis::Override, Some(1)));
}

#[tokio::test]
async fn a_review_lists_what_waits_to_be_signed() {
    let world = World::new();
    somebody(&world).await;
    let (mia, sam) = (
        world.user("mia", Role::Marketing).await,
        world.user("sam", Role::Sales).await,
    );
    let listed = |review: &bellwether_app::Review| -> Vec<(ProposalId, Vec<String>, Vec<Department>)> {
        let proposals = review.proposals.iter();
        proposals
            .map(|one| {
                let signed = one.signed.iter().map(|(_, name, _)| name.clone());
                (one.id, signed.collect(), one.missing.clone())
            })
            .collect()
    };
    assert_eq!(listed(&world.app.review(None).await.unwrap()), []);
    let (first, second) = (propose(&world, 25).await, propose(&world, 30).await);
    world.app.sign_proposal(second, None, mia).await.unwrap();
    let review = world.app.review(None).await.unwrap();
    let expected = [
        (second, vec!["mia".to_owned()], vec![Department::Sales]),
        (first, vec![], vec![Department::Marketing, Department::Sales]),
    ];
    assert_eq!(listed(&review), expected);
    assert_eq!(review.proposals[0].note.as_deref(), Some("fewer, better"));
    // What was published or taken back waits for nobody.
    world.app.withdraw_proposal(first, Actor::Console).await.unwrap();
    world.app.sign_proposal(second, None, sam).await.unwrap();
    publish(&world, second, Actor::User(mia)).await.unwrap();
    assert_eq!(listed(&world.app.review(None).await.unwrap()), []);
}
