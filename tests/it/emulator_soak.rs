//! Many runs through the client while a fifth of all requests go wrong.
//!
//! `WESHOP_SOAK_RUNS=10000 cargo test --release --features emulator --test it soak -- --nocapture` is the
//! long form.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use weshop::emulator::{Charge, Emulator, Life, Operation, Rule, Scenario, Soak};
use weshop::schedule::Schedule;
use weshop::wait::PollLimits;
use weshop::{Client, Error, ErrorKind, IdempotencyKey, Image, RetryPolicy, Run};

use crate::support::pose;

/// How one submission came out, as the library told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Succeeded,
    Failed,
    /// The service said no: nothing was charged.
    Refused,
    /// Unknown; sent again with its key, which showed the run.
    UnknownThenFound,
    /// Unknown, and so it stayed.
    Unknown,
}

#[derive(Debug)]
struct Told {
    key: IdempotencyKey,
    outcome: Outcome,
    run: Option<String>,
}

struct Figures<'a> {
    told: &'a [Told],
    charges: &'a [Charge],
    requests: usize,
    struck: usize,
    took: Duration,
}

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
        for told in self.told {
            *outcomes.entry(told.outcome).or_default() += 1;
        }
        let (runs, charges) = (self.told.len(), self.charges.len());
        writeln!(f, "{runs} runs in {:.1?}: {outcomes:?}", self.took)?;
        let share = 100 * self.struck / self.requests.max(1);
        write!(
            f,
            "{charges} charges; the youngest {} requests: {} faulty ({share} %)",
            self.requests, self.struck
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soak_accounts_for_every_run_and_pays_for_none_twice() {
    let runs = std::env::var("WESHOP_SOAK_RUNS").map_or(200, |runs| runs.parse().unwrap());
    let scenario = Scenario::new()
        .rule(
            Rule::on(Operation::Submit)
                .every(50)
                .life(Life::failing("no person found")),
        )
        .soak(Soak::new(0.2));
    let emulator = Emulator::builder()
        .run_time(Duration::from_millis(30))
        .scenario(scenario)
        .seed(7)
        .start()
        .await
        .unwrap();
    let pause = Duration::from_millis(2);
    let client = Client::builder()
        .emulator(emulator.url())
        .retry(
            RetryPolicy::new()
                .with_backoff(pause, pause)
                .with_budget(u32::MAX),
        )
        .poll_limits(
            PollLimits::default()
                .with_per_second(1000)
                .with_in_flight(64),
        )
        .build()
        .unwrap();

    let begun = Instant::now();
    let told: Vec<Told> = futures_util::stream::iter(0..runs)
        .map(|_| one(client.clone()))
        .buffer_unordered(64)
        .collect()
        .await;
    let charges = emulator.charges();
    let requests = emulator.requests();
    let figures = Figures {
        told: &told,
        charges: &charges,
        requests: requests.len(),
        struck: requests
            .iter()
            .filter(|request| request.fault.is_some())
            .count(),
        took: begun.elapsed(),
    };
    println!("{figures}");

    emulator.assert_no_key_charged_twice();
    emulator.assert_nothing_unexpected();
    let keys = |charged: bool| {
        let mut keys: HashSet<String> = HashSet::new();
        keys.extend(
            told.iter()
                .filter(|told| (told.outcome != Outcome::Refused) == charged)
                .map(|told| told.key.to_string()),
        );
        keys
    };
    let charged: HashSet<String> = charges
        .iter()
        .map(|charge| charge.idempotency_key.clone().unwrap())
        .collect();
    // Whatever was charged the library knows of, and whatever it calls refused was not charged.
    assert!(
        charged.is_subset(&keys(true)),
        "charged, and the library does not know"
    );
    assert!(
        charged.is_disjoint(&keys(false)),
        "called refused, and charged"
    );
    for told in told.iter().filter(|told| told.run.is_some()) {
        let charge = charges
            .iter()
            .find(|charge| charge.idempotency_key.as_deref() == Some(told.key.as_str()));
        assert_eq!(
            charge.map(|charge| &charge.execution_id),
            told.run.as_ref(),
            "{told:?}"
        );
    }
    assert_eq!(told.len(), runs);
    let unsettled = told
        .iter()
        .filter(|told| told.outcome == Outcome::Unknown)
        .count();
    assert!(
        unsettled * 20 <= runs,
        "{unsettled} of {runs} stayed unknown"
    );
}

/// Submits a run and follows it to its end, as a careful caller does.
async fn one(client: Client) -> Told {
    let image = Image::url("https://example.com/coat.png");
    let prepared = client
        .submit(image, pose().batch_count(1))
        .prepare()
        .await
        .unwrap();
    let key = prepared.idempotency_key().clone();
    let mut sent = client.send(&prepared).await;
    let mut unknown = false;
    // The key makes it safe to ask again what became of it.
    for _ in 0..5 {
        match &sent {
            Err(error) if error.is_outcome_unknown() => {
                assert_eq!(error.idempotency_key(), Some(&key));
                unknown = true;
                sent = client.send(&prepared).await;
            }
            _ => break,
        }
    }
    match sent {
        Ok(run) => {
            let ended = end_of(&run).await;
            let outcome = match ended {
                Ok(()) if unknown => Outcome::UnknownThenFound,
                Ok(()) => Outcome::Succeeded,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::RunFailed, "{error:?}");
                    Outcome::Failed
                }
            };
            Told {
                key,
                outcome,
                run: Some(run.id().to_string()),
            }
        }
        // A refusal says that this attempt did nothing; an earlier one may have.
        Err(error) if error.is_outcome_unknown() || unknown => Told {
            key,
            outcome: Outcome::Unknown,
            run: None,
        },
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Api), "{error:?}");
            Told {
                key,
                outcome: Outcome::Refused,
                run: None,
            }
        }
    }
}

/// Waits, and waits again when the wait and not the run came to an end.
async fn end_of(run: &Run) -> Result<(), Error> {
    loop {
        let wait = run
            .wait()
            .with_schedule(Schedule::every(Duration::from_millis(40)));
        match wait.await {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::RunFailed => return Err(error),
            Err(error) => assert!(error.run_id().is_some(), "{error:?}"),
        }
    }
}
