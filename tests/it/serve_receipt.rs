//! The receipt of `serve`: what counts, the exit code, signals, and addresses that are not allowed.
#![cfg(unix)]

use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::serve::{Server, body};
use crate::support::screen::{filtered, hold};
use crate::support::{Run, TestEnv, case};

const TEST: &str = "tests/test_a.py::t";

/// A store with one recording of "hello" by [`TEST`], and a shell.
fn hello() -> (TestEnv, String) {
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    env.write("cases.jsonl", case(TEST, "hello"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.write("hello.json", body("hello").to_string());
    let path = env.recording_path();
    (env, path)
}

/// A client in Python, as curl is not everywhere: sends the file to the server and exits with what is given.
const ASK: &str = "import os, sys, urllib.request\n\
    url = os.environ['OPENAI_BASE_URL'] + '/chat/completions'\n\
    request = urllib.request.Request(url, open('hello.json', 'rb').read(), {'x-test-id': 'tests/test_a.py::t'})\n\
    try:\n    urllib.request.urlopen(request).read()\n\
    except Exception as error:\n    print(error, file=sys.stderr)\n\
    sys.exit(int(sys.argv[1]))\n";

fn served(env: &TestEnv, more: &[&str], code: &str) -> Run {
    env.write("ask.py", ASK);
    env.run(&[&["replay-check", "--serve"], more, &["--", "python3", "ask.py", code]].concat())
}

#[test]
fn isolated_is_said_of_a_passed_command_with_hits_and_no_misses() {
    let (env, path) = hello();
    hold("serve_receipt_isolated", &filtered(&env, &served(&env, &[], "0").exits(0).stdout));
    let run = served(&env, &["--format", "json"], "3").exits(3).json();
    assert_eq!((&run["isolated"], &run["hits"]), (&json!(false), &json!(1)));
    // A recording that cannot be replayed answers nothing, although the client hides the error.
    let mut recording: Value = serde_json::from_str(&env.read(&path)).unwrap();
    recording["response"]["body"] = Value::Null;
    env.write(&path, recording.to_string());
    let run = served(&env, &["--format", "json"], "0").exits(1).json();
    assert_eq!((&run["isolated"], &run["hits"], &run["command_exit"]), (&json!(false), &json!(0), &json!(0)));
    assert!(run["misses"][0]["message"].as_str().unwrap().starts_with(&path), "{run}");
    hold("serve_receipt_missed", &filtered(&env, &served(&env, &[], "0").exits(1).stdout));
}

#[test]
fn the_receipt_names_what_was_read_and_what_was_not() {
    let (env, path) = hello();
    env.write("other.jsonl", case("tests/test_b.py::t", "other"));
    env.run(&["record", "--sandbox", "--cases", "other.jsonl"]).exits(0);
    let report = served(&env, &["--format", "json"], "0").exits(0).json();
    assert_eq!((&report["read"], &report["unread"]), (&json!([path]), &json!(1)));
    let other = report["never_read"][0].as_str().unwrap();
    assert!(env.root().join(other).is_file() && other != path, "{report}");
    let run = env.run(&["replay-check", "--serve", "-v", "--", "python3", "ask.py", "0"]).exits(0);
    hold("serve_receipt_verbose", &filtered(&env, &run.stdout));
    // What is added or removed while the server runs counts.
    let server = Server::start(&env, &[]);
    assert_eq!(server.chat(Some(TEST), &body("hello")).0, 200);
    std::fs::remove_file(env.root().join(&path)).unwrap();
    assert_eq!(server.chat(Some(TEST), &body("hello")).0, 404);
    env.write("more.jsonl", case("tests/test_b.py::t", "more") + &case("tests/test_b.py::t", "still more"));
    env.run(&["record", "--sandbox", "--cases", "more.jsonl"]).exits(0);
    let (receipt, code) = server.end();
    assert_eq!((code, &receipt["unread"], &receipt["read"]), (1, &json!(3), &json!([path])), "{receipt}");
}

#[test]
fn a_signal_reaches_the_command_and_no_port_is_left() {
    let (env, _) = hello();
    let script = "trap 'exit 9' TERM; echo $AWS_ENDPOINT_URL_BEDROCK_RUNTIME > url.part; mv url.part url; \
                  while :; do sleep 0.1; done";
    let mut command = env.command(&["replay-check", "--serve", "--", "sh", "-c", script]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
    let url = env.root().join("url");
    while !url.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let address = env.read("url").trim().trim_start_matches("http://").to_owned();
    // A client that stays connected does not keep the server.
    let _open = TcpStream::connect(&address).unwrap();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(9));
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let env = TestEnv::new();
    for address in ["0.0.0.0", "::", "::ffff:0.0.0.0"] {
        env.run(&["serve", "--listen", address]).exits(2).one_error(&["wildcard"]);
    }
    env.run(&["serve", "--test-id", "../x"]).exits(2).one_error(&["--test-id", "node id"]);
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    env.run(&["serve", "--port", &port]).exits(2).one_error(&["cannot listen: "]);
}
