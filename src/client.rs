//! The client and how it is set up.
//!
//! ```
//! use std::time::Duration;
//! use weshop::{Client, Timeouts};
//!
//! let client = Client::builder()
//!     .api_key("the-key")
//!     .timeouts(Timeouts::new().with_connect(Duration::from_secs(5)))
//!     .build()?;
//! assert!(!format!("{client:?}").contains("the-key"));
//! # Ok::<(), weshop::Error>(())
//! ```

use std::env::VarError;
use std::fmt;
use std::sync::Arc;

use reqwest::redirect::Policy;

use crate::credentials::ApiKey;
use crate::endpoint::{EMULATOR_VARIABLE, Endpoint};
use crate::error::Error;
use crate::generated;
use crate::retry::{Budget, RetryPolicy};
use crate::schedule::Learned;
use crate::timeouts::Timeouts;
use crate::transport::{Call, Transport, generated_client};
use crate::wait::{PollLimits, Waits};

/// Redirects that a download follows. It never had the key, so they are harmless.
const DOWNLOAD_REDIRECTS: usize = 5;

/// A client of the WeShop Agent API.
///
/// Cloning it is cheap, and clones share connections and the retry budget: make one, clone it into
/// every task.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<Transport>,
    downloads: reqwest::Client,
    resend_unknown: bool,
    waits: Arc<Waits>,
}

impl Client {
    /// A client for the emulator that `WESHOP_EMULATOR_URL` names, or else for the service with the
    /// key that [`ApiKey::discover`] finds.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) where there is no key or it is unusable.
    pub fn from_env() -> Result<Self, Error> {
        match std::env::var(EMULATOR_VARIABLE) {
            Ok(url) if !url.trim().is_empty() => Self::builder().emulator(url).build(),
            Ok(_) | Err(VarError::NotPresent) => Self::builder().build(),
            // Whoever sets it does not mean the service that charges.
            Err(VarError::NotUnicode(_)) => Err(Error::configuration(
                "WESHOP_EMULATOR_URL is not valid Unicode",
            )),
        }
    }

    /// A client with this key and the defaults.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration) where the key is unusable.
    pub fn new<K>(key: K) -> Result<Self, Error>
    where
        K: TryInto<ApiKey>,
        Error: From<K::Error>,
    {
        Self::builder().api_key(key).build()
    }

    /// A client to set up.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The generated client, for whatever the thin layer does not cover. It goes the same way: the
    /// key, the retries and the refusal of other hosts are the same.
    ///
    /// ```no_run
    /// # async fn example(client: weshop::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let answer = client
    ///     .generated()
    ///     .get_agent_info()
    ///     .agent_name("aimodel")
    ///     .agent_version("v1.0")
    ///     .send()
    ///     .await?;
    /// println!("{:?}", answer.data.pagination);
    /// # Ok(()) }
    /// ```
    pub fn generated(&self) -> generated::Client {
        generated_client(&self.inner.transport, None)
    }

    /// The generated client for one call of the thin layer.
    pub(crate) fn api(&self, call: &Arc<Call>) -> generated::Client {
        generated_client(&self.inner.transport, Some(call))
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    pub(crate) fn downloads(&self) -> &reqwest::Client {
        &self.inner.downloads
    }

    pub(crate) fn waits(&self) -> &Arc<Waits> {
        &self.inner.waits
    }

    pub(crate) fn resend_unknown(&self) -> bool {
        self.inner.resend_unknown
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.transport.fmt(f)
    }
}

/// Sets up a [`Client`].
#[derive(Debug, Default)]
pub struct ClientBuilder {
    api_key: Option<Result<ApiKey, Error>>,
    emulator: Option<String>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    resend_unknown: bool,
    user_agent: Option<String>,
    poll_limits: PollLimits,
    learned: Learned,
}

impl ClientBuilder {
    /// The key, in place of the one that [`ApiKey::discover`] would find.
    pub fn api_key<K>(mut self, key: K) -> Self
    where
        K: TryInto<ApiKey>,
        Error: From<K::Error>,
    {
        self.api_key = Some(key.try_into().map_err(Error::from));
        self
    }

    /// An emulator in place of the service: `http://127.0.0.1:PORT`. It must be on loopback, and it
    /// gets [a key of its own](crate::EMULATOR_KEY), whatever [`api_key`](Self::api_key) says.
    pub fn emulator(mut self, url: impl Into<String>) -> Self {
        self.emulator = Some(url.into());
        self
    }

    /// How long anything may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How often failed requests are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Whether a submission of unknown outcome is sent again with the same idempotency key, instead
    /// of being reported. What the service does with a known key is not documented, so this may
    /// charge twice; it is off unless set. [`Submit::resend_unknown`](crate::Submit::resend_unknown)
    /// sets it for one call.
    pub fn resend_unknown(mut self, resend: bool) -> Self {
        self.resend_unknown = resend;
        self
    }

    /// How hard all waits of the client together may press the service.
    pub fn poll_limits(mut self, limits: PollLimits) -> Self {
        self.poll_limits = limits;
        self
    }

    /// What an earlier client [has learned](Client::learned) of how long runs take.
    pub fn learned(mut self, learned: Learned) -> Self {
        self.learned = learned;
        self
    }

    /// What stands before this crate's name in the `User-Agent` header.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Makes the client. It connects to nothing yet.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration): no key, an unusable key, an emulator
    /// that is not on loopback, or a TLS set-up that fails; [`Io`](crate::ErrorKind::Io): the
    /// credentials file cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let (endpoint, key) = match self.emulator {
            Some(url) => (Endpoint::emulator(&url)?, Endpoint::emulator_key()?),
            None => {
                let key = self.api_key.unwrap_or_else(ApiKey::discover)?;
                (Endpoint::official()?, key)
            }
        };
        let crate_agent = concat!("weshop-rs/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &self.user_agent {
            Some(product) => format!("{product} {crate_agent}"),
            None => crate_agent.to_owned(),
        };
        let http = || {
            let builder = reqwest::Client::builder()
                .connect_timeout(self.timeouts.connect())
                .user_agent(&user_agent)
                .referer(false)
                // What is repeated, and what never is, is decided in one place.
                .retry(reqwest::retry::never());
            match endpoint.is_emulator() {
                true => builder.no_proxy(),
                false => builder,
            }
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|error| Error::configuration("the HTTP client").with_source(error))
        };
        let api = build(
            http()
                .redirect(Policy::none())
                .https_only(!endpoint.is_emulator()),
        )?;
        let downloads = build(http().redirect(Policy::limited(DOWNLOAD_REDIRECTS)))?;
        let transport = Transport {
            http: api,
            endpoint,
            key,
            timeouts: self.timeouts,
            budget: Budget::new(&self.retry),
            retry: self.retry,
        };
        Ok(Client {
            inner: Arc::new(Inner {
                transport: Arc::new(transport),
                downloads,
                resend_unknown: self.resend_unknown,
                waits: Arc::new(Waits::new(self.poll_limits, self.learned)),
            }),
        })
    }
}
