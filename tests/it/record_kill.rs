//! Kills at random moments: the store is sound after each, and the next run completes it.

use std::process::Stdio;
use std::time::Instant;

use serde_json::Value;

use crate::record::answer;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

const CASES: usize = 48;
const KILLS: usize = 200;

fn leftovers(env: &TestEnv) -> usize {
    env.tree().iter().filter(|(path, _)| path.contains(".bedrock-fixtures-")).count()
}

#[test]
fn two_hundred_kills_leave_a_sound_store_and_the_next_run_completes_it() {
    let env = TestEnv::new();
    env.write("cases.jsonl", (0..CASES).map(|i| case(&format!("tests/test_a.py::t{i}"), "x")).collect::<String>());
    let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
    let url = server.url();
    let args = ["record", "--cases", "cases.jsonl", "--missing", "--concurrency", "8", "--endpoint-url", &url];
    let start = Instant::now();
    env.run(&args).exits(0);
    let whole = start.elapsed();
    let sound = env.tree();
    let (mut killed, mut half_way, mut left) = (0, 0, 0);
    while killed < KILLS {
        // Whatever is there, most of it is to be recorded again.
        let there = env.recording_paths();
        for path in there.iter().skip(1).filter(|_| there.len() > CASES / 2) {
            std::fs::remove_file(env.root().join(path)).unwrap();
        }
        let before = env.recording_paths().len();
        let mut process = env.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64(fastrand::f64() * 0.7));
        process.kill().unwrap();
        killed += usize::from(!process.wait().unwrap().success());
        let after = env.recording_paths().len();
        half_way += usize::from(after > before && after < CASES);
        left += leftovers(&env);
        let report: Value = env.run(&["verify", "--format", "json"]).exits(0).json();
        assert_eq!((&report["checked"], &report["findings"]), (&after.into(), &Value::Array(vec![])));
    }
    assert!(
        half_way > 0 && left > 0,
        "{half_way} of {killed} runs were killed half-way, {left} staged files were left"
    );
    std::fs::remove_file(env.root().join(&env.recording_paths()[0])).unwrap();
    env.run(&args).exits(0);
    let names = |tree: &[(String, Vec<u8>)]| tree.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(names(&env.tree()), names(&sound), "complete, and nothing staged is left");
    assert!(env.tree() == sound, "byte for byte");
}

#[test]
fn what_a_killed_run_staged_goes_with_the_next_run_and_what_a_living_one_staged_stays() {
    let env = TestEnv::new();
    env.write("cases.jsonl", case("tests/test_a.py::t", "x"));
    let dead = env.write("tests/recordings/.bedrock-fixtures-dead.new", "half");
    let living = env.write("tests/recordings/.bedrock-fixtures-living.new", "half");
    let lock = std::fs::File::open(&living).unwrap();
    lock.lock().unwrap();
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    assert!(!dead.exists() && living.exists());
    drop(lock);
    std::fs::remove_file(env.root().join(&env.recording_paths()[0])).unwrap();
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    assert!(!living.exists());
}
