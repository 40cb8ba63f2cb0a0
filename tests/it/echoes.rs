//! A service that repeats the key in ways that a look at the bytes does not see.

use serde_json::json;
use weshop::{EMULATOR_KEY, Error, ErrorKind};

use crate::support::{Act, PUBLIC, Server, client, png, pose};

/// All that a person or a log could see of an error.
pub fn everything(error: &Error) -> String {
    let mut text = format!(
        "{error} {error:#} {error:?} {error:#?} {:?}",
        error.api_message()
    );
    text += &format!("{:?} {:?}", error.code(), error.request_id());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    text
}

/// The key as JSON may write it, with every character escaped.
pub fn escaped_key() -> String {
    EMULATOR_KEY
        .chars()
        .map(|c| format!("\\u{:04x}", u32::from(c)))
        .collect()
}

fn percent_encoded_key() -> String {
    EMULATOR_KEY.replace('-', "%2d")
}

/// Whether a text has more of the key than may stand in any text.
fn shows(text: &str) -> bool {
    text.contains(&EMULATOR_KEY[..EMULATOR_KEY.len() - 1])
        || text.contains(&escaped_key()[..60])
        || text.contains(&percent_encoded_key())
}

#[tokio::test]
async fn the_key_is_no_id_and_in_no_snippet() {
    let escaped = escaped_key();
    let hidden = percent_encoded_key();
    for body in [
        format!(
            r#"{{"success":false,"error":{{"code":"x"}},"meta":{{"executionId":"{escaped}"}}}}"#
        ),
        format!(r#"{{"success":false,"meta":{{"executionId":"{EMULATOR_KEY}"}}}}"#),
        format!(r#"{{"success":true,"meta":{{"executionId":"{escaped}"}}}}"#),
        format!(r#"{{"meta":{{"executionId":"{escaped}"}}}}"#),
        format!(r#"{{"meta":{{"executionId":"{escaped}"#),
        format!(r#"{{"note":"{escaped}""#),
        format!(r#"{{"note":"{hidden}"}}"#),
        format!("<p>{hidden}</p>"),
    ] {
        for status in ["200 OK", "400 Bad Request"] {
            let api = Server::always(Act::reply(status, "", &body)).await;
            let error = client(&api.url).submit(PUBLIC, pose()).await.unwrap_err();
            let text = everything(&error);
            assert!(!shows(&text), "{status} {body}: {text}");
            assert_eq!(error.run_id(), None, "{status} {body}");
        }
    }
}

/// What is shortened is looked at first, and what was cut off is looked at for a beginning.
#[tokio::test]
async fn no_part_of_the_key_is_left_at_an_end() {
    let most = &EMULATOR_KEY[..EMULATOR_KEY.len() - 1];
    let head = format!(
        "x-request-id: {}{EMULATOR_KEY}\r\n",
        "x".repeat(300 - most.len())
    );
    let body = r#"{"success":false,"error":{"code":"a"}}"#;
    let api = Server::always(Act::reply("400 Bad Request", &head, body)).await;
    let error = client(&api.url).submit(PUBLIC, pose()).await.unwrap_err();
    assert!(error.request_id().is_some() && !shows(&everything(&error)));

    let cut = format!("HTTP/1.1 400 Bad\r\ncontent-length: 500\r\n\r\n<p>the key {most}");
    let api = Server::always(Act::Write(cut.into_bytes())).await;
    let error = client(&api.url).submit(PUBLIC, pose()).await.unwrap_err();
    assert_eq!(error.api_message(), Some("<p>the key"));
}

#[tokio::test]
async fn a_percent_encoded_key_goes_nowhere() {
    let hidden = percent_encoded_key();
    let pictures = Server::always(Act::reply("200 OK", "", png(8, 8))).await;
    let image = format!("{}/x.png?k={hidden}", pictures.url);
    let api = Server::always(Act::json(json!({"success": true, "data": {"executions": [
        {"executionId": "r", "status": "Success", "result": [{"image": image}]}]}})))
    .await;
    let client = client(&api.url);
    let snapshot = client.run("r".parse().unwrap()).snapshot().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    client.save_images(&snapshot, folder.path()).await.unwrap();
    assert!(!shows(&pictures.seen()[0].path) && !shows(&format!("{snapshot:?}")));

    let hook = format!("https://shop.example.com/?k={hidden}");
    let submission = client.submit(PUBLIC, pose()).with_callback_url(hook);
    assert_eq!(
        submission.await.unwrap_err().kind(),
        ErrorKind::Configuration
    );
    assert_eq!(api.count("POST"), 0);
}
