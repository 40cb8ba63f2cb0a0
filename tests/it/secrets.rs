//! The key reaches the API and nothing else, and shows up nowhere.

use std::cell::RefCell;

use serde_json::json;
use weshop::{ApiKey, Client, EMULATOR_KEY, ErrorKind, Input};

use crate::echoes::{escaped_key, everything};
use crate::support::{Act, PUBLIC, Seen, Server, builder, client, png, pose};

const CANARY: &str = "canary-key-5up3rs3cr3t";

fn has_key(seen: &Seen) -> bool {
    let body = String::from_utf8_lossy(&seen.body);
    seen.header("authorization").is_some()
        || seen.head.contains(EMULATOR_KEY)
        || body.contains(EMULATOR_KEY)
}

#[tokio::test]
async fn the_key_reaches_nothing_but_the_api() {
    let pictures = Server::always(Act::reply("200 OK", "", png(8, 8))).await;
    let image = format!("{}/result.png", pictures.url);
    let api = Server::start(move |seen, _| {
        let path = seen.path.as_str();
        match (seen.method.as_str(), path) {
            ("POST", "/openapi/agent/assets/images") => {
                Act::json(json!({"success": true, "data": {"image": PUBLIC}}))
            }
            ("POST", _) => Act::json(json!({"success": true, "meta": {"executionId": "r"}})),
            _ => Act::json(json!({"success": true, "data": {"executions": [
                {"executionId": "r", "status": "Success",
                 "result": [{"status": "Success", "image": image}]}]}})),
        }
    })
    .await;
    let client = client(&api.url);
    let run = client.submit(png(8, 8), pose()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let snapshot = run.snapshot().await.unwrap();
    let saved = client.save_images(&snapshot, folder.path()).await.unwrap();
    assert_eq!(saved.len(), 1);

    assert_eq!(api.seen().len(), 3);
    for seen in api.seen() {
        assert_eq!(
            seen.header("authorization"),
            Some(EMULATOR_KEY),
            "{}",
            seen.path
        );
        assert!(seen.path.starts_with("/openapi/"));
        assert!(!String::from_utf8_lossy(&seen.body).contains(EMULATOR_KEY));
    }
    assert_eq!(pictures.seen().len(), 1);
    assert!(!pictures.seen().iter().any(has_key));
}

#[tokio::test]
async fn redirects_do_not_carry_the_key_away() {
    let elsewhere = Server::always(Act::reply("200 OK", "", png(8, 8))).await;
    let to = format!("location: {}/openapi/agent/runs/r\r\n", elsewhere.url);
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let api = Server::always(Act::reply(status, &to, "")).await;
        let client = client(&api.url);
        let read = client
            .run("r".parse().unwrap())
            .snapshot()
            .await
            .unwrap_err();
        assert_eq!(
            (read.kind(), read.status()),
            (ErrorKind::Api, status[..3].parse().ok())
        );
        let posted = client.submit(PUBLIC, pose()).await.unwrap_err();
        assert_eq!(posted.kind(), ErrorKind::OutcomeUnknown);
        assert!(client.upload(png(8, 8)).await.is_err());
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_users_own_key_never_reaches_an_emulator() {
    let api = Server::always(Act::json(
        json!({"success": true, "data": {"image": PUBLIC}}),
    ))
    .await;
    let client = builder(&api.url).api_key(CANARY).build().unwrap();
    client.upload(png(8, 8)).await.unwrap();
    assert!(!api.seen()[0].head.contains(CANARY));
}

#[tokio::test]
async fn a_request_that_names_the_key_is_not_sent() {
    let api = Server::always(Act::json(json!({}))).await;
    let client = client(&api.url);
    let hook = format!("https://shop.example.com/done?token={EMULATOR_KEY}");
    let error = client
        .submit(PUBLIC, pose())
        .with_callback_url(hook)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let error = client
        .run(EMULATOR_KEY.parse().unwrap())
        .snapshot()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(api.connections(), 0);
}

#[tokio::test]
async fn an_echoed_key_is_in_no_error() {
    let escaped = escaped_key();
    let said = |text: &str| {
        format!(
            r#"{{"success":false,"error":{{"code":"{text}","message":"key {text} is wrong"}}}}"#
        )
    };
    let head = format!("x-request-id: {EMULATOR_KEY}\r\n");
    for body in [
        said(EMULATOR_KEY),
        said(&escaped),
        format!("<p>{EMULATOR_KEY}</p>"),
        EMULATOR_KEY.to_owned(),
    ] {
        for status in ["200 OK", "401 Unauthorized", "502 Bad Gateway"] {
            let api = Server::always(Act::reply(status, &head, &body)).await;
            let client = client(&api.url);
            let raw = client.generated();
            for error in [
                client.submit(PUBLIC, pose()).await.unwrap_err(),
                client
                    .run("r".parse().unwrap())
                    .snapshot()
                    .await
                    .unwrap_err(),
                client.upload(png(8, 8)).await.unwrap_err(),
                client.presets("aimodel", "v1.0").page(1).await.unwrap_err(),
            ] {
                let text = everything(&error);
                assert!(
                    !text.contains(EMULATOR_KEY) && !text.contains(&escaped),
                    "{status} {body}: {text}"
                );
            }
            let error = raw.get_run().execution_id("r").send().await.unwrap_err();
            let text = format!("{error} {error:?} {error:#?}");
            assert!(!text.contains(EMULATOR_KEY), "{status} {body}: {text}");
        }
    }
}

#[tokio::test]
async fn nothing_shows_the_key() {
    let key = ApiKey::new(CANARY).unwrap();
    let client = Client::new(CANARY).unwrap();
    let run = client.run("r".parse().unwrap());
    let prepared = client.submit(PUBLIC, pose()).prepare().await.unwrap();
    let shown = [
        format!("{key:?} {key:#?}"),
        format!("{:?}", Client::builder().api_key(CANARY)),
        format!("{:#?}", Client::builder().api_key(key.clone())),
        format!("{client:?} {client:#?}"),
        format!("{:?} {:#?}", client.generated(), client.generated()),
        format!("{run:?} {:?} {:?}", run.wait(), run.updates()),
        format!("{:?}", client.wait_all([run.clone()])),
        format!("{:?} {prepared:?}", client.submit(PUBLIC, pose())),
        format!("{:?}", client.presets("aimodel", "v1.0")),
        format!("{:?}", Input::new(PUBLIC).with_field("prompt", CANARY)),
    ];
    for text in shown {
        assert!(!text.contains(CANARY), "{text}");
    }
}

/// A service that repeats the key wherever it can, escaped or not.
#[tokio::test]
async fn an_echoed_key_is_in_no_value_and_goes_nowhere() {
    for echo in [EMULATOR_KEY.to_owned(), escaped_key()] {
        let pictures = Server::always(Act::reply("200 OK", "", png(8, 8))).await;
        let body = format!(
            r#"{{"success": true, "{echo}": 1, "meta": {{"executionId": "r"}}, "data": {{
                "image": "https://images.example.com/{echo}.png",
                "executionId": "r", "taskId": "{echo}", "agentName": "{echo}",
                "locations": [{{"id": 1, "name": "{echo}", "{echo}": "{echo}"}}],
                "executions": [{{"executionId": "r", "status": "Success", "params": {{"{echo}": "{echo}"}},
                    "result": [{{"image": "{}/{echo}.png", "error": ["{echo}"]}}]}}]}}}}"#,
            pictures.url
        );
        let api = Server::always(Act::reply("200 OK", "", body)).await;
        let client = client(&api.url);
        let run = client.submit(PUBLIC, pose()).await.unwrap();
        let snapshot = run.snapshot().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let saved = client.save_images(&snapshot, folder.path()).await.unwrap();
        // A URL that the key was taken out of is of no use.
        let uploaded = client.upload(png(8, 8)).await.unwrap_err();
        let presets = client.presets("aimodel", "v1.0").page(1).await.unwrap();
        let raw = client.generated().get_run().execution_id("r").send().await;
        let done = run.wait().await.unwrap();
        let shown = format!(
            "{snapshot:?} {saved:?} {uploaded:?} {presets:?} {:?} {raw:?} {done:?}",
            run.receipt()
        );
        assert!(!shown.contains(EMULATOR_KEY), "{shown}");
        let kept = serde_json::to_string(&(&snapshot, run.receipt())).unwrap();
        assert!(!kept.contains(EMULATOR_KEY), "{kept}");
        assert_eq!(pictures.seen().len(), 1);
        assert!(!pictures.seen().iter().any(has_key));
    }
}

/// Does nothing by itself: `the_chain_of_keys` runs it in a process with an environment of its own.
#[test]
fn child_that_tells_whose_key_is_found() {
    if std::env::var_os("WESHOP_TEST_CHILD").is_none() {
        return;
    }
    let whose = ["of-the-program", "of-the-environment", "of-the-file"];
    let found = match Client::from_env() {
        Ok(_) => ApiKey::discover(),
        Err(error) => Err(error),
    };
    match found {
        Ok(key) => {
            let found = whose
                .iter()
                .find(|whose| ApiKey::new(whose).unwrap() == key);
            println!("found: {found:?}");
        }
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn the_chain_of_keys() {
    let home = tempfile::tempdir().unwrap();
    let child = |variables: &[(&str, &str)]| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "secrets::child_that_tells_whose_key_is_found",
                "--nocapture",
            ])
            .env_remove("WESHOP_API_KEY")
            .env_remove("WESHOP_EMULATOR_URL")
            .env("HOME", home.path())
            .env("WESHOP_TEST_CHILD", "1")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let line = told.lines().find_map(|line| {
            let at = line.find("found: ").or_else(|| line.find("refused: "))?;
            Some(line[at..].to_owned())
        });
        line.unwrap_or(told)
    };
    let environment = ("WESHOP_API_KEY", "of-the-environment");

    let none = child(&[]);
    assert!(
        none.contains("set WESHOP_API_KEY") && none.contains("credentials.json"),
        "{none}"
    );
    assert_eq!(child(&[environment]), "found: Some(\"of-the-environment\")");
    let file = home.path().join(".config/weshop/credentials.json");
    ApiKey::new("of-the-file").unwrap().save(file).unwrap();
    assert_eq!(child(&[]), "found: Some(\"of-the-file\")");
    assert_eq!(
        child(&[("WESHOP_API_KEY", "  ")]),
        "found: Some(\"of-the-file\")"
    );
    assert_eq!(child(&[environment]), "found: Some(\"of-the-environment\")");
    let wrong = child(&[("WESHOP_API_KEY", "Bearer of-the-environment")]);
    assert!(
        wrong.starts_with("refused: ") && !wrong.contains("of-the-environment"),
        "{wrong}"
    );
    let remote = child(&[
        environment,
        ("WESHOP_EMULATOR_URL", "https://openapi.weshop.ai"),
    ]);
    assert!(remote.contains("is not on loopback"), "{remote}");
}

#[test]
fn a_key_that_is_refused_is_not_repeated() {
    for wrong in [
        format!("Bearer {CANARY}"),
        format!("{CANARY}\n{CANARY}"),
        format!("{CANARY} ü"),
        CANARY.repeat(1000),
    ] {
        let error = ApiKey::new(&wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!everything(&error).contains(CANARY));
        let error = Client::builder()
            .api_key(wrong.as_str())
            .build()
            .unwrap_err();
        assert!(!everything(&error).contains(CANARY));
    }
    assert!(ApiKey::new("").is_err());
    assert!(ApiKey::new(" \n").is_err());
    assert_eq!(
        ApiKey::new(format!(" {CANARY}\n")).unwrap(),
        ApiKey::new(CANARY).unwrap()
    );
}

#[test]
fn hostile_credentials_files_are_refused_without_being_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    for text in [
        format!("\"{CANARY}\""),
        format!("[\"{CANARY}\"]"),
        format!("{{\"api_key\": [\"{CANARY}\"]}}"),
        format!("{{\"api_key\": \"{CANARY}\""),
        format!("{{\"api_key\": \"Bearer {CANARY}\"}}"),
        CANARY.repeat(10_000),
        "[".repeat(60_000),
        String::new(),
    ] {
        std::fs::write(&path, &text).unwrap();
        let error = ApiKey::from_file(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!everything(&error).contains(CANARY));
    }
    std::fs::write(&path, b"\xff\xfe\x00").unwrap();
    assert_eq!(
        ApiKey::from_file(&path).unwrap_err().kind(),
        ErrorKind::Configuration
    );
    let missing = ApiKey::from_file(folder.path().join("none")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
}

#[test]
fn a_saved_key_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("credentials.json");
    let key = ApiKey::new(CANARY).unwrap();
    key.save(&path).unwrap();
    key.save(&path).unwrap();
    assert_eq!(ApiKey::from_file(&path).unwrap(), key);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
    }
}

thread_local! {
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes down what is traced on a thread that asks for it. A subscriber of one thread alone would
/// not do: whether a trace point is on at all is decided once for the process.
struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| {
            if let Some(log) = log {
                log.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn traces_tell_of_calls_and_not_of_keys_or_bodies() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Log)
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    LOG.set(Some(Vec::new()));
    let api = Server::start(|seen, before| match (seen.method.as_str(), before) {
        ("POST", 0) => Act::reply("429 Too Many Requests", "retry-after: 0\r\n", ""),
        _ => Act::json(json!({"success": true, "meta": {"executionId": "r"}})),
    })
    .await;
    client(&api.url).submit(PUBLIC, pose()).await.unwrap();
    let text = String::from_utf8(LOG.take().unwrap()).unwrap();
    for told in [
        "submitRun",
        "attempt=2",
        "status=429",
        "status=200",
        "elapsed=",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    for hidden in [EMULATOR_KEY, "hands in pockets", PUBLIC] {
        assert!(!text.contains(hidden), "{hidden} is in\n{text}");
    }
}
