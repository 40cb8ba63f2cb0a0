//! `expandimage`: a larger canvas. The new area is generated; the original is not stretched.
//!
//! The parameters are [`ExpandimageParams`](crate::generated::types::ExpandimageParams). Beside what their types and the
//! API's document say:
//!
//! | rule | holds if |
//! |---|---|
//! | `canvas-fit` | the image at `fillLeft`, `fillTop` lies within the canvas, where its size is known |
//! | `public-url` | image and callback URLs are such that the service can reach them |
//!
//! This passes:
//!
//! ```
//! use weshop::Agent;
//! use weshop::generated::types::ExpandimageParams;
//!
//! let params: ExpandimageParams = ExpandimageParams::builder()
//!     .target_width(1920)
//!     .target_height(1080)
//!     .try_into()?;
//! assert!(params.validate("https://example.com/coat.png").is_ok());
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```
//!
//! and this does not:
//!
//! ```
//! # use weshop::Agent;
//! # use weshop::generated::types::ExpandimageParams;
//! use weshop::validate::{Input, Source};
//!
//! let mut input = Input::new();
//! input.original_image = Some(Source::Local { size: Some((1600, 1000)) });
//! let params: ExpandimageParams = ExpandimageParams::builder()
//!     .target_width(1920)
//!     .target_height(1080)
//!     .fill_left(400)
//!     .try_into()?;
//! let violations = params.validate(input).unwrap_err();
//! assert_eq!(
//!     violations.to_string(),
//!     "/params/fillLeft: `originalImage` is 1600 pixels wide: `fillLeft` must be at most 320, \
//!      or `targetWidth` at least 2000 [canvas-fit]"
//! );
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

use crate::validate::{Rule, Side, Spec, fits};

/// The agent `expandimage`.
pub static SPEC: Spec = Spec {
    name: "expandimage",
    version: "v1.0",
    params: "ExpandimageParams",
    input: "RunInput",
    rows: &[&[
        fits(Rule::CanvasFit, "fillLeft", "targetWidth", Side::Width),
        fits(Rule::CanvasFit, "fillTop", "targetHeight", Side::Height),
    ]],
};
