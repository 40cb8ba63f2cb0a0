//! What earlier runs teach about the next one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Schedule, plan};

/// How many runs of a kind are remembered. An older one makes room for a newer one, so when the
/// service becomes slower or faster, this many runs later nothing of the past is left.
const REMEMBERED: usize = 48;

/// How many kinds are remembered at most.
const KINDS: usize = 256;

/// How long runs took, per agent and batch size, and the schedule that follows from it.
///
/// Of each kind the last 48 runs are kept, each as the time when it was last seen unfinished and
/// the time when it was first seen finished; of kinds, at most 256. That is at most about 100 kB.
///
/// It serialises, so that what one process has learned can be handed to the next:
///
/// ```
/// use std::time::Duration;
/// use weshop::schedule::Learned;
///
/// let mut learned = Learned::default();
/// learned.observe("removeBG", 1, Duration::from_secs(4), Duration::from_millis(5500));
/// let json = serde_json::to_string(&learned)?;
/// assert_eq!(json, r#"{"removeBG/1":[[4.0,5.5]]}"#);
/// let restored: Learned = serde_json::from_str(&json)?;
/// assert_eq!(restored.runs("removeBG", 1), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// What cannot be an observation (a negative time, an end before its beginning) is left out
/// when reading, and what exceeds the limits is dropped.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(
    from = "BTreeMap<String, Vec<(f32, f32)>>",
    into = "BTreeMap<String, VecDeque<(f32, f32)>>"
)]
pub struct Learned {
    kinds: BTreeMap<String, Kind>,
}

#[derive(Clone, Debug, Default)]
struct Kind {
    runs: VecDeque<(f32, f32)>,
    /// Made when first asked for after a change, then shared by all waits.
    schedule: OnceLock<Schedule>,
}

fn name(agent: &str, batch: u32) -> String {
    format!("{agent}/{batch}")
}

impl Learned {
    /// Remembers a run that succeeded: it was last seen unfinished at the age of `unfinished`
    /// (zero if it was finished when first asked for) and first seen finished at `finished`,
    /// both counted from the submission.
    ///
    /// Ages that make no sense are ignored.
    pub fn observe(&mut self, agent: &str, batch: u32, unfinished: Duration, finished: Duration) {
        let run = (unfinished.as_secs_f32(), finished.as_secs_f32());
        self.remember(name(agent, batch), [run]);
    }

    /// The schedule for a run of this agent and batch size; the [default one](Schedule) as long
    /// as nothing is known.
    #[must_use]
    pub fn schedule(&self, agent: &str, batch: u32) -> Schedule {
        let Some(kind) = self.kinds.get(&name(agent, batch)) else {
            return Schedule::default();
        };
        let make = || Schedule::at(plan::plan(&Vec::from(kind.runs.clone())));
        kind.schedule.get_or_init(make).clone()
    }

    /// How many runs of this agent and batch size are remembered.
    #[must_use]
    pub fn runs(&self, agent: &str, batch: u32) -> usize {
        let kind = self.kinds.get(&name(agent, batch));
        kind.map_or(0, |kind| kind.runs.len())
    }

    fn remember(&mut self, name: String, runs: impl IntoIterator<Item = (f32, f32)>) {
        let mut sound = runs
            .into_iter()
            .filter(|(from, to)| *from >= 0.0 && to > from && to.is_finite())
            .peekable();
        if sound.peek().is_none() {
            return;
        }
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&name) {
            // The kind seen least is the cheapest to learn anew.
            let least = self.kinds.iter().min_by_key(|(_, kind)| kind.runs.len());
            if let Some(least) = least.map(|(name, _)| name.clone()) {
                self.kinds.remove(&least);
            }
        }
        let kind = self.kinds.entry(name).or_default();
        kind.schedule = OnceLock::new();
        for run in sound {
            if kind.runs.len() == REMEMBERED {
                kind.runs.pop_front();
            }
            kind.runs.push_back(run);
        }
    }
}

impl From<BTreeMap<String, Vec<(f32, f32)>>> for Learned {
    fn from(kinds: BTreeMap<String, Vec<(f32, f32)>>) -> Self {
        let mut learned = Self::default();
        for (name, runs) in kinds {
            learned.remember(name, runs);
        }
        learned
    }
}

impl From<Learned> for BTreeMap<String, VecDeque<(f32, f32)>> {
    fn from(learned: Learned) -> Self {
        let kinds = learned.kinds.into_iter();
        kinds.map(|(name, kind)| (name, kind.runs)).collect()
    }
}
