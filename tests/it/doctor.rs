//! `doctor`: on a tree where all is well nothing fails; each thing that goes wrong is told by its own check.

use serde_json::Value;

use crate::support::TestEnv;
use crate::support::server::{ScriptedServer, Step};
use crate::support::token;

const CONFIG: &str = "src/llama_stack/distributions/ci-tests/config.yaml";
const SUITES: &str = "tests/integration/suites.py";
const MATRIX: &str = "tests/integration/ci_matrix.json";
const TESTS: &str = "tests/integration/inference/test_chat.py";

/// A tree of OGX that is set up, with hooks installed and everything committed.
fn healthy() -> TestEnv {
    let env = TestEnv::new();
    env.make_ogx();
    env.run(&["init", "--yes", "--only", "hooks,attributes,textconv,stack"]).exits(0);
    env.write(".git/hooks/pre-commit", "#!/bin/sh\n");
    env.commit();
    env
}

fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let checks = json["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no check {name}: {json:#}"))
}

fn diagnose(env: &TestEnv, args: &[&str]) -> Value {
    let run = env.run(&[&["doctor", "--format", "json"], args].concat());
    let json = run.json();
    assert_eq!((&json["schema"], &json["command"]), (&1.into(), &"doctor".into()));
    let mut failed = false;
    for check in json["checks"].as_array().unwrap() {
        let status = check["status"].as_str().unwrap();
        assert!(["pass", "fail", "unknown", "skipped"].contains(&status), "{check}");
        assert!(!check["message"].as_str().unwrap().is_empty(), "{check}");
        assert_eq!(check["help"].is_string(), matches!(status, "fail" | "unknown"), "{check}");
        failed |= status == "fail";
    }
    assert_eq!(run.code, i32::from(failed), "{json:#}");
    json
}

fn edit(env: &TestEnv, path: &str, old: &str, new: &str) {
    let text = env.read(path);
    assert!(text.contains(old), "{path} has no {old:?}");
    env.write(path, text.replace(old, new));
}

fn recording(env: &TestEnv) -> String {
    let mut paths = env.tree().into_iter().map(|(path, _)| path);
    paths.find(|path| path.contains("/recordings/") && !path.starts_with(".git/")).unwrap()
}

#[test]
fn nothing_fails_where_all_is_well() {
    let json = diagnose(&healthy(), &[]);
    for name in [
        "other-providers",
        "endpoint-url",
        "base-url",
        "model-id",
        "store",
        "recordings",
        "committed",
        "suites",
        "suite-roots",
        "suite-recordings",
        "suite-covers",
        "skip-lists",
        "ci-matrix",
        "local-stack",
        "ci-stack",
        "hooks",
        "git-attributes",
        "git-textconv",
    ] {
        assert_eq!(check(&json, name)["status"], "pass", "{name}: {json:#}");
    }
    assert_eq!(json["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail").count(), 0);
}

#[test]
fn each_fault_of_a_tree_fails_its_own_check() {
    type Fault = (&'static str, &'static str, fn(&TestEnv));
    let faults: [Fault; 26] = [
        ("base-url", "/v1", |env| {
            edit(
                env,
                CONFIG,
                "      region_name",
                "      base_url: https://bedrock-runtime.us-west-2.amazonaws.com/openai\n      region_name",
            );
        }),
        ("model-id", "bedrock-mantle", |env| edit(env, "bedrock-test.yaml", "20b-1:0", "20b")),
        ("model-id", "cases.jsonl:1", |env| {
            env.write(
                "cases.jsonl",
                r#"{"test_id": "t.py::t", "body": {"model": "openai.gpt-oss-20b", "messages": []}}"#,
            );
        }),
        ("model-id", "bedrock-runtime calls it", |env| {
            let path = recording(env);
            edit(env, &path, "bedrock-runtime.us-west-2.amazonaws.com/openai", "bedrock-mantle.us-west-2.api.aws");
        }),
        ("recordings", "key-mismatch", |env| edit(env, &recording(env), "Hello!", "Hi!")),
        ("recordings", "CRLF", |env| edit(env, &recording(env), "\n", "\r\n")),
        ("committed", "1 change", |env| edit(env, &recording(env), "Hello!", "Hi!")),
        ("committed", SUITES, |env| edit(env, SUITES, "# ADD HERE", "# HERE")),
        ("suites", "no suite of Bedrock", |env| edit(env, SUITES, "bedrock", "other")),
        ("suites", "no roots", |env| {
            edit(env, SUITES, "\"tests/integration/inference/test_chat.py::test_hello\",", "")
        }),
        ("suite-roots", "test_new", |env| edit(env, SUITES, "::test_hello", "::test_new")),
        ("suite-roots", "test_gone.py", |env| edit(env, SUITES, "test_chat.py::test_hello", "test_gone.py")),
        ("suite-recordings", "test_embeddings", |env| {
            edit(env, SUITES, "# ADD HERE", "\"tests/integration/inference/test_chat.py::test_embeddings\",");
        }),
        ("suite-covers", "test_hello", |env| edit(env, SUITES, "::test_hello", "::test_embeddings")),
        ("skip-lists", "skip_if_no_embeddings", |env| edit(env, SUITES, "::test_hello", "::test_embeddings")),
        ("skip-lists", "test_hello", |env| {
            edit(env, TESTS, "    pass\n", "    if p == 'remote::bedrock':\n        skip()\n")
        }),
        ("ci-matrix", "does not name", |env| edit(env, MATRIX, "\"suite\": \"bedrock\"", "\"suite\": \"b\"")),
        ("ci-matrix", "library", |env| edit(env, MATRIX, "[\"library\"]", "[\"server\"]")),
        ("ci-matrix", "setup", |env| edit(env, MATRIX, "\"setup\": \"bedrock\"", "\"setup\": \"bed\"")),
        ("ci-matrix", "no JSON", |env| edit(env, MATRIX, "]}", "]")),
        ("local-stack", "does not ignore", |env| edit(env, ".gitignore", "/bedrock-test.yaml\n", "")),
        ("ci-stack", "no provider", |env| edit(env, CONFIG, "remote::bedrock", "remote::b")),
        ("ci-stack", "asks for", |env| edit(env, CONFIG, "gpt-oss-20b-1:0", "gpt-oss-120b-1:0")),
        ("hooks", "does not run", |env| edit(env, ".pre-commit-config.yaml", "bedrock-fixtures", "other")),
        ("hooks", "not installed", |env| std::fs::remove_file(env.root().join(".git/hooks/pre-commit")).unwrap()),
        ("git-attributes", "CRLF", |env| edit(env, ".gitattributes", "-text", "")),
    ];
    for (name, words, make) in faults {
        let env = healthy();
        make(&env);
        let json = diagnose(&env, &[]);
        let check = check(&json, name);
        assert_eq!(check["status"], "fail", "{name}, {words}: {json:#}");
        assert!(check["message"].as_str().unwrap().contains(words), "{words:?}: {check}");
    }
}

#[test]
fn each_fault_of_the_environment_fails_its_own_check() {
    let new = TestEnv::new()
        .set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", "example")
        .run(&["mint-token", "--region", "us-west-2"])
        .exits(0)
        .stdout;
    let new = new.trim();
    let old = token::short(&token::plain());
    let (one, two, three) = ("AWS_BEARER_TOKEN_BEDROCK", "AWS_BEDROCK_BEARER_TOKEN", "AWS_BEDROCK_API_KEY");
    type Setting<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, &str, Setting<'_>); 19] = [
        ("token-variables", "pass", &[(one, new)]),
        ("token-variables", "fail", &[(one, new), (two, &old)]),
        ("token-variables", "fail", &[(three, new)]),
        ("token-variables", "fail", &[(one, " "), (two, new)]),
        ("token-variables", "unknown", &[]),
        ("token", "pass", &[(one, new)]),
        ("token", "fail", &[(one, &old)]),
        ("token", "fail", &[(one, "replay-mode-dummy-key")]),
        ("region", "pass", &[(one, new), ("AWS_DEFAULT_REGION", "us-west-2")]),
        ("region", "fail", &[(one, new), ("AWS_DEFAULT_REGION", "us-east-1")]),
        ("region", "fail", &[("AWS_REGION", "us-west-2"), ("AWS_DEFAULT_REGION", "us-east-1")]),
        ("region", "fail", &[("AWS_REGION", "nowhere")]),
        ("other-providers", "fail", &[(one, new), ("OPENAI_API_KEY", "x"), ("GROQ_API_KEY", "y")]),
        ("other-providers", "unknown", &[("OPENAI_API_KEY", "x")]),
        (
            "endpoint-url",
            "fail",
            &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://bedrock-runtime.us-west-2.amazonaws.com/openai")],
        ),
        ("endpoint-url", "fail", &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://192.168.0.1/v1")]),
        ("endpoint-url", "fail", &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://me:secretword@host.example/v1")]),
        (
            "endpoint-url",
            "pass",
            &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1")],
        ),
        (
            "region",
            "fail",
            &[
                (one, new),
                ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"),
            ],
        ),
    ];
    for (name, status, variables) in cases {
        let mut env = healthy();
        for (name, value) in variables {
            env = env.set(name, value);
        }
        let json = diagnose(&env, &[]);
        assert_eq!(check(&json, name)["status"], status, "{name}: {:#}", check(&json, name));
        let shown = json.to_string();
        for hidden in [new, &old, "secretword"] {
            assert!(!shown.contains(hidden), "{name} shows {hidden}");
        }
    }
}

#[test]
fn regions_of_the_stack_and_of_this_tool_are_compared() {
    // Without a local configuration the stack reads AWS_DEFAULT_REGION only.
    let env = TestEnv::new().set("AWS_REGION", "eu-west-1");
    env.make_ogx();
    let json = diagnose(&env, &[]);
    assert!(check(&json, "region")["message"].as_str().unwrap().contains("us-east-2"), "{json:#}");
    env.run(&["init", "--yes", "--only", "stack"]).exits(0);
    assert_eq!(check(&diagnose(&env, &[]), "region")["status"], "pass");
    assert_eq!(check(&diagnose(&env, &["--region", "us-west-2"]), "region")["status"], "fail");
}

#[test]
fn pytest_knows_its_arguments_in_some_folders_only() {
    let env = healthy();
    std::fs::create_dir_all(env.root().join("docs")).unwrap();
    for (folder, status) in [("tests/integration/inference", "pass"), (".", "unknown"), ("docs", "fail")] {
        let mut command = env.command(&["doctor", "--format", "json"]);
        let run = crate::support::Run::of(command.current_dir(env.root().join(folder)).output().unwrap());
        assert_eq!(check(&run.json(), "pytest-folder")["status"], status, "{folder}");
    }
}

#[test]
fn elsewhere_checks_that_do_not_belong_are_skipped() {
    let env = TestEnv::new();
    let json = diagnose(&env, &[]);
    for name in ["suites", "ci-matrix", "local-stack", "ci-stack", "hooks", "git-attributes", "committed", "online"] {
        assert_eq!(check(&json, name)["status"], "skipped", "{name}");
    }
    let shown = env.run(&["doctor"]).exits(0).stdout;
    assert!(!shown.contains("ci-matrix") && env.run(&["doctor", "-v"]).stdout.contains("ci-matrix"), "{shown}");
    assert_eq!(env.run(&["doctor", "-q"]).exits(0).stdout, "");
}

#[test]
fn online_asks_once_and_offline_never() {
    let key = token::short(&token::plain());
    let env = |server: &ScriptedServer| {
        TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &key).set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url())
    };
    for (status, body, expected) in [
        (200, r#"{"object": "list", "data": []}"#, "pass"),
        (401, r#"{"error": {"code": "invalid_api_key", "message": "Invalid bearer token"}}"#, "fail"),
        (502, "<html>", "fail"),
    ] {
        let server = ScriptedServer::start(vec![Step::json(status, body)]);
        assert_eq!(check(&diagnose(&env(&server), &[]), "online")["status"], "skipped");
        assert_eq!(server.requests().len(), 0);
        assert_eq!(check(&diagnose(&env(&server), &["--online"]), "online")["status"], expected, "{status}");
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(check(&diagnose(&TestEnv::new(), &["--online"]), "token-variables")["status"], "fail");
}

#[test]
fn no_token_is_shown_wherever_a_configuration_puts_it() {
    let key = token::short(&token::plain());
    let env = healthy().set("AWS_BEARER_TOKEN_BEDROCK", &key);
    let name = "${env.AWS_BEARER_TOKEN_BEDROCK}";
    edit(
        &env,
        "bedrock-test.yaml",
        "region_name: us-west-2",
        &format!("region_name: {name}\n        base_url: {name}/v1"),
    );
    edit(
        &env,
        CONFIG,
        "      region_name: ${env.AWS_DEFAULT_REGION:=us-west-2}",
        &format!("      base_url: https://h/{name}/v1"),
    );
    edit(&env, CONFIG, "model_id: openai.gpt-oss-20b-1:0", &format!("model_id: {name}"));
    for args in [&["doctor", "-v"][..], &["doctor", "--format", "json"], &["init", "--dry-run"]] {
        let run = env.run(args);
        assert!(!run.stdout.contains(&key) && !run.stderr.contains(&key), "{args:?}");
    }
    edit(
        &env,
        "bedrock-test.yaml",
        "api_key: ${env.AWS_BEARER_TOKEN_BEDROCK:=replay-mode-dummy-key}",
        &format!("api_key: {key}"),
    );
    let json = diagnose(&env, &[]);
    assert_eq!(check(&json, "local-stack")["status"], "fail");
    assert!(!json.to_string().contains(&key));
}

#[test]
fn hostile_files_are_looked_at_without_harm() {
    let env = healthy();
    env.write(SUITES, [b"Suite(name='bedrock', roots=['\x1b[31m', '\xff".as_slice(), &vec![b'('; 50_000]].concat());
    env.write(MATRIX, "[".repeat(50_000));
    env.write(CONFIG, "- - - -\n\t- provider_type: remote::bedrock\n  api_key: '\n");
    let json = diagnose(&env, &[]);
    assert_eq!(check(&json, "ci-matrix")["status"], "fail");
    assert!(!env.run(&["doctor"]).stdout.contains('\u{1b}'));
}

#[test]
fn the_order_of_ogx_itself_is_told_by_its_version() {
    for (ogx, order) in [
        ("0.8.0", "OGX 0.8.0 reads AWS_BEARER_TOKEN_BEDROCK, else it signs with AWS credentials"),
        (
            "1.5.0",
            "OGX 1.5.0 reads AWS_BEDROCK_BEARER_TOKEN, then AWS_BEARER_TOKEN_BEDROCK, else it signs with AWS credentials",
        ),
    ] {
        let check = check(&diagnose(&TestEnv::new(), &["--ogx", ogx]), "token-variables").clone();
        assert!(check["message"].as_str().unwrap().ends_with(order), "{check}");
    }
}
