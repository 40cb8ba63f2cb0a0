//! The generated API without its code: methods, and types with their fields.
//!
//! Documents say what goes over the wire; this says what callers' programs name. The two part when the
//! generator changes, or when a harmless rewording of the document gives a type another name.
//!
//! ```
//! let surface = xtask::surface::read("pub struct Run { pub id: ::std::string::String, secret: u8 }").unwrap();
//! assert_eq!(xtask::surface::listing(&surface), "Run: struct\nRun.id: String\n");
//! ```

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item, ReturnType, Visibility};

use crate::drift::types::ApiChange;

/// Items by path, each with its signature or type.
pub type Surface = BTreeMap<String, String>;

/// Modules that repeat what others say: a setter a field, a function a default.
const REPEATED: [&str; 4] = [
    "types::builder",
    "types::defaults",
    "types::error",
    "prelude",
];

/// Reads the public items of Rust source.
///
/// # Errors
/// Why the source is not Rust.
pub fn read(source: &str) -> Result<Surface, String> {
    let file = syn::parse_file(source).map_err(|error| error.to_string())?;
    let mut surface = Surface::new();
    items(&file.items, "", &mut surface);
    Ok(surface)
}

/// The surface as text, one item a line.
pub fn listing(surface: &Surface) -> String {
    surface
        .iter()
        .map(|(item, is)| format!("{item}: {is}\n"))
        .collect()
}

/// What came, went and changed; what is inside of a type that came or went is not told again.
pub fn compare(old: &Surface, new: &Surface) -> Vec<ApiChange> {
    let mut changes = Vec::new();
    for (item, was) in old {
        match new.get(item) {
            Some(now) if now == was => {}
            Some(now) => changes.push(ApiChange::Changed {
                item: item.clone(),
                was: was.clone(),
                now: now.clone(),
            }),
            None if owner(item).is_some_and(|o| old.contains_key(o) && !new.contains_key(o)) => {}
            None => changes.push(ApiChange::Removed {
                item: item.clone(),
                was: was.clone(),
            }),
        }
    }
    for (item, now) in new.iter().filter(|(item, _)| !old.contains_key(*item)) {
        if !owner(item).is_some_and(|o| new.contains_key(o) && !old.contains_key(o)) {
            changes.push(ApiChange::Added {
                item: item.clone(),
                now: now.clone(),
            });
        }
    }
    changes
}

/// The type that a field, a variant or a method belongs to.
fn owner(item: &str) -> Option<&str> {
    match item.rsplit_once('.') {
        Some((owner, _)) => Some(owner),
        None => item.rsplit_once("::").map(|(owner, _)| owner),
    }
}

fn items(list: &[Item], module: &str, surface: &mut Surface) {
    let path = |name: &dyn ToString| match module {
        "" => name.to_string(),
        _ => format!("{module}::{}", name.to_string()),
    };
    for item in list {
        match item {
            Item::Mod(inner) if public(&inner.vis) => {
                let name = path(&inner.ident);
                if !REPEATED.contains(&name.as_str())
                    && let Some((_, list)) = &inner.content
                {
                    items(list, &name, surface);
                }
            }
            Item::Struct(item) if public(&item.vis) => {
                let name = path(&item.ident);
                fields(&item.fields, &name, surface);
                surface.insert(name, "struct".to_owned());
            }
            Item::Enum(item) if public(&item.vis) => {
                let name = path(&item.ident);
                for variant in &item.variants {
                    let shape = payload(&variant.fields);
                    let wire = renamed(&variant.attrs);
                    surface.insert(
                        format!("{name}::{}", variant.ident),
                        format!("variant{shape}{wire}"),
                    );
                }
                surface.insert(name, "enum".to_owned());
            }
            Item::Type(item) if public(&item.vis) => {
                surface.insert(path(&item.ident), format!("= {}", tidy(&item.ty)));
            }
            Item::Const(item) if public(&item.vis) => {
                surface.insert(path(&item.ident), tidy(&item.expr));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let name = path(&bare(&tidy(&item.self_ty)));
                methods(&item.items, &name, surface);
            }
            _ => {}
        }
    }
}

/// What a variant holds.
fn payload(list: &Fields) -> String {
    let types = list.iter().map(|field| match &field.ident {
        Some(name) => format!("{name}: {}", tidy(&field.ty)),
        None => tidy(&field.ty),
    });
    let types = types.collect::<Vec<_>>().join(", ");
    match list {
        Fields::Unit => String::new(),
        Fields::Unnamed(_) => format!("({types})"),
        Fields::Named(_) => format!(" {{ {types} }}"),
    }
}

fn fields(list: &Fields, owner: &str, surface: &mut Surface) {
    for (index, field) in list.iter().enumerate().filter(|(_, f)| public(&f.vis)) {
        let name = match &field.ident {
            Some(name) => name.to_string(),
            None => index.to_string(),
        };
        let wire = renamed(&field.attrs);
        surface.insert(
            format!("{owner}.{name}"),
            format!("{}{wire}", tidy(&field.ty)),
        );
    }
}

fn methods(list: &[ImplItem], owner: &str, surface: &mut Surface) {
    for item in list {
        let ImplItem::Fn(method) = item else { continue };
        let sign = &method.sig;
        if !public(&method.vis) || sign.ident == "builder" {
            continue;
        }
        let wait = if sign.asyncness.is_some() {
            "async "
        } else {
            ""
        };
        let inputs = tidy(&sign.inputs);
        let output = match &sign.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, to) => format!(" -> {}", tidy(to)),
        };
        let bounds = sign.generics.where_clause.as_ref();
        let bounds = bounds.map(|b| format!(" {}", tidy(b))).unwrap_or_default();
        let signature = format!("{wait}fn({inputs}){output}{bounds}");
        surface.insert(format!("{owner}::{}", sign.ident), signature);
    }
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// A type's name without its parameters.
fn bare(name: &str) -> String {
    name.split('<').next().unwrap_or(name).to_owned()
}

/// The name on the wire, where serde is told another one.
fn renamed(attributes: &[Attribute]) -> String {
    let mut wire = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("serde")) {
        // An attribute that is not understood is none that renames.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                let name: syn::LitStr = meta.value()?.parse()?;
                wire = format!(" as {:?}", name.value());
            } else if meta.input.peek(syn::Token![=]) {
                let _: syn::Expr = meta.value()?.parse()?;
            }
            Ok(())
        });
    }
    wire
}

/// Tokens as people write them, and the names that everybody knows without their paths.
fn tidy(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" <", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" ;", ";"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (",>", ">"),
        ("::std::string::", ""),
        ("::std::option::", ""),
        ("::std::result::", ""),
        ("::std::vec::", ""),
        ("::std::convert::", ""),
        ("::std::boxed::", ""),
        ("::std::collections::", ""),
        ("::std::num::", ""),
        ("std::convert::", ""),
        ("::serde_json::", "serde_json::"),
    ] {
        text = text.replace(from, to);
    }
    text = text
        .replace(", ", ",")
        .replace(",)", ")")
        .replace(",}", " }")
        .replace(',', ", ");
    text.trim_end()
        .strip_suffix(',')
        .map(str::to_owned)
        .unwrap_or(text)
}
