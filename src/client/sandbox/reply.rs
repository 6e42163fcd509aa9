//! What the sandbox answers: a function of the request alone.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// Every text that the sandbox answers begins so.
pub const MARK: &str = "No model was asked";

/// When every answer of the sandbox was made, in Unix seconds.
const CREATED: u64 = 1_764_000_000;

/// Fields that the endpoint's strict parser knows; anything else is rejected.
const FIELDS: [&str; 30] = [
    "messages",
    "model",
    "store",
    "reasoning_effort",
    "metadata",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "modalities",
    "prediction",
    "audio",
    "presence_penalty",
    "response_format",
    "seed",
    "service_tier",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "user",
    "function_call",
    "functions",
];

/// Why a request is rejected.
pub(super) enum Problem {
    /// 400.
    Invalid(String),
    /// 404.
    UnknownModel(String),
}

/// Judges a request as the endpoint does.
pub(super) fn check(request: &Value) -> Result<(), Problem> {
    let invalid = |message: String| Err(Problem::Invalid(message));
    let Some(fields) = request.as_object() else { return invalid("The request body is not a JSON object".to_owned()) };
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return invalid(format!(
            "Failed to deserialize the JSON body into the target type: {name}: unknown field `{name}`"
        ));
    }
    let model = request["model"].as_str().unwrap_or_default();
    if !model.starts_with("openai.gpt-oss-") {
        return Err(Problem::UnknownModel(model.to_owned()));
    }
    let messages = request["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return invalid("messages: at least one message is required".to_owned());
    }
    let has_image = |message: &Value| {
        message["content"].as_array().is_some_and(|parts| parts.iter().any(|part| part["type"] == "image_url"))
    };
    if messages.iter().any(has_image) {
        return invalid("Model does not support image modality".to_owned());
    }
    Ok(())
}

/// One choice, before it is laid out whole or in pieces.
struct SandboxChoice {
    reasoning: String,
    text: String,
    tool_call: Option<SandboxToolCall>,
    finish_reason: &'static str,
}

struct SandboxToolCall {
    id: String,
    name: String,
    arguments: String,
}

/// A reply to a request without streaming.
pub(super) fn completion(request: &Value, reasoning_field: bool) -> Value {
    let seed = Seed::of(request);
    let choices = choices(request, &seed);
    let usage = usage(request, &choices);
    let laid_out = choices.iter().enumerate().map(|(index, choice)| {
        let mut message = json!({"refusal": null, "role": "assistant"});
        match &choice.tool_call {
            Some(call) => {
                message["content"] = Value::Null;
                let function = json!({"name": call.name, "arguments": call.arguments});
                message["tool_calls"] = json!([{"id": call.id, "type": "function", "function": function}]);
            }
            None if reasoning_field => {
                message["content"] = json!(choice.text);
                message["reasoning"] = json!(choice.reasoning);
            }
            None => message["content"] = json!(format!("<reasoning>{}</reasoning>{}", choice.reasoning, choice.text)),
        }
        json!({"finish_reason": choice.finish_reason, "index": index, "logprobs": null, "message": message})
    });
    json!({
        "choices": laid_out.collect::<Vec<_>>(),
        "created": CREATED,
        "id": seed.completion_id(),
        "model": request["model"],
        "object": "chat.completion",
        "service_tier": "default",
        "system_fingerprint": null,
        "usage": usage,
    })
}

/// The chunks of a streamed reply, without the closing `[DONE]`.
pub(super) fn chunks(request: &Value, reasoning_field: bool) -> Vec<Value> {
    let seed = Seed::of(request);
    let choices = choices(request, &seed);
    let mut events = Vec::new();
    let mut chunk = |choices: Value, usage: Option<Value>| {
        let mut event = json!({
            "id": seed.completion_id(),
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": request["model"],
            "service_tier": "default",
            "system_fingerprint": null,
            "choices": choices,
        });
        if let Some(usage) = usage {
            event["usage"] = usage;
        }
        events.push(event);
    };
    for (index, choice) in choices.iter().enumerate() {
        let mut deltas = vec![(json!({"content": "", "role": "assistant"}), None)];
        let mut say = |delta: Value| deltas.push((delta, None));
        match &choice.tool_call {
            Some(call) => {
                let opening = json!({"name": call.name, "arguments": ""});
                say(json!({"tool_calls": [{"index": 0, "id": call.id, "type": "function", "function": opening}]}));
                for piece in pieces(&call.arguments) {
                    say(json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}));
                }
            }
            None if reasoning_field => {
                pieces(&choice.reasoning).for_each(|piece| say(json!({"reasoning": piece})));
                pieces(&choice.text).for_each(|piece| say(json!({"content": piece})));
            }
            None => {
                let text = format!("<reasoning>{}</reasoning>{}", choice.reasoning, choice.text);
                pieces(&text).for_each(|piece| say(json!({"content": piece})));
            }
        }
        deltas.push((json!({}), Some(choice.finish_reason)));
        for (place, (delta, finish_reason)) in deltas.into_iter().enumerate() {
            chunk(
                json!([{
                    "index": index,
                    "finish_reason": finish_reason,
                    "logprobs": null,
                    "delta": delta,
                    "obfuscation": seed.obfuscation(index, place),
                }]),
                None,
            );
        }
    }
    if request["stream_options"]["include_usage"] == json!(true) {
        chunk(json!([]), Some(usage(request, &choices)));
    }
    events
}

/// A text in pieces of one word with the space before it, as models stream them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == ' ').map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn choices(request: &Value, seed: &Seed) -> Vec<SandboxChoice> {
    let count = request["n"].as_u64().unwrap_or(1).clamp(1, 8);
    (0..count).map(|index| choice(request, seed, index)).collect()
}

fn choice(request: &Value, seed: &Seed, index: u64) -> SandboxChoice {
    let messages = request["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let last = messages.last();
    let said = last.map(|message| text_of(&message["content"])).unwrap_or_default();
    let is_tool_result = last.is_some_and(|message| message["role"] == "tool");
    let tool = request["tools"].as_array().and_then(|tools| tools.first()).map(|tool| &tool["function"]);
    if let Some(tool) = tool.filter(|_| !is_tool_result && request["tool_choice"] != "none") {
        let call = SandboxToolCall {
            id: format!("chatcmpl-tool-{}", seed.hex(&format!("tool {index}"), 16)),
            name: tool["name"].as_str().unwrap_or_default().to_owned(),
            arguments: sample(&tool["parameters"], "value").to_string(),
        };
        return SandboxChoice {
            reasoning: String::new(),
            text: String::new(),
            tool_call: Some(call),
            finish_reason: "tool_calls",
        };
    }
    let quoted: String = said.chars().take(80).collect();
    let system = messages.iter().find(|message| message["role"] == "system" || message["role"] == "developer");
    let turn = messages.iter().filter(|message| message["role"] == "user").count();
    let under =
        system.map_or(String::new(), |system| format!(" under the instruction “{}”", text_of(&system["content"])));
    let reasoning = format!("Message {} of the conversation, user turn {turn}.", messages.len());
    let mut text = format!("{MARK}: this is the sandbox, answering “{quoted}”{under}.");
    if count_of(request) > 1 {
        text.push_str(&format!(" SandboxChoice {index}."));
    }
    let limit = request["max_completion_tokens"].as_u64().or_else(|| request["max_tokens"].as_u64());
    let words: Vec<&str> = pieces(&text).collect();
    match limit.and_then(|limit| usize::try_from(limit).ok()) {
        Some(limit) if limit < words.len() => {
            let text = words[..limit].concat();
            SandboxChoice { reasoning, text, tool_call: None, finish_reason: "length" }
        }
        _ => SandboxChoice { reasoning, text, tool_call: None, finish_reason: "stop" },
    }
}

fn count_of(request: &Value) -> u64 {
    request["n"].as_u64().unwrap_or(1)
}

/// The text of a message's content, which is a text or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// A value that a JSON schema allows: enough for the schemas of tools.
fn sample(schema: &Value, name: &str) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") | None => {
            let properties = schema["properties"].as_object();
            let sampled = properties.into_iter().flatten().map(|(name, schema)| (name.clone(), sample(schema, name)));
            Value::Object(sampled.collect::<Map<_, _>>())
        }
        Some("array") => json!([sample(&schema["items"], name)]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        Some(_) => json!(format!("sandbox {name}")),
    }
}

/// Token counts that grow with the texts, as real ones do.
fn usage(request: &Value, choices: &[SandboxChoice]) -> Value {
    let tokens = |text: &str| text.chars().count().div_ceil(4);
    let prompt = tokens(&request["messages"].to_string()) + tokens(&request["tools"].to_string());
    let completion: usize = choices
        .iter()
        .map(|choice| {
            let call = choice.tool_call.as_ref().map_or(0, |call| tokens(&call.arguments) + tokens(&call.name));
            tokens(&choice.reasoning) + tokens(&choice.text) + call
        })
        .sum();
    json!({"completion_tokens": completion, "prompt_tokens": prompt, "total_tokens": prompt + completion})
}

/// Everything that is random in a real answer, drawn from the request.
struct Seed(String);

impl Seed {
    fn of(request: &Value) -> Self {
        Seed(request.to_string())
    }

    fn bytes(&self, label: &str) -> [u8; 32] {
        Sha256::new().chain_update(label).chain_update(&self.0).finalize().into()
    }

    fn hex(&self, label: &str, bytes: usize) -> String {
        self.bytes(label)[..bytes].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn completion_id(&self) -> String {
        let hex = self.hex("id", 16);
        format!("chatcmpl-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// Padding of a random length, which the real endpoint adds to each chunk against traffic analysis.
    fn obfuscation(&self, index: usize, place: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let bytes = self.bytes(&format!("obfuscation {index} {place}"));
        let length = 8 + usize::from(bytes[0]) % 24;
        bytes.iter().take(length).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
    }
}
