//! Kills, full disks and broken disks at every step: strace ends the process at the n-th call that changes the file system, or
//! makes that call fail. Whatever the step, each recording is as before or as after, and the next run of a command that writes
//! removes what was left. And kills at random moments, which need no step to be at.
//!
//! `BEDROCK_FIXTURES_LONG=1` takes every step of every command and 200 moments of each; else one step in thirteen, and a
//! few moments.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{TestEnv, case, skipped};

/// The calls by which the store changes a file system.
const CHANGES: &str = "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,\
                       symlinkat,chmod,fchmod,fchmodat,copy_file_range,sendfile,ftruncate";

/// What happens at a step.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Kill,
    Error(&'static str),
}

/// A command on a store that is made anew for each run.
struct Scenario {
    /// A program of its own writes, so that only what comes of it when all is over counts.
    is_foreign: bool,
    name: &'static str,
    args: &'static [&'static str],
    make: fn(&TestEnv),
}

fn cases(names: &[&str]) -> String {
    names.iter().map(|name| case(&format!("tests/a/test_a.py::{name}"), name)).collect()
}

/// Three recordings, two folders, committed.
fn store(env: &TestEnv) {
    env.git(&["init", "-q"]);
    env.write("cases.jsonl", cases(&["one", "two"]) + &case("tests/b/test_b.py::three", "three"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    std::fs::remove_file(env.root().join("cases.jsonl")).unwrap();
    env.commit();
}

fn paths(env: &TestEnv) -> Vec<String> {
    env.tree()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.contains("recordings/") && !path.starts_with(".git/"))
        .collect()
}

const SCENARIOS: [Scenario; 12] = [
    Scenario {
        is_foreign: false,
        name: "record",
        args: &["record", "--sandbox", "--cases", "cases.jsonl", "--concurrency", "1"],
        make: |env| {
            store(env);
            env.write("cases.jsonl", cases(&["one", "four", "five"]));
        },
    },
    Scenario {
        is_foreign: true,
        name: "record -- COMMAND",
        args: &["record", "--", "sh", "run.sh"],
        make: |env| {
            store(env);
            let all = paths(env);
            env.write("run.sh", format!("echo '{{' > {}; rm {}; echo x > tests/a/recordings/new.json", all[0], all[1]));
        },
    },
    Scenario {
        is_foreign: false,
        name: "verify --fix",
        args: &["verify", "--fix"],
        make: |env| {
            store(env);
            for path in paths(env) {
                env.write(&path, env.read(&path).replace("\n  ", "\n   "));
            }
        },
    },
    Scenario {
        is_foreign: false,
        name: "rekey",
        args: &["rekey", "--test-id", "tests/a/test_a.py=tests/c/test_c.py", "--yes", "--force"],
        make: store,
    },
    Scenario {
        is_foreign: false,
        name: "prune",
        args: &["prune", "--yes"],
        make: |env| {
            store(env);
            for (number, path) in paths(env).iter().enumerate() {
                let folder = path.rsplit_once('/').unwrap().0;
                env.write(&format!("{folder}/{number:064}.json"), env.read(path));
            }
            env.commit();
        },
    },
    Scenario {
        is_foreign: false,
        name: "prune --quarantine",
        args: &["prune", "--yes", "--quarantine", "../quarantine"],
        make: |env| (SCENARIOS[4].make)(env),
    },
    Scenario { is_foreign: false, name: "init", args: &["init", "--yes"], make: store },
    Scenario {
        is_foreign: false,
        name: "reject",
        args: &["reject", "--yes"],
        make: |env| {
            store(env);
            let all = paths(env);
            env.write(&all[0], "{}");
            std::fs::remove_file(env.root().join(&all[1])).unwrap();
        },
    },
    Scenario {
        is_foreign: false,
        name: "accept",
        args: &["accept", "tests"],
        make: |env| {
            store(env);
            env.write(&paths(env)[0], "{}");
        },
    },
    Scenario {
        is_foreign: false,
        name: "verify --write-baseline",
        args: &["verify", "--write-baseline", "known.json"],
        make: store,
    },
    Scenario {
        is_foreign: false,
        name: "mint-token --output",
        args: &["mint-token", "--output", KEY, "--at", "2026-11-28T12:00:00Z"],
        make: |env| {
            store(env);
            env.write(KEY, "the key of before");
        },
    },
    Scenario {
        is_foreign: false,
        name: "record --serve",
        args: &["record", "--serve", "--sandbox", "--yes", "--", "bash", "client.sh"],
        make: |env| {
            store(env);
            env.write("client.sh", CLIENT);
        },
    },
];

/// A folder that no scenario has.
const OTHER: &str = "tests/other/";

/// What `mint-token` writes.
const KEY: &str = "key";

/// Asks the server three times: for a recording that is there, and for two that are not.
const CLIENT: &str = r#"port=${OPENAI_BASE_URL#*127.0.0.1:}; port=${port%%/*}
for name in one four five; do
  body='{"model": "openai.gpt-oss-20b-1:0", "messages": [{"role": "user", "content": "'$name'"}]}'
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  printf 'POST /openai/v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nx-test-id: %s\r\ncontent-length: %s\r\n\r\n%s' \
    "tests/a/test_a.py::$name" "${#body}" "$body" >&3
  while read -r -u 3 line; do :; done
  exec 3>&-
done
"#;

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
        env.run(scenario.args);
        let whole = start.elapsed();
        let after = contents(&env);
        let remains = leftovers(&after);
        assert!(remains.is_empty(), "{} leaves {remains:?}", scenario.name);
        Scene { env, scenario, before, after, whole }
    }

    /// Makes it as it was at first.
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
        env.run(scenario.args);
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
    let mut tree: BTreeMap<String, Vec<u8>> =
        env.tree().into_iter().filter(|(path, _)| !path.starts_with(".git/")).collect();
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

/// Runs the command under strace; what it says of the calls that change a file system, and what the command prints.
fn trace(env: &TestEnv, scenario: &Scenario, inject: Option<&str>) -> (String, String) {
    let log = env.root().join("../strace.log");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-o"]).arg(&log).arg(format!("--trace={CHANGES}"));
    command.args(inject.map(|inject| format!("--inject={inject}")));
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(scenario.args);
    let plain = env.command(&[]);
    command.current_dir(env.root()).env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    (std::fs::read_to_string(log).unwrap_or_default(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The n-th call of a name in some thread. strace counts in each thread and for each name by itself.
#[derive(Clone)]
struct CallStep {
    call: String,
    number: usize,
    /// It is one of a file, which may fail. What threads wake each other with does not.
    may_fail: bool,
}

/// The steps of a run, and how many calls it makes in all: where two threads make calls of one name, the later n-th call is
/// the same step as the earlier one.
fn steps(scene: &Scene) -> (Vec<CallStep>, usize) {
    scene.put_back();
    let (log, _) = trace(&scene.env, scene.scenario, None);
    let below = format!("<{}", scene.env.root().parent().unwrap().display());
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut steps: BTreeMap<(String, usize), bool> = BTreeMap::new();
    for (thread, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        // Another line says how a call went on that was interrupted in the log.
        if let Some((name, args)) =
            call.trim_start().split_once('(').filter(|(name, _)| !name.contains(['<', ' ', '+']))
        {
            let number = counts.entry((name, thread)).or_default();
            *number += 1;
            let is_of_file = !name.contains("write") || args.split(',').next().is_some_and(|fd| fd.contains(&below));
            let may_fail = steps.entry((name.to_owned(), *number)).or_insert(true);
            *may_fail &= is_of_file;
        }
    }
    let steps = steps.into_iter().map(|((call, number), may_fail)| CallStep { call, number, may_fail });
    (steps.collect(), counts.values().sum())
}

/// Runs the command with a fault at a step; whether it came so far.
fn strike(env: &TestEnv, scenario: &Scenario, fault: Fault, step: &CallStep) -> bool {
    let how = match fault {
        Fault::Kill => "signal=SIGKILL".to_owned(),
        Fault::Error(name) => format!("error={name}"),
    };
    let CallStep { call, number, .. } = step;
    let (log, said) = trace(env, scenario, Some(&format!("{call}:{how}:when={number}")));
    // Threads do not run in the same order each time, so now and then it is one of those calls that never fail.
    let is_panic = said.contains("panicked") && !said.contains("failed to wake I/O driver");
    assert!(!is_panic, "{}: {fault:?} at {call} {number}: {said}", scenario.name);
    log.contains("(INJECTED)") || log.contains("killed by SIGKILL")
}

fn is_leftover(path: &str) -> bool {
    let is_list = path.ends_with(".bedrock-fixtures-moved");
    path.contains("bedrock-fixtures-") && !is_list
        || path.starts_with(".git/bedrock-fixtures/")
        || path.starts_with("../tmp/")
}

/// What a run left on purpose and told a person of: a copy of recordings that could not be restored.
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

#[test]
fn whatever_step_a_run_ends_at_nothing_is_lost_and_the_next_run_cleans_up() {
    if !is_possible() {
        return;
    }
    let (mut runs, mut left) = (0, 0);
    for scenario in &SCENARIOS {
        let scene = Scene::of(scenario);
        let (steps, calls) = steps(&scene);
        assert!(!steps.is_empty(), "{}: no calls are seen", scenario.name);
        // The short form takes other steps of each fault and command.
        let stride = if is_long() { 1 } else { 13 };
        let before = runs;
        for (offset, fault) in [Fault::Kill, Fault::Error("ENOSPC"), Fault::Error("EIO")].into_iter().enumerate() {
            for step in steps.iter().skip(offset * (stride / 3)).step_by(stride) {
                if !step.may_fail && !matches!(fault, Fault::Kill) {
                    continue;
                }
                scene.put_back();
                if strike(&scene.env, scenario, fault, step) {
                    runs += 1;
                    let what = format!("{}: {fault:?} at {} {}", scenario.name, step.call, step.number);
                    left += usize::from(scene.check_end(&what, runs % 2 == 0));
                }
            }
        }
        eprintln!("{}: {} runs, {} steps of {calls} calls", scenario.name, runs - before, steps.len());
    }
    eprintln!("{runs} runs were ended at a step; {left} left something, which the next run removed");
    assert!(runs > 50, "{runs} runs");
}

#[test]
fn at_whatever_moment_a_run_is_killed_nothing_is_lost_and_the_next_run_cleans_up() {
    if !is_possible() {
        return;
    }
    let kills = if is_long() { 200 } else { 3 };
    for scenario in &SCENARIOS {
        let scene = Scene::of(scenario);
        let (mut killed, mut changed, mut left) = (0, 0, 0);
        // A run that was over already is none that was killed.
        for _ in 0..4 * kills {
            if killed == kills {
                break;
            }
            scene.put_back();
            let mut command = scene.env.command(scenario.args);
            let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(scene.whole.mul_f64(fastrand::f64()));
            process.kill().unwrap();
            if process.wait().unwrap().code().is_some() {
                continue;
            }
            killed += 1;
            changed += usize::from(contents(&scene.env) != scene.before);
            left += usize::from(scene.check_end(&format!("{}: kill {killed}", scenario.name), killed % 2 == 0));
        }
        eprintln!(
            "{}: {killed} kills, {changed} after something had changed; {left} left something, which the next run removed",
            scenario.name
        );
        assert!(killed > 0, "{}: none of the runs could be killed", scenario.name);
    }
}
