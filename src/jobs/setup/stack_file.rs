//! The configuration of the stack of OGX that records one model of Bedrock on this machine. Pure.
//!
//! The names of its settings changed with OGX, read in the wheels on PyPI (2026-11-25): the provider takes
//! `aws_bedrock_bearer_token` from 1.1.0 on, `api_key` before; from 1.2.0 on it reads `AWS_BEDROCK_BEARER_TOKEN` first.
//! Started with OGX 0.7.3, 0.8.0 and 1.5.0.

use crate::evidence::stack::{Stack, variable};
use crate::recording::version::Version;

/// What the form of the file follows from.
pub(crate) struct Setting<'a> {
    /// The region of the endpoint.
    pub(crate) region: &'a str,
    /// The model that is registered.
    pub(crate) model: &'a str,
    /// The version of OGX in force.
    pub(crate) ogx: Version,
    /// The configuration that the tree itself has for its CI: its names come first.
    pub(crate) ci: Option<&'a Stack>,
    /// Whether torch is known to be installed where the stack will run.
    pub(crate) has_torch: bool,
}

/// The first OGX whose provider has a setting of its own for the token.
const OWN_NAME_SINCE: Version = Version::new(1, 1, 0);

/// The first OGX whose sentence-transformers provider cannot be loaded without torch.
const NEEDS_TORCH_SINCE: Version = Version::new(1, 2, 0);

/// OGX's setup `bedrock` names an embedding model of this provider; its tests fail with an error when the stack has none.
const EMBEDDINGS: [&str; 4] = [
    "    - provider_id: sentence-transformers",
    "      provider_type: inline::sentence-transformers",
    "      config:",
    "        trust_remote_code: true",
];

/// The text of the file.
pub(crate) fn text(setting: &Setting<'_>) -> String {
    let Setting { region, model, .. } = setting;
    let (key, variable) = token_setting(setting);
    let embeddings = embeddings(setting);
    format!(
        "# For recording on this machine; never committed. The key comes from the environment.
version: 2
distro_name: bedrock-test
apis:
  - inference
providers:
  inference:
    - provider_id: bedrock
      provider_type: remote::bedrock
      config:
        {key}: ${{env.{variable}:=replay-mode-dummy-key}}
        region_name: {region}
{embeddings}storage:
  backends:
    kv_default:
      type: kv_sqlite
      db_path: ${{env.SQLITE_STORE_DIR:=./.llama}}/kvstore.db
    sql_default:
      type: sql_sqlite
      db_path: ${{env.SQLITE_STORE_DIR:=./.llama}}/sql_store.db
  stores:
    metadata:
      namespace: registry
      backend: kv_default
    inference:
      table_name: inference_store
      backend: sql_default
    conversations:
      table_name: openai_conversations
      backend: sql_default
    prompts:
      namespace: prompts
      backend: kv_default
registered_resources:
  models:
    - model_id: {model}
      provider_id: bedrock
      provider_model_id: {model}
      model_type: llm
"
    )
}

/// The provider's setting for the token, and the variable that it is read from.
fn token_setting<'a>(setting: &'a Setting<'_>) -> (&'a str, &'a str) {
    let provider = setting.ci.and_then(|ci| ci.provider.as_ref());
    let of_ci = ["aws_bedrock_bearer_token", "aws_bearer_token_bedrock", "api_key"]
        .into_iter()
        .find_map(|key| Some((key, variable(provider?.get(key)?)?)));
    of_ci.unwrap_or(match setting.ogx >= OWN_NAME_SINCE {
        true => ("aws_bedrock_bearer_token", "AWS_BEDROCK_BEARER_TOKEN"),
        false => ("api_key", "AWS_BEARER_TOKEN_BEDROCK"),
    })
}

/// The embedding provider, or, where the stack might not start with it, the same as a comment.
fn embeddings(setting: &Setting<'_>) -> String {
    let is_safe = setting.ogx < NEEDS_TORCH_SINCE || setting.has_torch;
    let line = |line: &str| if is_safe { format!("{line}\n") } else { format!("    # {}\n", &line[4..]) };
    let lines: String = EMBEDDINGS.into_iter().map(line).collect();
    if is_safe {
        return lines;
    }
    format!("    # OGX's own tests with --setup=bedrock need this provider too, and it needs torch:\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::stack;

    fn setting(ogx: Version, ci: Option<&Stack>, has_torch: bool) -> Setting<'_> {
        Setting { region: "eu-west-1", model: "m-1:0", ogx, ci, has_torch }
    }

    #[test]
    fn the_form_follows_from_the_version_and_the_names_of_the_tree() {
        for (ogx, key) in [((0, 7, 1), "api_key"), ((1, 0, 4), "api_key"), ((1, 1, 0), "aws_bedrock_bearer_token")] {
            let ours = stack::read(&text(&setting(Version::new(ogx.0, ogx.1, ogx.2), None, false)));
            assert_eq!(ours.models, ["m-1:0"]);
            let provider = ours.provider.unwrap();
            assert_eq!((provider["region_name"].as_str(), provider.contains_key(key)), ("eu-west-1", true), "{ogx:?}");
        }
        let ci = "- provider_type: remote::bedrock\n  config:\n    aws_bedrock_bearer_token: ${env.AWS_BEDROCK_BEARER_TOKEN:=}\n";
        let text = text(&setting(Version::new(0, 8, 0), Some(&stack::read(ci)), false));
        assert!(text.contains("aws_bedrock_bearer_token: ${env.AWS_BEDROCK_BEARER_TOKEN:=replay-mode-dummy-key}"));
    }

    #[test]
    fn embeddings_are_provided_where_the_stack_starts_with_them() {
        let has = |ogx, has_torch| {
            text(&setting(ogx, None, has_torch)).contains("\n    - provider_id: sentence-transformers\n")
        };
        assert!(has(Version::new(0, 7, 1), false) && has(Version::new(1, 1, 3), false));
        assert!(has(Version::new(1, 5, 0), true) && !has(Version::new(1, 5, 0), false));
        let text = text(&setting(Version::new(1, 5, 0), None, false));
        assert!(text.contains("\n    #   provider_type: inline::sentence-transformers\n"), "{text}");
    }
}
