use std::fmt::Write;

use expect_test::{expect, expect_file};

use super::*;

/// Every stage by every move but the overrides, which have their own table.
#[test]
fn every_stage_by_every_move() {
    let mut table = String::new();
    for stage in Stage::ALL {
        for by in Move::ALL
            .into_iter()
            .filter(|by| !matches!(by, Move::Override(_)))
        {
            let outcome = match next(stage, by) {
                Ok(to) => format!("-> {to}"),
                Err(refused) => refused.reason.to_owned(),
            };
            writeln!(table, "{:<13}{:<17}{outcome}", stage.as_str(), by.as_str()).unwrap();
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}

#[test]
fn a_manager_moves_whom_one_can_reach_anywhere_but_back_to_a_visitor() {
    for stage in Stage::ALL {
        for to in Stage::ALL {
            let allowed = next(stage, Move::Override(to)).is_ok();
            let expected =
                stage != to && to != Stage::Visitor && (stage != Stage::Visitor || to == Stage::Disqualified);
            assert_eq!(allowed, expected, "{stage} to {to}");
        }
    }
}

#[test]
fn a_refusal_says_what_stands_in_the_way_and_what_to_do() {
    let refused = next(Stage::Mql, Move::SalesQualify).unwrap_err();
    expect![
        "a lead at stage `mql` can't be moved by `sales_qualify`: nobody has accepted it yet; accept it first"
    ]
    .assert_eq(&refused.to_string());
    for stage in Stage::ALL {
        for by in Move::ALL {
            if let Err(refused) = next(stage, by) {
                assert!(
                    refused.reason.contains("; ") || refused.reason.ends_with("first"),
                    "{refused}"
                );
                assert!(!refused.reason.ends_with('.'), "{refused}");
            }
        }
    }
}

#[test]
fn all_moves_are_listed_once() {
    let mut seen = Move::ALL.to_vec();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), Move::ALL.len());
    assert_eq!(Move::ALL.len(), 10 + Stage::ALL.len());
}
