use super::{
    Department, JobTitle, Rank, Seniority,
    field_words::FIELDS,
    rank_words::{COMPOUND_ENDINGS, RANKS},
    vocabulary::{Vocabulary, entries},
    words::{fold, other_forms},
};

fn table_entries() -> impl Iterator<Item = &'static str> {
    let ranks = RANKS.iter().map(|(_, row)| *row);
    let fields = FIELDS.iter().map(|(_, _, row)| *row);
    ranks.chain(fields).chain([COMPOUND_ENDINGS]).flat_map(entries)
}

#[test]
fn every_rank_has_its_level() {
    let ranks = [Rank::Unknown, Rank::Student, Rank::Learner, Rank::Assistant];
    let ranks = ranks
        .into_iter()
        .chain([Rank::Professional, Rank::Senior, Rank::Coordinator]);
    let ranks = ranks.chain([Rank::Manager, Rank::SeniorManager, Rank::TeamLead, Rank::Head]);
    let ranks: Vec<Rank> = ranks
        .chain([
            Rank::Director,
            Rank::GeneralManager,
            Rank::VicePresident,
            Rank::Chief,
        ])
        .collect();
    assert!(
        ranks.is_sorted_by_key(|rank| rank.seniority()),
        "a higher rank is never a lower level"
    );
}

#[test]
fn a_title_of_a_megabyte_costs_what_its_beginning_does() {
    let long = format!("CEO {}", "ä".repeat(1_000_000));
    assert_eq!(JobTitle::read(&long).seniority(), Seniority::CSuite);
    let repeated = "marketing ".repeat(100_000);
    assert_eq!(JobTitle::read(&repeated).department(), Department::Marketing);
}

#[test]
fn what_stands_before_the_first_word_ends_nothing() {
    let titles = [
        "\u{8}@&-l\u{19}\u{11}d\0(x\0\0\0\0\0st",
        "\u{8}@&-o-l\u{19}srE\0diSp",
    ];
    for title in titles {
        let spaced = format!("  {title} ");
        assert_eq!(JobTitle::read(&spaced), JobTitle::read(title), "{title:?}");
    }
}

#[test]
fn tables_have_lower_case_words_and_wildcards_only_within() {
    for entry in table_entries() {
        assert_eq!(entry, entry.to_lowercase(), "`{entry}` is written in lower case");
        let words: Vec<&str> = entry.split(' ').collect();
        assert_ne!(words.first(), Some(&"*"), "`{entry}` begins with a word");
        assert_ne!(words.last(), Some(&"*"), "`{entry}` ends with a word");
        let plain = |c: char| c.is_alphanumeric() || c == ' ' || c == '*';
        assert!(
            entry.chars().all(plain),
            "`{entry}` has letters and single spaces only"
        );
        assert!(
            words.iter().all(|word| !word.is_empty()),
            "`{entry}` has single spaces only"
        );
    }
}

#[test]
fn no_phrase_stands_twice_in_a_table() {
    let ranks: Vec<&str> = RANKS.iter().flat_map(|(_, row)| entries(row)).collect();
    let fields: Vec<&str> = FIELDS.iter().flat_map(|(_, _, row)| entries(row)).collect();
    for mut table in [ranks, fields] {
        table.sort_unstable();
        let twice: Vec<&[&str]> = table.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}

/// A word's other forms are found by their endings, unless they stand in a table themselves; then they must not say less.
#[test]
fn a_form_that_stands_by_itself_says_as_much_as_its_first_form() {
    let vocabulary = Vocabulary::get();
    for word in table_entries().map(fold).filter(|word| !word.contains(' ')) {
        let Some(own) = vocabulary.number(&word) else {
            panic!("`{word}` has no number");
        };
        for first in other_forms(&word).filter(|first| *first != word) {
            let Some(first_number) = vocabulary.number(&first) else {
                continue;
            };
            let ranks = &vocabulary.ranks;
            let fields = &vocabulary.fields;
            assert!(
                ranks.alone(first_number).is_none() || ranks.alone(own).is_some(),
                "`{word}` hides the rank of `{first}`"
            );
            assert!(
                fields.alone(first_number).is_none() || fields.alone(own).is_some(),
                "`{word}` hides the field of `{first}`"
            );
        }
    }
}
