//! Rules for the fields of objects: which there are, which are required, and what of the others.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::delta::{Delta, deltas};
use super::node::{Node, target};
use super::schema::{Pair, compare, compare_field};
use super::view::{Schema, is_words};
use super::walk::{Flow, Shift, Walk};
use crate::drift::types::{Class, Side};

fn names<'a>(schema: &Schema<'a>) -> BTreeSet<&'a str> {
    let list = schema.get("required").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn has_property(schema: &Schema<'_>, name: &str) -> bool {
    schema
        .get("properties")
        .is_some_and(|p| p.get(name).is_some())
}

/// The names that some object of a document requires without describing the field.
pub(super) fn required_undescribed(document: &Value) -> HashSet<&str> {
    let mut names = HashSet::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                let list = map.get("required").and_then(Value::as_array);
                let described =
                    |name: &&str| map.get("properties").is_some_and(|p| p.get(name).is_some());
                let required = list.into_iter().flatten().filter_map(Value::as_str);
                names.extend(required.filter(|name| !described(name)));
                open.extend(map.values());
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    names
}

pub(super) fn properties<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (old, new) = (pair.old.node("properties"), pair.new.node("properties"));
    if !walk.visit(old.as_ref(), new.as_ref()) {
        return;
    }
    let required = names(pair.new);
    for (name, delta) in deltas(old.as_ref(), new.as_ref()) {
        let never = |node: &Node<'a>| node.value == &Value::Bool(false);
        match delta {
            // A field that allows no value is one that is never there.
            Delta::Changed { was, is } if never(&is) => {
                walk.visit(Some(&was), Some(&is));
                field_removed(walk, &was, name);
            }
            Delta::Changed { was, is } if never(&was) => {
                walk.visit(Some(&was), Some(&is));
                field_added(walk, pair, &is, name, required.contains(name));
            }
            Delta::Changed { was, is } => {
                let needed = required.contains(name);
                // Another part of the schema may require what this one only describes.
                let known = needed || !walk.required_elsewhere.contains(name);
                compare_field(walk, &was, &is, known.then_some(needed));
            }
            Delta::Removed(was) => field_removed(walk, &was, name),
            Delta::Added(is) => field_added(walk, pair, &is, name, required.contains(name)),
        }
    }
    let kind = |node: &Option<Node<'a>>| node.as_ref().map(|n| n.map().map(|m| m.is_empty()));
    // One side has no properties at all, and the other says so with an empty object.
    if kind(&old) != kind(&new) && [kind(&old), kind(&new)].contains(&Some(Some(true))) {
        let (at, _) = pair.place("properties");
        walk.rewritten(&at, "`properties` is written in another way");
    }
}

fn field_removed(walk: &mut Walk<'_>, at: &Node<'_>, name: &str) {
    let what = format!("the field `{name}` was removed");
    let (class, why) = judge_removed(walk.flow());
    walk.emit(at, Side::Old, what, class, why);
}

pub(super) fn judge_removed(flow: Option<Flow>) -> (Class, &'static str) {
    let why = match flow {
        Some(Flow::Request) => "Callers who send it can no longer, or are ignored.",
        _ => "Callers who read it find it gone.",
    };
    (Class::Breaking, why)
}

fn field_added(
    walk: &mut Walk<'_>,
    pair: &Pair<'_, '_>,
    at: &Node<'_>,
    name: &str,
    required: bool,
) {
    let kind = if required { "required" } else { "optional" };
    let what = format!("the {kind} field `{name}` was added");
    let (class, why) = judge_added(walk.flow(), pair, at, required);
    walk.emit(at, Side::New, what, class, why);
}

/// What a field means that was not named before, when it perhaps was allowed among others.
pub(super) fn judge_added(
    flow: Option<Flow>,
    pair: &Pair<'_, '_>,
    field: &Node<'_>,
    required: bool,
) -> (Class, &'static str) {
    let others = ["additionalProperties", "unevaluatedProperties"];
    let others = others.map(|key| pair.old.get(key));
    let patterns = pair.old.get("patternProperties").and_then(Value::as_object);
    let mut patterns = patterns.into_iter().flat_map(|map| map.values());
    let fits = |schema: &Value| match flow {
        Some(Flow::Request) => within(schema, field.value),
        _ => within(field.value, schema),
    };
    let closed = others.contains(&Some(&Value::Bool(false)));
    let limited = |schema: &&Value| schema.is_object() && !allows_all(schema);
    let unlike = others
        .into_iter()
        .flatten()
        .filter(limited)
        .any(|s| !fits(s));
    match (flow, required) {
        (Some(Flow::Request), true) => (
            Class::Breaking,
            "What callers send today lacks it and is refused.",
        ),
        (Some(Flow::Request), false) if unlike => (
            Class::Breaking,
            "Callers who send it among the fields without a name may be refused.",
        ),
        (Some(Flow::Response), _) if closed => (
            Class::Breaking,
            "The object was closed, so callers' types refuse a field that they do not know.",
        ),
        (Some(Flow::Response), _) if unlike => (
            Class::Breaking,
            "Callers' types hold other values in the fields without a name.",
        ),
        _ if patterns.any(|schema| !fits(schema)) => (
            Class::Unclassified,
            "Whether a pattern already gave it another kind of value is not known.",
        ),
        (Some(Flow::Request), false) => (Class::Compatible, "Callers may leave it out."),
        _ => (
            Class::Compatible,
            "Callers skip the fields of an answer that they do not know.",
        ),
    }
}

/// Whether one schema surely allows no more than another: it says the same, and perhaps limits more.
fn within(inner: &Value, outer: &Value) -> bool {
    const FURTHER: [&str; 16] = [
        "type",
        "const",
        "enum",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "required",
    ];
    let (Value::Object(inner), Value::Object(outer)) = (inner, outer) else {
        return inner == outer || allows_all(outer);
    };
    let speaks = |key: &String| is_words(key) || ["default", "deprecated"].contains(&key.as_str());
    let kept = |(key, value): (&String, &Value)| speaks(key) || inner.get(key) == Some(value);
    let known =
        |key: &String| speaks(key) || outer.contains_key(key) || FURTHER.contains(&key.as_str());
    outer.iter().all(kept) && inner.keys().all(known)
}

/// The fields of schemas that hold at once, with what they refer to and combine; whether each is required.
pub(super) fn fields<'a>(
    walk: &mut Walk<'a>,
    side: Side,
    schemas: Vec<Node<'a>>,
) -> BTreeMap<&'a str, (Node<'a>, bool)> {
    let document = walk.document(side);
    let (mut open, mut seen) = (schemas, HashSet::new());
    let (mut found, mut required) = (BTreeMap::new(), BTreeSet::new());
    while let Some(schema) = open.pop() {
        if !walk.step() {
            break;
        }
        if !seen.insert(schema.ptr.clone()) {
            continue;
        }
        open.extend(schema.text("$ref").and_then(|r| target(document, r)));
        let all = schema.child("allOf").filter(|list| list.value.is_array());
        open.extend(
            all.iter()
                .flat_map(Node::children)
                .map(|(_, member)| member),
        );
        let list = schema.get("required").and_then(Value::as_array);
        required.extend(list.into_iter().flatten().filter_map(Value::as_str));
        let Some(properties) = schema.child("properties") else {
            continue;
        };
        for name in properties.map().into_iter().flat_map(Map::keys) {
            if let Some(field) = properties.child(name).filter(|_| walk.step()) {
                found.insert(name.as_str(), field);
            }
        }
    }
    let with_need = |(name, field)| (name, (field, required.contains(name)));
    found.into_iter().map(with_need).collect()
}

pub(super) fn required<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (at, side) = pair.place("required");
    let (old, new) = (names(pair.old), names(pair.new));
    if old == new {
        let strings = |schema: &Schema<'a>| {
            let list = schema.get("required").map(Value::as_array);
            list.is_none_or(|l| l.is_some_and(|l| l.iter().all(Value::is_string)))
        };
        if strings(pair.old) && strings(pair.new) {
            walk.rewritten(&at, "`required` is written in another way");
        }
        return;
    }
    for name in &new - &old {
        // A field that is new altogether is reported where it is.
        if has_property(pair.new, name) && !has_property(pair.old, name) {
            walk.touch();
            continue;
        }
        walk.shift(
            &at,
            side,
            format!("the field `{name}` is required now"),
            Shift::Narrower,
        );
    }
    for name in &old - &new {
        if has_property(pair.old, name) && !has_property(pair.new, name) {
            walk.touch();
            continue;
        }
        walk.shift(
            &at,
            side,
            format!("the field `{name}` is no longer required"),
            Shift::Wider,
        );
    }
}

/// Whether a schema allows every value.
pub(super) fn allows_all(schema: &Value) -> bool {
    match schema {
        Value::Bool(all) => *all,
        Value::Object(map) => map.keys().all(|key| is_words(key)),
        _ => false,
    }
}

pub(super) fn additional<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    const KEY: &str = "additionalProperties";
    let (at, side) = pair.place(KEY);
    let (old, new) = (pair.old.node(KEY), pair.new.node(KEY));
    let open = |node: &Option<Node<'a>>| node.as_ref().is_none_or(|n| allows_all(n.value));
    let shut = |node: &Option<Node<'a>>| {
        node.as_ref()
            .is_some_and(|n| n.value == &Value::Bool(false))
    };
    match () {
        () if open(&old) && open(&new) => {
            walk.rewritten(&at, "`additionalProperties` says what held already");
        }
        () if shut(&new) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are no longer allowed",
                Shift::Narrower,
            );
        }
        () if shut(&old) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are allowed now",
                Shift::Wider,
            );
        }
        () if open(&old) => {
            walk.shift(
                &at,
                side,
                "fields that are not named are limited now",
                Shift::Narrower,
            );
        }
        () if open(&new) => {
            walk.shift(
                &at,
                side,
                "fields that are not named may be anything now",
                Shift::Wider,
            );
        }
        () => {
            if let (Some(old), Some(new)) = (old, new) {
                compare(walk, &old, &new);
            }
        }
    }
}
