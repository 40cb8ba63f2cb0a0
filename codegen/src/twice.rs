//! What parses and would not compile: one name for two things.

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, Type};

/// The first name that is given twice where it may be given once.
pub(crate) fn check(items: &[Item]) -> Result<(), String> {
    let mut types = BTreeSet::new();
    let mut methods = BTreeSet::new();
    for item in items {
        match item {
            Item::Struct(item) => {
                once(&mut types, item.ident.to_string(), "types")?;
                fields(&item.fields)?;
            }
            Item::Enum(item) => {
                once(&mut types, item.ident.to_string(), "types")?;
                let mut variants = BTreeSet::new();
                for variant in &item.variants {
                    once(&mut variants, variant.ident.to_string(), "variants")?;
                    fields(&variant.fields)?;
                }
            }
            Item::Type(item) => once(&mut types, item.ident.to_string(), "types")?,
            Item::Impl(item) if item.trait_.is_none() => {
                let Type::Path(path) = item.self_ty.as_ref() else {
                    continue;
                };
                let owner = path
                    .path
                    .segments
                    .last()
                    .map(|last| last.ident.to_string())
                    .unwrap_or_default();
                for member in &item.items {
                    if let ImplItem::Fn(method) = member {
                        once(
                            &mut methods,
                            format!("{owner}::{}", method.sig.ident),
                            "methods",
                        )?;
                    }
                }
            }
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    check(items)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn fields(fields: &Fields) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for field in fields {
        if let Some(name) = &field.ident {
            once(&mut names, name.to_string(), "fields")?;
        }
    }
    Ok(())
}

fn once(names: &mut BTreeSet<String>, name: String, what: &str) -> Result<(), String> {
    let message = format!("two {what} would be called {name}");
    if names.insert(name) {
        Ok(())
    } else {
        Err(message)
    }
}
