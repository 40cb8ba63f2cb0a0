//! Keywords that apply schemas to properties, or under conditions.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Walk;
use super::schema::Parts;
use crate::pointer::join;

/// Keywords through which a schema evaluates properties that it does not name itself.
pub(super) const IN_PLACE: [&str; 7] = [
    "$ref",
    "$dynamicRef",
    "anyOf",
    "oneOf",
    "if",
    "dependentSchemas",
    "allOf",
];

/// What a schema evaluates, as far as it was looked at.
#[derive(Default)]
struct Evaluated {
    names: BTreeSet<String>,
    /// The places that references lead to.
    places: BTreeSet<String>,
}

impl Walk<'_> {
    pub(super) fn objects(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        let target = &mut parts.target;
        if let Some(properties) = source.get("properties").and_then(Value::as_object) {
            let at = join(at, "properties");
            let lowered = properties
                .iter()
                .map(|(name, schema)| (name.clone(), self.schema(schema, &join(&at, name))));
            target.insert("properties".to_owned(), Value::Object(lowered.collect()));
        }
        if let Some(names) = source
            .get("required")
            .and_then(Value::as_array)
            .filter(|names| !names.is_empty())
        {
            target.insert("required".to_owned(), json!(names));
        }
        match source.get("additionalProperties") {
            Some(Value::Bool(allowed)) => {
                target.insert("additionalProperties".to_owned(), json!(allowed));
            }
            Some(schema) => {
                let lowered = self.schema(schema, &join(at, "additionalProperties"));
                target.insert("additionalProperties".to_owned(), lowered);
            }
            None => {}
        }
        if let Some(schema) = source.get("unevaluatedProperties") {
            self.unevaluated_properties(schema, source, target, at);
        }
        if let Some(patterns) = source.get("patternProperties").and_then(Value::as_object) {
            self.patterns(patterns, target, &join(at, "patternProperties"));
        }
        if let Some(names) = source.get("propertyNames") {
            self.names(names, target, &join(at, "propertyNames"));
        }
    }

    fn patterns(
        &mut self,
        patterns: &Map<String, Value>,
        target: &mut Map<String, Value>,
        at: &str,
    ) {
        let lowered: Vec<Value> = patterns
            .iter()
            .map(|(pattern, schema)| self.schema(schema, &join(at, pattern)))
            .collect();
        let all = |pattern: &String| matches!(pattern.as_str(), "" | ".*" | "^.*$" | "^.*" | ".*$");
        if let ([schema], Some(true)) = (lowered.as_slice(), patterns.keys().next().map(all)) {
            // The pattern takes every name, so nothing is additional.
            for property in target
                .get_mut("properties")
                .and_then(Value::as_object_mut)
                .into_iter()
                .flatten()
            {
                *property.1 = json!({"allOf": [property.1.take(), self.copy(schema, at)]});
            }
            target.insert("additionalProperties".to_owned(), schema.clone());
            return;
        }
        if lowered.is_empty() {
            return;
        }
        self.loss(
            at,
            "3.0 has no patternProperties; names are not held against the patterns",
            "list the properties, or describe them all with additionalProperties",
        );
        match target.remove("additionalProperties") {
            None | Some(Value::Bool(true)) => {}
            Some(others) => {
                let mut members = lowered;
                if others != json!(false) && others != json!({"not": {}}) {
                    members.push(others);
                }
                let one = if members.len() == 1 {
                    members.remove(0)
                } else {
                    json!({"anyOf": members})
                };
                target.insert("additionalProperties".to_owned(), one);
            }
        }
    }

    fn names(&mut self, schema: &Value, target: &mut Map<String, Value>, at: &str) {
        let object = match schema {
            Value::Bool(true) => return,
            Value::Bool(false) => {
                target.insert("maxProperties".to_owned(), json!(0));
                return;
            }
            Value::Object(object) => object,
            _ => {
                return self.obstacle(
                    at,
                    "a schema is neither an object nor a boolean",
                    "correct the schema",
                );
            }
        };
        let describes = |key: &String| {
            matches!(
                key.as_str(),
                "title" | "description" | "examples" | "$comment"
            )
        };
        let checks: Vec<(&String, &Value)> =
            object.iter().filter(|(key, _)| !describes(key)).collect();
        if checks
            .iter()
            .all(|(key, value)| *key == "type" && *value == "string")
        {
            return self.note(at, "says that names are strings, removed");
        }
        if let Some(allowed) = self.listed_names(object, at) {
            self.note(at, "the names it allows are written as properties");
            let others = target.insert("additionalProperties".to_owned(), json!(false));
            let properties = target.entry("properties").or_insert_with(|| json!({}));
            if let Some(properties) = properties.as_object_mut() {
                properties.retain(|name, _| allowed.contains(name));
                for name in allowed.iter().filter(|_| others != Some(json!(false))) {
                    let other = others
                        .clone()
                        .filter(Value::is_object)
                        .unwrap_or_else(|| json!({}));
                    if !properties.contains_key(name) {
                        let other = self.copy(&other, at);
                        properties.insert(name.clone(), other);
                    }
                }
            }
            return;
        }
        self.loss(
            at,
            "3.0 has no propertyNames; the names are not checked",
            "list the names in an enum, or remove it",
        );
    }

    /// The names that `propertyNames` lists, itself or in the component that it refers to.
    fn listed_names(&mut self, object: &Map<String, Value>, at: &str) -> Option<BTreeSet<String>> {
        let mut object = object;
        if let Some(pointer) = object
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix('#'))
            && object.len() == 1
        {
            object = self.source.pointer(pointer)?.as_object()?;
        }
        let plain = ["type", "enum", "const", "title", "description"];
        let constant = object.get("const").map(std::slice::from_ref);
        let values = constant.or_else(|| Some(object.get("enum")?.as_array()?.as_slice()))?;
        // As many schemas as there are may refer to one list.
        if !self.spend(values.len(), at) {
            return Some(BTreeSet::new());
        }
        let usual = object.keys().all(|key| plain.contains(&key.as_str()));
        let typed = object.get("type").is_none_or(|kind| kind == "string");
        (usual && typed).then(|| {
            values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect()
        })
    }

    fn unevaluated_properties(
        &mut self,
        schema: &Value,
        source: &Map<String, Value>,
        target: &mut Map<String, Value>,
        at: &str,
    ) {
        let place = join(at, "unevaluatedProperties");
        if *schema == json!(true)
            || *schema == json!({})
            || source.contains_key("additionalProperties")
        {
            return self.note(
                &place,
                "everything is allowed or evaluated already, removed",
            );
        }
        let mut found = Evaluated::default();
        let all = self.evaluated(source, &mut found, 0);
        let names = found.names;
        match all {
            Some(true) => self.note(&place, "everything is evaluated already, removed"),
            Some(false) => {
                self.note(
                    &place,
                    "additionalProperties, with the names that others evaluate",
                );
                let lowered = match schema {
                    Value::Bool(false) => json!(false),
                    schema => self.schema(schema, &place),
                };
                target.insert("additionalProperties".to_owned(), lowered);
                if !names.is_empty() {
                    let properties = target.entry("properties").or_insert_with(|| json!({}));
                    for name in names {
                        if let Some(properties) = properties.as_object_mut() {
                            properties.entry(name).or_insert_with(|| json!({}));
                        }
                    }
                }
            }
            None => self.loss(
                &place,
                "3.0 has no unevaluatedProperties; other properties are not refused",
                "write additionalProperties where the properties are",
            ),
        }
    }

    /// Collects the names that a schema evaluates; true if it evaluates all, `None` if that depends.
    fn evaluated(
        &mut self,
        source: &Map<String, Value>,
        found: &mut Evaluated,
        depth: usize,
    ) -> Option<bool> {
        if depth > 16 || source.contains_key("patternProperties") {
            return None;
        }
        let properties = source.get("properties").and_then(Value::as_object);
        // One schema may be a part of as many as there are, and each is to have its names.
        self.looks = self.looks.checked_sub(1 + properties.map_or(0, Map::len))?;
        found.names.extend(
            properties
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone()),
        );
        if depth > 0
            && ["additionalProperties", "unevaluatedProperties"]
                .iter()
                .any(|key| source.contains_key(*key))
        {
            return Some(true);
        }
        let mut everything = false;
        for key in IN_PLACE.iter().filter(|key| source.contains_key(**key)) {
            match *key {
                "allOf" => {
                    for member in source.get("allOf")?.as_array()? {
                        everything |= self.evaluated(member.as_object()?, found, depth + 1)?;
                    }
                }
                "$ref" => {
                    let pointer = source.get("$ref")?.as_str()?.strip_prefix('#')?;
                    // A second look would find the names of the first, however many ways lead there.
                    if found.places.insert(pointer.to_owned()) {
                        let referred = self.source.pointer(pointer)?.as_object()?;
                        everything |= self.evaluated(referred, found, depth + 1)?;
                    }
                }
                _ => return None,
            }
        }
        Some(everything)
    }

    pub(super) fn conditions(&mut self, source: &Map<String, Value>, parts: &mut Parts, at: &str) {
        let (then, otherwise) = (source.get("then"), source.get("else"));
        if let Some(condition) = source
            .get("if")
            .filter(|_| then.is_some() || otherwise.is_some())
        {
            let place = join(at, "if");
            let condition = self.negated(|walk| walk.schema(condition, &place));
            self.note(&place, "written with anyOf and not");
            if let Some(then) = then {
                let then = self.schema(then, &join(at, "then"));
                let condition = self.copy(&condition, &place);
                parts.all.push(json!({"anyOf": [{"not": condition}, then]}));
            }
            if let Some(otherwise) = otherwise {
                let otherwise = self.schema(otherwise, &join(at, "else"));
                parts.all.push(json!({"anyOf": [condition, otherwise]}));
            }
        }
        for (key, schemas) in [("dependentRequired", false), ("dependentSchemas", true)] {
            let place = join(at, key);
            for (name, dependent) in source
                .get(key)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let place = join(&place, name);
                self.note(&place, "written with anyOf and not");
                let dependent = match dependent {
                    schema if schemas => self.schema(schema, &place),
                    Value::Array(names) if names.is_empty() => continue,
                    names => json!({"required": names}),
                };
                parts.all.push(
                    json!({"anyOf": [{"not": {"type": "object", "required": [name]}}, dependent]}),
                );
            }
        }
    }
}
