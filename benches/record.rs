//! How long `record` takes for 500 requests of 50 ms each, 32 at a time, beside the ideal: 16 rounds, 0.8 s.
//!
//! `cargo bench --bench record`. Each recording is flushed to disk before it counts, so a slow disk shows; at most
//! 1.3 times the ideal is what is aimed at.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

const CASES: usize = 500;
const AT_A_TIME: usize = 32;
const EACH: Duration = Duration::from_millis(50);
const RUNS: usize = 5;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(move || serve(connection.unwrap()));
        }
    });
    let case = |i: usize| {
        let body = json!({"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "Hello!"}]});
        format!("{}\n", json!({"test_id": format!("tests/test_chat.py::test_{i}"), "body": body}))
    };
    let ideal = EACH.as_secs_f64() * CASES.div_ceil(AT_A_TIME) as f64;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let folder = tempfile::tempdir().unwrap();
            let cases = folder.path().join("cases.jsonl");
            std::fs::write(&cases, (0..CASES).map(case).collect::<String>()).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
            command.args(["record", "--quiet", "--endpoint-url", &url, "--concurrency", &AT_A_TIME.to_string()]);
            command.arg("--cases").arg(&cases).current_dir(folder.path());
            let start = Instant::now();
            assert!(command.stdout(Stdio::null()).status().unwrap().success());
            let time = start.elapsed().as_secs_f64();
            let written = std::fs::read_dir(folder.path().join("tests/recordings")).unwrap().count();
            assert_eq!(written, CASES);
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (best, median) = (times[0], times[RUNS / 2]);
    println!(
        "{CASES} requests of {} ms, {AT_A_TIME} at a time: best {best:.3} s, median {median:.3} s, ideal {ideal:.3} s",
        EACH.as_millis()
    );
    println!("best {:.2} x ideal, median {:.2} x", best / ideal, median / ideal);
}

/// Answers each request of a connection after a while.
fn serve(mut connection: TcpStream) {
    let message = json!({"role": "assistant", "content": "Hello to you."});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15});
    let answer = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "openai.gpt-oss-20b-1:0",
        "usage": usage, "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
    })
    .to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", answer.len());
    connection.set_nodelay(true).unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let Some(head_end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            match connection.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            }
            continue;
        };
        let text = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        let end = head_end + 4 + length;
        while bytes.len() < end {
            let read = connection.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..read]);
        }
        bytes.drain(..end);
        std::thread::sleep(EACH);
        if connection.write_all(format!("{head}{answer}").as_bytes()).is_err() {
            return;
        }
    }
}
