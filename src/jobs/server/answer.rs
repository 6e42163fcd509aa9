//! What a recording says to a client: the bytes of a reply.

use crate::recording::json::{Object, Value};
use crate::recording::{Recording, completeness, python};

/// A reply before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    /// The parts that are sent one after the other: the events of a stream, or the whole of a body.
    pub(super) pieces: Vec<String>,
    /// The name that AWS's own SDKs give an error.
    pub(super) error_type: Option<&'static str>,
}

const JSON: &str = "application/json";

impl Served {
    fn whole(status: u16, content_type: &'static str, body: String) -> Self {
        Served { status, content_type, pieces: vec![body], error_type: None }
    }

    /// An error as AWS's own SDKs read it.
    pub(super) fn aws_error(status: u16, error_type: &'static str, message: &str) -> Self {
        let body = serde_json::json!({ "message": message }).to_string();
        Served { error_type: Some(error_type), ..Served::whole(status, JSON, body) }
    }

    /// One JSON body.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Served::whole(status, JSON, body.to_wire_text())
    }

    /// A body as it came.
    pub(super) fn verbatim(status: u16, text: String) -> Self {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        let content_type = if is_json { JSON } else { "text/plain; charset=utf-8" };
        Served::whole(status, content_type, text)
    }

    /// An error in the envelope of the endpoint.
    pub(super) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code }
        });
        Served::whole(status, JSON, body.to_string())
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
            if let Some(text) = body.as_ref().and_then(Value::as_str) {
                return Ok(Served::whole(status, "text/plain; charset=utf-8", text.to_owned()));
            }
            return Ok(Served::json(status, &error_body(body, status, exception.message)));
        }
        if response.is_streaming {
            let status = response.status.unwrap_or(200);
            let pieces = response.body.as_array().unwrap_or_default();
            let content_type = "text/event-stream";
            return Ok(Served { status, content_type, pieces: events(pieces), error_type: None });
        }
        let status = response.status.unwrap_or(200);
        let body = match recording.answers().next() {
            Some((None, data)) => Value::Object(data.clone()),
            _ => data_of(response.body),
        };
        Ok(Served::json(status, &body))
    }
}

/// The body of an error. The SDKs extract `error` from it, and recorders store that part; older SDKs repeat the whole
/// body in the message, so it can be restored.
fn error_body(body: Option<Value>, status: u16, message: &str) -> Value {
    let wraps = |body: Value| Value::Object(Object::from_iter([("error", body)]));
    let is_whole = |body: &Value| {
        let is_inside = ["type", "code", "param"].iter().any(|name| body.get(name).is_some());
        message == format!("Error code: {status} - {}", python::repr(body)) || body.get("error").is_some() || !is_inside
    };
    match body {
        Some(body @ Value::Object(_)) if message.contains("{'error': ") && body.get("error").is_none() => wraps(body),
        Some(body @ Value::Object(_)) => {
            if is_whole(&body) {
                body
            } else {
                wraps(body)
            }
        }
        _ => wraps(Value::Object(Object::from_iter([("message", Value::from(message))]))),
    }
}

/// A stored value without the wrappers of the recorder.
pub(super) fn data_of(value: &Value) -> Value {
    match value {
        Value::Object(object) => match object.get("__data__") {
            Some(data) => data.clone(),
            None => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(data_of).collect()),
        other => other.clone(),
    }
}

/// Server-sent events. Plain HTTP calls are recorded and sent line by line. The events of the Responses API have their
/// type as the name of the event.
fn events(pieces: &[Value]) -> Vec<String> {
    if !pieces.is_empty() && pieces.iter().all(|piece| piece.as_str().is_some()) {
        return lines(pieces.iter().filter_map(Value::as_str));
    }
    let mut has_names = false;
    let mut events: Vec<String> = pieces
        .iter()
        .map(data_of)
        .map(|chunk| {
            let data = chunk.to_wire_text();
            match chunk.get("type").and_then(Value::as_str).filter(|_| chunk.get("choices").is_none()) {
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

/// Recorded lines as events: an empty line ends one. Recorders that dropped the empty lines kept one event for each `data`.
fn lines<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let has_ends = lines.clone().any(|line| line.trim_end_matches(['\r', '\n']).is_empty());
    let (mut events, mut rest) = (vec![], String::new());
    for line in lines {
        let line = line.trim_end_matches(['\r', '\n']);
        rest.push_str(line);
        rest.push('\n');
        let is_last = if has_ends { line.is_empty() } else { line.starts_with("data") };
        if is_last {
            rest.push_str(if has_ends { "" } else { "\n" });
            events.push(std::mem::take(&mut rest));
        }
    }
    if !rest.is_empty() {
        events.push(rest + "\n");
    }
    events
}
