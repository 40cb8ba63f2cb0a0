//! One logical call, and what a failure of it means.

use std::sync::{Mutex, PoisonError};

use reqwest::Request;
use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::ids::IdempotencyKey;

/// Whether repeating a request can cost anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// Reads and uploads.
    Free,
    /// Submissions. `resend` says that the caller chose to repeat one of unknown outcome.
    Paid { resend: bool },
}

/// One logical call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) safety: Safety,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    /// Whether a success without an execution id is none.
    pub(super) starts_run: bool,
    /// Whether it is never repeated, whatever happens.
    pub(super) once: bool,
    outcome: Mutex<Option<Result<Value, Error>>>,
}

impl Call {
    pub(crate) fn read(operation: &'static str) -> Self {
        Self {
            operation,
            safety: Safety::Free,
            idempotency_key: None,
            starts_run: false,
            once: false,
            outcome: Mutex::new(None),
        }
    }

    /// A read whose repetition is somebody else's business.
    pub(crate) fn poll(operation: &'static str) -> Self {
        Self {
            once: true,
            ..Self::read(operation)
        }
    }

    /// A call of the caller's own through the generated client: whatever is not a plain read is
    /// treated as paid.
    pub(super) fn raw(operation: &'static str, request: &Request) -> Self {
        Self {
            safety: match *request.method() {
                reqwest::Method::GET | reqwest::Method::HEAD => Safety::Free,
                _ => Safety::Paid { resend: false },
            },
            ..Self::read(operation)
        }
    }

    pub(crate) fn submission(operation: &'static str, key: IdempotencyKey, resend: bool) -> Self {
        Self {
            safety: Safety::Paid { resend },
            idempotency_key: Some(key),
            starts_run: true,
            ..Self::read(operation)
        }
    }

    /// Leaves what became of the call for [`finish`](Self::finish).
    pub(super) fn leave(&self, outcome: Result<Value, Error>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    /// What the hooks left here; an error of the generated client's own where they never ran.
    pub(crate) fn finish<T, E>(
        &self,
        result: Result<T, progenitor_client::Error<E>>,
    ) -> Result<Value, Error> {
        let outcome = self
            .outcome
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (outcome, result) {
            (Some(outcome), _) => outcome,
            (None, Err(progenitor_client::Error::InvalidRequest(why))) => Err(
                Error::configuration(format!("the request cannot be built: {why}"))
                    .with_operation(self.operation),
            ),
            (None, _) => {
                Err(Error::configuration("the request cannot be built")
                    .with_operation(self.operation))
            }
        }
    }

    /// Whether a run may come of it.
    pub(super) fn is_paid(&self) -> bool {
        self.safety != Safety::Free
    }

    /// Whether the service may have acted on a request that failed like this.
    pub(super) fn may_have_been_accepted(&self, error: &Error) -> bool {
        if !self.is_paid() {
            return false;
        }
        match error.kind() {
            ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::UnreadableResponse => true,
            ErrorKind::Api => error.failure().is_some_and(|failure| {
                let refused = failure.enveloped
                    || error.run_id().is_none()
                        && match failure.status {
                            // A gateway's own: whether the request went on is not known.
                            408 | 499 => false,
                            503 => failure.retry_after.is_some(),
                            // At 2xx, what is no success has a code and words against the call.
                            status => (200..300).contains(&status) || (400..500).contains(&status),
                        };
                !refused
            }),
            _ => false,
        }
    }

    /// Whether to try again. `unknown` says that this attempt, or one before it, may have been accepted.
    pub(super) fn repeatable(&self, error: &Error, unknown: bool) -> bool {
        let Safety::Paid { resend } = self.safety else {
            return error.is_retryable();
        };
        let passing = match error.failure() {
            Some(failure) => failure.said_retryable.unwrap_or(
                failure.status == 429 || failure.status == 503 && failure.retry_after.is_some(),
            ),
            None => error.kind() == ErrorKind::Connect,
        };
        match unknown {
            true => resend && (passing || self.may_have_been_accepted(error)),
            false => passing,
        }
    }
}
