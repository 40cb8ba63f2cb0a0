//! How soon an emulator answers, and how many polls it answers a second.
//!
//! ```sh
//! cargo bench --features emulator --bench emulator
//! ```
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use weshop::emulator::{API_KEY, Emulator};

const BODY: &str = r#"{"agent":{"name":"aipose","version":"v1.0"},"input":{"originalImage":"https://example.com/a.png"},"params":{"textDescription":"walking"}}"#;

fn main() {
    // As many threads as the machines that it is measured on have; the asking side shares them.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        answer_once(
            "/openapi/v1/agent/info?agentName=aipose&agentVersion=v1.0",
            None,
        )
        .await;
        println!(
            "start to first answer, first emulator of a process: {:.2?}",
            begun.elapsed()
        );
        let begun = Instant::now();
        answer_once("/openapi/agent/runs", Some(BODY)).await;
        println!(
            "start to first accepted run, the judges compiled:    {:.2?}",
            begun.elapsed()
        );
        starts().await;
        polls(8, Duration::from_secs(5)).await;
    });
}

async fn starts() {
    let mut times = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        answer_once("/openapi/agent/runs", Some(BODY)).await;
        times.push(begun.elapsed());
    }
    times.sort();
    println!(
        "start to first accepted run, 200 times: median {:.2?}, worst {:.2?}",
        times[100], times[199]
    );
}

async fn answer_once(path: &str, body: Option<&str>) {
    let emulator = Emulator::start().await.unwrap();
    let mut connection = Connection::to(emulator.url()).await;
    let answer = connection.ask(&request(path, body)).await.unwrap();
    assert!(
        answer.starts_with(br#"{"data""#),
        "{}",
        String::from_utf8_lossy(&answer)
    );
}

async fn polls(connections: usize, time: Duration) {
    let emulator = Emulator::builder()
        .run_time(Duration::from_secs(3600))
        .start()
        .await
        .unwrap();
    let mut first = Connection::to(emulator.url()).await;
    let answer = first
        .ask(&request("/openapi/agent/runs", Some(BODY)))
        .await
        .unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    let id = answer["meta"]["executionId"].as_str().unwrap().to_owned();
    let poll = request(&format!("/openapi/agent/runs/{id}"), None);
    let begun = Instant::now();
    let askers = (0..connections).map(|_| {
        let (url, poll) = (emulator.url().to_owned(), poll.clone());
        tokio::spawn(async move {
            let mut connection = Connection::to(&url).await;
            let mut answers = 0_u32;
            while begun.elapsed() < time {
                connection.ask(&poll).await.unwrap();
                answers += 1;
            }
            answers
        })
    });
    let askers: Vec<_> = askers.collect();
    let mut answers = 0;
    for asker in askers {
        answers += asker.await.unwrap();
    }
    let a_second = f64::from(answers) / begun.elapsed().as_secs_f64();
    println!(
        "polls: {a_second:.0} a second over {connections} connections, the asking side on the same two threads"
    );
}

fn request(path: &str, body: Option<&str>) -> String {
    let head = format!("HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {API_KEY}\r\n");
    match body {
        None => format!("GET {path} {head}\r\n"),
        Some(body) => {
            let length = body.len();
            format!(
                "POST {path} {head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        }
    }
}

/// The least of an HTTP client, so that what is measured is the emulator.
struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn to(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    async fn ask(&mut self, request: &str) -> io::Result<Vec<u8>> {
        self.0.get_mut().write_all(request.as_bytes()).await?;
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).await?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(body)
    }
}
