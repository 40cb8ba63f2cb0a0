//! `allOf` as one type: typify merges too, but under names that may be another type's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::scalars::component;
use super::{is_null, kind, note, resolved};
use crate::Note;
use crate::pointer::join;
use crate::walk::each_schema;

/// Most properties that merging may write in a whole document.
const BUDGET: usize = 20_000;
const DEPTH: usize = 16;

pub(super) fn settle(document: &mut Value, notes: &mut Vec<Note>) {
    break_circles(document, notes);
    let source = document.clone();
    let mut merger = Merger {
        source: &source,
        budget: BUDGET,
    };
    each_schema(document, &mut |schema, _| {
        if let Some(merged) = merger.schema(schema, 0) {
            *schema = merged;
        }
    });
}

/// A schema that is, in place, also itself says nothing by that.
fn break_circles(document: &mut Value, notes: &mut Vec<Note>) {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, schema) in schemas.into_iter().flatten() {
        let mut targets = BTreeSet::new();
        in_place(schema, &mut targets, 0);
        edges.insert(name.clone(), targets);
    }
    let mut closing: BTreeSet<(String, String)> = BTreeSet::new();
    let mut done: BTreeSet<&String> = BTreeSet::new();
    for start in edges.keys() {
        // Depth first without recursion: a chain may be as long as the document.
        let mut path: Vec<(&String, Vec<&String>)> = vec![(start, edges[start].iter().collect())];
        let mut on_path: BTreeSet<&String> = [start].into();
        while let Some((name, left)) = path.last_mut() {
            let name = *name;
            match left.pop() {
                Some(target) if on_path.contains(target) => {
                    closing.insert((name.clone(), target.clone()));
                }
                Some(target) if !done.contains(target) => {
                    if let Some(targets) = edges.get(target) {
                        on_path.insert(target);
                        path.push((target, targets.iter().collect()));
                    }
                }
                Some(_) => {}
                None => {
                    done.insert(name);
                    on_path.remove(name);
                    path.pop();
                }
            }
        }
    }
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        let closing: BTreeSet<&str> = closing
            .iter()
            .filter(|(from, _)| from == name)
            .map(|(_, target)| target.as_str())
            .collect();
        if !closing.is_empty() {
            note(
                notes,
                &join("/components/schemas", name),
                "is itself a part of itself, which says nothing",
            );
            cut(schema, &closing, 0);
        }
    }
}

/// The components that a schema is, in whole or in part.
fn in_place(schema: &Value, targets: &mut BTreeSet<String>, depth: usize) {
    if let Some(name) = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(component)
    {
        targets.insert(name);
    }
    if depth < 64 {
        for key in ["allOf", "oneOf"] {
            for member in schema
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                in_place(member, targets, depth + 1);
            }
        }
    }
}

fn cut(schema: &mut Value, closing: &BTreeSet<&str>, depth: usize) {
    let closes = |member: &Value| {
        let target = member
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(component);
        target.is_some_and(|target| closing.contains(target.as_str()))
    };
    if closes(schema) {
        *schema = json!({});
        return;
    }
    let Some(object) = schema.as_object_mut().filter(|_| depth < 64) else {
        return;
    };
    for key in ["allOf", "oneOf"] {
        if let Some(members) = object.get_mut(key).and_then(Value::as_array_mut) {
            members.retain(|member| !closes(member));
            members
                .iter_mut()
                .for_each(|member| cut(member, closing, depth + 1));
            if members.is_empty() {
                object.remove(key);
            }
        }
    }
}

struct Merger<'a> {
    source: &'a Value,
    budget: usize,
}

impl Merger<'_> {
    /// A schema without `allOf`, if what it holds makes one type.
    fn schema(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        let object = schema.as_object()?;
        let members = object.get("allOf")?.as_array()?;
        let mut base = object.clone();
        base.remove("allOf");
        let description = base.remove("description");
        if depth > DEPTH || members.len() < 2 && base.is_empty() {
            return None;
        }
        let mut parts = Vec::new();
        for member in members {
            parts.push(self.part(member, depth)?);
        }
        if !base.is_empty() {
            parts.push(base);
        }
        let mut merged = self.parts(parts, depth)?;
        if let Some(description) = description {
            merged.insert("description".to_owned(), description);
        }
        Some(Value::Object(merged))
    }

    /// A member as it is once references are followed.
    fn part(&mut self, member: &Value, depth: usize) -> Option<Map<String, Value>> {
        let end = resolved(self.source, member)?;
        if end.get("allOf").is_none() {
            return end.as_object().cloned();
        }
        if let Some(merged) = self.schema(end, depth + 1) {
            return merged.as_object().cloned();
        }
        let only = end
            .get("allOf")?
            .as_array()
            .filter(|members| members.len() == 1)?;
        if depth > DEPTH {
            None
        } else {
            self.part(&only[0], depth + 1)
        }
    }

    fn parts(
        &mut self,
        parts: Vec<Map<String, Value>>,
        depth: usize,
    ) -> Option<Map<String, Value>> {
        let (choices, mut plain): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|part| part.contains_key("oneOf"));
        if let Some((choice, others)) = choices.split_first() {
            let members = choice.get("oneOf")?.as_array()?;
            if !others.is_empty() || members.len() > 32 {
                return None;
            }
            let mut rest = choice.clone();
            rest.remove("oneOf");
            plain.push(rest);
            return self.distributed(members, plain, depth);
        }
        let mut merged = Map::new();
        for mut part in plain {
            part.remove("description");
            part.remove("nullable");
            if part.is_empty() {
                continue;
            }
            if merged.is_empty() {
                merged = part;
                continue;
            }
            merged = self.two(merged, part, depth)?;
        }
        let size = merged
            .get("properties")
            .and_then(Value::as_object)
            .map_or(1, Map::len);
        self.budget = self.budget.checked_sub(size)?;
        Some(merged)
    }

    /// What holds beside a choice holds in each of its members.
    fn distributed(
        &mut self,
        members: &[Value],
        plain: Vec<Map<String, Value>>,
        depth: usize,
    ) -> Option<Map<String, Value>> {
        let says = |part: &Map<String, Value>| {
            part.keys()
                .any(|key| !matches!(key.as_str(), "description" | "type"))
        };
        let plain: Vec<_> = plain.into_iter().filter(says).collect();
        let mut distributed = Vec::new();
        for member in members {
            if is_null(member) {
                continue;
            }
            if plain.is_empty() {
                distributed.push(member.clone());
                continue;
            }
            let mut parts = plain.clone();
            parts.push(self.part(member, depth + 1)?);
            distributed.push(Value::Object(self.parts(parts, depth + 1)?));
        }
        json!({"oneOf": distributed}).as_object().cloned()
    }

    fn two(
        &mut self,
        left: Map<String, Value>,
        right: Map<String, Value>,
        depth: usize,
    ) -> Option<Map<String, Value>> {
        let is_object = |part: &Map<String, Value>| {
            let known = ["type", "properties", "required", "additionalProperties"];
            part.keys().all(|key| known.contains(&key.as_str()))
                && part.get("type").is_none_or(|kind| kind == "object")
        };
        if is_object(&left) && is_object(&right) {
            return self.objects(left, right, depth);
        }
        let is_array = |part: &Map<String, Value>| {
            part.get("type").is_some_and(|kind| kind == "array")
                && part
                    .keys()
                    .all(|key| matches!(key.as_str(), "type" | "items"))
        };
        if is_array(&left) && is_array(&right) {
            let items =
                |part: &Map<String, Value>| part.get("items").cloned().unwrap_or_else(|| json!({}));
            let (left, right) = (items(&left), items(&right));
            let items = if left == right || right == json!({}) {
                left
            } else {
                self.both(left, right, depth)
            };
            return json!({"type": "array", "items": items})
                .as_object()
                .cloned();
        }
        // Of two plain values of one type, the enumeration says more.
        let (left, right) = (Value::Object(left), Value::Object(right));
        if kind(&left).is_some() && kind(&left) == kind(&right) && kind(&left) != Some("array") {
            let more = if left.get("enum").is_some() && right.get("enum").is_none() {
                left
            } else {
                right
            };
            return more.as_object().cloned();
        }
        if left == right {
            left.as_object().cloned()
        } else {
            None
        }
    }

    fn objects(
        &mut self,
        left: Map<String, Value>,
        right: Map<String, Value>,
        depth: usize,
    ) -> Option<Map<String, Value>> {
        let mut merged = Map::from_iter([("type".to_owned(), json!("object"))]);
        let mut properties = Map::new();
        let mut required: Vec<Value> = Vec::new();
        let mut additional = Vec::new();
        for mut part in [left, right] {
            if let Some(Value::Object(own)) = part.remove("properties") {
                for (name, property) in own {
                    let property = match properties.remove(&name) {
                        Some(other) if other != property && property != json!({}) => {
                            self.both(other, property, depth)
                        }
                        Some(other) => other,
                        None => property,
                    };
                    properties.insert(name, property);
                }
            }
            if let Some(Value::Array(own)) = part.remove("required") {
                required.extend(
                    own.into_iter()
                        .filter(|name| !required.contains(name))
                        .collect::<Vec<_>>(),
                );
            }
            additional.extend(part.remove("additionalProperties"));
        }
        if !properties.is_empty() {
            merged.insert("properties".to_owned(), Value::Object(properties));
        }
        if !required.is_empty() {
            merged.insert("required".to_owned(), Value::Array(required));
        }
        // Beside another part's properties a refusal of others is not meant, and a type for them is.
        let schema = additional
            .iter()
            .find(|schema| schema.as_object().is_some_and(|schema| !schema.is_empty()));
        let any = additional
            .iter()
            .find(|schema| **schema == json!({}) || **schema == json!(true));
        if let Some(schema) = schema.or(any) {
            merged.insert("additionalProperties".to_owned(), schema.clone());
        }
        Some(merged)
    }

    /// A property that two parts describe.
    fn both(&mut self, left: Value, right: Value, depth: usize) -> Value {
        if left == json!({}) {
            return right;
        }
        let both = json!({"allOf": [left, right.clone()]});
        let merged = if self.budget > 0 {
            self.schema(&both, depth + 1)
        } else {
            None
        };
        // The later part is written to narrow the earlier one.
        merged.unwrap_or(right)
    }
}
