//! Rules about what was asked.

use crate::aws::facts::{self, Feature, ModelFact, Support};
use crate::aws::hosts::Endpoint;
use crate::recording::json::Value;
use crate::recording::python::Url;

use super::subject::{Subject, Violation};

/// Something that a model of Bedrock is known not to do at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limitation {
    /// The model and host, the feature, and the date, in one line.
    pub what: String,
    /// The status with which the host says so.
    pub status: u16,
}

/// What is known of a request to Bedrock, from the facts about its model and host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospects {
    /// What the server would reject.
    pub limitations: Vec<Limitation>,
    /// Unknown features, one line each.
    pub unknown: Vec<String>,
}

/// Compares a request with the facts. One to another host than Bedrock's has no limitations.
pub fn prospects(url: &str, body: &Value) -> Prospects {
    let mut prospects = Prospects::default();
    let url = Url::parse(url);
    let Some(endpoint) = Endpoint::of_host(&url.netloc) else { return prospects };
    let model = body.get("model").and_then(Value::as_str).unwrap_or_default();
    for feature in features(&url.path, body) {
        let name = feature.name();
        match facts::known_of(model, endpoint.host, feature) {
            Some(ModelFact { support: Support::No(status), date, models, .. }) => {
                let who = if models.is_empty() { String::new() } else { format!(" for {model}") };
                let what = format!("{} does not support {name}{who} (as of {date})", url.netloc);
                prospects.limitations.push(Limitation { what, status: *status });
            }
            Some(_) => {}
            None => prospects.unknown.push(format!("it is not known whether {model:?} supports {name}")),
        }
    }
    prospects
}

/// What a request asks for, as far as models and hosts differ in it.
fn features(path: &str, body: &Value) -> Vec<Feature> {
    const PATHS: [(&str, Feature); 5] = [
        ("/chat/completions", Feature::ChatCompletions),
        ("/completions", Feature::Completions),
        ("/embeddings", Feature::Embeddings),
        ("/responses", Feature::Responses),
        ("/messages", Feature::Messages),
    ];
    let of_path = PATHS.iter().find(|(end, _)| path.ends_with(end)).map(|(_, feature)| *feature);
    of_path.into_iter().chain(has_image(body).then_some(Feature::Images)).collect()
}

pub(super) fn unsupported(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    // A recorded error is what the test is about.
    if facts.outline.response().exception.is_some() {
        return vec![];
    }
    let url = facts.outline.url().unwrap_or_default();
    // This rule does not apply to most files, and their bodies are not read.
    if !is_bedrock(&Url::parse(url).netloc) {
        return vec![];
    }
    let body = facts.arguments(subject.canonical());
    let limitations = prospects(url, &body).limitations.into_iter();
    limitations.map(|limitation| Violation::new("/request", limitation.what)).collect()
}

pub(super) fn foreign_host(subject: &Subject<'_>) -> Vec<Violation> {
    let Some(facts) = subject.facts() else { return vec![] };
    if !facts.outline.test_id().is_some_and(|test_id| test_id.contains("bedrock/")) {
        return vec![];
    }
    let url = Url::parse(facts.outline.url().unwrap_or_default());
    // A Bedrock suite may well embed, search and list with other services; its model must be Bedrock's.
    if is_bedrock(&url.netloc) || !url.path.ends_with("/chat/completions") {
        return vec![];
    }
    vec![Violation::new("/request/url", format!("the answer is from {}", url.netloc))]
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
