//! Links that do something without a sign-in: each says what it is for, for whom and until when, and is signed with a key
//! of the database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bellwether_core::domain::{Period, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// How long a link that accepts a lead works, from when its mail was promised.
pub const ACCEPT_PERIOD: Period = Period::from_ms(7 * 86_400_000);
/// What links of this kind are signed apart from others with.
const PURPOSE: &[u8] = b"bellwether accept 1\0";
const FACTS_BYTES: usize = 24;
const WHOLE_BYTES: usize = FACTS_BYTES + 32;

/// Whoever holds a link may accept this lead, as its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accept {
    /// The handoff's number.
    pub handoff: i64,
    /// The owner's number.
    pub owner: i64,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Accept {
    /// The token that stands in the link.
    pub fn token(self, key: &[u8]) -> String {
        let facts = self.facts();
        let mut whole = facts.to_vec();
        whole.extend(
            signature(key, &facts)
                .map(|mac| mac.finalize().into_bytes())
                .unwrap_or_default(),
        );
        URL_SAFE_NO_PAD.encode(whole)
    }

    /// What a token says, if it was made with the key. Whether its time is over is for the caller to look at.
    pub fn read(token: &str, key: &[u8]) -> Option<Self> {
        if token.len() > 2 * WHOLE_BYTES {
            return None;
        }
        let whole = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (facts, signed) = whole.split_at_checked(FACTS_BYTES)?;
        signature(key, facts)?.verify_slice(signed).ok()?;
        let number = |from: usize| {
            let bytes = facts.get(from..from + 8)?;
            Some(i64::from_le_bytes(bytes.try_into().ok()?))
        };
        Some(Self {
            handoff: number(0)?,
            owner: number(8)?,
            expires_at: Timestamp::from_ms(number(16)?)?,
        })
    }

    /// By which it is noted that the link was used.
    pub fn digest(self) -> [u8; 32] {
        Sha256::new()
            .chain_update(PURPOSE)
            .chain_update(self.facts())
            .finalize()
            .into()
    }

    fn facts(self) -> [u8; FACTS_BYTES] {
        let mut facts = [0; FACTS_BYTES];
        let numbers = [self.handoff, self.owner, self.expires_at.ms()];
        for (place, number) in facts.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        facts
    }
}

fn signature(key: &[u8], facts: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(PURPOSE);
    mac.update(facts);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_was_made_of_and_nothing_else_is_one() {
        let accept = Accept {
            handoff: 12,
            owner: 3,
            expires_at: Timestamp::from_ms_clamped(1_790_000_000_000),
        };
        let token = accept.token(b"key");
        assert_eq!(Accept::read(&token, b"key"), Some(accept));
        assert_eq!(Accept::read(&token, b"other"), None);
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Accept::read(&changed, b"key"), None, "{at}");
        }
        for junk in ["", "A", "é", &token[1..], &format!("{token}{token}{token}")] {
            assert_eq!(Accept::read(junk, b"key"), None, "{junk}");
        }
        assert_ne!(accept.digest(), Accept { owner: 4, ..accept }.digest());
    }
}
