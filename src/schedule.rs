//! When to ask how a run is doing.
//!
//! Asking too often burns the rate limit, too seldom wastes people's time. A [`Schedule`] is a
//! list of moments, counted from the submission, at which to ask. The [default one](Schedule)
//! knows nothing about the runs to come; [`Learned`] remembers how long earlier runs took and
//! makes a better one.
//!
//! ```
//! use std::time::Duration;
//! use weshop::schedule::{Learned, Schedule};
//!
//! let fixed = Schedule::every(Duration::from_secs(3));
//! assert_eq!(fixed.next_after(Duration::from_secs(4)), Duration::from_secs(7));
//!
//! let mut learned = Learned::default();
//! for took in (19..=22).cycle().take(20) {
//!     // Still running a second before, finished when asked at `took`.
//!     let finished = Duration::from_secs(took);
//!     learned.observe("aimodel", 4, finished - Duration::from_secs(1), finished);
//! }
//! let first = learned.schedule("aimodel", 4).next_after(Duration::ZERO);
//! assert!(first > Duration::from_secs(10));
//! ```

mod learned;
mod plan;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

pub use learned::Learned;
pub use plan::SECOND_OF_LAG_IN_REQUESTS;

/// How long to pause beyond the last planned moment, which lies most of an hour away.
const TAIL: Duration = Duration::from_secs(30);

/// The moments at which to ask for a run, counted from its submission.
///
/// [`Schedule::default`] is the one to use without knowing anything: it asks first after about
/// three seconds, then at gaps that widen with the run's age, about four seconds at the age of
/// half a minute and seven at two minutes. Whatever the runs turn out to take, from three
/// seconds to some minutes, it is close to the better of a fixed three seconds and an
/// exponential pace.
///
/// Cloning is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Every(Duration),
    Growing {
        first: Duration,
        factor: f64,
        most: Duration,
    },
    Planned(Arc<[Duration]>),
}

/// No pause is shorter than this, so that no schedule can become a busy loop.
const SHORTEST: Duration = Duration::from_millis(10);

impl Schedule {
    /// Asks at a fixed pace. Paces under 10 ms are taken as 10 ms.
    #[must_use]
    pub fn every(pause: Duration) -> Self {
        Self(Kind::Every(pause.max(SHORTEST)))
    }

    /// Asks after `first`, then after pauses that grow by `factor` up to `most`.
    ///
    /// Pauses under 10 ms are taken as 10 ms, and a `factor` below 1 (or none at all) as 1.
    #[must_use]
    pub fn growing(first: Duration, factor: f64, most: Duration) -> Self {
        let first = first.max(SHORTEST);
        Self(Kind::Growing {
            first,
            factor: if factor > 1.0 { factor } else { 1.0 },
            most: most.max(first),
        })
    }

    /// Asks at these moments after the submission, in order, then every 30 seconds.
    #[must_use]
    pub fn at(moments: impl IntoIterator<Item = Duration>) -> Self {
        let mut moments: Vec<_> = moments.into_iter().collect();
        moments.sort_unstable();
        moments.dedup();
        Self(Kind::Planned(moments.into()))
    }

    /// The first moment to ask that is later than `elapsed`, both counted from the submission.
    #[must_use]
    pub fn next_after(&self, elapsed: Duration) -> Duration {
        match &self.0 {
            Kind::Every(pause) => elapsed.saturating_add(*pause),
            Kind::Growing {
                first,
                factor,
                most,
            } => {
                let (mut moment, mut pause) = (*first, *first);
                while moment <= elapsed {
                    let grown = Duration::try_from_secs_f64(pause.as_secs_f64() * factor);
                    let grown = grown.map_or(*most, |grown| grown.min(*most));
                    if grown == pause {
                        return elapsed.saturating_add(pause);
                    }
                    pause = grown;
                    moment = moment.saturating_add(pause);
                }
                moment
            }
            Kind::Planned(moments) => {
                let next = moments.partition_point(|moment| *moment <= elapsed);
                match moments.get(next) {
                    Some(moment) => *moment,
                    None => elapsed.saturating_add(TAIL),
                }
            }
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        static COLD: LazyLock<Schedule> = LazyLock::new(|| Schedule::at(plan::plan(&[])));
        COLD.clone()
    }
}
