//! The raw client, as `build.rs` generates it from `openapi.yaml`: what the rest of the library does not
//! cover is reachable here.
//!
//! Nothing in it checks a request before it is sent; [`types`] and their builders are what every run is
//! made of. [`operations`] lists every operation of the document, those that cannot be generated included.
//!
//! ```
//! use weshop::generated::types::{AimodelParams, GeneratedContent, MaskType};
//!
//! let params: AimodelParams = AimodelParams::builder()
//!     .generated_content(GeneratedContent::FreeCreation)
//!     .mask_type(MaskType::AutoApparelSegment)
//!     .text_description("street style fashion photo".to_string())
//!     .batch_count(2)
//!     .try_into()?;
//! assert_eq!(params.batch_count, Some(2));
//! # Ok::<(), weshop::generated::types::error::ConversionError>(())
//! ```

// The text of the items is the document's, and the document knows nothing of rustdoc's links.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used
)]
#![allow(
    rustdoc::bare_urls,
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags
)]
#![allow(
    rustdoc::invalid_codeblock_attributes,
    rustdoc::invalid_rust_codeblocks
)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
