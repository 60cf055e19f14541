//! What the demo shows once its history is loaded: every way that a handoff can go, and teams as they are on a working day.

use std::sync::Arc;

use bellwether_app::{
    App, Clock, DealQuery, DealState, HandoffQuery, HandoffState, HandoffSummary, KeyClass, NurtureQuery,
    Options, PAGE_ITEMS_MAX, SourceId, SystemClock,
};

use super::NOW;
use crate::demo::{COLLEAGUES, Size, StoryClock, agreement, cast, load, staff};

async fn demo(place: &std::path::Path) -> App {
    let cast = cast(7, Size::FAST, NOW);
    let clock = Arc::new(StoryClock::standing_at(cast.begins, Arc::new(SystemClock)));
    let mut options = Options::new(place.to_owned(), agreement());
    options.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    options.deliver = false;
    let app = App::open(options).unwrap();
    let passwords = vec!["correct horse battery".to_owned(); COLLEAGUES.len()];
    staff(&app, &passwords).await.unwrap();
    let (key, _) = app.create_key(KeyClass::Write, "site").await.unwrap();
    let loaded = load(&app, &cast, SourceId(key.id.0), &clock).await.unwrap();
    assert!(loaded.won > 0 && loaded.deals > loaded.won, "{loaded:?}");
    app
}

async fn handoffs(app: &App) -> Vec<HandoffSummary> {
    let mut query = HandoffQuery {
        limit: PAGE_ITEMS_MAX,
        ..HandoffQuery::default()
    };
    let mut all = Vec::new();
    loop {
        let page = app.handoffs(query.clone()).await.unwrap();
        all.extend(page.items);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handoff_can_be_seen_to_go_every_way() {
    let place = tempfile::tempdir().unwrap();
    let app = demo(place.path()).await;
    let all = handoffs(&app).await;
    for state in [
        HandoffState::Open,
        HandoffState::Accepted,
        HandoffState::Rejected,
        HandoffState::Expired,
        HandoffState::Closed,
    ] {
        assert!(all.iter().any(|one| one.state == state), "none is {state:?}");
    }
    assert!(all.iter().any(|one| one.cycle == 2), "nobody came back");
    let in_time = |breached: bool| {
        all.iter()
            .any(|one| one.contacted_at.is_some() && one.breached == breached)
    };
    assert!(in_time(false) && in_time(true), "contacts in time, and late ones");

    for state in [DealState::Open, DealState::Won, DealState::Lost] {
        let query = DealQuery {
            state: Some(state),
            ..DealQuery::default()
        };
        assert!(
            !app.deals(query).await.unwrap().items.is_empty(),
            "no deal is {state:?}"
        );
    }
    let running = NurtureQuery {
        state: Some("running".to_owned()),
        ..NurtureQuery::default()
    };
    assert!(
        !app.nurture(running).await.unwrap().items.is_empty(),
        "nobody is on a track"
    );

    let sdr = app.team_standing("sdr").await.unwrap().unwrap();
    let enterprise = app.team_standing("enterprise").await.unwrap().unwrap();
    assert_ne!(sdr.settings.zone, enterprise.settings.zone);
    let absent = enterprise.members.iter().filter(|one| one.absent.is_some());
    assert_eq!(absent.count(), 2, "{enterprise:?}");
    assert!(enterprise.waiting > 0, "nobody waits for the team");
}
