//! The decision of a wait, as one pure function: no clock, no network, no tasks.
//!
//! All times are ages of the run: counted from its submission or, where that is not known, from
//! the beginning of the wait.

use std::time::Duration;

use crate::schedule::Schedule;

/// For how long after its submission a run may be unknown to the service, which need not know
/// everywhere at once what it has just accepted.
const GRACE: Duration = Duration::from_secs(30);

/// For how long after the beginning of a wait a run of unknown age may be unknown to the service:
/// another process may have submitted it a moment ago.
const ATTACHED_GRACE: Duration = Duration::from_secs(10);

/// How long the last question, the one at the deadline, may take.
pub(crate) const LAST_QUESTION: Duration = Duration::from_secs(5);

/// The longest pause that failures alone bring about.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// How soon after a question a hint may bring about the next one, so that forged callbacks
/// cannot turn a wait into a flood.
const HINT_SPACING: Duration = Duration::from_secs(1);

/// A year. Beyond that, time does not matter, and instants might overflow.
pub(crate) const NEVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// When questions that get no answer end a wait: only after this many in a row *and* this much
/// time since the first of them, so that neither a blip nor a burst loses a result that is paid
/// for.
///
/// The pauses between such questions double from one second up to 30, and `Retry-After` is
/// honoured. A refusal that would be repeated whatever the time, such as that of a wrong key,
/// ends a wait at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ErrorPolicy {
    failures: u32,
    time: Duration,
}

impl Default for ErrorPolicy {
    /// Five failures in a row over at least a minute.
    fn default() -> Self {
        Self::new(5, Duration::from_secs(60))
    }
}

impl ErrorPolicy {
    /// Ends a wait after `failures` in a row over at least `time`. Zero failures mean one.
    pub const fn new(failures: u32, time: Duration) -> Self {
        let failures = if failures == 0 { 1 } else { failures };
        Self { failures, time }
    }

    /// Goes on until the deadline, whatever happens.
    pub const fn never() -> Self {
        Self::new(u32::MAX, Duration::MAX)
    }
}

/// What stays the same during a wait.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) schedule: Schedule,
    /// The age at which to ask for the last time; [`NEVER`] if there is none.
    pub(crate) deadline: Duration,
    pub(crate) errors: ErrorPolicy,
    /// Whether age zero is the submission. A run of unknown age is asked for at once.
    pub(crate) age_known: bool,
}

/// What changes during a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct State {
    /// How many questions were asked.
    pub(crate) polls: u32,
    /// When the last question was asked.
    pub(crate) asked: Option<Duration>,
    /// When the last question was asked that found the run unfinished.
    pub(crate) unfinished: Option<Duration>,
    /// When the next question is due.
    pub(crate) next: Duration,
    /// Questions without an answer since the last answer, and when the first of them failed.
    failures: u32,
    failing_since: Duration,
    /// The service does not want to be asked before.
    not_before: Duration,
}

impl State {
    /// A question is being asked.
    pub(crate) fn ask(&mut self, now: Duration) {
        self.polls = self.polls.saturating_add(1);
        self.asked = Some(now);
    }
}

/// What was learned since the last decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The wait begins.
    Nothing,
    /// Someone says that asking might be worthwhile now.
    Hint,
    Unfinished,
    Succeeded,
    Failed,
    Cancelled,
    /// The service knows no such run.
    NotFound,
    /// No answer, this time.
    Unavailable {
        retry_after: Option<Duration>,
    },
    /// A refusal that asking again would not change.
    Refused,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Ask at this age; at once if it has passed.
    Sleep(Duration),
    Done,
    Fail(Reason),
}

/// Why a wait ends without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    RunFailed,
    RunCancelled,
    Deadline,
    /// The [`ErrorPolicy`] says so.
    Unanswered,
    Refused,
}

/// What to do about an answer.
pub(crate) fn decide(
    policy: &Policy,
    mut state: State,
    answer: Answer,
    now: Duration,
) -> (State, Decision) {
    let next = match answer {
        Answer::Succeeded => return (state, Decision::Done),
        Answer::Failed => return (state, Decision::Fail(Reason::RunFailed)),
        Answer::Cancelled => return (state, Decision::Fail(Reason::RunCancelled)),
        Answer::Refused => return (state, Decision::Fail(Reason::Refused)),
        Answer::Nothing if policy.age_known => policy.schedule.next_after(Duration::ZERO),
        Answer::Nothing => now,
        Answer::Hint => match state.asked {
            Some(asked) => state.next.min(asked + HINT_SPACING),
            None => now,
        },
        Answer::Unfinished => {
            state.failures = 0;
            state.unfinished = state.asked;
            policy.schedule.next_after(now)
        }
        Answer::NotFound if state.unfinished.is_none() => {
            let grace = match policy.age_known {
                true => GRACE,
                false => ATTACHED_GRACE,
            };
            if now >= grace {
                return (state, Decision::Fail(Reason::Refused));
            }
            // However slow the schedule is: a mistyped id is told of soon.
            policy.schedule.next_after(now).min(grace)
        }
        // A run that was there a moment ago has not gone: whoever was asked does not know it.
        Answer::NotFound => failed(policy, &mut state, now, None),
        Answer::Unavailable { retry_after } => failed(policy, &mut state, now, retry_after),
    };
    if now >= policy.deadline {
        let last_was_asked = state.asked.is_some_and(|asked| asked >= policy.deadline);
        if last_was_asked {
            return (state, Decision::Fail(Reason::Deadline));
        }
    } else if answer != Answer::Hint
        && state.failures >= policy.errors.failures
        && now.saturating_sub(state.failing_since) >= policy.errors.time
    {
        // A hint says nothing about failures: the question that it brings about does.
        return (state, Decision::Fail(Reason::Unanswered));
    }
    state.next = next.max(state.not_before).min(policy.deadline).max(now);
    (state, Decision::Sleep(state.next))
}

/// Counts a question without an answer, and says when to ask again.
fn failed(
    policy: &Policy,
    state: &mut State,
    now: Duration,
    retry_after: Option<Duration>,
) -> Duration {
    if state.failures == 0 {
        state.failing_since = now;
    }
    let backoff = Duration::from_secs(1 << state.failures.min(5)).min(LONGEST_BACKOFF);
    state.failures = state.failures.saturating_add(1);
    if let Some(pause) = retry_after {
        state.not_before = now.saturating_add(pause);
    }
    policy.schedule.next_after(now).max(now + backoff)
}

/// Until which age a question asked at `asked` may go unanswered: to the deadline or, if it is
/// the last one, a little longer.
pub(crate) fn patience(policy: &Policy, asked: Duration) -> Duration {
    if asked < policy.deadline {
        policy.deadline
    } else {
        asked + LAST_QUESTION
    }
}
