//! The request key: what the recorder hashes, and the name that follows from it.
//!
//! A key is the SHA-256 of one line of JSON (`sort_keys=True`) made of the request after normalisation. What may vary
//! between two runs of the same test is replaced before hashing; nothing of that reaches the file itself.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};

use super::json::{Number, Object, Value};
use super::python::{self, DIGIT, SPACE, Url};

/// Endpoints whose answers are lists of models: shared by all tests, so no test id is hashed.
pub const MODEL_LIST_ENDPOINTS: [&str; 3] = ["/api/tags", "/v1/models", "/v1/openai/v1/models"];

/// The SHA-256 of a normalised request, and the stem of its recording's file name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey([u8; 32]);

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
    /// What is hashed, as an object: the normalised request.
    pub fn hashed(&self) -> Object {
        match self {
            Request::Inference { test_id, method, url, body } => {
                let url = Url::parse(url);
                let drop_stream_options = url.netloc.contains("bedrock");
                let mut hashed = Object::from_iter([
                    ("method", Value::from(method.to_uppercase())),
                    ("body", normalise(body, true, drop_stream_options)),
                ]);
                if !MODEL_LIST_ENDPOINTS.contains(&url.path.as_str()) {
                    hashed.insert("test_id", *test_id);
                }
                hashed.insert("endpoint", url.path);
                hashed
            }
            Request::Payload { test_id, method, url, payload } => Object::from_iter([
                ("test_id", Value::from(*test_id)),
                ("url", Value::from(*url)),
                ("method", Value::from(method.to_uppercase())),
                ("payload", normalise(payload, true, false)),
            ]),
            Request::Tool { provider, tool_name, kwargs } => Object::from_iter([
                ("provider", (*provider).clone()),
                ("tool_name", (*tool_name).clone()),
                ("kwargs", (*kwargs).clone()),
            ]),
        }
    }

    /// The exact text that is hashed.
    pub fn hashed_text(&self) -> String {
        Value::Object(self.hashed()).to_sorted_text()
    }

    /// The key of the request under today's algorithm.
    pub fn key(&self) -> RequestKey {
        RequestKey::of(&self.hashed_text())
    }
}

/// `is_root` is true for the body itself and, a quirk of the recorder, for every element of a list.
fn normalise(value: &Value, is_root: bool, drop_stream_options: bool) -> Value {
    match value {
        Value::Object(object) => {
            // Collected at once: putting in one by one looks for each key among all before it.
            let mut normalised = Vec::with_capacity(object.len());
            for (key, item) in object.iter() {
                if drop_stream_options && key == "stream_options" {
                    continue;
                }
                let mut item = normalise(item, false, false);
                if let (true, "extra_body" | "extra_query", Value::Object(extra)) = (is_root, key, &mut item) {
                    extra.remove("project_id");
                }
                normalised.push((key, item));
            }
            Value::Object(normalised.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| normalise(item, true, false)).collect()),
        Value::Number(Number::Float(x)) => Value::Number(Number::Float(python::round5(*x))),
        Value::String(text) => Value::String(normalise_text(text).into_owned()),
        other => other.clone(),
    }
}

/// One replacement in every text of a request.
struct Replacement {
    /// Without this text the pattern cannot match; it spares most texts the search.
    needs: &'static str,
    pattern: Regex,
    with: &'static str,
}

/// In the order in which the recorder applies them.
static REPLACEMENTS: LazyLock<[Replacement; 4]> = LazyLock::new(|| {
    let uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";
    let replacement = |needs, pattern: String, with| Replacement {
        needs,
        pattern: Regex::new(&pattern).expect("the pattern is valid"),
        with,
    };
    [
        replacement(
            "score:",
            format!(r"score:{SPACE}*[-+]?{DIGIT}*\.?{DIGIT}+(?:[eE][-+]?{DIGIT}+)?"),
            "score: __NORMALIZED__",
        ),
        replacement("attributes:", format!(r",?{SPACE}*attributes:{SPACE}*\{{[^}}]*\}}"), ""),
        replacement("document_id:", format!("document_id:{SPACE}*{uuid}"), "document_id: __NORMALIZED__"),
        replacement("<|", format!(r"<\|{uuid}\|>"), "<|__NORMALIZED__|>"),
    ]
});

static LONG_DECIMAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"-?{DIGIT}+\.{DIGIT}{{4,}}")).expect("the pattern is valid"));

fn normalise_text(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for Replacement { needs, pattern, with } in REPLACEMENTS.iter() {
        if text.contains(needs) {
            text = Cow::Owned(pattern.replace_all(&text, *with).into_owned());
        }
    }
    if text.contains('.') {
        let print = |decimal: &Captures<'_>| format!("{:.5}", python::float(&decimal[0]));
        text = Cow::Owned(LONG_DECIMAL.replace_all(&text, print).into_owned());
    }
    text
}
