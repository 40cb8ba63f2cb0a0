//! What a drift report is made of. How changes are found and how they are shown live elsewhere.

/// What a change means for the callers of this library.
///
/// The order is that of urgency, so that the worst class of a report is its maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Words only.
    Documentation,
    /// Callers of today go on working; there is something new or something looser.
    Compatible,
    /// No rule covers it, so it counts as breaking until somebody has looked.
    Unclassified,
    /// Some caller of today fails, on the wire or when compiled anew.
    Breaking,
}

impl Class {
    /// Every class, the most urgent first.
    pub const ALL: [Self; 4] = [
        Self::Breaking,
        Self::Unclassified,
        Self::Compatible,
        Self::Documentation,
    ];

    /// The class in one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Unclassified => "unclassified",
            Self::Compatible => "compatible",
            Self::Documentation => "documentation",
        }
    }

    /// Whether somebody has to act before the new document can be taken.
    pub fn counts_as_breaking(self) -> bool {
        self >= Self::Unclassified
    }
}

/// Which way the data that a change is about flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Callers send it.
    Request,
    /// Callers receive it.
    Response,
    /// Both of the above, or unknown: judged in both.
    Both,
    /// It is not data: servers, security, words.
    Neither,
}

impl Direction {
    /// The direction in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Both => "request and response",
            Self::Neither => "document",
        }
    }

    /// The direction of data seen in this one and in `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Neither, known) | (known, Self::Neither) => known,
            _ => Self::Both,
        }
    }
}

/// The document that a pointer points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The vendored document.
    Old,
    /// The remote document.
    New,
}

/// What becomes of one item of the generated API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiChange {
    /// The item is new.
    Added {
        /// Its path.
        item: String,
        /// Its signature or type.
        now: String,
    },
    /// The item is gone.
    Removed {
        /// Its path.
        item: String,
        /// What it was.
        was: String,
    },
    /// The item is there under the same name, and is something else.
    Changed {
        /// Its path.
        item: String,
        /// What it was.
        was: String,
        /// What it is.
        now: String,
    },
}

impl ApiChange {
    /// The path of the item, `types::RunInput.task_name` or `Client::submit_run`.
    pub fn item(&self) -> &str {
        match self {
            Self::Added { item, .. } | Self::Removed { item, .. } | Self::Changed { item, .. } => {
                item
            }
        }
    }

    /// Whether code that named the item can fail to compile.
    pub fn breaks(&self) -> bool {
        !matches!(self, Self::Added { .. })
    }
}

/// One difference between the vendored and the remote document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The operations that it bears on, `POST /runs (submitRun)`; none for what belongs to no operation.
    pub operations: Vec<String>,
    /// Which way the data flows.
    pub direction: Direction,
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// The document that `pointer` points into: what was removed is only in the old one.
    pub side: Side,
    /// What happened.
    pub what: String,
    /// What it means for callers.
    pub class: Class,
    /// Why it means that.
    pub why: String,
    /// What it does to the generated API.
    pub api: Vec<ApiChange>,
}

/// Something that the hand-written layer needs and that the remote document has no more, or has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What is needed.
    pub what: String,
    /// The file and item in `src/` that need it.
    pub needed_by: String,
    /// What is wrong with it.
    pub why: String,
}

/// Every difference between two documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The changes, in the order of their pointers.
    pub changes: Vec<Change>,
    /// What the hand-written layer would miss.
    pub missing: Vec<Need>,
    /// What else the reader has to know to judge the report.
    pub notes: Vec<String>,
}

impl Report {
    /// How many changes are of this class.
    pub fn count(&self, class: Class) -> usize {
        self.changes.iter().filter(|c| c.class == class).count()
    }

    /// The most urgent class in the report; `None` when nothing changed.
    pub fn worst(&self) -> Option<Class> {
        self.changes.iter().map(|c| c.class).max()
    }
}
