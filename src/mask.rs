//! A mask for `maskType: custom`: from bytes, a file or a URL.
//!
//! What is wrong with a mask is known before a run is paid for: that it is a PNG, how large it is and
//! whether it can be transparent anywhere are read from its header. Its pixels are never decoded.
//!
//! ```no_run
//! use weshop::generated::types::{AimodelParams, GeneratedContent};
//! use weshop::mask::{Mask, WithMask};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let params = AimodelParams::builder()
//!     .generated_content(GeneratedContent::FreeCreation)
//!     .mask(Mask::from_file("coat-mask.png").await?)
//!     .text_description("street style fashion photo".to_string());
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncReadExt as _;

use crate::generated::types::{self, builder};
use crate::validate::png::{self, Header};

/// A mask, ready to be sent. It protects what it covers; where it is transparent, the image is generated
/// anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Encoded {
        base64: String,
        width: u32,
        height: u32,
    },
    Url(String),
}

impl Mask {
    /// The largest file that is taken for a mask, in bytes (32 MiB).
    pub const MAX_BYTES: usize = 32 * 1024 * 1024;
    /// The most pixels that a mask may have (100 megapixels).
    pub const MAX_PIXELS: u64 = 100_000_000;

    /// Takes a PNG as it is.
    ///
    /// ```
    /// use weshop::mask::{Mask, MaskError};
    ///
    /// assert!(matches!(Mask::from_bytes(b"GIF89a"), Err(MaskError::NotPng)));
    /// ```
    ///
    /// # Errors
    /// Anything but a PNG with an alpha channel within [`MAX_BYTES`](Self::MAX_BYTES) and
    /// [`MAX_PIXELS`](Self::MAX_PIXELS).
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, MaskError> {
        let bytes = bytes.as_ref();
        let Header { width, height, .. } = inspect(bytes)?;
        Ok(Self(Kind::Encoded {
            base64: STANDARD.encode(bytes),
            width,
            height,
        }))
    }

    /// Reads a PNG from disk.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), and when the path is not a regular file or cannot be read. A
    /// file that is too large is not read to its end.
    ///
    /// # Cancellation
    /// Dropping the future reads no further.
    pub async fn from_file(path: impl AsRef<Path>) -> Result<Self, MaskError> {
        let path = path.as_ref();
        // Opening a pipe would wait for whoever is to write to it.
        if !tokio::fs::metadata(path).await?.is_file() {
            return Err(MaskError::NotAFile);
        }
        let mut bytes = Vec::new();
        let file = tokio::fs::File::open(path).await?;
        file.take(Self::MAX_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .await?;
        Self::from_bytes(bytes)
    }

    /// Refers to a PNG that the service is to fetch. That the URL is one that it can reach is checked
    /// with the rest of the request; the image behind it is not.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self(Kind::Url(url.into()))
    }

    /// Width and height in pixels; `None` for a URL.
    pub fn size(&self) -> Option<(u32, u32)> {
        match self.0 {
            Kind::Encoded { width, height, .. } => Some((width, height)),
            Kind::Url(_) => None,
        }
    }

    /// What goes into `customMask`: base64 without a prefix; `None` for a URL.
    pub fn base64(&self) -> Option<&str> {
        match &self.0 {
            Kind::Encoded { base64, .. } => Some(base64),
            Kind::Url(_) => None,
        }
    }

    /// What goes into `customMaskUrl`; `None` for a mask that is sent along.
    pub fn url(&self) -> Option<&str> {
        match &self.0 {
            Kind::Encoded { .. } => None,
            Kind::Url(url) => Some(url),
        }
    }
}

/// From the cheapest look to the dearest, so that a hostile file is turned away by the first.
fn inspect(bytes: &[u8]) -> Result<Header, MaskError> {
    if bytes.len() > Mask::MAX_BYTES {
        return Err(MaskError::TooManyBytes);
    }
    if !bytes.starts_with(png::SIGNATURE) {
        return Err(MaskError::NotPng);
    }
    let Header {
        width,
        height,
        bits_per_pixel,
        ..
    } = png::dimensions(bytes).ok_or(MaskError::Damaged)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > Mask::MAX_PIXELS {
        return Err(MaskError::TooManyPixels { width, height });
    }
    // Deflate turns one byte into 1032 at the very most.
    let least = pixels.saturating_mul(bits_per_pixel as u64) / 8 / 1032;
    if least > bytes.len() as u64 {
        return Err(MaskError::Damaged);
    }
    let header = png::header(bytes).ok_or(MaskError::Damaged)?;
    if header.alpha {
        Ok(header)
    } else {
        Err(MaskError::Opaque)
    }
}

/// Parameters, being built, that take a mask.
pub trait WithMask: Sized {
    /// Sets `maskType` to `custom` and the mask, in place of any mask set before.
    #[must_use]
    fn mask(self, mask: Mask) -> Self;
}

macro_rules! with_mask {
    ($($params:ident: $mask_type:ident),+) => {$(
        impl WithMask for builder::$params {
            fn mask(self, mask: Mask) -> Self {
                let (base64, url) = match mask.0 {
                    Kind::Encoded { base64, .. } => (Some(base64), None),
                    Kind::Url(url) => (None, Some(url)),
                };
                self.mask_type(types::$mask_type::Custom).custom_mask(base64).custom_mask_url(url)
            }
        }
    )+};
}

with_mask!(
    AimodelParams: MaskType,
    AiproductParams: SubjectMaskType,
    RemoveBgParams: SubjectMaskType
);

/// Why something cannot be a mask.
#[non_exhaustive]
#[derive(Debug)]
pub enum MaskError {
    /// It is not a PNG.
    NotPng,
    /// It begins as a PNG, but its header is incomplete, wrong, or claims what its bytes cannot hold.
    Damaged,
    /// It has no alpha channel, so that nothing in it is transparent.
    Opaque,
    /// It has more than [`Mask::MAX_PIXELS`].
    TooManyPixels {
        /// The width that it claims.
        width: u32,
        /// The height that it claims.
        height: u32,
    },
    /// It has more than [`Mask::MAX_BYTES`].
    TooManyBytes,
    /// The path does not lead to a regular file.
    NotAFile,
    /// The file cannot be read.
    Io(io::Error),
}

impl fmt::Display for MaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPng => f.write_str("the mask is not a PNG"),
            Self::Damaged => f.write_str("the mask is a damaged PNG"),
            Self::Opaque => f.write_str(
                "the mask has no alpha channel: make it transparent where the image may change",
            ),
            Self::TooManyPixels { width, height } => write!(
                f,
                "the mask claims {width} by {height} pixels; {} megapixels are the most",
                Mask::MAX_PIXELS / 1_000_000
            ),
            Self::TooManyBytes => {
                write!(
                    f,
                    "the mask has more than {} MiB",
                    Mask::MAX_BYTES / (1024 * 1024)
                )
            }
            Self::NotAFile => f.write_str("the mask is not a regular file"),
            Self::Io(_) => f.write_str("the mask cannot be read"),
        }
    }
}

impl std::error::Error for MaskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for MaskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

// An image's contents are not for logs.
impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Encoded {
                base64,
                width,
                height,
            } => f
                .debug_struct("Mask")
                .field("width", width)
                .field("height", height)
                .field("base64_length", &base64.len())
                .finish(),
            Kind::Url(_) => f.write_str("Mask(url)"),
        }
    }
}
