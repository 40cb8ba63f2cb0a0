//! Callbacks: a run's end told to a URL on loopback, by script honestly or not.
//!
//! What the service's callback holds is not documented. The emulator's is
//! `{"executionId": …, "status": …}`: a hint, which a careful reader checks by reading the run.

use std::cell::LazyCell;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::check::is_loopback;
use super::ledger::CallbackRecord;
use super::millis;
use super::state::{Run, Shared};

/// How long a receiver may take to answer. By real time, since a receiver is a real program; one that
/// says nothing must not hold up the calls after it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What becomes of a run's callback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum Callback {
    /// It is made once, when the run ends.
    #[default]
    Once,
    /// It is made once, some time after the run ends.
    Late {
        /// How long after.
        #[serde(rename = "ms", with = "millis")]
        by: Duration,
    },
    /// It is made twice.
    Twice,
    /// While the run is still going someone else calls with a success that is not one, for a run that
    /// does not exist and for this one; the true callback follows.
    Forged,
    /// It is never made.
    Never,
}

/// A callback to be made.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) run: Arc<Run>,
    pub(super) url: String,
    pub(super) callback: Callback,
}

/// Makes callbacks until the emulator is gone; dropping the future drops those under way.
pub(super) async fn deliver(shared: Arc<Shared>, mut orders: mpsc::UnboundedReceiver<Order>) {
    // Most emulators never call anyone back, and a client is not made in no time.
    let client = LazyCell::new(|| {
        // Neither a proxy nor a redirect may lead a callback off this machine.
        let client = reqwest::Client::builder().no_proxy();
        client
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .ok()
    });
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => {
                    under_way.spawn(make(shared.clone(), client.clone(), order));
                }
                None => return,
            },
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn make(shared: Arc<Shared>, client: Option<reqwest::Client>, order: Order) {
    let Order { run, url, callback } = order;
    let post = async |body: Value| {
        let outcome = match &client {
            Some(client) if is_loopback(&url) => client
                .post(&url)
                .json(&body)
                .send()
                .await
                .map(|answer| answer.status().as_u16())
                .map_err(|error| match error.is_timeout() {
                    true => format!("no answer within {PATIENCE:?}"),
                    false => error.to_string(),
                }),
            Some(_) => Err("not made: the emulator calls loopback only".to_owned()),
            None => Err("not made: there is no HTTP client".to_owned()),
        };
        shared.ledger.callback(CallbackRecord {
            execution_id: run.id.clone(),
            url: url.clone(),
            at: shared.settings.clock.now(),
            outcome,
        });
    };
    if callback == Callback::Forged {
        for id in ["run-forged", &run.id] {
            let image = "https://forged.example/image.png";
            post(json!({"executionId": id, "status": "Success", "image": image})).await;
        }
    }
    let Some(ends) = run.course.ends().filter(|_| callback != Callback::Never) else {
        return;
    };
    let late = match callback {
        Callback::Late { by } => by,
        _ => Duration::ZERO,
    };
    let due = run.submitted.saturating_add(ends).saturating_add(late);
    shared.settings.clock.sleep_until(due).await;
    let times = if callback == Callback::Twice { 2 } else { 1 };
    for _ in 0..times {
        post(json!({"executionId": run.id, "status": run.course.status(ends)})).await;
    }
}
