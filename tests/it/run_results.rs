//! The results of a command's tests: recordings of failed tests are not kept, and their misses are explained. Real
//! pytest.
#![cfg(unix)]

use serde_json::{Value, json};

use crate::record::answer;
use crate::recorder::recorders;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

const TOKEN: &str = "marked-token-of-the-test-0123456789abcdef";

/// The recorder of these tests: a test stores what the bank has under its name, or replays and finds nothing.
const TESTS: &str = r#"
import os, pathlib, shutil
import pytest

HERE = pathlib.Path(__file__).parent


def run(name):
    for found in sorted((HERE.parent / "bank" / name).glob("*.json")):
        (HERE / "recordings").mkdir(exist_ok=True)
        shutil.copyfile(found, HERE / "recordings" / found.name)
    miss = HERE.parent / "bank" / name / "miss"
    if miss.exists():
        raise RuntimeError(
            f"Recording not found for request hash: {miss.read_text()}\n"
            "Model: openai.gpt-oss-20b-1:0 | Request: POST "
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions\n\nRun './x'"
        )
    assert not os.environ.get("FAIL", "").count(name)


def test_one():
    run("one")


@pytest.mark.parametrize("x", ["a b"])
def test_two(x):
    run("two")


class TestThree:
    def test_three(self):
        run("three")
"#;

const NAMES: [(&str, &str); 3] = [
    ("one", "tests/test_a.py::test_one"),
    ("two", "tests/test_a.py::test_two[a b]"),
    ("three", "tests/test_a.py::TestThree::test_three"),
];

struct Project {
    env: TestEnv,
    python: String,
    /// The recording of each test.
    paths: Vec<String>,
    _server: ScriptedServer,
}

impl Project {
    /// A project whose recordings are in the bank, one for each test.
    fn all() -> Vec<Self> {
        recorders().into_iter().map(|recorder| Project::with(recorder.python)).collect()
    }

    fn with(python: String) -> Self {
        let server = ScriptedServer::start(vec![Step::json(200, &answer("hi"))]);
        let env = TestEnv::new()
            .set("PATH", &std::env::var("PATH").unwrap())
            .set("PYTHONDONTWRITEBYTECODE", "1")
            .set("AWS_BEDROCK_API_KEY", TOKEN)
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
        env.write("tests/test_a.py", TESTS);
        let cases: String = NAMES.iter().map(|(name, id)| case(id, name)).collect();
        env.write("cases.jsonl", cases);
        let run = env.run(&["record", "--cases", "cases.jsonl", "--format", "json"]).exits(0).json();
        let path = |result: &Value| result["path"].as_str().unwrap().to_owned();
        let paths: Vec<String> = run["results"].as_array().unwrap().iter().map(path).collect();
        for ((name, _), path) in NAMES.iter().zip(&paths) {
            env.write(&format!("bank/{name}/{}", path.rsplit('/').next().unwrap()), env.read(path));
            std::fs::remove_file(env.root().join(path)).unwrap();
        }
        Project { env, python, paths, _server: server }
    }

    fn args<'a>(&'a self, before: &[&'a str], fail: &'a str, after: &[&'a str]) -> Vec<&'a str> {
        let command = ["--", "env", fail, &self.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"];
        [before, &command, after].concat()
    }

    fn stored(&self) -> Vec<bool> {
        self.paths.iter().map(|path| self.env.root().join(path).exists()).collect()
    }
}

#[test]
fn what_failed_tests_recorded_is_kept_only_on_request() {
    for project in Project::all() {
        let record = |before: &[&str], fail: &str, after: &[&str]| {
            project.env.run(&project.args(&[&["record", "--format", "json"], before].concat(), fail, after))
        };
        let report = record(&[], "FAIL=two three", &[]).exits(1).json();
        assert_eq!(project.stored(), [true, false, false], "{report:#}");
        let refused: Vec<_> =
            report["results"].as_array().unwrap().iter().filter(|one| one["status"] == "refused").collect();
        assert_eq!(refused.len(), 2, "{report:#}");
        for one in refused {
            assert_eq!(one["reason"], "its test failed; --keep-failed stores it anyway; it was removed");
        }
        // One that the configuration asks for goes where that says, and is not looked for.
        project.env.write("pytest.ini", "[pytest]\naddopts = --junitxml=own.xml\n");
        record(&[], "FAIL=two", &["-k", "two"]).exits(1);
        assert_eq!((project.stored(), project.env.root().join("own.xml").exists()), (vec![true, true, false], true));
        std::fs::remove_file(project.env.root().join("pytest.ini")).unwrap();
        std::fs::remove_file(project.env.root().join(&project.paths[1])).unwrap();
        // A report of the command's own is read where it is.
        record(&[], "FAIL=two", &["--junitxml=report.xml"]).exits(1);
        assert_eq!(project.stored(), [true, false, true]);
        assert!(project.env.read("report.xml").contains("test_two"));
        record(&["--keep-failed"], "FAIL=two", &[]).exits(1);
        assert_eq!(project.stored(), [true, true, true]);
        // Written again with the same bytes, or nothing to write: neither is a sign of skipped tests.
        let again = record(&[], "FAIL=", &[]).exits(0);
        assert!(again.stderr.contains("nothing changed: the command wrote 3 recordings again"), "{again:?}");
        again.hides("skipped");
        std::fs::remove_dir_all(project.env.root().join("bank")).unwrap();
        let none = record(&[], "FAIL=", &["--override-ini=x=record"]).exits(0);
        assert!(none.stderr.contains("nothing new was recorded; tests that passed: 3"), "{none:?}");
    }
}

#[test]
fn the_misses_of_a_replay_are_explained_from_its_report_and_from_its_output() {
    for project in Project::all() {
        let env = &project.env;
        project.env.run(&project.args(&["record"], "FAIL=", &[])).exits(0);
        env.write("bank/two/miss", "ab".repeat(32));
        // The request of this one is known: a case has it.
        env.write("more.jsonl", case(NAMES[2].1, "three and a half"));
        let plan = env.run(&["record", "--plan", "--format", "json", "--cases", "more.jsonl"]).exits(0).json();
        let key = plan["results"][0]["key"].as_str().unwrap().to_owned();
        env.write("bank/three/miss", &key);

        let run = env.run(&project.args(&["replay-check", "--format", "json"], "FAIL=", &[])).exits(1);
        let report = run.json();
        let output = run.stderr.clone();
        env.write("pytest.log", &output);
        let check = |missed: &Value, of_case: bool| {
            let missed = missed.as_array().unwrap();
            assert_eq!(missed.len(), 2, "{missed:#?}\n{output}");
            assert_eq!((&missed[0]["test_id"], &missed[0]["key"]), (&json!(NAMES[1].1), &json!("ab".repeat(32))));
            assert_eq!(missed[0]["nearest"], json!([{"path": project.paths[1], "differences": []}]));
            assert_eq!((&missed[1]["test_id"], &missed[1]["key"]), (&json!(NAMES[2].1), &json!(key)));
            let differences = &missed[1]["nearest"][0]["differences"];
            match of_case {
                true => assert_eq!(differences[0]["pointer"], "/messages/0/content", "{missed:#?}"),
                false => assert_eq!(differences, &json!([])),
            }
        };
        check(&report["missed"], false);
        let from = env.run(&["explain", "--from", "pytest.log", "--format", "json"]).exits(1).json();
        check(&from["missed"], false);
        let from =
            env.run(&["explain", "--from", "pytest.log", "--cases", "more.jsonl", "--format", "json"]).exits(1).json();
        check(&from["missed"], true);
        let text = env.run(&["explain", "--from", "pytest.log"]).exits(1).stdout;
        assert!(text.ends_with("2 requests have no recording\n"), "{text}");
        // A key alone, with the case file that has its request.
        let one = env.run(&["explain", &key[..16], "--cases", "more.jsonl", "--format", "json"]).exits(1).json();
        assert_eq!(one["nearest"][0]["differences"][0]["pointer"], "/messages/0/content", "{one:#}");
        env.write("empty.log", "3 passed in 0.1s\n");
        env.run(&["explain", "--from", "empty.log"]).exits(2).one_error(&["empty.log", "no error of a replay"]);
    }
}
