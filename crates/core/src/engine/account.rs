//! What the people of one company come to together.

use super::Engine;
use crate::agreement::AccountModel;
use crate::domain::{Points, Traits};
use crate::profile::Profile;

/// One person of an account.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// What they do comes to.
    pub intent: Points,
    /// Who they are.
    pub traits: &'a Traits,
}

/// What an account comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountScore {
    /// The people's intent, each cut, plus the account's own.
    pub score: Points,
    /// How many people have positive intent.
    pub people: u32,
    /// The committee's roles that one of those people holds, in the agreement's order.
    pub roles: Vec<String>,
    /// Whether every line of `[account] qualify` is reached; never where it draws none.
    pub qualified: bool,
}

/// Scores an account: the sum over its people of their intent where positive, each cut at `per_person`, plus what the
/// account's own rules give (`own`, from an [`Engine`] made by [`Engine::for_accounts`]).
pub fn score_account(model: &AccountModel, people: &[Person<'_>], own: Points) -> AccountScore {
    let active: Vec<&Person<'_>> = people
        .iter()
        .filter(|person| person.intent.is_positive())
        .collect();
    let score = active
        .iter()
        .map(|person| person.intent.min(model.per_person))
        .sum::<Points>()
        + own;
    let holds = |when: &crate::agreement::Condition| {
        active.iter().any(|person| {
            let profile = Profile::new(person.traits);
            when.holds(&|field| profile.field(field))
        })
    };
    let covered = model.committee.iter().filter(|role| holds(&role.when));
    let roles: Vec<String> = covered.map(|role| role.role.clone()).collect();
    let people = u32::try_from(active.len()).unwrap_or(u32::MAX);
    let role_count = u32::try_from(roles.len()).unwrap_or(u32::MAX);
    let drawn = model.score.is_some() || model.people.is_some() || model.roles.is_some();
    let qualified = drawn
        && model.score.is_none_or(|line| score >= line)
        && model.people.is_none_or(|line| people >= line)
        && model.roles.is_none_or(|line| role_count >= line);
    AccountScore {
        score,
        people,
        roles,
        qualified,
    }
}

impl Engine {
    /// An engine over the agreement's account rules, whose "lead" is the account; `None` without any.
    pub fn for_accounts(&self) -> Option<Self> {
        let rules = &self.agreement.account.as_ref()?.intent;
        if rules.is_empty() {
            return None;
        }
        let agreement = crate::agreement::Agreement {
            intent: rules.clone(),
            groups: Vec::new(),
            fit: Vec::new(),
            disqualify: Vec::new(),
            ..self.agreement.as_ref().clone()
        };
        Some(Self::new(std::sync::Arc::new(agreement)))
    }
}
