//! What finds a run again: its id, and the key of its submission.
//!
//! Both serialise as text, so that they can be kept in a database.
//!
//! ```
//! use weshop::{IdempotencyKey, RunId};
//!
//! let id = RunId::new("8f6a")?;
//! assert_eq!(serde_json::to_string(&id).unwrap(), r#""8f6a""#);
//! assert!(IdempotencyKey::new("order 7").is_err());
//! # Ok::<(), weshop::Error>(())
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

/// The handle of a run, as the service gave it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    const MAX_LEN: usize = 512;

    /// Takes an id that was kept from an earlier run.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) for what can be no id: blank, over 512
    /// bytes, with control characters, a dot segment or a backslash, which would name another path.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        let wrong = if id.trim().is_empty() {
            "is blank"
        } else if id.len() > Self::MAX_LEN {
            "is longer than 512 bytes"
        } else if id.chars().any(char::is_control) {
            "has control characters"
        } else if id == "." || id == ".." || id.contains('\\') {
            "would name another path"
        } else {
            return Ok(Self(id));
        };
        Err(Error::configuration(format!("the run id {wrong}")))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a value of an answer is this id; some services write numbers.
    pub(crate) fn is(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => *text == self.0,
            Value::Number(number) => number.to_string() == self.0,
            _ => false,
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for RunId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl TryFrom<String> for RunId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

/// What marks every repetition of one logical submission.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A new key, a random UUID.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }

    /// A key of the caller's own: an order's number, or one kept from an earlier submission.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) for what cannot stand in the header: it
    /// takes 1 to 255 visible ASCII characters.
    pub fn new(key: impl Into<String>) -> Result<Self, Error> {
        let key = key.into();
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::configuration(
                "an idempotency key is 1 to 255 visible ASCII characters",
            ));
        }
        Ok(Self(key))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(key: &str) -> Result<Self, Error> {
        Self::new(key)
    }
}

impl TryFrom<String> for IdempotencyKey {
    type Error = Error;

    fn try_from(key: String) -> Result<Self, Error> {
        Self::new(key)
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0
    }
}

impl From<uuid::Uuid> for IdempotencyKey {
    fn from(key: uuid::Uuid) -> Self {
        Self(key.to_string())
    }
}
