//! Values and combinations of them, each kept once and numbered.

use std::hash::BuildHasher;

use bellwether_core::domain::{Traits, Value, ValueRef};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::numbered::MISSING;
use crate::texts::Texts;

/// Marks the number of a value that is no text.
const OTHER: u32 = 1 << 31;

/// Distinct values: texts packed one after the other, the few others as they are.
#[derive(Default, Clone)]
pub(crate) struct DistinctValues {
    texts: Texts,
    others: Vec<Value>,
    index: HashMap<Value, u32>,
}

/// Distinct combinations of named values, such as the properties of events or the traits of one call.
#[derive(Default, Clone)]
pub(crate) struct Combinations {
    fields: Vec<Field>,
    numbers: HashMap<String, u32>,
    /// Fields and values of all combinations, one after the other, each combination's in the order of its fields.
    packed: Vec<(u32, u32)>,
    /// What else tells combinations apart, and where each ends.
    rows: Vec<Row>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    scratch: Vec<(u32, u32)>,
}

/// A name, and the values that it was seen with.
#[derive(Default, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) values: DistinctValues,
}

#[derive(Clone, Copy)]
struct Row {
    mark: [u32; 3],
    end: usize,
}

impl DistinctValues {
    /// The number of a value, a new one where it wasn't there.
    pub(crate) fn intern(&mut self, value: ValueRef<'_>) -> u32 {
        if let ValueRef::Text(text) = value {
            return self.texts.intern(text);
        }
        let value = value.to_value();
        if let Some(number) = self.index.get(&value) {
            return *number;
        }
        // Callers bound how many rows they bring well below this.
        let number = u32::try_from(self.others.len()).map_or(MISSING, |at| at | OTHER);
        self.others.push(value.clone());
        self.index.insert(value, number);
        number
    }

    /// The value of a number.
    pub(crate) fn get(&self, number: u32) -> Option<ValueRef<'_>> {
        if number & OTHER == 0 {
            return Some(ValueRef::Text(self.texts.get(number)));
        }
        let at = (number ^ OTHER) as usize;
        self.others.get(at).map(Value::view)
    }

    /// How many different values there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len() + self.others.len()
    }

    /// Where a number stands in a table with a place for each value; past its end where there is no value.
    #[inline]
    pub(crate) fn place(&self, number: u32) -> usize {
        if number & OTHER == 0 {
            number as usize
        } else {
            self.texts.len() + (number ^ OTHER) as usize
        }
    }

    /// The values in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ValueRef<'_>> {
        self.texts
            .iter()
            .map(ValueRef::Text)
            .chain(self.others.iter().map(Value::view))
    }
}

impl Combinations {
    /// The number of a combination, a new one where it wasn't there; `mark` tells apart what its values don't. What is
    /// empty is missing. `None` where there are more than `count_max`.
    pub(crate) fn intern<'v>(
        &mut self,
        mark: [u32; 3],
        values: impl Iterator<Item = (&'v str, ValueRef<'v>)>,
        count_max: usize,
    ) -> Option<u32> {
        let mut pairs = std::mem::take(&mut self.scratch);
        pairs.clear();
        for (name, value) in values.filter(|(_, value)| !value.is_empty()) {
            let field = self.field(name);
            let values = self.fields.get_mut(field as usize).map(|field| &mut field.values);
            pairs.extend(values.map(|values| (field, values.intern(value))));
        }
        pairs.sort_unstable();
        let number = self.number(mark, &pairs, count_max);
        self.scratch = pairs;
        number
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// What tells a combination apart besides its values.
    pub(crate) fn mark(&self, number: u32) -> [u32; 3] {
        self.rows.get(number as usize).map_or([0; 3], |row| row.mark)
    }

    /// The number of a field.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The number of a combination's value of a field.
    pub(crate) fn value_number(&self, number: u32, field: u32) -> Option<u32> {
        let pairs = self.pairs(number);
        let at = pairs.binary_search_by_key(&field, |(field, _)| *field).ok()?;
        pairs.get(at).map(|(_, value)| *value)
    }

    /// A combination's value of a field.
    pub(crate) fn value(&self, number: u32, name: &str) -> Option<ValueRef<'_>> {
        let field = self.find(name)?;
        self.value_of(field, self.value_number(number, field)?)
    }

    /// A combination's values by name.
    pub(crate) fn values(&self, number: u32) -> Traits {
        let pairs = self.pairs(number).iter();
        let values = pairs.filter_map(|(field, value)| {
            let name = &self.fields.get(*field as usize)?.name;
            Some((name.clone(), self.value_of(*field, *value)?.to_value()))
        });
        values.collect()
    }

    fn value_of(&self, field: u32, value: u32) -> Option<ValueRef<'_>> {
        self.fields.get(field as usize)?.values.get(value)
    }

    fn pairs(&self, number: u32) -> &[(u32, u32)] {
        let number = number as usize;
        let before = number.checked_sub(1).and_then(|before| self.rows.get(before));
        let start = before.map_or(0, |row| row.end);
        let end = self.rows.get(number).map_or(start, |row| row.end);
        self.packed.get(start..end).unwrap_or_default()
    }

    fn field(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        // There are far fewer fields than values.
        let number = u32::try_from(self.fields.len()).unwrap_or(MISSING);
        self.fields.push(Field {
            name: name.to_owned(),
            values: DistinctValues::default(),
        });
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn number(&mut self, mark: [u32; 3], pairs: &[(u32, u32)], count_max: usize) -> Option<u32> {
        let hash = self.hasher.hash_one((mark, pairs));
        let same = |at: &u32| self.mark(*at) == mark && self.pairs(*at) == pairs;
        if let Some(number) = self.index.find(hash, same) {
            return Some(*number);
        }
        let number = u32::try_from(self.rows.len()).ok();
        let number = number.filter(|_| self.rows.len() < count_max)?;
        self.packed.extend_from_slice(pairs);
        self.rows.push(Row {
            mark,
            end: self.packed.len(),
        });
        let mut index = std::mem::take(&mut self.index);
        let hash_of = |at: &u32| self.hasher.hash_one((self.mark(*at), self.pairs(*at)));
        index.insert_unique(hash, number, hash_of);
        self.index = index;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use bellwether_core::domain::Number;

    use super::*;

    #[test]
    fn equal_combinations_have_one_number_whatever_order_they_are_said_in() {
        let mut all = Combinations::default();
        let one = Number::new(1.0).map(ValueRef::Number).expect("a number");
        let mut intern = |mark: u32, values: &[(&str, ValueRef<'_>)]| {
            let values = values.iter().map(|(name, value)| (*name, *value));
            all.intern([mark, 0, 0], values, 10).expect("a few")
        };
        let a = intern(7, &[("x", ValueRef::Text("1")), ("y", one)]);
        assert_eq!(
            intern(
                7,
                &[
                    ("y", one),
                    ("empty", ValueRef::Text(" ")),
                    ("x", ValueRef::Text("1"))
                ]
            ),
            a
        );
        let others = [
            intern(8, &[("x", ValueRef::Text("1")), ("y", one)]),
            intern(7, &[("x", one), ("y", one)]),
            intern(7, &[("x", ValueRef::Text("1"))]),
            intern(7, &[]),
        ];
        assert!(!others.contains(&a));
        assert_eq!(all.len(), 5);
        assert_eq!(all.value(a, "y"), Some(one));
        assert_eq!(all.value(a, "z"), None);
        let values = Traits::from([
            ("x".to_owned(), Value::from("1")),
            ("y".to_owned(), one.to_value()),
        ]);
        assert_eq!((all.mark(a), all.values(a)), ([7, 0, 0], values));
    }
}
