//! What a run can be made of: the typed parameters of six agents, and free-form ones for all others.
//!
//! ```
//! use serde_json::json;
//! use weshop::agent::{FreeParams, IntoParams};
//! use weshop::generated::types::{AiposeParams, AiposeVersion};
//!
//! let typed = AiposeParams::builder()
//!     .text_description("hands in pockets".to_string())
//!     .generate_version(AiposeVersion::Pro)
//!     .into_params()?;
//! assert_eq!((typed.name(), typed.version()), ("aipose", "v1.0"));
//!
//! let other = FreeParams::new("upscaler", "v1.0", json!({"factor": 2})).into_params()?;
//! assert_eq!(other.values()["factor"], 2);
//! # Ok::<(), weshop::validate::Violations>(())
//! ```

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::agents;
use crate::generated::types;
use crate::validate::{self, Input, Options, Rule, Source, Spec, Violation, Violations};

mod builders;

mod sealed {
    pub trait Sealed {}
}

/// The parameters of an agent that this crate knows: a type of [`generated::types`](types).
///
/// The trait is implemented for the six types whose agents are described in [`agents`], and cannot be
/// implemented elsewhere; [`IntoParams`] can.
pub trait Agent: Serialize + sealed::Sealed {
    /// Name, version, schemas and rules of the agent.
    const SPEC: &'static Spec;

    /// Checks these parameters together with the input that they are for.
    ///
    /// ```
    /// use weshop::Agent;
    /// use weshop::generated::types::{ExpandimageParams, RunInput};
    ///
    /// let input: RunInput = RunInput::builder()
    ///     .original_image("https://example.com/coat.png".to_string())
    ///     .try_into()?;
    /// let params: ExpandimageParams =
    ///     ExpandimageParams::builder().target_width(1920).target_height(5000).try_into()?;
    /// let violations = params.validate(&input).unwrap_err();
    /// assert_eq!(violations[0].message(), "`targetHeight` must be from 1 to 4096");
    /// # Ok::<(), weshop::generated::types::error::ConversionError>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with them.
    fn validate<'a>(&self, input: impl Into<Input<'a>>) -> Result<(), Violations> {
        self.validate_with(input, &Options::default())
    }

    /// As [`validate`](Agent::validate), except for what `options` says.
    ///
    /// # Errors
    /// Everything that is wrong with them and not stepped around.
    fn validate_with<'a>(
        &self,
        input: impl Into<Input<'a>>,
        options: &Options,
    ) -> Result<(), Violations> {
        validate::check(Self::SPEC, &input.into(), &object(self)?, options)
    }
}

/// What becomes the `agent` and the `params` of a request.
///
/// Implemented for the parameters of the typed agents, for their builders, and for [`FreeParams`].
pub trait IntoParams {
    /// Turns it into JSON.
    ///
    /// # Errors
    /// Parameters that are no JSON object. What is missing, of a value that does not exist, or wrong
    /// otherwise comes to light in [`Params::check`], all of it together with the input.
    fn into_params(self) -> Result<Params, Violations>;
}

/// An agent's name and version and the parameters for it, ready to be checked and sent.
#[derive(Clone)]
pub struct Params {
    name: Cow<'static, str>,
    version: Cow<'static, str>,
    spec: Option<&'static Spec>,
    values: Map<String, Value>,
    /// What a builder was given and could not convert, which is not among the values.
    refused: Vec<Violation>,
}

impl Params {
    fn of<A: Agent>(params: &A) -> Result<Self, Violations> {
        Ok(Self {
            name: A::SPEC.name().into(),
            version: A::SPEC.version().into(),
            spec: Some(A::SPEC),
            values: object(params)?,
            refused: Vec::new(),
        })
    }

    /// The agent's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The agent's version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What is known of the agent; `None` if its parameters are free-form.
    pub fn spec(&self) -> Option<&'static Spec> {
        self.spec
    }

    /// The parameters as they go over the wire, without what a builder could not convert.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// Name, version and parameters.
    pub(crate) fn into_parts(self) -> (String, String, Map<String, Value>) {
        (
            self.name.into_owned(),
            self.version.into_owned(),
            self.values,
        )
    }

    /// Checks the parameters together with the input that they are for.
    ///
    /// # Errors
    /// Everything that is wrong with them and not stepped around.
    pub fn check(&self, input: &Input<'_>, options: &Options) -> Result<(), Violations> {
        self.check_noting(input, options, &self.refused)
    }

    /// What is wrong whatever the rules are: values that could not be converted.
    pub(crate) fn refused(&self) -> &[Violation] {
        &self.refused
    }

    /// As [`check`](Self::check), with all that is known to be wrong before.
    pub(crate) fn check_noting(
        &self,
        input: &Input<'_>,
        options: &Options,
        noted: &[Violation],
    ) -> Result<(), Violations> {
        let named = [&*self.name, &*self.version];
        match self.spec {
            Some(spec) => validate::check_noting(spec, input, &self.values, options, noted),
            None => validate::check_unknown_noting(named, input, options, noted),
        }
    }
}

impl IntoParams for Params {
    fn into_params(self) -> Result<Params, Violations> {
        Ok(self)
    }
}

// The values are a request's contents.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Params")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Free-form parameters, for agents that are not typed here.
///
/// Nothing is known of such an agent, so nothing but the URLs of the input is checked. If it is one of
/// [`agents::ALL`] after all, in the version that is known, its rules hold here too.
#[derive(Clone)]
pub struct FreeParams {
    name: String,
    version: String,
    params: Value,
}

impl FreeParams {
    /// An agent by name and version, and a JSON object of whatever it takes.
    pub fn new(name: impl Into<String>, version: impl Into<String>, params: Value) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            params,
        }
    }
}

impl IntoParams for FreeParams {
    fn into_params(self) -> Result<Params, Violations> {
        let Self {
            name,
            version,
            params,
        } = self;
        let Value::Object(values) = params else {
            return Err(not_an_object());
        };
        let spec = agents::find(&name).filter(|spec| spec.version() == version);
        Ok(Params {
            name: name.into(),
            version: version.into(),
            spec,
            values,
            refused: Vec::new(),
        })
    }
}

impl fmt::Debug for FreeParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreeParams")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

fn object<T: Serialize + ?Sized>(params: &T) -> Result<Map<String, Value>, Violations> {
    match serde_json::to_value(params) {
        Ok(Value::Object(values)) => Ok(values),
        _ => Err(not_an_object()),
    }
}

fn not_an_object() -> Violations {
    let message = "`params` must be an object".to_owned();
    Violation::new("/params".to_owned(), Rule::Type, message).into()
}

/// Local images are not opened: what depends on a file's size is checked when it is submitted.
impl<'a> From<&'a crate::Input> for Input<'a> {
    fn from(input: &'a crate::Input) -> Self {
        let mut view = Self::new();
        view.original_image = Some(input.original.as_source());
        view.fashion_model_image = input.fashion_model.as_ref().map(|image| image.as_source());
        view.location_image = input.location.as_ref().map(|image| image.as_source());
        view.task_name = input.task_name.as_deref();
        view.extra = Some(&input.extra);
        view
    }
}

impl<'a> From<&'a types::RunInput> for Input<'a> {
    fn from(input: &'a types::RunInput) -> Self {
        let mut view = Self::from(input.original_image.as_str());
        view.task_name = input.task_name.as_deref();
        view.extra = Some(&input.extra);
        view
    }
}

impl<'a> From<&'a types::VirtualtryonInput> for Input<'a> {
    fn from(input: &'a types::VirtualtryonInput) -> Self {
        let mut view = Self::from(input.original_image.as_str());
        view.fashion_model_image = input.fashion_model_image.as_deref().map(Source::Url);
        view.location_image = input.location_image.as_deref().map(Source::Url);
        view.task_name = input.task_name.as_deref();
        view.extra = Some(&input.extra);
        view
    }
}
