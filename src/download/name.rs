//! What the files are called.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::ids::RunId;

const LONGEST_STEM: usize = 100;
/// Forty-eight bits: even among a hundred million images of one name, two hardly ever share a mark.
const MARK: usize = 12;

/// A name that stays in its folder, whatever the service or the caller calls the run. Where that takes
/// changing it, a digest keeps different runs apart.
pub(super) fn file_stem(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let replaced = name.chars().take(LONGEST_STEM);
    let stem: String = replaced.map(|c| if safe(c) { c } else { '_' }).collect();
    let stem = stem.trim_start_matches('.');
    if stem == name {
        return stem.to_owned();
    }
    format!("{stem}-{:.8}", digest(name))
}

/// What tells each image from every other: a digest of its run and its address.
///
/// Its place among the results would not, since they arrive in any order. A query is left out, because a
/// signature in it may be another at every reading, unless images of the run differ in nothing else: to
/// fetch one of those twice is better than to take one for the other.
pub(super) fn marks(run: &RunId, urls: &[&str]) -> Vec<String> {
    let mut first = HashMap::new();
    let differ = urls
        .iter()
        .filter(|url| first.entry(without_query(url)).or_insert(*url) != url);
    let shared: HashSet<&str> = differ.map(|url| without_query(url)).collect();
    let mark = |url: &&str| {
        let bare = without_query(url);
        let told_by = if shared.contains(bare) { url } else { bare };
        // Runs may be given the same stem, and a service may give the images of all runs one path.
        let mut mark = digest(&format!("{run}\n{told_by}"));
        mark.truncate(MARK);
        mark
    };
    urls.iter().map(mark).collect()
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn digest(text: &str) -> String {
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    digest.simple().to_string()
}
