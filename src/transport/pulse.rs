//! Noticing that nothing moves.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// When a byte last moved.
#[derive(Debug, Clone)]
pub(crate) struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(crate) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` until it is done or nothing has moved for `stall`.
    pub(crate) async fn guard<T>(
        &self,
        stall: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        tokio::pin!(work);
        loop {
            let until = self.last() + stall;
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                () = sleep_until(until) => if self.last() + stall <= Instant::now() {
                    return None;
                },
            }
        }
    }
}
