//! What a wait costs in memory and time: `cargo bench --bench waits --features emulator`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use weshop::emulator::Emulator;
use weshop::schedule::Learned;
use weshop::wait::PollLimits;
use weshop::{Client, Run, RunId, types};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    memory();
    schedules();
    loopback().await;
}

/// Bytes that a wait adds to the process, asleep or in the queue.
fn memory() {
    let client = Client::builder()
        .emulator("http://127.0.0.1:9")
        .build()
        .unwrap();
    let waits = |count: usize| {
        let run = |n| client.run(RunId::new(format!("run-{count}-{n}")).unwrap());
        let mut all = client.wait_all((0..count).map(run));
        assert!(all.next().now_or_never().is_none());
        all
    };
    let mut kept = vec![waits(1000)];
    for count in [1000, 10_000, 100_000] {
        match resident() {
            Some(before) => {
                kept.push(waits(count));
                let bytes = resident().unwrap_or(before).saturating_sub(before);
                println!("memory, {count:>6} waits: {:>5} bytes each", bytes / count);
            }
            None => println!("memory: not measured on this system"),
        }
    }
}

fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Time to make a schedule anew after a run, and to look up its next moment.
fn schedules() {
    let mut learned = Learned::default();
    let mut observe = |n: u64| {
        let unfinished = Duration::from_millis(15_000 + n * 200 % 9000);
        learned.observe(
            "aimodel",
            4,
            unfinished,
            unfinished + Duration::from_secs(2),
        );
        learned.schedule("aimodel", 4)
    };
    (0..48).for_each(|n| drop(observe(n)));
    let started = Instant::now();
    (0..100).for_each(|n| drop(black_box(observe(n))));
    println!("schedule, made anew:   {:>10.1?}", started.elapsed() / 100);
    let schedule = observe(0);
    let started = Instant::now();
    for n in 0..100_000 {
        black_box(schedule.next_after(black_box(Duration::from_millis(n))));
    }
    println!(
        "schedule, next moment: {:>10.1?}",
        started.elapsed() / 100_000
    );
}

/// How fast results come from an emulator in this process, at the highest pace allowed.
async fn loopback() {
    const WAITS: usize = 2000;
    let emulator = Emulator::builder()
        .run_time(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let limits = PollLimits::default()
        .with_per_second(1000)
        .with_in_flight(64);
    let client = Client::builder()
        .emulator(emulator.url())
        .poll_limits(limits)
        .build()
        .unwrap();
    let params = types::AiposeParams::builder().text_description("hands in pockets".to_string());
    let run = client
        .submit("https://images.example.com/coat.png", params)
        .await
        .unwrap();
    let attach = |_| -> Run { client.run(run.id().clone()) };
    let started = Instant::now();
    let done = client
        .wait_all((0..WAITS).map(attach))
        .filter(|(_, end)| std::future::ready(end.is_ok()));
    assert_eq!(done.count().await, WAITS);
    let took = started.elapsed();
    let rate = WAITS as f64 / took.as_secs_f64();
    println!("loopback, {WAITS} waits:  {took:>10.1?}, {rate:.0} results a second, limit 1000");
}
