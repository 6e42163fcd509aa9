//! `prune` deletes dead recordings and says why; it never deletes one that a run reads.

use bedrock_fixtures::KeyRules;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use bedrock_fixtures::recording::Recording;

use crate::support::screen::{hold, screen};
use crate::support::{Run, TestEnv, corpus};

const RUNTIME: &str = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";
const MANTLE: &str = "https://bedrock-mantle.us-east-2.api.aws/v1/v1/chat/completions";

/// A recording as the recorder writes it, and the name that its request has.
struct Made {
    name: String,
    bytes: Vec<u8>,
}

fn chat(test_id: Option<&str>, url: &str, messages: &[&str]) -> Made {
    let messages: Vec<Value> = messages.iter().map(|text| json!({"role": "user", "content": text})).collect();
    let request = json!({"method": "POST", "url": url, "headers": {}, "body": {"model": "m", "messages": messages},
        "endpoint": "/v1/chat/completions", "model": "m"});
    let data = json!({"id": "rec-000000000000", "choices": [{"finish_reason": "stop", "index": 0, "logprobs": null,
        "message": {"content": "x", "role": "assistant"}}], "created": 0, "model": "m", "object": "chat.completion"});
    let body = json!({"__type__": "openai.types.chat.chat_completion.ChatCompletion", "__data__": data});
    made(json!({"test_id": test_id, "request": request, "response": {"body": body, "is_streaming": false},
        "id_normalization_mapping": {}}))
}

fn list(test_id: Option<&str>, url: &str, model: &str) -> Made {
    let request =
        json!({"method": "POST", "url": url, "headers": {}, "body": {}, "endpoint": "/v1/models", "model": ""});
    let data = json!({"id": model, "object": "model", "created": 0, "owned_by": "x"});
    let body = json!([{"__type__": "openai.types.model.Model", "__data__": data}]);
    made(json!({"test_id": test_id, "request": request, "response": {"body": body, "is_streaming": false},
        "id_normalization_mapping": {}}))
}

fn made(document: Value) -> Made {
    let recording = Recording::parse(document.to_string().as_bytes()).unwrap();
    Made {
        name: bedrock_fixtures::recording::name::file_name(&recording, KeyRules::NEWEST),
        bytes: recording.to_bytes(),
    }
}

impl Made {
    /// Writes it to a folder; gives its path.
    fn to(&self, env: &TestEnv, folder: &str) -> String {
        self.named(env, &format!("{folder}/recordings/{}", self.name))
    }

    fn named(&self, env: &TestEnv, path: &str) -> String {
        env.write(path, &self.bytes);
        path.to_owned()
    }
}

/// A name that is no request's.
fn wrong_name(folder: &str, number: usize) -> String {
    format!("{folder}/recordings/{number:064x}.json")
}

fn prune(env: &TestEnv, args: &[&str]) -> Run {
    env.run(&[&["prune", "--format", "json"], args].concat())
}

/// The plan: paths with their reasons.
fn plan(report: &Value) -> BTreeMap<String, Vec<String>> {
    let reasons = |deletion: &Value| {
        let reasons = deletion["reasons"].as_array().unwrap().iter();
        reasons.map(|reason| reason.as_str().unwrap().to_owned()).collect()
    };
    let deletions = report["delete"].as_array().unwrap().iter();
    deletions.map(|deletion| (deletion["path"].as_str().unwrap().to_owned(), reasons(deletion))).collect()
}

fn expected(paths: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    let owned = |reasons: &[&str]| reasons.iter().map(|reason| (*reason).to_owned()).collect();
    paths.iter().map(|(path, reasons)| ((*path).to_owned(), owned(reasons))).collect()
}

const A: &str = "t/a/test_x.py::test_a[1]";
const B: &str = "t/a/test_x.py::test_b";

/// Two tests that are alive, with what they read, and the evidence of a run of both.
fn living() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new();
    let read = vec![
        chat(Some(A), RUNTIME, &["one"]).to(&env, "t/a"),
        chat(Some(A), RUNTIME, &["one", "two"]).to(&env, "t/a"),
        chat(Some(B), RUNTIME, &["three"]).to(&env, "t/a"),
        list(None, "http://h/v1/v1/models", "x").to(&env, "tests/integration/common"),
        list(None, "http://h/v1/v1/models", "y").to(&env, "tests/integration/common"),
    ];
    (env, read)
}

fn evidence(env: &TestEnv, tests: &[&str], read: &[String]) {
    env.write("tests.txt", format!("{}\n\n{} tests collected in 0.01s\n", tests.join("\n"), tests.len()));
    env.write("reads.log", read.join("\n") + "\n");
}

const EVIDENCE: [&str; 4] = ["--tests", "tests.txt", "--reads", "reads.log"];

#[test]
fn each_reason_is_found_and_told() {
    let (env, read) = living();
    let gone = "t/a/test_x.py::test_gone";
    let dead = [
        (
            chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1)),
            &["unreachable", "unread", "superseded"][..],
        ),
        (chat(Some(A), RUNTIME, &["moved"]).to(&env, "t/b"), &["unreachable", "unread", "superseded"]),
        (chat(Some(gone), RUNTIME, &["one"]).to(&env, "t/a"), &["no-such-test"]),
        (chat(Some(A), RUNTIME, &["old prompt", "two"]).to(&env, "t/a"), &["unread", "superseded"]),
        (chat(Some(B), "http://h/v1/chat/completions", &["three"]).to(&env, "t/a"), &["unread"]),
        (
            chat(Some(B), RUNTIME, &["three"]).to(&env, "tests/integration/common"),
            &["unread", "superseded", "duplicate"],
        ),
        (chat(None, MANTLE, &["four"]).to(&env, "tests/integration/common"), &["unread", "foreign-endpoint"]),
        (list(None, MANTLE, "z").to(&env, "tests/integration/common"), &["foreign-endpoint"]),
        (chat(Some(B), MANTLE, &["three"]).to(&env, "t/a"), &["unread", "foreign-endpoint"]),
        (
            chat(None, RUNTIME, &["five"]).named(&env, &wrong_name("tests/integration/common", 2)),
            &["unreachable", "unread"],
        ),
    ];
    let unknown =
        json!({"test_id": A, "request": {"provider": "x"}, "response": {"body": null, "is_streaming": false}});
    env.write(&wrong_name("t/a", 3), unknown.to_string());
    let third = wrong_name("t/a", 3);
    let mut dead: Vec<(&str, &[&str])> = dead.iter().map(|(path, reasons)| (path.as_str(), *reasons)).collect();
    dead.push((&third, &["unreachable", "unread"]));
    evidence(&env, &[A, B], &read);
    let before = env.tree();
    let report = prune(&env, &EVIDENCE).exits(1).json();
    assert_eq!(plan(&report), expected(&dead));
    assert_eq!((&report["schema"], &report["command"], &report["kept"]), (&json!(1), &json!("prune"), &json!(5)));
    assert_eq!((&report["refused"], &report["deleted"]), (&json!([]), &json!([])));
    assert_eq!(env.tree(), before, "a plan changes nothing");
    screen(&env, "prune_each_reason", &[&["prune", "-v"], &EVIDENCE[..]].concat(), 1);

    // Applied: all of that and nothing else.
    let report = prune(&env, &[&EVIDENCE[..], &["--yes"]].concat()).exits(0).json();
    let deleted: BTreeSet<&str> =
        report["deleted"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert_eq!(deleted, dead.iter().map(|(path, _)| *path).collect());
    let left: Vec<_> = before.into_iter().filter(|(path, _)| !deleted.contains(path.as_str())).collect();
    assert_eq!(env.tree(), left, "byte for byte");
    let report = prune(&env, &EVIDENCE).exits(0).json();
    assert_eq!((&report["delete"], &report["kept"]), (&json!([]), &json!(5)));
}

#[test]
fn without_evidence_only_what_no_request_can_reach_goes_and_nothing_that_is_shared() {
    let (env, _) = living();
    let wrong = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let double = chat(Some(B), RUNTIME, &["three"]).to(&env, "tests/integration/common");
    chat(None, MANTLE, &["four"]).to(&env, "tests/integration/common");
    chat(None, RUNTIME, &["five"]).named(&env, &wrong_name("tests/integration/common", 2));
    list(Some(A), "http://h/v1/models", "x").named(&env, &wrong_name("t/a", 4));
    chat(Some("t/a/test_x.py::test_gone"), RUNTIME, &["one"]).to(&env, "t/a");
    // Two of the same under wrong names, and one under a right and a wrong one.
    let twin = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 5));
    let copy = chat(Some(A), RUNTIME, &["one"]).named(&env, &wrong_name("t/a", 6));
    let report = prune(&env, &[]).exits(1).json();
    let both: &[&str] = &["unreachable", "duplicate"];
    let dead = [(&*wrong, &["unreachable"][..]), (&twin, both), (&copy, both), (&double, &["duplicate"])];
    assert_eq!(plan(&report), expected(&dead));
    assert_eq!(report["evidence"], json!({"tests": null, "reads": null, "unproven": 2}));
}

#[test]
fn a_log_says_nothing_of_tests_that_it_does_not_show_to_have_passed() {
    let (env, _) = living();
    let first = chat(Some(A), RUNTIME, &["one"]).to(&env, "t/a");
    let other = chat(Some(A), RUNTIME, &["other"]).to(&env, "t/a");
    let shared = chat(None, RUNTIME, &["shared"]).to(&env, "tests/integration/common");
    let plan_with = |reads: &str| {
        env.write("reads.log", reads);
        plan(&prune(&env, &["--reads", "reads.log"]).json())
    };
    // B never ran: its recording stays. A read its first turn and may have failed at the second, which stays too. Nobody
    // knows what would have read the shared one.
    let unread: &[&str] = &["unread", "superseded"];
    assert_eq!(plan_with(&format!("{first}\n")), expected(&[(&other, unread)]));
    // It did pass: then the second turn is dead as well.
    let second = chat(Some(A), RUNTIME, &["one", "two"]).to(&env, "t/a");
    let log = format!("{first}\n# passed {A}\n");
    assert_eq!(plan_with(&log), expected(&[(&other, unread), (&second, &["unread"])]));
    // Another passed: of A nothing is known now.
    assert_eq!(
        plan_with(&format!("{first}\n# passed {B}\n")).keys().collect::<Vec<_>>(),
        [&chat(Some(B), RUNTIME, &["three"]).to(&env, "t/a")]
    );
    // All tests that ask Bedrock passed: the shared one is not needed.
    let log = format!("{first}\n{second}\n# passed {A}\n# passed {B}\n");
    let third = chat(Some(B), RUNTIME, &["three"]).to(&env, "t/a");
    assert_eq!(plan_with(&log), expected(&[(&other, unread), (&third, &["unread"]), (&shared, &["unread"])]));
    // The output of the run says the same as the log.
    env.write("reads.log", format!("{first}\n"));
    let lines = [("PASSED", expected(&[(&other, unread), (&second, &["unread"])])), ("FAILED", expected(&[]))];
    for (word, dead) in lines {
        env.write("run.txt", format!("{A} {word}   [ 50%]\n{B} PASSED   [100%]\n===== 2 passed in 0.1s =====\n"));
        let report = prune(&env, &["--reads", "reads.log", "--tests", "run.txt"]).json();
        assert_eq!(plan(&report), dead, "{word}");
    }
}

#[test]
fn a_list_says_nothing_of_what_it_did_not_collect() {
    let env = TestEnv::new();
    let azure = "t/a/test_x.py::test_a[txt=azure/gpt]";
    let bedrock = "t/a/test_x.py::test_a[txt=bedrock/gpt]";
    let removed = "t/a/test_x.py::test_old[txt=bedrock/gpt]";
    chat(Some(azure), RUNTIME, &["one"]).to(&env, "t/a");
    chat(Some(bedrock), RUNTIME, &["one"]).to(&env, "t/a");
    let dead = chat(Some(removed), RUNTIME, &["one"]).to(&env, "t/a");
    let elsewhere = chat(Some("t/b/test_y.py::test"), RUNTIME, &["one"]).to(&env, "t/b");
    env.write("tests.txt", format!("{bedrock}\n"));
    let report = prune(&env, &["--tests", "tests.txt"]).exits(1).json();
    assert_eq!(plan(&report), expected(&[(&dead, &["no-such-test"])]));
    // With the sources there, a file that is gone is proof.
    env.write("t/a/test_x.py", "");
    env.write("tests.txt", format!("{bedrock}\n"));
    let both = expected(&[(&dead, &["no-such-test"]), (&elsewhere, &["no-such-test"])]);
    assert_eq!(plan(&prune(&env, &["--tests", "tests.txt"]).exits(1).json()), both);
    env.write("t/b/test_y.py", "");
    env.write("tests.txt", format!("{bedrock}\n"));
    let one = expected(&[(&dead, &["no-such-test"])]);
    assert_eq!(plan(&prune(&env, &["--tests", "tests.txt"]).exits(1).json()), one);
}

#[test]
fn another_endpoint_is_foreign_only_when_nothing_can_ask_it() {
    let (env, read) = living();
    let c = "t/a/test_x.py::test_c";
    chat(Some(c), MANTLE, &["one"]).to(&env, "t/a");
    let shared = chat(None, MANTLE, &["four"]).to(&env, "tests/integration/common");
    evidence(&env, &[A, B, c], &read);
    // The test that asks there did not run, so the log is of a part.
    assert_eq!(plan(&prune(&env, &EVIDENCE).exits(0).json()), expected(&[]));
    // Somebody says what the configuration is.
    let args = [&EVIDENCE[..], &["--endpoint", "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/"]].concat();
    assert_eq!(plan(&prune(&env, &args).exits(1).json()).len(), 2);
    // It is no test any more.
    evidence(&env, &[A, B], &read);
    assert_eq!(plan(&prune(&env, &EVIDENCE).exits(1).json())[&shared], ["foreign-endpoint"]);
}

#[test]
fn evidence_that_is_not_whole_is_refused() {
    let (env, read) = living();
    chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let good = format!("{A}\n{B}\n");
    let log = read.join("\n") + "\n";
    let before = env.recordings();
    for (list, reads, parts) in [
        ("", &*log, &["tests.txt", "does not contain a test"][..]),
        (
            &format!("{A}\n\n1/2 tests collected (1 deselected) in 0.1s\n"),
            &log,
            &["1 test was deselected", "without -k"],
        ),
        (&format!("{A}\n\n2 tests collected in 0.1s\n"), &log, &["2 tests were collected and lists 1"]),
        (
            &format!("{good}ERROR t/a/test_z.py\n2 tests collected, 1 error in 0.1s\n"),
            &log,
            &["could not collect t/a/test_z.py"],
        ),
        (&format!("{good}!!!!! Interrupted: 1 error during collection !!!!!\n"), &log, &["pytest ended with errors"]),
        (&format!("{good}t/a/test_x.py::test_c[ab"), &log, &["last line is cut"]),
        ("x/test_q.py::test\n", &log, &["none of the tests of this list has a recording", "--root"]),
        ("t/a/test_x.py::test_other\n", &log, &["none of the listed tests has a recording"]),
        (&good, "", &["reads.log", "empty"]),
        (&good, "\n# made by hand\n", &["reads.log", "empty"]),
        (&good, "/elsewhere/x.json\n", &["does not name a recording of this store"]),
        (&good, &log[..log.len() - 20], &["incomplete", "cut"]),
    ] {
        env.write("tests.txt", list);
        env.write("reads.log", reads);
        prune(&env, &[&EVIDENCE[..], &["--yes", "--force"]].concat()).exits(2).one_error(parts);
        // Each of several must be whole.
        env.write("good.txt", &good);
        env.write("good.log", &log);
        let both = ["--tests", "good.txt", "--tests", "tests.txt", "--reads", "good.log", "reads.log"];
        match parts[0] {
            what if what.starts_with("none of") || what.starts_with("does not name") => {
                // Beside a good one, a list or a log of something else says nothing, and does no harm.
                let report = prune(&env, &both).exits(1).json();
                assert_eq!(plan(&report).keys().collect::<Vec<_>>(), [&wrong_name("t/a", 1)]);
            }
            _ => prune(&env, &[&both[..], &["--yes"]].concat()).exits(2).one_error(parts),
        }
        assert_eq!(env.recordings(), before);
    }
    // A last line without its end is whole if it names a recording.
    env.write("tests.txt", good.trim_end());
    env.write("reads.log", log.trim_end());
    prune(&env, &EVIDENCE).exits(1);
    let missing = ["--tests", "missing.txt"];
    prune(&env, &missing).exits(2).one_error(&["missing.txt", "cannot read"]);
}

#[test]
fn evidence_from_before_the_newest_recording_is_refused() {
    let (env, read) = living();
    evidence(&env, &[A, B], &read);
    let newer = chat(Some(A), RUNTIME, &["new"]).to(&env, "t/a");
    let at = |path: &str, seconds: u64| {
        let file = std::fs::File::options().write(true).open(env.root().join(path)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).unwrap();
    };
    read.iter().for_each(|path| at(path, 1_000));
    at(&newer, 3_000);
    for (tests, reads, older) in [(2_000, 4_000, "tests.txt"), (4_000, 2_000, "reads.log")] {
        at("tests.txt", tests);
        at("reads.log", reads);
        for extra in [&[][..], &["--yes", "--force"]] {
            prune(&env, &[&EVIDENCE[..], extra].concat()).exits(2).one_error(&[older, &newer, "older than"]);
        }
    }
    at("tests.txt", 3_000);
    at("reads.log", 3_000);
    assert_eq!(plan(&prune(&env, &EVIDENCE).exits(1).json()).keys().collect::<Vec<_>>(), [&newer]);
    // Only what may go must be known.
    at("tests.txt", 2_000);
    prune(&env, &[&EVIDENCE[..], &["tests/integration/common"]].concat()).exits(0);
}

#[test]
fn what_git_could_not_bring_back_is_left() {
    if !crate::support::has_git() {
        return;
    }
    let (env, _) = living();
    let committed = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let changed = chat(Some(A), RUNTIME, &["edited too"]).named(&env, &wrong_name("t/a", 2));
    env.commit();
    env.write(&changed, env.read(&changed).replace("\"x\"", "\"y\""));
    let untracked = chat(Some(A), RUNTIME, &["new"]).named(&env, &wrong_name("t/a", 3));
    env.write(".gitignore", format!("{}\n", wrong_name("t/a", 4)));
    let ignored = chat(Some(A), RUNTIME, &["ignored"]).named(&env, &wrong_name("t/a", 4));
    let mut path = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    path.args(["prune", "--format", "json", "--yes"]).current_dir(env.root()).env("HOME", env.root());
    let report = Run::of(path.output().unwrap()).exits(1).json();
    assert_eq!(report["deleted"], json!([committed]));
    let refused: Vec<&Value> = report["refused"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(refused, [&json!(changed), &json!(untracked), &json!(ignored)]);
    assert_eq!(report["refused"][0]["reason"], "has uncommitted changes; commit them, or give --force");
    let report = Run::of(path.arg("--force").output().unwrap()).exits(0).json();
    assert_eq!(report["deleted"], json!([changed, untracked, ignored]));
}

#[test]
fn what_cannot_be_read_is_refused_and_links_are_left() {
    let (env, _) = living();
    let broken = wrong_name("t/a", 5);
    env.write(&broken, "{\"test_id\": ");
    let dead = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let report = prune(&env, &["--yes"]).exits(1).json();
    assert_eq!(report["deleted"], json!([dead]));
    assert_eq!(report["refused"][0]["path"], broken);
    assert_eq!(report["refused"][0]["reason"], "not JSON: expected a value at line 1 column 13");
    prune(&env, &[]).exits(1);
    std::fs::remove_file(env.root().join(&broken)).unwrap();
    prune(&env, &[]).exits(0);
    #[cfg(unix)]
    {
        let outside = TestEnv::new();
        let target = chat(Some(A), RUNTIME, &["edited"]).named(&outside, "x.json");
        let link = wrong_name("t/a", 6);
        std::os::unix::fs::symlink(outside.root().join(&target), env.root().join(&link)).unwrap();
        let report = prune(&env, &["--yes"]).exits(1).json();
        assert_eq!((&report["delete"], &report["refused"][0]["path"]), (&json!([]), &json!(link)));
        assert!(outside.root().join(&target).exists() && env.root().join(&link).exists());
        // A folder that is a link is not looked into, and not deleted through.
        std::fs::remove_file(env.root().join(&link)).unwrap();
        chat(Some(A), RUNTIME, &["edited"]).named(&outside, &wrong_name("far", 7));
        std::os::unix::fs::symlink(outside.root().join("far"), env.root().join("far")).unwrap();
        assert_eq!(prune(&env, &["--yes"]).exits(0).json()["delete"], json!([]));
        prune(&env, &["--yes", "far"]).exits(2).one_error(&["far", "behind a link"]);
        assert!(outside.root().join(wrong_name("far", 7)).exists());
    }
}

#[cfg(unix)]
#[test]
fn a_failure_stops_and_says_what_was_done() {
    use std::os::unix::fs::PermissionsExt as _;
    let (env, _) = living();
    let first = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let c = chat(Some("t/c/test_z.py::test"), RUNTIME, &["edited"]).named(&env, &wrong_name("t/c", 1));
    let last = chat(Some("t/d/test_z.py::test"), RUNTIME, &["edited"]).named(&env, &wrong_name("t/d", 1));
    let folder = env.root().join("t/c/recordings");
    let writable = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    writable(0o555);
    if std::fs::write(folder.join("probe"), "").is_ok() {
        // Nothing is forbidden to root; a file in the way of the quarantine stops it as well.
        writable(0o755);
        std::fs::remove_file(folder.join("probe")).unwrap();
        env.write("away/t/c", "in the way");
        let run = prune(&env, &["--yes", "--quarantine", "away"]).exits(2);
        assert_eq!(run.json()["deleted"], json!([first]));
        run.one_error(&[&c, "1 of 3 files were removed"]);
    } else {
        let run = prune(&env, &["--yes"]).exits(2);
        writable(0o755);
        assert_eq!(run.json()["deleted"], json!([first]));
        run.one_error(&[&c, "1 of 3 files were removed"]);
    }
    assert!(env.root().join(&c).exists() && env.root().join(&last).exists());
}

#[test]
fn a_quarantine_keeps_the_tree_and_one_command_brings_it_back() {
    let (env, _) = living();
    let paths = [
        chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1)),
        chat(Some("t c/test_z.py::test"), RUNTIME, &["edited"]).named(&env, &wrong_name("t c", 1)),
    ];
    let before = env.tree();
    let outside = tempfile::tempdir().unwrap();
    for folder in ["away", outside.path().join("it's").to_str().unwrap()] {
        let report = prune(&env, &["--yes", "--quarantine", folder]).exits(0).json();
        assert_eq!(report["deleted"].as_array().unwrap().len(), 2);
        for path in &paths {
            assert!(!env.root().join(path).exists());
            let bytes = &before.iter().find(|(known, _)| known == path).unwrap().1;
            assert_eq!(std::fs::read(env.root().join(folder).join(path)).unwrap(), *bytes);
        }
        // They are no recordings any more, also where the folder is in the tree.
        assert_eq!(prune(&env, &[]).exits(0).json()["kept"], 5);
        // Nothing is written over.
        chat(Some(A), RUNTIME, &["edited"]).named(&env, &paths[0]);
        prune(&env, &["--yes", "--quarantine", folder]).exits(2).one_error(&["a file is there already"]);
        assert!(env.root().join(&paths[0]).exists());
        std::fs::remove_file(env.root().join(&paths[0])).unwrap();
        if cfg!(unix) {
            // Only what was moved comes back.
            std::fs::write(env.root().join(folder).join("t c/recordings/cut.json"), "{").unwrap();
            let restore = report["restore"].as_str().unwrap();
            let run = Command::new("sh").args(["-c", restore]).current_dir(env.root()).output().unwrap();
            assert!(run.status.success(), "{restore}: {run:?}");
            std::fs::remove_dir_all(env.root().join(folder)).unwrap();
            assert_eq!(env.tree(), before);
        }
    }
    prune(&env, &["--yes", "--quarantine", "."]).exits(2).one_error(&["this folder contains the recordings"]);
    assert_eq!(env.tree(), before);
}

/// A suite of OGX leaves out the other tests of its files without telling pytest, whose sum counts them. Such a list is
/// complete, but says nothing about the tests that were left out; a list that was cut is still refused.
#[test]
fn the_sum_of_pytest_may_count_what_a_suite_leaves_out() {
    let (env, _) = living();
    let folder = "tests/integration/r";
    let id = |name: &str| format!("{folder}/test_r.py::{name}");
    let (gone, other) = (
        chat(Some(&id("test_a[2]")), RUNTIME, &["a2"]).to(&env, folder),
        chat(Some(&id("test_other")), RUNTIME, &["o"]).to(&env, folder),
    );
    env.write(&format!("{folder}/test_r.py"), "def test_a(x): ...\ndef test_b(): ...\ndef test_other(): ...\n");
    chat(Some(&id("test_a[1]")), RUNTIME, &["a1"]).to(&env, folder);
    env.write(
        "tests/integration/suites.py",
        format!("T = {{'s': Suite(name='s', roots=['{}', '{}'])}}\n", id("test_a"), id("test_b")),
    );
    env.write("list.txt", format!("{}\n{}\n\n9 tests collected in 0.1s\n", id("test_a[1]"), id("test_b")));
    let report = prune(&env, &["--tests", "list.txt"]).exits(1);
    hold("prune_suite", &report.stderr);
    // The list may have been cut: of functions that are there it proves nothing.
    let deleted = plan(&report.json());
    assert!(!deleted.contains_key(&gone) && !deleted.contains_key(&other), "{deleted:?}");
    // `evidence collect` keeps what pytest printed, so the parameters that it does not list are gone.
    let run = json!({"suite": "s", "setup": null, "client": "library", "state": "", "list": "list.txt", "tests": 2,
        "log": null, "read": 0, "passed": 0, "exit": null});
    env.write("evidence.json", json!({"schema": 1, "runs": {"s": run}}).to_string());
    let deleted = plan(&prune(&env, &["--evidence", "."]).exits(1).json());
    assert!(deleted.contains_key(&gone) && !deleted.contains_key(&other), "{deleted:?}");
    // A function that is not in the file any more is gone, whatever the suite names.
    env.write(&format!("{folder}/test_r.py"), "def test_a(x): ...\ndef test_b(): ...\n");
    assert!(plan(&prune(&env, &["--tests", "list.txt"]).exits(1).json()).contains_key(&other));
    // A root without a test: the list may have been cut.
    env.write("list.txt", format!("{}\n\n9 tests collected in 0.1s\n", id("test_a[1]")));
    prune(&env, &["--tests", "list.txt"]).exits(2).one_error(&["9 tests were collected and lists 1"]);
}

/// A suite runs with a setup: recordings of the same tests with another provider's model do not belong to it.
#[test]
fn a_suite_goes_by_its_setup_too() {
    let (env, _) = living();
    let folder = "tests/integration/r";
    let of = |model: &str, n: usize| {
        let test_id = format!("{folder}/test_r.py::test[txt={model}]");
        chat(Some(&test_id), RUNTIME, &["edited"]).named(&env, &wrong_name(folder, n))
    };
    let (bedrock, azure) = (of("bedrock/m", 1), of("azure/gpt", 2));
    env.write(
        "tests/integration/suites.py",
        format!(
            "S = {{'bedrock': Setup(name='bedrock', defaults={{'text_model': 'bedrock/m'}}),\n\
             'azure': Setup(name='azure', defaults={{'text_model': 'azure/gpt'}})}}\n\
             T = {{'br': Suite(name='br', roots=['{folder}'], default_setup='bedrock')}}\n"
        ),
    );
    let paths = |args: &[&str]| plan(&prune(&env, args).exits(1).json()).into_keys().collect::<Vec<_>>();
    assert_eq!(paths(&["--suite", "br"]), std::slice::from_ref(&bedrock));
    env.write("tests/integration/ci_matrix.json", r#"{"default": [{"suite": "br", "setup": "azure"}]}"#);
    let mut both = [bedrock, azure];
    both.sort();
    assert_eq!(paths(&["--suite", "br"]), both);
}

#[test]
fn a_suite_or_a_path_limits_it() {
    let (env, _) = living();
    let a = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    let b = chat(Some(B), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 2));
    let c = chat(Some("tests/integration/c/test_z.py::test"), RUNTIME, &["x"])
        .named(&env, &wrong_name("tests/integration/c", 1));
    env.write(&wrong_name("tests/integration/c", 2), "{");
    env.write(
        "tests/integration/suites.py",
        format!("S = {{\n 'one': Suite(name='one', roots=[\n  \"{}\",  # only\n ], default_setup='x'),\n 'all': Suite(name=\"all\", roots=every)}}\n", B),
    );
    let paths = |args: &[&str]| plan(&prune(&env, args).exits(1).json()).into_keys().collect::<Vec<_>>();
    assert_eq!(paths(&["--suite", "one"]), std::slice::from_ref(&b));
    assert_eq!(paths(&["--suite", "c"]), std::slice::from_ref(&c));
    assert_eq!(paths(&["--suite", "c", "--suite", "one"]), [b.clone(), c.clone()]);
    assert_eq!(paths(&["t/a"]), [a.clone(), b.clone()]);
    assert_eq!(paths(&[&a]), std::slice::from_ref(&a));
    let report = prune(&env, &["--suite", "one", "--yes"]).exits(0).json();
    assert_eq!((&report["deleted"], &report["refused"]), (&json!([b]), &json!([])));
    assert!(env.root().join(&a).exists() && env.root().join(&c).exists());
    prune(&env, &["--suite", "one", "tests"]).exits(2).one_error(&["the suite has no recordings"]);
    prune(&env, &["--suite", "all"]).exits(2).one_error(&["are computed", "PATH"]);
    prune(&env, &["--suite", "none"]).exits(2).one_error(&["no suite none", "one, all"]);
    prune(&env, &["--suite", "../t"]).exits(2).one_error(&["no suite"]);
    prune(&env, &["nothing"]).exits(2).one_error(&["nothing"]);
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_number_of_files_is_typed() {
    use std::io::Write as _;
    let (env, _) = living();
    let dead = chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", 1));
    for (typed, code, is_there) in [("no\n", 1, true), ("\n", 1, true), ("y\n", 1, true), ("1\n", 0, false)] {
        let mut command = Command::new("script");
        let line = format!("{} --no-progress prune -v", env!("CARGO_BIN_EXE_bedrock-fixtures"));
        command.args(["-qec", &line, "/dev/null"]).current_dir(env.root()).env("TERM", "dumb");
        let Ok(mut child) = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn()
        else {
            crate::support::skipped("no terminal can be made here");
            return;
        };
        child.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert!(run.stdout.contains("Type 1 to delete these files") && run.stdout.contains(&dead), "{run:?}");
        let run = run.exits(code);
        assert_eq!(env.root().join(&dead).exists(), is_there, "{typed:?}: {run:?}");
        assert_eq!(run.stdout.contains("deleted"), !is_there, "{run:?}");
    }
}

/// The folder of the recordings is the root here, so both locks are on one folder.
#[test]
fn a_flat_store_is_pruned_and_renamed_in_its_own_root() {
    for quarantine in [&[][..], &["--quarantine", "away"]] {
        let env = TestEnv::new();
        let good = chat(Some(A), RUNTIME, &["one"]).to(&env, "t/a");
        let dead = chat(Some(A), RUNTIME, &["one"]).named(&env, &wrong_name("t/a", 1));
        let root = ["--root", "t/a/recordings", "--yes", "--force"];
        assert_eq!(
            prune(&env, &[&root[..], quarantine].concat()).exits(0).json()["deleted"].as_array().unwrap().len(),
            1
        );
        assert!(env.root().join(&good).exists() && !env.root().join(&dead).exists());
        std::fs::rename(env.root().join(&good), env.root().join(&dead)).unwrap();
        env.run(&[&["rekey"], &root[..]].concat()).exits(0);
        assert!(env.root().join(&good).exists() && !env.root().join(&dead).exists());
    }
}

/// Two runs that each delete one of two twins would leave none.
#[cfg(unix)]
#[test]
fn a_duplicate_stays_when_its_twin_is_gone_since_the_plan_was_made() {
    let (env, _) = living();
    let double = chat(Some(B), RUNTIME, &["three"]).to(&env, "tests/integration/common");
    let plan = prune(&env, &[]).exits(1).json();
    let because = plan["delete"][0]["because"][0].as_str().unwrap();
    let twin = because.strip_prefix("the same request as ").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    command.args(["--no-progress", "prune"]).current_dir(env.root()).env("TERM", "dumb");
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    session.exp_string("Type 1 to delete").unwrap();
    std::fs::remove_file(env.root().join(twin)).unwrap();
    session.send_line("1").unwrap();
    session.exp_string("has changed since the plan was made").unwrap();
    session.exp_eof().unwrap();
    assert!(env.root().join(&double).exists());
}

#[test]
fn a_root_that_cannot_be_right_deletes_nothing() {
    for count in [1, 12] {
        let env = TestEnv::new();
        for number in 0..count {
            chat(Some(A), RUNTIME, &[&number.to_string()]).to(&env, "t/a");
        }
        prune(&env, &["--root", "t", "--yes"]).exits(2).one_error(&["the root may be wrong", "--root"]);
        prune(&env, &["--root", "t/a/recordings", "--yes"]).exits(0);
        prune(&env, &[]).exits(0);
    }
    // Another algorithm, another recorder: not all of it is dead.
    let env = TestEnv::new();
    for number in 0..12 {
        chat(Some(A), RUNTIME, &[&number.to_string()]).named(&env, &wrong_name("t/a", number));
    }
    prune(&env, &["--yes"]).exits(2).one_error(&["another recorder", "verify --explain"]);
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn in_any_store_the_planted_dead_are_found_and_nothing_that_was_read_goes() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let env = TestEnv::new();
        let (mut tests, mut read, mut dead) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut number = 0;
        for folder in 0..=dice.roll(3) {
            let folder = format!("t/f{folder}");
            for test in 0..=dice.roll(4) {
                let id = format!("{folder}/test_{}.py::test_{test}[p {test}]", test % 2);
                let turns = 1 + dice.roll(3);
                let texts: Vec<String> = (0..turns).map(|turn| format!("{id} {turn}")).collect();
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                for turn in 1..=turns {
                    read.push(chat(Some(&id), RUNTIME, &texts[..turn]).to(&env, &folder));
                }
                let mut plant = |path: String, reason: &'static str| dead.insert(path, reason);
                for _ in 0..dice.roll(4) {
                    number += 1;
                    let text = format!("dead {number}");
                    match dice.roll(6) {
                        0 => plant(
                            chat(Some(&id), RUNTIME, &[&text]).named(&env, &wrong_name(&folder, number)),
                            "unreachable",
                        ),
                        1 => plant(chat(Some(&id), RUNTIME, &[&text]).to(&env, "elsewhere"), "unreachable"),
                        2 => {
                            let gone = format!("{folder}/test_{}.py::test_gone_{number}", test % 2);
                            plant(chat(Some(&gone), RUNTIME, &[&text]).to(&env, &folder), "no-such-test")
                        }
                        3 => plant(chat(Some(&id), RUNTIME, &[&text]).to(&env, &folder), "superseded"),
                        4 => plant(chat(Some(&id), RUNTIME, &texts).to(&env, "tests/integration/common"), "duplicate"),
                        _ => {
                            plant(chat(None, MANTLE, &[&text]).to(&env, "tests/integration/common"), "foreign-endpoint")
                        }
                    };
                }
                tests.push(id);
            }
        }
        // Tests that exist, whose recordings no run of the log shows.
        let sleeping = format!("t/f0/test_0.py::test_sleeping_{seed}");
        let spared = chat(Some(&sleeping), RUNTIME, &["zzz"]).to(&env, "t/f0");
        tests.push(sleeping);
        // A log may name anything, also what looks dead.
        let mut named = read.clone();
        for path in dead.keys() {
            if dice.roll(8) == 0 {
                named.push(path.clone());
            }
        }
        for at in (1..named.len()).rev() {
            named.swap(at, dice.roll(at + 1));
        }
        let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
        evidence(&env, &tests, &named);
        let before = env.tree();
        let report = prune(&env, &[&EVIDENCE[..], &["--yes"]].concat()).json();
        let planned = plan(&report);
        for path in &named {
            assert!(!planned.contains_key(path), "seed {seed}: {path} is read");
        }
        let is_named = |path: &String| named.contains(path);
        // A log that reads the other endpoint keeps it alive.
        let mantle_lives = named.iter().any(|path| dead.get(path) == Some(&"foreign-endpoint"));
        for (path, reason) in dead.iter().filter(|(path, _)| !is_named(path)) {
            if *reason == "foreign-endpoint" && mantle_lives {
                continue;
            }
            let reasons = planned.get(path).unwrap_or_else(|| panic!("seed {seed}: {path} {reason} is not planned"));
            assert!(reasons.iter().any(|known| known == reason), "seed {seed}: {path} {reasons:?} without {reason}");
        }
        assert!(planned.keys().all(|path| dead.contains_key(path)), "seed {seed}: {planned:?}");
        assert!(!planned.contains_key(&spared));
        let left: Vec<_> = before.into_iter().filter(|(path, _)| !planned.contains_key(path)).collect();
        assert!(env.tree() == left, "seed {seed}: the rest is as it was, byte for byte");
    }
}

#[test]
fn the_dead_of_the_corpus_are_found_and_nothing_that_replays() {
    let Some(corpus) = corpus() else { return };
    let env = TestEnv::new();
    let (mut tests, mut reads, mut dead) = (BTreeSet::new(), Vec::new(), BTreeMap::new());
    for entry in walkdir::WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap) {
        if entry.path().extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let path = entry.path().strip_prefix(&corpus).unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(entry.path()).unwrap();
        env.write(&path, &bytes);
        let Ok(recording) = Recording::parse(&bytes) else {
            dead.insert(path, "unreachable");
            continue;
        };
        tests.extend(recording.test_id().map(str::to_owned));
        let name = Path::new(&path).file_name().unwrap().to_str().unwrap();
        // A file of one list may have another digest; its key is what counts.
        let key = recording.key(KeyRules::ThreePaths).to_string();
        if !name.contains(&key) {
            dead.insert(path, "unreachable");
        } else if recording.url().is_some_and(|url| url.contains("bedrock")) && recording.test_id().is_none() {
            dead.insert(path, "foreign-endpoint");
        } else {
            reads.push(path);
        }
    }
    assert_eq!((dead.values().filter(|reason| **reason == "unreachable").count(), dead.len()), (84, 95));
    let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
    evidence(&env, &tests, &reads);
    let report = prune(&env, &EVIDENCE).exits(1).json();
    let planned = plan(&report);
    for (path, reason) in &dead {
        assert!(planned[path].iter().any(|known| known == reason), "{path}: {:?} without {reason}", planned[path]);
    }
    assert_eq!(planned.len(), dead.len(), "and nothing else");
    let report = prune(&env, &[&EVIDENCE[..], &["--yes"]].concat()).exits(0).json();
    assert_eq!(report["deleted"].as_array().unwrap().len(), 95);
    let replayed = env.run(&["replay-check", "--format", "json", "--reads", "reads.log"]).json();
    let failures = replayed["failed"].as_array().unwrap();
    assert!(failures.iter().all(|failure| !failure["path"].as_str().unwrap().contains("bedrock")), "{failures:?}");
    assert_eq!(replayed["unread"], json!([]), "what is left is what is read");
}

#[test]
fn the_output_of_a_run_and_reports_prove_only_what_they_hold() {
    let env = TestEnv::new();
    let (a, b) = ("tests/test_talk.py::test_a", "tests/test_talk.py::test_b");
    let opaque = "tests/talk.test.ts > greetings > says hello";
    let of_a = chat(Some(a), RUNTIME, &["one"]).to(&env, "tests");
    let of_b = chat(Some(b), RUNTIME, &["two"]).to(&env, "tests");
    let of_opaque = chat(Some(opaque), RUNTIME, &["three"]).to(&env, "tests");
    env.write("tests/test_talk.py", "def test_a(): ...\ndef test_b(): ...\n");
    env.write("tests/talk.test.ts", "");
    let plan_of = |list: &str| {
        env.write("list.txt", list);
        plan(&prune(&env, &["--tests", "list.txt"]).json())
    };
    // A list without a total may be cut, and one with a total may be of a part: test_b is still there.
    assert_eq!(plan_of(&format!("{a}\n")), expected(&[]));
    assert_eq!(plan_of(&format!("{a}\n\n1 test collected in 0.1s\n")), expected(&[]));
    let session = "===== test session starts =====\ncollected 2 items\n\n";
    let run = format!("{session}{a} hello\nworld\nPASSED\n{b} FAILED\n\n==== 1 failed, 1 passed in 0.1s ====\n");
    assert_eq!(plan_of(&run), expected(&[]));
    // `pytest -v tests/test_talk.py::test_a` prints the same as a run of all, and test_b is still there.
    let of_one = format!("===== test session starts =====\ncollected 1 item\n\n{a} PASSED\n\n== 1 passed in 0.1s ==\n");
    assert_eq!(plan_of(&of_one), expected(&[]));
    let refused = |list: &str, why: &str| {
        env.write("list.txt", list);
        prune(&env, &["--tests", "list.txt"]).exits(2).one_error(&["list.txt", why, "--junitxml"]);
    };
    refused(&format!("{session}{a} PASSED\n==== 1 passed in 0.1s ====\n"), "2 tests and has the results of 1");
    refused(&format!("{a}\nsomething else\n"), "line 2 is not a test id");
    // A report: a test that -k left out is still defined; one that is not is gone.
    let report = |count: usize| {
        format!(
            "<testsuites><testsuite name=\"pytest\" tests=\"{count}\">\
             <testcase classname=\"tests.test_talk\" name=\"test_a\"/></testsuite></testsuites>"
        )
    };
    assert_eq!(plan_of(&report(1)), expected(&[]));
    refused(&report(2), "2 tests and has the results of 1");
    env.write("tests/test_talk.py", "def test_a(): ...\n");
    assert_eq!(plan_of(&report(1)), expected(&[(&of_b, &["no-such-test"])]));
    assert_eq!(plan_of(&format!("{a}\n")), expected(&[(&of_b, &["no-such-test"])]));
    // The file of another runner's test is gone.
    std::fs::remove_file(env.root().join("tests/talk.test.ts")).unwrap();
    assert_eq!(plan_of(&format!("{a}\n{b}\n")), expected(&[(&of_opaque, &["no-such-test"])]));
    assert_eq!(plan_of(&format!("{a}\n{b}\n{opaque}\n")), expected(&[]));
    assert!(env.root().join(&of_a).exists());
}

#[test]
fn a_part_of_the_tests_proves_nothing_of_the_others() {
    let env = TestEnv::new();
    let id = |test: &str| format!("tests/test_a.py::{test}");
    let of = |test: &str| chat(Some(&id(test)), RUNTIME, &[test]).to(&env, "tests");
    let there = ["test_p[1]", "TestC::test_inherited", "TestU::test_add_0_one", "test_imported"].map(of);
    let (parameter, removed) = (of("test_p[2]"), of("test_removed"));
    let other = chat(Some("tests/test_b.py::test_b[1]"), RUNTIME, &["b"]).to(&env, "tests");
    for name in ["crate::tests::says_hello", "com.acme.TalkIT#hello", "com.acme.Talk.hello"] {
        chat(Some(name), RUNTIME, &[name]).to(&env, "");
    }
    let source = "from shared import test_imported\ndef test_p(n): ...\nclass TestC(Shared): ...\n\
        class TestU(TestCase):\n    @expand([1])\n    def test_add(self): ...\n";
    env.write("tests/test_a.py", source);
    env.write("tests/test_b.py", "def test_b(n): ...\n");
    let plan_of = |list: &[u8]| {
        env.write("list.txt", list);
        plan(&prune(&env, &["--tests", "list.txt"]).json())
    };
    let gone = expected(&[(&removed, &["no-such-test"])]);
    let one = id("test_p[1]");
    // `-k` with workers: nothing of what was deselected is printed. A report shows it neither.
    let run = format!("2 workers [1 item]\n\n[gw0] [100%] PASSED {one} \n\n== 1 passed in 0.1s ==\n");
    assert_eq!(plan_of(run.as_bytes()), gone);
    let xml = "<testsuite tests=\"1\"><testcase classname=\"tests.test_a\" name=\"test_p[1]\"/></testsuite>";
    assert_eq!(plan_of(xml.as_bytes()), gone);
    // `--collect-only -q tests/test_a.py::test_p[1]`
    assert_eq!(plan_of(format!("{one}\n\n1 test collected in 0.1s\n").as_bytes()), gone);
    // All functions of the file are listed, so its parameters are too; Windows PowerShell wrote the list.
    let all = there.len();
    let listed = ["test_p[1]", "TestC::test_inherited", "TestU::test_add_0_one", "test_imported"].map(id).join("\r\n");
    let text = format!("{listed}\r\n\r\n{all} tests collected in 0.1s\r\n");
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let both = expected(&[(&parameter, &["no-such-test"]), (&removed, &["no-such-test"])]);
    assert_eq!(plan_of(text.as_bytes()), both);
    assert_eq!(plan_of(&wide), both);
    // The list of some files does not complete a run of others.
    let run = "collected 9 items / 8 deselected / 1 selected\n\ntests/test_b.py::test_b[2] PASSED\n\n1 passed, 8 deselected in 0.1s\n";
    env.write("run.txt", run);
    env.write("list.txt", &text);
    let args = ["--tests", "list.txt", "--tests", "run.txt"];
    prune(&env, &args).exits(2).one_error(&["run.txt", "8 tests were deselected"]);
    // The old form of pytest's report names the file of an inherited function; a test that ran again is counted once.
    let case = "<testcase classname=\"tests.test_a.TestC\" name=\"test_inherited\" file=\"tests/base.py\"/>";
    let report = format!("<testsuite tests=\"1\">{case}{case}</testsuite>");
    assert_eq!(plan_of(report.as_bytes()), gone);
    assert!(env.root().join(&other).exists());
    // A file that cannot be looked through may define anything.
    #[cfg(unix)]
    {
        std::fs::remove_file(env.root().join("tests/test_a.py")).unwrap();
        std::os::unix::fs::symlink("test_a.py", env.root().join("tests/test_a.py")).unwrap();
        env.write("list.txt", &one);
        let run = prune(&env, &["--tests", "list.txt"]);
        assert_eq!(plan(&run.json()), expected(&[]));
        let warned = "the tests of tests/test_a.py are not known, so their recordings stay";
        assert!(
            run.stderr.lines().any(|line| line.starts_with("warning: ") && line.ends_with(warned)),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn evidence_is_not_older_than_a_checkout_of_the_same_content() {
    if !crate::support::has_git() {
        return;
    }
    let (env, read) = living();
    env.commit();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    evidence(&env, &[A, B], &read);
    let touch = |path: &str| {
        let file = std::fs::File::options().write(true).open(env.root().join(path)).unwrap();
        file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(100)).unwrap();
    };
    read.iter().for_each(|path| touch(path));
    prune(&env, &EVIDENCE).exits(0);
    // Other content is newer.
    let newer = chat(Some(A), RUNTIME, &["new"]).to(&env, "t/a");
    touch(&newer);
    prune(&env, &EVIDENCE).exits(2).one_error(&[&newer, "older than"]);
}

#[test]
fn a_quarantine_that_was_killed_goes_on_with_the_same_folder() {
    let (env, _) = living();
    let paths = [1, 2].map(|number| chat(Some(A), RUNTIME, &["edited"]).named(&env, &wrong_name("t/a", number)));
    let before = env.tree();
    // Killed after the first copy, and while it wrote the second one.
    env.write(&format!("away/{}", paths[0]), env.read(&paths[0]));
    env.write("away/t/a/recordings/.bedrock-fixtures-x.tmp", "{");
    env.write("away/.bedrock-fixtures-quarantine", "");
    let report = prune(&env, &["--yes", "--quarantine", "away"]).exits(0).json();
    assert_eq!(report["deleted"].as_array().unwrap().len(), 2);
    for path in &paths {
        let bytes = &before.iter().find(|(known, _)| known == path).unwrap().1;
        assert_eq!(std::fs::read(env.root().join("away").join(path)).unwrap(), *bytes);
    }
    // Another content of that name is in the way.
    let other = chat(Some(A), RUNTIME, &["other"]).named(&env, &wrong_name("t/a", 3));
    env.write(&format!("away/{other}"), "{}");
    prune(&env, &["--yes", "--quarantine", "away"]).exits(2).one_error(&["a file is there already"]);
}
