//! Schemas: JSON Schema 2020-12 to the dialect of 3.0.

use serde_json::{Map, Value, json};

use super::Walk;
use crate::pointer::join;

/// Keywords that describe and do not validate.
const ANNOTATIONS: [&str; 6] = [
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
];

impl Walk {
    pub(super) fn schema(&mut self, value: &Value, at: &str) -> Value {
        match value {
            Value::Object(object) => self.schema_object(object, at),
            Value::Bool(false) => json!({"not": {}}),
            _ => json!({}),
        }
    }

    fn schema_object(&mut self, source: &Map<String, Value>, at: &str) -> Value {
        let mut source = source.clone();
        if let Some(reference) = source.remove("$ref") {
            return self.schema_reference(&reference, source, at);
        }
        let mut target = Map::new();
        if let Some(constant) = source.remove("const") {
            source
                .entry("type")
                .or_insert_with(|| type_of(&constant).into());
            source.insert("enum".to_owned(), json!([constant]));
        }
        for (key, value) in &source {
            let at = join(at, key);
            match key.as_str() {
                "type" => self.types(value, &mut target, &at),
                "properties" => {
                    let members = value.as_object().into_iter().flatten();
                    let lowered = members.map(|(name, schema)| {
                        (name.clone(), self.schema(schema, &join(&at, name)))
                    });
                    target.insert(key.clone(), Value::Object(lowered.collect()));
                }
                "items" | "not" => {
                    target.insert(key.clone(), self.schema(value, &at));
                }
                "additionalProperties" if value.is_object() => {
                    target.insert(key.clone(), self.schema(value, &at));
                }
                "allOf" | "anyOf" | "oneOf" => {
                    let items = value.as_array().into_iter().flatten().enumerate();
                    let lowered = items
                        .map(|(index, item)| self.schema(item, &join(&at, &index.to_string())));
                    target.insert(key.clone(), lowered.collect());
                }
                "exclusiveMinimum" if value.is_number() => {
                    exclusive(&source, &mut target, key, "minimum", value, f64::max);
                }
                "exclusiveMaximum" if value.is_number() => {
                    exclusive(&source, &mut target, key, "maximum", value, f64::min);
                }
                "minimum" | "maximum" if target.contains_key(key) => {}
                "contentEncoding" => {
                    if value == "base64" && !source.contains_key("format") {
                        target.insert("format".to_owned(), json!("byte"));
                    } else {
                        self.note(&at, "contentEncoding, removed");
                    }
                }
                "contentMediaType" => {
                    let raw = value == "application/octet-stream";
                    if raw
                        && !source.contains_key("format")
                        && !source.contains_key("contentEncoding")
                    {
                        target.insert("format".to_owned(), json!("binary"));
                    } else {
                        self.note(&at, "contentMediaType, removed");
                    }
                }
                "example" | "examples" | "$comment" | "$schema" | "contentSchema" => {
                    self.note(&at, format!("{key}, removed"));
                }
                "nullable" => self.note(&at, "nullable says nothing in 3.1, removed"),
                "prefixItems"
                | "patternProperties"
                | "propertyNames"
                | "unevaluatedProperties"
                | "unevaluatedItems"
                | "if"
                | "then"
                | "else"
                | "dependentRequired"
                | "dependentSchemas"
                | "contains"
                | "minContains"
                | "maxContains"
                | "$defs"
                | "$id"
                | "$anchor"
                | "$dynamicRef"
                | "$dynamicAnchor" => {
                    self.obstacle(
                        &at,
                        format!("3.0 has no {key}"),
                        "write the schema without it",
                    );
                }
                _ => {
                    target.insert(key.clone(), value.clone());
                }
            }
        }
        if target.get("type").is_some_and(|kind| kind == "array") {
            target.entry("items").or_insert_with(|| json!({}));
        }
        Value::Object(target)
    }

    /// 3.0 ignores whatever stands beside a `$ref`; in an `allOf` it counts.
    fn schema_reference(
        &mut self,
        reference: &Value,
        siblings: Map<String, Value>,
        at: &str,
    ) -> Value {
        self.check_local(reference.as_str().unwrap_or_default(), at);
        let reference = json!({"$ref": reference});
        let lowered = match self.schema_object(&siblings, at) {
            Value::Object(lowered) => lowered,
            _ => Map::new(),
        };
        if lowered.is_empty() {
            return reference;
        }
        let (mut outer, inner): (Map<_, _>, Map<_, _>) = lowered
            .into_iter()
            .partition(|(key, _)| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"));
        let mut all = vec![reference];
        if !inner.is_empty() {
            all.push(Value::Object(inner));
        }
        outer.insert("allOf".to_owned(), Value::Array(all));
        Value::Object(outer)
    }

    fn types(&mut self, value: &Value, target: &mut Map<String, Value>, at: &str) {
        let names: Vec<&Value> = match value {
            Value::Array(names) => names.iter().collect(),
            name => vec![name],
        };
        let (nulls, others): (Vec<&Value>, Vec<&Value>) =
            names.into_iter().partition(|name| *name == "null");
        match (others.as_slice(), nulls.is_empty()) {
            ([one], true) => {
                target.insert("type".to_owned(), (*one).clone());
            }
            ([one], false) => {
                target.insert("type".to_owned(), (*one).clone());
                target.insert("nullable".to_owned(), json!(true));
            }
            ([], _) => {
                target.insert("enum".to_owned(), json!([null]));
            }
            _ => self.obstacle(
                at,
                "it allows several types",
                "write an anyOf with a schema for each",
            ),
        }
    }
}

fn exclusive(
    source: &Map<String, Value>,
    target: &mut Map<String, Value>,
    key: &str,
    bound: &str,
    value: &Value,
    stricter: fn(f64, f64) -> f64,
) {
    let limit = value.as_f64().unwrap_or_default();
    let inclusive = source.get(bound).and_then(Value::as_f64);
    if inclusive
        .is_some_and(|inclusive| inclusive != limit && stricter(inclusive, limit) == inclusive)
    {
        return;
    }
    target.insert(bound.to_owned(), value.clone());
    target.insert(key.to_owned(), json!(true));
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
