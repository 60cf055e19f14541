//! What the small language leaves out: the parts between braces are looked through word by word, and whatever isn't one of
//! its tags, filters and tests is refused where it stands.

use std::ops::Range;

use super::{FILTERS, Slip, TESTS};
use crate::agreement::nearest_or_all;

const PAIRS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
const TAGS: [&str; 8] = ["if", "elif", "else", "endif", "for", "endfor", "set", "endset"];
/// Words that stand before a parenthesis without calling anything.
const WORDS: [&str; 9] = ["if", "elif", "in", "and", "or", "not", "is", "else", "set"];

/// What is refused, in the order of its places.
pub(super) fn slips(template: &str) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut at = 0;
    while let Some((opens, pair)) = first_of(template, at, PAIRS.map(|(open, _)| open)) {
        if let Some((closes, pair)) = first_of(template, at, PAIRS.map(|(_, close)| close))
            && closes < opens
        {
            slips.push(unbalanced(closes, pair, false));
            return slips;
        }
        let Some((open, close)) = PAIRS.get(pair) else {
            break;
        };
        let inside = opens + open.len();
        let end = if *open == "{#" {
            template
                .get(inside..)
                .and_then(|rest| rest.find(close))
                .map(|end| inside + end)
        } else {
            end_of(template, inside, close)
        };
        let Some(end) = end else {
            slips.push(unbalanced(opens, pair, true));
            return slips;
        };
        if *open != "{#" {
            part(template, inside..end, *open == "{%", &mut slips);
        }
        at = end + close.len();
    }
    if let Some((closes, pair)) = first_of(template, at, PAIRS.map(|(_, close)| close)) {
        slips.push(unbalanced(closes, pair, false));
    }
    slips
}

fn first_of(text: &str, from: usize, marks: [&str; 3]) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    marks
        .iter()
        .enumerate()
        .filter_map(|(pair, mark)| Some((from + rest.find(mark)?, pair)))
        .min()
}

/// Where the part that begins at `from` is closed; nowhere if another one opens before that.
fn end_of(text: &str, from: usize, close: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.get(from..)?.char_indices() {
        let rest = text.get(from + at..)?;
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if rest.starts_with(close) => return Some(from + at),
            None if PAIRS.iter().any(|(open, _)| rest.starts_with(open)) => return None,
            Some(_) | None => {}
        }
    }
    None
}

fn unbalanced(at: usize, pair: usize, opened: bool) -> Slip {
    let (open, close) = PAIRS.get(pair).copied().unwrap_or(("{{", "}}"));
    let (has, lacks) = if opened { (open, close) } else { (close, open) };
    Slip {
        range: at..at + has.len(),
        message: format!("a `{has}` of the text has no `{lacks}`"),
        help: format!("each `{open}` is closed by a `{close}`, as in `{{{{ lead.first_name }}}}`"),
    }
}

/// Looks through what stands between two braces.
fn part(template: &str, range: Range<usize>, is_tag: bool, slips: &mut Vec<Slip>) {
    let tokens = tokens(template, range.clone());
    if let Some((tag, place)) = tokens.first().filter(|_| is_tag)
        && !TAGS.contains(tag)
    {
        slips.push(Slip {
            range: place.clone(),
            message: format!("there is no tag `{tag}`"),
            help: nearest_or_all(tag, &TAGS),
        });
        return;
    }
    for (index, (word, place)) in tokens.iter().enumerate() {
        let before = |back: usize| {
            let earlier = index.checked_sub(back).and_then(|index| tokens.get(index));
            earlier.map_or("", |(word, _)| *word)
        };
        let after = tokens.get(index + 1).map_or("", |(word, _)| *word);
        let tested = before(1) == "is" || (before(1) == "not" && before(2) == "is");
        let refused = if before(1) == "|" {
            (!FILTERS.contains(word)).then(|| ("filter", nearest_or_all(word, &FILTERS)))
        } else if tested && *word != "not" {
            (!TESTS.contains(word)).then(|| ("test", nearest_or_all(word, &TESTS)))
        } else if after == "(" && is_name(word) && !WORDS.contains(word) {
            Some((
                "function",
                "use a filter, such as `{{ lead.company | upper }}`".to_owned(),
            ))
        } else if matches!(*word, "+" | "-" | "*" | "/" | "%" | "**") {
            Some(("arithmetic", "give the number as a trait of the lead".to_owned()))
        } else {
            None
        };
        if let Some((what, help)) = refused {
            let message = if what == "arithmetic" {
                format!("texts don't calculate: `{word}`")
            } else {
                format!("there is no {what} `{word}`")
            };
            slips.push(Slip {
                range: place.clone(),
                message,
                help,
            });
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, texts in quotes and signs, each with its place.
fn tokens(template: &str, range: Range<usize>) -> Vec<(&str, Range<usize>)> {
    let mut tokens = Vec::new();
    let (mut at, mut end) = (range.start, range.end);
    // `{%-` and `-%}` take the spaces around away.
    if template
        .get(at..end)
        .is_some_and(|text| text.starts_with(['-', '+']))
    {
        at += 1;
    }
    if template
        .get(at..end)
        .is_some_and(|text| text.ends_with(['-', '+']))
    {
        end -= 1;
    }
    while let Some(c) = template.get(at..end).and_then(|rest| rest.chars().next()) {
        let rest = template.get(at..end).unwrap_or_default();
        let length = if c == '"' || c == '\'' {
            let inside = rest.get(1..).unwrap_or_default();
            inside.find(c).map_or(rest.len(), |end| end + 2)
        } else if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace()
            && let Some(word) = template.get(at..at + length)
        {
            tokens.push((word, at..at + length));
        }
        at += length.max(1);
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}
