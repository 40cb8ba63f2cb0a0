//! Getting a document, and nothing else: no key, no cookie, a bounded size, a bounded time.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, ETAG};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::Failure;

/// Where the service publishes its description.
pub const OFFICIAL: &str = "https://openapi.weshop.ai/openapi/agent/openapi.yaml";

const MOST_REDIRECTS: usize = 5;

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// At a URL.
    Url(Url),
    /// In a file.
    File(PathBuf),
}

impl Default for Source {
    fn default() -> Self {
        // Parsed by a test; should it ever fail, fetching the "file" says so plainly.
        Url::parse(OFFICIAL).map_or_else(|_| Self::File(OFFICIAL.into()), Self::Url)
    }
}

impl FromStr for Source {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let wrong =
            |why: &dyn std::fmt::Display| Failure::new(format!("this URL cannot be used: {why}"));
        let url = Url::parse(text).map_err(|error| wrong(&error))?;
        // Whatever stands there would be written down with the document.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(&"it holds a user or a password"));
        }
        Ok(Self::Url(url))
    }
}

/// What may be fetched.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The scheme that a URL must have; `https` outside of tests.
    pub scheme: &'static str,
    /// The most bytes that a document may have.
    pub max_bytes: usize,
    /// How long the whole transfer may take.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            scheme: "https",
            max_bytes: weshop_codegen::MAX_BYTES,
            patience: Duration::from_secs(60),
        }
    }
}

/// A document as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The document, byte for byte.
    pub bytes: Vec<u8>,
    /// Where it came from in the end: a URL, or the name of a file.
    pub from: String,
    /// The version that the server gave it.
    pub etag: Option<String>,
}

/// Gets a document.
///
/// # Errors
/// A URL that is not `https`, a redirect to another host, an answer that is not a success, more bytes or
/// more time than `limits` allow, a file that cannot be read.
pub fn fetch(source: &Source, limits: &Limits) -> Result<Fetched, Failure> {
    match source {
        Source::File(path) => from_file(path, limits),
        Source::Url(url) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("there is no runtime to fetch with: {error}")))?
            .block_on(from_url(url, limits)),
    }
}

fn from_file(path: &std::path::Path, limits: &Limits) -> Result<Fetched, Failure> {
    let wrong = |why: &dyn std::fmt::Display| Failure::new(format!("{}: {why}", path.display()));
    let meta = std::fs::metadata(path).map_err(|error| wrong(&error))?;
    // A pipe or a device might never end.
    if !meta.is_file() {
        return Err(wrong(&"it is no regular file"));
    }
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let mut bytes = Vec::new();
    let most = limits.max_bytes as u64;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(&error))?;
    if bytes.len() > limits.max_bytes {
        return Err(wrong(&too_long(limits)));
    }
    // Directories of whoever runs this are nobody else's business.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let from = format!("a file named {name}");
    Ok(Fetched {
        bytes,
        from,
        etag: None,
    })
}

async fn from_url(url: &Url, limits: &Limits) -> Result<Fetched, Failure> {
    let wrong = |why: String| Failure::new(format!("{url} cannot be fetched: {why}"));
    if url.scheme() != limits.scheme {
        return Err(wrong(format!("only {} is allowed", limits.scheme)));
    }
    let home = url.origin();
    let policy = Policy::custom(move |attempt| {
        if attempt.previous().len() > MOST_REDIRECTS {
            attempt.error("it redirects too often")
        } else if attempt.url().origin() != home {
            attempt.error("it redirects to another host")
        } else {
            attempt.follow()
        }
    });
    let client = Client::builder()
        .redirect(policy)
        .referer(false)
        .timeout(limits.patience)
        .user_agent("weshop-xtask")
        .build()
        .map_err(|error| wrong(chain(&error)))?;
    let sent = client.get(url.clone()).send().await;
    let mut answer = sent.map_err(|error| wrong(chain(&error)))?;
    if !answer.status().is_success() {
        return Err(wrong(format!("the answer is {}", answer.status())));
    }
    let length = answer.headers().get(CONTENT_LENGTH);
    let told = length.and_then(|l| l.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > limits.max_bytes) {
        return Err(wrong(too_long(limits)));
    }
    let etag = answer.headers().get(ETAG);
    let etag = etag.and_then(|e| e.to_str().ok()).map(str::to_owned);
    let from = answer.url().to_string();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| wrong(chain(&error)))? {
        if bytes.len() + chunk.len() > limits.max_bytes {
            return Err(wrong(too_long(limits)));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { bytes, from, etag })
}

fn too_long(limits: &Limits) -> String {
    format!("it is longer than {} bytes", limits.max_bytes)
}

/// An error and what caused it; the cause is what tells.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |e| e.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words.join(": ")
}
