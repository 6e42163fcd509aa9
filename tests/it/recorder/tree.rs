//! A tree of OGX in small, walked from the first command to the last: set up, recorded, replayed, one test more, evidence,
//! the dead found, a miss explained. The real OGX, the real pytest, the real git.

use serde_json::{Value, json};

use crate::support::TestEnv;
use crate::support::server::{ScriptedServer, Step};

use super::{Recorder, TOKEN, answer, copy, fixture, recorders, recordings, stream, with_python};

const FILE: &str = "tests/integration/inference/test_openai_completion.py";
const SUITES: &str = "tests/integration/suites.py";

struct Tree<'a> {
    env: TestEnv,
    recorder: &'a Recorder,
    _server: ScriptedServer,
}

impl<'a> Tree<'a> {
    /// Set up by `init`, with the configuration of CI that goes with it.
    fn new(recorder: &'a Recorder) -> Self {
        let one = |text: &str| Step::json(200, &answer(text));
        // Four questions, the test that comes, and the two that are asked otherwise.
        let first = vec![one("Earth"), one("Saturn"), stream("Earth"), stream("Saturn")];
        let server = ScriptedServer::start([first, vec![one("more"), one("Saturn"), stream("Saturn")]].concat());
        let env = with_python()
            .set("AWS_BEARER_TOKEN_BEDROCK", TOKEN)
            .set("STAND_IN", &server.url())
            .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url());
        copy(&fixture("tests/fixtures/recorder/guide"), env.root());
        copy(&fixture("tests/fixtures/recorder/tree"), env.root());
        env.write("src/ogx/README.md", "");
        env.git(&["init", "-q"]);
        let tree = Tree { env, recorder, _server: server };
        tree.run(&["init", "--yes", "--only", "stack,attributes,textconv"]).exits(0);
        let stack = tree.env.read("bedrock-test.yaml");
        tree.env.write("src/ogx/distributions/ci-tests/config.yaml", stack);
        tree.env.commit();
        tree
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> crate::support::Run {
        let in_force = ["--ogx", self.recorder.ogx, "--openai-sdk", self.recorder.sdk];
        let at = args.iter().position(|arg| *arg == "--").unwrap_or(args.len());
        self.env.run(&[&args[..at], &in_force, &args[at..]].concat())
    }

    #[track_caller]
    fn pytest(&self, command: &[&str], mode: &str, more: &[&str]) -> crate::support::Run {
        let mode = format!("--inference-mode={mode}");
        let stack = "--stack-config=ci-tests";
        let words = [&self.recorder.python, "-m", "pytest", "-q", "--suite=bedrock", stack, &mode, "tests/integration"];
        self.run(&[command, &["--format", "json", "--"], &words, more].concat())
    }

    fn check(&self, name: &str) -> Value {
        let report = self.run(&["doctor", "--format", "json"]).json();
        let checks = report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).cloned().unwrap_or_else(|| panic!("{name}: {report:#}"))
    }

    fn edit(&self, path: &str, old: &str, new: &str) {
        self.env.edit(path, old, new);
    }
}

#[test]
fn a_tree_is_walked_from_init_to_prune() {
    if !crate::support::has_git() {
        return;
    }
    for recorder in &recorders() {
        let tree = Tree::new(recorder);
        assert_eq!(tree.check("suite-recordings")["status"], "fail");

        // Record the suite, see that it replays, commit.
        let report = tree.pytest(&["record"], "record", &[]).exits(0).json();
        assert_eq!(report["results"].as_array().unwrap().len(), 4, "{report:#}");
        assert_eq!(tree.check("suite-recordings")["status"], "pass");
        assert_eq!(tree.check("committed")["status"], "fail");
        let report = tree.pytest(&["replay-check"], "replay", &[]).exits(0).json();
        assert_eq!(report["unread"], json!([]), "{report:#}");
        tree.env.commit();
        for name in ["committed", "suites", "suite-roots", "suite-covers", "skip-lists", "ci-matrix", "ci-stack"] {
            let check = tree.check(name);
            assert_eq!(check["status"], "pass", "{check}");
        }

        // One test more: written, put into the suite, recorded.
        let test = "@pytest.mark.parametrize(\"n\", [1])\ndef test_more(client_with_models, text_model_id, n):\n    \
                    assert ask(client_with_models, text_model_id, \"Say more.\", stream=False)\n";
        tree.env.write(FILE, format!("{}\n\n{test}", tree.env.read(FILE)));
        tree.edit(SUITES, "# ADD HERE", &format!("\"{FILE}::test_more\","));
        let check = tree.check("suite-recordings");
        assert!(check["message"].as_str().unwrap().contains("test_more"), "{check}");
        let report = tree.pytest(&["record"], "record-if-missing", &[]).exits(0).json();
        assert_eq!(report["results"].as_array().unwrap().len(), 1, "{report:#}");
        tree.env.commit();

        // Evidence of every run of CI: the sum of pytest counts the tests that the suite leaves out.
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("evidence");
        let folder = folder.to_str().unwrap();
        let collect = |more: &[&str]| {
            let args = [&["evidence", "collect", folder, "--format", "json"], more].concat();
            tree.run(&[&args[..], &["--", &recorder.python, "-m", "pytest"]].concat())
        };
        let report = collect(&["--replay"]).exits(0).json();
        let run = &report["runs"][0];
        assert_eq!(
            (&run["status"], &run["tests"], &run["read"], &run["passed"]),
            (&json!("collected"), &json!(5), &json!(5), &json!(5))
        );
        assert_eq!(
            collect(&[]).exits(0).json()["runs"][0]["status"],
            "kept",
            "what there is of the same state is kept"
        );
        let list = std::fs::read_to_string(outside.path().join("evidence/bedrock-bedrock-library.tests.txt")).unwrap();
        assert!(list.contains("7 tests collected"), "{list}");
        let prune = |more: &[&str]| tree.run(&[&["prune", "--evidence", folder, "--format", "json"], more].concat());
        assert_eq!(prune(&[]).exits(0).json()["delete"], json!([]));

        // Without pytest nothing is collected; of tests that cannot be collected any more there is no evidence.
        tree.run(&["evidence", "collect", folder, "--", "false"]).exits(2).one_error(&["`false --version`"]);
        let conftest = tree.env.read("tests/integration/conftest.py");
        tree.env.write("tests/integration/conftest.py", format!("{conftest}\nraise SystemExit(3)\n"));
        assert_eq!(collect(&[]).exits(1).json()["runs"][0]["status"], "failed");
        prune(&[]).exits(2).one_error(&["the evidence of no run"]);
        tree.env.write("tests/integration/conftest.py", conftest);
        assert_eq!(collect(&["--replay"]).exits(0).json()["runs"][0]["status"], "collected");

        // A question is asked otherwise, and a test is gone: what was recorded of both is dead.
        let before = recordings(&tree.env);
        tree.edit(FILE, "\"Which planet has rings?\"", "\"Which planet has the rings?\"");
        tree.edit(FILE, "def test_more", "def helper_more");
        tree.edit(SUITES, &format!("\"{FILE}::test_more\","), "");
        let report = tree.pytest(&["replay-check"], "replay", &[]).exits(1).json();
        let missed = report["missed"].as_array().unwrap();
        assert_eq!(missed.len(), 2, "{report:#}");
        for miss in missed {
            let test_id = miss["test_id"].as_str().unwrap();
            assert!(test_id.contains("_02"), "{miss:#}");
            assert_eq!(miss["nearest"].as_array().unwrap().len(), 1, "{miss:#}");
        }
        tree.pytest(&["record"], "record-if-missing", &[]).exits(0);
        tree.env.commit();
        prune(&[]).exits(2).one_error(&["older than the recording"]);
        assert_eq!(collect(&["--replay"]).exits(0).json()["runs"][0]["status"], "collected");
        let report = prune(&["--yes"]).exits(0).json();
        let mut reasons: Vec<String> =
            report["delete"].as_array().unwrap().iter().map(|one| one["reasons"].to_string()).collect();
        reasons.sort();
        assert_eq!(reasons.len(), 3, "{report:#}");
        assert_eq!(before.len(), 5);
        assert_eq!(recordings(&tree.env).len(), 4);
        let report = tree.pytest(&["replay-check"], "replay", &[]).exits(0).json();
        assert_eq!((report["read"].as_array().unwrap().len(), &report["unread"]), (4, &json!([])));
    }
}
