//! How much an agreement may hold. Each bound is far above what people write and low enough that the largest file that
//! passes is still checked in well under a second.

use crate::domain::{Period, Points};

/// The largest agreement file, in bytes.
pub const FILE_BYTES_MAX: usize = 1_048_576;
/// The longest text in the file (a name, a pattern, a subject), in bytes.
pub const TEXT_BYTES_MAX: usize = 2_000;
/// The longest text of a message, in bytes.
pub const BODY_BYTES_MAX: usize = 100_000;
/// The longest regular expression, in bytes.
pub const REGEX_SOURCE_BYTES_MAX: usize = 500;
/// The memory that one compiled regular expression may take, in bytes.
pub const REGEX_COMPILED_BYTES_MAX: usize = 1_048_576;
/// How many tables of one kind (`[[fit]]`, `[[intent]]`, `[[example]]` …) a file may hold.
pub const TABLES_MAX: usize = 1_000;
/// How many fields `[fields]` may declare.
pub const FIELDS_MAX: usize = 1_000;
/// How many cases a fit rule may have.
pub const CASES_MAX: usize = 500;
/// How many entries any other list may have, such as the domains of a condition.
pub const LIST_MAX: usize = 10_000;
/// How many steps a nurture track or an escalation may have, and how many points `points = […]` may list.
pub const STEPS_MAX: usize = 100;
/// How deep conditions may be nested.
pub const CONDITION_DEPTH_MAX: usize = 16;
/// The largest `count` and `max`, which bound what is kept for each lead.
pub const MATCHES_MAX: u32 = 1_000;
/// The most events of one example, repeated ones counted.
pub const EXAMPLE_EVENTS_MAX: u32 = 1_000;
/// The latest escalation step, in percent of the time allowed.
pub const ESCALATION_PERCENT_MAX: u32 = 10_000;
/// The most that `[limits]` may allow of anything.
pub const ALLOWED_MAX: u32 = 1_000;
/// How many problems are listed; the rest is counted.
pub const PROBLEMS_MAX: usize = 500;
/// The most points, either way, that one rule or line may name.
pub const POINTS_MAX: Points = Points::LIMIT;
/// The most that one person's intent adds to an account where `per_person` doesn't say.
pub const PER_PERSON_DEFAULT: Points = Points::whole(100);
/// The most different links that make a burst.
pub const LINKS_MAX: u32 = 100;
/// The most views and clicks that `speed` may name, which bounds what is kept for each lead.
pub const SPEED_EVENTS_MAX: u32 = 1_000;
/// The longest time within which a burst, or more than a person can do, is looked for.
pub const SUSPECT_SECONDS_MAX: Period = Period::from_ms(600_000);
/// The longest time that a click may wait for its page view.
pub const VISIT_WITHIN_MAX: Period = Period::from_days(1);
/// How many properties may say which mail or link it is.
pub const SUSPECT_PROPERTIES_MAX: usize = 10;
