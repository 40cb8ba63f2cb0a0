//! Rules for schemas: what a caller may send, and what may arrive.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::{Node, brief, verb};
use super::view::{Schema, is_words};
use super::walk::{Flow, Shift, Walk};
use super::{composition, limits, object, values};
use crate::drift::types::{Class, Side};

/// Two views of what should be the same schema.
pub(super) struct Pair<'a, 'b> {
    pub(super) old: &'b Schema<'a>,
    pub(super) new: &'b Schema<'a>,
    /// Where the new schema begins.
    pub(super) here: &'b Node<'a>,
    /// Whether the object that it is a field of requires it; `None` where that cannot be known.
    pub(super) required: Option<bool>,
}

impl<'a> Pair<'a, '_> {
    /// Where a keyword is, in the new document or else in the old one.
    pub(super) fn place(&self, key: &str) -> (Node<'a>, Side) {
        match (self.new.node(key), self.old.node(key)) {
            (Some(node), _) => (node, Side::New),
            (None, Some(node)) => (node, Side::Old),
            (None, None) => (self.here.clone(), Side::New),
        }
    }
}

/// Compares two schemas; whatever they differ in, something is reported.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    compare_field(walk, old, new, None);
}

/// Compares two schemas of what an object requires or does not.
pub(super) fn compare_field<'a>(
    walk: &mut Walk<'a>,
    old: &Node<'a>,
    new: &Node<'a>,
    required: Option<bool>,
) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    let mut a = Schema::read(walk.old, old, None);
    let mut b = Schema::read(walk.new, new, None);
    // A wrapper that gains a member, or loses all but one, is a composition on both sides.
    if let Some(form) = a.unlike(&b) {
        a = Schema::read(walk.old, old, Some(form));
    } else if let Some(form) = b.unlike(&a) {
        b = Schema::read(walk.new, new, Some(form));
    }
    let own_layers = (a.layers.len(), b.layers.len());
    match (a.tail.is_some(), b.tail.is_some()) {
        (true, true) => {
            if let (Some(from), Some(to)) = (a.tail.clone(), b.tail.clone()) {
                if from.ptr != to.ptr && from.value != to.value {
                    let what = format!("it refers to `{}` and no longer to `{}`", to.ptr, from.ptr);
                    let why = "What is different there is reported by itself.";
                    walk.emit(new, Side::New, what, Class::Documentation, why);
                }
                walk.enqueue(from, to);
            }
        }
        (true, false) => a.follow(walk.old),
        (false, true) => b.follow(walk.new),
        (false, false) => {}
    }
    let moved = a.layers.len() != own_layers.0 || b.layers.len() != own_layers.1;
    for layer in &a.layers {
        walk.visit(Some(layer), None);
    }
    for layer in &b.layers {
        walk.visit(None, Some(layer));
    }
    let pair = Pair {
        old: &a,
        new: &b,
        here: new,
        required,
    };
    if a.dangling != b.dangling {
        walk.unclassified(new, Side::New, "a reference changed that leads nowhere");
    }
    match (a.opaque, b.opaque) {
        (None, None) => keywords(walk, &pair),
        (Some(x), Some(y)) if x == y => {}
        (None, Some(Value::Bool(false))) => {
            walk.shift(
                new,
                Side::New,
                "no value is allowed any more",
                Shift::Narrower,
            );
        }
        (Some(Value::Bool(false)), None) => {
            walk.shift(new, Side::New, "values are allowed now", Shift::Wider);
        }
        _ => walk.unclassified(
            new,
            Side::New,
            "the schema changed into or from what is none",
        ),
    }
    if a.forms != b.forms {
        walk.rewritten(new, "the schema is wrapped in another way");
    }
    // What is written in place on one side and referred to on the other says the same.
    if moved {
        walk.touch();
    }
    // A rule above may have seen no difference in what is written differently; it is still reported.
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "the schema is written in another way");
    }
}

fn keywords<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let mut done = BTreeSet::from(["type", "nullable"]);
    let before = walk.activity();
    let closed = values::values(walk, pair, &mut done);
    values::kinds(walk, pair, &closed);
    let spelled =
        |schema: &Schema<'a>| (schema.get("type").cloned(), schema.get("nullable").cloned());
    if spelled(pair.old) != spelled(pair.new) && walk.activity() == before {
        let (at, _) = pair.place("type");
        walk.rewritten(&at, "the type is written in another way");
    }
    for key in &pair.old.keys() | &pair.new.keys() {
        let (old, new) = (pair.old.get(key), pair.new.get(key));
        if pair.old.repeated(key) != pair.new.repeated(key) && !is_words(key) {
            let (at, side) = pair.place(key);
            walk.unclassified(
                &at,
                side,
                format!("`{key}` is limited in more than one place"),
            );
        }
        if old == new || done.contains(key) {
            continue;
        }
        let before = walk.activity();
        keyword(walk, pair, key);
        if walk.activity() == before {
            let (at, side) = pair.place(key);
            walk.unclassified(&at, side, format!("`{key}` {}", verb(old, new)));
        }
    }
}

fn keyword<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.node(key), pair.new.node(key));
    if is_words(key) {
        let what = format!("`{key}` {}", verb(pair.old.get(key), pair.new.get(key)));
        return walk.words(&at, side, what);
    }
    if limits::compare(walk, pair, key) {
        return;
    }
    match key {
        "properties" => object::properties(walk, pair),
        "required" => object::required(walk, pair),
        "additionalProperties" => object::additional(walk, pair),
        "allOf" | "anyOf" | "oneOf" => composition::members(walk, pair, key),
        "default" => default(walk, pair),
        "items"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => match (old, new) {
            // More that counts is more than the upper bound may allow.
            (Some(_), Some(_)) if key == "contains" && counted(pair) => {
                walk.shift(&at, side, "`contains` changed", Shift::Other);
            }
            (Some(old), Some(new)) => compare(walk, &old, &new),
            // To contain anything is still to hold something.
            (None, Some(new)) if key != "contains" && object::allows_all(new.value) => {
                walk.rewritten(&at, format!("`{key}` says what held already"));
            }
            (None, _) => walk.shift(&at, side, format!("`{key}` was added"), Shift::Narrower),
            (_, None) => walk.shift(&at, side, format!("`{key}` was removed"), Shift::Wider),
        },
        "prefixItems" | "patternProperties" | "dependentSchemas" | "$defs" => {
            if let (Some(old), Some(new)) = (old, new) {
                each(walk, &old, &new);
            }
        }
        _ => {}
    }
}

/// Whether either side says how many members `contains` may speak of at most.
fn counted(pair: &Pair<'_, '_>) -> bool {
    let counts = |schema: &Schema<'_>| schema.get("maxContains").is_some();
    counts(pair.old) || counts(pair.new)
}

/// Compares what has the same name, or the same index, on both sides.
fn each<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    let was: BTreeMap<String, Node<'a>> = old.children().into_iter().collect();
    let is: BTreeMap<String, Node<'a>> = new.children().into_iter().collect();
    for (key, member) in was.iter().filter(|(key, _)| !is.contains_key(*key)) {
        walk.unclassified(member, Side::Old, format!("`{key}` was removed"));
    }
    for (key, member) in &is {
        match was.get(key) {
            Some(was) => compare(walk, was, member),
            None => walk.unclassified(member, Side::New, format!("`{key}` was added")),
        }
    }
}

fn default<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>) {
    let (at, side) = pair.place("default");
    let what = match (pair.old.get("default"), pair.new.get("default")) {
        (Some(old), Some(new)) => format!("the default goes from {} to {}", brief(old), brief(new)),
        (None, Some(new)) => format!("the default {} was added", brief(new)),
        (Some(old), None) => format!("the default {} was removed", brief(old)),
        (None, None) => return,
    };
    let (class, why) = match (walk.flow(), pair.old.get("default")) {
        (Some(Flow::Request), Some(_)) => (
            Class::Breaking,
            "Callers who leave the value out get another behaviour than today.",
        ),
        (Some(Flow::Request), None) => (
            Class::Compatible,
            "It says what leaving the value out means, which was not said before.",
        ),
        (Some(Flow::Response), Some(_)) => (
            Class::Unclassified,
            "Callers may still take an absent value for what it meant before.",
        ),
        _ => (
            Class::Compatible,
            "It only says what an absent value means.",
        ),
    };
    walk.emit(&at, side, what, class, why);
}
