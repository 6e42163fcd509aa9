//! The request key: what the recorder hashes, and the name that follows from it.
//!
//! A key is the SHA-256 of one line of JSON (`sort_keys=True`) made of the request after normalisation. What may vary
//! between two runs of the same test is replaced before hashing; nothing of that reaches the file itself.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};

use super::json::{self, Number, Object, Value};
use super::python::{self, DIGIT, SPACE, Url};

/// Endpoints whose answers are lists of models: shared by all tests, so no test id is hashed.
pub const MODEL_LIST_ENDPOINTS: [&str; 3] = ["/api/tags", "/v1/models", "/v1/openai/v1/models"];

/// The SHA-256 of a normalised request, and the stem of its recording's file name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(pub(super) [u8; 32]);

impl RequestKey {
    /// The key of the text that [`Request::hashed_text`] gives.
    pub fn of(hashed_text: &str) -> Self {
        RequestKey(Sha256::digest(hashed_text.as_bytes()).into())
    }

    /// Reads 64 lower-case hex digits.
    pub fn parse(hex: &str) -> Option<Self> {
        if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(RequestKey(bytes))
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKey({self})")
    }
}

/// The id that the recorder gives every answer stored under a key: `rec-` and the first 12 characters of the name.
pub fn recorded_id(key_text: &str) -> String {
    format!("rec-{}", key_text.get(..12).unwrap_or(key_text))
}

/// What of a request decides its key, by kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Request<'a> {
    /// A call through an SDK: chat, completions, embeddings, model lists, Ollama, Vertex.
    Inference {
        /// The node id of the test, if there is one.
        test_id: Option<&'a str>,
        /// HTTP method, any case.
        method: &'a str,
        /// The recorded url; only its path, and whether its host contains `bedrock`, count.
        url: &'a str,
        /// The keyword arguments of the call.
        body: &'a Value,
    },
    /// A plain HTTP call: rerank, messages, interactions. The whole url counts.
    Payload {
        /// The node id of the test, if there is one.
        test_id: Option<&'a str>,
        /// HTTP method, any case.
        method: &'a str,
        /// The recorded url, whole.
        url: &'a str,
        /// The JSON that was sent.
        payload: &'a Value,
    },
    /// A call of a tool runtime; neither normalised nor bound to a test.
    Tool {
        /// `request.provider`.
        provider: &'a Value,
        /// `request.tool_name`.
        tool_name: &'a Value,
        /// `request.kwargs`.
        kwargs: &'a Value,
    },
}

impl Request<'_> {
    /// The exact text that is hashed.
    pub fn hashed_text(&self) -> String {
        let mut text = Text(Vec::with_capacity(1024));
        match self {
            Request::Inference { test_id, method, url, body } => {
                let url = Url::parse(url);
                let is_list = MODEL_LIST_ENDPOINTS.contains(&url.path.as_str());
                text.raw("{\"body\": ").normalised(body, true, url.netloc.contains("bedrock"));
                text.raw(", \"endpoint\": ").plain(&Value::from(url.path));
                text.raw(", \"method\": ").plain(&Value::from(method.to_uppercase()));
                if !is_list {
                    text.raw(", \"test_id\": ").plain(&Value::from(*test_id));
                }
            }
            Request::Payload { test_id, method, url, payload } => {
                text.raw("{\"method\": ").plain(&Value::from(method.to_uppercase()));
                text.raw(", \"payload\": ").normalised(payload, true, false);
                text.raw(", \"test_id\": ").plain(&Value::from(*test_id));
                text.raw(", \"url\": ").plain(&Value::from(*url));
            }
            Request::Tool { provider, tool_name, kwargs } => {
                text.raw("{\"kwargs\": ").plain(kwargs);
                text.raw(", \"provider\": ").plain(provider);
                text.raw(", \"tool_name\": ").plain(tool_name);
            }
        }
        text.raw("}");
        String::from_utf8(text.0).expect("the writer writes UTF-8")
    }

    /// What is hashed, as an object: the normalised request.
    pub fn hashed(&self) -> Object {
        match Value::parse(self.hashed_text().as_bytes()) {
            Ok(Value::Object(hashed)) => hashed,
            // The text is JSON by construction; only a body deeper than the reader goes would not be read back.
            _ => Object::new(),
        }
    }

    /// The key of the request under today's algorithm.
    pub fn key(&self) -> RequestKey {
        RequestKey::of(&self.hashed_text())
    }
}

/// The text that is hashed, as it grows. Bodies may be large, so nothing is copied on the way to it.
struct Text(Vec<u8>);

impl Text {
    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn plain(&mut self, value: &Value) {
        value.write_sorted(&mut self.0);
    }

    /// Writes a value normalised. `is_root` is true for the body itself and, a quirk of the recorder, for every element of
    /// a list.
    fn normalised(&mut self, value: &Value, is_root: bool, drop_stream_options: bool) {
        match value {
            Value::Object(object) => {
                let mut members: Vec<_> = object.iter().collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                members.retain(|(name, _)| !(drop_stream_options && *name == "stream_options"));
                let mut before = "{";
                for (name, item) in members {
                    self.raw(before);
                    json::write_text(name, &mut self.0);
                    self.raw(": ");
                    match item {
                        Value::Object(extra) if is_root && matches!(name, "extra_body" | "extra_query") => {
                            let mut extra = extra.clone();
                            extra.remove("project_id");
                            self.normalised(&Value::Object(extra), false, false);
                        }
                        item => self.normalised(item, false, false),
                    }
                    before = ", ";
                }
                self.raw(if before == "{" { "{}" } else { "}" });
            }
            Value::Array(items) => {
                self.raw("[");
                for (i, item) in items.iter().enumerate() {
                    self.raw(if i > 0 { ", " } else { "" }).normalised(item, true, false);
                }
                self.raw("]");
            }
            Value::Number(Number::Float(x)) => self.plain(&Value::Number(Number::Float(python::round5(*x)))),
            Value::String(text) => json::write_text(&normalise_text(text), &mut self.0),
            other => self.plain(other),
        }
    }
}

/// One replacement in every text of a request.
struct Replacement {
    pattern: Regex,
    with: &'static str,
}

/// Everything that is replaced in texts, in the order in which the recorder does it.
struct Normaliser {
    replacements: [Replacement; REPLACEMENTS],
    long_decimal: Regex,
}

impl Normaliser {
    /// `space` and `digit` are Python's `\s` and `\d`.
    fn new(space: &str, digit: &str) -> Self {
        let regex = |pattern: &str| Regex::new(pattern).expect("the pattern is valid");
        let uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";
        let score = format!(r"score:{space}*[-+]?{digit}*\.?{digit}+(?:[eE][-+]?{digit}+)?");
        let attributes = format!(r",?{space}*attributes:{space}*\{{[^}}]*\}}");
        let document_id = format!("document_id:{space}*{uuid}");
        let citation = format!(r"<\|{uuid}\|>");
        let replacement = |pattern: &str, with| Replacement { pattern: regex(pattern), with };
        Normaliser {
            replacements: [
                replacement(&score, "score: __NORMALIZED__"),
                replacement(&attributes, ""),
                replacement(&document_id, "document_id: __NORMALIZED__"),
                replacement(&citation, "<|__NORMALIZED__|>"),
            ],
            long_decimal: regex(&format!(r"-?{digit}+\.{digit}{{4,}}")),
        }
    }

    /// The one for a text: the classes of Unicode are ten times as slow to build and to run, and most texts have no use
    /// for them.
    fn of(text: &str) -> &'static Normaliser {
        static ASCII: LazyLock<Normaliser> = LazyLock::new(|| Normaliser::new(r"[\t-\r\x1c-\x20]", "[0-9]"));
        static UNICODE: LazyLock<Normaliser> = LazyLock::new(|| Normaliser::new(SPACE, DIGIT));
        if text.is_ascii() { &ASCII } else { &UNICODE }
    }
}

/// Whether a full stop stands between characters that a long decimal could have there. Spares most texts the search.
fn may_hold_decimal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_digit() || !byte.is_ascii());
    text.match_indices('.').any(|(at, _)| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1)))
}

/// The steps of [`replace`], in the order in which the recorder takes them: score, attributes, document id, citation.
pub(super) const REPLACEMENTS: usize = 4;

/// Takes one step.
pub(super) fn replace(step: usize, text: Cow<'_, str>) -> Cow<'_, str> {
    // The text that must be there is the same in both; building the patterns costs more than most texts.
    let needs = ["score:", "attributes:", "document_id:", "<|"][step];
    if !text.contains(needs) {
        return text;
    }
    let Replacement { pattern, with } = &Normaliser::of(&text).replacements[step];
    Cow::Owned(pattern.replace_all(&text, *with).into_owned())
}

/// Prints every decimal of four or more places in a text again, with five.
pub(super) fn round_decimals(text: Cow<'_, str>) -> Cow<'_, str> {
    if !may_hold_decimal(&text) {
        return text;
    }
    let print = |decimal: &Captures<'_>| format!("{:.5}", python::float(&decimal[0]));
    Cow::Owned(Normaliser::of(&text).long_decimal.replace_all(&text, print).into_owned())
}

fn normalise_text(text: &str) -> Cow<'_, str> {
    round_decimals((0..REPLACEMENTS).fold(Cow::Borrowed(text), |text, step| replace(step, text)))
}
