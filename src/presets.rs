//! Presets: the locations, models and backgrounds whose ids an agent's parameters take.
//!
//! ```no_run
//! use futures_util::TryStreamExt;
//! use weshop::{Client, PresetKind};
//!
//! # async fn example(client: Client) -> Result<(), weshop::Error> {
//! let mut presets = client.presets("aimodel", "v1.0").stream();
//! while let Some(preset) = presets.try_next().await? {
//!     if preset.kind == PresetKind::Location {
//!         println!("{} {}", preset.id, preset.name);
//!     }
//! }
//! # Ok(()) }
//! ```

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::Error;
use crate::generated::{operations, types};
use crate::json::take_text;
use crate::transport::Call;

/// What a preset can be used for.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PresetKind {
    /// A scene: `locationId`.
    Location,
    /// A model: `fashionModelId`.
    FashionModel,
    /// A background: `backgroundId`.
    Background,
    /// A kind that this crate does not know, by the name of its list.
    Other(String),
}

impl PresetKind {
    fn of_list(name: &str) -> Self {
        match name {
            "locations" => Self::Location,
            "fashionModels" => Self::FashionModel,
            "backgrounds" => Self::Background,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Something to choose by its id.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preset {
    /// What it can be used for.
    pub kind: PresetKind,
    /// The id that parameters take.
    pub id: i64,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The URL of a picture of it.
    pub image: Option<String>,
    /// Where it is filed.
    pub categories: Vec<String>,
    /// Whatever else the service says of it.
    pub extra: Map<String, Value>,
}

impl Preset {
    fn read(kind: &PresetKind, entry: Value) -> Option<Self> {
        let Value::Object(mut entry) = entry else {
            return None;
        };
        let id = entry.remove("id")?.as_i64()?;
        let categories = match entry.get_mut("categories").map(Value::take) {
            Some(Value::Array(categories)) => categories,
            _ => Vec::new(),
        };
        entry.remove("categories");
        Some(Self {
            kind: kind.clone(),
            id,
            name: take_text(&mut entry, "name").unwrap_or_default(),
            image: take_text(&mut entry, "image"),
            categories: categories
                .into_iter()
                .filter_map(|category| Some(category.as_str()?.to_owned()))
                .collect(),
            extra: entry,
        })
    }
}

/// One page of presets.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq)]
pub struct PresetPage {
    /// The page's number, from 1.
    pub number: u32,
    /// The presets on it, of every kind.
    pub presets: Vec<Preset>,
    /// Whether the service says that no further page follows; `None` where it does not say.
    pub is_last: Option<bool>,
}

/// A question for presets, made by [`Client::presets`].
#[derive(Debug, Clone)]
#[must_use = "ask for a `page`, or for a `stream` of all"]
pub struct PresetQuery {
    client: Client,
    agent: String,
    version: String,
    page_size: Option<i32>,
    resource: Option<types::ResourceType>,
}

impl Client {
    /// The presets of an agent, `aimodel` and `v1.0` for example.
    pub fn presets(&self, agent: impl Into<String>, version: impl Into<String>) -> PresetQuery {
        PresetQuery {
            client: self.clone(),
            agent: agent.into(),
            version: version.into(),
            page_size: None,
            resource: None,
        }
    }
}

impl PresetQuery {
    /// A service that never calls a page the last one must not keep a stream going for ever.
    const MAX_PAGES: u32 = 1_000;
    /// Every preset bears its kind, and a kind the name of its list.
    const LONGEST_NAME: usize = 64;

    /// How many presets a page holds. The service's own choice is 50 unless set, and it refuses more than
    /// 100.
    pub fn with_page_size(mut self, presets: u8) -> Self {
        self.page_size = Some(presets.into());
        self
    }

    /// One kind of preset only; the service knows this for `aimodel` alone.
    pub fn with_resource(mut self, resource: types::ResourceType) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Reads one page, counted from 1.
    ///
    /// # Errors
    /// Those of any read.
    pub async fn page(&self, number: u32) -> Result<PresetPage, Error> {
        let call = Arc::new(Call::read(operations::GET_AGENT_INFO.id));
        let api = self.client.api(&call);
        let mut request = api
            .get_agent_info()
            .agent_name(&self.agent)
            .agent_version(&self.version)
            .page(i32::try_from(number.max(1)).unwrap_or(i32::MAX));
        if let Some(size) = self.page_size {
            request = request.page_size(size);
        }
        if let Some(resource) = self.resource {
            request = request.resource_type(resource);
        }
        let mut json = call.finish(request.send().await)?;
        let Some(Value::Object(mut data)) = json.get_mut("data").map(Value::take) else {
            let error = Error::unreadable(200, "no presets in it", "");
            return Err(error.with_operation(call.operation));
        };
        let is_last = data.remove("pagination").as_ref().and_then(is_last);
        let presets = data
            .into_iter()
            .filter(|(list, _)| list.len() <= Self::LONGEST_NAME)
            .filter_map(|(list, entries)| match entries {
                Value::Array(entries) => Some((PresetKind::of_list(&list), entries)),
                _ => None,
            })
            .flat_map(|(kind, entries)| {
                let read = move |entry| Preset::read(&kind, entry);
                entries.into_iter().filter_map(read)
            })
            .collect();
        Ok(PresetPage {
            number: number.max(1),
            presets,
            is_last,
        })
    }

    /// All presets, page after page, each once. A page is asked for when the one before it has been
    /// taken. The stream ends where the service calls a page the last, where a page brings nothing
    /// new, and after the first error.
    pub fn stream(self) -> BoxStream<'static, Result<Preset, Error>> {
        let state = Pages {
            query: self,
            next: Some(1),
            waiting: VecDeque::new(),
            seen: HashSet::new(),
        };
        stream::unfold(state, |mut pages| async move {
            let item = pages.advance().await?;
            Some((item, pages))
        })
        // What asks once more after the end, as `select` may, must not be met with a panic.
        .fuse()
        .boxed()
    }
}

struct Pages {
    query: PresetQuery,
    next: Option<u32>,
    waiting: VecDeque<Preset>,
    seen: HashSet<(PresetKind, i64)>,
}

impl Pages {
    async fn advance(&mut self) -> Option<Result<Preset, Error>> {
        while self.waiting.is_empty() {
            let number = self.next.take()?;
            let page = match self.query.page(number).await {
                Ok(page) => page,
                Err(error) => return Some(Err(error)),
            };
            let seen = &mut self.seen;
            self.waiting.extend(
                page.presets
                    .into_iter()
                    .filter(|preset| seen.insert((preset.kind.clone(), preset.id))),
            );
            let more = page.is_last != Some(true)
                && !self.waiting.is_empty()
                && number < PresetQuery::MAX_PAGES;
            self.next = more.then_some(number + 1);
        }
        self.waiting.pop_front().map(Ok)
    }
}

/// The last page is the one that is last for every kind that says so.
fn is_last(pagination: &Value) -> Option<bool> {
    let mut said = pagination
        .as_object()?
        .values()
        .filter_map(|kind| kind.get("isLastPage")?.as_bool())
        .peekable();
    said.peek()?;
    Some(said.all(|last| last))
}
