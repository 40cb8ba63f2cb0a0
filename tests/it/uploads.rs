//! What becomes of an upload before anything is paid with it.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use weshop::validate::Rule;
use weshop::{EMULATOR_KEY, ErrorKind, Image, Input, types};

use crate::support::{Act, PUBLIC, Server, client, png, pose};

#[tokio::test]
async fn an_upload_whose_url_is_none_is_not_paid_with() {
    for said in ["relative/x.png", "ftp://example.com/x", "  ", EMULATOR_KEY] {
        let said = match said {
            EMULATOR_KEY => format!("https://cdn.example.com/{EMULATOR_KEY}/x.png"),
            said => said.to_owned(),
        };
        let answer = json!({"success": true, "data": {"image": said}});
        let api = Server::always(Act::json(answer)).await;
        let error = client(&api.url)
            .submit(png(8, 8), pose())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse, "{said}");
        assert_eq!(error.operation(), Some("uploadImage"));
        assert_eq!(api.seen().len(), 1, "{said}");
    }
}

/// There is nothing to wait for: a reader's content cannot be had twice.
#[tokio::test]
async fn a_reader_s_upload_that_fails_ends_at_once() {
    let busy = Act::reply("503 Service Unavailable", "retry-after: 50\r\n", "");
    let api = Server::always(busy).await;
    let client = client(&api.url);
    let upload = client.upload(Image::reader(std::io::Cursor::new(png(8, 8))));
    let error = timeout(Duration::from_secs(30), upload)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), 1));
}

/// What is no image takes nothing from the list of what is wrong besides.
#[tokio::test]
async fn local_files_that_are_no_images_hide_nothing_else() {
    let api = Server::always(Act::Hang).await;
    let client = client(&api.url);
    let input = Input::new(b"no image".to_vec())
        .with_fashion_model(b"none either".to_vec())
        .with_location(Image::url("/a.png"));
    let params = types::VirtualtryonParams::builder().batch_count(99);
    let error = client.submit(input, params).await.unwrap_err();
    let found: Vec<_> = error
        .violations()
        .unwrap()
        .iter()
        .map(|it| it.rule())
        .collect();
    use Rule::{ImageFormat, PublicUrl, Range, Required};
    assert_eq!(
        found,
        [
            ImageFormat,
            ImageFormat,
            Range,
            Required,
            Required,
            PublicUrl
        ]
    );
    assert!(error.is_not_sent());
    let missing = client
        .submit("/nowhere/coat.png", pose())
        .await
        .unwrap_err();
    assert!(missing.is_not_sent() && missing.kind() == ErrorKind::Io);
    assert_eq!(api.connections(), 0);
}

#[tokio::test]
async fn what_is_not_known_for_an_image_can_be_sent_on_purpose() {
    let api = Server::start(|seen, _| {
        let answer = match seen.path.ends_with("/images") {
            true => json!({"success": true, "data": {"image": PUBLIC}}),
            false => json!({"success": true, "meta": {"executionId": "r"}}),
        };
        Act::json(answer)
    })
    .await;
    let client = client(&api.url);
    let strange = || Image::bytes(&b"a format of next year"[..]);
    client
        .submit(strange(), pose())
        .allow(Rule::ImageFormat)
        .await
        .unwrap();
    client.submit_unchecked(strange(), pose()).await.unwrap();
    assert_eq!(
        client.upload(strange()).await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    let uploaded = client.upload_unchecked(strange()).await.unwrap();
    assert_eq!((uploaded.url(), uploaded.size()), (PUBLIC, None));
    let bodies: Vec<_> = api
        .seen()
        .into_iter()
        .filter(|it| it.path.ends_with("/images"))
        .collect();
    assert_eq!(bodies.len(), 3);
    for seen in bodies {
        let body = String::from_utf8_lossy(&seen.body).to_ascii_lowercase();
        assert!(
            body.contains("content-type: application/octet-stream"),
            "{body}"
        );
    }
}

/// An emulator may be reached under another name than the one that it gives its images.
#[tokio::test]
async fn an_emulator_s_images_are_taken_whatever_its_host_is_called() {
    let emulator = weshop::emulator::Emulator::start().await.unwrap();
    let client = client(&emulator.url().replace("127.0.0.1", "localhost"));
    let photo = client.upload(png(8, 8)).await.unwrap();
    client.submit(&photo, pose()).await.unwrap();
}
