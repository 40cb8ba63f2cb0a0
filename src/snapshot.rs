//! What is known of a run: its state and its results.
//!
//! Everything here is data. It serialises, so that a run that was paid for can be kept in a
//! database and found again by another process.
//!
//! ```
//! use weshop::RunStatus;
//!
//! assert!(RunStatus::from("Canceled").is_terminal());
//! assert!(!RunStatus::from("Dreaming").is_terminal());
//! ```

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agents;
use crate::ids::RunId;
use crate::json::{take_object, take_text};

/// How many images the service makes where a run of one of the six agents does not say.
const USUAL_BATCH: usize = 4;

/// The state of a run, or of one image of it.
///
/// The service's list is open: a state without a name here is [`Other`](Self::Other) and is not an
/// end.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum RunStatus {
    /// Accepted, not begun.
    Pending,
    /// Finding the protected region.
    Segmenting,
    /// Generating.
    Running,
    /// Ended well.
    Success,
    /// Ended badly; images may have been finished before.
    Failed,
    /// Ended by somebody.
    Cancelled,
    /// A state that this crate does not know.
    Other(String),
}

impl RunStatus {
    /// The state in the service's words.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "Pending",
            Self::Segmenting => "Segmenting",
            Self::Running => "Running",
            Self::Success => "Success",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Other(other) => other,
        }
    }

    /// Whether nothing will change any more.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Cancelled)
    }

    /// Whether the run ended well.
    pub fn is_success(&self) -> bool {
        *self == Self::Success
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&str> for RunStatus {
    fn from(status: &str) -> Self {
        match status {
            "Pending" => Self::Pending,
            "Segmenting" => Self::Segmenting,
            "Running" => Self::Running,
            "Success" => Self::Success,
            "Failed" => Self::Failed,
            "Cancelled" | "Canceled" => Self::Cancelled,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl From<String> for RunStatus {
    fn from(status: String) -> Self {
        Self::from(status.as_str())
    }
}

impl From<RunStatus> for String {
    fn from(status: RunStatus) -> Self {
        status.as_str().to_owned()
    }
}

impl FromStr for RunStatus {
    type Err = Infallible;

    fn from_str(status: &str) -> Result<Self, Infallible> {
        Ok(Self::from(status))
    }
}

/// One image of a batch, as far as it has come.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Map<String, Value>")]
pub struct RunResult {
    /// The image's own state, where the service says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RunStatus>,
    /// Where the image is, once it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whatever else the service said of it (`video`, `error`, …), a `status` or an `image` that is
    /// no text included.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl From<Map<String, Value>> for RunResult {
    fn from(mut result: Map<String, Value>) -> Self {
        Self {
            status: take_text(&mut result, "status").map(RunStatus::from),
            image: take_text(&mut result, "image"),
            extra: result,
        }
    }
}

impl RunResult {
    /// The image's URL, if there is one and its state does not speak against it.
    pub fn finished_image(&self) -> Option<&str> {
        let spoiled = matches!(self.status, Some(RunStatus::Failed | RunStatus::Cancelled));
        self.image
            .as_deref()
            .filter(|url| !spoiled && !url.trim().is_empty())
    }
}

/// A run at one moment.
///
/// Its `Debug` leaves out input and parameters, which are the contents of a request.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSnapshot {
    pub(crate) id: RunId,
    pub(crate) status: RunStatus,
    #[serde(default)]
    pub(crate) agent_name: Option<String>,
    #[serde(default)]
    pub(crate) agent_version: Option<String>,
    #[serde(default)]
    pub(crate) execution_time: Option<String>,
    #[serde(default)]
    pub(crate) input: Map<String, Value>,
    #[serde(default)]
    pub(crate) params: Map<String, Value>,
    #[serde(default)]
    pub(crate) results: Vec<RunResult>,
    #[serde(default)]
    pub(crate) extra: Map<String, Value>,
    #[serde(default)]
    pub(crate) run_extra: Map<String, Value>,
}

impl RunSnapshot {
    /// Reads leniently: whatever the service adds or turns into another type, a result that was paid
    /// for must stay readable.
    pub(crate) fn read(id: &RunId, json: Value) -> Result<Self, &'static str> {
        let Value::Object(mut json) = json else {
            return Err("no run in it");
        };
        let Some(Value::Object(mut data)) = json.remove("data") else {
            return Err("no run in it");
        };
        let executions = match data.remove("executions") {
            Some(Value::Array(executions)) => executions,
            _ => Vec::new(),
        };
        let mut execution = executions
            .into_iter()
            .filter_map(|execution| match execution {
                Value::Object(execution) => Some(execution),
                _ => None,
            })
            .find(|execution| execution.get("executionId").is_some_and(|is| id.is(is)))
            .ok_or("none of its executions has the run's id")?;
        execution.remove("executionId");
        let status = take_text(&mut execution, "status").ok_or("the execution has no state")?;
        let results = match execution.get_mut("result").map(Value::take) {
            Some(Value::Array(results)) => results,
            _ => Vec::new(),
        };
        execution.remove("result");
        Ok(Self {
            id: id.clone(),
            status: status.into(),
            agent_name: take_text(&mut data, "agentName"),
            agent_version: take_text(&mut data, "agentVersion"),
            execution_time: take_text(&mut execution, "executionTime"),
            input: take_object(&mut data, "initParams"),
            params: take_object(&mut execution, "params"),
            results: results
                .into_iter()
                .filter_map(|result| match result {
                    Value::Object(result) => Some(RunResult::from(result)),
                    _ => None,
                })
                .collect(),
            extra: execution,
            run_extra: data,
        })
    }

    /// The run.
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Its state.
    pub fn status(&self) -> &RunStatus {
        &self.status
    }

    /// The agent at work, where the service says so.
    pub fn agent_name(&self) -> Option<&str> {
        self.agent_name.as_deref()
    }

    /// The agent's version, where the service says so.
    pub fn agent_version(&self) -> Option<&str> {
        self.agent_version.as_deref()
    }

    /// The label that the run was submitted with.
    pub fn task_name(&self) -> Option<&str> {
        self.input.get("taskName")?.as_str()
    }

    /// When it was executed, in the service's words: a date and a time **without a zone**.
    pub fn execution_time(&self) -> Option<&str> {
        self.execution_time.as_deref()
    }

    /// The `input` that the service has of the run.
    pub fn input(&self) -> &Map<String, Value> {
        &self.input
    }

    /// The `params` that the service has of the run.
    pub fn params(&self) -> &Map<String, Value> {
        &self.params
    }

    /// Every image that is made or being made, failed ones too.
    pub fn results(&self) -> &[RunResult] {
        &self.results
    }

    /// The URLs of the finished images, in the service's order.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.results.iter().filter_map(RunResult::finished_image)
    }

    /// How many images the run was asked for: the `batchCount` of its parameters or, where they have
    /// none and the agent is one of [`agents::ALL`], the service's own choice, which is 4. `None` where
    /// neither is known.
    pub fn images_expected(&self) -> Option<usize> {
        match self.params.get("batchCount") {
            Some(Value::Null) | None => {
                // All six need some parameter: where there is none, the service does not repeat them.
                let known = !self.params.is_empty();
                let agent = agents::find(self.agent_name.as_deref()?);
                (known && agent.is_some()).then_some(USUAL_BATCH)
            }
            Some(count) => usize::try_from(count.as_u64()?).ok(),
        }
    }

    /// Whether the run has ended, well or not, with fewer [finished images](Self::images) than it was
    /// [asked for](Self::images_expected) or than it has [`results`](Self::results); with none at all,
    /// for example. Where the number asked for is unknown, the results alone are counted. Of a run that
    /// goes on nothing is missing yet.
    pub fn is_partial(&self) -> bool {
        self.status.is_terminal() && self.images().count() < self.images_wanted()
    }

    /// As many images as were asked for or begun.
    pub(crate) fn images_wanted(&self) -> usize {
        let asked_for = self.images_expected().unwrap_or(0);
        asked_for.max(self.results.len())
    }

    /// Fields of the execution that this crate has no name for.
    pub fn extra(&self) -> &Map<String, Value> {
        &self.extra
    }

    /// Fields beside the executions that this crate has no name for.
    pub fn run_extra(&self) -> &Map<String, Value> {
        &self.run_extra
    }
}

impl fmt::Debug for RunSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunSnapshot")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("agent_name", &self.agent_name)
            .field("results", &self.results)
            .finish_non_exhaustive()
    }
}
