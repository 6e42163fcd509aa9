//! A chat answer as behaviour: what a test can see of it, whether it came as one object or as a stream.
//!
//! Two answers with the same turn differ in noise only: ids, times, `obfuscation`, fingerprints, service tier, usage and
//! where a stream was cut into chunks.

use std::collections::BTreeMap;

use super::Recording;
use super::json::{Object, Value};

/// Everything a test can see of one answer. Equality is equality of behaviour: usage is left out of it.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// Whether it came as a stream.
    pub streaming: bool,
    /// The choices by their index.
    pub choices: BTreeMap<i64, Choice>,
    /// Unknown fields of the answer, for each name the values that were not null, in order.
    pub extra: BTreeMap<String, Vec<Value>>,
    /// Token counts, when the answer had them.
    pub usage: Usage,
    /// The exception that the call raises instead of answering.
    pub error: Option<RaisedError>,
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        (self.streaming, &self.choices, &self.extra, &self.error)
            == (other.streaming, &other.choices, &other.extra, &other.error)
    }
}

/// One choice of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Who speaks, `assistant`.
    pub role: Option<String>,
    /// The text, with a `<reasoning>` tag if the endpoint put one there.
    pub text: Option<String>,
    /// The text of the `reasoning` and `reasoning_content` fields.
    pub reasoning: Option<String>,
    /// The text of a refusal.
    pub refusal: Option<String>,
    /// Tool calls by their index; the old `function_call` stands at -1.
    pub tool_calls: BTreeMap<i64, ToolCall>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// Log probabilities, token by token.
    pub logprobs: Vec<Value>,
    /// Unknown fields of the choice, its message and its deltas.
    pub extra: BTreeMap<String, Vec<Value>>,
}

/// A tool call. Its id is noise: it is random, and equal calls differ in it.
#[derive(Clone, Debug, Default)]
pub struct ToolCall {
    /// `function` or `custom`.
    pub kind: Option<String>,
    /// The name of the tool.
    pub name: String,
    /// The arguments, JSON as the model wrote it.
    pub arguments: String,
}

impl PartialEq for ToolCall {
    fn eq(&self, other: &Self) -> bool {
        let same_arguments =
            || match (Value::parse(self.arguments.as_bytes()), Value::parse(other.arguments.as_bytes())) {
                (Ok(a), Ok(b)) => a.to_sorted_text() == b.to_sorted_text(),
                _ => false,
            };
        self.name == other.name && self.kind == other.kind && (self.arguments == other.arguments || same_arguments())
    }
}

/// Token counts of one answer or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Tokens of the request.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
    }
}

/// The exception that a replay raises.
#[derive(Clone, Debug, PartialEq)]
pub struct RaisedError {
    /// The name of its Python class.
    pub type_name: String,
    /// The HTTP status, if it stands for one.
    pub status: Option<u16>,
    /// Its message.
    pub message: String,
}

/// Why an answer cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecodable(pub String);

impl Turn {
    /// Reads a recorded chat answer, as a replay gives it to a test.
    pub fn of_recording(recording: &Recording) -> Result<Turn, Undecodable> {
        let response = recording.response();
        if let Some(exception) = response.exception {
            let status = exception.status();
            let type_name = match status {
                Some(status) => super::exception::replayed_type(status),
                None => exception.type_name(),
            };
            let error = RaisedError { type_name: type_name.to_owned(), status, message: exception.message.to_owned() };
            return Ok(Turn { streaming: response.is_streaming, error: Some(error), ..Turn::default() });
        }
        let objects: Vec<&Object> = recording.answers().map(|(_, data)| data).collect();
        let expected = response.body.as_array().map_or(1, <[Value]>::len);
        if objects.len() < expected {
            return Err(Undecodable("response.body holds something without __data__".to_owned()));
        }
        Turn::of_answers(&objects, response.is_streaming)
    }

    /// Reads an answer: one object, or the objects of a stream put together again.
    pub fn of_answers(objects: &[&Object], streaming: bool) -> Result<Turn, Undecodable> {
        let mut turn = Turn { streaming, ..Turn::default() };
        for (i, object) in objects.iter().enumerate() {
            let place = || if streaming { format!("chunk {i}") } else { "the answer".to_owned() };
            turn.add(object).map_err(|what| Undecodable(format!("{} {what}", place())))?;
        }
        Ok(turn)
    }

    fn add(&mut self, object: &Object) -> Result<(), &'static str> {
        for (name, value) in object.iter() {
            match name {
                "id" | "created" | "model" | "object" | "service_tier" | "system_fingerprint" | "obfuscation"
                | "metadata" => {}
                "choices" => {
                    let choices = value.as_array().ok_or("has choices that are no list")?;
                    for (place, choice) in choices.iter().enumerate() {
                        let Some(choice) = choice.as_object() else { continue };
                        let index = choice.get("index").and_then(Value::as_i64).unwrap_or(place as i64);
                        self.choices.entry(index).or_default().add(choice);
                    }
                }
                "usage" => {
                    let count = |name| value.get(name).and_then(Value::as_i64).and_then(|n| u64::try_from(n).ok());
                    if let (Some(prompt_tokens), Some(completion_tokens)) =
                        (count("prompt_tokens"), count("completion_tokens"))
                    {
                        self.usage = Usage { prompt_tokens, completion_tokens };
                    }
                }
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
        if object.contains_key("choices") { Ok(()) } else { Err("has no choices") }
    }
}

impl Choice {
    fn add(&mut self, choice: &Object) {
        for (name, value) in choice.iter() {
            match (name, value) {
                ("index" | "obfuscation", _) | (_, Value::Null) => {}
                ("message" | "delta", Value::Object(message)) => self.add_message(message),
                ("finish_reason", Value::String(reason)) => self.finish_reason = Some(reason.clone()),
                ("logprobs", Value::Object(logprobs)) => {
                    for tokens in logprobs.iter().filter_map(|(_, tokens)| tokens.as_array()) {
                        self.logprobs.extend_from_slice(tokens);
                    }
                }
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
    }

    fn add_message(&mut self, message: &Object) {
        for (name, value) in message.iter() {
            match (name, value) {
                (_, Value::Null) => {}
                ("role", Value::String(role)) => self.role = Some(role.clone()),
                ("content", Value::String(text)) => append(&mut self.text, text),
                ("reasoning" | "reasoning_content", Value::String(text)) => append(&mut self.reasoning, text),
                ("refusal", Value::String(text)) => append(&mut self.refusal, text),
                ("function_call", Value::Object(call)) => self.tool_calls.entry(-1).or_default().add(call),
                ("tool_calls", Value::Array(calls)) => {
                    for (place, call) in calls.iter().enumerate() {
                        let Some(call) = call.as_object() else { continue };
                        let index = call.get("index").and_then(Value::as_i64).unwrap_or(place as i64);
                        self.tool_calls.entry(index).or_default().add(call);
                    }
                }
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
    }
}

impl ToolCall {
    fn add(&mut self, call: &Object) {
        for (name, value) in call.iter() {
            match (name, value) {
                ("function" | "custom", Value::Object(inner)) => self.add(inner),
                ("type", Value::String(kind)) => self.kind = Some(kind.clone()),
                ("name", Value::String(text)) => self.name.push_str(text),
                ("arguments" | "input", Value::String(text)) => self.arguments.push_str(text),
                _ => {}
            }
        }
    }
}

fn append(text: &mut Option<String>, more: &str) {
    text.get_or_insert_default().push_str(more);
}

fn keep_extra(extra: &mut BTreeMap<String, Vec<Value>>, name: &str, value: &Value) {
    if !value.is_null() {
        extra.entry(name.to_owned()).or_default().push(value.clone());
    }
}
