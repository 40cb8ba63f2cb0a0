//! Rules for operations: which there are, what they take and what they answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::body;
use super::delta::{Delta, deltas};
use super::document;
use super::node::{Node, follow, keys_of, place};
use super::parameter;
use super::servers;
use super::walk::{Flow, Walk};
use crate::drift::types::{Class, Side};

pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A path without the names of its parameters, which do not tell paths apart.
pub(super) fn template(path: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in path.chars() {
        match (c, inside) {
            ('{', _) => {
                inside = true;
                out.push_str("{}");
            }
            ('}', true) => inside = false,
            (_, true) => {}
            _ => out.push(c),
        }
    }
    out
}

/// The names of a path's parameters, in order.
pub(super) fn path_names(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    parts
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

/// Compares everything below `paths`.
pub(super) fn compare_paths<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let items = |node: &Node<'a>| -> BTreeMap<String, BTreeMap<String, Node<'a>>> {
        let mut items = BTreeMap::<_, BTreeMap<_, _>>::new();
        for (path, item) in node.children() {
            items.entry(template(&path)).or_default().insert(path, item);
        }
        items
    };
    let before = walk.activity();
    let (mut olds, mut news) = (items(old), items(new));
    let templates: BTreeSet<_> = olds.keys().chain(news.keys()).cloned().collect();
    for key in templates {
        let mut was = olds.remove(&key).unwrap_or_default();
        let mut is = news.remove(&key).unwrap_or_default();
        // Paths that differ in their parameters' names alone are one path, unless a document has both.
        was.retain(|path, node| match is.remove(path) {
            Some(after) => {
                path_item(walk, path, path, node, &after);
                false
            }
            None => true,
        });
        let (mut was, mut is) = (was.into_iter(), is.into_iter());
        loop {
            match (was.next(), is.next()) {
                (Some((from, old)), Some((to, new))) => path_item(walk, &from, &to, &old, &new),
                (Some((path, old)), None) => one_sided(walk, &path, &old, Side::Old),
                (None, Some((path, new))) => one_sided(walk, &path, &new, Side::New),
                (None, None) => break,
            }
        }
    }
    walk.rewritten_table(before, Some(old), Some(new), "paths");
}

/// A path that only one document has.
fn one_sided<'a>(walk: &mut Walk<'a>, path: &str, node: &Node<'a>, side: Side) {
    if path.starts_with("x-") {
        return walk.words(node, side, format!("the extension `{path}` came or went"));
    }
    let item = follow(walk.document(side), node).unwrap_or_else(|| node.clone());
    let mut any = false;
    for (key, operation) in item.children() {
        if METHODS.contains(&key.as_str()) {
            any = true;
            lone_operation(walk, &operation, side, &key, path);
        }
    }
    if !any {
        walk.emit(
            node,
            side,
            format!("the path `{path}` came or went without any operation"),
            Class::Documentation,
            "There is nothing to call.",
        );
    }
}

fn lone_operation(walk: &mut Walk<'_>, at: &Node<'_>, side: Side, method: &str, path: &str) {
    let method = method.to_uppercase();
    let (what, class, why) = match side {
        Side::Old => (
            format!("the operation `{method} {path}` was removed"),
            Class::Breaking,
            "Callers of it have nothing to call any more.",
        ),
        Side::New => (
            format!("the operation `{method} {path}` was added"),
            Class::Compatible,
            "Nobody calls it yet.",
        ),
    };
    walk.emit(at, side, what, class, why);
}

fn path_item<'a>(walk: &mut Walk<'a>, from: &str, to: &str, old: &Node<'a>, new: &Node<'a>) {
    if from == to && old.value == new.value {
        return;
    }
    if from != to {
        let what = format!("the path `{from}` is written `{to}`");
        let why = "The request is the same; the generated methods name the parameter anew.";
        walk.emit(new, Side::New, what, Class::Breaking, why);
    }
    if from.starts_with("x-") {
        return walk.words(new, Side::New, format!("the extension `{from}` changed"));
    }
    walk.beside(old, new);
    let (was, is) = (walk.resolve(Side::Old, old), walk.resolve(Side::New, new));
    let (Some(old), Some(new)) = (was, is) else {
        return walk.unclassified(new, Side::New, "a path leads nowhere");
    };
    let before = walk.activity();
    // A method that is written as it was may still take what its path now says otherwise.
    for key in keys_of(old.map(), new.map()) {
        if METHODS.contains(&key)
            && let (Some(was), Some(is)) = (old.child(key), new.child(key))
        {
            operation(walk, [from, to], [&old, &new], &was, &is);
        }
    }
    for (key, delta) in deltas(Some(&old), Some(&new)) {
        match (key, &delta) {
            (_, Delta::Changed { .. }) if METHODS.contains(&key) => {}
            (_, Delta::Removed(was)) if METHODS.contains(&key) => {
                lone_operation(walk, was, Side::Old, key, from);
            }
            (_, Delta::Added(is)) if METHODS.contains(&key) => {
                lone_operation(walk, is, Side::New, key, to);
            }
            // Judged with each operation, which may give a parameter of its own instead; what no
            // operation shows is left to the net that is spread below the rules.
            ("parameters", _) => {}
            ("servers", _) => {
                let root = |walk: &Walk<'a>, side| Node::root(walk.document(side)).child(key);
                let inherited = [Side::Old, Side::New].map(|side| root(walk, side));
                servers::compare(walk, &delta, inherited);
            }
            ("$ref", _) => walk.touch(),
            _ => walk.keyword(key, &delta),
        }
    }
    if walk.activity() == before && old.value != new.value {
        let shared = place(&old, &new, "parameters");
        walk.unclassified(
            &shared.0,
            shared.1,
            "the path's parameters are written in another way",
        );
    }
}

fn operation<'a>(
    walk: &mut Walk<'a>,
    paths: [&str; 2],
    items: [&Node<'a>; 2],
    old: &Node<'a>,
    new: &Node<'a>,
) {
    if !walk.visit(Some(old), Some(new)) {
        return;
    }
    if old.map().is_none() || new.map().is_none() {
        if old.value != new.value {
            walk.unclassified(
                new,
                Side::New,
                "the operation changed into or from what is none",
            );
        }
        return;
    }
    let before = walk.activity();
    walk.flowing(Some(Flow::Request), |walk| {
        parameter::compare_all(walk, paths, items, [old, new]);
    });
    for (key, delta) in deltas(Some(old), Some(new)) {
        keyword(walk, items, key, &delta);
    }
    if walk.activity() == before && old.value != new.value {
        walk.unclassified(new, Side::New, "the operation is written in another way");
    }
}

fn keyword<'a>(walk: &mut Walk<'a>, items: [&Node<'a>; 2], key: &str, delta: &Delta<'a>) {
    match key {
        "parameters" => {}
        "requestBody" => walk.flowing(Some(Flow::Request), |walk| {
            body::request(walk, delta.was(), delta.is());
        }),
        "responses" => walk.flowing(Some(Flow::Response), |walk| {
            body::responses(walk, delta.was(), delta.is());
        }),
        "operationId" => {
            let why = "The request is the same; the generated method has another name.";
            let name = |node: Option<&Node<'a>>| match node.and_then(|n| n.value.as_str()) {
                Some(name) => format!("`{name}`"),
                None => "none".to_owned(),
            };
            let (was, is) = (name(delta.was()), name(delta.is()));
            let what = format!("the operationId goes from {was} to {is}");
            walk.emit(delta.at(), delta.side(), what, Class::Breaking, why);
        }
        "deprecated" => walk.deprecated(delta),
        "security" => {
            // An operation that says nothing is held to what the document says for all.
            let was = delta.was().cloned();
            let was = was.or_else(|| Node::root(walk.old).child(key));
            let is = delta.is().cloned();
            let is = is.or_else(|| Node::root(walk.new).child(key));
            document::requirements(walk, [was.as_ref(), is.as_ref()], delta);
        }
        "servers" => {
            let roots = [walk.old, walk.new].map(Node::root);
            let inherited = |i: usize| items[i].child(key).or_else(|| roots[i].child(key));
            servers::compare(walk, delta, [inherited(0), inherited(1)]);
        }
        _ => walk.keyword(key, delta),
    }
}

/// A label for an operation: method, path and name.
pub(super) fn label(method: &str, path: &str, operation: &Map<String, Value>) -> String {
    let call = format!("{} {path}", method.to_uppercase());
    match operation.get("operationId").and_then(Value::as_str) {
        Some(id) => format!("{call} ({id})"),
        None => call,
    }
}
