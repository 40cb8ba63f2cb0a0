//! What several tests need: a server that answers, or misbehaves, byte for byte as it is told.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use weshop::{Client, ClientBuilder, RetryPolicy, Timeouts, types};

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub head: String,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the server does with a connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// Reads the request, writes these bytes and closes.
    Write(Vec<u8>),
    /// Reads the request, writes a byte now and then, and never finishes.
    Drip(Vec<u8>),
    /// Reads the request, writes these bytes and says no more.
    WriteAndHang(Vec<u8>),
    /// Reads the request and says nothing.
    Hang,
    /// Resets the connection without reading.
    ResetUnread,
    /// Reads the request, then resets the connection.
    ResetRead,
    /// Answers 200 and a body that goes on for as long as it is read.
    Flood,
}

impl Act {
    pub fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len();
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Self::Write(bytes)
    }

    pub fn json(body: serde_json::Value) -> Self {
        Self::reply(
            "200 OK",
            "content-type: application/json\r\n",
            body.to_string(),
        )
    }
}

impl Act {
    /// A client with the patience that this act asks for.
    pub fn client(&self, url: &str) -> Client {
        match self {
            Self::Hang | Self::Drip(_) | Self::WriteAndHang(_) => hasty(url),
            _ => client(url),
        }
    }
}

type Script = dyn FnMut(&Seen, usize) -> Act + Send;

/// A loopback server that plays a script.
pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<Mutex<usize>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// `script` gets each request and how many came before it. Requests that are never read are
    /// announced with an empty method.
    pub async fn start(script: impl FnMut(&Seen, usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(script));
        let mut tasks = JoinSet::new();
        {
            let (seen, connections) = (Arc::clone(&seen), Arc::clone(&connections));
            tasks.spawn(async move {
                let mut open = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    *connections.lock().unwrap() += 1;
                    open.spawn(serve(stream, Arc::clone(&seen), Arc::clone(&script)));
                }
            });
        }
        Self {
            url,
            seen,
            connections,
            _tasks: tasks,
        }
    }

    /// The same act for every request.
    pub async fn always(act: Act) -> Self {
        Self::start(move |_, _| act.clone()).await
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self, method: &str) -> usize {
        self.seen()
            .iter()
            .filter(|seen| seen.method == method)
            .count()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Vec<Seen>>>, script: Arc<Mutex<Script>>) {
    let unread = Seen {
        method: String::new(),
        path: String::new(),
        head: String::new(),
        body: Vec::new(),
    };
    let before = seen.lock().unwrap().len();
    if let Act::ResetUnread = (script.lock().unwrap())(&unread, before) {
        stream.set_zero_linger().unwrap();
        return;
    }
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let act = (script.lock().unwrap())(&request, before);
    match act {
        Act::Write(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Act::Drip(bytes) => {
            for byte in bytes.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Act::WriteAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Act::Hang => std::future::pending().await,
        Act::ResetRead | Act::ResetUnread => stream.set_zero_linger().unwrap(),
        Act::Flood => {
            let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            let chunk = vec![b'x'; 1 << 20];
            while stream.write_all(&chunk).await.is_ok() {}
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end + 4);
    let mut line = head.split_whitespace();
    let mut seen = Seen {
        method: line.next()?.to_owned(),
        path: line.next()?.to_owned(),
        head: head.clone(),
        body: Vec::new(),
    };
    if let Some(length) = seen.header("content-length") {
        let length: usize = length.parse().ok()?;
        while body.len() < length {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
    } else if seen.header("transfer-encoding").is_some() {
        while find(&body, b"\r\n0\r\n\r\n").is_none() {
            if stream.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
    }
    seen.body = body;
    Some(seen)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A client of a server here: pauses of a millisecond, and limits that a busy machine keeps.
pub fn builder(url: &str) -> ClientBuilder {
    let pause = Duration::from_millis(1);
    Client::builder()
        .emulator(url)
        .retry(RetryPolicy::new().with_backoff(pause, pause))
}

pub fn client(url: &str) -> Client {
    builder(url).build().unwrap()
}

/// A client that loses its patience soon, for servers that never answer.
pub fn hasty(url: &str) -> Client {
    let timeouts = Timeouts::new()
        .with_attempt(Duration::from_millis(800))
        .with_stall(Duration::from_millis(800));
    builder(url).timeouts(timeouts).build().unwrap()
}

/// The least that `aipose` takes.
pub fn pose() -> types::builder::AiposeParams {
    types::AiposeParams::builder().text_description("hands in pockets".to_string())
}

/// A URL that passes for public.
pub const PUBLIC: &str = "https://images.example.com/coat.png";

/// A whole PNG of one colour.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(width, height, image::Rgba([200, 30, 60, 255]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// An example as a program. Whoever runs one test alone has not built it yet.
pub fn example(name: &str) -> Command {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name, "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    Command::new(profile.join("examples").join(name))
}
