//! The presets that `agent/info` lists.

use serde_json::{Value, json};

use super::reply::Refusal;

/// A kind of preset: the array's name, the first id, how many there are, and what they are called.
struct Kind {
    field: &'static str,
    first: i64,
    count: i64,
    noun: &'static str,
    categories: [&'static str; 3],
}

// More than two pages of the largest page size, so that a reader that stops early is found out.
const LOCATIONS: Kind = Kind {
    field: "locations",
    first: 1001,
    count: 230,
    noun: "Location",
    categories: ["street", "studio", "nature"],
};
const MODELS: Kind = Kind {
    field: "fashionModels",
    first: 2001,
    count: 120,
    noun: "Model",
    categories: ["female", "male", "child"],
};
const SCENES: Kind = Kind {
    field: "locations",
    first: 3001,
    count: 60,
    noun: "Scene",
    categories: ["table", "wall", "outdoors"],
};
const BACKGROUNDS: Kind = Kind {
    field: "backgrounds",
    first: 4001,
    count: 12,
    noun: "Background",
    categories: ["plain", "gradient", "texture"],
};

/// What a listing asks for.
pub(super) struct Query<'a> {
    pub(super) agent: &'a str,
    pub(super) page: i64,
    pub(super) page_size: i64,
    pub(super) resource: Option<&'a str>,
}

/// One page of an agent's presets; an agent that has none answers with empty arrays.
pub(super) fn page(query: &Query<'_>, base: &str) -> Result<Value, Refusal> {
    if query.resource.is_some() && query.agent != "aimodel" {
        return Err(Refusal::bad_request(
            "INVALID_PARAMS",
            "resourceType is known for the agent aimodel alone",
        ));
    }
    let kinds: &[Kind] = match query.agent {
        "aimodel" => &[LOCATIONS, MODELS],
        "aiproduct" => &[SCENES],
        "removeBG" => &[BACKGROUNDS],
        _ => &[],
    };
    let mut data = json!({"locations": [], "fashionModels": [], "backgrounds": []});
    let mut pagination = json!({"page": query.page, "pageSize": query.page_size});
    for kind in kinds {
        if query.resource.is_some_and(|only| only != kind.field) {
            continue;
        }
        let from = (query.page - 1)
            .saturating_mul(query.page_size)
            .min(kind.count);
        let to = from.saturating_add(query.page_size).min(kind.count);
        data[kind.field] = (from..to).map(|n| kind.preset(n, base)).collect();
        pagination[kind.field] = json!({"total": kind.count, "isLastPage": to == kind.count});
    }
    data["pagination"] = pagination;
    Ok(data)
}

impl Kind {
    fn preset(&self, n: i64, base: &str) -> Value {
        let id = self.first + n;
        let category = self.categories[n.unsigned_abs() as usize % self.categories.len()];
        json!({
            "id": id,
            "name": format!("{} {}", self.noun, n + 1),
            "image": format!("{base}/presets/{id}.png"),
            // The service sends null now and then, so readers should meet it here.
            "categories": if n % 7 == 6 { Value::Null } else { json!([category]) },
            "type": "system",
        })
    }
}

/// Whether some preset has this id.
pub(super) fn exists(id: i64) -> bool {
    [LOCATIONS, MODELS, SCENES, BACKGROUNDS]
        .iter()
        .any(|kind| (kind.first..kind.first + kind.count).contains(&id))
}

/// The colour that stands for a preset in a picture.
pub(super) fn colour(id: i64) -> [u8; 3] {
    // Knuth's multiplicative hash: neighbours get colours that the eye can tell apart.
    let [a, b, c, _] = (id.unsigned_abs() as u32)
        .wrapping_mul(2_654_435_761)
        .to_be_bytes();
    [a, b, c]
}
