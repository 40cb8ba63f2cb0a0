//! Which way data flows, and what a change of the values that are allowed means there.

use crate::drift::types::{Class, Direction};

/// Which way data flows; what flows both ways is walked twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Flow {
    Request,
    Response,
}

impl From<Flow> for Direction {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Request => Self::Request,
            Flow::Response => Self::Response,
        }
    }
}

/// What a change does to the set of values that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    Wider,
    Narrower,
    Other,
}

impl Shift {
    /// From the subset relations of the old and the new set.
    pub(super) fn of(old_within_new: bool, new_within_old: bool) -> Self {
        match (old_within_new, new_within_old) {
            (true, _) => Self::Wider,
            (_, true) => Self::Narrower,
            _ => Self::Other,
        }
    }

    /// What it means for callers.
    pub(super) fn judged(self, flow: Option<Flow>) -> (Class, &'static str) {
        match (flow, self) {
            (Some(Flow::Request), Self::Wider) => (
                Class::Compatible,
                "Everything that callers send today is still taken.",
            ),
            (Some(Flow::Request), Self::Narrower) => {
                (Class::Breaking, "What callers send today may be refused.")
            }
            (Some(Flow::Response), Self::Wider) => (
                Class::Breaking,
                "Callers may receive what their types do not hold.",
            ),
            (Some(Flow::Response), Self::Narrower) => (
                Class::Compatible,
                "Callers receive nothing that they were not prepared for.",
            ),
            (Some(Flow::Request), Self::Other) => (
                Class::Breaking,
                "What callers send today may be refused or be understood otherwise.",
            ),
            (Some(Flow::Response), Self::Other) => (
                Class::Breaking,
                "What arrives is not what callers' types are made for.",
            ),
            (None, _) => (
                Class::Unclassified,
                "It is not known which way this data flows.",
            ),
        }
    }
}
