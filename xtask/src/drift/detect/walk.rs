//! The state that the rules share: where they stand, what they have found, what is still to be compared.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::delta::Delta;
use super::node::{LONGEST_CHAIN, Node, keys_of, place, target, verb};
use super::object::required_undescribed;
use super::overlap::Shape;
use super::view::is_words;
use crate::drift::types::{Change, Class, Direction, Side};

pub(super) use super::flow::{Flow, Shift};

/// More pairs of nodes than any real document has; beyond it the report says that it was cut short.
const MAX_STEPS: usize = 2_000_000;

pub(super) struct Walk<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) queue: VecDeque<(Node<'a>, Node<'a>, Flow)>,
    postponed: Vec<(Node<'a>, Side)>,
    paired: HashSet<(String, String, Flow)>,
    seen_old: HashSet<String>,
    seen_new: HashSet<String>,
    changes: BTreeMap<(String, String), Change>,
    /// What some object of the new document requires and another describes.
    pub(super) required_elsewhere: HashSet<&'a str>,
    shapes: HashMap<(Side, String), Rc<Shape<'a>>>,
    flow: Option<Flow>,
    steps: usize,
    activity: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self {
            old,
            new,
            queue: VecDeque::new(),
            postponed: Vec::new(),
            paired: HashSet::new(),
            seen_old: HashSet::new(),
            seen_new: HashSet::new(),
            changes: BTreeMap::new(),
            required_elsewhere: required_undescribed(new),
            shapes: HashMap::new(),
            flow: None,
            steps: 0,
            activity: 0,
        }
    }

    pub(super) fn document(&self, side: Side) -> &'a Value {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    /// What is known of the values of a schema, found out once for each place.
    pub(super) fn shape(&mut self, side: Side, from: &Node<'a>) -> Rc<Shape<'a>> {
        let document = self.document(side);
        let mut keys = from.map().into_iter().flat_map(Map::keys);
        let alone = keys.all(|key| key == "$ref" || is_words(key));
        let reference = from.text("$ref").filter(|_| alone);
        let node = reference.and_then(|r| target(document, r));
        let node = node.as_ref().unwrap_or(from);
        let shape = self.shapes.entry((side, node.ptr.clone()));
        Rc::clone(shape.or_insert_with(|| Rc::new(Shape::of(document, node))))
    }

    /// Counts work that belongs to no pair of places; false once the walk has gone on too long.
    pub(super) fn step(&mut self) -> bool {
        self.visit(None, None)
    }

    /// Runs `rules` for data that flows this way.
    pub(super) fn flowing<T>(
        &mut self,
        flow: Option<Flow>,
        rules: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.flow, flow);
        let result = rules(self);
        self.flow = before;
        result
    }

    /// Grows with every finding, so that a rule that found nothing in what differs is noticed.
    pub(super) fn activity(&self) -> usize {
        self.activity
    }

    /// Notes that a difference is reported by another rule.
    pub(super) fn touch(&mut self) {
        self.activity += 1;
    }

    /// Two schemas to compare later: a queue, so that chains of references cost no stack.
    pub(super) fn enqueue(&mut self, old: Node<'a>, new: Node<'a>) {
        self.activity += 1;
        let flows = self
            .flow
            .map_or(vec![Flow::Request, Flow::Response], |f| vec![f]);
        for flow in flows {
            if self.paired.insert((old.ptr.clone(), new.ptr.clone(), flow)) {
                self.queue.push_back((old.clone(), new.clone(), flow));
            }
        }
    }

    /// Remembers a component of one document alone until everything that may lead to it has been seen.
    pub(super) fn later(&mut self, component: Node<'a>, side: Side) {
        self.postponed.push((component, side));
    }

    pub(super) fn postponed(&mut self) -> Vec<(Node<'a>, Side)> {
        std::mem::take(&mut self.postponed)
    }

    /// Notes that every key of these two places is being judged; false once the walk has gone on too long.
    pub(super) fn visit(&mut self, old: Option<&Node<'_>>, new: Option<&Node<'_>>) -> bool {
        self.steps += 1;
        for (seen, node) in [(&mut self.seen_old, old), (&mut self.seen_new, new)] {
            if let Some(node) = node
                && !seen.contains(&node.ptr)
            {
                seen.insert(node.ptr.clone());
            }
        }
        if self.steps == MAX_STEPS {
            self.flowing(None, |walk| {
                walk.emit(
                    &Node::root(walk.new),
                    Side::New,
                    "the comparison was cut short",
                    Class::Unclassified,
                    "The documents have too many pairs of parts to compare them all.",
                );
            });
        }
        self.steps < MAX_STEPS
    }

    /// Follows local references to the place that they mean, and notes every place on the way.
    pub(super) fn resolve(&mut self, side: Side, node: &Node<'a>) -> Option<Node<'a>> {
        let document = self.document(side);
        let mut here = node.clone();
        for _ in 0..LONGEST_CHAIN {
            match side {
                Side::Old => self.visit(Some(&here), None),
                Side::New => self.visit(None, Some(&here)),
            };
            match here.text("$ref") {
                None => return Some(here),
                Some(reference) => here = target(document, reference)?,
            }
        }
        None
    }

    /// Judges what stands beside references, where only words have a meaning.
    pub(super) fn beside(&mut self, old: &Node<'_>, new: &Node<'_>) {
        let siblings = |node: &Node<'_>, key: &str| match node.text("$ref") {
            Some(_) => node.get(key).cloned(),
            None => None,
        };
        for key in keys_of(old.map(), new.map()) {
            let (was, is) = (siblings(old, key), siblings(new, key));
            if key == "$ref" || was == is {
                continue;
            }
            let (at, side) = place(old, new, key);
            let what = format!(
                "`{key}` beside a reference {}",
                verb(was.as_ref(), is.as_ref())
            );
            if is_words(key) {
                self.words(&at, side, what);
            } else {
                self.unclassified(&at, side, what);
            }
        }
    }

    pub(super) fn visited(&self, side: Side, pointer: &str) -> bool {
        match side {
            Side::Old => self.seen_old.contains(pointer),
            Side::New => self.seen_new.contains(pointer),
        }
    }

    pub(super) fn emit(
        &mut self,
        at: &Node<'_>,
        side: Side,
        what: impl Into<String>,
        class: Class,
        why: impl Into<String>,
    ) {
        self.activity += 1;
        let (what, why) = (what.into(), why.into());
        let direction = self.flow.map_or(Direction::Neither, Direction::from);
        let key = (at.ptr.clone(), what.clone());
        if let Some(known) = self.changes.get_mut(&key) {
            known.direction = known.direction.and(direction);
            if class > known.class {
                (known.class, known.why) = (class, why);
            }
            return;
        }
        let change = Change {
            operations: Vec::new(),
            direction,
            pointer: at.ptr.clone(),
            side,
            what,
            class,
            why,
            api: Vec::new(),
        };
        self.changes.insert(key, change);
    }

    /// A change of the set of values that are allowed, judged by the way they flow.
    pub(super) fn shift(&mut self, at: &Node<'_>, side: Side, what: impl Into<String>, by: Shift) {
        let (class, why) = by.judged(self.flow);
        self.emit(at, side, what, class, why);
    }

    pub(super) fn words(&mut self, at: &Node<'_>, side: Side, what: impl Into<String>) {
        self.emit(
            at,
            side,
            what,
            Class::Documentation,
            "Words only; no request and no answer changes.",
        );
    }

    pub(super) fn deprecated(&mut self, delta: &Delta<'_>) {
        let what = format!("`deprecated` {}", delta.verb());
        let why = "It works as before; when deprecated, it is announced to go.";
        self.emit(delta.at(), delta.side(), what, Class::Compatible, why);
    }

    /// Judges a key that no closer rule explains: words, or unclassified.
    pub(super) fn keyword(&mut self, key: &str, delta: &Delta<'_>) {
        let what = format!("`{key}` {}", delta.verb());
        if is_words(key) {
            self.words(delta.at(), delta.side(), what);
        } else {
            self.unclassified(delta.at(), delta.side(), what);
        }
    }

    /// Says that a table is written in another way where its entries, since `before`, showed nothing.
    pub(super) fn rewritten_table(
        &mut self,
        before: usize,
        old: Option<&Node<'_>>,
        new: Option<&Node<'_>>,
        name: &str,
    ) {
        let Some(at) = new.or(old).filter(|_| self.activity == before) else {
            return;
        };
        if [old, new].into_iter().flatten().all(|n| n.map().is_some()) {
            self.rewritten(at, format!("`{name}` is written in another way"));
        } else {
            let what = format!("`{name}` changed into or from what is no table");
            self.unclassified(at, Side::New, what);
        }
    }

    pub(super) fn rewritten(&mut self, at: &Node<'_>, what: impl Into<String>) {
        self.emit(
            at,
            Side::New,
            what,
            Class::Documentation,
            "It says the same in another form.",
        );
    }

    pub(super) fn unclassified(&mut self, at: &Node<'_>, side: Side, what: impl Into<String>) {
        self.emit(
            at,
            side,
            what,
            Class::Unclassified,
            "No rule covers this, so it counts as breaking until somebody has looked.",
        );
    }

    pub(super) fn flow(&self) -> Option<Flow> {
        self.flow
    }

    /// Whether a change is reported at this place, above it or below it.
    pub(super) fn reported(&self, pointer: &str) -> bool {
        let mut above = pointer;
        loop {
            if self.at(above).next().is_some_and(|at| at == above) {
                return true;
            }
            match above.rsplit_once('/') {
                Some((parent, _)) if !parent.is_empty() => above = parent,
                _ => break,
            }
        }
        let below = format!("{pointer}/");
        self.at(&below)
            .next()
            .is_some_and(|at| at.starts_with(&below))
    }

    /// The places of changes, from this one on.
    fn at(&self, pointer: &str) -> impl Iterator<Item = &str> {
        let from = (pointer.to_owned(), String::new());
        self.changes.range(from..).map(|((at, _), _)| at.as_str())
    }

    pub(super) fn found_nothing(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes.into_values().collect()
    }
}
