//! A client of the WeShop Agent API: one product photo becomes many.
//!
//! ```no_run
//! use std::time::Duration;
//! use weshop::{Client, types};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! let params = types::AimodelParams::builder()
//!     .generated_content(types::GeneratedContent::FreeCreation)
//!     .mask_type(types::MaskType::AutoApparelSegment)
//!     .text_description("street style fashion photo".to_string())
//!     .batch_count(2);
//! let run = client.submit("coat.png", params).await?; // validates, uploads, submits once
//! let done = run.wait().with_deadline(Duration::from_secs(600)).await?;
//! let images = done.save_images("out").await?;
//! # let _ = images;
//! # Ok(()) }
//! ```
//!
//! | to | see |
//! |---|---|
//! | choose an agent and its parameters | [`agents`], [`types`], [`FreeParams`] |
//! | check requests without sending any | [`agents::validate`], [`Agent::validate`], [`validate`] |
//! | submit, and know what a failure means for the bill | [`submit`], [`RetryPolicy`], [`Timeouts`] |
//! | wait, for one run or for thousands | [`wait`], [`schedule`] |
//! | find a run again | [`Client::run`], [`RunId`], [`PreparedRun`] |
//! | take what is not covered from the raw client | [`Client::generated`], [`generated`] |
//! | test your own code without paying | the module `emulator`, behind the feature of that name |
//!
//! Every run that is submitted costs money, and the key pays for it. What this crate promises about
//! both is in the README; how it keeps its word is in ARCHITECTURE.md.
//!
//! # Features
//! - `emulator`: the service on loopback, for tests. Off by default, and heavy: a web server, image
//!   decoding, JSON Schema.

pub mod agent;
pub mod agents;
mod client;
mod credentials;
mod download;
mod endpoint;
mod envelope;
mod error;
pub mod generated;
mod ids;
mod image;
mod input;
mod json;
pub mod mask;
mod presets;
mod retry;
mod run;
pub mod schedule;
mod snapshot;
pub mod submit;
mod timeouts;
mod transport;
mod upload;
pub mod validate;
pub mod wait;

#[cfg(feature = "emulator")]
pub mod emulator;

pub use agent::{Agent, FreeParams, IntoParams, Params};
pub use client::{Client, ClientBuilder};
pub use credentials::{API_KEY_VARIABLE, ApiKey};
pub use download::{SaveImages, SavedImage};
pub use endpoint::{EMULATOR_KEY, EMULATOR_VARIABLE};
pub use error::{Error, ErrorKind};
pub use generated::types;
pub use ids::{IdempotencyKey, RunId};
pub use image::Image;
pub use input::Input;
pub use mask::{Mask, MaskError, WithMask};
pub use presets::{Preset, PresetKind, PresetPage, PresetQuery};
pub use retry::RetryPolicy;
pub use run::{CompletedRun, Receipt, Run};
pub use snapshot::{RunResult, RunSnapshot, RunStatus};
pub use submit::{PreparedRun, Submit};
pub use timeouts::Timeouts;
pub use upload::UploadedImage;
pub use validate::Rule;
pub use wait::{Progress, Wait};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
