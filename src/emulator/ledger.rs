//! The ledger: what was asked, what was charged, who was called back.
//!
//! ```
//! # async fn f() -> std::io::Result<()> {
//! let emulator = weshop::emulator::Emulator::start().await?;
//! // … code that pays …
//! emulator.assert_charged_exactly_once("my-idempotency-key");
//! emulator.assert_nothing_unexpected();
//! # Ok(()) }
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

use super::reply::shortened;
use super::{Emulator, Operation};

/// How many requests the ledger keeps, and how many bytes they may take: the youngest ones.
const MOST_REQUESTS: usize = 50_000;
const MOST_BYTES: usize = 64 << 20;
/// What a header takes beside its texts, give or take.
const HEADER: usize = 128;
/// How many of those that nobody should have sent it can name.
const MOST_COMPLAINTS: usize = 1000;

/// One request, as it arrived.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Its number, counted from 1.
    pub number: u64,
    /// When it arrived, by the emulator's clock.
    pub at: Duration,
    /// Whether it came to the port of the results, when they have one of their own.
    pub on_results_port: bool,
    /// The operation whose path and method it has, if any.
    pub operation: Option<Operation>,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub uri: Uri,
    /// The headers; the API key in them is `[redacted]`.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The status of the answer; none while there is none, or when there was none.
    pub status: Option<u16>,
    /// The fault that it met, by the name that scenario files have for it.
    pub fault: Option<String>,
    /// Why nobody should have sent it.
    pub unexpected: Option<String>,
}

impl RecordedRequest {
    /// The body as JSON; null when it is not.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What the parts that the caller chose the length of take.
    fn bytes(&self) -> usize {
        let lines = self.headers.iter();
        let headers: usize = lines
            .map(|(name, value)| HEADER + name.as_str().len() + value.len())
            .sum();
        let authority = self.uri.authority().map_or(0, |it| it.as_str().len());
        let path = self.uri.path_and_query().map_or(0, |it| it.as_str().len());
        headers + authority + path + self.body.len()
    }

    /// A header's value; none when it is missing or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What one run cost. Repetitions that gave the same run cost nothing and are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Charge {
    /// The run's `executionId`.
    pub execution_id: String,
    /// The agent.
    pub agent: String,
    /// The `Idempotency-Key` it was submitted with.
    pub idempotency_key: Option<String>,
    /// How many images were paid for.
    pub images: u32,
    /// What they cost, in points.
    pub points: u64,
    /// When, by the emulator's clock.
    pub at: Duration,
}

/// A callback that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackRecord {
    /// The run's `executionId`.
    pub execution_id: String,
    /// Where to.
    pub url: String,
    /// When, by the emulator's clock.
    pub at: Duration,
    /// The status that it was answered with, or why there is none.
    pub outcome: Result<u16, String>,
}

#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Books>);

#[derive(Debug, Default)]
struct Books {
    requests: VecDeque<RecordedRequest>,
    bytes: usize,
    count: u64,
    charges: Vec<Charge>,
    callbacks: Vec<CallbackRecord>,
    unexpected: Vec<String>,
}

impl Ledger {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a request down and gives it its number.
    pub(super) fn record(&self, mut request: RecordedRequest) -> u64 {
        for name in [header::AUTHORIZATION, header::PROXY_AUTHORIZATION] {
            if let Some(value) = request.headers.get_mut(name) {
                *value = HeaderValue::from_static("[redacted]");
            }
        }
        let mut books = self.books();
        books.count += 1;
        request.number = books.count;
        books.bytes += request.bytes();
        books.requests.push_back(request);
        while books.requests.len() > MOST_REQUESTS || books.bytes > MOST_BYTES {
            let Some(oldest) = books.requests.pop_front() else {
                break;
            };
            books.bytes -= oldest.bytes();
        }
        books.count
    }

    /// Notes what became of a request.
    pub(super) fn note(&self, number: u64, change: impl FnOnce(&mut RecordedRequest)) {
        let mut books = self.books();
        let first = books.count + 1 - books.requests.len() as u64;
        let place = number
            .checked_sub(first)
            .and_then(|place| usize::try_from(place).ok());
        if let Some(request) = place.and_then(|place| books.requests.get_mut(place)) {
            change(request);
        }
    }

    /// Notes that a request should not have been sent.
    pub(super) fn unexpected(&self, number: u64, why: &str) {
        let mut line = String::new();
        self.note(number, |request| {
            request.unexpected = Some(why.to_owned());
            let uri = shortened(request.uri.to_string());
            line = format!("{} {uri}: {why}", request.method);
        });
        let mut books = self.books();
        if books.unexpected.len() < MOST_COMPLAINTS {
            books.unexpected.push(line);
        }
    }

    pub(super) fn charge(&self, charge: Charge) {
        self.books().charges.push(charge);
    }

    pub(super) fn callback(&self, callback: CallbackRecord) {
        self.books().callbacks.push(callback);
    }

    pub(super) fn charges(&self) -> Vec<Charge> {
        self.books().charges.clone()
    }

    /// The youngest `most` requests and the number of all.
    pub(super) fn youngest(&self, most: usize) -> (Vec<RecordedRequest>, u64) {
        let books = self.books();
        (
            books.requests.iter().rev().take(most).cloned().collect(),
            books.count,
        )
    }

    pub(super) fn complaint(&self) -> Option<String> {
        let books = self.books();
        let lines = || {
            books
                .unexpected
                .iter()
                .map(|line| format!("\n  {line}"))
                .collect::<String>()
        };
        (!books.unexpected.is_empty()).then(|| {
            format!(
                "the emulator had requests that nobody should send:{}",
                lines()
            )
        })
    }
}

/// What the emulator wrote down.
impl Emulator {
    /// Every request so far, in order; the youngest 50,000 when there were more.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared
            .ledger
            .books()
            .requests
            .iter()
            .cloned()
            .collect()
    }

    /// Every charge so far, in order.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        self.shared.ledger.charges()
    }

    /// Every callback so far, made or not.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackRecord> {
        self.shared.ledger.books().callbacks.clone()
    }

    /// Asserts that the submissions with this idempotency key cost money once.
    ///
    /// # Panics
    /// When they cost nothing, or more than once; the words name the charges.
    #[track_caller]
    pub fn assert_charged_exactly_once(&self, key: &str) {
        let mut charges = self.charges();
        charges.retain(|charge| charge.idempotency_key.as_deref() == Some(key));
        assert!(
            charges.len() == 1,
            "the idempotency key {key} was charged {} times, not once:{}",
            charges.len(),
            listed(&charges),
        );
    }

    /// Asserts that no idempotency key was charged more than once.
    ///
    /// # Panics
    /// When one was; the words name the charges.
    #[track_caller]
    pub fn assert_no_key_charged_twice(&self) {
        let mut by_key: HashMap<String, Vec<Charge>> = HashMap::new();
        for charge in self.charges() {
            if let Some(key) = charge.idempotency_key.clone() {
                by_key.entry(key).or_default().push(charge);
            }
        }
        let twice: Vec<_> = by_key
            .into_values()
            .filter(|charges| charges.len() > 1)
            .flatten()
            .collect();
        assert!(
            twice.is_empty(),
            "keys were charged more than once:{}",
            listed(&twice)
        );
    }

    /// Asserts that every request was one that the service knows: a path and method of an operation, the
    /// right key for the API, and no key for anything else.
    ///
    /// # Panics
    /// When one was not; the words name them all.
    #[track_caller]
    pub fn assert_nothing_unexpected(&self) {
        let complaint = self.shared.ledger.complaint();
        assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
    }
}

fn listed(charges: &[Charge]) -> String {
    let line = |charge: &Charge| {
        let Charge {
            execution_id,
            agent,
            images,
            points,
            at,
            ..
        } = charge;
        let key = charge.idempotency_key.as_deref().unwrap_or("none");
        format!(
            "\n  {execution_id} ({agent}, {images} images, {points} points, at {at:?}, key {key})"
        )
    };
    charges.iter().map(line).collect()
}
