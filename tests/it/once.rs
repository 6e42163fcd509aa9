//! How often a command opens a recording, counted by strace. What a child such as git opens is not counted: it opens files
//! without the flag by which this tool waits for no pipe.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::support::{TestEnv, skipped};

/// The lines of strace about one call; nothing where calls of the system cannot be traced.
fn traced(env: &TestEnv, call: &str, args: &[&str]) -> Option<String> {
    // Outside the store, and not where another test writes its own.
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("strace.log");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", &format!("trace={call}"), "-o"]).arg(&log);
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(args);
    let plain = env.command(&[]);
    command.current_dir(env.root()).env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    match command.output() {
        Ok(output) if output.status.code().is_some_and(|code| code < 2) => {}
        other => {
            assert!(std::env::var_os("CI").is_none(), "{other:?}");
            skipped(&format!("no system calls can be traced here: {other:?}"));
            return None;
        }
    }
    Some(std::fs::read_to_string(log).unwrap())
}

/// How often each recording is opened for reading.
fn opened(env: &TestEnv, args: &[&str]) -> Option<BTreeMap<String, usize>> {
    let log = traced(env, "openat", args)?;
    let mut counts = BTreeMap::new();
    for line in log.lines().filter(|line| line.contains("O_RDONLY|O_NONBLOCK")) {
        let path = line.split('"').nth(1).unwrap();
        if path.contains("/recordings/") && path.ends_with(".json") && !line.contains("ENOENT") {
            *counts.entry(path.to_owned()).or_default() += 1;
        }
    }
    Some(counts)
}

#[test]
fn a_recording_is_opened_no_more_often_than_it_must_be() {
    let env = TestEnv::new();
    let case = |test: &str| {
        let body = r#"{"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "one"}]}"#;
        format!("{{\"test_id\": \"tests/{test}\", \"body\": {body}}}\n")
    };
    env.write("cases.jsonl", case("a.py::a") + &case("a.py::b") + &case("b/c.py::c"));
    env.write("bedrock-fixtures.toml", "ogx = \"1.5.0\"\nopenai-sdk = \"3.57.0\"\n");
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    for (args, most) in [
        (&["verify"][..], 1),
        (&["verify", "--fix"], 1),
        (&["doctor"], 1),
        // To compare it with the answer, to see that it may be replaced, and once more under the lock.
        (&["record", "--sandbox", "--cases", "cases.jsonl"], 3),
    ] {
        let Some(counts) = opened(&env, args) else { return };
        assert_eq!(counts.len(), 3, "{args:?} {counts:?}");
        assert!(counts.values().all(|count| *count <= most), "{args:?} {counts:?}");
    }
}

#[test]
fn git_is_started_no_more_often_for_many_rejected_recordings_than_for_one() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    let case = |number: usize| crate::support::case("tests/a.py::a", &number.to_string());
    env.write("cases.jsonl", (0..12).map(case).collect::<String>());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.git(&["init", "-q"]);
    env.commit();
    let recordings: Vec<String> = env.recording_paths();
    assert_eq!(recordings.len(), 12);
    let starts = |count: usize| {
        let change =
            |path: &String| drop(env.write(path, env.read(path).replace("No model was asked", "A model was asked")));
        recordings[..count].iter().for_each(change);
        assert_eq!(env.git(&["status", "--porcelain", "tests"]).lines().count(), count);
        let log = traced(&env, "execve", &["reject", "--yes"])?;
        assert_eq!(env.git(&["status", "--porcelain", "tests"]), "");
        // The result may be on a later line, so what shows whether a program was started is whether it is there.
        let programs = log.lines().filter_map(|line| line.split_once("execve(\"")?.1.split_once("\", ["));
        Some(
            programs.filter(|(program, _)| program.ends_with("/git") && std::path::Path::new(program).exists()).count(),
        )
    };
    let (Some(one), Some(all)) = (starts(1), starts(12)) else { return };
    assert!(one > 0 && all == one, "{all} for twelve, {one} for one");
}
