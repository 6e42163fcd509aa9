//! The rules that look at content: secrets, poison, noise, twins; and the flags of `verify` around them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{Run, TestEnv, case};

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

/// A store with one recording of the sandbox, streamed or not, and its path.
fn store(stream: bool) -> (TestEnv, String) {
    let env = TestEnv::new();
    let body = json!({
        "model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "hello"}], "stream": stream,
    });
    env.write("cases.jsonl", json!({"test_id": "tests/test_a.py::t", "body": body}).to_string());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.forget_digests();
    let path = env.tree().into_iter().map(|(path, _)| path).find(|path| path.ends_with(".json")).unwrap();
    (env, path)
}

fn load(env: &TestEnv, path: &str) -> Value {
    serde_json::from_str(&env.read(path)).unwrap()
}

pub(crate) fn save(env: &TestEnv, path: &str, recording: &Value) {
    // serde_json's pretty form is Python's for all that is planted here, but for what is not ASCII.
    let ascii: String = (serde_json::to_string_pretty(recording).unwrap() + "\n")
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}")).collect()
            }
        })
        .collect();
    env.write(path, ascii);
}

/// Secrets of every kind, put together here so that no scanner finds one in this file.
fn secrets() -> Vec<String> {
    let letters = |n: usize| "QWERTYUIOPASDFGHJKLZXCVBNM".chars().cycle().take(n).collect::<String>();
    let mixed = |n: usize| "aB3dE5gH7jK9mN1pQrStUvWxYz".chars().cycle().take(n).collect::<String>();
    vec![
        ["bedrock-api-", "key-", &mixed(120)].concat(),
        ["AB", "SK", &mixed(128)].concat(),
        ["AK", "IA", &letters(16)].concat(),
        ["AS", "IA", &letters(16)].concat(),
        ["IQoJb3Jp", "Z2luX2Vj", &mixed(80)].concat(),
        ["https://x/?X-Amz-", "Signature=", &"0a1b2c3d".repeat(8)].concat(),
        ["https%3A%2F%2Fx%2F%3FX-Amz-", "Credential%3D", &letters(20)].concat(),
        STANDARD.encode(["bedrock.amazonaws.com/?X-Amz-", "Security-Token=", &mixed(40)].concat()),
        STANDARD.encode(["..https://host/?X-Amz-", "Signature=", &mixed(40)].concat()),
        ["Authorization: Bear", "er ", &mixed(40)].concat(),
        ["x-api-", "key: ", &mixed(32)].concat(),
        ["s", "k-proj-", &mixed(48)].concat(),
        ["h", "f_", &letters(34)].concat(),
        ["gh", "p_", &mixed(36)].concat(),
        ["AI", "za", &mixed(35)].concat(),
        ["e", "yJhbGciOiJIUzI1NiJ9.e", "yJzdWIiOiIxMjM0NTY3ODkw.", &mixed(20)].concat(),
        ["-----BEGIN ", "RSA PRIVATE KEY-----\n", "MIIEpAIBAAKCAQEA", &mixed(40)].concat(),
        ["AE", "AA", &mixed(60)].concat(),
    ]
}

/// Every secret in every one of the places, one at a time.
#[test]
fn secrets_are_found_wherever_they_are_and_never_shown() {
    type Plant = fn(&mut Value, &str);
    let places: [(bool, &str, Plant); 7] = [
        (false, "the answer", |r, s| {
            r["response"]["body"]["__data__"]["choices"][0]["message"]["content"] = json!(format!("it is {s} ok"))
        }),
        (false, "a key", |r, s| r["response"]["body"]["__data__"]["usage"] = json!({ s: 1 })),
        (false, "tool arguments", |r, s| {
            let arguments = json!({"query": s, "n": 1}).to_string();
            let call = json!({"id": "c", "function": {"arguments": arguments, "name": "f"}, "type": "function"});
            r["response"]["body"]["__data__"]["choices"][0]["message"]["tool_calls"] = json!([call]);
        }),
        (false, "JSON in JSON with its letters escaped", |r, s| {
            let escaped: String = s.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
            r["response"]["body"]["__data__"]["choices"][0]["message"]["content"] =
                json!(format!("{{\"k\": \"{escaped}\"}}"));
        }),
        (false, "exception_message", |r, s| {
            r["response"] = json!({"body": null, "is_streaming": false, "is_exception": true,
                "exception_data": {"status_code": 400, "type": "BadRequestError"}, "exception_message": format!("denied: {s}")});
        }),
        (true, "a chunk", |r, s| r["response"]["body"][1]["__data__"]["choices"][0]["delta"]["content"] = json!(s)),
        (true, "two chunks", |r, s| {
            let (a, b) = s.split_at(s.len() / 2);
            r["response"]["body"][1]["__data__"]["choices"][0]["delta"]["content"] = json!(format!(" {a}"));
            r["response"]["body"][2]["__data__"]["choices"][0]["delta"]["content"] = json!(format!("{b} "));
        }),
    ];
    for (stream, place, plant) in places {
        let (env, path) = store(stream);
        let sound = load(&env, &path);
        for secret in secrets() {
            let mut recording = sound.clone();
            plant(&mut recording, &secret);
            save(&env, &path, &recording);
            let run = env.run(&["verify", "--format", "json", "--select", "secret"]).exits(1);
            assert_eq!(rules(&run), ["secret"], "{place}: {secret}");
            let text = env.run(&["verify", "-vv"]);
            for shown in [&run.stdout, &text.stdout, &text.stderr] {
                assert!(!shown.contains(&secret) && !shown.contains(&secret[8..]), "{place}: {shown}");
            }
        }
    }
}

#[test]
fn a_secret_is_found_in_bytes_that_are_not_canonical_or_no_json() {
    let secret = ["AK", "IA", "QWERTYUIOPASDFGH"].concat();
    let escaped: String = secret.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let (env, path) = store(false);
    let text = env.read(&path).replace("No model was asked", &escaped);
    env.write(&path, text);
    let run = env.run(&["verify", "--format", "json"]).exits(1);
    assert_eq!(rules(&run), ["not-canonical", "secret"]);
    let pointer = "/response/body/__data__/choices/0/message/content";
    assert_eq!(run.json()["findings"][1]["pointer"], pointer);
    env.write(&path, format!("{{\"broken\": \"{secret}\""));
    assert_eq!(rules(&env.run(&["verify", "--format", "json"]).exits(1)), ["json", "secret"]);
}

#[test]
fn a_secret_under_the_name_of_a_header_needs_no_shape() {
    let (env, path) = store(false);
    let mut recording = load(&env, &path);
    recording["response"]["body"]["__data__"]["headers"] = json!({"Authorization": "whatever-it-is"});
    save(&env, &path, &recording);
    let run = env.run(&["verify", "--format", "json"]).exits(1);
    assert_eq!(rules(&run), ["secret"]);
    assert_eq!(run.json()["findings"][0]["pointer"], "/response/body/__data__/headers/Authorization");
}

#[test]
fn each_rule_about_content_finds_its_fault() {
    type Fault = fn(&mut Value);
    let data = "/response/body/__data__";
    let cases: [(bool, &[&str], &str, Fault); 12] = [
        (false, &["unknown-type"], "/response/body/__type__", |r| {
            r["response"]["body"]["__type__"] = json!("os.system")
        }),
        (true, &["unknown-type"], "/response/body/3/__type__", |r| {
            r["response"]["body"][3]["__type__"] = json!("evil.Class")
        }),
        (false, &["account-id"], "/response/body/__data__/choices/0/message/content", |r| {
            r["response"]["body"]["__data__"]["choices"][0]["message"]["content"] =
                json!("arn:aws:iam::739204816355:user/x");
        }),
        (false, &["noise"], "/response/body/__data__/created", |r| {
            r["response"]["body"]["__data__"]["created"] = json!(7)
        }),
        (false, &["noise"], "/response/body/__data__/id", |r| {
            r["response"]["body"]["__data__"]["id"] = json!("chatcmpl-1")
        }),
        (true, &["noise"], "/response/body/2/__data__/created", |r| {
            r["response"]["body"][2]["__data__"]["created"] = json!(7)
        }),
        (false, &["transient-error"], "/response/exception_data", |r| {
            r["response"] = exception(json!({"status_code": 401, "type": "X"}))
        }),
        (false, &["transient-error"], "/response/exception_data", |r| {
            r["response"] = exception(json!({"status_code": 503, "type": "X"}))
        }),
        (false, &["transient-error"], "/response/exception_data", |r| {
            r["response"] = exception(json!({"type": "APIConnectionError"}))
        }),
        (true, &["truncated-stream", "transient-error"], "/response/body", |r| {
            r["response"]["is_exception"] = json!(true)
        }),
        (false, &["foreign-host", "key-mismatch"], "", |r| {
            r["test_id"] = json!("tests/test_a.py::t[txt=bedrock/openai.gpt-oss-20b-1:0]");
            r["request"]["url"] = json!("https://api.openai.com/v1/v1/chat/completions");
        }),
        (false, &["unsupported-request", "key-mismatch"], "", |r| {
            r["request"]["body"]["messages"][0]["content"] = json!([{"type": "image_url", "image_url": {"url": "x"}}]);
        }),
    ];
    for (stream, expected, pointer, fault) in cases {
        let (env, path) = store(stream);
        let mut recording = load(&env, &path);
        fault(&mut recording);
        if recording["response"]["is_exception"] == json!(true) {
            recording["response"]["exception_message"] = json!("x");
        }
        save(&env, &path, &recording);
        let run = env.run(&["verify", "--format", "json", "--ignore", "not-canonical,duplicate"]);
        let mut found = rules(&run);
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{run:#?}");
        if !pointer.is_empty() {
            assert_eq!(run.json()["findings"][0]["pointer"], pointer, "{data}");
        }
    }
}

fn exception(data: Value) -> Value {
    json!({"body": null, "is_streaming": false, "is_exception": true, "exception_data": data, "exception_message": "x"})
}

#[test]
fn obfuscation_is_noise_only_when_strict() {
    let (env, _) = store(true);
    assert_eq!(rules(&env.run(&["verify", "--format", "json"]).exits(0)), [] as [&str; 0]);
    assert_eq!(rules(&env.run(&["verify", "--format", "json", "--strict"]).exits(1)), ["noise"]);
}

#[test]
fn obfuscation_of_a_whole_chunk_is_found_too() {
    let (env, path) = store(true);
    let mut recording = load(&env, &path);
    for (index, chunk) in recording["response"]["body"].as_array_mut().unwrap().iter_mut().enumerate() {
        let data = &mut chunk["__data__"];
        for choice in data["choices"].as_array_mut().unwrap() {
            choice.as_object_mut().unwrap().remove("obfuscation");
        }
        data["obfuscation"] = if index == 2 { json!("x7") } else { Value::Null };
    }
    save(&env, &path, &recording);
    let run = env.run(&["verify", "--format", "json", "--strict"]).exits(1);
    let found: Vec<_> = run.json()["findings"].as_array().unwrap().iter().map(|it| it["pointer"].clone()).collect();
    assert_eq!(found, ["/response/body/2/__data__/obfuscation"], "{run:#?}");
}

#[test]
fn a_file_over_a_thousand_kilobytes_is_a_warning() {
    let (env, path) = store(false);
    for (size, expected) in [(1_024_000, 0), (1_024_001, 1)] {
        let mut recording = load(&env, &path);
        recording["response"]["body"]["__data__"]["pad"] = json!("");
        save(&env, &path, &recording);
        let pad = size - env.read(&path).len();
        recording["response"]["body"]["__data__"]["pad"] = json!("x".repeat(pad));
        save(&env, &path, &recording);
        assert_eq!(rules(&env.run(&["verify", "--format", "json"]).exits(0)).len(), expected, "{size}");
    }
}

#[test]
fn the_same_request_under_two_names_is_a_twin() {
    let (env, path) = store(false);
    let twin = path.replace(path.rsplit('/').next().unwrap(), &format!("{}.json", "a".repeat(64)));
    env.write(&twin, env.read(&path));
    let run = env.run(&["verify", "--format", "json", "--select", "duplicate"]).exits(0);
    let finding = &run.json()["findings"][0];
    assert_eq!((&finding["rule"], &finding["path"]), (&json!("duplicate"), &json!(twin)));
    assert!(finding["message"].as_str().unwrap().contains(&path));
    // Another url is another request, though the key is the same.
    let other = env.read(&path).replace("us-west-2", "eu-west-1");
    env.write(&twin, other);
    assert_eq!(rules(&env.run(&["verify", "--format", "json", "--select", "duplicate"])), [] as [&str; 0]);
}

#[test]
fn fix_mends_what_is_safe_and_leaves_the_rest() {
    let (env, path) = store(true);
    let sound = env.read(&path);
    let id = format!("rec-{}", &path.rsplit('/').next().unwrap()[..12]);
    let broken = sound.replace(&id, "rec-000000000000").replace("\"created\": 0", "\"created\": 5").replace("  ", "\t");
    env.write(&path, &broken);
    let edited = "tests/recordings/".to_owned() + &"b".repeat(64) + ".json";
    env.write(&edited, sound.replace("\"hello\"", "\"edited\""));
    let run = env.run(&["verify", "--fix", "--format", "json"]).exits(1);
    assert_eq!(env.read(&path), sound, "mended to the byte");
    assert_eq!(run.json()["fixed"], json!([{"path": path, "rules": ["not-canonical", "rec-id", "noise"]}]));
    assert_eq!(rules(&run), ["key-mismatch", "rec-id"], "an edited request is not for a machine to mend");
    assert_eq!(env.read(&edited), sound.replace("\"hello\"", "\"edited\""));
    assert!(env.run(&["verify", "--fix"]).stdout.contains("2 errors"), "nothing more to mend");
}

#[test]
fn a_baseline_lets_old_findings_be_and_new_ones_fail() {
    let (env, path) = store(false);
    env.write(&path, env.read(&path).replace("\"hello\"", "\"edited\""));
    env.run(&["verify"]).exits(1);
    env.run(&["verify", "--write-baseline", "known.json"]).exits(0);
    env.run(&["verify", "--baseline", "known.json"]).exits(0);
    env.write(&path, env.read(&path).replace("\"edited\"", "\"edited again\""));
    env.run(&["verify", "--baseline", "known.json"]).exits(1);
    env.write("known.json", "{}");
    env.run(&["verify", "--baseline", "known.json"]).exits(2).one_error(&["known.json", "--write-baseline"]);
    env.run(&["verify", "--baseline", "none.json"]).exits(2).one_error(&["none.json"]);
}

#[test]
fn select_and_ignore_take_rule_names() {
    let (env, path) = store(false);
    env.write(&path, env.read(&path).replace("\"hello\"", "\"edited\"").replace("  ", " "));
    let of = |args: &[&str]| rules(&env.run(&[&["verify", "--format", "json"], args].concat()));
    assert_eq!(of(&[]), ["not-canonical", "key-mismatch"]);
    assert_eq!(of(&["--select", "key-mismatch"]), ["key-mismatch"]);
    assert_eq!(of(&["--ignore", "key-mismatch,rec-id"]), ["not-canonical"]);
    assert_eq!(env.run(&["verify", "--select", "nonsense"]).code, 2);
}

#[test]
fn staged_reads_the_index_and_not_the_working_tree() {
    if !crate::support::has_git() {
        return;
    }
    let (env, path) = store(false);
    let git = |args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"]).args(args).current_dir(env.root());
        assert!(command.output().unwrap().status.success(), "git {args:?}");
    };
    let checked = |code| env.run(&["verify", "--staged", "--format", "json"]).exits(code);
    let sound = env.read(&path);
    let broken = sound.replace("\"hello\"", "\"edited\"");
    git(&["init", "-q"]);
    git(&["add", "."]);
    assert_eq!(checked(0).json()["checked"], 1);
    git(&["commit", "-qm", "sound"]);
    assert_eq!(checked(0).json()["checked"], 0, "nothing is staged");
    env.write(&path, &broken);
    assert_eq!(checked(0).json()["checked"], 0, "the working tree is not the index");
    git(&["add", "."]);
    env.write(&path, &sound);
    assert_eq!(rules(&checked(1)), ["key-mismatch"], "what would be committed is broken, whatever lies there now");
    assert_eq!(env.run(&["verify", "--staged", "--format", "json", "elsewhere"]).exits(0).json()["checked"], 0);
    assert_eq!(env.run(&["verify", "--staged", "--format", "json", "tests"]).exits(1).json()["checked"], 1);
    git(&["rm", "-q", "-f", "--cached", &path]);
    assert_eq!(checked(0).json()["checked"], 0, "a deleted recording is no finding");
    let outside = TestEnv::new();
    outside.run(&["verify", "--staged"]).exits(2).one_error(&["git"]);
}

#[test]
fn github_and_sarif_carry_the_findings() {
    let (env, path) = store(false);
    env.write(&path, env.read(&path).replace("\"hello\"", "\"edited\""));
    let text = env.run(&["verify", "--format", "github"]).exits(1).stdout;
    assert!(text.starts_with(&format!("::error file={path},title=key-mismatch::the request hashes to ")), "{text}");
    for i in 0..15 {
        env.write(&format!("tests/recordings/{i}.json"), "{");
    }
    let text = env.run(&["verify", "--format", "github"]).exits(1).stdout;
    assert_eq!(text.matches("::error ").count(), 10, "{text}");
    assert!(text.contains("::notice title=bedrock-fixtures::6 more findings of level error"), "{text}");

    let sarif = env.run(&["verify", "--format", "sarif"]).exits(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 16);
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
    }
    // Other results of the same command have no such form, and are not printed in another instead.
    let rules = env.run(&["verify", "--rules", "--format", "sarif"]).exits(2);
    rules.one_error(&["--format", "text or json"]);
    assert_eq!(rules.stdout, "");
}

#[test]
fn the_table_of_rules_is_that_of_the_readme() {
    let env = TestEnv::new();
    let report = env.run(&["verify", "--rules", "--format", "json"]).exits(0).json();
    let row = |rule: &Value| {
        let text = |name: &str| rule[name].as_str().unwrap().to_owned();
        format!("| `{}` | {} | {} | {} |", text("rule"), text("what"), text("why"), text("severity"))
    };
    let table: Vec<String> = report["rules"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(table.len(), 20);
    assert!(
        include_str!("../../docs/verifying.md").contains(&table.join("\n")),
        "the README's table should be\n{}",
        table.join("\n")
    );
}

#[test]
fn a_store_is_flat_only_if_its_recordings_say_so() {
    let env = TestEnv::new();
    env.write("a.jsonl", case("test_root.py::a", "x"));
    env.run(&["record", "--sandbox", "--cases", "a.jsonl"]).exits(0);
    env.write("b.jsonl", case("tests/sub/test_b.py::b", "x"));
    env.run(&["record", "--sandbox", "--cases", "b.jsonl"]).exits(0);
    assert!(env.root().join("tests/sub/recordings").is_dir(), "a test at the top does not make a store flat");
    let flat = TestEnv::new();
    flat.write("b.jsonl", case("tests/sub/test_b.py::b", "x"));
    std::fs::create_dir_all(flat.root().join("recordings")).unwrap();
    flat.run(&["record", "--sandbox", "--cases", "b.jsonl"]).exits(0);
    std::fs::create_dir_all(flat.root().join("node/recordings")).unwrap();
    flat.run(&["verify"]).exits(0);
    flat.run(&["replay-check"]).exits(0);
}

#[cfg(unix)]
#[test]
fn a_pipe_with_the_name_of_a_recording_is_a_finding_and_not_waited_for() {
    let (env, _) = store(false);
    let pipe = env.root().join("tests/recordings/x.json");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    assert_eq!(rules(&env.run(&["verify", "--format", "json"]).exits(1)), ["json"]);
}
