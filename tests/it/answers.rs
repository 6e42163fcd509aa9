//! What counts as an answer, when it has ended, and when two are the same: every command judges alike.

use serde_json::{Value, json};

use crate::support::screen::Said;
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{TestEnv, case};
use crate::verify_rules::save;

/// A store with one recording of the sandbox, and its path.
fn recorded(stream: bool) -> (TestEnv, String) {
    let env = TestEnv::new();
    let messages = json!([{"role": "user", "content": "hello"}]);
    let body = json!({"model": "openai.gpt-oss-20b-1:0", "messages": messages, "stream": stream});
    env.write("cases.jsonl", json!({"test_id": "tests/test_a.py::t", "body": body}).to_string());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let path = env.recording_path();
    (env, path)
}

/// A store with one recording of the sandbox as the OGX recorder would have written it, and its path.
fn store(stream: bool) -> (TestEnv, String) {
    let (env, path) = recorded(stream);
    // Without the digest that ours carry.
    edit(&env, &path, |file| file["request"]["provider_metadata"] = json!({"openai_sdk_version": "2.30.0"}));
    (env, path)
}

fn edit(env: &TestEnv, path: &str, change: impl FnOnce(&mut Value)) {
    let mut file: Value = serde_json::from_str(&env.read(path)).unwrap();
    change(&mut file);
    save(env, path, &file);
}

/// What the recorder makes of a reply without choices: every field of the schema is null, what came besides follows.
fn dumped(data: &Value, more: Value) -> Value {
    let names = ["choices", "model", "object", "service_tier", "system_fingerprint", "usage"];
    let mut object: serde_json::Map<String, Value> =
        names.map(|name| (name.to_owned(), Value::Null)).into_iter().collect();
    object.insert("id".to_owned(), data["id"].clone());
    object.insert("created".to_owned(), json!(0));
    object.extend(more.as_object().unwrap().clone());
    Value::Object(object)
}

#[test]
fn errors_that_came_with_status_200_are_found_in_files_of_any_recorder() {
    type Change = fn(&mut Value);
    fn set(body: &mut Value, more: Value) {
        body["__data__"] = dumped(&body["__data__"], more);
    }
    let cases: [(bool, &str, &str, Change); 11] = [
        (false, "", "null", |body| *body = Value::Null),
        (false, "", "a page", |body| *body = json!("<html><body>Sign in</body></html>")),
        (false, "", "a text", |body| *body = json!("busy")),
        (false, "", "an object of no type", |body| *body = json!({"choices": []})),
        (false, "", "an error alone", |body| {
            set(body, json!({"error": {"message": "Too many tokens", "code": 429}}));
        }),
        (false, "", "an unknown operation", |body| {
            set(body, json!({"Output": {"__type": "com.amazon.coral.service#UnknownOperationException"}}));
        }),
        (false, "", "a message alone", |body| {
            set(body, json!({"message": "Bearer Token has expired"}));
        }),
        (false, "", "an error beside choices", |body| {
            body["__data__"]["error"] = json!({"message": "upstream failed"});
        }),
        (true, "/2", "a message in a stream", |body| {
            set(&mut body[2], json!({"message": "Too many tokens", "__type": "ThrottlingException"}));
        }),
        (true, "/3", "an error of a choice in a stream", |body| {
            body[3]["__data__"]["choices"][0]["error"] = json!({"message": "gone"});
        }),
        (true, "/1", "a text in a stream", |body| body[1] = json!("x")),
    ];
    let mut said = Said::default();
    for (stream, place, says, change) in cases {
        let (env, path) = store(stream);
        env.run(&["verify"]).exits(0);
        edit(&env, &path, |file| change(&mut file["response"]["body"]));
        let report = env.run(&["verify", "--format", "json"]).exits(1).json();
        let finding = &report["findings"][0];
        assert_eq!((&finding["rule"], &finding["severity"]), (&json!("no-answer"), &json!("error")), "{report:#}");
        assert_eq!(finding["pointer"], format!("/response/body{place}"));
        said.add(says, finding["message"].as_str().unwrap());
        let replayed = env.run(&["replay-check", "--format", "json"]).exits(1).json();
        assert_eq!(replayed["failed"][0]["path"], path, "{says}");
    }
    said.hold("verify_no_answer");
}

/// An event of a stream: a piece of the text, and the reason that stands beside it.
fn event(text: &str, finish_reason: Value) -> Piece {
    let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": finish_reason});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    Piece::Bytes(format!("data: {chunk}\n\n").into_bytes())
}

fn stream_of(pieces: Vec<Piece>) -> Step {
    let step = Step::json(200, "");
    Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        framing: "chunked".into(),
        end: "clean".into(),
        pieces,
        ..step
    }
}

fn ask(env: &TestEnv, stream: bool, step: Step) -> Value {
    let server = ScriptedServer::start(vec![step]);
    let mut line: Value = serde_json::from_str(&case("tests/test_a.py::t", "hello")).unwrap();
    if stream {
        line["body"]["stream"] = json!(true);
    }
    env.write("cases.jsonl", line.to_string());
    let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url(), "--format", "json"];
    env.run(&args).json()["results"][0].clone()
}

#[test]
fn only_a_reason_ends_a_choice() {
    for nothing in [json!(""), json!("null"), json!(false)] {
        let env = TestEnv::new();
        let paused = vec![event("Saturn", nothing.clone()), Piece::Sleep(4.0), event(" has rings", json!("stop"))];
        let result = ask(&env, true, stream_of(paused));
        assert_eq!(result["status"], "written", "{result}");
        assert!(env.read(result["path"].as_str().unwrap()).contains("has rings"), "{nothing}");

        let env = TestEnv::new();
        let result = ask(&env, true, stream_of(vec![event("Saturn", nothing.clone()), event(" has", nothing.clone())]));
        assert_eq!(result["status"], "refused", "{nothing}");

        let (env, path) = store(true);
        edit(&env, &path, |file| {
            for piece in file["response"]["body"].as_array_mut().unwrap() {
                for choice in piece["__data__"]["choices"].as_array_mut().unwrap() {
                    choice["finish_reason"] = nothing.clone();
                }
            }
        });
        let report = env.run(&["verify", "--format", "json"]).exits(1).json();
        assert_eq!(report["findings"][0]["rule"], "truncated-stream", "{nothing}");
    }
}

#[test]
fn an_error_beside_choices_is_refused_in_both_transports() {
    let error = json!({"message": "upstream failed", "code": 502});
    let mut said = Said::default();
    for (of_choice, reason) in [(false, "stop"), (true, "stop"), (true, "error")] {
        for stream in [false, true] {
            let part = if stream { "delta" } else { "message" };
            let mut choice = json!({"index": 0, "finish_reason": reason, part: {"role": "assistant", "content": ""}});
            let mut answer = json!({"id": "c", "object": "x", "created": 1, "model": "m"});
            match (of_choice, reason) {
                (true, "stop") => choice["error"] = error.clone(),
                (true, _) => {}
                (false, _) => answer["error"] = error.clone(),
            }
            answer["choices"] = json!([choice]);
            let step = if stream {
                stream_of(vec![Piece::Bytes(format!("data: {answer}\n\ndata: [DONE]\n\n").into_bytes())])
            } else {
                Step::json(200, &answer.to_string())
            };
            let env = TestEnv::new();
            let result = ask(&env, stream, step);
            assert_eq!(result["status"], "refused", "{result}");
            said.add(answer.to_string(), result["reason"].as_str().unwrap());
        }
    }
    said.hold("record_error_beside_choices");
}

/// What `diff` says of a recording before and after a change of its answer.
fn class(stream: bool, before: impl FnOnce(&mut Value), after: impl FnOnce(&mut Value)) -> Value {
    let (env, path) = store(stream);
    edit(&env, &path, |file| before(&mut file["response"]["body"]));
    let text = env.read(&path);
    env.write(&format!("a/{path}"), &text);
    env.write(&format!("b/{path}"), &text);
    edit(&env, &format!("b/{path}"), |file| after(&mut file["response"]["body"]));
    let report = env.run(&["diff", "a", "b", "--all", "--format", "json"]).json();
    report["changes"][0].clone()
}

#[test]
fn another_model_is_behaviour_and_a_dated_version_of_it_is_noise() {
    let set = |model: &'static str| move |body: &mut Value| body["__data__"]["model"] = json!(model);
    for (before, after, expected) in [
        ("openai.gpt-oss-20b-1:0", "qwen.qwen3-32b-v1:0", "behaviour"),
        ("gpt-4o", "gpt-4o-mini", "behaviour"),
        ("gpt-4o", "gpt-4o-2024-08-06", "noise"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "noise"),
    ] {
        let change = class(false, set(before), set(after));
        assert_eq!(change["class"], expected, "{change}");
        if expected == "behaviour" {
            assert_eq!(change["answer"]["model"], json!([before, after]));
        }
    }
    // One piece of a stream from another model is one too many.
    let change = class(true, |_| (), |body| body[1]["__data__"]["model"] = json!("other"));
    assert_eq!(change["class"], "behaviour", "{change}");
}

#[test]
fn ids_of_tool_calls_are_noise_until_two_share_one_or_one_is_missing() {
    fn calls(ids: &'static [Option<&'static str>]) -> impl Fn(&mut Value) {
        move |body| {
            let call =
                |id: &Option<&str>| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
            let calls: Vec<Value> = ids.iter().map(call).collect();
            body["__data__"]["choices"][0]["message"]["tool_calls"] = json!(calls);
        }
    }
    let change = class(false, calls(&[Some("a"), Some("b")]), calls(&[Some("c"), Some("d")]));
    assert_eq!(change["class"], "noise", "{change}");
    let others: [&'static [_]; 4] =
        [&[Some("c"), Some("c")], &[Some("c"), None], &[Some("c"), Some("")], &[Some("c"), Some(" ")]];
    for ids in others {
        let change = class(false, calls(&[Some("a"), Some("b")]), calls(ids));
        assert_eq!(change["class"], "behaviour", "{ids:?}: {change}");
    }
}

#[test]
fn nothing_is_recorded_where_nothing_looks() {
    let env = TestEnv::new();
    env.write("products/CACHEDIR.TAG", "");
    std::fs::create_dir(env.root().join("elsewhere")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("elsewhere", env.root().join("link")).unwrap();
    let mut ids = vec![".git/test_a.py::t", "web/node_modules/x/test_b.py::t", "products/test_c.py::t"];
    ids.extend(cfg!(unix).then_some("link/test_d.py::t"));
    let lines: String = ids.iter().map(|id| case(id, id)).collect();
    env.write("cases.jsonl", lines + &case("tests/test_a.py::t", "hello"));
    let before = env.tree();
    let args = ["record", "--sandbox", "--cases", "cases.jsonl", "--format", "json"];
    let planned = env.run(&[&args[..], &["--plan"]].concat()).json();
    assert_eq!(env.tree(), before);
    let report = env.run(&args).exits(1).json();
    for report in [&planned, &report] {
        for (index, id) in ids.iter().enumerate() {
            let result = &report["results"][index];
            assert_eq!((&result["test_id"], &result["status"]), (&json!(id), &json!("refused")), "{result}");
            assert!(result["reason"].as_str().unwrap().starts_with("no command looks in its folder: "), "{result}");
        }
    }
    assert_eq!(report["results"][ids.len()]["status"], "written");
    let written: Vec<String> =
        env.tree().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".json")).collect();
    assert!(written.len() == 1 && written[0].starts_with("tests/recordings/"), "{written:?}");
}

#[test]
fn an_answer_edited_by_hand_is_found_in_what_this_tool_wrote() {
    for stream in [false, true] {
        let (env, path) = recorded(stream);
        let good = env.read(&path);
        let rules = |env: &TestEnv| -> Vec<String> {
            let report = env.run(&["verify", "--format", "json"]).json();
            let findings = report["findings"].as_array().unwrap();
            findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(rules(&env), [] as [&str; 0]);
        type Change = fn(&mut Value);
        let changes: [Change; 4] = [
            |choice| choice["finish_reason"] = json!("length"),
            |choice| choice["logprobs"] = json!({}),
            |choice| choice["index"] = json!(1),
            |choice| choice["id"] = json!("x"),
        ];
        for change in changes {
            env.write(&path, &good);
            edit(&env, &path, |file| {
                let body = &mut file["response"]["body"];
                let last = if stream { body.as_array_mut().unwrap().last_mut().unwrap() } else { body };
                let choices = last["__data__"]["choices"].as_array_mut().unwrap();
                if choices.is_empty() {
                    choices.push(json!({}));
                }
                change(&mut choices[0]);
            });
            assert_eq!(rules(&env), ["edited-answer"], "{stream}");
        }
        // What follows from the name of the file is mended, and is no edit of the answer.
        env.write(&path, &good);
        edit(&env, &path, |file| {
            let body = &mut file["response"]["body"];
            let first = if stream { &mut body[0] } else { body };
            first["__data__"]["created"] = json!(7);
        });
        assert_eq!(rules(&env), ["noise"]);
        env.run(&["verify", "--fix"]).exits(0);
        assert_eq!(env.read(&path), good);
        // A renaming keeps the digest right, and does not make an edited answer a recorded one.
        for (edited, expected) in [(false, vec![]), (true, vec!["edited-answer"])] {
            env.write(&path, &good);
            if edited {
                edit(&env, &path, |file| {
                    let body = &mut file["response"]["body"];
                    let first = if stream { &mut body[0] } else { body };
                    first["__data__"]["service_tier"] = json!("x");
                });
            }
            env.run(&["rekey", "--model", "openai.gpt-oss-20b-1:0=m", "--yes", "--force"]).exits(0);
            assert_eq!(rules(&env), expected, "{stream}");
            let renamed = env.tree().into_iter().map(|(path, _)| path).find(|path| path.ends_with(".json")).unwrap();
            assert_ne!(renamed, path);
            std::fs::remove_file(env.root().join(renamed)).unwrap();
        }
    }
}
