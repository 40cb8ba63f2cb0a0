//! Variants as the document names them with `x-enum-varnames`; `16:9` is `X16_9` and not `X169`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Item, ItemEnum, LitStr, Path, Type};

use crate::adapt::type_name;
use crate::polish::module;

/// Renames the variants of enumerations, where every name is then another.
pub(crate) fn rename(file: &mut syn::File, document: &Value) {
    let schemas = document["components"]["schemas"].as_object();
    let Some((schemas, types)) = schemas.zip(module(&mut file.items, "types")) else {
        return;
    };
    let schemas: BTreeMap<String, &Value> = schemas
        .iter()
        .map(|(name, schema)| (type_name(name), schema))
        .collect();
    let mut renamed: BTreeMap<String, BTreeMap<String, Ident>> = BTreeMap::new();
    for item in types.iter_mut() {
        let Item::Enum(item) = item else { continue };
        let name = item.ident.to_string();
        let Some(schema) = schemas.get(&name) else {
            continue;
        };
        // Names that are given and would be two of one are not taken, and numbers are still kept apart.
        let wanted = [wanted(schema, true), wanted(schema, false)];
        let new = wanted.iter().find_map(|wanted| new_names(item, wanted));
        let Some(new) = new.filter(|new| !new.is_empty()) else {
            continue;
        };
        for variant in &mut item.variants {
            if let Some(name) = new.get(&variant.ident.to_string()) {
                variant.ident = name.clone();
            }
        }
        renamed.insert(name, new);
    }
    for item in types {
        let Item::Impl(item) = item else { continue };
        let Type::Path(owner) = item.self_ty.as_ref() else {
            continue;
        };
        let owner = owner.path.get_ident().map(ToString::to_string);
        if let Some(new) = owner.and_then(|owner| renamed.get(&owner)) {
            Renaming(new).visit_item_impl_mut(item);
        }
    }
}

/// The names that are wanted, by the values that they are for.
fn wanted(schema: &Value, given: bool) -> BTreeMap<&str, Ident> {
    let values = schema.get("enum").and_then(Value::as_array);
    let values: Vec<&str> = values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let names = schema.get("x-enum-varnames").and_then(Value::as_array);
    let names = names.filter(|names| given && names.len() == values.len());
    let named = values.into_iter().enumerate().filter_map(|(index, value)| {
        let name = names.and_then(|names| names.get(index)?.as_str());
        let name = name.and_then(|name| syn::parse_str(name).ok());
        let numbered = || syn::parse_str(&numbers(value)?).ok();
        Some((value, name.or_else(numbered)?))
    });
    named.collect()
}

/// New names by old ones, if with those that stay they are still as many names as variants.
fn new_names(item: &ItemEnum, wanted: &BTreeMap<&str, Ident>) -> Option<BTreeMap<String, Ident>> {
    let mut new = BTreeMap::new();
    let mut all = BTreeSet::new();
    for variant in &item.variants {
        let old = variant.ident.to_string();
        let value = wire_value(&variant.attrs).unwrap_or_else(|| old.clone());
        let name = wanted.get(value.as_str());
        if !all.insert(name.map_or_else(|| old.clone(), ToString::to_string)) {
            return None;
        }
        if let Some(name) = name.filter(|name| **name != old) {
            new.insert(old, name.clone());
        }
    }
    Some(new)
}

/// What a variant is called in JSON, where that is not its own name.
fn wire_value(attributes: &[syn::Attribute]) -> Option<String> {
    let mut value = None;
    for attribute in attributes.iter().filter(|one| one.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                value = Some(meta.value()?.parse::<LitStr>()?.value());
            }
            Ok(())
        });
    }
    value
}

/// `16:9` to `X16_9`: numbers are kept apart where they make up all of a value.
fn numbers(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split([':', '.', '/', 'x', '-']).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() > 1 && parts.iter().all(digits)).then(|| format!("X{}", parts.join("_")))
}

/// Every `Self::Old` at once: one variant's new name may be the old one of another.
struct Renaming<'a>(&'a BTreeMap<String, Ident>);

impl VisitMut for Renaming<'_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        let own = path.segments.len() == 2 && path.segments[0].ident == "Self";
        if let Some(last) = path.segments.last_mut().filter(|_| own)
            && let Some(new) = self.0.get(&last.ident.to_string())
        {
            last.ident = new.clone();
        }
        visit_mut::visit_path_mut(self, path);
    }
}
