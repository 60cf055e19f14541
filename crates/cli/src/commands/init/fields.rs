//! A starting agreement for a file of leads: its columns as fields, with their types.

use std::fmt::Write as _;
use std::path::Path;

use bellwether_core::agreement::{FieldType, Fields};
use bellwether_replay::calibrate::{toml_key, toml_text};
use bellwether_replay::import::{ColumnSurvey, Table, survey};
use bellwether_replay::{ColumnMap, LeadColumns, ReplayError, Source};

/// The score that the starting agreement asks for, which `calibrate` keeps.
const LINE: u32 = 50;

/// What a column becomes.
enum Becomes {
    /// A field of its own.
    Field(FieldType),
    /// A field that every agreement has.
    BuiltIn,
    /// None, since no field can have the name.
    Reserved,
    /// None, since nothing stands in it.
    Empty,
}

/// The text of an agreement whose fields are the columns of a file.
pub(super) fn agreement_of(path: &Path) -> Result<String, ReplayError> {
    let table = Table::open(&Source::new(path)?, None)?;
    let found = survey(&table, &|_| {})?;
    let columns = LeadColumns::of(path, table.columns(), &ColumnMap::default())?;
    let named = path
        .file_name()
        .map_or_else(|| "leads".into(), |name| name.to_string_lossy());
    let mut text = format!(
        "# A start from {}: its columns as fields, and no rules yet. Write rules with marketing and sales in one room, or let the\n\
         # won deals propose some:\n#\n#   bellwether calibrate agreement.toml --leads {} --outcomes outcomes.csv --discover --out new.toml\n\n\
         [agreement]\nname = {}\n\n[fields]\n",
        comment(&named),
        comment(&named),
        toml_text(&format!("A start from {named}"))
    );
    let mut aside = String::new();
    for (at, column) in found.columns.iter().enumerate() {
        if columns.lead == at || columns.created == Some(at) || column.name.is_empty() {
            continue;
        }
        // Writing to a string can't fail.
        let _ = match becomes(column) {
            Becomes::Field(of) => writeln!(
                text,
                "{} = \"{}\"{}",
                toml_key(&column.name),
                of.as_str(),
                samples(column)
            ),
            Becomes::BuiltIn => writeln!(aside, "# {} is built in.", comment(&column.name)),
            Becomes::Reserved => writeln!(
                aside,
                "# {} can't be the name of a field; rename the column to use it.",
                comment(&column.name)
            ),
            Becomes::Empty => writeln!(aside, "# {} is empty.", comment(&column.name)),
        };
    }
    text.push_str(&aside);
    let _ = write!(
        text,
        "\n# A rule looks like this:\n#\n# [[fit]]\n# name   = \"Company size in our market\"\n# when   = {{ employees = {{ min = 50, max = 500 }} }}\n\
         # points = 10\n\n[qualify]\nscore = {LINE}\n"
    );
    Ok(text)
}

fn becomes(column: &ColumnSurvey) -> Becomes {
    if Fields::is_built_in(&column.name) {
        return Becomes::BuiltIn;
    }
    if !Fields::may_be_called(&column.name) {
        return Becomes::Reserved;
    }
    if column.filled == 0 {
        return Becomes::Empty;
    }
    Becomes::Field(type_of(column))
}

/// The type that all values of a column have; text where they have none in common.
fn type_of(column: &ColumnSurvey) -> FieldType {
    let only = |words: &[&str]| {
        let known = |sample: &String| words.iter().any(|word| word.eq_ignore_ascii_case(sample));
        column.samples.iter().all(known)
    };
    // A condition reads `true` and `1`, but not `yes`. Of two values both are among the samples.
    if only(&["true", "false"]) || (column.samples.len() == 2 && only(&["0", "1"])) {
        return FieldType::Bool;
    }
    match column.type_in_words() {
        "number" => FieldType::Number,
        "list" => FieldType::List,
        "date" if column.dates.iso == column.filled => FieldType::Time,
        _ => FieldType::Text,
    }
}

fn samples(column: &ColumnSurvey) -> String {
    let shown: Vec<String> = column.samples.iter().map(|sample| comment(sample)).collect();
    format!("  # {}", shown.join(", "))
}

/// Text that can stand in a comment: what ends a line would end it.
fn comment(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect()
}
