//! `replay-check` with lists of tests and read logs.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::screen::{filtered, hold, screen};
use crate::support::{Run, TestEnv, case};

/// Two tests of one file with a recording each, one of another file with two, and one without a test.
fn store() -> TestEnv {
    let env = TestEnv::new();
    let shared = case("", "shared").replace("\"test_id\":\"\"", "\"test_id\":null");
    let cases = [
        case("tests/a/test_x.py::test_m[a b]", "one"),
        case("tests/a/test_x.py::test_m[x::y[z]]", "two"),
        case("tests/b/test_y.py::TestC::test_n", "three"),
        case("tests/b/test_y.py::TestC::test_n", "four"),
        shared,
    ];
    env.write("cases.jsonl", cases.concat());
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env
}

/// The path of the recording that holds a text in its request.
fn path_of(env: &TestEnv, text: &str) -> String {
    let asks = |bytes: &[u8]| {
        let recording: Value = serde_json::from_slice(bytes).unwrap();
        recording["request"]["body"]["messages"][0]["content"] == text
    };
    env.recordings().into_iter().find(|(_, bytes)| asks(bytes)).unwrap().0
}

fn check(env: &TestEnv, args: &[&str]) -> Run {
    env.run(&[&["replay-check", "--format", "json"], args].concat())
}

const LIST: &str = "tests/a/test_x.py::test_m[a b]\ntests/a/test_x.py::test_new[1]\ntests/b/test_y.py::TestC::test_n\n
=============================== warnings summary ===============================
tests/a/test_x.py::test_warned
  /x/tests/a/test_x.py:2: UserWarning: at import

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
3 tests collected in 0.01s
";

#[test]
fn a_list_tells_which_tests_have_no_recording_and_which_recordings_no_test() {
    let env = store();
    env.write("tests.txt", LIST);
    let report = check(&env, &["--tests", "tests.txt"]).exits(1).json();
    assert_eq!(report["replayed"], 5);
    assert_eq!(report["uncovered"], json!(["tests/a/test_x.py::test_new[1]"]));
    assert_eq!(report["untested"], json!([path_of(&env, "two")]));
    assert_eq!(report.get("unread"), None, "no log was given");

    // Of a part of the store, what covers a test may lie elsewhere.
    let report = check(&env, &["--tests", "tests.txt", "tests/b"]).exits(1).json();
    assert_eq!((&report["uncovered"], &report["untested"]), (&json!(["tests/a/test_x.py::test_new[1]"]), &json!([])));

    // Several lists, one from standard input, from a rootdir further down, without sums.
    env.write("more.txt", "a/test_x.py::test_m[x::y[z]]");
    let list = LIST.replace("tests/a/test_x.py::test_new[1]\n", "").replace("3 tests", "2 tests");
    let args = ["replay-check", "--format", "json", "--tests", "more.txt", "--tests", "-"];
    let report = env.run_with_input(&args, list.as_bytes()).exits(0).json();
    assert_eq!((&report["uncovered"], &report["untested"]), (&json!([]), &json!([])));

    // A recording that no replay finds covers nothing.
    let path = path_of(&env, "one");
    std::fs::rename(env.root().join(&path), env.root().join(path.replace("a/recordings/", "b/recordings/"))).unwrap();
    let report = check(&env, &["--tests", "tests.txt"]).exits(1).json();
    let expected = json!(["tests/a/test_x.py::test_m[a b]", "tests/a/test_x.py::test_new[1]"]);
    assert_eq!(report["uncovered"], expected);
    screen(&env, "replay_check_uncovered", &["replay-check", "--tests", "tests.txt"], 1);
}

#[test]
fn a_list_that_cannot_be_one_is_an_error_and_a_partial_one_is_said_to_be() {
    let env = store();
    for (list, parts) in [
        ("", ["does not contain a test", "--collect-only -q"]),
        ("tests/a/test_x.py: 2\n", ["does not contain test ids", "one -q"]),
        ("test_x.py: 2\n\nno tests collected (3 deselected) in 0.0s\n", ["tests.txt", "does not contain test ids"]),
    ] {
        env.write("tests.txt", list);
        check(&env, &["--tests", "tests.txt"]).exits(2).one_error(&parts);
    }
    check(&env, &["--tests", "missing.txt"]).exits(2).one_error(&["missing.txt", "cannot read"]);
    env.write("tests.txt", LIST.replace("3 tests collected", "3/9 tests collected (6 deselected)"));
    let run = check(&env, &["--tests", "tests.txt"]).exits(1);
    hold("replay_check_deselected", &run.stderr);
    // Two places that fit alike: nothing is guessed.
    let env = TestEnv::new();
    env.write("cases.jsonl", case("t/a/test_x.py::t", "one") + &case("t/b/test_x.py::t", "two"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env.write("tests.txt", "test_x.py::t\n");
    check(&env, &["--tests", "tests.txt"]).exits(2).one_error(&["t/a or t/b", "--rootdir"]);
}

#[test]
fn logs_of_several_jobs_tell_which_recordings_nobody_opened() {
    let env = store();
    let [one, two, three, four, shared] = ["one", "two", "three", "four", "shared"].map(|text| path_of(&env, text));
    let unread = |logs: &[&str]| {
        let args: Vec<&str> = logs.iter().flat_map(|log| ["--reads", *log]).collect();
        check(&env, &args).exits(0).json()["unread"].clone()
    };
    let stem = |path: &str| path.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
    env.write("1.log", format!("{}\n{two}\n", env.root().join(&one).display()));
    let mut rest = [three.clone(), four.clone(), shared.clone()];
    rest.sort();
    assert_eq!(unread(&["1.log"]), json!(rest));
    // Another machine, another system, keys, a line that was cut, a comment.
    env.write("2.log", format!("C:\\ci\\w\\{}\r\n# nothing\n{}\n/tmp/x/rec", three.replace('/', "\\"), stem(&four)));
    assert_eq!(unread(&["1.log", "2.log"]), json!([shared]));
    assert_eq!(unread(&["1.log", "2.log", "2.log", "1.log"]), json!([shared]));
    let run = env.run_with_input(&["replay-check", "-v", "--reads", "-", "tests/b"], four.as_bytes()).exits(0);
    hold("replay_check_unread", &filtered(&env, &run.stdout));
    env.write("none.log", "/elsewhere/file.json\n");
    check(&env, &["--reads", "none.log"]).exits(2).one_error(&["none.log", "does not name a recording of this store"]);
    env.write("empty.log", "");
    check(&env, &["--reads", "empty.log"]).exits(2).one_error(&["empty.log", "empty"]);
    check(&env, &["--"]).exits(2).one_error(&["no command follows `--`"]);
    env.run(&["record", "--"]).exits(2).one_error(&["no command follows `--`"]);
}

/// The lines of the manual.
pub(crate) fn conftest() -> &'static str {
    let readme = include_str!("../../docs/replaying.md");
    readme.split("```python\n").nth(1).unwrap().split("```").next().unwrap()
}

fn python(env: &TestEnv, args: &[&str]) -> Option<Run> {
    let log = env.root().join("reads.log");
    let run = Command::new("python3").args(args).current_dir(env.root()).env("READ_LOG", log).output();
    match run {
        Ok(output) => Some(Run::of(output)),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}");
            crate::support::skipped(&format!("no python3 here: {error}"));
            None
        }
    }
}

#[test]
fn the_lines_of_the_manual_write_a_read_log() {
    let env = store();
    let (one, two) = (path_of(&env, "one"), path_of(&env, "two"));
    env.write("conftest.py", conftest());
    let script = format!(
        "import conftest, pathlib, types\n\
         open('{one}').read()\npathlib.Path('{two}').read_bytes()\nopen('cases.jsonl').read()\n\
         def report(when, outcome, nodeid, **more):\n    \
         conftest.pytest_runtest_logreport(types.SimpleNamespace(when=when, outcome=outcome, nodeid=nodeid, \
         passed=outcome == 'passed', failed=outcome == 'failed', **more))\n\
         report('call', 'passed', 'a.py::t')\nreport('call', 'passed', 'a.py::v', context='part')\n\
         report('setup', 'passed', 'a.py::u')\nreport('call', 'skipped', 'a.py::u')\nreport('teardown', 'failed', 'a.py::w')\n"
    );
    let Some(run) = python(&env, &["-c", &script]) else { return };
    run.exits(0);
    let log = env.read("reads.log");
    let root = std::fs::canonicalize(env.root()).unwrap();
    let expected = format!(
        "# results\n{}\n{}\n# passed a.py::t\n# failed a.py::w\n",
        root.join(&one).display(),
        root.join(&two).display()
    );
    assert_eq!(log, expected);
    let unread = check(&env, &["--reads", "reads.log"]).exits(0).json()["unread"].clone();
    assert_eq!(unread.as_array().unwrap().len(), 3);
}

#[test]
fn a_real_pytest_run_writes_a_read_log() {
    let env = store();
    let one = path_of(&env, "one");
    env.write("conftest.py", conftest());
    env.write("pytest.ini", "[pytest]\n");
    env.write(
        "tests/a/test_x.py",
        format!(
            "import pytest\n@pytest.mark.parametrize('x', ['a b', 'x::y[z]'])\n\
             def test_m(x):\n    assert open('{one}').read() and x == 'a b'\n"
        ),
    );
    let Some(run) = python(&env, &["-m", "pytest", "-q", "-p", "no:cacheprovider"]) else { return };
    if run.stderr.contains("No module named pytest") {
        crate::support::skipped("python3 has no pytest");
        return;
    }
    run.exits(1);
    let log = env.read("reads.log");
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines.iter().any(|line| line.ends_with(&one)), "{log}");
    let passed: Vec<&&str> = lines.iter().filter(|line| line.starts_with("# passed")).collect();
    assert_eq!(passed, [&"# passed tests/a/test_x.py::test_m[a b]"], "{log}");
    let list = python(&env, &["-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]).unwrap().exits(0);
    env.write("tests.txt", list.stdout);
    let report = check(&env, &["--tests", "tests.txt", "--reads", "reads.log"]).exits(0).json();
    assert_eq!(report["uncovered"], json!([]));
    assert_eq!(report["untested"].as_array().unwrap().len(), 2);
    assert_eq!(report["unread"].as_array().unwrap().len(), 4);
}

#[cfg(target_os = "linux")]
#[test]
fn it_runs_where_there_is_no_network() {
    let env = store();
    env.write("tests.txt", LIST);
    env.write("reads.log", path_of(&env, "one"));
    let offline = |args: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "--"]).args(args).current_dir(env.root()).output()
    };
    // A namespace of its own has no network but a loopback that is down.
    if !offline(&["true"]).is_ok_and(|output| output.status.success()) {
        crate::support::skipped("no network namespace can be made here");
        return;
    }
    let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
    let args = ["replay-check", "--cases", "cases.jsonl", "--tests", "tests.txt", "--reads", "reads.log"];
    let run = Run::of(offline(&[&[binary], &args[..]].concat()).unwrap()).exits(1);
    let sum = "10 replayed, 0 failed, 1 test without a recording, 1 without a collected test, 4 unread";
    assert!(run.stdout.lines().last().unwrap().starts_with(sum), "{run:?}");
}
