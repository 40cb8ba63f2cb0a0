//! Where requests may go: the official service, or an emulator on loopback.

use std::net::IpAddr;

use reqwest::Url;

use crate::credentials::ApiKey;
use crate::error::Error;

/// The official service. Nothing else ever receives a user's key.
const OFFICIAL: &str = "https://openapi.weshop.ai";

/// Every path of the API begins with this.
const PREFIX: &str = "/openapi/";

/// The environment variable that names a running emulator.
pub const EMULATOR_VARIABLE: &str = "WESHOP_EMULATOR_URL";

/// The key that an emulator is given, so that a user's own never is.
pub const EMULATOR_KEY: &str = "weshop-emulator-key";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    base: Url,
    emulator: bool,
}

impl Endpoint {
    pub(crate) fn official() -> Result<Self, Error> {
        let base = Url::parse(OFFICIAL)
            .map_err(|error| Error::configuration("the endpoint").with_source(error))?;
        Ok(Self {
            base,
            emulator: false,
        })
    }

    pub(crate) fn emulator(url: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::configuration(format!("the emulator's URL {why}"));
        let base = Url::parse(url.trim()).map_err(|error| {
            refuse("is no URL, `http://127.0.0.1:PORT` is one").with_source(error)
        })?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(refuse("is not http"));
        }
        if !base.host_str().is_some_and(is_loopback) {
            return Err(refuse("is not on loopback"));
        }
        if base.path() != "/" || base.query().is_some() || base.fragment().is_some() {
            return Err(refuse("has a path; give the part before `/openapi/`"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refuse("has a user name or password"));
        }
        Ok(Self {
            base,
            emulator: true,
        })
    }

    pub(crate) fn emulator_key() -> Result<ApiKey, Error> {
        ApiKey::new(EMULATOR_KEY)
    }

    pub(crate) fn is_emulator(&self) -> bool {
        self.emulator
    }

    /// The base that the generated client puts its paths behind.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The URL of an operation that the generated client does not cover.
    pub(crate) fn join(&self, path: &str) -> Result<Url, Error> {
        self.base
            .join(path)
            .map_err(|error| Error::configuration("an operation's path").with_source(error))
    }

    /// Whether a request to this URL may bear the key.
    pub(crate) fn admits(&self, url: &Url) -> bool {
        url.scheme() == self.base.scheme()
            && url.host() == self.base.host()
            && url.port_or_known_default() == self.base.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none()
            && url.path().starts_with(PREFIX)
    }
}

fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    match literal.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_key_goes_to_the_api_alone() {
        let official = Endpoint::official().unwrap();
        for (url, admitted) in [
            ("https://openapi.weshop.ai/openapi/agent/runs", true),
            ("https://openapi.weshop.ai:443/openapi/agent/runs", true),
            ("http://openapi.weshop.ai/openapi/agent/runs", false),
            ("https://openapi.weshop.ai:8443/openapi/agent/runs", false),
            ("https://openapi.weshop.ai.evil.example/openapi/x", false),
            ("https://user@openapi.weshop.ai/openapi/x", false),
            ("https://openapi.weshop.ai/openapi/../elsewhere", false),
            ("https://openapi.weshop.ai/other", false),
            ("https://weshop.ai/openapi/agent/runs", false),
        ] {
            assert_eq!(
                official.admits(&Url::parse(url).unwrap()),
                admitted,
                "{url}"
            );
        }
    }

    #[test]
    fn an_emulator_is_on_loopback() {
        for url in [
            "http://127.0.0.1:1",
            "http://localhost:9/",
            "http://[::1]:80",
            "http://127.9.9.9:3",
        ] {
            assert!(Endpoint::emulator(url).unwrap().is_emulator(), "{url}");
        }
        for url in [
            "http://10.0.0.1:80",
            "http://localhost.evil.example:80",
            "http://127.0.0.1:80/openapi",
            "http://me@127.0.0.1:80",
            "file:///etc/passwd",
            "https://openapi.weshop.ai",
            "",
        ] {
            assert!(Endpoint::emulator(url).is_err(), "{url}");
        }
    }
}
