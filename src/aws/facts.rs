//! Facts about Bedrock by model and host, as data with a date and a source. New knowledge becomes a new row.

use super::hosts::Host;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// A chat completion.
    ChatCompletions,
    /// The Responses API.
    Responses,
    /// The Messages API of Anthropic.
    Messages,
    /// A completion of a text, without chat.
    Completions,
    /// An embedding.
    Embeddings,
    /// Images in the messages.
    Images,
    /// Tools, streamed or not.
    Tools,
}

impl Feature {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Feature::ChatCompletions => "chat completions",
            Feature::Responses => "the Responses API",
            Feature::Messages => "the Messages API",
            Feature::Completions => "completions without chat",
            Feature::Embeddings => "embeddings",
            Feature::Images => "images",
            Feature::Tools => "tools",
        }
    }
}

/// What is known of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It works.
    Yes,
    /// The server rejects it with this HTTP status.
    No(u16),
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct ModelFact {
    /// How the ids of the models start, without the prefix of an inference profile; empty for every model.
    pub models: &'static str,
    /// The hosts.
    pub hosts: &'static [Host],
    /// The kind of request.
    pub feature: Feature,
    /// Whether it works.
    pub support: Support,
    /// The month in which it was last seen to be so.
    pub date: &'static str,
    /// Where it was seen.
    pub source: &'static str,
}

const BOTH: &[Host] = &[Host::Runtime, Host::Mantle];
const RUNTIME: &[Host] = &[Host::Runtime];
const MANTLE: &[Host] = &[Host::Mantle];

/// Pages of the Bedrock user guide.
const APIS: &str = "AWS: APIs supported by Amazon Bedrock";
const BY_MODEL: &str = "AWS: Amazon Bedrock API compatibility by model";
const MODELS: &str = "AWS: supported foundation models in Amazon Bedrock, input modalities";
/// A reply that was recorded.
const REPLY: &str = "a 400 of bedrock-runtime, `Model does not support image modality`";

/// Every fact. Of several rows that fit, the first counts: put those about fewer models first.
static FACTS: [ModelFact; 24] = [
    row("openai.gpt-oss-", BOTH, Feature::Images, Support::No(400), "2026-11", REPLY),
    row("openai.gpt-oss-", RUNTIME, Feature::Responses, Support::No(400), "2026-11", BY_MODEL),
    row("openai.gpt-oss-", MANTLE, Feature::Responses, Support::Yes, "2026-11", BY_MODEL),
    row("openai.gpt-oss-", BOTH, Feature::ChatCompletions, Support::Yes, "2026-11", BY_MODEL),
    row(
        "openai.gpt-oss-",
        BOTH,
        Feature::Tools,
        Support::Yes,
        "2025-10",
        "calls with streamed tools that were answered",
    ),
    row("openai.gpt-5", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("anthropic.claude-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("amazon.nova-micro", BOTH, Feature::Images, Support::No(400), "2026-11", MODELS),
    row("amazon.nova-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("google.gemma-3-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("google.gemma-4-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("meta.llama4-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("mistral.mistral-large-3-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("mistral.ministral-3-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("mistral.pixtral-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("moonshotai.kimi-k2.5", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("nvidia.nemotron-nano-12b-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("qwen.qwen3-vl-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("xai.grok-", BOTH, Feature::Images, Support::Yes, "2026-11", MODELS),
    row("", BOTH, Feature::ChatCompletions, Support::Yes, "2026-11", APIS),
    row("", BOTH, Feature::Responses, Support::Yes, "2026-11", APIS),
    row("", BOTH, Feature::Messages, Support::Yes, "2026-11", APIS),
    row("", BOTH, Feature::Completions, Support::No(404), "2026-11", APIS),
    row("", BOTH, Feature::Embeddings, Support::No(404), "2026-11", APIS),
];

const fn row(
    models: &'static str,
    hosts: &'static [Host],
    feature: Feature,
    support: Support,
    date: &'static str,
    source: &'static str,
) -> ModelFact {
    ModelFact { models, hosts, feature, support, date, source }
}

/// The support of a feature by a model on a host; `None` if it is unknown.
pub fn known_of(model: &str, host: Host, feature: Feature) -> Option<&'static ModelFact> {
    let model = base_model(model);
    FACTS.iter().find(|fact| fact.feature == feature && fact.hosts.contains(&host) && model.starts_with(fact.models))
}

/// A model id without the prefix of an inference profile (`us.`, `global.`) and of OGX's provider (`bedrock/`).
fn base_model(model: &str) -> &str {
    const PROFILES: [&str; 8] = ["us.", "us-gov.", "eu.", "apac.", "jp.", "au.", "ca.", "global."];
    let model = model.strip_prefix("bedrock/").unwrap_or(model);
    PROFILES.iter().find_map(|profile| model.strip_prefix(profile)).unwrap_or(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_depend_on_the_model() {
        for (model, support) in [
            ("openai.gpt-oss-20b-1:0", Some(Support::No(400))),
            ("openai.gpt-oss-120b", Some(Support::No(400))),
            ("bedrock/openai.gpt-oss-20b-1:0", Some(Support::No(400))),
            ("us.openai.gpt-5.6", Some(Support::Yes)),
            ("qwen.qwen3-vl-235b-a22b", Some(Support::Yes)),
            ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(Support::Yes)),
            ("amazon.nova-micro-v1:0", Some(Support::No(400))),
            ("amazon.nova-lite-v1:0", Some(Support::Yes)),
            ("somebody.new-model", None),
            ("", None),
        ] {
            for host in [Host::Runtime, Host::Mantle] {
                assert_eq!(known_of(model, host, Feature::Images).map(|fact| fact.support), support, "{model}");
            }
        }
    }

    #[test]
    fn apis_depend_on_the_host() {
        let support = |model, host, feature| known_of(model, host, feature).map(|fact| fact.support);
        for (host, gpt_oss) in [(Host::Runtime, Support::No(400)), (Host::Mantle, Support::Yes)] {
            assert_eq!(support("openai.gpt-oss-20b", host, Feature::Responses), Some(gpt_oss));
            assert_eq!(support("openai.gpt-5.6", host, Feature::Responses), Some(Support::Yes));
            assert_eq!(support("anthropic.claude-x", host, Feature::Messages), Some(Support::Yes));
            assert_eq!(support("openai.gpt-oss-20b", host, Feature::ChatCompletions), Some(Support::Yes));
            assert_eq!(support("any", host, Feature::Embeddings), Some(Support::No(404)));
        }
    }
}
