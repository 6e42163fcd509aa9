//! The library as a test written in Rust would use it.

#[path = "../../examples/replay.rs"]
mod example;

use bedrock_fixtures::{Call, Recording, Replay, Store, verify};

use std::path::{Path, PathBuf};

use crate::support::{TestEnv, case};

#[test]
fn the_example_runs() {
    example::main().unwrap();
}

#[test]
fn a_store_answers_and_is_verified_without_a_command_line() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::t", "hello"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    let store = Store::open(env.root()).unwrap();
    let file = store.walk().next().unwrap().unwrap();
    assert_eq!(verify(&store, &file), []);
    let recording = Recording::parse(&store.read(&file).unwrap()).unwrap();
    let call = Call {
        test_id: recording.test_id().map(str::to_owned),
        url: recording.url().unwrap().to_owned(),
        body: recording.body().unwrap().clone(),
    };
    let turn = Replay::new(&store).ask(&call).unwrap().unwrap();
    assert_eq!(turn.choices[&0].finish_reason.as_deref(), Some("stop"));
    let other = Call { test_id: None, ..call };
    let failure = Replay::new(&store).ask(&other).unwrap_err();
    assert!(failure.missing, "{failure}");
    env.write(&file.path, "{");
    assert_eq!(verify(&store, &file)[0].rule.to_string(), "json");
}

/// A new command whose report has no printer does not compile, in any format, and no format falls back to another one.
#[test]
fn a_made_up_command_fails_loudly_in_every_format() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(top).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if !["src", "target", ".git"].iter().any(|other| name == *other) {
            std::os::unix::fs::symlink(entry.path(), copy.path().join(name)).unwrap();
        }
    }
    for entry in walkdir::WalkDir::new(top.join("src")).into_iter().map(Result::unwrap) {
        let to = copy.path().join(entry.path().strip_prefix(top).unwrap());
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(to).unwrap(),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
    let file = copy.path().join("src/report.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    let last = "    /// Of `completions`, `man` and `help`.\n";
    assert!(text.contains(last));
    std::fs::write(&file, text.replacen(last, &format!("    /// Made up.\n    MadeUp,\n{last}"), 1)).unwrap();

    // The dependencies are built already, for this very test.
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.current_dir(copy.path()).env("CARGO_TARGET_DIR", target());
    let output = cargo.args(["build", "--lib", "--locked", "--offline", "--message-format", "short"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let is_missing = |line: &&str| line.contains("error[E0004]") && line.contains("MadeUp");
    let mut places: Vec<&str> = said.lines().filter(is_missing).filter_map(|line| line.split(':').next()).collect();
    places.dedup();
    places.sort_unstable();
    assert_eq!(places, ["src/output/json.rs", "src/output/text.rs", "src/report.rs"], "{said}");
}

/// The folder in which this test was built.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let deps = test.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "deps")).unwrap();
    deps.parent().and_then(Path::parent).unwrap().to_owned()
}
