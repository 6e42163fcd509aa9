//! Rules about what was asked.

use crate::recording::json::Value;
use crate::recording::python::Url;

use super::{Fault, Subject};

/// What the OpenAI-compatible hosts of Bedrock are known to do or not to do with a kind of request.
struct Capability {
    hosts: &'static [&'static str],
    what: &'static str,
    works: bool,
    /// Since when, or when it was last seen, that this is so.
    date: &'static str,
    asks: fn(path: &str, body: &Value) -> bool,
}

const BOTH: &[&str] = &["bedrock-runtime.", "bedrock-mantle."];

/// The limitations of the guide, as they are now: what it says of tools was true until autumn 2025.
const CAPABILITIES: [Capability; 4] = [
    Capability {
        hosts: BOTH,
        what: "completions without chat",
        works: false,
        date: "2026-11",
        asks: |path, _| path.ends_with("/completions") && !path.ends_with("/chat/completions"),
    },
    Capability {
        hosts: BOTH,
        what: "embeddings",
        works: false,
        date: "2026-11",
        asks: |path, _| path.ends_with("/embeddings"),
    },
    Capability { hosts: BOTH, what: "images", works: false, date: "2026-11", asks: |_, body| has_image(body) },
    Capability {
        hosts: BOTH,
        what: "tools, streamed too",
        works: true,
        date: "2025-10",
        asks: |_, body| body.get("tools").is_some_and(|tools| !tools.is_null()),
    },
];

pub(super) fn unsupported(subject: &Subject<'_>) -> Vec<Fault> {
    let Some(facts) = subject.facts() else { return vec![] };
    let url = Url::parse(facts.outline.url().unwrap_or_default());
    // A recorded error is what the test is about.
    if !is_bedrock(&url.netloc) || facts.outline.response().exception.is_some() {
        return vec![];
    }
    let body = facts.body(subject.canonical());
    CAPABILITIES
        .iter()
        .filter(|row| !row.works && row.hosts.iter().any(|host| url.netloc.starts_with(host)))
        .filter(|row| (row.asks)(&url.path, &body))
        .map(|row| Fault::new("/request", format!("{} does not support {} (as of {})", url.netloc, row.what, row.date)))
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
