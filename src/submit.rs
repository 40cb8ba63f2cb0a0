//! Submitting a run: looked at, uploaded, sent once.
//!
//! Every logical submission has an [`IdempotencyKey`], which can be read before anything is sent
//! and stands in every error. What becomes of a submission that fails:
//!
//! | failure | |
//! |---|---|
//! | the request breaks a rule | [`InvalidRequest`](crate::ErrorKind::InvalidRequest); nothing sent, nothing uploaded |
//! | no connection, 429, 503 with `Retry-After`, `retryable: true` | sent again with the same key, as [`RetryPolicy`](crate::RetryPolicy) says |
//! | any other refusal | [`Api`](crate::ErrorKind::Api) |
//! | anything that may have been accepted | [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown), **not** sent again |
//!
//! ```no_run
//! use weshop::{Client, types};
//!
//! # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
//! let params = types::AimodelParams::builder()
//!     .generated_content(types::GeneratedContent::FreeCreation)
//!     .mask_type(types::MaskType::AutoApparelSegment)
//!     .text_description("street style fashion photo".to_string());
//! let submission = client.submit("coat.png", params);
//! println!("key {}", submission.idempotency_key()); // worth keeping before it is sent
//! let run = submission.await?;
//! println!("run {}", run.id());
//! # Ok(()) }
//! ```

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, try_join};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::agent::{IntoParams, Params};
use crate::client::Client;
use crate::envelope::run_id;
use crate::error::Error;
use crate::generated::{operations, types};
use crate::ids::IdempotencyKey;
use crate::image::{Image, Inspected};
use crate::input::Input;
use crate::run::{Receipt, Run};
use crate::transport::Call;
use crate::validate::{self, Allow, Rule, Violation, Violations};

impl Client {
    /// Submits a run, **which costs money**: validates, uploads local images, posts once. Await it.
    ///
    /// `input` is anything that is an [`Image`], or an [`Input`] with more; `params` are those of one
    /// of the six typed agents, built or not yet, or [`FreeParams`](crate::FreeParams) for any other.
    ///
    /// # Errors
    /// See the table of [this module](crate::submit). Every error of a submission has its
    /// [`idempotency_key`](Error::idempotency_key).
    ///
    /// # Cancellation
    /// Dropping the future before the request is sent costs nothing. Dropped later, the run may have
    /// been accepted: the key that [`Submit::idempotency_key`] gave is then all there is to go by.
    pub fn submit(&self, input: impl Into<Input>, params: impl IntoParams) -> Submit {
        Submit {
            client: self.clone(),
            input: input.into(),
            params: params.into_params(),
            key: IdempotencyKey::random(),
            callback_url: None,
            allow: Allow::none(),
            unchecked: false,
            resend: None,
        }
    }

    /// [`submit`](Self::submit) without any rule but the service's own. A trace shows it.
    pub fn submit_unchecked(&self, input: impl Into<Input>, params: impl IntoParams) -> Submit {
        Submit {
            unchecked: true,
            ..self.submit(input, params)
        }
    }

    /// Sends a run that was [prepared](Submit::prepare), by this process or another. Sending it again
    /// sends the same key and the same body.
    ///
    /// # Errors
    /// As [`submit`](Self::submit), save that it was validated before.
    ///
    /// # Cancellation
    /// As [`submit`](Self::submit).
    pub async fn send(&self, run: &PreparedRun) -> Result<Run, Error> {
        let resend = run.resend.unwrap_or(self.resend_unknown());
        let key = &run.idempotency_key;
        let call = Arc::new(Call::submission(
            operations::SUBMIT_RUN.id,
            key.clone(),
            resend,
        ));
        let sent = self
            .api(&call)
            .submit_run()
            .idempotency_key(key.as_str())
            .body(run.request.clone())
            .send()
            .await;
        let json = call
            .finish(sent)
            .map_err(|error| error.with_idempotency_key(key.clone()))?;
        // The transport lets no answer without an id through.
        let id = run_id(&json).ok_or_else(|| {
            let error = Error::unreadable(200, "success without an execution id", "");
            Error::outcome_unknown(error, Duration::ZERO).with_idempotency_key(key.clone())
        })?;
        let receipt = Receipt::read(key.clone(), &json);
        Ok(Run::submitted(self.clone(), id, receipt, run))
    }
}

/// A run that is about to be submitted. Await it, or [`prepare`](Self::prepare) it first.
#[must_use = "nothing is sent until it is awaited"]
pub struct Submit {
    client: Client,
    input: Input,
    params: Result<Params, Violations>,
    key: IdempotencyKey,
    callback_url: Option<String>,
    allow: Allow,
    unchecked: bool,
    resend: Option<bool>,
}

impl Submit {
    /// The key that this submission will have, to be kept before it is sent.
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// A key of the caller's own, or one of an earlier submission whose outcome is unknown. What the
    /// service does with a key that it knows is not documented.
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.key = key;
        self
    }

    /// A public URL that the service tells when the run ends. Take such a call for a hint:
    /// [`Client::notify`] makes the run's wait ask at once.
    pub fn with_callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Steps around one rule, because the service may move ahead of this crate. A trace shows it.
    pub fn allow(mut self, rule: Rule) -> Self {
        self.allow = self.allow.and(rule);
        self
    }

    /// Whether this submission is sent again with the same key should its outcome be unknown. This
    /// may charge twice; see [`ClientBuilder::resend_unknown`](crate::ClientBuilder::resend_unknown).
    pub fn resend_unknown(mut self, resend: bool) -> Self {
        self.resend = Some(resend);
        self
    }

    /// Does everything but sending: validates, and uploads local images. The result serialises, so
    /// that key **and body** can be kept until the run is known to exist.
    ///
    /// # Errors
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with all violations, those of reading
    /// local images, and those of [uploading](Client::upload).
    ///
    /// # Cancellation
    /// Dropping the future costs nothing.
    pub async fn prepare(self) -> Result<PreparedRun, Error> {
        let key = self.key.clone();
        self.prepared()
            .await
            .map_err(|error| error.with_idempotency_key(key))
    }

    async fn prepared(self) -> Result<PreparedRun, Error> {
        let params = self.params?;
        let Input {
            original,
            fashion_model,
            location,
            task_name,
            extra,
        } = self.input;
        let mut noted = params.refused().to_vec();
        let images = [
            ("fashionModelImage", &fashion_model),
            ("locationImage", &location),
        ];
        let given = images.into_iter().filter(|(_, image)| image.is_some());
        let own = ["originalImage", "taskName"].into_iter();
        for twice in own.chain(given.map(|(name, _)| name)) {
            if extra.contains_key(twice) {
                let message = format!("`{twice}` has a place of its own in `Input`: set it there");
                let pointer = format!("/input/{twice}");
                noted.push(Violation::new(pointer, Rule::UnknownField, message));
            }
        }
        let original = original.inspect().await?;
        let fashion_model = inspect(fashion_model).await?;
        let location = inspect(location).await?;
        if self.unchecked {
            tracing::warn!(agent = params.name(), "submitting without validation");
            Violations::of(noted)?;
        } else {
            if !self.allow.is_empty() {
                tracing::warn!(agent = params.name(), rules = %self.allow, "rules are stepped around");
            }
            if !self.allow.contains(Rule::ImageFormat) {
                let images = [
                    ("originalImage", Some(&original)),
                    ("fashionModelImage", fashion_model.as_ref()),
                    ("locationImage", location.as_ref()),
                ];
                let complaint = |(name, image): (&str, Option<&Inspected>)| {
                    image?.complaint(format!("/input/{name}"))
                };
                noted.extend(images.into_iter().filter_map(complaint));
            }
            let mut input = validate::Input::new();
            input.original_image = Some(original.as_source());
            input.fashion_model_image = fashion_model.as_ref().map(Inspected::as_source);
            input.location_image = location.as_ref().map(Inspected::as_source);
            input.task_name = task_name.as_deref();
            input.extra = Some(&extra);
            input.callback_url = self.callback_url.as_deref();
            let mut options = validate::Options::default().allow_all(self.allow);
            if self.client.transport().endpoint.is_emulator() {
                options = options.allow_loopback_images();
            }
            params.check_noting(&input, &options, &noted)?;
        }
        let client = &self.client;
        let (original, (fashion_model, location)) = try_join(
            client.url_of(original),
            try_join(client.url_if(fashion_model), client.url_if(location)),
        )
        .await?;
        let mut fields = extra;
        for (field, url) in [
            ("fashionModelImage", fashion_model),
            ("locationImage", location),
        ] {
            if let Some(url) = url {
                fields.insert(field.to_owned(), url.into());
            }
        }
        let (name, version, params) = params.into_parts();
        // Built and not written out, so that a field that the document gains does not break it.
        let request = types::RunRequest::builder()
            .agent(types::AgentRef::builder().name(name).version(version))
            .input(
                types::RunInput::builder()
                    .original_image(original)
                    .task_name(task_name)
                    .extra(fields),
            )
            .params(params)
            .callback_url(self.callback_url)
            .try_into()
            .map_err(|error: types::error::ConversionError| {
                Error::configuration("the request cannot be built").with_source(error)
            })?;
        Ok(PreparedRun {
            idempotency_key: self.key,
            resend: self.resend,
            request,
        })
    }
}

async fn inspect(image: Option<Image>) -> Result<Option<Inspected>, Error> {
    match image {
        Some(image) => image.inspect().await.map(Some),
        None => Ok(None),
    }
}

impl Client {
    async fn url_of(&self, image: Inspected) -> Result<String, Error> {
        Ok(self.uploaded(image).await?.into_url())
    }

    async fn url_if(&self, image: Option<Inspected>) -> Result<Option<String>, Error> {
        match image {
            Some(image) => self.url_of(image).await.map(Some),
            None => Ok(None),
        }
    }
}

impl IntoFuture for Submit {
    type Output = Result<Run, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let client = self.client.clone();
            client.send(&self.prepare().await?).await
        })
    }
}

impl fmt::Debug for Submit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit")
            .field("idempotency_key", &self.key)
            .field("agent", &self.params.as_ref().ok().map(Params::name))
            .finish_non_exhaustive()
    }
}

/// A run that is ready to be sent: its key, and the request as it will stand on the wire.
///
/// Keep it (it serialises) until the run is known to exist. After a crash or an unknown outcome,
/// [`Client::send`] sends the same key with the same body.
#[derive(Clone, Serialize, Deserialize)]
pub struct PreparedRun {
    idempotency_key: IdempotencyKey,
    /// What [`Submit::resend_unknown`] chose; the client's choice where it chose nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resend: Option<bool>,
    request: types::RunRequest,
}

impl PreparedRun {
    /// The key that it will be sent with.
    pub fn idempotency_key(&self) -> &IdempotencyKey {
        &self.idempotency_key
    }

    /// The request.
    pub fn request(&self) -> &types::RunRequest {
        &self.request
    }

    pub(crate) fn params(&self) -> &Map<String, Value> {
        &self.request.params
    }
}

impl fmt::Debug for PreparedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedRun")
            .field("idempotency_key", &self.idempotency_key)
            .field("agent", &self.request.agent.name)
            .finish_non_exhaustive()
    }
}
