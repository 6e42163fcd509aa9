//! The steps of the GitHub Action, with a stand-in for `gh`.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, TestEnv, case};

/// What of `action.yml` a runner needs to start a step.
#[derive(serde::Deserialize)]
struct Action {
    inputs: BTreeMap<String, serde::de::IgnoredAny>,
    runs: Runs,
}

#[derive(serde::Deserialize)]
struct Runs {
    steps: Vec<Step>,
}

#[derive(serde::Deserialize)]
struct Step {
    #[serde(default)]
    id: String,
    run: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

fn action() -> Action {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// Runs a step of `action.yml` as the runner would: its command, with those variables that it asks for.
fn step(env: &TestEnv, id: &str, variables: &[(&str, &str)]) -> Run {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let step = action().runs.steps.into_iter().find(|step| step.id == id).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_bedrock-fixtures")).parent().unwrap();
    let path = format!("{}:{}:{}", env.root().join("bin").display(), program.display(), std::env::var("PATH").unwrap());
    let given = [&[("ROOT", ".")], variables].concat();
    let asked = given.into_iter().filter(|(name, _)| step.env.contains_key(*name));
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.run.unwrap()])
        .current_dir(env.root())
        .env_clear()
        .env("HOME", env.root())
        .env("PATH", path)
        .env("GITHUB_ACTION_PATH", top)
        .env("GITHUB_OUTPUT", env.root().join("output.txt"))
        .envs(asked);
    Run::of(command.output().unwrap())
}

/// The runner replaces an unknown input by nothing, without a word.
#[test]
fn the_action_names_only_inputs_that_it_has() {
    let action = action();
    let values = action.runs.steps.iter().flat_map(|step| step.env.values());
    let named: BTreeSet<&str> = values
        .filter_map(|value| value.split_once("inputs."))
        .map(|(_, rest)| rest.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap())
        .collect();
    assert_eq!(named, action.inputs.keys().map(String::as_str).collect());
}

/// A `gh` that notes how it is called, and finds the comment that `old.txt` names.
fn stand_in(env: &TestEnv) {
    let script = "#!/bin/sh\necho \"$*\" >> \"$HOME/gh.txt\"\ncase \"$*\" in *--paginate*) cat \"$HOME/old.txt\" 2>/dev/null || true;; esac\n\
                  for word; do case \"$word\" in body=@*) cat \"${word#body=@}\" > \"$HOME/body.md\";; esac; done\n";
    let gh = env.write("bin/gh", script);
    std::fs::set_permissions(gh, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn commit(env: &TestEnv) -> String {
    env.git(&["add", "-A", "tests"]);
    env.git(&["commit", "--allow-empty", "-qm", "x"]);
    env.git(&["rev-parse", "HEAD"]).trim().to_owned()
}

#[test]
fn a_pull_request_is_annotated_and_gets_one_comment_and_a_page() {
    if !crate::support::has_git() {
        return;
    }
    let env = TestEnv::new();
    stand_in(&env);
    env.git(&["init", "-q"]);
    env.write("cases.jsonl", case("tests/test_a.py::t", "one"));
    env.run(&["record", "--sandbox", "-q", "--cases", "cases.jsonl"]).exits(0);
    let base = commit(&env);
    step(&env, "verify", &[]).exits(0);
    let variables = [
        ("BASE", base.as_str()),
        ("COMMENT", "true"),
        ("NUMBER", "7"),
        ("RUN_URL", "https://github.example/o/r/actions/runs/1"),
        ("GH_REPO", "o/r"),
    ];
    // Nothing changed: no comment, no page.
    step(&env, "review", &variables).exits(0);
    assert!(!env.root().join("body.md").exists() && !env.root().join("output.txt").exists());

    let path = env.recording_paths().remove(0);
    let edited = env.read(&path).replace("\"finish_reason\": \"stop\"", "\"finish_reason\": \"length\"");
    env.write(&path, edited);
    commit(&env);
    step(&env, "review", &variables).exits(0);
    let calls = env.read("gh.txt");
    assert!(
        calls.lines().last().unwrap().starts_with("api --silent --method POST repos/o/r/issues/7/comments"),
        "{calls}"
    );
    let body = env.read("body.md");
    assert!(body.starts_with("<!-- bedrock-fixtures diff -->") && body.contains("actions/runs/1#artifacts"), "{body}");
    let page = env.read("output.txt").trim().strip_prefix("page=").unwrap().to_owned();
    assert!(std::fs::read_to_string(page).unwrap().contains("data-class=\"behaviour\""));
    // The next time the same comment is written anew.
    env.write("old.txt", "42\n");
    step(&env, "review", &variables).exits(0);
    assert!(
        env.read("gh.txt")
            .lines()
            .last()
            .unwrap()
            .starts_with("api --silent --method PATCH repos/o/r/issues/comments/42")
    );

    let broken = env.read(&path).replace("one", "two");
    env.write(&path, broken);
    let run = step(&env, "verify", &[]).exits(1);
    assert!(run.stdout.starts_with(&format!("::error file={path},title=key-mismatch")), "{run:?}");
}
