//! How a command ends.

use std::{fmt, io};

use crate::drift::types::{Class, Report};

/// What a command found, as a stable exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: nothing to do.
    Nothing,
    /// 4: something changed, and nobody's code breaks.
    Compatible,
    /// 5: something changed that breaks callers, or may.
    Breaking,
    /// 6: the library's own code in `src/` needs something that is gone or changed.
    Needed,
}

impl Exit {
    /// The code for a report.
    pub fn of(report: &Report) -> Self {
        match report.worst() {
            _ if !report.missing.is_empty() => Self::Needed,
            Some(class) if class.counts_as_breaking() => Self::Breaking,
            Some(Class::Documentation | Class::Compatible) => Self::Compatible,
            _ => Self::Nothing,
        }
    }

    /// The code itself.
    pub fn code(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Compatible => 4,
            Self::Breaking => 5,
            Self::Needed => 6,
        }
    }
}

/// Why a command could not do its work: exit code 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// The exit code of every failure.
    pub const CODE: u8 = 100;

    /// A failure with this sentence.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(format!("the output cannot be written: {error}"))
    }
}
