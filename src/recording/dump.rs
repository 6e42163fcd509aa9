//! An upstream answer in the form the Python recorder writes it.
//!
//! The recorder dumps what the `openai` SDK made of the reply, so this room is that SDK's two ways of reading one:
//! *validating* (optional fields, as a whole, with number conversion) and, where that fails, *constructing* (field by
//! field, wrong types kept). What fields there are is data: the tables below. The layout is that of openai 2.5
//! to 2.40.

use super::json::{Number, Object, Value};
use super::key::RequestKey;
use super::key::recorded_id;

/// The two types of answer that chat completions have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerType {
    /// One object.
    Completion,
    /// One element of a stream.
    Chunk,
}

impl AnswerType {
    /// The name in `__type__`, which the replayer imports.
    pub fn python_name(self) -> &'static str {
        match self {
            AnswerType::Completion => "openai.types.chat.chat_completion.ChatCompletion",
            AnswerType::Chunk => "openai.types.chat.chat_completion_chunk.ChatCompletionChunk",
        }
    }

    fn model(self) -> &'static Model {
        match self {
            AnswerType::Completion => &CHAT_COMPLETION,
            AnswerType::Chunk => &CHAT_COMPLETION_CHUNK,
        }
    }
}

/// The recorded form of one answer object: `__type__`, and `__data__` in schema order with its noise replaced.
pub fn dump(answer: &Object, answer_type: AnswerType, key: RequestKey) -> Value {
    let mut data = construct_model(answer, answer_type.model());
    replace_noise(&mut data, &recorded_id(&key.to_string()));
    Value::Object(Object::from_iter([
        ("__type__", Value::from(answer_type.python_name())),
        ("__data__", Value::Object(data)),
    ]))
}

/// Replaces ids and times at the top of an answer by constants, as the recorder does.
pub(super) fn replace_noise(data: &mut Object, id: &str) {
    let is_model = data.get("object").and_then(Value::as_str) == Some("model");
    let constants = [
        ("id", Value::from(id), !is_model),
        ("created", Value::from(0), !is_model),
        ("created_at", Value::from("1970-01-01T00:00:00.000000Z"), true),
    ];
    for (name, constant, applies) in constants {
        if let Some(value) = data.get_mut(name).filter(|_| applies) {
            *value = constant;
        }
    }
    for name in ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] {
        match data.get_mut(name) {
            None | Some(Value::Null) => {}
            Some(duration) => *duration = Value::from(0),
        }
    }
}

/// A class of the SDK: its fields in order.
struct Model {
    fields: &'static [Field],
}

struct Field {
    name: &'static str,
    kind: Kind,
    /// Declared `Optional[...]`: null is fine, and the SDK validates the value as a whole before it constructs it.
    optional: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Int,
    Float,
    /// One of a few texts.
    Literal(&'static [&'static str]),
    Model(&'static Model),
    List(&'static Kind),
    /// A tool call of a message: a function's or a custom one, told apart by `type`.
    ToolCall,
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, optional: false }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, optional: true }
}

use Kind::{Float, Int, List, Literal, Text};

const FINISH_REASON: Kind = Literal(&["stop", "length", "tool_calls", "content_filter", "function_call"]);
const SERVICE_TIER: Kind = Literal(&["auto", "default", "flex", "scale", "priority"]);
const TOKENS: Kind = List(&Kind::Model(&TOKEN_LOGPROB));

static CHAT_COMPLETION: Model = Model {
    fields: &[
        must("id", Text),
        must("choices", List(&Kind::Model(&CHOICE))),
        must("created", Int),
        must("model", Text),
        must("object", Literal(&["chat.completion"])),
        may("service_tier", SERVICE_TIER),
        may("system_fingerprint", Text),
        may("usage", Kind::Model(&USAGE)),
    ],
};

static CHOICE: Model = Model {
    fields: &[
        must("finish_reason", FINISH_REASON),
        must("index", Int),
        may("logprobs", Kind::Model(&LOGPROBS)),
        must("message", Kind::Model(&MESSAGE)),
    ],
};

static MESSAGE: Model = Model {
    fields: &[
        may("content", Text),
        may("refusal", Text),
        must("role", Literal(&["assistant"])),
        may("annotations", List(&Kind::Model(&ANNOTATION))),
        may("audio", Kind::Model(&AUDIO)),
        may("function_call", Kind::Model(&FUNCTION)),
        may("tool_calls", List(&Kind::ToolCall)),
    ],
};

static ANNOTATION: Model =
    Model { fields: &[must("type", Literal(&["url_citation"])), must("url_citation", Kind::Model(&URL_CITATION))] };

static URL_CITATION: Model =
    Model { fields: &[must("end_index", Int), must("start_index", Int), must("title", Text), must("url", Text)] };

static AUDIO: Model =
    Model { fields: &[must("id", Text), must("data", Text), must("expires_at", Int), must("transcript", Text)] };

static FUNCTION: Model = Model { fields: &[must("arguments", Text), must("name", Text)] };

static FUNCTION_TOOL_CALL: Model = Model {
    fields: &[must("id", Text), must("function", Kind::Model(&FUNCTION)), must("type", Literal(&["function"]))],
};

static CUSTOM: Model = Model { fields: &[must("input", Text), must("name", Text)] };

static CUSTOM_TOOL_CALL: Model =
    Model { fields: &[must("id", Text), must("custom", Kind::Model(&CUSTOM)), must("type", Literal(&["custom"]))] };

static LOGPROBS: Model = Model { fields: &[may("content", TOKENS), may("refusal", TOKENS)] };

static TOKEN_LOGPROB: Model = Model {
    fields: &[
        must("token", Text),
        may("bytes", List(&Int)),
        must("logprob", Float),
        must("top_logprobs", List(&Kind::Model(&TOP_LOGPROB))),
    ],
};

static TOP_LOGPROB: Model = Model { fields: &[must("token", Text), may("bytes", List(&Int)), must("logprob", Float)] };

static USAGE: Model = Model {
    fields: &[
        must("completion_tokens", Int),
        must("prompt_tokens", Int),
        must("total_tokens", Int),
        may("completion_tokens_details", Kind::Model(&COMPLETION_DETAILS)),
        may("prompt_tokens_details", Kind::Model(&PROMPT_DETAILS)),
    ],
};

static COMPLETION_DETAILS: Model = Model {
    fields: &[
        may("accepted_prediction_tokens", Int),
        may("audio_tokens", Int),
        may("reasoning_tokens", Int),
        may("rejected_prediction_tokens", Int),
    ],
};

static PROMPT_DETAILS: Model = Model { fields: &[may("audio_tokens", Int), may("cached_tokens", Int)] };

static CHAT_COMPLETION_CHUNK: Model = Model {
    fields: &[
        must("id", Text),
        must("choices", List(&Kind::Model(&CHUNK_CHOICE))),
        must("created", Int),
        must("model", Text),
        must("object", Literal(&["chat.completion.chunk"])),
        may("service_tier", SERVICE_TIER),
        may("system_fingerprint", Text),
        may("usage", Kind::Model(&USAGE)),
    ],
};

static CHUNK_CHOICE: Model = Model {
    fields: &[
        must("delta", Kind::Model(&DELTA)),
        may("finish_reason", FINISH_REASON),
        must("index", Int),
        may("logprobs", Kind::Model(&LOGPROBS)),
    ],
};

static DELTA: Model = Model {
    fields: &[
        may("content", Text),
        may("function_call", Kind::Model(&DELTA_FUNCTION)),
        may("refusal", Text),
        may("role", Literal(&["developer", "system", "user", "assistant", "tool"])),
        may("tool_calls", List(&Kind::Model(&DELTA_TOOL_CALL))),
    ],
};

static DELTA_FUNCTION: Model = Model { fields: &[may("arguments", Text), may("name", Text)] };

static DELTA_TOOL_CALL: Model = Model {
    fields: &[
        must("index", Int),
        may("id", Text),
        may("function", Kind::Model(&DELTA_FUNCTION)),
        may("type", Literal(&["function"])),
    ],
};

/// Lays `object` out as `model`: fields in schema order, missing ones null, then unknown keys as they came. `read` makes
/// the value of a field; `None` from it gives the whole object up.
fn lay_out(object: &Object, model: &Model, read: impl Fn(&Value, &Field) -> Option<Value>) -> Option<Object> {
    let mut data = Object::new();
    for field in model.fields {
        data.insert(field.name, read(object.get(field.name).unwrap_or(&Value::Null), field)?);
    }
    for (key, value) in object.iter() {
        if !model.fields.iter().any(|field| field.name == key) {
            data.insert(key, plain(value));
        }
    }
    Some(data)
}

fn construct_model(object: &Object, model: &Model) -> Object {
    lay_out(object, model, |value, field| {
        let validated = if field.optional { validate(value, field.kind) } else { None };
        Some(validated.unwrap_or_else(|| construct(value, field.kind)))
    })
    .expect("constructing takes every value")
}

/// The SDK's loose reading: lays out what has the right shape, keeps the rest as it is.
fn construct(value: &Value, kind: Kind) -> Value {
    match (kind, value) {
        (Kind::Model(model), Value::Object(object)) => Value::Object(construct_model(object, model)),
        // A list where an object is expected: its objects are laid out.
        (Kind::Model(model), Value::Array(items)) => Value::Array(
            items
                .iter()
                .map(|item| match item {
                    Value::Object(object) => Value::Object(construct_model(object, model)),
                    other => plain(other),
                })
                .collect(),
        ),
        (List(inner), Value::Array(items)) => Value::Array(items.iter().map(|item| construct(item, *inner)).collect()),
        (Kind::ToolCall, _) => validate(value, kind).unwrap_or_else(|| {
            let custom = value.get("type").and_then(Value::as_str) == Some("custom");
            construct(value, Kind::Model(if custom { &CUSTOM_TOOL_CALL } else { &FUNCTION_TOOL_CALL }))
        }),
        (Float, Value::Number(number)) => Value::Number(Number::Float(number.as_f64())),
        _ => plain(value),
    }
}

/// The SDK's strict reading of an optional field (pydantic): `None` when anything in it has the wrong type.
///
/// Texts and truth values that pydantic would convert to numbers are accepted and kept as they are.
fn validate(value: &Value, kind: Kind) -> Option<Value> {
    if value.is_null() {
        return None;
    }
    match (kind, value) {
        (Text, Value::String(_)) => Some(value.clone()),
        (Literal(texts), Value::String(text)) => texts.contains(&text.as_str()).then(|| value.clone()),
        (Int, Value::Number(Number::Float(x))) => integral(*x),
        (Int | Float, Value::Bool(_)) => Some(value.clone()),
        (Int | Float, Value::String(text)) => text.trim().parse::<f64>().is_ok().then(|| value.clone()),
        (Int, Value::Number(_)) => Some(value.clone()),
        (Float, Value::Number(number)) => Some(Value::Number(Number::Float(number.as_f64()))),
        (Kind::Model(model), Value::Object(object)) => lay_out(object, model, |value, field| {
            if value.is_null() && field.optional { Some(Value::Null) } else { validate(value, field.kind) }
        })
        .map(Value::Object),
        (List(inner), Value::Array(items)) => {
            items.iter().map(|item| validate(item, *inner)).collect::<Option<Vec<_>>>().map(Value::Array)
        }
        (Kind::ToolCall, _) => validate(value, Kind::Model(&FUNCTION_TOOL_CALL))
            .or_else(|| validate(value, Kind::Model(&CUSTOM_TOOL_CALL))),
        _ => None,
    }
}

/// A double without a fraction as an integer, within the 64 bits that pydantic converts.
fn integral(x: f64) -> Option<Value> {
    let fits = x.fract() == 0.0 && x >= -(2f64.powi(63)) && x < 2f64.powi(63);
    fits.then(|| Value::from(x as i64))
}

/// A value outside the schema: copied, but what JSON cannot say is null.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(Number::Float(x)) if !x.is_finite() => Value::Null,
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Object(object) => Value::Object(object.iter().map(|(key, value)| (key, plain(value))).collect()),
        other => other.clone(),
    }
}
