//! `evidence collect` in a tree where CI calls a script. The real pytest.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{Run, TestEnv};

use super::{Recorder, recorders, with_python};

const READ: &str = "tests/integration/chat/recordings/a.json";

/// As OGX's script: headers, variables, options of its own, and `-k`.
const SCRIPT: &str = r#"#!/bin/bash
set -euo pipefail
MORE=""
while [[ $# -gt 0 ]]; do
    case $1 in
    --suite | --setup | --stack-config | --inference-mode) MORE="$MORE $1=$2"; shift 2 ;;
    --collect-only) MORE="$MORE $1"; shift ;;
    *) echo "Unknown option: $1"; exit 1 ;;
    esac
done
echo "=== Test Runner ==="
export OF_SETUP='there'
cd "$(dirname "$0")/.."
echo "=== Running Tests ==="
set +e
pytest -s -v tests/integration/ -k 'not( code_interpreter )' $MORE --color=yes --embedding-model=big
code=$?
echo "=== Complete ==="
exit $code
"#;

const CONFTEST: &str = r#"
import os

def pytest_addoption(parser):
    for name in ("suite", "setup", "stack-config", "inference-mode"):
        parser.addoption(f"--{name}", required=True)
    parser.addoption("--embedding-model", default="small")

def pytest_generate_tests(metafunc):
    if "emb" in metafunc.fixturenames:
        metafunc.parametrize("emb", [metafunc.config.getoption("--embedding-model")], ids=lambda name: f"emb={name}")
"#;

const TESTS: &str = r#"
import os

def test_ask(emb):
    assert os.environ["OF_SETUP"] == "there"
    assert open("tests/integration/chat/recordings/a.json").read()

def test_code_interpreter(emb):
    raise AssertionError("CI leaves this one out")
"#;

/// A tree with two runs, whose environment has what pytest needs.
fn tree(tests: &str) -> TestEnv {
    let env = with_python();
    let runs = json!({"default": [{"suite": "chat", "setup": "one"}, {"suite": "chat", "setup": "two"}]});
    env.write("tests/integration/ci_matrix.json", runs.to_string());
    env.write("tests/integration/suites.py", "SUITE_DEFINITIONS = {}\n");
    env.write("tests/integration/conftest.py", CONFTEST);
    env.write("tests/integration/chat/test_chat.py", tests);
    env.write("scripts/integration-tests.sh", SCRIPT);
    env.write(READ, "{}\n");
    let script = env.root().join("scripts/integration-tests.sh");
    assert!(Command::new("chmod").arg("+x").arg(script).status().unwrap().success());
    env
}

/// The pytest beside the Python of a recorder.
fn pytest(recorder: &Recorder) -> String {
    Path::new(&recorder.python).with_file_name("pytest").to_str().unwrap().to_owned()
}

#[test]
fn the_script_that_ci_calls_is_called() {
    for recorder in &recorders() {
        let env = tree(TESTS);
        let pytest = pytest(recorder);
        let args = ["evidence", "collect", "evidence", "--client", "library", "--replay", "--format", "json"];
        let report = env.run(&[&args[..], &["--", &pytest]].concat()).exits(0).json();
        let runs = report["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 2);
        for run in runs {
            assert_eq!((&run["read"], &run["passed"], &run["exit"]), (&json!(1), &json!(1), &json!(0)), "{run:#}");
        }
        // The ids have the model of the script, and the list has the test that its -k leaves out.
        let file = "tests/integration/chat/test_chat.py";
        let list = format!("{file}::test_ask[emb=big]\n{file}::test_code_interpreter[emb=big]\n\n2 tests collected\n");
        assert_eq!(env.read("evidence/chat-one-library.tests.txt"), list);
        let log = env.read("evidence/chat-two-library.reads.log");
        assert!(log.lines().any(|line| line == format!("# passed {file}::test_ask[emb=big]")), "{log}");

        // What keeps the plugin from pytest is named.
        let words = ["--again", "--", "env", "-u", "PYTEST_ADDOPTS", &pytest];
        let report = env.run(&[&args[..], &words].concat()).exits(1).json();
        let reason = report["runs"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("PYTEST_ADDOPTS and PYTHONPATH must reach pytest"), "{reason}");

        // The script takes pytest from PATH and options of its own only.
        for words in [vec![&recorder.python, "-m", "pytest"], vec![&pytest, "-q"]] {
            let words = words.iter().map(|word| &**word);
            let run = env.run(&args.into_iter().chain(["--"]).chain(words).collect::<Vec<_>>()).exits(2);
            run.one_error(&["scripts/integration-tests.sh", "`-- uv run pytest`"]);
        }
    }
}

#[test]
fn a_signal_ends_all_runs() {
    for recorder in &recorders() {
        for signal in ["-INT", "-TERM"] {
            let tests =
                "import time\n\ndef test_slow(emb):\n    print('now it runs', flush=True)\n    time.sleep(60)\n";
            let env = tree(tests);
            let pytest = pytest(recorder);
            let args = ["evidence", "collect", "evidence", "--client", "library", "--replay", "--", &pytest];
            let mut child =
                env.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
            let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
            assert!(said.any(|line| line.contains("now it runs")));
            let id = child.id().to_string();
            assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
            let said: Vec<String> = said.collect();
            let run = Run::of(child.wait_with_output().unwrap()).exits(2);
            assert_eq!(run.stdout, "");
            let last = said.last().unwrap();
            assert!(last.contains("1 of 2: chat, one, library") && last.contains("start it again"), "{said:#?}");
            assert!(!said.iter().any(|line| line.contains("2 of 2")), "{said:#?}");
            // What an interrupted replay read proves nothing.
            assert!(!env.root().join("evidence/chat-one-library.reads.log").exists());
            assert!(!env.root().join("evidence/evidence.json").exists());
        }
    }
}
