//! The net below the rules: a plain structural comparison, so that no difference goes unreported.

use serde_json::Value;

use super::node::{Node, join, keys_of};
use super::view::is_words;
use super::walk::Walk;
use crate::drift::types::Side;

/// Reports what differs and was neither judged nor seen by any rule.
pub(super) fn spread(walk: &mut Walk<'_>) {
    let mut found = Vec::new();
    differences(
        String::new(),
        Some(walk.old),
        Some(walk.new),
        false,
        &mut found,
    );
    for Difference {
        pointer,
        side,
        words,
    } in found
    {
        if known(walk, side, &pointer) {
            continue;
        }
        let Some(node) = Node::at(walk.document(side), &pointer) else {
            continue;
        };
        if words {
            walk.words(&node, side, "the words changed");
        } else {
            walk.unclassified(&node, side, "it changed");
        }
    }
}

/// Whether a rule has reported this place or looked at all that is written there.
fn known(walk: &Walk<'_>, side: Side, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    walk.visited(side, parent) || walk.reported(pointer)
}

struct Difference {
    pointer: String,
    side: Side,
    words: bool,
}

fn differences(
    pointer: String,
    old: Option<&Value>,
    new: Option<&Value>,
    words: bool,
    found: &mut Vec<Difference>,
) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for key in keys_of(Some(a), Some(b)) {
                let words = words || is_words(key);
                differences(join(&pointer, key), a.get(key), b.get(key), words, found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
            for (index, (old, new)) in a.iter().zip(b).enumerate() {
                let pointer = join(&pointer, &index.to_string());
                differences(pointer, Some(old), Some(new), words, found);
            }
        }
        _ => {
            let side = if new.is_some() { Side::New } else { Side::Old };
            found.push(Difference {
                pointer,
                side,
                words,
            });
        }
    }
}
