//! What is wrong with a request.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

use super::rule::{Allow, Rule};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    pointer: String,
    rule: Rule,
    message: String,
}

impl Violation {
    pub(crate) fn new(pointer: String, rule: Rule, message: String) -> Self {
        Self {
            pointer,
            rule,
            message,
        }
    }

    /// Where, as a JSON pointer (RFC 6901) into the request: `/params/maskType`. A field that is
    /// missing is pointed at where it belongs; a choice between several, at what holds them.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The rule that is broken.
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// What is wrong and what to do about it. It never repeats a value of the request.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Pointer, message and rule in one line.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        write!(f, "{pointer}: {} [{}]", self.message, self.rule)
    }
}

/// Everything that is wrong with a request: at least one [`Violation`].
///
/// The order depends on the request's content alone: first what cannot be sent at all, then what the
/// API's document states, field by field, then what holds between fields. Serialises as a list of
/// `{"pointer": …, "rule": …, "message": …}`, for a form to show beside its fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// An error if there is any.
    pub(crate) fn of(found: Vec<Violation>) -> Result<(), Self> {
        match found.is_empty() {
            true => Ok(()),
            false => Err(Self(found)),
        }
    }

    /// The violations in order.
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl Deref for Violations {
    type Target = [Violation];

    fn deref(&self) -> &[Violation] {
        &self.0
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for Violations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

/// One violation in one line; several as a heading and a line each.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return only.fmt(f);
        }
        write!(f, "{} things are wrong with the request:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

impl std::error::Error for Violations {}

/// Collects violations while a request is read.
pub(super) struct Report {
    allow: Allow,
    found: Vec<Violation>,
    /// How many of them the document states.
    stated: usize,
}

impl Report {
    /// A report that begins with what is known already, and what no rule steps around.
    pub(super) fn new(allow: Allow, noted: &[Violation]) -> Self {
        Self {
            allow,
            found: noted.to_vec(),
            stated: 0,
        }
    }

    /// Adds that a field is not there, unless it is known that it was and could not be read.
    pub(super) fn missing(&mut self, pointer: String, message: String) {
        if self.found.iter().all(|known| known.pointer != pointer) {
            self.add(Rule::Required, pointer, message);
        }
    }

    /// Ends what the document states; what holds between fields follows.
    pub(super) fn fields_are_checked(&mut self) {
        self.stated = self.found.len();
    }

    pub(super) fn add(&mut self, rule: Rule, pointer: String, message: String) {
        if !self.allow.contains(rule) {
            self.found.push(Violation {
                pointer,
                rule,
                message,
            });
        }
    }

    /// Whether the field itself is not what the document states, so that what it says cannot be relied
    /// on.
    pub(super) fn doubts(&self, parent: &str, field: &str) -> bool {
        self.found[..self.stated].iter().any(|violation| {
            let rest = violation.pointer.strip_prefix(parent);
            let name = rest.and_then(|rest| rest.strip_prefix('/'));
            violation.pointer == parent || name == Some(field)
        })
    }

    pub(super) fn finish(self) -> Result<(), Violations> {
        Violations::of(self.found)
    }
}
