//! `aipose`: the same garment in another pose.
//!
//! The parameters are [`AiposeParams`](crate::generated::types::AiposeParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `pose-text` | `textDescription` is not blank |
//! | `public-url` | image and callback URLs are such that the service can reach them |
//!
//! This passes:
//!
//! ```
//! use weshop::Agent;
//! use weshop::generated::types::{AiposeParams, AiposeVersion};
//!
//! let params: AiposeParams = AiposeParams::builder()
//!     .text_description("hands in pockets, looking left".to_string())
//!     .generate_version(AiposeVersion::Pro)
//!     .try_into()?;
//! assert!(params.validate("https://example.com/coat.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::{AiposeParams, AiposeVersion};
//! let params: AiposeParams = AiposeParams::builder()
//!     .text_description("  ".to_string())
//!     .batch_count(17)
//!     .try_into()?;
//! let violations = params.validate("https://example.com/coat.png").unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "2 things are wrong with the request:\n  \
//!      /params/batchCount: `batchCount` must be from 1 to 16 [range]\n  \
//!      /params/textDescription: `textDescription` must not be blank [pose-text]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use crate::validate::{Rule, Spec, not_blank};

/// The agent `aipose`.
pub static SPEC: Spec = Spec {
    name: "aipose",
    version: "v1.0",
    params: "AiposeParams",
    input: "RunInput",
    rows: &[&[not_blank(Rule::PoseText, "textDescription")]],
};
