//! What a network does to paid requests, cell by cell: how often the service saw a request, and what the
//! caller was told.

use std::time::{Duration, SystemTime};

use serde_json::json;
use weshop::{Client, Error, ErrorKind, IdempotencyKey};

use crate::support::{Act, PUBLIC, Server, builder, client, png, pose};

/// The ways to go wrong that every operation meets.
pub fn faults() -> Vec<(&'static str, Act)> {
    let html = "<html><body>Bad gateway</body></html>";
    let envelope = json!({"success": false, "error": {"code": "BUSY", "message": "later"}});
    let retryable = json!({"success": false,
        "error": {"code": "BUSY", "message": "later", "retryable": true}});
    let date = httpdate_in(Duration::ZERO);
    let far = httpdate_in(Duration::from_secs(7200));
    vec![
        ("reset unread", Act::ResetUnread),
        ("reset read", Act::ResetRead),
        ("hang", Act::Hang),
        ("429 seconds", Act::reply("429 Too Many Requests", "retry-after: 0\r\n", "")),
        ("429 date", Act::reply("429 Too Many Requests", &format!("retry-after: {date}\r\n"), "")),
        ("429 long", Act::reply("429 Too Many Requests", "retry-after: 3600\r\n", "")),
        (
            "429 far date",
            Act::reply(
                "429 Too Many Requests",
                &format!("retry-after: {far}\r\n"),
                "",
            ),
        ),
        ("500 bare", Act::reply("500 Internal Server Error", "", "")),
        ("502 html", Act::reply("502 Bad Gateway", "content-type: text/html\r\n", html)),
        ("503 bare", Act::reply("503 Service Unavailable", "", "")),
        ("503 retry-after", Act::reply("503 Service Unavailable", "retry-after: 0\r\n", "")),
        ("500 envelope", Act::reply("500 Internal Server Error", "", envelope.to_string())),
        ("500 retryable", Act::reply("500 Internal Server Error", "", retryable.to_string())),
        ("200 refused", Act::json(envelope)),
        ("code and msg", Act::json(json!({"code": 40301, "msg": "no such agent"}))),
        ("200 truncated", Act::Write(
            b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"success\": true, \"data\": {\"execut".to_vec(),
        )),
        ("200 garbage", Act::reply("200 OK", "", b"\x00\xff\xfe not json")),
        ("200 empty", Act::reply("200 OK", "", "")),
        ("200 without id", Act::json(json!({"success": true, "data": {}}))),
        ("drip", Act::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n     ".to_vec())),
        ("flood", Act::Flood),
        ("redirect", Act::reply("302 Found", "location: http://127.0.0.1:1/openapi/x\r\n", "")),
        ("404", Act::reply("404 Not Found", "", "nothing here")),
    ]
}

fn httpdate_in(ahead: Duration) -> String {
    // An HTTP date has whole seconds, so now is a moment ago.
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        + ahead;
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + seconds)
}

/// One line a cell: what the server saw, and what the caller was told.
fn line(name: &str, server: &Server, method: &str, error: Option<&Error>) -> String {
    let told = match error {
        None => "ok".to_owned(),
        Some(error) => {
            let mut told = format!("{:?}", error.kind());
            if let Some(status) = error.status() {
                told += &format!(" {status}");
            }
            if let Some(code) = error.code() {
                told += &format!(" {code}");
            }
            told
        }
    };
    format!("{name:<16} {method} x{} {told}", server.count(method))
}

#[tokio::test]
async fn a_submission_is_never_paid_twice() {
    let mut lines = Vec::new();
    for (name, act) in faults() {
        let server = Server::always(act.clone()).await;
        let key = IdempotencyKey::new(format!("order-{}", lines.len())).unwrap();
        let submission = act
            .client(&server.url)
            .submit(PUBLIC, pose())
            .with_idempotency_key(key.clone());
        let error = submission.await.unwrap_err();
        assert_eq!(error.idempotency_key(), Some(&key), "{name}");
        for seen in server.seen() {
            assert_eq!(seen.header("idempotency-key"), Some(key.as_str()), "{name}");
        }
        let safe_to_repeat = matches!(
            name,
            "429 seconds" | "429 date" | "503 retry-after" | "500 retryable"
        );
        if !safe_to_repeat {
            assert!(server.count("POST") <= 1, "{name}");
            assert_eq!(server.connections(), 1, "{name}");
        }
        lines.push(line(name, &server, "POST", Some(&error)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_cannot_connect_was_not_sent() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let client = client(&closed);
    let submitted = client.submit(PUBLIC, pose()).await.unwrap_err();
    assert!(submitted.is_not_sent() && submitted.is_retryable());
    assert!(submitted.idempotency_key().is_some());
    let folder = tempfile::tempdir().unwrap();
    let image = snapshot_of(&format!("{closed}/image.png"));
    for error in [
        submitted,
        client.upload(png(8, 8)).await.unwrap_err(),
        client
            .run("r".parse().unwrap())
            .snapshot()
            .await
            .unwrap_err(),
        client.save_images(&image, folder.path()).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    }
}

#[tokio::test]
async fn refusals_are_repeated_until_one_is_accepted() {
    let server = Server::start(|seen, before| match (seen.method.as_str(), before) {
        ("POST", 0) => Act::reply("429 Too Many Requests", "retry-after: 0\r\n", ""),
        ("POST", 1) => Act::reply("503 Service Unavailable", "retry-after: 0\r\n", ""),
        _ => accepted(),
    })
    .await;
    let run = client(&server.url).submit(PUBLIC, pose()).await.unwrap();
    assert_eq!(run.id().as_str(), "run-1");
    let keys: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.header("idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(run.receipt().unwrap().idempotency_key.as_str(), keys[0]);
}

#[tokio::test]
async fn a_refusal_after_an_unknown_outcome_does_not_make_it_known() {
    let server = Server::start(|seen, before| match (seen.method.as_str(), before) {
        ("POST", 0) => Act::ResetRead,
        _ => Act::reply("400 Bad Request", "", "already seen"),
    })
    .await;
    let error = client(&server.url)
        .submit(PUBLIC, pose())
        .resend_unknown(true)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(error.status(), Some(400));
    assert_eq!(
        server.count("POST"),
        2,
        "a definite refusal is not repeated"
    );
}

#[tokio::test]
async fn resending_is_a_choice_of_client_or_call() {
    let script = || {
        Server::start(|seen, before| match (seen.method.as_str(), before) {
            ("POST", 0) => Act::ResetRead,
            _ => accepted(),
        })
    };
    let server = script().await;
    let run = client(&server.url)
        .submit(PUBLIC, pose())
        .resend_unknown(true)
        .await
        .unwrap();
    assert_eq!((run.id().as_str(), server.count("POST")), ("run-1", 2));
    let server = script().await;
    let choosing: Client = builder(&server.url).resend_unknown(true).build().unwrap();
    choosing.submit(PUBLIC, pose()).await.unwrap();
    let bodies: Vec<_> = server.seen().iter().map(|seen| seen.body.clone()).collect();
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn an_id_in_a_broken_answer_is_kept() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"success\": true, \"data\": {\"executionId\": \"run-7\", \"tas";
    let told = r#"{"success": true, "data": {"executionId": "run-7", "tas"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 90000000\r\n\r\n";
    let success = json!({"success": true, "data": {"executionId": "run-7"}}).to_string();
    let oversized = format!("{head}{told}: \"{}", "x".repeat(49 << 20));
    for (name, act) in [
        ("cut off after the id", Act::Write(cut.to_vec())),
        (
            "stalled after the id",
            Act::WriteAndHang(format!("{head}{told}").into_bytes()),
        ),
        ("oversized", Act::Write(oversized.into_bytes())),
        (
            "a 500 that bears a success",
            Act::reply("500 Internal Server Error", "", success),
        ),
        (
            "a code without success",
            Act::json(json!({"code": 7, "msg": "odd", "data": {"executionId": "run-7"}})),
        ),
    ] {
        let server = Server::always(act.clone()).await;
        let error = act
            .client(&server.url)
            .submit(PUBLIC, pose())
            .resend_unknown(true)
            .await
            .unwrap_err();
        assert_eq!(
            server.count("POST"),
            1,
            "{name}: the run is known, so it is not sent again"
        );
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{name}");
        assert_eq!(error.run_id().unwrap().as_str(), "run-7", "{name}");
    }
}

#[tokio::test]
async fn what_a_prepared_run_chose_is_kept() {
    let server = Server::always(Act::ResetRead).await;
    let client = builder(&server.url).resend_unknown(true).build().unwrap();
    let cautious = client.submit(PUBLIC, pose()).resend_unknown(false);
    let prepared = cautious.prepare().await.unwrap();
    client.send(&prepared).await.unwrap_err();
    assert_eq!(server.count("POST"), 1);
}

#[tokio::test]
async fn limits_without_end_are_limits() {
    let longest = Duration::MAX;
    let timeouts = weshop::Timeouts::new()
        .with_connect(longest)
        .with_attempt(longest)
        .with_overall(longest)
        .with_stall(longest)
        .with_transfer(longest);
    let retry = weshop::RetryPolicy::new()
        .with_backoff(longest, longest)
        .with_max_retry_after(longest);
    let wait = u64::MAX;
    let server = Server::start(move |seen, _| match seen.method.as_str() {
        "GET" => Act::reply(
            "429 Too Many Requests",
            &format!("retry-after: {wait}\r\n"),
            "",
        ),
        _ => Act::json(json!({"success": true, "data": {"image": PUBLIC}})),
    })
    .await;
    let client = builder(&server.url)
        .timeouts(timeouts)
        .retry(retry)
        .build()
        .unwrap();
    client.upload(png(4, 4)).await.unwrap();
    let error = client
        .run("r".parse().unwrap())
        .snapshot()
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn an_answer_of_many_small_values_is_not_held() {
    let many = format!("[{}]", vec![r#"{"":0}"#; 300_000].join(","));
    let body = format!(r#"{{"success":true,"data":{{"executions":{many}}}}}"#);
    let server = Server::always(Act::reply("200 OK", "", body)).await;
    let run = client(&server.url).run("r".parse().unwrap());
    let error = run.snapshot().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
}

#[tokio::test]
async fn what_is_not_understood_of_a_result_is_kept() {
    let server = Server::always(Act::json(json!({"success": true, "data": {
    "agentName": 5, "colour": "red",
    "executions": [{"executionId": "r", "status": "Success", "executionTime": 17, "seed": 1,
        "result": [
            {"status": 3, "image": {"url": "https://x.example.com/1.png"}, "video": "v"},
            {"status": "Success", "image": null},
        ]}]}})))
    .await;
    let run = client(&server.url).run("r".parse().unwrap());
    let snapshot = run.snapshot().await.unwrap();
    let kept = serde_json::to_value(&snapshot).unwrap();
    let again: weshop::RunSnapshot = serde_json::from_value(kept).unwrap();
    assert_eq!(again, snapshot);
    assert_eq!(snapshot.extra()["executionTime"], 17);
    assert_eq!(snapshot.run_extra()["colour"], "red");
    let odd = &snapshot.results()[0];
    assert_eq!(odd.extra["image"]["url"], "https://x.example.com/1.png");
    assert_eq!((odd.image.as_deref(), &odd.status), (None, &None));
}

#[tokio::test]
async fn reads_are_repeated_where_that_may_help() {
    let mut lines = Vec::new();
    for (name, act) in faults() {
        let server = Server::always(act.clone()).await;
        let run = act.client(&server.url).run("run-1".parse().unwrap());
        let error = run.snapshot().await.unwrap_err();
        assert_eq!(error.run_id(), Some(run.id()), "{name}");
        assert!(error.status() != Some(200) || error.kind() != ErrorKind::OutcomeUnknown);
        lines.push(line(name, &server, "GET", Some(&error)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

/// The id in what came of an answer is the one that was asked for, and news only of a submission.
#[tokio::test]
async fn a_read_that_breaks_off_is_repeated_wherever_it_breaks() {
    for cut in [
        r#"{"success": true, "data": {"executions": [{"executionId": "r", "status": "Suc"#,
        r#"{"success": true, "data": {"agentName": "ai"#,
    ] {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n";
        let broken = Act::Write(format!("{head}{cut}").into_bytes());
        let whole = json!({"success": true, "data": {"executions": [
            {"executionId": "r", "status": "Running"}]}});
        let server = Server::start(move |_, before| match before {
            0 => broken.clone(),
            _ => Act::json(whole.clone()),
        })
        .await;
        let run = client(&server.url).run("r".parse().unwrap());
        run.snapshot().await.unwrap();
        assert_eq!(server.count("GET"), 2, "{cut}");
    }
}

#[tokio::test]
async fn a_wait_that_ended_tells_what_the_service_said_last() {
    let body = r#"{"success": false, "error": {"code": "BUSY", "message": "m"}}"#;
    let server = Server::always(Act::reply("503 Service Unavailable", "", body)).await;
    let run = client(&server.url).run("r".parse().unwrap());
    let impatient = weshop::wait::ErrorPolicy::new(1, Duration::ZERO);
    let error = run.wait().with_error_policy(impatient).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WaitEnded);
    assert_eq!((error.status(), error.code()), (Some(503), Some("BUSY")));
}

#[tokio::test]
async fn uploads_are_repeated_where_that_may_help() {
    let mut lines = Vec::new();
    for (name, act) in faults() {
        let server = Server::always(act.clone()).await;
        let error = act.client(&server.url).upload(png(8, 8)).await.unwrap_err();
        lines.push(line(name, &server, "POST", Some(&error)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn downloads_are_repeated_where_that_may_help() {
    let mut lines = Vec::new();
    for (name, act) in faults() {
        let server = Server::always(act.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let client = act.client(&server.url);
        let run = snapshot_of(&format!("{}/image.png", server.url));
        let error = client.save_images(&run, folder.path()).await.unwrap_err();
        assert_eq!(error.run_id().unwrap().as_str(), "run-1", "{name}");
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{name}: a failed download leaves nothing behind");
        lines.push(line(name, &server, "GET", Some(&error)));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn a_drained_budget_ends_repetition() {
    let server = Server::always(Act::reply("503 Service Unavailable", "", "")).await;
    let pause = Duration::from_millis(1);
    let retry = weshop::RetryPolicy::new()
        .with_backoff(pause, pause)
        .with_budget(20);
    let client = builder(&server.url).retry(retry).build().unwrap();
    for _ in 0..5 {
        let run = client.run("run-1".parse().unwrap());
        assert_eq!(run.snapshot().await.unwrap_err().status(), Some(503));
    }
    // Five reads, and repetitions for twenty tokens at five each.
    assert_eq!(server.count("GET"), 5 + 4);
}

fn accepted() -> Act {
    Act::json(
        json!({"success": true, "data": {"executionId": "run-1", "taskId": "t"},
        "meta": {"executionId": "run-1"}}),
    )
}

fn snapshot_of(url: &str) -> weshop::RunSnapshot {
    serde_json::from_value(json!({"id": "run-1", "status": "Success",
        "results": [{"status": "Success", "image": url}]}))
    .unwrap()
}
