//! The six agents whose parameters are typed, a module each: what it is for, and its rules.
//!
//! | module | agent | for |
//! |---|---|---|
//! | [`virtualtryon`] | `virtualtryon` | a garment on a generated model |
//! | [`aimodel`] | `aimodel` | apparel photos with another model, another scene, or both |
//! | [`aiproduct`] | `aiproduct` | product still life: a background made or edited |
//! | [`aipose`] | `aipose` | the same garment in another pose |
//! | [`expandimage`] | `expandimage` | a larger canvas around the image |
//! | [`removebg`] | `removeBG` | the background removed, or replaced with a colour |
//!
//! Any other agent is reached with [`FreeParams`](crate::FreeParams). Jobs that come as JSON are checked
//! by [`validate()`]:
//!
//! ```
//! let job = serde_json::json!({
//!     "agent": {"name": "aipose", "version": "v1.0"},
//!     "input": {"originalImage": "https://example.com/coat.png"},
//!     "params": {"textDescription": "hands in pockets", "batch_count": 2},
//! });
//! let violations = weshop::agents::validate(&job).unwrap_err();
//! assert_eq!(violations[0].pointer(), "/params/batch_count");
//! assert_eq!(violations[0].message(), "there is no such field: write it `batchCount`");
//! ```

use serde_json::Value;

use crate::validate::{self, Options, Spec, Violations};

pub mod aimodel;
pub mod aipose;
pub mod aiproduct;
pub mod expandimage;
mod masks;
pub mod removebg;
pub mod virtualtryon;

/// The typed agents.
pub static ALL: &[&Spec] = &[
    &virtualtryon::SPEC,
    &aimodel::SPEC,
    &aiproduct::SPEC,
    &aipose::SPEC,
    &expandimage::SPEC,
    &removebg::SPEC,
];

/// The typed agent of this name.
pub fn find(name: &str) -> Option<&'static Spec> {
    ALL.iter().copied().find(|agent| agent.name() == name)
}

/// Checks a whole request that came as JSON, `{"agent", "input", "params", "callbackUrl"}`, by the name
/// of its agent. The `params` of agents that are not in [`ALL`] are free-form.
///
/// # Errors
/// Everything that is wrong with it.
pub fn validate(request: &Value) -> Result<(), Violations> {
    validate_with(request, &Options::default())
}

/// As [`validate()`], except for what `options` says.
///
/// # Errors
/// Everything that is wrong with it and not stepped around.
pub fn validate_with(request: &Value, options: &Options) -> Result<(), Violations> {
    validate::request(ALL, request, options)
}
