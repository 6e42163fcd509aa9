//! The request key: what the recorder hashes, and the name that follows from it.
//!
//! A key is the SHA-256 of one line of JSON (`sort_keys=True`) made of the request after normalisation. Parts that may
//! vary between two runs of the same test are replaced before hashing; the file itself keeps them.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::json::{Object, Value};
use super::normalise::{Canonical, normalised};
use super::python::Url;
use super::recorder::{HashedTestId, KeyRules, leaves_stream_options_out};

/// The SHA-256 of a normalised request, and the stem of its recording's file name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(pub(super) [u8; 32]);

impl RequestKey {
    /// The key of the text that [`Request::hashed_text`] gives.
    pub fn of(hashed_text: impl AsRef<[u8]>) -> Self {
        RequestKey(Sha256::digest(hashed_text).into())
    }

    /// Reads 64 lower-case hex digits.
    pub fn parse(hex: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
        let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
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
    pub fn hashed_text(&self, rules: KeyRules) -> String {
        // Normalising takes canonical bytes, which is what files hold.
        let written = self.content().map(Value::to_file_bytes);
        let content = Canonical { bytes: written.as_deref().unwrap_or_default(), level: 0 };
        let text = self.hashed_text_of(content, rules).expect("what was written is canonical");
        String::from_utf8(text).expect("canonical bytes are ASCII")
    }

    /// The same for content in canonical bytes instead of a request. `None` if the bytes are not canonical.
    pub(super) fn hashed_text_of(&self, content: Canonical<'_>, rules: KeyRules) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(content.bytes.len() + 512);
        let field = |text: &mut Vec<u8>, name: &str, value: &Value| {
            text.extend_from_slice(name.as_bytes());
            value.write_sorted(text);
        };
        match self {
            Request::Inference { test_id, method, url, .. } => {
                let url = Url::parse(url);
                let hashed_test_id = rules.hashed_test_id(&url, *test_id);
                text.extend_from_slice(b"{\"body\": ");
                normalised(content, leaves_stream_options_out(&url.netloc), &mut text)?;
                field(&mut text, ", \"endpoint\": ", &Value::from(url.path));
                field(&mut text, ", \"method\": ", &Value::from(method.to_uppercase()));
                if let HashedTestId::Present(test_id) = hashed_test_id {
                    field(&mut text, ", \"test_id\": ", &Value::from(test_id));
                }
            }
            Request::Payload { test_id, method, url, .. } => {
                field(&mut text, "{\"method\": ", &Value::from(method.to_uppercase()));
                text.extend_from_slice(b", \"payload\": ");
                normalised(content, false, &mut text)?;
                field(&mut text, ", \"test_id\": ", &Value::from(*test_id));
                field(&mut text, ", \"url\": ", &Value::from(*url));
            }
            Request::Tool { provider, tool_name, kwargs } => {
                field(&mut text, "{\"kwargs\": ", kwargs);
                field(&mut text, ", \"provider\": ", provider);
                field(&mut text, ", \"tool_name\": ", tool_name);
            }
        }
        text.push(b'}');
        Some(text)
    }

    /// The parts that are normalised before hashing.
    fn content(&self) -> Option<&Value> {
        match self {
            Request::Inference { body, .. } => Some(body),
            Request::Payload { payload, .. } => Some(payload),
            Request::Tool { .. } => None,
        }
    }

    /// What is hashed, as an object: the normalised request.
    pub fn hashed(&self, rules: KeyRules) -> Object {
        match Value::parse(self.hashed_text(rules).as_bytes()) {
            Ok(Value::Object(hashed)) => hashed,
            // The text is JSON by construction; reading it back fails only for a body that is too deep for the reader.
            _ => Object::new(),
        }
    }

    /// The key of the request under the rules of a recorder.
    pub fn key(&self, rules: KeyRules) -> RequestKey {
        RequestKey::of(self.hashed_text(rules))
    }
}
