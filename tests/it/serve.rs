//! `serve`: any client replays the store over HTTP.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::record::answer;
use crate::recorder::recorders;
use crate::support::screen::{filtered, hold};
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

/// A server that runs until the value is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    out: BufReader<std::process::ChildStdout>,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that fails, or does not look at the receipt, leaves no server.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    pub(crate) fn start(env: &TestEnv, args: &[&str]) -> Self {
        let mut command = env.command(&[&["serve"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("not ready: {line}{said}")
        });
        assert_eq!((&ready["schema"], &ready["command"]), (&json!(1), &json!("serve")));
        let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        assert_eq!(ready["base_url"], format!("http://127.0.0.1:{port}/openai/v1"));
        Server { child, out, port }
    }

    /// Status, headers and body of one request.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut reply = String::new();
        connection.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        // Bodies are sent with their length here, as nothing is paced.
        (status, head.to_lowercase(), body.to_owned())
    }

    pub(crate) fn chat(&self, test_id: Option<&str>, body: &Value) -> (u16, Value) {
        let headers: Vec<(&str, &str)> = test_id.map(|id| ("x-test-id", id)).into_iter().collect();
        let (status, _, body) = self.ask("POST", "/openai/v1/chat/completions", &headers, &body.to_string());
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    /// Asks it to end, and gives its receipt and its exit code.
    pub(crate) fn end(mut self) -> (Value, i32) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        (serde_json::from_str(rest.lines().last().unwrap()).unwrap(), code)
    }
}

pub(crate) fn body(text: &str) -> Value {
    let line: Value = serde_json::from_str(&case("x.py::t", text)).unwrap();
    line["body"].clone()
}

/// A store of the shipped recordings.
pub(crate) fn shipped() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new();
    env.run(&["record", "--sandbox", "-q"]).exits(0);
    let files = env.tree().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".json")).collect();
    (env, files)
}

/// A script that reads the port may end the server at once.
#[test]
fn a_server_that_is_ended_as_soon_as_it_is_ready_gives_its_receipt() {
    let env = TestEnv::new();
    for _ in 0..5 {
        let mut command = env.command(&["serve", "--port-file", "port"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
        while !env.root().join("port").exists() {
            std::thread::yield_now();
        }
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stdout).unwrap();
        let receipt: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_default();
        assert_eq!((ended.status.code(), &receipt["hits"]), (Some(0), &json!(0)), "{said}");
        assert!(!env.root().join("port").exists());
    }
}

#[test]
fn every_recording_is_answered_as_it_is_and_a_miss_says_why() {
    let (env, files) = shipped();
    let server = Server::start(&env, &["--port-file", "port", "--reads-out", "reads.log"]);
    assert_eq!(env.read("port").trim(), server.port.to_string());
    for path in &files {
        let recording: Value = serde_json::from_str(&env.read(path)).unwrap();
        let test_id = recording["test_id"].as_str().unwrap();
        let encoded: String = test_id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let wire = recording["request"]["body"].to_string();
        let (status, head, body) = server.ask("POST", &format!("/t/{encoded}/openai/v1/chat/completions"), &[], &wire);
        match &recording["response"]["body"] {
            _ if recording["response"]["exception_data"].is_object() => {
                assert_eq!(json!(status), recording["response"]["exception_data"]["status_code"]);
                assert!(head.contains("x-should-retry: false"), "{head}");
            }
            Value::Array(chunks) => {
                let events: Vec<&str> = body.split("\n\n").filter(|event| !event.is_empty()).collect();
                assert_eq!(events.last(), Some(&"data: [DONE]"));
                let sent: Vec<Value> = events[..events.len() - 1]
                    .iter()
                    .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
                    .collect();
                let stored: Vec<Value> = chunks.iter().map(|chunk| chunk["__data__"].clone()).collect();
                assert_eq!(sent, stored, "{path}");
            }
            object => assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), object["__data__"], "{path}"),
        }
    }
    // The same call again is the same recording; a changed one is missed, with the nearest.
    let first: Value = serde_json::from_str(&env.read(&files[0])).unwrap();
    let test_id = first["test_id"].as_str().unwrap();
    assert_ne!(server.chat(Some(test_id), &first["request"]["body"]).0, 404);
    let mut changed = first["request"]["body"].clone();
    changed["temperature"] = json!(0.25);
    let (status, missed) = server.chat(Some(test_id), &changed);
    let message = missed["error"]["message"].as_str().unwrap();
    assert_eq!((status, &missed["error"]["code"]), (404, &json!("recording_not_found")));
    hold("serve_missed", message);
    let (receipt, code) = server.end();
    assert_eq!(
        (code, &receipt["hits"], &receipt["repeats"], &receipt["unread"]),
        (1, &json!(files.len() + 1), &json!(1), &json!(0))
    );
    assert_eq!(receipt["misses"][0]["nearest"][0]["path"], files[0]);
    // A test may have ended at the request that was missed, so none is known to have passed.
    let log = env.read("reads.log");
    assert_eq!(log.strip_prefix("# results\n").map(|rest| rest.lines().collect::<Vec<_>>()).unwrap(), files);
    assert!(!env.root().join("port").exists());
}

#[test]
fn whose_test_it_is_is_said_in_five_ways_and_guessed_in_none() {
    let env = TestEnv::new();
    let (a, b) = ("tests/test_a.py::t", "tests/test_b.py::t[x]");
    env.write("cases.jsonl", case(a, "hello") + &case(b, "hello") + &case(b, "alone"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let server = Server::start(&env, &["--stdin-ends"]);
    // One recording of the request: whoever asks gets it. Two: it has to say.
    assert_eq!(server.chat(None, &body("alone")).0, 200);
    let (status, said) = server.chat(None, &body("hello"));
    assert_eq!(status, 404);
    hold("serve_ambiguous", said["error"]["message"].as_str().unwrap());
    assert_eq!(server.chat(Some(a), &body("alone")).0, 404, "another test's recording is none");
    let provider = json!({ "__test_id": b }).to_string();
    let chat = |headers: &[(&str, &str)]| {
        server.ask("POST", "/openai/v1/chat/completions", headers, &body("hello").to_string())
    };
    for headers in [[("x-test-id", b)], [("x-ogx-provider-data", provider.as_str())]] {
        let (status, head, _) = chat(&headers);
        assert!(status == 200 && head.lines().any(|line| line.starts_with("x-bedrock-fixtures: hit ")), "{head}");
    }
    let told = server.ask("PUT", "/-/test", &[], &json!({ "test_id": a }).to_string());
    assert_eq!((told.0, serde_json::from_str::<Value>(&told.2).unwrap()["test_id"].clone()), (200, json!(a)));
    assert_eq!(chat(&[]).0, 200);
    let (_, _, receipt) = server.ask("DELETE", "/-/test", &[], "");
    let receipt: Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!((&receipt["test_id"], &receipt["hits"]), (&json!(a), &json!(1)));
    // A recording that is added by hand answers the next request.
    env.write("more.jsonl", case(a, "later"));
    assert_eq!(server.chat(Some(a), &body("later")).0, 404);
    env.run(&["record", "--sandbox", "--cases", "more.jsonl"]).exits(0);
    assert_eq!(server.chat(Some(a), &body("later")).0, 200);
    assert_eq!(server.ask("POST", "/openai/v1/chat/completions", &[], "no JSON").0, 400);
    assert_eq!(server.ask("POST", "/openai/v1/chat/completions", &[("x-test-id", "../x")], "{}").0, 400);
    assert_eq!(server.ask("DELETE", "/openai/v1/files/x", &[], "").0, 405);
    let (receipt, code) = server.end();
    assert_eq!((code, receipt["misses"].as_array().unwrap().len()), (1, 3));
    env.run(&["serve", "--listen", "0.0.0.0"]).exits(2).one_error(&["wildcard"]);
}

#[test]
fn what_it_records_is_what_record_records_and_is_asked_once() {
    let env = TestEnv::new();
    let test = "tests/test_a.py::t";
    let upstream = ScriptedServer::start(vec![
        Step::json(200, &answer("hi")),
        Step::json(403, r#"{"message":"You don't have access to the model."}"#),
    ]);
    let env = env.set("AWS_BEARER_TOKEN_BEDROCK", "token-of-this-test-0123456789");
    let server = Server::start(&env, &["--mode", "record", "--endpoint-url", &upstream.url()]);
    for _ in 0..3 {
        let (status, reply) = server.chat(Some(test), &body("hello"));
        assert_eq!((status, &reply["choices"][0]["message"]["content"]), (200, &json!("hi")), "{reply}");
    }
    let (status, refused) = server.chat(Some(test), &body("another"));
    assert_eq!((status, &refused["error"]["code"]), (502, &json!("upstream_failed")), "{refused}");
    let (receipt, code) = server.end();
    assert_eq!((code, &receipt["hits"], receipt["recorded"].as_array().unwrap().len()), (1, &json!(2), 2), "{receipt}");
    assert_eq!(upstream.requests().len(), 2);
    let files: Vec<_> = env.tree().into_iter().filter(|(path, _)| path.ends_with(".json")).collect();
    assert_eq!(files.len(), 1);

    let other = TestEnv::new();
    other.write("cases.jsonl", case(test, "hello"));
    let again = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    other.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &again.url()]).exits(0);
    let same: Vec<_> = other.recordings();
    assert_eq!(files, same, "byte for byte");
}

#[test]
fn a_command_is_served_and_its_exit_code_is_ours() {
    let (env, _) = shipped();
    let env =
        env.set("PATH", &std::env::var("PATH").unwrap()).set("AWS_BEARER_TOKEN_BEDROCK", "x").set("AWS_PROFILE", "x");
    let script = "test -z \"$AWS_BEARER_TOKEN_BEDROCK$AWS_PROFILE\" && test -n \"$OPENAI_API_KEY\" && \
                  test \"$OPENAI_BASE_URL\" = \"$AWS_ENDPOINT_URL_BEDROCK_RUNTIME/openai/v1\" && exit 7";
    let run = env.run(&["replay-check", "--serve", "--format", "json", "--", "sh", "-c", script]).exits(7).json();
    assert_eq!((&run["command"], &run["command_exit"], &run["isolated"]), (&json!("serve"), &json!(7), &json!(false)));
    // A command that asked nothing checked nothing.
    hold("serve_receipt_empty", &filtered(&env, &env.run(&["replay-check", "--serve", "--", "true"]).exits(1).stdout));
    env.run(&["record", "--serve", "--sandbox", "--", "true"]).exits(1);
    env.run(&["record", "--sandbox", "--", "true"]).exits(2).one_error(&["--serve"]);
}

#[test]
fn the_official_sdks_get_what_the_recordings_hold() {
    let (env, files) = shipped();
    let script = format!("{}/tests/fixtures/recorder/sdk_replay.py", env!("CARGO_MANIFEST_DIR"));
    for recorder in recorders() {
        let command: Vec<&str> =
            [recorder.python.as_str(), &script].into_iter().chain(files.iter().map(String::as_str)).collect();
        let args = ["replay-check", "--serve", "--format", "json", "--"];
        let run = env.run(&[&args[..], &command].concat());
        assert!(
            run.stderr.contains(&format!("\"compared\": {}, \"wrong\": []", files.len())),
            "{}: {run:#?}",
            recorder.sdk
        );
        let report = run.exits(0).json();
        assert_eq!(
            (&report["hits"], &report["unread"], &report["isolated"]),
            (&json!(files.len()), &json!(0), &json!(true))
        );
        // The Bedrock client of newer SDKs needs a token, any token.
        if recorder.sdk.starts_with('3') {
            let bedrock = ["env", "CLIENT=BedrockOpenAI", "AWS_BEARER_TOKEN_BEDROCK=any"];
            let run = env.run(&[&args[..], &bedrock, &command].concat());
            assert!(run.stderr.contains(&format!("\"compared\": {}, \"wrong\": []", files.len())), "{run:#?}");
        }
        let env_line = ["env", "ONE_MISS=1", recorder.python.as_str(), &script];
        let missed = env.run(&[&args[..], &env_line].concat()).exits(1).json();
        assert_eq!((&missed["command_exit"], missed["misses"].as_array().unwrap().len()), (&json!(0), 1));
    }
}

/// The folder of the SDKs for Node, or `None` after saying that it is not here.
fn node_modules() -> Option<String> {
    let Some(modules) = std::env::var("BEDROCK_FIXTURES_NODE").ok().filter(|folder| !folder.is_empty()) else {
        crate::support::skipped(
            "Node: set BEDROCK_FIXTURES_NODE to a folder with openai and the AWS SDK in node_modules",
        );
        return None;
    };
    Some(if modules.starts_with('/') { modules } else { format!("{}/{modules}", env!("CARGO_MANIFEST_DIR")) })
}

#[test]
fn the_official_sdks_for_node_get_what_the_recordings_hold() {
    let Some(modules) = node_modules() else { return };
    let (env, files) = shipped();
    let env = env.set("PATH", &std::env::var("PATH").unwrap());
    let script = format!("{}/tests/fixtures/recorder/sdk_replay.mjs", env!("CARGO_MANIFEST_DIR"));
    let node: Vec<&str> = ["node", &script, &modules].into_iter().chain(files.iter().map(String::as_str)).collect();
    let serve = ["replay-check", "--serve", "--format", "json", "--"];
    // The plain client by environment alone; the Bedrock client needs a token, any token, and so both are compared.
    for (variables, times) in [(&["env"][..], 1), (&["env", "AWS_BEARER_TOKEN_BEDROCK=any"], 2)] {
        let run = env.run(&[&serve[..], variables, &node].concat()).exits(0);
        let expected = format!("{{\"compared\":{},\"wrong\":[]}}", times * files.len());
        assert!(run.stderr.contains(&expected), "{run:#?}");
        assert_eq!((&run.json()["misses"], &run.json()["unread"]), (&json!([]), &json!(0)));
    }
    let run = env.run(&[&serve[..], &["env", "NATIVE=1", "node", &script, &modules]].concat());
    assert!(run.stderr.contains("{\"compared\":0,\"wrong\":[]}"), "{run:#?}");
    assert_eq!(run.exits(1).json()["misses"].as_array().unwrap().len(), 1);
}

/// What real teams recorded of Bedrock, asked again by the official SDKs, unmodified.
#[test]
fn the_official_sdks_get_what_the_corpus_holds() {
    let Some(corpus) = crate::support::corpus() else { return };
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&corpus).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let recording: Value = serde_json::from_str(&text).unwrap();
        let url = recording["request"]["url"].as_str().unwrap_or_default();
        let is_chat = recording["request"]["endpoint"] == "/v1/chat/completions";
        if is_chat && url.contains("://bedrock-") && recording["test_id"].is_string() {
            let path = entry.path().strip_prefix(&corpus).unwrap().display().to_string();
            files.push(env.write(&path, text).display().to_string());
        }
    }
    assert!(files.len() >= 20, "{}", files.len());
    let top = env!("CARGO_MANIFEST_DIR");
    let mut commands: Vec<Vec<String>> = recorders()
        .iter()
        .map(|one| vec![one.python.clone(), format!("{top}/tests/fixtures/recorder/sdk_replay.py")])
        .collect();
    if let Some(modules) = node_modules() {
        commands.push(vec!["node".into(), format!("{top}/tests/fixtures/recorder/sdk_replay.mjs"), modules]);
    }
    for command in &commands {
        let words: Vec<&str> = command.iter().chain(&files).map(String::as_str).collect();
        let run = env.run(&[&["replay-check", "--serve", "--format", "json", "--"], &words[..]].concat());
        let said = run.stderr.replace(": ", ":").replace(", ", ",");
        assert!(said.contains(&format!("{{\"compared\":{},\"wrong\":[]}}", files.len())), "{command:?}: {run:#?}");
        assert_eq!(run.exits(0).json()["isolated"], true);
    }
}

/// The AWS SDKs reach the server with their native calls, which it does not record: a clear 404 in their own form.
#[test]
fn a_native_call_is_a_clear_miss() {
    let (env, _) = shipped();
    let server = Server::start(&env, &[]);
    for operation in ["converse", "converse-stream", "invoke", "invoke-with-response-stream"] {
        let (status, head, body) = server.ask("POST", &format!("/model/a.b-1%3A0/{operation}"), &[], "{}");
        assert_eq!(status, 404, "{body}");
        assert!(head.contains("x-amzn-errortype: resourcenotfoundexception"), "{head}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["message"].as_str().unwrap().starts_with("this server answers"), "{body}");
    }
    let (receipt, code) = server.end();
    assert_eq!((code, receipt["misses"].as_array().unwrap().len()), (1, 4));
}

#[test]
fn every_kind_of_stream_is_sent_as_it_was_recorded() {
    let env = TestEnv::new();
    let lines = [
        "event: message_start",
        "data: {\"type\":\"message_start\"}",
        "",
        "event: message_stop",
        "data: {\"type\":\"message_stop\"}",
        "",
    ];
    let payload = json!({ "model": "m", "stream": true, "messages": [] });
    let without_ends: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    for (test, lines) in [("tests/t.py::lines", &lines[..]), ("tests/t.py::no_ends", &without_ends)] {
        let recording = json!({
            "test_id": test,
            "request": { "test_id": test, "url": "http://h/v1/messages", "method": "POST", "payload": payload },
            "response": { "body": lines, "is_streaming": true, "status": 200 },
            "id_normalization_mapping": {},
        });
        env.write("tests/recordings/x.json", recording.to_string());
        env.run(&["rekey", "--yes", "tests/recordings/x.json"]).exits(0);
    }
    let plain = json!({
        "test_id": "tests/t.py::plain",
        "request": { "method": "POST", "url": "http://h/v1/v1/responses", "headers": {}, "body": { "model": "m" },
            "endpoint": "/v1/responses", "model": "m" },
        "response": { "body": [{ "type": "response.created" }, { "type": "response.completed" }], "is_streaming": true },
        "id_normalization_mapping": {},
    });
    env.write("tests/recordings/x.json", plain.to_string());
    env.run(&["rekey", "--yes", "tests/recordings/x.json"]).exits(0);
    let server = Server::start(&env, &[]);
    let ask =
        |test: &str, path: &str, body: &Value| server.ask("POST", path, &[("x-test-id", test)], &body.to_string());
    for test in ["tests/t.py::lines", "tests/t.py::no_ends"] {
        let (status, _, said) = ask(test, "/v1/messages", &payload);
        assert_eq!((status, said.as_str()), (200, (lines.join("\n") + "\n").as_str()), "{test}");
    }
    let (_, _, said) = ask("tests/t.py::plain", "/openai/v1/responses", &json!({ "model": "m" }));
    assert_eq!(
        said,
        "event: response.created\ndata: {\"type\":\"response.created\"}\n\n\
         event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n"
    );
}

#[test]
fn an_error_is_the_reply_that_was_recorded() {
    let env = TestEnv::new();
    let inner = json!({ "message": "no", "type": "invalid_request_error", "param": null, "code": null });
    let cases = [
        // The message of an SDK from 3.38 on does not show what was around the body.
        ("short", "Error code: 400 - no", inner.clone(), json!({ "error": inner })),
        (
            "long",
            "Error code: 400 - {'error': {'message': 'no'}}",
            json!({ "message": "no" }),
            json!({ "error": { "message": "no" } }),
        ),
        (
            "aws",
            "Error code: 400 - {'message': 'no', 'type': 'x'}",
            json!({ "message": "no", "type": "x" }),
            json!({ "message": "no", "type": "x" }),
        ),
        ("text", "a gateway speaks", json!("a gateway speaks"), json!("a gateway speaks")),
    ];
    for (name, message, said, _) in &cases {
        let recording = json!({
            "test_id": format!("tests/t.py::{name}"),
            "request": { "method": "POST", "url": "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions",
                "headers": {}, "body": body("x"), "endpoint": "/v1/chat/completions", "model": "m" },
            "response": { "body": null, "is_streaming": false, "is_exception": true, "exception_message": message,
                "exception_data": { "category": "provider_sdk", "provider": "openai", "type": "BadRequestError",
                    "message": message, "status_code": 400, "body": said } },
            "id_normalization_mapping": {},
        });
        env.write("tests/recordings/x.json", recording.to_string());
        env.run(&["rekey", "--yes", "tests/recordings/x.json"]).exits(0);
    }
    let server = Server::start(&env, &[]);
    for (name, _, _, sent) in &cases {
        let (status, said) = server.chat(Some(&format!("tests/t.py::{name}")), &body("x"));
        assert_eq!((status, &said), (400, sent), "{name}");
    }
}

#[test]
fn a_page_of_the_web_cannot_ask() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--mode", "record", "--sandbox"]);
    let headers = |extra: &'static [(&str, &str)]| {
        server
            .ask(
                "POST",
                "/openai/v1/chat/completions",
                &[&[("x-test-id", "t.py::t")], extra].concat(),
                &body("x").to_string(),
            )
            .0
    };
    assert_eq!(headers(&[("origin", "https://evil.example")]), 403);
    assert_eq!(headers(&[("origin", "null")]), 403);
    assert_eq!(headers(&[("origin", "http://localhost:5173")]), 200);
    let raw = |host: &str| {
        let mut connection = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        let request = format!("GET /-/receipt HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        connection.read_to_string(&mut reply).unwrap();
        reply.split(' ').nth(1).unwrap().to_owned()
    };
    for (host, status) in
        [("evil.example", "403"), ("localhost.evil.example:1", "403"), ("localhost:1", "200"), ("[::1]:9", "200")]
    {
        assert_eq!(raw(host), status, "{host}");
    }
}

#[test]
fn equal_calls_at_once_are_asked_once() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "token-of-this-test-0123456789");
    let upstream = ScriptedServer::start(vec![Step { delay: 0.3, ..Step::json(200, &answer("hi")) }]);
    let server = Server::start(&env, &["--mode", "record", "--endpoint-url", &upstream.url()]);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..12).map(|_| scope.spawn(|| server.chat(Some("t.py::t"), &body("same")).0)).collect();
        assert!(calls.into_iter().all(|call| call.join().unwrap() == 200));
    });
    let (receipt, code) = server.end();
    assert_eq!((code, upstream.requests().len(), &receipt["hits"]), (0, 1, &json!(11)), "{receipt}");
}

#[test]
fn a_connection_that_stays_open_does_not_keep_the_server() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let mut open = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    open.write_all(b"POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n").unwrap();
    assert_eq!(server.ask("GET", "/-/ready", &[], "").0, 200);
    assert_eq!(server.end().1, 0);
}

#[test]
fn a_second_recording_makes_a_request_without_a_test_ambiguous() {
    let env = TestEnv::new();
    env.write("a.jsonl", case("tests/t.py::a", "hello"));
    env.run(&["record", "--sandbox", "--cases", "a.jsonl"]).exits(0);
    let server = Server::start(&env, &[]);
    assert_eq!(server.chat(None, &body("hello")).0, 200);
    env.write("b.jsonl", case("tests/t.py::b", "hello"));
    env.run(&["record", "--sandbox", "--cases", "b.jsonl"]).exits(0);
    assert_eq!(server.chat(None, &body("hello")).0, 404);
}

#[test]
fn stream_options_tell_requests_apart_where_the_recorder_hashes_them() {
    let env = TestEnv::new();
    let chunk = |said: &str| {
        json!({ "__type__": "openai.types.chat.chat_completion_chunk.ChatCompletionChunk", "__data__": {
            "id": said, "object": "chat.completion.chunk", "choices": [{ "index": 0, "finish_reason": "stop", "delta": {} }] } })
    };
    let mut plain = body("x");
    plain["stream"] = json!(true);
    let mut with = plain.clone();
    with["stream_options"] = json!({ "include_usage": true });
    for (said, body) in [("plain", &plain), ("with", &with)] {
        let recording = json!({
            "test_id": "tests/t.py::t",
            "request": { "method": "POST", "url": "https://api.openai.com/v1/v1/chat/completions", "headers": {},
                "body": body, "endpoint": "/v1/chat/completions", "model": "m" },
            "response": { "body": [chunk(said)], "is_streaming": true },
            "id_normalization_mapping": {},
        });
        env.write("tests/recordings/x.json", recording.to_string());
        env.run(&["rekey", "--yes", "tests/recordings/x.json"]).exits(0);
    }
    let server = Server::start(&env, &[]);
    for (said, body) in [("plain", &plain), ("with", &with)] {
        let (_, _, events) =
            server.ask("POST", "/v1/chat/completions", &[("x-test-id", "tests/t.py::t")], &body.to_string());
        assert!(events.contains(&format!("\"id\":\"{said}\"")), "{events}");
    }
}
