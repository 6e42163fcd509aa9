//! `explain`: the key of a request, where it is looked up, what is there, and why not.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::screen::{Said, screen};
use crate::support::{Run, TestEnv, case, corpus};

const TEST: &str = "tests/a/test_x.py::test_m[one-1]";

fn request() -> Value {
    serde_json::from_str(&case(TEST, "What is the score?")).unwrap()
}

fn store() -> TestEnv {
    let env = TestEnv::new();
    let mut conversation = request();
    conversation["test_id"] = json!("tests/a/test_x.py::test_turns");
    conversation["body"]["temperature"] = json!(1);
    conversation["body"]["messages"] = json!([
        {"role": "user", "content": "Look it up"},
        {"role": "assistant", "content": null, "tool_calls":
            [{"id": "call_0123456789ab", "type": "function", "function": {"name": "look", "arguments": "{\"q\": 1, \"r\": 2}"}}]},
        {"role": "tool", "tool_call_id": "call_0123456789ab", "content": "found with score 0.1234 on 2026-01-02"},
    ]);
    env.write("cases.jsonl", format!("{}\n{conversation}\n", request()));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.write("conversation.json", conversation.to_string());
    env
}

fn explain(env: &TestEnv, subject: &str) -> Run {
    env.run(&["explain", "--format", "json", subject])
}

/// Explains a request.
fn ask(env: &TestEnv, request: &Value) -> Run {
    env.write("asked.json", request.to_string());
    explain(env, "asked.json")
}

#[test]
fn a_request_that_has_a_recording() {
    let env = store();
    let report = ask(&env, &request()).exits(0).json();
    let path = env.recording_of(TEST);
    let key = path.rsplit('/').next().unwrap().trim_end_matches(".json");
    assert_eq!(report["key"], key);
    assert_eq!(
        (&report["schema"], &report["command"], &report["test_id"]),
        (&json!(1), &json!("explain"), &json!(TEST))
    );
    let hashed = report["hashed"].as_str().unwrap();
    let digest: String = Sha256::digest(hashed).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, key);
    let common = format!("tests/integration/common/recordings/{key}.json");
    assert_eq!(report["looked_up"], json!([path, common]));
    assert_eq!((&report["found"], &report["nearest"], &report["cause"]), (&json!([path]), &json!([]), &Value::Null));
    // The text alone, byte for byte.
    assert_eq!(env.run(&["explain", "--hashed", "asked.json"]).exits(0).stdout, hashed);
    assert_eq!(env.run(&["explain", "--hashed", &path]).exits(0).stdout, hashed);
    assert_eq!(env.run(&["explain", "--hashed", "--format", "json", &key[..12]]).exits(0).json()["hashed"], hashed);
    // From standard input, and a whole recording as the request.
    for input in [request().to_string(), env.read(&path)] {
        let run = env.run_with_input(&["explain", "--format", "json", "-"], input.as_bytes()).exits(0);
        assert_eq!(run.json()["found"], json!([path]));
    }
}

#[test]
fn the_cause_is_named() {
    let env = store();
    let conversation: Value = serde_json::from_str(&env.read("conversation.json")).unwrap();
    let changed = |request: &Value, pointer: &str, value: Value| {
        let mut request = request.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(parent).unwrap()[name] = value;
        request
    };
    let request = request();
    let single = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions";
    let mantle = "https://bedrock-mantle.us-east-1.api.aws/v1/v1/chat/completions";
    let mut said = Said::default();
    for (asked, what) in [
        (changed(&request, "/url", json!(single)), "/v1 once in the url"),
        (changed(&request, "/url", json!(mantle)), "another host"),
        (changed(&request, "/test_id", Value::Null), "no test id"),
        (changed(&request, "/test_id", json!("tests/a/test_x.py::test_m[two]")), "other parameters"),
        (changed(&request, "/test_id", json!("tests/a/test_y.py::test_m[one-1]")), "another file"),
        (changed(&request, "/test_id", json!("tests/a/test_x.py::test_n[one-1]")), "another name"),
        (changed(&request, "/test_id", json!("tests/b/test_z.py::test_m[2]")), "another file and other parameters"),
        (changed(&request, "/test_id", json!("tests/b/test_z.py::u")), "another test"),
        (changed(&request, "/body/temperature", Value::Null), "a field that is null"),
        (changed(&request, "/body/model", json!("openai.gpt-oss-120b-1:0")), "another model"),
        (changed(&request, "/body/messages/0/content", json!("What is  the score?\n")), "other white space"),
        (changed(&request, "/body/messages/0/content", json!("Who won?")), "another prompt"),
        (changed(&conversation, "/body/temperature", json!(1.0)), "1.0 for 1"),
        (
            changed(
                &changed(&conversation, "/body/messages/1/tool_calls/0/id", json!("call_ffff")),
                "/body/messages/2/tool_call_id",
                json!("call_ffff"),
            ),
            "another id of a tool call",
        ),
        (
            changed(&conversation, "/body/messages/2/content", json!("found with score 0.98 on 2026-11-22")),
            "other numbers in the result of a tool",
        ),
        (changed(&conversation, "/body/messages/2/content", json!("nothing found")), "another result of a tool"),
        (
            changed(&conversation, "/body/messages/1/tool_calls/0/function/arguments", json!("{\"r\":2,\"q\":1}")),
            "the same arguments in another order",
        ),
        (
            changed(&conversation, "/body/messages/1/tool_calls/0/function/arguments", json!("{\"q\": \"x\"}")),
            "other arguments",
        ),
        (
            changed(&conversation, "/body/messages", json!([{"role": "user", "content": "Look it up"}])),
            "fewer messages",
        ),
    ] {
        let report = ask(&env, &asked).exits(1).json();
        let cause = report["cause"].as_str().unwrap_or_else(|| panic!("{asked}: {report}"));
        assert_eq!(report["found"], json!([]));
        assert_eq!(report["looked_up"].as_array().unwrap().len(), if asked["test_id"].is_null() { 1 } else { 2 });
        let near = &report["nearest"][0];
        assert!(!near["differences"].as_array().unwrap().is_empty(), "{report}");
        if asked["test_id"] == request["test_id"] || asked["test_id"] == conversation["test_id"] {
            let path = near["path"].as_str().unwrap();
            let recording: Value = serde_json::from_str(&env.read(path)).unwrap();
            assert_eq!(recording["test_id"], asked["test_id"], "those of the same test come first");
        }
        let text = env.run(&["explain", "asked.json"]).exits(1).stdout;
        assert!(text.ends_with(&format!("cause: {cause}\n")), "{text}");
        said.add(what, cause);
    }
    said.hold("explain_causes");
    // Nothing is made up where nothing is alike.
    let other = json!({"test_id": "t/z.py::z", "body": {"model": "m", "messages": [], "seed": 4}});
    assert_eq!(ask(&env, &other).exits(1).json()["cause"], "this test has no recordings");
    let other = changed(&other, "/test_id", json!("tests/a/test_x.py::test_turns[new]"));
    let cause = ask(&env, &other).exits(1).json()["cause"].clone();
    assert_eq!(cause, "this test has no recordings, but tests/a/test_x.py::test_turns has");
}

#[test]
fn stream_options_count_for_other_hosts_only() {
    let env = store();
    let mut asked = request();
    asked["body"]["stream_options"] = json!({"include_usage": true});
    ask(&env, &asked).exits(0);
    asked["url"] = json!("https://api.example.com/openai/v1/v1/chat/completions");
    let cause = ask(&env, &asked).exits(1).json()["cause"].clone();
    assert_eq!(
        cause,
        "stream_options is left out of the key for Bedrock's hosts only, and the recording comes from another kind of host"
    );
}

#[test]
fn a_recording_that_is_not_found_under_its_own_request() {
    let env = store();
    let path = env.recording_of(TEST);
    let (folder, name) = path.rsplit_once('/').unwrap();
    let text = env.read(&path);
    let away = |to: &str| {
        env.write(to, &text);
        std::fs::remove_file(env.root().join(&path)).unwrap();
        to.to_owned()
    };
    let mut said = Said::default();
    let mut notes = |what: &str, run: Run, code: i32| {
        let report = run.exits(code).json();
        let text = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
        said.add(what, format!("cause: {}\nanswers: {}", text(&report["cause"]), report["answers"]));
        report
    };

    let moved = away(&format!("tests/b/recordings/{name}"));
    for run in [ask(&env, &request()), explain(&env, &moved), explain(&env, name)] {
        notes("in another folder", run, 1);
    }
    std::fs::remove_file(env.root().join(&moved)).unwrap();

    env.write(&path, &text);
    let short = away(&format!("{folder}/{}.json", &name[..12]));
    for run in [ask(&env, &request()), explain(&env, &short), explain(&env, &name[..12])] {
        notes("under a short name", run, 1);
    }
    std::fs::remove_file(env.root().join(&short)).unwrap();

    // Edited in place: the name is an old key, and the key has no file.
    env.write(&path, text.replace("What is the score?", "What is it?"));
    let report = notes("edited, by its path", explain(&env, &path), 1);
    assert_eq!((&report["path"], &report["found"]), (&json!(path), &json!([])));
    notes("edited, by the old request", ask(&env, &request()), 0);

    // Complete, but a transient failure.
    let mut poisoned: Value = serde_json::from_str(&text).unwrap();
    let data = json!({"category": "provider_sdk", "provider": "openai", "type": "AuthenticationError", "message": "no",
        "status_code": 401, "body": {}});
    poisoned["response"] = json!({"body": null, "is_streaming": false, "is_exception": true, "exception_data": data,
        "exception_message": "no"});
    env.write(&path, serde_json::to_string_pretty(&poisoned).unwrap());
    assert_eq!(notes("a transient failure", explain(&env, &path), 1)["found"], json!([path]));

    env.write(&path, "{");
    explain(&env, &path).exits(2).one_error(&["not JSON", "verify"]);
    notes("not JSON", ask(&env, &request()), 1);
    said.hold("explain_not_found");
}

#[test]
fn keys_and_what_is_none() {
    let env = store();
    let path = env.recording_of(TEST);
    let key = path.rsplit('/').next().unwrap().trim_end_matches(".json");
    for subject in
        [key, &key[..12], &key[..8], &key.to_uppercase(), &format!("{}…", &key[..12]), &format!("gone/{key}.json")]
    {
        assert_eq!(explain(&env, subject).exits(0).json()["found"], json!([path]), "{subject}");
    }
    let unknown = "0123456789abcdef".repeat(4);
    let report = explain(&env, &unknown).exits(1).json();
    assert_eq!((&report["key"], &report["hashed"]), (&json!(unknown), &Value::Null));
    assert_eq!(report["looked_up"], json!([format!("tests/a/recordings/{unknown}.json")]));
    env.run(&["explain", "--hashed", &unknown]).exits(2).one_error(&["no recording has this key", "give the request"]);
    env.write("tests/a/recordings/abcd1.json", "{}");
    env.write("tests/a/recordings/abcd2.json", "{}");
    explain(&env, "abcd").exits(2).one_error(&["2 keys start with this", "abcd1", "more digits"]);
    explain(&env, "nothing.json").exits(2).one_error(&["nothing.json", "neither a file nor a key"]);
    for (text, parts) in [
        ("[]", ["asked.json", "not a JSON object"]),
        ("{", ["not JSON", "\"body\""]),
        ("{}", ["no body", "--help"]),
        (r#"{"body": {}, "tests": 1}"#, ["no field \"tests\"", "--help"]),
        (r#"{"body": {}, "test_id": "../x.py::t"}"#, ["leaves the tree", "node id"]),
        (r#"{"body": {}, "test_id": ""}"#, ["is empty", "node id"]),
    ] {
        env.write("asked.json", text);
        explain(&env, "asked.json").exits(2).one_error(&parts);
    }
}

#[test]
fn lists_of_models_are_merged_and_their_key_may_ignore_the_test() {
    let list = |id: &str| json!([{"__type__": "openai.types.model.Model", "__data__": {"id": id, "object": "model", "created": 0, "owned_by": "x"}}]);
    let mut said = Said::default();
    // Until OGX 1.2.4 `/v1/models` alone is the same for all tests; since then every list of another machine is.
    for (ogx, url, shared) in [
        ("0.8.0", "http://h/v1/models", true),
        ("0.8.0", "http://h/v1/v1/models", false),
        ("1.5.0", "http://h/v1/v1/models", true),
        ("1.5.0", "http://localhost/v1/v1/models", false),
    ] {
        let env = store();
        let settings = format!("ogx = \"{ogx}\"\n");
        env.write("bedrock-fixtures.toml", settings);
        let asked = |test: &str| json!({"test_id": test, "url": url, "body": {}});
        let key = ask(&env, &asked("tests/a/test_x.py::t")).exits(1).json()["key"].as_str().unwrap().to_owned();
        for (digest, id) in [("01234567", "a"), ("89abcdef", "b")] {
            let recording = json!({"test_id": "tests/a/test_x.py::t", "request": {"method": "POST", "url": url, "headers": {},
                "body": {}, "endpoint": "/v1/models", "model": ""}, "response": {"body": list(id), "is_streaming": false}});
            env.write(&format!("tests/a/recordings/models-{key}-{digest}.json"), recording.to_string());
        }
        let report = ask(&env, &asked("tests/a/test_x.py::t")).exits(0).json();
        let paths = ["01234567", "89abcdef"].map(|digest| format!("tests/a/recordings/models-{key}-{digest}.json"));
        assert_eq!(report["found"], json!(paths));
        assert_eq!(report["looked_up"][0], format!("tests/a/recordings/models-{key}-*.json"));
        assert_eq!(explain(&env, &key).exits(0).json()["found"], json!(paths));
        said.add(format!("{url} of OGX {ogx}"), env.run(&["explain", &key]).exits(0).stdout);
        let other = ask(&env, &asked("tests/a/test_x.py::u")).exits(i32::from(!shared)).json();
        assert_eq!(other["key"] == key, shared);
        let hashed: Value = serde_json::from_str(other["hashed"].as_str().unwrap()).unwrap();
        assert_eq!(hashed["test_id"].is_null(), shared, "{hashed}");
    }
    said.hold("explain_lists_of_models");
}

#[test]
fn other_kinds_of_requests() {
    let env = store();
    let asked = json!({"test_id": "a.py::t", "url": "http://h/rerank", "payload": {"query": "q"}});
    let hashed = ask(&env, &asked).exits(1).json()["hashed"].clone();
    let expected = r#"{"method": "POST", "payload": {"query": "q"}, "test_id": "a.py::t", "url": "http://h/rerank"}"#;
    assert_eq!(hashed, expected);
    let asked = json!({"provider": "p", "tool_name": "t", "kwargs": {"a": 1}});
    let hashed = ask(&env, &asked).exits(1).json()["hashed"].clone();
    assert_eq!(hashed, r#"{"kwargs": {"a": 1}, "provider": "p", "tool_name": "t"}"#);
}

#[test]
fn a_miss_of_replay_check_says_what_explain_says() {
    let env = store();
    let mut asked = request();
    asked["test_id"] = json!("tests/a/test_x.py::test_m[two]");
    env.write("miss.jsonl", asked.to_string());
    let report = ask(&env, &asked).exits(1).json();
    let missed = env.run(&["replay-check", "--format", "json", "--cases", "miss.jsonl"]).exits(1).json();
    for field in ["test_id", "key", "looked_up", "nearest", "cause"] {
        assert_eq!(missed["missed"][0][field], report[field], "{field}");
    }
    let text = env.run(&["replay-check", "--cases", "miss.jsonl"]).exits(1).stdout;
    let cause = format!("    cause: {}", report["cause"].as_str().unwrap());
    assert!(text.lines().any(|line| line == cause), "{text}");
}

#[test]
fn nothing_from_a_recording_steers_the_terminal() {
    let env = store();
    let mut asked = request();
    asked["test_id"] = json!("tests/a/\u{1b}[31mtest_x.py::test\u{202e}");
    asked["body"]["\u{1b}]0;x\u{7}"] = json!("\u{1b}[2J");
    env.write("asked.json", asked.to_string());
    env.run(&["explain", "-v", "asked.json"]).exits(1).is_plain();
}

#[test]
fn every_bedrock_recording_of_the_corpus_is_found_by_its_own_request() {
    let Some(corpus) = corpus() else { return };
    let entries = walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    let env = TestEnv::new();
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(file.path()).unwrap();
        if !text.contains("\"url\": \"https://bedrock-") {
            continue;
        }
        let recording: Value = serde_json::from_str(&text).unwrap();
        let mut asked = json!({"test_id": recording["test_id"], "url": recording["request"]["url"],
            "body": recording["request"]["body"]});
        if recording["request"]["body"]["stream"] == true {
            asked["body"]["stream_options"] = json!({"include_usage": true, "other": 1});
        }
        env.write("asked.json", asked.to_string());
        let args = ["explain", "--format", "json", "--root", corpus.to_str().unwrap(), "asked.json"];
        let report = env.run(&args).exits(0).json();
        let path = file.path().strip_prefix(&corpus).unwrap().to_str().unwrap();
        assert!(report["found"].as_array().unwrap().iter().any(|found| found == path), "{path}: {report}");
        count += 1;
    }
    assert_eq!(count, 39);
}

#[test]
fn a_key_of_an_older_algorithm_leads_to_the_recording_that_had_it() {
    let Some(corpus) = corpus() else { return };
    let old = "175a594469fd2c66751bd037a78fa3d6453e7b8bbb2a55f7baf6147997026931";
    let text =
        std::fs::read_to_string(corpus.join(format!("tests/integration/responses/recordings/{old}.json"))).unwrap();
    let env = TestEnv::new();
    env.write(&format!("tests/integration/responses/recordings/{old}.json"), &text);
    let report = explain(&env, old).exits(1).json();
    let key = report["key"].as_str().unwrap();
    let recorded = "recorded before file_search strings were normalised (2026-04-09)";
    let path = format!("tests/integration/responses/recordings/{old}.json");
    let cause = format!("{path} has the same request, but its name is not its key: {recorded}; `rekey` renames it");
    assert_eq!(report["cause"], cause);
    // Once it has its name, nothing has the old one.
    env.run(&["rekey", "--yes"]).exits(0);
    for asked in [old, &old[..12]] {
        let report = explain(&env, asked).exits(1).json();
        let path = format!("tests/integration/responses/recordings/{key}.json");
        assert_eq!(report["cause"], format!("the request of {path} had this key: {recorded}"));
    }
    explain(&env, key).exits(0);
}

#[test]
fn a_folder_is_listed_with_what_its_recordings_answer() {
    let env = TestEnv::new();
    env.run(&["record", "--sandbox"]).exits(0);
    env.write("tests/recordings/broken.json", "{");
    let listed = env.run(&["explain", "tests/recordings", "--format", "json"]).exits(0).json();
    let listed = listed["recordings"].as_array().unwrap();
    let files = env.tree().into_iter().filter(|(path, _)| path.starts_with("tests/recordings/")).count();
    assert_eq!(listed.len(), files);
    for recording in listed {
        let path = recording["path"].as_str().unwrap();
        match recording["key"].as_str() {
            Some(key) => assert_eq!(path, format!("tests/recordings/{key}.json")),
            None => assert_eq!(path, "tests/recordings/broken.json"),
        }
    }
    screen(&env, "explain_folder", &["explain", "tests/recordings"], 0);
    let nothing = tempfile::tempdir().unwrap();
    env.run(&["explain", nothing.path().to_str().unwrap()]).exits(2).one_error(&["no recordings below this folder"]);
}

#[test]
fn a_test_names_its_recordings_and_the_message_of_the_recorder_is_enough() {
    let env = TestEnv::new();
    let (a, b) = ("tests/test_a.py::t", "tests/test_b.py::t");
    env.write("cases.jsonl", case(a, "one") + &case(a, "two") + &case(b, "three"));
    env.run(&["record", "--sandbox", "-q", "--cases", "cases.jsonl"]).exits(0);
    let listed = env.run(&["explain", "--test", a, "--format", "json"]).exits(0).json();
    let of_a: Vec<&str> =
        listed["recordings"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(of_a.len(), 2);
    env.run(&["explain", "--test", "tests/none.py::t"]).exits(2).one_error(&["no recording belongs to this test"]);
    let key = "0123456789abcdef".repeat(4);
    let message = format!("Recording not found for request hash: {key}\nModel: gpt | Request: POST https://h/v1\n");
    for subject in [key.as_str(), &message] {
        let report = env.run(&["explain", subject, "--test", a, "--format", "json"]).exits(1).json();
        assert_eq!((&report["key"], &report["test_id"]), (&key.clone().into(), &a.into()));
        let near: Vec<&str> =
            report["nearest"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
        assert_eq!(near, of_a);
        assert!(report["cause"].as_str().unwrap().starts_with("the test has 2 recordings"), "{report}");
    }
    let found = of_a[0].rsplit('/').next().unwrap().trim_end_matches(".json");
    env.run(&["explain", &format!("Recording not found for request hash: {found}")]).exits(0);
}
