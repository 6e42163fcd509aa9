//! `doctor`: nothing fails on a healthy tree, and each fault fails its own check.

use serde_json::{Value, json};

use crate::support::TestEnv;
use crate::support::screen::{Said, filtered, hold, screen};
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

#[test]
fn nothing_fails_where_all_is_well() {
    if !crate::support::has_git() {
        return;
    }
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
    if !crate::support::has_git() {
        return;
    }
    type Fault = (&'static str, &'static str, fn(&TestEnv));
    let faults: [Fault; 27] = [
        ("base-url", "ignores", |env| {
            env.edit(
                CONFIG,
                "      region_name",
                "      base_url: https://bedrock-runtime.us-west-2.amazonaws.com/openai\n      region_name",
            );
        }),
        ("model-id", "bedrock-mantle", |env| env.edit("bedrock-test.yaml", "20b-1:0", "20b")),
        ("model-id", "cases.jsonl:1", |env| {
            env.write(
                "cases.jsonl",
                r#"{"test_id": "t.py::t", "body": {"model": "openai.gpt-oss-20b", "messages": []}}"#,
            );
        }),
        ("model-id", "is the name on bedrock-runtime", |env| {
            let path = env.recording_paths().remove(0);
            env.edit(&path, "bedrock-runtime.us-west-2.amazonaws.com/openai", "bedrock-mantle.us-west-2.api.aws");
        }),
        ("recordings", "key-mismatch", |env| env.edit(&env.recording_paths()[0], "Hello!", "Hi!")),
        ("recordings", "CRLF", |env| env.edit(&env.recording_paths()[0], "\n", "\r\n")),
        ("committed", "1 change", |env| env.edit(&env.recording_paths()[0], "Hello!", "Hi!")),
        ("committed", SUITES, |env| env.edit(SUITES, "# ADD HERE", "# HERE")),
        ("suites", "no suite of Bedrock", |env| env.edit(SUITES, "bedrock", "other")),
        ("suites", "no roots", |env| env.edit(SUITES, "\"tests/integration/inference/test_chat.py::test_hello\",", "")),
        ("suite-roots", "test_new", |env| env.edit(SUITES, "::test_hello", "::test_new")),
        ("suite-roots", "test_gone.py", |env| env.edit(SUITES, "test_chat.py::test_hello", "test_gone.py")),
        ("suite-recordings", "test_embeddings", |env| {
            env.edit(SUITES, "# ADD HERE", "\"tests/integration/inference/test_chat.py::test_embeddings\",");
        }),
        ("suite-covers", "test_hello", |env| env.edit(SUITES, "::test_hello", "::test_embeddings")),
        ("skip-lists", "skip_if_no_embeddings", |env| env.edit(SUITES, "::test_hello", "::test_embeddings")),
        ("skip-lists", "test_hello", |env| {
            env.edit(TESTS, "    pass\n", "    if p == 'remote::bedrock':\n        skip()\n")
        }),
        ("ci-matrix", "does not have the suite", |env| env.edit(MATRIX, "\"suite\": \"bedrock\"", "\"suite\": \"b\"")),
        ("ci-matrix", "library", |env| env.edit(MATRIX, "[\"library\"]", "[\"server\"]")),
        ("ci-matrix", "not Bedrock's", |env| env.edit(MATRIX, "\"setup\": \"bedrock\"", "\"setup\": \"ollama\"")),
        ("ci-matrix", "setup", |env| env.edit(MATRIX, "\"setup\": \"bedrock\"", "\"setup\": \"bed\"")),
        ("ci-matrix", "not JSON", |env| env.edit(MATRIX, "]}", "]")),
        ("local-stack", "does not ignore", |env| env.edit(".gitignore", "/bedrock-test.yaml\n", "")),
        ("ci-stack", "no provider", |env| env.edit(CONFIG, "remote::bedrock", "remote::b")),
        ("ci-stack", "asks for", |env| env.edit(CONFIG, "gpt-oss-20b-1:0", "gpt-oss-120b-1:0")),
        ("hooks", "does not run", |env| env.edit(".pre-commit-config.yaml", "bedrock-fixtures", "other")),
        ("hooks", "not installed", |env| std::fs::remove_file(env.root().join(".git/hooks/pre-commit")).unwrap()),
        ("git-attributes", "CRLF", |env| env.edit(".gitattributes", "-text", "")),
    ];
    let mut said = Said::default();
    for (name, words, make) in faults {
        let env = healthy();
        make(&env);
        let json = diagnose(&env, &[]);
        let check = check(&json, name);
        assert_eq!(check["status"], "fail", "{name}, {words}: {json:#}");
        let text = format!("{}\n{}", check["message"].as_str().unwrap(), check["help"].as_str().unwrap());
        said.add(format!("{name}, {words}"), filtered(&env, &text));
    }
    said.hold("doctor_faults");
}

#[test]
fn each_fault_of_the_environment_fails_its_own_check() {
    if !crate::support::has_git() {
        return;
    }
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
            assert_eq!(shown.find(hidden), None, "{name} shows {hidden}");
        }
    }
}

#[test]
fn regions_of_the_stack_and_of_this_tool_are_compared() {
    if !crate::support::has_git() {
        return;
    }
    // Without a local configuration the stack reads AWS_DEFAULT_REGION only.
    let env = TestEnv::new().set("AWS_REGION", "eu-west-1");
    env.make_ogx();
    let json = diagnose(&env, &[]);
    hold("doctor_region", check(&json, "region")["message"].as_str().unwrap());
    env.run(&["init", "--yes", "--only", "stack"]).exits(0);
    assert_eq!(check(&diagnose(&env, &[]), "region")["status"], "pass");
    assert_eq!(check(&diagnose(&env, &["--region", "us-west-2"]), "region")["status"], "fail");
}

#[test]
fn pytest_knows_its_arguments_in_some_folders_only() {
    if !crate::support::has_git() {
        return;
    }
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
    env.run(&["doctor"]).exits(0).hides("ci-matrix");
    screen(&env, "doctor_verbose", &["doctor", "-v"], 0);
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
    if !crate::support::has_git() {
        return;
    }
    let key = token::short(&token::plain());
    let env = healthy().set("AWS_BEARER_TOKEN_BEDROCK", &key);
    let name = "${env.AWS_BEARER_TOKEN_BEDROCK}";
    env.edit(
        "bedrock-test.yaml",
        "region_name: us-west-2",
        &format!("region_name: {name}\n        base_url: {name}/v1"),
    );
    env.edit(
        CONFIG,
        "      region_name: ${env.AWS_DEFAULT_REGION:=us-west-2}",
        &format!("      base_url: https://h/{name}/v1"),
    );
    env.edit(CONFIG, "model_id: openai.gpt-oss-20b-1:0", &format!("model_id: {name}"));
    for args in [&["doctor", "-v"][..], &["doctor", "--format", "json"], &["init", "--dry-run"]] {
        env.run(args).hides(&key);
    }
    env.edit(
        "bedrock-test.yaml",
        "api_key: ${env.AWS_BEARER_TOKEN_BEDROCK:=replay-mode-dummy-key}",
        &format!("api_key: {key}"),
    );
    let json = diagnose(&env, &[]);
    assert_eq!(check(&json, "local-stack")["status"], "fail");
    assert_eq!(json.to_string().find(&key), None);
}

#[test]
fn hostile_files_are_looked_at_without_harm() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    env.write(SUITES, [b"Suite(name='bedrock', roots=['\x1b[31m', '\xff".as_slice(), &vec![b'('; 50_000]].concat());
    env.write(MATRIX, "[".repeat(50_000));
    env.write(CONFIG, "- - - -\n\t- provider_type: remote::bedrock\n  api_key: '\n");
    let json = diagnose(&env, &[]);
    assert_eq!(check(&json, "ci-matrix")["status"], "fail");
    env.run(&["doctor"]).is_plain();
}

#[test]
fn the_order_of_ogx_itself_is_told_by_its_version() {
    for (ogx, order) in [
        ("0.8.0", "OGX 0.8.0 reads AWS_BEARER_TOKEN_BEDROCK; without them it signs with AWS credentials"),
        (
            "1.5.0",
            "OGX 1.5.0 reads AWS_BEDROCK_BEARER_TOKEN, then AWS_BEARER_TOKEN_BEDROCK; without them it signs with AWS credentials",
        ),
    ] {
        let check = check(&diagnose(&TestEnv::new(), &["--ogx", ogx]), "token-variables").clone();
        assert!(check["message"].as_str().unwrap().ends_with(order), "{check}");
    }
}

/// A root with a list of models only, of Bedrock or of another provider, has no answer that its test could replay.
#[test]
fn a_list_of_models_is_no_answer_of_a_root() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    let path = env.recording_paths().remove(0);
    let name = |key: char| {
        format!("tests/integration/inference/recordings/models-{}-{}.json", key.to_string().repeat(64), "0".repeat(8))
    };
    let list = |url: &str| {
        json!({
            "test_id": "tests/integration/inference/test_chat.py::test_hello[x=1]",
            "request": {"method": "POST", "url": url, "headers": {}, "body": {}, "endpoint": "/v1/models", "model": ""},
            "response": {"body": [], "is_streaming": false},
            "id_normalization_mapping": {}
        })
        .to_string()
    };
    std::fs::remove_file(env.root().join(path)).unwrap();
    env.write(&name('a'), list("http://0.0.0.0:11434/v1/v1/models"));
    env.write(&name('b'), list("https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/models"));
    let json = diagnose(&env, &[]);
    let found = check(&json, "suite-recordings");
    assert_eq!(found["status"], "fail", "{found}");
    assert!(found["message"].as_str().unwrap().starts_with("with only lists of models"), "{found}");
    assert!(check(&json, "store")["message"].as_str().unwrap().ends_with("2 recordings, 1 of Bedrock"), "{json:#}");
}

/// A fixture file, a test file with three kinds of tests, their suite, and a matrix entry for it.
fn with_clients(env: &TestEnv, tests: &str, entry: &str) {
    env.write(
        "tests/integration/fixtures/common.py",
        "@pytest.fixture\ndef require_server(c): ...\n@pytest.fixture\ndef responses(openai_client): ...\n\
         @pytest.fixture\ndef openai_client(c, require_server): ...\n\
         @pytest.fixture(params=['openai_client', 'client_with_models'])\ndef compat_client(request): ...\n",
    );
    env.write("tests/integration/responses/test_r.py", tests);
    let suite = "\"bedrock-responses\": Suite(name=\"bedrock-responses\", roots=[\"tests/integration/responses\"], default_setup=\"bedrock\"),\n    \"base\"";
    env.edit(SUITES, "\"base\"", suite);
    env.edit(MATRIX, "]}", &format!(", {{\"suite\": \"bedrock-responses\"{entry}}}]}}"));
}

/// Tests that need the server are skipped by the library, and the other way round.
#[test]
fn the_matrix_allows_the_clients_that_the_tests_need() {
    if !crate::support::has_git() {
        return;
    }
    let server = "def test_a(responses): ...\ndef test_b(openai_client): ...\n";
    let mixed = "def test_a(responses): ...\ndef test_b(client_with_models): ...\n";
    let library = "def test_b(client_with_models): ...\n";
    let mut said = Said::default();
    for (tests, entry, status, words) in [
        (server, ", \"allowed_clients\": [\"server\"]", "pass", ""),
        (server, "", "pass", ""),
        (
            server,
            ", \"allowed_clients\": [\"library\"]",
            "fail",
            "skips 2 tests (the first: tests/integration/responses/test_r.py::test_a) of the 2",
        ),
        (
            mixed,
            ", \"allowed_clients\": [\"library\"]",
            "fail",
            "skips 1 test (tests/integration/responses/test_r.py::test_a) of the 2",
        ),
        (mixed, ", \"allowed_clients\": [\"server\"]", "pass", ""),
        (library, ", \"allowed_clients\": [\"server\"]", "fail", "library"),
        (library, "", "unknown", "allowed_clients"),
    ] {
        let env = healthy();
        with_clients(&env, tests, entry);
        let json = diagnose(&env, &[]);
        let found = check(&json, "ci-matrix");
        assert_eq!(found["status"], status, "{tests} {entry}: {found}");
        said.add(format!("{status}: {words}"), found["message"].as_str().unwrap());
    }
    said.hold("doctor_clients");
}

/// A variant of a test for the server has no recording: CI must not run it there.
#[test]
fn the_matrix_keeps_variants_without_recordings_out() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    env.edit(TESTS, "def test_hello(client, x)", "def test_hello(compat_client, x)");
    assert_eq!(check(&diagnose(&env, &[]), "ci-matrix")["status"], "pass");
    env.edit(MATRIX, ", \"allowed_clients\": [\"library\"]", "");
    let json = diagnose(&env, &[]);
    let found = check(&json, "ci-matrix");
    assert_eq!(found["status"], "fail", "{found}");
    hold("doctor_variants", found["message"].as_str().unwrap());
}

/// Errors of other providers do not hide one of Bedrock, and known ones are left out.
#[test]
fn errors_are_those_of_the_scope_and_not_known_ones() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    let other = "tests/integration/inference/recordings/ffff.json";
    let text = env.read(&env.recording_paths().remove(0));
    env.write(other, text.replace("https://bedrock-runtime.us-west-2.amazonaws.com/openai", "https://api.openai.com"));
    let json = diagnose(&env, &[]);
    assert_eq!(
        check(&json, "recordings")["message"],
        "1 checked, nothing wrong; 1 other has errors, which `bedrock-fixtures verify` shows"
    );
    // The test is that of a suite, whoever answered.
    assert_eq!(check(&diagnose(&env, &["--suite", "bedrock"]), "recordings")["status"], "fail");
    env.run(&["verify", "--write-baseline", "known.json"]).exits(0);
    let args = ["--suite", "bedrock", "--baseline", "known.json"];
    assert_eq!(check(&diagnose(&env, &args), "recordings")["status"], "pass");
    env.write("bedrock-fixtures.toml", "baseline = \"known.json\"\n");
    assert_eq!(check(&diagnose(&env, &args[..2]), "recordings")["status"], "pass");
    env.edit(&env.recording_paths().remove(0), "Hello!", "Hi!");
    assert_eq!(check(&diagnose(&env, &args), "recordings")["status"], "fail");
    let unknown = env.run(&["doctor", "--suite", "nope"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
}

/// A recording's test and the matrix are committed with it.
#[test]
fn what_belongs_to_a_recording_is_committed_with_it() {
    if !crate::support::has_git() {
        return;
    }
    for path in [TESTS, MATRIX] {
        let env = healthy();
        env.write(path, env.read(path) + "\n");
        let json = diagnose(&env, &[]);
        assert_eq!(check(&json, "committed")["message"], format!("not committed: 1 change ({path})"));
    }
}

/// Every skip is listed, by the type of the provider or by the names of its models; a reviewed one is not.
#[test]
fn skips_are_listed_and_reviewed_ones_are_known() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    env.write(
        TESTS,
        "import pytest\n\ndef is_bedrock(model):\n    return model.startswith('bedrock/')\n\ndef unused(model):\n    skip('bedrock')\n\n\
         def test_hello(client, x):\n    if is_bedrock(x):\n        pytest.skip('no')\n\ndef test_two(m):\n    if 'bedrock' in m:\n        pytest.skip('no')\n\n\
         def test_three(m):\n    assert 'bedrock' in m\n",
    );
    env.edit(SUITES, "test_chat.py::test_hello", "test_chat.py");
    let file = "tests/integration/inference/test_chat.py";
    let json = diagnose(&env, &[]);
    let message = format!(
        "perhaps skipped for Bedrock: 2 tests ({file}::test_hello, by is_bedrock; {file}::test_two, by test_two)"
    );
    assert_eq!(check(&json, "skip-lists")["message"], message);
    env.write("bedrock-fixtures.toml", format!("reviewed-skips = [\"{file}::test_two\"]\n"));
    let json = diagnose(&env, &[]);
    let message = format!(
        "perhaps skipped for Bedrock: 1 test ({file}::test_hello, by is_bedrock); 1 more is in reviewed-skips of the configuration"
    );
    assert_eq!(check(&json, "skip-lists")["message"], message);
    env.write("bedrock-fixtures.toml", format!("reviewed-skips = [\"{file}\"]\n"));
    assert_eq!(check(&diagnose(&env, &[]), "skip-lists")["status"], "pass");
}

/// A setup that sets an embedding model needs the provider of that model in every stack that runs its tests.
#[test]
fn the_providers_of_the_setup_are_in_the_stacks() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    let model = "\"text_model\": \"bedrock/openai.gpt-oss-20b-1:0\"";
    env.edit(SUITES, model, &format!("{model}, \"embedding_model\": \"st/nomic\", \"embedding_dimension\": 768"));
    let json = diagnose(&env, &[]);
    for name in ["local-stack", "ci-stack"] {
        let found = check(&json, name);
        assert_eq!(found["status"], "fail", "{found}");
        let message =
            "has no provider st, but the setup bedrock sets embedding_model st/nomic: its tests fail with an error";
        assert!(found["message"].as_str().unwrap().ends_with(message), "{found}");
    }
    env.edit(
        CONFIG,
        "  - provider_id: openai\n",
        "  - provider_id: st\n    provider_type: inline::st\n  - provider_id: openai\n",
    );
    assert_eq!(check(&diagnose(&env, &[]), "ci-stack")["status"], "pass");
}

/// CI replays without a key, so a configuration that gives none is right.
#[test]
fn replay_needs_no_key() {
    if !crate::support::has_git() {
        return;
    }
    let env = healthy();
    env.edit(CONFIG, "      api_key: ${env.AWS_BEARER_TOKEN_BEDROCK:=replay-mode-dummy-key}\n", "");
    assert_eq!(check(&diagnose(&env, &[]), "ci-stack")["status"], "pass");
}
