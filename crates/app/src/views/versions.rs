//! Versions of the agreement, the proposals that they come from, who signed, and whom a version would newly hand off.

use std::sync::Arc;

use bellwether_core::domain::{Points, Timestamp};
use bellwether_core::engine::Engine;

use crate::{HandoffId, LeadId, ProposalId, ReplaySummary, ShadowId, ShadowReport, UserRef};

/// The longest note or reason, in characters.
pub const NOTE_CHARS_MAX: usize = 500;

/// A version of the agreement.
#[derive(Debug, Clone)]
pub struct AgreementVersion {
    /// Its number, from 1.
    pub version: u32,
    /// The SHA-256 of its source, in hex.
    pub hash: String,
    /// The file as it was given.
    pub source: String,
    /// Since when it is active.
    pub activated_at: Timestamp,
    /// Who published it.
    pub by: String,
    /// From when on leads are judged by it.
    pub mode: PublishMode,
    /// On what it stands.
    pub basis: Basis,
    /// Why it was published so, where somebody said.
    pub reason: Option<String>,
    /// What was signed.
    pub proposal: Option<ProposalId>,
    /// The version that it is again.
    pub back_to: Option<u32>,
    /// The same, compiled.
    pub engine: Arc<Engine>,
}

/// From when on leads are judged by a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PublishMode {
    /// From its activation on; what was decided stays.
    #[default]
    Forward,
    /// From the beginning: all leads are judged anew, and whoever would newly be handed off is listed to be confirmed.
    Retroactive,
}

/// On what a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Two people signed it, one of marketing and one of sales.
    Signed,
    /// It began a database that held no leads.
    First,
    /// An operator or admin published it without signatures, and said why.
    Override,
    /// It is an older version again, which was signed.
    Rollback,
    /// It was published before signatures were kept.
    Unsigned,
}

/// Who has to sign an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Department {
    /// Makes the leads.
    Marketing,
    /// Works on them.
    Sales,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    /// It may be signed and published.
    Open,
    /// It became a version.
    Published,
    /// It was taken back.
    Withdrawn,
}

/// An agreement that is to become a version.
#[derive(Debug, Clone)]
pub struct ProposalView {
    /// Its number.
    pub id: ProposalId,
    /// The SHA-256 of its source, in hex.
    pub hash: String,
    /// The file.
    pub source: String,
    /// Why, in its author's words.
    pub note: Option<String>,
    /// The version that was active then.
    pub based_on: u32,
    /// When.
    pub proposed_at: Timestamp,
    /// By whom.
    pub proposed_by: String,
    /// Where it stands.
    pub state: ProposalState,
    /// As which version it was published.
    pub version: Option<u32>,
    /// What it would have come to.
    pub replay: Option<ReplaySummary>,
    /// Who signed it.
    pub signatures: Vec<SignatureView>,
    /// Who still has to.
    pub missing: Vec<Department>,
}

/// A signature under an agreement.
#[derive(Debug, Clone)]
pub struct SignatureView {
    /// For which department.
    pub department: Department,
    /// Who.
    pub user: UserRef,
    /// The role that they had then.
    pub role: String,
    /// When.
    pub at: Timestamp,
    /// The hash of what they signed.
    pub hash: String,
    /// The replay that they were shown.
    pub replay: Option<ReplaySummary>,
}

/// A version, as it stands in the list of all of them.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// Its number, from 1.
    pub version: u32,
    /// The SHA-256 of its source, in hex.
    pub hash: String,
    /// The file.
    pub source: String,
    /// Since when it was active.
    pub activated_at: Timestamp,
    /// Who published it.
    pub by: String,
    /// From when on leads were judged by it.
    pub mode: PublishMode,
    /// On what it stands.
    pub basis: Basis,
    /// Why it was published so, where somebody said.
    pub reason: Option<String>,
    /// What was signed.
    pub proposal: Option<ProposalId>,
    /// The version that it is again.
    pub back_to: Option<u32>,
    /// Who signed it, with the replay that each was shown.
    pub signatures: Vec<SignatureView>,
}

/// What a retroactive version would newly hand off, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConfirmCounts {
    /// The version.
    pub version: u32,
    /// Whether it judges all leads anew at all.
    pub retroactive: bool,
    /// Leads that are still to be judged anew.
    pub left: u64,
    /// Leads that wait to be confirmed or left out.
    pub waiting: u64,
    /// Leads that were confirmed and aren't handed off yet.
    pub confirmed: u64,
    /// Leads that were handed off.
    pub handed_off: u64,
    /// Leads that were left out.
    pub left_out: u64,
    /// Leads that were confirmed, and couldn't be handed off.
    pub lapsed: u64,
}

/// A lead that a retroactive version would newly hand off.
#[derive(Debug, Clone)]
pub struct NewlyQualified {
    /// Which lead.
    pub lead: LeadId,
    /// What it is called.
    pub name: Option<String>,
    /// Its company.
    pub company: Option<String>,
    /// When it qualified, by that version.
    pub qualified_at: Timestamp,
    /// What made it.
    pub trigger: String,
    /// Its fit then.
    pub fit: Points,
    /// Its intent then.
    pub intent: Points,
    /// Whether it still reached the line when it was listed.
    pub reaches: bool,
    /// The team that would get it.
    pub team: Option<String>,
    /// Who has it, or its account, already.
    pub owner: Option<UserRef>,
    /// `waiting`, `confirmed`, `handed_off`, `left_out`, `lapsed` or `superseded`.
    pub state: String,
    /// Who decided that.
    pub decided_by: Option<String>,
    /// The handoff that it came to.
    pub handoff: Option<HandoffId>,
    /// Why it lapsed.
    pub outcome: Option<String>,
}

/// Which leads of a list are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// All that wait, if they are as many as whoever decides was shown.
    All(u64),
    /// These.
    Leads(Vec<LeadId>),
}

/// What became of a decision on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How many leads it was made for.
    pub decided: u64,
    /// Those that didn't wait.
    pub not_waiting: Vec<LeadId>,
}

/// A run of a proposal beside the active version.
#[derive(Debug, Clone)]
pub struct ShadowView {
    /// Its number.
    pub id: ShadowId,
    /// Of what.
    pub proposal: ProposalId,
    /// When it began.
    pub started_at: Timestamp,
    /// Who began it.
    pub started_by: String,
    /// When it ends, or ended.
    pub ends_at: Timestamp,
    /// Who ended it before its time.
    pub stopped_by: Option<String>,
    /// What it came to in the end; nothing while it runs, and until somebody asks.
    pub report: Option<ShadowReport>,
}

impl PublishMode {
    /// Every mode.
    pub const ALL: [Self; 2] = [Self::Forward, Self::Retroactive];

    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Retroactive => "retroactive",
        }
    }

    /// The mode with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

impl Basis {
    /// Every basis.
    pub const ALL: [Self; 5] = [
        Self::Signed,
        Self::First,
        Self::Override,
        Self::Rollback,
        Self::Unsigned,
    ];

    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::First => "first",
            Self::Override => "override",
            Self::Rollback => "rollback",
            Self::Unsigned => "unsigned",
        }
    }

    /// The basis with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == name)
    }

    /// The same, as people say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Signed => "signed by marketing and sales",
            Self::First => "the first one, of a database without leads",
            Self::Override => "published without signatures",
            Self::Rollback => "an older version again, which was signed",
            Self::Unsigned => "from before signatures were kept",
        }
    }
}

impl Department {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Marketing, Self::Sales];

    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Sales => "sales",
        }
    }

    /// The department with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|department| department.as_str() == name)
    }
}

impl ProposalState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Published, Self::Withdrawn];

    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}
