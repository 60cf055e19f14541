//! Passwords that this program makes up: random, and easy to type.

use anyhow::bail;
use bellwether_app::Entropy;

/// Letters and digits that nobody takes for one another: 32 of them, so that each stands for five random bits.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Sixteen characters in four groups: 80 random bits.
pub(crate) fn password(entropy: &dyn Entropy) -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    if !entropy.fill(&mut bytes) {
        bail!("the system has no random bytes to give");
    }
    let mut password = String::with_capacity(19);
    for (n, byte) in bytes.iter().enumerate() {
        if n > 0 && n % 4 == 0 {
            password.push('-');
        }
        password.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use bellwether_app::SystemEntropy;

    use super::*;

    #[test]
    fn passwords_are_groups_of_plain_characters_and_never_the_same() {
        let first = password(&SystemEntropy).unwrap();
        assert_eq!(first.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        assert!(first.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)));
        assert_ne!(first, password(&SystemEntropy).unwrap());
    }

    struct Empty;

    impl Entropy for Empty {
        fn fill(&self, _: &mut [u8]) -> bool {
            false
        }
    }

    #[test]
    fn without_random_bytes_there_is_no_password() {
        assert!(password(&Empty).is_err());
    }
}
