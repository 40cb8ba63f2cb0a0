//! Rules for what is declared once and referred to: schemas, responses, parameters, security schemes.

use serde_json::Map;

use super::delta::{Delta, deltas};
use super::node::Node;
use super::reach::Reach;
use super::view::is_words;
use super::walk::Walk;
use super::{body, parameter, schema};
use crate::drift::types::{Class, Side};

/// Compares what has the same name on both sides, in the directions in which it flows.
pub(super) fn compare<'a>(walk: &mut Walk<'a>, reach: &Reach, old: &Node<'a>, new: &Node<'a>) {
    walk.visit(Some(old), Some(new));
    if old.map().is_none() || new.map().is_none() {
        walk.unclassified(new, Side::New, "it changed into or from what is no table");
    }
    for (kind, delta) in deltas(Some(old), Some(new)) {
        let (at, side) = (delta.at(), delta.side());
        if is_words(kind) || ["examples", "links"].contains(&kind) {
            walk.words(at, side, format!("`{kind}` {}", delta.verb()));
            continue;
        }
        let (was, is) = (delta.was(), delta.is());
        walk.visit(was, is);
        let tables: Vec<_> = was.into_iter().chain(is).map(Node::map).collect();
        if tables.iter().all(|table| table.is_none_or(Map::is_empty)) {
            walk.rewritten(at, format!("`{kind}` is written in another way"));
        }
        if tables.iter().any(Option::is_none) {
            let what = format!("`{kind}` changed into or from what is no table");
            walk.unclassified(at, side, what);
        }
        for (_, delta) in deltas(was, is) {
            match delta {
                Delta::Changed { was, is } => {
                    for flow in reach.flows(&is.ptr) {
                        walk.flowing(Some(flow), |walk| component(walk, kind, &was, &is));
                    }
                }
                // What others refer to is judged where they do, so the rest is known only at the end.
                Delta::Removed(was) => walk.later(was, Side::Old),
                Delta::Added(is) => walk.later(is, Side::New),
            }
        }
    }
}

fn component<'a>(walk: &mut Walk<'a>, kind: &str, old: &Node<'a>, new: &Node<'a>) {
    if kind != "schemas" {
        walk.beside(old, new);
    }
    let (was, is) = match kind {
        "schemas" => {
            walk.enqueue(old.clone(), new.clone());
            return;
        }
        _ => match (walk.resolve(Side::Old, old), walk.resolve(Side::New, new)) {
            (Some(was), Some(is)) => (was, is),
            _ => {
                return walk.unclassified(new, Side::New, "a reference changed that leads nowhere");
            }
        },
    };
    match kind {
        "responses" => body::response_fields(walk, &was, &is),
        "requestBodies" => body::request_fields(walk, &was, &is),
        "parameters" => parameter_pair(walk, &was, &is),
        "headers" => parameter::fields(walk, &was, &is),
        "securitySchemes" => walk.flowing(None, |walk| scheme(walk, &was, &is)),
        _ => walk.unclassified(new, Side::New, "it changed"),
    }
}

fn parameter_pair<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    for key in ["name", "in"] {
        if let Some(delta) = Delta::of(Some(old), Some(new), key) {
            let what = format!("`{key}` of a shared parameter {}", delta.verb());
            let why = "Callers send it under the old name or in the old place.";
            walk.emit(delta.at(), delta.side(), what, Class::Breaking, why);
        }
    }
    parameter::fields(walk, old, new);
}

fn scheme<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    for (key, delta) in deltas(Some(old), Some(new)) {
        let what = format!("`{key}` {}", delta.verb());
        if is_words(key) || key == "bearerFormat" {
            walk.words(delta.at(), delta.side(), what);
        } else {
            let why = "Callers authenticate in the old way and are refused.";
            walk.emit(delta.at(), delta.side(), what, Class::Breaking, why);
        }
    }
    if old.map().is_none() || new.map().is_none() {
        walk.unclassified(new, Side::New, "it changed into or from what is no object");
    }
}

/// Judges a component that only one document has and that nothing led to.
fn lone_component(walk: &mut Walk<'_>, at: &Node<'_>, side: Side) {
    let name = at.ptr.rsplit('/').next().unwrap_or_default();
    let name = name.replace("~1", "/").replace("~0", "~");
    let (class, why, verb) = match side {
        Side::Old => (
            Class::Breaking,
            "Nothing refers to it any more, but callers may name the type that is generated from it.",
            "removed",
        ),
        Side::New => (
            Class::Compatible,
            "Callers of today do not know it.",
            "added",
        ),
    };
    walk.emit(
        at,
        side,
        format!("the component `{name}` was {verb}"),
        class,
        why,
    );
}

/// Compares once more, in both directions, what is referred to from anywhere though it stands elsewhere.
pub(super) fn strays(walk: &mut Walk<'_>, reach: &Reach) {
    for pointer in reach.strays() {
        let (old, new) = (Node::at(walk.old, pointer), Node::at(walk.new, pointer));
        if let (Some(old), Some(new)) = (old, new)
            && old.value != new.value
        {
            walk.enqueue(old, new);
        }
    }
}

/// Compares the pairs of schemas that references led to, until none is left; then what nothing led to.
pub(super) fn drain(walk: &mut Walk<'_>) {
    while let Some((old, new, flow)) = walk.queue.pop_front() {
        // Equal schemas under two names are judged too: there is nothing to say of them.
        walk.visit(Some(&old), Some(&new));
        walk.flowing(Some(flow), |walk| schema::compare(walk, &old, &new));
    }
    for (component, side) in walk.postponed() {
        if !walk.visited(side, &component.ptr) {
            lone_component(walk, &component, side);
        }
    }
}
