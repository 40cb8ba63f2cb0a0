//! Lives of runs, and the exact instants at which they are asked for: first by the pure function
//! alone, then by the driver in paused time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::ErrorKind;
use crate::schedule::{Learned, Schedule};
use crate::snapshot::RunStatus;
use crate::wait::decide::{
    Answer, Decision, ErrorPolicy, NEVER, Policy, Reason, State, decide, patience,
};
use crate::wait::driver::{Driver, Step};
use crate::wait::{PollLimits, Waits};

use super::script::{HANGS, Line, Script};

const GOING: Line = (0, Answer::Unfinished);
const DONE: Line = (0, Answer::Succeeded);
const LOST: Line = (0, Answer::NotFound);
const DOWN: Line = (0, Answer::Unavailable { retry_after: None });

fn busy(seconds: u64) -> Line {
    let retry_after = Some(Duration::from_secs(seconds));
    (0, Answer::Unavailable { retry_after })
}

#[derive(Clone)]
struct Life {
    name: &'static str,
    schedule: Schedule,
    /// Milliseconds of age.
    deadline: u64,
    began: u64,
    age_known: bool,
    errors: ErrorPolicy,
    lines: Vec<Line>,
    asked: Vec<u64>,
    end: Decision,
    ended: u64,
}

impl Life {
    /// Asked for every three seconds from its submission on, without a deadline.
    fn new(name: &'static str, lines: impl Into<Vec<Line>>) -> Self {
        Self {
            name,
            schedule: Schedule::every(Duration::from_secs(3)),
            deadline: NEVER.as_millis() as u64,
            began: 0,
            age_known: true,
            errors: ErrorPolicy::default(),
            lines: lines.into(),
            asked: Vec::new(),
            end: Decision::Done,
            ended: 0,
        }
    }

    fn deadline(mut self, millis: u64) -> Self {
        self.deadline = millis;
        self
    }

    fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    fn errors(mut self, failures: u32, seconds: u64) -> Self {
        self.errors = ErrorPolicy::new(failures, Duration::from_secs(seconds));
        self
    }

    /// The wait begins only at this age.
    fn began(mut self, millis: u64) -> Self {
        self.began = millis;
        self
    }

    fn attached(mut self) -> Self {
        self.age_known = false;
        self
    }

    /// Asked at these instants, and then it is over without delay.
    fn asks(self, asked: impl Into<Vec<u64>>) -> Self {
        let asked = asked.into();
        let ended = *asked.last().unwrap();
        Self {
            asked,
            ended,
            ..self
        }
    }

    fn ends(mut self, reason: Reason, ended: u64) -> Self {
        self.end = Decision::Fail(reason);
        self.ended = ended;
        self
    }

    fn succeeds(mut self, ended: u64) -> Self {
        self.ended = ended;
        self
    }

    fn policy(&self) -> Policy {
        Policy {
            schedule: self.schedule.clone(),
            deadline: Duration::from_millis(self.deadline),
            errors: self.errors,
            age_known: self.age_known,
        }
    }
}

fn lives() -> Vec<Life> {
    let growing = Schedule::growing(Duration::from_secs(1), 1.5, Duration::from_secs(5));
    let listed = Schedule::at([10, 12, 20].map(Duration::from_secs));
    vec![
        Life::new("succeeds at the third question", [GOING, GOING, DONE]).asks([3000, 6000, 9000]),
        Life::new(
            "slow answers push the next question back",
            [(400, Answer::Unfinished), DONE],
        )
        .asks([3000, 6400]),
        Life::new("pauses grow", [GOING, GOING, GOING, GOING, GOING, DONE])
            .schedule(growing)
            .asks([1000, 2500, 4750, 8125, 13_125, 18_125]),
        Life::new(
            "planned moments, one passed over",
            [(3000, Answer::Unfinished), GOING, DONE],
        )
        .schedule(listed)
        .asks([10_000, 20_000, 50_000]),
        Life::new(
            "the last sleep is clamped, the last question decides",
            [GOING, DONE],
        )
        .deadline(5000)
        .asks([3000, 5000]),
        Life::new("a deadline comes", [GOING])
            .deadline(5000)
            .asks([3000, 5000])
            .ends(Reason::Deadline, 5000),
        Life::new("an unknown state goes on until the deadline", [GOING])
            .deadline(12_000)
            .asks([3000, 6000, 9000, 12_000])
            .ends(Reason::Deadline, 12_000),
        Life::new(
            "a question in flight is cut at the deadline",
            [GOING, (HANGS, Answer::Unfinished)],
        )
        .deadline(8000)
        .asks([3000, 6000, 8000])
        .ends(Reason::Deadline, 13_000),
        Life::new(
            "the last question may take a moment",
            [GOING, (4900, Answer::Succeeded)],
        )
        .deadline(5000)
        .asks([3000, 5000])
        .succeeds(9900),
        Life::new("a blip", [DOWN, GOING, DOWN, DONE]).asks([3000, 6000, 9000, 12_000]),
        Life::new("it is down: five failures and a minute", [DOWN])
            .schedule(Schedule::every(Duration::from_secs(1)))
            .asks([1000, 2000, 4000, 8000, 16_000, 32_000, 62_000])
            .ends(Reason::Unanswered, 62_000),
        Life::new(
            "a minute without an answer is not enough",
            [(HANGS, Answer::Unfinished)],
        )
        .deadline(70_000)
        .asks([3000, 70_000])
        .ends(Reason::Deadline, 75_000),
        Life::new(
            "failures that are not in a row",
            [DOWN, DOWN, GOING, DOWN, DOWN, DONE],
        )
        .errors(3, 0)
        .asks([3000, 6000, 9000, 12_000, 15_000, 18_000]),
        Life::new("three failures in a row", [GOING, DOWN])
            .errors(3, 0)
            .asks([3000, 6000, 9000, 12_000])
            .ends(Reason::Unanswered, 12_000),
        Life::new("Retry-After moves the next question", [busy(20), DONE]).asks([3000, 23_000]),
        Life::new("a short Retry-After asks for no haste", [busy(0), DONE]).asks([3000, 6000]),
        Life::new("Retry-After ends at the deadline", [busy(86_400), DONE])
            .deadline(60_000)
            .asks([3000, 60_000]),
        Life::new("not known everywhere yet", [LOST, LOST, GOING, DONE])
            .asks([3000, 6000, 9000, 12_000]),
        Life::new("not known half a minute later", [LOST])
            .schedule(Schedule::every(Duration::from_secs(12)))
            .asks([12_000, 24_000, 30_000])
            .ends(Reason::Refused, 30_000),
        Life::new("lost once it was seen", [GOING, LOST, LOST, DONE])
            .asks([3000, 6000, 9000, 12_000]),
        Life::new("attached to: asked at once", [GOING, DONE])
            .attached()
            .asks([0, 3000]),
        Life::new("attached to a moment too early", [LOST, LOST, GOING, DONE])
            .attached()
            .asks([0, 3000, 6000, 9000]),
        Life::new("attached to, and unknown", [LOST])
            .attached()
            .asks([0, 3000, 6000, 9000, 10_000])
            .ends(Reason::Refused, 10_000),
        Life::new("attached to, unknown, and rarely asked for", [LOST])
            .schedule(Schedule::every(Duration::from_secs(3600)))
            .attached()
            .asks([0, 10_000])
            .ends(Reason::Refused, 10_000),
        Life::new("submitted long ago, and unknown", [LOST])
            .began(60_000)
            .asks([60_000])
            .ends(Reason::Refused, 60_000),
        Life::new("waited for late: asked at once", [GOING, DONE])
            .began(60_000)
            .asks([60_000, 63_000]),
        Life::new("fails", [GOING, (0, Answer::Failed)])
            .asks([3000, 6000])
            .ends(Reason::RunFailed, 6000),
        Life::new("is cancelled", [(0, Answer::Cancelled)])
            .asks([3000])
            .ends(Reason::RunCancelled, 3000),
        Life::new("is refused", [(0, Answer::Refused)])
            .asks([3000])
            .ends(Reason::Refused, 3000),
    ]
}

#[test]
fn decided() {
    for life in lives() {
        let policy = life.policy();
        let (mut asked, mut now) = (Vec::new(), Duration::from_millis(life.began));
        let (mut state, mut decision) = decide(&policy, State::default(), Answer::Nothing, now);
        while let Decision::Sleep(until) = decision {
            now = until.max(now);
            state.ask(now);
            let line = life.lines.get(asked.len()).or(life.lines.last()).unwrap();
            asked.push(now.as_millis() as u64);
            let cut = patience(&policy, now);
            let answered = now.saturating_add(Duration::from_millis(line.0));
            let answer = if answered <= cut {
                line.1
            } else {
                Answer::Unavailable { retry_after: None }
            };
            now = answered.min(cut);
            (state, decision) = decide(&policy, state, answer, now);
        }
        assert_eq!((asked, decision), (life.asked, life.end), "{}", life.name);
        assert_eq!(now.as_millis() as u64, life.ended, "{}", life.name);
    }
}

#[tokio::test(start_paused = true)]
async fn driven() {
    for life in lives() {
        let waits = Arc::new(Waits::new(PollLimits::default(), Learned::default()));
        let born = Instant::now();
        tokio::time::advance(Duration::from_millis(life.began)).await;
        let script = Script::new(&life.lines, born);
        let asked = Arc::clone(&script.asked);
        let mut driver = Driver::new(script, life.policy(), waits, born);
        let end = loop {
            match driver.step().await {
                Step::Going(_) => {}
                end => break end,
            }
        };
        assert_eq!(*asked.lock().unwrap(), life.asked, "{}", life.name);
        let polls = driver.polls();
        assert_eq!(polls as usize, life.asked.len(), "{}", life.name);
        assert_eq!(
            born.elapsed().as_millis() as u64,
            life.ended,
            "{}",
            life.name
        );
        let kind = match life.end {
            Decision::Fail(Reason::RunFailed | Reason::RunCancelled) => ErrorKind::RunFailed,
            Decision::Fail(Reason::Refused) => ErrorKind::Api,
            Decision::Fail(Reason::Deadline | Reason::Unanswered) => ErrorKind::WaitEnded,
            Decision::Done | Decision::Sleep(_) => {
                assert!(matches!(end, Step::Done(_)), "{}: {end:?}", life.name);
                continue;
            }
        };
        let Step::Failed(error, answer) = end else {
            panic!("{}: {end:?}", life.name);
        };
        assert_eq!(error.kind(), kind, "{}", life.name);
        let tells = life.lines.get(life.asked.len() - 1).or(life.lines.last());
        let (after, tells) = tells.unwrap();
        let told = matches!(
            tells,
            Answer::Unfinished | Answer::Failed | Answer::Cancelled
        );
        assert_eq!(answer.is_some(), told && *after != HANGS, "{}", life.name);
        if kind == ErrorKind::WaitEnded {
            assert_eq!(error.polls(), Some(polls), "{}", life.name);
            assert_eq!(error.run_id().unwrap().as_str(), "run");
            let seen = life.lines[..life.asked.len().min(life.lines.len())].contains(&GOING);
            let status = error.last_status().map(RunStatus::as_str);
            assert_eq!(status, seen.then_some("Dreaming"), "{}", life.name);
            let waited = Duration::from_millis(life.ended - life.began);
            assert_eq!(error.elapsed(), Some(waited), "{}", life.name);
        }
    }
}

#[test]
fn hints_bring_the_next_question_forward_but_not_too_far() {
    let policy = Life::new("", [GOING]).policy();
    let secs = Duration::from_secs;
    let hint = |state, now| decide(&policy, state, Answer::Hint, now);
    let (fresh, _) = decide(&policy, State::default(), Answer::Nothing, secs(0));
    // Before the first question: at once.
    assert_eq!(hint(fresh, secs(1)).1, Decision::Sleep(secs(1)));
    let mut state = fresh;
    state.ask(secs(3));
    let (state, sleep) = decide(&policy, state, Answer::Unfinished, secs(3));
    assert_eq!(sleep, Decision::Sleep(secs(6)));
    // Not within a second of the last, however often it rings.
    let (early, sleep) = hint(state, secs(3));
    assert_eq!(sleep, Decision::Sleep(secs(4)));
    assert_eq!(hint(early, Duration::from_millis(3500)), (early, sleep));
    // It never puts a question off.
    assert_eq!(hint(state, secs(5)).1, Decision::Sleep(secs(5)));
    assert_eq!(hint(state, secs(7)).1, Decision::Sleep(secs(7)));
    // What the service asked for comes first.
    let retry_after = Some(secs(30));
    let (busy, _) = decide(&policy, state, Answer::Unavailable { retry_after }, secs(6));
    assert_eq!(hint(busy, secs(10)).1, Decision::Sleep(secs(36)));
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_heard_where_one_more_failure_would_end_the_wait() {
    let life = Life::new("", [DOWN, DONE])
        .schedule(Schedule::every(Duration::from_secs(600)))
        .errors(1, 60);
    let waits = Arc::new(Waits::new(PollLimits::default(), Learned::default()));
    let script = Script::new(&life.lines, Instant::now());
    let asked = Arc::clone(&script.asked);
    let mut driver = Driver::new(script, life.policy(), Arc::clone(&waits), Instant::now());
    let callback = async {
        tokio::time::sleep(Duration::from_secs(700)).await;
        assert!(waits.bells.ring("run"));
    };
    let (step, ()) = tokio::join!(driver.step(), callback);
    assert!(matches!(step, Step::Done(_)), "{step:?}");
    assert_eq!(*asked.lock().unwrap(), [600_000, 700_000]);
}
