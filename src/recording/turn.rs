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
    /// Unknown fields, and what they stand in: `function` or `custom`.
    pub extra: BTreeMap<String, Vec<Value>>,
}

impl PartialEq for ToolCall {
    fn eq(&self, other: &Self) -> bool {
        let same_arguments =
            || match (Value::parse(self.arguments.as_bytes()), Value::parse(other.arguments.as_bytes())) {
                (Ok(a), Ok(b)) => a.to_sorted_text() == b.to_sorted_text(),
                _ => false,
            };
        (&self.name, &self.kind, &self.extra) == (&other.name, &other.kind, &other.extra)
            && (self.arguments == other.arguments || same_arguments())
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
                "id" | "created" | "service_tier" | "system_fingerprint" | "obfuscation" | "metadata" => {}
                "choices" => {
                    let choices = value.as_array().ok_or("has choices that are no list")?;
                    for (place, value) in choices.iter().enumerate() {
                        let choice = value.as_object();
                        let index = choice.and_then(|choice| choice.get("index")).and_then(Value::as_i64);
                        let index = index.unwrap_or(place as i64);
                        match choice {
                            // Pieces of one choice belong together only in a stream.
                            Some(choice) if self.streaming || !self.choices.contains_key(&index) => {
                                self.choices.entry(index).or_default().add(choice);
                            }
                            _ => keep_extra(&mut self.extra, name, value),
                        }
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
                // Repeated in every chunk: `model`, `object`, and what nobody knows yet.
                _ => keep_once(&mut self.extra, name, value),
            }
        }
        if object.contains_key("choices") { Ok(()) } else { Err("has no choices") }
    }
}

impl Choice {
    fn add(&mut self, choice: &Object) {
        for (name, value) in choice.iter() {
            match (name, value) {
                ("obfuscation", _) | ("index", Value::Number(_)) | (_, Value::Null) => {}
                ("message" | "delta", Value::Object(message)) => self.add_message(message, name == "delta"),
                ("finish_reason", Value::String(reason)) => {
                    set(&mut self.finish_reason, reason, name, &mut self.extra);
                }
                ("logprobs", Value::Object(logprobs)) => self.add_logprobs(logprobs),
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
    }

    fn add_logprobs(&mut self, logprobs: &Object) {
        for (name, value) in logprobs.iter() {
            match (name, value) {
                ("content", Value::Array(tokens)) => self.logprobs.extend_from_slice(tokens),
                // Where a stream was cut does not show in a list that is put together.
                (_, Value::Array(tokens)) => {
                    tokens.iter().for_each(|token| keep_extra(&mut self.extra, &format!("logprobs.{name}"), token));
                }
                _ => keep_extra(&mut self.extra, &format!("logprobs.{name}"), value),
            }
        }
    }

    fn add_message(&mut self, message: &Object, in_pieces: bool) {
        for (name, value) in message.iter() {
            match (name, value) {
                (_, Value::Null) => {}
                ("role", Value::String(role)) => set(&mut self.role, role, name, &mut self.extra),
                ("content", Value::String(text)) => append(&mut self.text, text),
                ("reasoning" | "reasoning_content", Value::String(text)) => {
                    // A test reads one of the two.
                    keep_once(&mut self.extra, "(reasoning)", &Value::from(name));
                    append(&mut self.reasoning, text);
                }
                ("refusal", Value::String(text)) => append(&mut self.refusal, text),
                ("function_call", Value::Object(call)) => self.tool_calls.entry(-1).or_default().add(call),
                ("tool_calls", Value::Array(calls)) => {
                    for (place, value) in calls.iter().enumerate() {
                        let Some(call) = value.as_object() else {
                            keep_extra(&mut self.extra, name, value);
                            continue;
                        };
                        // Only pieces say what they are pieces of.
                        let index = call.get("index").and_then(Value::as_i64).filter(|_| in_pieces);
                        self.tool_calls.entry(index.unwrap_or(place as i64)).or_default().add(call);
                    }
                }
                _ => keep_extra(&mut self.extra, &format!("message.{name}"), value),
            }
        }
    }
}

impl ToolCall {
    fn add(&mut self, call: &Object) {
        for (name, value) in call.iter() {
            match (name, value) {
                ("id" | "index", _) | (_, Value::Null) => {}
                ("function" | "custom", Value::Object(inner)) => {
                    keep_once(&mut self.extra, "(in)", &Value::from(name));
                    self.add_inner(inner);
                }
                ("type", Value::String(kind)) => set(&mut self.kind, kind, name, &mut self.extra),
                // The old `function_call` has no function around it.
                ("name" | "arguments", Value::String(_)) => self.add_text(name, value),
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
    }

    fn add_inner(&mut self, inner: &Object) {
        for (name, value) in inner.iter() {
            match (name, value) {
                ("name" | "arguments" | "input", Value::String(_)) => self.add_text(name, value),
                _ => keep_extra(&mut self.extra, &format!("function.{name}"), value),
            }
        }
    }

    fn add_text(&mut self, name: &str, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        if name == "name" { self.name.push_str(text) } else { self.arguments.push_str(text) }
    }
}

/// Sets what is said once, or the same each time; anything else is a difference.
fn set(slot: &mut Option<String>, value: &str, name: &str, extra: &mut BTreeMap<String, Vec<Value>>) {
    match slot.replace(value.to_owned()) {
        Some(before) if before != value => keep_extra(extra, name, &Value::from(before)),
        _ => {}
    }
}

/// Keeps a value that may be repeated in every chunk, once.
fn keep_once(extra: &mut BTreeMap<String, Vec<Value>>, name: &str, value: &Value) {
    if extra.get(name).and_then(|values| values.last()) != Some(value) {
        keep_extra(extra, name, value);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(json: &str) -> Turn {
        let value = Value::parse(json.as_bytes()).unwrap();
        match &value {
            Value::Array(chunks) => {
                let chunks: Vec<&Object> = chunks.iter().filter_map(Value::as_object).collect();
                Turn::of_answers(&chunks, true).unwrap()
            }
            whole => Turn::of_answers(&[whole.as_object().unwrap()], false).unwrap(),
        }
    }

    #[test]
    fn noise_is_no_difference() {
        for (a, b) in [
            (
                r#"{"id":"1","created":1,"service_tier":"a","system_fingerprint":"x","metadata":{},"usage":{"prompt_tokens":1},
                   "choices":[{"index":0,"obfuscation":"abc","message":{"content":"hi","tool_calls":[{"id":"x"}]}}]}"#,
                r#"{"id":"2","created":2,"service_tier":"b","usage":null,
                   "choices":[{"index":0,"message":{"content":"hi","tool_calls":[{"id":"y"}]}}]}"#,
            ),
            (
                r#"[{"model":"m","object":"c","x":1,"choices":[{"index":0,"delta":{"role":"a","reasoning":"ab"},
                   "logprobs":{"content":[1,2],"refusal":[3,4]}}]}]"#,
                r#"[{"model":"m","object":"c","x":1,"choices":[{"index":0,"delta":{"role":"a","reasoning":"a"},
                   "logprobs":{"content":[1],"refusal":[3]}}]},
                   {"model":"m","object":"c","x":1,"choices":[{"index":0,"delta":{"role":"a","reasoning":"b"},
                   "logprobs":{"content":[2],"refusal":[4]}}]}]"#,
            ),
        ] {
            assert_eq!(turn(a), turn(b), "{a}");
        }
    }

    #[test]
    fn everything_else_is() {
        let whole = |choices: &str| format!(r#"{{"model":"m","choices":[{choices}]}}"#);
        let call = |call: &str| whole(&format!(r#"{{"message":{{"tool_calls":[{call}]}}}}"#));
        for (a, b) in [
            (r#"{"model":"m","choices":[]}"#.to_owned(), r#"{"model":"n","choices":[]}"#.to_owned()),
            (r#"{"object":"m","choices":[]}"#.to_owned(), r#"{"object":"n","choices":[]}"#.to_owned()),
            (r#"[{"model":"m","choices":[]}]"#.to_owned(), r#"[{"model":"n","choices":[]}]"#.to_owned()),
            (whole(""), whole("7")),
            (whole("7"), whole("8")),
            (
                whole(r#"{"index":0,"message":{"content":"ab"}}"#),
                whole(r#"{"index":0,"message":{"content":"a"}},{"index":0,"message":{"content":"b"}}"#),
            ),
            (whole(r#"{"logprobs":{"content":[1]}}"#), whole(r#"{"logprobs":{"refusal":[1]}}"#)),
            (whole(r#"{"message":{"reasoning":"a"}}"#), whole(r#"{"message":{"reasoning_content":"a"}}"#)),
            (whole(r#"{"message":{"x":1}}"#), whole(r#"{"x":1,"message":{}}"#)),
            (call(r#"{"function":{"name":"f"}}"#), call(r#"{"function":{"name":"f","strict":true}}"#)),
            (call(r#"{"function":{"name":"f"}}"#), call(r#"{"function":{"name":"f"},"x":1}"#)),
            (call(r#"{"function":{"name":"f"}}"#), call(r#"{"custom":{"name":"f"}}"#)),
            (call(r#"{"function":{"arguments":"{}"}}"#), call(r#"{"function":{"arguments":{}}}"#)),
            (call(""), call("7")),
            (
                call(r#"{"index":0,"function":{"name":"ab"}}"#),
                call(r#"{"index":0,"function":{"name":"a"}},{"index":0,"function":{"name":"b"}}"#),
            ),
            (
                r#"[{"choices":[{"finish_reason":"stop"}]}]"#.to_owned(),
                r#"[{"choices":[{"finish_reason":"length"}]},{"choices":[{"finish_reason":"stop"}]}]"#.to_owned(),
            ),
        ] {
            assert_ne!(turn(&a), turn(&b), "{a} {b}");
        }
    }
}
