//! Whether two recordings of one request answer the same.

use std::borrow::Cow;

use crate::recording::json::{Object, Value};
use crate::recording::turn::Turn;
use crate::recording::{Kind, Recording};

/// What varies from one run to the next at the top of an answer, whatever its kind.
const NOISE: [&str; 11] = [
    "id",
    "created",
    "created_at",
    "system_fingerprint",
    "service_tier",
    "obfuscation",
    "usage",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
];

/// Longest text that is shown of an answer, in characters.
const WIDTH: usize = 60;

/// Whether both stand for one request and answer it alike, but for noise.
pub fn same_answer(a: &Recording, b: &Recording) -> bool {
    if a == b {
        return true;
    }
    if a.kind() != b.kind() || a.key() != b.key() {
        return false;
    }
    match (turn(a), turn(b)) {
        (Some(a), Some(b)) => a == b,
        _ => without_noise(a) == without_noise(b),
    }
}

/// An answer in one line, for a person who must choose.
pub fn describe(recording: &Recording) -> String {
    let response = recording.response();
    if let Some(exception) = response.exception {
        return format!("raises {}: {}", exception.type_name(), short(exception.message));
    }
    let Some(turn) = turn(recording) else {
        return short(&response.body.to_wire_text()).into_owned();
    };
    let choice = |choice: &crate::recording::turn::Choice| {
        let text = choice.text.as_deref().map(|text| format!("{:?}", short(text)));
        let tools = choice.tool_calls.values().map(|call| format!("{}({})", call.name, short(&call.arguments)));
        let said: Vec<String> = text.into_iter().chain(tools).collect();
        let end = choice.finish_reason.as_deref().map_or(String::new(), |reason| format!(" ({reason})"));
        format!("{}{end}", if said.is_empty() { "nothing".to_owned() } else { said.join(", ") })
    };
    turn.choices.values().map(choice).collect::<Vec<_>>().join("; ")
}

fn turn(recording: &Recording) -> Option<Turn> {
    let is_chat = recording.kind() == Kind::Inference && recording.endpoint() == Some("/v1/chat/completions");
    if is_chat { Turn::of_recording(recording).ok() } else { None }
}

fn without_noise(recording: &Recording) -> (bool, bool, Option<&str>, Option<&Object>, Vec<Value>) {
    let response = recording.response();
    let items = match response.body {
        Value::Array(items) => items.iter().map(strip).collect(),
        one => vec![strip(one)],
    };
    let exception = response.exception;
    let is_list = response.body.as_array().is_some();
    (is_list, response.is_streaming, exception.map(|e| e.message), exception.and_then(|e| e.data), items)
}

fn strip(item: &Value) -> Value {
    let Value::Object(object) = item else { return item.clone() };
    // The id of a model is its name.
    let is_model = object.get("object").and_then(Value::as_str) == Some("model");
    let kept = object.iter().filter(|(name, _)| !NOISE.contains(name) || (is_model && *name == "id"));
    kept.map(|(name, value)| (name, if name == "__data__" { strip(value) } else { value.clone() }))
        .collect::<Object>()
        .into()
}

fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(WIDTH) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => Cow::Borrowed(text),
    }
}
