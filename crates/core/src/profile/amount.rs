//! Numbers of people and money as forms and data sellers write them: `51-200`, `1k+`, `10.000+`, `€1.2m`. Of a range its lower
//! end counts: that much is sure, so that a rule for large companies is never met by one that may be small.

use crate::domain::Number;

/// The longest text that is read, in bytes.
const AMOUNT_BYTES_MAX: usize = 60;

/// Words beside an amount that say nothing of how large it is.
#[rustfmt::skip]
const WORDS: [&str; 30] = [
    "about", "approx", "around", "ca", "chf", "circa", "collaborateurs", "dollar", "dollars", "employee", "employees", "employés",
    "environ", "etwa", "eur", "euro", "euros", "gbp", "headcount", "inr", "jpy", "mitarbeiter", "mitarbeitende", "people", "personen",
    "salariés", "staff", "usd", "years", "jahre",
];
/// Words by which an amount is the least there is.
const AT_LEAST: [&str; 17] = [
    "over",
    "more",
    "than",
    "from",
    "min",
    "minimum",
    "ab",
    "über",
    "ueber",
    "mehr",
    "als",
    "plus",
    "de",
    "mindestens",
    "von",
    "least",
    "at",
];
/// Words by which an amount is the most there is, so that nothing is sure of how much there is at least.
const AT_MOST: [&str; 13] = [
    "under", "less", "below", "up", "max", "maximum", "bis", "unter", "weniger", "moins", "jusqu", "upto",
    "to",
];
/// Words between the two ends of a range.
const BETWEEN: [&str; 4] = ["to", "bis", "à", "a"];

/// What a text says as a number: a plain number is that number; of a range the lower end; of `up to 50` nothing, or rather
/// 0. `None` where it can't be told.
pub fn amount(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Some(number) = Number::parse(text) {
        return Some(number);
    }
    if text.is_empty() || text.len() > AMOUNT_BYTES_MAX {
        return None;
    }
    let text = text.to_lowercase();
    let mut reading = Reading::default();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '0'..='9' => {
                let (value, rest) = number(rest)?;
                reading.amount(value)?;
                rest
            }
            '-' | '–' | '—' | '‑' | '~' | '/' => {
                reading.dash(c)?;
                rest.get(c.len_utf8()..)?
            }
            '<' | '≤' => {
                reading.at_most = true;
                rest.get(c.len_utf8()..)?
            }
            '>' | '≥' | '+' | '=' | '€' | '$' | '£' | '¥' | '(' | ')' | '.' | ',' | '\'' | '’' => {
                rest.get(c.len_utf8()..)?
            }
            c if c.is_whitespace() => rest.get(c.len_utf8()..)?,
            c if c.is_alphabetic() => {
                let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                let (word, rest) = rest.split_at(end);
                reading.word(word)?;
                rest
            }
            _ => return None,
        };
    }
    reading.result()
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    amounts: Vec<Amount>,
    joined: bool,
    at_most: bool,
}

/// A number, and the unit that stood at it.
#[derive(Clone, Copy)]
struct Amount {
    value: f64,
    scale: Option<f64>,
}

impl Reading {
    fn amount(&mut self, amount: Amount) -> Option<()> {
        // Two numbers that nothing joins, or three, are something else: a date, a telephone number.
        let fits = self.amounts.is_empty() || (self.amounts.len() == 1 && self.joined);
        fits.then(|| self.amounts.push(amount))
    }

    fn dash(&mut self, dash: char) -> Option<()> {
        // A dash before every number is a sign of less than nothing, and none of these can be that.
        (dash == '~' || (self.amounts.len() == 1 && !self.joined && dash != '/'))
            .then(|| self.joined = !self.amounts.is_empty())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if self.amounts.len() == 1 && !self.joined && BETWEEN.contains(&word) {
            self.joined = true;
        } else if self.amounts.is_empty() && AT_MOST.contains(&word) {
            self.at_most = true;
        } else if let Some(scale) = scale(word) {
            let last = self.amounts.last_mut().filter(|last| last.scale.is_none())?;
            last.scale = Some(scale);
        } else if !(WORDS.contains(&word)
            || AT_LEAST.contains(&word)
            || word == "or"
            || word == "oder"
            || word == "et"
            || word == "ou")
        {
            return None;
        }
        Some(())
    }

    fn result(self) -> Option<Number> {
        let least = *self.amounts.first()?;
        if self.joined && self.amounts.len() < 2 {
            return None;
        }
        // `1-5M` is from one million on; `500-1k` isn't from five hundred thousand.
        let value = match (least.scale, self.amounts.get(1)) {
            (Some(scale), _) => least.value * scale,
            (None, Some(most)) => most
                .scale
                .filter(|_| least.value < most.value)
                .map_or(least.value, |scale| least.value * scale),
            (None, None) => least.value,
        };
        Number::new(if self.at_most { 0.0 } else { value })
    }
}

/// What a unit multiplies by.
fn scale(word: &str) -> Option<f64> {
    Some(match word {
        "k" | "thousand" | "tsd" | "tausend" | "mille" | "t" => 1e3,
        "m" | "mn" | "mm" | "mio" | "million" | "millions" | "millionen" | "mill" => 1e6,
        "b" | "bn" | "mrd" | "md" | "billion" | "billions" | "milliarde" | "milliarden" | "milliard"
        | "milliards" => 1e9,
        _ => return None,
    })
}

/// Reads a number from the beginning of a text, with whatever separates its thousands and its decimals.
fn number(text: &str) -> Option<(Amount, &str)> {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let digit_follows = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let separates = matches!(c, '.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}' | ' ') && digit_follows;
        if c == ' ' && separates && !is_group(text.get(at + 1..)?) {
            break;
        }
        if !(c.is_ascii_digit() || separates) {
            break;
        }
        end = at + c.len_utf8();
    }
    let (digits, rest) = text.split_at(end);
    let value = plain(digits)?;
    let unit = rest.chars().next().is_some_and(char::is_alphabetic);
    let word_end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..word_end)?;
    match scale(word).filter(|_| unit) {
        Some(scale) => Some((
            Amount {
                value,
                scale: Some(scale),
            },
            rest.get(word_end..)?,
        )),
        None => Some((Amount { value, scale: None }, rest)),
    }
}

/// Whether exactly three digits follow, as after a space between thousands.
fn is_group(text: &str) -> bool {
    text.bytes().take_while(u8::is_ascii_digit).count() == 3
}

/// The value of digits with separators. Where there is one separator, once, it is a decimal one unless exactly three
/// digits follow; where there are two kinds, the later one is.
fn plain(digits: &str) -> Option<f64> {
    let separators: Vec<(usize, char)> = digits
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let last = separators.last().copied();
    let decimal = last.filter(|(at, c)| {
        let same = separators.iter().filter(|(_, other)| other == c).count();
        let after = digits.len() - at - c.len_utf8();
        matches!(c, '.' | ',') && same == 1 && (after != 3 || separators.len() > 1 || digits.starts_with('0'))
    });
    let (whole, fraction) = match decimal {
        Some((at, c)) => (digits.get(..at)?, digits.get(at + c.len_utf8()..)?),
        None => (digits, ""),
    };
    let groups: Vec<&str> = whole.split(|c: char| !c.is_ascii_digit()).collect();
    let (first, others) = groups.split_first()?;
    if !others.is_empty()
        && (first.len() > 3 || first.is_empty() || others.iter().any(|group| group.len() != 3))
    {
        return None;
    }
    format!("{}.{fraction}0", groups.concat()).parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_reads_as_a_number_stays_that_number(text in "[0-9+.eE-]{1,12}") {
            if let Some(number) = Number::parse(&text) {
                prop_assert_eq!(amount(&text), Some(number));
            }
        }

        #[test]
        fn a_range_is_its_lower_end(low in 1_u32..100_000, more in 1_u32..100_000) {
            let high = low + more;
            let expected = Number::new(f64::from(low));
            for text in [format!("{low}-{high}"), format!("{low} – {high} employees"), format!("{low} to {high}"), format!("{low}+")] {
                prop_assert_eq!(amount(&text), expected, "{}", text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}", near in "[0-9 .,'+k m€–<-]{0,20}") {
            let _ = amount(&text);
            let _ = amount(&near);
        }
    }
}
