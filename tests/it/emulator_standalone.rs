//! The emulator as a process of its own, and its page.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::emulator_core::{Bed, answer, pose, refused};
use crate::support::example;

/// A process that ends with the test, whatever becomes of it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(args: &[&str]) -> (Process, String) {
    let mut command = example("emulator");
    let child = command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut process = Process(child);
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    (process, line["base_url"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn it_serves_a_scenario_to_whoever_has_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.toml");
    let scenario = "[[rules]]\non = 'submit'\nnth = 1\nfault = { kind = 'html', status = 502 }\n";
    std::fs::write(&file, scenario).unwrap();
    let file = file.to_str().unwrap();
    let args = [
        "--port",
        "0",
        "--api-key",
        "k",
        "--scenario",
        file,
        "--time-scale",
        "1000",
        "--run-time-ms",
        "60000",
    ];
    let (mut process, url) = start(&args);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");

    let http = reqwest::Client::new();
    let submit = |key: &str| {
        let request = http.post(format!("{url}/openapi/agent/runs"));
        request
            .header("Authorization", key)
            .json(&pose("https://example.com/a.png", 1))
    };
    assert_eq!(submit("k").send().await.unwrap().status(), 502);
    refused(submit("other"), 401, "UNAUTHORIZED").await;
    let (_, body) = answer(submit("k")).await;
    let run = format!(
        "{url}/openapi/agent/runs/{}",
        body["data"]["executionId"].as_str().unwrap()
    );
    // A minute of its time is 60 milliseconds of ours.
    loop {
        let (_, body) = answer(http.get(&run).header("Authorization", "k")).await;
        if body["data"]["executions"][0]["status"] == "Success" {
            break;
        }
    }

    #[cfg(unix)]
    {
        let pid = process.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        assert!(process.0.wait().unwrap().success());
        assert!(http.get(&run).send().await.is_err());
    }
}

#[tokio::test]
async fn it_takes_any_key_that_is_not_empty() {
    let (_process, url) = start(&["--port", "0"]);
    let http = reqwest::Client::new();
    let get = |key: &str| {
        http.get(format!("{url}/openapi/agent/runs/x"))
            .header("Authorization", key)
    };
    refused(get("whatever"), 404, "NOT_FOUND").await;
    refused(get(""), 401, "UNAUTHORIZED").await;
}

#[test]
fn it_says_what_is_wrong_with_its_arguments() {
    let run = |args: &[&str]| -> (Option<i32>, String) {
        let Output { status, stderr, .. } = example("emulator").args(args).output().unwrap();
        (status.code(), String::from_utf8(stderr).unwrap())
    };
    for (args, words) in [
        (&["--port", "x"][..], "--port does not take x"),
        (&["--speed", "1"], "--speed is not known"),
        (&["--seed"], "--seed needs a value"),
        (&["--time-scale", "0"], "--time-scale does not take 0"),
        (&["--scenario", "/nowhere.json"], "/nowhere.json: "),
    ] {
        let (code, told) = run(args);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn the_page_is_whole_without_a_network() {
    let bed = Bed::new().await;
    let base = bed.emulator.url();
    let page = bed.http.get(format!("{base}/")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(
        page.contains("<html lang=\"en\">")
            && !page.contains("http://")
            && !page.contains("https://")
    );
    for (file, kind) in [("page.js", "text/javascript"), ("page.css", "text/css")] {
        assert!(page.contains(file));
        let answer = bed.http.get(format!("{base}/{file}")).send().await.unwrap();
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with(kind)
        );
    }
}

#[tokio::test]
async fn the_page_shows_what_goes_on() {
    let bed = Bed::new().await;
    let request = bed
        .submission(&pose("https://example.com/a.png", 2))
        .header("Idempotency-Key", "k");
    let (_, body) = answer(request).await;
    bed.step(100);
    let state = format!("{}/state.json", bed.emulator.url());
    let (_, state) = answer(bed.http.get(state)).await;
    let id = &body["data"]["executionId"];
    assert_eq!(
        (&state["runs"][0]["id"], &state["runs"][0]["status"]),
        (id, &json!("Success"))
    );
    assert_eq!(state["runs"][0]["result"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&state["charges"][0]["key"], &state["points"]),
        (&json!("k"), &json!(2))
    );
    assert_eq!(
        state["requestCount"], 1,
        "the page itself is not in the ledger"
    );
    bed.emulator.assert_nothing_unexpected();
}

#[tokio::test]
async fn the_page_is_not_for_other_names() {
    let bed = Bed::new().await;
    let state = format!("{}/state.json", bed.emulator.url());
    refused(
        bed.http.get(&state).header("Host", "rebound.example.com"),
        403,
        "FORBIDDEN",
    )
    .await;
    let local = bed.http.get(&state).header("Host", "localhost:9");
    assert_eq!(answer(local).await.0, 200);
}
