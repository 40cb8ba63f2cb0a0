//! Rules for parameters, wherever they are declared.

use std::collections::BTreeMap;

use serde_json::Value;

use super::delta::{Delta, deltas};
use super::node::Node;
use super::operation::path_names;
use super::walk::{Flow, Shift, Walk};
use super::{body, schema};
use crate::drift::types::{Class, Side};

/// A parameter's place in the request: where it goes, and its name or index there.
type Key = (String, String);

struct Parameter<'a> {
    place: String,
    name: String,
    /// Where it is declared, before any reference is followed.
    declared: Node<'a>,
    node: Node<'a>,
}

/// The parameters that hold for an operation, and those of its path that it gives otherwise.
struct Parameters<'a> {
    valid: BTreeMap<Key, Parameter<'a>>,
    order: Vec<Key>,
    overridden: Vec<&'a Value>,
}

fn collect<'a>(
    walk: &mut Walk<'a>,
    side: Side,
    path: &str,
    [shared, own]: [Option<Node<'a>>; 2],
) -> Parameters<'a> {
    let names = path_names(path);
    let mut of = |list: Option<Node<'a>>| {
        let mut found = BTreeMap::<Key, Parameter<'a>>::new();
        let mut order = Vec::new();
        for (index, declared) in list.iter().flat_map(Node::children) {
            let (mut key, parameter) = identify(walk, side, &names, declared);
            // A second one of the same name is a mistake, and still compared.
            if found.contains_key(&key) {
                key.1 = format!("{}#{index}", key.1);
            }
            order.push(key.clone());
            found.insert(key, parameter);
        }
        (found, order)
    };
    let ((mut valid, mut order), (own, own_order)) = (of(shared), of(own));
    let mut overridden = Vec::new();
    for (key, parameter) in own {
        let before = valid.insert(key, parameter);
        overridden.extend(before.map(|parameter| parameter.node.value));
    }
    order.extend(own_order);
    Parameters {
        valid,
        order,
        overridden,
    }
}

fn identify<'a>(
    walk: &mut Walk<'a>,
    side: Side,
    names: &[&str],
    declared: Node<'a>,
) -> (Key, Parameter<'a>) {
    let known = walk.resolve(side, &declared).and_then(|node| {
        let (name, place) = (node.text("name")?.to_owned(), node.text("in")?.to_owned());
        Some((node, name, place))
    });
    let Some((node, name, place)) = known else {
        let key = ("?".to_owned(), declared.value.to_string());
        let parameter = Parameter {
            place: "?".to_owned(),
            name: String::new(),
            node: declared.clone(),
            declared,
        };
        return (key, parameter);
    };
    // A path's parameters are told apart by where they stand in it, headers whatever their case.
    let id = match (place.as_str(), names.iter().position(|n| *n == name)) {
        ("path", Some(index)) => format!("#{index}"),
        ("header", _) => name.to_lowercase(),
        _ => name.clone(),
    };
    let key = (place.clone(), id);
    let parameter = Parameter {
        place,
        name,
        declared,
        node,
    };
    (key, parameter)
}

pub(super) fn compare_all<'a>(
    walk: &mut Walk<'a>,
    paths: [&str; 2],
    items: [&Node<'a>; 2],
    operations: [&Node<'a>; 2],
) {
    let lists = |i: usize| {
        [
            items[i].child("parameters"),
            operations[i].child("parameters"),
        ]
    };
    let raw = |i: usize| lists(i).map(|list| list.map(|l| l.value));
    if raw(0) == raw(1) && paths[0] == paths[1] {
        return;
    }
    let before = walk.activity();
    let olds = collect(walk, Side::Old, paths[0], lists(0));
    let news = collect(walk, Side::New, paths[1], lists(1));
    for (key, old) in &olds.valid {
        match news.valid.get(key) {
            Some(new) => compare(walk, old, new),
            None => removed(walk, old),
        }
    }
    let fresh = |(key, _): &(&Key, _)| !olds.valid.contains_key(key);
    for (_, new) in news.valid.iter().filter(fresh) {
        added(walk, new);
    }
    let list = lists(1).into_iter().flatten().last();
    let at = list.unwrap_or_else(|| operations[1].clone());
    let lengths = |i: usize| raw(i).map(|list| list.and_then(Value::as_array).map(Vec::len));
    if olds.overridden != news.overridden {
        walk.rewritten(
            &at,
            "a parameter of the path changed that does not hold here",
        );
    } else if olds.order == news.order && lengths(0) == lengths(1) {
        // The same parameters in the same order, declared elsewhere: nothing to say.
        walk.touch();
    } else if walk.activity() == before && raw(0) != raw(1) {
        walk.rewritten(&at, "the parameters are declared in another way or order");
    }
}

fn removed(walk: &mut Walk<'_>, old: &Parameter<'_>) {
    let place = &old.place;
    if place == "?" {
        return walk.unclassified(
            &old.declared,
            Side::Old,
            "a parameter that leads nowhere was removed",
        );
    }
    let what = format!("the {place} parameter `{}` was removed", old.name);
    let why = "Callers who send it can no longer, or are ignored.";
    walk.emit(&old.declared, Side::Old, what, Class::Breaking, why);
}

fn added(walk: &mut Walk<'_>, new: &Parameter<'_>) {
    let place = &new.place;
    if place == "?" {
        return walk.unclassified(
            &new.declared,
            Side::New,
            "a parameter that leads nowhere was added",
        );
    }
    let required = new.node.get("required") == Some(&Value::Bool(true));
    let (kind, class, why) = if required {
        let why = "What callers send today lacks it and is refused.";
        ("required", Class::Breaking, why)
    } else {
        ("optional", Class::Compatible, "Callers may leave it out.")
    };
    let what = format!("the {kind} {place} parameter `{}` was added", new.name);
    walk.emit(&new.declared, Side::New, what, class, why);
}

fn compare<'a>(walk: &mut Walk<'a>, old: &Parameter<'a>, new: &Parameter<'a>) {
    if old.name != new.name {
        let what = format!("the parameter `{}` is named `{}`", old.name, new.name);
        let (class, why) = if new.place == "header" {
            let why = "Headers are the same in capitals and small letters.";
            (Class::Documentation, why)
        } else {
            let why = "The request is the same; the generated method names it otherwise.";
            (Class::Breaking, why)
        };
        walk.emit(&new.node, Side::New, what, class, why);
    }
    walk.beside(&old.declared, &new.declared);
    fields(walk, &old.node, &new.node);
}

/// Compares two parameters, or two headers, which have the same fields.
pub(super) fn fields<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    if old.value == new.value || !walk.visit(Some(old), Some(new)) {
        return;
    }
    let before = walk.activity();
    for (key, delta) in deltas(Some(old), Some(new)) {
        let (at, side) = (delta.at(), delta.side());
        let what = || format!("`{key}` {}", delta.verb());
        match (key, &delta) {
            // Both are told by the pairing of parameters.
            ("name" | "in", _) => walk.touch(),
            ("required", _) => required(walk, [old, new], &delta),
            // What a schema alone describes is written by `style`, what `content` describes as a document.
            ("schema" | "content", Delta::Added(_) | Delta::Removed(_))
                if described(old) && described(new) =>
            {
                let why = "The value is written in another way than callers know it.";
                walk.emit(at, side, what(), Class::Breaking, why);
            }
            ("schema", Delta::Changed { was, is }) => schema::compare(walk, was, is),
            ("schema", Delta::Added(_)) => walk.shift(at, side, what(), Shift::Narrower),
            ("schema", Delta::Removed(_)) => walk.shift(at, side, what(), Shift::Wider),
            ("content", Delta::Added(_) | Delta::Removed(_)) => {
                walk.unclassified(at, side, what());
            }
            ("content", _) => body::content(walk, delta.was(), delta.is()),
            ("style" | "explode", _) if spelling(old) == spelling(new) => {
                walk.rewritten(at, format!("`{key}` says what held already"));
            }
            ("style" | "explode", _) => {
                let why = "The value is written in another way than callers write it today.";
                walk.emit(at, side, what(), Class::Breaking, why);
            }
            ("allowEmptyValue", _) => {
                let set = |node: &Node<'a>| node.get(key) == Some(&Value::Bool(true));
                match (set(old), set(new)) {
                    (true, false) => walk.shift(at, side, what(), Shift::Narrower),
                    (false, true) => walk.shift(at, side, what(), Shift::Wider),
                    _ => walk.rewritten(at, what()),
                }
            }
            ("deprecated", _) => walk.deprecated(&delta),
            _ => walk.keyword(key, &delta),
        }
    }
    if walk.activity() == before {
        walk.unclassified(new, Side::New, "it is written in another way");
    }
}

fn described(node: &Node<'_>) -> bool {
    node.get("schema").is_some() || node.get("content").is_some()
}

fn required<'a>(walk: &mut Walk<'a>, [old, new]: [&Node<'a>; 2], delta: &Delta<'a>) {
    let (at, side) = (delta.at(), delta.side());
    let set = |node: &Node<'a>| node.get("required") == Some(&Value::Bool(true));
    let it = match new.text("name") {
        Some(name) => format!("the parameter `{name}`"),
        None => "the header".to_owned(),
    };
    match (set(old), set(new)) {
        (false, true) => walk.shift(at, side, format!("{it} is required now"), Shift::Narrower),
        (true, false) => walk.shift(
            at,
            side,
            format!("{it} is no longer required"),
            Shift::Wider,
        ),
        _ => walk.rewritten(at, "`required` says what held already"),
    }
}

/// How a parameter's value is written, with what holds when nothing is said.
fn spelling<'a>(node: &Node<'a>) -> (&'a str, Option<bool>) {
    let usual = match node.text("in") {
        Some("query" | "cookie") => "form",
        _ => "simple",
    };
    let style = match node.get("style") {
        None => usual,
        Some(style) => style.as_str().unwrap_or("?"),
    };
    let explode = match node.get("explode") {
        None => Some(style == "form"),
        Some(explode) => explode.as_bool(),
    };
    (style, explode)
}

/// Compares the headers of a response or of a part, by name.
pub(super) fn headers<'a>(walk: &mut Walk<'a>, old: Option<&Node<'a>>, new: Option<&Node<'a>>) {
    if !walk.visit(old, new) {
        return;
    }
    let before = walk.activity();
    for (name, delta) in deltas(old, new) {
        let (class, why) = match &delta {
            Delta::Changed { was, is } => {
                header(walk, name, was, is);
                continue;
            }
            Delta::Removed(_) => (Class::Breaking, "Callers who use it find it gone."),
            Delta::Added(_) if walk.flow() == Some(Flow::Response) => (
                Class::Compatible,
                "Callers skip headers that they do not know.",
            ),
            Delta::Added(_) => (
                Class::Unclassified,
                "Whether callers have to send it is not known.",
            ),
        };
        let what = format!("the header `{name}` {}", delta.verb());
        walk.emit(delta.at(), delta.side(), what, class, why);
    }
    walk.rewritten_table(before, old, new, "headers");
}

fn header<'a>(walk: &mut Walk<'a>, name: &str, was: &Node<'a>, is: &Node<'a>) {
    match (walk.resolve(Side::Old, was), walk.resolve(Side::New, is)) {
        (Some(old), Some(new)) => {
            walk.beside(was, is);
            fields(walk, &old, &new);
            walk.touch();
        }
        _ => walk.unclassified(is, Side::New, format!("the header `{name}` leads nowhere")),
    }
}
