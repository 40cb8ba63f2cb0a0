//! How long waits that nobody polls hold up those behind them, and what the looks of those cost.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt, join, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep};

use crate::schedule::{Learned, Schedule};
use crate::wait::decide::{Answer, ErrorPolicy, Policy};
use crate::wait::driver::{Driver, Step};
use crate::wait::gate::{Gate, LONGEST_LOOK, PATIENCE};
use crate::wait::{PollLimits, Waits};

use super::gate::{SPACING, enter, gate, in_time, unpolled};
use super::script::Script;

/// Requests that are polled take all places, for so long.
async fn busy(gate: &Gate, slots: u32, lasts: Duration) {
    join_all((0..slots).map(|_| async { enter(gate).await.hold(sleep(lasts)).await })).await;
}

/// How long a wait stays outside of a free door behind so many that nobody polls, where the door
/// was full for so long that its looks have become as rare as they can.
async fn held_up(slots: u32, lasts: u64, dead: usize) -> Duration {
    let gate = gate(slots);
    let began = Instant::now();
    let lasts = Duration::from_secs(lasts);
    let behind = async {
        // By now all places are taken.
        sleep(SPACING * slots).await;
        let (waiting, passes) = unpolled(&gate, dead);
        assert_eq!((waiting.len(), passes.len()), (dead, 0));
        in_time(enter(&gate)).await.hold(async {}).await;
        began.elapsed() - lasts
    };
    join(busy(&gate, slots, lasts), behind).await.1
}

#[tokio::test(start_paused = true)]
async fn a_quarter_of_a_second_behind_a_few_however_long_the_door_was_full() {
    for slots in [1, 16] {
        for lasts in [2, 5, 10, 22, 40, 60, 100] {
            for dead in [1, 2, 25] {
                let held_up = held_up(slots, lasts, dead).await;
                let place = (slots, lasts, dead);
                assert!(held_up <= PATIENCE, "{place:?}: {held_up:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn behind_many_ten_milliseconds_for_each_and_never_longer_than_sixteen_seconds() {
    for lasts in [22, 40, 61, 97] {
        for dead in [100, 1000, 10_000] {
            let held_up = held_up(1, lasts, dead).await;
            let bound = Duration::from_millis(10) * dead as u32;
            assert!(held_up <= bound.min(LONGEST_LOOK), "{dead}: {held_up:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_few_in_the_midst_of_a_queue_that_moves_cost_it_half_a_second() {
    for (per_second, before) in [(20, 300), (1000, 4000)] {
        let gate = Gate::new(PollLimits::default().with_per_second(per_second));
        let (mut stopped, polled) = (Vec::new(), FuturesUnordered::new());
        for n in 0..before + 30 {
            let mut enter = enter(&gate).boxed();
            // In line from the beginning, each at its place.
            let entered = (&mut enter).now_or_never();
            match entered {
                Some(pass) => drop(pass),
                None if (before..before + 20).contains(&n) => stopped.push(enter),
                None => polled.push(async { enter.await.hold(async {}).await }),
            }
        }
        let began = Instant::now();
        in_time(polled.count()).await;
        let bound = Duration::from_secs(1) * (before + 10) / per_second + PATIENCE * 2;
        assert!(began.elapsed() <= bound, "{:?}", began.elapsed());
        assert_eq!(stopped.len(), 20);
    }
}

#[tokio::test(start_paused = true)]
async fn who_comes_to_the_head_because_the_others_left_is_held_up_no_longer() {
    let gate = gate(1);
    let behind = async {
        sleep(SPACING).await;
        let (mut waiting, _) = unpolled(&gate, 2000);
        let leave = async {
            sleep(Duration::from_millis(39_500)).await;
            waiting.truncate(1);
        };
        let enter = async {
            in_time(enter(&gate)).await;
            Instant::now()
        };
        join(enter, leave).await.0
    };
    let began = Instant::now();
    let lasts = Duration::from_secs(40);
    let entered = join(busy(&gate, 1, lasts), behind).await.1;
    assert!(entered - began <= lasts + PATIENCE, "{:?}", entered - began);
}

/// How often a second so many waits at a full door wake up.
async fn wake_ups(waits: u32) -> u32 {
    let gate = gate(1);
    let polls = Cell::new(0);
    let queue = (0..waits).map(|_| {
        let mut enter = enter(&gate).boxed();
        let polls = &polls;
        poll_fn(move |cx| {
            polls.set(polls.get() + 1);
            enter.as_mut().poll_unpin(cx)
        })
    });
    // Out of the runtime's budget a poll is no wake-up.
    let mut queue = pin!(unconstrained(
        queue.collect::<FuturesUnordered<_>>().count()
    ));
    let counted = async {
        sleep(Duration::from_secs(60)).await;
        let before = polls.get();
        sleep(Duration::from_secs(160)).await;
        (polls.get() - before) / 160
    };
    tokio::select! {
        biased;
        () = busy(&gate, 1, Duration::from_secs(600)) => 0,
        _ = &mut queue => 0,
        counted = counted => counted,
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_in_the_queue_wake_up_1500_times_a_second_in_all() {
    for (waits, most) in [(50, 200), (1000, 900), (10_000, 1500)] {
        let woken = wake_ups(waits).await;
        assert!((1..=most).contains(&woken), "{waits}: {woken}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_looks_at_the_door_once_more_before_it_ends() {
    let limits = PollLimits::default().with_in_flight(1);
    let waits = Arc::new(Waits::new(limits, Learned::default()));
    let busy = busy(&waits.gate, 1, Duration::from_secs(47));
    let behind = async {
        sleep(SPACING).await;
        let (waiting, _) = unpolled(&waits.gate, 2000);
        assert_eq!(waiting.len(), 2000);
        let now = Instant::now();
        let policy = Policy {
            schedule: Schedule::every(Duration::from_secs(3)),
            deadline: Duration::from_millis(42_500),
            errors: ErrorPolicy::default(),
            age_known: false,
        };
        // Its looks are ten seconds apart by now, and it ends half a second after the door is free.
        let script = Script::new(&[(20, Answer::Succeeded)], now);
        let asked = Arc::clone(&script.asked);
        let mut driver = Driver::new(script, policy, Arc::clone(&waits), now);
        let step = driver.step().await;
        assert!(matches!(step, Step::Done(_)), "{step:?}");
        assert_eq!(*asked.lock().unwrap(), [47_500]);
    };
    join(busy, behind).await;
}

#[tokio::test(start_paused = true)]
async fn of_those_polled_past_their_deadline_a_hundred_are_asked_for() {
    let waits = Arc::new(Waits::new(PollLimits::default(), Learned::default()));
    let now = Instant::now();
    let mut drivers = Vec::from_iter((0..300).map(|_| {
        let policy = Policy {
            schedule: Schedule::default(),
            deadline: Duration::from_secs(60),
            errors: ErrorPolicy::default(),
            age_known: true,
        };
        let script = Script::new(&[(20, Answer::Succeeded)], now);
        Driver::new(script, policy, Arc::clone(&waits), now)
    }));
    tokio::time::advance(Duration::from_secs(3600)).await;
    let steps = join_all(drivers.iter_mut().map(Driver::step)).await;
    let asked = steps.iter().filter(|step| matches!(step, Step::Done(_)));
    assert!((100..=101).contains(&asked.count()));
    assert!(now.elapsed() <= Duration::from_secs(3611));
}
