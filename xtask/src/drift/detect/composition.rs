//! Rules for `allOf`, `anyOf` and `oneOf`, and for the fields that come and go with their members.

use std::rc::Rc;

use serde_json::Value;

use super::apart::OVERLAPS;
use super::node::{Node, same_set, too_long};
use super::object::{fields, judge_added, judge_removed};
use super::overlap::Shape;
use super::schema::{Pair, compare};
use super::view::{Schema, is_null, is_words};
use super::walk::{Flow, Shift, Walk};
use crate::drift::types::Side;

pub(super) fn members<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, key: &str) {
    let (at, side) = pair.place(key);
    let (old, new) = (pair.old.node(key), pair.new.node(key));
    let adds_up = key == "allOf";
    let (Some(old), Some(new)) = (&old, &new) else {
        let (verb, by) = match new {
            Some(_) => ("was added", Shift::Narrower),
            None => ("was removed", Shift::Wider),
        };
        walk.shift(&at, side, format!("`{key}` {verb}"), by);
        match (&old, &new) {
            (Some(old), None) => fields_gone(walk, pair, &nodes(old)),
            (None, Some(new)) => fields_come(walk, pair, &nodes(new)),
            _ => {}
        }
        return;
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
    settle(walk, pair, key, new, gone, come);
}

/// Judges the members that have no counterpart on the other side.
fn settle<'a>(
    walk: &mut Walk<'a>,
    pair: &Pair<'a, '_>,
    key: &str,
    new: &Node<'a>,
    mut gone: Vec<Node<'a>>,
    mut come: Vec<Node<'a>>,
) {
    let adds_up = key == "allOf";
    let (gain, loss) = if adds_up {
        (Shift::Narrower, Shift::Wider)
    } else {
        (Shift::Wider, Shift::Narrower)
    };
    let shapes: Shapes<'a> = match key {
        "oneOf" => nodes(new)
            .into_iter()
            .map(|node| (node.clone(), walk.shape(Side::New, &node)))
            .collect(),
        _ => Vec::new(),
    };
    let pairs = gone.len().min(come.len());
    for (was, is) in gone
        .drain(..pairs)
        .zip(come.drain(..pairs))
        .collect::<Vec<_>>()
    {
        compare(walk, &was, &is);
        // What one member takes now, another may have taken alone before.
        let sent = walk.flow() == Some(Flow::Request);
        if key == "oneOf" && sent && scalar_changed(walk, &was, &is) && overlaps(walk, &shapes, &is)
        {
            walk.shift(&is, Side::New, OVERLAPS, Shift::Other);
        }
    }
    if adds_up {
        fields_gone(walk, pair, &gone);
        fields_come(walk, pair, &come);
    }
    for was in gone {
        let what = format!("a member of `{key}` was removed");
        walk.shift(&was, Side::Old, what, loss);
    }
    let told_apart = [pair.old, pair.new].map(|schema| schema.get("discriminator").is_some());
    for is in come {
        // A value that two members take is refused, though one of them took it alone before.
        let by = match key {
            "oneOf" if told_apart != [true; 2] && overlaps(walk, &shapes, &is) => Shift::Other,
            _ => gain,
        };
        let what = format!("a member of `{key}` was added");
        walk.shift(&is, Side::New, what, by);
    }
}

fn nodes<'a>(list: &Node<'a>) -> Vec<Node<'a>> {
    list.children()
        .into_iter()
        .map(|(_, member)| member)
        .collect()
}

/// The members of a list with what is known of their values.
type Shapes<'a> = Vec<(Node<'a>, Rc<Shape<'a>>)>;

/// Whether another member may take a value that this one takes.
fn overlaps<'a>(walk: &mut Walk<'a>, members: &Shapes<'a>, member: &Node<'a>) -> bool {
    let shape = walk.shape(Side::New, member);
    let mut others = members.iter().filter(|(other, _)| other.ptr != member.ptr);
    others.any(|(_, other)| !walk.step() || !shape.is_apart_from(other))
}

/// Whether a member that holds no fields limits other values than before.
fn scalar_changed<'a>(walk: &mut Walk<'a>, was: &Node<'a>, is: &Node<'a>) -> bool {
    let limits = |node: &Node<'a>| -> Vec<(&String, &Value)> {
        let map = node.map().into_iter().flatten();
        map.filter(|(key, _)| !is_words(key)).collect()
    };
    limits(was) != limits(is) && walk.shape(Side::New, is).is_scalar()
}

/// Judges the fields that members held and that are held no more.
fn fields_gone<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, members: &[Node<'a>]) {
    if members.is_empty() {
        return;
    }
    let left = fields(walk, Side::New, pair.new.layers.clone());
    let perhaps = fields(walk, Side::New, alternatives(pair.new));
    for member in members {
        let mut gone = Vec::new();
        for (name, (was, _)) in fields(walk, Side::Old, vec![member.clone()]) {
            match left.get(name) {
                Some((is, _)) => compare(walk, &was, is),
                None if perhaps.contains_key(name) => {}
                None => gone.push(name),
            }
        }
        if !gone.is_empty() {
            let (class, why) = judge_removed(walk.flow());
            let what = format!("{} went with it", listed(&gone));
            walk.emit(member, Side::Old, what, class, why);
        }
    }
}

/// Judges the fields that members hold and that were not held before.
fn fields_come<'a>(walk: &mut Walk<'a>, pair: &Pair<'a, '_>, members: &[Node<'a>]) {
    if members.is_empty() {
        return;
    }
    let known = fields(walk, Side::Old, pair.old.layers.clone());
    let perhaps = fields(walk, Side::Old, alternatives(pair.old));
    for member in members {
        let mut come = fields(walk, Side::New, vec![member.clone()]);
        come.retain(|name, _| !known.contains_key(name) && !perhaps.contains_key(name));
        let names: Vec<&str> = come.keys().copied().collect();
        let flow = walk.flow();
        let judged = come
            .values()
            .map(|(is, required)| judge_added(flow, pair, is, *required));
        if let Some((class, why)) = judged.max_by_key(|(class, _)| *class) {
            let what = format!("{} came with it", listed(&names));
            walk.emit(member, Side::New, what, class, why);
        }
    }
}

/// The members of a schema's unions, whose fields may be there.
fn alternatives<'a>(schema: &Schema<'a>) -> Vec<Node<'a>> {
    let unions = ["anyOf", "oneOf"]
        .into_iter()
        .filter_map(|key| schema.node(key));
    unions.flat_map(|list| nodes(&list)).collect()
}

/// Some names, for a sentence.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let kind = if names.len() == 1 {
        "the field"
    } else {
        "the fields"
    };
    format!("{kind} {}{more}", shown.join(", "))
}
