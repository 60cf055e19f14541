//! What a job title says: how senior somebody is, and in which department.
//!
//! A title is read in three steps. `words` turns the text into known words: without case, accents and gender forms, and
//! with German compounds taken apart, so that `Vertriebsleiterin` is *Vertrieb*, *Leiter*. `ranks` reads from them the
//! roles that the title lists and how senior each is; the highest counts. The field is the one that the highest role names
//! most plainly. Which word means what stands in two tables, `rank_words` and `field_words`; a new word is a word in one
//! of them and a line in `tests/profile/titles`.
//!
//! What is read is finer than what conditions compare: [`Rank`] and [`Field`] say more than [`Seniority`] and
//! [`Department`], which follow from them. A title that no table knows is `unknown`, which is an answer. A role somebody
//! had or wants (`former`, `ex-`, `aspiring`) says nothing about the present and isn't read, nor are the names of
//! companies after `at`, or the people an assistant assists.

mod field_words;
mod fields;
mod rank_words;
mod ranks;
mod vocabulary;
mod words;

use self::words::words;

/// How senior somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seniority {
    /// The title doesn't say.
    Unknown,
    /// Still studying.
    Student,
    /// Learning the job, or in the first one.
    Entry,
    /// Does the work, however experienced.
    Individual,
    /// Leads a team, a project or a field.
    Manager,
    /// Leads a department, a site or a business.
    Director,
    /// Leads several.
    Vp,
    /// Leads or owns the company.
    CSuite,
}

impl Seniority {
    /// The level as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Student => "student",
            Self::Entry => "entry",
            Self::Individual => "individual",
            Self::Manager => "manager",
            Self::Director => "director",
            Self::Vp => "vp",
            Self::CSuite => "c_suite",
        }
    }
}

/// In which department somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Department {
    /// Marketing and communication.
    Marketing,
    /// Sales and business development.
    Sales,
    /// Makes the product.
    Engineering,
    /// Runs the company's systems.
    It,
    /// Finance and accounting.
    Finance,
    /// Human resources.
    Hr,
    /// Operations, production, logistics, purchasing and projects.
    Operations,
    /// Decides what the product is.
    Product,
    /// Legal and compliance.
    Legal,
    /// Helps customers.
    Support,
    /// Runs the company.
    Executive,
    /// A known occupation in none of these.
    Other,
    /// The title doesn't say.
    Unknown,
}

impl Department {
    /// The department as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Sales => "sales",
            Self::Engineering => "engineering",
            Self::It => "it",
            Self::Finance => "finance",
            Self::Hr => "hr",
            Self::Operations => "operations",
            Self::Product => "product",
            Self::Legal => "legal",
            Self::Support => "support",
            Self::Executive => "executive",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// How senior a title is, in steps finer than [`Seniority`], from the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The title doesn't say.
    Unknown,
    /// Still studying.
    Student,
    /// Learns the job or begins it: intern, apprentice, trainee, junior.
    Learner,
    /// Helps somebody in the job: assistant, secretary.
    Assistant,
    /// Does the work.
    Professional,
    /// Does the work with long experience: senior, principal, expert.
    Senior,
    /// Coordinates what others do, without leading them.
    Coordinator,
    /// Is called manager: of a field, an account, a product or of people; the title doesn't tell.
    Manager,
    /// A senior manager.
    SeniorManager,
    /// Leads a team, a shift or a project, whether or not it is called manager.
    TeamLead,
    /// Leads a department: head of, `Leiter`.
    Head,
    /// Is called director.
    Director,
    /// Runs a business, a country or a site, or signs for the company: general manager, `Prokurist`.
    GeneralManager,
    /// A vice president.
    VicePresident,
    /// Leads or owns the company, or watches over those who do.
    Chief,
}

impl Rank {
    /// What conditions compare.
    pub const fn seniority(self) -> Seniority {
        match self {
            Self::Unknown => Seniority::Unknown,
            Self::Student => Seniority::Student,
            Self::Learner => Seniority::Entry,
            Self::Assistant | Self::Professional | Self::Senior | Self::Coordinator => Seniority::Individual,
            Self::Manager | Self::SeniorManager | Self::TeamLead => Seniority::Manager,
            Self::Head | Self::Director | Self::GeneralManager => Seniority::Director,
            Self::VicePresident => Seniority::Vp,
            Self::Chief => Seniority::CSuite,
        }
    }
}

/// What somebody works on, in steps finer than [`Department`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Marketing and communication.
    Marketing,
    /// Sales.
    Sales,
    /// Finds new business, partners and markets.
    BusinessDevelopment,
    /// Makes the product.
    Engineering,
    /// Runs the company's systems.
    It,
    /// Finance and accounting.
    Finance,
    /// Human resources.
    Hr,
    /// Production, logistics, quality and what else keeps a company running.
    Operations,
    /// Buys.
    Purchasing,
    /// Leads projects and programmes.
    Projects,
    /// Decides what the product is.
    Product,
    /// Legal and compliance.
    Legal,
    /// Helps customers.
    Support,
    /// Runs the company.
    Executive,
    /// Advises other companies.
    Consulting,
    /// Offices, secretaries and assistants.
    Administration,
    /// A known occupation in none of these.
    Other,
    /// The title doesn't say.
    Unknown,
}

impl Field {
    /// What conditions compare.
    pub const fn department(self) -> Department {
        match self {
            Self::Marketing => Department::Marketing,
            Self::Sales | Self::BusinessDevelopment => Department::Sales,
            Self::Engineering => Department::Engineering,
            Self::It => Department::It,
            Self::Finance => Department::Finance,
            Self::Hr => Department::Hr,
            Self::Operations | Self::Purchasing | Self::Projects => Department::Operations,
            Self::Product => Department::Product,
            Self::Legal => Department::Legal,
            Self::Support => Department::Support,
            Self::Executive => Department::Executive,
            Self::Consulting | Self::Administration | Self::Other => Department::Other,
            Self::Unknown => Department::Unknown,
        }
    }
}

/// What a job title says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobTitle {
    /// How senior.
    pub rank: Rank,
    /// On what.
    pub field: Field,
    /// As somebody who advises others on it: a consultant.
    pub advises: bool,
}

impl JobTitle {
    /// Reads a title in English, German or French. Case, accents, gender forms and surplus spaces don't matter.
    pub fn read(title: &str) -> Self {
        let words = words(title);
        let roles = ranks::roles(&words);
        let rank = ranks::overall(&roles);
        let (field, advises) = fields::field(&words, &roles, rank);
        Self { rank, field, advises }
    }

    /// The level as conditions compare it.
    pub const fn seniority(self) -> Seniority {
        self.rank.seniority()
    }

    /// The department as conditions compare it.
    pub const fn department(self) -> Department {
        self.field.department()
    }
}

#[cfg(test)]
mod tests;
