//! What a run takes as an image: a URL, a file, bytes, or a reader.
//!
//! ```
//! use weshop::{Image, Input};
//!
//! let garment = Image::from("https://example.com/coat.png"); // `http…` is a URL,
//! let model = Image::from("photos/model.jpg");               // anything else a file
//! let input = Input::new(garment)
//!     .with_fashion_model(model)
//!     .with_task_name("spring catalogue");
//! # let _ = input;
//! ```

use std::fmt;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::error::Error;
use crate::upload::UploadedImage;
use crate::validate::{self, Rule, Violation};

/// How much of an image is read to tell what it is. A photograph's size stands behind its
/// embedded thumbnail, so a few kilobytes would not do.
const HEAD: usize = 256 * 1024;

/// A side that is longer was misread: a bitmap that is stored from the top has a negative height.
const LONGEST_SIDE: u32 = 1 << 20;

/// The brands of HEIF files that hold pictures and say nothing of how they are encoded.
const STILL: [&[u8]; 4] = [b"mif1", b"msf1", b"mif2", b"miaf"];

/// An image to work on.
///
/// Text that begins with `http://` or `https://` becomes a URL, any other text a file's path.
pub struct Image(pub(crate) Source);

pub(crate) enum Source {
    Url(String),
    Uploaded(UploadedImage),
    File(PathBuf),
    Bytes(Bytes),
    Reader(Box<dyn AsyncRead + Send + Sync + Unpin>),
}

impl Image {
    /// An image that the service can fetch by itself: an absolute, publicly reachable URL.
    pub fn url(url: impl Into<String>) -> Self {
        Self(Source::Url(url.into()))
    }

    /// A file of this machine. It is streamed when it is uploaded, never held in memory whole.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// An encoded image in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Source::Bytes(bytes.into()))
    }

    /// An encoded image from a reader. It is streamed, so an upload of it that breaks off cannot be
    /// repeated by itself.
    pub fn reader(reader: impl AsyncRead + Send + Sync + Unpin + 'static) -> Self {
        Self(Source::Reader(Box::new(reader)))
    }
}

impl Image {
    /// The image as the rules look at it. Nothing is opened, so a file's size is not known.
    pub(crate) fn as_source(&self) -> validate::Source<'_> {
        match &self.0 {
            Source::Url(url) => validate::Source::Url(url),
            Source::Uploaded(image) => match image.size() {
                Some(size) => validate::Source::Sized {
                    url: image.url(),
                    size,
                },
                None => validate::Source::Url(image.url()),
            },
            Source::Bytes(bytes) => validate::Source::Local {
                size: sniff(&bytes[..bytes.len().min(HEAD)]).and_then(|format| format.size),
            },
            Source::File(_) | Source::Reader(_) => validate::Source::Local { size: None },
        }
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Url(url) => f.debug_tuple("Url").field(url).finish(),
            Source::Uploaded(image) => image.fmt(f),
            Source::File(path) => f.debug_tuple("File").field(path).finish(),
            Source::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Source::Reader(_) => f.write_str("Reader"),
        }
    }
}

impl From<&str> for Image {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Image {
    fn from(text: String) -> Self {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        match scheme {
            Some(scheme)
                if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
            {
                Self::url(text)
            }
            _ => Self::file(text),
        }
    }
}

impl From<&String> for Image {
    fn from(text: &String) -> Self {
        Self::from(text.clone())
    }
}

impl From<Url> for Image {
    fn from(url: Url) -> Self {
        Self::url(url)
    }
}

impl From<&Path> for Image {
    fn from(path: &Path) -> Self {
        Self::file(path)
    }
}

impl From<&PathBuf> for Image {
    fn from(path: &PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<PathBuf> for Image {
    fn from(path: PathBuf) -> Self {
        Self::file(path)
    }
}

impl From<Bytes> for Image {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for Image {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<UploadedImage> for Image {
    fn from(image: UploadedImage) -> Self {
        Self(Source::Uploaded(image))
    }
}

impl From<&UploadedImage> for Image {
    fn from(image: &UploadedImage) -> Self {
        image.clone().into()
    }
}

/// What the first bytes of an image tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) content_type: &'static str,
    pub(crate) extension: &'static str,
    /// Width and height, where they stand near enough to the beginning.
    pub(crate) size: Option<(u32, u32)>,
}

/// Tells an image by its content; `None` for anything else.
pub(crate) fn sniff(head: &[u8]) -> Option<Format> {
    use imagesize::{Compression, ImageType as T};
    let (content_type, extension) = match imagesize::image_type(head).ok()? {
        T::Png => ("image/png", "png"),
        T::Jpeg => ("image/jpeg", "jpg"),
        T::Webp => ("image/webp", "webp"),
        T::Gif => ("image/gif", "gif"),
        T::Bmp if is_bitmap(head) => ("image/bmp", "bmp"),
        T::Tiff => ("image/tiff", "tiff"),
        T::Heif(Compression::Av1) => ("image/avif", "avif"),
        T::Heif(Compression::Hevc) => ("image/heic", "heic"),
        // MP4 begins alike: the brand must be one of images.
        T::Heif(_) if head.get(8..12).is_some_and(|brand| STILL.contains(&brand)) => {
            ("image/heic", "heic")
        }
        _ => return None,
    };
    let size = imagesize::reader_size(Cursor::new(head)).ok();
    let side = |side: usize| {
        u32::try_from(side)
            .ok()
            .filter(|side| *side <= LONGEST_SIDE)
    };
    Some(Format {
        content_type,
        extension,
        size: size.and_then(|size| Some((side(size.width)?, side(size.height)?))),
    })
}

/// Whether what begins with `BM`, as many a text does, has one of the headers of a bitmap.
fn is_bitmap(head: &[u8]) -> bool {
    let length = head.get(14..18).and_then(|bytes| bytes.try_into().ok());
    length.is_some_and(|bytes| {
        matches!(
            u32::from_le_bytes(bytes),
            12 | 40 | 52 | 56 | 64 | 108 | 124
        )
    })
}

/// An image of this machine that was looked at and is ready to be sent.
pub(crate) struct Local {
    pub(crate) body: LocalBody,
    /// `None` where it is no image that is known.
    pub(crate) format: Option<Format>,
}

pub(crate) enum LocalBody {
    File {
        path: PathBuf,
        len: u64,
    },
    Bytes(Bytes),
    Reader {
        head: Bytes,
        rest: Box<dyn AsyncRead + Send + Sync + Unpin>,
    },
}

/// An image as a request can name it, before anything was uploaded.
pub(crate) enum Inspected {
    Url(String, Option<(u32, u32)>),
    Local(Local),
}

impl Inspected {
    /// The image as the rules look at it.
    pub(crate) fn as_source(&self) -> validate::Source<'_> {
        match self {
            Self::Url(url, Some(size)) => validate::Source::Sized { url, size: *size },
            Self::Url(url, None) => validate::Source::Url(url),
            Self::Local(local) => validate::Source::Local {
                size: local.format.and_then(|format| format.size),
            },
        }
    }

    /// What is wrong with it, if it is to be uploaded and is no image.
    pub(crate) fn complaint(&self, pointer: impl Into<String>) -> Option<Violation> {
        match self {
            Self::Local(Local { format: None, .. }) => {
                let message =
                    "this is no image: give a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC";
                let message = message.to_owned();
                Some(Violation::new(pointer.into(), Rule::ImageFormat, message))
            }
            _ => None,
        }
    }
}

impl Image {
    /// Looks at the first bytes of whatever is local.
    pub(crate) async fn inspect(self) -> Result<Inspected, Error> {
        let body = match self.0 {
            Source::Url(url) => return Ok(Inspected::Url(url, None)),
            Source::Uploaded(image) => {
                let size = image.size();
                return Ok(Inspected::Url(image.into_url(), size));
            }
            Source::File(path) => return inspect_file(path).await.map(Inspected::Local),
            Source::Bytes(bytes) => LocalBody::Bytes(bytes),
            Source::Reader(mut rest) => LocalBody::Reader {
                head: head_of(&mut rest)
                    .await
                    .map_err(|error| Error::io("reading the image", None, error))?,
                rest,
            },
        };
        let head = match &body {
            LocalBody::Bytes(head) | LocalBody::Reader { head, .. } => {
                &head[..head.len().min(HEAD)]
            }
            LocalBody::File { .. } => &[],
        };
        let format = sniff(head);
        Ok(Inspected::Local(Local { body, format }))
    }
}

async fn inspect_file(path: PathBuf) -> Result<Local, Error> {
    let look = async {
        // Opening a pipe would wait for whoever is to write to it.
        let metadata = tokio::fs::metadata(&path).await?;
        if !metadata.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        let mut file = tokio::fs::File::open(&path).await?;
        Ok((metadata.len(), head_of(&mut file).await?))
    };
    let (len, head) = match look.await {
        Ok(seen) => seen,
        Err(error) => return Err(Error::io("reading the image", Some(path), error)),
    };
    Ok(Local {
        body: LocalBody::File { path, len },
        format: sniff(&head),
    })
}

async fn head_of(reader: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Bytes> {
    let mut head = Vec::new();
    reader.take(HEAD as u64).read_to_end(&mut head).await?;
    Ok(head.into())
}
