//! A store thirty times as large takes thirty times as much and no more: memory and processor time a recording.
//!
//! `cargo bench --bench scale`, or `BEDROCK_FIXTURES_LONG=1 cargo test --release --test it -- scale --nocapture`, compares
//! 3,000 recordings with 100,000 of 30 KB; it needs 8 GB of disk and some minutes. Else 300 small ones are compared with 3,000.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::Duration;

use bedrock_fixtures::KeyRules;
use bedrock_fixtures::recording::Recording;
use bedrock_fixtures::recording::name::file_name;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::support::TestEnv;
use crate::support::measured::{Measured, measure};

const URL: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";

/// Far more than a run takes on a slow machine.
const MOST: Duration = Duration::from_secs(3600);

/// How many recordings a folder has, and so how many folders there are.
const IN_A_FOLDER: usize = 500;

/// The tree before and the one after everything was recorded again.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
}

fn test_id(i: usize) -> String {
    format!("tests/integration/part{}/test_chat.py::test_chat[{i}]", i / IN_A_FOLDER)
}

/// A streamed answer of so many pieces of about 450 bytes. After, each one differs in noise, one in ten in its words, and
/// one in fifty in what was asked.
fn recording(i: usize, side: Side, pieces: usize) -> Vec<u8> {
    let is_after = side == Side::After;
    let asks = if is_after && i % 50 == 25 { "Say in other words" } else { "Say" };
    let says = if is_after && i.is_multiple_of(10) { "other" } else { "same" };
    let piece = |n: usize| {
        let content = format!("{says} word {n} of {i}, ");
        let finish = if n + 1 == pieces { json!("stop") } else { Value::Null };
        let usage = json!({"completion_tokens": pieces + usize::from(is_after), "prompt_tokens": 9, "total_tokens": 9});
        json!({"__type__": "openai.types.chat.chat_completion_chunk.ChatCompletionChunk", "__data__": {
            "id": "rec-000000000000", "choices": [{"delta": {"content": content, "function_call": null, "refusal": null,
            "role": "assistant", "tool_calls": null}, "finish_reason": finish, "index": 0, "logprobs": null}],
            "created": 0, "model": "m", "object": "chat.completion.chunk", "service_tier": null, "system_fingerprint": null,
            "usage": if n + 1 == pieces { usage } else { Value::Null }}})
    };
    let body = json!({"model": "m", "stream": true, "messages": [
        {"role": "system", "content": format!("You help with matter {}. ", i % 97).repeat(pieces)},
        {"role": "user", "content": format!("{asks} something of number {i}.")}]});
    let document = json!({"test_id": test_id(i),
        "request": {"method": "POST", "url": URL, "headers": {}, "body": body, "endpoint": "/v1/chat/completions", "model": "m"},
        "response": {"body": (0..pieces).map(piece).collect::<Vec<_>>(), "is_streaming": true},
        "id_normalization_mapping": {}});
    serde_json::to_vec(&document).unwrap()
}

/// Writes both trees; gives the bytes of the first.
fn make(root: &Path, count: usize, pieces: usize) -> u64 {
    for folder in 0..count.div_ceil(IN_A_FOLDER) {
        for side in ["before", "after"] {
            let folder = root.join(format!("{side}/tests/integration/part{folder}/recordings"));
            std::fs::create_dir_all(folder).unwrap();
        }
    }
    let write = |i: usize, side: Side, name: &str| {
        let recording = Recording::parse(&recording(i, side, pieces)).unwrap();
        let file = file_name(&recording, KeyRules::NEWEST);
        let bytes = recording.tidied(file.trim_end_matches(".json")).to_bytes();
        let path = format!("tests/integration/part{}/recordings/{file}", i / IN_A_FOLDER);
        std::fs::write(root.join(name).join(&path), &bytes).unwrap();
        (bytes.len() as u64, path)
    };
    let of = |i| {
        write(i, Side::After, "after");
        write(i, Side::Before, "before")
    };
    let written: Vec<(u64, String)> = (0..count).into_par_iter().map(of).collect();
    let ids: String = (0..count).map(|i| format!("{}\n", test_id(i))).collect();
    std::fs::write(root.join("tests.txt"), format!("{ids}\n{count} tests collected in 1.00s\n")).unwrap();
    let read = written.iter().enumerate().filter(|(i, _)| i % 100 != 0);
    std::fs::write(root.join("reads.log"), read.map(|(_, (_, path))| format!("{path}\n")).collect::<String>()).unwrap();
    let missed = json!({"test_id": test_id(7), "body": {"model": "m", "stream": true, "messages": [
        {"role": "user", "content": "Say nothing."}]}});
    std::fs::write(root.join("request.json"), missed.to_string()).unwrap();
    written.iter().map(|(size, _)| size).sum()
}

/// Each command with the exit code that it has.
const COMMANDS: [(&str, i32, &[&str]); 6] = [
    ("verify", 0, &["verify", "--root", "before", "--quiet"]),
    ("diff", 0, &["diff", "before", "after", "--stat"]),
    ("prune", 0, &["prune", "--root", "before", "--tests", "tests.txt", "--reads", "reads.log"]),
    ("explain, a miss", 1, &["explain", "--root", "before", "request.json"]),
    ("explain, a list", 0, &["explain", "--root", "before", "before"]),
    ("replay-check", 0, &["replay-check", "--root", "before"]),
];

#[test]
fn a_large_store_takes_no_more_a_recording_than_a_small_one() {
    if std::env::var_os("BEDROCK_FIXTURES_LONG").is_some() { compare(LARGE, 50) } else { compare([300, 3_000], 2) }
}

/// The sizes of the long form.
pub(crate) const LARGE: [usize; 2] = [3_000, 100_000];

/// Runs every command on stores of two sizes, whose recordings have so many pieces, and compares what it takes.
pub(crate) fn compare([small, large]: [usize; 2], pieces: usize) {
    let runs: Vec<(usize, u64, Vec<Measured>)> = [small, large]
        .into_iter()
        .map(|count| {
            // It goes with its folder, also when an assertion fails.
            let env = TestEnv::new();
            let bytes = make(env.root(), count, pieces);
            let run = |(name, code, args): (&str, i32, &[&str])| {
                let measured = measure(&mut env.command(args), MOST);
                let said: Vec<&str> = measured.stderr.lines().chain(measured.stdout.lines()).take(9).collect();
                assert_eq!(measured.code, code, "{name} of {count}: {said:?}");
                measured
            };
            (count, bytes, COMMANDS.into_iter().map(run).collect())
        })
        .collect();
    let [(few, few_bytes, few_runs), (many, many_bytes, many_runs)] = &runs[..] else { unreachable!() };
    eprintln!(
        "{few} recordings of {} MB beside {many} of {} MB: KiB and processor µs a recording",
        few_bytes >> 20,
        many_bytes >> 20
    );
    for (((name, ..), few_run), many_run) in COMMANDS.iter().zip(few_runs).zip(many_runs) {
        let memory = [(few, few_run), (many, many_run)].map(|(count, run)| run.peak as f64 / 1024.0 / *count as f64);
        let cpu = [(few, few_run), (many, many_run)].map(|(count, run)| run.cpu * 1e6 / *count as f64);
        // What each further recording takes, without what a process takes anyway.
        let further = (many_run.peak.saturating_sub(few_run.peak)) as f64 / 1024.0 / (many - few) as f64;
        eprintln!(
            "{name:16} {:8.2} {:8.2} KiB  {further:8.2} KiB each further  peak {:6} MiB   {:8.1} {:8.1} µs  ({:.2} times)",
            memory[0],
            memory[1],
            many_run.peak >> 20,
            cpu[0],
            cpu[1],
            cpu[1] / cpu[0]
        );
        assert!(memory[1] <= memory[0] * 1.1, "{name}: {memory:?} KiB a recording");
    }
}
