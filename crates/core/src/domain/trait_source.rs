//! Who says a trait. Sources are believed in a fixed order, so that what a person said of themselves isn't overwritten by
//! what somebody sells about them.

use serde::Serialize;

/// Who says a trait, the most believed first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TraitSource {
    /// The person, in a form or an account of theirs.
    #[default]
    Stated,
    /// The company's own records about them.
    Crm,
    /// A service that knows people and companies.
    Enrichment,
    /// Worked out from what they did.
    Derived,
}

impl TraitSource {
    /// Every source, the most believed first.
    pub const ALL: [Self; 4] = [Self::Stated, Self::Crm, Self::Enrichment, Self::Derived];

    /// The source's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Crm => "crm",
            Self::Enrichment => "enrichment",
            Self::Derived => "derived",
        }
    }

    /// The source of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}
