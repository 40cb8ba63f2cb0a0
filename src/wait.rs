//! Waiting for runs: one, or ten thousand at once.
//!
//! ```no_run
//! # use std::time::Duration;
//! # async fn example(run: weshop::Run) -> Result<(), weshop::Error> {
//! let done = run
//!     .wait()
//!     .with_deadline(Duration::from_secs(600))
//!     .on_progress(|now| println!("{}: {} images", now.status(), now.images_done()))
//!     .await?;
//! done.save_images("out").await?;
//! # Ok(()) }
//! ```
//!
//! - A wait asks when its [schedule](crate::schedule) says so. Without one of its own it uses what
//!   the client has [learned](crate::Client::learned) of runs of the same agent and batch size.
//! - Failures to answer do not end it before its [`ErrorPolicy`] says so.
//! - Its deadline ends it with an error from which one goes on waiting: the run is still there.
//! - All waits of a client ask through one door, whose [limits](PollLimits) keep ten thousand waits
//!   from becoming ten thousand requests a second.
//! - A callback can [wake](crate::Client::notify) it.

mod bells;
mod decide;
mod driver;
mod gate;
mod limits;
mod many;
mod progress;
mod waits;

#[cfg(test)]
mod tests;

use std::fmt;
use std::future::IntoFuture;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;
use crate::run::{CompletedRun, Run};
use crate::schedule::{Learned, Schedule};
use crate::snapshot::RunSnapshot;

use self::decide::{NEVER, Policy};
use self::driver::{Driver, Step};

pub use self::decide::ErrorPolicy;
pub use self::limits::PollLimits;
pub use self::many::WaitAll;
pub use self::progress::{Progress, Updates};
pub(crate) use self::waits::Waits;

/// How long a wait goes on unless it is told otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30 * 60);

/// A wait for the end of a run, made by [`Run::wait`]: await it, or turn it into a stream of
/// [`updates`](Self::updates). Nothing is asked before that.
///
/// # Errors
/// - [`RunFailed`](crate::ErrorKind::RunFailed): the run failed or was cancelled;
///   [`Error::snapshot`] has whatever images it produced.
/// - [`WaitEnded`](crate::ErrorKind::WaitEnded): the deadline passed or the [`ErrorPolicy`] gave
///   up; the source, if any, is the last failure. Wait again with the same [`Run`], or attach by
///   [`Error::run_id`].
/// - The service's own refusal, such as that of a wrong key, or of an unknown run: what was accepted
///   a moment ago need not be known everywhere at once, so that is believed only half a minute
///   after the submission or, where the run was [attached to](Client::run), ten seconds into the
///   wait.
///
/// # Cancellation
/// Dropping the future or the stream at any point stops asking and leaves no task behind. The run
/// goes on, and can be waited for again.
#[must_use = "a wait does nothing unless it is awaited"]
pub struct Wait {
    run: Run,
    schedule: Option<Schedule>,
    deadline: Duration,
    errors: ErrorPolicy,
    on_progress: Option<Report>,
}

type Report = Box<dyn FnMut(&Progress) + Send>;

impl Run {
    /// Waits for the run to end.
    ///
    /// A run that was just submitted is first asked for when it begins to be likely to have ended,
    /// one that was [attached to](Client::run) at once.
    pub fn wait(&self) -> Wait {
        Wait {
            run: self.clone(),
            schedule: None,
            deadline: DEFAULT_DEADLINE,
            errors: ErrorPolicy::default(),
            on_progress: None,
        }
    }

    /// The changes of the run until it ends: see [`Wait::updates`].
    pub fn updates(&self) -> Updates {
        self.wait().updates()
    }
}

impl From<Run> for Wait {
    fn from(run: Run) -> Self {
        run.wait()
    }
}

impl Wait {
    /// When to ask, in place of what the client has learned.
    pub fn with_schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// How long to wait from the beginning of the wait on; [half an hour](DEFAULT_DEADLINE) unless
    /// set, at most a year.
    ///
    /// At the deadline a question in flight is cut off, and one last question is due; it gets five
    /// seconds to be answered. It has to take its turn, though, and where that does not come within
    /// five seconds either, the wait ends without it.
    ///
    /// A hundred questions go in five seconds at the default [limits](PollLimits), fewer if answers
    /// take more than 0.8 seconds; at one request a second, five. Where more waits may come to one
    /// deadline, spread their deadlines, raise the limits, or wait once more for each run whose wait
    /// [ended](crate::ErrorKind::WaitEnded): no run ends because its wait does.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Which failures to answer end the wait.
    pub fn with_error_policy(mut self, policy: ErrorPolicy) -> Self {
        self.errors = policy;
        self
    }

    /// Called with the run's state as often as the service tells it, the last time included, be it
    /// that of a failed run.
    ///
    /// It runs within the wait, so it must not block.
    pub fn on_progress(mut self, report: impl FnMut(&Progress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(report));
        self
    }

    /// The run's changes as a stream: an item whenever the state or the images are others than
    /// before, the first answer included. It ends after the item whose state is success or with an
    /// error, which is one of those of [`Wait`] and stands for the last answer.
    ///
    /// ```no_run
    /// # async fn example(run: weshop::Run) -> Result<(), weshop::Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut updates = run.updates();
    /// while let Some(now) = updates.try_next().await? {
    ///     println!("{}: {} images", now.status(), now.images_done());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn updates(self) -> Updates {
        Updates::new(self)
    }

    fn begin(self) -> Watch {
        let now = Instant::now();
        let waits = Arc::clone(self.run.client().waits());
        let learned = || Some(waits.schedule(self.run.kind()?));
        let schedule = self.schedule.or_else(learned).unwrap_or_default();
        let born = self.run.submitted_at().unwrap_or(now);
        let policy = Policy {
            schedule,
            deadline: (now - born).saturating_add(self.deadline).min(NEVER),
            errors: self.errors,
            age_known: self.run.submitted_at().is_some(),
        };
        Watch {
            driver: Driver::new(self.run, policy, waits, born),
            on_progress: self.on_progress,
        }
    }
}

impl IntoFuture for Wait {
    type Output = Result<CompletedRun, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.run.client().clone();
            let mut watch = self.begin();
            loop {
                if let ControlFlow::Break(end) = watch.next().await {
                    return Ok(CompletedRun::new(client, end?.into_snapshot()));
                }
            }
        })
    }
}

impl fmt::Debug for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("run", self.run.id())
            .field("schedule", &self.schedule)
            .field("deadline", &self.deadline)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// A wait under way: the driver, and whom to tell.
struct Watch {
    driver: Driver<Run>,
    on_progress: Option<Report>,
}

impl Watch {
    /// The next answer; a break is the last one.
    async fn next(&mut self) -> ControlFlow<Result<Progress, Error>, Progress> {
        match self.driver.step().await {
            Step::Going(snapshot) => ControlFlow::Continue(self.tell(snapshot, false)),
            Step::Done(snapshot) => {
                if let Some(kind) = self.driver.asker().kind() {
                    self.driver.teach(kind);
                }
                ControlFlow::Break(Ok(self.tell(snapshot, true)))
            }
            Step::Failed(error, answer) => {
                if let Some(snapshot) = answer {
                    self.tell(snapshot, true);
                }
                ControlFlow::Break(Err(error))
            }
        }
    }

    fn tell(&mut self, snapshot: RunSnapshot, last: bool) -> Progress {
        let progress = Progress::new(&self.driver, snapshot, last);
        if let Some(report) = &mut self.on_progress {
            report(&progress);
        }
        progress
    }
}

impl Client {
    /// What this client has learned of how long runs take, to be kept and handed to
    /// [`ClientBuilder::learned`](crate::ClientBuilder::learned) of the next process.
    #[must_use]
    pub fn learned(&self) -> Learned {
        self.waits().learned()
    }

    /// Wakes the waits for a run, so that they ask at once.
    ///
    /// Call it from the web handler behind the `callbackUrl` of a submission. It is a hint and
    /// nothing more: the run itself is read before anything is believed, so a lost, doubled,
    /// forged or early callback changes nothing but timing; and no run is asked for more than once
    /// a second on account of hints. `true` if anyone was waiting.
    pub fn notify(&self, id: &crate::RunId) -> bool {
        self.waits().bells.ring(id.as_str())
    }

    /// Wakes the waits for every run whose id stands anywhere in a callback's body.
    ///
    /// What the body looks like is not documented and it is not signed, so any text in it counts
    /// that is the id of a run somebody waits for. At most 256 KiB are looked at. `true` if anyone
    /// was waiting.
    ///
    /// ```
    /// # let client = weshop::Client::new("key").unwrap();
    /// let nobody_waits = client.notify_callback(br#"{"data": {"executionId": "8f6a"}}"#);
    /// assert!(!nobody_waits);
    /// ```
    pub fn notify_callback(&self, body: &[u8]) -> bool {
        self.waits().bells.ring_all_in(body)
    }
}
