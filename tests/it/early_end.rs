//! Logs of replays in which a test did not run to its end: what it did not read proves nothing. Real pytest.
#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::recorder::recorders;
use crate::support::{TestEnv, case};

/// A conftest.py that makes a log, after the lines of the manual.
const ASK: &str = r#"
import json, os, pathlib
ROOT = pathlib.Path(__file__).parent
PATHS = json.loads((ROOT / "paths.json").read_text())


def ask(test, turn):
    (ROOT / PATHS[f"tests/test_a.py::{test}"][turn]).read_text()


def ends(how):
    return os.environ["HOW"] == how
"#;

const TESTS: &str = r#"
import os, unittest
import pytest
from conftest import ask, ends


def test_whole():
    ask("test_whole", 0)
    ask("test_whole", 1)


@pytest.fixture
def after():
    yield
    ask("test_part", 1)
    assert not ends("teardown")
    ask("test_part", 2)


def test_part(after):
    ask("test_part", 0)
    assert not ends("assert")
    if ends("skip"):
        pytest.skip("not today")
    if ends("xfail"):
        pytest.xfail("known")
    if ends("keyboard"):
        raise KeyboardInterrupt
    if ends("exit"):
        pytest.exit("enough")
    if ends("crash"):
        os._exit(3)


class TestUnit(unittest.TestCase):
    def test_parts(self):
        for turn in range(3):
            with self.subTest(turn=turn):
                assert not (ends("subtest") and turn == 1)
                ask("TestUnit::test_parts", turn)
"#;

const WHOLE: &str = "tests/test_a.py::test_whole";
const PART: &str = "tests/test_a.py::test_part";
const PARTS: &str = "tests/test_a.py::TestUnit::test_parts";

/// Three tests with three requests of one turn each. The first never reads its third recording.
fn project() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap()).set("PYTHONDONTWRITEBYTECODE", "1");
    let ids = [WHOLE, PART, PARTS];
    let cases: String =
        ids.iter().flat_map(|id| (0..3).map(move |turn| case(id, &format!("{id} says {turn}")))).collect();
    env.write("cases.jsonl", cases);
    let recorded = env.run(&["record", "--sandbox", "--cases", "cases.jsonl", "--format", "json"]).exits(0).json();
    let path = |result: &Value| result["path"].as_str().unwrap().to_owned();
    let paths: Vec<String> = recorded["results"].as_array().unwrap().iter().map(path).collect();
    let by_test: serde_json::Map<String, Value> =
        ids.iter().zip(paths.chunks(3)).map(|(id, paths)| ((*id).to_owned(), paths.into())).collect();
    env.write("paths.json", Value::from(by_test).to_string());
    env.write("conftest.py", format!("{}{ASK}", crate::replay_evidence::conftest()));
    env.write("tests/test_a.py", TESTS);
    env.write("pytest.ini", "[pytest]\npythonpath = .\n");
    (env, paths)
}

/// Ways to end, with the options of pytest that go with them.
const ENDS: [(&str, &[&str]); 12] = [
    ("not", &[]),
    ("assert", &["-x"]),
    ("assert", &["-p", "no:junitxml"]),
    ("assert", &["-n2", "--maxfail=1"]),
    ("skip", &[]),
    ("xfail", &[]),
    ("keyboard", &[]),
    ("exit", &[]),
    ("crash", &[]),
    ("crash", &["-n2"]),
    ("teardown", &[]),
    ("subtest", &[]),
];

/// The files in the plan; nothing if the evidence was not accepted.
fn planned(env: &TestEnv, evidence: &[&str]) -> Option<Vec<String>> {
    let run = env.run(&[&["prune", "--format", "json"], evidence].concat());
    let path = |deletion: &Value| deletion["path"].as_str().unwrap().to_owned();
    (run.code != 2).then(|| run.json()["delete"].as_array().unwrap().iter().map(path).collect())
}

#[test]
fn what_a_test_did_not_come_to_read_stays() {
    let Some(recorder) = recorders().pop() else { return };
    let (env, paths) = project();
    let unused = &paths[2];
    for (how, options) in ENDS {
        for log in ["watched.log", "own.log"] {
            let _ = std::fs::remove_file(env.root().join(log));
        }
        let how_set = format!("HOW={how}");
        let pytest =
            ["env", &how_set, "READ_LOG=own.log", &recorder.python, "-m", "pytest", "-p", "no:cacheprovider", "-v"];
        let watched = ["replay-check", "--format", "json", "--reads-out", "watched.log", "--"];
        let printed = env.run(&[&watched, &pytest[..], options].concat()).stderr;
        let of_run = planned(&env, &["--reads", "watched.log"]).unwrap();
        // Where it is not known which tests passed, nothing goes.
        let is_known = options.first() != Some(&"-p") && (how != "crash" || !options.is_empty());
        let expected: Vec<&str> = is_known.then_some(unused.as_str()).into_iter().collect();
        assert_eq!(of_run, expected, "{how} {options:?}\n{}", env.read("watched.log"));

        // The lines of the manual, and what pytest printed, beside a log without results.
        let log = env.read("own.log");
        let of_run = planned(&env, &["--reads", "own.log"]).unwrap();
        assert_eq!(of_run, [unused.as_str()], "{how} {options:?}\n{log}");
        let reads: Vec<&str> = log.lines().filter(|line| !line.starts_with('#')).collect();
        env.write("reads.log", format!("{}\n", reads.join("\n")));
        env.write("list.txt", format!("{WHOLE}\n{PART}\n{PARTS}\n\n3 tests collected in 0.1s\n"));
        env.write("run.txt", &printed[printed.find("===").unwrap()..]);
        let of_run = planned(&env, &["--reads", "reads.log", "--tests", "list.txt", "--tests", "run.txt"]);
        assert!(of_run.is_none_or(|paths| paths == [unused.as_str()]), "{how} {options:?}\n{printed}");
    }
}

#[test]
fn a_test_that_failed_in_one_of_several_runs_has_not_passed() {
    let (env, paths) = project();
    let read = [&paths[0], &paths[1], &paths[3]].map(|path| format!("{path}\n")).concat();
    let passed = format!("# passed {WHOLE}\n# passed {PART}\n");
    for (first, second, dead) in [
        (format!("{read}{passed}"), format!("{}\n# passed {PART}\n", paths[3]), vec![2, 4, 5]),
        (format!("{read}{passed}"), format!("{}\n# failed {PART}\n", paths[3]), vec![2]),
        (format!("{read}# failed {PART}\n"), format!("{read}{passed}"), vec![2]),
        // A run that is known to have failed, and nothing else.
        (read.clone(), format!("# results\n{}\n", paths[3]), vec![]),
    ] {
        env.write("first.log", &first);
        env.write("second.log", &second);
        let mut expected: Vec<&str> = dead.iter().map(|number: &usize| paths[*number].as_str()).collect();
        expected.sort_unstable();
        assert_eq!(planned(&env, &["--reads", "first.log", "second.log"]).unwrap(), expected, "{first}\n{second}");
    }
}
