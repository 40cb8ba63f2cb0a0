//! What a run works on: one image for every agent, two references more for `virtualtryon`.

use std::fmt;

use serde_json::{Map, Value};

use crate::image::Image;

/// The images of a run, and its label.
///
/// Anything that is an [`Image`] is an `Input` of that image alone.
///
/// ```
/// use weshop::Input;
///
/// let plain: Input = "coat.png".into();
/// let styled = Input::new("coat.png").with_location("https://example.com/street.jpg");
/// # let _ = (plain, styled);
/// ```
pub struct Input {
    pub(crate) original: Image,
    pub(crate) fashion_model: Option<Image>,
    pub(crate) location: Option<Image>,
    pub(crate) task_name: Option<String>,
    pub(crate) extra: Map<String, Value>,
}

impl Input {
    /// The image to work on: `originalImage`.
    pub fn new(original: impl Into<Image>) -> Self {
        Self {
            original: original.into(),
            fashion_model: None,
            location: None,
            task_name: None,
            extra: Map::new(),
        }
    }

    /// The model to follow, `fashionModelImage` and `Figure 2` in a text; `virtualtryon` alone.
    pub fn with_fashion_model(mut self, image: impl Into<Image>) -> Self {
        self.fashion_model = Some(image.into());
        self
    }

    /// The background to follow, `locationImage` and `Figure 3` in a text; `virtualtryon` alone.
    pub fn with_location(mut self, image: impl Into<Image>) -> Self {
        self.location = Some(image.into());
        self
    }

    /// A label of your own, `taskName`, which the run keeps.
    pub fn with_task_name(mut self, name: impl Into<String>) -> Self {
        self.task_name = Some(name.into());
        self
    }

    /// Another field of `input`, for agents that this crate does not know. The six that it knows
    /// take none, and validation says so.
    pub fn with_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }
}

// The label and the fields are a request's contents.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("original", &self.original)
            .field("fashion_model", &self.fashion_model)
            .field("location", &self.location)
            .field("fields", &self.extra.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<I: Into<Image>> From<I> for Input {
    fn from(image: I) -> Self {
        Self::new(image)
    }
}
