use std::time::Duration;

use serde_json::{Value, json};

use crate::support::screen::{Said, filtered, hold};
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

const TEST: &str = "tests/test_chat.py::test_hello";

pub(crate) fn answer(text: &str) -> String {
    let message = json!({"role": "assistant", "content": text});
    let usage = json!({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10});
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "usage": usage,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    })
    .to_string()
}

/// Records one case from a server that plays `steps`.
#[track_caller]
fn record_from(env: &TestEnv, steps: Vec<Step>, extra: &[&str]) -> (Run, Vec<String>) {
    let server = ScriptedServer::start(steps);
    env.write("cases.jsonl", case(TEST, "hello"));
    let url = server.url();
    let format: &[&str] = if extra.contains(&"--format") { &[] } else { &["--format", "json"] };
    let args = [&["record", "--cases", "cases.jsonl", "--endpoint-url", &url], format, extra].concat();
    let run = env.run(&args);
    (run, server.requests())
}

fn only_result(run: &Run) -> Value {
    let results = run.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 1, "{run:#?}");
    results[0].clone()
}

#[test]
fn the_json_is_the_documented_one() {
    let env = TestEnv::new();
    let (run, _) = record_from(&env, vec![Step::json(200, &answer("hi"))], &[]);
    let report = run.exits(0).json();
    let key = report["results"][0]["key"].as_str().unwrap().to_owned();
    let path = format!("tests/recordings/{key}.json");
    let result = json!({"test_id": TEST, "key": key, "path": path, "status": "written", "reason": null});
    let usage = json!({"prompt_tokens": 7, "completion_tokens": 3});
    assert_eq!(
        crate::support::without_recorder(report),
        json!({"schema": 1, "command": "record", "results": [result], "usage": usage})
    );
    assert!(env.root().join(path).is_file());
}

#[test]
fn the_request_goes_to_the_single_path_with_the_token_and_only_its_own_fields() {
    let token = ["marked", "token", "of", "the", "test"].join("-");
    let env = TestEnv::new().set("AWS_BEDROCK_API_KEY", &token).set("AWS_BEARER_TOKEN_BEDROCK", "  ");
    let body = r#"{"messages":[],"model":"m","stop":null,"temperature":0.5,"timeout":5,"extra_body":{"guided":"é"},
        "extra_query":{"a b":"1&2","n":3},"extra_headers":{"x-test":"yes"}}"#;
    env.write("cases.jsonl", format!(r#"{{"test_id":"{TEST}","body":{}}}"#, body.replace('\n', "")));
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let run = env.run(&["record", "-vv", "--cases", "cases.jsonl", "--endpoint-url", &server.url()]).exits(0);
    let request = server.requests().remove(0);
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /openai/v1/chat/completions?a+b=1%262&n=3 HTTP/1.1"), "{head}");
    for header in [&format!("authorization: Bearer {token}"), "x-test: yes", "user-agent: bedrock-fixtures/"] {
        assert!(head.lines().any(|line| line.starts_with(header)), "{header} in {head}");
    }
    assert_eq!(sent, r#"{"messages":[],"model":"m","stop":null,"temperature":0.5,"guided":"é"}"#);
    hold("record_very_verbose", &filtered(&env, &run.stderr));
    run.hides(&token);
    let everything = env.tree().into_iter().map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect::<String>();
    assert_eq!(everything.find(&token), None, "the token was stored");
}

#[test]
fn no_url_of_a_case_sends_the_token_elsewhere() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &["marked", "token", "of", "the", "test"].join("-"));
    let other = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let elsewhere = other.url().replace("http://", "");
    for (url, refused) in [
        (format!("@{elsewhere}/v1/chat/completions"), true),
        (".evil.invalid/v1/chat/completions".to_owned(), true),
        (format!("//{elsewhere}/v1/chat/completions"), true),
        (format!("http://127.0.0.1@{elsewhere}/v1/chat/completions"), true),
        (format!("http://{elsewhere}//{elsewhere}/v1/chat/completions"), false),
    ] {
        let line = json!({"test_id": TEST, "url": url, "body": {"model": "m", "messages": []}});
        env.write("cases.jsonl", line.to_string());
        let run = env.run(&["record", "--cases", "cases.jsonl", "--format", "json", "--endpoint-url", &server.url()]);
        if refused {
            let reason = only_result(&run.exits(1))["reason"].as_str().unwrap().to_owned();
            assert!(reason.starts_with("cases.jsonl:1: the url"), "{reason}");
        } else {
            run.exits(0);
        }
    }
    assert_eq!(server.requests().len(), 1, "what has a whole url goes to the endpoint, wherever it points");
    assert!(other.requests().is_empty());
}

#[test]
fn mantle_and_regions_have_their_own_urls() {
    for (args, url, path) in [
        (
            vec!["--mantle", "--region", "eu-west-1"],
            "https://bedrock-mantle.eu-west-1.api.aws/v1/v1/chat/completions",
            "/v1/chat",
        ),
        (vec![], "https://bedrock-runtime.us-east-2.amazonaws.com/openai/v1/v1/chat/completions", "/openai/v1/chat"),
    ] {
        let env = TestEnv::new().set("AWS_REGION", "us-east-2");
        let (run, requests) = record_from(&env, vec![Step::json(200, &answer("hi"))], &args);
        let path_of_file = only_result(&run.exits(0))["path"].as_str().unwrap().to_owned();
        let file: Value = serde_json::from_str(&env.read(&path_of_file)).unwrap();
        assert_eq!(file["request"]["url"], url);
        assert!(requests[0].starts_with(&format!("POST {path}/completions ")), "{}", requests[0]);
    }
}

#[test]
fn what_is_no_answer_is_refused_in_one_line_and_the_old_file_stays() {
    let page = Step::json(200, "<html>hello</html>");
    let unknown_path = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let quota = r#"{"message":"Too many tokens per day, please wait before trying again."}"#;
    let pieces = vec![Piece::Bytes(b"{".to_vec()), Piece::Sleep(30.0)];
    let stalled = Step { pieces, framing: "chunked".into(), ..Step::json(200, "") };
    let redirect = Step::json(302, "").header("location", "http://127.0.0.1:1/");
    let mut said = Said::default();
    for (step, asked) in [
        (Step::json(403, r#"{"Message":"Bearer Token has expired"}"#), 1),
        (Step::json(401, r#"{"error":{"code":"access_denied","message":"arn:aws:iam::123456789012:user/x"}}"#), 1),
        (Step::json(429, quota), 1),
        (Step::json(429, r#"{"message":"slow"}"#).header("retry-after-ms", "5"), 3),
        (Step::json(503, "").header("retry-after", "0.01"), 3),
        (Step::json(429, "").header("retry-after", "3600"), 1),
        (Step::json(400, r#"{"message":"The provided model identifier is invalid."}"#), 1),
        (Step::json(404, ""), 1),
        (Step::json(200, unknown_path), 1),
        (page, 1),
        (redirect, 1),
        (stalled, 1),
        (Step::json(200, r#"{"choices":[],"x":"\ud83d"}"#), 1),
    ] {
        let env = TestEnv::new();
        record_from(&env, vec![Step::json(200, &answer("the old answer"))], &[]).0.exits(0);
        let before = env.tree();
        let (run, requests) = record_from(&env, vec![step.clone()], &["--timeout", "1"]);
        let result = only_result(&run.exits(1));
        let reason = result["reason"].as_str().unwrap();
        assert_eq!(result["status"], "refused");
        said.add(step.name(), filtered(&env, reason));
        assert_eq!(requests.len(), asked, "{reason}");
        assert_eq!(env.tree(), before, "{reason}");
    }
    said.hold("record_refused");
}

#[test]
fn a_server_that_repeats_the_token_poisons_nothing() {
    let token = ["a", "very", "secret", "token"].join("-");
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &token);
    let (run, _) = record_from(&env, vec![Step::json(200, &answer(&format!("you said {token}")))], &[]);
    run.hides(&token);
    let reason = "the answer contains the bearer token or another credential of this run; the answer was not stored";
    assert_eq!(only_result(&run.exits(1))["reason"], reason);
    assert!(!env.root().join("tests").exists());
}

#[test]
fn a_token_that_is_a_word_is_not_looked_for() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "assistant");
    let (run, _) = record_from(&env, vec![Step::json(200, &answer("hi"))], &[]);
    assert_eq!(only_result(&run.exits(0))["status"], "written");
}

#[test]
fn a_refusal_that_repeats_the_token_is_shown_without_it() {
    // Long enough to be cut by the shortening of a text, and with digits that are masked as an account id.
    let token = ["marked", "012345678901", "token"].join("-") + &"of-the-test".repeat(20);
    for body in [
        format!(r#"{{"message":"denied for {token}"}}"#),
        format!(r#"{{"error":{{"message":"bad {token}"}}}}"#),
        format!("denied for {token}"),
    ] {
        for (status, extra) in [(400, &[][..]), (403, &[]), (200, &[]), (400, &["--allow-status", "400"])] {
            for format in ["json", "text"] {
                let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &token);
                let steps = vec![Step::json(status, &body)];
                let (run, _) = record_from(&env, steps, &[extra, &["--format", format, "-v"]].concat());
                (0..token.len() - 9).for_each(|at| run.hides(&token[at..at + 9]));
                assert!(!env.root().join("tests/recordings").exists(), "{status} {body}");
                run.exits(1);
            }
        }
    }
}

#[test]
fn an_allowed_status_is_stored_and_asked_again_by_itself_unless_it_is_of_the_day() {
    for (status, kept) in [(400, true), (401, false)] {
        let env = TestEnv::new();
        let step = || vec![Step::json(status, r#"{"message":"first"}"#)];
        let (run, _) = record_from(&env, step(), &["--allow-status", &status.to_string()]);
        run.exits(0);
        let changed = vec![Step::json(status, r#"{"message":"second"}"#)];
        let (run, _) = record_from(&env, changed, &[]);
        assert_eq!(only_result(&run)["status"], if kept { "written" } else { "refused" });
    }
}

#[test]
fn noise_alone_leaves_the_file_as_it_is() {
    let env = TestEnv::new();
    record_from(&env, vec![Step::json(200, &answer("hi"))], &[]).0.exits(0);
    let before = env.tree();
    let noisy =
        answer("hi").replace("\"created\":1", "\"created\":2,\"system_fingerprint\":\"fp\"").replace(":10", ":11");
    let (run, _) = record_from(&env, vec![Step::json(200, &noisy)], &[]);
    assert_eq!(only_result(&run.exits(0))["status"], "unchanged");
    assert_eq!(env.tree(), before);
    for changed in [answer("ho"), answer("ho").replace(r#""model":"m""#, r#""model":"n""#)] {
        let (run, _) = record_from(&env, vec![Step::json(200, &changed)], &[]);
        assert_eq!(only_result(&run.exits(0))["status"], "written");
    }
}

#[test]
fn noise_does_not_keep_a_file_that_breaks_a_rule() {
    let env = TestEnv::new();
    let (run, _) = record_from(&env, vec![Step::json(200, &answer("hi"))], &[]);
    let path = only_result(&run.exits(0))["path"].as_str().unwrap().to_owned();
    let sound = env.read(&path);
    env.write(&path, sound.replace('\n', "\r\n"));
    let (run, _) = record_from(&env, vec![Step::json(200, &answer("hi"))], &[]);
    assert_eq!(only_result(&run)["status"], "written");
    assert_eq!(env.read(&path), sound);
}

#[test]
fn missing_asks_only_for_what_the_store_lacks() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::a", "one") + &case("a.py::b", "two"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--test", "::a"]).exits(0);
    let report =
        env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--missing", "--format", "json"]).exits(0).json();
    let statuses: Vec<_> =
        report["results"].as_array().unwrap().iter().map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, ["skipped", "written"]);
    let files = env.tree().len();
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--plan"]).exits(0);
    assert_eq!(env.tree().len(), files);
}

#[test]
fn recordings_can_be_asked_again_and_others_are_left_alone() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::a", "one"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let (path, bytes) = env.recordings().remove(0);
    env.write("recordings/other.json", "{}");
    let old = String::from_utf8(bytes.clone()).unwrap().replace("No model was asked", "Something else was said");
    env.write(&path, &old);
    let report = env.run(&["record", "--sandbox", "--yes", "--format", "json", "recordings"]).exits(0).json();
    let results = report["results"].as_array().unwrap();
    assert_eq!(results.len(), 1, "what has no key has no result");
    assert_eq!(env.read(&path).into_bytes(), bytes, "asked again, the sandbox says the same");
}

#[test]
fn a_bad_case_is_refused_by_itself_with_its_line_and_the_others_are_recorded() {
    let body = r#"{"model":"openai.gpt-oss-20b-1:0","messages":[{"role":"user","content":"twice"}]}"#;
    let duplicate = format!("{{\"test_id\":\"a::b\",\"body\":{body}}}\n\n{{\"body\":{body},\"test_id\":\"a::b\"}}");
    let mut said = Said::default();
    for cases in [
        "{",
        "[]",
        r#"{"test_id":"a"}"#,
        r#"{"test_id":"a","body":[]}"#,
        r#"{"test_id":"a","body":{"model":"m"}}"#,
        r#"{"test_id":"a","body":{"messages":[]}}"#,
        r#"{"test_id":"","body":{"model":"m","messages":[]}}"#,
        r#"{"test_id":"../a.py::t","body":{"model":"m","messages":[]}}"#,
        r#"{"test_id":"/a.py::t","body":{"model":"m","messages":[]}}"#,
        r#"{"test_id":"a\u0000b","body":{"model":"m","messages":[]}}"#,
        r#"{"test_id":"a","body":{"model":"m","messages":["\ud83d"]}}"#,
        r#"{"test_id":"a","body":{"model":"m","messages":[NaN]}}"#,
        r#"{"test_id":"a","body":{"model":"m","messages":[],"extra_headers":{"Authorization":"x"}}}"#,
        r#"{"test_id":"a","body":{"model":"m","messages":[],"extra_headers":{"Content-Length":"1"}}}"#,
        r#"{"test_id":"a","body":{"model":"m","messages":[],"extra_headers":{"host":"x"}}}"#,
        r#"{"test":"a","body":{"model":"m","messages":[]}}"#,
        r#"{"test_id":"a","url":"/v1/chat","body":{"model":"m","messages":[]}}"#,
        duplicate.as_str(),
    ] {
        let env = TestEnv::new();
        env.write("cases.jsonl", cases);
        let last = format!("{cases}\n{}", case(TEST, "the last"));
        env.write("cases.jsonl", last);
        for plan in [true, false] {
            let args = ["record", "--sandbox", "--cases", "cases.jsonl", "--format", "json"];
            let run = env.run(if plan {
                &["record", "--sandbox", "--plan", "--cases", "cases.jsonl", "--format", "json"]
            } else {
                &args
            });
            let report = run.exits(1).json();
            let results = report["results"].as_array().unwrap();
            let refused: Vec<_> = results.iter().filter(|result| result["status"] == "refused").collect();
            let [refused] = refused[..] else { panic!("{report}") };
            let reason = refused["reason"].as_str().unwrap();
            said.add(cases, reason);
            assert!(
                reason.starts_with("cases.jsonl:") && refused["path"].as_str().unwrap().starts_with("cases.jsonl:")
            );
            let last = results.last().unwrap();
            assert_eq!(last["test_id"], TEST, "{report}");
            assert_ne!(last["status"], "refused", "{report}");
        }
    }
    said.hold("record_bad_cases");
    let env = TestEnv::new();
    env.write("cases.jsonl", "");
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(2).one_error(&["cases.jsonl", "no case"]);
}

#[test]
fn an_empty_model_name_is_sent_and_kept() {
    let env = TestEnv::new();
    env.write("cases.jsonl", r#"{"test_id":"a.py::t","body":{"model":"","messages":[]}}"#);
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let args = ["record", "--cases", "cases.jsonl", "--format", "json", "--endpoint-url", &server.url()];
    let report = env.run(&args).exits(0).json();
    assert!(server.requests()[0].ends_with(r#"{"model":"","messages":[]}"#), "{:?}", server.requests());
    let recorded = env.read(report["results"][0]["path"].as_str().unwrap());
    assert!(recorded.contains(r#""model": """#), "{recorded}");
    env.run(&["replay-check", "--cases", "cases.jsonl"]).exits(0);
    env.run(&["verify"]).exits(0);
}

#[test]
fn bad_surroundings_are_one_line_and_exit_code_2() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case(TEST, "hello"));
    let record = |extra: &[&str]| env.run(&[&["record", "--cases", "cases.jsonl"], extra].concat());
    record(&[]).exits(2).one_error(&["no bearer token", "AWS_BEARER_TOKEN_BEDROCK", "--sandbox"]);
    record(&["--root", "nowhere"]).exits(2).one_error(&["nowhere", "--root"]);
    record(&["--endpoint-url", "http://192.0.2.1"]).exits(2).one_error(&["plain http", "https"]);
    record(&["--endpoint-url", "nonsense"]).exits(2).one_error(&["nonsense", "http://127.0.0.1"]);
    record(&["--region", "nowhere"]).exits(2).one_error(&["--region", "us-west-2"]);
    env.run(&["record"]).exits(2).one_error(&["nothing to record", "--cases", "--sandbox"]);
    env.run(&["record", "--cases", "none.jsonl"]).exits(2).one_error(&["none.jsonl", "check the path"]);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run = record(&["--endpoint-url", &format!("http://127.0.0.1:{port}")]).exits(2);
    run.one_error(&["cannot connect", &port.to_string(), "check"]);
    assert_eq!(env.tree().len(), 1, "nothing was written");
    let token = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "two words");
    token.write("cases.jsonl", case(TEST, "hello"));
    token.run(&["record", "--cases", "cases.jsonl"]).exits(2).one_error(&["token", "copy the whole key again"]);
}

#[test]
fn a_store_that_cannot_be_written_is_found_before_anything_is_asked() {
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let long = "x".repeat(300);
    let deep = vec!["y".repeat(200); 25].join("/");
    let key = {
        let env = TestEnv::new();
        let (run, _) = record_from(&env, vec![Step::json(200, &answer("hi"))], &["--plan"]);
        only_result(&run)["path"].as_str().unwrap().to_owned()
    };
    for (test_id, place, parts) in [
        (TEST.to_owned(), Some("tests"), ["tests", "--root"]),
        (TEST.to_owned(), Some("tests/recordings"), ["tests/recordings", "--root"]),
        (format!("{long}/test_a.py::t"), None, [&long[..], "--root"]),
        (format!("{deep}/test_a.py::t"), None, ["yyy", "--root"]),
        #[cfg(unix)]
        ("linked/test_a.py::t".to_owned(), None, ["points out of the root", "--root"]),
        (TEST.to_owned(), Some(&format!("{key}/x")), ["a folder has the name", "json"]),
    ] {
        let env = TestEnv::new();
        let outside = tempfile::tempdir().unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path(), env.root().join("linked")).unwrap();
        // The first can be written, and its folder is not left behind.
        env.write("cases.jsonl", case("fine/test_a.py::t", "hello") + &case(&test_id, "hello"));
        if let Some(place) = place {
            env.write(place, "a file");
        }
        let run = env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url()]);
        run.exits(2).one_error(&parts);
        assert!(!env.root().join("fine").exists(), "{test_id}");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
    assert!(server.requests().is_empty(), "no request was sent");
}

#[test]
fn an_expired_key_ends_the_run_and_the_rest_is_not_asked() {
    let env = TestEnv::new();
    let cases: String = (0..6).map(|i| case(&format!("a.py::t{i}"), "x")).collect();
    env.write("cases.jsonl", cases);
    let run = |args: &[&str]| {
        let all = ["record", "--sandbox", "--cases", "cases.jsonl", "--concurrency", "1", "--format", "json"];
        env.run(&[&all, args].concat())
    };
    let report = run(&["--sandbox-faults", "ok,ok,expired"]).exits(1).json();
    let statuses: Vec<_> =
        report["results"].as_array().unwrap().iter().map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, ["written", "written", "refused", "skipped", "skipped", "skipped"]);
    let report = run(&["--missing"]).exits(0).json();
    let written = report["results"].as_array().unwrap().iter().filter(|result| result["status"] == "written");
    assert_eq!(written.count(), 4);
}

#[test]
fn every_fault_of_the_sandbox_is_survived() {
    for (fault, written) in [
        ("throttle", true),
        ("unavailable", true),
        ("slow", true),
        ("cut", false),
        ("stall", false),
        ("html", false),
        ("redirect", false),
        ("wrong-path", false),
        ("daily-quota", false),
        ("expired", false),
    ] {
        let env = TestEnv::new();
        env.write("cases.jsonl", case(TEST, "hello"));
        let run =
            env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--sandbox-faults", fault, "--timeout", "1.5"]);
        run.exits(i32::from(!written));
        assert_eq!(env.root().join("tests/recordings").exists(), written, "{fault}");
    }
}

#[test]
fn two_processes_lose_nothing() {
    let env = TestEnv::new();
    let of =
        |range: std::ops::Range<u32>| range.map(|i| case(&format!("tests/test_a.py::t{i}"), "x")).collect::<String>();
    env.write("a.jsonl", of(0..60));
    env.write("b.jsonl", of(30..90));
    let start = |cases| env.command(&["record", "--sandbox", "--cases", cases]).spawn().unwrap();
    let mut both = [start("a.jsonl"), start("b.jsonl")];
    assert!(both.iter_mut().all(|process| process.wait().unwrap().success()));
    assert_eq!(std::fs::read_dir(env.root().join("tests/recordings")).unwrap().count(), 90);
    env.run(&["verify"]).exits(0);
    env.run(&["replay-check"]).exits(0);
}

#[test]
fn a_run_that_is_killed_leaves_a_sound_store_and_the_next_one_completes_it() {
    let env = TestEnv::new();
    env.write("cases.jsonl", (0..40).map(|i| case(&format!("a.py::t{i}"), "x")).collect::<String>());
    std::fs::create_dir(env.root().join("recordings")).unwrap();
    for millis in [5, 20, 30, 40, 60, 80] {
        let mut process = env.command(&["record", "--sandbox", "--missing", "--cases", "cases.jsonl"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        process.kill().unwrap();
        process.wait().unwrap();
        let run = env.run(&["verify", "--format", "json"]);
        assert!(run.code == 0 || run.stderr.contains("no recordings"), "{run:#?}");
    }
    env.run(&["record", "--sandbox", "--missing", "--cases", "cases.jsonl"]).exits(0);
    assert_eq!(env.run(&["verify", "--format", "json"]).exits(0).json()["checked"], 40);
}

#[test]
fn the_sandbox_says_that_no_model_was_asked() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case(TEST, "hello"));
    let run = env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    assert!(run.stderr.contains("answers, not a model"), "{}", run.stderr);
    assert!(env.tree().iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("No model was asked")));
}
