//! A run: a handle on something that was paid for.
//!
//! ```no_run
//! # async fn example(client: weshop::Client) -> Result<(), weshop::Error> {
//! // In another process, days later:
//! let run = client.run("8f6a".parse()?);
//! let now = run.snapshot().await?;
//! println!("{}: {} images so far", now.status(), now.images().count());
//! # Ok(()) }
//! ```

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use crate::client::Client;
use crate::download::SaveImages;
use crate::error::Error;
use crate::generated::operations;
use crate::ids::{IdempotencyKey, RunId};
use crate::snapshot::RunSnapshot;
use crate::submit::PreparedRun;
use crate::transport::Call;

/// A run of the service: an id and a client. Dropping it changes nothing about the run.
#[derive(Debug, Clone)]
pub struct Run {
    client: Client,
    id: RunId,
    receipt: Option<Receipt>,
    kind: Option<RunKind>,
    submitted_at: Option<Instant>,
}

/// What a run was asked for, as far as it bears on how long it takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RunKind {
    pub(crate) agent: String,
    pub(crate) batch: Option<u64>,
}

/// What the service said when it accepted a run.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The key that the run was submitted with.
    pub idempotency_key: IdempotencyKey,
    /// The service's own number for the task.
    pub task_id: Option<String>,
    /// What the run costs, in the service's units.
    pub power_consumption: Option<f64>,
    /// What the account has left, in the service's units.
    pub power_balance: Option<f64>,
}

impl Receipt {
    pub(crate) fn read(idempotency_key: IdempotencyKey, json: &Value) -> Self {
        let data = |field: &str| json.get("data")?.get(field);
        let number = |field: &str| data(field)?.as_f64();
        Self {
            idempotency_key,
            task_id: data("taskId").and_then(|id| match id {
                Value::String(id) => Some(id.clone()),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            }),
            power_consumption: number("powerConsumption"),
            power_balance: number("powerBalanceAmount"),
        }
    }
}

impl Client {
    /// Attaches to a run of an earlier submission. Nothing is asked yet.
    pub fn run(&self, id: RunId) -> Run {
        Run {
            client: self.clone(),
            id,
            receipt: None,
            kind: None,
            submitted_at: None,
        }
    }
}

impl Run {
    pub(crate) fn submitted(
        client: Client,
        id: RunId,
        receipt: Receipt,
        prepared: &PreparedRun,
    ) -> Self {
        let kind = RunKind {
            agent: prepared.request().agent.name.clone(),
            batch: prepared.params().get("batchCount").and_then(Value::as_u64),
        };
        Self {
            client,
            id,
            receipt: Some(receipt),
            kind: Some(kind),
            submitted_at: Some(Instant::now()),
        }
    }

    /// The run's id, which finds it again from anywhere.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// What the service said when it accepted the run; `None` where the run was
    /// [attached to](Client::run).
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn kind(&self) -> Option<&RunKind> {
        self.kind.as_ref()
    }

    /// When the service accepted the run, if that was seen.
    pub(crate) fn submitted_at(&self) -> Option<Instant> {
        self.submitted_at
    }

    /// Reads the run as it stands.
    ///
    /// # Errors
    /// Those of any read; each has the run's id.
    ///
    /// # Cancellation
    /// Dropping the future changes nothing.
    pub async fn snapshot(&self) -> Result<RunSnapshot, Error> {
        self.read(Call::read(operations::GET_RUN.id)).await
    }

    /// Reads the run as it stands, without repeating what fails: a wait paces itself.
    pub(crate) async fn poll(&self) -> Result<RunSnapshot, Error> {
        self.read(Call::poll(operations::GET_RUN.id)).await
    }

    async fn read(&self, call: Call) -> Result<RunSnapshot, Error> {
        let call = Arc::new(call);
        let answered = self
            .client
            .api(&call)
            .get_run()
            .execution_id(self.id.as_str())
            .send()
            .await;
        call.finish(answered)
            .and_then(|json| {
                RunSnapshot::read(&self.id, json)
                    .map_err(|why| Error::unreadable(200, why, "").with_operation(call.operation))
            })
            .map_err(|error| error.with_run_id(self.id.clone()))
    }
}

/// A run that ended well, possibly without some of its images: see
/// [`is_partial`](RunSnapshot::is_partial). It reads like the [`RunSnapshot`] that it holds.
#[derive(Debug, Clone)]
pub struct CompletedRun {
    client: Client,
    snapshot: RunSnapshot,
}

impl CompletedRun {
    pub(crate) fn new(client: Client, snapshot: RunSnapshot) -> Self {
        Self { client, snapshot }
    }

    /// The run as it ended.
    pub fn snapshot(&self) -> &RunSnapshot {
        &self.snapshot
    }

    /// The run as it ended, by value.
    pub fn into_snapshot(self) -> RunSnapshot {
        self.snapshot
    }

    /// Saves its images to a folder: see [`Client::save_images`].
    pub fn save_images(&self, folder: impl Into<PathBuf>) -> SaveImages {
        self.client.save_images(&self.snapshot, folder)
    }
}

impl Deref for CompletedRun {
    type Target = RunSnapshot;

    fn deref(&self) -> &RunSnapshot {
        &self.snapshot
    }
}
