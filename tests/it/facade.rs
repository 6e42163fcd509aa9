//! The library as a test written in Rust would use it.

#[path = "../../examples/replay.rs"]
mod example;

use bedrock_fixtures::{Call, Recording, Replay, Store, verify};

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
