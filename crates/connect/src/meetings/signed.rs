//! Signatures over a time and a body, as scheduling tools make them: HMAC-SHA256 in hex over `time.body`.

use bellwether_core::domain::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Why a request isn't taken for the tool's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// There is no signature, or none that can be read.
    #[error("there is no signature; set the tool's signing key with `bellwether inbound set`")]
    Missing,
    /// It was signed too long ago, or by a clock that is wrong.
    #[error("it was signed too long ago, or the server's clock is wrong")]
    Stale,
    /// It was signed with another secret, or it is another body.
    #[error("the signature is not that of the secret that was set")]
    Wrong,
}

/// Checks a signature over `signed_at` (seconds since 1970), a point, and the body. Takes the same time wherever the
/// signatures differ.
pub(super) fn check(
    secret: &str,
    signed_at: &str,
    signature: &str,
    body: &[u8],
    tolerance_s: u64,
    now: Timestamp,
) -> Result<(), Unsigned> {
    let given = from_hex(signature).ok_or(Unsigned::Missing)?;
    let seconds: i64 = signed_at.parse().map_err(|_| Unsigned::Missing)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Unsigned::Wrong)?;
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.verify_slice(&given).map_err(|_| Unsigned::Wrong)?;
    let age = now.ms().div_euclid(1_000).abs_diff(seconds);
    if age > tolerance_s {
        return Err(Unsigned::Stale);
    }
    Ok(())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    const HEX_CHARS: usize = 64;
    if text.len() != HEX_CHARS || !text.is_ascii() {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
pub(super) fn sign(secret: &str, signed_at: &str, body: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed_at.as_bytes());
    mac.update(b".");
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
