//! Requests on the wire, as a server sees them: arguments of the SDK are merged or missing, and the url is that of the
//! server.

use percent_encoding::percent_decode_str;

use crate::client::call::Call;
use crate::client::query;
use crate::recording::json::{Object, Value};
use crate::recording::key::{Request, RequestKey};
use crate::recording::python::{Url, truthy};
use crate::recording::recorder::{KeyRules, leaves_stream_options_out};
use crate::recording::{Kind, Recording};

/// A request that a client sends.
#[derive(Clone, Debug)]
pub(super) struct WireRequest {
    pub(super) method: String,
    /// The path without the base url, such as `chat/completions`.
    pub(super) operation: String,
    /// The arguments of the query, sorted.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Object,
}

/// The arguments of the query of a url, sorted.
pub(super) fn query_of(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect();
    pairs.sort();
    pairs
}

/// What the SDKs of OpenAI and others append to a base url.
pub(super) fn operation_of(path: &str) -> &str {
    path.rfind("/v1/").map_or(path, |at| &path[at + 4..]).trim_matches('/')
}

/// Whether a path is one of the runtime's native API: `/model/ID/converse`.
pub(super) fn is_native(path: &str) -> bool {
    let rest = path.strip_prefix("/model/").and_then(|rest| rest.rsplit_once('/'));
    rest.is_some_and(|(_, operation)| operation.starts_with("converse") || operation.starts_with("invoke"))
}

impl WireRequest {
    /// Whether each argument of the query is one text, so that it can be recorded as it was given.
    pub(super) fn has_plain_query(&self) -> bool {
        let mut names: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        names.dedup();
        names.len() == self.query.len() && !names.iter().any(|name| name.contains('['))
    }

    /// The request of a recording as its client sent it. A tool call is not sent over HTTP.
    ///
    /// With it comes whether it was recorded from a host of Bedrock, for which recorders do not hash `stream_options`.
    pub(super) fn of_recording(recording: &Recording) -> Option<(Self, bool)> {
        let mut query = Vec::new();
        let (method, url, body) = match recording.request() {
            Request::Inference { method, url, body, .. } => {
                let body = body.as_object().cloned().unwrap_or_default();
                let call = Call { test_id: None, url: String::new(), body };
                query.extend(call.extra("extra_query").flat_map(|(name, value)| query::pairs(name, value)));
                query.sort();
                (method, url, call.wire_body())
            }
            Request::Payload { method, url, payload, .. } => {
                (method, url, payload.as_object().cloned().unwrap_or_default())
            }
            Request::Tool { .. } => return None,
        };
        let Url { netloc, path } = Url::parse(url);
        let operation = operation_of(recording.endpoint().unwrap_or(&path)).to_owned();
        let is_bedrock = recording.kind() == Kind::Inference && leaves_stream_options_out(&netloc);
        Some((WireRequest { method: method.to_ascii_uppercase(), operation, query, body }, is_bedrock))
    }

    /// Whether it asks which models there are.
    pub(super) fn is_model_list(&self) -> bool {
        self.method == "GET" && self.operation == "models"
    }

    /// What equal requests have in common, whatever test makes them and whatever host they are sent to.
    pub(super) fn key(&self, is_bedrock: bool, rules: KeyRules) -> RequestKey {
        // Some clients send null for missing parameters, and `stream: false` for a plain answer.
        let is_said = |(name, value): &(&str, &Value)| !value.is_null() && (*name != "stream" || truthy(value));
        let mut said: Object = self.body.iter().filter(is_said).map(|(name, value)| (name, value.clone())).collect();
        if !self.query.is_empty() {
            let pair = |(name, value): &(String, String)| {
                Value::Array(vec![Value::from(name.as_str()), Value::from(value.as_str())])
            };
            // No argument of a body is called so.
            said.insert("(query)", Value::Array(self.query.iter().map(pair).collect()));
        }
        let host = if is_bedrock { "bedrock" } else { "other" };
        let url = format!("https://{host}.invalid/wire/{host}/{}", self.operation);
        let body = Value::Object(said);
        Request::Inference { test_id: None, method: &self.method, url: &url, body: &body }.key(rules)
    }

    /// The forms in which a recording may have it, Bedrock's first. Clients request embeddings in base64 and also
    /// accept lists of numbers.
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
