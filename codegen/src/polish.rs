//! What is better said in the generated source than typify says it.

use std::collections::BTreeSet;

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
    let names: BTreeSet<String> = types.iter().filter_map(keeps).collect();
    for item in module(types, "builder").into_iter().flatten() {
        let Item::Impl(item) = item else { continue };
        let named = |owner: &Type| match owner {
            Type::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|owner| names.contains(&owner.to_string())),
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

pub(crate) fn module<'a>(items: &'a mut [Item], name: &str) -> Option<&'a mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == name => item.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}
