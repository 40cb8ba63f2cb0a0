//! What all waits of a client share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::run::RunKind;
use crate::schedule::{Learned, Schedule};

use super::bells::Bells;
use super::gate::Gate;
use super::limits::PollLimits;

#[derive(Debug)]
pub(crate) struct Waits {
    pub(crate) gate: Gate,
    pub(crate) bells: Arc<Bells>,
    learned: Mutex<Learned>,
}

impl Waits {
    pub(crate) fn new(limits: PollLimits, learned: Learned) -> Self {
        Self {
            gate: Gate::new(limits),
            bells: Arc::default(),
            learned: Mutex::new(learned),
        }
    }

    pub(crate) fn learned(&self) -> Learned {
        self.lock().clone()
    }

    pub(crate) fn schedule(&self, kind: &RunKind) -> Schedule {
        self.lock().schedule(&kind.agent, batch(kind))
    }

    pub(crate) fn observe(&self, kind: &RunKind, unfinished: Duration, finished: Duration) {
        self.lock()
            .observe(&kind.agent, batch(kind), unfinished, finished);
    }

    fn lock(&self) -> MutexGuard<'_, Learned> {
        // At worst one observation is missing where a panic struck.
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The size of the batch that was asked for, 0 for the service's own default.
fn batch(kind: &RunKind) -> u32 {
    kind.batch
        .map_or(0, |batch| u32::try_from(batch).unwrap_or(u32::MAX))
}
