//! What is better said in the generated source than typify says it.

use std::collections::BTreeMap;

use serde_json::Value;
use syn::{Expr, Fields, ImplItem, Item, Member, Stmt, Type};

/// Builders of structs that keep unknown fields need not be told of them: without any, there are none.
pub(crate) fn extra_is_optional(file: &mut syn::File) {
    let Some(types) = module(&mut file.items, "types") else {
        return;
    };
    let keeps = |item: &Item| match item {
        Item::Struct(item) => match &item.fields {
            Fields::Named(fields) => {
                let flat = |field: &&syn::Field| field.attrs.iter().any(is_flatten);
                let named =
                    |field: &syn::Field| field.ident.as_ref().is_some_and(|name| name == "extra");
                fields
                    .named
                    .iter()
                    .find(flat)
                    .is_some_and(named)
                    .then(|| item.ident.to_string())
            }
            _ => None,
        },
        _ => None,
    };
    let names: Vec<String> = types.iter().filter_map(keeps).collect();
    for item in module(types, "builder").into_iter().flatten() {
        let Item::Impl(item) = item else { continue };
        let named = |owner: &Type| match owner {
            Type::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|owner| names.iter().any(|name| owner == name)),
            _ => false,
        };
        let is_default = item
            .trait_
            .as_ref()
            .and_then(|(_, path, _)| path.segments.last());
        if is_default.is_none_or(|last| last.ident != "Default") || !named(&item.self_ty) {
            continue;
        }
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else {
                continue;
            };
            let Some(Stmt::Expr(Expr::Struct(literal), _)) = method.block.stmts.first_mut() else {
                continue;
            };
            for field in &mut literal.fields {
                let extra = matches!(&field.member, Member::Named(name) if name == "extra");
                if extra && let Ok(empty) = syn::parse_str("Ok(Default::default())") {
                    field.expr = empty;
                }
            }
        }
    }
}

fn is_flatten(attribute: &syn::Attribute) -> bool {
    let mut flatten = false;
    if attribute.path().is_ident("serde") {
        let _ = attribute.parse_nested_meta(|meta| {
            flatten |= meta.path.is_ident("flatten");
            Ok(())
        });
    }
    flatten
}

fn module<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == name => item.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// Variants as the document names them with `x-enum-varnames`; `16:9` is `X16_9` and not `X169`.
pub(crate) fn variant_names(source: &str, document: &Value) -> String {
    let mut names: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let values: Vec<&str> = schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let given = schema.get("x-enum-varnames").and_then(Value::as_array);
        let given = given.filter(|given| given.len() == values.len());
        let named = values.into_iter().enumerate().filter_map(|(index, value)| {
            let given = given
                .and_then(|given| given.get(index))
                .and_then(Value::as_str);
            let given = given
                .filter(|given| syn::parse_str::<syn::Ident>(given).is_ok())
                .map(str::to_owned);
            Some((value.to_owned(), given.or_else(|| numbers(value))?))
        });
        let named: BTreeMap<String, String> = named.collect();
        let distinct: std::collections::BTreeSet<&String> = named.values().collect();
        if distinct.len() == named.len() && !named.is_empty() {
            names.insert(format!("    pub enum {name} {{"), named);
        }
    }
    if names.is_empty() {
        return source.to_owned();
    }
    let mut out = String::with_capacity(source.len());
    let mut wanted: Option<&BTreeMap<String, String>> = None;
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    let mut value: Option<String> = None;
    for line in source.lines() {
        // An enum's implementations follow it, up to the next type.
        if line.starts_with("    pub enum ")
            || line.starts_with("    pub struct ")
            || line.starts_with("    pub mod ")
        {
            wanted = names.get(line);
            renamed.clear();
        }
        let trimmed = line.trim();
        if let Some(wanted) = wanted {
            if let Some(rename) = trimmed
                .strip_prefix("#[serde(rename = ")
                .and_then(|rest| rest.strip_suffix(")]"))
            {
                value = syn::parse_str::<syn::LitStr>(rename)
                    .ok()
                    .map(|literal| literal.value());
            } else if let (Some(value), Some(old)) = (value.take(), trimmed.strip_suffix(','))
                && let Some(new) = wanted.get(&value)
                && old != new
            {
                renamed.insert(old.to_owned(), new.clone());
            }
        }
        out.push_str(&replaced(line, &renamed));
        out.push('\n');
    }
    out
}

/// `16:9` to `X16_9`: numbers are kept apart where they make up all of a value.
fn numbers(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split([':', '.', '/', 'x', '-']).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() > 1 && parts.iter().all(digits)).then(|| format!("X{}", parts.join("_")))
}

/// A line with the variants it names, and none of its strings, renamed.
fn replaced(line: &str, renamed: &BTreeMap<String, String>) -> String {
    let mut line = line.to_owned();
    for (old, new) in renamed {
        if line.trim() == format!("{old},") {
            line = line.replacen(old.as_str(), new, 1);
        }
        for end in [" ", ",", ")", ";"] {
            line = line.replace(&format!("Self::{old}{end}"), &format!("Self::{new}{end}"));
        }
    }
    line
}
