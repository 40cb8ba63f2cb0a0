//! `src/needs.txt` held against documents that lack something, or ask for more.

use serde_json::{Value, json};
use weshop_codegen::{Document, check_needs};

use crate::needs_table::{NEEDS, rows, vendored};
use crate::needs_without::{operation, without};

fn complaints(document: &Value) -> Vec<String> {
    let document = Document::parse(&document.to_string()).unwrap();
    let missing = check_needs(&document, NEEDS).err().unwrap_or_default();
    missing.iter().map(ToString::to_string).collect()
}

#[test]
fn each_removal_is_named_with_who_needs_it() {
    assert_eq!(complaints(&vendored()), [""; 0]);
    for [kind, name, _, needed_by] in rows() {
        let why = match (kind, name) {
            ("method", _) => {
                "is not generated: the cookie parameter session: the client sends no cookies"
            }
            ("server", _) => "is not where uploadImage is, which is https://api.example",
            ("parameter", "getRun.executionId") => "is \"path integer\" and not \"path string\"",
            _ => "is not in the document",
        };
        let wanted = format!("{kind} {name} {why}; {needed_by} needs it");
        let lines = complaints(&without(vendored(), kind, name));
        assert_eq!(lines, [wanted], "without {kind} {name}");
    }
}

#[test]
fn a_changed_shape_is_named_too() {
    let string = json!({"type": "string"});
    let parameters = operation(&vendored(), "getAgentInfo") + "/parameters";
    let submit = operation(&vendored(), "submitRun");
    let upload = operation(&vendored(), "uploadImage");
    let width = "/components/schemas/ExpandimageParams/properties/targetWidth";
    for (at, new, wanted) in [
        (
            width.to_owned(),
            string.clone(),
            "property ExpandimageParams.targetWidth is \"string\" and not \"integer\"; \
             src/agents/expandimage.rs, SPEC needs it",
        ),
        (
            "/components/schemas/RunRequest/properties/params/additionalProperties".to_owned(),
            string.clone(),
            "property RunRequest.params is \"object of string\" and not \"object\"; \
             src/submit.rs, PreparedRun needs it",
        ),
        (
            "/components/schemas/ResourceType".to_owned(),
            string.clone(),
            "schema ResourceType is no enumeration; src/presets.rs, ResourceType needs it",
        ),
        (
            "/components/schemas/RunRequest/required/0".to_owned(),
            json!("tenant"),
            "schema RunRequest requires tenant, which nothing in the table sets; \
             src/submit.rs, PreparedRun needs it",
        ),
        (
            "/components/schemas/AiposeVersion/x-enum-varnames".to_owned(),
            json!(["Small", "Large"]),
            "value AiposeVersion.pro is \"Large\" and not \"Pro\"; \
             src/agent.rs, AiposeVersion needs it",
        ),
        (
            format!("{parameters}/2/schema"),
            string,
            "parameter getAgentInfo.page is \"query string\" and not \"query integer\"; \
             src/presets.rs, page needs it",
        ),
        (
            format!("{parameters}/3/required"),
            json!(true),
            "parameter getAgentInfo.pageSize is \"query integer\" and not \"query integer?\"; \
             src/presets.rs, page_size needs it",
        ),
        (
            format!("{parameters}/2/name"),
            json!("leaf"),
            "parameter getAgentInfo.page is not in the document; src/presets.rs, page needs it",
        ),
        (
            format!("{submit}/parameters/0"),
            json!({"name": "Idempotency-Key", "in": "query", "schema": {"type": "string"}}),
            "parameter submitRun.Idempotency-Key is \"query string\" and not \"header string\"; \
             src/submit.rs, idempotency_key needs it",
        ),
        (
            format!("{submit}/requestBody/content"),
            json!({"application/json": {"schema": {"$ref": "#/components/schemas/AgentRef"}}}),
            "body submitRun is \"application/json AgentRef\" and not \
             \"application/json RunRequest\"; src/submit.rs, body needs it",
        ),
        (
            format!("{submit}/requestBody/content"),
            json!({"multipart/form-data": {"schema": {"type": "object"}}}),
            "method submitRun is not generated: the request body is multipart/form-data, which \
             cannot be generated; src/submit.rs, submit_run needs it",
        ),
        (
            format!("{upload}/requestBody/content"),
            json!({"image/png": {}, "image/jpeg": {}}),
            "body uploadImage is \"image/png\" and not \"multipart/form-data\"; \
             src/upload.rs, UploadRequests needs it",
        ),
        (
            format!("{upload}/requestBody/content/multipart~1form-data/schema/required/0"),
            json!("album"),
            "body uploadImage requires the part album, which nothing in the table sets; \
             src/upload.rs, UploadRequests needs it",
        ),
    ] {
        let mut document = vendored();
        set(&mut document, &at, new);
        let lines = complaints(&document);
        assert!(lines.iter().any(|line| line == wanted), "{at}: {lines:#?}");
    }
}

/// Puts a value where one is, or where one may be.
fn set(document: &mut Value, at: &str, new: Value) {
    let (outer, last) = at.rsplit_once('/').unwrap();
    let outer = document.pointer_mut(outer).unwrap();
    match last.parse::<usize>() {
        Ok(index) => outer[index] = new,
        Err(_) => outer[last.replace("~1", "/")] = new,
    }
}

#[test]
fn what_asks_for_more_than_is_sent_is_named() {
    let tenant = json!({"name": "X-Tenant", "in": "header", "required": true,
                        "schema": {"type": "string"}});
    let mut document = vendored();
    let at = operation(&document, "getRun") + "/parameters";
    let parameters = document.pointer_mut(&at).unwrap();
    parameters.as_array_mut().unwrap().push(tenant);
    let wanted = "method getRun requires a header parameter X-Tenant, which nothing in the table \
                  sets; src/run.rs, get_run needs it";
    assert_eq!(complaints(&document), [wanted]);

    let mut document = vendored();
    let at = operation(&document, "getRun");
    let body = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
    document.pointer_mut(&at).unwrap()["requestBody"] = body;
    let wanted = "method getRun requires a body, which nothing in the table sets; \
                  src/run.rs, get_run needs it";
    assert_eq!(complaints(&document), [wanted]);
}

#[test]
fn what_the_code_goes_on_compiling_with_is_no_need() {
    let mut document = vendored();
    let info = operation(&document, "getAgentInfo");
    let submit = operation(&document, "submitRun");
    // Whatever is always sent may become required, a wider integer takes a narrow one, and headers
    // have no case.
    set(
        &mut document,
        &format!("{submit}/parameters/0/required"),
        json!(true),
    );
    set(
        &mut document,
        &format!("{submit}/parameters/0/name"),
        json!("idempotency-key"),
    );
    set(
        &mut document,
        &format!("{info}/parameters/0/required"),
        json!(false),
    );
    set(
        &mut document,
        &format!("{info}/parameters/2/schema/format"),
        json!("int64"),
    );
    // A request that is made by hand is not what the generator would choose to send.
    let upload = operation(&document, "uploadImage");
    set(
        &mut document,
        &format!("{upload}/requestBody/content/application~1octet-stream"),
        json!({}),
    );
    assert_eq!(complaints(&document), [""; 0]);
}
