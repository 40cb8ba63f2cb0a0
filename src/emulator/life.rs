//! A run's life: which state it is in, and which images it has, at any age.
//!
//! ```
//! use std::time::Duration;
//! use weshop::emulator::Life;
//!
//! let partial = Life::usual().failed_image(2);
//! let strange = Life::usual().state("Warming", Duration::from_secs(9)).ends("Cancelled");
//! # let _ = (partial, strange);
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::millis;

/// A life's images are laid down one by one.
const MOST_IMAGES: u32 = 1000;

/// What a run is to go through. Without states of its own a life takes the emulator's run time: a tenth
/// `Pending`, to a quarter `Segmenting`, then `Running`, during which the images appear one after another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[must_use]
pub struct Life {
    states: Vec<State>,
    end: Option<String>,
    stuck: bool,
    images: Option<u32>,
    failed: Vec<u32>,
    error: Option<String>,
    extra: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    status: String,
    #[serde(rename = "ms", with = "millis")]
    lasting: Duration,
}

impl Life {
    /// The usual life, which ends in `Success` with every image.
    pub fn usual() -> Self {
        Self::default()
    }

    /// A life that ends in `Failed` with these words and no image.
    pub fn failing(error: impl Into<String>) -> Self {
        Self {
            end: Some("Failed".into()),
            images: Some(0),
            error: Some(error.into()),
            ..Self::default()
        }
    }

    /// A life that never leaves `status`.
    pub fn stuck(status: impl Into<String>) -> Self {
        Self {
            stuck: true,
            images: Some(0),
            ..Self::default()
        }
        .state(status, Duration::ZERO)
    }

    /// Adds a state, known or not, and how long it lasts. The first one replaces the usual states.
    pub fn state(mut self, status: impl Into<String>, lasting: Duration) -> Self {
        self.states.push(State {
            status: status.into(),
            lasting,
        });
        self
    }

    /// The state in which the run ends; `Success` unless set.
    pub fn ends(mut self, status: impl Into<String>) -> Self {
        self.end = Some(status.into());
        self
    }

    /// Keeps the run in the last of its states for ever.
    pub fn never_ends(mut self) -> Self {
        self.stuck = true;
        self
    }

    /// How many images there will be, whatever the batch asked for; at most 1,000.
    pub fn images(mut self, count: u32) -> Self {
        self.images = Some(count);
        self
    }

    /// Lets one image of the batch, counted from 0, fail.
    pub fn failed_image(mut self, index: u32) -> Self {
        self.failed.push(index);
        self
    }

    /// The words that a failed run or image comes with.
    pub fn error(mut self, words: impl Into<String>) -> Self {
        self.error = Some(words.into());
        self
    }

    /// A field that is added to the execution and to each of its results.
    pub fn extra(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(field.into(), value.into());
        self
    }
}

/// A life laid down for one run when it is submitted, and only read afterwards: a poll costs no timer.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// Each state and the age at which it ends.
    stages: Vec<(String, Duration)>,
    end: String,
    images: Vec<Image>,
    pub(super) error: Option<String>,
    pub(super) extra: Map<String, Value>,
}

/// One image of a batch.
#[derive(Clone, Debug)]
pub(super) struct Image {
    at: Duration,
    pub(super) fails: bool,
}

impl Course {
    pub(super) fn of(life: &Life, run_time: Duration, batch: u32) -> Self {
        let mut stages = match life.states.is_empty() {
            true => vec![
                ("Pending".into(), run_time / 10),
                ("Segmenting".into(), run_time / 4),
                ("Running".into(), run_time),
            ],
            false => summed(&life.states),
        };
        let end = stages.last().map_or(Duration::ZERO, |(_, ends)| *ends);
        let begin = stages
            .iter()
            .rev()
            .nth(1)
            .map_or(Duration::ZERO, |(_, ends)| *ends);
        if let Some((_, ends)) = stages.last_mut().filter(|_| life.stuck) {
            *ends = Duration::MAX;
        }
        let count = life.images.unwrap_or(batch).min(MOST_IMAGES);
        let each = (end - begin) / count.max(1);
        let images = (0..count)
            .map(|n| Image {
                at: if n + 1 == count {
                    end
                } else {
                    begin + each * (n + 1)
                },
                fails: life.failed.contains(&n),
            })
            .collect();
        Self {
            stages,
            end: life.end.clone().unwrap_or_else(|| "Success".into()),
            images,
            error: life.error.clone(),
            extra: life.extra.clone(),
        }
    }

    /// The state at `age`.
    pub(super) fn status(&self, age: Duration) -> &str {
        let now = self.stages.iter().find(|(_, ends)| age < *ends);
        now.map_or(&self.end, |(status, _)| status)
    }

    /// The age at which the run ends; none when it never does.
    pub(super) fn ends(&self) -> Option<Duration> {
        let end = self.stages.last().map_or(Duration::ZERO, |(_, ends)| *ends);
        (end < Duration::MAX).then_some(end)
    }

    /// The images that there are at `age`, each with its place in the batch.
    pub(super) fn images(&self, age: Duration) -> impl Iterator<Item = (usize, &Image)> {
        self.images
            .iter()
            .enumerate()
            .filter(move |(_, image)| image.at <= age)
    }
}

fn summed(states: &[State]) -> Vec<(String, Duration)> {
    let mut age = Duration::ZERO;
    states
        .iter()
        .map(|state| {
            age = age.saturating_add(state.lasting);
            (state.status.clone(), age)
        })
        .collect()
}
