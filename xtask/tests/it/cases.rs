//! One base document, one small patch a case, one report a snapshot.

mod pairs;

use std::sync::LazyLock;

use insta::{assert_snapshot, with_settings};
use serde_json::{Value, json};
use xtask::drift::display::{self, Format};
use xtask::drift::types::Report;
use xtask::spec::{Spec, compare};

static OLD: LazyLock<Spec> = LazyLock::new(|| Spec::read(include_bytes!("base.yaml")).unwrap());

/// The base document and the same with a JSON Patch applied, compared with everything there is.
fn report(patch: &Value) -> Report {
    let old = &*OLD;
    let mut changed = old.value().clone();
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
    json_patch::patch(&mut changed, &patch).unwrap();
    let new = Spec::read(changed.to_string().as_bytes()).unwrap();
    compare(old, &new, "")
}

fn written(patch: &Value, format: Format) -> String {
    let mut out = Vec::new();
    display::write(&report(patch), format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn check(name: &str, patch: &Value) {
    let shown = written(patch, Format::Text);
    with_settings!({description => patch.to_string(), omit_expression => true}, {
        assert_snapshot!(name, shown);
    });
}

macro_rules! cases {
    ($($name:ident: $patch:tt;)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), &json!($patch));
        })*
    };
}

cases! {
    nothing: [];

    // Operations
    operation_added: [{"op": "copy", "from": "/paths/~1orders/get", "path": "/paths/~1orders/head"},
        {"op": "replace", "path": "/paths/~1orders/head/operationId", "value": "countOrders"}];
    operation_removed: [{"op": "remove", "path": "/paths/~1orders~1{orderId}/get"}];
    path_added: [{"op": "add", "path": "/paths/~1health", "value": {"get": {"operationId": "health",
        "responses": {"204": {"description": "It lives."}}}}}];
    path_removed: [{"op": "remove", "path": "/paths/~1orders~1{orderId}~1photo"}];
    path_moved: [{"op": "move", "from": "/paths/~1orders", "path": "/paths/~1purchases"}];
    path_parameter_renamed: [{"op": "move", "from": "/paths/~1orders~1{orderId}", "path": "/paths/~1orders~1{id}"},
        {"op": "replace", "path": "/paths/~1orders~1{id}/parameters/0/name", "value": "id"}];
    operation_id_changed: [{"op": "replace", "path": "/paths/~1orders/get/operationId", "value": "findOrders"}];
    operation_deprecated: [{"op": "add", "path": "/paths/~1orders/get/deprecated", "value": true}];
    operation_extension: [{"op": "add", "path": "/paths/~1orders/get/x-rate", "value": 3}];

    // Parameters
    parameter_added_optional: [{"op": "add", "path": "/paths/~1orders/get/parameters/-",
        "value": {"name": "after", "in": "query", "schema": {"type": "string"}}}];
    parameter_added_required: [{"op": "add", "path": "/paths/~1orders/get/parameters/-",
        "value": {"name": "shop", "in": "query", "required": true, "schema": {"type": "string"}}}];
    parameter_removed: [{"op": "remove", "path": "/paths/~1orders/get/parameters/1"}];
    parameter_required_now: [{"op": "add", "path": "/paths/~1orders/get/parameters/0/required", "value": true}];
    parameter_moved_to_header: [{"op": "replace", "path": "/paths/~1orders/get/parameters/1/in", "value": "header"}];
    parameter_header_case: [{"op": "replace", "path": "/paths/~1orders/get/parameters/2/name", "value": "x-trace"}];
    parameter_range_narrowed: [{"op": "replace", "path": "/paths/~1orders/get/parameters/1/schema/maximum", "value": 50}];
    parameter_range_widened: [{"op": "replace", "path": "/paths/~1orders/get/parameters/1/schema/maximum", "value": 500}];
    parameter_default_changed: [{"op": "replace", "path": "/paths/~1orders/get/parameters/1/schema/default", "value": 10}];
    parameter_style_changed: [{"op": "add", "path": "/paths/~1orders/get/parameters/0/style", "value": "pipeDelimited"}];
    parameter_style_said: [{"op": "add", "path": "/paths/~1orders/get/parameters/0/style", "value": "form"}];
    parameters_reordered: [{"op": "move", "from": "/paths/~1orders/get/parameters/0", "path": "/paths/~1orders/get/parameters/2"}];
    parameter_shared_changed: [{"op": "replace", "path": "/paths/~1orders~1{orderId}/parameters/0/schema",
        "value": {"type": "string", "format": "uuid"}}];
    parameter_shared_made_own: [
        {"op": "add", "path": "/paths/~1orders~1{orderId}/get/parameters", "value":
            [{"name": "orderId", "in": "path", "required": true, "schema": {"type": "string"}}]},
        {"op": "add", "path": "/paths/~1orders~1{orderId}/delete/parameters", "value":
            [{"name": "orderId", "in": "path", "required": true, "schema": {"type": "string"}}]},
        {"op": "remove", "path": "/paths/~1orders~1{orderId}/parameters"}];

    // Request bodies
    request_body_removed: [{"op": "remove", "path": "/paths/~1orders/post/requestBody"}];
    request_body_added: [{"op": "add", "path": "/paths/~1orders~1{orderId}/delete/requestBody", "value":
        {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Line"}}}}}];
    request_body_optional: [{"op": "replace", "path": "/paths/~1orders/post/requestBody/required", "value": false}];
    request_body_required: [{"op": "add", "path": "/paths/~1orders~1{orderId}~1photo/put/requestBody/required", "value": true}];
    request_field_added_optional: [{"op": "add", "path": "/components/schemas/NewOrder/properties/wrap", "value": {"type": "string"}}];
    request_field_added_required: [{"op": "add", "path": "/components/schemas/NewOrder/properties/wrap", "value": {"type": "string"}},
        {"op": "add", "path": "/components/schemas/NewOrder/required/-", "value": "wrap"}];
    request_field_removed: [{"op": "remove", "path": "/components/schemas/NewOrder/properties/coupon"}];
    request_field_required_now: [{"op": "add", "path": "/components/schemas/NewOrder/required/-", "value": "coupon"}];
    request_field_optional_now: [{"op": "replace", "path": "/components/schemas/Line/required", "value": ["article"]}];
    request_field_type: [{"op": "replace", "path": "/components/schemas/Line/properties/article/type", "value": "integer"}];
    request_null_refused: [{"op": "replace", "path": "/components/schemas/NewOrder/properties/comment/type", "value": "string"}];
    request_enum_value_added: [{"op": "add", "path": "/components/schemas/StateFilter/enum/-", "value": "sent"}];
    request_enum_value_removed: [{"op": "remove", "path": "/components/schemas/StateFilter/enum/1"}];
    request_const_value_added: [{"op": "add", "path": "/components/schemas/Speed/oneOf/-", "value": {"const": "drone"}}];
    request_pattern: [{"op": "replace", "path": "/components/schemas/NewOrder/properties/coupon/pattern", "value": "^[A-Z]+$"}];
    request_lengths: [{"op": "replace", "path": "/components/schemas/NewOrder/properties/coupon/maxLength", "value": 8},
        {"op": "remove", "path": "/components/schemas/NewOrder/properties/coupon/minLength"}];
    request_multiple: [{"op": "replace", "path": "/components/schemas/Line/properties/price/multipleOf", "value": 0.25}];
    request_items_bounds: [{"op": "replace", "path": "/components/schemas/NewOrder/properties/lines/maxItems", "value": 10}];
    request_format_wider: [{"op": "replace", "path": "/components/schemas/Line/properties/count/format", "value": "int64"}];
    request_number_for_integer: [{"op": "replace", "path": "/components/schemas/Line/properties/count/type", "value": "number"},
        {"op": "remove", "path": "/components/schemas/Line/properties/count/format"}];
    request_opened: [{"op": "remove", "path": "/components/schemas/NewOrder/additionalProperties"}];
    request_read_only: [{"op": "add", "path": "/components/schemas/NewOrder/properties/gift/readOnly", "value": true}];

    // Responses
    response_status_added: [{"op": "add", "path": "/paths/~1orders/post/responses/202", "value": {"description": "Later."}}];
    response_error_added: [{"op": "add", "path": "/paths/~1orders/post/responses/5XX", "value": {"$ref": "#/components/responses/Error"}}];
    response_removed: [{"op": "remove", "path": "/paths/~1orders/post/responses/4XX"}];
    response_header_added: [{"op": "add", "path": "/paths/~1orders/get/responses/200/headers", "value":
        {"X-Left": {"schema": {"type": "integer"}}}}];
    response_header_removed: [{"op": "remove", "path": "/paths/~1orders/post/responses/201/headers/Location"}];
    response_field_added: [{"op": "add", "path": "/components/schemas/Order/properties/weight", "value": {"type": "number"}}];
    response_field_removed: [{"op": "remove", "path": "/components/schemas/Order/properties/note"}];
    response_field_required_now: [{"op": "add", "path": "/components/schemas/Page/required/-", "value": "next"}];
    response_field_optional_now: [{"op": "replace", "path": "/components/schemas/Order/required", "value": ["id", "state"]}];
    response_field_type: [{"op": "replace", "path": "/components/schemas/Order/properties/id/type", "value": "integer"}];
    response_null_allowed: [{"op": "replace", "path": "/components/schemas/Page/properties/next/type", "value": ["string", "null"]}];
    response_null_written_otherwise: [{"op": "replace", "path": "/components/schemas/Order/properties/note", "value":
        {"anyOf": [{"type": "string"}, {"type": "null"}]}}];
    response_enum_value_added: [{"op": "add", "path": "/components/schemas/State/enum/-", "value": "lost"}];
    response_enum_value_removed: [{"op": "remove", "path": "/components/schemas/State/enum/1"}];
    response_const_changed: [{"op": "replace", "path": "/components/schemas/Order/properties/kind/const", "value": "purchase"}];
    response_const_as_enum: [{"op": "replace", "path": "/components/schemas/Order/properties/kind", "value":
        {"type": "string", "enum": ["order"]}}];
    response_range_widened: [{"op": "remove", "path": "/components/schemas/Order/properties/total/minimum"}];
    response_format_dropped: [{"op": "remove", "path": "/components/schemas/Order/properties/placed/format"}];
    response_map_values: [{"op": "replace", "path": "/components/schemas/Order/properties/labels/additionalProperties/type", "value": "integer"}];
    response_closed: [{"op": "add", "path": "/components/schemas/Card/additionalProperties", "value": false}];
    response_write_only: [{"op": "add", "path": "/components/schemas/Card/properties/last4/writeOnly", "value": true}];
    response_nullable_leftover: [{"op": "add", "path": "/components/schemas/Page/properties/next/nullable", "value": true}];

    // Sent and received
    both_ways_field_required: [{"op": "add", "path": "/components/schemas/Address/required/-", "value": "zip"}];
    both_ways_enum: [{"op": "add", "path": "/components/schemas/Address/properties/city/enum", "value": ["Rome", "Oslo"]}];

    // Media types
    media_type_added_to_request: [{"op": "add", "path": "/paths/~1orders/post/requestBody/content/application~1xml", "value": {}}];
    media_type_removed_from_request: [{"op": "move", "from": "/paths/~1orders/post/requestBody/content/application~1json",
        "path": "/paths/~1orders/post/requestBody/content/application~1xml"}];
    media_type_added_to_response: [{"op": "add", "path": "/paths/~1orders/get/responses/200/content/text~1csv", "value": {}}];
    media_type_removed_from_response: [{"op": "remove", "path": "/components/responses/Error/content/application~1json"}];
    part_types_narrowed: [{"op": "replace", "path":
        "/paths/~1orders~1{orderId}~1photo/put/requestBody/content/multipart~1form-data/encoding/photo/contentType",
        "value": "image/png"}];
    part_encoded_otherwise: [{"op": "replace", "path":
        "/paths/~1orders~1{orderId}~1photo/put/requestBody/content/multipart~1form-data/schema/properties/photo/contentMediaType",
        "value": "image/png"}];

    // Compositions
    one_of_member_added: [{"op": "add", "path": "/components/schemas/Order/properties/payment/oneOf/-", "value": {"type": "string"}}];
    one_of_member_removed: [{"op": "remove", "path": "/components/schemas/Order/properties/payment/oneOf/1"}];
    one_of_becomes_any_of: [{"op": "move", "from": "/components/schemas/Order/properties/payment/oneOf",
        "path": "/components/schemas/Order/properties/payment/anyOf"}];
    one_of_reordered: [{"op": "move", "from": "/components/schemas/Order/properties/payment/oneOf/0",
        "path": "/components/schemas/Order/properties/payment/oneOf/1"}];
    all_of_member_added: [{"op": "add", "path": "/components/schemas/Error/properties/detail/allOf/-", "value":
        {"type": "object", "required": ["field"]}}];
    all_of_wrapper_dropped: [{"op": "replace", "path": "/components/schemas/Error/properties/detail", "value":
        {"$ref": "#/components/schemas/Detail"}}];
    not_added: [{"op": "add", "path": "/components/schemas/Line/properties/article/not", "value": {"const": "none"}}];
    if_then_added: [{"op": "add", "path": "/components/schemas/Line/if", "value": {"required": ["price"]}},
        {"op": "add", "path": "/components/schemas/Line/then", "value": {"required": ["count"]}}];
    pattern_properties_added: [{"op": "add", "path": "/components/schemas/Order/properties/labels/patternProperties",
        "value": {"^x": {"type": "string"}}}];
    unknown_keyword: [{"op": "add", "path": "/components/schemas/Line/properties/article/unheardOf", "value": 1}];

    // References
    reference_inlined: [{"op": "replace", "path": "/paths/~1orders/get/parameters/0/schema", "value": {"type": "string", "enum": ["open", "done"]}}];
    reference_extracted: [{"op": "add", "path": "/components/parameters", "value": {"State":
            {"name": "state", "in": "query", "schema": {"$ref": "#/components/schemas/StateFilter"}}}},
        {"op": "replace", "path": "/paths/~1orders/get/parameters/0", "value": {"$ref": "#/components/parameters/State"}}];
    reference_through_another: [{"op": "add", "path": "/components/responses/Failed", "value": {"$ref": "#/components/responses/Error"}},
        {"op": "replace", "path": "/paths/~1orders/get/responses/4XX/$ref", "value": "#/components/responses/Failed"}];
    component_renamed: [{"op": "move", "from": "/components/schemas/Detail", "path": "/components/schemas/Cause"},
        {"op": "replace", "path": "/components/schemas/Error/properties/detail/allOf/0/$ref", "value": "#/components/schemas/Cause"}];
    reference_elsewhere: [{"op": "replace", "path": "/components/schemas/Page/properties/items/items/$ref", "value": "#/components/schemas/Invoice"}];
    reference_dangling: [{"op": "replace", "path": "/components/schemas/Order/properties/state/$ref", "value": "#/components/schemas/Gone"}];
    reference_circular: [{"op": "replace", "path": "/components/schemas/Detail", "value": {"$ref": "#/components/schemas/Detail"}}];
    component_unused_changed: [{"op": "replace", "path": "/components/schemas/Unused/properties/size/maximum", "value": 5}];
    component_unused_removed: [{"op": "remove", "path": "/components/schemas/Unused"}];
    component_unused_added: [{"op": "add", "path": "/components/schemas/Spare", "value": {"type": "string"}}];

    // Around the operations
    security_dropped: [{"op": "remove", "path": "/security"}];
    security_way_added: [{"op": "add", "path": "/security/-", "value": {"token": ["read"]}}];
    security_way_removed: [{"op": "remove", "path": "/paths/~1orders~1{orderId}/delete/security/1"}];
    security_said_again: [{"op": "add", "path": "/paths/~1orders/get/security", "value": [{"key": []}]}];
    security_own_added: [{"op": "add", "path": "/paths/~1orders/get/security", "value": [{"token": ["read"]}]}];
    security_own_none: [{"op": "add", "path": "/paths/~1orders/get/security", "value": []}];
    security_scheme_changed: [{"op": "replace", "path": "/components/securitySchemes/key/name", "value": "Authorization"}];
    server_replaced: [{"op": "replace", "path": "/servers/0/url", "value": "https://api.shop.example/v1"}];
    server_added: [{"op": "add", "path": "/servers/-", "value": {"url": "https://us.shop.example/v1"}}];
    servers_reordered: [{"op": "move", "from": "/servers/0", "path": "/servers/1"}];
    webhook_added: [{"op": "add", "path": "/webhooks", "value": {"sent": {"post": {"responses": {"200": {"description": "Thanks."}}}}}}];
    top_level_unknown: [{"op": "add", "path": "/jsonSchemaDialect", "value": "https://example.org/dialect"}];

    // Words
    descriptions: [{"op": "replace", "path": "/info/description", "value": "Orders."},
        {"op": "replace", "path": "/info/version", "value": "2"},
        {"op": "replace", "path": "/paths/~1orders/get/summary", "value": "All orders"},
        {"op": "replace", "path": "/components/schemas/Order/example/total", "value": 4},
        {"op": "replace", "path": "/components/schemas/Speed/oneOf/0/description", "value": "Some day."},
        {"op": "replace", "path": "/tags/0/description", "value": "What was ordered."}];
    title_changed: [{"op": "replace", "path": "/components/schemas/Address/properties/zip/title", "value": "Postcode"}];
    response_description: [{"op": "replace", "path": "/components/responses/Error/description", "value": "No."}];
}

/// What a report looks like in the other formats, with texts that nobody should have to trust.
fn hostile() -> Value {
    json!([
        {"op": "add", "path": "/components/schemas/Order/properties/a`b\n<img src=x>", "value": {"type": "string"}},
        {"op": "add", "path": "/components/schemas/State/enum/-", "value": "::error::@all %0A \u{1b}[31m"},
        {"op": "remove", "path": "/paths/~1orders~1{orderId}/delete"},
        {"op": "replace", "path": "/info/title", "value": "Shoppe"},
    ])
}

#[test]
fn formats() {
    for (name, format) in [
        ("format_text", Format::Text),
        ("format_markdown", Format::Markdown),
        ("format_json", Format::Json),
        ("format_github", Format::Github),
    ] {
        with_settings!({omit_expression => true}, {
            assert_snapshot!(name, written(&hostile(), format));
        });
    }
}

#[test]
fn an_empty_patch_gives_an_empty_report() {
    assert_eq!(report(&json!([])), Report::default());
}

#[test]
fn every_snapshot_names_its_operations() {
    let report =
        report(&json!([{"op": "remove", "path": "/components/schemas/Line/properties/price"}]));
    assert_eq!(report.changes[0].operations, ["POST /orders (createOrder)"]);
}
