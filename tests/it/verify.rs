use crate::support::{Run, TestEnv, case};

/// A store with a recording of each shape: whole, streamed, and of an error.
fn store() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new();
    env.write("cases.jsonl", include_str!("../../recordings/cases.jsonl"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--allow-status", "400"]).exits(0);
    env.forget_digests();
    let paths = env.tree().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".json")).collect();
    (env, paths)
}

fn rules(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        for field in ["rule", "severity", "path", "pointer", "message", "help"] {
            assert!(finding[field].is_string(), "{field} of {finding}");
        }
        assert_ne!(finding["help"], "");
    }
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

/// Plants one fault in the recording whose text contains `mark` and checks what is found.
#[track_caller]
fn plant(mark: &str, fault: impl Fn(&str) -> String, expected: &[&str]) {
    let (env, paths) = store();
    let path = paths.iter().find(|path| env.read(path).contains(mark)).expect("a recording with the mark");
    let before = env.read(path);
    let after = fault(&before);
    assert_ne!(before, after, "the fault changes the file");
    env.write(path, after);
    let run = env.run(&["verify", "--format", "json"]).exits(1);
    assert_eq!(rules(&run), expected, "{run:#?}");
}

#[test]
fn a_sound_store_has_no_findings() {
    let (env, paths) = store();
    let report = env.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(
        crate::support::without_recorder(report),
        serde_json::json!({"schema": 1, "command": "verify", "checked": paths.len(), "findings": []})
    );
    assert!(env.run(&["verify"]).exits(0).stdout.contains("13 recordings checked, nothing wrong"));
}

fn empty_stream(text: &str) -> String {
    let (before, rest) = text.split_once("    \"body\": [\n      {\n        \"__type__\"").unwrap();
    let (_, after) = rest.split_once("\n    ],\n").unwrap();
    format!("{before}    \"body\": [],\n{after}")
}

#[test]
fn every_planted_fault_is_found_by_its_rule_and_no_other() {
    let stream = "\"is_streaming\": true";
    let whole = "chat_completion.ChatCompletion\"";
    plant(whole, |_| "not json".into(), &["json"]);
    plant(whole, |_| String::new(), &["json"]);
    plant(
        whole,
        |text| {
            text.replace("\"Which", "\"\\ud83d Which")
                .replace("\"Name", "\"\\ud83d Name")
                .replace("\"Remember", "\"\\ud83d Remember")
        },
        &["lone-surrogate"],
    );
    plant(whole, |_| "[]".into(), &["schema"]);
    plant(whole, |text| text.replace("\"is_streaming\": false", "\"is_streaming\": \"no\""), &["schema"]);
    plant(
        whole,
        |text| text.replace("\"body\": {\n      \"model\"", "\"bodi\": {\n      \"model\""),
        &["unknown-kind"],
    );
    plant(whole, |text| text.replace("  ", " "), &["not-canonical"]);
    plant(whole, |text| text.trim_end().into(), &["not-canonical"]);
    plant(whole, |text| text.replace('\n', "\r\n"), &["not-canonical"]);
    plant(whole, |text| text.replace("\"role\": \"user\"", "\"role\": \"usher\""), &["key-mismatch"]);
    plant(whole, |text| text.replace("\"rec-", "\"rec-0"), &["rec-id"]);
    // An exception in the middle of a stream, as the Python recorder stores it.
    let broken = "\"is_streaming\": true,\n    \"is_exception\": true,\n    \"exception_data\": null,\n    \"exception_message\": \"x\"";
    plant(stream, |text| text.replace(stream, broken), &["truncated-stream", "transient-error"]);
    plant(stream, empty_stream, &["truncated-stream"]);
}

// Only a stream of another recorder without finish_reason is an error; ours was complete when it was recorded.
#[test]
fn a_stream_of_another_recorder_is_truncated_without_finish_reason() {
    let (env, paths) = store();
    let path = paths.iter().find(|path| env.read(path).contains("\"is_streaming\": true")).unwrap();
    let open = env.read(path).replace("\"finish_reason\": \"stop\"", "\"finish_reason\": null");
    env.write(path, &open);
    let run = env.run(&["verify", "--format", "json"]).exits(0);
    assert_eq!(run.json()["findings"][0]["severity"], "warning");
    env.run(&["verify", "--strict"]).exits(1);
    env.write(path, open.replace("\"recorder\": \"bedrock-fixtures/", "\"recorder\": \"another/"));
    assert_eq!(env.run(&["verify", "--format", "json"]).exits(1).json()["findings"][0]["severity"], "error");
}

#[test]
fn a_renamed_and_a_moved_file_are_found() {
    let (env, paths) = store();
    let path = paths.iter().find(|path| path.starts_with("tests/integration/")).unwrap();
    let moved = path.replace("/inference/", "/agents/");
    env.write(&moved, env.read(path));
    let renamed = "tests/integration/inference/recordings/".to_owned() + &"0".repeat(64) + ".json";
    std::fs::rename(env.root().join(path), env.root().join(renamed)).unwrap();
    let run = env.run(&["verify", "--format", "json"]).exits(1);
    assert_eq!(rules(&run), ["misplaced", "key-mismatch", "duplicate"]);
    // The folder that every lookup ends in is nobody's wrong place.
    let common = "tests/integration/common/recordings/".to_owned() + moved.rsplit('/').next().unwrap();
    std::fs::create_dir_all(env.root().join("tests/integration/common/recordings")).unwrap();
    std::fs::rename(env.root().join(moved), env.root().join(common)).unwrap();
    assert_eq!(rules(&env.run(&["verify", "--format", "json"])), ["key-mismatch", "duplicate"]);
}

#[test]
fn paths_narrow_what_is_checked() {
    let (env, paths) = store();
    for (path, checked) in [("tests", paths.len()), ("tests/recordings", 7), (&paths[0], 1)] {
        assert_eq!(env.run(&["verify", "--format", "json", path]).exits(0).json()["checked"], checked, "{path}");
    }
}

#[test]
fn a_store_outside_the_current_tree_brings_its_own_root() {
    let (env, _) = store();
    let elsewhere = TestEnv::new();
    elsewhere.run(&["verify", env.root().to_str().unwrap()]).exits(0);
}

#[test]
fn bad_surroundings_are_one_line_and_exit_code_2() {
    let env = TestEnv::new();
    env.run(&["verify"]).exits(2).one_error(&["no recordings", "--root"]);
    env.run(&["verify", "--root", "nowhere"]).exits(2).one_error(&["nowhere", "--root"]);
    env.run(&["verify", "nowhere"]).exits(2).one_error(&["nowhere", "check the path"]);
    env.write("file", "");
    env.run(&["verify", "--root", "file"]).exits(2).one_error(&["not a folder"]);
    let outside = TestEnv::new();
    let outside = outside.root().to_str().unwrap();
    env.run(&["verify", "--root", ".", outside]).exits(2).one_error(&["outside the root"]);
    assert_eq!(env.run(&["verify", "--nonsense"]).code, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_is_a_finding() {
    let (env, paths) = store();
    // A folder with the name of a recording can be opened by nobody, also not by root.
    std::fs::create_dir(env.root().join("tests/recordings/x.json")).unwrap();
    assert_eq!(env.run(&["verify", "--format", "json"]).exits(0).json()["checked"], paths.len());
    // Nor can a link to nothing.
    std::os::unix::fs::symlink("nowhere", env.root().join("tests/recordings/y.json")).unwrap();
    assert_eq!(rules(&env.run(&["verify", "--format", "json"]).exits(1)), ["json"]);
}

#[test]
fn escape_sequences_of_a_recording_do_not_reach_the_terminal() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::\u{1b}[31mred\u{202e}", "x"));
    let run = env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{}", run.stdout);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let (env, _) = store();
    let mut process = env.command(&["verify"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(process.stdout.take());
    assert!(process.wait().unwrap().success());
}

#[test]
fn mutated_files_are_findings_and_never_a_panic() {
    let (env, paths) = store();
    let text = env.read(&paths[0]).into_bytes();
    let mut random = fastrand::Rng::with_seed(7);
    for i in 0..300 {
        let mut bytes = text.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(0..bytes.len());
            match random.u8(0..4) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.drain(at..(at + random.usize(1..40)).min(bytes.len()))),
                2 => bytes.insert(at, *random.choice(br#""{}[],:\0-9.eE"#).unwrap()),
                _ => bytes.truncate(at.max(1)),
            }
        }
        env.write(&format!("mutated/recordings/{i}.json"), bytes);
    }
    let run = env.run(&["verify", "--format", "json", "mutated"]).exits(1);
    assert_eq!(run.json()["checked"], 300);
    assert_eq!(run.stderr, "");
    env.run(&["replay-check", "mutated"]).exits(1);
}

/// The pass over the bytes and the reader of the whole must agree on every file, or a fault is missed or invented.
#[test]
fn the_pass_and_the_reader_agree_on_mutated_files() {
    use bedrock_fixtures::recording::json::Value;
    use bedrock_fixtures::recording::scan::Reading;
    let (env, paths) = store();
    let texts: Vec<Vec<u8>> = paths.iter().map(|path| env.read(path).into_bytes()).collect();
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..10_000 {
        let mut bytes = texts[random.usize(0..texts.len())].clone();
        for _ in 0..random.usize(0..3) {
            let at = random.usize(0..bytes.len());
            match random.u8(0..5) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, *random.choice(b" \n\"{}[],:\\0-9.eE").unwrap()),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    // A member twice, somewhere further down.
                    let line = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(at, |end| at + end + 1);
                    let next = bytes[line..].iter().position(|byte| *byte == b'\n').map_or(line, |end| line + end + 1);
                    let copy = bytes[line..next].to_vec();
                    bytes.splice(line..line, copy);
                }
            }
        }
        let reading = Reading::of(&bytes, bedrock_fixtures::recording::recorder::KeyRules::ThreePaths);
        let whole = Value::parse(&bytes);
        let canonical = whole.as_ref().is_ok_and(|value| value.to_file_bytes() == bytes);
        let expected = canonical || whole.as_ref().map_or(true, |value| value.as_object().is_none());
        assert_eq!(reading.rewritten.is_none(), expected, "{}", String::from_utf8_lossy(&bytes));
        let is_json_fault = matches!(reading.facts, Err(bedrock_fixtures::recording::Flaw::Json(_)));
        assert_eq!(is_json_fault, whole.is_err());
    }
}

/// No text holds such a name, so nobody can ask for the file; the others are checked all the same.
#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_is_a_finding_and_ends_nothing() {
    use std::os::unix::ffi::OsStrExt as _;
    let env = TestEnv::new();
    env.run(&["record", "--sandbox"]).exits(0);
    let folder = env.root().join("tests/integration/inference/recordings");
    let any = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    std::fs::copy(any, folder.join(std::ffi::OsStr::from_bytes(b"\xff.json"))).unwrap();
    let report = env.run(&["verify", "--format", "json"]).exits(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!((&report["checked"], findings.len()), (&14.into(), 1), "{report}");
    assert!(findings[0]["message"].as_str().unwrap().contains("its name is not UTF-8; rename it"), "{report}");
    let before = env.tree();
    for (args, code) in [
        (&["replay-check"][..], 1),
        (&["prune"], 0),
        (&["explain", "tests"], 0),
        (&["record", "--sandbox"], 0),
        (&["verify", "--fix"], 1),
        (&["doctor"], 1),
    ] {
        assert!(!env.run(args).exits(code).stderr.contains("panicked"), "{args:?}");
    }
    assert_eq!(env.tree(), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_for_help_too() {
    for args in [&["--help"][..], &["verify", "--help"], &["--version"], &["help", "record"]] {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        assert_eq!(program.args(args).stdout(full).status().unwrap().code(), Some(2), "{args:?}");
    }
}

/// What a report in SARIF says of a file.
fn results(report: &serde_json::Value, path: &str) -> Vec<serde_json::Value> {
    let results = report["runs"][0]["results"].as_array().unwrap().iter();
    let of_file = |result: &&serde_json::Value| result["locations"][0].to_string().contains(path);
    results.filter(of_file).cloned().collect()
}

#[test]
fn one_file_has_the_findings_that_it_has_among_all() {
    let Some(corpus) = crate::support::corpus() else { return };
    let env = TestEnv::new();
    let root = corpus.to_str().unwrap();
    let verify = |paths: &[&str]| env.run(&[&["verify", "--root", root, "--format", "sarif"], paths].concat()).json();
    let all = verify(&[]);
    let files = walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths = files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    let (mut lists, mut findings) = (0, 0);
    for (place, entry) in paths.enumerate() {
        // Which recorder is in force matters for lists of models alone.
        let is_list = entry.file_name().to_str().unwrap().starts_with("models-");
        if !is_list && place % 16 != 0 {
            continue;
        }
        lists += usize::from(is_list);
        let path = entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap();
        let one = verify(&[entry.path().to_str().unwrap()]);
        assert_eq!(results(&one, path), results(&all, path), "{path}");
        findings += results(&one, path).len();
    }
    assert!(lists > 5 && findings > 5, "{lists} lists of models, {findings} findings");
}

#[cfg(target_os = "linux")]
#[test]
fn to_check_one_file_no_other_recording_is_read() {
    if std::process::Command::new("strace").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "in CI, strace must be there");
        return crate::support::skipped("strace is not installed, so what is read cannot be seen");
    }
    let env = TestEnv::new();
    let cases = (0..6).map(|i| crate::support::case(&format!("tests/t.py::t{i}"), "hi"));
    env.write("cases.jsonl", cases.collect::<String>());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let paths: Vec<String> =
        env.tree().into_iter().map(|(path, _)| path).filter(|path| path.ends_with(".json")).collect();
    let opened = |args: &[&str]| {
        let mut command = std::process::Command::new("strace");
        command.args(["-f", "-qq", "-e", "trace=open,openat", "-o", "opened", env!("CARGO_BIN_EXE_bedrock-fixtures")]);
        command.args(args).current_dir(env.root()).env_clear().env("HOME", env.root());
        assert!(command.status().unwrap().success(), "{args:?}");
        let log = env.read("opened");
        paths.iter().filter(|path| log.contains(path.as_str())).count()
    };
    assert_eq!(opened(&["verify", "-q", &paths[3]]), 1);
    // Six are not few, and a report in JSON names the recorder in force, which the recordings tell.
    assert_eq!(opened(&["verify", "-q", "tests"]), 6);
    assert_eq!(opened(&["verify", "--format", "json", &paths[3]]), 6);
}
