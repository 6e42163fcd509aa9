//! The JSON Schema of the configuration, from its keys.

use serde_json::{Map, Value, json};

use crate::report::RuleId;

use super::file::KEYS;

/// The schema of `bedrock-fixtures.toml`, or of `[tool.bedrock-fixtures]`.
pub fn config_schema() -> Value {
    let properties: Map<String, Value> = KEYS.iter().map(|key| ((*key).to_owned(), of_key(key))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The configuration of bedrock-fixtures",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn of_key(key: &str) -> Value {
    let rules = json!({ "type": "array", "items": { "enum": RuleId::ALL.map(RuleId::as_str) }, "uniqueItems": true });
    match key {
        "ogx" | "openai-sdk" => json!({ "type": "string", "pattern": r"^\d+(\.\d+){0,2}", "description": "a version" }),
        "region" => json!({ "type": "string", "examples": ["us-west-2"] }),
        "endpoint-url" => json!({ "type": "string", "pattern": "^https?://" }),
        "allow-status" => json!({ "type": "array", "items": { "type": "integer", "minimum": 300, "maximum": 599 } }),
        "select" | "ignore" => rules,
        "per-path-ignores" => json!({ "type": "object", "additionalProperties": rules }),
        "reviewed-skips" => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
        "concurrency" => json!({ "type": "integer", "minimum": 1, "maximum": 256 }),
        _ => json!({ "type": "string" }),
    }
}
