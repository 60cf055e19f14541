//! Where a lead stands between marketing and sales.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The stages of a lead, in the order of the funnel; the last two are off it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Anonymous: nobody that one could reach.
    Visitor,
    /// Known, not qualified.
    Lead,
    /// Marketing qualified: handed to sales, who haven't answered yet.
    Mql,
    /// Sales accepted.
    Sal,
    /// Sales qualified: budget, authority, need and timeline are recorded.
    Sql,
    /// A deal is open.
    Opportunity,
    /// A deal was won.
    Customer,
    /// Back with marketing, on a nurture track.
    Recycled,
    /// Not to be sold to.
    Disqualified,
}

impl Stage {
    /// All stages, in the order of the funnel.
    pub const ALL: [Self; 9] = [
        Self::Visitor,
        Self::Lead,
        Self::Mql,
        Self::Sal,
        Self::Sql,
        Self::Opportunity,
        Self::Customer,
        Self::Recycled,
        Self::Disqualified,
    ];

    /// The stage's name in data: `mql`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Lead => "lead",
            Self::Mql => "mql",
            Self::Sal => "sal",
            Self::Sql => "sql",
            Self::Opportunity => "opportunity",
            Self::Customer => "customer",
            Self::Recycled => "recycled",
            Self::Disqualified => "disqualified",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Stage {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.as_str() == name)
            .ok_or(())
    }
}
