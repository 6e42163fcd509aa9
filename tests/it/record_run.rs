//! How a run of `record` continues, waits and ends.

#[cfg(unix)]
use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::process::{Child, Stdio};
#[cfg(unix)]
use std::time::Duration;

use serde_json::json;

use crate::record::answer;
use crate::support::screen::hold;
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

fn cases(count: usize) -> String {
    (0..count).map(|i| case(&format!("a.py::t{i}"), "x")).collect()
}

/// How many results ended with each status, and the reasons of those that were skipped.
fn statuses(run: &Run) -> (Vec<(&'static str, usize)>, String) {
    let report = run.json();
    let results = report["results"].as_array().unwrap();
    let count = |status| results.iter().filter(|result| result["status"] == status).count();
    let counts = ["written", "unchanged", "refused", "skipped"].map(|status| (status, count(status)));
    let skipped = results.iter().filter(|result| result["status"] == "skipped");
    let reasons: Vec<&str> = skipped.map(|result| result["reason"].as_str().unwrap()).collect();
    (counts.into_iter().filter(|(_, count)| *count > 0).collect(), reasons.join("\n"))
}

#[test]
fn what_is_under_way_when_a_run_ends_is_kept_and_nothing_more_is_asked() {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases(5));
    let expired = Step::json(403, r#"{"Message":"Bearer Token has expired"}"#);
    let slow = Step { delay: 0.5, ..Step::json(200, &answer("hi")) };
    let server = ScriptedServer::start(vec![expired, slow]);
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "2", "--format", "json"];
    let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat()).exits(1);
    let (counts, reasons) = statuses(&run);
    assert_eq!(counts, [("written", 1), ("refused", 1), ("skipped", 3)], "{run:#?}");
    hold("record_run_ends", &reasons);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(env.run(&["verify", "--format", "json"]).exits(0).json()["checked"], 1);
}

#[test]
fn a_run_that_reaches_nothing_reports_all_the_same() {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases(3));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json", "--endpoint-url", &url];
    let run = env.run(&args).exits(2);
    run.one_error(&["cannot connect"]);
    assert_eq!(statuses(&run).0, [("refused", 1), ("skipped", 2)]);
}

/// A stream that begins with `events`, and then is held open with a comment every tenth of a second, for 30 seconds.
fn held_open(events: &[&str]) -> Step {
    let event = |data: &&str| Piece::Bytes(format!("data: {data}\n\n").into_bytes());
    let comment = || [Piece::Sleep(0.1), Piece::Bytes(b": keepalive\n\n".to_vec())];
    Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        framing: "chunked".into(),
        pieces: events.iter().map(event).chain((0..300).flat_map(|_| comment())).collect(),
        ..Step::json(200, "")
    }
}

#[test]
fn a_stream_that_is_held_open_ends_once_there_is_an_answer() {
    let words = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}"#;
    let finish = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let usage = r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
    let with_usage = json!({"stream_options": {"include_usage": true}});
    for (extra, events, stored) in [
        // Everything is there.
        (json!({}), &[words, finish][..], true),
        (with_usage.clone(), &[words, finish, usage], true),
        // Something asked for never comes.
        (with_usage, &[words, finish], true),
        (json!({"n": 2}), &[words, finish], true),
        // No choice has ended: comments show that the server lives, but it stops at last.
        (json!({}), &[words], false),
    ] {
        let env = TestEnv::new();
        let mut body = json!({"model": "m", "stream": true, "messages": []});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        env.write("cases.jsonl", json!({"test_id": "a.py::t", "body": body}).to_string());
        let mut step = held_open(events);
        if !stored {
            step.pieces.truncate(1);
            step.pieces.push(Piece::Sleep(30.0));
        }
        let server = ScriptedServer::start(vec![step]);
        let args = ["record", "--cases", "cases.jsonl", "--timeout", "1", "--format", "json"];
        // The server's 30 seconds would end in a cut, and so in a refusal.
        let run = env.run(&[&args[..], &["--endpoint-url", &server.url()]].concat());
        let report = run.exits(i32::from(!stored)).json();
        let result = &report["results"][0];
        assert_eq!(result["status"], if stored { "written" } else { "refused" }, "{report}");
        assert!(stored || result["reason"].as_str().unwrap().contains("stalled for 1 s"), "{report}");
    }
}

/// A run that is interrupted from outside.
#[cfg(unix)]
struct Started {
    child: Child,
    stderr: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

#[cfg(unix)]
impl Started {
    fn record(env: &TestEnv, server: &ScriptedServer, args: &[&str]) -> Self {
        let url = server.url();
        let all = ["record", "--cases", "cases.jsonl", "--format", "json", "--endpoint-url", &url];
        let mut command = env.command(&[&all, args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        Started { child, stderr }
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    fn says(&mut self, text: &str) {
        assert!(self.stderr.any(|line| line.unwrap().contains(text)), "it never said {text:?}");
    }

    fn ends(self) -> Run {
        Run::of(self.child.wait_with_output().unwrap())
    }
}

#[cfg(unix)]
fn wait_for(what: impl Fn() -> bool) {
    for _ in 0..1000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not come");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_is_under_way_and_says_how_to_go_on() {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases(5));
    let server = ScriptedServer::start(vec![Step { delay: 1.0, ..Step::json(200, &answer("hi")) }]);
    let run = Started::record(&env, &server, &["--concurrency", "2"]);
    wait_for(|| server.requests().len() == 2);
    run.interrupt();
    let run = run.ends().exits(1);
    let (counts, reasons) = statuses(&run);
    assert_eq!(counts, [("written", 2), ("skipped", 3)], "{run:#?}");
    hold("record_interrupted", &reasons);
    assert_eq!(server.requests().len(), 2);
}

#[cfg(unix)]
#[test]
fn the_first_interrupt_waits_for_a_locked_folder_and_the_second_does_not() {
    let env = TestEnv::new();
    env.write("cases.jsonl", cases(2));
    let folder = env.root().join("recordings");
    std::fs::create_dir(&folder).unwrap();
    let lock = std::fs::File::open(&folder).unwrap();
    lock.lock().unwrap();
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    for (times, code) in [(1, 1), (2, 130)] {
        let before = server.requests().len();
        let mut run = Started::record(&env, &server, &[]);
        wait_for(|| server.requests().len() == before + 2);
        run.interrupt();
        run.says("interrupted");
        if times == 2 {
            run.interrupt();
        }
        let run = run.ends().exits(code);
        let (counts, reasons) = statuses(&run);
        assert_eq!(counts, [("skipped", 2)], "{run:#?}");
        hold("record_interrupted_twice", &reasons);
    }
    drop(lock);
    env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url(), "--missing"]).exits(0);
    env.run(&["verify"]).exits(0);
}

#[test]
fn a_token_that_is_cut_into_pieces_of_a_stream_is_found() {
    let token = crate::support::token::issued("us-west-2", 60, 43_200);
    let pieces: Vec<&str> = token.as_bytes().chunks(3).map(|piece| std::str::from_utf8(piece).unwrap()).collect();
    let call = |piece: &str| json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]});
    let signature = "0a".repeat(32);
    for (name, delta, found) in [
        ("content", &(|piece: &str| json!({"content": piece})) as &dyn Fn(&str) -> serde_json::Value, true),
        ("tagged", &|piece| json!({"content": format!("<reasoning>{piece}</reasoning>")}), true),
        ("reasoning", &|piece| json!({"reasoning": piece}), true),
        ("refusal", &|piece| json!({"refusal": piece}), true),
        ("arguments", &call, true),
        ("an unknown field", &|piece| json!({"novel": piece}), true),
        ("nothing of it", &|_| json!({"content": "abc"}), false),
    ] {
        for secret in
            [pieces.clone(), signature.as_bytes().chunks(5).map(|p| std::str::from_utf8(p).unwrap()).collect()]
        {
            let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &token);
            let body = json!({"model": "m", "stream": true, "messages": []});
            env.write("cases.jsonl", json!({"test_id": "a.py::t", "body": body}).to_string());
            let chunk = |delta, finish: Option<&str>| {
                let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
                Piece::Bytes(format!("data: {}\n\n", json!({"choices": [choice]})).into_bytes())
            };
            let deltas = secret.iter().map(|piece| chunk(delta(piece), None));
            let step = Step {
                headers: vec![("content-type".into(), "text/event-stream".into())],
                framing: "chunked".into(),
                pieces: deltas.chain([chunk(json!({}), Some("stop"))]).collect(),
                ..Step::json(200, "")
            };
            let server = ScriptedServer::start(vec![Step { end: "clean".into(), ..step }]);
            let run = env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url()]);
            assert_eq!(run.code, i32::from(found), "{name}: {run:#?}");
            assert_eq!(run.stdout.contains("contains the bearer token"), found, "{name}: {run:#?}");
            assert_eq!(env.tree().len(), if found { 1 } else { 2 }, "{name}");
        }
    }
}
