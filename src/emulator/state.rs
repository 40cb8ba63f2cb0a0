//! What an emulator remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use super::builder::Settings;
use super::callbacks::Order;
use super::ledger::{Charge, Ledger};
use super::life::Course;
use super::reply::Refusal;
use super::script::Script;
use crate::json::most_values;

/// How many bytes of memory uploads and runs may take.
const CAPACITY: usize = 512 << 20;
/// What a run takes beside its request, give or take.
const RUN: usize = 4 << 10;
/// What a value of a request takes beside its text at the most: an object of one member has room for
/// eleven, and member and name have blocks of their own.
const VALUE: usize = 704;
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
    /// Bounds how many pictures are decoded in memory at a time.
    pub(super) drawing: Arc<Semaphore>,
    pub(super) script: Script,
    pub(super) ledger: Ledger,
    callbacks: mpsc::UnboundedSender<Order>,
    store: Mutex<Store>,
}

#[derive(Debug)]
pub(super) struct Store {
    uploads: HashMap<String, Arc<Upload>>,
    /// Every upload's name in the order of arrival.
    names: Vec<String>,
    runs: HashMap<String, Arc<Run>>,
    /// Every run in the order of submission.
    order: Vec<Arc<Run>>,
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
    pub(super) course: Course,
    pub(super) price: u64,
}

/// A submission that nothing speaks against.
pub(super) struct Submission {
    /// The idempotency key, when it counts.
    pub(super) key: Option<String>,
    /// The idempotency key that the ledger is told of.
    pub(super) noted_key: Option<String>,
    pub(super) request: Value,
    /// What keeping it takes, in bytes.
    pub(super) memory: usize,
    pub(super) at: Duration,
    pub(super) course: Course,
    pub(super) images: u32,
}

impl Shared {
    pub(super) fn new(
        settings: Settings,
        api: String,
        results: Option<String>,
        callbacks: mpsc::UnboundedSender<Order>,
    ) -> Self {
        let store = Store {
            uploads: HashMap::new(),
            names: Vec::new(),
            runs: HashMap::new(),
            order: Vec::new(),
            keys: HashMap::new(),
            random: fastrand::Rng::with_seed(settings.seed),
            stored: 0,
            charged: 0,
        };
        Self {
            results: results.unwrap_or_else(|| api.clone()),
            script: Script::new(settings.scenario.clone(), settings.seed),
            ledger: Ledger::default(),
            callbacks,
            settings,
            api,
            drawing: Arc::new(Semaphore::new(2)),
            store: Mutex::new(store),
        }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // Nothing panics while it holds the lock halfway through a change.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts and charges a run, or finds the one that its key already stands for; with it what the
    /// account still holds, and whether the run is new.
    pub(super) fn submit(&self, submission: Submission) -> Result<(Arc<Run>, u64, bool), Refusal> {
        let mut store = self.store();
        let known = submission
            .key
            .as_ref()
            .and_then(|key| store.keys.get(key))
            .cloned();
        if let Some(run) = known {
            return match run.request == submission.request {
                true => Ok((run, BALANCE.saturating_sub(store.charged), false)),
                false => Err(Refusal::new(
                    axum::http::StatusCode::CONFLICT,
                    "IDEMPOTENCY_CONFLICT",
                    "this Idempotency-Key stands for a submission with another body",
                )),
            };
        }
        let images = submission.images;
        let idempotency_key = submission.noted_key.clone();
        let points = u64::from(self.settings.price_per_image) * u64::from(images);
        let run = store.add_run(submission, points)?;
        self.ledger.charge(Charge {
            execution_id: run.id.clone(),
            agent: run.agent().to_owned(),
            idempotency_key,
            images,
            points,
            at: run.submitted,
        });
        Ok((run, BALANCE.saturating_sub(store.charged), true))
    }

    pub(super) fn call_back(&self, order: Order) {
        // Nobody listens once the emulator is gone, and then nobody waits for the callback either.
        let _ = self.callbacks.send(order);
    }

    /// The upload that `url` names, when it is one of this emulator's.
    pub(super) fn upload_at(&self, url: &str) -> Option<Arc<Upload>> {
        let name = url.strip_prefix(&self.api)?.strip_prefix("/images/")?;
        self.store().upload(name)
    }
}

/// What a run takes in memory, by the body that it was submitted with.
pub(super) fn memory(body: &[u8]) -> usize {
    let values = most_values(body).saturating_mul(VALUE);
    values.saturating_add(body.len()).saturating_add(RUN)
}

impl Store {
    pub(super) fn upload(&self, name: &str) -> Option<Arc<Upload>> {
        self.uploads.get(name).cloned()
    }

    pub(super) fn run(&self, id: &str) -> Option<Arc<Run>> {
        self.runs.get(id).cloned()
    }

    /// The youngest `most` runs and names of uploads, the youngest first.
    pub(super) fn youngest(&self, most: usize) -> (Vec<Arc<Run>>, Vec<String>) {
        let runs = self.order.iter().rev().take(most).cloned().collect();
        (runs, self.names.iter().rev().take(most).cloned().collect())
    }

    /// Keeps an upload and gives it a name.
    pub(super) fn add_upload(&mut self, upload: Upload) -> Result<String, Refusal> {
        self.reserve(upload.file.len())?;
        let extension = upload.content_type.trim_start_matches("image/");
        let name = format!("{:016x}.{extension}", self.random.u64(..));
        self.uploads.insert(name.clone(), Arc::new(upload));
        self.names.push(name.clone());
        Ok(name)
    }

    fn add_run(&mut self, submission: Submission, price: u64) -> Result<Arc<Run>, Refusal> {
        self.reserve(submission.memory)?;
        let run = Arc::new(Run {
            id: format!("run-{:016x}", self.random.u64(..)),
            task_id: format!("task-{:016x}", self.random.u64(..)),
            request: submission.request,
            submitted: submission.at,
            course: submission.course,
            price,
        });
        self.charged = self.charged.saturating_add(price);
        self.runs.insert(run.id.clone(), run.clone());
        self.order.push(run.clone());
        if let Some(key) = submission.key {
            self.keys.insert(key, run.clone());
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
        let Course { error, extra, .. } = &self.course;
        let result: Vec<Value> = self
            .course
            .images(age)
            .map(|(index, image)| {
                let mut result = extra.clone();
                if image.fails {
                    result.insert("status".into(), "Failed".into());
                    result.extend(error.clone().map(|error| ("error".into(), error.into())));
                } else {
                    let url = format!("{results}/results/{}/{index}.png", self.id);
                    result.insert("status".into(), "Success".into());
                    result.insert("image".into(), url.into());
                }
                Value::Object(result)
            })
            .collect();
        let status = self.course.status(age);
        let mut execution = extra.clone();
        if let (Some(error), "Failed") = (error, status) {
            execution.insert("error".into(), error.as_str().into());
        }
        execution.insert("executionId".into(), self.id.as_str().into());
        execution.insert("status".into(), status.into());
        execution.insert("executionTime".into(), written(self.submitted).into());
        execution.insert("params".into(), self.request["params"].clone());
        execution.insert("result".into(), result.into());
        json!({
            "agentName": self.request["agent"]["name"],
            "agentVersion": self.request["agent"]["version"],
            "initParams": self.request["input"],
            "executions": [execution],
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
