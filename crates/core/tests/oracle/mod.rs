//! A second implementation of the agreement's arithmetic, to hold the engine against. It is written from the contract's
//! text alone, as plainly and slowly as can be: whatever is asked, it goes back to all the facts, filters and sorts them
//! anew, and keeps nothing between two questions.

pub(crate) mod strategies;

use bellwether_core::agreement::{
    Agreement, CommitteeRole, Condition, Decay, EventPattern, Glob, IntentRule, Matches, Quiet, RuleKind,
    Test,
};
use bellwether_core::domain::{
    Event, EventKind, MS_PER_DAY, Number, Period, Points, Timestamp, Traits, Value, ValueRef,
};
use bellwether_core::profile::Profile;

/// All that is known of a lead, in any order.
#[derive(Debug, Clone, Default)]
pub(crate) struct OracleLead {
    /// Traits that hold from the beginning, as those of a leads file do; to know them is no moment of judging.
    pub(crate) base: Traits,
    /// Traits that were learned at an instant, which is a moment of judging.
    pub(crate) traits: Vec<(Timestamp, Traits)>,
    /// When the lead was made, where that is known; a moment of judging too.
    pub(crate) created_at: Option<Timestamp>,
    /// What it did.
    pub(crate) events: Vec<Event>,
    /// When it was sent back, and how long after that it may not qualify again.
    pub(crate) sent_back: Vec<(Timestamp, Period)>,
}

/// What the agreement makes of a lead at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OracleResult {
    /// The sum of the fit rules, not clamped.
    pub(crate) fit: Points,
    /// The sum of the intent rules and groups, not clamped.
    pub(crate) intent: Points,
    /// Both together, not clamped.
    pub(crate) score: Points,
    /// Fit, intent and score as they are shown: each clamped.
    pub(crate) shown: (Points, Points, Points),
    /// Letter and number, such as `A1`; `None` where the agreement has no grades.
    pub(crate) grade: Option<String>,
    /// The first instant at which it qualified (since it was last sent back).
    pub(crate) qualified_at: Option<Timestamp>,
    /// What made it qualify then.
    pub(crate) trigger: Option<String>,
    /// The first exclusion that holds.
    pub(crate) disqualified_by: Option<String>,
    /// What each fit rule and then each intent rule gives, in the file's order, before groups are cut.
    pub(crate) lines: Vec<(String, Points)>,
    /// What each group's cap takes away, as points of zero or less: `lines` and `cuts` sum to the score.
    pub(crate) cuts: Vec<(String, Points)>,
}

/// What the agreement makes of an account at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OracleAccount {
    /// People's intent, each cut, and the account's own.
    pub(crate) score: Points,
    /// How many people have positive intent.
    pub(crate) people: u32,
    /// The committee's roles that one of those holds, in the file's order.
    pub(crate) roles: Vec<String>,
    /// Whether every bar that the agreement sets is reached.
    pub(crate) qualified: bool,
}

/// Judges a lead as of `t`.
pub(crate) fn judge(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> OracleResult {
    let fit_lines = fit_lines(agreement, lead, t);
    let intent_lines = intent_lines(agreement, lead, t);
    let fit = sum(&fit_lines);
    let intent = intent_at(agreement, lead, t);
    let score = fit + intent;
    let (qualified_at, trigger) = match first_qualifying_instant(agreement, lead, t) {
        Some(at) => (Some(at), Some(trigger_at(agreement, lead, at))),
        None => (None, None),
    };
    OracleResult {
        fit,
        intent,
        score,
        shown: (
            clamped(agreement, fit),
            clamped(agreement, intent),
            clamped(agreement, score),
        ),
        grade: grade(agreement, fit, intent),
        qualified_at,
        trigger,
        disqualified_by: disqualified_by(agreement, lead, t),
        lines: fit_lines
            .into_iter()
            .chain(intent_lines.iter().cloned())
            .collect(),
        cuts: cuts(agreement, &intent_lines),
    }
}

/// Judges an account as of `t` by its people and by the events that came for the company itself. Its own quiet rules
/// count from the first of those events.
pub(crate) fn judge_account(
    agreement: &Agreement,
    people: &[OracleLead],
    account_events: &[Event],
    t: Timestamp,
) -> Option<OracleAccount> {
    let model = agreement.account.as_ref()?;
    let company = OracleLead {
        events: account_events.to_vec(),
        ..OracleLead::default()
    };
    let mut score: Points = model
        .intent
        .iter()
        .map(|rule| rule_points(rule, &company, t))
        .sum();
    let active: Vec<&OracleLead> = people
        .iter()
        .filter(|person| intent_at(agreement, person, t) > Points::ZERO)
        .collect();
    for person in &active {
        score = score + intent_at(agreement, person, t).min(model.per_person);
    }
    let held = |role: &&CommitteeRole| {
        active
            .iter()
            .any(|person| condition_holds(&role.when, &traits_at(person, t)))
    };
    let roles: Vec<String> = model
        .committee
        .iter()
        .filter(held)
        .map(|role| role.role.clone())
        .collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    // An account model that sets no bar qualifies nobody.
    let set = model.score.is_some() || model.people.is_some() || model.roles.is_some();
    let bars = [
        model.score.is_none_or(|line| score >= line),
        model.people.is_none_or(|line| count(active.len()) >= line),
        model.roles.is_none_or(|line| count(roles.len()) >= line),
    ];
    Some(OracleAccount {
        score,
        people: count(active.len()),
        qualified: set && bars.iter().all(|b| *b),
        roles,
    })
}

// ---- Qualification ----------------------------------------------------------------------------------------------

/// Every moment of judging up to `t`, in order, once each.
pub(crate) fn instants(lead: &OracleLead, t: Timestamp) -> Vec<Timestamp> {
    let mut all: Vec<Timestamp> = lead.events.iter().map(|event| event.ts).collect();
    all.extend(lead.traits.iter().map(|(at, _)| *at));
    all.extend(lead.created_at);
    all.retain(|at| *at <= t);
    all.sort();
    all.dedup();
    all
}

fn first_qualifying_instant(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> Option<Timestamp> {
    // Of two returns at one instant the longer rest holds.
    let last_return = lead.sent_back.iter().filter(|(at, _)| *at <= t).max().copied();
    instants(lead, t)
        .into_iter()
        .filter(|at| last_return.is_none_or(|back| may_qualify_again(agreement, lead, back, *at)))
        .find(|at| qualifies_at(agreement, lead, *at))
}

fn may_qualify_again(
    agreement: &Agreement,
    lead: &OracleLead,
    (sent_back_at, again): (Timestamp, Period),
    at: Timestamp,
) -> bool {
    let mut fresh = lead.clone();
    fresh.events.retain(|event| event.ts > sent_back_at);
    fresh.created_at = fresh.created_at.filter(|created| *created > sent_back_at);
    at > sent_back_at
        && at.ms() >= sent_back_at.ms() + again.ms()
        && agreement
            .qualify
            .intent
            .is_none_or(|line| intent_at(agreement, &fresh, at) >= line)
}

fn qualifies_at(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> bool {
    let line = &agreement.qualify;
    let fit = sum(&fit_lines(agreement, lead, t));
    let intent = intent_at(agreement, lead, t);
    if disqualified_by(agreement, lead, t).is_some() || line.fit.is_some_and(|fit_line| fit < fit_line) {
        return false;
    }
    if lead
        .events
        .iter()
        .any(|event| event.ts == t && is_fast(agreement, event))
    {
        return true;
    }
    if line.score.is_none() && line.intent.is_none() {
        return false;
    }
    line.score.is_none_or(|score_line| fit + intent >= score_line)
        && line.intent.is_none_or(|intent_line| intent >= intent_line)
}

fn is_fast(agreement: &Agreement, event: &Event) -> bool {
    event.kind == EventKind::Track
        && agreement
            .qualify
            .fast
            .iter()
            .any(|name| same_name(name, &event.name))
}

fn trigger_at(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> String {
    let here: Vec<&Event> = lead.events.iter().filter(|event| event.ts == t).collect();
    let fast: Vec<&Event> = here
        .iter()
        .copied()
        .filter(|event| is_fast(agreement, event))
        .collect();
    let candidates = if fast.is_empty() { here } else { fast };
    let points_behind = |event: &Event| -> Points {
        let fed = |rule: &&IntentRule| rule.pattern().is_some_and(|on| pattern_matches(on, event));
        agreement
            .intent
            .iter()
            .filter(fed)
            .map(|rule| rule_points(rule, lead, t))
            .sum()
    };
    let best = candidates.iter().map(|event| points_behind(event)).max();
    let named = candidates
        .iter()
        .filter(|event| Some(points_behind(event)) == best)
        .map(|event| trigger_name(event))
        .min();
    named.unwrap_or_else(|| {
        if lead.created_at == Some(t) {
            "created".to_owned()
        } else {
            "traits".to_owned()
        }
    })
}

fn trigger_name(event: &Event) -> String {
    if event.kind == EventKind::Page {
        "page".to_owned()
    } else {
        event.name.clone()
    }
}

fn disqualified_by(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> Option<String> {
    let traits = traits_at(lead, t);
    let exclusion = agreement
        .disqualify
        .iter()
        .find(|exclusion| condition_holds(&exclusion.when, &traits))?;
    Some(exclusion.name.clone())
}

// ---- Fit, grade, clamp ------------------------------------------------------------------------------------------

/// The traits that hold at `t`: of each the latest write; of several at one instant the greatest value.
pub(crate) fn traits_at(lead: &OracleLead, t: Timestamp) -> Traits {
    let mut writes: Vec<(Timestamp, &String, &Value)> = Vec::new();
    for (at, traits) in lead.traits.iter().filter(|(at, _)| *at <= t) {
        writes.extend(traits.iter().map(|(name, value)| (*at, name, value)));
    }
    writes.sort();
    let mut held = lead.base.clone();
    for (_, name, value) in writes {
        held.insert(name.clone(), value.clone());
    }
    for (name, came_by) in ["channel", "source", "campaign"]
        .into_iter()
        .zip(first_touch(lead, t))
    {
        let stated = held.get(name).is_some_and(|value| !value.view().is_empty());
        if !stated && !came_by.is_empty() {
            held.insert(name.to_owned(), Value::from(came_by));
        }
    }
    held
}

/// Channel, source and campaign of the first visit that says anything; of several at one instant the least of each.
fn first_touch(lead: &OracleLead, t: Timestamp) -> [&str; 3] {
    let visits = lead.events.iter().filter(|event| event.ts <= t);
    let visits: Vec<(Timestamp, [&str; 3])> = visits
        .filter_map(|event| Some((event.ts, visit(event)?)))
        .collect();
    let Some(first) = visits.iter().map(|(ts, _)| *ts).min() else {
        return [""; 3];
    };
    let here = || visits.iter().filter(|(ts, _)| *ts == first);
    [0, 1, 2].map(|field| {
        here()
            .map(|(_, came_by)| came_by[field])
            .min()
            .unwrap_or_default()
    })
}

/// The few visits that the strategies speak of.
fn visit(event: &Event) -> Option<[&str; 3]> {
    let text = |name: &str| match event.properties.get(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let (source, campaign) = (text("utm_source"), text("utm_campaign").unwrap_or_default());
    match (source, text("utm_medium"), text("referrer"), text("url")) {
        (Some(source), Some("cpc"), ..) => Some(["paid_search", source, campaign]),
        (Some(source), Some("email"), ..) => Some(["email", source, campaign]),
        (_, _, Some("https://www.bing.com/"), _) => Some(["organic_search", "bing", ""]),
        (_, _, Some("https://partner.example/a"), _) => Some(["referral", "partner.example", ""]),
        (_, _, None, Some(_)) if event.kind == EventKind::Page => Some(["direct", "", ""]),
        _ => None,
    }
}

fn fit_lines(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> Vec<(String, Points)> {
    let traits = traits_at(lead, t);
    let given = |cases: &[bellwether_core::agreement::Case]| {
        cases
            .iter()
            .find(|case| condition_holds(&case.when, &traits))
            .map_or(Points::ZERO, |case| case.points)
    };
    agreement
        .fit
        .iter()
        .map(|rule| (rule.name.clone(), given(&rule.cases)))
        .collect()
}

fn grade(agreement: &Agreement, fit: Points, intent: Points) -> Option<String> {
    let grades = agreement.grades.as_ref()?;
    let reached = |lines: &[(String, Points)], value: Points, below: &str| {
        let best = lines
            .iter()
            .filter(|(_, line)| value >= *line)
            .max_by_key(|(_, line)| *line);
        best.map_or(below.to_owned(), |(label, _)| label.clone())
    };
    Some(reached(&grades.fit, fit, "D") + &reached(&grades.intent, intent, "4"))
}

fn clamped(agreement: &Agreement, points: Points) -> Points {
    let at_least = agreement.clamp.min.map_or(points, |min| points.max(min));
    agreement.clamp.max.map_or(at_least, |max| at_least.min(max))
}

fn sum(lines: &[(String, Points)]) -> Points {
    lines.iter().map(|(_, points)| *points).sum()
}

// ---- Intent -----------------------------------------------------------------------------------------------------

/// The sum of the intent rules and groups at `t`.
pub(crate) fn intent_at(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> Points {
    let lines = intent_lines(agreement, lead, t);
    sum(&lines) + sum(&cuts(agreement, &lines))
}

fn intent_lines(agreement: &Agreement, lead: &OracleLead, t: Timestamp) -> Vec<(String, Points)> {
    agreement
        .intent
        .iter()
        .map(|rule| (rule.name.clone(), rule_points(rule, lead, t)))
        .collect()
}

/// What each group takes away of the positive points of its rules.
fn cuts(agreement: &Agreement, intent_lines: &[(String, Points)]) -> Vec<(String, Points)> {
    let mut cuts = Vec::new();
    for (index, group) in agreement.groups.iter().enumerate() {
        let mut together = Points::ZERO;
        for (rule, (_, points)) in agreement.intent.iter().zip(intent_lines) {
            if rule.group == Some(index) && *points > Points::ZERO {
                together = together + *points;
            }
        }
        let cut = if together > group.max {
            group.max - together
        } else {
            Points::ZERO
        };
        cuts.push((group.name.clone(), cut));
    }
    cuts
}

/// What one rule gives at `t`, before its group is cut.
pub(crate) fn rule_points(rule: &IntentRule, lead: &OracleLead, t: Timestamp) -> Points {
    match &rule.kind {
        RuleKind::Quiet(quiet) => quiet_points(quiet, lead, t),
        RuleKind::Matches(matches) => match_points(matches, lead, t),
    }
}

fn quiet_points(quiet: &Quiet, lead: &OracleLead, t: Timestamp) -> Points {
    let existing: Vec<&Event> = lead.events.iter().filter(|event| event.ts <= t).collect();
    let ends_it = |event: &&&Event| quiet.on.as_ref().is_none_or(|on| pattern_matches(on, event));
    let last = existing.iter().filter(ends_it).map(|event| event.ts).max();
    let first = existing
        .iter()
        .map(|event| event.ts)
        .chain(lead.created_at.filter(|at| *at <= t))
        .min();
    match last.or(first) {
        Some(since) if t.ms() - since.ms() >= quiet.after.ms() => quiet.points,
        _ => Points::ZERO,
    }
}

fn match_points(rule: &Matches, lead: &OracleLead, t: Timestamp) -> Points {
    let mut times = match_times(rule, lead, t);
    times.sort();
    times.reverse();
    let mut total = Points::ZERO;
    for (recency, at) in times.iter().enumerate() {
        if rule.max.is_some_and(|max| recency >= max as usize) {
            break;
        }
        let points = if rule.by_recency {
            rule.points.get(recency)
        } else {
            rule.points.first()
        };
        total = total + faded(rule, points.copied().unwrap_or(Points::ZERO), age_in_days(*at, t));
    }
    total
}

/// The instants of the rule's matches up to `t`.
pub(crate) fn match_times(rule: &Matches, lead: &OracleLead, t: Timestamp) -> Vec<Timestamp> {
    let met = lead
        .events
        .iter()
        .filter(|event| event.ts <= t && pattern_matches(&rule.on, event));
    let mut times: Vec<i64> = met.map(|event| event.ts.ms()).collect();
    times.sort_unstable();
    if let Some(once_per) = rule.once_per {
        let mut kept: Vec<i64> = Vec::new();
        for time in times {
            if kept.last().is_none_or(|last| time - last >= once_per.ms()) {
                kept.push(time);
            }
        }
        times = kept;
    }
    if let Some(count) = rule.count {
        let mut matches = Vec::new();
        let mut kept: Vec<i64> = Vec::new();
        for current in times {
            kept.push(current);
            if let Some(within) = count.within {
                kept.retain(|time| *time > current - within.ms());
            }
            if kept.len() >= count.events as usize {
                matches.push(current);
                kept.clear();
            }
        }
        times = matches;
    }
    times.into_iter().filter_map(Timestamp::from_ms).collect()
}

fn age_in_days(at: Timestamp, t: Timestamp) -> i64 {
    t.ms().div_euclid(MS_PER_DAY) - at.ms().div_euclid(MS_PER_DAY)
}

/// What is left of a match's points at an age in days.
fn faded(rule: &Matches, points: Points, age: i64) -> Points {
    if rule.expires_days.is_some_and(|days| age >= i64::from(days)) {
        return Points::ZERO;
    }
    let ppm = factor_ppm(rule.decay, age);
    Points::from_millis(divided_half_away(
        i128::from(points.millis()) * i128::from(ppm),
        1_000_000,
    ))
}

/// The share that is left at an age in days, in millionths.
pub(crate) fn factor_ppm(decay: Decay, age: i64) -> i64 {
    match decay {
        Decay::None => 1_000_000,
        Decay::HalfLife { days } => {
            #[expect(clippy::cast_precision_loss, reason = "ages in days are far below 2^52")]
            let halvings = age as f64 / f64::from(days);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the factor lies between nothing and a million"
            )]
            let ppm = (2f64.powf(-halvings) * 1_000_000.0).round() as i64;
            ppm
        }
        Decay::Lose { percent, every_days } => {
            let losses = age.div_euclid(i64::from(every_days));
            (1_000_000 - i64::from(percent) * 10_000 * losses).max(0)
        }
        Decay::Over { days } => {
            let days = i64::from(days);
            divided_half_away(i128::from((days - age).max(0)) * 1_000_000, i128::from(days))
        }
    }
}

/// `numerator / denominator`, rounded to the nearest whole number and from the middle away from nothing.
fn divided_half_away(numerator: i128, denominator: i128) -> i64 {
    let magnitude = (numerator.abs() * 2 + denominator) / (denominator * 2);
    i64::try_from(if numerator < 0 { -magnitude } else { magnitude }).expect("points stay in range")
}

// ---- Patterns and conditions ------------------------------------------------------------------------------------

/// Whether an event is one that the pattern means.
pub(crate) fn pattern_matches(on: &EventPattern, event: &Event) -> bool {
    let any_kind = on.names.is_empty() && on.pages.is_empty() && on.screens.is_empty();
    let of_kind = match event.kind {
        EventKind::Track => on.names.iter().any(|name| same_name(name, &event.name)),
        EventKind::Screen => on.screens.iter().any(|name| same_name(name, &event.name)),
        EventKind::Page => event
            .path
            .as_ref()
            .is_some_and(|path| on.pages.iter().any(|glob| glob_matches(glob, path))),
    };
    (any_kind || of_kind)
        && on
            .properties
            .iter()
            .all(|(path, test)| test_holds(test, event.properties.get(path).map(Value::view)))
}

/// Whether a condition holds for these traits and what is derived from them.
pub(crate) fn condition_holds(condition: &Condition, traits: &Traits) -> bool {
    match condition {
        Condition::All(all) => all.iter().all(|c| condition_holds(c, traits)),
        Condition::Any(any) => any.iter().any(|c| condition_holds(c, traits)),
        Condition::Not(not) => !condition_holds(not, traits),
        Condition::Field { field, test } => test_holds(test, Profile::new(traits).field(field)),
    }
}

fn test_holds(test: &Test, value: Option<ValueRef<'_>>) -> bool {
    let value = value.filter(|v| !v.is_empty());
    match test {
        Test::Not(not) => !test_holds(not, value),
        Test::All(all) => all.iter().all(|t| test_holds(t, value)),
        Test::Exists(wanted) => value.is_some() == *wanted,
        Test::Text(globs) => texts(value)
            .iter()
            .any(|text| globs.iter().any(|g| glob_matches(g, text.trim()))),
        Test::Regex(regex) => texts(value).iter().any(|text| regex.is_match(text)),
        Test::Bool(wanted) => value.and_then(ValueRef::as_bool) == Some(*wanted),
        Test::Country { texts: globs, .. } => texts(value).iter().any(|text| {
            globs
                .iter()
                .any(|g| glob_matches(g, text.trim()) || is_same_country(g.source(), text))
        }),
        Test::Amount { min, max } => {
            let Some(number) = value.and_then(size_of) else {
                return false;
            };
            min.is_none_or(|least| number >= least.get()) && max.is_none_or(|most| number <= most.get())
        }
        Test::Number { min, max } => {
            let Some(number) = value.and_then(ValueRef::as_number).map(Number::get) else {
                return false;
            };
            min.is_none_or(|least| number >= least.get()) && max.is_none_or(|most| number <= most.get())
        }
    }
}

/// The few countries that the strategies speak of.
fn is_same_country(one: &str, other: &str) -> bool {
    let known = [["de", "germany", "deutschland"], ["us", "usa", "united states"]];
    let names = |text: &str| {
        let text = text.trim().to_lowercase();
        known.iter().position(|names| names.contains(&text.as_str()))
    };
    names(one).is_some() && names(one) == names(other)
}

/// The few forms of sizes that the strategies write: a number, a range of which the lower end counts, thousands in short.
fn size_of(value: ValueRef<'_>) -> Option<f64> {
    if let Some(number) = value.as_number() {
        return Some(number.get());
    }
    let ValueRef::Text(text) = value else { return None };
    let text = text.trim();
    if let Some(thousands) = text.strip_suffix("k+") {
        return thousands.parse::<f64>().ok().map(|thousands| thousands * 1_000.0);
    }
    let (low, high) = text.split_once('-')?;
    high.trim().parse::<f64>().ok()?;
    low.trim().parse().ok()
}

fn texts(value: Option<ValueRef<'_>>) -> Vec<String> {
    value.map_or(Vec::new(), |v| {
        v.as_texts().map(std::borrow::Cow::into_owned).collect()
    })
}

fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-'], " ");
    plain(one) == plain(other)
}

fn glob_matches(glob: &Glob, text: &str) -> bool {
    let pattern: Vec<char> = glob.source().to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    glob_matches_chars(&pattern, &text)
}

fn glob_matches_chars(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| glob_matches_chars(rest, &text[skipped..])),
        Some((wanted, rest)) => text.first() == Some(wanted) && glob_matches_chars(rest, &text[1..]),
    }
}
