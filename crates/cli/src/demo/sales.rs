//! The demo company's people, and how its salespeople answer: most take most leads in good time, some are slow, and what
//! they send back they send back for the agreement's reasons.

use bellwether_app::{ContactKind, HandoffSummary, Role};
use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::dice::Dice;
use super::plan::Persona;

/// Somebody who signs in to the demo.
pub(crate) struct Colleague {
    /// Their name.
    pub(crate) name: &'static str,
    /// Their address.
    pub(crate) email: &'static str,
    /// The team that they are on; the manager is on none.
    pub(crate) team: Option<&'static str>,
    /// What they may do.
    pub(crate) role: Role,
}

/// The six salespeople and their manager. The first is the one whose password is shown.
pub(crate) const COLLEAGUES: [Colleague; 7] = [
    salesperson("Ines O'Brien", "ines@quillmere.example", "sdr"),
    salesperson("Marcus Okafor", "marcus@quillmere.example", "sdr"),
    salesperson("Jürgen Müller", "juergen@quillmere.example", "sdr"),
    salesperson("Priya Kapoor", "priya@quillmere.example", "sdr"),
    salesperson("Sanne van Dijk", "sanne@quillmere.example", "enterprise"),
    salesperson("Rafael Nuñez", "rafael@quillmere.example", "enterprise"),
    Colleague {
        name: "Rosalind Hale",
        email: "rosalind@quillmere.example",
        team: None,
        role: Role::Admin,
    },
];

const fn salesperson(name: &'static str, email: &'static str, team: &'static str) -> Colleague {
    Colleague {
        name,
        email,
        team: Some(team),
        role: Role::Sales,
    }
}

/// A reason of the agreement's, and what was noted with it.
pub(crate) type Rejection = (&'static str, &'static str);

/// What a salesperson does with a handoff, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// When they answer.
    pub(crate) at: Timestamp,
    /// How they were in touch with the lead before; nothing where they weren't, or nobody noted it.
    pub(crate) contact: Option<ContactKind>,
    /// Why they send it back; nothing where they take it.
    pub(crate) rejection: Option<Rejection>,
}

/// How a handoff is answered: always the same for the same seed and handoff.
pub(crate) fn answer(seed: u64, handoff: &HandoffSummary, persona: Option<Persona>) -> Answer {
    let lead = u64::try_from(handoff.lead.0).unwrap_or(0);
    let mut dice = Dice::new(seed, (6 << 32) + lead * 16 + u64::from(handoff.cycle.min(15)));
    let slow = handoff
        .owner
        .as_ref()
        .is_some_and(|owner| owner.name == COLLEAGUES[2].name);
    let at = answered_at(&mut dice, handoff, slow);
    let taken = match persona {
        Some(Persona::Buyer) => 68,
        Some(Persona::Adviser) => 52,
        Some(Persona::Casual) => 45,
        _ => 22,
    };
    let rejection = (!dice.chance(taken)).then(|| rejection(&mut dice, persona));
    let contact = dice.weighted(&[
        (60, Some(ContactKind::Call)),
        (22, Some(ContactKind::Mail)),
        (8, Some(ContactKind::Meeting)),
        (10, None),
    ]);
    Answer {
        at,
        contact,
        rejection,
    }
}

/// Whether nobody ever answers a handoff, so that it expires.
pub(crate) fn is_forgotten(seed: u64, handoff: &HandoffSummary) -> bool {
    let id = u64::try_from(handoff.id.0).unwrap_or(0);
    Dice::new(seed, (9 << 32) + id).chance(4)
}

/// In good time mostly, and late sometimes; what takes longer than an hour isn't answered at night or on a weekend.
fn answered_at(dice: &mut Dice, handoff: &HandoffSummary, slow: bool) -> Timestamp {
    let created = handoff.created_at.ms();
    let allowed = handoff
        .due_at
        .map_or(MS_PER_DAY, |due| due.ms() - created)
        .max(60_000);
    let percent = if dice.chance(if slow { 55 } else { 82 }) {
        dice.between(6, 92)
    } else {
        dice.between(110, 420)
    };
    let mut at = created + allowed / 100 * percent;
    if at - created > 3_600_000 {
        at = in_working_hours(dice, at);
    }
    Timestamp::from_ms_clamped(at)
}

fn in_working_hours(dice: &mut Dice, at_ms: i64) -> i64 {
    // Working hours in New York, seen from UTC without regard to summer.
    let (opens_ms, closes_ms) = (13 * 3_600_000, 23 * 3_600_000);
    let mut at = at_ms;
    if at.rem_euclid(MS_PER_DAY) < opens_ms || at.rem_euclid(MS_PER_DAY) >= closes_ms {
        let midnight = at - at.rem_euclid(MS_PER_DAY);
        let next = if at - midnight >= closes_ms { MS_PER_DAY } else { 0 };
        at = midnight + next + opens_ms + dice.between(0, 5_400_000);
    }
    // 0 is Monday.
    let weekday = (at.div_euclid(MS_PER_DAY) + 3).rem_euclid(7);
    if weekday >= 5 {
        at + (7 - weekday) * MS_PER_DAY
    } else {
        at
    }
}

fn rejection(dice: &mut Dice, persona: Option<Persona>) -> Rejection {
    let timing = ("Timing not right", *dice.pick(&TIMING));
    let budget = ("No budget", *dice.pick(&BUDGET));
    let decider = ("Not a decision maker", *dice.pick(&DECIDER));
    let silent = ("Unresponsive", *dice.pick(&SILENT));
    let rival = ("Chose a competitor", *dice.pick(&RIVAL));
    match persona {
        Some(Persona::Buyer | Persona::Casual) => dice.weighted(&[
            (34, timing),
            (18, budget),
            (8, decider),
            (28, silent),
            (12, rival),
        ]),
        _ => dice.weighted(&[
            (12, timing),
            (18, budget),
            (50, decider),
            (18, silent),
            (2, rival),
        ]),
    }
}

const TIMING: [&str; 3] = [
    "Renews their present contract in spring; asked us to call again then",
    "Reorganising the team first, wants to look again next quarter",
    "In the middle of a CRM migration",
];
const BUDGET: [&str; 3] = [
    "Budget for this year is spent",
    "No money for tools before the new fiscal year",
    "Spending freeze",
];
const DECIDER: [&str; 3] = [
    "Gathers offers for their manager, who hasn't heard of it yet",
    "Only advises; says the sales team would have to ask",
    "Wanted to know how we integrate, has no project",
];
const SILENT: [&str; 3] = [
    "Three calls and two mails, no answer",
    "Voicemail each time",
    "Answered once, then nothing",
];
const RIVAL: [&str; 2] = [
    "Signed with Rival Proposals last month",
    "Went with Otherwise Quotes for the price",
];

#[cfg(test)]
mod tests {
    use bellwether_core::agreement::Agreement;

    use super::*;
    use crate::demo::AGREEMENT;

    #[test]
    fn every_reason_and_team_is_the_agreements() {
        let agreement = Agreement::parse(AGREEMENT).unwrap();
        let reasons: Vec<&str> = agreement.rejections.iter().map(|r| r.reason.as_str()).collect();
        let mut dice = Dice::new(1, 1);
        for persona in [Persona::Buyer, Persona::Adviser] {
            for _ in 0..200 {
                let (reason, note) = rejection(&mut dice, Some(persona));
                assert!(reasons.contains(&reason), "{reason}");
                assert!(!note.is_empty());
            }
        }
        for route in &agreement.routes {
            let members = COLLEAGUES.iter().filter(|c| c.team == Some(route.team.as_str()));
            assert!(members.count() >= 2, "{}", route.team);
        }
    }

    #[test]
    fn what_takes_long_is_answered_in_working_hours() {
        let mut dice = Dice::new(1, 1);
        for hour in 0..24 * 14 {
            let at = in_working_hours(&mut dice, 1_700_000_000_000 + hour * 3_600_000);
            let weekday = (at.div_euclid(MS_PER_DAY) + 3).rem_euclid(7);
            let hour_of_day = at.rem_euclid(MS_PER_DAY) / 3_600_000;
            assert!(
                weekday < 5 && (13..23).contains(&hour_of_day),
                "{weekday} {hour_of_day}"
            );
        }
    }
}
