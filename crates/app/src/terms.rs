//! What was agreed for a handoff's clock, as it is kept: a JSON object, so that neither a later agreement nor other
//! working hours change a clock that runs.

use bellwether_core::agreement::{EscalationAction, EscalationStep};
use bellwether_core::domain::Period;
use bellwether_core::handoff::{Counting, Terms};
use bellwether_core::hours::{Calendar, LocalDate, WeeklyHours};
use bellwether_store::StoreError;
use serde_json::{Value, json};

/// Terms as they are kept.
pub(crate) fn write(terms: &Terms) -> String {
    let hours = match &terms.counting {
        Counting::AroundTheClock => Value::Null,
        Counting::Working(calendar) => json!({
            "zone": calendar.hours.zone().name(),
            "shifts": calendar.hours.to_string(),
            "holidays": calendar.holidays.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
    };
    let step = |step: &EscalationStep| match &step.action {
        EscalationAction::Notify(who) => json!({ "at": step.at_percent, "notify": who }),
        EscalationAction::Reassign => json!({ "at": step.at_percent, "reassign": true }),
    };
    json!({
        "policy": terms.policy,
        "allowed_ms": terms.allowed.map(Period::ms),
        "hours": hours,
        "steps": terms.steps.iter().map(step).collect::<Vec<_>>(),
        "pause": terms.pause,
    })
    .to_string()
}

/// Terms that were kept.
pub(crate) fn read(text: &str) -> Result<Terms, StoreError> {
    let corrupt = || StoreError::Corrupt {
        table: "clock",
        value: text.to_owned(),
    };
    let kept: Value = serde_json::from_str(text).map_err(|_| corrupt())?;
    let counting = match kept.get("hours").filter(|hours| !hours.is_null()) {
        None => Counting::AroundTheClock,
        Some(hours) => Counting::Working(Box::new(calendar(hours).ok_or_else(corrupt)?)),
    };
    let steps = kept.get("steps").and_then(Value::as_array);
    let steps = steps.into_iter().flatten().map(step).collect::<Option<Vec<_>>>();
    let pause = kept.get("pause").and_then(Value::as_array);
    let pause = pause.into_iter().flatten().filter_map(Value::as_str);
    Ok(Terms {
        policy: kept.get("policy").and_then(Value::as_str).map(str::to_owned),
        allowed: kept
            .get("allowed_ms")
            .and_then(Value::as_i64)
            .map(Period::from_ms),
        counting,
        steps: steps.ok_or_else(corrupt)?,
        pause: pause.map(str::to_owned).collect(),
    })
}

/// Which time counts, in words.
pub(crate) fn hours_in_words(counting: &Counting) -> String {
    match counting {
        Counting::AroundTheClock => "around the clock".to_owned(),
        Counting::Working(calendar) => format!("{} ({})", calendar.hours, calendar.hours.zone()),
    }
}

fn calendar(hours: &Value) -> Option<Calendar> {
    let text = |key: &str| hours.get(key).and_then(Value::as_str);
    let weekly = WeeklyHours::parse(text("zone")?, text("shifts")?).ok()?;
    let holidays = hours.get("holidays")?.as_array()?.iter();
    let holidays: Option<Vec<LocalDate>> = holidays.map(|date| date.as_str()?.parse().ok()).collect();
    Some(Calendar::new(weekly, holidays?))
}

fn step(kept: &Value) -> Option<EscalationStep> {
    let action = match kept.get("notify").and_then(Value::as_str) {
        Some(who) => EscalationAction::Notify(who.to_owned()),
        None => EscalationAction::Reassign,
    };
    Some(EscalationStep {
        at_percent: u32::try_from(kept.get("at")?.as_u64()?).ok()?,
        action,
    })
}
