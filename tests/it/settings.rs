//! The configuration file, and which recorder is in force.

use serde_json::{Value, json};

use crate::support::{TestEnv, corpus};

const CASE: &str = "{\"test_id\": \"tests/test_a.py::test_a\", \"body\": {\"model\": \"openai.gpt-oss-20b-1:0\", \"messages\": \
                    [{\"role\": \"user\", \"content\": \"Say hello.\"}]}}\n";

const LOCK: &str = "version = 1\n[[package]]\nname = 'ogx'\nversion = '0.8.0'\n[[package]]\nname = 'openai'\nversion = \
                    '2.30.0'\n[[package]]\nname = 'ogx-client'\nversion = '1.9.0'\n";

/// A tree with one recording, made by the stand-in.
fn recorded() -> TestEnv {
    let env = TestEnv::new();
    env.write("cases.jsonl", CASE);
    env.run(&["record", "--sandbox", "--yes", "--openai-sdk", "3.57.0", "--cases", "cases.jsonl"]).exits(0);
    env
}

fn recorder(env: &TestEnv, args: &[&str]) -> Value {
    env.run(&[&["explain", "--format", "json", "cases.jsonl"], args].concat()).json()["recorder"].clone()
}

#[test]
fn the_recorder_in_force_has_the_strongest_source() {
    let env = TestEnv::new();
    env.write("cases.jsonl", CASE);
    assert_eq!(
        recorder(&env, &[]),
        json!({"ogx": "1.5.0", "openai_sdk": "3.57.0", "source": "newest known"}),
        "nothing names a version"
    );
    env.write(".venv/lib/python3.12/site-packages/ogx-1.1.0.dist-info/METADATA", "");
    env.write(".venv/lib/python3.12/site-packages/openai-2.41.0.dist-info/METADATA", "");
    assert_eq!(recorder(&env, &[]), json!({"ogx": "1.1.0", "openai_sdk": "2.41.0", "source": ".venv"}));
    env.write("requirements-dev.txt", "ogx==1.0.4\nopenai==2.31.0 \\\n  --hash=sha256:00\n");
    assert_eq!(recorder(&env, &[]), json!({"ogx": "1.0.4", "openai_sdk": "2.31.0", "source": "requirements-dev.txt"}));
    env.write("uv.lock", LOCK);
    assert_eq!(recorder(&env, &[]), json!({"ogx": "0.8.0", "openai_sdk": "2.30.0", "source": "uv.lock"}));
    env.write("bedrock-fixtures.toml", "ogx = '1.4.0'\n");
    assert_eq!(
        recorder(&env, &[]),
        json!({"ogx": "1.4.0", "openai_sdk": "2.30.0", "source": "bedrock-fixtures.toml",
               "ogx_source": "bedrock-fixtures.toml", "openai_sdk_source": "uv.lock"})
    );
    assert_eq!(recorder(&env, &["--no-config"])["source"], "uv.lock");
    env.write("other.toml", "ogx = '1.3.0'\nopenai-sdk = '2.45.0'\n");
    assert_eq!(recorder(&env, &["--config", "other.toml"])["source"], "other.toml");
    let flags = recorder(&env, &["--ogx", "1.5.0", "--openai-sdk", "3.1.0"]);
    assert_eq!((&flags["ogx"], &flags["openai_sdk"]), (&json!("1.5.0"), &json!("3.1.0")));
    assert_eq!((&flags["ogx_source"], &flags["openai_sdk_source"]), (&json!("--ogx"), &json!("--openai-sdk")));
}

#[test]
fn the_active_environment_and_the_tree_of_ogx_are_seen() {
    let env = TestEnv::new().set("VIRTUAL_ENV", "venv");
    env.write("cases.jsonl", CASE);
    env.write("venv/lib/python3.13/site-packages/openai-2.5.0.dist-info/METADATA", "");
    let seen = recorder(&env, &[]);
    assert_eq!((&seen["ogx"], &seen["openai_sdk"]), (&json!("0.7.1"), &json!("2.5.0")));
    assert_eq!(seen["source"], "VIRTUAL_ENV");
    env.write(
        "pyproject.toml",
        "[project]\nname = \"llama_stack\"\nversion = \"0.7.3\"\ndependencies = [\"openai>=2.5\"]\n",
    );
    let run = env.run(&["-v", "explain", "cases.jsonl"]);
    let lines: Vec<&str> = run.stderr.lines().filter(|line| line.contains("openai")).collect();
    assert_eq!(lines[0], "recorder: OGX 0.7.3 (pyproject.toml), openai 2.5.0 (VIRTUAL_ENV)");
    assert_eq!(lines[1], "pyproject.toml requires openai>=2.5, which is not one version");
}

#[test]
fn the_newest_recording_tells_when_nothing_else_does() {
    let env = recorded();
    let path = env.recording_path();
    let text = env.read(&path);
    let old = |name: &str, version: &str| {
        env.write(
            &format!("tests/recordings/{}.json", name.repeat(64)),
            text.replace("\"3.57.0\"", &format!("\"{version}\"")),
        );
    };
    old("a", "2.5.0");
    assert_eq!(
        recorder(&env, &[]),
        json!({"ogx": "1.5.0", "openai_sdk": "3.57.0", "source": "recordings",
        "ogx_source": "inferred from openai 3.57.0", "openai_sdk_source": "recordings"})
    );
    std::fs::remove_file(env.root().join(&path)).unwrap();
    old("b", "2.30.0");
    let seen = recorder(&env, &[]);
    assert_eq!((&seen["ogx"], &seen["openai_sdk"]), (&json!("1.0.4"), &json!("2.30.0")));
    // The recordings of an older recorder do not tell the SDK of the one in use.
    env.write("requirements.txt", "ogx==1.5.0\n");
    assert_eq!(recorder(&env, &[])["openai_sdk"], "3.57.0");
}

#[test]
fn every_json_report_has_the_recorder() {
    let env = recorded();
    env.write("uv.lock", LOCK);
    let expected = json!({"ogx": "0.8.0", "openai_sdk": "2.30.0", "source": "uv.lock"});
    for args in [
        &["verify"][..],
        &["verify", "--rules"],
        &["record", "--sandbox", "--yes", "--cases", "cases.jsonl"],
        &["record", "--plan", "--cases", "cases.jsonl"],
        &["replay-check"],
        &["explain", "cases.jsonl"],
        &["explain", "--hashed", "cases.jsonl"],
        &["rekey"],
        &["prune"],
        &["diff", "tests", "tests"],
        &["verify-token"],
        &["doctor"],
        &["init", "--only", "cases"],
        &["completions", "bash"],
        &["help"],
    ] {
        let run = env.run(&[args, &["--format", "json"]].concat());
        assert_ne!(run.code, 2, "{args:?}: {run:?}");
        assert_eq!(run.json()["recorder"], expected, "{args:?}");
    }
}

#[test]
fn mistakes_in_the_configuration_are_one_line() {
    let env = recorded();
    for (file, text, line) in [
        (
            "bedrock-fixtures.toml",
            "ogx = '1.5.0'\nallow-statuses = [400]\n",
            "error: bedrock-fixtures.toml:2: unknown key \"allow-statuses\"; the nearest key is \"allow-status\"\n",
        ),
        (
            "bedrock-fixtures.toml",
            "concurrency = 'many'\n",
            "error: bedrock-fixtures.toml:1: concurrency must be a whole number from 1 to 256\n",
        ),
        (
            "pyproject.toml",
            "[project]\n\n[tool.bedrock-fixtures]\nignore = ['secrets']\n",
            "error: pyproject.toml:4: unknown rule \"secrets\"; the nearest rule is \"secret\"\n",
        ),
    ] {
        let path = env.write(file, text);
        let run = env.run(&["verify"]).exits(2);
        assert_eq!(run.stderr, line);
        env.run(&["verify", "--no-config"]).exits(0);
        env.run(&["help"]).exits(0);
        std::fs::remove_file(path).unwrap();
    }
    env.write("bedrock-fixtures.toml", "");
    env.write("pyproject.toml", "[tool.bedrock-fixtures]\n");
    assert_eq!(
        env.run(&["verify"]).exits(2).stderr,
        "error: bedrock-fixtures.toml and pyproject.toml [tool.bedrock-fixtures]: the root has two configurations; keep one \
         of them\n"
    );
}

#[test]
fn rules_and_baseline_are_used_as_the_flags_are() {
    let env = recorded();
    env.forget_digests();
    let path = env.recording_path();
    let text = env.read(&path);
    env.write(&path, text.replace("Say hello.", "Say goodbye."));
    let rules = |args: &[&str]| -> Vec<String> {
        let report = env.run(&[&["verify", "--format", "json"], args].concat()).json();
        report["findings"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&[]), ["key-mismatch"]);
    env.write("bedrock-fixtures.toml", "ignore = ['key-mismatch']\n");
    assert_eq!(rules(&[]), [""; 0]);
    assert_eq!(rules(&["--no-config"]), ["key-mismatch"]);
    assert_eq!(rules(&["--select", "key-mismatch"]), ["key-mismatch"], "flags win");
    env.write("bedrock-fixtures.toml", "select = ['secret']\n");
    assert_eq!(rules(&[]), [""; 0]);
    env.write("bedrock-fixtures.toml", "[per-path-ignores]\n'tests/**' = ['key-mismatch']\n");
    assert_eq!(rules(&[]), [""; 0]);
    env.write("bedrock-fixtures.toml", "[per-path-ignores]\n'other/**' = ['key-mismatch']\n");
    assert_eq!(rules(&[]), ["key-mismatch"]);
    env.write("bedrock-fixtures.toml", "baseline = 'known.json'\n");
    env.run(&["verify", "--write-baseline", "known.json"]).exits(0);
    assert_eq!(rules(&[]), [""; 0]);
}

#[test]
fn region_endpoint_and_statuses_follow_flag_variable_file() {
    let region = |env: &TestEnv, args: &[&str]| {
        let args = [&["record", "--plan", "--format", "json", "--cases", "cases.jsonl"], args].concat();
        let run = env.run(&args).exits(0);
        ["us-west-2", "us-east-1", "eu-west-1", "ap-south-1"]
            .into_iter()
            .find(|region| run.stderr.contains(&format!("region {region}")) || run.stdout.contains(region))
            .map(str::to_owned)
    };
    let env = TestEnv::new();
    env.write("cases.jsonl", CASE);
    assert_eq!(region(&env, &[]).as_deref(), Some("us-west-2"));
    env.write("bedrock-fixtures.toml", "region = 'us-east-1'\nendpoint-url = 'http://127.0.0.1:9/openai/v1'\n");
    assert_eq!(region(&env, &[]).as_deref(), Some("us-east-1"));
    let run = env.run(&["record", "--plan", "--cases", "cases.jsonl"]).exits(0);
    assert!(
        run.stderr.contains("endpoint http://127.0.0.1:9/openai/v1 (from bedrock-fixtures.toml)"),
        "{}",
        run.stderr
    );
    let env = env.set("AWS_REGION", "eu-west-1");
    assert_eq!(region(&env, &[]).as_deref(), Some("eu-west-1"));
    assert_eq!(region(&env, &["--region", "ap-south-1"]).as_deref(), Some("ap-south-1"));
}

#[test]
fn doctor_shows_the_recorder_and_what_the_configuration_sets() {
    let env = TestEnv::new();
    env.write("uv.lock", LOCK);
    env.write("bedrock-fixtures.toml", "region = 'us-east-1'\nallow-status = [400]\n");
    let report = env.run(&["doctor", "--format", "json"]).json();
    let message = |name: &str| {
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message("recorder"), "OGX 0.8.0 (uv.lock), openai 2.30.0 (uv.lock)");
    assert_eq!(message("configuration"), "bedrock-fixtures.toml sets allow-status = [400]; region = 'us-east-1'");
}

#[test]
fn a_lock_file_of_ogx_0_7_changes_nothing_in_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let env = TestEnv::new();
    for entry in
        walkdir::WalkDir::new(&corpus).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
    {
        env.write(entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap(), std::fs::read(entry.path()).unwrap());
    }
    let findings = || {
        let report = env.run(&["verify", "--format", "json"]).exits(1).json();
        (report["recorder"].clone(), report["findings"].clone())
    };
    let (without, before) = findings();
    assert_eq!((&without["openai_sdk"], &without["ogx"]), (&json!("2.31.0"), &json!("1.0.4")));
    env.write(
        "uv.lock",
        "[[package]]\nname = 'llama-stack'\nversion = '0.7.1'\n[[package]]\nname = 'openai'\nversion = '2.5.0'\n",
    );
    let (with, after) = findings();
    assert_eq!(with, json!({"ogx": "0.7.1", "openai_sdk": "2.5.0", "source": "uv.lock"}));
    assert_eq!(before, after);
}

#[test]
fn init_writes_a_configuration_that_is_read() {
    let env = TestEnv::new();
    env.run(&["init", "--only", "config", "--yes", "--region", "us-east-1"]).exits(0);
    let text = env.read("bedrock-fixtures.toml");
    // With every setting made, it is still valid.
    let all: Vec<&str> = text.lines().filter(|line| line.contains(" = ") || line.contains('[')).collect();
    let all: Vec<&str> = all.into_iter().map(|line| line.trim_start_matches("# ")).collect();
    assert_eq!(all.len(), 11, "{text}");
    let checks = |env: &TestEnv| env.run(&["doctor", "--format", "json"]).json()["checks"].as_array().unwrap().clone();
    let set = checks(&env).into_iter().find(|check| check["name"] == "configuration").unwrap();
    assert_eq!(set["message"], "bedrock-fixtures.toml sets region = \"us-east-1\"");
    env.write("bedrock-fixtures.toml", all.join("\n"));
    let set = checks(&env).into_iter().find(|check| check["name"] == "configuration").unwrap();
    assert_eq!(set["message"].as_str().unwrap().matches("; ").count(), 9, "{set}");
    env.run(&["init", "--only", "config", "--yes"]).exits(0);
    assert_eq!(env.read("bedrock-fixtures.toml"), all.join("\n"), "what is there stays");
}
