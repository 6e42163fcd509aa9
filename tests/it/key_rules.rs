//! Keys and names by the version of OGX: what an upgrade of it does to a store.

use serde_json::{Value, json};

use crate::support::TestEnv;
use crate::support::screen::Said;

const TEST: &str = "tests/a/test_x.py::t";
const MANTLE: &str = "https://bedrock-mantle.us-east-2.api.aws/v1/v1/models";

fn list(url: &str) -> Value {
    let model = |id: &str| json!({"__type__": "openai.types.model.Model", "__data__": {"id": id, "object": "model", "created": 0, "owned_by": "x"}});
    json!({
        "test_id": TEST,
        "request": {"method": "POST", "url": url, "headers": {}, "body": {}, "endpoint": "/v1/models", "model": ""},
        "response": {"body": [model("b"), model("a")], "is_streaming": false},
        "id_normalization_mapping": {},
    })
}

/// The answer of a Text Embeddings Inference server, as OGX 1.5 records it: a request without a body.
fn info() -> Value {
    json!({
        "test_id": TEST,
        "request": {"test_id": TEST, "url": "http://localhost:8080/info", "method": "GET", "endpoint": "/info", "headers": {}},
        "response": {"status": 200, "body": {"model_id": "m/e-5", "max_input_length": 512}, "is_streaming": false},
        "id_normalization_mapping": {},
    })
}

/// Writes a recording where the rules of a recorder have it.
fn store(env: &TestEnv, recording: &Value, ogx: &str) -> String {
    let text = serde_json::to_string_pretty(recording).unwrap() + "\n";
    let misnamed = "tests/a/recordings/0000000000000000000000000000000000000000000000000000000000000000.json";
    env.write(misnamed, &text);
    env.run(&["rekey", "--ogx", ogx, "--yes", "--force", "-q"]).exits(0);
    let paths: Vec<String> =
        env.tree().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".json")).collect();
    let [path] = &paths[..] else { panic!("{paths:?}") };
    path.clone()
}

#[test]
fn an_upgrade_of_ogx_is_one_command_and_back() {
    let mut said = Said::default();
    for (recording, is_list_in_both) in [(list(MANTLE), true), (info(), false)] {
        let env = TestEnv::new();
        let old = store(&env, &recording, "1.2.4");
        assert_eq!(old.contains("/models-"), is_list_in_both, "{old}");
        env.run(&["verify", "--ogx", "0.8.0"]).exits(0);
        env.run(&["replay-check", "--ogx", "0.8.0"]).exits(0);

        let report = env.run(&["verify", "--ogx", "1.5.0", "--explain", "--format", "json"]).exits(1).json();
        let [finding] = report["findings"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
        assert_eq!(finding["rule"], "key-mismatch");
        let text = |finding: &Value| {
            let part = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{}\n{}", part("message"), part("help"))
        };
        said.add(format!("{old} by the rules of 1.5.0"), text(finding));

        env.run(&["rekey", "--ogx", "1.5.0", "--yes", "--force"]).exits(0);
        let report = env.run(&["verify", "--ogx", "1.5.0", "--format", "json"]).exits(0).json();
        assert_eq!((&report["checked"], &report["findings"]), (&json!(1), &json!([])));
        env.run(&["replay-check", "--ogx", "1.2.5"]).exits(0);
        assert!(env.tree().iter().any(|(path, _)| path.contains("/models-")), "a list has the name of one");

        let finding = &env.run(&["verify", "--ogx", "0.8.0", "--format", "json"]).exits(1).json()["findings"][0];
        said.add(format!("{old} by the rules of 0.8.0"), text(finding));
        env.run(&["rekey", "--ogx", "0.8.0", "--yes", "--force"]).exits(0);
        assert!(env.root().join(&old).exists(), "back at {old}");
    }
    said.hold("verify_key_of_another_version");
}

#[test]
fn lists_of_one_key_are_of_one_recorder() {
    // Two services whose lists differ in the host alone share a key in 1.5, and each test its own in 0.8.
    let env = TestEnv::new();
    let ask = |url: &str, test: &str, ogx: &str| {
        env.write("q.json", json!({"test_id": test, "url": url, "body": {}}).to_string());
        env.run(&["explain", "q.json", "--ogx", ogx, "--format", "json"]).exits(1).json()["key"].clone()
    };
    let other = "https://api.example.org/v1/v1/models";
    assert_eq!(ask(MANTLE, TEST, "1.5.0"), ask(other, "tests/b/test_y.py::u", "1.5.0"));
    assert_ne!(ask(MANTLE, TEST, "0.8.0"), ask(MANTLE, "tests/b/test_y.py::u", "0.8.0"));
    assert_eq!(ask(MANTLE, TEST, "0.8.0"), ask(other, TEST, "0.8.0"));
}
