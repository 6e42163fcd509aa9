//! Other systems: lines that end with CRLF, names that differ in case only, backslashes, open files.

use crate::support::{TestEnv, case};

#[test]
fn a_checkout_with_crlf_is_one_finding_that_says_what_to_do() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::test_a", "Hello!").replace('\n', "\r\n"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let path = env.recording_paths().remove(0);
    let whole = env.read(&path);
    env.write(&path, whole.replace('\n', "\r\n"));
    let json = env.run(&["verify", "--format", "json"]).exits(1).json();
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{json:#}");
    let message = findings[0]["message"].as_str().unwrap();
    for part in ["CRLF", ".gitattributes", "-text", "init"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    // It is an answer all the same.
    env.run(&["replay-check"]).exits(0);
    env.run(&["verify", "--fix"]).exits(0);
    assert_eq!(env.read(&path), whole);
}

#[test]
fn the_attribute_of_init_keeps_git_from_changing_lines() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    env.git(&["init", "-q"]);
    env.write("cases.jsonl", case("tests/test_a.py::test_a", "Hello!"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let clone = |env: &TestEnv, name: &str| {
        env.git(&["-c", "core.autocrlf=true", "clone", "-q", ".", name]);
        env.run(&["verify", "--root", name])
    };
    env.git(&["add", "-A", "tests"]);
    env.git(&["commit", "-qm", "x"]);
    assert!(clone(&env, "without").exits(1).stdout.contains("CRLF"));
    env.run(&["init", "--yes", "--only", "attributes"]).exits(0);
    env.git(&["add", ".gitattributes"]);
    env.git(&["commit", "-qm", "y"]);
    clone(&env, "with").exits(0);
}

#[test]
fn names_of_recordings_fit_every_file_system() {
    let env = TestEnv::new();
    // What Windows forbids in names stands in the test's own part, which is in no path.
    let forbidden = "tests/test_a.py::test_a[model=bedrock/x:0-<|>?*\"\\ aux ]";
    // These differ in case only: two keys, and so two names that no file system takes for one.
    let lines = [forbidden, "tests/test_a.py::test_b", "tests/test_a.py::TEST_B"].map(|id| case(id, "Hello!"));
    env.write("cases.jsonl", lines.concat());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let names: Vec<String> = env.recording_paths();
    assert_eq!(names.len(), 3);
    for name in &names {
        let file = name.strip_prefix("tests/recordings/").unwrap_or_else(|| panic!("{name}"));
        assert!(
            file.len() == 69 && file[..64].bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        );
    }
    env.run(&["verify"]).exits(0);
    env.run(&["replay-check", "--cases", "cases.jsonl"]).exits(0);
}

/// Two folders that differ only in case are one folder on some systems. There both recordings are in it, and both are
/// found, because their file names differ.
#[test]
fn folders_that_differ_in_case_only_do_not_mix_up_answers() {
    let env = TestEnv::new();
    env.write("cases.jsonl", [case("tests/a.py::t", "Hello!"), case("Tests/a.py::t", "Hello!")].concat());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    // As a file system without case would show it.
    let moved: Vec<(String, Vec<u8>)> = env.tree().into_iter().filter(|(path, _)| path.starts_with("Tests/")).collect();
    assert!(moved.len() <= 1);
    for (path, bytes) in moved {
        env.write(&path.replacen("Tests/", "tests/", 1), bytes);
    }
    let names: std::collections::BTreeSet<String> = env
        .tree()
        .into_iter()
        .filter_map(|(path, _)| path.strip_prefix("tests/recordings/").map(str::to_owned))
        .collect();
    assert_eq!(names.len(), 2, "no one has replaced the other");
}

#[test]
fn paths_in_reports_have_slashes_on_every_system() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/deep/test_a.py::test_a", "Hello!"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let folder = ["tests", "deep", "recordings"].join(std::path::MAIN_SEPARATOR_STR);
    let json = env.run(&["diff", &folder, &folder, "--format", "json", "--all"]).exits(0).json();
    assert!(!json.to_string().contains("\\\\"), "{json}");
    env.run(&["verify", &folder]).exits(0);
}

/// A reader that has a recording open keeps what it has while the file is replaced. On Windows it holds up the writer.
#[cfg(unix)]
#[test]
fn a_file_that_is_open_is_replaced_whole() {
    use std::io::Read as _;
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::test_a", "Hello!"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let path = env.recording_paths().remove(0);
    let whole = env.read(&path);
    env.write(&path, whole.replace('\n', "\r\n"));
    let mut open = std::fs::File::open(env.root().join(&path)).unwrap();
    env.run(&["verify", "--fix"]).exits(0);
    let mut seen = String::new();
    open.read_to_string(&mut seen).unwrap();
    assert!(seen == whole.replace('\n', "\r\n") && env.read(&path) == whole);
}
