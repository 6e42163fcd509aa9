//! Whether an answer is one, and whether it has ended. Everything that stores or judges answers asks here.
//!
//! A recording is replayed for ever, so a temporary failure must not count as an answer: an error with status 200, a
//! sign-in page, a part of a stream without content.

use std::fmt;

use super::document::Recording;
use super::error_text::{error_text, mask, summary};
use super::json::{Object, Value};
use super::python::truthy;

/// The `finish_reason` by which a gateway says that the model behind it failed.
pub const FAILED: &str = "error";

/// Why something is not an answer of a chat or text completion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerFlaw {
    /// There is nothing.
    Null,
    /// A page of HTML or XML.
    Page,
    /// A text instead of an object: its first line.
    Text(String),
    /// JSON that is not an answer as the recorder dumps it.
    NotDumped,
    /// It says that something failed: with what words.
    Error(String),
    /// It has no list of choices: what it says instead.
    NoChoices(String),
    /// The endpoint has no such operation: what it says.
    UnknownOperation(String),
}

impl fmt::Display for AnswerFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, said) = match self {
            AnswerFlaw::Null => ("the answer is null", ""),
            AnswerFlaw::Page => ("the answer is an HTML or XML page", ""),
            AnswerFlaw::Text(said) => ("the answer is a text, not a completion", said.as_str()),
            AnswerFlaw::NotDumped => ("the answer is not a completion", ""),
            AnswerFlaw::Error(said) => ("the answer is an error", said.as_str()),
            AnswerFlaw::NoChoices(said) => ("the answer has no choices", said.as_str()),
            AnswerFlaw::UnknownOperation(said) => ("the endpoint does not know the path", said.as_str()),
        };
        f.write_str(what)?;
        if said.is_empty() { Ok(()) } else { write!(f, ": {said}") }
    }
}

/// What is wrong with an answer, or with one piece of a stream. It has a list of choices and no error.
pub fn object_flaw(object: &Object) -> Option<AnswerFlaw> {
    if object.get("error").is_some_and(truthy) {
        return Some(AnswerFlaw::Error(said(&Value::Object(object.clone())).1));
    }
    let Some(choices) = object.get("choices").and_then(Value::as_array) else {
        let (code, said) = said(&Value::Object(object.clone()));
        let is_operation = code == "UnknownOperationException";
        return Some(if is_operation { AnswerFlaw::UnknownOperation(said) } else { AnswerFlaw::NoChoices(said) });
    };
    choices.iter().find_map(|choice| {
        let failed = choice.get("error").is_some_and(truthy)
            || choice.get("finish_reason").and_then(Value::as_str) == Some(FAILED);
        failed.then(|| AnswerFlaw::Error(said(choice).1))
    })
}

/// The flaw of the answer of a recording, and its place. Calls without choices, and calls that raise, have no known
/// flaws.
pub fn flaw(recording: &Recording) -> Option<(String, AnswerFlaw)> {
    let response = recording.response();
    if !recording.is_completion() || response.exception.is_some() {
        return None;
    }
    let body = "/response/body";
    match response.body {
        Value::Array(pieces) if response.is_streaming => {
            pieces.iter().enumerate().find_map(|(index, piece)| Some((format!("{body}/{index}"), piece_flaw(piece)?)))
        }
        one => Some((body.to_owned(), piece_flaw(one)?)),
    }
}

fn piece_flaw(piece: &Value) -> Option<AnswerFlaw> {
    match (piece, piece.get("__data__").and_then(Value::as_object)) {
        (_, Some(data)) => object_flaw(data),
        (Value::Null, None) => Some(AnswerFlaw::Null),
        (Value::String(text), None) if text.trim_start().starts_with('<') => Some(AnswerFlaw::Page),
        (Value::String(text), None) => Some(AnswerFlaw::Text(mask(&summary(text)))),
        (_, None) => Some(AnswerFlaw::NotDumped),
    }
}

/// The code and the message in an object of either envelope, without anything private.
fn said(value: &Value) -> (String, String) {
    let error = error_text(value);
    let message = if error.message.is_empty() { error.code() } else { &error.message };
    (error.code().to_owned(), mask(message))
}

/// Whether a `finish_reason` says that its choice has ended. Some servers send `""`, `"null"` or `false` until then.
pub fn ends(finish_reason: &Value) -> bool {
    finish_reason.as_str().is_some_and(|text| ends_text(text.as_bytes()))
}

/// Like [`ends`], for the text alone.
pub(super) fn ends_text(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    !text.is_empty() && !text.eq_ignore_ascii_case(b"null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_choices_and_no_error() {
        let flaw = |text: &str| object_flaw(Value::parse(text.as_bytes()).unwrap().as_object().unwrap());
        let error = |text: &str| Some(AnswerFlaw::Error(text.to_owned()));
        for (text, expected) in [
            (r#"{"choices": []}"#, None),
            (r#"{"choices": [{"finish_reason": "stop"}], "error": null}"#, None),
            (r#"{"choices": null, "message": "no"}"#, Some(AnswerFlaw::NoChoices("no".to_owned()))),
            (r#"{"choices": [], "error": {"message": "upstream failed", "code": 502}}"#, error("upstream failed")),
            (r#"{"choices": [], "error": "busy"}"#, error("busy")),
            (r#"{"choices": [{"error": {"message": "down"}}]}"#, error("down")),
            (r#"{"choices": [{"finish_reason": "error"}]}"#, error("")),
            (
                r#"{"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}, "Version": "1.0"}"#,
                Some(AnswerFlaw::UnknownOperation("UnknownOperationException".to_owned())),
            ),
            (
                r#"{"__type": "ThrottlingException", "message": "of 123456789012"}"#,
                Some(AnswerFlaw::NoChoices("of [masked]".to_owned())),
            ),
        ] {
            assert_eq!(flaw(text), expected, "{text}");
        }
    }

    #[test]
    fn only_a_reason_ends_a_choice() {
        for (value, expected) in [
            ("\"stop\"", true),
            ("\"length\"", true),
            ("\"\"", false),
            ("\" \"", false),
            ("\"null\"", false),
            ("\"NULL\"", false),
            ("null", false),
            ("false", false),
            ("0", false),
            ("{}", false),
        ] {
            assert_eq!(ends(&Value::parse(value.as_bytes()).unwrap()), expected, "{value}");
        }
    }
}
