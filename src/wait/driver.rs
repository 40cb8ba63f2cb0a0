//! The driver of every wait: it sleeps, asks, and does as [`decide`] says.
//!
//! It spawns nothing and holds nothing but its own state between two questions, so dropping it at
//! any moment ends the wait and leaves nothing behind.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::{Error, ErrorKind};
use crate::ids::RunId;
use crate::run::{Run, RunKind};
use crate::snapshot::{RunSnapshot, RunStatus};

use super::bells::Bell;
use super::decide::{Answer, Decision, LAST_QUESTION, Policy, Reason, State, decide, patience};
use super::waits::Waits;

/// One who can be asked how a run is doing.
pub(crate) trait Ask: Send {
    fn id(&self) -> &RunId;

    /// Asks once, without repeating. Boxed, so that a wait is small while it sleeps.
    fn ask(&self) -> BoxFuture<'_, Result<RunSnapshot, Error>>;
}

impl Ask for Run {
    fn id(&self) -> &RunId {
        Run::id(self)
    }

    fn ask(&self) -> BoxFuture<'_, Result<RunSnapshot, Error>> {
        Box::pin(self.poll())
    }
}

/// What came of a step.
#[derive(Debug)]
pub(crate) enum Step {
    /// The run goes on.
    Going(RunSnapshot),
    Done(RunSnapshot),
    /// The wait is over; the answer that ended it, if one did.
    Failed(Error, Option<RunSnapshot>),
}

pub(crate) struct Driver<A> {
    asker: A,
    policy: Policy,
    state: State,
    waits: Arc<Waits>,
    bell: Bell,
    /// When the run's age was zero.
    born: Instant,
    /// The age at which the wait began.
    began: Duration,
    last_status: Option<RunStatus>,
    last_error: Option<Error>,
}

impl<A: Ask> Driver<A> {
    /// Begins to wait. `born` is the submission, or now where that is not known; the policy's
    /// deadline is an age.
    pub(crate) fn new(asker: A, policy: Policy, waits: Arc<Waits>, born: Instant) -> Self {
        let began = born.elapsed();
        let (state, _) = decide(&policy, State::default(), Answer::Nothing, began);
        Self {
            bell: waits.bells.hang(asker.id().as_str()),
            asker,
            policy,
            state,
            waits,
            born,
            began,
            last_status: None,
            last_error: None,
        }
    }

    pub(crate) fn asker(&self) -> &A {
        &self.asker
    }

    /// The run's age, as far as it is known.
    pub(crate) fn age(&self) -> Duration {
        self.born.elapsed()
    }

    pub(crate) fn polls(&self) -> u32 {
        self.state.polls
    }

    /// The age at which the next question is due.
    pub(crate) fn next(&self) -> Duration {
        self.state.next
    }

    /// Sleeps and asks until there is an answer.
    pub(crate) async fn step(&mut self) -> Step {
        loop {
            self.sleep().await;
            let Some(answered) = self.question().await else {
                return Step::Failed(self.ended(None), None);
            };
            let answer = judge(&answered);
            let (state, decision) = decide(&self.policy, self.state, answer, self.age());
            self.state = state;
            match (decision, answered) {
                (Decision::Done, Ok(snapshot)) => return Step::Done(snapshot),
                (Decision::Sleep(_), Ok(snapshot)) => {
                    self.last_status = Some(snapshot.status().clone());
                    self.last_error = None;
                    return Step::Going(snapshot);
                }
                (Decision::Fail(Reason::RunFailed | Reason::RunCancelled), Ok(snapshot)) => {
                    return Step::Failed(Error::run_failed(snapshot.clone()), Some(snapshot));
                }
                (Decision::Fail(Reason::Refused), Err(error)) => return Step::Failed(error, None),
                (Decision::Sleep(_), Err(error)) => self.last_error = Some(error),
                (_, Ok(snapshot)) => {
                    self.last_status = Some(snapshot.status().clone());
                    return Step::Failed(self.ended(None), Some(snapshot));
                }
                (_, Err(error)) => return Step::Failed(self.ended(Some(error)), None),
            }
        }
    }

    async fn sleep(&mut self) {
        loop {
            let due = self.born + self.state.next;
            tokio::select! {
                () = sleep_until(due) => return,
                () = self.bell.rung() => {
                    // A hint ends no wait, it moves the next question.
                    (self.state, _) = decide(&self.policy, self.state, Answer::Hint, self.age());
                }
            }
        }
    }

    /// Asks as soon as it is this wait's turn; `None` if that did not come in time.
    async fn question(&mut self) -> Option<Result<RunSnapshot, Error>> {
        let mut place = self.waits.gate.queue();
        let pass = loop {
            // Counted from now where nobody polled the wait at its deadline: the last question is
            // asked all the same.
            let came = self.age();
            let latest = self.born + self.policy.deadline.max(came) + LAST_QUESTION;
            match place.enter_by(latest).await {
                Ok(pass) => break pass,
                Err(_) if latest.elapsed() < LAST_QUESTION => return None,
                Err(kept) => place = kept,
            }
        };
        let asked = self.age();
        self.state.ask(asked);
        let until = self.born + patience(&self.policy, asked);
        let answered = pass.hold(timeout_at(until, self.asker.ask())).await;
        Some(answered.unwrap_or_else(|_| {
            let after = self.age().saturating_sub(asked);
            Err(Error::timeout(after, None).with_run_id(self.asker.id().clone()))
        }))
    }

    fn ended(&mut self, error: Option<Error>) -> Error {
        let elapsed = self.age().saturating_sub(self.began);
        let id = self.asker.id().clone();
        let ended = Error::wait_ended(id, elapsed, self.state.polls, self.last_status.take());
        match error.or(self.last_error.take()) {
            Some(error) => ended.with_source(error),
            None => ended,
        }
    }

    /// Hands on how long the run took, if this wait saw it end.
    pub(crate) fn teach(&self, kind: &RunKind) {
        let Some(finished) = self.state.asked.filter(|_| self.policy.age_known) else {
            return;
        };
        let first = self.policy.schedule.next_after(Duration::ZERO);
        match self.state.unfinished {
            Some(unfinished) => self.waits.observe(kind, unfinished, finished),
            // A run that nobody asked for until long after its end says nothing.
            None if self.began > first => {}
            None => self.waits.observe(kind, Duration::ZERO, finished),
        }
    }
}

/// What an answer means to the wait.
fn judge(answered: &Result<RunSnapshot, Error>) -> Answer {
    let error = match answered {
        Ok(snapshot) => {
            return match snapshot.status() {
                RunStatus::Success => Answer::Succeeded,
                RunStatus::Failed => Answer::Failed,
                RunStatus::Cancelled => Answer::Cancelled,
                _ => Answer::Unfinished,
            };
        }
        Err(error) => error,
    };
    let retry_after = error.retry_after();
    match error.kind() {
        ErrorKind::Configuration => Answer::Refused,
        ErrorKind::Api if error.is_retryable() => Answer::Unavailable { retry_after },
        // Whatever the answer says of repeating, a server in trouble is given time: the result is
        // paid for. A refusal on the caller's account is believed.
        ErrorKind::Api => match error.status() {
            Some(404) => Answer::NotFound,
            Some(408 | 425 | 429) => Answer::Unavailable { retry_after },
            Some(400..500) => Answer::Refused,
            _ => Answer::Unavailable { retry_after },
        },
        _ => Answer::Unavailable { retry_after },
    }
}
