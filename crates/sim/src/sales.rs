//! The salespeople of the quarter: twelve in three teams, and what each does with a handoff, by dice of the handoff's own.

use anyhow::{Context as _, Result};
use bellwether_app::{Actor, AppError, HandoffId, Role, UserId};
use bellwether_core::domain::Period;

use crate::dice::Dice;
use crate::watch::Handoff;
use crate::world::World;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// By which the dice of handoffs are told from those of leads.
const HANDOFF_DICE: u64 = 1 << 60;

/// Who works where, with what weight.
const TEAMS: [(&str, [(&str, u32); 4]); 3] = [
    ("new-york", [("Ada", 1), ("Bo", 1), ("Cy", 1), ("Dee", 1)]),
    ("london", [("Eve", 3), ("Fin", 2), ("Gus", 1), ("Hal", 1)]),
    ("sydney", [("Ida", 1), ("Jon", 1), ("Kay", 1), ("Lou", 1)]),
];
const REASONS: [&str; 3] = ["Timing not right", "Not a decision maker", "Chose a competitor"];

/// What somebody does about a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) handoff: i64,
    pub(crate) by: i64,
    pub(crate) answer: Answer,
    /// Whether the handoff is accepted already.
    pub(crate) after_acceptance: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Accept,
    Reject(&'static str),
}

/// Makes users and teams.
pub(crate) fn hire(world: &World) -> Result<()> {
    for (team, people) in TEAMS {
        for (name, weight) in people {
            let email = format!("{name}@seller.example");
            let app = world.app();
            let user = world.wait(app.create_user(name, &email, "correct horse", Role::Sales))?;
            world
                .wait(app.add_member(team, user.id, weight))
                .with_context(|| format!("{name} can't join {team}"))?;
        }
    }
    Ok(())
}

/// What the owner of a new handoff will do first, and when; nothing where they let it lie.
pub(crate) fn first_answer(seed: u64, handoff: &Handoff) -> Option<(Period, Deed)> {
    let mut dice = dice_of(seed, handoff.id);
    let answer = match dice.below(100) {
        0..55 => Answer::Accept,
        55..80 => Answer::Reject(dice.pick(&REASONS)),
        _ => return None,
    };
    let deed = Deed {
        handoff: handoff.id,
        by: handoff.owner?,
        answer,
        after_acceptance: false,
    };
    // A few answer after it has gone back.
    let longest = if dice.chance(5) { 20 * DAY_MS } else { 2 * DAY_MS };
    Some((Period::from_ms(dice.between(MINUTE_MS, longest)), deed))
}

/// What follows on a handoff that was accepted.
pub(crate) fn after_acceptance(seed: u64, accepted: &Deed) -> Vec<(Period, Deed)> {
    let mut dice = dice_of(seed.wrapping_add(1), accepted.handoff);
    let mut deeds = Vec::new();
    if dice.chance(25) {
        let deed = Deed {
            answer: Answer::Reject(dice.pick(&REASONS)),
            after_acceptance: true,
            ..accepted.clone()
        };
        deeds.push((Period::from_ms(dice.between(MINUTE_MS, 10 * DAY_MS)), deed));
    }
    deeds
}

/// Does it; gives the state of the handoff that was acknowledged.
pub(crate) fn perform(world: &World, deed: &Deed) -> Result<&'static str, AppError> {
    let (id, by) = (HandoffId(deed.handoff), Actor::User(UserId(deed.by)));
    match deed.answer {
        Answer::Accept => {
            world.wait(world.app().accept_handoff(id, by))?;
            Ok("accepted")
        }
        Answer::Reject(reason) => {
            world.wait(world.app().reject_handoff(id, reason.to_owned(), None, by))?;
            Ok("rejected")
        }
    }
}

fn dice_of(seed: u64, handoff: i64) -> Dice {
    Dice::new(seed, HANDOFF_DICE | handoff.unsigned_abs())
}
