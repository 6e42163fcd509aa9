//! The sides that git knows, in real repositories.

use serde_json::{Value, json};

use super::{adds_up, asks, count};
use crate::support::TestEnv;

fn repository() -> TestEnv {
    let path = std::env::var("PATH").unwrap();
    let env = TestEnv::new().set("PATH", &path);
    env.git(&["init", "--quiet", "--initial-branch=main"]);
    env
}

#[track_caller]
fn diff(env: &TestEnv, args: &[&str]) -> Value {
    env.run(&[&["diff", "--format", "json"], args].concat()).exits(0).json()
}

/// Each side differs from the next in one class, so that counts say what was compared.
fn history() -> TestEnv {
    let env = repository();
    asks(&env, "tests", "1", "tests/t.py::one", "One?", "1");
    asks(&env, "tests", "2", "tests/t.py::two", "Two?", "2");
    env.commit();
    asks(&env, "tests", "1", "tests/t.py::one", "One?", "one");
    env.commit();
    asks(&env, "tests", "3", "tests/t.py::three", "Three?", "3");
    env.git(&["add", "--all"]);
    std::fs::remove_file(env.root().join("tests/recordings/2.json")).unwrap();
    asks(&env, "tests", "4", "tests/t.py::four", "Four?", "4");
    env
}

#[test]
fn revisions_index_and_work_tree() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    let changed = |args: &[&str]| {
        let report = diff(&env, args);
        ["identical", "text", "added", "removed"].map(|class| count(&report, class))
    };
    assert_eq!(changed(&["HEAD~1..HEAD"]), [1, 1, 0, 0]);
    assert_eq!(changed(&["HEAD~1.."]), [1, 1, 0, 0]);
    assert_eq!(changed(&["HEAD..HEAD~1"]), [1, 1, 0, 0]);
    assert_eq!(changed(&["HEAD~1", "HEAD"]), [1, 1, 0, 0]);
    assert_eq!(changed(&["--staged"]), [2, 0, 1, 0]);
    assert_eq!(changed(&["--staged", "HEAD~1"]), [1, 1, 1, 0]);
    assert_eq!(changed(&[]), [1, 0, 2, 1]);
    assert_eq!(changed(&["HEAD~1"]), [0, 1, 2, 1]);
    assert_eq!(changed(&["HEAD..HEAD"]), [2, 0, 0, 0]);
    assert_eq!(changed(&["HEAD~1", "--", "tests/recordings/1.json"]), [0, 1, 0, 0]);
    assert_eq!(changed(&["HEAD~1", "--", "tests/recordings/2.json"]), [0, 0, 0, 1]);
    assert_eq!(changed(&["tests/recordings/1.json"]), [1, 0, 0, 0]);
    let report = diff(&env, &["HEAD~1"]);
    assert_eq!((&report["before"], &report["after"]), (&json!("HEAD~1"), &json!("the work tree")));
}

#[test]
fn three_dots_begin_where_the_branches_parted() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    env.commit();
    env.git(&["branch", "other", "HEAD~1"]);
    env.git(&["checkout", "--quiet", "other"]);
    asks(&env, "tests", "5", "tests/t.py::five", "Five?", "5");
    env.commit();
    let report = diff(&env, &["main...other"]);
    assert_eq!((count(&report, "added"), count(&report, "identical")), (1, 2));
    adds_up(&report, 2, 3);
    assert_eq!(count(&diff(&env, &["main..other"]), "removed"), 2);
}

#[test]
fn before_the_first_commit_everything_is_added() {
    if !crate::support::has_git() {
        return;
    }
    let env = repository();
    asks(&env, "tests", "1", "tests/t.py::one", "One?", "1");
    env.git(&["add", "--all"]);
    assert_eq!(count(&diff(&env, &[]), "added"), 1);
    assert_eq!(count(&diff(&env, &["--staged"]), "added"), 1);
}

#[test]
fn the_root_may_be_below_the_top() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    let report = diff(&env, &["HEAD~1..HEAD", "--root", "tests"]);
    assert_eq!(report["changes"][0]["before"], "recordings/1.json");
    let report = diff(&env, &["HEAD~1..HEAD", "--root", "tests/recordings"]);
    assert_eq!(report["changes"][0]["before"], "1.json");
}

#[test]
fn the_exit_code_tells_when_it_is_asked_for() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    env.run(&["diff", "HEAD~1..HEAD"]).exits(0);
    env.run(&["diff", "HEAD~1..HEAD", "--exit-code"]).exits(1);
    env.run(&["diff", "HEAD..HEAD", "--exit-code"]).exits(0);
    let path = "tests/recordings/1.json";
    let noisy = env.read(path).replace("\"choices\"", "\"id\": \"rec-1\",\n      \"choices\"");
    env.git(&["checkout", "--quiet", "--force", "HEAD", "--", "."]);
    env.write(path, noisy);
    for added in ["3", "4"] {
        std::fs::remove_file(env.root().join(format!("tests/recordings/{added}.json"))).ok();
    }
    env.git(&["add", "--all"]);
    let run = env.run(&["diff", "--exit-code", "--format", "json"]).exits(0);
    assert_eq!((count(&run.json(), "noise"), count(&run.json(), "identical")), (1, 1));
}

#[test]
fn textconv_and_difftool_work_as_documented() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    env.commit();
    let binary = env!("CARGO_BIN_EXE_bedrock-fixtures");
    env.write(".gitattributes", "**/recordings/*.json diff=bedrock-fixtures\n");
    env.git(&["config", "diff.bedrock-fixtures.textconv", &format!("'{binary}' diff --textconv")]);
    let shown = env.git(&["diff", "HEAD~2", "HEAD~1"]);
    let changed: Vec<&str> = shown.lines().filter(|line| line.starts_with(['-', '+'])).skip(2).collect();
    assert_eq!(changed, ["-  text: 1", "+  text: one"], "{shown}");
    env.git(&["config", "difftool.bedrock-fixtures.cmd", &format!("'{binary}' diff \"$LOCAL\" \"$REMOTE\"")]);
    let shown = env.git(&["difftool", "--dir-diff", "--tool", "bedrock-fixtures", "HEAD~2", "HEAD~1"]);
    assert!(shown.contains("1 recording: 1 text") && shown.contains("[-1-]{+one+}"), "{shown}");
    let shown = env.git(&["difftool", "--no-renames", "--no-prompt", "--tool", "bedrock-fixtures", "HEAD~1", "HEAD"]);
    assert!(shown.contains("1 removed") && shown.contains("1 added"), "a side that is not there: {shown}");
}

#[test]
fn what_cannot_be_compared_is_one_error() {
    if !crate::support::has_git() {
        return;
    }
    let env = history();
    for (args, parts) in [
        (&["nowhere"][..], &["nowhere", "does not know this revision"][..]),
        (&["--", "/"], &["outside the root"]),
        (&["HEAD", "--staged", "HEAD"], &["--staged"]),
        (&["tests", "tests/recordings/1.json"], &["a file cannot be compared with a folder"]),
        (&["tests", "nowhere"], &["nowhere", "no such file or folder"]),
        (&["tests", "tests", "--staged"], &["--staged"]),
        (&["-c..HEAD"], &[]),
    ] {
        let run = env.run(&[&["diff"], args].concat()).exits(2);
        if !parts.is_empty() {
            run.one_error(parts);
        }
    }
    env.run(&["verify", "--format", "markdown"]).exits(2).one_error(&["markdown"]);
    let empty = repository();
    commit_empty(&empty);
    empty.run(&["diff"]).exits(2).one_error(&["no recordings on either side"]);
    let bare = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    bare.run(&["diff"]).exits(2).one_error(&["git", "two files or two folders"]);
}

fn commit_empty(env: &TestEnv) {
    env.git(&["commit", "--quiet", "--allow-empty", "--message", "nothing"]);
}
