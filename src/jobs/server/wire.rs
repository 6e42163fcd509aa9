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
    /// The path of the base url, such as `/openai/v1`.
    pub(super) base: String,
    /// The path without the base url, such as `chat/completions`.
    pub(super) operation: String,
    /// The arguments of the query, sorted.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Object,
}

/// Calls of SDKs that are not sent with POST.
const ASKED_WITH_GET: [&str; 4] = ["models", "api/tags", "api/ps", "info"];

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

/// A path of the server, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WirePath {
    /// The test that it names: `/t/ID/…`.
    pub(super) test_id: Option<String>,
    /// The path of the base url, such as `/openai/v1`.
    pub(super) base: String,
    /// What the SDKs of OpenAI and others append to it, such as `chat/completions`.
    pub(super) operation: String,
}

impl WirePath {
    pub(super) fn parse(path: &str) -> Self {
        let Some(rest) = path.strip_prefix("/t/") else {
            let (base, operation) = split_base(path);
            return WirePath { test_id: None, base, operation };
        };
        // Some clients send the slashes of the id as they are, so it ends where the API begins.
        let end = rest.rfind("/openai/v1/").or_else(|| rest.find('/')).unwrap_or(rest.len());
        let (id, path) = rest.split_at(end);
        let (base, operation) = split_base(path);
        let test_id = Some(percent_decode_str(id).decode_utf8_lossy().into_owned()).filter(|id| !id.is_empty());
        WirePath { test_id, base, operation }
    }
}

/// The path of a base url, which ends with a version of the API (Google's with `openai` after it), and the rest.
fn split_base(path: &str) -> (String, String) {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let version = segments.iter().rposition(|segment| is_version(segment)).map_or(0, |at| at + 1);
    let is_inside = version > 0 && segments.get(version) == Some(&"openai") && segments.len() > version + 1;
    let (base, operation) = segments.split_at(version + usize::from(is_inside));
    (base.iter().map(|segment| format!("/{segment}")).collect(), operation.join("/"))
}

/// `v1`, `v1beta`, `v1beta1`.
fn is_version(segment: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let Some(rest) = segment.strip_prefix('v').filter(|rest| digits(rest) > 0) else { return false };
    let rest = &rest[digits(rest)..];
    let tail = ["alpha", "beta"].iter().find_map(|name| rest.strip_prefix(name)).unwrap_or(rest);
    digits(tail) == tail.len() && (!rest.starts_with(|first: char| first.is_ascii_digit()))
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
        // Recorders append the endpoint, with a version of its own, to the base url of the client.
        let (base, operation) = match recording.endpoint() {
            Some(endpoint) => (path.strip_suffix(endpoint).unwrap_or_default().to_owned(), split_base(endpoint).1),
            None => split_base(&path),
        };
        let is_inference = recording.kind() == Kind::Inference;
        // They write POST for every call of an SDK.
        let is_get = is_inference && ASKED_WITH_GET.contains(&operation.as_str());
        let method = if is_get { "GET".to_owned() } else { method.to_ascii_uppercase() };
        let is_bedrock = is_inference && leaves_stream_options_out(&netloc);
        Some((WireRequest { method, base, operation, query, body }, is_bedrock))
    }

    /// Whether it asks for a list of models that recorders merge.
    pub(super) fn is_model_list(&self, rules: KeyRules) -> bool {
        let endpoint = if self.operation == "models" { "/v1/models" } else { &format!("/{}", self.operation) };
        self.method == "GET" && rules.merges_lists(endpoint)
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
            // No argument of a body has this name.
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
    fn a_path_is_a_test_a_base_and_an_operation() {
        for (path, test_id, base, operation) in [
            ("/openai/v1/chat/completions", None, "/openai/v1", "chat/completions"),
            ("/openai/v1/v1/chat/completions", None, "/openai/v1/v1", "chat/completions"),
            ("/v1/models", None, "/v1", "models"),
            ("/v1beta/openai/models", None, "/v1beta/openai", "models"),
            ("/v1beta/interactions", None, "/v1beta", "interactions"),
            ("/v1/openai", None, "/v1", "openai"),
            ("/api/chat", None, "", "api/chat"),
            ("/v2x/v/chat", None, "", "v2x/v/chat"),
            ("/t/a%2Fb.py%3A%3At/v1/rerank", Some("a/b.py::t"), "/v1", "rerank"),
            ("/t/a/b.py::t/openai/v1/models", Some("a/b.py::t"), "/openai/v1", "models"),
            ("/t//openai/v1/models", None, "/openai/v1", "models"),
        ] {
            let expected =
                WirePath { test_id: test_id.map(str::to_owned), base: base.into(), operation: operation.into() };
            assert_eq!(WirePath::parse(path), expected, "{path}");
        }
    }
}
