//! Rules for the fields of objects: which there are, which are required, and what of the others.

use std::collections::BTreeSet;

use serde_json::Value;

use super::delta::{Delta, deltas};
use super::node::Node;
use super::schema::{Pair, compare};
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

pub(super) fn properties<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (old, new) = (pair.old.node("properties"), pair.new.node("properties"));
    if !walk.visit(old.as_ref(), new.as_ref()) {
        return;
    }
    let required = names(pair.new);
    for (name, delta) in deltas(old.as_ref(), new.as_ref()) {
        match delta {
            Delta::Changed { was, is } => compare(walk, &was, &is),
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
    let why = match walk.flow() {
        Some(Flow::Request) => "Callers who send it can no longer, or are ignored.",
        _ => "Callers who read it find it gone.",
    };
    walk.emit(at, Side::Old, what, Class::Breaking, why);
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
    let no = Some(&Value::Bool(false));
    let closed =
        pair.old.get("additionalProperties") == no || pair.old.get("unevaluatedProperties") == no;
    let (class, why) = match (walk.flow(), required) {
        (Some(Flow::Request), true) => (
            Class::Breaking,
            "What callers send today lacks it and is refused.",
        ),
        (Some(Flow::Request), false) => (Class::Compatible, "Callers may leave it out."),
        (Some(Flow::Response), _) if closed => (
            Class::Breaking,
            "The object was closed, so callers' types refuse a field that they do not know.",
        ),
        _ => (
            Class::Compatible,
            "Callers skip the fields of an answer that they do not know.",
        ),
    };
    walk.emit(at, Side::New, what, class, why);
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
