//! Host names: whether a text is one, in which letters it is compared, and who owns the domain that it belongs to.

use std::borrow::Cow;

/// The longest host name, in bytes.
pub(super) const HOST_BYTES_MAX: usize = 253;
/// The longest label of a host name, in bytes. Names are taken in Unicode too, where a label has no fixed length in
/// bytes, so this is twice what DNS allows.
const LABEL_BYTES_MAX: usize = 126;

/// A host name in lower case, without a final dot, in the letters that people read: `xn--mnchen-3ya.de` is `münchen.de`.
/// `None` where the text is no host name of at least two labels, as an IP address isn't.
pub(super) fn host_name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > HOST_BYTES_MAX {
        return None;
    }
    let lower = text.to_lowercase();
    let host = if lower.contains("xn--") {
        let labels: Vec<Cow<'_, str>> = lower.split('.').map(label_in_unicode).collect();
        labels.join(".")
    } else {
        lower
    };
    is_host(&host).then_some(host)
}

/// The registrable domain of a lower-case host: what somebody can own, by the public suffix list. Whoever has a name at a
/// host of many (`alice.github.io`) owns that; such a host by itself (`github.io`) is its company's domain.
pub(super) fn registrable(host: &str) -> Option<&str> {
    if let Some(domain) = psl::domain_str(host) {
        return Some(domain);
    }
    let suffix = psl::suffix(host.as_bytes())?;
    if suffix.typ() != Some(psl::Type::Private) {
        return None;
    }
    let (_, above) = host.split_once('.')?;
    let above_is_registry = psl::suffix_str(above) == Some(above);
    psl::domain_str(above).or(above_is_registry.then_some(host))
}

/// Whether a lower-case text is a host name of at least two labels; an IP address is none, since no top-level domain is
/// a number.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || is_mark(c) || matches!(c, '-' | '_'))
    };
    let Some((_, top)) = host.rsplit_once('.') else {
        return false;
    };
    host.len() <= HOST_BYTES_MAX
        && host.split('.').all(is_label)
        && top.chars().count() >= 2
        && !top.chars().all(|c| c.is_ascii_digit())
}

/// Signs that stand with letters in the scripts of India and of Arabic, and that are none by themselves.
fn is_mark(c: char) -> bool {
    !c.is_ascii()
        && !c.is_control()
        && !c.is_whitespace()
        && !c.is_alphanumeric()
        && {
            matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e00}'..='\u{eff}' | '\u{200c}' | '\u{200d}')
        }
}

fn label_in_unicode(label: &str) -> Cow<'_, str> {
    let decoded = label.strip_prefix("xn--").and_then(from_punycode);
    // What decodes to plain letters, or to a dot, only pretends.
    match decoded {
        Some(text) if !text.is_ascii() && !text.contains('.') => Cow::Owned(text.to_lowercase()),
        _ => Cow::Borrowed(label),
    }
}

/// Decodes punycode (RFC 3492, section 6.2).
fn from_punycode(text: &str) -> Option<String> {
    const BASE: u32 = 36;
    let (basic, extended) = text.rsplit_once('-').unwrap_or(("", text));
    if text.len() > LABEL_BYTES_MAX || !text.is_ascii() {
        return None;
    }
    let mut decoded: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let (start, mut weight) = (at, 1_u32);
        for step in 1_u32.. {
            let digit = match digits.next()? {
                letter @ b'a'..=b'z' => u32::from(letter - b'a'),
                number @ b'0'..=b'9' => u32::from(number - b'0') + 26,
                _ => return None,
            };
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = (step.checked_mul(BASE)?).saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
        }
        let length = u32::try_from(decoded.len()).ok()?.checked_add(1)?;
        bias = adapted(at - start, length, start == 0);
        code = code.checked_add(at / length)?;
        at %= length;
        decoded.insert(at as usize, char::from_u32(code)?);
        at += 1;
    }
    Some(decoded.into_iter().collect())
}

/// How the bias moves (RFC 3492, section 6.1).
fn adapted(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / length;
    let mut steps = 0;
    while delta > 455 {
        delta /= 35;
        steps += 36;
    }
    steps + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn punycode_is_read_as_it_is_written_elsewhere() {
        for (encoded, decoded) in [
            ("mnchen-3ya", "münchen"),
            ("bcher-kva", "bücher"),
            ("fiqs8s", "中国"),
            ("80ak6aa92e", "аррӏе"),
        ] {
            assert_eq!(from_punycode(encoded).as_deref(), Some(decoded), "{encoded}");
        }
        for broken in ["mnchen-3y!", "9999999999999", "-", "ü"] {
            assert_ne!(from_punycode(broken).as_deref(), Some("münchen"), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(xn--)?[a-z0-9ü.\\-]{0,60}") {
            if let Some(host) = host_name(&text) {
                prop_assert_eq!(host_name(&host), Some(host.clone()));
                let _ = registrable(&host);
            }
            let _ = from_punycode(&text);
        }
    }
}
