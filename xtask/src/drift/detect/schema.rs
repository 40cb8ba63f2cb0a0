//! Rules for schemas: what a caller may send, and what may arrive.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::node::{Node, brief, same_set, too_long, verb};
use super::view::{Schema, is_null, is_words};
use super::walk::{Flow, Shift, Walk};
use super::{limits, object, values};
use crate::drift::types::{Class, Side};

/// Two views of what should be the same schema.
pub(super) struct Pair<'a, 'b> {
    pub(super) old: &'b Schema<'a>,
    pub(super) new: &'b Schema<'a>,
    /// Where the new schema begins.
    pub(super) here: &'b Node<'a>,
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
        "allOf" | "anyOf" | "oneOf" => members(walk, pair, key),
        "default" => default(walk, pair),
        "items"
        | "contains"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "contentSchema" => match (old, new) {
            (Some(old), Some(new)) => compare(walk, &old, &new),
            (None, Some(new)) if object::allows_all(new.value) => {
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
        _ => (
            Class::Compatible,
            "It only says what an absent value means.",
        ),
    };
    walk.emit(&at, side, what, class, why);
}

fn members<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.node(key), pair.new.node(key));
    let adds_up = key == "allOf";
    let (gain, loss) = if adds_up {
        (Shift::Narrower, Shift::Wider)
    } else {
        (Shift::Wider, Shift::Narrower)
    };
    let (Some(old), Some(new)) = (&old, &new) else {
        let (verb, by) = match new {
            Some(_) => ("was added", Shift::Narrower),
            None => ("was removed", Shift::Wider),
        };
        return walk.shift(&at, side, format!("`{key}` {verb}"), by);
    };
    let (Some(before), Some(after)) = (old.value.as_array(), new.value.as_array()) else {
        return;
    };
    // What is not judged here is reported as unclassified by the caller.
    if too_long(Some(old.value), Some(new.value)) || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let kept = |node: &Node<'a>, others: &[Value]| -> Vec<Node<'a>> {
        let all = node.children().into_iter().map(|(_, member)| member);
        all.filter(|m| !others.contains(m.value) && (adds_up || !is_null(m.value)))
            .collect()
    };
    let (mut gone, mut come) = (kept(old, after), kept(new, before));
    if gone.is_empty() && come.is_empty() {
        if same_set(before, after) || pair.old.null() == pair.new.null() {
            walk.rewritten(
                &at,
                format!("the members of `{key}` are written in another way"),
            );
        } else {
            walk.touch();
        }
        return;
    }
    // Members that refer to the same schema belong together; what is left is paired as it comes.
    let same =
        |a: &Node<'_>, b: &Node<'_>| a.text("$ref").is_some() && a.text("$ref") == b.text("$ref");
    gone.retain(|was| match come.iter().position(|is| same(was, is)) {
        Some(index) => {
            let is = come.remove(index);
            compare(walk, was, &is);
            false
        }
        None => true,
    });
    let pairs = gone.len().min(come.len());
    for (was, is) in gone
        .drain(..pairs)
        .zip(come.drain(..pairs))
        .collect::<Vec<_>>()
    {
        compare(walk, &was, &is);
    }
    for was in gone {
        walk.shift(
            &was,
            Side::Old,
            format!("a member of `{key}` was removed"),
            loss,
        );
    }
    for is in come {
        walk.shift(
            &is,
            Side::New,
            format!("a member of `{key}` was added"),
            gain,
        );
    }
}
