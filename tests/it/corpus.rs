//! Real recordings: those of the corpus when it is there, and those that are shipped.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use bedrock_fixtures::recording::json::Value;
use serde_json::json;

use crate::support::{Run, TestEnv, corpus};

fn run_in(folder: PathBuf, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    command.args(args).current_dir(folder).env_clear().stdin(Stdio::null());
    Run::of(command.output().unwrap())
}

fn shipped() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_file_is_written_again_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let entries = walkdir::WalkDir::new(corpus).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"));
    let mut count = 0;
    for file in files {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(Value::parse(&bytes).unwrap().to_file_bytes() == bytes, "{}", file.path().display());
        count += 1;
    }
    assert_eq!(count, 600);
}

#[test]
fn verify_finds_in_the_corpus_what_is_known_of_it() {
    let Some(corpus) = corpus() else { return };
    let report = run_in(corpus, &["verify", "--format", "json"]).exits(1).json();
    assert_eq!(report["checked"], 600);
    let findings = report["findings"].as_array().unwrap();
    let count = |rule: &str| findings.iter().filter(|finding| finding["rule"] == rule).count();
    assert_eq!((count("key-mismatch"), count("unknown-kind"), count("rec-id")), (83, 1, 3));
    assert_eq!((count("duplicate"), count("oversize")), (5, 1));
    assert_eq!(findings.len(), 93, "and nothing else");
}

#[test]
fn the_bedrock_recordings_of_the_corpus_replay() {
    let Some(corpus) = corpus() else { return };
    let is_bedrock = |path: &str| {
        let text = std::fs::read_to_string(corpus.join(path)).unwrap();
        let url = text.lines().find(|line| line.starts_with("    \"url\": "));
        url.is_some_and(|url| url.contains("//bedrock-"))
    };
    let entries = walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths: Vec<String> = entries
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "json"))
        .map(|entry| entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap().to_owned())
        .filter(|path| is_bedrock(path))
        .collect();
    let mut args = vec!["replay-check", "--format", "json"];
    args.extend(paths.iter().map(String::as_str));
    let report = run_in(corpus.clone(), &args).exits(0).json();
    assert_eq!(report["recorder"]["openai_sdk_source"], "recordings");
    assert_eq!(
        crate::support::without_recorder(report),
        json!({"schema": 1, "command": "replay-check", "replayed": 39, "failed": [], "missed": []})
    );
}

#[test]
fn the_shipped_recordings_are_sound() {
    let verify = run_in(shipped(), &["verify", "--format", "json", "recordings"]).exits(0).json();
    assert_eq!(verify["checked"], 13);
    let replay =
        run_in(shipped(), &["replay-check", "--format", "json", "--cases", "recordings/cases.jsonl", "recordings"]);
    assert_eq!(replay.exits(0).json()["replayed"], 26);
}

#[test]
fn the_shipped_recordings_can_be_made_again_bit_for_bit() {
    let env = TestEnv::new();
    std::fs::create_dir(env.root().join("recordings")).unwrap();
    let cases = shipped().join("recordings/cases.jsonl");
    let cases = cases.to_str().unwrap();
    env.run(&["record", "--sandbox", "--cases", cases, "--allow-status", "400"]).exits(0);
    let made = env.tree();
    assert_eq!(made.len(), 13);
    for (path, bytes) in made {
        let committed = std::fs::read(shipped().join(&path));
        assert!(committed.is_ok_and(|committed| committed == bytes), "{path} is not the committed one");
    }
    let committed = std::fs::read_dir(shipped().join("recordings")).unwrap();
    let json = committed.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "json"));
    assert_eq!(json.count(), 13, "the shipped store holds nothing else");
}

#[test]
fn the_demo_records_verifies_and_replays() {
    let env = TestEnv::new();
    let report = env.run(&["demo", "--format", "json", "--root", "demo"]).exits(0).json();
    assert_eq!(report["record"]["results"].as_array().unwrap().len(), 13);
    assert_eq!(report["verify"]["checked"], 13);
    assert_eq!(report["replay"]["replayed"], 13);
    assert_eq!(report["edit"]["verify"]["findings"][0]["rule"], "key-mismatch");
    assert!(env.tree().iter().all(|(path, _)| path.starts_with("demo/")));
    let env = TestEnv::new();
    let shown = env.run(&["demo"]).exits(0).stdout;
    for part in ["13 replayed, 0 failed", "$ sed -i ", "error key-mismatch at /request", "next, in your repository: "] {
        assert!(shown.contains(part), "{shown}");
    }
    assert_eq!(env.tree(), [], "nothing is left behind");
}
