//! Servers, files and folders that mean harm: each ends within a bound of memory and time that `docs/promises.md` states.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::record::answer;
use crate::serve::{Server, body};
use crate::support::measured::{Measured, high_water, measure};
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

/// Memory that a run may have while a server sends what it likes: a reply has at most 64 MiB, and at most 4,194,304
/// values are made of it.
const MOST_FOR_A_REPLY: u64 = 512 << 20;

/// Memory that a run may have where nothing large is to be held.
const MOST_FOR_NOTHING: u64 = 100 << 20;

/// No run may take longer; none takes half of it on a slow machine.
const LONGEST: Duration = Duration::from_secs(240);

/// A server that answers each request with what a function writes, until the client is gone.
struct RawServer {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl RawServer {
    fn start(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let count = Arc::clone(&asked);
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
                std::thread::spawn(move || {
                    let mut connection = connection.unwrap();
                    let mut head = [0; 64 << 10];
                    if connection.read(&mut head).is_ok_and(|read| read > 0) {
                        count.fetch_add(1, Ordering::SeqCst);
                        // The client goes once it has enough.
                        let _ = answer(&mut connection);
                    }
                });
            }
        });
        RawServer { url, asked }
    }
}

fn head(kind: &str, encoding: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n{encoding}\r\n")
}

fn forever(connection: &mut TcpStream, piece: &[u8]) -> std::io::Result<()> {
    loop {
        connection.write_all(piece)?;
    }
}

fn stream_case() -> String {
    let mut case: Value = serde_json::from_str(&case("tests/t.py::t", "hi")).unwrap();
    case["body"]["stream"] = json!(true);
    format!("{case}\n")
}

/// Records one case from a server, and sees that nothing is stored and that one line says why.
#[track_caller]
fn refused(what: &str, case: &str, url: &str, says: &str) -> Measured {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
    env.write("cases.jsonl", case);
    let before = env.tree();
    let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", url, "--timeout", "3"];
    let run = measure(&mut env.command(&args), LONGEST);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(matches!(run.code, 1 | 2), "{what}: {}: {said:.2000}", run.code);
    assert!(said.contains(says), "{what}: {said:.2000}");
    assert!(said.len() < 4000, "{what}: {said:.4000}");
    assert_eq!(env.tree(), before, "{what}: something is stored");
    assert!(run.peak < MOST_FOR_A_REPLY, "{what}: {} MiB", run.peak >> 20);
    eprintln!("{what:40} {:4} MiB {:6.2} s", run.peak >> 20, run.cpu);
    run
}

/// Compressed zeros that may be sent again and again: a mebibyte each time.
fn zeros(header: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut encoder = flate2::write::DeflateEncoder::new(vec![], flate2::Compression::best());
    encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    encoder.flush().unwrap();
    (header.to_vec(), encoder.get_ref().clone())
}

#[test]
fn a_compressed_reply_that_never_ends_is_refused_within_the_budget() {
    let gzip_header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for (name, header) in [("gzip", &gzip_header[..]), ("deflate", &[0x78, 0xda]), ("deflate", &[])] {
        for (kind, case) in [("application/json", case("tests/t.py::t", "hi")), ("text/event-stream", stream_case())] {
            let (header, piece) = zeros(header);
            // Many of them in one packet, as a server that means harm would send it.
            let pieces = piece.repeat(64);
            let server = RawServer::start(move |connection| {
                connection.write_all(head(kind, &format!("content-encoding: {name}\r\n")).as_bytes())?;
                connection.write_all(&header)?;
                forever(connection, &pieces)
            });
            refused(&format!("{name} {kind}"), &case, &server.url, "the reply is larger than 64 MiB");
            // What may have been paid for is not asked again.
            assert_eq!(server.asked.load(Ordering::SeqCst), 1);
        }
    }
    let server = RawServer::start(|connection| {
        let twice = head("application/json", "content-encoding: gzip, gzip\r\n");
        connection.write_all(twice.as_bytes())
    });
    refused("gzip twice", &case("tests/t.py::t", "hi"), &server.url, "content encoding");
}

#[test]
fn a_reply_that_never_ends_is_refused_within_the_budget() {
    let event = b"data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"},\"finish_reason\":null}]}\n\n";
    let many_values = format!("data: {{\"choices\":[],\"x\":[{}0]}}\n\n", "0,".repeat(30_000));
    let many_lists = format!("data: {{\"choices\":[],\"x\":[{}[]]}}\n\n", "[],".repeat(20_000));
    for (name, piece) in [
        ("events", event.repeat(100)),
        ("comments", b": still here\n\n".repeat(1000)),
        ("one line", vec![b'x'; 64 << 10]),
        ("one event", b"data: {\n".repeat(1000)),
        ("numbers", many_values.into_bytes()),
        ("empty lists", many_lists.into_bytes()),
    ] {
        let server = RawServer::start(move |connection| {
            connection.write_all(head("text/event-stream", "").as_bytes())?;
            forever(connection, &piece)
        });
        refused(&format!("stream of {name}"), &stream_case(), &server.url, "the reply");
    }
    for (name, start, piece) in
        [("an endless list", "[", "0,"), ("endless nesting", "", "["), ("an endless text", "\"", "x")]
    {
        let server = RawServer::start(move |connection| {
            connection.write_all(head("application/json", "").as_bytes())?;
            connection.write_all(start.as_bytes())?;
            forever(connection, &piece.as_bytes().repeat(32 << 10))
        });
        refused(name, &case("tests/t.py::t", "hi"), &server.url, "the reply is larger than 64 MiB");
    }
}

#[test]
fn a_head_that_never_ends_is_refused() {
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    for (name, start, piece) in [
        ("headers", "HTTP/1.1 200 OK\r\n", "x-more: and more\r\n"),
        ("one header", "HTTP/1.1 200 OK\r\nx-more: ", "xxxxxxxxxxxxxxxx"),
        ("a status line", "HTTP/1.1 200 ", "xxxxxxxxxxxxxxxx"),
        ("replies to wait for", "", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("trailers", &format!("{chunked}0\r\n"), "x-more: and more\r\n"),
        ("a chunk size", &format!("{chunked}1;"), "xxxxxxxxxxxxxxxx"),
    ] {
        let start = start.to_owned();
        let server = RawServer::start(move |connection| {
            connection.write_all(start.as_bytes())?;
            forever(connection, &piece.as_bytes().repeat(1000))
        });
        let run = refused(name, &case("tests/t.py::t", "hi"), &server.url, "");
        assert!(run.stdout.contains("answer") || run.stdout.contains("reply"), "{name}: {}", run.stdout);
        assert!(server.asked.load(Ordering::SeqCst) <= 3, "{name}");
    }
}

#[test]
fn a_server_that_sends_a_byte_a_second_is_waited_for_so_long_and_no_longer() {
    let is_long = std::env::var_os("BEDROCK_FIXTURES_LONG").is_some();
    let drip = |connection: &mut TcpStream, start: String, wait: Duration| -> std::io::Result<()> {
        connection.write_all(start.as_bytes())?;
        loop {
            std::thread::sleep(wait);
            connection.write_all(b" ")?;
        }
    };
    // Slower than --timeout, in the head and in the body.
    for start in [String::new(), head("application/json", "")] {
        let says = if start.is_empty() { "no answer within 3 s" } else { "the reply stalled for 3 s" };
        let server = RawServer::start(move |connection| drip(connection, start.clone(), Duration::from_secs(10)));
        refused("a byte in ten seconds", &case("tests/t.py::t", "hi"), &server.url, says);
    }
    // A head that comes a byte a second is as good as none.
    let server = RawServer::start(move |connection| {
        drip(connection, "HTTP/1.1 200 OK\r\nx:".to_owned(), Duration::from_secs(1))
    });
    refused("a head of a byte a second", &case("tests/t.py::t", "hi"), &server.url, "no answer within 3 s");
    if !is_long {
        return;
    }
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
    env.write("cases.jsonl", case("tests/t.py::t", "hi"));
    let server =
        RawServer::start(move |connection| drip(connection, head("application/json", ""), Duration::from_secs(1)));
    let args = ["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url];
    let run = measure(&mut env.command(&args), Duration::from_secs(700));
    assert!(run.code == 1 && run.stdout.contains("the reply took more than 600 s"), "{run:?}");
}

/// Commands that look at every recording, or at the one at a path.
fn commands(path: &str) -> Vec<Vec<String>> {
    let commands: [&[&str]; 16] = [
        &["verify"],
        &["verify", "--explain", "--strict"],
        &["verify", "--fix"],
        &["verify", path],
        &["diff", "tests", "other"],
        &["diff", "--textconv", path],
        &["diff", path, path],
        &["prune"],
        &["explain", "tests"],
        &["explain", path],
        &["explain", "0123456789abcdef"],
        &["rekey"],
        &["replay-check"],
        &["record", "--plan", "tests"],
        &["record", "--plan", path],
        &["doctor"],
    ];
    commands.iter().map(|args| args.iter().map(|arg| (*arg).to_owned()).collect()).collect()
}

/// A store with a good recording, and a copy of it.
fn store() -> (TestEnv, String) {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/t.py::good", "hi"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let path = env.recording_paths().remove(0);
    env.write(&path.replace("tests/", "other/"), env.read(&path));
    (env, path)
}

#[track_caller]
fn ends_small(env: &TestEnv, what: &str, args: &[String]) -> Measured {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let run = measure(&mut env.command(&args), LONGEST);
    assert!((0..=2).contains(&run.code), "{what}: {args:?}: {run:?}");
    assert!(run.peak < MOST_FOR_NOTHING, "{what}: {args:?}: {} MiB", run.peak >> 20);
    assert!(run.stdout.len() + run.stderr.len() < 20_000, "{what}: {args:?}: {:.2000}", run.stdout);
    run
}

#[test]
fn what_is_no_recording_is_refused_without_being_read() {
    type Make = fn(&Path);
    let made: [(&str, Make); 5] = [
        ("a sparse file of 1 GB", |path| std::fs::File::create(path).unwrap().set_len(1 << 30).unwrap()),
        ("a FIFO", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
        ("a link to itself", |path| std::os::unix::fs::symlink(path, path).unwrap()),
        ("a link to endless zeros", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
        ("a socket", |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap())),
    ];
    for (what, make) in made {
        let (env, good) = store();
        let name = format!("{}.json", "a".repeat(64));
        let path = format!("tests/recordings/{name}");
        make(&env.root().join(&path));
        make(&env.root().join(format!("other/recordings/{name}")));
        for args in commands(&path) {
            // Somebody who names a FIFO or a device means what comes out of it.
            if args.last() == Some(&path) && args[0] != "verify" && what != "a sparse file of 1 GB" {
                continue;
            }
            let run = ends_small(&env, what, &args);
            if args == ["verify"] {
                assert!(run.code == 1 && run.stdout.contains(&name[..12]), "{what}: {run:?}");
            }
        }
        let server = Server::start(&env, &[]);
        assert_eq!(server.chat(Some("tests/t.py::good"), &body("hi")).0, 200, "{what}");
        let (status, _) = server.chat(Some("tests/t.py::good"), &body("other"));
        assert!(status >= 400, "{what}: {status}");
        let peak = high_water(server.child.id()).unwrap();
        assert!(peak < MOST_FOR_NOTHING, "{what}: {} MiB", peak >> 20);
        assert!(env.root().join(&good).is_file());
    }
}

#[test]
fn a_sparse_file_in_place_of_any_other_file_is_refused_without_being_read() {
    let (env, _) = store();
    std::fs::File::create(env.root().join("large")).unwrap().set_len(1 << 30).unwrap();
    let commands: [&[&str]; 9] = [
        &["record", "--plan", "--cases", "large"],
        &["replay-check", "--cases", "large"],
        &["replay-check", "--tests", "large"],
        &["replay-check", "--reads", "large"],
        &["prune", "--tests", "large"],
        &["prune", "--reads", "large"],
        &["explain", "large"],
        &["explain", "--from", "large"],
        &["verify", "--baseline", "large"],
    ];
    for args in commands {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let run = ends_small(&env, "a sparse file", &args);
        assert!(run.code == 2 && run.stderr.contains("larger than 64 MiB"), "{args:?}: {run:?}");
    }
    for name in ["bedrock-fixtures.toml", "tests/integration/suites.py", "pyproject.toml", "requirements.txt"] {
        let (env, _) = store();
        std::fs::create_dir_all(env.root().join("tests/integration")).unwrap();
        std::fs::File::create(env.root().join(name)).unwrap().set_len(1 << 30).unwrap();
        for args in [&["verify"][..], &["doctor"], &["prune"]] {
            ends_small(&env, name, &args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        }
    }
}

/// A million keys with `BEDROCK_FIXTURES_LONG=1`, which is to be run with `--release`; else a tenth of them.
#[test]
fn a_million_keys_are_read_in_bounded_memory() {
    let is_long = std::env::var_os("BEDROCK_FIXTURES_LONG").is_some();
    let count = if is_long { 1_000_000 } else { 100_000 };
    let (env, path) = store();
    let mut document: Value = serde_json::from_str(&env.read(&path)).unwrap();
    // Built as text: so many values of serde_json are slow without optimisation.
    document["request"]["body"]["metadata"] = json!("HERE");
    let keys: Vec<String> = (0..count).map(|i| format!("\"k{i}\": {i}")).collect();
    let text = serde_json::to_string_pretty(&document).unwrap();
    let text = text.replace("\"HERE\"", &format!("{{{}}}", keys.join(", ")));
    env.write(&path, &text);
    env.write(&path.replace("tests/", "other/"), text.replace("\"k7\": 7,", "\"k7\": 8,"));
    for args in
        [&["verify"][..], &["diff", "tests", "other"], &["rekey"], &["replay-check"], &["prune"], &["explain", &path]]
    {
        let run = measure(&mut env.command(args), LONGEST);
        assert!((0..=2).contains(&run.code), "{args:?}: {:.2000}{:.2000}", run.stdout, run.stderr);
        // A kibibyte a key, and what a process takes anyway.
        assert!(run.peak < (count << 10) + MOST_FOR_NOTHING, "{args:?}: {} MiB", run.peak >> 20);
        eprintln!("{count} keys, {args:?}: {} MiB {:.1} s", run.peak >> 20, run.cpu);
    }
}

#[test]
fn nothing_in_a_case_or_a_request_becomes_a_header() {
    const SMUGGLED: &str = "x\r\nx-smuggled: yes\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let body = |more: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": SMUGGLED}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        (json!({"test_id": format!("tests/t.py::{SMUGGLED}"), "body": body(json!({}))}), true),
        (json!({"test_id": "tests/t.py::a", "body": body(json!({"model": SMUGGLED}))}), true),
        (json!({"test_id": "tests/t.py::b", "body": body(json!({"extra_query": {SMUGGLED: SMUGGLED}}))}), true),
        (json!({"test_id": "tests/t.py::c", "body": body(json!({"extra_headers": {"x-a": SMUGGLED}}))}), false),
        (json!({"test_id": "tests/t.py::d", "body": body(json!({"extra_headers": {SMUGGLED: "a"}}))}), false),
        (
            json!({"test_id": "tests/t.py::e", "url": format!("https://bedrock-runtime.us-west-2.amazonaws.com/{SMUGGLED}"),
            "body": body(json!({}))}),
            false,
        ),
    ];
    for (case, is_sent) in &cases {
        let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
        env.write("cases.jsonl", format!("{case}\n"));
        let before = server.requests().len();
        let run = env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &server.url()]);
        let requests = server.requests().split_off(before);
        // The preflight asks too, once a run.
        for request in &requests {
            let (head, _) = request.split_once("\r\n\r\n").unwrap();
            assert!(!head.lines().any(|line| line.starts_with("x-smuggled") || line.starts_with("GET / ")), "{head}");
        }
        assert_eq!(run.code == 0, *is_sent, "{case}: {run:#?}");
        assert!(!run.stdout.contains('\r') && !run.stderr.contains('\r'), "{run:#?}");
    }
    let (env, _) = store();
    let server = Server::start(&env, &[]);
    let escaped = "tests%2Ft.py%3A%3Agood%0D%0Ax-smuggled%3A%20yes";
    let chat = body(json!({"model": SMUGGLED})).to_string();
    for (method, path, body) in [
        ("POST", format!("/t/{escaped}/openai/v1/chat/completions"), chat.as_str()),
        ("GET", format!("/-/receipt?test_id={escaped}"), ""),
        ("PUT", "/-/test".to_owned(), &json!({"test_id": SMUGGLED}).to_string()),
        ("POST", "/openai/v1/chat/completions".to_owned(), chat.as_str()),
    ] {
        let (_, head, _) = server.ask(method, &path, &[], body);
        assert!(!head.lines().any(|line| line.starts_with("x-smuggled")), "{path}: {head}");
    }
}

/// Fields that lead out of the tree, if they are taken as they are.
const OUTWARD: [&str; 7] = [
    "../outside/t.py::t",
    "tests/../../outside/t.py::t",
    "/tmp/outside-of-bedrock-fixtures/t.py::t",
    "..::t",
    "tests/../..::t",
    "./../outside/t.py::t",
    "tests/linked/t.py::t",
];

#[test]
fn no_field_leads_out_of_the_tree() {
    for test_id in OUTWARD {
        let env = TestEnv::new().below("tree").set("AWS_BEARER_TOKEN_BEDROCK", "bench-token-of-this-run");
        let outside = env.root().parent().unwrap().join("outside");
        std::fs::create_dir_all(outside.join("recordings")).unwrap();
        std::fs::write(outside.join("recordings/kept.json"), "kept").unwrap();
        env.write("tests/t.py", "");
        std::os::unix::fs::symlink(&outside, env.root().join("tests/linked")).unwrap();
        let is_untouched = |what: &str| {
            let names: Vec<_> = walkdir::WalkDir::new(&outside).into_iter().map(|entry| entry.unwrap()).collect();
            assert_eq!(names.len(), 3, "{test_id}: {what}: {names:?}");
            assert!(!Path::new("/tmp/outside-of-bedrock-fixtures").exists(), "{test_id}: {what}");
            assert_eq!(std::fs::read(outside.join("recordings/kept.json")).unwrap(), b"kept");
        };
        env.write("cases.jsonl", case(test_id, "hi"));
        let run = env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]);
        assert_ne!(run.code, 0, "{test_id}: {run:#?}");
        is_untouched("record");
        // A recording that says so of itself is neither moved there nor taken from there.
        env.write("good.jsonl", case("tests/t.py::t", "hi"));
        env.run(&["record", "--sandbox", "--cases", "good.jsonl"]).exits(0);
        let path = env.recording_paths().remove(0);
        env.write(&path, env.read(&path).replace("tests/t.py::t", test_id));
        env.write(
            "reads.log",
            "../outside/recordings/kept.json\n/etc/passwd\ntests/../../outside/recordings/kept.json\n",
        );
        env.write("tests.txt", format!("{test_id}\ntests/t.py::t\n2 tests collected in 0.01s\n"));
        env.write(
            "tests/integration/suites.py",
            "SUITE_DEFINITIONS = {\"s\": Suite(name=\"s\", roots=[\"../outside\"])}\n",
        );
        for args in [
            &["rekey", "--yes"][..],
            &["rekey", "--url", "https://=http://", "--yes"],
            &["verify", "--fix"],
            &["replay-check"],
            &["explain", "tests"],
            &["prune", "--yes", "--force", "--reads", "reads.log"],
            &["prune", "--yes", "--force", "--suite", "s"],
            &["prune", "--yes", "--force", "--tests", "tests.txt"],
        ] {
            let run = env.run(args);
            assert!((0..=2).contains(&run.code), "{args:?}: {run:#?}");
            is_untouched(&format!("{args:?}"));
        }
    }
    let (env, _) = store();
    let server = Server::start(&env, &["--mode", "missing", "--sandbox"]);
    for test_id in OUTWARD.iter().take(6) {
        let (status, said) = server.chat(Some(test_id), &body("new"));
        assert_eq!(status, 400, "{test_id}: {said}");
    }
}

#[test]
fn names_of_files_steer_nothing() {
    let (env, path) = store();
    let good = env.read(&path);
    for (folder, name) in [
        ("tests/recordings", "a\n::error::said by a name\n"),
        ("tests/recordings", "b\u{202e}\u{1b}[2J\u{7}"),
        ("tests/new\nline\u{2066}/recordings", "c"),
        ("tests/recordings", "-rf"),
        // A line of it would be an option of tar.
        ("--help/recordings", "d"),
        ("tests/recordings", "$(touch run)`touch run`;touch run"),
    ] {
        env.write(&format!("{folder}/{name}.json"), good.replace("\"hi\"", "\"other\""));
    }
    for format in ["text", "github", "markdown", "json"] {
        for args in commands(&path) {
            let run =
                env.run(&[&args.iter().map(String::as_str).collect::<Vec<_>>()[..], &["--format", format]].concat());
            for (what, output) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
                let hidden = |c: char| {
                    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                };
                assert!(!output.contains(hidden), "{args:?} {format} {what}: {output:?}");
                assert!(!output.lines().any(|line| line.starts_with("::error::said")), "{args:?} {format}: {output}");
            }
        }
    }
    // The command that brings back what was moved quotes what a name holds.
    let report =
        env.run(&["prune", "--yes", "--force", "--quarantine", "away $(touch run)", "--format", "json"]).json();
    let restore = report["restore"].as_str().unwrap();
    assert!(Command::new("sh").args(["-c", restore]).current_dir(env.root()).status().unwrap().success(), "{restore}");
    assert!(!env.root().join("run").exists(), "{restore}");
    for name in ["tests/recordings/-rf.json", "tests/new\nline\u{2066}/recordings/c.json", "--help/recordings/d.json"] {
        assert!(env.root().join(name).is_file(), "{name}: {restore}");
    }
}

#[test]
fn a_program_in_the_current_folder_is_no_helper() {
    for path in
        [".", "", ":/usr/bin:/bin", "/usr/bin::/bin", "/usr/bin:/bin:.", "tools:/usr/bin:/bin", "./tools:/usr/bin"]
    {
        let env = TestEnv::new().set("PATH", path);
        let (outside, marker) = (tempfile::tempdir().unwrap(), "ran");
        let marker = outside.path().join(marker);
        env.git(&["init", "-q"]);
        env.write("cases.jsonl", case("tests/t.py::good", "hi"));
        for folder in ["", "tools/", "tests/"] {
            for name in ["git", "aws", "less", "stty", "sh"] {
                let script = format!("#!/bin/sh\n/bin/echo {name} \"$@\" >> {}\nexit 1\n", marker.display());
                let file = env.write(&format!("{folder}{name}"), script);
                std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        for args in [
            &["record", "--sandbox", "--cases", "cases.jsonl"][..],
            &["diff"],
            &["diff", "--staged"],
            &["verify", "--staged"],
            &["prune"],
            &["rekey"],
            &["doctor"],
            &["init"],
            &["mint-token"],
        ] {
            let run = env.run(args);
            assert!(!marker.exists(), "PATH={path:?} {args:?} ran {}", std::fs::read_to_string(&marker).unwrap());
            assert!((0..=2).contains(&run.code), "PATH={path:?} {args:?}: {run:#?}");
            if args == ["mint-token"] && !run.stderr.contains("cannot run aws") {
                crate::support::skipped("an AWS CLI is installed here: what is said without one is not seen");
            } else if args == ["mint-token"] {
                assert!(
                    run.stderr.contains("only absolute entries of PATH are searched"),
                    "PATH={path:?}: {}",
                    run.stderr
                );
            }
            if args == ["diff"] {
                assert!(!run.stderr.contains("cannot run git"), "PATH={path:?}: {}", run.stderr);
            }
        }
    }
}
