//! The API key: where it comes from, and how it stays out of sight.
//!
//! A key is taken from the first of: what the program sets itself
//! ([`ClientBuilder::api_key`](crate::ClientBuilder::api_key)), the environment variable
//! `WESHOP_API_KEY`, the file `~/.config/weshop/credentials.json` holding `{"api_key": "…"}`.
//!
//! ```
//! let key = weshop::ApiKey::new("sk-canary-123")?;
//! assert_eq!(format!("{key:?}"), "ApiKey(redacted)");
//! # Ok::<(), weshop::Error>(())
//! ```

use std::borrow::Cow;
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr, memmem};
use percent_encoding::percent_decode;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::error::Error;

/// The environment variable that holds the key.
pub const API_KEY_VARIABLE: &str = "WESHOP_API_KEY";

const MAX_FILE: u64 = 64 * 1024;
const MAX_KEY: usize = 4096;
/// What stands where the key stood.
pub(crate) const REDACTED: &str = "[redacted]";
/// Below this a key may be a common word, and taking it out of a text would spoil the text.
const SHORTEST_TO_SCRUB: usize = 8;

/// A key of the WeShop API.
///
/// It has no `Display` and does not serialise, and its `Debug` says `redacted`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Arc<str>);

impl ApiKey {
    /// Takes a key as the vendor shows it: bare, without `Bearer` before it. White space around it
    /// is dropped.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) where it is empty, over 4096 bytes, has
    /// characters that cannot stand in a header, or a scheme before it.
    pub fn new(key: impl AsRef<str>) -> Result<Self, Error> {
        let key = key.as_ref().trim();
        let wrong = if key.is_empty() {
            "is empty"
        } else if key.len() > MAX_KEY {
            "is longer than 4096 bytes"
        } else if key
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
        {
            "begins with `Bearer `; the service takes the bare key"
        } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            "has characters other than visible ASCII"
        } else {
            return Ok(Self(key.into()));
        };
        Err(Error::configuration(format!("the API key {wrong}")))
    }

    /// Reads `WESHOP_API_KEY`; `None` where it is not set or blank.
    ///
    /// # Errors
    /// As [`ApiKey::new`].
    pub fn from_env() -> Result<Option<Self>, Error> {
        match std::env::var(API_KEY_VARIABLE) {
            Ok(key) if key.trim().is_empty() => Ok(None),
            Ok(key) => Self::new(key).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Error::configuration("WESHOP_API_KEY is not valid Unicode"))
            }
        }
    }

    /// Reads a file of the form `{"api_key": "…"}`; other fields are ignored.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) where it cannot be read,
    /// [`Configuration`](crate::ErrorKind::Configuration) where it is over 64 KiB or of another form.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| {
            Error::io(
                "reading the credentials file",
                Some(path.to_owned()),
                source,
            )
        };
        // Opening a pipe would wait for whoever is to write to it.
        if !path.metadata().map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("not a regular file")));
        }
        let mut text = Vec::new();
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MAX_FILE + 1)
            .read_to_end(&mut text)
            .map_err(failed)?;
        let malformed = |what: &str| Error::configuration(format!("{}: {what}", path.display()));
        if text.len() as u64 > MAX_FILE {
            return Err(malformed("larger than 64 KiB"));
        }
        // serde's own words may quote what they found, and that may be the key.
        let json: Value = serde_json::from_slice(&text)
            .map_err(|error| malformed(&format!("not JSON at line {}", error.line())))?;
        match json.get("api_key").and_then(Value::as_str) {
            Some(key) => Self::new(key),
            None => Err(malformed("has no text `api_key`")),
        }
    }

    /// The file that keys are kept in: `~/.config/weshop/credentials.json`. `None` where the
    /// environment names no home.
    pub fn default_path() -> Option<PathBuf> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        Some(home.join(".config").join("weshop").join("credentials.json"))
    }

    /// The key of the environment, or else that of the default file.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) where neither has one, saying where it
    /// looked; otherwise as [`ApiKey::from_env`] and [`ApiKey::from_file`].
    pub fn discover() -> Result<Self, Error> {
        if let Some(key) = Self::from_env()? {
            return Ok(key);
        }
        match Self::default_path() {
            Some(path) if path.exists() => Self::from_file(path),
            path => Err(Error::configuration(format!(
                "no API key: set {API_KEY_VARIABLE}, or write {{\"api_key\": \"…\"}} to {}",
                path.as_deref()
                    .unwrap_or(Path::new("~/.config/weshop/credentials.json"))
                    .display()
            ))),
        }
    }

    /// Writes the key to a file that only its owner can read (mode 0600), whole or not at all.
    /// Nothing in this crate calls it of its own accord.
    ///
    /// # Errors
    /// [`Io`](crate::ErrorKind::Io) where the folder or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let write = || {
            let folder = match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            create_private_folder(folder)?;
            // Temporary files are made with mode 0600, and renaming keeps it.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(json!({ "api_key": &*self.0 }).to_string().as_bytes())?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|source| {
            Error::io(
                "writing the credentials file",
                Some(path.to_owned()),
                source,
            )
        })
    }

    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(&self.0)
            .map_err(|_| Error::configuration("the API key cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Whether bytes give the key away, as it is or percent-encoded.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.is_plain_in(bytes)
            || memchr(b'%', bytes).is_some() && self.is_plain_in(&Cow::from(percent_decode(bytes)))
    }

    fn is_plain_in(&self, bytes: &[u8]) -> bool {
        let key = self.0.as_bytes();
        key.len() >= SHORTEST_TO_SCRUB && memmem::find(bytes, key).is_some()
    }

    /// A text from outside without the key, should somebody have echoed it.
    pub(crate) fn scrub(&self, text: String) -> String {
        if !self.is_in(text.as_bytes()) {
            return text;
        }
        let plain = text.replace(&*self.0, REDACTED);
        match self.is_in(plain.as_bytes()) {
            // A text that hides the key serves nobody as it is, so the whole of it may be decoded.
            true => {
                let decoded = percent_decode(plain.as_bytes()).decode_utf8_lossy();
                decoded.replace(&*self.0, REDACTED)
            }
            false => plain,
        }
    }

    /// Takes the key out of a value, where an escape may have hidden it; says whether it was there.
    pub(crate) fn scrub_json(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) if self.is_in(text.as_bytes()) => {
                *text = self.scrub(std::mem::take(text));
                true
            }
            Value::Array(values) => values
                .iter_mut()
                .fold(false, |found, value| self.scrub_json(value) | found),
            Value::Object(fields) => {
                let named = fields.keys().any(|name| self.is_in(name.as_bytes()));
                if named {
                    let old = std::mem::take(fields);
                    fields.extend(
                        old.into_iter()
                            .map(|(name, value)| (self.scrub(name), value)),
                    );
                }
                fields
                    .values_mut()
                    .fold(named, |found, value| self.scrub_json(value) | found)
            }
            _ => false,
        }
    }

    /// A body from outside without the key.
    pub(crate) fn scrub_bytes(&self, body: Bytes) -> Bytes {
        if self.is_in(&body) {
            Bytes::from(self.scrub(String::from_utf8_lossy(&body).into_owned()))
        } else {
            body
        }
    }

    /// The same for a body that is no JSON, though it may be the beginning of some, where any character
    /// of the key may be written `\u0041`.
    pub(crate) fn scrub_escaped(&self, body: Bytes) -> Bytes {
        if memchr(b'\\', &body).is_none() {
            return body;
        }
        let plain = without_escapes(&String::from_utf8_lossy(&body));
        match self.is_in(plain.as_bytes()) {
            true => Bytes::from(self.scrub(plain)),
            false => body,
        }
    }

    /// Takes the beginning of the key off the end of a body that was cut there.
    pub(crate) fn scrub_end(&self, body: &mut Bytes) {
        let key = self.0.as_bytes();
        let mut parts = (SHORTEST_TO_SCRUB / 2..key.len()).rev();
        if let Some(part) = parts.find(|&part| body.ends_with(&key[..part])) {
            body.truncate(body.len() - part);
        }
    }
}

/// A text with those escapes of JSON written out that can stand for visible ASCII.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.strip_prefix('u').and_then(|part| part.get(..4));
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(u8::is_ascii_graphic) {
            Some(code) => {
                plain.push(char::from(code));
                plain.push_str(&part[5..]);
            }
            None => plain.push_str(part),
        }
    }
    plain
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

impl FromStr for ApiKey {
    type Err = Error;

    fn from_str(key: &str) -> Result<Self, Error> {
        Self::new(key)
    }
}

impl TryFrom<&str> for ApiKey {
    type Error = Error;

    fn try_from(key: &str) -> Result<Self, Error> {
        Self::new(key)
    }
}

impl TryFrom<&String> for ApiKey {
    type Error = Error;

    fn try_from(key: &String) -> Result<Self, Error> {
        Self::new(key)
    }
}

impl TryFrom<String> for ApiKey {
    type Error = Error;

    fn try_from(key: String) -> Result<Self, Error> {
        Self::new(key)
    }
}

fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
