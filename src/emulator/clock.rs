//! The time that an emulator's runs live by.
//!
//! ```
//! # async fn f() -> std::io::Result<()> {
//! use std::time::Duration;
//! use weshop::emulator::{Clock, Emulator};
//!
//! let clock = Clock::stepped();
//! let emulator = Emulator::builder().clock(clock.clone()).start().await?;
//! // … submit a run …
//! clock.advance(Duration::from_secs(120)); // and it has ended
//! # Ok(()) }
//! ```

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// A clock that tells how long an emulator has been up; clones are the same clock.
///
/// Everything that takes time in an emulator takes it by this clock: the states of a run, callbacks,
/// and the delays of faults.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Flowing { start: Instant, speed: f64 },
    Stepped(watch::Sender<Duration>),
}

impl Clock {
    /// Real time (tokio's, so that a test that pauses tokio's time pauses this one too).
    #[must_use]
    pub fn real() -> Self {
        Self::scaled(1.0)
    }

    /// Real time, `speed` times as fast: at `1000.0` a run of two minutes takes 0.12 seconds.
    ///
    /// # Panics
    /// When `speed` is not a positive, finite number.
    #[must_use]
    pub fn scaled(speed: f64) -> Self {
        assert!(
            speed.is_finite() && speed > 0.0,
            "a clock's speed is a positive, finite number, not {speed}"
        );
        Self(Arc::new(Kind::Flowing {
            start: Instant::now(),
            speed,
        }))
    }

    /// A clock that stands still until [`advance`](Self::advance) moves it.
    #[must_use]
    pub fn stepped() -> Self {
        Self(Arc::new(Kind::Stepped(watch::Sender::new(Duration::ZERO))))
    }

    /// The time since the clock was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        match &*self.0 {
            Kind::Flowing { start, speed } => scale(start.elapsed(), *speed),
            Kind::Stepped(now) => *now.borrow(),
        }
    }

    /// Moves a stepped clock on; whatever was to happen until then happens.
    ///
    /// # Panics
    /// When the clock is not a [`stepped`](Self::stepped) one: time that flows cannot be pushed.
    pub fn advance(&self, by: Duration) {
        match &*self.0 {
            Kind::Stepped(now) => now.send_modify(|now| *now = now.saturating_add(by)),
            Kind::Flowing { .. } => panic!("only Clock::stepped() can be advanced by hand"),
        }
    }

    /// Waits until the clock shows `at`.
    ///
    /// # Cancellation
    /// Safe: nothing but the waiting is lost.
    pub async fn sleep_until(&self, at: Duration) {
        match &*self.0 {
            Kind::Flowing { start, speed } => {
                // An instant beyond what the system can name is one that never comes.
                match start.checked_add(scale(at, 1.0 / speed)) {
                    Some(instant) => tokio::time::sleep_until(instant).await,
                    None => std::future::pending().await,
                }
            }
            Kind::Stepped(now) => {
                // The sender lives as long as this clock, so waiting cannot fail.
                let _ = now.subscribe().wait_for(|now| *now >= at).await;
            }
        }
    }

    /// Waits for `time` by this clock.
    pub(super) async fn sleep(&self, time: Duration) {
        self.sleep_until(self.now().saturating_add(time)).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

fn scale(time: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(time.as_secs_f64() * by).unwrap_or(Duration::MAX)
}
