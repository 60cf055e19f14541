//! Texts kept once each, and numbered in the order that they came in.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Distinct texts, packed one after the other.
#[derive(Default, Clone)]
pub(crate) struct Texts {
    packed: String,
    /// Where each text ends.
    ends: Vec<usize>,
    index: HashTable<Entry>,
    hasher: DefaultHashBuilder,
}

/// A text's number, with enough of its hash to look elsewhere without reading the text.
#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    number: u32,
}

impl Texts {
    /// The number of `text`, a new one where it wasn't there.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let hash = self.hash(text);
        if let Some(number) = self.find_hashed(text, hash) {
            return number;
        }
        // Callers bound how many texts they bring well below this.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.packed.push_str(text);
        self.ends.push(self.packed.len());
        let entry = Entry { hash, number };
        self.index
            .insert_unique(spread(hash), entry, |entry| spread(entry.hash));
        number
    }

    /// The number of `text`, where it is there.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.find_hashed(text, self.hash(text))
    }

    fn find_hashed(&self, text: &str, hash: u32) -> Option<u32> {
        let same = |entry: &Entry| entry.hash == hash && self.get(entry.number) == text;
        self.index.find(spread(hash), same).map(|entry| entry.number)
    }

    fn hash(&self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        // The lower half of a good hash is one, too.
        u32::try_from(hash & u64::from(u32::MAX)).unwrap_or(0)
    }

    /// The text of a number.
    pub(crate) fn get(&self, number: u32) -> &str {
        at_index(&self.packed, &self.ends, number)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let numbers = (0..self.ends.len()).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        numbers.map(|number| self.get(number))
    }
}

/// Half a hash over a whole one's bits: tables take the place from the lower ones and a tag from the upper ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn at_index<'a>(packed: &'a str, ends: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let start = number
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(start);
    packed.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn equal_texts_have_one_number_and_numbers_give_the_texts_back() {
        let mut texts = Texts::default();
        let words: Vec<String> = (0..5_000).map(|n| format!("lead-{}", n % 1_777)).collect();
        let numbers: Vec<u32> = words.iter().map(|word| texts.intern(word)).collect();
        assert_eq!(texts.len(), 1_777);
        for (word, number) in words.iter().zip(numbers) {
            assert_eq!(texts.get(number), word);
            assert_eq!(texts.find(word), Some(number));
        }
        assert_eq!(texts.find("nobody"), None);
    }
}
