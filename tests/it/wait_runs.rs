//! Waiting over real connections: what a wait survives, tells and leaves to its caller.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use weshop::emulator::{Clock, Emulator};
use weshop::schedule::Schedule;
use weshop::wait::ErrorPolicy;
use weshop::{Client, ErrorKind, Run, RunStatus, Timeouts};

use crate::faults::faults;
use crate::support::{Act, PUBLIC, Server, builder, client, pose};

const SOON: Duration = Duration::from_millis(10);

fn accepted() -> Act {
    Act::json(json!({"success": true, "data": {"executionId": "run-1"},
        "meta": {"executionId": "run-1"}}))
}

/// The run in this state with as many images.
fn state(status: &str, images: usize) -> Act {
    state_of("run-1", status, images)
}

fn state_of(id: &str, status: &str, images: usize) -> Act {
    let image = |n| json!({"status": "Success", "image": format!("https://x.example.com/{n}.png")});
    let images: Vec<Value> = (0..images).map(image).collect();
    Act::json(json!({"success": true, "data": {"executions":
        [{"executionId": id, "status": status, "result": images}]}}))
}

/// A server that accepts one run and then answers in turn, the last answer for ever.
async fn answering(answers: impl Into<Vec<Act>>) -> Server {
    let (answers, mut asked) = (answers.into(), 0);
    Server::start(move |seen, _| match seen.method.as_str() {
        "POST" => accepted(),
        "GET" => {
            asked += 1;
            answers.get(asked - 1).or(answers.last()).unwrap().clone()
        }
        _ => Act::Hang,
    })
    .await
}

fn attached(client: &Client) -> Run {
    client.run("run-1".parse().unwrap())
}

#[tokio::test]
async fn no_single_fault_ends_a_wait() {
    let mut waits = Vec::new();
    for (name, fault) in faults() {
        let mut connections = 0;
        let server = Server::start(move |seen, _| {
            // Each connection is announced before its request is read.
            connections += usize::from(seen.method.is_empty());
            match connections {
                1 => accepted(),
                2 => fault.clone(),
                _ => state("Success", 1),
            }
        })
        .await;
        let timeouts = Timeouts::new().with_attempt(Duration::from_secs(2));
        let client = builder(&server.url).timeouts(timeouts).build().unwrap();
        let run = client.submit(PUBLIC, pose()).await.unwrap();
        waits.push(async move {
            let wait = run.wait().with_schedule(Schedule::every(SOON));
            let done = wait.with_deadline(Duration::from_secs(4)).await;
            let done = done.unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!(done.images().count(), 1, "{name}");
            assert_eq!(server.count("POST"), 1, "{name}");
            assert_eq!(
                server.connections(),
                3,
                "{name}: asked once more, by the wait"
            );
        });
    }
    join_all(waits).await;
}

#[tokio::test]
async fn a_wait_that_gets_no_answer_ends_when_its_policy_says_so() {
    let server = answering([Act::reply(
        "503 Service Unavailable",
        "retry-after: 0\r\n",
        "",
    )])
    .await;
    let client = client(&server.url);
    let wait = attached(&client)
        .wait()
        .with_schedule(Schedule::every(SOON))
        .with_error_policy(ErrorPolicy::new(2, Duration::ZERO));
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitEnded);
    assert_eq!((error.polls(), server.count("GET")), (Some(2), 2));
    let cause = std::error::Error::source(&error).unwrap();
    let cause = cause.downcast_ref::<weshop::Error>().unwrap();
    assert_eq!(cause.status(), Some(503));
}

#[tokio::test]
async fn a_wrong_key_ends_it_at_once() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let server = Server::always(Act::reply(status, "", "")).await;
        let error = attached(&client(&server.url)).wait().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{status}");
        assert_eq!(error.run_id().unwrap().as_str(), "run-1", "{status}");
        assert_eq!(server.count("GET"), 1, "{status}");
    }
}

#[tokio::test]
async fn a_run_can_be_attached_to_before_it_is_known_everywhere() {
    let unknown = Act::reply("404 Not Found", "", "");
    let server = answering([unknown.clone(), unknown, state("Success", 1)]).await;
    let client = client(&server.url);
    let wait = attached(&client)
        .wait()
        .with_schedule(Schedule::every(SOON));
    assert_eq!(wait.await.unwrap().images().count(), 1);
    assert_eq!(server.count("GET"), 3);
}

#[tokio::test]
async fn updates_are_changes() {
    let answers = [
        state("Pending", 0),
        state("Pending", 0),
        state("Running", 1),
        state("Dreaming", 1),
        state("Dreaming", 1),
        state("Dreaming", 2),
        state("Success", 2),
    ];
    let server = answering(answers).await;
    let client = client(&server.url);
    let run = client.submit(PUBLIC, pose().batch_count(2)).await.unwrap();
    let updates = run.wait().with_schedule(Schedule::every(SOON)).updates();
    let updates: Vec<_> = updates.try_collect().await.unwrap();
    let told = updates
        .iter()
        .map(|now| (now.status().as_str(), now.images_done(), now.polls()));
    let expected = [
        ("Pending", 0, 1),
        ("Running", 1, 3),
        ("Dreaming", 1, 4),
        ("Dreaming", 2, 6),
        ("Success", 2, 7),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert!(updates.iter().all(|now| now.images_expected() == Some(2)));
    let (last, others) = updates.split_last().unwrap();
    assert_eq!(last.next_question_in(), None);
    assert!(
        others
            .iter()
            .all(|now| now.next_question_in().unwrap() <= SOON)
    );
    assert!(updates.is_sorted_by_key(|now| now.elapsed()));
}

#[tokio::test]
async fn a_failed_run_is_an_error_with_its_images() {
    for (status, seen) in [
        ("Failed", RunStatus::Failed),
        ("Canceled", RunStatus::Cancelled),
    ] {
        let server = answering([state("Running", 1), state(status, 1)]).await;
        let reported = Arc::new(Mutex::new(Vec::new()));
        let report = Arc::clone(&reported);
        let wait = attached(&client(&server.url))
            .wait()
            .with_schedule(Schedule::every(SOON))
            .on_progress(move |now| {
                let told = (now.status().clone(), now.next_question_in().is_none());
                report.lock().unwrap().push(told);
            });
        let error = wait.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RunFailed);
        assert_eq!(error.last_status(), Some(&seen));
        assert_eq!(error.snapshot().unwrap().images().count(), 1);
        let told = [(RunStatus::Running, false), (seen, true)];
        assert_eq!(*reported.lock().unwrap(), told);
    }
    // As a stream: what went before, then the error, then nothing.
    let server = answering([state("Running", 1), state("Failed", 1)]).await;
    let run = attached(&client(&server.url));
    let mut updates = run.wait().with_schedule(Schedule::every(SOON)).updates();
    assert_eq!(updates.next().await.unwrap().unwrap().images_done(), 1);
    assert_eq!(
        updates.next().await.unwrap().unwrap_err().kind(),
        ErrorKind::RunFailed
    );
    assert!(updates.next().await.is_none());
}

#[tokio::test]
async fn one_goes_on_waiting_after_a_deadline() {
    let server = answering([
        state("Running", 0),
        state("Running", 1),
        state("Success", 1),
    ])
    .await;
    let client = client(&server.url);
    let hour = Schedule::every(Duration::from_secs(3600));
    let run = attached(&client);
    let wait = run.wait().with_schedule(hour).with_deadline(SOON);
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitEnded);
    let again = client.run(error.run_id().unwrap().clone());
    assert_eq!(again.wait().await.unwrap().images().count(), 1);
}

#[tokio::test]
async fn the_last_answer_before_a_deadline_is_told_too() {
    let server = answering([state("Running", 1)]).await;
    let run = attached(&client(&server.url));
    let reported = Arc::new(Mutex::new(Vec::new()));
    let report = Arc::clone(&reported);
    // The first question is the last one.
    let wait = run.wait().with_deadline(Duration::ZERO);
    let wait = wait.on_progress(move |now| {
        let told = (now.images_done(), now.images_expected());
        report.lock().unwrap().push((told, now.next_question_in()));
    });
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitEnded);
    assert_eq!(*reported.lock().unwrap(), [((1, None), None)]);
}

#[tokio::test]
async fn a_callback_wakes_a_wait() {
    let bodies: [&[u8]; 5] = [
        br#"{"event": "done", "data": {"executions": [{"executionId": "run-1"}]}}"#,
        br#"{"run-1": "Success"}"#,
        b"executionId=run-1&status=Success",
        b"run-1",
        b"\xff\xfe <id>run-1</id>",
    ];
    let woken = bodies.map(|body| async move {
        let server = answering([state("Running", 0), state("Success", 1)]).await;
        let client = client(&server.url);
        let handler = client.clone();
        let wait = attached(&client)
            .wait()
            .with_schedule(Schedule::every(Duration::from_secs(3600)))
            .on_progress(move |now| {
                // Twice, as callbacks are; and one that is forged.
                assert!(handler.notify_callback(body) && handler.notify(now.snapshot().id()));
                assert!(!handler.notify_callback(b"{\"executionId\": \"run-2\"}"));
            });
        wait.await.unwrap();
        assert_eq!(server.count("GET"), 2);
        assert!(!client.notify_callback(body), "nobody waits any more");
    });
    join_all(woken).await;
}

#[tokio::test]
async fn a_callback_with_a_number_wakes_a_wait() {
    let bodies = [
        r#"{"data": {"executionId": 4711}}"#,
        "4711",
        "executionId=4711",
    ];
    for body in bodies {
        let server = Server::always(state_of("4711", "Running", 0)).await;
        let client = client(&server.url);
        let run = client.run("4711".parse().unwrap());
        let mut updates = run.updates();
        updates.next().await.unwrap().unwrap();
        assert!(client.notify_callback(body.as_bytes()), "{body}");
        assert!(!client.notify_callback(b"47110"));
    }
}

#[tokio::test]
async fn a_hostile_callback_is_harmless() {
    let client = client("http://127.0.0.1:9");
    let deep = "[".repeat(100_000);
    let long = vec![b'"'; 4 << 20];
    for body in [
        deep.as_bytes(),
        &long,
        b"",
        b"\0",
        b"null",
        b"{\"a\":1e999}",
    ] {
        assert!(!client.notify_callback(body));
    }
}

#[tokio::test]
async fn all_results_come_as_they_are_there() {
    let mut asked = 0;
    let server = Server::start(move |seen, _| match seen.path.rsplit('/').next() {
        Some("fast") => state_of("fast", "Success", 1),
        Some("alien") => Act::reply("403 Forbidden", "", ""),
        Some("slow") => {
            asked += 1;
            let status = if asked < 4 { "Running" } else { "Success" };
            state_of("slow", status, 2)
        }
        Some("broken") => state_of("broken", "Failed", 0),
        _ => Act::Hang,
    })
    .await;
    let client = client(&server.url);
    let waits = ["slow", "broken", "fast", "alien"].map(|id| {
        let run = client.run(id.parse().unwrap());
        run.wait().with_schedule(Schedule::every(SOON))
    });
    let ended: Vec<_> = client.wait_all(waits).collect().await;
    assert_eq!(ended.len(), 4);
    assert_eq!(ended.last().unwrap().0.as_str(), "slow");
    for (id, result) in ended {
        let told = result
            .map(|done| done.images().count())
            .map_err(|error| error.kind());
        let expected = match id.as_str() {
            "fast" => Ok(1),
            "slow" => Ok(2),
            "broken" => Err(ErrorKind::RunFailed),
            _ => Err(ErrorKind::Api),
        };
        assert_eq!(told, expected, "{id}");
    }
    assert!(client.wait_all(Vec::<Run>::new()).next().await.is_none());
}

#[tokio::test]
async fn a_loop_over_results_can_wait_for_another_run() {
    let server = Server::start(|seen, _| {
        let id = seen.path.rsplit('/').next().unwrap_or_default();
        state_of(id, "Success", 1)
    })
    .await;
    let client = client(&server.url);
    let run = |n| client.run(format!("run-{n}").parse().unwrap());
    let mut results = client.wait_all((0..40).map(run));
    results.next().await.unwrap().1.unwrap();
    // Nobody polls the others meanwhile.
    let next = client.run("inner".parse().unwrap());
    let wait = next.wait().with_deadline(Duration::from_secs(3));
    assert_eq!(wait.await.unwrap().images().count(), 1);
    assert_eq!(results.count().await, 39);
}

#[tokio::test]
async fn a_wait_shows_neither_key_nor_texts_nor_images() {
    let server = Server::always(Act::json(json!({"success": true, "data": {
        "initParams": {"originalImage": "https://secret.example.com/coat.png"},
        "executions": [{"executionId": "run-1", "status": "Success",
            "params": {"textDescription": "secret words", "customMask": "c2VjcmV0"},
            "result": [{"status": "Success", "image": "https://secret.example.com/1.png"}]}]}})))
    .await;
    let client = client(&server.url);
    let run = attached(&client);
    let mut updates = run.updates();
    let now = updates.next().await.unwrap().unwrap();
    let all = client.wait_all([run.clone()]);
    let shown = format!("{now:?} {:?} {updates:?} {all:?}", run.wait());
    for hidden in ["secret", "c2VjcmV0", weshop::EMULATOR_KEY] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains("run-1") && shown.contains("images_done: 1"));
}

#[tokio::test]
async fn a_client_learns_from_the_runs_it_waited_for() {
    let clock = Clock::stepped();
    let emulator = Emulator::builder()
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    let client = Client::builder().emulator(emulator.url()).build().unwrap();
    let run = client.submit(PUBLIC, pose().batch_count(3)).await.unwrap();
    let often = || Schedule::every(SOON);
    let wait = run.wait().with_schedule(often());
    wait.on_progress(move |_| clock.advance(Duration::from_secs(60)))
        .await
        .unwrap();
    assert_eq!(client.learned().runs("aipose", 3), 1);
    // How old an attached run is, nobody knows.
    client.run(run.id().clone()).wait().await.unwrap();
    // Nor when one ended that was first asked for late.
    run.wait().with_schedule(often()).await.unwrap();
    assert_eq!(client.learned().runs("aipose", 3), 1);

    let json = serde_json::to_string(&client.learned()).unwrap();
    let learned = serde_json::from_str(&json).unwrap();
    let next = Client::builder()
        .emulator(emulator.url())
        .learned(learned)
        .build()
        .unwrap();
    assert_eq!(next.learned().runs("aipose", 3), 1);
    assert_ne!(next.learned().schedule("aipose", 3), Schedule::default());
}

#[test]
fn waits_can_be_moved_to_other_threads() {
    fn send<T: Send>(_: &T) {}
    let client = client("http://127.0.0.1:9");
    let run = attached(&client);
    send(&run.wait());
    send(&run.updates());
    send(&run.wait().into_future());
    send(&client.wait_all([run]));
}
