//! Results on disk: which file holds which image, what became of each, and what trying again can mend.

use std::path::{Path, PathBuf};

use serde_json::json;
use weshop::{Client, ErrorKind, RunSnapshot};

use crate::support::{Act, Server, client, hasty, png};

/// A run that has these images by now.
fn run(id: &str, urls: &[String]) -> RunSnapshot {
    let results: Vec<_> = urls.iter().map(|url| json!({"image": url})).collect();
    serde_json::from_value(json!({"id": id, "status": "Success", "results": results})).unwrap()
}

/// Pictures whose width tells them apart: `/7`, and `/x?7` just so, is seven wide.
async fn pictures() -> Server {
    Server::start(|seen, _| {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let path = seen.path.split('&').next().unwrap();
        match digits(path).parse() {
            Ok(width) => Act::reply("200 OK", "", png(width, 4)),
            Err(_) => Act::reply("404 Not Found", "", ""),
        }
    })
    .await
}

fn width(path: &Path) -> u32 {
    image::open(path).unwrap().width()
}

/// The widths of all pictures in a folder.
fn widths(folder: &Path) -> Vec<u32> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut widths: Vec<_> = files.map(|file| width(&file.unwrap().path())).collect();
    widths.sort_unstable();
    widths
}

/// What is saved of these images, and whether it had been there.
async fn save(client: &Client, run: &RunSnapshot, folder: &Path) -> Vec<(u32, bool)> {
    let saved = client.save_images(run, folder).with_stem("coat").await;
    let saved = saved.unwrap();
    let told = saved
        .iter()
        .map(|saved| (width(&saved.path), saved.existed));
    told.collect()
}

#[tokio::test]
async fn an_image_that_arrives_before_others_is_saved_all_the_same() {
    let server = pictures().await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let url = |path: &str| format!("{}{path}", server.url);
    let early = run("r", &[url("/8")]);
    assert_eq!(save(&client, &early, folder.path()).await, [(8, false)]);
    let later = run("r", &[url("/7"), url("/8")]);
    let saved = save(&client, &later, folder.path()).await;
    assert_eq!(saved, [(7, false), (8, true)]);
    let turned = run("r", &[url("/8"), url("/7")]);
    let saved = save(&client, &turned, folder.path()).await;
    assert_eq!(saved, [(8, true), (7, true)]);
    assert_eq!(server.count("GET"), 2);
}

#[tokio::test]
async fn an_image_whose_signature_changes_is_fetched_once() {
    let server = pictures().await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    for (signature, existed) in [("?s=one", false), ("?s=two", true), ("#three", true)] {
        let signed = ["/7", "/8"].map(|path| format!("{}{path}{signature}", server.url));
        let saved = save(&client, &run("r", &signed), folder.path()).await;
        assert_eq!(saved, [(7, existed), (8, existed)], "{signature}");
    }
}

#[tokio::test]
async fn images_that_differ_in_their_queries_alone_are_kept_apart() {
    let server = pictures().await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let url = |number: u32| format!("{}/view?{number}", server.url);
    save(&client, &run("r", &[url(8)]), folder.path()).await;
    let both = run("r", &[url(7), url(8)]);
    let saved = save(&client, &both, folder.path()).await;
    assert_eq!([saved[0].0, saved[1].0], [7, 8]);
    let again = save(&client, &both, folder.path()).await;
    assert_eq!(again, [(7, true), (8, true)]);
    // Another run may have the same stem, and its image the same path.
    let other = save(&client, &run("s", &[url(9)]), folder.path()).await;
    assert_eq!(other, [(9, false)]);
    let mut all = widths(folder.path());
    all.dedup();
    assert_eq!(all, [7, 8, 9]);
}

/// Where the one image of a run is saved, in a folder of its own.
async fn place(client: &Client, run: &RunSnapshot, folder: &Path) -> PathBuf {
    let elsewhere = tempfile::tempdir().unwrap();
    let saved = client.save_images(run, elsewhere.path()).await.unwrap();
    folder.join(saved[0].path.file_name().unwrap())
}

#[tokio::test]
async fn a_name_that_is_taken_by_no_image_is_an_error_that_says_so() {
    let server = pictures().await;
    let client = client(&server.url);
    let run = run("r", &[format!("{}/7", server.url)]);
    let take: [fn(&Path); 2] = [
        |path| std::fs::create_dir(path).unwrap(),
        #[cfg(unix)]
        |path| std::os::unix::fs::symlink("/nowhere/at/all.png", path).unwrap(),
        #[cfg(not(unix))]
        |path| std::fs::create_dir_all(path.join("more")).unwrap(),
    ];
    for take in take {
        let folder = tempfile::tempdir().unwrap();
        let path = place(&client, &run, folder.path()).await;
        take(&path);
        let error = client.save_images(&run, folder.path()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[tokio::test]
async fn an_image_that_somebody_else_saves_meanwhile_is_kept_as_it_is() {
    let picture = Act::reply("200 OK", "", png(7, 4));
    let folder = tempfile::tempdir().unwrap();
    let (theirs, path) = (png(40, 40), std::sync::Arc::new(std::sync::OnceLock::new()));
    let server = {
        let (theirs, path) = (theirs.clone(), std::sync::Arc::clone(&path));
        Server::start(move |_, _| {
            if let Some(path) = path.get() {
                std::fs::write::<&PathBuf, _>(path, &theirs).unwrap();
            }
            picture.clone()
        })
        .await
    };
    let client = client(&server.url);
    let run = run("r", &[format!("{}/7", server.url)]);
    path.set(place(&client, &run, folder.path()).await).unwrap();
    let saved = client.save_images(&run, folder.path()).await.unwrap();
    assert!(saved[0].existed);
    assert_eq!(saved[0].len, theirs.len() as u64);
    assert_eq!(widths(folder.path()), [40]);
}

#[tokio::test]
async fn what_became_of_each_image_is_told() {
    let server = pictures().await;
    let client = client(&server.url);
    let folder = tempfile::tempdir().unwrap();
    let urls = ["/7", "/gone?signature=secret", "/8", "/lost"];
    let urls = urls.map(|path| format!("{}{path}", server.url));
    let mut run = serde_json::to_value(run("r", &urls)).unwrap();
    // One that failed has its number, too.
    run["results"][0]["status"] = json!("Failed");
    let run: RunSnapshot = serde_json::from_value(run).unwrap();
    let outcomes = client.save_images(&run, folder.path()).each().await;
    let told: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(saved) => (saved.number, Ok(width(&saved.path))),
            Err(error) => (error.image_number().unwrap(), Err(error.status())),
        })
        .collect();
    let gone = Err(Some(404));
    assert_eq!(told, [(2, gone), (3, Ok(8)), (4, gone)]);

    let error = client.save_images(&run, folder.path()).await.unwrap_err();
    assert_eq!(error.image_number(), Some(2));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("[image 2]"), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert_eq!(error.run_id(), Some(run.id()));
    assert_eq!(error.operation(), Some("saveImages"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_of_every_image() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("out");
    std::fs::write(&taken, "a file").unwrap();
    let client = client("http://127.0.0.1:1");
    let urls = ["https://x.example.com/1.png", "https://x.example.com/2.png"];
    let run = run("r", &urls.map(str::to_owned));
    let outcomes = client.save_images(&run, &taken).each().await;
    for (number, outcome) in (1..).zip(&outcomes) {
        let error = outcome.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(error.image_number(), Some(number));
    }
    assert_eq!(outcomes.len(), 2);
    // The folder is to be there even for no image.
    let none = serde_json::from_value(json!({"id": "r", "status": "Failed"})).unwrap();
    let error = client.save_images(&none, &taken).await.unwrap_err();
    assert_eq!((error.kind(), error.image_number()), (ErrorKind::Io, None));
    let made = folder.path().join("made");
    assert!(client.save_images(&none, &made).await.unwrap().is_empty());
    assert!(made.is_dir());
}

#[tokio::test]
async fn what_cannot_pass_is_not_tried_again() {
    let picture = png(64, 64);
    let unannounced = [
        &b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"[..],
        &picture,
    ]
    .concat();
    let folder = tempfile::tempdir().unwrap();
    for act in [
        Act::reply("200 OK", "", &picture),
        Act::Write(unannounced),
        // What is announced as too large need not be waited for.
        Act::WriteAndHang(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec()),
    ] {
        let server = Server::always(act).await;
        let run = run("r", &[format!("{}/7", server.url)]);
        let saving = hasty(&server.url).save_images(&run, folder.path());
        let error = saving.with_max_bytes(10).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
        assert!(!error.is_retryable());
        assert_eq!((server.count("GET"), error.attempts()), (1, 1));
    }
    let run = run("r", &["nonsense".to_owned()]);
    let error = client("http://127.0.0.1:1").save_images(&run, folder.path());
    let error = error.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
    assert!(!error.is_retryable());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
