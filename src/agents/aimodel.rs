//! `aimodel`: apparel photos with another model, another scene, or both.
//!
//! The parameters are [`AimodelParams`](crate::generated::types::AimodelParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `any-of-look` | at least one of `locationId`, `fashionModelId`, `textDescription` is given |
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
//! use weshop::generated::types::{AimodelParams, GeneratedContent, MaskType};
//!
//! let params: AimodelParams = AimodelParams::builder()
//!     .generated_content(GeneratedContent::FreeCreation)
//!     .mask_type(MaskType::AutoApparelSegment)
//!     .text_description("street style fashion photo".to_string())
//!     .try_into()?;
//! assert!(params.validate("https://example.com/coat.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::{AimodelParams, GeneratedContent, MaskType};
//! let params: AimodelParams = AimodelParams::builder()
//!     .generated_content(GeneratedContent::FreeCreation)
//!     .mask_type(MaskType::AutoApparelSegment)
//!     .try_into()?;
//! let violations = params.validate("https://example.com/coat.png").unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "/params: give at least one of `locationId`, `fashionModelId` or `textDescription` [any-of-look]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use super::masks;
use crate::validate::{Rule, Spec, any_of};

/// The agent `aimodel`.
pub static SPEC: Spec = Spec {
    name: "aimodel",
    version: "v1.0",
    params: "AimodelParams",
    input: "RunInput",
    rows: &[
        &[any_of(
            Rule::AnyOfLook,
            &["locationId", "fashionModelId", "textDescription"],
        )],
        masks::ROWS,
    ],
};
