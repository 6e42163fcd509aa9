//! What a recording says to a client: the bytes of a reply.

use crate::recording::json::{Object, Value};
use crate::recording::{Recording, completeness};

/// A reply before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    /// The parts that are sent one after the other: the events of a stream, or the whole of a body.
    pub(super) pieces: Vec<String>,
}

const JSON: &str = "application/json";

impl Served {
    /// One JSON body.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Served { status, content_type: JSON, pieces: vec![body.to_wire_text()] }
    }

    /// An error in the envelope of the endpoint.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code }
        });
        Served { status, content_type: JSON, pieces: vec![body.to_string()] }
    }

    /// The reply that a recording holds, or why it holds none.
    pub(super) fn of(recording: &Recording) -> Result<Self, String> {
        if let Some((_, flaw)) = completeness::flaw(recording) {
            return Err(flaw.to_string());
        }
        let response = recording.response();
        if let Some(exception) = response.exception {
            let status = exception.status().unwrap_or(500);
            let body = exception.data.and_then(|data| data.get("body")).filter(|body| !body.is_null()).cloned();
            return Ok(Served::json(status, &error_body(body, exception.message)));
        }
        if response.is_streaming {
            let chunks: Vec<&Object> = recording.answers().map(|(_, data)| data).collect();
            return Ok(Served { status: 200, content_type: "text/event-stream", pieces: events(&chunks) });
        }
        let status = response.status.unwrap_or(200);
        let body = match recording.answers().next() {
            Some((None, data)) => Value::Object(data.clone()),
            _ => data_of(response.body),
        };
        Ok(Served::json(status, &body))
    }
}

/// The body of an error. The SDKs take `error` out of it, which is what recorders store, but for replies without one.
fn error_body(body: Option<Value>, message: &str) -> Value {
    let wraps = |body: Value| {
        let mut outer = Object::default();
        outer.insert("error", body);
        Value::Object(outer)
    };
    match body {
        // The message repeats the whole body.
        Some(body) if message.contains("{'error':") && body.get("error").is_none() => wraps(body),
        Some(body @ Value::Object(_)) => body,
        _ => {
            let mut inner = Object::default();
            inner.insert("message", Value::from(message));
            wraps(Value::Object(inner))
        }
    }
}

/// A stored value without the wrappers of the recorder.
fn data_of(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("__data__") {
            Some(data) => data.clone(),
            None => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(data_of).collect()),
        other => other.clone(),
    }
}

/// Server-sent events. Those of the Responses and Messages APIs carry their type as the name of the event.
fn events(chunks: &[&Object]) -> Vec<String> {
    let mut has_names = false;
    let mut events: Vec<String> = chunks
        .iter()
        .map(|chunk| {
            let data = Value::Object((*chunk).clone()).to_wire_text();
            match chunk.get("type").and_then(Value::as_str).filter(|_| !chunk.contains_key("choices")) {
                Some(name) => {
                    has_names = true;
                    format!("event: {}\ndata: {data}\n\n", name.replace(['\r', '\n'], " "))
                }
                None => format!("data: {data}\n\n"),
            }
        })
        .collect();
    if !has_names {
        events.push("data: [DONE]\n\n".to_owned());
    }
    events
}

/// One list of models from all that are stored, each model once, as the recorder merges them.
pub(super) fn merged_list(lists: &[Recording]) -> Served {
    let mut seen = std::collections::BTreeSet::new();
    let mut models = Vec::new();
    for list in lists {
        let items: Vec<Value> = match data_of(list.response().body) {
            Value::Array(items) => items,
            Value::Object(object) => match object.get("data") {
                Some(Value::Array(items)) => items.iter().map(data_of).collect(),
                _ => vec![],
            },
            _ => vec![],
        };
        for model in items {
            if model.get("id").and_then(Value::as_str).is_some_and(|id| seen.insert(id.to_owned())) {
                models.push(model);
            }
        }
    }
    let mut body = Object::default();
    body.insert("object", Value::from("list"));
    body.insert("data", Value::Array(models));
    Served::json(200, &Value::Object(body))
}
