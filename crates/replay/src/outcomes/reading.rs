//! A file of outcomes as rows: which column holds what, and what is wrong with a row.

use std::path::Path;

use bellwether_core::domain::Value;

use super::{Fate, Outcome, Outcomes};
use crate::cells::read_time;
use crate::columns::{AMOUNT, AT, CURRENCY, ColumnMap, LEAD, OUTCOME, REASON};
use crate::error::ReplayError;
use crate::import::{LOST, Row, Table, WON, headers, thousandths};
use crate::limits::{LEAD_ID_BYTES_MAX, LEADS_MAX};
use crate::rejects::{Reason, Rejects};
use crate::source::{Progress, Source};

/// Words for the other fates, without case and without anything but letters and digits.
const ACCEPTED: [&str; 4] = ["accepted", "sal", "salesaccepted", "salesacceptedlead"];
const SQL: [&str; 5] = [
    "sql",
    "salesqualified",
    "salesqualifiedlead",
    "opportunity",
    "qualified",
];
const REJECTED: [&str; 4] = ["rejected", "recycled", "disqualified", "unqualified"];
/// The longest reason that is kept, in characters.
const REASON_CHARACTERS_MAX: usize = 200;

/// Where the table has what.
struct Layout {
    lead: usize,
    outcome: usize,
    at: Option<usize>,
    amount: Option<usize>,
    currency: Option<usize>,
    reason: Option<usize>,
}

type Refusal = (Reason, String);

impl Outcomes {
    /// Reads a file: CSV (with commas, semicolons or tabs), JSON lines or Parquet. `lead` and `outcome` must be there.
    pub fn read(
        source: &Source,
        columns: &ColumnMap,
        rejects: &mut Rejects,
        progress: Progress<'_>,
    ) -> Result<Self, ReplayError> {
        let table = Table::open(source, None)?;
        let layout = Layout::new(source.path(), table.columns(), columns)?;
        let mut outcomes = Self::default();
        table.each_row(progress, &mut |row| {
            let refused = match row.refused() {
                Some((reason, detail)) => Some((Reason::of_words(reason), detail.to_owned())),
                None => outcomes.take(&layout, &row),
            };
            if let Some((reason, detail)) = refused {
                let shown = row.shown().join(",");
                rejects.add(source.path(), row.line, reason, &detail, shown.as_bytes())?;
            }
            if outcomes.len() > LEADS_MAX {
                return Err(ReplayError::TooMany {
                    what: "leads",
                    limit: LEADS_MAX as u64,
                });
            }
            Ok(true)
        })?;
        Ok(outcomes)
    }

    /// Takes a row; what it is refused, or doubted, for.
    fn take(&mut self, layout: &Layout, row: &Row) -> Option<Refusal> {
        let (lead, outcome, doubt) = match layout.outcome(row) {
            Ok(read) => read,
            Err(refusal) => return Some(refusal),
        };
        if !self.add(&lead, outcome) {
            return Some((Reason::SameOutcome, String::new()));
        }
        doubt
    }
}

impl Layout {
    fn new(file: &Path, names: &[String], map: &ColumnMap) -> Result<Self, ReplayError> {
        // `--map` may be meant for the other files alone.
        let named = map.lead.as_deref();
        let named = named.filter(|name| names.iter().any(|column| column == name));
        Ok(Self {
            lead: LEAD.require(file, names, named)?,
            outcome: OUTCOME.require(file, names, map.outcome.as_deref())?,
            at: AT.find(file, names, map.at.as_deref())?,
            amount: AMOUNT.find(file, names, map.amount.as_deref())?,
            currency: CURRENCY.find(file, names, map.currency.as_deref())?,
            reason: REASON.find(file, names, map.reason.as_deref())?,
        })
    }

    /// What a row says of whom, and what is doubtful about it.
    fn outcome(&self, row: &Row) -> Result<(String, Outcome, Option<Refusal>), Refusal> {
        let cell = |at: usize| row.cells.get(at)?.as_ref().map(Value::to_string);
        let text = |at: Option<usize>| {
            at.and_then(cell)
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let Some(lead) = text(Some(self.lead)) else {
            return Err((Reason::MissingLead, String::new()));
        };
        if lead.len() > LEAD_ID_BYTES_MAX {
            return Err((Reason::LeadTooLong, String::new()));
        }
        let Some(said) = text(Some(self.outcome)) else {
            return Err((Reason::MissingOutcome, String::new()));
        };
        let Some(fate) = fate_of(&said) else {
            let excerpt: String = said.chars().take(40).collect();
            return Err((Reason::UnknownOutcome, format!("`{excerpt}`")));
        };
        let at = text(self.at).map(|text| read_time(&text)).transpose()?;
        let (amount_thousandths, doubt) = amount(text(self.amount));
        let reason = text(self.reason).map(|reason| reason.chars().take(REASON_CHARACTERS_MAX).collect());
        let outcome = Outcome {
            fate,
            at,
            amount_thousandths,
            currency: text(self.currency).map(|currency| currency.to_uppercase()),
            reason,
        };
        Ok((lead, outcome, doubt))
    }
}

fn fate_of(text: &str) -> Option<Fate> {
    let word = headers::plain(text);
    let is_one_of = |words: &[&str]| words.contains(&word.as_str());
    Some(match () {
        () if is_one_of(&WON) => Fate::Won,
        () if is_one_of(&LOST) => Fate::Lost,
        () if is_one_of(&SQL) => Fate::Sql,
        () if is_one_of(&ACCEPTED) => Fate::Accepted,
        () if is_one_of(&REJECTED) => Fate::Rejected,
        () => return None,
    })
}

/// An amount; a deal whose amount can't be read is a deal all the same.
fn amount(text: Option<String>) -> (Option<i64>, Option<Refusal>) {
    let Some(text) = text else { return (None, None) };
    if let Some(amount) = thousandths(&text) {
        return (Some(amount), None);
    }
    let excerpt: String = text.chars().take(40).collect();
    (None, Some((Reason::UnreadableAmount, format!("`{excerpt}`"))))
}
