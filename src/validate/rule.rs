//! What a request can break, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! rules {
    ($($(#[$doc:meta])+ $name:ident = $id:literal,)+) => {
        /// A rule, known by its [`id`](Rule::id).
        ///
        /// ```
        /// use weshop::validate::Rule;
        ///
        /// assert_eq!(Rule::MaskSource.to_string(), "mask-source");
        /// assert_eq!("mask-source".parse(), Ok(Rule::MaskSource));
        /// ```
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])+ $name,)+
        }

        impl Rule {
            /// Every rule, in the order of the declarations.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The rule's name in messages, JSON and configuration; it never changes.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }
        }
    };
}

rules! {
    /// Stated by the API's document: a field that must be there is not.
    Required = "required",
    /// Stated by the document: a value has another type.
    Type = "type",
    /// Stated by the document: a number is too small or too large.
    Range = "range",
    /// Stated by the document: a text is too short or too long.
    Length = "length",
    /// Stated by the document: a value is not one of those that exist.
    Enum = "enum",
    /// Stated by the document: no such field exists.
    UnknownField = "unknown-field",
    /// A typed agent is asked for in a version that this crate does not know.
    AgentVersion = "agent-version",
    /// `aimodel`: at least one of `locationId`, `fashionModelId`, `textDescription`.
    AnyOfLook = "any-of-look",
    /// `aiproduct`: at least one of `locationId`, `textDescription`.
    AnyOfScene = "any-of-scene",
    /// `removeBG`: at least one of `backgroundId`, `backgroundHex`.
    AnyOfBackground = "any-of-background",
    /// `maskType: custom` needs exactly one of `customMask`, `customMaskUrl`.
    MaskSource = "mask-source",
    /// A mask is given with a `maskType` that ignores it: the service would charge all the same.
    MaskUnused = "mask-unused",
    /// `customMask` is the base64 of a PNG, without a `data:` prefix.
    MaskEncoding = "mask-encoding",
    /// The mask has the image's dimensions, as far as both are known.
    MaskSize = "mask-size",
    /// A colour is `#` and six hexadecimal digits.
    HexColour = "hex-colour",
    /// `descriptionType: custom` needs `textDescription`.
    PromptRequired = "prompt-required",
    /// `aspectRatio` exists with certain engines only.
    AspectEngine = "aspect-engine",
    /// An engine needs `imageSize`.
    SizeRequired = "size-required",
    /// `aipose`: `textDescription` is not blank.
    PoseText = "pose-text",
    /// A text that names `Figure 2` or `Figure 3` needs that image.
    FigureReference = "figure-reference",
    /// The image fits the canvas, as far as its size is known.
    CanvasFit = "canvas-fit",
    /// The service can reach a URL: absolute, `http` or `https`, not this machine.
    PublicUrl = "public-url",
    /// What is to be uploaded is an image.
    ImageFormat = "image-format",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// A name that no [`Rule`] has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule(());

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no rule has this name")
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(id: &str) -> Result<Self, UnknownRule> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.id() == id)
            .ok_or(UnknownRule(()))
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Rules that are stepped around, each on purpose and by name.
///
/// The service may move ahead of this crate; a rule that has become wrong must not need a fork.
///
/// ```
/// use weshop::validate::{Allow, Rule};
///
/// let allow = Allow::none().and(Rule::AnyOfBackground);
/// assert!(allow.contains(Rule::AnyOfBackground));
/// assert_eq!(allow.to_string(), "any-of-background");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allow(u64);

impl Allow {
    /// Every rule holds.
    pub const fn none() -> Self {
        Self(0)
    }

    /// The same, and this rule is stepped around as well.
    #[must_use]
    pub const fn and(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule as u32)
    }

    /// Whether the rule is stepped around.
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & 1 << rule as u32 != 0
    }

    /// Whether every rule holds.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The rules that are stepped around.
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL
            .iter()
            .copied()
            .filter(move |&rule| self.contains(rule))
    }
}

impl FromIterator<Rule> for Allow {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        rules.into_iter().fold(Self::none(), Self::and)
    }
}

impl Extend<Rule> for Allow {
    fn extend<I: IntoIterator<Item = Rule>>(&mut self, rules: I) {
        *self = rules.into_iter().fold(*self, Self::and);
    }
}

/// The ids, separated by commas.
impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(rule.id())?;
        }
        Ok(())
    }
}
