//! How often waits may ask.

/// How hard all waits of a client together may press the service.
///
/// A client that waits for a few runs never meets these limits. One that waits for thousands
/// asks each of them in turn: whoever has waited longest at the door goes first, so none starves.
///
/// Waits that nobody polls, such as those of a [`WaitAll`](super::WaitAll) while its results are
/// being worked on, are passed over: up to 25 of them in a row hold up those behind them for a
/// quarter of a second in all, more of them for at most ten milliseconds each and 16 seconds in
/// all. Then they are out of the queue until they are polled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PollLimits {
    pub(super) per_second: u32,
    pub(super) in_flight: u32,
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
