//! Rules about what was asked.

use crate::recording::json::Value;
use crate::recording::python::Url;

use super::{Fault, Subject};

/// What Bedrock's OpenAI-compatible hosts do not do, as of the date. Tools, streamed too, work since autumn 2025.
const UNSUPPORTED: [Unsupported; 3] = [
    Unsupported {
        what: "completions without chat",
        since: "2026-11",
        asks: |path, _| path.ends_with("/completions") && !path.ends_with("/chat/completions"),
    },
    Unsupported { what: "embeddings", since: "2026-11", asks: |path, _| path.ends_with("/embeddings") },
    Unsupported { what: "images", since: "2026-11", asks: |_, body| has_image(body) },
];

struct Unsupported {
    what: &'static str,
    /// When that was last known to be so.
    since: &'static str,
    asks: fn(path: &str, body: &Value) -> bool,
}

pub(super) fn unsupported(subject: &Subject<'_>) -> Vec<Fault> {
    let Some(facts) = subject.facts() else { return vec![] };
    let url = Url::parse(facts.outline.url().unwrap_or_default());
    // A recorded error is what the test is about.
    if !is_bedrock(&url.netloc) || facts.outline.response().exception.is_some() {
        return vec![];
    }
    let body = facts.outline.body().cloned().map_or(Value::Null, Value::Object);
    let faults = UNSUPPORTED.iter().filter(|unsupported| (unsupported.asks)(&url.path, &body));
    faults
        .map(|Unsupported { what, since, .. }| {
            Fault::new("/request", format!("{} does not support {what} (as of {since})", url.netloc))
        })
        .collect()
}

pub(super) fn foreign_host(subject: &Subject<'_>) -> Vec<Fault> {
    let Some(facts) = subject.facts() else { return vec![] };
    let of_bedrock = facts.outline.test_id().is_some_and(|test_id| test_id.contains("bedrock/"));
    let url = Url::parse(facts.outline.url().unwrap_or_default());
    // A Bedrock suite may well embed, search and list with other services; its model must be Bedrock's.
    if !of_bedrock || is_bedrock(&url.netloc) || !url.path.ends_with("/chat/completions") {
        return vec![];
    }
    vec![Fault::new("/request/url", format!("the answer is from {}", url.netloc))]
}

fn is_bedrock(host: &str) -> bool {
    let within = |domain: &str| host.ends_with(domain);
    host.starts_with("bedrock-") && (within(".amazonaws.com") || within(".api.aws") || within(".amazonaws.com.cn"))
}

fn has_image(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_image),
        Value::Object(object) => {
            matches!(object.get("type").and_then(Value::as_str), Some("image_url" | "input_image"))
                || object.iter().any(|(_, item)| has_image(item))
        }
        _ => false,
    }
}
