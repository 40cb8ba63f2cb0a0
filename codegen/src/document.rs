//! Text to a bounded tree.

use std::cell::Cell;
use std::fmt;
use std::thread;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::Error;

/// Longest text that is read, in bytes (32 MiB).
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most values that a document may hold, after aliases are expanded.
pub const MAX_NODES: usize = 1_000_000;
/// Deepest nesting that a document may have.
pub const MAX_DEPTH: usize = 64;

const STACK: usize = 64 * 1024 * 1024;

/// A document as written: a JSON tree of bounded size, not yet understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    value: Value,
}

impl Document {
    /// Reads YAML 1.2 or JSON. A text that begins with `{` is read as JSON.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for malformed text, more than [`MAX_BYTES`], [`MAX_NODES`] or [`MAX_DEPTH`],
    /// a key that occurs twice, a number that JSON has no form for, more than one YAML document,
    /// or a document that is not a mapping.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::Unreadable(format!(
                "it has {} bytes, and {MAX_BYTES} are the most that are read",
                text.len()
            )));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = if text.trim_start().starts_with('{') {
            json(text)
        } else {
            yaml(text)
        }
        .map_err(|why| Error::Unreadable(one_line(&why)))?;
        if value.is_object() {
            Ok(Self { value })
        } else {
            Err(Error::Unreadable("it is not a mapping".to_owned()))
        }
    }

    /// Reads bytes, which must be UTF-8, as [`Document::parse`] does.
    ///
    /// # Errors
    /// As [`Document::parse`], and when the bytes are not UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Error::Unreadable(format!(
                "it is not UTF-8 from byte {} on",
                error.valid_up_to()
            ))
        })?;
        Self::parse(text)
    }

    /// The tree.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

fn json(text: &str) -> Result<Value, String> {
    let left = Cell::new(MAX_NODES);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Bounded {
        left: &left,
        depth: 0,
    }
    .deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| error.to_string())
}

fn yaml(text: &str) -> Result<Value, String> {
    // A level of nesting costs this reader kilobytes of stack, more than a thread may have left.
    let reading = || {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_events: 4 * MAX_NODES,
                max_nodes: MAX_NODES,
                max_depth: MAX_DEPTH,
                max_documents: 2,
            },
            duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::Error,
            // YAML 1.2: `on`, `yes` and `1_000` are strings, and an enumeration may well hold them.
            strict_booleans: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        let left = Cell::new(MAX_NODES);
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |reader| {
            Bounded {
                left: &left,
                depth: 0,
            }
            .deserialize(reader)
        })
        .map_err(|error| bounded(error.to_string()))
    };
    thread::scope(|scope| {
        let reader = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, reading);
        let read = reader
            .map_err(|error| format!("no thread to read it on: {error}"))?
            .join();
        read.unwrap_or_else(|_| Err("its reader gave up".to_owned()))
    })
}

/// The reader's word for a bound is the name of its own setting.
fn bounded(why: String) -> String {
    match why.split_once("budget breached:") {
        Some((_, which)) => format!(
            "it is larger or deeper than anything that is read ({})",
            which.trim()
        ),
        None => why,
    }
}

/// Parsers quote what they met; a reader wants one line of it.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[derive(Clone, Copy)]
struct Bounded<'a> {
    left: &'a Cell<usize>,
    depth: usize,
}

impl Bounded<'_> {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!(
                "it is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(de::Error::custom(format_args!(
                "it holds more than {MAX_NODES} values"
            )));
        };
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    // Integers outside 64 bits: readers differ on them, JSON itself knows only numbers.
    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("it holds a number that is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let seed = self.below()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(seed)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let seed = self.below()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format_args!(
                    "the key {key:?} occurs twice"
                )));
            }
            let value = entries.next_value_seed(seed)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}
