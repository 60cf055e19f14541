use std::fmt::Write;

use expect_test::expect;

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
    expect![[r#"
        visitor      become_known     -> lead
        visitor      qualify          nobody that one could reach; an email, phone or external id makes it a lead
        visitor      accept           nobody that one could reach; an email, phone or external id makes it a lead
        visitor      reject           nobody that one could reach; an email, phone or external id makes it a lead
        visitor      sales_qualify    nobody that one could reach; an email, phone or external id makes it a lead
        visitor      open_opportunity nobody that one could reach; an email, phone or external id makes it a lead
        visitor      win              no deal is open; open an opportunity first
        visitor      lose             no deal is open; open an opportunity first
        visitor      expire           nobody that one could reach; an email, phone or external id makes it a lead
        visitor      disqualify       -> disqualified
        lead         become_known     it is known already; nothing needs doing
        lead         qualify          -> mql
        lead         accept           it was not handed to sales; wait until it qualifies, or have a manager override the stage
        lead         reject           it was not handed to sales; wait until it qualifies, or have a manager override the stage
        lead         sales_qualify    it was not handed to sales; wait until it qualifies, or have a manager override the stage
        lead         open_opportunity it was not handed to sales; wait until it qualifies, or have a manager override the stage
        lead         win              no deal is open; open an opportunity first
        lead         lose             no deal is open; open an opportunity first
        lead         expire           it was not handed to sales; wait until it qualifies, or have a manager override the stage
        lead         disqualify       -> disqualified
        mql          become_known     it is known already; nothing needs doing
        mql          qualify          sales has it already; it qualifies again once it is sent back
        mql          accept           -> sal
        mql          reject           -> recycled
        mql          sales_qualify    nobody has accepted it yet; accept it first
        mql          open_opportunity nobody has accepted it yet; accept it and record budget, authority, need and timeline first
        mql          win              no deal is open; open an opportunity first
        mql          lose             no deal is open; open an opportunity first
        mql          expire           -> recycled
        mql          disqualify       -> disqualified
        sal          become_known     it is known already; nothing needs doing
        sal          qualify          sales has it already; it qualifies again once it is sent back
        sal          accept           sales has accepted it already; go on from there
        sal          reject           -> recycled
        sal          sales_qualify    -> sql
        sal          open_opportunity record budget, authority, need and timeline first
        sal          win              no deal is open; open an opportunity first
        sal          lose             no deal is open; open an opportunity first
        sal          expire           sales has accepted it, so it expires no more; reject it instead
        sal          disqualify       -> disqualified
        sql          become_known     it is known already; nothing needs doing
        sql          qualify          sales has it already; it qualifies again once it is sent back
        sql          accept           sales has accepted it already; go on from there
        sql          reject           sales has qualified it itself; disqualify it, or open a deal and lose it
        sql          sales_qualify    sales has qualified it already; go on from there
        sql          open_opportunity -> opportunity
        sql          win              no deal is open; open an opportunity first
        sql          lose             no deal is open; open an opportunity first
        sql          expire           sales has accepted it, so it expires no more; reject it instead
        sql          disqualify       -> disqualified
        opportunity  become_known     it is known already; nothing needs doing
        opportunity  qualify          a deal is open; its activity goes to its owner as a notice
        opportunity  accept           sales has accepted it already; go on from there
        opportunity  reject           a deal is open; lose it with a reason
        opportunity  sales_qualify    sales has qualified it already; go on from there
        opportunity  open_opportunity a deal is open; win or lose it
        opportunity  win              -> customer
        opportunity  lose             -> recycled
        opportunity  expire           sales has accepted it, so it expires no more; reject it instead
        opportunity  disqualify       a deal is open; lose it with a reason first
        customer     become_known     it is known already; nothing needs doing
        customer     qualify          it is a customer already; its activity goes to its owner as a notice
        customer     accept           it is a customer already; its activity goes to its owner as a notice
        customer     reject           it is a customer already; its activity goes to its owner as a notice
        customer     sales_qualify    it is a customer already; its activity goes to its owner as a notice
        customer     open_opportunity it is a customer already; its activity goes to its owner as a notice
        customer     win              the deal is won already; a manager can override the stage
        customer     lose             the deal is won already; a manager can override the stage
        customer     expire           it is a customer already; its activity goes to its owner as a notice
        customer     disqualify       it is a customer; a manager can override the stage
        recycled     become_known     it is known already; nothing needs doing
        recycled     qualify          -> mql
        recycled     accept           it is back with marketing; wait until it qualifies again
        recycled     reject           it is back with marketing; wait until it qualifies again
        recycled     sales_qualify    it is back with marketing; wait until it qualifies again
        recycled     open_opportunity it is back with marketing; wait until it qualifies again
        recycled     win              no deal is open; open an opportunity first
        recycled     lose             no deal is open; open an opportunity first
        recycled     expire           it is back with marketing; wait until it qualifies again
        recycled     disqualify       -> disqualified
        disqualified become_known     it is known already; nothing needs doing
        disqualified qualify          it is not to be sold to; a manager can override the stage
        disqualified accept           it is not to be sold to; a manager can override the stage
        disqualified reject           it is not to be sold to; a manager can override the stage
        disqualified sales_qualify    it is not to be sold to; a manager can override the stage
        disqualified open_opportunity it is not to be sold to; a manager can override the stage
        disqualified win              it is not to be sold to; a manager can override the stage
        disqualified lose             it is not to be sold to; a manager can override the stage
        disqualified expire           it is not to be sold to; a manager can override the stage
        disqualified disqualify       it is disqualified already; nothing needs doing
    "#]].assert_eq(&table);
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
