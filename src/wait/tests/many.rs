//! Ten thousand waits at once.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;

use crate::client::Client;
use crate::error::Error;
use crate::ids::RunId;
use crate::schedule::{Learned, Schedule};
use crate::snapshot::RunSnapshot;
use crate::wait::decide::{ErrorPolicy, LAST_QUESTION, NEVER, Policy};
use crate::wait::driver::{Ask, Driver, Step};
use crate::wait::{PollLimits, Waits};

use super::script::snapshot;

const RUNS: usize = 10_000;
const PER_SECOND: usize = 20;
const IN_FLIGHT: usize = 16;

/// What the service sees of all runs together.
#[derive(Default)]
struct Seen {
    asked: Vec<(Duration, usize)>,
    in_flight: usize,
    most_in_flight: usize,
}

struct Service {
    id: RunId,
    number: usize,
    takes: Duration,
    latency: Duration,
    born: Instant,
    seen: Arc<Mutex<Seen>>,
}

impl Ask for Service {
    fn id(&self) -> &RunId {
        &self.id
    }

    fn ask(&self) -> BoxFuture<'_, Result<RunSnapshot, Error>> {
        Box::pin(async {
            {
                let mut seen = self.seen.lock().unwrap();
                seen.asked.push((self.born.elapsed(), self.number));
                seen.in_flight += 1;
                seen.most_in_flight = seen.most_in_flight.max(seen.in_flight);
            }
            tokio::time::sleep(self.latency).await;
            self.seen.lock().unwrap().in_flight -= 1;
            let ended = self.born.elapsed() >= self.takes;
            let status = if ended { "Success" } else { "Running" };
            Ok(snapshot(self.id.as_str(), status))
        })
    }
}

/// Many runs that are waited for under the same policy, each until its end: how many ended well.
async fn wait_for(runs: usize, limits: PollLimits, deadline: Duration) -> (usize, Seen) {
    let waits = Arc::new(Waits::new(limits, Learned::default()));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (born, mut rng) = (Instant::now(), fastrand::Rng::with_seed(1));
    let all: FuturesUnordered<_> = (0..runs)
        .map(|number| {
            let service = Service {
                id: RunId::new(format!("run{number}")).unwrap(),
                number,
                takes: Duration::from_secs(rng.u64(5..1500)),
                latency: Duration::from_millis(rng.u64(50..500)),
                born,
                seen: Arc::clone(&seen),
            };
            let policy = Policy {
                schedule: Schedule::default(),
                deadline,
                errors: ErrorPolicy::default(),
                age_known: true,
            };
            let mut driver = Driver::new(service, policy, Arc::clone(&waits), born);
            async move {
                loop {
                    match driver.step().await {
                        Step::Going(_) => {}
                        Step::Done(_) => break true,
                        Step::Failed(..) => break false,
                    }
                }
            }
        })
        .collect();
    let ended: Vec<_> = all.collect().await;
    assert_eq!(ended.len(), runs);
    let well = ended.into_iter().filter(|well| *well).count();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (well, seen)
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_keep_to_the_limits_and_none_starves() {
    let (ended_well, seen) = wait_for(RUNS, PollLimits::default(), NEVER).await;
    assert_eq!(ended_well, RUNS);
    assert!(seen.most_in_flight <= IN_FLIGHT, "{}", seen.most_in_flight);
    let second = Duration::from_secs(1);
    for (first, beyond) in seen.asked.iter().zip(seen.asked.iter().skip(PER_SECOND)) {
        assert!(beyond.0 - first.0 >= second, "{first:?} to {beyond:?}");
    }
    // Nobody waits for longer than it takes to ask everybody once, and its own pause.
    let round = second * (RUNS / PER_SECOND) as u32 + Duration::from_secs(40);
    let mut last = vec![Duration::ZERO; RUNS];
    for (asked, number) in &seen.asked {
        assert!(*asked - last[*number] <= round, "run {number} at {asked:?}");
        last[*number] = *asked;
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_too_long_holds_nobody_beyond_the_deadline() {
    let (began, deadline) = (Instant::now(), Duration::from_secs(60));
    let (ended_well, _) = wait_for(1000, PollLimits::default().with_per_second(1), deadline).await;
    assert!(ended_well < 1000);
    assert!(began.elapsed() <= deadline + LAST_QUESTION + Duration::from_millis(1));
}

/// The memory of this process in use, in bytes.
#[cfg(target_os = "linux")]
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

/// Set in the process that measures, which must run no other test meanwhile.
const MEASURING: &str = "WESHOP_TEST_MEASURES_MEMORY";

#[test]
#[cfg(target_os = "linux")]
fn a_wait_takes_less_than_eight_kibibytes() {
    if std::env::var_os(MEASURING).is_some() {
        return measure();
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let this = format!("{module}::a_wait_takes_less_than_eight_kibibytes");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &this, "--nocapture"])
        .env(MEASURING, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    println!(
        "{}",
        said.lines().find(|line| line.contains("per wait")).unwrap()
    );
}

/// The whole way of the public interface, waits that sleep and waits that queue alike.
#[cfg(target_os = "linux")]
#[tokio::main(flavor = "current_thread")]
async fn measure() {
    let client = Client::builder()
        .emulator("http://127.0.0.1:9")
        .build()
        .unwrap();
    let waits = |prefix: &str| {
        let runs = (0..RUNS).map(|n| client.run(RunId::new(format!("{prefix}{n}")).unwrap()));
        let mut all = client.wait_all(runs.collect::<Vec<_>>());
        assert!(all.next().now_or_never().is_none());
        all
    };
    // The first ones warm up whatever is made once, and stay.
    let warm = waits("warm");
    let before = memory();
    let measured = waits("measured");
    let each = memory().saturating_sub(before) / RUNS;
    println!("{each} bytes per wait");
    let waiting = |n| client.notify(&RunId::new(format!("measured{n}")).unwrap());
    assert!((0..RUNS).all(waiting), "not all waits had begun");
    assert!((1..8 * 1024).contains(&each), "{each}");
    drop((warm, measured));
}
