//! What may stand where in the file: every section's keys, with what they hold and what they mean. The checker and the
//! editors' JSON schema are both made from these tables.

mod handoff;
mod suspect;

pub(super) use handoff::{
    ESCALATE, EXAMPLE, EXAMPLE_EVENT, EXPECT, HANDOFF, HOURS, LIMITS, MESSAGE, NURTURE, PICKS, PRIORITIES,
    REJECTION, REPLY, ROUTE, SILENCE, SLA, STEP,
};
pub(super) use suspect::{BURST, MAIL, SPEED, SUSPECT};

use super::fields::TYPES;

/// A table of the file: its keys, and what it is called in messages.
#[derive(Debug)]
pub(super) struct Shape {
    /// What such a table is, with its article: `an intent rule`.
    pub(super) what: &'static str,
    /// Its keys.
    pub(super) keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) holds: Holds,
    /// What it means, for people who hover over it.
    pub(super) means: &'static str,
}

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    /// A text.
    Text,
    /// A text, or a list of texts.
    Texts,
    /// Points: a decimal of at most three places.
    Points,
    /// Points, or a list of them.
    PointsList,
    /// A period, such as `90d` or `5m`.
    Period,
    /// A period of whole days.
    Days,
    /// A whole number of at least 1.
    Count,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A lint's name.
    Lint,
    /// A condition on fields.
    Condition,
    /// A condition on a handoff and its lead.
    SlaCondition,
    /// Which events.
    Pattern,
    /// One event, as it happens.
    Event,
    /// Fields with values.
    Values,
    /// Names with field types.
    FieldTypes,
    /// `false`, or this.
    OrFalse(&'static Holds),
    /// A table.
    Table(&'static Shape),
    /// Any number of tables: `[[…]]`, or a list of inline ones.
    Tables(&'static Shape),
}

const fn must(name: &'static str, holds: Holds, means: &'static str) -> Key {
    Key {
        name,
        required: true,
        holds,
        means,
    }
}

const fn may(name: &'static str, holds: Holds, means: &'static str) -> Key {
    Key {
        name,
        required: false,
        holds,
        means,
    }
}

/// The whole file.
pub(super) const FILE: Shape = Shape {
    what: "an agreement file",
    keys: &[
        must(
            "agreement",
            Holds::Table(&AGREEMENT),
            "What the agreement is called, and when it is reviewed.",
        ),
        may(
            "fields",
            Holds::FieldTypes,
            "Traits beyond the built-in ones, with their types.",
        ),
        may("fit", Holds::Tables(&FIT), "Rules on who a lead is."),
        may("intent", Holds::Tables(&INTENT), "Rules on what a lead does."),
        may(
            "group",
            Holds::Tables(&GROUP),
            "Caps on what several intent rules give together.",
        ),
        must(
            "qualify",
            Holds::Table(&QUALIFY),
            "The line that a lead for sales has to reach.",
        ),
        may(
            "disqualify",
            Holds::Tables(&DISQUALIFY),
            "Who is never a lead for sales.",
        ),
        may(
            "grades",
            Holds::Table(&GRADES),
            "A letter for fit and a number for intent: A1 is best.",
        ),
        may(
            "score",
            Holds::Table(&SCORE),
            "Bounds on the numbers that are shown; the line ignores them.",
        ),
        may(
            "suspect",
            Holds::Table(&SUSPECT),
            "Which events are held apart as those of machines.",
        ),
        may(
            "account",
            Holds::Table(&ACCOUNT),
            "What makes a whole company a lead for sales.",
        ),
        may(
            "handoff",
            Holds::Table(&HANDOFF),
            "What happens when a lead qualifies.",
        ),
        may(
            "route",
            Holds::Tables(&ROUTE),
            "Who gets the lead: the first route that matches.",
        ),
        may(
            "sla",
            Holds::Tables(&SLA),
            "How fast sales must act: the first that matches.",
        ),
        may(
            "rejection",
            Holds::Tables(&REJECTION),
            "Why sales may send a lead back.",
        ),
        may(
            "nurture",
            Holds::Tables(&NURTURE),
            "What is sent to leads that came back.",
        ),
        may(
            "limits",
            Holds::Table(&LIMITS),
            "How often a lead is handed off, and written to.",
        ),
        may(
            "reply",
            Holds::Tables(&REPLY),
            "Messages sent at once to leads who raise their hand.",
        ),
        may("message", Holds::Tables(&MESSAGE), "The texts of messages."),
        may(
            "example",
            Holds::Tables(&EXAMPLE),
            "Leads that show what the agreement means, and test it.",
        ),
        may(
            "silence",
            Holds::Tables(&SILENCE),
            "Lints that don't apply here, and why.",
        ),
    ],
};

pub(super) const AGREEMENT: Shape = Shape {
    what: "`[agreement]`",
    keys: &[
        must("name", Holds::Text, "What the agreement is called."),
        may(
            "timezone",
            Holds::Text,
            "The IANA time zone of business hours; UTC if it isn't given.",
        ),
        may(
            "review",
            Holds::Period,
            "How long after it takes effect the agreement is reviewed.",
        ),
    ],
};

pub(super) const FIT: Shape = Shape {
    what: "a fit rule",
    keys: &[
        must("name", Holds::Text, "What the rule is called."),
        may(
            "when",
            Holds::Condition,
            "Whom the rule is for; instead of `cases`.",
        ),
        may("points", Holds::Points, "What it gives; with `when`."),
        may(
            "cases",
            Holds::Tables(&CASE),
            "Several conditions: the first that holds gives its points.",
        ),
    ],
};

pub(super) const CASE: Shape = Shape {
    what: "a case",
    keys: &[
        must("when", Holds::Condition, "Whom the case is for."),
        must("points", Holds::Points, "What it gives."),
    ],
};

/// How strong a signal is.
pub(super) const LEVELS: &[&str] = &["low", "medium", "high"];

const RULE_NAME: Key = must("name", Holds::Text, "What the rule is called.");
const RULE_LEVEL: Key = may(
    "level",
    Holds::Word(LEVELS),
    "How strong a buying signal this is.",
);
const RULE_ON: Key = may("on", Holds::Pattern, "Which events the rule is about.");
const RULE_POINTS: Key = must(
    "points",
    Holds::PointsList,
    "What each match gives; as a list, what the latest gives, the one before it, …",
);
const RULE_MAX: Key = may("max", Holds::Count, "How many of the latest matches count.");
const RULE_COUNT: Key = may("count", Holds::Count, "How many events make one match.");
const RULE_WITHIN: Key = may(
    "within",
    Holds::Period,
    "The time that the events of one match must fall within.",
);
const RULE_ONCE: Key = may(
    "once_per",
    Holds::Period,
    "A further event within this time is the same one.",
);
const RULE_DECAY: Key = may("decay", Holds::Table(&DECAY), "How the points fade with age.");
const RULE_EXPIRES: Key = may("expires", Holds::Days, "The age at which a match counts no more.");
const RULE_QUIET: Key = may(
    "quiet",
    Holds::Period,
    "Gives the points while nothing has happened for this long.",
);

pub(super) const INTENT: Shape = Shape {
    what: "an intent rule",
    keys: &[
        RULE_NAME,
        RULE_LEVEL,
        may("group", Holds::Text, "The group whose cap the rule shares."),
        RULE_ON,
        RULE_POINTS,
        RULE_MAX,
        RULE_COUNT,
        RULE_WITHIN,
        RULE_ONCE,
        RULE_DECAY,
        RULE_EXPIRES,
        RULE_QUIET,
    ],
};

pub(super) const ACCOUNT_INTENT: Shape = Shape {
    what: "an account's intent rule",
    keys: &[
        RULE_NAME,
        RULE_LEVEL,
        RULE_ON,
        RULE_POINTS,
        RULE_MAX,
        RULE_COUNT,
        RULE_WITHIN,
        RULE_ONCE,
        RULE_DECAY,
        RULE_EXPIRES,
        RULE_QUIET,
    ],
};

pub(super) const DECAY: Shape = Shape {
    what: "`decay`",
    keys: &[
        may(
            "half_life",
            Holds::Days,
            "Half of the points are left after this time, a quarter after twice that, …",
        ),
        may(
            "lose",
            Holds::Count,
            "Percent of the points lost each time; with `every`.",
        ),
        may("every", Holds::Days, "How often they are lost; with `lose`."),
        may(
            "over",
            Holds::Days,
            "The points fade in a straight line to nothing over this time.",
        ),
    ],
};

pub(super) const GROUP: Shape = Shape {
    what: "a group",
    keys: &[
        must("name", Holds::Text, "What the group is called."),
        must("max", Holds::Points, "The most that its rules give together."),
    ],
};

pub(super) const QUALIFY: Shape = Shape {
    what: "`[qualify]`",
    keys: &[
        may("score", Holds::Points, "What fit and intent together must reach."),
        may("fit", Holds::Points, "What fit must reach, however much is done."),
        may("intent", Holds::Points, "What intent must reach, whoever it is."),
        may(
            "fast",
            Holds::Texts,
            "Track events by which a lead who passes the fit line qualifies at once.",
        ),
    ],
};

pub(super) const DISQUALIFY: Shape = Shape {
    what: "an exclusion",
    keys: &[
        must("name", Holds::Text, "What the exclusion is called."),
        must("when", Holds::Condition, "Whom it excludes."),
    ],
};

pub(super) const GRADES: Shape = Shape {
    what: "`[grades]`",
    keys: &[
        must(
            "fit",
            Holds::Table(&GRADES_FIT),
            "The fit that each letter asks for; below the last it is D.",
        ),
        must(
            "intent",
            Holds::Table(&GRADES_INTENT),
            "The intent that each number asks for; below the last it is 4.",
        ),
    ],
};

pub(super) const GRADES_FIT: Shape = Shape {
    what: "`fit` of `[grades]`",
    keys: &[
        may("A", Holds::Points, "From this fit on the letter is A."),
        may("B", Holds::Points, "From this fit on the letter is B."),
        may("C", Holds::Points, "From this fit on the letter is C."),
    ],
};

pub(super) const GRADES_INTENT: Shape = Shape {
    what: "`intent` of `[grades]`",
    keys: &[
        may("1", Holds::Points, "From this intent on the number is 1."),
        may("2", Holds::Points, "From this intent on the number is 2."),
        may("3", Holds::Points, "From this intent on the number is 3."),
    ],
};

pub(super) const SCORE: Shape = Shape {
    what: "`[score]`",
    keys: &[
        may("min", Holds::Points, "The least that is shown."),
        may("max", Holds::Points, "The most that is shown."),
    ],
};

pub(super) const ACCOUNT: Shape = Shape {
    what: "`[account]`",
    keys: &[
        may(
            "qualify",
            Holds::Table(&ACCOUNT_QUALIFY),
            "The line that an account has to reach.",
        ),
        may(
            "per_person",
            Holds::Points,
            "The most that one person adds; 100 if it isn't given.",
        ),
        may(
            "committee",
            Holds::Tables(&COMMITTEE),
            "The roles of a buying committee.",
        ),
        may(
            "intent",
            Holds::Tables(&ACCOUNT_INTENT),
            "Signals that come for a company, not a person.",
        ),
    ],
};

pub(super) const ACCOUNT_QUALIFY: Shape = Shape {
    what: "`qualify` of `[account]`",
    keys: &[
        may("score", Holds::Points, "The account score to reach."),
        may("people", Holds::Count, "How many people must show intent."),
        may(
            "roles",
            Holds::Count,
            "How many roles of the committee must show intent.",
        ),
    ],
};

pub(super) const COMMITTEE: Shape = Shape {
    what: "a committee role",
    keys: &[
        must("role", Holds::Text, "What the role is called."),
        must("when", Holds::Condition, "Who holds it."),
    ],
};

/// The field types' names, for messages and the schema.
pub(super) fn type_names() -> impl Iterator<Item = &'static str> + Clone {
    TYPES.iter().map(|(name, _)| *name)
}
