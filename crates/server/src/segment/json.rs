//! A reader of JSON that borrows from the body and is handed each value where it stands.
//!
//! Three things that clients do keep a strict parser from serving them: Python writes `NaN` and `Infinity` bare, browsers
//! cut surrogate pairs in half, and one number too large for a float (`1e400`) would lose a batch of a hundred good
//! events. So numbers are handed over as they are written, halves of surrogates become U+FFFD, and values that nobody
//! asks for are passed over without recursion, however deep they are. The structure itself is held to strictly where it
//! is read.

use std::borrow::Cow;

use memchr::memchr2;

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Text,
    Number,
    Bool,
    Null,
}

/// Why the body isn't JSON, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub(super) struct Malformed {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

type Read<T> = Result<T, Malformed>;

/// A place in the text.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte that is read next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(super) fn rest_len(&self) -> usize {
        self.text.len().saturating_sub(self.at)
    }

    /// What kind of value comes next.
    pub(super) fn kind(&mut self) -> Read<Kind> {
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::Text),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => Ok(Kind::Number),
            Some(_) => Err(self.malformed("expected a value")),
            None => Err(self.malformed("the text ends where a value should be")),
        }
    }

    /// Reads an object; `member` is called with each key and must read or [pass over](Self::skip) its value.
    pub(super) fn object(&mut self, member: &mut dyn FnMut(&mut Self, Cow<'a, str>) -> Read<()>) -> Read<()> {
        self.expect(b'{', "expected an object")?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.text()?;
            self.expect(b':', "expected `:`")?;
            member(self, key)?;
            if self.take(b'}') {
                return Ok(());
            }
            self.expect(b',', "expected `,` or `}`")?;
        }
    }

    /// Reads an array; `element` is called at each element and must read or pass over it.
    pub(super) fn array(&mut self, element: &mut dyn FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.expect(b'[', "expected an array")?;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.take(b']') {
                return Ok(());
            }
            self.expect(b',', "expected `,` or `]`")?;
        }
    }

    /// Reads a text; borrowed unless it holds escapes.
    pub(super) fn text(&mut self) -> Read<Cow<'a, str>> {
        self.expect(b'"', "expected a text in double quotes")?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                return Err(self.malformed("the text ends inside double quotes"));
            };
            let quote = rest.get(found) == Some(&b'"');
            // A backslash takes the byte after it along, whatever it is.
            self.at += found + if quote { 1 } else { 2 };
            if quote {
                break;
            }
            escaped = true;
        }
        let Some(raw) = self.text.get(start..self.at - 1) else {
            return Err(self.malformed("a broken escape"));
        };
        if escaped {
            unescaped(raw).map(Cow::Owned).ok_or(Malformed {
                at: start,
                what: "an escape that JSON doesn't know",
            })
        } else {
            Ok(Cow::Borrowed(raw))
        }
    }

    /// Reads a number, or a bare `NaN` or `Infinity`, as it is written.
    pub(super) fn number(&mut self) -> Read<&'a str> {
        self.kind()?;
        let word = self.word();
        let bare = matches!(word, "NaN" | "Infinity" | "-Infinity");
        let digits = word
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        if word.is_empty() || !(bare || digits) {
            return Err(self.malformed("expected a number"));
        }
        Ok(word)
    }

    /// Reads `true` or `false`.
    pub(super) fn bool(&mut self) -> Read<bool> {
        self.kind()?;
        match self.word() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.malformed("expected `true` or `false`")),
        }
    }

    /// Reads `null`.
    pub(super) fn null(&mut self) -> Read<()> {
        self.kind()?;
        match self.word() {
            "null" => Ok(()),
            _ => Err(self.malformed("expected `null`")),
        }
    }

    /// Passes over one value of any depth, and gives it as it is written.
    pub(super) fn skip(&mut self) -> Read<&'a str> {
        let kind = self.kind()?;
        let start = self.at;
        match kind {
            Kind::Object | Kind::Array => self.skip_nested()?,
            Kind::Text => drop(self.text()?),
            Kind::Number => drop(self.number()?),
            Kind::Bool => drop(self.bool()?),
            Kind::Null => self.null()?,
        }
        self.text
            .get(start..self.at)
            .ok_or_else(|| self.malformed("expected a value"))
    }

    /// Whether nothing but white space is left.
    pub(super) fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Passes over an object or array: brackets must pair, and what stands between them isn't looked at closely, since
    /// nobody uses it.
    fn skip_nested(&mut self) -> Read<()> {
        let mut open = Vec::new();
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    open.push(if bracket == b'{' { b'}' } else { b']' });
                    self.at += 1;
                }
                Some(bracket @ (b'}' | b']')) => {
                    if open.pop() != Some(bracket) {
                        return Err(self.malformed("brackets that don't pair"));
                    }
                    self.at += 1;
                    if open.is_empty() {
                        return Ok(());
                    }
                }
                Some(b'"') => self.skip_text()?,
                Some(b',' | b':') => self.at += 1,
                Some(_) if !self.word().is_empty() => {}
                Some(_) => return Err(self.malformed("expected a value")),
                None => return Err(self.malformed("the text ends inside brackets")),
            }
        }
    }

    fn skip_text(&mut self) -> Read<()> {
        self.at += 1;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let Some(found) = memchr2(b'"', b'\\', rest) else {
                return Err(self.malformed("the text ends inside double quotes"));
            };
            let quote = rest.get(found) == Some(&b'"');
            self.at += found + if quote { 1 } else { 2 };
            if quote {
                return Ok(());
            }
        }
    }

    /// The run of letters, digits and signs from here on.
    fn word(&mut self) -> &'a str {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
            .count();
        let word = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        word
    }

    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Read<()> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.malformed(what))
        }
    }

    fn malformed(&self, what: &'static str) -> Malformed {
        Malformed {
            at: self.at.min(self.text.len()),
            what,
        }
    }
}

/// Text with its escapes resolved; `None` where one is unknown.
fn unescaped(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, after)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut chars = after.chars();
        let plain = match chars.next()? {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (character, length) = unicode_escape(chars.as_str())?;
                text.push(character);
                rest = chars.as_str().get(length..)?;
                continue;
            }
            _ => return None,
        };
        text.push(plain);
        rest = chars.as_str();
    }
    text.push_str(rest);
    Some(text)
}

/// The character that `\u` begins, and how many bytes after `\u` it takes. Half of a surrogate pair is U+FFFD.
fn unicode_escape(after: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let first = unit(after)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 4));
    }
    let low = after
        .get(4..)
        .and_then(|rest| rest.strip_prefix("\\u"))
        .and_then(unit);
    match low.filter(|low| (0xDC00..0xE000).contains(low)) {
        Some(low) => {
            let character = char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00));
            Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), 10))
        }
        None => Some((char::REPLACEMENT_CHARACTER, 4)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    /// Everything the reader can read, as the tree that another parser would make of it.
    fn tree(reader: &mut Reader<'_>) -> Read<Value> {
        Ok(match reader.kind()? {
            Kind::Object => {
                let mut members = Map::new();
                reader.object(&mut |reader, key| {
                    members.insert(key.into_owned(), tree(reader)?);
                    Ok(())
                })?;
                Value::Object(members)
            }
            Kind::Array => {
                let mut elements = Vec::new();
                reader.array(&mut |reader| {
                    elements.push(tree(reader)?);
                    Ok(())
                })?;
                Value::Array(elements)
            }
            Kind::Text => Value::String(reader.text()?.into_owned()),
            Kind::Number => serde_json::from_str(reader.number()?).unwrap_or(json!("not finite")),
            Kind::Bool => Value::Bool(reader.bool()?),
            Kind::Null => {
                reader.null()?;
                Value::Null
            }
        })
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|n| json!(n)),
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(|n| json!(n)),
            any::<String>().prop_map(Value::String),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_as_another_parser_reads_it(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.expect("a tree is always printable");
            let mut reader = Reader::new(&text);
            let expected: Value = serde_json::from_str(&text).expect("it was just printed");
            prop_assert_eq!(tree(&mut reader), Ok(expected));
            prop_assert!(reader.at_end());
            let mut reader = Reader::new(&text);
            prop_assert_eq!(reader.skip(), Ok(text.trim()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in r#"[\[\]{}":,\\u0-9a-fDd8eE+.NI \-ntrue]{0,60}"#) {
            let mut reader = Reader::new(&text);
            if tree(&mut reader).is_ok() {
                prop_assert!(reader.at() <= text.len());
            }
            let _ = Reader::new(&text).skip();
        }

        #[test]
        fn what_another_parser_reads_is_never_refused(text in r#"[\[\]{}":,0-9a-c \\n]{0,30}"#) {
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert!(tree(&mut Reader::new(&text)).is_ok());
            }
        }
    }

    #[test]
    fn halves_of_surrogate_pairs_are_replaced() {
        for (text, expected) in [
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\ude00x""#, "\u{fffd}x"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""a\/b\n\u00e9""#, "a/b\né"),
        ] {
            assert_eq!(Reader::new(text).text().as_deref(), Ok(expected), "{text}");
        }
        for text in [
            r#""\x""#,
            r#""\u12""#,
            r#""\u+123""#,
            r#""abc"#,
            r#""abc\""#,
            "\"\\é\"",
            "\"\\",
        ] {
            assert!(Reader::new(text).text().is_err(), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack_where_nobody_looks() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(Reader::new(&deep).skip(), Ok(deep.as_str()));
        assert!(Reader::new(&deep[..300_000]).skip().is_err());
    }
}
