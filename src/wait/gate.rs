//! The one door through which all waits of a client ask.
//!
//! Futures that nobody polls are no mistake: a loop over the results of many waits polls none of
//! them while it works on one. So nothing is ever handed to a future that may not come for it. A
//! turn is only taken by whoever is polled and finds the door free; whoever is first in the queue
//! and does not come is passed over, and has its place again once it comes.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

/// For how long a free door is left to the first in the queue.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// The longest time between two looks, of those further back, at whether the queue moves.
pub(crate) const LONGEST_LOOK: Duration = Duration::from_secs(16);

/// For how long a request is counted as in flight after it was last polled.
pub(crate) const LEASE: Duration = Duration::from_secs(1);

/// How hard all waits of a client together may press the service.
///
/// A client that waits for a few runs never meets these limits. One that waits for thousands
/// asks each of them in turn: whoever has waited longest at the door goes first, so none starves.
/// Waits that nobody polls, such as those of a [`WaitAll`](super::WaitAll) while its results are
/// being worked on, hold up no others.
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

    /// At most this many requests at the same time: from 1 to 1000. A request whose wait has not
    /// been polled for a second is not counted.
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
    door: Mutex<Door>,
    spacing: Duration,
    in_flight: usize,
}

#[derive(Debug)]
struct Door {
    tickets: u64,
    /// When the next request may go, unless too many are in flight.
    next: Instant,
    /// Who was there when last polled, and how to call them.
    queue: BTreeMap<u64, Arc<Notify>>,
    /// Until when each request counts that is in flight.
    in_flight: BTreeMap<u64, Instant>,
}

/// When to try again.
enum Later {
    /// One is first, and the door is free then.
    First(Instant),
    /// Others are, and the door is free to them then.
    Behind(Instant),
}

impl Gate {
    pub(crate) fn new(limits: PollLimits) -> Self {
        // Rounded up to the timer's resolution, lest a second holds one request too many.
        let spacing = 1000_u32.div_ceil(limits.per_second);
        Self {
            door: Mutex::new(Door {
                tickets: 0,
                next: Instant::now(),
                queue: BTreeMap::new(),
                in_flight: BTreeMap::new(),
            }),
            spacing: Duration::from_millis(spacing.into()),
            in_flight: limits.in_flight as usize,
        }
    }

    /// Waits for one's turn. The request is in flight as long as it is [held](Pass::hold).
    pub(crate) async fn enter(&self) -> Pass<'_> {
        let pass = Pass {
            gate: self,
            ticket: self.lock().ticket(),
        };
        let called = Arc::new(Notify::new());
        let mut look = PATIENCE;
        loop {
            let again = match self.try_enter(pass.ticket, &called) {
                Ok(()) => return pass,
                Err(Later::First(free)) => free,
                Err(Later::Behind(free)) => {
                    // Rarer and rarer, so that ten thousand in the queue are no load.
                    let again = free.max(Instant::now()) + look;
                    look = (look * 2).min(LONGEST_LOOK);
                    again
                }
            };
            tokio::select! {
                () = sleep_until(again) => {}
                () = called.notified() => {}
            }
        }
    }

    fn try_enter(&self, ticket: u64, called: &Arc<Notify>) -> Result<(), Later> {
        let now = Instant::now();
        let mut door = self.lock();
        let free = door.free(self.in_flight);
        let place = door.queue.entry(ticket);
        place.or_insert_with(|| Arc::clone(called));
        let first = door.queue.keys().next() == Some(&ticket);
        if first && now < free {
            return Err(Later::First(free));
        }
        if !first {
            if now < free + PATIENCE {
                return Err(Later::Behind(free));
            }
            // Who is first does not come. Whoever else can hear this comes back to its place.
            for (_, other) in std::mem::take(&mut door.queue) {
                other.notify_one();
            }
        }
        door.queue.remove(&ticket);
        door.in_flight.insert(ticket, now + LEASE);
        door.next = now + self.spacing;
        door.call_first();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Door> {
        // At worst a ticket is left over where a panic struck, and it is passed over.
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// Since when, or from when on, a request may go.
    fn free(&self, most: usize) -> Instant {
        let Some(over) = self.in_flight.len().checked_sub(most) else {
            return self.next;
        };
        let mut ends: Vec<_> = self.in_flight.values().copied().collect();
        let (_, end, _) = ends.select_nth_unstable(over);
        self.next.max(*end)
    }

    /// The first in the queue looks again, since what it knows may be out of date.
    fn call_first(&self) {
        if let Some(called) = self.queue.values().next() {
            called.notify_one();
        }
    }
}

/// A place in the queue, then a request in flight. Both end when it is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    gate: &'a Gate,
    ticket: u64,
}

impl Pass<'_> {
    /// Runs the request, which is counted for as long as it is polled.
    pub(crate) async fn hold<T>(self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        loop {
            match timeout(LEASE / 4, request.as_mut()).await {
                Ok(answer) => return answer,
                Err(_) => self.renew(),
            }
        }
    }

    fn renew(&self) {
        let end = Instant::now() + LEASE;
        self.gate.lock().in_flight.insert(self.ticket, end);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut door = self.gate.lock();
        let full = door.in_flight.len() >= self.gate.in_flight;
        door.queue.remove(&self.ticket);
        if door.in_flight.remove(&self.ticket).is_some() && full {
            // Free from now on only, which is when the patience with the first one begins.
            door.next = door.next.max(Instant::now());
        }
        door.call_first();
    }
}
