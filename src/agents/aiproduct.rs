//! `aiproduct`: product still life; the background is made or edited.
//!
//! The parameters are [`AiproductParams`](crate::generated::types::AiproductParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `any-of-scene` | at least one of `locationId`, `textDescription` is given |
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
//! use weshop::generated::types::{AiproductParams, GeneratedContent, SubjectMaskType};
//!
//! let params: AiproductParams = AiproductParams::builder()
//!     .generated_content(GeneratedContent::ReferToOrigin)
//!     .mask_type(SubjectMaskType::Custom)
//!     .custom_mask_url("https://example.com/vase-mask.png".to_string())
//!     .text_description("on a marble table in morning light".to_string())
//!     .try_into()?;
//! assert!(params.validate("https://example.com/vase.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::{AiproductParams, GeneratedContent, SubjectMaskType};
//! let params: AiproductParams = AiproductParams::builder()
//!     .generated_content(GeneratedContent::ReferToOrigin)
//!     .mask_type(SubjectMaskType::AutoSubjectSegment)
//!     .custom_mask_url("https://example.com/vase-mask.png".to_string())
//!     .text_description("on a marble table in morning light".to_string())
//!     .try_into()?;
//! let violations = params.validate("https://example.com/vase.png").unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "/params/customMaskUrl: `customMaskUrl` is used with `maskType: custom` only: leave it out [mask-unused]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use super::masks;
use crate::validate::{Rule, Spec, any_of};

/// The agent `aiproduct`.
pub static SPEC: Spec = Spec {
    name: "aiproduct",
    version: "v1.0",
    params: "AiproductParams",
    input: "RunInput",
    rows: &[
        &[any_of(Rule::AnyOfScene, &["locationId", "textDescription"])],
        masks::ROWS,
    ],
};
