//! Texts, keys and numbers as TOML writes them.

use std::fmt::Write as _;

/// A text in quotes.
pub fn text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            control if control.is_control() => {
                // Writing to a string can't fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A key, in quotes where it needs them.
pub fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(bare) {
        name.to_owned()
    } else {
        text(name)
    }
}

/// A finite number: the shortest that reads back as the same.
pub(super) fn number(number: f64) -> String {
    let shown = format!("{number}");
    // TOML's integers end at 2^63; what is larger is written as a float.
    if shown.contains('.') || number.abs() < 9e15 {
        shown
    } else {
        format!("{number:e}")
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    #[test]
    fn whatever_stands_in_a_text_is_read_back() {
        for written in [
            "plain",
            "a \"quote\"",
            "back\\slash",
            "two\nlines\tand\r",
            "\u{1}\u{7f}ü€𝄞",
            "",
        ] {
            let file = format!("{} = {}", key(written), text(written));
            let table = DeTable::parse(&file).expect(&file);
            let (name, value) = table.get_ref().iter().next().expect("one key");
            assert_eq!(
                (name.get_ref().as_ref(), value.get_ref().as_str()),
                (written, Some(written))
            );
        }
    }

    #[test]
    fn numbers_are_read_back_as_they_were() {
        for number_of in [
            0.0,
            -2.5,
            1.344_355_999_999_999_9,
            1e300,
            -7e15,
            123_456_789_012_345_680_000.0,
        ] {
            let file = format!("x = {}", number(number_of));
            let table = DeTable::parse(&file).expect("toml");
            let value = table.get_ref().get("x").expect("there").get_ref();
            let float = value.as_float().map(|float| float.as_str().to_owned());
            let written = float.or_else(|| value.as_integer().map(|integer| integer.as_str().to_owned()));
            assert_eq!(written.and_then(|text| text.parse().ok()), Some(number_of));
        }
    }
}
