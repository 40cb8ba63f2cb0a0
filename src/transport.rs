//! The one place where the key meets a request, and where a failed request is judged.
//!
//! The generated client builds a request and hands it to its hooks; uploads, which it cannot
//! express, come in through [`Transport::execute`] too. The answer is taken here, where status and
//! body are still known, because progenitor's own error drops them.

mod call;
mod hooks;
mod pulse;

use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::BoxFuture;
use reqwest::header::AUTHORIZATION;
use reqwest::{Request, Response};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use crate::credentials::ApiKey;
use crate::endpoint::Endpoint;
use crate::envelope::{Answer, Head};
use crate::error::Error;
use crate::retry::{Attempts, Budget, RetryPolicy};
use crate::timeouts::Timeouts;

pub(crate) use call::Call;
pub(crate) use hooks::Hooks;
pub(crate) use hooks::generated_client;
pub(crate) use pulse::Pulse;

/// The most that an answer of the API may weigh: the service repeats a run's parameters, and the largest
/// of them is a [mask](crate::Mask::MAX_BYTES) in base64.
const MAX_ANSWER: usize = 48 * 1024 * 1024;

/// What all calls of a client share.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) endpoint: Endpoint,
    pub(crate) key: ApiKey,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
}

/// Where the requests of a call's attempts come from.
pub(crate) trait Requests: Send {
    /// The next attempt's request; `None` where the first cannot be repeated.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Request>, Error>>;

    /// Whether there is another request, should the one that was had last fail.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// The movement of a streamed body, which is then bounded by stalls and not by `attempt`.
    fn pulse(&self) -> Option<Pulse> {
        None
    }
}

impl Transport {
    /// Sends a call until it is answered, or must not or need not be sent again.
    ///
    /// # Cancellation
    /// Dropping the future ends the call; a submission that was under way is then of unknown
    /// outcome, and only its idempotency key can tell.
    pub(crate) async fn execute(
        &self,
        call: &Call,
        requests: &mut dyn Requests,
    ) -> Result<Value, Error> {
        let span = tracing::info_span!(
            "weshop",
            operation = call.operation,
            attempt = tracing::field::Empty,
            status = tracing::field::Empty,
            elapsed = tracing::field::Empty,
        );
        self.repeat(call, requests, &span)
            .instrument(span.clone())
            .await
    }

    async fn repeat(
        &self,
        call: &Call,
        requests: &mut dyn Requests,
        span: &tracing::Span,
    ) -> Result<Value, Error> {
        let started = Instant::now();
        let (per_attempt, overall) = match requests.pulse() {
            Some(_) => (self.timeouts.transfer(), self.timeouts.transfer()),
            None => (self.timeouts.attempt(), self.timeouts.overall()),
        };
        let deadline = started + overall;
        let mut attempts = self.attempts();
        let mut last: Option<Error> = None;
        let mut unknown_before = false;
        loop {
            let attempt = attempts.begin();
            let request = match (requests.next().await, last.take()) {
                (Ok(Some(request)), _) => request,
                (Err(error), None) => return Err(error.with_operation(call.operation)),
                (_, Some(error)) => return Err(error),
                (Ok(None), None) => {
                    return Err(Error::configuration(
                        "the request's body cannot be sent twice",
                    ));
                }
            };
            let until = deadline.min(Instant::now() + per_attempt);
            let result = self.attempt(call, request, requests.pulse(), until).await;
            span.record("attempt", attempt);
            span.record("elapsed", tracing::field::debug(started.elapsed()));
            let mut error = match result {
                Ok((status, json)) => {
                    span.record("status", status);
                    tracing::debug!("answered");
                    attempts.succeeded();
                    return Ok(json);
                }
                Err(error) => error.with_operation(call.operation).with_attempts(attempt),
            };
            if let Some(status) = error.status() {
                span.record("status", status);
            }
            let unknown = unknown_before || call.may_have_been_accepted(&error);
            // An id in a broken answer is the run's own: it exists and must not be started again.
            let repeat = call.repeatable(&error, unknown) && error.run_id().is_none();
            error.set_retryable(repeat && !unknown);
            let pause = (repeat && !call.once && requests.is_repeatable())
                .then(|| attempts.again(&error, Some(deadline)))
                .flatten();
            tracing::warn!(kind = ?error.kind(), again_in = ?pause, "failed");
            if unknown {
                // Once a submission may have been accepted, no later refusal can take that back.
                unknown_before = true;
                error = Error::outcome_unknown(error, started.elapsed());
            }
            if let Some(key) = &call.idempotency_key {
                error = error.with_idempotency_key(key.clone());
            }
            let Some(pause) = pause else {
                return Err(error);
            };
            last = Some(error);
            sleep(pause).await;
        }
    }

    /// The attempts of a call that begins.
    pub(crate) fn attempts(&self) -> Attempts<'_> {
        Attempts::new(&self.retry, &self.budget)
    }

    async fn attempt(
        &self,
        call: &Call,
        mut request: Request,
        pulse: Option<Pulse>,
        until: Instant,
    ) -> Result<(u16, Value), Error> {
        if let Some(pulse) = &pulse {
            pulse.beat();
        }
        self.authorize(&mut request)?;
        let started = Instant::now();
        let stall = self.timeouts.stall();
        let timed_out = || Error::timeout(started.elapsed(), None);
        let send = self.http.execute(request);
        let sent = timeout_at(until, async {
            match &pulse {
                Some(pulse) => pulse.guard(stall, send).await,
                None => Some(send.await),
            }
        });
        let response = sent
            .await
            .ok()
            .flatten()
            .ok_or_else(timed_out)?
            .map_err(|error| not_answered(error, started.elapsed()))?;
        let (answer, trouble) = self.receive(response, until).await;
        let status = answer.status;
        // Of a read, the id is known, and must not keep it from being repeated.
        let id = answer.run_id().filter(|_| call.is_paid());
        let opened = match trouble {
            // Of a failure, what there is of a body is enough.
            Some(error) if status.is_success() => Err(error),
            _ => answer.open(call.starts_run),
        };
        match (opened, id) {
            (Ok(json), _) => Ok((status.as_u16(), json)),
            (Err(error), Some(id)) => Err(error.with_run_id(id)),
            (Err(error), None) => Err(error),
        }
    }

    /// Attaches the key, and refuses whatever would carry it elsewhere.
    fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        if !self.endpoint.admits(request.url()) {
            return Err(Error::configuration(
                "the request is not one to the API; it does not get the key",
            ));
        }
        let body = request.body().and_then(reqwest::Body::as_bytes);
        if self.key.is_in(request.url().as_str().as_bytes())
            || body.is_some_and(|body| self.key.is_in(body))
        {
            return Err(Error::configuration(
                "the API key stands in the request itself; nothing was sent",
            ));
        }
        request
            .headers_mut()
            .insert(AUTHORIZATION, self.key.header()?);
        Ok(())
    }

    /// Reads a body up to [`MAX_ANSWER`], as much of it as comes, and says what kept the rest away.
    async fn receive(&self, mut response: Response, until: Instant) -> (Answer, Option<Error>) {
        let started = Instant::now();
        let status = response.status();
        let head = Head {
            status,
            headers: std::mem::take(response.headers_mut()),
        };
        let mut body = BytesMut::new();
        let trouble = loop {
            let patience = until.min(Instant::now() + self.timeouts.stall());
            match timeout_at(patience, response.chunk()).await {
                Err(_) => {
                    let elapsed = started.elapsed();
                    break Some(Error::timeout(elapsed, Some(status.as_u16())));
                }
                Ok(Ok(None)) => break None,
                Ok(Ok(Some(chunk))) if body.len() + chunk.len() > MAX_ANSWER => {
                    let reason = "it is larger than 48 MiB";
                    break Some(Error::unreadable(status.as_u16(), reason, ""));
                }
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Ok(Err(source)) => {
                    let reason = "it was cut off";
                    let error = Error::unreadable(status.as_u16(), reason, "");
                    break Some(error.with_source(source.without_url()));
                }
            }
        };
        let answer = Answer::new(head, body.freeze(), trouble.is_some(), &self.key);
        (answer, trouble)
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport")
            .field("endpoint", &self.endpoint.base())
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// What a request that got no answer means.
pub(crate) fn not_answered(error: reqwest::Error, elapsed: Duration) -> Error {
    let error = error.without_url();
    if error.is_builder() {
        Error::configuration("the request cannot be built").with_source(error)
    } else if error.is_connect() {
        Error::connect(error)
    } else if error.is_timeout() {
        Error::timeout(elapsed, None).with_source(error)
    } else {
        Error::transport(error)
    }
}
