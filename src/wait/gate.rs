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

use super::limits::PollLimits;

/// For how long a free door is left to the first in the queue.
pub(crate) const PATIENCE: Duration = Duration::from_millis(250);

/// How much rarer each one ahead makes the looks, of those further back, at whether the queue moves.
const LOOK_PER_PLACE: Duration = Duration::from_millis(5);

/// The longest time between two looks.
pub(crate) const LONGEST_LOOK: Duration = Duration::from_secs(16);

/// For how long a request is counted as in flight after it was last polled.
pub(crate) const LEASE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Gate {
    door: Mutex<Door>,
    spacing: Duration,
    look_per_place: Duration,
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

impl Gate {
    pub(crate) fn new(limits: PollLimits) -> Self {
        // Rounded up to the timer's resolution, lest a second holds one request too many.
        let spacing = Duration::from_millis(1000_u32.div_ceil(limits.per_second).into());
        Self {
            door: Mutex::new(Door {
                tickets: 0,
                next: Instant::now(),
                queue: BTreeMap::new(),
                in_flight: BTreeMap::new(),
            }),
            spacing,
            // However fast the queue moves, half of those ahead are still there at the next look.
            look_per_place: LOOK_PER_PLACE.min(spacing / 2),
            in_flight: limits.in_flight as usize,
        }
    }

    /// Takes the last place in the queue.
    pub(crate) fn queue(&self) -> Place<'_> {
        let ticket = self.lock().ticket();
        Place {
            pass: Pass { gate: self, ticket },
            called: Arc::default(),
            look: PATIENCE,
        }
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

    /// The first in the queue looks again, since what it knows may be out of date, and so does the
    /// second, since the first may not come.
    fn call_first(&self) {
        for called in self.queue.values().take(2) {
            called.notify_one();
        }
    }

    /// How many may be ahead in the queue: not counted, which would take its time, but never fewer
    /// than there are.
    fn ahead(&self, ticket: u64) -> u32 {
        let first = self.queue.keys().next().copied().unwrap_or(ticket);
        let ahead = usize::try_from(ticket - first).unwrap_or(usize::MAX);
        u32::try_from(ahead.min(self.queue.len())).unwrap_or(u32::MAX)
    }
}

/// A place in the queue, which is kept for as long as it is not dropped.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pass: Pass<'a>,
    called: Arc<Notify>,
    /// The longest pause before the next look.
    look: Duration,
}

impl<'a> Place<'a> {
    /// Waits for one's turn; gives the place back if it has not come by then, the door having been
    /// looked at once more. The request is in flight as long as it is [held](Pass::hold).
    pub(crate) async fn enter_by(mut self, latest: Instant) -> Result<Pass<'a>, Self> {
        loop {
            let now = Instant::now();
            let Err(again) = self.try_enter(now) else {
                return Ok(self.pass);
            };
            if now >= latest {
                return Err(self);
            }
            tokio::select! {
                () = sleep_until(again.min(latest)) => {}
                () = self.called.notified() => {}
            }
        }
    }

    /// Enters, or says when to look again.
    fn try_enter(&mut self, now: Instant) -> Result<(), Instant> {
        let Pass { gate, ticket } = self.pass;
        let mut door = gate.lock();
        let free = door.free(gate.in_flight);
        let place = door.queue.entry(ticket);
        place.or_insert_with(|| Arc::clone(&self.called));
        let ahead = door.ahead(ticket);
        match ahead {
            0 if now < free => return Err(free),
            0 => {}
            _ if now < free + PATIENCE => return Err(now.min(free) + self.pause(ahead)),
            // Who is first does not come. Whoever else can hear this comes back to its place.
            _ => std::mem::take(&mut door.queue)
                .into_values()
                .for_each(|other| other.notify_one()),
        }
        door.queue.remove(&ticket);
        door.in_flight.insert(ticket, now + LEASE);
        door.next = now + gate.spacing;
        door.call_first();
        Ok(())
    }

    /// How long to leave the queue alone: the further back, the longer, so that ten thousand are no
    /// load, but who has just come does not know yet whether the queue moves at all.
    fn pause(&mut self, ahead: u32) -> Duration {
        let most = (self.pass.gate.look_per_place * ahead).clamp(PATIENCE, LONGEST_LOOK);
        let pause = self.look.min(most);
        self.look = pause * 2;
        pause
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
