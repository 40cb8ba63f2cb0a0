//! A file of 200 MB is uploaded without being in memory. It has a process of its own, because a peak
//! belongs to a process.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use weshop::Client;

const SIZE: u64 = 200 * 1024 * 1024;
const ALLOWED: u64 = 16 * 1024 * 1024;

/// The most memory that the process has had, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Reads one request and throws it away; answers with a URL and how much there was.
async fn drain(listener: TcpListener) -> u64 {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let mut read = 0;
    while read < SIZE {
        let bytes = stream.read(&mut buffer).await.unwrap();
        assert_ne!(bytes, 0, "the upload ended after {read} bytes");
        read += bytes as u64;
    }
    let body = r#"{"success":true,"data":{"image":"https://images.example.com/1.png"}}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    read
}

#[tokio::test]
async fn two_hundred_megabytes_in_less_than_sixteen() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x20\0\0\0\x20\0\x08\x06\0\0\0")
        .unwrap();
    file.as_file().set_len(SIZE).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(drain(listener));
    let client = Client::builder().emulator(url).build().unwrap();

    let before = peak();
    let image = client.upload(file.path()).await.unwrap();
    let after = peak();

    assert_eq!(image.size(), Some((8192, 8192)));
    assert!(server.await.unwrap() >= SIZE);
    match before.zip(after) {
        Some((before, after)) => {
            let grown = after - before;
            println!("uploading {SIZE} bytes raised the peak by {grown} bytes");
            assert!(grown < ALLOWED, "the peak rose by {grown} bytes");
        }
        None => println!("this system does not tell a process's peak"),
    }
}
