//! A wait that is dropped leaves nothing behind, wherever it was.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::schedule::{Learned, Schedule};
use crate::wait::decide::{Answer, ErrorPolicy, Policy};
use crate::wait::driver::{Driver, Step};
use crate::wait::{PollLimits, Waits};

use super::gate::enter;
use super::script::Script;

/// Polls a future this often at most; whether it came to its end.
async fn polled(times: usize, future: impl Future<Output = ()>) -> bool {
    let (mut future, mut left) = (pin!(future), times);
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn at_each_await_point() {
    let limits = PollLimits::default().with_in_flight(1).with_per_second(1);
    let lines = [(40, Answer::Unfinished), (40, Answer::Succeeded)];
    let mut points = 0;
    loop {
        let waits = Arc::new(Waits::new(limits, Learned::default()));
        let script = Script::new(&lines, Instant::now());
        let asked = Arc::clone(&script.asked);
        let policy = Policy {
            schedule: Schedule::every(Duration::from_millis(100)),
            deadline: Duration::from_secs(60),
            errors: ErrorPolicy::default(),
            age_known: true,
        };
        // Somebody else holds the only pass at first, then one second must pass between requests:
        // so the wait sleeps, queues for the pass, queues for its second, and asks.
        let pass = enter(&waits.gate).await;
        let release = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            drop(pass);
        };
        let wait = async {
            let mut driver = Driver::new(script, policy, Arc::clone(&waits), Instant::now());
            while let Step::Going(_) = driver.step().await {}
        };
        let (ended, ()) = tokio::join!(polled(points, wait), release);

        assert!(
            !waits.bells.ring("run"),
            "the bell hangs after {points} polls"
        );
        assert_eq!(Arc::strong_count(&waits), 1, "after {points} polls");
        let again = tokio::time::timeout(Duration::from_secs(2), enter(&waits.gate));
        assert!(again.await.is_ok(), "the pass is gone after {points} polls");
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        if ended {
            assert_eq!(asked.lock().unwrap().len(), 2);
            break;
        }
        points += 1;
    }
    // Two sleeps, the queue for the pass, two for the second's end, two questions.
    assert!(points >= 7, "{points}");
}
