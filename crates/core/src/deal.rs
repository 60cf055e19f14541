//! Deals as sales works them: what was found out about a buyer (budget, authority, need, timeline), what a deal is worth,
//! and when it is expected to close. Each is read once, at the edge.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::domain::Points;

/// The most that a deal may be worth, in thousandths of its currency's unit: a hundred billion. Sums of many still fit.
pub const AMOUNT_THOUSANDTHS_MAX: i64 = 100_000_000_000_000;
/// The stages of a deal that are offered where nobody names another.
pub const SALES_STAGES: [&str; 5] = ["discovery", "demo", "proposal", "negotiation", "contract"];

/// What was found out about one of the four questions. That nobody knows is an answer, too: it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// They have it.
    Yes,
    /// They don't.
    No,
    /// It was asked, and nobody knows.
    Unknown,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    /// The answer's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Answer {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|answer| answer.as_str() == name)
            .ok_or(())
    }
}

/// The four questions that make a lead one that sales qualified itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is there money for it?
    Budget,
    /// Do we speak with whoever decides?
    Authority,
    /// Have they a problem that we solve?
    Need,
    /// Is there a time by which they want it?
    Timeline,
}

impl Question {
    /// Every question, in the order in which people say them.
    pub const ALL: [Self; 4] = [Self::Budget, Self::Authority, Self::Need, Self::Timeline];

    /// The question's name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Authority => "authority",
            Self::Need => "need",
            Self::Timeline => "timeline",
        }
    }
}

/// An answer and what was noted with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// What else was said.
    pub note: Option<String>,
}

/// Budget, authority, need and timeline, as far as they were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bant {
    answers: [Option<Answered>; 4],
}

impl Bant {
    /// The answer to a question, where it was recorded.
    pub fn answer(&self, question: Question) -> Option<&Answered> {
        let [budget, authority, need, timeline] = &self.answers;
        match question {
            Question::Budget => budget,
            Question::Authority => authority,
            Question::Need => need,
            Question::Timeline => timeline,
        }
        .as_ref()
    }

    /// Records an answer in the place of whatever was there.
    pub fn record(&mut self, question: Question, answered: Answered) {
        let [budget, authority, need, timeline] = &mut self.answers;
        let place = match question {
            Question::Budget => budget,
            Question::Authority => authority,
            Question::Need => need,
            Question::Timeline => timeline,
        };
        *place = Some(answered);
    }

    /// These answers, and for what they leave open those of `before`.
    #[must_use]
    pub fn over(mut self, before: &Self) -> Self {
        for question in Question::ALL {
            if self.answer(question).is_none()
                && let Some(answered) = before.answer(question)
            {
                self.record(question, answered.clone());
            }
        }
        self
    }

    /// The questions that nobody recorded an answer to.
    pub fn missing(&self) -> Vec<Question> {
        Question::ALL
            .into_iter()
            .filter(|question| self.answer(*question).is_none())
            .collect()
    }
}

/// What a deal is worth: an amount, and the currency's three letters (ISO 4217, checked by form).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// Thousandths of the currency's unit, from 0 to [`AMOUNT_THOUSANDTHS_MAX`].
    pub thousandths: i64,
    /// `EUR`.
    pub currency: String,
}

impl Money {
    /// Reads an amount such as `12500` or `99.50`, and a currency such as `EUR`.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, String> {
        let currency = currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(format!(
                "`{}` is not a currency; give its three letters, such as EUR or USD",
                shortened(&currency)
            ));
        }
        let amount = amount.trim();
        let thousandths = Points::parse(amount).map(Points::millis);
        match thousandths {
            Some(thousandths @ 0..=AMOUNT_THOUSANDTHS_MAX) => Ok(Self {
                thousandths,
                currency,
            }),
            _ => Err(format!(
                "`{}` is not an amount; give a decimal from 0 to {} with at most three places, such as 12500 or 99.50",
                shortened(amount),
                AMOUNT_THOUSANDTHS_MAX / 1_000
            )),
        }
    }
}

impl fmt::Display for Money {
    /// `12500 EUR`, `99.5 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            Points::from_millis(self.thousandths).short(),
            self.currency
        )
    }
}

/// A day on which a deal is expected to close, as it is written: `2026-09-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CloseDay(Date);

impl FromStr for CloseDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // Only the plain form, so that days sort as texts.
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = text.parse::<Date>().ok().filter(|_| plain);
        day.map(Self)
            .ok_or_else(|| format!("`{}` is not a day; write it as 2026-09-30", shortened(text)))
    }
}

impl fmt::Display for CloseDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_decimal_with_a_currency() {
        let read = |amount, currency| Money::parse(amount, currency).map(|money| money.to_string());
        assert_eq!(read("12500", "eur"), Ok("12500 EUR".to_owned()));
        assert_eq!(read(" 99.50 ", "USD"), Ok("99.5 USD".to_owned()));
        assert_eq!(read("0", "JPY"), Ok("0 JPY".to_owned()));
        for (amount, currency) in [
            ("-1", "EUR"),
            ("", "EUR"),
            ("1,000", "EUR"),
            ("1.2345", "EUR"),
            ("100000000000.001", "EUR"),
            ("99999999999999999999", "EUR"),
            ("10", "EURO"),
            ("10", ""),
            ("10", "E1R"),
            ("10", "€"),
        ] {
            let error = read(amount, currency).unwrap_err();
            assert!(error.contains("; give "), "{error}");
        }
        let most = Money::parse("100000000000", "EUR").unwrap();
        assert_eq!(most.thousandths, AMOUNT_THOUSANDTHS_MAX);
    }

    #[test]
    fn a_day_is_written_one_way_and_exists() {
        let day: CloseDay = "2026-09-30".parse().unwrap();
        assert_eq!(day.to_string(), "2026-09-30");
        for wrong in [
            "2026-02-30",
            "30.9.2026",
            "2026-9-30",
            "20260930",
            "+002026-09-30",
            "",
        ] {
            assert!(wrong.parse::<CloseDay>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_recorded_anew_replaces_and_the_rest_stays() {
        let said = |answer, note: &str| Answered {
            answer,
            note: Some(note.to_owned()),
        };
        let mut before = Bant::default();
        assert_eq!(before.missing(), Question::ALL);
        before.record(Question::Budget, said(Answer::Unknown, "asks the board"));
        before.record(Question::Need, said(Answer::Yes, "leads go cold"));
        let mut now = Bant::default();
        now.record(Question::Budget, said(Answer::Yes, "30k"));
        let now = now.over(&before);
        assert_eq!(now.answer(Question::Budget), Some(&said(Answer::Yes, "30k")));
        assert_eq!(
            now.answer(Question::Need),
            Some(&said(Answer::Yes, "leads go cold"))
        );
        assert_eq!(now.missing(), [Question::Authority, Question::Timeline]);
    }
}
