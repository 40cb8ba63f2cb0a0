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
//! # Ok(()) }
//! ```

pub mod agent;
pub mod agents;
mod client;
mod credentials;
mod download;
mod endpoint;
mod envelope;
mod error;
pub mod generated;
mod image;
mod input;
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
pub use image::Image;
pub use input::Input;
pub use mask::{Mask, MaskError, WithMask};
pub use presets::{Preset, PresetKind, PresetPage, PresetQuery};
pub use retry::RetryPolicy;
pub use run::{CompletedRun, Receipt, Run};
pub use snapshot::{RunId, RunResult, RunSnapshot, RunStatus};
pub use submit::{IdempotencyKey, PreparedRun, Submit};
pub use timeouts::Timeouts;
pub use upload::UploadedImage;
pub use validate::Rule;
pub use wait::{Progress, Wait};
