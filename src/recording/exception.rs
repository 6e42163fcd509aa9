//! An HTTP error in the form the recorder stores the SDK's exception.

use super::json::{Object, Value};
use super::python;

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

/// The `response` of a recording for a reply with an error status. `text` is the decoded body of the reply.
pub fn status_response(status: u16, text: &str) -> Object {
    let text = python::strip(text);
    let (message, body) = match Value::parse(text.as_bytes()) {
        Ok(json) => {
            // A text is not quoted: Python formats it, it does not represent it.
            let shown = json.as_str().map_or_else(|| python::repr(&json), str::to_owned);
            let body = json.get("error").cloned().unwrap_or(json);
            (format!("Error code: {status} - {shown}"), body)
        }
        Err(_) if text.is_empty() => (format!("Error code: {status}"), Value::from("")),
        Err(_) => (text.to_owned(), Value::from(text)),
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
