//! The generated client's way through [`Transport`].

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::{Request, Response};

use super::{Call, Requests, Transport};
use crate::error::Error;
use crate::generated;

/// What the generated client carries: the way through [`Transport`].
#[derive(Debug, Clone)]
pub struct Hooks {
    transport: Arc<Transport>,
    call: Option<Arc<Call>>,
}

/// The generated client for one call of the thin layer, or, without a call, for the caller's own.
pub(crate) fn generated_client(
    transport: &Arc<Transport>,
    call: Option<&Arc<Call>>,
) -> generated::Client {
    generated::Client::new_with_client(
        transport.endpoint.base(),
        transport.http.clone(),
        Hooks {
            transport: Arc::clone(transport),
            call: call.cloned(),
        },
    )
}

/// A failure on its way to `post`, which alone can hand an error to the generated client.
#[derive(Clone)]
struct Failed(String);

/// No HTTP status, so that no documented response is mistaken for it.
const NO_ANSWER: u16 = 999;

impl ClientHooks<Hooks> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let hooks = self.inner();
        let raw;
        let call = match &hooks.call {
            Some(call) => call.as_ref(),
            None => {
                raw = Call::raw(info.operation_id, &request);
                &raw
            }
        };
        let outcome = hooks.transport.execute(call, &mut Cloned(request)).await;
        let mut response = http::Response::new(Bytes::new());
        match outcome {
            outcome if hooks.call.is_some() => {
                call.leave(outcome);
                *response.status_mut() = http::StatusCode::from_u16(NO_ANSWER).unwrap_or_default();
            }
            Ok(json) => *response.body_mut() = json.to_string().into(),
            Err(error) => {
                response.extensions_mut().insert(Failed(error.to_string()));
            }
        }
        Ok(Response::from(response))
    }

    async fn post<E>(
        &self,
        result: &reqwest::Result<Response>,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let failed = result
            .as_ref()
            .ok()
            .and_then(|response| response.extensions().get());
        match failed {
            Some(Failed(why)) => Err(progenitor_client::Error::Custom(why.clone())),
            None => Ok(()),
        }
    }
}

struct Cloned(Request);

impl Requests for Cloned {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Request>, Error>> {
        let request = self.0.try_clone();
        Box::pin(async move { Ok(request) })
    }
}
