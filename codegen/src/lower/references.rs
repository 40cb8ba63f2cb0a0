//! What a `$ref` means: where it points, and what becomes of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Walk;
use crate::pointer::{join, unescape};
use crate::unique::Unique;

/// Most schemas outside `components.schemas` that references may name.
const MAX_HOISTED: usize = 2_000;

/// Every place that a reference can name other than by its pointer, and those named so far.
pub(super) struct References {
    /// `$id`, `$id#anchor` or `#anchor` to a pointer; `None` when two places bear the name.
    names: BTreeMap<String, Option<String>>,
    /// Pointer to the component that a schema elsewhere becomes.
    hoisted: BTreeMap<String, String>,
    taken: Unique,
    /// Pointers that are yet to be lowered into components.
    pub(super) pending: Vec<(String, String)>,
}

impl References {
    pub(super) fn of(source: &Value) -> Self {
        let mut names = BTreeMap::new();
        name(source, "", "", &mut names);
        let schemas = source
            .pointer("/components/schemas")
            .and_then(Value::as_object);
        let taken = Unique::without(schemas.into_iter().flatten().map(|(name, _)| name.clone()));
        Self {
            names,
            hoisted: BTreeMap::new(),
            taken,
            pending: Vec::new(),
        }
    }
}

/// Collects `$id` and anchors. A property may bear such a name, but its value is then no string.
fn name(value: &Value, at: &str, base: &str, names: &mut BTreeMap<String, Option<String>>) {
    let mut add = |key: String| {
        let place = names.entry(key).or_insert_with(|| Some(at.to_owned()));
        if place.as_deref() != Some(at) {
            *place = None;
        }
    };
    match value {
        Value::Object(members) => {
            let mut base = base;
            if let Some(id) = members.get("$id").and_then(Value::as_str) {
                base = id.trim_end_matches('#');
                add(base.to_owned());
            }
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = members.get(key).and_then(Value::as_str) {
                    add(format!("{base}#{anchor}"));
                    add(format!("#{anchor}"));
                }
            }
            for (key, member) in members {
                name(member, &join(at, key), base, names);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                name(item, &join(at, &index.to_string()), base, names);
            }
        }
        _ => {}
    }
}

impl Walk<'_> {
    /// Where a reference points, if that is in this document.
    fn resolve(&mut self, reference: &str, at: &str) -> Option<String> {
        let pointer = self.pointer_of(reference);
        let pointer = pointer.filter(|pointer| self.source.pointer(pointer).is_some());
        if pointer.is_none() {
            let at = join(at, "$ref");
            if reference.starts_with('#') {
                self.obstacle(
                    &at,
                    format!("{reference:?} points to nothing"),
                    "correct the reference",
                );
            } else {
                self.obstacle(
                    &at,
                    format!("{reference:?} is outside this document"),
                    "bundle the documents into one first",
                );
            }
        }
        pointer
    }

    pub(super) fn pointer_of(&self, reference: &str) -> Option<String> {
        if let Some(place) = self.references.names.get(reference) {
            return place.clone();
        }
        let (base, fragment) = reference.split_once('#')?;
        let fragment = percent_decoded(fragment)?;
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return None;
        }
        if base.is_empty() {
            return Some(canonical(&fragment));
        }
        let root = self.references.names.get(base)?.as_ref()?;
        Some(format!("{root}{}", canonical(&fragment)))
    }

    /// The reference as 3.0 has it: to a component, which a schema elsewhere becomes.
    pub(super) fn schema_reference(&mut self, reference: &str, at: &str) -> Value {
        let Some(pointer) = self.resolve(reference, at) else {
            return json!({});
        };
        if self.negations > 0 {
            self.negated.push(pointer.clone());
        }
        if is_component(&pointer, "schemas") {
            return json!({"$ref": format!("#{pointer}")});
        }
        if let Some(name) = self.references.hoisted.get(&pointer) {
            return json!({"$ref": format!("#/components/schemas/{name}")});
        }
        if self.references.hoisted.len() >= MAX_HOISTED {
            self.obstacle(
                at,
                format!("more than {MAX_HOISTED} references name schemas that are no components"),
                "make them components",
            );
            return json!({});
        }
        let name = self.free_name(&pointer);
        self.note(
            at,
            format!("the schema at {pointer} becomes the component {name}"),
        );
        self.references
            .pending
            .push((pointer.clone(), name.clone()));
        self.references.hoisted.insert(pointer, name.clone());
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn free_name(&mut self, pointer: &str) -> String {
        let structure = [
            "components",
            "schemas",
            "paths",
            "properties",
            "items",
            "schema",
            "content",
            "$defs",
        ];
        let words = pointer.split('/').map(unescape);
        let words = words.filter(|word| !word.is_empty() && !structure.contains(&word.as_str()));
        let mut base: String = words.collect::<Vec<_>>().join("_");
        base.retain(|c| c.is_ascii_alphanumeric() || c == '_');
        let base = if base.is_empty() { "Schema" } else { &base };
        self.references.taken.take(base, "_", str::to_owned)
    }

    /// A reference to a parameter, response and so on: what stands beside it only describes. One that
    /// does not name a component is answered with the place to write out instead.
    pub(super) fn object_reference(
        &mut self,
        object: &Map<String, Value>,
        reference: &str,
        section: &str,
        at: &str,
    ) -> Result<Value, String> {
        for key in object
            .keys()
            .filter(|key| *key != "$ref" && !key.starts_with("x-"))
        {
            self.note(
                &join(at, key),
                "stands beside a $ref and only describes, removed",
            );
        }
        match self.resolve(reference, at) {
            None => Ok(json!({})),
            Some(pointer) if is_component(&pointer, section) => {
                Ok(json!({"$ref": format!("#{pointer}")}))
            }
            Some(pointer) => Err(pointer),
        }
    }

    /// Where a path item's `$ref` points.
    pub(super) fn path_item_reference(&mut self, reference: &str, at: &str) -> Option<String> {
        self.resolve(reference, at)
    }

    /// The one place that a `$dynamicRef` can mean, if there is only one.
    pub(super) fn dynamic_reference(&mut self, reference: &str, at: &str) -> Option<Value> {
        let place = self
            .references
            .names
            .get(reference)
            .and_then(Option::as_ref);
        if place.is_none() && self.pointer_of(reference).is_none() {
            return None;
        }
        Some(self.schema_reference(reference, at))
    }
}

/// A pointer in the one spelling that is used here: `~` alone may stand for itself.
fn canonical(pointer: &str) -> String {
    let tokens = pointer.split('/').skip(1);
    tokens.fold(String::new(), |place, token| join(&place, &unescape(token)))
}

fn is_component(pointer: &str, section: &str) -> bool {
    let name = pointer
        .strip_prefix("/components/")
        .and_then(|rest| rest.strip_prefix(section));
    name.and_then(|name| name.strip_prefix('/'))
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
