//! Requests as they go over the wire, which is all that a server sees: the arguments that the SDK keeps to itself are merged
//! or gone, and the url is that of the server.

use crate::client::call::Call;
use crate::recording::json::{Object, Value};
use crate::recording::key::{Request, RequestKey};
use crate::recording::python::{Url, truthy};
use crate::recording::recorder::KeyRules;
use crate::recording::{Kind, Recording};

/// A request that a client sends.
#[derive(Clone, Debug)]
pub(super) struct WireRequest {
    pub(super) method: String,
    /// The path without the base url, such as `chat/completions`.
    pub(super) operation: String,
    pub(super) body: Object,
}

/// What the SDKs of OpenAI and others append to a base url.
pub(super) fn operation_of(path: &str) -> &str {
    path.rfind("/v1/").map_or(path, |at| &path[at + 4..]).trim_matches('/')
}

impl WireRequest {
    /// The request of a recording, as its client sent it. A call of a tool goes over no wire.
    ///
    /// With it comes whether it was recorded from a host of Bedrock, for which recorders do not hash `stream_options`.
    pub(super) fn of_recording(recording: &Recording) -> Option<(Self, bool)> {
        let (method, url, body) = match recording.request() {
            Request::Inference { method, url, body, .. } => {
                let body = body.as_object().cloned().unwrap_or_default();
                let call = Call { test_id: None, url: String::new(), body };
                (method, url, call.wire_body())
            }
            Request::Payload { method, url, payload, .. } => {
                (method, url, payload.as_object().cloned().unwrap_or_default())
            }
            Request::Tool { .. } => return None,
        };
        let Url { netloc, path } = Url::parse(url);
        let operation = operation_of(recording.endpoint().unwrap_or(&path)).to_owned();
        let is_bedrock = recording.kind() == Kind::Inference && netloc.contains("bedrock");
        Some((WireRequest { method: method.to_ascii_uppercase(), operation, body }, is_bedrock))
    }

    /// Whether it asks which models there are.
    pub(super) fn is_model_list(&self) -> bool {
        self.method == "GET" && self.operation == "models"
    }

    /// What equal requests have in common, whatever test makes them and whatever host they are sent to.
    pub(super) fn key(&self, is_bedrock: bool, rules: KeyRules) -> RequestKey {
        // Some clients send null for what is not given, and `stream: false` for a plain answer.
        let is_said = |(name, value): &(&str, &Value)| !value.is_null() && (*name != "stream" || truthy(value));
        let said: Object = self.body.iter().filter(is_said).map(|(name, value)| (name, value.clone())).collect();
        let host = if is_bedrock { "bedrock" } else { "other" };
        let url = format!("https://{host}.invalid/wire/{host}/{}", self.operation);
        let body = Value::Object(said);
        Request::Inference { test_id: None, method: &self.method, url: &url, body: &body }.key(rules)
    }

    /// The spellings under which a recording may have it, Bedrock's first. Clients ask for embeddings in base64 and take lists of numbers.
    pub(super) fn keys(&self, rules: KeyRules) -> Vec<RequestKey> {
        let mut keys: Vec<RequestKey> = [true, false].map(|is_bedrock| self.key(is_bedrock, rules)).into();
        let is_base64 = self.body.get("encoding_format").and_then(Value::as_str) == Some("base64");
        if self.operation == "embeddings" && is_base64 {
            for format in [None, Some("float")] {
                let mut other = self.clone();
                let fields = self.body.iter().filter(|(name, _)| *name != "encoding_format");
                other.body = fields.map(|(name, value)| (name, value.clone())).collect();
                if let Some(format) = format {
                    other.body.insert("encoding_format", Value::from(format));
                }
                keys.extend([true, false].map(|is_bedrock| other.key(is_bedrock, rules)));
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_is_what_follows_the_base_url() {
        for (path, operation) in [
            ("/openai/v1/chat/completions", "chat/completions"),
            ("/openai/v1/v1/chat/completions", "chat/completions"),
            ("/v1/models", "models"),
            ("/api/chat", "api/chat"),
        ] {
            assert_eq!(operation_of(path), operation);
        }
    }
}
