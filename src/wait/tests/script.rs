//! A run that answers by a script, in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::error::{ApiFailure, Error};
use crate::ids::RunId;
use crate::snapshot::{RunSnapshot, RunStatus};
use crate::wait::decide::Answer;
use crate::wait::driver::Ask;

/// No answer ever.
pub(super) const HANGS: u64 = u64::MAX;

/// After how many milliseconds comes which answer.
pub(super) type Line = (u64, Answer);

pub(super) struct Script {
    id: RunId,
    lines: Vec<Line>,
    born: Instant,
    /// When it was asked, in milliseconds.
    pub(super) asked: Arc<Mutex<Vec<u64>>>,
}

impl Script {
    /// The last line is repeated for ever.
    pub(super) fn new(lines: &[Line], born: Instant) -> Self {
        Self {
            id: RunId::new("run").unwrap(),
            lines: lines.to_vec(),
            born,
            asked: Arc::default(),
        }
    }
}

impl Ask for Script {
    fn id(&self) -> &RunId {
        &self.id
    }

    fn ask(&self) -> BoxFuture<'_, Result<RunSnapshot, Error>> {
        let mut asked = self.asked.lock().unwrap();
        let line = self.lines.get(asked.len()).or(self.lines.last());
        let (latency, answer) = *line.expect("a script has lines");
        asked.push(self.born.elapsed().as_millis() as u64);
        Box::pin(async move {
            match latency {
                HANGS => std::future::pending().await,
                0 => {}
                _ => tokio::time::sleep(Duration::from_millis(latency)).await,
            }
            say(answer)
        })
    }
}

fn say(answer: Answer) -> Result<RunSnapshot, Error> {
    let refuse = |status, retryable, retry_after| {
        Err(Error::api(ApiFailure {
            status,
            retryable,
            retry_after,
            ..ApiFailure::default()
        }))
    };
    match answer {
        Answer::Unfinished => Ok(snapshot("run", "Dreaming")),
        Answer::Succeeded => Ok(snapshot("run", "Success")),
        Answer::Failed => Ok(snapshot("run", "Failed")),
        Answer::Cancelled => Ok(snapshot("run", "Canceled")),
        Answer::NotFound => refuse(404, false, None),
        Answer::Unavailable { retry_after } => refuse(503, true, retry_after),
        Answer::Refused => refuse(401, false, None),
        Answer::Nothing | Answer::Hint => unreachable!("no answer of a service"),
    }
}

pub(super) fn snapshot(id: &str, status: &str) -> RunSnapshot {
    let json = serde_json::json!({"id": id, "status": RunStatus::from(status)});
    serde_json::from_value(json).unwrap()
}
