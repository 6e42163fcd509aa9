//! The pytest plugin: any Python project records and replays with one flag. Real pytest, real SDKs, real workers.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::recorder::{Recorder, recorders};
use crate::support::{Run, TestEnv};

const TESTS: &str = r#"
import openai
import pytest

# Made when the first test needs it, as many projects do.
client = None


def ask(text, **more):
    global client
    client = client or openai.OpenAI(max_retries=0)
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model="openai.gpt-oss-20b-1:0", messages=messages, **more)


@pytest.mark.parametrize("name", ["Ada", "Grace é", "a/b [c]"])
def test_greeting(name):
    assert ask(f"Greet {name}.").choices[0].message.content


def test_stream():
    chunks = list(ask("Count to three.", stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.total_tokens > 0
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_that_swallows_errors():
    try:
        ask("Say nothing.")
    except openai.OpenAIError:
        pass
"#;

/// The last line of a run of pytest, without its time: "5 passed".
fn sum(run: &Run) -> &str {
    run.stdout.lines().last().unwrap().split(" in ").next().unwrap()
}

fn pytest(env: &TestEnv, recorder: &Recorder, args: &[&str]) -> Run {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures")).parent().unwrap();
    let mut command = Command::new(&recorder.python);
    command.args(["-m", "pytest", "-p", "no:cacheprovider", "-p", "bedrock_fixtures.pytest_plugin", "-q"]).args(args);
    command.current_dir(env.root()).env_clear().env("HOME", env.root());
    command.env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()));
    command.env("PYTHONPATH", top.join("python")).env("PYTHONDONTWRITEBYTECODE", "1");
    // What a replay must not believe.
    command
        .env("AWS_BEARER_TOKEN_BEDROCK", "x")
        .env("HTTPS_PROXY", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9");
    Run::of(command.output().unwrap())
}

#[test]
fn a_project_without_ogx_records_replays_and_is_told_why_a_test_fails() {
    for recorder in recorders() {
        let env = TestEnv::new();
        env.write("tests/test_talk.py", TESTS);
        let sandbox = ["--bedrock-fixtures=record", "--bedrock-fixtures-args=--sandbox"];
        assert_eq!(sum(&pytest(&env, &recorder, &sandbox).exits(0)), "5 passed");
        let recorded = env.recordings();
        assert_eq!(recorded.len(), 5);

        // Without a network, alone and with workers, with what prune needs.
        let replay = ["--bedrock-fixtures=replay", "--bedrock-fixtures-log", "reads.log"];
        for workers in [&[][..], &["-n", "2"]] {
            let run = pytest(&env, &recorder, &[&replay[..], workers].concat()).exits(0);
            assert_eq!(sum(&run), "5 passed", "{run:?}");
        }
        let log = env.read("reads.log");
        assert_eq!(
            log.lines().filter(|line| line.starts_with("# passed tests/test_talk.py::test_")).count(),
            10,
            "{log}"
        );
        assert_eq!(log.lines().filter(|line| line.contains("recordings/")).count(), 10, "{log}");
        env.run(&["prune", "--reads", "reads.log"]).exits(0);

        // An edited prompt is the failure of its test, with the reason; also of one that hides the error.
        let edited = TESTS.replace("Count to three.", "Count to four.").replace("Say nothing.", "Say something.");
        env.write("tests/test_talk.py", &edited);
        let run = pytest(&env, &recorder, &["--bedrock-fixtures=replay"]).exits(1);
        assert_eq!(sum(&run), "2 failed, 3 passed", "{run:?}");
        for part in
            ["\"Count to three.\" and the request has \"Count to four.\"", "\"Say nothing.\" and the request has"]
        {
            assert!(run.stdout.contains(part), "{part}: {run:?}");
        }
        // What is missing is asked for; nothing else is.
        let missing = ["--bedrock-fixtures=missing", "--bedrock-fixtures-args=--sandbox"];
        pytest(&env, &recorder, &missing).exits(0);
        let after = env.recordings();
        assert!(recorded.iter().all(|old| after.contains(old)));
        assert_eq!(after.len(), 7);
        // The configuration may name the mode; off does nothing.
        env.write("pytest.ini", "[pytest]\nbedrock_fixtures = replay\n");
        pytest(&env, &recorder, &[]).exits(0);
        pytest(&env, &recorder, &["--bedrock-fixtures=off"]).exits(1);
    }
}

const EARLY: &str = r#"
import openai
import pytest

# Made before any test is collected.
clients = [getattr(openai, name)(max_retries=0) for name in ("OpenAI", "BedrockOpenAI") if hasattr(openai, name)]


def say(text):
    messages = [{"role": "user", "content": text}]
    for client in clients:
        client.chat.completions.create(model="openai.gpt-oss-20b-1:0", messages=messages)


@pytest.fixture
def goodbye():
    yield
    try:
        say("Goodbye.")
    except openai.OpenAIError:
        pass
"#;

/// Clients of a conftest find the server too, those of Bedrock by environment alone; a request of a fixture's end fails its
/// test as any other.
#[test]
fn clients_are_made_early_and_requests_come_late() {
    for recorder in recorders() {
        let env = TestEnv::new();
        env.write("conftest.py", EARLY);
        env.write("tests/test_late.py", "import conftest\n\n\ndef test_late(goodbye):\n    conftest.say('Hello.')\n");
        let sandbox = ["--bedrock-fixtures=record", "--bedrock-fixtures-args=--sandbox"];
        pytest(&env, &recorder, &sandbox).exits(0);
        assert_eq!(env.recordings().len(), 2);
        // Without workers, whatever is said of how to distribute.
        for workers in [&[][..], &["--dist", "loadfile"], &["-n", "1"], &["-n", "0"]] {
            let run = pytest(&env, &recorder, &[&["--bedrock-fixtures=replay"], workers].concat()).exits(0);
            assert_eq!(sum(&run), "1 passed", "{workers:?}: {run:?}");
        }
        env.write("conftest.py", EARLY.replace("Goodbye.", "Farewell."));
        let run = pytest(&env, &recorder, &["--bedrock-fixtures=replay"]).exits(1);
        assert!(run.stdout.contains("\"Goodbye.\" and the request has \"Farewell.\""), "{run:?}");
        assert_eq!(sum(&run), "1 passed, 1 error", "{run:?}");
    }
}

const ENDS: &str = r#"
import os
import pytest
from test_talk import ask


def test_part():
    ask("One.")
    if os.environ["BEDROCK_FIXTURES_END"] == "skip":
        pytest.skip("not today")
    assert os.environ["BEDROCK_FIXTURES_END"] != "fail"
    ask("Two.")


@pytest.fixture
def after():
    yield
    assert os.environ["BEDROCK_FIXTURES_END"] != "fail"


def test_after(after):
    ask("Three.")
"#;

/// A test that did not come to an end is not one that passed, whatever its parts did.
#[test]
fn the_log_says_which_tests_ran_to_their_end() {
    let Some(recorder) = recorders().pop() else { return };
    let env = TestEnv::new();
    env.write("tests/test_talk.py", TESTS);
    env.write("tests/test_ends.py", ENDS);
    let run = |how: &str, args: &[&str]| {
        env.write("conftest.py", format!("import os\nos.environ['BEDROCK_FIXTURES_END'] = '{how}'\n"));
        pytest(&env, &recorder, &[&["tests/test_ends.py"], args].concat())
    };
    run("not", &["--bedrock-fixtures=record", "--bedrock-fixtures-args=--sandbox"]).exits(0);
    let (part, after) = ("tests/test_ends.py::test_part", "tests/test_ends.py::test_after");
    for (how, part_ended, after_ended) in [
        ("not", Some("passed"), Some("passed")),
        ("skip", None, Some("passed")),
        ("fail", Some("failed"), Some("failed")),
    ] {
        let _ = std::fs::remove_file(env.root().join("reads.log"));
        run(how, &["--bedrock-fixtures=replay", "--bedrock-fixtures-log", "reads.log"]);
        let log = env.read("reads.log");
        let mut expected = vec!["# results".to_owned()];
        expected.extend(part_ended.map(|word| format!("# {word} {part}")));
        expected.extend(after_ended.map(|word| format!("# {word} {after}")));
        let mut comments: Vec<&str> = log.lines().filter(|line| line.starts_with('#')).collect();
        comments.sort_unstable();
        expected.sort_unstable();
        assert_eq!(comments, expected, "{how}: {log}");
        env.run(&["prune", "--reads", "reads.log"]).exits(0);
    }
}

/// Without the wheel: `init --only conftest` and the program on the PATH.
#[test]
fn a_conftest_does_the_same_without_the_plugin() {
    for recorder in recorders() {
        let env = TestEnv::new();
        env.write("tests/test_talk.py", TESTS);
        env.run(&["init", "--only", "conftest", "--yes"]).exits(0);
        let conftest = env.read("conftest.py");
        let pytest = |mode: &str, more: &str| {
            let program = Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures")).parent().unwrap();
            let mut command = Command::new(&recorder.python);
            command.args(["-m", "pytest", "-p", "no:cacheprovider", "-q"]).current_dir(env.root()).env_clear();
            command.env("HOME", env.root()).env("PYTHONDONTWRITEBYTECODE", "1").env("BEDROCK_FIXTURES", mode);
            command.env("BEDROCK_FIXTURES_ARGS", more).env("HTTP_PROXY", "http://127.0.0.1:9");
            command.env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()));
            Run::of(command.output().unwrap())
        };
        assert_eq!(sum(&pytest("record", "--sandbox").exits(0)), "5 passed");
        assert_eq!(sum(&pytest("replay", "").exits(0)), "5 passed");
        env.write(
            "tests/test_talk.py",
            TESTS.replace("Count to three.", "Count to four.").replace("Say nothing.", "Say less."),
        );
        let run = pytest("replay", "").exits(1);
        // One that swallows the error fails too.
        assert_eq!(sum(&run), "1 failed, 4 passed, 2 errors", "{run:?}");
        for text in ["Count to four.", "Count to three.", "Say nothing."] {
            assert!(run.stdout.contains(text), "{text}: {run:?}");
        }
        env.run(&["init", "--only", "conftest", "--yes"]).exits(0);
        assert_eq!(env.read("conftest.py"), conftest);
    }
}
