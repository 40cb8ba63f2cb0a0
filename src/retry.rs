//! When a request that failed is sent again, and what it may cost.
//!
//! | | repeated by itself |
//! |---|---|
//! | no connection came about | always, nothing was sent |
//! | 429, 503 with `Retry-After`, an envelope with `retryable: true` | always, it was refused |
//! | any other failure of a read or an upload | where it may pass: 5xx, a break, a timeout |
//! | any other failure of a **submission** | never: it may have been accepted |
//!
//! Pauses are drawn from `0..=base·2ⁿ` (full jitter), or are what `Retry-After` asks. All calls of
//! a client share one [budget](RetryPolicy::with_budget), so that a service in trouble is not
//! buried under repetitions.
//!
//! ```
//! use std::time::Duration;
//! use weshop::RetryPolicy;
//!
//! let patient = RetryPolicy::new()
//!     .with_max_attempts(6)
//!     .with_max_retry_after(Duration::from_secs(120));
//! assert_eq!(patient.max_attempts(), 6);
//! ```

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind};
use crate::timeouts::LONGEST;

/// How often and how soon a failed request is repeated.
///
/// | | default |
/// |---|---|
/// | attempts, the first included | 4 |
/// | first pause, at most | 500 ms |
/// | later pauses, at most | doubled each time, up to 20 s |
/// | `Retry-After` obeyed up to | 60 s; a longer one ends the call |
/// | budget | 500 tokens; a repetition takes 5, after a timeout 10; a success gives back what it took, or 1 |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            base: Duration::from_millis(500),
            max_backoff: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            budget: 500,
        }
    }
}

impl RetryPolicy {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every request is sent once.
    pub fn never() -> Self {
        Self::new().with_max_attempts(1)
    }

    /// Attempts in all, the first included; 0 counts as 1.
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The most that the first pause can be; it doubles from attempt to attempt up to `max`.
    pub fn with_backoff(mut self, base: Duration, max: Duration) -> Self {
        self.base = base.min(LONGEST);
        self.max_backoff = max.min(LONGEST);
        self
    }

    /// The longest `Retry-After` that is waited for.
    pub fn with_max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest.min(LONGEST);
        self
    }

    /// The tokens that all calls of a client share for repetitions.
    pub fn with_budget(mut self, tokens: u32) -> Self {
        self.budget = tokens;
        self
    }

    /// Attempts in all, the first included.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The pause before the next attempt; `None` where there is to be none. `random` is in `0..1`.
    fn pause(&self, attempt: u32, error: &Error, random: f64) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        match error.retry_after() {
            Some(asked) => (asked <= self.max_retry_after).then_some(asked),
            None => {
                let doubled = 2u32.saturating_pow(attempt - 1);
                let ceiling = self.base.saturating_mul(doubled).min(self.max_backoff);
                Some(ceiling.mul_f64(random))
            }
        }
    }
}

/// The tokens left for repetitions, shared by all calls of a client.
#[derive(Debug)]
pub(crate) struct Budget {
    capacity: u32,
    left: Mutex<u32>,
}

impl Budget {
    const RETRY: u32 = 5;
    const RETRY_AFTER_TIMEOUT: u32 = 10;
    const REFUND: u32 = 1;

    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        Self {
            capacity: policy.budget,
            left: Mutex::new(policy.budget),
        }
    }

    /// Takes what a repetition costs; `None` where too little is left.
    fn take(&self, error: &Error) -> Option<u32> {
        let cost = match error.kind() {
            ErrorKind::Timeout => Self::RETRY_AFTER_TIMEOUT,
            _ => Self::RETRY,
        };
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(cost)?;
        Some(cost)
    }

    /// Gives back what the attempt that succeeded had taken.
    fn refund(&self, taken: u32) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left
            .saturating_add(taken.max(Self::REFUND))
            .min(self.capacity);
    }
}

/// The attempts of one call, and what they have taken from the budget.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    policy: &'a RetryPolicy,
    budget: &'a Budget,
    count: u32,
    taken: u32,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(policy: &'a RetryPolicy, budget: &'a Budget) -> Self {
        Self {
            policy,
            budget,
            count: 0,
            taken: 0,
        }
    }

    /// Counts the next attempt; the first is 1.
    pub(crate) fn begin(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    pub(crate) fn succeeded(&mut self) {
        self.budget.refund(self.taken);
    }

    /// The pause before the next attempt, which is then paid for; `None` where this was the last one.
    pub(crate) fn again(&mut self, error: &Error, deadline: Option<Instant>) -> Option<Duration> {
        let pause = self.policy.pause(self.count, error, fastrand::f64())?;
        if deadline.is_some_and(|deadline| Instant::now() + pause >= deadline) {
            return None;
        }
        self.taken = self.budget.take(error)?;
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::ApiFailure;

    fn refused(retry_after: Option<Duration>) -> Error {
        Error::api(ApiFailure {
            status: 429,
            retry_after,
            ..ApiFailure::default()
        })
    }

    #[test]
    fn pauses_double_up_to_the_ceiling_and_jitter_fully() {
        let policy = RetryPolicy::new().with_max_attempts(100);
        let error = refused(None);
        let ceilings: Vec<_> = (1..8)
            .map(|attempt| policy.pause(attempt, &error, 1.0).unwrap().as_millis())
            .collect();
        assert_eq!(ceilings, [500, 1000, 2000, 4000, 8000, 16000, 20000]);
        assert_eq!(
            policy.pause(50, &error, 0.5).unwrap(),
            Duration::from_secs(10)
        );
        assert_eq!(policy.pause(3, &error, 0.0).unwrap(), Duration::ZERO);
    }

    #[test]
    fn retry_after_is_obeyed_up_to_its_cap() {
        let policy = RetryPolicy::new();
        let asked = Duration::from_secs(60);
        assert_eq!(policy.pause(1, &refused(Some(asked)), 0.9), Some(asked));
        let long = Duration::from_secs(61);
        assert_eq!(policy.pause(1, &refused(Some(long)), 0.9), None);
        assert_eq!(policy.pause(4, &refused(Some(asked)), 0.9), None);
    }

    #[test]
    fn the_budget_runs_dry_and_recovers() {
        let budget = Budget::new(&RetryPolicy::new().with_budget(12));
        let timeout = Error::timeout(Duration::from_secs(1), None);
        assert_eq!(budget.take(&timeout), Some(10));
        assert_eq!(budget.take(&refused(None)), None);
        budget.refund(0);
        budget.refund(0);
        budget.refund(0);
        assert_eq!(budget.take(&refused(None)), Some(5));
        budget.refund(500);
        assert_eq!(budget.take(&timeout), Some(10));
        assert_eq!(budget.take(&timeout), None);
    }
}
