//! Rules about what was asked.

use crate::aws::hosts::Endpoint;
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
    /// The status that refuses it, for tests that are about the refusal.
    status: u16,
    asks: fn(path: &str, body: &Value) -> bool,
}

/// Something that a host of Bedrock is known not to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limitation {
    /// Which host, what, and as of when: one line.
    pub what: String,
    /// The status with which the host says so.
    pub status: u16,
}

const BOTH: &[&str] = &["bedrock-runtime.", "bedrock-mantle."];

/// The limitations of the guide, as they are now: what it says of tools was true until autumn 2025.
const CAPABILITIES: [Capability; 4] = [
    Capability {
        hosts: BOTH,
        what: "completions without chat",
        works: false,
        date: "2026-11",
        status: 404,
        asks: |path, _| path.ends_with("/completions") && !path.ends_with("/chat/completions"),
    },
    Capability {
        hosts: BOTH,
        what: "embeddings",
        works: false,
        date: "2026-11",
        status: 404,
        asks: |path, _| path.ends_with("/embeddings"),
    },
    Capability {
        hosts: BOTH,
        what: "images",
        works: false,
        date: "2026-11",
        status: 400,
        asks: |_, body| has_image(body),
    },
    Capability {
        hosts: BOTH,
        what: "tools, streamed too",
        works: true,
        date: "2025-10",
        status: 400,
        asks: |_, body| body.get("tools").is_some_and(|tools| !tools.is_null()),
    },
];

/// What of a request the host that its url names is known not to support.
pub fn limitations<'a>(url: &str, body: &'a Value) -> impl Iterator<Item = Limitation> + use<'a> {
    let url = Url::parse(url);
    let rows = CAPABILITIES.iter().filter(|row| !row.works);
    rows.filter_map(move |row| {
        let is_host = is_bedrock(&url.netloc) && row.hosts.iter().any(|host| url.netloc.starts_with(host));
        let what = || format!("{} does not support {} (as of {})", url.netloc, row.what, row.date);
        (is_host && (row.asks)(&url.path, body)).then(|| Limitation { what: what(), status: row.status })
    })
}

pub(super) fn unsupported(subject: &Subject<'_>) -> Vec<Fault> {
    let Some(facts) = subject.facts() else { return vec![] };
    // A recorded error is what the test is about.
    if facts.outline.response().exception.is_some() {
        return vec![];
    }
    let url = facts.outline.url().unwrap_or_default();
    // Most files are no business of this rule, and their bodies are not read.
    if !is_bedrock(&Url::parse(url).netloc) {
        return vec![];
    }
    let body = facts.arguments(subject.canonical());
    limitations(url, &body).map(|limitation| Fault::new("/request", limitation.what)).collect()
}

pub(super) fn foreign_host(subject: &Subject<'_>) -> Vec<Fault> {
    let Some(facts) = subject.facts() else { return vec![] };
    if !facts.outline.test_id().is_some_and(|test_id| test_id.contains("bedrock/")) {
        return vec![];
    }
    let url = Url::parse(facts.outline.url().unwrap_or_default());
    // A Bedrock suite may well embed, search and list with other services; its model must be Bedrock's.
    if is_bedrock(&url.netloc) || !url.path.ends_with("/chat/completions") {
        return vec![];
    }
    vec![Fault::new("/request/url", format!("the answer is from {}", url.netloc))]
}

fn is_bedrock(host: &str) -> bool {
    Endpoint::of_host(host).is_some()
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
