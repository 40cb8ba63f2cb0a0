//! `removeBG`: the background removed, or replaced with a colour.
//!
//! The parameters are [`RemoveBgParams`](crate::generated::types::RemoveBgParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `any-of-background` | at least one of `backgroundId`, `backgroundHex` is given |
//! | `hex-colour` | `backgroundHex` is `#` and six hexadecimal digits |
//! | `mask-source` | `maskType: custom` has one of `customMask`, `customMaskUrl`, and not both |
//! | `mask-unused` | neither is given with another `maskType` |
//! | `mask-encoding` | `customMask` is the base64 of a PNG, without a `data:` prefix |
//! | `mask-size` | the mask is as large as the image, where both sizes are known |
//! | `public-url` | image, mask and callback URLs are such that the service can reach them |
//!
//! This passes:
//!
//! ```
//! use weshop::Agent;
//! use weshop::generated::types::{RemoveBgParams, SubjectMaskType};
//!
//! let params: RemoveBgParams = RemoveBgParams::builder()
//!     .mask_type(SubjectMaskType::AutoSubjectSegment)
//!     .background_hex("#ced2ce".to_string())
//!     .try_into()?;
//! assert!(params.validate("https://example.com/coat.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::{RemoveBgParams, SubjectMaskType};
//! let params: RemoveBgParams = RemoveBgParams::builder()
//!     .mask_type(SubjectMaskType::AutoSubjectSegment)
//!     .background_hex("grey".to_string())
//!     .try_into()?;
//! let violations = params.validate("https://example.com/coat.png").unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "/params/backgroundHex: `backgroundHex` must be `#` and six hexadecimal digits [hex-colour]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use super::masks;
use crate::validate::{Rule, Spec, any_of, hex_colour};

/// The agent `removeBG`.
pub static SPEC: Spec = Spec {
    name: "removeBG",
    version: "v1.0",
    params: "RemoveBgParams",
    input: "RunInput",
    rows: &[
        &[
            any_of(Rule::AnyOfBackground, &["backgroundId", "backgroundHex"]),
            hex_colour(Rule::HexColour, "backgroundHex"),
        ],
        masks::ROWS,
    ],
};
