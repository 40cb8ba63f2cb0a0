//! How an error reads. `Display` states its own layer; causes are in `source`.

use std::fmt;

use super::{Detail, Error};
use crate::envelope::bounded;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.repr.operation {
            write!(f, "{operation}: ")?;
        }
        match &self.repr.detail {
            Detail::Configuration(message) => f.write_str(message)?,
            Detail::InvalidRequest(violations) => write!(f, "nothing was sent: {violations}")?,
            Detail::Connect => f.write_str("no connection, nothing was sent")?,
            Detail::Timeout { after, status } => {
                write!(f, "no answer within {after:?}")?;
                if let Some(status) = status {
                    write!(f, " (its body stalled after HTTP {status})")?;
                }
            }
            Detail::Transport => f.write_str("the connection broke")?,
            Detail::Api(failure) => {
                write!(f, "the service refused (HTTP {}", failure.status)?;
                if let Some(code) = &failure.code {
                    write!(f, ", {code}")?;
                }
                write!(f, "): {}", failure.message)?;
            }
            Detail::Unreadable {
                status,
                reason,
                snippet,
            } => {
                write!(f, "the answer cannot be read (HTTP {status}): {reason}")?;
                if !snippet.is_empty() {
                    write!(f, "; it begins {snippet:?}")?;
                }
            }
            Detail::OutcomeUnknown { elapsed } => {
                write!(
                    f,
                    "the run may have been accepted and charged, no proof came within {elapsed:?}; do not submit it anew"
                )?;
            }
            Detail::RunFailed(snapshot) => write!(
                f,
                "the run ended as {} with {} of {} images",
                bounded(snapshot.status().as_str()),
                snapshot.images().count(),
                snapshot.images_wanted(),
            )?,
            Detail::WaitEnded {
                elapsed,
                polls,
                last_status,
            } => {
                write!(
                    f,
                    "waiting ended after {elapsed:?} and {polls} polls, the run goes on"
                )?;
                if let Some(status) = last_status {
                    write!(f, " (last seen {})", bounded(status.as_str()))?;
                }
            }
            Detail::Io { doing, path } => {
                write!(f, "{doing} failed")?;
                if let Some(path) = path {
                    write!(f, ": {}", path.display())?;
                }
            }
        }
        if let Some(id) = &self.repr.run_id {
            write!(f, " [run {id}]")?;
        }
        if let Some(number) = self.repr.image_number {
            write!(f, " [image {number}]")?;
        }
        if let Some(key) = &self.repr.idempotency_key {
            write!(f, " [idempotency key {key}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &format_args!("{self}"))
            .field("attempts", &self.repr.attempts)
            .field("source", &self.repr.source)
            .finish()
    }
}
