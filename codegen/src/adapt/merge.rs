//! `allOf` as one type: typify merges too, but under names that may be another type's.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::circles::break_circles;
use super::{is_null, resolved};
use crate::Note;
use crate::size::{member, size};
use crate::walk::each_schema;

/// Most properties that merging may write in a whole document.
const BUDGET: usize = 20_000;
/// Most values that may be looked at for it: what cannot be merged would be tried wherever it is used.
const WORK: usize = 1_000_000;
const DEPTH: usize = 16;

pub(super) fn settle(document: &mut Value, notes: &mut Vec<Note>) {
    break_circles(document, notes);
    let source = document.clone();
    let mut merger = Merger {
        source: &source,
        budget: BUDGET,
        work: WORK,
    };
    each_schema(document, &mut |schema, _| {
        if let Some(merged) = merger.schema(schema, 0) {
            *schema = merged;
        }
    });
}

struct Merger<'a> {
    source: &'a Value,
    budget: usize,
    work: usize,
}

impl Merger<'_> {
    /// A schema without `allOf`, if what it holds makes one type.
    fn schema(&mut self, schema: &Value, depth: usize) -> Option<Value> {
        let object = schema.as_object()?;
        let members = object.get("allOf")?.as_array()?;
        let beside =
            |(key, _): &(&String, &Value)| !matches!(key.as_str(), "allOf" | "description");
        let alone = !object.iter().any(|pair| beside(&pair));
        if depth > DEPTH || members.len() < 2 && alone {
            return None;
        }
        let mut parts = Vec::new();
        for member in members {
            parts.push(self.part(member, depth)?);
        }
        let base = self.copy_of(object.iter().filter(beside))?;
        if !base.is_empty() {
            parts.push(base);
        }
        let mut merged = self.parts(parts, depth)?;
        if let Some(description) = object.get("description") {
            merged.insert("description".to_owned(), description.clone());
        }
        Some(Value::Object(merged))
    }

    /// Pays for a look at so many values; when they are spent, nothing more is merged.
    fn pay(&mut self, values: usize) -> Option<()> {
        let left = self.work.checked_sub(values);
        self.work = left.unwrap_or(0);
        left.map(|_| ())
    }

    fn copy_of<'m>(
        &mut self,
        members: impl Iterator<Item = (&'m String, &'m Value)> + Clone,
    ) -> Option<Map<String, Value>> {
        self.pay(1)?;
        self.pay(members.clone().map(member).sum())?;
        Some(
            members
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        )
    }

    /// A member as it is once references are followed.
    fn part(&mut self, member: &Value, depth: usize) -> Option<Map<String, Value>> {
        let end = resolved(self.source, member)?;
        if end.get("allOf").is_none() {
            return self.copy_of(end.as_object()?.iter());
        }
        self.pay(1)?;
        if let Some(Value::Object(merged)) = self.schema(end, depth + 1) {
            return Some(merged);
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
        if let Some(required) = merged.get_mut("required").and_then(Value::as_array_mut) {
            let mut seen: BTreeSet<String> = BTreeSet::new();
            let mut first = |name: &str| seen.insert(name.to_owned());
            required.retain(|name| name.as_str().is_none_or(&mut first));
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
        if depth > DEPTH {
            return None;
        }
        let plain: Vec<_> = plain.into_iter().filter(says).collect();
        let mut distributed = Vec::new();
        for member in members {
            if is_null(member) {
                continue;
            }
            if plain.is_empty() {
                self.pay(size(member))?;
                distributed.push(member.clone());
                continue;
            }
            let mut parts = Vec::new();
            for part in &plain {
                parts.push(self.copy_of(part.iter())?);
            }
            parts.push(self.part(member, depth + 1)?);
            distributed.push(Value::Object(self.parts(parts, depth + 1)?));
        }
        Some(Map::from_iter([(
            "oneOf".to_owned(),
            Value::Array(distributed),
        )]))
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
            return Some(self.objects(left, right, depth));
        }
        let is_array = |part: &Map<String, Value>| {
            part.get("type").is_some_and(|kind| kind == "array")
                && part
                    .keys()
                    .all(|key| matches!(key.as_str(), "type" | "items"))
        };
        if is_array(&left) && is_array(&right) {
            let items =
                |mut part: Map<String, Value>| part.remove("items").unwrap_or_else(|| json!({}));
            let (left, right) = (items(left), items(right));
            let items = if left == right || right == json!({}) {
                left
            } else {
                self.both(left, right, depth)
            };
            let list = [
                ("type".to_owned(), json!("array")),
                ("items".to_owned(), items),
            ];
            return Some(Map::from_iter(list));
        }
        // Of two plain values of one type, the enumeration says more.
        let kind =
            |part: &Map<String, Value>| part.get("type").and_then(Value::as_str).map(str::to_owned);
        let (one, other) = (kind(&left), kind(&right));
        if one.is_some() && one == other && one.as_deref() != Some("array") {
            let more = left.contains_key("enum") && !right.contains_key("enum");
            return Some(if more { left } else { right });
        }
        (left == right).then_some(left)
    }

    /// Adds to the first of two objects what the second has, without a look at the rest of the first.
    fn objects(
        &mut self,
        mut left: Map<String, Value>,
        mut right: Map<String, Value>,
        depth: usize,
    ) -> Map<String, Value> {
        let mut list = |key: &str| [left.remove(key), right.remove(key)].into_iter().flatten();
        let (properties, required) = (list("properties"), list("required"));
        let mut additional: Vec<Value> = list("additionalProperties").collect();
        let mut merged = Map::from_iter([("type".to_owned(), json!("object"))]);
        let mut parts = properties.filter_map(|part| match part {
            Value::Object(part) => Some(part),
            _ => None,
        });
        let mut properties = parts.next().unwrap_or_default();
        for (name, property) in parts.flatten() {
            let property = match properties.remove(&name) {
                Some(other) if other != property && property != json!({}) => {
                    self.both(other, property, depth)
                }
                Some(other) => other,
                None => property,
            };
            properties.insert(name, property);
        }
        if !properties.is_empty() {
            merged.insert("properties".to_owned(), Value::Object(properties));
        }
        let mut parts = required.filter_map(|part| match part {
            Value::Array(part) => Some(part),
            _ => None,
        });
        let mut required = parts.next().unwrap_or_default();
        required.extend(parts.flatten());
        if !required.is_empty() {
            merged.insert("required".to_owned(), Value::Array(required));
        }
        // Beside another part's properties a refusal of others is not meant, and a type for them is.
        let typed = |schema: &Value| schema.as_object().is_some_and(|schema| !schema.is_empty());
        let any = |schema: &Value| *schema == json!({}) || *schema == json!(true);
        let place = additional.iter().position(typed);
        if let Some(place) = place.or_else(|| additional.iter().position(any)) {
            let schema = additional.swap_remove(place);
            merged.insert("additionalProperties".to_owned(), schema);
        }
        merged
    }

    /// A property that two parts describe.
    fn both(&mut self, left: Value, right: Value, depth: usize) -> Value {
        if left == json!({}) {
            return right;
        }
        let mut merged = None;
        if self.budget > 0 && self.pay(size(&right)).is_some() {
            let both = json!({"allOf": [left, right.clone()]});
            merged = self.schema(&both, depth + 1);
        }
        // The later part is written to narrow the earlier one.
        merged.unwrap_or(right)
    }
}
