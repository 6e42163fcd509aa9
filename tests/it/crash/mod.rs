//! Kills and faults of disks. [`walk`]: strace ends the process at the n-th call that changes the file system, or makes that
//! call fail. [`kills`]: kills at random moments, which need no step to be at. Whatever happens, each recording is as before or
//! as after, and the next run of a command that writes removes what was left. [`reads`]: what cannot be opened, listed or read.
//!
//! `BEDROCK_FIXTURES_LONG=1` takes every step of every command and 200 moments of each; else one step in thirteen, and a
//! few moments.
#![cfg(target_os = "linux")]

mod copies;
mod kills;
mod reads;
mod scenarios;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use self::scenarios::{KEY, OTHER, Scenario, cases};
use crate::support::{TestEnv, case, skipped};

/// A test for each command, named as the command is.
macro_rules! each_command {
    ($act:path) => {
        $crate::crash::each_command! { $act;
            record "record", guarded "record -- COMMAND", fix "verify --fix", rekey "rekey", prune "prune",
            quarantine "prune --quarantine", init "init", reject "reject", accept "accept",
            baseline "verify --write-baseline", mint_token "mint-token --output", record_serve "record --serve",
            serve "serve", serve_missing "serve --mode missing",
        }
    };
    ($act:path; $($test:ident $name:literal,)*) => {
        $(#[test]
        fn $test() {
            $act($crate::crash::scenario($name));
        })*

        #[test]
        fn every_command_has_its_test() {
            let names = [$($name),*];
            assert!($crate::crash::scenarios::SCENARIOS.iter().all(|scenario| names.contains(&scenario.name)));
        }
    };
}
use each_command;

fn scenario(name: &str) -> &'static Scenario {
    scenarios::SCENARIOS.iter().chain(&reads::READERS).find(|scenario| scenario.name == name).unwrap()
}

/// A running command, with its client if it is a server.
struct Started {
    process: Child,
    asking: Option<JoinHandle<Vec<u8>>>,
}

/// Starts a command in the place of a tree.
fn start(env: &TestEnv, scenario: &Scenario, mut command: Command) -> Started {
    if !scenario.is_server {
        return Started { process: command.spawn().unwrap(), asking: None };
    }
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (input, mut said) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
    let (root, path) = (env.root().to_owned(), std::env::var_os("PATH").unwrap());
    let asking = std::thread::spawn(move || {
        let mut first = String::new();
        // A run that ended early says nothing.
        let _ = said.read_line(&mut first);
        if let Ok(started) = serde_json::from_str::<serde_json::Value>(&first) {
            let mut client = Command::new("bash");
            client
                .arg("client.sh")
                .env_clear()
                .env("PATH", path)
                .env("OPENAI_BASE_URL", started["base_url"].as_str().unwrap());
            client.current_dir(root).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        }
        drop(input);
        let mut all = first.into_bytes();
        let _ = said.read_to_end(&mut all);
        all
    });
    Started { process, asking: Some(asking) }
}

impl Started {
    fn end(self) -> Output {
        let asked = self.asking.map(|asking| asking.join().unwrap());
        let mut output = self.process.wait_with_output().unwrap();
        output.stdout.extend(asked.unwrap_or_default());
        output
    }
}

/// Runs a command to its end.
fn run(env: &TestEnv, scenario: &Scenario) {
    let mut command = env.command(scenario.args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    start(env, scenario, command).end();
}

/// Has git, strace and bash, or says why the test is left out.
fn is_possible() -> bool {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !crate::support::has_git() {
        return false;
    }
    if !runs("strace") || !runs("bash") {
        assert!(std::env::var_os("CI").is_none(), "in CI, strace and bash must be there");
        skipped("strace or bash is not installed, so no run is killed");
        return false;
    }
    true
}

fn is_long() -> bool {
    std::env::var_os("BEDROCK_FIXTURES_LONG").is_some()
}

/// A store that is made once and put back before each run.
struct Scene {
    env: TestEnv,
    scenario: &'static Scenario,
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
    /// How long a run takes that nobody ends.
    whole: Duration,
}

impl Scene {
    fn of(scenario: &'static Scenario) -> Self {
        let env = fresh(scenario);
        let before = contents(&env);
        let copy = Command::new("cp").args(["-a", "."]).arg("../saved").current_dir(env.root()).status();
        assert!(copy.unwrap().success());
        let start = Instant::now();
        run(&env, scenario);
        let whole = start.elapsed();
        let after = contents(&env);
        let remains = leftovers(&after);
        assert!(remains.is_empty(), "{} leaves {remains:?}", scenario.name);
        Scene { env, scenario, before, after, whole }
    }

    /// Restores its first state.
    fn put_back(&self) {
        let script = "rm -rf ../quarantine ../tmp; mkdir ../tmp; find . -mindepth 1 -delete; cp -a ../saved/. .";
        assert!(Command::new("sh").args(["-c", script]).current_dir(self.env.root()).status().unwrap().success());
    }

    /// Nothing was lost by the run that ended early, and the next ones finish its work and clean up; whether it left
    /// something. What a command of the team wrote counts when all is over. Every other time another command runs first.
    fn check_end(&self, what: &str, is_other_first: bool) -> bool {
        let Scene { env, scenario, before, after, .. } = self;
        let now = contents(env);
        if !scenario.is_foreign {
            check(what, before, after, &now);
        }
        let left = leftovers(&now);
        let is_clean = |when: &str, outside: bool| {
            let mut remains = leftovers(&contents(env));
            remains.retain(|path| outside || !path.starts_with("../quarantine/"));
            assert!(remains.is_empty(), "{what}: {remains:?} was left {when} (before the clean-up: {left:?})");
        };
        // A guarded run puts back what an earlier one lost, so its copy waits for it.
        if is_other_first && !scenario.is_foreign {
            env.write("other.jsonl", case(&format!("{OTHER}test_o.py::other"), "other"));
            env.run(&["record", "--sandbox", "--cases", "other.jsonl"]);
            // A folder outside the tree is known to the command alone that was given it.
            is_clean("by another command", false);
        }
        run(env, scenario);
        let mut again = contents(env);
        if scenario.is_foreign {
            // What the team's command added and the disk did not let go: the run that failed to remove it said so.
            again.retain(|path, _| before.contains_key(path) || after.contains_key(path) || is_leftover(path));
        }
        check(&format!("{what}, again"), before, after, &again);
        env.write("more.jsonl", cases(&["two", "six"]) + &case("tests/b/test_b.py::three", "three"));
        env.run(&["record", "--sandbox", "--cases", "more.jsonl"]);
        is_clean("in the end", !is_other_first);
        !left.is_empty()
    }
}

/// A store, deep enough in a folder of its own for what a command writes beside it.
fn fresh(scenario: &Scenario) -> TestEnv {
    let server = "http://127.0.0.1:9";
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap()).set("RAYON_NUM_THREADS", "1");
    let env = env
        .set("AWS_BEARER_TOKEN_BEDROCK", "token-of-this-test-0123456789")
        .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server)
        .set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", &"x".repeat(40));
    let env = env.below("root").set("TMPDIR", "../tmp");
    std::fs::create_dir(env.root().join("../tmp")).unwrap();
    (scenario.make)(&env);
    env
}

/// What is in the tree, without git's own files.
fn contents(env: &TestEnv) -> BTreeMap<String, Vec<u8>> {
    // Git, which a killed run had started, may still make and remove files of its own.
    let is_git = |entry: &walkdir::DirEntry| entry.depth() == 1 && entry.file_name() == ".git";
    let entries = walkdir::WalkDir::new(env.root()).into_iter().filter_entry(|entry| !is_git(entry));
    let mut tree = BTreeMap::new();
    for entry in entries.map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let path = entry.path().strip_prefix(env.root()).unwrap().display().to_string();
        tree.insert(path, std::fs::read(entry.path()).unwrap());
    }
    for folder in ["../quarantine", "../tmp"] {
        let top = env.root().join(folder);
        for entry in walkdir::WalkDir::new(&top).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
            let path = entry.path().strip_prefix(&top).unwrap().display();
            tree.insert(format!("{folder}/{path}"), std::fs::read(entry.path()).unwrap());
        }
    }
    for folder in [".git/bedrock-fixtures"] {
        let left = walkdir::WalkDir::new(env.root().join(folder)).into_iter().flatten();
        for entry in left.filter(|entry| entry.file_type().is_file()) {
            let path = entry.path().strip_prefix(env.root()).unwrap().display().to_string();
            tree.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    tree
}

fn is_leftover(path: &str) -> bool {
    let is_list = path.ends_with(".bedrock-fixtures-moved");
    path.contains("bedrock-fixtures-") && !is_list
        || path.starts_with(".git/bedrock-fixtures/")
        || path.starts_with("../tmp/")
}

/// What a run left on purpose and named to the user: a copy of recordings that could not be restored.
fn kept(tree: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let folders: Vec<&str> = tree.keys().filter_map(|path| path.strip_suffix("/kept")).collect();
    let is_kept = |path: &str| folders.iter().any(|folder| path.starts_with(folder));
    tree.iter().filter(|(path, _)| is_kept(path)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

/// What a run left that nobody needs.
fn leftovers(tree: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let kept = kept(tree);
    tree.keys().filter(|path| is_leftover(path) && !kept.contains_key(*path)).cloned().collect()
}

/// The recordings, and the key that `mint-token` writes: what must be as before or as after.
fn recordings(tree: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, &[u8]> {
    let is_recording = |path: &str| {
        path.ends_with(".json") && path.contains("recordings/") && !is_leftover(path) && !path.starts_with(OTHER)
    };
    tree.iter()
        .filter(|(path, _)| is_recording(path) || *path == KEY)
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect()
}

/// Nothing is torn, nothing is lost: each file is as before or as after, and what both have is somewhere.
fn check(
    what: &str,
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
    now: &BTreeMap<String, Vec<u8>>,
) {
    let kept = kept(now);
    let is_kept = |path: &str, bytes: &[u8]| kept.iter().any(|(copy, kept)| copy.ends_with(path) && kept == bytes);
    let (before, after, now) = (recordings(before), recordings(after), recordings(now));
    for (path, bytes) in &now {
        let known = [before.get(path), after.get(path)];
        // What the command wrote could not be replaced by the copy, which is kept then.
        if before.get(path).is_some_and(|before| is_kept(path, before)) {
            continue;
        }
        assert!(known.contains(&Some(bytes)), "{what}: {path} is torn: {}", String::from_utf8_lossy(bytes));
    }
    for path in before.keys().filter(|path| after.contains_key(*path)) {
        assert!(now.contains_key(path) || is_kept(path, before[path]), "{what}: {path} is lost");
    }
    // A move: what was there under one name is there under it or another.
    let have: BTreeSet<&[u8]> = now.values().copied().collect();
    let moved = before.iter().filter(|(path, _)| !after.contains_key(*path));
    for (path, bytes) in moved {
        let stays = after.values().any(|other| other == bytes);
        assert!(!stays || have.contains(bytes), "{what}: the content of {path} is lost");
    }
}
