//! What a loss in one place means in another that refers to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Walk;
use crate::Note;
use crate::pointer::join;

impl Walk<'_> {
    /// What was widened and is referred to from inside a negation stands in the way after all.
    pub(super) fn losses_under_negations(&mut self) {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut open = if self.losses.is_empty() {
            Vec::new()
        } else {
            std::mem::take(&mut self.negated)
        };
        while let Some(pointer) = open.pop() {
            if let Some(schema) = self.source.pointer(&pointer)
                && reached.insert(pointer)
            {
                let mut inner = vec![schema];
                while let Some(value) = inner.pop() {
                    open.extend(self.referred_by(value));
                    match value {
                        Value::Object(members) => inner.extend(members.values()),
                        Value::Array(items) => inner.extend(items),
                        _ => {}
                    }
                }
            }
        }
        let under = |loss: &Note| within(&loss.pointer).any(|place| reached.contains(place));
        let (hidden, kept): (Vec<Note>, Vec<Note>) = std::mem::take(&mut self.losses)
            .into_iter()
            .partition(under);
        self.losses = kept;
        for loss in hidden {
            let advice = "it is referred to from inside not, if or contains, where accepting more is accepting less";
            self.obstacle(&loss.pointer, loss.message, advice);
        }
    }

    /// The places that references lead to and that accept more than the document says, themselves or by
    /// what they refer to.
    pub(super) fn lossy_places(&self) -> BTreeSet<String> {
        if self.losses.is_empty() {
            return BTreeSet::new();
        }
        let targets = self.places_in(self.source);
        let mut users = Users::new();
        self.users(self.source, "", &targets, &mut Vec::new(), &mut users);
        let losses = self.losses.iter();
        let around = losses.flat_map(|loss| within(&loss.pointer));
        let mut lossy: BTreeSet<&String> = around.filter_map(|place| targets.get(place)).collect();
        let mut open: Vec<&String> = lossy.iter().copied().collect();
        while let Some(place) = open.pop() {
            let users = users.get(place).into_iter().flatten();
            open.extend(users.copied().filter(|user| lossy.insert(user)));
        }
        lossy.into_iter().cloned().collect()
    }

    /// Finds, for each place that is referred to, the others of them that hold a reference to it.
    fn users<'t>(
        &self,
        value: &Value,
        at: &str,
        targets: &'t BTreeSet<String>,
        inside: &mut Vec<&'t String>,
        users: &mut Users<'t>,
    ) {
        let depth = inside.len();
        inside.extend(targets.get(at));
        for target in self
            .referred_by(value)
            .iter()
            .filter_map(|place| targets.get(place))
        {
            users.entry(target).or_default().extend(inside.iter());
        }
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    self.users(member, &join(at, key), targets, inside, users);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.users(item, &join(at, &index.to_string()), targets, inside, users);
                }
            }
            _ => {}
        }
        inside.truncate(depth);
    }

    /// Whether a schema refers to a place that accepts more than the document says.
    pub(super) fn refers_to_loss(&self, schema: &Value) -> bool {
        !self.lossy.is_empty()
            && self
                .places_in(schema)
                .iter()
                .any(|place| self.lossy.contains(place))
    }

    /// The places that a tree refers to.
    fn places_in(&self, tree: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![tree];
        while let Some(value) = open.pop() {
            found.extend(self.referred_by(value));
            match value {
                Value::Object(members) => open.extend(members.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        found
    }

    /// The places that a value refers to itself.
    fn referred_by(&self, value: &Value) -> Vec<String> {
        let references = ["$ref", "$dynamicRef"].into_iter();
        let references = references.filter_map(|key| value.get(key)?.as_str());
        references
            .filter_map(|text| self.pointer_of(text))
            .collect()
    }
}

/// Who refers to a place.
type Users<'t> = BTreeMap<&'t String, BTreeSet<&'t String>>;

/// A place and all that it is in.
fn within(pointer: &str) -> impl Iterator<Item = &str> {
    let ends = pointer.match_indices('/').map(|(at, _)| at);
    ends.chain([pointer.len()]).map(|end| &pointer[..end])
}
