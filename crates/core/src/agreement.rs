//! The agreement between marketing and sales: read from TOML, checked, and compiled into what the engine runs.
//!
//! [`model`] is the compiled form; nothing in it refers to the file any more, so it can be shared and kept.

mod condition;
mod model;
mod pattern;

pub use condition::{Condition, Test};
pub use model::{
    AccountModel, Agreement, Case, CommitteeRole, Count, Decay, Disqualify, EscalationAction, EscalationStep,
    Example, ExampleEvent, Expectation, FieldType, Fields, FitRule, Grades, Group, Handoff, IntentRule,
    Level, Matches, Message, NurtureStep, NurtureTrack, Pick, Priority, Qualify, Quiet, RejectionReason,
    Reply, Route, RuleKind, ScoreClamp, Silenced, Sla, SlaCondition, SlaHours,
};
pub use pattern::{EventPattern, Glob};
