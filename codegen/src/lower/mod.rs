//! 3.1 to 3.0.3, faithfully or not at all.

mod applicators;
mod arrays;
mod document;
mod losses;
mod numbers;
mod references;
mod schema;
mod types;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::size::size;
use crate::{Document, MAX_NODES, Note, Obstacle, Obstacles};

/// An OpenAPI 3.0.3 document that says on the wire what the 3.1 document said.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    value: Value,
    notes: Vec<Note>,
    losses: Vec<Note>,
}

impl Lowered {
    /// The 3.0.3 document.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What was removed or rewritten without effect on the wire.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Where the lowered document accepts more than the document did; always empty after [`lower`].
    pub fn losses(&self) -> &[Note] {
        &self.losses
    }
}

/// Lowers a 3.1 document to 3.0.3; a 3.0 document is handed through.
///
/// # Errors
/// Every construct that matters on the wire and that 3.0 cannot express, all of them at once.
pub fn lower(document: &Document) -> Result<Lowered, Obstacles> {
    run(document, false)
}

/// Lowers like [`lower`], but where a restriction cannot be expressed in 3.0 and dropping it only makes
/// a schema accept more, it is dropped and named in [`Lowered::losses`].
///
/// # Errors
/// Every construct that is neither to be expressed nor to be dropped in this way.
pub fn lower_widening(document: &Document) -> Result<Lowered, Obstacles> {
    run(document, true)
}

fn run(document: &Document, widen: bool) -> Result<Lowered, Obstacles> {
    let mut walk = Walk::new(document.value(), widen);
    let mut value = walk.document();
    let lossy = walk.lossy_places();
    if !lossy.is_empty() {
        // Now it is known what a reference leads to.
        walk = Walk::new(document.value(), widen);
        walk.lossy = lossy;
        value = walk.document();
    }
    // What is lowered where it stands and as a component is met twice.
    once(&mut walk.losses);
    walk.losses_under_negations();
    once(&mut walk.obstacles);
    if walk.obstacles.is_empty() {
        Ok(Lowered {
            value,
            notes: walk.notes,
            losses: walk.losses,
        })
    } else {
        Err(Obstacles(walk.obstacles))
    }
}

/// Drops what was said before.
fn once<T: Ord + Clone>(list: &mut Vec<T>) {
    let mut seen = BTreeSet::new();
    list.retain(|one| seen.insert(one.clone()));
}

/// As much of a document as can be lowered, whatever stands in the way of the rest.
pub(crate) fn leniently(document: &Document) -> Value {
    Walk::new(document.value(), true).document()
}

/// Most values that may be written more than once, as a condition is that both branches need.
const MAX_COPIED: usize = 50_000;

/// One pass over a document.
struct Walk<'a> {
    source: &'a Value,
    widen: bool,
    notes: Vec<Note>,
    losses: Vec<Note>,
    obstacles: Vec<Obstacle>,
    references: references::References,
    /// How many negations the walk is in: there, accepting more is accepting less.
    negations: usize,
    /// Places referred to that accept more than the document says, if that is known already.
    lossy: BTreeSet<String>,
    /// The places that are referred to from in there.
    negated: Vec<String>,
    /// Values that may still be written; a small document must not lower to a huge one.
    budget: usize,
    /// Those of them that may be copies.
    copies: usize,
    /// Schemas and names that may still be looked at for what they evaluate.
    looks: usize,
    /// How many things the walk is in that are written out in another's place.
    written_out: usize,
}

impl<'a> Walk<'a> {
    fn new(source: &'a Value, widen: bool) -> Self {
        Self {
            source,
            widen,
            notes: Vec::new(),
            losses: Vec::new(),
            obstacles: Vec::new(),
            references: references::References::of(source),
            negations: 0,
            lossy: BTreeSet::new(),
            negated: Vec::new(),
            budget: MAX_NODES,
            copies: MAX_COPIED,
            looks: MAX_NODES,
            written_out: 0,
        }
    }

    fn note(&mut self, pointer: &str, message: impl Into<String>) {
        self.notes.push(Note {
            pointer: pointer.to_owned(),
            message: message.into(),
        });
    }

    fn obstacle(&mut self, pointer: &str, problem: impl Into<String>, advice: impl Into<String>) {
        self.obstacles.push(Obstacle {
            pointer: pointer.to_owned(),
            problem: problem.into(),
            advice: advice.into(),
        });
    }

    /// A restriction that 3.0 cannot express.
    fn loss(&mut self, pointer: &str, problem: &str, advice: &str) {
        if self.widen && self.negations == 0 {
            self.losses.push(Note {
                pointer: pointer.to_owned(),
                message: problem.to_owned(),
            });
        } else {
            self.obstacle(pointer, problem, advice);
        }
    }

    /// Runs `inner` where accepting more would be accepting less.
    fn negated<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.negations += 1;
        let result = inner(self);
        self.negations -= 1;
        result
    }

    /// Whether so many more values may be written.
    fn spend(&mut self, values: usize, at: &str) -> bool {
        if let Some(left) = self.budget.checked_sub(values) {
            self.budget = left;
            return true;
        }
        if self.budget > 0 {
            self.budget = 0;
            self.obstacle(
                at,
                "the lowered document grows beyond every bound",
                "simplify the schemas",
            );
        }
        false
    }

    /// Whether a tree may be written once more; what is spent is not measured again.
    fn afford(&mut self, tree: &Value, at: &str) -> bool {
        self.budget > 0 && self.spend(size(tree), at)
    }
}
