//! `virtualtryon`: a garment on a generated model.
//!
//! The input may have two references beside the garment: a model to follow, `fashionModelImage`, and a
//! background to follow, `locationImage`. A text speaks of the three as `Figure 1` (the garment),
//! `Figure 2` (the model) and `Figure 3` (the background).
//!
//! The parameters are [`VirtualtryonParams`](crate::generated::types::VirtualtryonParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `prompt-required` | `descriptionType: custom` has a `textDescription` |
//! | `aspect-engine` | `aspectRatio` is given with `weshopPro` or `bananaPro` only |
//! | `size-required` | `bananaPro` has an `imageSize` |
//! | `figure-reference` | a text that names `Figure 2` or `Figure 3` has that image |
//! | `public-url` | image and callback URLs are such that the service can reach them |
//!
//! This passes:
//!
//! ```
//! use weshop::Agent;
//! use weshop::generated::types::{DescriptionType, VirtualtryonParams, VirtualtryonVersion};
//!
//! let params: VirtualtryonParams = VirtualtryonParams::builder()
//!     .generate_version(VirtualtryonVersion::WeshopPro)
//!     .description_type(DescriptionType::Custom)
//!     .text_description("a tall model wears Figure 1 in a park".to_string())
//!     .try_into()?;
//! assert!(params.validate("https://example.com/coat.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::{DescriptionType, VirtualtryonParams, VirtualtryonVersion};
//! let params: VirtualtryonParams = VirtualtryonParams::builder()
//!     .generate_version(VirtualtryonVersion::BananaPro)
//!     .description_type(DescriptionType::Custom)
//!     .text_description("the model of Figure 2 wears Figure 1".to_string())
//!     .try_into()?;
//! let violations = params.validate("https://example.com/coat.png").unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "2 things are wrong with the request:\n  \
//!      /params/imageSize: `imageSize` is required with `generateVersion: bananaPro`: \
//!      set `1K`, `2K` or `4K` [size-required]\n  \
//!      /input/fashionModelImage: `textDescription` names `Figure 2`, which is `fashionModelImage`: \
//!      give that image, or leave the figure out [figure-reference]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use crate::validate::{Rule, Spec, figure, needed, unused};

/// The agent `virtualtryon`.
pub static SPEC: Spec = Spec {
    name: "virtualtryon",
    version: "v1.0",
    params: "VirtualtryonParams",
    input: "VirtualtryonInput",
    rows: &[&[
        needed(Rule::PromptRequired, "textDescription").when("descriptionType", &["custom"]),
        unused(Rule::AspectEngine, "aspectRatio")
            .unless("generateVersion", &["weshopPro", "bananaPro"]),
        needed(Rule::SizeRequired, "imageSize").when("generateVersion", &["bananaPro"]),
        figure(
            Rule::FigureReference,
            "textDescription",
            '2',
            "fashionModelImage",
        ),
        figure(
            Rule::FigureReference,
            "textDescription",
            '3',
            "locationImage",
        ),
    ]],
};
