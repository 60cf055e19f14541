//! What salespeople do with a handoff, by dice of the handoff's own.

use bellwether_app::{Actor, AppError, ContactKind, HandoffId, LeadId, NewDeal, OpportunityId, UserId};
use bellwether_core::deal::{self, Answered, Bant, Question};
use bellwether_core::domain::Period;

use crate::dice::Dice;
use crate::world::World;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// By which the dice of handoffs are told from those of leads.
const HANDOFF_DICE: u64 = 1 << 60;

const REASONS: [&str; 3] = ["Timing not right", "Not a decision maker", "Chose a competitor"];

/// What somebody does about a handoff, or about the lead behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) handoff: i64,
    pub(crate) by: i64,
    pub(crate) answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Accept,
    Reject(&'static str),
    /// Calls or writes, and says so.
    Contact(ContactKind),
    /// Records budget, authority, need and timeline.
    Qualify,
    OpenDeal,
    /// Ends the deal of this number.
    Close {
        deal: i64,
        won: bool,
    },
    Disqualify,
}

/// What was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The handoff is in this state.
    Handoff(&'static str),
    /// The lead's deal has this number and state.
    Deal(i64, &'static str),
    /// Something else was done.
    Done(&'static str),
}

/// What whoever was first given a handoff will do and when: most get in touch, most answer, and some let it lie.
pub(crate) fn first_deeds(seed: u64, handoff: i64, by: i64) -> Vec<(Period, Deed)> {
    let mut dice = dice_of(seed, handoff);
    let mut deeds = Vec::new();
    let mut put = |wait_ms, answer| {
        let deed = Deed { handoff, by, answer };
        deeds.push((Period::from_ms(wait_ms), deed));
    };
    for _ in 0..dice.below(3) {
        let kind = dice.pick(&[ContactKind::Call, ContactKind::Mail, ContactKind::Meeting]);
        put(dice.between(MINUTE_MS, 3 * DAY_MS), Answer::Contact(kind));
    }
    let answer = match dice.below(100) {
        0..55 => Answer::Accept,
        55..80 => Answer::Reject(dice.pick(&REASONS)),
        _ => return deeds,
    };
    // A few answer after it has gone back.
    let longest = if dice.chance(5) { 20 * DAY_MS } else { 2 * DAY_MS };
    put(dice.between(MINUTE_MS, longest), answer);
    deeds
}

/// What the same person does next, after what they were told; nothing where they leave it at that.
pub(crate) fn next(seed: u64, done: &Deed, told: Told) -> Option<(Period, Deed)> {
    let mut dice = dice_of(seed.wrapping_add(1 + step_of(told)), done.handoff);
    let answer = match told {
        Told::Handoff("accepted") => match dice.below(100) {
            0..20 => Answer::Reject(dice.pick(&REASONS)),
            20..75 => Answer::Qualify,
            75..80 => Answer::Disqualify,
            _ => return None,
        },
        Told::Done("qualified by sales") => match dice.below(100) {
            0..80 => Answer::OpenDeal,
            80..90 => Answer::Disqualify,
            _ => return None,
        },
        Told::Deal(deal, "open") => match dice.below(100) {
            0..45 => Answer::Close { deal, won: true },
            45..90 => Answer::Close { deal, won: false },
            _ => return None,
        },
        _ => return None,
    };
    let deed = Deed {
        answer,
        ..done.clone()
    };
    Some((Period::from_ms(dice.between(MINUTE_MS, 10 * DAY_MS)), deed))
}

fn step_of(told: Told) -> u64 {
    match told {
        Told::Handoff(_) => 0,
        Told::Done(_) => 1,
        Told::Deal(..) => 2,
    }
}

/// Does it to the lead that the handoff is of by now; gives what was acknowledged.
pub(crate) fn perform(world: &World, deed: &Deed, lead: LeadId) -> Result<Told, AppError> {
    let (id, by) = (HandoffId(deed.handoff), Actor::User(UserId(deed.by)));
    let app = world.app();
    Ok(match deed.answer {
        Answer::Accept => {
            world.wait(app.accept_handoff(id, by))?;
            Told::Handoff("accepted")
        }
        Answer::Reject(reason) => {
            world.wait(app.reject_handoff(id, reason.to_owned(), None, by))?;
            Told::Handoff("rejected")
        }
        Answer::Contact(kind) => {
            world.wait(app.record_contact(id, kind, None, None, by))?;
            Told::Done("contacts")
        }
        Answer::Qualify => {
            world.wait(app.sales_qualify(lead, all_yes(), by))?;
            Told::Done("qualified by sales")
        }
        Answer::OpenDeal => {
            let new = NewDeal {
                name: format!("Deal of handoff {id}"),
                money: None,
                close_on: None,
                sales_stage: None,
                owner: None,
            };
            let deal = world.wait(app.open_deal(lead, new, by))?;
            Told::Deal(deal.id.0, "open")
        }
        Answer::Close { deal, won: true } => {
            world.wait(app.win_deal(OpportunityId(deal), None, None, by))?;
            Told::Deal(deal, "won")
        }
        Answer::Close { deal, won: false } => {
            let reason = "Timing not right".to_owned();
            world.wait(app.lose_deal(OpportunityId(deal), reason, None, by))?;
            Told::Deal(deal, "lost")
        }
        Answer::Disqualify => {
            world.wait(app.disqualify(lead, "not to be sold to".to_owned(), by))?;
            Told::Done("disqualified")
        }
    })
}

fn all_yes() -> Bant {
    let mut bant = Bant::default();
    for question in Question::ALL {
        let answered = Answered {
            answer: deal::Answer::Yes,
            note: None,
        };
        bant.record(question, answered);
    }
    bant
}

fn dice_of(seed: u64, handoff: i64) -> Dice {
    Dice::new(seed, HANDOFF_DICE | handoff.unsigned_abs())
}
