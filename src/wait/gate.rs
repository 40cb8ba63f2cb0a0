//! The one door through which all waits of a client ask.

use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// How hard all waits of a client together may press the service.
///
/// A client that waits for a few runs never meets these limits. One that waits for thousands
/// asks each of them in turn: whoever has waited longest at the door goes first, so none starves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PollLimits {
    per_second: u32,
    in_flight: u32,
}

impl Default for PollLimits {
    /// 20 requests a second, 16 of them in flight.
    fn default() -> Self {
        Self {
            per_second: 20,
            in_flight: 16,
        }
    }
}

impl PollLimits {
    /// At most this many requests in any second, evenly spaced: from 1 to 1000.
    pub const fn with_per_second(mut self, requests: u32) -> Self {
        self.per_second = match requests {
            0 => 1,
            1..1000 => requests,
            _ => 1000,
        };
        self
    }

    /// At most this many requests at the same time: from 1 to 1000.
    pub const fn with_in_flight(mut self, requests: u32) -> Self {
        self.in_flight = match requests {
            0 => 1,
            1..1000 => requests,
            _ => 1000,
        };
        self
    }
}

#[derive(Debug)]
pub(crate) struct Gate {
    in_flight: Semaphore,
    /// When the next request may go. Waiting for it happens inside the lock, which is fair and
    /// forgets whoever gives up: a dropped wait takes no slot with it.
    next: Mutex<Option<Instant>>,
    spacing: Duration,
}

impl Gate {
    pub(crate) fn new(limits: PollLimits) -> Self {
        // Rounded up to the timer's resolution, lest a second holds one request too many.
        let spacing = 1000_u32.div_ceil(limits.per_second);
        Self {
            in_flight: Semaphore::new(limits.in_flight as usize),
            next: Mutex::new(None),
            spacing: Duration::from_millis(spacing.into()),
        }
    }

    /// Waits for one's turn. The request may be in flight as long as the pass is held.
    pub(crate) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there always is a pass.
        let pass = self.in_flight.acquire().await.ok();
        let mut next = self.next.lock().await;
        if let Some(next) = *next {
            sleep_until(next).await;
        }
        *next = Some(Instant::now() + self.spacing);
        pass
    }
}
