//! The door through which all waits ask: its limits, its order, and that futures which nobody polls
//! hold up nobody. A future that was polled once by `now_or_never` is one of those.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use futures_util::stream::{FuturesOrdered, StreamExt};
use tokio::time::{Instant, sleep, timeout};

use crate::error::ErrorKind;
use crate::schedule::{Learned, Schedule};
use crate::wait::decide::{Answer, ErrorPolicy, NEVER, Policy};
use crate::wait::driver::{Driver, Step};
use crate::wait::gate::{Gate, LEASE, PATIENCE, Pass};
use crate::wait::{PollLimits, Waits};

use super::script::{Line, Script};

pub(super) const SPACING: Duration = Duration::from_millis(50);

/// Waits for a turn, however long it takes.
pub(super) async fn enter(gate: &Gate) -> Pass<'_> {
    let never = Instant::now() + NEVER;
    let entered = gate.queue().enter_by(never).await;
    entered.expect("a year has passed")
}

pub(super) fn gate(in_flight: u32) -> Gate {
    Gate::new(PollLimits::default().with_in_flight(in_flight))
}

/// Futures at the door that are polled no more, and the passes that some of them got.
pub(super) fn unpolled(gate: &Gate, count: usize) -> (Vec<BoxFuture<'_, Pass<'_>>>, Vec<Pass<'_>>) {
    let (mut waiting, mut passes) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let mut enter = enter(gate).boxed();
        match (&mut enter).now_or_never() {
            Some(pass) => passes.push(pass),
            None => waiting.push(enter),
        }
    }
    (waiting, passes)
}

/// Within ten minutes of paused time, lest a test hangs where it should fail.
pub(super) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(600);
    timeout(limit, future).await.expect("someone is held up")
}

/// How long it takes to get in.
async fn enters(gate: &Gate) -> Duration {
    let came = Instant::now();
    let pass = in_time(enter(gate)).await;
    pass.hold(async {}).await;
    came.elapsed()
}

#[tokio::test(start_paused = true)]
async fn in_the_order_in_which_they_came() {
    let gate = gate(1);
    let began = Instant::now();
    let all: Vec<_> = join_all((0..100).map(|_| async {
        let pass = enter(&gate).await;
        pass.hold(sleep(Duration::from_millis(20))).await;
        began.elapsed()
    }))
    .await;
    assert!(all.is_sorted(), "{all:?}");
    assert_eq!(all[99], SPACING * 99 + Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn one_in_the_queue_that_nobody_polls_is_passed_over() {
    let gate = gate(16);
    let (waiting, passes) = unpolled(&gate, 40);
    assert_eq!((waiting.len(), passes.len()), (39, 1));
    let bound = SPACING + PATIENCE * 2;
    let took = enters(&gate).await;
    assert!(took <= bound, "{took:?}");
    // From then on there is none of them in the queue.
    for _ in 0..10 {
        let took = enters(&gate).await;
        assert!(took <= SPACING, "{took:?}");
    }
    // Who comes back comes before those who came later.
    let late = unpolled(&gate, 1).0;
    let back: FuturesOrdered<_> = waiting.into_iter().chain(late).collect();
    let began = Instant::now();
    let passes: Vec<_> = in_time(back.take(16).map(drop).collect()).await;
    assert_eq!(passes.len(), 16);
    assert!(began.elapsed() <= SPACING * 17, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn those_who_are_polled_go_on_when_the_others_before_and_between_them_stop() {
    let gate = gate(16);
    let mut stopped = Vec::new();
    let mut polled = Vec::new();
    // Every tenth is polled.
    for n in 0..400 {
        let mut enter = enter(&gate).boxed();
        if n % 10 == 9 {
            polled.push(async { enter.await.hold(async {}).await });
        } else if (&mut enter).now_or_never().is_none() {
            stopped.push(enter);
        }
    }
    let began = Instant::now();
    in_time(join_all(polled)).await;
    let bound = SPACING * 40 + PATIENCE * 2;
    assert!(began.elapsed() <= bound, "{:?}", began.elapsed());
    assert_eq!(stopped.len(), 360 - 1);
}

#[tokio::test(start_paused = true)]
async fn requests_that_nobody_polls_count_no_more() {
    let gate = gate(16);
    let mut requests = Vec::new();
    for _ in 0..16 {
        sleep(SPACING).await;
        let mut request = async { enter(&gate).await.hold(sleep(SPACING)).await }.boxed();
        assert!((&mut request).now_or_never().is_none());
        requests.push(request);
    }
    let took = enters(&gate).await;
    assert!(took <= LEASE + PATIENCE, "{took:?}");
    // And they can be taken up again.
    in_time(join_all(requests)).await;
    let took = enters(&gate).await;
    assert!(took <= SPACING, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_polled_count_however_long_they_take() {
    let gate = gate(2);
    let long = Duration::from_secs(60);
    let began = Instant::now();
    let ends = join_all((0..6).map(|_| async {
        enter(&gate).await.hold(sleep(long)).await;
        began.elapsed()
    }))
    .await;
    for (pair, ends) in ends.chunks(2).enumerate() {
        assert!(ends[0] >= long * (pair as u32 + 1), "{ends:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_left_take_no_turn_with_them() {
    let gate = gate(16);
    drop(unpolled(&gate, 10_000));
    let took = enters(&gate).await;
    assert!(took <= SPACING, "{took:?}");
}

/// A wait of a minute for a run that answers so.
fn driver(waits: &Arc<Waits>, lines: &[Line]) -> Driver<Script> {
    let policy = Policy {
        schedule: Schedule::every(Duration::from_secs(3)),
        deadline: Duration::from_secs(60),
        errors: ErrorPolicy::default(),
        age_known: false,
    };
    let now = Instant::now();
    Driver::new(Script::new(lines, now), policy, Arc::clone(waits), now)
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_nobody_polled_past_its_deadline_asks_once_more() {
    let waits = Arc::new(Waits::new(PollLimits::default(), Learned::default()));
    let mut drivers: Vec<_> = (0..20)
        .map(|_| driver(&waits, &[(20, Answer::Succeeded)]))
        .collect();
    let mut steps: Vec<_> = drivers.iter_mut().map(|one| one.step().boxed()).collect();
    for step in &mut steps {
        assert!(step.now_or_never().is_none());
    }
    tokio::time::advance(Duration::from_secs(3600)).await;
    for step in in_time(join_all(steps)).await {
        assert!(matches!(step, Step::Done(_)), "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_with_little_time_asks_while_others_sleep_in_a_queue() {
    let waits = Arc::new(Waits::new(PollLimits::default(), Learned::default()));
    let mut others: Vec<_> = (0..40)
        .map(|_| driver(&waits, &[(20, Answer::Succeeded)]))
        .collect();
    let mut steps: Vec<_> = others.iter_mut().map(|one| one.step().boxed()).collect();
    for step in &mut steps {
        assert!(step.now_or_never().is_none());
    }
    let mut inner = driver(&waits, &[(20, Answer::Unfinished), (20, Answer::Failed)]);
    let began = Instant::now();
    assert!(matches!(in_time(inner.step()).await, Step::Going(_)));
    assert!(began.elapsed() < Duration::from_secs(1));
    let Step::Failed(error, Some(answer)) = in_time(inner.step()).await else {
        panic!("the run failed");
    };
    assert_eq!(error.kind(), ErrorKind::RunFailed);
    assert_eq!(error.snapshot(), Some(&answer));
    assert!(began.elapsed() < Duration::from_secs(4));
}
