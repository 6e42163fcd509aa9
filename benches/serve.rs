//! How many requests a second `serve` answers from a store, beside a bare axum handler that sends the same bytes.
//!
//! `cargo bench --bench serve`. Both run in a process of their own with one thread for connections and without delay on
//! small packets; the same clients ask both in turn. At least 0.6 of the bare handler is what is aimed at. Then the memory
//! of the server after 10,000 and after 100,000 requests.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::serve::ListenerExt as _;
use serde_json::{Value, json};

const CLIENTS: usize = 16;
const REQUESTS: usize = 20_000;
const RUNS: usize = 5;

fn main() {
    if let Ok(body) = std::env::var("BARE_BODY") {
        return bare(body);
    }
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(args).current_dir(folder.path()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    };
    let chat = json!({"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "Hello!"}]});
    let case = json!({"test_id": "tests/test_a.py::t", "body": chat});
    std::fs::write(folder.path().join("cases.jsonl"), format!("{case}\n")).unwrap();
    let record = ["record", "--sandbox", "--cases", "cases.jsonl", "-q"];
    assert!(run(&record).stdout(Stdio::null()).status().unwrap().success());

    let served = Server::start(run(&["serve"]), |line| {
        let ready: Value = serde_json::from_str(line).unwrap();
        u16::try_from(ready["port"].as_u64().unwrap()).unwrap()
    });
    let request = request(&chat.to_string());
    let (_, body) = ask(&mut TcpStream::connect(("127.0.0.1", served.port)).unwrap(), &request);
    let mut bare = Command::new(std::env::current_exe().unwrap());
    bare.env("BARE_BODY", String::from_utf8(body).unwrap());
    let bare = Server::start(bare, |line| line.trim().parse().unwrap());

    // In turn, so that a machine that slows down slows both.
    let mut rates = [vec![], vec![]];
    for _ in 0..RUNS {
        for (server, rates) in [&served, &bare].into_iter().zip(&mut rates) {
            rates.push(rate(server.port, &request, REQUESTS));
        }
    }
    let [ours, theirs] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[RUNS / 2]
    });
    println!("serve {ours:.0} requests/s, bare axum handler {theirs:.0} requests/s: {:.2} of it", ours / theirs);

    let fresh = served_requests(&served, &request, 10_000);
    let later = served_requests(&served, &request, 90_000);
    println!("memory after 10,000 requests {fresh} KiB, after 100,000 more {later} KiB");
}

/// The memory of the server after so many more requests.
fn served_requests(server: &Server, request: &[u8], count: usize) -> usize {
    rate(server.port, request, count);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts a program whose first line says its port.
    fn start(mut command: Command, port: impl Fn(&str) -> u16) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server { port: port(&line), child }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn request(body: &str) -> Vec<u8> {
    let head = "POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-test-id: tests/test_a.py::t\r\ncontent-type: application/json";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Requests a second of several clients, each with one connection.
fn rate(port: u16, request: &[u8], count: usize) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
                connection.set_nodelay(true).unwrap();
                for _ in 0..count / CLIENTS {
                    assert_eq!(ask(&mut connection, request).0, 200);
                }
            });
        }
    });
    count as f64 / start.elapsed().as_secs_f64()
}

/// Status and body of one reply.
fn ask(connection: &mut TcpStream, request: &[u8]) -> (u16, Vec<u8>) {
    connection.write_all(request).unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 16 << 10]);
    loop {
        let count = connection.read(&mut buffer).unwrap();
        assert!(count > 0, "it hung up");
        bytes.extend_from_slice(&buffer[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let length: usize = length.trim().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            let status = head.split(' ').nth(1).unwrap().parse().unwrap();
            return (status, bytes[end + 4..].to_vec());
        }
    }
}

/// A handler that reads the body and sends what it was given.
fn bare(body: String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let answer =
            |State(body): State<String>, _: axum::body::Bytes| async { ([("content-type", "application/json")], body) };
        axum::serve(listener, Router::new().fallback(answer).with_state(body)).await.unwrap();
    });
}
