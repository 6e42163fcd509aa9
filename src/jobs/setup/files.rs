//! What the other files get: attributes, ignored files, the configuration of the stack, cases. Pure.

use crate::evidence::stack::Stack;

/// A text with a line at its end, in its own style.
pub(crate) fn with_line(text: Option<&str>, line: &str) -> String {
    let text = text.unwrap_or("");
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { ending };
    format!("{text}{gap}{line}{ending}")
}

/// The stack that records one model of Bedrock, as the guide has it, with the names of settings that this tree has.
pub(crate) fn stack(region: &str, model: &str, ci: Option<&Stack>) -> String {
    let provider = ci.and_then(|ci| ci.provider.as_ref());
    let key = ["aws_bedrock_bearer_token", "aws_bearer_token_bedrock"]
        .into_iter()
        .find(|key| provider.is_some_and(|provider| provider.contains_key(*key)));
    let variable = provider.and_then(|provider| crate::evidence::stack::variable(provider.get(key?)?));
    let (key, variable) = (key.unwrap_or("api_key"), variable.unwrap_or("AWS_BEARER_TOKEN_BEDROCK"));
    format!(
        "# For recording on this machine; never committed. The key comes from the environment.
version: 2
image_name: bedrock-test
apis:
  - inference
  - models
providers:
  inference:
    - provider_id: bedrock
      provider_type: remote::bedrock
      config:
        {key}: ${{env.{variable}:=replay-mode-dummy-key}}
        region_name: {region}
storage:
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
      max_write_queue_size: 10000
      num_writers: 4
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
      provider_resource_id: {model}
      model_type: llm
      metadata:
        description: \"{model} on Bedrock ({region})\"
  shields: []
  vector_dbs: []
  datasets: []
  scoring_fns: []
  benchmarks: []
  tool_groups: []
server:
  port: 8321
"
    )
}

/// One case to begin with.
pub(crate) fn cases(test_id: &str, model: &str) -> String {
    let body = serde_json::json!({
        "model": model,
        "messages": [{ "role": "user", "content": "Which planet has rings?" }],
    });
    format!("{}\n", serde_json::json!({ "test_id": test_id, "body": body }))
}

/// The configuration file: every setting as a comment, and the region if it was given.
pub(super) fn config(region: Option<&str>) -> String {
    let region = match region {
        Some(region) => format!("region = \"{region}\"\n"),
        None => "# region = \"us-west-2\"\n".to_owned(),
    };
    "# Settings of bedrock-fixtures. Flags and environment variables win. See `bedrock-fixtures help configuration`.\n\n\
     # The recorder and SDK, by default those of the lock file, the environment or the recordings.\n\
     # ogx = \"1.5.0\"\n# openai-sdk = \"3.57.0\"\n\n"
        .to_owned()
        + &region
        + "# endpoint-url = \"http://127.0.0.1:8000/openai/v1\"\n# allow-status = [400]\n# concurrency = 4\n\n\
           # select = [\"secret\"]\n# ignore = [\"oversize\"]\n# baseline = \"baseline.json\"\n\n\
           # [per-path-ignores]\n# \"tests/old/**\" = [\"noise\"]\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::stack;

    #[test]
    fn lines_are_added_and_nothing_else_changes() {
        for (text, whole) in [
            (None, "x\n"),
            (Some("a\n"), "a\nx\n"),
            (Some("a"), "a\nx\n"),
            (Some("a\r\n"), "a\r\nx\r\n"),
            (Some(""), "x\n"),
        ] {
            assert_eq!(with_line(text, "x"), whole);
        }
    }

    #[test]
    fn the_stack_follows_the_names_of_the_tree() {
        let ours = stack::read(&super::stack("eu-west-1", "m-1:0", None));
        assert_eq!(ours.models, ["m-1:0"]);
        let provider = ours.provider.unwrap();
        assert_eq!((provider["region_name"].as_str(), provider.contains_key("api_key")), ("eu-west-1", true));
        let ci = "- provider_type: remote::bedrock\n  config:\n    aws_bedrock_bearer_token: ${env.AWS_BEDROCK_BEARER_TOKEN:=}\n";
        let text = super::stack("eu-west-1", "m", Some(&stack::read(ci)));
        assert!(text.contains("aws_bedrock_bearer_token: ${env.AWS_BEDROCK_BEARER_TOKEN:=replay-mode-dummy-key}"));
    }
}
