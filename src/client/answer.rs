//! Whether a reply is a complete answer. No input or output: bytes and events in, a verdict out.
//!
//! An answer that is incomplete here is never stored (see [`crate::recording::completeness`]): a temporary failure must
//! not be replayed for ever.

use std::collections::BTreeSet;

use crate::recording::MAX_FILE_BYTES;
use crate::recording::completeness::{AnswerFlaw, ends, object_flaw};
use crate::recording::json::{MAX_DEPTH, MAX_PARTS, Object, ParseErrorKind, Value};
use crate::recording::sight::without_mark;

use super::sse::{Event, SseDecoder};

/// Deepest answer that the recorder can write; pydantic takes anything deeper for a circle.
const MAX_ANSWER_DEPTH: usize = 255;

/// Most events of a stream. A recording writes none in fewer than 512 bytes, so more of them fit into no file.
const MAX_EVENTS: usize = (MAX_FILE_BYTES / 512) as usize;

/// Why a reply is not a complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What is wrong: a lower-case fragment.
    pub what: String,
    /// What that says of who answered.
    pub sign: Sign,
    /// The error that came instead of an answer.
    pub error: Option<ErrorInstead>,
}

/// An error that came with status 200, as an object or as an event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorInstead {
    /// The name of its event.
    pub event: Option<String>,
    /// Its JSON.
    pub text: String,
}

/// What an unusable reply says of who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing.
    Nothing,
    /// The endpoint has no such operation.
    UnknownOperation,
    /// The server is not such an endpoint.
    AnotherService,
}

impl Unusable {
    fn new(sign: Sign, what: impl Into<String>) -> Self {
        Unusable { what: what.into(), sign, error: None }
    }

    /// Keeps the error that it is, if it is one.
    fn of_error(self, object: &Object, event: &[u8]) -> Self {
        let event = Some(String::from_utf8_lossy(event).into_owned()).filter(|event| !event.is_empty());
        let text = Value::Object(object.clone()).to_wire_text();
        Unusable { error: Some(ErrorInstead { event, text }), ..self }
    }

    /// Says which event of a stream it was.
    fn in_event(self, place: usize) -> Self {
        Unusable { what: format!("event {place}: {}", self.what), ..self }
    }
}

impl From<String> for Unusable {
    fn from(what: String) -> Self {
        Unusable::new(Sign::Nothing, what)
    }
}

impl From<AnswerFlaw> for Unusable {
    fn from(flaw: AnswerFlaw) -> Self {
        let sign = match flaw {
            AnswerFlaw::UnknownOperation(_) => Sign::UnknownOperation,
            AnswerFlaw::Page => Sign::AnotherService,
            _ => Sign::Nothing,
        };
        Unusable::new(sign, flaw.to_string())
    }
}

/// Reads the body of a reply to a request without streaming.
pub fn read_object(body: &[u8]) -> Result<Object, Unusable> {
    let Value::Object(object) = parse(without_mark(body))? else {
        return Err("the answer is JSON, but not an object".to_owned().into());
    };
    match object_flaw(&object) {
        Some(flaw) => Err(Unusable::from(flaw).of_error(&object, b"")),
        None => Ok(object),
    }
}

fn parse(text: &[u8]) -> Result<Value, Unusable> {
    let value = Value::parse(text).map_err(|error| match error.kind {
        ParseErrorKind::LoneSurrogate => {
            Unusable::from("the answer holds half a surrogate pair, which JSON readers read differently".to_owned())
        }
        _ if text.trim_ascii_start().starts_with(b"<") => AnswerFlaw::Page.into(),
        _ if text.trim_ascii().is_empty() => "the answer is empty".to_owned().into(),
        _ => format!("the answer is not JSON: {error}").into(),
    })?;
    if is_deeper(&value, MAX_ANSWER_DEPTH) {
        return Err(format!("the answer is nested deeper than {MAX_ANSWER_DEPTH} levels").into());
    }
    Ok(value)
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    debug_assert!(levels < MAX_DEPTH);
    let (Value::Array(_) | Value::Object(_)) = value else { return false };
    let Some(below) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, below)),
        Value::Object(object) => object.iter().any(|(_, item)| is_deeper(item, below)),
        _ => false,
    }
}

/// How many values there are in one, with itself.
fn parts(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
        Value::Object(object) => 1 + object.iter().map(|(_, item)| parts(item)).sum::<usize>(),
        _ => 1,
    }
}

/// What of a stream is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// No choice has ended yet: if the stream ends now, there is no answer.
    Answer,
    /// A choice has ended; others, or the token counts, may follow.
    Rest,
    /// At most `[DONE]`, which some Bedrock hosts leave out while they hold the connection open.
    Nothing,
}

/// Puts a stream together.
#[derive(Debug, Default)]
pub struct StreamReader {
    decoder: SseDecoder,
    chunks: Vec<Object>,
    /// How many values they hold: each takes more memory than its text.
    parts: usize,
    done: bool,
    started: BTreeSet<i64>,
    finished: BTreeSet<i64>,
    usage_seen: bool,
    /// The beginning of what came before the first event: a reply that is no stream has all in it.
    head: Vec<u8>,
}

/// The largest error that is looked for in a reply that is no stream, in bytes.
const MAX_HEAD: usize = 64 << 10;

impl StreamReader {
    /// Takes the next bytes. An error means that the stream holds what may not be stored.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Unusable> {
        let mut events = Vec::new();
        if self.chunks.is_empty() {
            self.head.extend_from_slice(&bytes[..bytes.len().min(MAX_HEAD.saturating_sub(self.head.len()))]);
        }
        self.decoder.feed(bytes, |event| events.push(event));
        events.into_iter().try_for_each(|event| self.event(event))
    }

    fn event(&mut self, event: Event) -> Result<(), Unusable> {
        if self.done {
            return Ok(());
        }
        if event.data.starts_with(b"[DONE]") {
            self.done = true;
            return Ok(());
        }
        let place = self.chunks.len() + 1;
        let value = parse(&event.data).map_err(|flaw| flaw.in_event(place))?;
        self.parts += parts(&value);
        if place > MAX_EVENTS || self.parts > MAX_PARTS {
            let what =
                format!("the reply has more than {MAX_EVENTS} events or {MAX_PARTS} values, too many to be stored");
            return Err(what.into());
        }
        if event.kind == b"error" {
            let error = super::bedrock::error::classify(200, None, &value.to_wire_text());
            let flaw = Unusable::from(format!("event {place} of the stream is an error: {}", error.message));
            return Err(match value.as_object() {
                Some(object) => flaw.of_error(object, &event.kind),
                None => flaw,
            });
        }
        if event.kind.starts_with(b"thread.") {
            return Err(format!("event {place} belongs to the Assistants API, not to chat completions").into());
        }
        let Value::Object(chunk) = value else {
            return Err(format!("event {place} is JSON, but not an object").into());
        };
        match object_flaw(&chunk) {
            Some(AnswerFlaw::Error(said)) => {
                let said = if said.is_empty() { said } else { format!(": {said}") };
                let flaw = Unusable::from(format!("event {place} of the stream is an error{said}"));
                return Err(flaw.of_error(&chunk, &event.kind));
            }
            Some(flaw) => return Err(Unusable::from(flaw).in_event(place).of_error(&chunk, &event.kind)),
            None => {}
        }
        for choice in chunk.get("choices").and_then(Value::as_array).unwrap_or_default() {
            let index = choice.get("index").and_then(Value::as_i64).unwrap_or(0);
            self.started.insert(index);
            if choice.get("finish_reason").is_some_and(ends) {
                self.finished.insert(index);
            }
        }
        self.usage_seen |= chunk.get("usage").is_some_and(|usage| !usage.is_null());
        self.chunks.push(chunk);
        Ok(())
    }

    /// `[DONE]` was seen; whatever follows does not count.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// What is still to come, when `choices` were asked for.
    pub fn due(&self, choices: usize, usage_requested: bool) -> Due {
        let all_finished = self.finished.len() >= choices.max(1) && self.started == self.finished;
        match (all_finished, self.finished.is_empty()) {
            (true, _) if self.usage_seen || !usage_requested => Due::Nothing,
            (_, true) => Due::Answer,
            _ => Due::Rest,
        }
    }

    /// How many events were taken. Comments that only keep the connection alive are none.
    pub fn events(&self) -> usize {
        self.chunks.len()
    }

    /// The chunks, if the stream is complete.
    pub fn finish(self) -> Result<Vec<Object>, Unusable> {
        match (self.chunks.is_empty(), self.done || !self.finished.is_empty()) {
            (true, _) if self.decoder.pending() > 0 || self.head.trim_ascii_start().starts_with(b"{") => {
                // An error that came before the stream began is no stream.
                let error = read_object(&self.head).err().filter(|flaw| flaw.error.is_some());
                Err(error.unwrap_or_else(|| Unusable::new(Sign::AnotherService, "the reply is not an event stream")))
            }
            (true, _) => Err("the stream holds no answer".to_owned().into()),
            (false, false) => {
                Err(format!("the stream ended after {} events without finish_reason or [DONE]", self.chunks.len())
                    .into())
            }
            (false, true) => Ok(self.chunks),
        }
    }
}
