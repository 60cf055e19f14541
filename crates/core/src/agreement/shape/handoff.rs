//! The sections on what happens to a lead that qualifies, and on what shows and silences.

use super::{Holds, Shape, may, must};

/// A task's priorities.
pub(in crate::agreement) const PRIORITIES: &[&str] = &["low", "normal", "high"];

pub(in crate::agreement) const HANDOFF: Shape = Shape {
    what: "`[handoff]`",
    keys: &[
        may(
            "task",
            Holds::Text,
            "The title of the salesperson's task; may name `{{ lead.name }}` and other traits.",
        ),
        may(
            "opening",
            Holds::Text,
            "A line to begin the call with; may name `{{ did }}`, `{{ owner.first_name }}` and the lead's traits.",
        ),
        may(
            "priority",
            Holds::Word(PRIORITIES),
            "The task's priority; normal if it isn't given.",
        ),
        may(
            "expire",
            Holds::Period,
            "When a lead that nobody accepted or rejected goes back to marketing.",
        ),
        may(
            "nurture",
            Holds::Text,
            "The nurture track of leads that expired, or whose deal was lost.",
        ),
        may(
            "again",
            Holds::Period,
            "How long after that they may qualify again; at once, on fresh intent, if it isn't given.",
        ),
        may(
            "first_contact",
            Holds::Texts,
            "The track events that say that the owner was in touch with the lead, such as a CRM's calls.",
        ),
    ],
};

/// How a team's member is picked.
pub(in crate::agreement) const PICKS: &[&str] = &["round_robin", "weighted", "least_loaded"];

pub(in crate::agreement) const ROUTE: Shape = Shape {
    what: "a route",
    keys: &[
        must("name", Holds::Text, "What the route is called."),
        may(
            "when",
            Holds::Condition,
            "Whom it is for; everybody if it isn't given.",
        ),
        must("team", Holds::Text, "The team that gets the lead."),
        may(
            "pick",
            Holds::Word(PICKS),
            "How the team's member is picked; round_robin if it isn't given.",
        ),
    ],
};

/// Which hours count.
pub(in crate::agreement) const HOURS: &[&str] = &["around_the_clock", "business"];

pub(in crate::agreement) const SLA: Shape = Shape {
    what: "an SLA",
    keys: &[
        must("name", Holds::Text, "What the SLA is called."),
        may(
            "when",
            Holds::SlaCondition,
            "Which handoffs it is for; all if it isn't given.",
        ),
        must("first_contact", Holds::Period, "The time to first contact."),
        may(
            "hours",
            Holds::Word(HOURS),
            "Whether it runs in the team's working hours; around_the_clock if it isn't given.",
        ),
        may(
            "escalate",
            Holds::Tables(&ESCALATE),
            "What happens as the time runs out.",
        ),
        may(
            "pause",
            Holds::Texts,
            "The reasons for which the clock may stand still; it never does if none is given.",
        ),
    ],
};

pub(in crate::agreement) const ESCALATE: Shape = Shape {
    what: "an escalation step",
    keys: &[
        must(
            "at",
            Holds::Count,
            "When, in percent of the time allowed; over 100 is after the breach.",
        ),
        may("notify", Holds::Text, "Who is told: owner, manager, or a name."),
        may(
            "reassign",
            Holds::Bool,
            "Gives the lead to the next member of the team.",
        ),
    ],
};

pub(in crate::agreement) const REJECTION: Shape = Shape {
    what: "a rejection reason",
    keys: &[
        must("reason", Holds::Text, "The reason, as salespeople choose it."),
        may("nurture", Holds::Text, "The nurture track that the lead goes on."),
        may(
            "again",
            Holds::Period,
            "How long after it may qualify again; at once, on fresh intent, if it isn't given.",
        ),
        may("note", Holds::Bool, "Whether a note must be given with it."),
    ],
};

pub(in crate::agreement) const NURTURE: Shape = Shape {
    what: "a nurture track",
    keys: &[
        must("name", Holds::Text, "What the track is called."),
        may(
            "when",
            Holds::Condition,
            "Whom its messages may go to, read at each step; everybody if it isn't given.",
        ),
        must("steps", Holds::Tables(&STEP), "Its messages, in order."),
    ],
};

pub(in crate::agreement) const STEP: Shape = Shape {
    what: "a nurture step",
    keys: &[
        must(
            "wait",
            Holds::Period,
            "How long after the step before it, or after the start.",
        ),
        must("send", Holds::Text, "The message that is sent."),
    ],
};

pub(in crate::agreement) const LIMITS: Shape = Shape {
    what: "`[limits]`",
    keys: &[
        may(
            "cycles",
            Holds::Count,
            "How many times a lead is handed to sales; 10 if it isn't given.",
        ),
        may(
            "messages_a_week",
            Holds::Count,
            "How many nurture messages an address gets in seven days, the rest waits; 3 if it isn't given.",
        ),
    ],
};

pub(in crate::agreement) const REPLY: Shape = Shape {
    what: "a reply",
    keys: &[
        must("on", Holds::Texts, "The track events that it answers."),
        must("send", Holds::Text, "The message that is sent."),
    ],
};

pub(in crate::agreement) const MESSAGE: Shape = Shape {
    what: "a message",
    keys: &[
        must("name", Holds::Text, "What the message is called."),
        must(
            "subject",
            Holds::Text,
            "Its subject; may name `{{ lead.first_name }}` and other traits, and `{{ owner.name }}`.",
        ),
        must("body", Holds::Text, "Its text, likewise."),
    ],
};

pub(in crate::agreement) const EXAMPLE: Shape = Shape {
    what: "an example",
    keys: &[
        must("name", Holds::Text, "What the example shows."),
        may("lead", Holds::Values, "The lead's traits."),
        may(
            "events",
            Holds::Tables(&EXAMPLE_EVENT),
            "What it did, ending at the moment of judging.",
        ),
        must("expect", Holds::Table(&EXPECT), "What must come of it."),
    ],
};

pub(in crate::agreement) const EXAMPLE_EVENT: Shape = Shape {
    what: "an event of an example",
    keys: &[
        must("on", Holds::Event, "What happened."),
        may("times", Holds::Count, "How often; once if it isn't given."),
        may("every", Holds::Period, "How far apart; a day if it isn't given."),
        may(
            "ago",
            Holds::Period,
            "How long before the moment of judging the last of them was.",
        ),
    ],
};

pub(in crate::agreement) const EXPECT: Shape = Shape {
    what: "`expect`",
    keys: &[
        may("qualified", Holds::Bool, "Whether it qualifies."),
        may("fit", Holds::Points, "Its fit."),
        may("intent", Holds::Points, "Its intent."),
        may("score", Holds::Points, "Its score."),
        may("grade", Holds::Text, "Its grade, such as A1."),
        may(
            "disqualified_by",
            Holds::Text,
            "The name of the exclusion that it meets.",
        ),
        may("trigger", Holds::Text, "The event that made it qualify."),
    ],
};

pub(in crate::agreement) const SILENCE: Shape = Shape {
    what: "a silence",
    keys: &[
        must("lint", Holds::Lint, "The lint that doesn't apply here."),
        must("reason", Holds::Text, "Why it doesn't."),
        may(
            "rule",
            Holds::Text,
            "The one rule that it doesn't apply to; the whole file if it isn't given.",
        ),
    ],
};
