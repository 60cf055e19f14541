//! Which column of a table holds what: named by the caller, or guessed among well-known names.

use std::path::Path;
use std::str::FromStr;

use crate::error::ReplayError;

/// The columns that the caller named; what isn't named is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap {
    /// Who did it.
    pub lead: Option<String>,
    /// When it was done.
    pub ts: Option<String>,
    /// What was done.
    pub event: Option<String>,
    /// The path of a page view.
    pub path: Option<String>,
    /// In a leads file, when the lead came to be.
    pub created_at: Option<String>,
    /// In a file of outcomes, what became of the lead.
    pub outcome: Option<String>,
    /// And when.
    pub at: Option<String>,
    /// And what the deal is worth.
    pub amount: Option<String>,
    /// And in which currency.
    pub currency: Option<String>,
    /// And why it was rejected or lost.
    pub reason: Option<String>,
}

/// What a column is looked for as: its key in `--map`, in words, and its well-known names.
pub(crate) struct Wanted {
    key: &'static str,
    what: &'static str,
    names: &'static [&'static str],
}

/// Names are compared without case and without anything but letters and digits.
pub(crate) const EVENT_LEAD: Wanted = Wanted {
    key: "lead",
    what: "lead",
    names: &[
        "lead",
        "leadid",
        "userid",
        "user",
        "contactid",
        "contact",
        "customerid",
        "personid",
        "profileid",
        "caseid",
        "case",
        "caseconceptname",
        "visitorid",
        "anonymousid",
        "distinctid",
        "email",
    ],
};
pub(crate) const LEAD: Wanted = Wanted {
    key: "lead",
    what: "lead",
    names: &[
        "lead",
        "leadid",
        "id",
        "userid",
        "user",
        "contactid",
        "contact",
        "customerid",
        "personid",
        "profileid",
        "caseid",
        "case",
        "caseconceptname",
        "visitorid",
        "anonymousid",
        "distinctid",
        "email",
    ],
};
pub(crate) const TS: Wanted = Wanted {
    key: "ts",
    what: "time",
    names: &[
        "ts",
        "timestamp",
        "time",
        "at",
        "occurredat",
        "eventtime",
        "eventtimestamp",
        "datetime",
        "timetimestamp",
        "originaltimestamp",
        "receivedat",
        "sentat",
        "createdat",
        "date",
    ],
};
pub(crate) const EVENT: Wanted = Wanted {
    key: "event",
    what: "event's name",
    names: &[
        "event",
        "eventname",
        "name",
        "activity",
        "conceptname",
        "action",
        "eventtype",
        "type",
    ],
};
pub(crate) const PATH: Wanted = Wanted {
    key: "path",
    what: "page's path",
    names: &["path", "pagepath"],
};
pub(crate) const CREATED_AT: Wanted = Wanted {
    key: "created_at",
    what: "creation",
    names: &["createdat", "created", "creationdate"],
};
pub(crate) const OUTCOME: Wanted = Wanted {
    key: "outcome",
    what: "outcome",
    names: &[
        "outcome",
        "result",
        "dealstage",
        "opportunitystage",
        "stagename",
        "stage",
        "status",
    ],
};
pub(crate) const AT: Wanted = Wanted {
    key: "at",
    what: "outcome's time",
    names: &[
        "at",
        "closedate",
        "closedat",
        "closeddate",
        "closed",
        "wonat",
        "wondate",
        "ts",
        "timestamp",
        "time",
        "date",
    ],
};
pub(crate) const AMOUNT: Wanted = Wanted {
    key: "amount",
    what: "deal's amount",
    names: &[
        "amount",
        "value",
        "dealamount",
        "dealvalue",
        "closevalue",
        "opportunityamount",
        "revenue",
    ],
};
pub(crate) const CURRENCY: Wanted = Wanted {
    key: "currency",
    what: "currency",
    names: &["currency", "currencycode", "dealcurrency", "currencyisocode"],
};
pub(crate) const REASON: Wanted = Wanted {
    key: "reason",
    what: "reason",
    names: &[
        "reason",
        "rejectionreason",
        "lostreason",
        "closedlostreason",
        "lossreason",
    ],
};

impl FromStr for ColumnMap {
    type Err = String;

    /// Reads `lead=COL,ts=COL,event=COL`, any of them, and the other columns likewise.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut map = Self::default();
        for part in text.split(',') {
            let (key, column) = part
                .split_once('=')
                .filter(|(_, column)| !column.is_empty())
                .ok_or_else(|| format!("`{part}` is not KEY=COLUMN; write it like `lead=user_id,ts=time`"))?;
            let place = match key.trim() {
                "lead" => &mut map.lead,
                "ts" => &mut map.ts,
                "event" => &mut map.event,
                "path" => &mut map.path,
                "created_at" => &mut map.created_at,
                "outcome" => &mut map.outcome,
                "at" => &mut map.at,
                "amount" => &mut map.amount,
                "currency" => &mut map.currency,
                "reason" => &mut map.reason,
                _ => {
                    return Err(format!(
                        "`{key}` is none of lead, ts, event, path, created_at, outcome, at, amount, currency, reason"
                    ));
                }
            };
            if place.replace(column.to_owned()).is_some() {
                return Err(format!("`{key}` is named twice"));
            }
        }
        Ok(map)
    }
}

impl Wanted {
    pub(crate) fn is_named(&self, column: &str) -> bool {
        let plain = plain(column);
        self.names.contains(&plain.as_str())
    }

    /// The column that the caller named, or the first that is there of the well-known names.
    pub(crate) fn find(
        &self,
        file: &Path,
        columns: &[String],
        named: Option<&str>,
    ) -> Result<Option<usize>, ReplayError> {
        if let Some(named) = named {
            let at = columns.iter().position(|column| column == named);
            return at.map(Some).ok_or_else(|| ReplayError::UnknownColumn {
                file: file.display().to_string(),
                key: self.key,
                column: named.to_owned(),
                found: listed(columns),
            });
        }
        let plain: Vec<String> = columns.iter().map(|column| plain(column)).collect();
        Ok(self
            .names
            .iter()
            .find_map(|name| plain.iter().position(|column| column == name)))
    }

    /// As [`Wanted::find`], where the column must be there.
    pub(crate) fn require(
        &self,
        file: &Path,
        columns: &[String],
        named: Option<&str>,
    ) -> Result<usize, ReplayError> {
        self.find(file, columns, named)?
            .ok_or_else(|| ReplayError::MissingColumn {
                file: file.display().to_string(),
                what: self.what,
                key: self.key,
                found: listed(columns),
            })
    }
}

/// Columns' names, with those of lists written so that nothing that needs a single value is found in them.
pub(crate) fn single(columns: &[String], is_list: &dyn Fn(usize) -> bool) -> Vec<String> {
    let columns = columns.iter().enumerate();
    let single = columns.map(|(at, name)| {
        if is_list(at) {
            format!("{name} (a list)")
        } else {
            name.clone()
        }
    });
    single.collect()
}

/// Columns by name, as an error lists them: the first forty.
pub(crate) fn listed(columns: &[String]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .take(40)
        .map(|column| format!("`{}`", column.chars().take(60).collect::<String>()))
        .collect();
    match columns.len().saturating_sub(40) {
        0 if shown.is_empty() => "no columns".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn plain(column: &str) -> String {
    column
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &Wanted, columns: &[&str]) -> Option<usize> {
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        wanted
            .find(Path::new("events.csv"), &columns, None)
            .ok()
            .flatten()
    }

    #[test]
    fn well_known_names_are_found_in_any_spelling_and_the_best_first() {
        assert_eq!(found(&EVENT_LEAD, &["anonymousId", "id", "userId"]), Some(2));
        assert_eq!(found(&LEAD, &["email", "ID"]), Some(1));
        assert_eq!(found(&TS, &["received_at", "Occurred At"]), Some(1));
        assert_eq!(found(&EVENT, &["concept:name", "org:resource"]), Some(0));
        assert_eq!(found(&EVENT, &["what"]), None);
    }

    #[test]
    fn a_missing_column_is_named_with_what_the_file_has_and_the_remedy() {
        let columns = ["who".to_owned(), "when".to_owned()];
        let error = EVENT_LEAD
            .require(Path::new("e.csv"), &columns, None)
            .expect_err("nothing fits");
        assert_eq!(
            error.to_string(),
            "`e.csv` has no column for the lead; name one with `--map lead=COLUMN`; it has `who`, `when`"
        );
        let error = TS
            .require(Path::new("e.csv"), &columns, Some("whn"))
            .expect_err("misspelt");
        assert_eq!(
            error.to_string(),
            "`--map ts=whn` names no column of `e.csv`; it has `who`, `when`"
        );
    }

    #[test]
    fn a_map_is_pairs_of_known_keys() {
        let map: ColumnMap = "lead=case_id,ts=t".parse().expect("a map");
        assert_eq!(
            (map.lead.as_deref(), map.ts.as_deref(), map.event),
            (Some("case_id"), Some("t"), None)
        );
        for text in ["", "lead", "lead=", "who=x", "lead=a,lead=b"] {
            assert!(text.parse::<ColumnMap>().is_err(), "{text}");
        }
    }
}
