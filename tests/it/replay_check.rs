use serde_json::{Value, json};

use crate::support::{TestEnv, case};

fn store(cases: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases);
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env
}

#[test]
fn the_store_answers_with_no_network_and_no_token() {
    let env = store(&(case("a.py::a", "one") + &case("a.py::b", "two")));
    let report = env.run(&["replay-check", "--format", "json", "--cases", "cases.jsonl", "recordings"]).exits(0).json();
    let expected = json!({"schema": 1, "command": "replay-check", "replayed": 4, "failed": [], "missed": []});
    assert_eq!(crate::support::without_recorder(report), expected);
}

#[cfg(target_os = "linux")]
#[test]
fn no_socket_is_opened() {
    let env = store(&case("a.py::a", "one"));
    let trace = env.root().join("trace");
    let traced = std::process::Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network", "-o"])
        .arg(&trace)
        .args([env!("CARGO_BIN_EXE_bedrock-fixtures"), "replay-check"])
        .current_dir(env.root())
        .output();
    match traced {
        Ok(output) if output.status.success() => {
            let calls = std::fs::read_to_string(trace).unwrap();
            assert!(!calls.contains("socket(") && !calls.contains("connect("), "{calls}");
        }
        // In CI it is there; elsewhere a tracer may be missing, or forbidden.
        other => {
            assert!(std::env::var_os("CI").is_none(), "{other:?}");
            crate::support::skipped(&format!("no system calls can be traced here: {other:?}"));
        }
    }
}

#[test]
fn a_recorded_exception_is_raised_also_when_no_server_caused_it() {
    let env = store(&case("a.py::a", "one"));
    let (path, bytes) = env.recordings().remove(0);
    let mut recording: Value = serde_json::from_slice(&bytes).unwrap();
    for (category, class) in [("builtin", "ValueError"), ("unknown", "APIConnectionError")] {
        let data = json!({"category": category, "type": class, "message": "boom"});
        recording["response"] = json!({"body": null, "is_streaming": false, "is_exception": true,
            "exception_data": data, "exception_message": "boom"});
        env.write(&path, serde_json::to_string_pretty(&recording).unwrap());
        assert_eq!(env.run(&["replay-check", "--format", "json"]).exits(0).json()["replayed"], 1, "{category}");
    }
}

#[test]
fn a_miss_names_what_is_near_and_where_it_differs() {
    let env = store(&(case("a.py::a", "one") + &case("a.py::b", "two")));
    env.write("asked.jsonl", case("a.py::a", "one!") + &case("a.py::b", "two"));
    let run = env.run(&["replay-check", "--format", "json", "--cases", "asked.jsonl"]).exits(1);
    let report = run.json();
    assert_eq!(report["replayed"], 1);
    let missed = report["missed"].as_array().unwrap();
    assert_eq!(missed.len(), 1);
    assert_eq!(missed[0]["test_id"], "a.py::a");
    let nearest = &missed[0]["nearest"][0];
    let path = nearest["path"].as_str().unwrap();
    let recording: Value = serde_json::from_str(&env.read(path)).unwrap();
    assert_eq!(recording["test_id"], "a.py::a", "the recording of the same test comes first");
    let difference = json!({"pointer": "/messages/0/content", "expected": "one!", "found": "one"});
    assert_eq!(nearest["differences"], json!([difference]));
    let text = env.run(&["replay-check", "--cases", "asked.jsonl"]).exits(1).stdout;
    assert!(text.contains("/messages/0/content: asked \"one!\", recorded \"one\""), "{text}");
}

#[test]
fn the_nearest_are_those_of_the_test_then_those_with_the_fewest_differences() {
    let body = |texts: &[&str], model: &str| {
        let messages: Vec<Value> = texts.iter().map(|text| json!({"role": "user", "content": text})).collect();
        json!({"model": format!("openai.gpt-oss-{model}"), "messages": messages})
    };
    let line = |test: &str, body: Value| json!({"test_id": format!("a.py::{test}"), "body": body}).to_string() + "\n";
    let stored = [
        line("other", body(&["one", "two", "three"], "20b-1:0")),
        line("asked", body(&["x", "y", "z", "u"], "120b-1:0")),
        line("near", body(&["one", "two", "changed"], "20b-1:0")),
        line("far", body(&["x"], "120b-1:0")),
        line("asked", body(&["one", "x"], "20b-1:0")),
    ];
    let env = store(&stored.concat());
    // Many misses, so that they are compared side by side.
    let asked: Vec<String> =
        (0..40).map(|i| line("asked", body(&["one", "two", "three", &i.to_string()], "20b-1:0"))).collect();
    env.write("asked.jsonl", asked.concat());
    let report = env.run(&["replay-check", "--format", "json", "--cases", "asked.jsonl"]).exits(1).json();
    let missed = report["missed"].as_array().unwrap();
    assert_eq!(missed.len(), 40);
    for (i, miss) in missed.iter().enumerate() {
        let near: Vec<(String, usize)> = miss["nearest"]
            .as_array()
            .unwrap()
            .iter()
            .map(|near| {
                let recording: Value = serde_json::from_str(&env.read(near["path"].as_str().unwrap())).unwrap();
                let count = near["differences"].as_array().unwrap().len();
                (recording["test_id"].as_str().unwrap().to_owned(), count)
            })
            .collect();
        let expected = [("a.py::asked", 3), ("a.py::asked", 5), ("a.py::other", 2)];
        let expected = expected.map(|(test, count)| (test.to_owned(), count));
        assert_eq!(near, expected, "in the order of the cases: {miss}");
        assert!(miss["nearest"][2]["differences"].to_string().contains(&format!("\"content\":\"{i}\"")), "{miss}");
    }
}

#[test]
fn an_edited_recording_does_not_replay_and_says_why() {
    let env = store(&case("a.py::a", "one"));
    let (path, bytes) = env.recordings().remove(0);
    let text = String::from_utf8(bytes).unwrap();
    for (edited, reason) in [
        (text.replace("\"content\": \"one\"", "\"content\": \"two\""), "and no recording has this name"),
        (text.replace("\"choices\": [", "\"choice\": ["), "has no choices"),
        ("{}".to_owned(), "not a recording"),
    ] {
        assert_ne!(edited, text);
        env.write(&path, edited);
        let report = env.run(&["replay-check", "--format", "json"]).exits(1).json();
        assert_eq!(report["replayed"], 0);
        assert!(report["failed"][0]["reason"].as_str().unwrap().contains(reason), "{report}");
        assert_eq!(report["failed"][0]["path"], path);
    }
}
