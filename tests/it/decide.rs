//! `review`, `accept`, `reject`: decisions live in git alone.

use serde_json::{Value, json};

use crate::record::answer;
use crate::support::server::{ScriptedServer, Step};
use crate::support::{TestEnv, case};

/// A committed store of some tests, and the paths of their recordings.
fn store() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new();
    let names = ["a", "b", "c", "d"];
    env.write("cases.jsonl", names.map(|name| case(&format!("tests/test_{name}.py::t"), name)).concat());
    env.run(&["record", "--sandbox", "-q", "--cases", "cases.jsonl"]).exits(0);
    env.commit();
    let paths = names.map(|name| env.recording_of(&format!("tests/test_{name}.py::t"))).to_vec();
    (env, paths)
}

fn edit(env: &TestEnv, path: &str, change: impl FnOnce(&mut Value)) {
    let mut recording: Value = serde_json::from_str(&env.read(path)).unwrap();
    change(&mut recording["response"]["body"]["__data__"]);
    env.write(path, serde_json::to_string_pretty(&recording).unwrap() + "\n");
}

fn noise(data: &mut Value) {
    data["created"] = json!(7);
}

fn text(data: &mut Value) {
    data["choices"][0]["message"]["content"] = json!("another text");
}

fn behaviour(data: &mut Value) {
    data["choices"][0]["finish_reason"] = json!("length");
}

fn staged(env: &TestEnv) -> Vec<String> {
    let text = env.git(&["diff", "--cached", "--name-only"]);
    text.lines().map(str::to_owned).collect()
}

fn paths(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["after"].as_str().or(one["before"].as_str()).unwrap()).collect()
}

#[test]
fn noise_needs_no_decision_and_the_rest_waits_the_worst_first() {
    if !crate::support::has_git() {
        return;
    }
    let (env, files) = store();
    env.run(&["review"]).exits(0);
    edit(&env, &files[0], noise);
    edit(&env, &files[1], text);
    edit(&env, &files[2], behaviour);
    let review = env.run(&["review", "--format", "json"]).exits(1).json();
    assert_eq!((&review["schema"], &review["command"]), (&json!(1), &json!("review")));
    assert_eq!(paths(&review["accepted"]), [&files[0]]);
    assert_eq!(paths(&review["waiting"]), [&files[2], &files[1]]);
    assert_eq!(staged(&env), [files[0].clone()]);
    // Only noise: nothing waits.
    let (env, files) = store();
    files.iter().for_each(|file| edit(&env, file, noise));
    let review = env.run(&["review", "--format", "json"]).exits(0).json();
    assert_eq!((review["accepted"].as_array().unwrap().len(), &review["waiting"]), (4, &json!([])));
}

#[test]
fn what_is_accepted_is_staged_and_what_is_rejected_is_as_it_was() {
    if !crate::support::has_git() {
        return;
    }
    let (env, files) = store();
    let before = env.recordings();
    edit(&env, &files[0], noise);
    edit(&env, &files[1], text);
    std::fs::remove_file(env.root().join(&files[2])).unwrap();
    env.write("more.jsonl", case("tests/test_new.py::t", "new"));
    env.run(&["record", "--sandbox", "-q", "--cases", "more.jsonl"]).exits(0);
    let mine = env.write("notes.txt", "mine\n");
    let accepted = env.run(&["accept", "--class", "text", "--format", "json"]).exits(0).json();
    assert_eq!(paths(&accepted["accepted"]), [&files[1]]);
    assert_eq!(staged(&env), [files[1].clone()]);
    // Without a consent nothing is undone.
    let after = env.tree();
    let asked = env.run(&["reject", "--format", "json"]).exits(1).json();
    assert_eq!((asked["rejected"].as_array().unwrap().len(), asked["waiting"].as_array().unwrap().len()), (0, 3));
    assert_eq!(env.tree(), after);
    let rejected = env.run(&["reject", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(rejected["rejected"].as_array().unwrap().len(), 3, "{rejected}");
    // All but what was accepted, and what is no recording, is there bit for bit.
    let kept = || env.recordings().into_iter().filter(|(path, _)| *path != files[1]).collect::<Vec<_>>();
    assert_eq!(kept(), before.into_iter().filter(|(path, _)| *path != files[1]).collect::<Vec<_>>());
    assert!(mine.exists() && env.root().join("more.jsonl").exists());
    assert_eq!(staged(&env), [files[1].clone()]);
    assert_eq!(env.run(&["review"]).exits(0).stdout, "no changed recording waits for a decision\n");
}

#[test]
fn a_selection_leaves_the_rest_and_without_git_there_is_one_clear_line() {
    if !crate::support::has_git() {
        return;
    }
    let (env, files) = store();
    files.iter().for_each(|file| edit(&env, file, text));
    let before: Vec<_> = env.recordings().into_iter().filter(|(path, _)| *path != files[3]).collect();
    env.run(&["reject", "--yes", "--test", "test_d"]).exits(0);
    let after: Vec<_> = env.recordings().into_iter().filter(|(path, _)| *path != files[3]).collect();
    assert_eq!(after, before, "no other byte");
    env.run(&["accept", "--test", "test_a"]).exits(0);
    assert_eq!(staged(&env), [files[0].clone()]);
    let review = env.run(&["review", "--format", "json"]).exits(1).json();
    assert_eq!(paths(&review["waiting"]), [&files[1], &files[2]]);
    let plain = TestEnv::new();
    plain.run(&["record", "--sandbox", "-q"]).exits(0);
    plain.run(&["review"]).exits(2).one_error(&["git"]);
}

#[cfg(unix)]
#[test]
fn on_a_terminal_one_key_decides_each() {
    if !crate::support::has_git() {
        return;
    }
    let (env, files) = store();
    let before = env.recordings();
    edit(&env, &files[0], behaviour);
    edit(&env, &files[1], text);
    edit(&env, &files[2], text);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bedrock-fixtures"));
    command.arg("review").current_dir(env.root()).env_clear().env("HOME", env.root()).env("TERM", "xterm");
    let mut session = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    for key in ["a", "r", "s"] {
        session.exp_string("[q]uit?").unwrap();
        session.send(key).unwrap();
        session.flush().unwrap();
    }
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains("1 change accepted, 1 rejected, 1 waiting"), "{rest}");
    assert_eq!(staged(&env), [files[0].clone()]);
    let of = |tree: &[(String, Vec<u8>)], name: &String| tree.iter().find(|(path, _)| path == name).cloned();
    let now = env.tree();
    let restored = files[1..3].iter().filter(|name| of(&now, name) == of(&before, name)).count();
    assert_eq!(restored, 1);
}

/// By the hash of the tree: one test asked again changes one file, and rejecting it changes nothing.
#[test]
fn one_test_is_recorded_again_and_rejecting_it_restores_the_tree() {
    if !crate::support::has_git() {
        return;
    }
    let (env, _) = store();
    let tree = |env: &TestEnv| {
        env.git(&["add", "-A"]);
        env.git(&["write-tree"])
    };
    let before = tree(&env);
    let upstream = ScriptedServer::start(vec![Step::json(200, &answer("another answer"))]);
    let env = env.set("AWS_BEARER_TOKEN_BEDROCK", "token-of-this-test-0123456789");
    let test_id = "tests/test_c.py::t";
    let args = ["record", "tests", "--test", test_id, "--endpoint-url", &upstream.url(), "--format", "json"];
    let report = env.run(&args).exits(0).json();
    let results = report["results"].as_array().unwrap();
    let written: Vec<&str> =
        results.iter().filter(|one| one["status"] == "written").map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!((written.len(), upstream.requests().len()), (1, 1), "{report:#}");
    let changed = env.git(&["diff", "--name-only"]);
    assert_eq!(changed.lines().collect::<Vec<_>>(), written);
    assert_ne!(tree(&env), before);
    env.git(&["reset", "-q"]);
    env.run(&["reject", "--yes", "--test", test_id]).exits(0);
    assert_eq!(tree(&env), before);
}
