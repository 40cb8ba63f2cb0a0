//! What a loss in one place means in another that refers to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Walk;
use crate::Note;
use crate::pointer::unescape;

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
                    let reference = value.get("$ref").and_then(Value::as_str);
                    open.extend(reference.and_then(|reference| self.pointer_of(reference)));
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

    /// The components that accept more than the document says, themselves or by what they refer to.
    pub(super) fn lossy_components(&self) -> BTreeSet<String> {
        let mut lossy: BTreeSet<String> = self
            .losses
            .iter()
            .filter_map(|loss| component_of(&loss.pointer))
            .collect();
        let schemas = self
            .source
            .pointer("/components/schemas")
            .and_then(Value::as_object);
        let mut users: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (name, schema) in schemas.into_iter().flatten().filter(|_| !lossy.is_empty()) {
            for target in self.components_in(schema) {
                users.entry(target).or_default().push(name);
            }
        }
        let mut open: Vec<String> = lossy.iter().cloned().collect();
        while let Some(name) = open.pop() {
            for user in users.get(&name).into_iter().flatten() {
                if lossy.insert((*user).clone()) {
                    open.push((*user).clone());
                }
            }
        }
        lossy
    }

    /// Whether a schema refers to a component that accepts more than the document says.
    pub(super) fn refers_to_loss(&self, schema: &Value) -> bool {
        !self.lossy.is_empty()
            && self
                .components_in(schema)
                .iter()
                .any(|name| self.lossy.contains(name))
    }

    fn components_in(&self, schema: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![schema];
        while let Some(value) = open.pop() {
            let reference = value.get("$ref").and_then(Value::as_str);
            let pointer = reference.and_then(|reference| self.pointer_of(reference));
            found.extend(pointer.as_deref().and_then(component_of));
            match value {
                Value::Object(members) => open.extend(members.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        found
    }
}

/// The component that a place is in.
fn component_of(pointer: &str) -> Option<String> {
    let rest = pointer.strip_prefix("/components/schemas/")?;
    rest.split('/').next().map(unescape)
}

/// A place and all that it is in.
fn within(pointer: &str) -> impl Iterator<Item = &str> {
    let ends = pointer.match_indices('/').map(|(at, _)| at);
    ends.chain([pointer.len()]).map(|end| &pointer[..end])
}
