//! What an account comes to: its people's intent together, and which roles of a buying committee they hold.

use std::sync::Arc;

use bellwether_core::domain::{Points, Timestamp, Traits};
use bellwether_core::engine::{Engine, LeadState, Person, score_account};
use bellwether_core::explain::HistoryFact;
use bellwether_store::{AccountId, Db, LeadFilter, LeadListRow, LeadOrder, StoreError};

use crate::{AccountDetail, AccountLead, AccountRef, history};

/// An account as of an instant, made of its `people_max` people with the highest scores; nothing where the agreement doesn't say what qualifies one.
pub(crate) fn detail(
    db: &Db,
    engine: &Engine,
    id: AccountId,
    name: &str,
    now: Timestamp,
    people_max: u32,
) -> Result<Option<AccountDetail>, StoreError> {
    let Some(model) = &engine.agreement().account else {
        return Ok(None);
    };
    let mut rows = db.list_leads(&people_of(id, people_max + 1))?;
    let more = rows.len() > people_max as usize;
    rows.truncate(people_max as usize);
    let company = engine.for_accounts();
    let mut signals = Vec::new();
    let mut people: Vec<(AccountLead, Traits)> = Vec::new();
    for row in rows {
        let history = history::read(db, engine, row.lead.id)?;
        let folded = history.fold(engine, now);
        let intent = engine.score(&folded.state, now).intent;
        people.push((person(row, intent), folded.traits.current()));
        if let Some(company) = &company {
            signals.extend(history.facts.iter().filter_map(|fact| match fact {
                HistoryFact::Event(event) if event.ts <= now => {
                    Some((event.ts, Arc::new(company.classify(&event.view()))))
                }
                _ => None,
            }));
        }
    }
    let own = company.map_or(Points::ZERO, |company| {
        signals.sort_by_key(|(ts, _)| *ts);
        let mut state: LeadState = LeadState::new(&company);
        for (ts, signature) in signals {
            state.event(&company, ts, signature);
        }
        company.score(&state, now).intent
    });
    let scored: Vec<Person<'_>> = people
        .iter()
        .map(|(lead, traits)| Person {
            intent: lead.intent,
            traits,
        })
        .collect();
    let scored = score_account(model, &scored, own);
    let roles = model.committee.iter().map(|role| {
        let held = scored.roles.contains(&role.role);
        (role.role.clone(), held)
    });
    Ok(Some(AccountDetail {
        account: AccountRef {
            id,
            name: name.to_owned(),
        },
        score: scored.score,
        people: scored.people,
        roles: roles.collect(),
        qualified: scored.qualified,
        leads: people.into_iter().map(|(lead, _)| lead).collect(),
        more,
    }))
}

fn people_of(account: AccountId, limit: u32) -> LeadFilter {
    LeadFilter {
        order: LeadOrder::Score,
        stage: None,
        owner: None,
        account: Some(account),
        search: None,
        after: None,
        limit,
    }
}

fn person(row: LeadListRow, intent: Points) -> AccountLead {
    let derived = row.lead.derived;
    AccountLead {
        id: row.lead.id,
        name: derived.name.or(derived.email),
        title: derived.title,
        intent,
    }
}
