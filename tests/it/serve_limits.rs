//! `serve`: slow clients, silent ones, large requests, and answers that are sent slowly on request. Times have lower bounds
//! alone.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::serve::{Server, body};
use crate::support::{TestEnv, case};

const TEST: &str = "tests/test_a.py::t";

fn one_recording(is_stream: bool) -> TestEnv {
    let env = TestEnv::new();
    let mut body = body("hello");
    if is_stream {
        body["stream"] = json!(true);
    }
    env.write("cases.jsonl", format!("{}\n", json!({ "test_id": TEST, "body": body })));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env
}

/// A connection that never sends a whole head is closed, whatever it began with, and does not keep others out.
#[test]
fn connections_that_do_not_ask_are_closed() {
    let server = Server::start(&TestEnv::new(), &[]);
    let starts = ["", "P", "PRI * HTTP/2.0\r\n", "GET /-/ready HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: "];
    let begun = Instant::now();
    let open: Vec<TcpStream> = (0..512)
        .map(|number| {
            let mut connection = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
            connection.write_all(starts[number % starts.len()].as_bytes()).unwrap();
            connection
        })
        .collect();
    // All places are taken; this one waits for one of them.
    assert_eq!(server.ask("GET", "/-/ready", &[], "").0, 200);
    for mut connection in open.into_iter().take(2 * starts.len()) {
        let mut rest = Vec::new();
        // What was sent and not read makes it a reset.
        let _ = connection.read_to_end(&mut rest);
    }
    assert!(begun.elapsed() >= Duration::from_secs(10), "a head has its time: {:?}", begun.elapsed());
    assert_eq!(server.end().1, 0);
}

#[test]
fn answers_are_sent_at_the_pace_that_was_asked_for() {
    let timed = |is_stream: bool, args: &[&str]| {
        let env = one_recording(is_stream);
        let server = Server::start(&env, args);
        let mut request = body("hello");
        if is_stream {
            request["stream"] = json!(true);
        }
        let begun = Instant::now();
        let (status, reply) = server.chat(Some(TEST), &request);
        assert_eq!(status, 200, "{reply}");
        (reply.to_string().matches("data: ").count(), begun.elapsed())
    };
    let (events, took) = timed(true, &["--pace", "150"]);
    assert!(
        events >= 3 && took >= Duration::from_millis(150) * (u32::try_from(events).unwrap() - 1),
        "{events}, {took:?}"
    );
    let (events, took) = timed(true, &["--pace", "100", "--first-byte", "700"]);
    assert!(took >= Duration::from_millis(700) + Duration::from_millis(100) * (u32::try_from(events).unwrap() - 1));
    let (_, took) = timed(false, &["--pace", "60000", "--first-byte", "400"]);
    assert!(took >= Duration::from_millis(400), "{took:?}");
}

/// The events come one by one, not all at the end.
#[test]
fn a_paced_stream_comes_in_pieces() {
    let env = one_recording(true);
    let server = Server::start(&env, &["--pace", "300"]);
    let mut request = body("hello");
    request["stream"] = json!(true);
    let request = request.to_string();
    let mut connection = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-test-id: {TEST}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        request.len()
    );
    connection.write_all(format!("{head}{request}").as_bytes()).unwrap();
    let (mut seen, mut buffer, mut pieces) = (String::new(), [0; 64 << 10], 0);
    loop {
        let count = connection.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        pieces += usize::from(seen.contains("data: "));
        seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    assert!(pieces >= 2 && seen.contains("[DONE]"), "{pieces}: {seen}");
}

#[test]
fn a_large_body_is_refused_and_the_server_goes_on() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case(TEST, "hello"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let server = Server::start(&env, &[]);
    let mut connection = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    let head = "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let piece = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    // It answers and closes before all is sent.
    let sent = (0..64).take_while(|_| connection.write_all(piece.as_bytes()).is_ok()).count();
    let mut reply = Vec::new();
    let _ = connection.read_to_end(&mut reply);
    let reply = String::from_utf8_lossy(&reply);
    assert!(sent >= 32 && (reply.is_empty() || reply.contains(" 413 ")), "{sent}: {reply}");
    assert_eq!(server.chat(Some(TEST), &body("hello")).0, 200);
}
