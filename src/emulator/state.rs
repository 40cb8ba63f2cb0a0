//! What an emulator remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::builder::Settings;
use super::life::Life;
use super::reply::Refusal;

/// How many bytes of uploads and requests are kept.
const CAPACITY: usize = 512 << 20;
/// What the account holds before anything is charged.
const BALANCE: u64 = 1_000_000;

/// An emulator's whole state; every connection shares it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    /// The API's origin, for example `http://127.0.0.1:40123`.
    pub(super) api: String,
    /// The origin of result images; the API's own unless a second port was asked for.
    pub(super) results: String,
    /// Bounds how many pictures are in memory undecoded at a time.
    pub(super) drawing: Semaphore,
    store: Mutex<Store>,
}

#[derive(Debug)]
pub(super) struct Store {
    uploads: HashMap<String, Arc<Upload>>,
    runs: HashMap<String, Arc<Run>>,
    /// The run that each idempotency key stands for.
    keys: HashMap<String, Arc<Run>>,
    random: fastrand::Rng,
    stored: usize,
    charged: u64,
}

/// An image that was uploaded.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) file: Bytes,
    pub(super) content_type: &'static str,
    pub(super) size: (u32, u32),
}

/// A run that was accepted.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) task_id: String,
    /// The body of the submission.
    pub(super) request: Value,
    pub(super) submitted: Duration,
    pub(super) life: Life,
    pub(super) price: u64,
}

impl Shared {
    pub(super) fn new(settings: Settings, api: String, results: Option<String>) -> Self {
        let store = Store {
            uploads: HashMap::new(),
            runs: HashMap::new(),
            keys: HashMap::new(),
            random: fastrand::Rng::with_seed(settings.seed),
            stored: 0,
            charged: 0,
        };
        Self {
            results: results.unwrap_or_else(|| api.clone()),
            settings,
            api,
            drawing: Semaphore::new(2),
            store: Mutex::new(store),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // Nothing panics while it holds the lock halfway through a change.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The upload that `url` names, when it is one of this emulator's.
    pub(super) fn upload_at(&self, url: &str) -> Option<Arc<Upload>> {
        let name = url.strip_prefix(&self.api)?.strip_prefix("/images/")?;
        self.store().upload(name)
    }
}

impl Store {
    pub(super) fn upload(&self, name: &str) -> Option<Arc<Upload>> {
        self.uploads.get(name).cloned()
    }

    pub(super) fn run(&self, id: &str) -> Option<Arc<Run>> {
        self.runs.get(id).cloned()
    }

    pub(super) fn balance(&self) -> u64 {
        BALANCE.saturating_sub(self.charged)
    }

    /// Keeps an upload and gives it a name.
    pub(super) fn add_upload(&mut self, upload: Upload) -> Result<String, Refusal> {
        self.reserve(upload.file.len())?;
        let extension = upload.content_type.trim_start_matches("image/");
        let name = format!("{:016x}.{extension}", self.random.u64(..));
        self.uploads.insert(name.clone(), Arc::new(upload));
        Ok(name)
    }

    /// Accepts and charges a run, or finds the one that `key` already stands for.
    pub(super) fn submit(
        &mut self,
        key: Option<&str>,
        request: Value,
        bytes: usize,
        submitted: Duration,
        life: Life,
        price: u64,
    ) -> Result<Arc<Run>, Refusal> {
        if let Some(run) = key.and_then(|key| self.keys.get(key)) {
            return match run.request == request {
                true => Ok(run.clone()),
                false => Err(Refusal::new(
                    axum::http::StatusCode::CONFLICT,
                    "IDEMPOTENCY_CONFLICT",
                    "this Idempotency-Key stands for a submission with another body",
                )),
            };
        }
        self.reserve(bytes)?;
        let run = Arc::new(Run {
            id: format!("run-{:016x}", self.random.u64(..)),
            task_id: format!("task-{:016x}", self.random.u64(..)),
            request,
            submitted,
            life,
            price,
        });
        self.charged = self.charged.saturating_add(price);
        self.runs.insert(run.id.clone(), run.clone());
        if let Some(key) = key {
            self.keys.insert(key.to_owned(), run.clone());
        }
        Ok(run)
    }

    fn reserve(&mut self, bytes: usize) -> Result<(), Refusal> {
        if self.stored.saturating_add(bytes) > CAPACITY {
            return Err(Refusal::new(
                axum::http::StatusCode::PAYLOAD_TOO_LARGE,
                "STORAGE_FULL",
                "this emulator holds all that it can; start another one",
            ));
        }
        self.stored += bytes;
        Ok(())
    }
}

impl Run {
    pub(super) fn agent(&self) -> &str {
        self.request["agent"]["name"].as_str().unwrap_or_default()
    }

    /// What reading the run answers at the instant `now`.
    pub(super) fn read(&self, now: Duration, results: &str) -> Value {
        let age = now.saturating_sub(self.submitted);
        let result: Vec<Value> = self
            .life
            .images(age)
            .map(|(index, image)| {
                json!({
                    "status": image.status,
                    "image": format!("{results}/results/{}/{index}.png", self.id),
                })
            })
            .collect();
        json!({
            "agentName": self.request["agent"]["name"],
            "agentVersion": self.request["agent"]["version"],
            "initParams": self.request["input"],
            "executions": [{
                "executionId": self.id,
                "status": self.life.status(age),
                "executionTime": written(self.submitted),
                "params": self.request["params"],
                "result": result,
            }],
        })
    }
}

/// A date without a zone. The emulator's calendar begins on the same day every time, for answers that do
/// not change from one test to the next.
fn written(since: Duration) -> String {
    let seconds = since.as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!(
        "2026-04-{:02} {hour:02}:{minute:02}:{second:02}",
        1 + days % 30
    )
}
