//! Names that occur once.

use std::collections::{BTreeMap, BTreeSet};

/// Hands out names, with a number where one is taken, without ever counting from the start again.
#[derive(Default)]
pub(crate) struct Unique {
    taken: BTreeSet<String>,
    next: BTreeMap<String, usize>,
}

impl Unique {
    /// One where some names are taken.
    pub(crate) fn without(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            taken: names.into_iter().collect(),
            next: BTreeMap::new(),
        }
    }

    /// Takes `base`, or `base` with a number after `separator`. Two names of one `key` are the same.
    pub(crate) fn take(
        &mut self,
        base: &str,
        separator: &str,
        key: impl Fn(&str) -> String,
    ) -> String {
        if self.taken.insert(key(base)) {
            return base.to_owned();
        }
        let next = self.next.entry(key(base)).or_insert(2);
        loop {
            let name = format!("{base}{separator}{next}");
            *next += 1;
            if self.taken.insert(key(&name)) {
                return name;
            }
        }
    }

    /// Takes `name` if it is free.
    pub(crate) fn try_take(&mut self, name: String) -> bool {
        self.taken.insert(name)
    }
}
