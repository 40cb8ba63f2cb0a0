//! What a run is to work on, as far as rules look at it.

use serde_json::{Map, Value};

/// A borrowed view of a run's `input`, before or after its images are uploaded.
///
/// A URL alone will do where there is nothing but an original image:
///
/// ```
/// use weshop::validate::{Input, Source};
///
/// let input = Input::from("https://example.com/coat.png");
/// assert_eq!(input.original_image, Some(Source::Url("https://example.com/coat.png")));
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Input<'a> {
    /// `originalImage`.
    pub original_image: Option<Source<'a>>,
    /// `fashionModelImage`, of `virtualtryon`.
    pub fashion_model_image: Option<Source<'a>>,
    /// `locationImage`, of `virtualtryon`.
    pub location_image: Option<Source<'a>>,
    /// `taskName`.
    pub task_name: Option<&'a str>,
    /// `callbackUrl`, which stands beside `input` in a request.
    pub callback_url: Option<&'a str>,
    /// Fields of `input` beyond these.
    pub extra: Option<&'a Map<String, Value>>,
}

/// Where an image is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// Somewhere the service is to fetch it from.
    Url(&'a str),
    /// The same, and its size is known: an image that was uploaded before.
    Sized {
        /// Where it is.
        url: &'a str,
        /// Width and height in pixels.
        size: (u32, u32),
    },
    /// On this machine, to be uploaded once everything else is right.
    Local {
        /// Width and height in pixels, if known.
        size: Option<(u32, u32)>,
    },
}

/// A field of the input.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Text(&'a str),
    Json(&'a Value),
    /// Nothing can be said of it but that it is there.
    Upload,
}

impl<'a> Source<'a> {
    pub(super) fn url(self) -> Option<&'a str> {
        match self {
            Self::Url(url) | Self::Sized { url, .. } => Some(url),
            Self::Local { .. } => None,
        }
    }

    pub(super) fn size(self) -> Option<(u32, u32)> {
        match self {
            Self::Url(_) => None,
            Self::Sized { size, .. } => Some(size),
            Self::Local { size } => size,
        }
    }
}

impl<'a> Input<'a> {
    /// An input without anything; set what there is.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fields that hold images, by their names on the wire.
    pub(super) fn images(&self) -> [(&'static str, Option<Source<'a>>); 3] {
        let known = [
            ("originalImage", self.original_image),
            ("fashionModelImage", self.fashion_model_image),
            ("locationImage", self.location_image),
        ];
        // However it was given, an image is an image.
        let other = |name: &str| self.extra?.get(name)?.as_str().map(Source::Url);
        known.map(|(name, source)| (name, source.or_else(|| other(name))))
    }

    /// Every field of `input` by its name on the wire, whatever its form.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'a str, Given<'a>)> {
        let images = self.images();
        let is_image = move |name: &str| {
            images
                .iter()
                .any(|&(n, source)| n == name && source.is_some())
        };
        let extra = self.extra.into_iter().flatten();
        let extra = extra.filter(move |(name, _)| !is_image(name));
        let images = images.into_iter().filter_map(|(name, source)| {
            Some((name, source?.url().map_or(Given::Upload, Given::Text)))
        });
        images
            .chain(self.task_name.map(|text| ("taskName", Given::Text(text))))
            .chain(extra.map(|(name, value)| (name.as_str(), Given::Json(value))))
    }

    /// Reads JSON of unknown shape: what is no text is not there.
    pub(super) fn of_json(
        input: Option<&'a Map<String, Value>>,
        callback: Option<&'a Value>,
    ) -> Self {
        let text = |name: &str| input?.get(name)?.as_str();
        Self {
            original_image: text("originalImage").map(Source::Url),
            fashion_model_image: text("fashionModelImage").map(Source::Url),
            location_image: text("locationImage").map(Source::Url),
            task_name: text("taskName"),
            callback_url: callback.and_then(Value::as_str),
            extra: None,
        }
    }
}

/// The URL of the original image, and nothing else.
impl<'a> From<&'a str> for Input<'a> {
    fn from(url: &'a str) -> Self {
        Self {
            original_image: Some(Source::Url(url)),
            ..Self::default()
        }
    }
}

impl<'a> From<&Input<'a>> for Input<'a> {
    fn from(input: &Input<'a>) -> Self {
        *input
    }
}

// A URL may carry a signature, and a request's contents are not for logs.
impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(_) => f.write_str("Url(..)"),
            Self::Sized { size, .. } => f.debug_struct("Sized").field("size", size).finish(),
            Self::Local { size } => f.debug_struct("Local").field("size", size).finish(),
        }
    }
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input")
            .field("original_image", &self.original_image)
            .field("fashion_model_image", &self.fashion_model_image)
            .field("location_image", &self.location_image)
            .finish_non_exhaustive()
    }
}
