//! `serve` with something upstream, with faults, and under load.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::record::answer;
use crate::recorder::recorders;
use crate::serve::{Server, body, shipped};
use crate::support::server::{Piece, ScriptedServer, Step};
use crate::support::{Run, TestEnv, case};

const TEST: &str = "tests/test_a.py::t";
const TOKEN: &str = "token-of-this-test-0123456789";

fn chunk(delta: &Value, reason: &Value) -> Piece {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    Piece::Bytes(format!("data: {chunk}\n\n").into_bytes())
}

/// A stream of two words with a pause between them, which ends as it should, or breaks off after a text that looks like the
/// end.
fn slow_stream(is_whole: bool) -> Step {
    let mut pieces = vec![
        chunk(&json!({"role": "assistant", "content": "first"}), &Value::Null),
        Piece::Sleep(0.7),
        chunk(&json!({"content": if is_whole { " second" } else { " second: [DONE]" }}), &Value::Null),
    ];
    if is_whole {
        pieces.extend([chunk(&json!({}), &json!("stop")), Piece::Bytes(b"data: [DONE]\n\n".to_vec())]);
    }
    Step {
        headers: vec![("content-type".into(), "text/event-stream".into())],
        framing: "chunked".into(),
        pieces,
        end: if is_whole { "clean" } else { "reset" }.into(),
        ..Step::json(200, "")
    }
}

fn streaming(text: &str) -> Value {
    let mut body = body(text);
    body["stream"] = json!(true);
    body
}

fn with_upstream(steps: Vec<Step>, mode: &str) -> (TestEnv, ScriptedServer, Server) {
    let upstream = ScriptedServer::start(steps);
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", TOKEN);
    let server = Server::start(&env, &["--mode", mode, "--endpoint-url", &upstream.url()]);
    (env, upstream, server)
}

fn recordings(env: &TestEnv) -> Vec<(String, Vec<u8>)> {
    env.recordings()
}

/// Sends a chat and reads until a text has come.
fn open_until(server: &Server, body: &Value, until: &str) -> (TcpStream, String) {
    let mut connection = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let body = body.to_string();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-test-id: {TEST}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let (mut seen, mut buffer) = (String::new(), [0; 4096]);
    while !seen.contains(until) {
        let count = connection.read(&mut buffer).unwrap();
        assert!(count > 0, "it ended before {until:?}: {seen}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    (connection, seen)
}

fn receipt(server: &Server) -> Value {
    serde_json::from_str(&server.ask("GET", "/-/receipt", &[], "").2).unwrap()
}

#[test]
fn a_stream_is_passed_on_while_it_comes_and_kept_when_it_has_ended() {
    let (env, _upstream, server) = with_upstream(vec![slow_stream(true)], "record");
    let (mut connection, first) = open_until(&server, &streaming("count"), "first");
    assert!(!first.contains("second"), "{first}");
    assert_eq!((receipt(&server)["recorded"].clone(), recordings(&env).len()), (json!([]), 0));
    let mut rest = String::new();
    connection.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("second") && rest.contains("[DONE]") && rest.ends_with("0\r\n\r\n"), "{rest}");
    let (receipt, code) = server.end();
    assert_eq!((code, &receipt["recorded"][0]["status"]), (0, &json!("written")), "{receipt}");

    let other = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", TOKEN);
    other.write("cases.jsonl", format!("{}\n", json!({"test_id": TEST, "body": streaming("count")})));
    let again = ScriptedServer::start(vec![slow_stream(true)]);
    other.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &again.url()]).exits(0);
    assert_eq!(recordings(&env), recordings(&other), "byte for byte");
}

#[test]
fn a_stream_that_breaks_off_breaks_off_for_the_client_and_is_not_kept() {
    let (env, _upstream, server) = with_upstream(vec![slow_stream(false)], "record");
    let (mut connection, _) = open_until(&server, &streaming("count"), "first");
    let mut rest = Vec::new();
    let _ = connection.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{:?}", String::from_utf8_lossy(&rest));
    let (receipt, code) = server.end();
    assert_eq!((code, &receipt["recorded"][0]["status"]), (1, &json!("refused")), "{receipt}");
    assert_eq!(recordings(&env), []);
}

#[test]
fn a_client_that_goes_away_leaves_a_whole_recording() {
    let (env, upstream, server) = with_upstream(vec![slow_stream(true)], "missing");
    drop(open_until(&server, &streaming("count"), "first"));
    // The same call waits for the one that is being asked, and is then answered from the store.
    let (status, whole) = server.chat(Some(TEST), &streaming("count"));
    assert_eq!((status, whole.as_str().unwrap().contains("second")), (200, true), "{whole}");
    assert_eq!((upstream.requests().len(), recordings(&env).len()), (1, 1));
    assert_eq!(server.end().1, 0);
}

#[test]
fn live_asks_each_time_and_stores_nothing() {
    let refusal = r#"{"message":"You don't have access to the model."}"#;
    let steps = vec![Step::json(200, &answer("one")), slow_stream(true), Step::json(403, refusal)];
    let (env, upstream, server) = with_upstream(steps, "live");
    let (status, reply) = server.chat(Some(TEST), &body("hello"));
    assert_eq!((status, &reply["choices"][0]["message"]["content"]), (200, &json!("one")));
    let (_, stream) = server.chat(Some(TEST), &streaming("hello"));
    assert!(stream.as_str().unwrap().contains("second"), "{stream}");
    let (status, reply) = server.chat(Some(TEST), &body("hello"));
    assert_eq!((status, reply.to_string().as_str()), (403, refusal), "an error comes as it is");
    let (receipt, code) = server.end();
    assert_eq!(
        (code, &receipt["live"], &receipt["recorded"], upstream.requests().len()),
        (0, &json!(3), &json!([]), 3)
    );
    assert_eq!(recordings(&env), []);
}

/// The answer would be paid for and could not be stored.
#[cfg(unix)]
#[test]
fn what_could_not_be_stored_is_not_asked() {
    let (env, upstream, server) = with_upstream(vec![Step::json(200, &answer("one"))], "record");
    assert_eq!(server.chat(Some(TEST), &body("hello")).0, 200);
    assert_eq!(server.end().1, 0);
    let server = Server::start(&env, &["--mode", "record", "--endpoint-url", &upstream.url()]);
    let path = recordings(&env).remove(0).0;
    std::fs::rename(env.root().join(&path), env.root().join("elsewhere.json")).unwrap();
    std::os::unix::fs::symlink(env.root().join("elsewhere.json"), env.root().join(&path)).unwrap();
    let (status, reply) = server.chat(Some(TEST), &body("hello"));
    assert_eq!((status, upstream.requests().len()), (502, 1), "{reply}");
    let (receipt, code) = server.end();
    let refused = &receipt["recorded"][0];
    assert_eq!((code, &refused["status"], &refused["path"]), (1, &json!("refused"), &json!(path)), "{receipt:#}");
    assert!(refused["reason"].as_str().unwrap().contains("a link is not replaced"), "{refused}");
}

/// Clients send any token; that of the server is not theirs to see.
#[test]
fn an_error_that_repeats_the_token_reaches_no_client() {
    let refusal = format!(r#"{{"message":"not a token: {TOKEN}"}}"#);
    for mode in ["live", "missing"] {
        let (_env, _upstream, server) = with_upstream(vec![Step::json(403, &refusal)], mode);
        let (status, reply) = server.chat(Some(TEST), &body("hello"));
        assert!(status >= 400 && !reply.to_string().contains(TOKEN), "{mode}: {status} {reply}");
        assert!(!server.end().0.to_string().contains(TOKEN));
    }
}

#[test]
fn faults_come_in_order_and_by_test_and_the_sdks_retry() {
    let (env, _) = shipped();
    let faults = ["--fault", "throttle,ok,cut", "--fault", "tests/other.py::t=unavailable"];
    let server = Server::start(&env, &faults);
    let shipped = recordings(&env);
    let recording = |stream: bool| {
        let is_asked = |recording: &Value| recording["request"]["body"]["stream"].as_bool().unwrap_or(false) == stream;
        let mut all = shipped.iter().map(|(_, bytes)| serde_json::from_slice::<Value>(bytes).unwrap());
        all.find(|one| is_asked(one) && one["response"]["body"].is_object() != stream).unwrap()
    };
    let (plain, stream) = (recording(false), recording(true));
    let ask = |of: &Value| {
        let id = of["test_id"].as_str().unwrap();
        server.ask("POST", "/openai/v1/chat/completions", &[("x-test-id", id)], &of["request"]["body"].to_string())
    };
    assert_eq!(ask(&plain).0, 429);
    assert_eq!(ask(&plain).0, 200);
    let cut = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ask(&stream)));
    assert!(cut.is_err() || !cut.unwrap().2.contains("[DONE]"), "half of a stream");
    assert!(ask(&stream).2.contains("[DONE]"));
    assert_eq!(server.chat(Some("tests/other.py::t"), &body("x")).0, 503);
    assert_eq!(server.chat(Some("tests/other.py::t"), &body("x")).0, 404);
    assert_eq!(server.end().1, 1);

    let script = "import openai, sys\nclient = openai.OpenAI()\n\
                  reply = client.chat.completions.create(model='openai.gpt-oss-20b-1:0', messages=[{'role': 'user', 'content': 'Hi'}])\n\
                  assert reply.choices[0].message.content\n";
    for recorder in recorders() {
        let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
        env.write("cases.jsonl", case(TEST, "Hi"));
        env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
        let server = Server::start(&env, &["--fault", "throttle,unavailable", "--test-id", TEST]);
        let mut command = std::process::Command::new(&recorder.python);
        command.args(["-c", script]).env_clear().env("OPENAI_API_KEY", "x");
        command.env("OPENAI_BASE_URL", format!("http://127.0.0.1:{}/openai/v1", server.port));
        Run::of(command.output().unwrap()).exits(0);
        assert_eq!(server.end().1, 0);
    }
    let unknown = env.run(&["serve", "--fault", "explode"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("throttle"), "{unknown:?}");
}

#[test]
fn idle_connections_and_large_heads_do_no_harm() {
    let (env, _) = shipped();
    let server = Server::start(&env, &[]);
    let idle: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut open = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
            open.write_all(b"POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 1").unwrap();
            open
        })
        .collect();
    assert_eq!(server.ask("GET", "/-/ready", &[], "").0, 200);
    drop(idle);
    let mut open = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let large = format!("GET /-/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nx-large: {}\r\n\r\n", "x".repeat(200 << 10));
    // It may close before all is sent.
    let _ = open.write_all(large.as_bytes());
    let mut reply = Vec::new();
    let _ = open.read_to_end(&mut reply);
    let reply = String::from_utf8_lossy(&reply).into_owned();
    assert!(reply.is_empty() || reply.contains(" 431 ") || reply.contains(" 400 "), "{reply}");
    assert_eq!(server.ask("GET", "/-/ready", &[], "").0, 200);
}

#[test]
fn sixty_four_clients_of_eight_tests_get_no_wrong_answer() {
    const TESTS: usize = 8;
    let id = |test: usize| format!("tests/test_a.py::t{test}");
    let steps = (0..TESTS).map(|test| Step::json(200, &answer(&format!("answer of {test}")))).collect();
    let upstream = ScriptedServer::start(steps);
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", TOKEN);
    env.write("cases.jsonl", (0..TESTS).map(|test| case(&id(test), "the same question")).collect::<String>());
    let args = ["record", "--cases", "cases.jsonl", "--concurrency", "1", "--endpoint-url", &upstream.url()];
    env.run(&args).exits(0);
    let server = Server::start(&env, &[]);
    std::thread::scope(|scope| {
        for client in 0..64 {
            let (server, test) = (&server, client % TESTS);
            scope.spawn(move || {
                for _ in 0..10 {
                    let (status, reply) = server.chat(Some(&id(test)), &body("the same question"));
                    let text = reply["choices"][0]["message"]["content"].as_str();
                    assert_eq!((status, text), (200, Some(format!("answer of {test}").as_str())), "{reply}");
                }
            });
        }
    });
    let (receipt, code) = server.end();
    assert_eq!((code, &receipt["hits"], &receipt["repeats"]), (0, &json!(640), &json!(632)));
}

/// Requests that differ in their query alone are two requests: for what is answered, for what is asked upstream, and for what
/// is kept.
#[test]
fn the_query_is_part_of_a_request() {
    let steps = ["plain", "one", "two"].map(|text| Step::json(200, &answer(text))).to_vec();
    let (env, upstream, server) = with_upstream(steps, "record");
    let ask = |server: &Server, query: &str| {
        let path = format!("/openai/v1/chat/completions{query}");
        let (status, _, reply) = server.ask("POST", &path, &[("x-test-id", TEST)], &body("hello").to_string());
        let reply: Value = serde_json::from_str(&reply).unwrap();
        (status, reply["choices"][0]["message"]["content"].as_str().unwrap_or("").to_owned())
    };
    let queries = [("", "plain"), ("?a=1", "one"), ("?a=2&b=x%20y", "two")];
    for (query, text) in queries {
        assert_eq!(ask(&server, query), (200, text.to_owned()), "{query}");
    }
    assert_eq!(ask(&server, "?l[]=1&l[]=2").0, 400);
    assert_eq!(server.end().1, 0);
    assert!(
        upstream.requests()[2].starts_with("POST ") && upstream.requests()[2].contains("?a=2&b=x"),
        "{:?}",
        upstream.requests()
    );
    let server = Server::start(&env, &[]);
    for _ in 0..2 {
        for (query, text) in queries {
            assert_eq!(ask(&server, query), (200, text.to_owned()), "{query}");
        }
    }
    assert_eq!(ask(&server, "?a=3").0, 404);
    assert_eq!(ask(&server, "?b=x+y&a=2"), (200, "two".to_owned()), "the order does not count");
    server.end();
}
