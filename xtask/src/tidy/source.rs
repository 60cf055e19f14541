//! Rust source taken apart just far enough to tell code from comments and string literals, so that a rule about code isn't
//! set off by a text that speaks of it.

/// One line of source.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The code, with what stands between quotes left out.
    pub(super) code: String,
    /// The comments' text.
    pub(super) comment: String,
}

/// Where in the grammar a character stands.
enum Place {
    Code,
    LineComment,
    BlockComment {
        depth: usize,
    },
    /// Inside a literal that ends with a quote and so many `#`; backslashes escape only where it isn't raw.
    Text {
        hashes: Option<usize>,
    },
}

/// Splits the source into its lines.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let characters: Vec<char> = text.chars().collect();
    let mut lines = vec![Line::default()];
    let mut place = Place::Code;
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let rest = characters.get(at..).unwrap_or_default();
        if character == '\n' {
            lines.push(Line::default());
            if matches!(place, Place::LineComment) {
                place = Place::Code;
            }
            at += 1;
            continue;
        }
        let Some(line) = lines.last_mut() else { break };
        let (next, taken) = step(&place, rest, line);
        place = next.unwrap_or(place);
        at += taken;
    }
    lines
}

/// Reads one token's start, notes it in the line, and says where that leads and how many characters it took.
fn step(place: &Place, rest: &[char], line: &mut Line) -> (Option<Place>, usize) {
    match place {
        Place::Code => step_code(rest, line),
        Place::LineComment => {
            line.comment.extend(rest.first());
            (None, 1)
        }
        Place::BlockComment { depth } => {
            if starts(rest, "/*") {
                return (Some(Place::BlockComment { depth: depth + 1 }), 2);
            }
            if starts(rest, "*/") {
                let next = if *depth == 1 {
                    Place::Code
                } else {
                    Place::BlockComment { depth: depth - 1 }
                };
                return (Some(next), 2);
            }
            line.comment.extend(rest.first());
            (None, 1)
        }
        Place::Text { hashes: None } => match rest.first() {
            // A backslash at the end of a line escapes the line's end, which must still be counted.
            Some('\\') if rest.get(1) != Some(&'\n') => (None, 2),
            Some('"') => close_text(line, 1),
            _ => (None, 1),
        },
        Place::Text { hashes: Some(hashes) } => {
            let end = format!("\"{}", "#".repeat(*hashes));
            if starts(rest, &end) {
                close_text(line, end.len())
            } else {
                (None, 1)
            }
        }
    }
}

fn close_text(line: &mut Line, taken: usize) -> (Option<Place>, usize) {
    line.code.push('"');
    (Some(Place::Code), taken)
}

fn step_code(rest: &[char], line: &mut Line) -> (Option<Place>, usize) {
    if starts(rest, "//") {
        return (Some(Place::LineComment), 2);
    }
    if starts(rest, "/*") {
        return (Some(Place::BlockComment { depth: 1 }), 2);
    }
    let in_word = line
        .code
        .chars()
        .last()
        .is_some_and(|last| last.is_alphanumeric() || last == '_');
    if starts(rest, "r") && (!in_word || line.code.ends_with('b') || line.code.ends_with('c')) {
        let hashes = rest
            .iter()
            .skip(1)
            .take_while(|character| **character == '#')
            .count();
        if rest.get(1 + hashes) == Some(&'"') {
            line.code.push('"');
            return (Some(Place::Text { hashes: Some(hashes) }), hashes + 2);
        }
    }
    if starts(rest, "\"") {
        line.code.push('"');
        return (Some(Place::Text { hashes: None }), 1);
    }
    if let Some(length) = character_literal(rest) {
        line.code.push_str("''");
        return (None, length);
    }
    line.code.extend(rest.first());
    (None, 1)
}

/// How long the character literal is that starts here. A lifetime is none.
fn character_literal(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', ..] => {
            let inside = rest
                .get(3..)?
                .iter()
                .take(12)
                .position(|character| *character == '\'')?;
            Some(inside + 4)
        }
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

fn starts(rest: &[char], with: &str) -> bool {
    with.chars()
        .enumerate()
        .all(|(at, character)| rest.get(at) == Some(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        lines(text).into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn what_stands_between_quotes_is_not_code() {
        assert_eq!(code(r#"say("a \" b") + 1"#), [r#"say("") + 1"#]);
        assert_eq!(code("let a = r#\"one \" two\"#;"), ["let a = \"\";"]);
        assert_eq!(code("br\"x\\\" y"), ["b\"\" y"]);
    }

    #[test]
    fn a_text_over_two_lines_keeps_the_lines_counted() {
        assert_eq!(code("\"one \\\n two\" x"), ["\"", "\" x"]);
    }

    #[test]
    fn lifetimes_and_characters_are_told_apart() {
        assert_eq!(
            code("fn f<'a>(x: &'a str) { x == '\"' }"),
            ["fn f<'a>(x: &'a str) { x == '' }"]
        );
        assert_eq!(code(r"['\'', '\u{1F600}', '\\'] end"), ["['', '', ''] end"]);
    }

    #[test]
    fn comments_are_kept_apart() {
        let read = lines("a /* b /* c */ d */ e // f");
        assert_eq!(
            read,
            [Line {
                code: "a  e ".to_owned(),
                comment: " b  c  d  f".to_owned()
            }]
        );
    }
}
