//! What two objects or tables disagree on, entry by entry: the loop that most rules are written in.

use super::node::{Node, keys_of};
use crate::drift::types::Side;

/// What became of one entry.
#[derive(Debug)]
pub(super) enum Delta<'a> {
    Changed { was: Node<'a>, is: Node<'a> },
    Removed(Node<'a>),
    Added(Node<'a>),
}

impl<'a> Delta<'a> {
    /// The entries under one key; `None` if they are the same, or there are none.
    pub(super) fn of(old: Option<&Node<'a>>, new: Option<&Node<'a>>, key: &str) -> Option<Self> {
        let child = |node: Option<&Node<'a>>| node.and_then(|node| node.child(key));
        match (child(old), child(new)) {
            (Some(was), Some(is)) if was.value != is.value => Some(Self::Changed { was, is }),
            (Some(was), None) => Some(Self::Removed(was)),
            (None, Some(is)) => Some(Self::Added(is)),
            _ => None,
        }
    }

    pub(super) fn was(&self) -> Option<&Node<'a>> {
        match self {
            Self::Changed { was, .. } | Self::Removed(was) => Some(was),
            Self::Added(_) => None,
        }
    }

    pub(super) fn is(&self) -> Option<&Node<'a>> {
        match self {
            Self::Changed { is, .. } | Self::Added(is) => Some(is),
            Self::Removed(_) => None,
        }
    }

    /// Where to report it: in the new document, unless it is no longer there.
    pub(super) fn at(&self) -> &Node<'a> {
        match self {
            Self::Changed { is: node, .. } | Self::Removed(node) | Self::Added(node) => node,
        }
    }

    pub(super) fn side(&self) -> Side {
        match self {
            Self::Removed(_) => Side::Old,
            Self::Changed { .. } | Self::Added(_) => Side::New,
        }
    }

    /// How it came or went, for what no closer rule explains.
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Removed(_) => "was removed",
            Self::Added(_) => "was added",
        }
    }
}

/// Every entry that differs, under its key, in the order of keys.
pub(super) fn deltas<'a>(
    old: Option<&Node<'a>>,
    new: Option<&Node<'a>>,
) -> impl Iterator<Item = (&'a str, Delta<'a>)> {
    let keys = keys_of(old.and_then(Node::map), new.and_then(Node::map));
    keys.into_iter()
        .filter_map(move |key| Some((key, Delta::of(old, new, key)?)))
}
