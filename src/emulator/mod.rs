//! The service on loopback: the same paths, envelopes and pictures, without key, network or cost.
//!
//! An [`Emulator`] listens on 127.0.0.1 and nowhere else, keeps everything in memory, and fetches
//! nothing. Runs live by a [`Clock`] and their images are real PNGs: `expandimage` gives the target
//! size with the original in its place, `removeBG` the colour behind the subject, every other agent
//! the original with a mark of its own. A page at `/` shows it all to a person with a browser.
//!
//! ```
//! # async fn f() -> std::io::Result<()> {
//! use std::time::Duration;
//! use weshop::emulator::Emulator;
//!
//! let emulator = Emulator::builder()
//!     .run_time(Duration::from_millis(200))
//!     .start()
//!     .await?;
//! println!("POST {}/openapi/agent/runs", emulator.url());
//! emulator.shutdown().await;
//! # Ok(()) }
//! ```

mod builder;
mod callbacks;
mod check;
mod clock;
mod draw;
mod fault;
mod judge;
mod ledger;
mod life;
mod mask;
mod millis;
mod observe;
mod page;
mod pictures;
mod presets;
mod reply;
mod routes;
mod script;
mod server;
mod spec;
mod state;
mod strike;

pub use builder::EmulatorBuilder;
pub use callbacks::Callback;
pub use clock::Clock;
pub use fault::Fault;
pub use judge::{Judgement, judge};
pub use ledger::{CallbackRecord, Charge, RecordedRequest};
pub use life::Life;
pub use script::{Operation, Rule, Scenario, Soak};

use std::fmt;
use std::sync::Arc;

/// The examples of the guide, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
struct Guide;

/// The key that an emulator takes unless it is told otherwise; worth nothing anywhere else.
///
/// A client that talks to an emulator sends this one, so that a real key never leaves for loopback.
pub const API_KEY: &str = crate::EMULATOR_KEY;

/// A running emulator. Dropping it stops it: no task, connection or port stays behind.
pub struct Emulator {
    shared: Arc<state::Shared>,
    server: Option<server::Server>,
}

impl Emulator {
    /// Starts an emulator with every setting at its default, on a port that the system chooses.
    ///
    /// # Errors
    /// When no loopback port can be had.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start() -> std::io::Result<Self> {
        Self::builder().start().await
    }

    /// Sets up an emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// The base URL, for example `http://127.0.0.1:40123`; the API's paths, `/openapi/…`, hang below it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.api
    }

    /// The base URL of result images: [`url`](Self::url), or another port when
    /// [`results_on_other_port`](EmulatorBuilder::results_on_other_port) asked for one.
    #[must_use]
    pub fn results_url(&self) -> &str {
        &self.shared.results
    }

    /// The clock that runs live by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.settings.clock
    }

    /// Stops taking connections, lets the requests under way end for up to a second, and stops.
    pub async fn shutdown(mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.shared.api;
        f.debug_struct("Emulator")
            .field("url", url)
            .finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // A second panic while a test is failing already would hide the first one's words.
        if self.shared.settings.strict && !std::thread::panicking() {
            self.assert_nothing_unexpected();
        }
    }
}
