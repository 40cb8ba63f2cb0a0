//! What can go wrong, each in a sentence.

use std::fmt;

/// Why a document was not read, lowered or generated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a document that may be read: its sentence says why.
    Unreadable(String),
    /// The document was read, but the generator refused it as a whole.
    Ungeneratable(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the document cannot be read: {why}"),
            Self::Ungeneratable(why) => write!(f, "no client can be generated: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// A place in the document and what was done there without changing what goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// JSON pointer into the document.
    pub pointer: String,
    /// What was done, in a few words.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// A construct that 3.0 cannot express and that matters on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// JSON pointer to the construct.
    pub pointer: String,
    /// What stands in the way.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.pointer, self.problem, self.advice)
    }
}

/// Every [`Obstacle`] of a document, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacles(pub(crate) Vec<Obstacle>);

impl Obstacles {
    /// The obstacles in document order.
    pub fn iter(&self) -> std::slice::Iter<'_, Obstacle> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Obstacles {
    type Item = &'a Obstacle;
    type IntoIter = std::slice::Iter<'a, Obstacle>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Obstacles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, obstacle) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{obstacle}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Obstacles {}
