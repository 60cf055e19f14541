//! What becomes of the leads that the demo's salespeople take: deals worth what a company of that size pays, of which some
//! are won, some are lost, and the rest are still open.

use bellwether_app::{HandoffSummary, LeadId, NewDeal};
use bellwether_core::deal::{Answer, Answered, Bant, CloseDay, Money, Question, SALES_STAGES};
use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::dice::Dice;
use super::plan::Persona;

/// A deal as it will go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prospect {
    /// With whom.
    pub(crate) lead: LeadId,
    /// What it is called.
    name: String,
    /// In whole dollars.
    dollars: i64,
    /// How far it comes before it ends.
    stage: &'static str,
    /// When it is opened.
    pub(crate) opens: Timestamp,
    /// When it is expected to end, and does if it does.
    pub(crate) closes: Timestamp,
    /// How.
    pub(crate) ending: Ending,
}

/// How a deal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// They buy.
    Won,
    /// They don't, for this reason.
    Lost(&'static str),
    /// Not yet.
    Slips,
}

/// The deal that comes of a handoff that was taken then, if one does: always the same for the same seed and handoff.
pub(crate) fn prospect(
    seed: u64,
    handoff: &HandoffSummary,
    persona: Option<Persona>,
    taken_at: Timestamp,
) -> Option<Prospect> {
    let lead = u64::try_from(handoff.lead.0).unwrap_or(0);
    let mut dice = Dice::new(seed, (8 << 32) + lead * 16 + u64::from(handoff.cycle.min(15)));
    let likely = if persona == Some(Persona::Buyer) { 70 } else { 25 };
    if !dice.chance(likely) {
        return None;
    }
    let later = |at: Timestamp, days: i64, minutes: i64| {
        Timestamp::from_ms_clamped(at.ms() + days * MS_PER_DAY + minutes * 60_000)
    };
    let opens = later(taken_at, dice.between(1, 14), dice.between(5, 240));
    let closes = later(opens, dice.between(14, 80), dice.between(5, 240));
    let large = handoff.team.as_deref() == Some("enterprise");
    let dollars = dice.between(8, 90) * if large { 1_500 } else { 300 };
    let lost = *dice.pick(&["No budget", "Chose a competitor", "Timing not right"]);
    let ending = dice.weighted(&[(44, Ending::Won), (46, Ending::Lost(lost)), (10, Ending::Slips)]);
    let company = handoff.company.as_deref().unwrap_or("Proposals");
    Some(Prospect {
        lead: handoff.lead,
        name: format!(
            "{company}: {}",
            dice.pick::<&str>(&["a first team", "all of sales", "two offices"])
        ),
        dollars,
        stage: dice.pick::<&str>(&SALES_STAGES),
        opens,
        closes,
        ending,
    })
}

impl Prospect {
    /// As it is opened.
    pub(crate) fn new_deal(&self) -> NewDeal {
        let (year, month, day) = self.closes.day().date();
        NewDeal {
            name: self.name.clone(),
            money: Money::parse(&self.dollars.to_string(), "USD").ok(),
            close_on: format!("{year:04}-{month:02}-{day:02}").parse::<CloseDay>().ok(),
            sales_stage: Some(self.stage.to_owned()),
            owner: None,
        }
    }
}

/// What sales found out before it opened a deal.
pub(crate) fn found_out() -> Bant {
    let mut bant = Bant::default();
    let notes = [
        "In this year's plan",
        "Decides together with finance",
        "Proposals take them two days each",
        "Wants it running by next quarter",
    ];
    for (question, note) in Question::ALL.into_iter().zip(notes) {
        bant.record(
            question,
            Answered {
                answer: Answer::Yes,
                note: Some(note.to_owned()),
            },
        );
    }
    bant
}
