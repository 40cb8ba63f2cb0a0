//! What is fetched, from whom, and how much of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use xtask::fetch::{Limits, OFFICIAL, Source, fetch};

/// A server that gives each request the next of these answers; it hands back what it was asked.
fn server(answers: Vec<String>) -> (String, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = thread::spawn(move || {
        let answer = |text: String| {
            let (mut stream, _) = listener.accept().unwrap();
            let asked = request(&mut stream);
            // Whoever asked may have seen enough and be gone.
            let _ = stream.write_all(text.as_bytes());
            asked
        };
        answers.into_iter().map(answer).collect()
    });
    (format!("http://{address}"), asked)
}

fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

fn limits() -> Limits {
    Limits {
        scheme: "http",
        max_bytes: 100,
        patience: Duration::from_secs(20),
    }
}

fn get(url: &str, limits: &Limits) -> Result<xtask::fetch::Fetched, String> {
    fetch(&url.parse().unwrap(), limits).map_err(|failure| failure.to_string())
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\netag: \"7\"\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn redirect(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

#[test]
fn a_document_is_fetched_without_any_credential() {
    let (url, asked) = server(vec![redirect("/new"), ok("openapi: 3.1.0\n")]);
    let fetched = get(&format!("{url}/old"), &limits()).unwrap();
    assert_eq!(fetched.bytes, b"openapi: 3.1.0\n");
    assert_eq!(fetched.etag.as_deref(), Some("\"7\""));
    assert_eq!(fetched.from, format!("{url}/new"));
    let asked = asked.join().unwrap();
    assert_eq!(asked.len(), 2);
    for request in asked {
        let request = request.to_lowercase();
        assert!(request.starts_with("get /"));
        for header in ["authorization", "cookie", "referer"] {
            assert!(!request.contains(&format!("\r\n{header}:")), "{request}");
        }
    }
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = format!("http://{}/", elsewhere.local_addr().unwrap());
    let (url, _) = server(vec![redirect(&there)]);
    let failure = get(&url, &limits()).unwrap_err();
    assert!(failure.contains("redirects to another host"), "{failure}");
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.accept().is_err(), "nobody was asked there");
}

#[test]
fn a_redirect_in_circles_ends() {
    let (url, _) = server(vec![redirect("/again"); 10]);
    let failure = get(&url, &limits()).unwrap_err();
    assert!(failure.contains("redirects too often"), "{failure}");
}

#[test]
fn a_long_answer_is_refused_whether_it_tells_its_length_or_not() {
    let long = "x".repeat(101);
    let untold = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
        "x".repeat(100_000)
    );
    for answer in [ok(&long), untold] {
        let (url, _) = server(vec![answer]);
        let failure = get(&url, &limits()).unwrap_err();
        assert!(failure.contains("longer than 100 bytes"), "{failure}");
    }
}

#[test]
fn an_error_page_is_no_document() {
    let (url, _) = server(vec![
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
    ]);
    let failure = get(&url, &limits()).unwrap_err();
    assert!(failure.contains("404"), "{failure}");
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let limits = Limits {
        patience: Duration::from_millis(50),
        ..limits()
    };
    let failure = get(&url, &limits).unwrap_err();
    assert!(failure.contains("cannot be fetched"), "{failure}");
}

#[test]
fn only_https_is_fetched() {
    for url in [
        "http://openapi.weshop.ai/openapi.yaml",
        "ftp://openapi.weshop.ai/openapi.yaml",
        "file:///etc/hosts",
    ] {
        let failure = get(url, &Limits::default()).unwrap_err();
        assert!(failure.contains("only https is allowed"), "{failure}");
    }
    let refused = "https://me:secret@openapi.weshop.ai/"
        .parse::<Source>()
        .unwrap_err();
    assert!(!refused.to_string().contains("secret"));
}

#[test]
fn the_official_source_is_a_url() {
    assert_eq!(Source::default(), OFFICIAL.parse().unwrap());
    assert!(matches!(Source::default(), Source::Url(url) if url.scheme() == "https"));
}

#[test]
fn a_file_is_read_only_if_it_is_one() {
    let directory = tempfile::tempdir().unwrap();
    for path in [
        directory.path().to_owned(),
        directory.path().join("absent"),
        "/dev/zero".into(),
    ] {
        fetch(&Source::File(path), &Limits::default()).unwrap_err();
    }
}
