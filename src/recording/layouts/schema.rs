//! The JSON Schema of recordings: the parts that every recording has, and the answers as the table of layouts declares them.

use serde_json::{Map, Value, json};

use super::kinds::{FieldKind, Model};
use super::layout::{AnswerType, Layout};
use crate::recording::version::SdkVersion;

/// The schema of a recording. Answers of chat completions have the fields of `layout`; unknown fields are allowed,
/// because other kinds and versions have them.
pub fn recording_schema(layout: Layout) -> Value {
    let answer = |answer_type: AnswerType| {
        json!({
            "if": { "properties": { "__type__": { "const": answer_type.python_name() } }, "required": ["__type__"] },
            "then": { "properties": { "__data__": model(layout.model(answer_type), layout.version()) } },
        })
    };
    let id = json!({ "type": ["string", "null"], "minLength": 1, "description": "the pytest node id of the test" });
    let request = |fields: &[&str]| json!({ "required": fields });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A recording of bedrock-fixtures and OGX",
        "type": "object",
        "required": ["request", "response"],
        "properties": {
            "test_id": id,
            "request": {
                "type": "object",
                "properties": {
                    "test_id": id,
                    "method": { "type": "string" },
                    "url": { "type": "string", "description": "the url of the request, with the doubled /v1/v1 of the \
                     recorder" },
                    "endpoint": { "type": ["string", "null"] },
                    "model": { "type": ["string", "null"] },
                    "headers": { "type": ["object", "null"] },
                    "provider_metadata": {
                        "type": ["object", "null"],
                        "properties": {
                            "recorder": { "type": "string" },
                            "openai_sdk_layout": { "type": "string" },
                            "answer_sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                        },
                    },
                },
                "anyOf": [
                    request(&["method", "url", "payload"]),
                    request(&["tool_name", "provider", "kwargs"]),
                    request(&["method", "url", "body"]),
                    { "required": ["method", "url"], "properties": { "endpoint": { "const": "/info" } } },
                ],
            },
            "response": {
                "type": "object",
                "required": ["body", "is_streaming"],
                "properties": {
                    "body": {
                        "if": { "type": "array" },
                        "then": { "items": { "$ref": "#/$defs/answer" } },
                        "else": { "$ref": "#/$defs/answer" },
                    },
                    "is_streaming": { "type": "boolean" },
                    "is_exception": { "type": "boolean" },
                    "exception_message": { "type": ["string", "null"] },
                    "exception_data": {
                        "type": ["object", "null"],
                        "properties": { "status_code": { "type": ["integer", "null"] } },
                    },
                },
                "if": { "properties": { "is_streaming": { "const": true } } },
                "then": { "properties": { "body": { "type": "array" } } },
            },
            "id_normalization_mapping": { "type": ["object", "null"] },
        },
        "$defs": { "answer": { "allOf": [answer(AnswerType::Completion), answer(AnswerType::Chunk)] } },
    })
}

fn model(model: &Model, version: SdkVersion) -> Value {
    let fields = model.fields(version);
    let properties: Map<String, Value> =
        fields.map(|field| (field.name.to_owned(), kind(&field.kind, version))).collect();
    json!({ "type": ["object", "null"], "properties": properties })
}

/// The schema of a field. The SDK takes null for any of them, and texts that its literals do not list.
fn kind(kind: &FieldKind, version: SdkVersion) -> Value {
    match kind {
        FieldKind::Text => json!({ "type": ["string", "null"] }),
        FieldKind::Int => json!({ "type": ["integer", "null"] }),
        FieldKind::Float => json!({ "type": ["number", "null"] }),
        FieldKind::Truth => json!({ "type": ["boolean", "null"] }),
        FieldKind::Literal(texts) => json!({ "type": ["string", "null"], "examples": texts }),
        FieldKind::Object(inner) => model(inner, version),
        FieldKind::List(inner) => json!({ "type": ["array", "null"], "items": self::kind(inner, version) }),
        FieldKind::Map(inner) => {
            json!({ "type": ["object", "null"], "additionalProperties": self::kind(inner, version) })
        }
        FieldKind::Union(classes) => {
            let choices = classes.iter().map(|(name, inner)| {
                json!({
                    "if": { "properties": { "type": { "const": name } }, "required": ["type"] },
                    "then": model(inner, version),
                })
            });
            json!({ "type": ["object", "null"], "allOf": choices.collect::<Vec<_>>() })
        }
    }
}
