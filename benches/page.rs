//! `diff --format html` of 1,000 recordings that all changed, beside `verify` of one of both trees in the same run, which
//! reads and judges each file once: `cargo bench --bench page`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const RECORDINGS: usize = 1000;
const RUNS: usize = 5;

/// How long a command of the program takes.
fn took(folder: &Path, args: &[&str]) -> Duration {
    let start = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    let output = program.args(args).current_dir(folder).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Copies a tree of recordings with another word in each answer.
fn change(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the folder is there").map(Result::unwrap) {
        let (old, new) = (entry.path(), to.join(entry.file_name()));
        if old.is_dir() {
            change(&old, &new);
        } else {
            let text = std::fs::read_to_string(old).expect("a recording is text");
            std::fs::write(new, text.replace("No model was asked", "No large model was asked")).expect("it is written");
        }
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let cases = (0..RECORDINGS).fold(String::new(), |mut cases, i| {
        let body = serde_json::json!({"model": "openai.gpt-oss-20b-1:0",
            "messages": [{"role": "user", "content": format!("Question {i}. ").repeat(20)}]});
        let case = serde_json::json!({"test_id": format!("tests/test_{}.py::t[{i}]", i % 40), "body": body});
        let _ = writeln!(cases, "{case}");
        cases
    });
    std::fs::write(folder.path().join("cases.jsonl"), cases).expect("the cases are written");
    took(folder.path(), &["record", "--sandbox", "--cases", "cases.jsonl", "-q"]);
    change(&folder.path().join("tests"), &folder.path().join("before"));
    let page = ["diff", "--format", "html", "--output", "page.html", "before", "tests"];
    let (mut pages, mut checks) = (vec![], vec![]);
    for _ in 0..RUNS {
        pages.push(took(folder.path(), &page));
        checks.push(took(folder.path(), &["verify", "-q", "tests"]));
    }
    let size = std::fs::metadata(folder.path().join("page.html")).expect("the page is there").len();
    let (page, check) = (median(pages), median(checks));
    println!(
        "page of {RECORDINGS} changes: {} ms, {} KB; {:.1} x verify of one tree ({} ms)",
        page.as_millis(),
        size / 1000,
        page.as_secs_f64() / check.as_secs_f64(),
        check.as_millis()
    );
}
