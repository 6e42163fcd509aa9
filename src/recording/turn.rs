//! A chat answer as behaviour: what a test can see of it, whether it came as one object or as a stream.
//!
//! Two answers with the same turn differ in noise only: ids, times, `obfuscation`, fingerprints, service tier, usage
//! and where a stream was cut into chunks. Because of the chunks, unknown fields are kept as sets and texts are joined:
//! the number of repetitions must not count.

mod tool_call;

use std::collections::{BTreeMap, BTreeSet};

use super::completeness::ends;
use super::document::Recording;
use super::json::{Object, Value};
use super::noise;
use tool_call::integral_floats_to_integers;
pub use tool_call::{CallId, ToolCall};

/// Everything a test can see of one answer. Equality is equality of behaviour: usage is left out of it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Turn {
    /// Whether it came as a stream.
    pub streaming: bool,
    /// The choices by their index.
    pub choices: BTreeMap<i64, Choice>,
    /// Unknown fields of the answer.
    pub extra: Extra,
    /// The models that say they answered, without the dates of their versions.
    pub models: BTreeSet<String>,
    /// Token counts, when the answer had them.
    pub usage: Usage,
    /// The exception that the call raises instead of answering.
    pub error: Option<RaisedError>,
}

impl PartialEq for Turn {
    fn eq(&self, other: &Self) -> bool {
        (self.streaming, &self.models, &self.choices, &self.extra, &self.error)
            == (other.streaming, &other.models, &other.choices, &other.extra, &other.error)
    }
}

/// Unknown fields by name: the different values that said something, each as JSON with sorted keys.
pub type Extra = BTreeMap<String, BTreeSet<String>>;

/// One choice of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Choice {
    /// Who speaks, `assistant`.
    pub role: Option<String>,
    /// The text without the part in `<reasoning>` tags.
    pub text: Option<String>,
    /// The part of the text in `<reasoning>` tags. Bedrock writes one around the reasoning of every chunk.
    pub tagged_reasoning: Option<String>,
    /// The text of the `reasoning` and `reasoning_content` fields.
    pub reasoning: Option<String>,
    /// The field `refusal` of the OpenAI API: the text with which the model declines.
    pub refusal: Option<String>,
    /// Tool calls by their index; the old `function_call` has the index -1.
    pub tool_calls: BTreeMap<i64, ToolCall>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// Log probabilities, token by token, each as JSON with sorted keys.
    pub logprobs: Vec<String>,
    /// Unknown fields of the choice, its message and its deltas.
    pub extra: Extra,
    /// Unknown texts of the message, put together from its deltas.
    pub extra_text: BTreeMap<String, String>,
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
        // The counts are what a server says they are.
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
    }
}

/// The exception that a replay raises.
#[derive(Clone, Debug)]
pub struct RaisedError {
    /// The name of its Python class.
    pub type_name: String,
    /// The HTTP status, if the exception has one.
    pub status: Option<u16>,
    /// Its message.
    pub message: String,
    /// The body of the reply, as JSON with sorted keys.
    pub body: Option<String>,
    /// The message says what the body says, in the words of one version of the SDK.
    pub repeats_body: bool,
}

/// Versions of the SDK word the same reply differently: what it says counts, not how it is worded.
impl PartialEq for RaisedError {
    fn eq(&self, other: &Self) -> bool {
        (&self.type_name, self.status, &self.body) == (&other.type_name, other.status, &other.body)
            && (self.message == other.message || (self.repeats_body && other.repeats_body))
    }
}

/// Why an answer cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecodable(pub String);

impl Turn {
    /// Reads a recorded chat answer, as a replay gives it to a test.
    pub fn of_recording(recording: &Recording) -> Result<Turn, Undecodable> {
        let response = recording.response();
        if let Some(exception) = response.exception {
            // It is raised by the call itself, whether that asked for a stream or not.
            return Ok(Turn { error: Some(exception.raised()), ..Turn::default() });
        }
        let objects: Vec<&Object> = recording.answers().map(|(_, data)| data).collect();
        let expected = response.body.as_array().map_or(1, <[Value]>::len);
        if objects.len() < expected {
            return Err(Undecodable("response.body has an item without __data__".to_owned()));
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
        turn.choices.values_mut().for_each(|choice| choice.finish(streaming));
        Ok(turn)
    }

    fn add(&mut self, object: &Object) -> Result<(), &'static str> {
        for (name, value) in object.iter() {
            match name {
                name if noise::of_completion(name) => {}
                name if noise::names_model(name) => {
                    if let Some(model) = value.as_str().filter(|model| !model.is_empty()) {
                        self.models.insert(noise::undated(model).to_owned());
                    }
                }
                "choices" => {
                    let choices = value.as_array().ok_or("has choices that are not a list")?;
                    for (place, choice) in choices.iter().enumerate() {
                        let Some(choice) = choice.as_object() else { continue };
                        let mut index = choice.get("index").and_then(Value::as_i64).unwrap_or(place as i64);
                        if !self.streaming && self.choices.contains_key(&index) {
                            // Only the pieces of a stream come back to a choice; here it is another one.
                            index = self.choices.keys().next_back().map_or(0, |last| last.saturating_add(1));
                        }
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
                "prompt_filter_results" => keep_filters(&mut self.extra, name, value),
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
                ("finish_reason", Value::String(reason)) => {
                    // What says nothing does not undo what was said.
                    if ends(value) || self.finish_reason.is_none() {
                        self.finish_reason = Some(reason.clone());
                    }
                }
                // Of a text completion, the old kind.
                ("text", Value::String(text)) => append(&mut self.text, text),
                ("content_filter_results", _) => keep_filters(&mut self.extra, name, value),
                ("logprobs", Value::Object(logprobs)) => {
                    for tokens in logprobs.iter().filter_map(|(_, tokens)| tokens.as_array()) {
                        self.logprobs.extend(tokens.iter().map(Value::to_sorted_text));
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
                ("reasoning", Value::String(text)) => append(&mut self.reasoning, text),
                // Some endpoints send the same text under both names.
                ("reasoning_content", Value::String(_)) if message.get("reasoning").is_some_and(|v| !v.is_null()) => {}
                ("reasoning_content", Value::String(text)) => append(&mut self.reasoning, text),
                ("refusal", Value::String(text)) => append(&mut self.refusal, text),
                ("function_call", Value::Object(call)) => self.tool_calls.entry(-1).or_default().add(call),
                ("tool_calls", Value::Array(calls)) => {
                    for (place, call) in calls.iter().enumerate() {
                        let Some(call) = call.as_object() else { continue };
                        let index = call.get("index").and_then(Value::as_i64).unwrap_or(place as i64);
                        self.tool_calls.entry(index).or_default().add(call);
                    }
                }
                (_, Value::String(text)) => self.extra_text.entry(name.to_owned()).or_default().push_str(text),
                _ => keep_extra(&mut self.extra, name, value),
            }
        }
    }

    /// After all parts are joined: removes the tags and empty texts.
    fn finish(&mut self, streaming: bool) {
        // Some endpoints leave out defaults.
        self.role.get_or_insert_with(|| "assistant".to_owned());
        self.tool_calls.values_mut().for_each(|call| {
            call.kind.get_or_insert_with(|| "function".to_owned());
        });
        tool_call::compare_ids(&mut self.tool_calls);
        if let Some(text) = &self.text
            && text.contains(OPENING)
        {
            let (text, reasoning) = split_tags(text);
            self.text = Some(text).filter(|text| !text.is_empty());
            self.tagged_reasoning = Some(reasoning);
        }
        if streaming {
            for text in [&mut self.text, &mut self.reasoning, &mut self.refusal] {
                text.take_if(|text| text.is_empty());
            }
            self.extra_text.retain(|_, text| !text.is_empty());
        }
    }
}

const OPENING: &str = "<reasoning>";
const CLOSING: &str = "</reasoning>";

/// The text outside and inside of `<reasoning>` tags. A tag that opens the text and is never closed was cut.
fn split_tags(text: &str) -> (String, String) {
    let (mut outside, mut inside) = (String::new(), String::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPENING) {
        outside.push_str(before);
        match after.split_once(CLOSING) {
            Some((reasoning, after)) => {
                inside.push_str(reasoning);
                rest = after;
            }
            None if outside.is_empty() => {
                inside.push_str(after);
                rest = "";
            }
            None => {
                outside.push_str(&rest[before.len()..]);
                rest = "";
            }
        }
    }
    outside.push_str(rest);
    (outside, inside)
}

fn append(text: &mut Option<String>, more: &str) {
    text.get_or_insert_default().push_str(more);
}

fn keep_extra(extra: &mut Extra, name: &str, value: &Value) {
    // One version of the SDK copies a field that the next one knows: then missing fields become null, and some numbers
    // become floats.
    let mut value = without_nulls(value);
    integral_floats_to_integers(&mut value);
    let says_nothing = match &value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    if !says_nothing {
        extra.entry(name.to_owned()).or_default().insert(value.to_sorted_text());
    }
}

/// A value without the null members of its objects.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        Value::Object(object) => {
            let members = object.iter().filter(|(_, value)| !value.is_null());
            Value::Object(members.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        other => other.clone(),
    }
}

/// Of the verdicts of a content filter only those that struck: the others come and go with the chunks.
fn keep_filters(extra: &mut Extra, name: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keep_filters(extra, name, item)),
        Value::Object(object) => {
            for (category, verdict) in object.iter() {
                let struck = ["filtered", "detected"].iter().any(|of| verdict.get(of) == Some(&Value::Bool(true)));
                if struck {
                    extra.entry(name.to_owned()).or_default().insert(Value::from(category).to_sorted_text());
                }
                keep_filters(extra, name, verdict);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_out_of_the_text() {
        for (text, outside, inside) in [
            ("<reasoning>a</reasoning>b", "b", "a"),
            ("<reasoning>a</reasoning><reasoning>b</reasoning>c", "c", "ab"),
            ("a<reasoning>b</reasoning>c", "ac", "b"),
            ("<reasoning>cut", "", "cut"),
            ("say <reasoning> to think", "say <reasoning> to think", ""),
            ("</reasoning>", "</reasoning>", ""),
        ] {
            assert_eq!(split_tags(text), (outside.to_owned(), inside.to_owned()), "{text}");
        }
    }
}
