//! Values of one kind each: points, numbers, periods, words.

use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::{Node, wrong_type};
use crate::agreement::limits::POINTS_MAX;
use crate::agreement::problem::{Problems, did_you_mean, listed, quoted};
use crate::domain::{Number, Period, Points};

/// The literal of a decimal number, without underscores; `None`, reported, for anything else.
fn literal<'a>(cx: &mut Problems<'_>, node: &'a Node<'_>, expected: &str) -> Option<&'a str> {
    match node.get_ref() {
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str()),
        DeValue::Float(float) => Some(float.as_str()),
        DeValue::Integer(_) => {
            let message = "the number isn't decimal".to_owned();
            cx.error(
                "bad-number",
                node.span(),
                message,
                "write it with digits from 0 to 9 only".to_owned(),
            );
            None
        }
        DeValue::String(text) if Number::parse(text).is_some() => {
            wrong_type(
                cx,
                node,
                expected,
                &format!("take away the quotes: `{}`", text.trim()),
            );
            None
        }
        _ => {
            wrong_type(cx, node, expected, "write a number, such as `10`");
            None
        }
    }
}

/// Points, exactly as they are written.
pub(in crate::agreement) fn points(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Points> {
    let written = literal(cx, node, "points")?;
    let points = Points::parse(written);
    let within = points.filter(|p| *p <= POINTS_MAX && *p >= -POINTS_MAX);
    if within.is_none() {
        let digits_only = written
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
        let (message, help) = if points.is_some() || (digits_only && !written.contains('.')) {
            let help = format!("keep between -{0} and {0}", POINTS_MAX.short());
            (format!("{} points are too many", quoted(written)), help)
        } else {
            let help = "write a decimal with at most three places, such as `10` or `-2.5`".to_owned();
            (
                format!("{} can't be counted exactly as points", quoted(written)),
                help,
            )
        };
        cx.error("bad-points", node.span(), message, help);
    }
    within
}

/// Points that aren't negative.
pub(in crate::agreement) fn positive_points(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Points> {
    let points = points(cx, node)?;
    if points.is_positive() {
        return Some(points);
    }
    let message = format!("{} is no cap that lets anything through", quoted(&points.short()));
    cx.error(
        "bad-points",
        node.span(),
        message,
        "write points above 0".to_owned(),
    );
    None
}

/// A number to compare with.
pub(in crate::agreement) fn number(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Number> {
    let written = literal(cx, node, "a number")?;
    let number = Number::parse(written);
    if number.is_none() {
        let message = format!(
            "{} is no number that anything can be compared with",
            quoted(written)
        );
        cx.error(
            "bad-number",
            node.span(),
            message,
            "write a decimal number, such as `50` or `2.5`".to_owned(),
        );
    }
    number
}

/// A whole number within bounds.
pub(in crate::agreement) fn integer(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    bounds: &RangeInclusive<u32>,
) -> Option<u32> {
    let written = literal(cx, node, "a whole number")?;
    let digits = written.strip_prefix('+').unwrap_or(written);
    let found = digits
        .parse::<u32>()
        .ok()
        .filter(|number| bounds.contains(number));
    if found.is_none() {
        let message = format!(
            "{} is not a whole number from {} to {}",
            quoted(written),
            bounds.start(),
            bounds.end()
        );
        cx.error(
            "out-of-range",
            node.span(),
            message,
            format!("write one, such as `{}`", bounds.start()),
        );
    }
    found
}

/// A period.
pub(in crate::agreement) fn period(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<Period> {
    const HELP: &str = "write a whole number above 0 and a unit, in quotes: `\"30s\"`, `\"5m\"`, `\"2h\"`, `\"90d\"`, `\"2w\"`";
    let Some(written) = node.get_ref().as_str() else {
        wrong_type(cx, node, "a period of time", HELP);
        return None;
    };
    let period = Period::parse(written);
    if period.is_none() {
        let message = format!("{} is no period of time", quoted(written));
        cx.error(
            "bad-period",
            node.span(),
            message,
            format!("{HELP}; at most {}", Period::MAX),
        );
    }
    period
}

/// A period of whole days, as their number.
pub(in crate::agreement) fn days(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<u32> {
    let period = period(cx, node)?;
    let days = period.whole_days().and_then(|days| u32::try_from(days).ok());
    if days.is_none() {
        let message = format!("{} is not a whole number of days", quoted(&period.to_string()));
        cx.error(
            "not-whole-days",
            node.span(),
            message,
            "points age by whole days: write `\"1d\"` or more".to_owned(),
        );
    }
    days
}

/// `true` or `false`.
pub(in crate::agreement) fn boolean(cx: &mut Problems<'_>, node: &Node<'_>) -> Option<bool> {
    let found = node.get_ref().as_bool();
    if found.is_none() {
        wrong_type(
            cx,
            node,
            "true or false",
            "write `true` or `false`, without quotes",
        );
    }
    found
}

/// One of some words, as its place among them.
pub(in crate::agreement) fn word(
    cx: &mut Problems<'_>,
    node: &Node<'_>,
    words: &'static [&'static str],
) -> Option<usize> {
    let Some(written) = node.get_ref().as_str() else {
        wrong_type(
            cx,
            node,
            "a word",
            &format!("write {}, in quotes", listed(words.iter().copied(), "or")),
        );
        return None;
    };
    let found = words.iter().position(|known| *known == written);
    if found.is_none() {
        let message = format!("{} is none of the words that may stand here", quoted(written));
        cx.error(
            "unknown-word",
            node.span(),
            message,
            did_you_mean(written, words.iter().copied()),
        );
    }
    found
}
