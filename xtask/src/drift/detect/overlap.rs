//! Whether two schemas can allow the same value, as far as types, listed values and fields tell.

use std::collections::BTreeSet;

use serde_json::Value;

use super::node::Node;
use super::view::{Closed, Schema};

/// More values than are held against each other.
const MOST_VALUES: usize = 64;
/// More fields than are looked at for one that tells schemas apart.
const MOST_TAGS: usize = 16;

/// What is known of the values that a schema allows.
#[derive(PartialEq)]
pub(super) struct Shape<'a> {
    /// Their types; `None` if it may be any.
    types: Option<BTreeSet<&'a str>>,
    /// All of them, where they are listed.
    values: Option<BTreeSet<String>>,
    /// Fields that every object has to have, with the values that are listed for them.
    tags: Vec<(&'a str, BTreeSet<String>)>,
    /// Fields that every object has to have.
    required: BTreeSet<&'a str>,
    /// All fields that an object may have, where no others are allowed.
    closed: Option<BTreeSet<&'a str>>,
}

impl<'a> Shape<'a> {
    pub(super) fn of(document: &'a Value, node: &Node<'a>) -> Self {
        let schema = read(document, node);
        let values = listed(&schema);
        let types = match &values {
            Some(values) => Some(values.iter().map(|value| kind(value)).collect()),
            None => schema.types().map(|types| {
                let null = schema.null().then_some("null");
                // Every integer is a number.
                let names = types.into_iter().map(|name| match name {
                    "integer" => "number",
                    other => other,
                });
                names.chain(null).collect()
            }),
        };
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        let required = required.take(MOST_TAGS);
        let properties = schema.node("properties");
        let tags = required.clone().filter_map(|name| {
            let field = properties.as_ref()?.child(name)?;
            Some((name, spelled(&listed(&read(document, &field))?)))
        });
        Self {
            tags: tags.collect(),
            required: required.collect(),
            closed: schema.layers.iter().find_map(names),
            types,
            values: values.as_deref().map(spelled),
        }
    }

    /// Whether no object and no array is allowed.
    pub(super) fn is_scalar(&self) -> bool {
        let types = self.types.as_ref();
        types.is_some_and(|types| !types.contains("object") && !types.contains("array"))
    }

    /// Whether no value can be allowed by both.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (&self.types, &other.types) {
            if a.is_disjoint(b) {
                return true;
            }
            let object = BTreeSet::from(["object"]);
            let told = |(name, values): &(&str, BTreeSet<String>)| {
                let mut same = other.tags.iter().filter(|(known, _)| known == name);
                same.any(|(_, others)| values.is_disjoint(others))
            };
            let lacks = |one: &Self, other: &Self| {
                let closed = one.closed.as_ref();
                closed.is_some_and(|closed| !other.required.is_subset(closed))
            };
            let told = self.tags.iter().any(told) || lacks(self, other) || lacks(other, self);
            if *a == object && *b == object && told {
                return true;
            }
        }
        match (&self.values, &other.values) {
            (Some(a), Some(b)) => a.is_disjoint(b),
            _ => false,
        }
    }
}

/// The fields that one layer of a schema allows, if it allows no others.
fn names<'a>(layer: &Node<'a>) -> Option<BTreeSet<&'a str>> {
    let open = layer.get("additionalProperties") != Some(&Value::Bool(false));
    if open || layer.get("patternProperties").is_some() {
        return None;
    }
    let fields = layer.get("properties").and_then(Value::as_object);
    Some(
        fields
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect(),
    )
}

fn read<'a>(document: &'a Value, node: &Node<'a>) -> Schema<'a> {
    let mut schema = Schema::read(document, node, None);
    schema.follow(document);
    schema
}

/// The values that a schema lists, `null` included.
fn listed<'a>(schema: &Schema<'a>) -> Option<Vec<&'a Value>> {
    let long = |key: &&str| {
        let list = schema.get(key).and_then(Value::as_array);
        list.is_some_and(|list| list.len() > MOST_VALUES)
    };
    if ["enum", "oneOf", "anyOf"].iter().any(long) {
        return None;
    }
    let closed = Closed::of(schema)?;
    let mut values: Vec<&Value> = closed.values.iter().map(|(value, _)| *value).collect();
    if schema.null() && !values.contains(&&Value::Null) {
        values.push(&Value::Null);
    }
    Some(values)
}

/// The values as texts; a number is the same number however it is written.
fn spelled(values: &[&Value]) -> BTreeSet<String> {
    let text = |value: &&Value| match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.to_string(),
    };
    values.iter().map(text).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
