//! A small tree as OGX has it, whose Bedrock suite is complete: what `init` and `doctor` look at.

use super::{TestEnv, case};

const SUITES: &str = r#"
SETUP_DEFINITIONS = {
    "bedrock": Setup(name="bedrock", defaults={"text_model": "bedrock/openai.gpt-oss-20b-1:0"}),
    "ollama": Setup(name="ollama", defaults={"text_model": "ollama/x"}),
}
base_roots = [str(p) for p in this_dir.glob("*")]
SUITE_DEFINITIONS = {
    "base": Suite(name="base", roots=base_roots, default_setup="ollama"),
    "bedrock": Suite(
        name="bedrock",
        roots=[
            "tests/integration/inference/test_chat.py::test_hello",
            # ADD HERE
        ],
        default_setup="bedrock",
    ),
}
"#;

const MATRIX: &str = r#"{"default": [
  {"suite": "base", "setup": "ollama"},
  {"suite": "bedrock", "setup": "bedrock", "allowed_clients": ["library"]}
]}
"#;

const CONFIG: &str = "providers:
  inference:
  - provider_id: openai
    provider_type: remote::openai
    config:
      api_key: ${env.OPENAI_API_KEY:=}
  - provider_id: bedrock
    provider_type: remote::bedrock
    config:
      api_key: ${env.AWS_BEARER_TOKEN_BEDROCK:=replay-mode-dummy-key}
      region_name: ${env.AWS_DEFAULT_REGION:=us-west-2}
registered_resources:
  models:
  - model_id: openai.gpt-oss-20b-1:0
    provider_id: bedrock
    provider_model_id: openai.gpt-oss-20b-1:0
";

const TESTS: &str = "import pytest

def skip_if_no_embeddings(client):
    if provider(client) in (\"remote::bedrock\", \"remote::tgi\"):
        pytest.skip()

@pytest.mark.parametrize(\"x\", [1])
def test_hello(client, x):
    pass

def test_embeddings(client):
    skip_if_no_embeddings(client)
";

impl TestEnv {
    /// Writes the tree, records its test, and commits everything.
    pub(crate) fn make_ogx(&self) {
        self.git(&["init", "-q"]);
        self.write("src/llama_stack/distributions/ci-tests/config.yaml", CONFIG);
        self.write("tests/integration/suites.py", SUITES);
        self.write("tests/integration/ci_matrix.json", MATRIX);
        self.write("tests/integration/conftest.py", "def pytest_addoption(parser):\n    pass\n");
        self.write("tests/integration/inference/test_chat.py", TESTS);
        let test_id = "tests/integration/inference/test_chat.py::test_hello[x=1]";
        self.write("tests/integration/cases.jsonl", case(test_id, "Hello!"));
        self.run(&["record", "--sandbox", "--cases", "tests/integration/cases.jsonl"]).exits(0);
        self.commit();
    }
}
