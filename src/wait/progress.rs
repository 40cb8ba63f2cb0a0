//! What is told of a run while it is being waited for.

use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, BoxStream, Stream, StreamExt};

use crate::error::Error;
use crate::run::Run;
use crate::snapshot::{RunSnapshot, RunStatus};

use super::Wait;
use super::driver::Driver;

/// How a run is doing.
#[derive(Clone)]
pub struct Progress {
    snapshot: RunSnapshot,
    elapsed: Duration,
    polls: u32,
    expected: Option<usize>,
    next: Option<Duration>,
}

impl Progress {
    pub(super) fn new(driver: &Driver<Run>, snapshot: RunSnapshot, last: bool) -> Self {
        let asked_for = driver.asker().kind().and_then(|kind| kind.batch);
        let expected = asked_for.and_then(|count| usize::try_from(count).ok());
        let expected = expected.or_else(|| snapshot.images_expected());
        let elapsed = driver.age();
        Self {
            elapsed,
            polls: driver.polls(),
            expected: expected.or_else(|| {
                let over = snapshot.status().is_terminal();
                over.then_some(snapshot.results().len())
            }),
            next: (!last).then(|| driver.next().saturating_sub(elapsed)),
            snapshot,
        }
    }

    /// The run's state.
    #[must_use]
    pub fn status(&self) -> &RunStatus {
        self.snapshot.status()
    }

    /// The time since the run was submitted or, where it was attached to, since the wait began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How many questions this wait has asked.
    #[must_use]
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// How many images are finished.
    #[must_use]
    pub fn images_done(&self) -> usize {
        self.snapshot.images().count()
    }

    /// How many images there are to be, as far as that is known.
    #[must_use]
    pub fn images_expected(&self) -> Option<usize> {
        self.expected
    }

    /// How long it is until the next question; `None` if this was the last.
    #[must_use]
    pub fn next_question_in(&self) -> Option<Duration> {
        self.next
    }

    /// The whole run as it stands, with the images that are finished.
    #[must_use]
    pub fn snapshot(&self) -> &RunSnapshot {
        &self.snapshot
    }

    /// The whole run as it stands, by value.
    #[must_use]
    pub fn into_snapshot(self) -> RunSnapshot {
        self.snapshot
    }
}

/// Without the texts and the images that the run was made from, which its snapshot repeats.
impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("run", self.snapshot.id())
            .field("status", self.status())
            .field("elapsed", &self.elapsed)
            .field("polls", &self.polls)
            .field("images_done", &self.images_done())
            .field("images_expected", &self.expected)
            .field("next_question_in", &self.next)
            .finish_non_exhaustive()
    }
}

/// The changes of a run: see [`Wait::updates`].
#[must_use = "streams do nothing unless polled"]
pub struct Updates(BoxStream<'static, Result<Progress, Error>>);

impl Updates {
    pub(super) fn new(wait: Wait) -> Self {
        let begin = stream::once(async move { wait.begin() });
        let updates = begin.flat_map(|watch| {
            stream::unfold((Some(watch), None), |(watch, seen)| async move {
                let mut watch = watch?;
                loop {
                    match watch.next().await {
                        ControlFlow::Break(end) => return Some((end, (None, seen))),
                        ControlFlow::Continue(now) => {
                            let snapshot = Some(now.snapshot.clone());
                            if snapshot != seen {
                                return Some((Ok(now), (Some(watch), snapshot)));
                            }
                        }
                    }
                }
            })
        });
        Self(updates.boxed())
    }
}

impl Stream for Updates {
    type Item = Result<Progress, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Updates").finish_non_exhaustive()
    }
}
