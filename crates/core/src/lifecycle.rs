//! The stages of a lead and the moves between them: one table of what is allowed, and a reason for everything that isn't.

use std::fmt;

use crate::domain::Stage;

/// What can be done to a lead's stage. Who did it, when and why is kept beside the move by whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// An email, phone or external id is learned of a visitor.
    BecomeKnown,
    /// The engine finds the line reached.
    Qualify,
    /// Sales takes the lead on.
    Accept,
    /// Sales sends it back with a reason.
    Reject,
    /// Sales records budget, authority, need and timeline.
    SalesQualify,
    /// A deal is opened, whichever one this is.
    OpenOpportunity,
    /// A deal is won.
    Win,
    /// The last deal that was open is lost. Losing one of several moves nobody.
    Lose,
    /// Nobody answered in the agreed time.
    Expire,
    /// It is not to be sold to.
    Disqualify,
    /// A manager puts it where it belongs.
    Override(Stage),
}

/// A move that isn't allowed, and what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a lead at stage `{stage}` can't be moved by `{by}`: {reason}")]
pub struct Refused {
    /// Where the lead stands.
    pub stage: Stage,
    /// The move that was asked for.
    pub by: Move,
    /// Why it isn't allowed, and the remedy.
    pub reason: &'static str,
}

/// The stage that a move leads to.
pub fn next(stage: Stage, by: Move) -> Result<Stage, Refused> {
    let outcome = match by {
        Move::BecomeKnown => become_known(stage),
        Move::Qualify => qualify(stage),
        Move::Accept => accept(stage),
        Move::Reject => reject(stage),
        Move::SalesQualify => sales_qualify(stage),
        Move::OpenOpportunity => open_opportunity(stage),
        Move::Win | Move::Lose => close(stage, by),
        Move::Expire => expire(stage),
        Move::Disqualify => disqualify(stage),
        Move::Override(to) => override_to(stage, to),
    };
    outcome.map_err(|reason| Refused { stage, by, reason })
}

impl Move {
    /// Every move, with an override to each stage.
    pub const ALL: [Self; 19] = [
        Self::BecomeKnown,
        Self::Qualify,
        Self::Accept,
        Self::Reject,
        Self::SalesQualify,
        Self::OpenOpportunity,
        Self::Win,
        Self::Lose,
        Self::Expire,
        Self::Disqualify,
        Self::Override(Stage::Visitor),
        Self::Override(Stage::Lead),
        Self::Override(Stage::Mql),
        Self::Override(Stage::Sal),
        Self::Override(Stage::Sql),
        Self::Override(Stage::Opportunity),
        Self::Override(Stage::Customer),
        Self::Override(Stage::Recycled),
        Self::Override(Stage::Disqualified),
    ];

    /// The move's name in data: `open_opportunity`; an override is `override` whatever its stage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BecomeKnown => "become_known",
            Self::Qualify => "qualify",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::SalesQualify => "sales_qualify",
            Self::OpenOpportunity => "open_opportunity",
            Self::Win => "win",
            Self::Lose => "lose",
            Self::Expire => "expire",
            Self::Disqualify => "disqualify",
            Self::Override(_) => "override",
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())?;
        match self {
            Self::Override(to) => write!(f, " to {to}"),
            _ => Ok(()),
        }
    }
}

type Outcome = Result<Stage, &'static str>;

const NOT_KNOWN: &str = "nobody that one could reach; an email, phone or external id makes it a lead";
const NOT_HANDED_OFF: &str =
    "it was not handed to sales; wait until it qualifies, or have a manager override the stage";
const DISQUALIFIED: &str = "it is not to be sold to; a manager can override the stage";
const CUSTOMER: &str = "it is a customer already; its activity goes to its owner as a notice";
const SENT_BACK: &str = "it is back with marketing; wait until it qualifies again";

fn become_known(stage: Stage) -> Outcome {
    match stage {
        Stage::Visitor => Ok(Stage::Lead),
        _ => Err("it is known already; nothing needs doing"),
    }
}

fn qualify(stage: Stage) -> Outcome {
    match stage {
        Stage::Lead | Stage::Recycled => Ok(Stage::Mql),
        Stage::Visitor => Err(NOT_KNOWN),
        Stage::Mql | Stage::Sal | Stage::Sql => {
            Err("sales has it already; it qualifies again once it is sent back")
        }
        Stage::Opportunity => Err("a deal is open; its activity goes to its owner as a notice"),
        Stage::Customer => Err(CUSTOMER),
        Stage::Disqualified => Err(DISQUALIFIED),
    }
}

fn accept(stage: Stage) -> Outcome {
    match stage {
        Stage::Mql => Ok(Stage::Sal),
        Stage::Sal | Stage::Sql | Stage::Opportunity => {
            Err("sales has accepted it already; go on from there")
        }
        other => Err(with_marketing(other)),
    }
}

fn reject(stage: Stage) -> Outcome {
    match stage {
        Stage::Mql | Stage::Sal => Ok(Stage::Recycled),
        Stage::Sql => Err("sales has qualified it itself; disqualify it, or open a deal and lose it"),
        Stage::Opportunity => Err("a deal is open; lose it with a reason"),
        other => Err(with_marketing(other)),
    }
}

fn sales_qualify(stage: Stage) -> Outcome {
    match stage {
        Stage::Sal => Ok(Stage::Sql),
        Stage::Mql => Err("nobody has accepted it yet; accept it first"),
        Stage::Sql | Stage::Opportunity => Err("sales has qualified it already; go on from there"),
        other => Err(with_marketing(other)),
    }
}

fn open_opportunity(stage: Stage) -> Outcome {
    match stage {
        Stage::Sql => Ok(Stage::Opportunity),
        Stage::Mql => {
            Err("nobody has accepted it yet; accept it and record budget, authority, need and timeline first")
        }
        Stage::Sal => Err("record budget, authority, need and timeline first"),
        // One more deal: whoever buys, or may, stays where they are.
        Stage::Opportunity | Stage::Customer => Ok(stage),
        other => Err(with_marketing(other)),
    }
}

fn close(stage: Stage, by: Move) -> Outcome {
    match stage {
        Stage::Opportunity if by == Move::Win => Ok(Stage::Customer),
        Stage::Opportunity => Ok(Stage::Recycled),
        // Whoever bought once stays a customer, whatever becomes of further deals.
        Stage::Customer => Ok(Stage::Customer),
        Stage::Disqualified => Err(DISQUALIFIED),
        Stage::Visitor | Stage::Lead | Stage::Mql | Stage::Sal | Stage::Sql | Stage::Recycled => {
            Err("no deal is open; open an opportunity first")
        }
    }
}

fn expire(stage: Stage) -> Outcome {
    match stage {
        Stage::Mql => Ok(Stage::Recycled),
        Stage::Sal | Stage::Sql | Stage::Opportunity => {
            Err("sales has accepted it, so it expires no more; reject it instead")
        }
        other => Err(with_marketing(other)),
    }
}

fn disqualify(stage: Stage) -> Outcome {
    match stage {
        Stage::Customer => Err("it is a customer; a manager can override the stage"),
        Stage::Opportunity => Err("a deal is open; lose it with a reason first"),
        Stage::Disqualified => Err("it is disqualified already; nothing needs doing"),
        Stage::Visitor | Stage::Lead | Stage::Mql | Stage::Sal | Stage::Sql | Stage::Recycled => {
            Ok(Stage::Disqualified)
        }
    }
}

fn override_to(stage: Stage, to: Stage) -> Outcome {
    match (stage, to) {
        _ if stage == to => Err("it stands there already; nothing needs doing"),
        (Stage::Visitor, Stage::Disqualified) => Ok(to),
        (Stage::Visitor, _) => Err(NOT_KNOWN),
        (_, Stage::Visitor) => Err("who is known can't be made unknown; disqualify it, or delete it"),
        _ => Ok(to),
    }
}

/// Why a move of sales isn't allowed on a lead that sales doesn't have.
const fn with_marketing(stage: Stage) -> &'static str {
    match stage {
        Stage::Visitor => NOT_KNOWN,
        Stage::Recycled => SENT_BACK,
        Stage::Customer => CUSTOMER,
        Stage::Disqualified => DISQUALIFIED,
        Stage::Lead | Stage::Mql | Stage::Sal | Stage::Sql | Stage::Opportunity => NOT_HANDED_OFF,
    }
}

#[cfg(test)]
mod tests;
