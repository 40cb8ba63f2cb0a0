//! Schemas: JSON Schema 2020-12 to the dialect of 3.0.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::Walk;
use super::numbers::compare;
use crate::pointer::join;
use crate::size::size;

/// Keywords of 3.0 that describe and do not validate.
const ANNOTATIONS: [&str; 9] = [
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "discriminator",
    "xml",
    "externalDocs",
];
/// Keywords that both dialects have, with the same meaning and without schemas inside.
const SHARED: [&str; 12] = [
    "format",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "multipleOf",
    "maximum",
    "minimum",
];
/// Keywords that one of the other passes over the same schema takes care of.
const ELSEWHERE: [&str; 26] = [
    "$ref",
    "$dynamicRef",
    "type",
    "enum",
    "const",
    "nullable",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "items",
    "prefixItems",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "contentMediaType",
];

/// A schema in the making.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) target: Map<String, Value>,
    /// What must hold beside `target`.
    pub(super) all: Vec<Value>,
}

impl Walk<'_> {
    pub(super) fn schema(&mut self, value: &Value, at: &str) -> Value {
        if !self.spend(1, at) {
            return json!({});
        }
        match value {
            Value::Object(source) => self.schema_object(source, at),
            Value::Bool(true) => json!({}),
            Value::Bool(false) => json!({"not": {}}),
            _ => {
                self.obstacle(
                    at,
                    "a schema is neither an object nor a boolean",
                    "correct the schema",
                );
                json!({})
            }
        }
    }

    fn schema_object(&mut self, source: &Map<String, Value>, at: &str) -> Value {
        let mut parts = Parts::default();
        self.keywords(source, &mut parts, at);
        self.objects(source, &mut parts, at);
        self.arrays(source, &mut parts, at);
        self.conditions(source, &mut parts, at);
        self.bounds(source, &mut parts, at);
        let nullable = self.types(source, &mut parts, at);
        let referred = self.referred(source, at);
        let lowered = assemble(parts, referred);
        if nullable {
            self.note(
                &join(at, "nullable"),
                "says nothing in 3.1; null is allowed, as 3.0 meant it",
            );
            return json!({"anyOf": [lowered, {"enum": [null]}]});
        }
        lowered
    }

    fn referred(&mut self, source: &Map<String, Value>, at: &str) -> Option<Value> {
        if let Some(reference) = source.get("$ref").and_then(Value::as_str) {
            return Some(self.schema_reference(reference, at));
        }
        let reference = source.get("$dynamicRef").and_then(Value::as_str)?;
        let found = self.dynamic_reference(reference, at);
        if found.is_none() {
            let at = join(at, "$dynamicRef");
            self.obstacle(
                &at,
                "it can mean several schemas",
                "write a $ref to the one that is meant",
            );
        }
        found
    }

    /// Annotations, what both dialects share, and what 3.0 has nothing to do with.
    fn keywords(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        for (key, value) in source {
            let at = join(at, key);
            match key.as_str() {
                "allOf" | "anyOf" | "oneOf" => self.choice(key, value, parts, &at),
                "not" => {
                    let inner = self.negated(|walk| walk.schema(value, &at));
                    parts.target.insert(key.clone(), inner);
                }
                "maxLength" | "minLength" | "maxItems" | "minItems" | "maxProperties"
                | "minProperties" => {
                    parts.target.insert(key.clone(), whole(value));
                }
                "contentEncoding" => self.encoding(value, source, parts, &at),
                "example" | "examples" | "$comment" | "$id" | "$anchor" | "$dynamicAnchor"
                | "contentSchema" => {
                    self.note(&at, format!("{key}, removed"));
                }
                "$defs" | "definitions" => {
                    self.note(&at, format!("{key}, components where references name them"))
                }
                "$schema" => self.dialect(value, &at),
                _ if key.starts_with("x-")
                    || SHARED.contains(&key.as_str())
                    || ANNOTATIONS.contains(&key.as_str()) =>
                {
                    parts.target.insert(key.clone(), value.clone());
                }
                _ if ELSEWHERE.contains(&key.as_str()) => {}
                _ => self.note(
                    &at,
                    format!("{key} is no keyword of JSON Schema 2020-12, removed"),
                ),
            }
        }
        let media = source.get("contentMediaType");
        if let Some(media) = media {
            let raw =
                media == "application/octet-stream" && !source.contains_key("contentEncoding");
            if raw && !source.contains_key("format") {
                parts.target.insert("format".to_owned(), json!("binary"));
            } else {
                self.note(&join(at, "contentMediaType"), "contentMediaType, removed");
            }
        }
    }

    fn encoding(
        &mut self,
        value: &Value,
        source: &Map<String, Value>,
        parts: &mut Parts,
        at: &str,
    ) {
        let base64 = value
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("base64"));
        if base64 && !source.contains_key("format") {
            parts.target.insert("format".to_owned(), json!("byte"));
        } else {
            self.note(at, "contentEncoding, removed");
        }
    }

    fn choice(&mut self, key: &str, value: &Value, parts: &mut Parts, at: &str) {
        let losses = self.losses.len();
        let items = value.as_array().into_iter().flatten().enumerate();
        let lowered: Vec<Value> = items
            .map(|(index, item)| self.schema(item, &join(at, &index.to_string())))
            .collect();
        if lowered.is_empty() {
            self.obstacle(
                at,
                format!("{key} without members"),
                "give it members or remove it",
            );
        } else if key == "oneOf" && (self.losses.len() > losses || self.refers_to_loss(value)) {
            // A member that accepts more could make two match, and then oneOf would accept less.
            self.note(
                at,
                "anyOf, since a member accepts more than the document says",
            );
            parts.all.push(json!({"anyOf": lowered}));
        } else {
            parts.target.insert(key.to_owned(), Value::Array(lowered));
        }
    }

    /// `exclusiveMinimum` and `exclusiveMaximum`, which are flags in 3.0.
    fn bounds(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        for (key, bound, stricter) in [
            ("exclusiveMinimum", "minimum", Ordering::Greater),
            ("exclusiveMaximum", "maximum", Ordering::Less),
        ] {
            match source.get(key) {
                Some(Value::Bool(flag)) => {
                    self.note(
                        &join(at, key),
                        "a boolean is 3.0's form, and is read as 3.0 means it",
                    );
                    parts.target.insert(key.to_owned(), json!(flag));
                }
                Some(value @ Value::Number(limit)) => {
                    let inclusive = source.get(bound).and_then(Value::as_number);
                    if inclusive.is_none_or(|inclusive| compare(inclusive, limit) != stricter) {
                        parts.target.insert(bound.to_owned(), value.clone());
                        parts.target.insert(key.to_owned(), json!(true));
                    }
                }
                _ => {}
            }
        }
    }

    /// A copy of a lowered schema, which must be paid for.
    pub(super) fn copy(&mut self, value: &Value, at: &str) -> Value {
        if self.budget == 0 {
            return json!({});
        }
        let values = size(value);
        match self.copies.checked_sub(values) {
            Some(left) => self.copies = left,
            None => _ = self.spend(usize::MAX, at),
        }
        if self.spend(values, at) {
            value.clone()
        } else {
            json!({})
        }
    }
}

/// 3.0 ignores whatever stands beside a `$ref`; in an `allOf` it counts.
fn assemble(parts: Parts, referred: Option<Value>) -> Value {
    let Parts {
        mut target,
        mut all,
    } = parts;
    let Some(referred) = referred else {
        if let Some(Value::Array(own)) = target.get_mut("allOf") {
            own.append(&mut all);
        } else if !all.is_empty() {
            target.insert("allOf".to_owned(), Value::Array(all));
        }
        return Value::Object(target);
    };
    if target.is_empty() && all.is_empty() {
        return referred;
    }
    let (mut outer, inner): (Map<_, _>, Map<_, _>) = target
        .into_iter()
        .partition(|(key, _)| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"));
    let mut members = vec![referred];
    members.append(&mut all);
    if !inner.is_empty() {
        members.push(Value::Object(inner));
    }
    outer.insert("allOf".to_owned(), Value::Array(members));
    Value::Object(outer)
}

/// `3.0` as `3`, where only whole numbers have a meaning.
pub(super) fn whole(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if !value.is_u64() && number >= 0.0 && number.fract() == 0.0 => {
            json!(number as u64)
        }
        _ => value.clone(),
    }
}
