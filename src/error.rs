//! The one error of the crate.
//!
//! [`Error`] is opaque: ask it what it is ([`Error::kind`]), what the service said
//! ([`Error::status`], [`Error::code`]), and what to hold on to ([`Error::run_id`],
//! [`Error::idempotency_key`]). Causes are in [`source`](std::error::Error::source) and are not
//! repeated in `Display`.
//!
//! ```
//! use weshop::{Client, ErrorKind};
//!
//! let refused = Client::builder().api_key("Bearer abc").build().unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::Configuration);
//! ```

mod show;

use std::path::PathBuf;
use std::time::Duration;

use crate::ids::{IdempotencyKey, RunId};
use crate::snapshot::{RunSnapshot, RunStatus};
use crate::validate::Violations;

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What an [`Error`] is about.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The client cannot be set up: no key, an unusable key or file, an endpoint that is refused.
    Configuration,
    /// The request breaks rules; nothing was sent. [`Error::violations`] lists them.
    InvalidRequest,
    /// No connection came about, so nothing was sent.
    Connect,
    /// Something took longer than [`Timeouts`](crate::Timeouts) allow.
    Timeout,
    /// The connection broke.
    Transport,
    /// The service, or something before it, answered that the call failed.
    Api,
    /// An answer came that cannot be understood.
    UnreadableResponse,
    /// A run was sent and may have been accepted **and charged**. Keep [`Error::idempotency_key`].
    OutcomeUnknown,
    /// The run ended without success. [`Error::snapshot`] has what it produced all the same.
    RunFailed,
    /// Waiting ended; the run did not. [`Error::run_id`] finds it again.
    WaitEnded,
    /// Reading or writing on this machine failed.
    Io,
}

/// The error of every fallible call in this crate.
pub struct Error {
    repr: Box<Repr>,
}

struct Repr {
    detail: Detail,
    source: Option<Source>,
    operation: Option<&'static str>,
    idempotency_key: Option<IdempotencyKey>,
    run_id: Option<RunId>,
    image_number: Option<usize>,
    attempts: u32,
    lasting: bool,
}

enum Detail {
    Configuration(String),
    InvalidRequest(Violations),
    Connect,
    Timeout {
        after: Duration,
        status: Option<u16>,
    },
    Transport,
    Api(ApiFailure),
    Unreadable {
        status: u16,
        reason: String,
        snippet: String,
    },
    OutcomeUnknown {
        elapsed: Duration,
    },
    RunFailed(Box<RunSnapshot>),
    WaitEnded {
        elapsed: Duration,
        polls: u32,
        last_status: Option<RunStatus>,
    },
    Io {
        doing: &'static str,
        path: Option<PathBuf>,
    },
}

/// What an answer that reports failure says.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApiFailure {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) retryable: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) request_id: Option<String>,
    /// Whether the service itself says no; a bare 5xx may come from something in between.
    pub(crate) enveloped: bool,
    /// What the body itself said of repeating, if anything.
    pub(crate) said_retryable: Option<bool>,
}

impl Error {
    fn new(detail: Detail) -> Self {
        Self {
            repr: Box::new(Repr {
                detail,
                source: None,
                operation: None,
                idempotency_key: None,
                run_id: None,
                image_number: None,
                attempts: 0,
                lasting: false,
            }),
        }
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Detail::Configuration(message.into()))
    }

    pub(crate) fn connect(source: impl Into<Source>) -> Self {
        Self::new(Detail::Connect).with_source(source)
    }

    pub(crate) fn timeout(after: Duration, status: Option<u16>) -> Self {
        Self::new(Detail::Timeout { after, status })
    }

    pub(crate) fn transport(source: impl Into<Source>) -> Self {
        Self::new(Detail::Transport).with_source(source)
    }

    pub(crate) fn api(failure: ApiFailure) -> Self {
        Self::new(Detail::Api(failure))
    }

    pub(crate) fn unreadable(
        status: u16,
        reason: impl Into<String>,
        snippet: impl Into<String>,
    ) -> Self {
        Self::new(Detail::Unreadable {
            status,
            reason: reason.into(),
            snippet: snippet.into(),
        })
    }

    pub(crate) fn outcome_unknown(mut cause: Error, elapsed: Duration) -> Self {
        let mut error = Self::new(Detail::OutcomeUnknown { elapsed });
        error.repr.attempts = cause.repr.attempts;
        error.repr.operation = cause.repr.operation.take();
        error.repr.run_id = cause.repr.run_id.take();
        error.with_source(cause)
    }

    pub(crate) fn run_failed(snapshot: RunSnapshot) -> Self {
        let id = snapshot.id().clone();
        Self::new(Detail::RunFailed(Box::new(snapshot))).with_run_id(id)
    }

    pub(crate) fn wait_ended(
        id: RunId,
        elapsed: Duration,
        polls: u32,
        last_status: Option<RunStatus>,
    ) -> Self {
        Self::new(Detail::WaitEnded {
            elapsed,
            polls,
            last_status,
        })
        .with_run_id(id)
    }

    pub(crate) fn io(doing: &'static str, path: Option<PathBuf>, source: std::io::Error) -> Self {
        Self::new(Detail::Io { doing, path }).with_source(source)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.repr.source = Some(source.into());
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.repr.operation = Some(operation);
        self
    }

    pub(crate) fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.repr.idempotency_key = Some(key);
        self
    }

    pub(crate) fn with_run_id(mut self, id: RunId) -> Self {
        self.repr.run_id = Some(id);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.repr.attempts = attempts;
        self
    }

    pub(crate) fn with_image_number(mut self, number: usize) -> Self {
        self.repr.image_number = Some(number);
        self
    }

    /// Settles that trying again cannot help, which the kind alone does not tell.
    pub(crate) fn lasting(mut self) -> Self {
        self.repr.lasting = true;
        self
    }

    /// Settles whether a refusal may be repeated, which depends on what was asked for.
    pub(crate) fn set_retryable(&mut self, retryable: bool) {
        if let Detail::Api(failure) = &mut self.repr.detail {
            failure.retryable = retryable;
        }
    }

    /// What the error is about.
    pub fn kind(&self) -> ErrorKind {
        match &self.repr.detail {
            Detail::Configuration(_) => ErrorKind::Configuration,
            Detail::InvalidRequest(_) => ErrorKind::InvalidRequest,
            Detail::Connect => ErrorKind::Connect,
            Detail::Timeout { .. } => ErrorKind::Timeout,
            Detail::Transport => ErrorKind::Transport,
            Detail::Api(_) => ErrorKind::Api,
            Detail::Unreadable { .. } => ErrorKind::UnreadableResponse,
            Detail::OutcomeUnknown { .. } => ErrorKind::OutcomeUnknown,
            Detail::RunFailed(_) => ErrorKind::RunFailed,
            Detail::WaitEnded { .. } => ErrorKind::WaitEnded,
            Detail::Io { .. } => ErrorKind::Io,
        }
    }

    /// The HTTP status of the answer that this error, or its cause, is about.
    pub fn status(&self) -> Option<u16> {
        match &self.repr.detail {
            Detail::Api(failure) => Some(failure.status),
            Detail::Unreadable { status, .. } => Some(*status),
            Detail::Timeout { status, .. } => *status,
            Detail::OutcomeUnknown { .. } | Detail::WaitEnded { .. } => self.cause()?.status(),
            _ => None,
        }
    }

    /// The service's own error code, as text even where it sent a number.
    pub fn code(&self) -> Option<&str> {
        self.failure()?.code.as_deref()
    }

    /// What the service said in words, at most a few hundred characters of it.
    pub fn api_message(&self) -> Option<&str> {
        Some(&self.failure()?.message)
    }

    /// The identifier that the answer's headers gave the request, for the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.failure()?.request_id.as_deref()
    }

    /// How long the service asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.failure()?.retry_after
    }

    /// Whether the same call may succeed later **and is safe to repeat**.
    ///
    /// An unknown outcome is never retryable in this sense: see
    /// [`Submit::resend_unknown`](crate::Submit::resend_unknown).
    pub fn is_retryable(&self) -> bool {
        match &self.repr.detail {
            _ if self.repr.lasting => false,
            Detail::Connect => true,
            Detail::Timeout { .. } | Detail::Transport | Detail::Unreadable { .. } => true,
            Detail::Api(failure) => failure.retryable,
            _ => false,
        }
    }

    /// Whether a run may have been accepted and charged without our knowing.
    pub fn is_outcome_unknown(&self) -> bool {
        self.kind() == ErrorKind::OutcomeUnknown
    }

    /// Whether the request provably never left this machine. An [`Io`](ErrorKind::Io) error is one of
    /// these where it is about the image of a submission or an upload.
    pub fn is_not_sent(&self) -> bool {
        match self.kind() {
            ErrorKind::Configuration | ErrorKind::InvalidRequest | ErrorKind::Connect => true,
            // An error that has a run's id is about what came after it.
            ErrorKind::Io => self.run_id().is_none(),
            _ => false,
        }
    }

    /// The broken rules, for [`ErrorKind::InvalidRequest`].
    pub fn violations(&self) -> Option<&Violations> {
        match &self.repr.detail {
            Detail::InvalidRequest(violations) => Some(violations),
            _ => None,
        }
    }

    /// The run as it ended, with the images it produced all the same, for [`ErrorKind::RunFailed`].
    pub fn snapshot(&self) -> Option<&RunSnapshot> {
        match &self.repr.detail {
            Detail::RunFailed(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// The operation that failed, by the document's name for it (`uploadImage`, `submitRun`, `getRun`,
    /// `getAgentInfo`), or `saveImages`; `None` where it was none.
    pub fn operation(&self) -> Option<&str> {
        self.repr.operation
    }

    /// The run that the error is about: [`Client::run`](crate::Client::run) attaches to it.
    pub fn run_id(&self) -> Option<&RunId> {
        self.repr.run_id.as_ref()
    }

    /// The image that could not be saved: its place among the run's
    /// [`results`](RunSnapshot::results), counted from 1.
    pub fn image_number(&self) -> Option<usize> {
        self.repr.image_number
    }

    /// The key of the submission that the error is about, for sending the same run again.
    pub fn idempotency_key(&self) -> Option<&IdempotencyKey> {
        self.repr.idempotency_key.as_ref()
    }

    /// How many times the request was tried; 0 where none was.
    pub fn attempts(&self) -> u32 {
        self.repr.attempts
    }

    /// How long the call or the wait had been under way, where the error knows.
    pub fn elapsed(&self) -> Option<Duration> {
        match &self.repr.detail {
            Detail::OutcomeUnknown { elapsed } | Detail::WaitEnded { elapsed, .. } => {
                Some(*elapsed)
            }
            Detail::Timeout { after, .. } => Some(*after),
            _ => None,
        }
    }

    /// How often the run was asked about, for [`ErrorKind::WaitEnded`].
    pub fn polls(&self) -> Option<u32> {
        match &self.repr.detail {
            Detail::WaitEnded { polls, .. } => Some(*polls),
            _ => None,
        }
    }

    /// The last state that was seen, for [`ErrorKind::WaitEnded`].
    pub fn last_status(&self) -> Option<&RunStatus> {
        match &self.repr.detail {
            Detail::WaitEnded { last_status, .. } => last_status.as_ref(),
            Detail::RunFailed(snapshot) => Some(snapshot.status()),
            _ => None,
        }
    }

    pub(crate) fn failure(&self) -> Option<&ApiFailure> {
        match &self.repr.detail {
            Detail::Api(failure) => Some(failure),
            Detail::OutcomeUnknown { .. } | Detail::WaitEnded { .. } => self.cause()?.failure(),
            _ => None,
        }
    }

    fn cause(&self) -> Option<&Error> {
        self.repr.source.as_deref()?.downcast_ref()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.repr.source.as_deref().map(|source| source as _)
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::new(Detail::InvalidRequest(violations))
    }
}

// What can be given as it is needs no conversion that fails.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl From<crate::mask::MaskError> for Error {
    fn from(error: crate::mask::MaskError) -> Self {
        Self::configuration("the mask cannot be used").with_source(error)
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}
