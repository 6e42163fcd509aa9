//! Sixteen processes record, verify, re-key and prune one store at a time: nothing is lost, nothing is read half, nobody waits
//! for ever. `BEDROCK_FIXTURES_LONG=1` takes a minute, else a few rounds.
#![cfg(unix)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{TestEnv, case};

const TESTS: usize = 12;

fn cases(file: &str, tests: impl Iterator<Item = usize>) -> String {
    tests.map(|test| case(&format!("tests/{file}.py::t{test}"), &format!("question {test}"))).collect()
}

#[test]
fn sixteen_processes_share_a_store() {
    let env = TestEnv::new();
    for (name, parity) in [("even", 0), ("odd", 1)] {
        env.write(&format!("{name}.jsonl"), cases("test_a", (0..TESTS).filter(|test| test % 2 == parity)));
    }
    env.write("all.jsonl", cases("test_a", 0..TESTS) + &cases("test_b", 0..TESTS));
    env.run(&["record", "--sandbox", "--cases", "all.jsonl"]).exits(0);
    let before: Vec<_> = env.tree().into_iter().filter(|(path, _)| path.ends_with(".json")).collect();
    let (is_over, rounds) = (AtomicBool::new(false), AtomicUsize::new(0));
    let long = std::env::var_os("BEDROCK_FIXTURES_LONG").is_some();
    let (enough, until) = match long {
        true => (usize::MAX, Instant::now() + Duration::from_secs(60)),
        false => (160, Instant::now() + Duration::from_secs(600)),
    };
    let worker = |number: usize| {
        // Of no test that is re-keyed: these are always there.
        let record: &[&str] = match number % 2 {
            0 => &["record", "--sandbox", "--cases", "even.jsonl", "-q"],
            _ => &["record", "--sandbox", "--cases", "odd.jsonl", "--missing", "-q"],
        };
        let there = ["rekey", "--test-id", "tests/test_b.py=tests/test_c.py", "--yes", "--force", "-q"];
        let back = ["rekey", "--test-id", "tests/test_c.py=tests/test_b.py", "--yes", "--force", "-q"];
        while !is_over.load(Ordering::Relaxed) {
            let done = match number {
                0..6 => env.run(record).exits(0),
                6..10 => {
                    let run = env.run(&["verify", "--format", "json"]);
                    let report = run.json();
                    let planted = |finding: &&serde_json::Value| finding["path"].as_str().unwrap().contains("/000000");
                    for finding in report["findings"].as_array().unwrap().iter().filter(|one| !planted(one)) {
                        // Two rekeys on their way make two names for one request; nothing is ever torn.
                        assert_eq!(finding["rule"], "duplicate", "{finding}");
                    }
                    run
                }
                10..12 => env.run(&there),
                12..14 => env.run(&back),
                _ => {
                    let name = format!("tests/recordings/{number:064}.json");
                    // In one step, as no reader may see half of it.
                    let staged = env.write(&format!("staged-{number}"), &before[number].1);
                    std::fs::rename(staged, env.root().join(&name)).unwrap();
                    env.run(&["prune", "--yes", "--force", "-q", &name])
                }
            };
            assert!(!done.stderr.contains("panicked"), "{done:?}");
            if rounds.fetch_add(1, Ordering::Relaxed) >= enough || Instant::now() > until {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 0..16 {
            let worker = &worker;
            scope.spawn(move || worker(number));
        }
    });
    env.run(&["rekey", "--test-id", "tests/test_c.py=tests/test_b.py", "--yes", "--force"]);
    env.run(&["prune", "--yes", "--force"]);
    env.run(&["verify"]).exits(0);
    let after: Vec<_> = env.tree().into_iter().filter(|(path, _)| path.ends_with(".json")).collect();
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before), "after {} runs", rounds.load(Ordering::Relaxed));
    let left: Vec<_> =
        env.tree().into_iter().map(|(path, _)| path).filter(|path| path.contains(".bedrock-fixtures-")).collect();
    assert_eq!(left, Vec::<String>::new());
    eprintln!("{} runs of 16 processes at a time", rounds.load(Ordering::Relaxed));
}
