//! Who is waiting for which run, so that a callback can wake them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The longest callback that is looked at.
const LONGEST_BODY: usize = 256 * 1024;

/// A bell for every wait, by the id of its run.
#[derive(Debug, Default)]
pub(crate) struct Bells(Mutex<HashMap<String, Vec<Arc<Notify>>>>);

impl Bells {
    /// Hangs up a bell that is taken down when dropped.
    pub(crate) fn hang(self: &Arc<Self>, id: &str) -> Bell {
        let notify = Arc::new(Notify::new());
        let mut bells = self.lock();
        bells
            .entry(id.to_owned())
            .or_default()
            .push(Arc::clone(&notify));
        Bell {
            notify,
            id: id.to_owned(),
            bells: Arc::clone(self),
        }
    }

    /// Rings for everyone who waits for this run; says whether anyone does.
    ///
    /// A bell rung while its wait is asking is heard afterwards; one rung twice is heard once.
    pub(crate) fn ring(&self, id: &str) -> bool {
        let bells = self.lock();
        let waiting = bells.get(id);
        waiting
            .into_iter()
            .flatten()
            .for_each(|notify| notify.notify_one());
        waiting.is_some()
    }

    /// Rings for every run that is named anywhere in a callback's body.
    ///
    /// What a callback looks like is not documented, so any text in it that happens to be the id
    /// of a run that is being waited for counts: a JSON string or number, a form value, a word.
    pub(crate) fn ring_all_in(&self, body: &[u8]) -> bool {
        let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST_BODY)]);
        let mut heard = false;
        match serde_json::from_str(&text) {
            Ok(json) => texts(&json, &mut |id| heard |= self.ring(id)),
            Err(_) => {
                let words = text.split(|c: char| c.is_whitespace() || "&=,;\"'<>{}".contains(c));
                words.for_each(|id| heard |= self.ring(id));
            }
        }
        heard
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Notify>>>> {
        // No code that can panic runs under the lock, and a map is usable in any case.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All names, strings and numbers in a JSON value, which the parser has kept from being nested too
/// deeply.
fn texts(json: &serde_json::Value, found: &mut impl FnMut(&str)) {
    match json {
        serde_json::Value::String(text) => found(text),
        serde_json::Value::Number(number) => found(&number.to_string()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(map) => map.iter().for_each(|(name, item)| {
            found(name);
            texts(item, found);
        }),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

/// The bell of one wait.
#[derive(Debug)]
pub(crate) struct Bell {
    notify: Arc<Notify>,
    id: String,
    bells: Arc<Bells>,
}

impl Bell {
    pub(crate) async fn rung(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut bells = self.bells.lock();
        if let Some(waiting) = bells.get_mut(&self.id) {
            waiting.retain(|notify| !Arc::ptr_eq(notify, &self.notify));
            if waiting.is_empty() {
                bells.remove(&self.id);
            }
        }
    }
}
