//! From the text of a title to known words and the breaks between them.

use super::{
    ranks::mark_at,
    vocabulary::{Vocabulary, WordId},
};

/// How many bytes of a title are read.
const TITLE_BYTES_MAX: usize = 400;
/// How many words of a title are read.
const WORDS_MAX: usize = 32;
/// How many letters the parts of a compound have at least.
const PART_LETTERS_MIN: usize = 4;
/// How many letters the known beginning of a word has at least whose end is unknown.
const LONE_BEGINNING_LETTERS_MIN: usize = 6;
/// How many letters a word has left at least without its ending.
const STEM_LETTERS_MIN: usize = 4;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// A space or a hyphen.
    None,
    /// `and`, `/`: another role may begin, but an assistant's boss still is the boss.
    Soft,
    /// `,`, `|`, `(`: something new begins.
    Hard,
}

/// A word of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// What stands before it.
    pub(super) before: Break,
    /// Its number, if any table knows it.
    pub(super) known: Option<WordId>,
}

/// Endings by which a word's other forms are found where the tables have only the first one: feminine, plural, declined.
/// The longest first.
const FORMS: [(&str, &str); 21] = [
    ("innen", ""),
    ("ienne", "ien"),
    ("trice", "teur"),
    ("euse", "eur"),
    ("iere", "ier"),
    ("frau", "mann"),
    ("aux", "al"),
    ("ale", "al"),
    ("ere", "er"),
    ("ies", "y"),
    ("in", ""),
    ("en", ""),
    ("en", "e"),
    ("er", ""),
    ("er", "e"),
    ("es", ""),
    ("em", ""),
    ("ne", "n"),
    ("e", ""),
    ("n", ""),
    ("s", ""),
];
/// What is added to a word for the other gender: `Referent/in`, `chargé(e)`.
const GENDER_ENDINGS: [&str; 15] = [
    "in", "innen", "frau", "e", "es", "ne", "nne", "rice", "trice", "euse", "se", "ere", "iere", "r", "n",
];
/// What joins it to the word.
const GENDER_JOINTS: [char; 9] = ['/', '(', '*', ':', '_', '.', '·', '-', '’'];
/// How German writes ae for ä where the keyboard has none.
const TRANSLITERATED: [(&str, &str); 3] = [("ae", "a"), ("oe", "o"), ("ue", "u")];
/// What stands between the parts of a German compound.
const JOINTS: [&str; 6] = ["es", "en", "s", "n", "e", "-"];
/// Words that join two roles, or two fields of one.
const CONJUNCTIONS: [&str; 6] = ["and", "und", "et", "sowie", "bzw", "plus"];

/// A title's words, as many as are read.
pub(super) fn words(title: &str) -> Vec<Word> {
    let title = title
        .get(..title.floor_char_boundary(TITLE_BYTES_MAX))
        .unwrap_or_default();
    let vocabulary = Vocabulary::get();
    let mut words = Vec::with_capacity(16);
    let mut before = Break::None;
    for piece in pieces(title) {
        before = before.max(piece.before);
        if CONJUNCTIONS.contains(&piece.word.as_str()) {
            before = before.max(Break::Soft);
            continue;
        }
        let mut push = |before, known| words.push(Word { before, known });
        match known(vocabulary, &piece.word) {
            Known::Compound(beginning, ending) => {
                push(before, Some(beginning));
                push(Break::None, Some(ending));
            }
            known => push(before, known.last()),
        }
        before = Break::None;
        if words.len() >= WORDS_MAX {
            words.truncate(WORDS_MAX);
            break;
        }
    }
    if words.iter().any(|word| word.before == Break::Soft) {
        join_phrases(vocabulary, &mut words);
    }
    words
}

/// `Research & Development` is one field, and no role ends within it.
fn join_phrases(vocabulary: &Vocabulary, words: &mut [Word]) {
    for at in 0..words.len() {
        let found = mark_at(&vocabulary.fields, words, at, Break::Soft);
        let end = found.map_or(at, |(_, end)| end);
        let within = words.get_mut(at.saturating_add(1)..end).unwrap_or_default();
        for word in within {
            word.before = Break::None;
        }
    }
}

/// A word as it is looked up: in lower case, without accents; umlauts are their vowels.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for letter in word.chars() {
        fold_into(&mut folded, letter);
    }
    folded
}

fn fold_into(folded: &mut String, letter: char) {
    if letter.is_ascii() {
        folded.push(letter.to_ascii_lowercase());
        return;
    }
    for letter in letter.to_lowercase() {
        match letter {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ç' => folded.push('c'),
            'ñ' => folded.push('n'),
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            // Marks that were written apart from their letter.
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
}

/// A stretch of letters and digits, folded.
struct Piece {
    before: Break,
    word: String,
}

fn pieces(title: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(16);
    let mut rest = title;
    loop {
        let start = rest.find(is_letter).unwrap_or(rest.len());
        let (gap, from_word) = rest.split_at(start);
        let end = from_word.find(|c| !is_letter(c)).unwrap_or(from_word.len());
        let (word, after) = from_word.split_at(end);
        if word.is_empty() {
            return pieces;
        }
        let word = fold(word);
        let is_ending = !pieces.is_empty()
            && !gap.is_empty()
            && gap.chars().all(|c| GENDER_JOINTS.contains(&c))
            && GENDER_ENDINGS.contains(&word.as_str());
        if !is_ending {
            // Nothing ends before the first word.
            let before = if pieces.is_empty() {
                Break::None
            } else {
                break_of(gap)
            };
            if gap.contains('@') {
                let word = "at".to_owned();
                pieces.push(Piece {
                    before: Break::None,
                    word,
                });
            }
            pieces.push(Piece { before, word });
        } else if after.starts_with(')') {
            rest = after.get(1..).unwrap_or_default();
            continue;
        }
        rest = after;
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// What the characters between two words mean.
fn break_of(gap: &str) -> Break {
    let spaced = gap.starts_with(char::is_whitespace);
    let breaks = gap.chars().map(|c| match c {
        ',' | ';' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '•' | '·' | '–' | '—' | ':' | '>' | '\n' => {
            Break::Hard
        }
        '-' if spaced => Break::Hard,
        '/' | '+' => Break::Soft,
        '&' if spaced => Break::Soft,
        _ => Break::None,
    });
    breaks.max().unwrap_or(Break::None)
}

/// What is known of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// A table has it, in this form or another, or at least what it begins with.
    Word(WordId),
    /// It is a compound of these.
    Compound(WordId, WordId),
}

impl Known {
    /// The word, or the compound's last part, which says what it is.
    pub(super) fn last(self) -> Option<WordId> {
        match self {
            Self::Nothing => None,
            Self::Word(word) | Self::Compound(_, word) => Some(word),
        }
    }
}

fn known(vocabulary: &Vocabulary, word: &str) -> Known {
    if let Some(known) = vocabulary.number(word) {
        return Known::Word(known);
    }
    if word.len() <= PART_LETTERS_MIN {
        return Known::Nothing;
    }
    let is_transliterated = TRANSLITERATED.iter().any(|(from, _)| word.contains(from));
    let plain = is_transliterated.then(|| {
        let replaced = TRANSLITERATED.iter();
        replaced.fold(word.to_owned(), |word, (from, to)| word.replace(from, to))
    });
    let known = [Some(word), plain.as_deref()]
        .into_iter()
        .flatten()
        .map(|word| known_form(vocabulary, word));
    let known = known.into_iter().find(|known| *known != Known::Nothing);
    known.unwrap_or_else(|| {
        let beginning = longest_beginning(vocabulary, word, LONE_BEGINNING_LETTERS_MIN);
        let beginning = beginning.filter(|known| vocabulary.names_a_field(*known));
        beginning.map_or(Known::Nothing, Known::Word)
    })
}

fn known_form(vocabulary: &Vocabulary, word: &str) -> Known {
    if let Some(known) = vocabulary.number(word) {
        return Known::Word(known);
    }
    if let Some(known) = other_forms(word).find_map(|form| vocabulary.number(&form)) {
        return Known::Word(known);
    }
    match compound(vocabulary, word) {
        Known::Nothing => {
            let compounds = other_forms(word).map(|form| compound(vocabulary, &form));
            compounds
                .into_iter()
                .find(|known| *known != Known::Nothing)
                .unwrap_or(Known::Nothing)
        }
        known => known,
    }
}

pub(super) fn other_forms(word: &str) -> impl Iterator<Item = String> {
    FORMS.iter().filter_map(move |(ending, first)| {
        let stem = word.strip_suffix(ending)?;
        (stem.len() >= STEM_LETTERS_MIN).then(|| format!("{stem}{first}"))
    })
}

/// German writes several words as one: what it ends with is what somebody is, what it begins with is of what.
pub(super) fn compound(vocabulary: &Vocabulary, word: &str) -> Known {
    let starts = word.char_indices().map(|(at, _)| at).skip(2);
    let found = starts
        .filter_map(|at| word.split_at_checked(at))
        .take_while(|(_, ending)| ending.len() >= PART_LETTERS_MIN)
        .find_map(|(of_what, ending)| Some((of_what, vocabulary.compound_ending(ending)?)));
    let Some((of_what, ending)) = found else {
        return Known::Nothing;
    };
    match known_part(vocabulary, of_what) {
        Some(beginning) => Known::Compound(beginning, ending),
        None => Known::Word(ending),
    }
}

fn known_part(vocabulary: &Vocabulary, part: &str) -> Option<WordId> {
    let bare = JOINTS.iter().filter_map(|joint| part.strip_suffix(joint));
    let exact = [part]
        .into_iter()
        .chain(bare)
        .find_map(|part| vocabulary.number(part));
    exact
        .or_else(|| longest_beginning(vocabulary, part, PART_LETTERS_MIN))
        .or_else(|| {
            let starts = part.char_indices().map(|(at, _)| at).skip(1);
            let ends = starts.filter_map(|at| part.get(at..));
            ends.take_while(|end| end.len() >= PART_LETTERS_MIN)
                .find_map(|end| {
                    let bare = JOINTS.iter().filter_map(|joint| end.strip_suffix(joint));
                    [end]
                        .into_iter()
                        .chain(bare)
                        .find_map(|end| (end.len() >= PART_LETTERS_MIN).then(|| vocabulary.number(end))?)
                })
        })
}

fn longest_beginning(vocabulary: &Vocabulary, word: &str, letters_min: usize) -> Option<WordId> {
    let ends = word.char_indices().map(|(at, _)| at).rev();
    let beginnings = ends.filter_map(|at| word.get(..at));
    beginnings
        .take_while(|beginning| beginning.len() >= letters_min)
        .find_map(|beginning| vocabulary.number(beginning))
}
