//! How long anything may take.

use std::time::Duration;

/// A year. Beyond that, time does not matter, and moments might overflow.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The limits of every call; each at most a year.
///
/// | | default | bounds |
/// |---|---|---|
/// | `connect` | 10 s | DNS, TCP and TLS together |
/// | `attempt` | 60 s | one request with a small body, from sending to the answer's last byte |
/// | `overall` | 3 min | a call with all its attempts and pauses |
/// | `stall` | 30 s | the longest time without a single byte, up or down |
/// | `transfer` | 15 min | one upload or download, whatever its size |
///
/// ```
/// use std::time::Duration;
/// use weshop::Timeouts;
///
/// let hasty = Timeouts::new().with_attempt(Duration::from_secs(5));
/// assert_eq!(hasty.overall(), Duration::from_secs(180));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    connect: Duration,
    attempt: Duration,
    overall: Duration,
    stall: Duration,
    transfer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(60),
            overall: Duration::from_secs(180),
            stall: Duration::from_secs(30),
            transfer: Duration::from_secs(15 * 60),
        }
    }
}

macro_rules! limits {
    ($($(#[$doc:meta])* $with:ident $limit:ident)*) => {$(
        $(#[$doc])*
        pub fn $with(mut self, limit: Duration) -> Self {
            self.$limit = limit.min(LONGEST);
            self
        }

        #[doc = concat!("The limit that [`", stringify!($with), "`](Self::", stringify!($with), ") sets.")]
        pub fn $limit(&self) -> Duration {
            self.$limit
        }
    )*};
}

impl Timeouts {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    limits! {
        /// Sets the limit of connecting.
        with_connect connect
        /// Sets the limit of one attempt.
        with_attempt attempt
        /// Sets the limit of a call with all its attempts.
        with_overall overall
        /// Sets the longest time without a byte.
        with_stall stall
        /// Sets the limit of one upload or download.
        with_transfer transfer
    }
}
