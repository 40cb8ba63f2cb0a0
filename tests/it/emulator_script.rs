//! Scenarios, faults, lives, callbacks and the ledger, seen by a plain HTTP client.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use weshop::emulator::{
    API_KEY, Callback, Clock, Emulator, Fault, Life, Operation, Rule, Scenario, Soak,
};

use crate::emulator_core::{Bed, answer, photo, png, pose, refused, run};

const URL: &str = "https://example.com/a.png";

async fn bed(rule: Rule) -> Bed {
    Bed::with(Emulator::builder().scenario(Scenario::new().rule(rule))).await
}

fn submitting() -> Rule {
    Rule::on(Operation::Submit)
}

/// Gives everything else a turn until `done`.
async fn until(done: impl Fn() -> bool) {
    while !done() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_reset_before_the_work_costs_nothing_and_one_after_it_does() {
    let bed_before = bed(submitting().nth(1).fault(Fault::Reset)).await;
    assert!(bed_before.submission(&pose(URL, 2)).send().await.is_err());
    assert_eq!(bed_before.emulator.charges(), []);
    bed_before.submit(&pose(URL, 2)).await;

    let after = bed(submitting().nth(1).fault(Fault::Reset).after_work()).await;
    assert!(after.submission(&pose(URL, 2)).send().await.is_err());
    let charges = after.emulator.charges();
    assert_eq!(
        (charges.len(), charges[0].images, charges[0].points),
        (1, 2, 2)
    );
    assert_eq!(after.emulator.requests()[0].fault.as_deref(), Some("reset"));
    assert_eq!(after.emulator.requests()[0].status, None);
}

#[tokio::test]
async fn accepted_then_dropped_and_sent_again_with_its_key_is_charged_once() {
    let bed = bed(submitting().nth(1).fault(Fault::DropAnswer)).await;
    let submit = || {
        bed.submission(&pose(URL, 1))
            .header("Idempotency-Key", "k1")
    };
    assert!(submit().send().await.is_err());
    let (_, body) = answer(submit()).await;
    bed.emulator.assert_charged_exactly_once("k1");
    assert_eq!(
        body["data"]["executionId"],
        bed.emulator.charges()[0].execution_id.as_str()
    );
}

#[tokio::test]
#[should_panic(expected = "the idempotency key k1 was charged 2 times, not once:\n  run-")]
async fn a_key_that_is_charged_twice_is_named() {
    let bed = Bed::with(Emulator::builder().idempotency(false)).await;
    for _ in 0..2 {
        answer(
            bed.submission(&pose(URL, 1))
                .header("Idempotency-Key", "k1"),
        )
        .await;
    }
    bed.emulator.assert_charged_exactly_once("k1");
}

#[tokio::test]
async fn a_delay_lasts_until_the_clock_says_so() {
    let bed = bed(submitting().fault(Fault::Delay {
        by: Duration::from_secs(30),
    }))
    .await;
    let request = tokio::spawn(answer(bed.submission(&pose(URL, 1))));
    until(|| {
        bed.emulator
            .requests()
            .iter()
            .any(|request| request.fault.is_some())
    })
    .await;
    bed.step(29);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!request.is_finished());
    bed.step(1);
    assert_eq!(request.await.unwrap().0, 200);
}

#[tokio::test]
async fn answers_can_be_bent() {
    let reading = |fault| bed(Rule::on(Operation::Info).fault(fault));
    let path = "/openapi/v1/agent/info?agentName=removeBG&agentVersion=v1.0";
    let get = async |bed: &Bed| bed.get(path).send().await.unwrap();

    let drip = reading(Fault::Drip {
        bytes: 100,
        every: Duration::ZERO,
    })
    .await;
    assert_eq!(
        get(&drip).await.json::<Value>().await.unwrap()["success"],
        true
    );

    let truncated = reading(Fault::Truncate { bytes: 50 }).await;
    let truncated = get(&truncated).await;
    assert!(truncated.content_length().unwrap() > 50);
    assert!(truncated.bytes().await.is_err());

    let typed = reading(Fault::WrongContentType {
        content_type: "text/plain".into(),
    })
    .await;
    let typed = get(&typed).await;
    assert_eq!(typed.headers()["content-type"], "text/plain");
    assert_eq!(typed.json::<Value>().await.unwrap()["success"], true);
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let replaced = async |fault: Fault| {
        let bed = bed(submitting().fault(fault)).await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let url = format!("{}/openapi/agent/runs", bed.emulator.url());
        let request = http
            .build()
            .unwrap()
            .post(url)
            .header("Authorization", API_KEY);
        let response = request.json(&pose(URL, 1)).send().await.unwrap();
        assert_eq!(
            bed.emulator.charges(),
            [],
            "nothing is done before the fault"
        );
        let header = |name| {
            response
                .headers()
                .get(name)
                .map(|it| it.to_str().unwrap().to_owned())
        };
        let (kind, wait, to) = (
            header("content-type"),
            header("retry-after"),
            header("location"),
        );
        let (status, body) = (response.status().as_u16(), response.bytes().await.unwrap());
        (
            status,
            kind.unwrap_or_default(),
            wait.or(to).unwrap_or_default(),
            body,
        )
    };
    let json = |body: &[u8]| serde_json::from_slice::<Value>(body);

    let (status, kind, _, body) = replaced(Fault::Garbage).await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    assert!(json(&body).is_err());

    let (status, kind, _, body) = replaced(Fault::Html { status: 502 }).await;
    assert_eq!(status, 502);
    assert!(kind.starts_with("text/html") && body.starts_with(b"<html>"));

    let seconds = Fault::TooManyRequests {
        retry_after: Duration::from_secs(7),
        date: false,
    };
    let (status, _, wait, body) = replaced(seconds).await;
    assert_eq!((status, wait.as_str()), (429, "7"));
    assert_eq!(json(&body).unwrap()["error"]["code"], "TOO_MANY_REQUESTS");
    let date = Fault::TooManyRequests {
        retry_after: Duration::from_secs(7),
        date: true,
    };
    assert!(httpdate::parse_http_date(&replaced(date).await.2).is_ok());

    let wait = Some(Duration::from_secs(2));
    let unavailable = Fault::Status {
        status: 503,
        retry_after: wait,
        envelope: true,
    };
    let (status, _, wait, body) = replaced(unavailable).await;
    assert_eq!((status, wait.as_str()), (503, "2"));
    assert_eq!(json(&body).unwrap()["success"], false);
    let plain = Fault::Status {
        status: 500,
        retry_after: None,
        envelope: false,
    };
    assert_eq!(
        replaced(plain).await,
        (500, String::new(), String::new(), "".into())
    );

    let (code, message) = ("NO_POINTS".to_owned(), "the account is empty".to_owned());
    let refusal = Fault::Refusal {
        status: 200,
        code,
        message,
        retryable: None,
    };
    let (status, _, _, body) = replaced(refusal).await;
    assert_eq!(status, 200);
    let expected = json!({"success": false, "error": {"code": "NO_POINTS", "message": "the account is empty"}});
    assert_eq!(json(&body).unwrap(), expected);

    let code_msg = Fault::CodeMsg {
        status: 400,
        code: json!(40001),
        msg: "no".into(),
    };
    let (_, _, _, body) = replaced(code_msg).await;
    assert_eq!(json(&body).unwrap(), json!({"code": 40001, "msg": "no"}));

    let to = Some("http://127.0.0.1:1/".to_owned());
    let (status, _, location, _) = replaced(Fault::Redirect { status: 307, to }).await;
    assert_eq!((status, location.as_str()), (307, "http://127.0.0.1:1/"));

    let (status, kind, _, body) = replaced(Fault::Oversized { bytes: 3 << 20 }).await;
    assert_eq!(
        (status, kind.as_str(), body.len()),
        (200, "application/json", 3 << 20)
    );
    assert_eq!(json(&body).unwrap(), json!({}));
}

#[tokio::test]
async fn a_refusing_port_takes_connections_again_when_its_time_is_over() {
    let bed = bed(submitting().nth(1).fault(Fault::Refuse {
        lasting: Duration::from_secs(5),
    }))
    .await;
    assert!(bed.submission(&pose(URL, 1)).send().await.is_err());
    // The reset may be seen an instant before the port is closed.
    let address = bed.emulator.url().trim_start_matches("http://").to_owned();
    while tokio::net::TcpStream::connect(&address).await.is_ok() {}
    assert!(
        bed.submission(&pose(URL, 1))
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );
    assert_eq!(bed.emulator.charges(), []);
    bed.step(5);
    while tokio::net::TcpStream::connect(&address).await.is_err() {}
    bed.submit(&pose(URL, 1)).await;
}

#[tokio::test]
async fn a_refused_connection_does_no_work_whatever_the_rule_says() {
    let lasting = Duration::ZERO;
    let bed = bed(submitting().fault(Fault::Refuse { lasting }).after_work()).await;
    assert!(bed.submission(&pose(URL, 1)).send().await.is_err());
    assert_eq!(bed.emulator.charges(), []);
}

#[tokio::test]
async fn rules_choose_by_operation_agent_and_turn() {
    let busy = || Fault::Status {
        status: 500,
        retry_after: None,
        envelope: true,
    };
    let scenario = Scenario::new()
        .rule(submitting().agent("expandimage").every(2).fault(busy()))
        .rule(Rule::on(Operation::Read).first(2).fault(busy()));
    let bed = Bed::with(Emulator::builder().scenario(scenario)).await;
    let expand = run(
        "expandimage",
        URL,
        json!({"targetWidth": 9, "targetHeight": 9}),
    );
    let id = bed.submit(&pose(URL, 1)).await;
    bed.submit(&expand).await;
    bed.submit(&pose(URL, 1)).await;
    refused(bed.submission(&expand), 500, "SCRIPTED").await;
    bed.submit(&expand).await;
    for _ in 0..2 {
        refused(
            bed.get(&format!("/openapi/agent/runs/{id}")),
            500,
            "SCRIPTED",
        )
        .await;
    }
    bed.execution(&id).await;
}

#[tokio::test]
async fn lives_can_fail_stick_and_end_strangely() {
    let scenario = Scenario::new()
        .rule(submitting().nth(1).life(Life::failing("no person found")))
        .rule(
            submitting()
                .nth(2)
                .life(Life::usual().failed_image(2).error("too dark")),
        )
        .rule(submitting().nth(3).life(Life::stuck("Running")))
        .rule(
            submitting().nth(4).life(
                Life::usual()
                    .state("Warming", Duration::from_secs(5))
                    .state("Running", Duration::from_secs(5))
                    .ends("Cancelled")
                    .extra("video", "https://example.com/v.mp4"),
            ),
        );
    let bed = Bed::with(Emulator::builder().scenario(scenario)).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(bed.submit(&pose(URL, 4)).await);
    }
    assert_eq!(bed.execution(&ids[3]).await["status"], "Warming");
    bed.step(1_000_000);
    let failed = bed.execution(&ids[0]).await;
    assert_eq!(
        (&failed["status"], &failed["result"]),
        (&json!("Failed"), &json!([]))
    );
    assert_eq!(failed["error"], "no person found");

    let partial = bed.execution(&ids[1]).await;
    assert_eq!(partial["status"], "Success");
    assert_eq!(
        partial["result"][2],
        json!({"status": "Failed", "error": "too dark"})
    );
    let images = partial["result"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["image"].is_string());
    assert_eq!(images.count(), 3);

    assert_eq!(bed.execution(&ids[2]).await["status"], "Running");
    let strange = bed.execution(&ids[3]).await;
    assert_eq!(strange["status"], "Cancelled");
    assert_eq!(strange["video"], strange["result"][0]["video"]);
}

#[tokio::test]
async fn a_soak_is_the_same_for_the_same_seed() {
    let faults = async |seed| {
        let scenario = Scenario::new().soak(Soak::new(0.4).faults([Fault::Reset, Fault::Garbage]));
        let bed = Bed::with(Emulator::builder().scenario(scenario).seed(seed)).await;
        for _ in 0..40 {
            let _ = bed.get("/openapi/agent/runs/x").send().await;
        }
        let faults = bed
            .emulator
            .requests()
            .into_iter()
            .map(|request| request.fault);
        // A client may repeat a read by itself when a kept connection was reset under it.
        faults.take(40).collect::<Vec<_>>()
    };
    let first = faults(7).await;
    assert_eq!(first, faults(7).await);
    assert_ne!(first, faults(8).await);
    let struck = first.iter().flatten().count();
    assert!(
        (6..=26).contains(&struck),
        "{struck} of 40 at a probability of 0.4"
    );
}

#[tokio::test]
async fn the_ledger_has_every_request_without_the_key() {
    let bed = Bed::new().await;
    let id = bed.submit(&pose(URL, 1)).await;
    bed.execution(&id).await;
    let requests = bed.emulator.requests();
    assert_eq!(requests[0].operation, Some(Operation::Submit));
    assert_eq!(
        (requests[0].method.as_str(), requests[0].uri.path()),
        ("POST", "/openapi/agent/runs")
    );
    assert_eq!(requests[0].header("authorization"), Some("[redacted]"));
    assert_eq!(requests[0].json(), pose(URL, 1));
    assert_eq!(requests[0].status, Some(200));
    assert_eq!(requests[1].uri.path(), format!("/openapi/agent/runs/{id}"));
    assert!(!format!("{requests:?} {:?}", bed.emulator.charges()).contains(API_KEY));
    bed.emulator.assert_nothing_unexpected();
}

#[tokio::test]
#[should_panic(expected = "GET /openapi/agent/run/x: the service has no such operation")]
async fn a_strict_emulator_names_what_nobody_should_send() {
    let bed = Bed::with(Emulator::builder().strict(true)).await;
    refused(bed.get("/openapi/agent/run/x"), 404, "NOT_FOUND").await;
}

#[tokio::test]
#[should_panic(expected = "an Authorization header was sent to a picture's URL")]
async fn a_key_that_goes_to_a_picture_is_found_out() {
    let bed = Bed::with(Emulator::builder().results_on_other_port(true)).await;
    let id = bed.submit(&pose(URL, 1)).await;
    bed.step(100);
    let url = bed.execution(&id).await["result"][0]["image"]
        .as_str()
        .unwrap()
        .to_owned();
    bed.http
        .get(url)
        .header("Authorization", API_KEY)
        .send()
        .await
        .unwrap();
    bed.emulator.assert_nothing_unexpected();
}

#[tokio::test]
async fn whatever_nobody_should_send_is_complained_of() {
    let key = "an Authorization header was sent to a picture's URL";
    let elsewhere = "an Authorization header was sent to a path that is not the API's";
    let unknown = "the service has no such operation";
    let wrong = "the API key is missing or not the right one";
    let info = "/openapi/v1/agent/info?agentName=aipose&agentVersion=v1.0";
    let bed = Bed::with(Emulator::builder().results_on_other_port(true)).await;
    let (api, results) = (bed.emulator.url(), bed.emulator.results_url());
    let image = bed.upload(png(&photo(12, 12))).await;
    let preset = format!("{results}/presets/4001.png");
    for (method, url, sent, expected) in [
        (Method::GET, image.clone(), None, None),
        (Method::HEAD, image.clone(), None, None),
        (Method::HEAD, image.clone(), Some("other"), Some(key)),
        (Method::GET, preset, Some(API_KEY), Some(key)),
        (Method::GET, format!("{api}{info}"), Some(API_KEY), None),
        (Method::GET, format!("{api}{info}"), None, Some(wrong)),
        (
            Method::HEAD,
            format!("{api}{info}"),
            Some(API_KEY),
            Some(unknown),
        ),
        (
            Method::POST,
            format!("{api}//openapi/agent/runs"),
            None,
            Some(unknown),
        ),
        (
            Method::GET,
            format!("{api}/openapi/agent/runs/"),
            Some(API_KEY),
            Some(unknown),
        ),
        (
            Method::GET,
            format!("{api}/openapi/agent//runs"),
            Some(API_KEY),
            Some(unknown),
        ),
        (
            Method::GET,
            format!("{results}{info}"),
            Some(API_KEY),
            Some(elsewhere),
        ),
        (Method::GET, format!("{results}{info}"), None, Some(unknown)),
        (
            Method::GET,
            format!("{api}/elsewhere"),
            Some(API_KEY),
            Some(elsewhere),
        ),
        (
            Method::GET,
            format!("{api}/state.json"),
            Some(API_KEY),
            Some(elsewhere),
        ),
    ] {
        let mut request = bed.http.request(method.clone(), &url);
        if let Some(key) = sent {
            request = request.header("Authorization", key);
        }
        request.send().await.unwrap();
        let last = bed.emulator.requests().pop().unwrap();
        assert_eq!(last.unexpected.as_deref(), expected, "{method} {url}");
    }
    assert_eq!(bed.http.get(api).send().await.unwrap().status(), 200);
    assert_ne!(bed.emulator.requests().pop().unwrap().uri.path(), "/");
}

#[tokio::test]
async fn a_fault_neither_hides_a_wrong_key_nor_looks_like_one() {
    let bed = bed(Rule::on(Operation::Info).fault(Fault::Status {
        status: 401,
        retry_after: None,
        envelope: true,
    }))
    .await;
    let path = "/openapi/v1/agent/info?agentName=aipose&agentVersion=v1.0";
    refused(bed.get(path), 401, "SCRIPTED").await;
    bed.emulator.assert_nothing_unexpected();

    let bed = Bed::with(
        Emulator::builder()
            .scenario(Scenario::new().rule(Rule::on(Operation::Info).fault(Fault::DropAnswer))),
    )
    .await;
    let url = format!("{}{path}", bed.emulator.url());
    assert!(bed.http.get(url).send().await.is_err());
    let why = bed.emulator.requests().remove(0).unexpected.unwrap();
    assert!(why.contains("API key"), "{why}");
}

#[tokio::test]
async fn a_receiver_that_says_nothing_does_not_hold_up_the_true_callback() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bed = bed(submitting().callback(Callback::Forged)).await;
    let mut body = pose(URL, 1);
    body["callbackUrl"] = json!(format!("http://{}", silent.local_addr().unwrap()));
    let id = bed.submit(&body).await;
    let _held = silent.accept().await.unwrap();
    bed.step(100);
    // Nobody has anything left to do but wait, so an hour passes at once.
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let calls = bed.emulator.callbacks();
    let ids: Vec<_> = calls.iter().map(|call| &*call.execution_id).collect();
    assert_eq!(ids, [&*id; 3]);
    for call in calls {
        assert_eq!(call.outcome, Err("no answer within 10s".into()));
    }
}

#[tokio::test]
async fn callbacks_come_by_script() {
    // Any HTTP server will do to be called back; an emulator has a ledger of what it was asked.
    let hook = Emulator::start().await.unwrap();
    let late = Callback::Late {
        by: Duration::from_secs(60),
    };
    let scenario = Scenario::new()
        .rule(submitting().nth(2).callback(Callback::Twice))
        .rule(submitting().nth(3).callback(late))
        .rule(submitting().nth(4).callback(Callback::Never))
        .rule(submitting().nth(5).callback(Callback::Forged));
    let bed = Bed::with(Emulator::builder().scenario(scenario)).await;
    let mut ids = Vec::new();
    for n in 1..=5 {
        let mut body = pose(URL, 1);
        body["callbackUrl"] = json!(format!("{}/{n}", hook.url()));
        ids.push(bed.submit(&body).await);
    }
    let calls = |n: usize| {
        let path = format!("/{n}");
        let calls = hook
            .requests()
            .into_iter()
            .filter(move |request| request.uri.path() == path);
        calls
            .map(|request| request.json()["executionId"].clone())
            .collect::<Vec<_>>()
    };
    until(|| hook.requests().len() == 2).await;
    assert_eq!(calls(5), [json!("run-forged"), json!(ids[4])]);
    bed.step(100);
    until(|| hook.requests().len() == 6).await;
    assert_eq!(calls(1), [json!(ids[0])]);
    assert_eq!(calls(2), [json!(ids[1]), json!(ids[1])]);
    assert_eq!(calls(5).len(), 3);
    bed.step(60);
    until(|| hook.requests().len() == 7).await;
    assert_eq!((calls(3).len(), calls(4).len()), (1, 0));
    until(|| bed.emulator.callbacks().len() == 7).await;
    assert!(
        bed.emulator
            .callbacks()
            .iter()
            .all(|call| call.outcome == Ok(404))
    );
}

#[tokio::test]
async fn nobody_but_loopback_is_called_back() {
    let bed = Bed::new().await;
    let mut body = pose(URL, 1);
    body["callbackUrl"] = json!("http://callback.invalid/");
    bed.submit(&body).await;
    bed.step(100);
    until(|| bed.emulator.callbacks().len() == 1).await;
    let words = bed.emulator.callbacks().remove(0).outcome.unwrap_err();
    assert!(words.contains("loopback only"), "{words}");
}

#[tokio::test]
async fn a_violation_says_where() {
    let bed = Bed::new().await;
    let image = bed.upload(png(&photo(40, 30))).await;
    let violations = async |body: Value| {
        let body = refused(bed.submission(&body), 400, "INVALID_PARAMS").await;
        let list = body["error"]["violations"].as_array().unwrap().clone();
        list.iter()
            .map(|one| (one["at"].clone(), one["rule"].clone()))
            .collect::<Vec<_>>()
    };
    let pair = |at: &str, rule: &str| (json!(at), json!(rule));

    let body = run(
        "expandimage",
        &image,
        json!({"targetWidth": 5000, "batchCount": 0}),
    );
    let mut found = violations(body).await;
    found.sort_by_key(|(at, rule)| format!("{at}{rule}"));
    let expected = [
        pair("/params", "required"),
        pair("/params/batchCount", "minimum"),
        pair("/params/targetWidth", "maximum"),
    ];
    assert_eq!(found, expected);

    let body = run(
        "expandimage",
        &image,
        json!({"targetWidth": 41, "targetHeight": 90, "fillLeft": 2}),
    );
    assert_eq!(
        violations(body).await,
        [pair("/params/targetWidth", "canvas-fit")]
    );

    let mask = bed.upload(png(&photo(40, 31))).await;
    let params = json!({"maskType": "custom", "customMaskUrl": mask, "backgroundHex": "#000000"});
    let found = violations(run("removeBG", &image, params)).await;
    assert_eq!(found, [pair("/params/customMaskUrl", "mask-size")]);

    let loopback = run(
        "removeBG",
        "http://127.0.0.1:1/x.png",
        json!({"maskType": "autoSubjectSegment", "backgroundId": 1}),
    );
    assert_eq!(
        violations(loopback).await,
        [pair("/input/originalImage", "public-url")]
    );

    let free = json!({"agent": {"name": "someday", "version": "v3"}, "input": {"originalImage": URL}, "params": {"x": 1}});
    bed.submit(&free).await;
}

#[tokio::test]
async fn a_rule_can_be_left_out_by_name() {
    let bed = Bed::with(Emulator::builder().without_rule("any-of-background")).await;
    let image = bed.upload(png(&photo(40, 40))).await;
    let id = bed
        .submit(&run(
            "removeBG",
            &image,
            json!({"maskType": "autoSubjectSegment"}),
        ))
        .await;
    bed.step(100);
    let image = bed.images(&id).await.remove(0).into_rgba8();
    assert_eq!(
        image.get_pixel(0, 0).0[3],
        0,
        "transparent where nothing was asked for"
    );
}

#[tokio::test]
async fn scaled_time_passes_faster() {
    let clock = Clock::scaled(100_000.0);
    let emulator = Emulator::builder()
        .clock(clock.clone())
        .start()
        .await
        .unwrap();
    clock.sleep_until(Duration::from_secs(100)).await;
    assert!(emulator.clock().now() >= Duration::from_secs(100));
}

#[tokio::test]
async fn scenarios_are_read_from_json() {
    let text = json!({
        "rules": [
            {"on": "submit", "nth": 1, "fault": {"kind": "too-many-requests", "retryAfterMs": 3000}},
            {"on": "submit", "agent": "aipose", "life": {"states": [{"status": "Warming", "ms": 1000}], "end": "Failed", "error": "no"}},
            {"on": "submit", "callback": {"kind": "late", "ms": 5}},
        ],
        "soak": {"probability": 0.25},
    });
    let read: Scenario = serde_json::from_value(text).unwrap();
    let wait = Duration::from_secs(3);
    let life = Life::usual()
        .state("Warming", Duration::from_secs(1))
        .ends("Failed")
        .error("no");
    let built = Scenario::new()
        .rule(submitting().nth(1).fault(Fault::TooManyRequests {
            retry_after: wait,
            date: false,
        }))
        .rule(submitting().agent("aipose").life(life))
        .rule(submitting().callback(Callback::Late {
            by: Duration::from_millis(5),
        }))
        .soak(Soak::new(0.25));
    assert_eq!(read, built);
    let again: Scenario = serde_json::from_value(serde_json::to_value(&built).unwrap()).unwrap();
    assert_eq!(again, built);
    let wrong = json!({"rules": [{"on": "submit", "fault": {"kind": "delay", "seconds": 1}}]});
    assert!(serde_json::from_value::<Scenario>(wrong).is_err());
}
