//! How an emulator is set up.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{API_KEY, Clock, Emulator, Scenario, server, state};

/// Everything that can be chosen about an emulator. Made by [`Emulator::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct EmulatorBuilder {
    port: u16,
    other_port: bool,
    settings: Settings,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// `None` takes any key that is not empty.
    pub(super) api_key: Option<Secret>,
    pub(super) run_time: Duration,
    pub(super) price_per_image: u32,
    pub(super) idempotency: bool,
    pub(super) seed: u64,
    pub(super) max_upload: usize,
    pub(super) clock: Clock,
    pub(super) scenario: Scenario,
    /// The rules that requests are not held against.
    pub(super) waived: Vec<String>,
    pub(super) strict: bool,
}

/// A key: somebody may set a real one.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Default for EmulatorBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            other_port: false,
            settings: Settings {
                api_key: Some(Secret(API_KEY.to_owned())),
                run_time: Duration::from_millis(500),
                price_per_image: 1,
                idempotency: true,
                seed: 0,
                max_upload: 32 << 20,
                clock: Clock::real(),
                scenario: Scenario::new(),
                waived: Vec::new(),
                strict: false,
            },
        }
    }
}

impl EmulatorBuilder {
    /// The port on 127.0.0.1; 0, the default, lets the system choose.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The only key that is taken; [`API_KEY`] unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(Secret(key.into()));
        self
    }

    /// Whether any key that is not empty is taken; it takes precedence over [`api_key`](Self::api_key)
    /// when it comes later.
    pub fn accept_any_key(mut self, any: bool) -> Self {
        self.settings.api_key = (!any).then(|| Secret(API_KEY.to_owned()));
        self
    }

    /// How long a run takes from its submission to its end, by the emulator's clock. Half a second
    /// unless set; zero ends a run before it can be read.
    pub fn run_time(mut self, time: Duration) -> Self {
        self.settings.run_time = time;
        self
    }

    /// Whether result images are served from a second loopback port, as the service has them on
    /// another host. Off unless set.
    pub fn results_on_other_port(mut self, other: bool) -> Self {
        self.other_port = other;
        self
    }

    /// What one image costs, in the service's points; 1 unless set. Submitting charges for the batch.
    pub fn price_per_image(mut self, points: u32) -> Self {
        self.settings.price_per_image = points;
        self
    }

    /// Whether a repeated `Idempotency-Key` gives the run of the first submission (and is refused when
    /// the body differs). On unless set; what the real service does is not documented.
    pub fn idempotency(mut self, on: bool) -> Self {
        self.settings.idempotency = on;
        self
    }

    /// What everything random comes from; 0 unless set. The same seed and the same requests in the same
    /// order give the same answers.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The largest image that is taken in, in bytes; 32 MiB unless set.
    pub fn max_upload(mut self, bytes: usize) -> Self {
        self.settings.max_upload = bytes;
        self
    }

    /// The time that runs live by; real time unless set.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Faults, lives and callbacks other than the usual.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.settings.scenario = scenario;
        self
    }

    /// Leaves out one rule that requests are held against, by the name that
    /// [`Judgement::rule`](super::Judgement::rule) has for it, for example `any-of-background`.
    pub fn without_rule(mut self, rule: impl Into<String>) -> Self {
        self.settings.waived.push(rule.into());
        self
    }

    /// Whether dropping the emulator (or shutting it down) panics like
    /// [`Emulator::assert_nothing_unexpected`]. Off unless set.
    pub fn strict(mut self, on: bool) -> Self {
        self.settings.strict = on;
        self
    }

    /// Starts the emulator.
    ///
    /// # Errors
    /// When the port cannot be had.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(self) -> io::Result<Emulator> {
        let api = server::bind(self.port).await?;
        let results = match self.other_port {
            true => Some(server::bind(0).await?),
            false => None,
        };
        let api_url = server::url(&api)?;
        let results_url = results.as_ref().map(server::url).transpose()?;
        let (orders, callbacks) = mpsc::unbounded_channel();
        let shared = state::Shared::new(self.settings, api_url, results_url, orders);
        let shared = Arc::new(shared);
        let server = server::Server::start(api, results, &shared, callbacks)?;
        Ok(Emulator {
            shared,
            server: Some(server),
        })
    }
}
