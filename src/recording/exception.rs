//! An HTTP error in the form the recorder stores the SDK's exception.

use super::document::Exception;
use super::json::{Object, Value};
use super::layouts::Layout;
use super::python;
use super::turn::RaisedError;

/// The exception that the SDK raises for a status, by name.
pub fn status_type(status: u16) -> &'static str {
    match status {
        400 => "BadRequestError",
        401 => "AuthenticationError",
        403 => "PermissionDeniedError",
        404 => "NotFoundError",
        409 => "ConflictError",
        422 => "UnprocessableEntityError",
        429 => "RateLimitError",
        500.. => "InternalServerError",
        _ => "APIStatusError",
    }
}

/// The exception that the recorder's replay raises for a recorded status: it knows fewer than the SDK does.
pub fn replayed_type(status: u16) -> &'static str {
    match status {
        501.. => "APIStatusError",
        _ => status_type(status),
    }
}

/// Whether a status is transient: it depends on when the request was sent, and not on the request.
pub fn is_transient(status: u16) -> bool {
    matches!(status, 401 | 403 | 408 | 429 | 500..)
}

/// Python's own exceptions, and those of the recorder's server, that a replay knows by name.
const BUILTIN: [&str; 9] = [
    "ValueError",
    "PermissionError",
    "ConnectError",
    "ConnectionError",
    "TimeoutError",
    "NotImplementedError",
    "BadRequestError",
    "AccessDeniedError",
    "AuthenticationRequiredError",
];

impl Exception<'_> {
    /// What a replay raises: a class of the SDK by status, one of Python's own by name, else a plain `Exception`.
    pub fn raised(&self) -> RaisedError {
        let status = self.status();
        let category = self.data.and_then(|data| data.get("category")).and_then(Value::as_str);
        let type_name = match status {
            Some(status) => replayed_type(status),
            None if category == Some("builtin") && BUILTIN.contains(&self.type_name()) => self.type_name(),
            None => "Exception",
        };
        let body = self.data.and_then(|data| data.get("body"));
        RaisedError {
            type_name: type_name.to_owned(),
            status,
            message: self.message.to_owned(),
            body: body.filter(|body| !body.is_null()).map(Value::to_sorted_text),
            repeats_body: status.is_some_and(|status| repeats_body(status, self.message, body.unwrap_or(&Value::Null))),
        }
    }
}

/// The `response` of a recording for a reply with an error status. `text` is the decoded body of the reply.
pub fn status_response(status: u16, text: &str, layout: Layout) -> Object {
    let text = python::strip(text);
    let json = Value::parse(text.as_bytes()).ok();
    let message = error_text(status, text, json.as_ref(), layout);
    let body = match json {
        Some(json) => json.get("error").cloned().unwrap_or(json),
        None => Value::from(text),
    };
    let data = Object::from_iter([
        ("category", Value::from("provider_sdk")),
        ("provider", Value::from("openai")),
        ("type", Value::from(status_type(status))),
        ("message", Value::from(message.as_str())),
        ("status_code", Value::from(i64::from(status))),
        ("body", body),
    ]);
    Object::from_iter([
        ("body", Value::Null),
        ("is_streaming", Value::Bool(false)),
        ("is_exception", Value::Bool(true)),
        ("exception_data", Value::Object(data)),
        ("exception_message", Value::from(message)),
    ])
}

/// The text of the exception. Older SDKs show the whole body as Python represents it, newer ones the message in it.
fn error_text(status: u16, text: &str, json: Option<&Value>, layout: Layout) -> String {
    let code = format!("Error code: {status}");
    let shown = match json {
        Some(json) if layout.has_short_error_text() => {
            let message = json.get("error").unwrap_or(json).get("message").and_then(Value::as_str);
            message.filter(|message| !message.is_empty()).map(str::to_owned)
        }
        // A text is not quoted: Python formats it, it does not represent it.
        Some(json) => Some(json.as_str().map_or_else(|| python::repr(json), str::to_owned)),
        None if text.is_empty() || layout.has_short_error_text() => None,
        None => return text.to_owned(),
    };
    shown.map_or(code.clone(), |shown| format!("{code} - {shown}"))
}

/// Whether a message is the one of some version of the SDK for a reply with this body. `body` is the part of the reply
/// that the recorder stores: the value of `error`, if there is one.
fn repeats_body(status: u16, message: &str, body: &Value) -> bool {
    let code = format!("Error code: {status}");
    let text = body.as_str().unwrap_or_default();
    if message == error_text(status, text, Some(body), Layout::NEWEST) || (!text.is_empty() && message == text) {
        return true;
    }
    let Some(shown) = message.strip_prefix(&code).and_then(|rest| rest.strip_prefix(" - ")) else { return false };
    let repr = python::repr(body);
    shown == repr || (!text.is_empty() && shown == text) || shown.contains(&format!("'error': {repr}"))
}
