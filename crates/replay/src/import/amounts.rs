//! Amounts of money as exports write them: with separators of thousands in either style, and with a currency's sign.

/// An amount in thousandths: `1054`, `1,054.50`, `1.054,50`, `$1,054`. A comma before exactly three digits separates
/// thousands, a single point always the fraction; `None` where it is no amount.
pub fn thousandths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let unsigned = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '$' | '€' | '£' | '¥') || c.is_ascii_uppercase()
    });
    let (negative, unsigned) = match unsigned.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start_matches(['$', '€', '£', '¥', ' '])),
        None => (negative, unsigned),
    };
    let grouped = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
    let plain: String = unsigned.chars().filter(|c| !grouped(*c)).collect();
    if !plain
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    {
        return None;
    }
    let (whole, fraction) = parts(&plain)?;
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = whole.len();
    if digits > 15 {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let three: String = fraction.chars().chain(std::iter::repeat('0')).take(3).collect();
    let amount = whole.checked_mul(1_000)?.checked_add(three.parse().ok()?)?;
    Some(if negative { -amount } else { amount })
}

/// The digits before and after the separator of the fraction.
fn parts(plain: &str) -> Option<(String, &str)> {
    let commas = plain.matches(',').count();
    let points = plain.matches('.').count();
    let last = plain.rfind([',', '.']);
    let Some(last) = last else {
        return Some((plain.to_owned(), ""));
    };
    let after = plain.get(last + 1..)?;
    let is_comma = plain.get(last..=last) == Some(",");
    let grouping = match (commas, points) {
        (1, 0) => after.len() == 3 && last > 0,
        (2.., 0) | (0, 2..) => true,
        // Of two kinds the last one separates the fraction.
        _ => false,
    };
    let groups = if grouping { plain } else { plain.get(..last)? };
    let separator = match (grouping, is_comma) {
        (true, true) | (false, false) => ',',
        (true, false) | (false, true) => '.',
    };
    let mut pieces = groups.split(separator);
    let first = pieces.next()?;
    let mut whole = first.to_owned();
    for piece in pieces {
        if piece.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        whole.push_str(piece);
    }
    let fraction = if grouping { "" } else { after };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(&whole) && is_number(fraction)).then_some((whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn amounts_are_read_in_either_style() {
        let cases = [
            ("1054", 1_054_000),
            ("1054.5", 1_054_500),
            ("1054,50", 1_054_500),
            ("1,054", 1_054_000),
            ("1,054.50", 1_054_500),
            ("1.054,50", 1_054_500),
            ("1.234.567", 1_234_567_000),
            ("1,234,567.891", 1_234_567_891),
            ("$1,054", 1_054_000),
            ("€ 12.50", 12_500),
            ("1 054,00 €", 1_054_000),
            ("1'054.00", 1_054_000),
            ("USD 20", 20_000),
            ("-5", -5_000),
            ("(5.25)", -5_250),
            ("0", 0),
        ];
        for (text, amount) in cases {
            assert_eq!(thousandths(text), Some(amount), "{text}");
        }
        for text in [
            "",
            "free",
            "1,2,3",
            "12,34,567",
            "1.2.3,4,5",
            "9999999999999999999",
            ".",
            "1e5",
        ] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }
}
