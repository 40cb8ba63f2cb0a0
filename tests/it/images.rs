//! Images on their way in and out: uploads, and results on disk.

use std::future::IntoFuture;
use std::path::Path;

use serde_json::json;
use weshop::{Client, ErrorKind, Image, RunSnapshot};

use crate::support::{Act, PUBLIC, Server, builder, client, png, pose};

fn uploaded() -> Act {
    Act::json(json!({"success": true, "data": {"image": PUBLIC}}))
}

/// The one part of a multipart body: its headers and its content.
fn part(body: &[u8]) -> (String, Vec<u8>) {
    let text = String::from_utf8_lossy(body);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let boundary = head.lines().next().unwrap();
    let content = &body[head.len() + 4..];
    let end = content.len() - format!("\r\n{boundary}--\r\n").len();
    (head.to_owned(), content[..end].to_vec())
}

#[tokio::test]
async fn an_upload_is_one_part_named_image_with_the_type_of_its_content() {
    let folder = tempfile::tempdir().unwrap();
    // The name says JPEG, the content says PNG: the content is right.
    let path = folder.path().join("coat.jpg");
    std::fs::write(&path, png(12, 10)).unwrap();
    let gif = b"GIF89a\x05\x00\x07\x00\x80\x00\x00".to_vec();
    for (image, content, content_type, size) in [
        (Image::file(&path), png(12, 10), "image/png", (12, 10)),
        (Image::bytes(png(3, 4)), png(3, 4), "image/png", (3, 4)),
        (
            Image::reader(std::io::Cursor::new(gif.clone())),
            gif,
            "image/gif",
            (5, 7),
        ),
    ] {
        let server = Server::always(uploaded()).await;
        let image = client(&server.url).upload(image).await.unwrap();
        assert_eq!((image.url(), image.size()), (PUBLIC, Some(size)));
        let seen = &server.seen()[0];
        assert_eq!(seen.path, "/openapi/agent/assets/images");
        let body = match seen.header("transfer-encoding") {
            Some(_) => dechunked(&seen.body),
            None => seen.body.clone(),
        };
        let (head, sent) = part(&body);
        assert!(head.contains("name=\"image\""), "{head}");
        assert!(
            head.to_lowercase()
                .contains(&format!("content-type: {content_type}")),
            "{head}"
        );
        assert_eq!(sent, content);
    }
}

fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let length = std::str::from_utf8(&body[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[end + 2..][..length]);
        body = &body[end + 2 + length + 2..];
    }
}

#[tokio::test]
async fn what_is_no_image_is_refused_before_it_is_sent() {
    let server = Server::always(uploaded()).await;
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("coat.png");
    std::fs::write(&text, "not an image at all").unwrap();
    let empty = folder.path().join("empty.png");
    std::fs::write(&empty, "").unwrap();
    let client = client(&server.url);
    for image in [
        Image::file(&text),
        Image::file(&empty),
        Image::bytes("<svg/>"),
        Image::bytes("BM, said the tailor, and a text is no bitmap"),
        Image::bytes(b"\0\0\0\x18ftypisom\0\0\0\0mp41isom\0\0\0\0".to_vec()),
        Image::bytes(""),
        Image::reader(tokio::io::empty()),
    ] {
        let error = client.upload(image).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
    let error = client.submit(text.as_path(), pose()).await.unwrap_err();
    assert_eq!(
        error.violations().unwrap()[0].pointer(),
        "/input/originalImage"
    );
    for path in [folder.path().join("none.png"), folder.path().to_owned()] {
        let error = client.upload(path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
    }
    assert_eq!(server.connections(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("coat.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let client = client("http://127.0.0.1:1");
    let error = client.upload(pipe.as_path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let error = weshop::ApiKey::from_file(&pipe).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

#[tokio::test]
async fn nothing_is_uploaded_for_a_request_that_breaks_a_rule() {
    let server = Server::always(uploaded()).await;
    let blank = weshop::types::AiposeParams::builder().text_description(" ".to_string());
    let error = client(&server.url)
        .submit(png(4, 4), blank)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.idempotency_key().is_some());
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_an_unchecked_or_allowed_submission_steps_around() {
    let server = Server::always(Act::json(
        json!({"success": true, "meta": {"executionId": "run-1"}}),
    ))
    .await;
    let client = client(&server.url);
    let transparent = || {
        weshop::types::RemoveBgParams::builder()
            .mask_type(weshop::types::SubjectMaskType::AutoSubjectSegment)
    };
    let refused = client.submit(PUBLIC, transparent()).await.unwrap_err();
    assert_eq!(
        refused.violations().unwrap()[0].rule(),
        weshop::Rule::AnyOfBackground
    );
    let allowed = client.submit(PUBLIC, transparent());
    allowed.allow(weshop::Rule::AnyOfBackground).await.unwrap();
    client
        .submit_unchecked(PUBLIC, transparent())
        .await
        .unwrap();
    assert_eq!(server.count("POST"), 2);
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_repeated_unless_it_came_from_a_reader() {
    let broken_once = || {
        Server::start(|seen, before| match (seen.method.as_str(), before) {
            ("POST", 0) => Act::ResetRead,
            _ => uploaded(),
        })
    };
    let server = broken_once().await;
    client(&server.url).upload(png(4, 4)).await.unwrap();
    assert_eq!(server.count("POST"), 2);
    let server = broken_once().await;
    let reader = Image::reader(std::io::Cursor::new(png(4, 4)));
    let error = client(&server.url).upload(reader).await.unwrap_err();
    assert_eq!(
        (error.kind(), server.count("POST")),
        (ErrorKind::Transport, 1)
    );
}

fn finished(urls: &[String]) -> RunSnapshot {
    let results: Vec<_> = urls
        .iter()
        .map(|url| json!({"status": "Success", "image": url}))
        .collect();
    serde_json::from_value(json!({"id": "../run/1", "status": "Success", "results": results}))
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn images_that_are_there_are_kept_unless_told_otherwise() {
    let server = Server::always(Act::reply("200 OK", "", png(6, 6))).await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let run = finished(&[format!("{}/a", server.url), format!("{}/b", server.url)]);
    let first = client.save_images(&run, folder.path()).await.unwrap();
    assert!(first.iter().all(|saved| !saved.existed));
    // Whatever the service calls the run, its files stay in the folder, and have a name of their own.
    for saved in &first {
        let name = saved.path.file_name().unwrap().to_str().unwrap();
        assert_eq!(saved.path, folder.path().join(name));
        assert!(name.starts_with("_run_1-d686c03e-"), "{name}");
    }
    assert_eq!(names(folder.path()).len(), 2);
    std::fs::write(&first[0].path, "mine").unwrap();
    let second = client.save_images(&run, folder.path()).await.unwrap();
    assert!(second.iter().all(|saved| saved.existed));
    assert_eq!(server.count("GET"), 2);
    assert_eq!(std::fs::read(&first[0].path).unwrap(), b"mine");
    let third = client.save_images(&run, folder.path()).with_replace(true);
    assert!(third.await.unwrap().iter().all(|saved| !saved.existed));
    assert_eq!(std::fs::read(&first[0].path).unwrap(), png(6, 6));
    let named = client.save_images(&run, folder.path()).with_stem("coat");
    let named = named.await.unwrap().remove(1).path;
    let named = named.file_name().unwrap().to_str().unwrap();
    assert!(named.starts_with("coat-"), "{named}");
}

#[tokio::test]
async fn runs_whose_ids_look_alike_in_a_folder_keep_apart() {
    let server = Server::always(Act::reply("200 OK", "", png(6, 6))).await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    for id in ["a/b", "a:b", "a_b", &"x".repeat(200), &"x".repeat(201)] {
        let run: RunSnapshot = serde_json::from_value(json!({"id": id, "status": "Success",
            "results": [{"image": format!("{}/{}", server.url, id.len())}]}))
        .unwrap();
        let saved = client.save_images(&run, folder.path()).await.unwrap();
        assert!(!saved[0].existed, "{id}");
    }
    assert_eq!(names(folder.path()).len(), 5);
}

#[tokio::test]
async fn downloads_that_are_not_repeated_leave_the_budget_alone() {
    let pictures = Server::always(Act::reply("404 Not Found", "", "")).await;
    let api = Server::start(|seen, _| match seen.method.as_str() {
        "" => Act::Hang,
        _ => Act::reply("429 Too Many Requests", "retry-after: 0\r\n", ""),
    })
    .await;
    let client = client(&api.url);
    let folder = tempfile::tempdir().unwrap();
    let urls: Vec<_> = (0..110).map(|n| format!("{}/{n}", pictures.url)).collect();
    client
        .save_images(&finished(&urls), folder.path())
        .await
        .unwrap_err();
    assert_eq!(pictures.count("GET"), 110);
    let error = client.submit(PUBLIC, pose()).await.unwrap_err();
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn one_image_that_cannot_be_had_does_not_keep_the_others() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/bad" => Act::reply("404 Not Found", "", ""),
        _ => Act::reply("200 OK", "", png(6, 6)),
    })
    .await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let run = finished(&["/a", "/bad", "/c"].map(|path| format!("{}{path}", server.url)));
    let error = client.save_images(&run, folder.path()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(404)));
    assert_eq!(names(folder.path()).len(), 2);
}

#[tokio::test]
async fn downloads_are_bounded_and_follow_redirects() {
    let pictures = Server::always(Act::reply("200 OK", "", png(6, 6))).await;
    let to = format!("location: {}/there.png\r\n", pictures.url);
    let server = Server::always(Act::reply("302 Found", &to, "")).await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let run = finished(&[format!("{}/a", server.url)]);
    let tight = client.save_images(&run, folder.path()).with_max_bytes(10);
    let error = tight.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
    assert!(names(folder.path()).is_empty());
    assert_eq!(
        client.save_images(&run, folder.path()).await.unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_result_that_is_no_web_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let client = builder("http://127.0.0.1:1").build().unwrap();
    for url in [
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "nonsense",
        "http://",
    ] {
        let error = client.save_images(&finished(&[url.to_owned()]), folder.path());
        assert_eq!(error.await.unwrap_err().attempts(), 0, "{url}");
    }
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn dropping_a_download_leaves_nothing() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend_from_slice(&png(6, 6));
    let server = Server::start(move |_, _| Act::WriteAndHang(bytes.clone())).await;
    let folder = tempfile::tempdir().unwrap();
    let client: Client = client(&server.url);
    let run = finished(&[format!("{}/a", server.url)]);
    {
        let saving = client.save_images(&run, folder.path()).into_future();
        let begun = async {
            while names(folder.path()).is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            saved = saving => panic!("it cannot end: {saved:?}"),
            () = begun => {}
        }
    }
    assert!(names(folder.path()).is_empty());
}

/// Does nothing by itself: `a_full_disk_is_no_success` runs it where files can be of 2 kB only.
#[tokio::test]
async fn child_that_downloads_to_a_full_disk() {
    let Some(folder) = std::env::var_os("WESHOP_TEST_FULL_DISK") else {
        return;
    };
    // Small enough to be written at once, so that only a flush tells that it was not.
    let mut picture = png(6, 6);
    picture.resize(6_000, 0);
    let server = Server::always(Act::reply("200 OK", "", picture)).await;
    let run = finished(&[format!("{}/a", server.url)]);
    let error = client(&server.url)
        .save_images(&run, folder)
        .await
        .unwrap_err();
    println!("refused as {:?}", error.kind());
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 4; exec "$0" "$@""#])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "images::child_that_downloads_to_a_full_disk",
            "--nocapture",
        ])
        .env("WESHOP_TEST_FULL_DISK", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("refused as Io"), "{output:?}");
    assert!(
        names(folder.path()).is_empty(),
        "{:?}",
        names(folder.path())
    );
}
