//! Where a token could get by itself: memory that is written out, lists of processes, temporary files, other hosts.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use crate::record::answer;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case, token};

/// A key as AWS takes it, of credentials that nobody has.
fn minted() -> String {
    let env =
        TestEnv::new().set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").set("AWS_SECRET_ACCESS_KEY", &"s".repeat(40));
    env.run(&["mint-token", "--output", "key"]).exits(0);
    env.read("key").trim().to_owned()
}

/// A tree with a token and a `PATH`, below a folder for what is written beside it.
fn env(token: &str) -> TestEnv {
    let env = TestEnv::new().below("root").set("AWS_BEARER_TOKEN_BEDROCK", token).set("TMPDIR", "../tmp");
    let path = format!("{}:{}", env.root().join("bin").display(), std::env::var("PATH").unwrap());
    std::fs::create_dir(env.root().join("../tmp")).unwrap();
    let env = env.set("PATH", &path).set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9");
    env.write("cases.jsonl", case("tests/t.py::t", "hi"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env
}

#[test]
fn a_process_that_dies_writes_no_memory_to_disk() {
    let env = env(&token::plain());
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "ulimit -c unlimited 2>/dev/null; exec \"$0\" serve --stdin-ends",
        env!("CARGO_BIN_EXE_bedrock-fixtures"),
    ]);
    let plain = env.command(&[]);
    command.current_dir(env.root()).env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.contains("base_url"), "{line}");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(limit.split_whitespace().nth(4), Some("0"), "{limit}");
    // What a panic ends with.
    assert!(Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(status.signal().is_some() && !status.core_dumped(), "{status:?}");
}

/// Prints the command line of every process of this machine, and a mark.
const LIST: &str = "for one in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $one; echo; done >> list 2>/dev/null";

#[test]
fn no_process_has_a_token_on_its_command_line() {
    let token = token::plain();
    let env = env(&token);
    let program = |name: &str, script: &str| {
        let path = env.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let secret = "s".repeat(40);
    let credentials =
        format!("{{\"Version\": 1, \"AccessKeyId\": \"AKIAIOSFODNN7EXAMPLE\", \"SecretAccessKey\": \"{secret}\"}}");
    program("aws", &format!("{LIST}\necho '{credentials}'"));
    program("recorder", LIST);
    for args in [
        &["record", "--", "recorder"][..],
        &["replay-check", "--", "recorder"],
        &["record", "--serve", "--sandbox", "--", "recorder"],
        &["mint-token", "--output", "key"],
        &["mint-token", "--profile", "dev"],
    ] {
        let _ = std::fs::remove_file(env.root().join("list"));
        let run = env.run(args);
        let list = env.read("list");
        assert!(list.contains(args[0]), "{args:?} is in the list: {run:?}");
        let minted = std::fs::read_to_string(env.root().join("key")).unwrap_or_else(|_| "no key".to_owned());
        for text in [&token, &secret, minted.trim(), "bedrock-api-key-"] {
            // The program that makes the credentials is this test's own, and has them in its text alone.
            assert!(!list.contains(text), "{args:?}: {text} is in {list}");
        }
    }
}

#[test]
fn what_is_written_on_the_way_is_for_its_owner_alone() {
    let env = env(&token::plain());
    let find =
        "find . ../tmp -path '*bedrock-fixtures*' \\( -type f -o -type d \\) -printf '%m %y %p\\n' > ../found; true";
    for args in [&["record", "--", "sh", "-c", find][..], &["replay-check", "--", "sh", "-c", find]] {
        env.run(args);
        let found = std::fs::read_to_string(env.root().join("../found")).unwrap();
        assert!(!found.is_empty(), "{args:?}");
        // Within a folder that only its owner can enter, the mode of a file does not matter.
        let closed: Vec<&str> = found.lines().filter_map(|line| line.strip_prefix("700 d ")).collect();
        for line in found.lines() {
            let path = line.splitn(3, ' ').nth(2).unwrap();
            let is_closed = closed.iter().any(|folder| path.starts_with(folder));
            assert!(is_closed || line.starts_with("600 f"), "{args:?}: {line} in {found}");
        }
    }
}

#[test]
fn a_proxy_learns_no_token() {
    let token = minted();
    let (proxy, direct) = (
        ScriptedServer::start(vec![Step::json(403, "{\"message\": \"no\"}")]),
        ScriptedServer::start(vec![Step::json(200, &answer("hi"))]),
    );
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &token);
    let env = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
        .into_iter()
        .fold(env, |env, name| env.set(name, &proxy.url()));
    env.write("cases.jsonl", case("tests/t.py::t", "hi"));
    // What goes to this machine goes by no proxy.
    env.run(&["record", "--cases", "cases.jsonl", "--endpoint-url", &direct.url()]).exits(0);
    assert_eq!((proxy.requests().len(), direct.requests().len()), (0, 1));
    // What goes further is only passed on by it, encrypted from here to there.
    env.run(&["record", "--cases", "cases.jsonl", "--timeout", "5"]).exits(2);
    let seen = proxy.requests();
    assert!(!seen.is_empty() && seen.iter().all(|request| request.starts_with("CONNECT ")), "{seen:?}");
    assert!(!seen.concat().contains(&token), "{seen:?}");
}

#[test]
fn hosts_that_look_like_this_machine_get_nothing() {
    let env = TestEnv::new().set("AWS_BEARER_TOKEN_BEDROCK", &minted());
    env.write("cases.jsonl", case("tests/t.py::t", "hi"));
    for host in [
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example#127.0.0.1",
        "localhost:80@evil.example",
        "0.0.0.0.evil.example",
        "[::ffff:10.0.0.1]",
        "loopback",
        "localhost%2eevil.example",
    ] {
        let url = format!("http://{host}");
        for args in [
            &["record", "--cases", "cases.jsonl", "--endpoint-url", &url][..],
            &["serve", "--mode", "missing", "--endpoint-url", &url],
            &["verify-token", "--online", "--endpoint-url", &url],
        ] {
            let run = env.run(args).exits(2);
            assert!(run.stderr.contains("http") && !run.stderr.contains("connect"), "{args:?}: {run:?}");
        }
    }
}
