//! Texts kept once each, and numbered in the order that they came in.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Distinct texts, packed one after the other.
#[derive(Default)]
pub(crate) struct Texts {
    packed: String,
    /// Where each text ends.
    ends: Vec<usize>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Texts {
    /// The number of `text`, a new one where it wasn't there.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        if let Some(number) = self
            .index
            .find(hash, |at| at_index(&self.packed, &self.ends, *at) == text)
        {
            return *number;
        }
        // Callers bound how many texts they bring well below this.
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.packed.push_str(text);
        self.ends.push(self.packed.len());
        let (packed, ends, hasher) = (&self.packed, &self.ends, &self.hasher);
        self.index
            .insert_unique(hash, number, |at| hasher.hash_one(at_index(packed, ends, *at)));
        number
    }

    /// The number of `text`, where it is there.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        self.index.find(hash, |at| self.get(*at) == text).copied()
    }

    /// The text of a number.
    pub(crate) fn get(&self, number: u32) -> &str {
        at_index(&self.packed, &self.ends, number)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
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
