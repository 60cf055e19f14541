//! The two tables of words, made ready for reading: every word of them has a number, and every phrase is found by its
//! first word.

use std::sync::LazyLock;

use hashbrown::HashMap;

use super::{
    Field,
    field_words::FIELDS,
    rank_words::{COMPOUND_ENDINGS, RANKS},
    words::{Known, compound, fold, other_forms},
};

/// The number of a known word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WordId(u32);

/// What a word or phrase says of the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RankMark {
    /// This rank.
    Is(super::Rank),
    /// This rank, unless the word only names what somebody of a higher rank works on: `Student Success Manager`.
    Learns(super::Rank),
    /// Raises what it stands beside.
    Senior,
    /// Lowers what it stands beside.
    Junior,
    /// The second in the rank beside it.
    Deputy,
    /// Helps somebody: ranks in the same breath are somebody else's.
    Assists,
    /// What follows is another person's, where a rank stands before it.
    SomebodyElse,
    /// What follows is a company.
    At,
    /// What follows was, or may once be.
    NotNow,
    /// The title has no present.
    Gone,
    /// Nothing, though its words alone would.
    Nothing,
}

/// How plainly a word names a field; in a role the plainest counts, and of equals the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plainness {
    /// An occupation that is found in many fields: `consultant`, `engineer`.
    Occupation,
    /// Who runs a company runs its fields, too.
    RunsCompany,
    /// Work that is done in several fields: `project`, `service`.
    Work,
    /// The field's name.
    Name,
}

/// What a word or phrase says of the field.
pub(super) type FieldMark = (Plainness, Field);

/// A word of a phrase, or `*`: one to three words, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Word(WordId),
    Any,
}

/// How many words `*` stands for at most.
pub(super) const ANY_WORDS_MAX: usize = 3;

/// The phrases of one table, by the number of their first word, the longest first.
#[derive(Debug)]
pub(super) struct Phrases<M>(Vec<Vec<(Vec<Part>, M)>>);

impl<M: Copy> Phrases<M> {
    /// What the phrases that begin with this word consist of after it, and what they mean.
    pub(super) fn after(&self, first: WordId) -> &[(Vec<Part>, M)] {
        let at = usize::try_from(first.0).unwrap_or(usize::MAX);
        self.0.get(at).map_or(&[], Vec::as_slice)
    }

    /// What the word means alone.
    pub(super) fn alone(&self, word: WordId) -> Option<M> {
        let alone = self.after(word).iter().find(|(rest, _)| rest.is_empty());
        alone.map(|(_, means)| *means)
    }

    fn add(&mut self, first: WordId, rest: Vec<Part>, means: M) {
        let at = usize::try_from(first.0).unwrap_or(usize::MAX);
        if self.0.len() <= at {
            self.0.resize_with(at.saturating_add(1), Vec::new);
        }
        if let Some(phrases) = self.0.get_mut(at) {
            phrases.push((rest, means));
            phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
    }
}

/// Everything that is known of words.
#[derive(Debug)]
pub(super) struct Vocabulary {
    numbers: HashMap<String, WordId>,
    compound_endings: HashMap<String, WordId>,
    pub(super) ranks: Phrases<RankMark>,
    pub(super) fields: Phrases<FieldMark>,
}

impl Vocabulary {
    /// The vocabulary; it is made when the first title is read.
    pub(super) fn get() -> &'static Self {
        static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(Vocabulary::new);
        &VOCABULARY
    }

    /// The number of a folded word.
    pub(super) fn number(&self, word: &str) -> Option<WordId> {
        self.numbers.get(word).copied()
    }

    /// The number of a folded word that German compounds end with.
    pub(super) fn compound_ending(&self, word: &str) -> Option<WordId> {
        self.compound_endings.get(word).copied()
    }

    /// Whether the word alone names a field.
    pub(super) fn names_a_field(&self, word: WordId) -> bool {
        let alone = self.fields.alone(word);
        alone.is_some_and(|(plainness, _)| plainness >= Plainness::Work)
    }

    fn new() -> Self {
        let mut vocabulary = Self {
            numbers: HashMap::new(),
            compound_endings: HashMap::new(),
            ranks: Phrases(Vec::new()),
            fields: Phrases(Vec::new()),
        };
        let rows = RANKS.iter().map(|(_, phrases)| *phrases);
        let rows = rows.chain(FIELDS.iter().map(|(_, _, phrases)| *phrases));
        for word in rows.chain([COMPOUND_ENDINGS]).flat_map(entries) {
            if !word.contains(' ') {
                vocabulary.add(&fold(word));
            }
        }
        for (mark, phrases) in RANKS {
            for phrase in entries(phrases) {
                if let Some((first, rest)) = vocabulary.parts(phrase) {
                    vocabulary.ranks.add(first, rest, *mark);
                }
            }
        }
        for (field, plainness, phrases) in FIELDS {
            for phrase in entries(phrases) {
                if let Some((first, rest)) = vocabulary.parts(phrase) {
                    vocabulary.fields.add(first, rest, (*plainness, *field));
                }
            }
        }
        for word in entries(COMPOUND_ENDINGS) {
            let word = fold(word);
            let number = vocabulary.add(&word);
            vocabulary.compound_endings.insert(word, number);
        }
        vocabulary.complete_compounds();
        vocabulary
    }

    /// A compound that one table knows as a whole means in the other what its parts do there.
    fn complete_compounds(&mut self) {
        let rows = RANKS.iter().map(|(_, phrases)| *phrases);
        let rows = rows.chain(FIELDS.iter().map(|(_, _, phrases)| *phrases));
        for word in rows.flat_map(entries).map(fold) {
            let parts = match compound(self, &word) {
                Known::Nothing => continue,
                Known::Word(ending) => [None, Some(ending)],
                Known::Compound(beginning, ending) => [Some(beginning), Some(ending)],
            };
            let Some(number) = self.number(&word) else {
                continue;
            };
            let mut parts_last_first = parts.into_iter().rev().flatten();
            let rank = parts_last_first.find_map(|part| self.ranks.alone(part));
            if let (Some(rank), None) = (rank, self.ranks.alone(number)) {
                self.ranks.add(number, Vec::new(), rank);
            }
            let fields = parts.map(|part| self.fields.alone(part?));
            let field = fields.into_iter().flatten().reduce(
                |first, second| {
                    if second.0 > first.0 { second } else { first }
                },
            );
            if let (Some(field), None) = (field, self.fields.alone(number)) {
                self.fields.add(number, Vec::new(), field);
            }
        }
    }

    fn parts(&mut self, phrase: &str) -> Option<(WordId, Vec<Part>)> {
        let mut words = phrase.split_whitespace();
        let first = self.add_part(words.next()?);
        let rest = words.map(|word| match word {
            "*" => Part::Any,
            word => Part::Word(self.add_part(word)),
        });
        Some((first, rest.collect()))
    }

    /// A phrase's word is the form of it that stands alone in a table, if one does, because titles are read so.
    fn add_part(&mut self, word: &str) -> WordId {
        let word = fold(word);
        let known = self.number(&word).or_else(|| {
            let mut forms = other_forms(&word);
            forms.find_map(|form| self.number(&form))
        });
        known.unwrap_or_else(|| self.add(&word))
    }

    fn add(&mut self, word: &str) -> WordId {
        let next = WordId(u32::try_from(self.numbers.len()).unwrap_or(u32::MAX));
        *self.numbers.entry(word.to_owned()).or_insert(next)
    }
}

/// The words and phrases of a row, which are separated by commas.
pub(super) fn entries(row: &'static str) -> impl Iterator<Item = &'static str> {
    row.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}
