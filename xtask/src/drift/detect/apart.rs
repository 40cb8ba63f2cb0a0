//! Members of `oneOf` that no value fitted together and some value fits now.
//!
//! Such a value was taken and is refused. What changed may stand far from the list: behind references
//! that all stayed the same, so every list is looked at, not only those that differ.

use std::collections::HashMap;
use std::rc::Rc;

use super::node::{Node, too_long};
use super::overlap::Shape;
use super::reach::Reach;
use super::view::is_words;
use super::walk::{Flow, Shift, Walk};
use crate::drift::types::Side;

/// What the rule for a list that differs says of it, too.
pub(super) const OVERLAPS: &str = "a member of `oneOf` changed that another one overlaps";

/// Keywords whose value is data and holds no schema.
const DATA: [&str; 3] = ["default", "const", "enum"];

pub(super) fn spread(walk: &mut Walk<'_>, reach: &Reach) {
    let mut open = vec![Node::root(walk.new)];
    while let Some(new) = open.pop() {
        if new.get("oneOf").is_some()
            && is_sent(reach, &new.ptr)
            && let Some(old) = Node::at(walk.old, &new.ptr)
        {
            members(walk, &old, &new);
        }
        let parts = new.children().into_iter();
        let schemas = parts.filter(|(key, _)| !is_words(key) && !DATA.contains(&key.as_str()));
        open.extend(schemas.map(|(_, part)| part));
    }
}

/// One member of a list, as it was and as it is.
struct Member<'a> {
    node: Node<'a>,
    was: Rc<Shape<'a>>,
    is: Rc<Shape<'a>>,
}

fn members<'a>(walk: &mut Walk<'a>, old: &Node<'a>, new: &Node<'a>) {
    let told_apart = [old, new].iter().all(|n| n.get("discriminator").is_some());
    let (Some(before), Some(after)) = (old.child("oneOf"), new.child("oneOf")) else {
        return;
    };
    if told_apart || too_long(Some(before.value), Some(after.value)) {
        return;
    }
    let (before, after) = (before.children(), after.children());
    let named: HashMap<&str, &Node<'a>> = before
        .iter()
        .filter_map(|(_, node)| Some((node.text("$ref")?, node)))
        .collect();
    let members: Vec<Member<'a>> = (0..)
        .zip(after)
        .filter_map(|(index, (_, node)): (usize, _)| {
            let partner = match node.text("$ref") {
                Some(reference) => *named.get(reference)?,
                None => &before.get(index)?.1,
            };
            let was = walk.shape(Side::Old, partner);
            let is = walk.shape(Side::New, &node);
            Some(Member { node, was, is })
        })
        .collect();
    for (index, member) in members.iter().enumerate() {
        if member.was == member.is {
            continue;
        }
        let mut others = members.iter().enumerate();
        let meets = others.any(|(other, known)| {
            other != index
                && walk.step()
                && member.was.is_apart_from(&known.was)
                && !member.is.is_apart_from(&known.is)
        });
        if meets {
            walk.flowing(Some(Flow::Request), |walk| {
                walk.shift(&member.node, Side::New, OVERLAPS, Shift::Other);
            });
        }
    }
}

/// Whether callers send what a schema describes.
fn is_sent(reach: &Reach, pointer: &str) -> bool {
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    match segments.as_slice() {
        ["components", kind, name, ..] => {
            let flows = reach.flows(&format!("/components/{kind}/{name}"));
            flows.contains(&Flow::Request)
        }
        [root @ ("paths" | "webhooks"), _, rest @ ..] => {
            // A callback is a call to the caller, and its answer is what the caller sends.
            let holders = rest.iter().take_while(|segment| **segment != "schema");
            let turns = holders.filter(|segment| ["callbacks", "responses"].contains(segment));
            (turns.count() % 2 == 0) == (*root == "paths")
        }
        _ => false,
    }
}
