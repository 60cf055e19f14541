//! The engine doesn't judge where no line can be reached; what it takes for the most a lead can have must be that.

use std::sync::Arc;

use bellwether_core::agreement::Agreement;
use bellwether_core::domain::{EventKind, EventView, MS_PER_DAY, Properties, Timestamp};
use bellwether_core::engine::{Engine, LeadState};

fn engine(rules: &str) -> Engine {
    let agreement = format!("[agreement]\nname = \"Test\"\ntimezone = \"UTC\"\n\n{rules}");
    let agreement = Agreement::parse(&agreement).expect("an agreement without errors");
    Engine::new(Arc::new(agreement))
}

/// The day on which a lead qualifies that does these things on these days.
fn qualified_on(rules: &str, events: &[(i64, &str)]) -> Option<i64> {
    let engine = engine(rules);
    let none = Properties::new();
    let mut state = LeadState::new(&engine);
    state.known_from_the_beginning(&engine);
    for (day, name) in events {
        let event = EventView {
            kind: EventKind::Track,
            name,
            path: None,
            properties: &none,
        };
        let ts = Timestamp::from_ms_clamped(day * MS_PER_DAY);
        assert!(state.event(&engine, ts, engine.classify(&event)));
    }
    let qualification = state.qualification(&engine)?;
    Some(qualification.at.ms() / MS_PER_DAY)
}

#[test]
fn points_come_back_where_what_takes_them_away_expires_first() {
    let rules = r#"
[[intent]]
name    = "Twice is too often"
on      = "Asked"
points  = [20, -50]
expires = "30d"

[[intent]]
name   = "Visited"
on     = "Visited"
points = 1

[qualify]
intent = 21
"#;
    let asked = [(0, "Asked"), (20, "Asked")];
    assert_eq!(qualified_on(rules, &asked), None);
    assert_eq!(qualified_on(rules, &[asked[0], asked[1], (29, "Visited")]), None);
    // The first one, which took the points, has expired; the second has not.
    assert_eq!(
        qualified_on(rules, &[asked[0], asked[1], (31, "Visited")]),
        Some(31)
    );
}

#[test]
fn a_group_that_is_full_leaves_its_room_to_the_others() {
    let rules = r#"
[[intent]]
name   = "Read"
group  = "Content"
on     = "Read"
points = 10

[[intent]]
name   = "Asked"
on     = "Asked"
points = 30

[[group]]
name = "Content"
max  = 20

[qualify]
intent = 50
"#;
    let mut events: Vec<(i64, &str)> = (0..9).map(|day| (day, "Read")).collect();
    assert_eq!(qualified_on(rules, &events), None);
    events.push((9, "Asked"));
    assert_eq!(qualified_on(rules, &events), Some(9));
}

#[test]
fn a_list_that_rises_may_gain_by_rounding_what_moves_on() {
    let engine = engine(
        r#"
[[intent]]
name   = "Asked"
on     = "Asked"
points = [1, 1.001, 1, 1.001, 1, 1.001]
decay  = { half_life = "30d" }

[qualify]
intent = 3.477
"#,
    );
    let none = Properties::new();
    let asked = EventView {
        kind: EventKind::Track,
        name: "Asked",
        path: None,
        properties: &none,
    };
    let asked = Arc::new(engine.classify(&asked));
    let mut state: LeadState = LeadState::new(&engine);
    let day = |day: i64, hours: i64| Timestamp::from_ms_clamped(day * MS_PER_DAY + hours * 3_600_000);
    for asked_on in [0, 15, 17, 20, 34] {
        assert!(state.event(&engine, day(asked_on, 0), Arc::clone(&asked)));
    }
    // Being looked at, the lead is short of the line by little more than one match gives.
    assert!(state.become_known(&engine, day(49, 9)));
    assert_eq!(state.qualification(&engine), None);
    assert!(state.event(&engine, day(49, 11), asked));
    let qualification = state.qualification(&engine);
    assert_eq!(qualification.map(|found| found.at), Some(day(49, 11)));
}
