//! Files and folders that cannot be opened, listed or read. Each file and folder of the tree that a command looks at
//! fails in turn, by each call and with each error. A file that could not be read is not absent: the command names it,
//! or its outcome is the same as without the fault. Its request is not sent again, and nothing more is deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::scenarios::{Scenario, cases, store};
use super::{Scene, check, contents, is_long, is_possible, start};
use crate::support::{Run, TestEnv};

/// The calls that fail, and how.
const READS: [(&str, &[&str]); 5] = [
    ("openat", &["EACCES", "EIO", "EMFILE"]),
    ("read", &["EIO"]),
    ("getdents64", &["EIO"]),
    ("statx", &["EACCES", "EIO"]),
    ("readlink", &["EACCES"]),
];

/// Commands that only read, beside those that write.
pub(super) const READERS: [Scenario; 12] = [
    reader("verify", &["verify"], store),
    reader("record --missing", &["record", "--sandbox", "--cases", "cases.jsonl", "--missing"], |env| {
        store(env);
        env.write("cases.jsonl", cases(&["one", "four"]));
    }),
    reader("record --plan", &["record", "--plan", "--sandbox", "--cases", "cases.jsonl", "--missing"], |env| {
        store(env);
        env.write("cases.jsonl", cases(&["one", "four"]));
    }),
    reader("record PATH", &["record", "--sandbox", "tests/a"], store),
    reader("replay-check", &["replay-check"], store),
    reader("replay-check --cases", &["replay-check", "--cases", "cases.jsonl"], |env| {
        store(env);
        env.write("cases.jsonl", cases(&["one"]));
    }),
    reader("explain", &["explain", "request.json"], |env| {
        store(env);
        env.write("request.json", cases(&["one"]));
    }),
    reader("diff", &["diff"], |env| {
        store(env);
        std::fs::remove_file(env.root().join(&env.recording_paths()[0])).unwrap();
    }),
    reader("diff A B", &["diff", "tests/a", "tests/b"], store),
    reader("prune, plan", &["prune", "--tests", "tests.txt"], |env| {
        store(env);
        env.write("tests.txt", "tests/a/test_a.py::one\ntests/b/test_b.py::three\n");
    }),
    reader("rekey, plan", &["rekey", "--test-id", "tests/a/test_a.py=tests/c/test_c.py"], store),
    reader("doctor", &["doctor"], store),
];

const fn reader(name: &'static str, args: &'static [&'static str], make: fn(&TestEnv)) -> Scenario {
    Scenario { is_foreign: false, is_server: false, name, args, make }
}

/// Runs a command under strace with calls on a path that fail.
fn trace(env: &TestEnv, scenario: &Scenario, how: &[String]) -> (String, Run) {
    let log = env.root().join("../strace.log");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-o"]).arg(&log).args(how);
    let (own, of_command) = match scenario.args.iter().position(|arg| *arg == "--") {
        Some(end) => scenario.args.split_at(end),
        None => (scenario.args, &[][..]),
    };
    let is_json = matches!(scenario.args[0], "serve" | "mint-token");
    let format = if is_json { &[][..] } else { &["--format", "json"] };
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(own).args(format).args(of_command);
    let plain = env.command(&[]);
    command.current_dir(env.root()).env_clear().stdin(Stdio::null());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = start(env, scenario, command).end();
    (std::fs::read_to_string(log).unwrap_or_default(), Run::of(output))
}

/// Which call of a file or folder of the tree fails.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    call: &'static str,
    path: PathBuf,
}

/// The path in a line of strace: that of the descriptor, and what is named from there.
fn path_of(args: &str) -> Option<PathBuf> {
    let (at, rest) = args
        .split_once('<')
        .filter(|(at, _)| !at.contains('"'))
        .map_or(("", args), |(_, rest)| rest.split_once('>').unwrap_or((rest, "")));
    let name =
        rest.split('"').nth(1).filter(|_| !args.starts_with(|first: char| first.is_ascii_digit()) || at.is_empty());
    Some(Path::new(at).join(name.unwrap_or("")))
}

fn places(scene: &Scene) -> Vec<Place> {
    scene.put_back();
    let names: Vec<&str> = READS.iter().map(|(call, _)| *call).collect();
    let (log, _) = trace(&scene.env, scene.scenario, &[format!("--trace={}", names.join(","))]);
    let top = scene.env.root().parent().unwrap();
    let mut places = BTreeSet::new();
    for (_, call) in log.lines().filter_map(|line| line.split_once(' ')) {
        let Some((name, args)) = call.trim_start().split_once('(') else { continue };
        let Some((call, _)) = READS.iter().find(|(call, _)| *call == name) else { continue };
        let Some(path) = path_of(args).filter(|path| path.starts_with(top) && path != top) else { continue };
        let path: PathBuf = path.components().collect();
        let below = path.strip_prefix(top).unwrap().to_string_lossy().into_owned();
        // Git's own files, those whose names are made anew each time, and those that another program reads.
        if below.contains(".git/") || below.contains("bedrock-fixtures-") || below.ends_with(".sh") {
            continue;
        }
        places.insert(Place { call, path });
    }
    places.into_iter().collect()
}

/// Everything of a report that differs from run to run is taken out.
fn steady(scenario: &Scenario, stdout: &str) -> Vec<Value> {
    let mut values: Vec<Value> = serde_json::Deserializer::from_str(stdout).into_iter().flatten().collect();
    if values.is_empty() && !scenario.is_foreign {
        values.push(Value::String(stdout.to_owned()));
    }
    for value in values.iter_mut().filter_map(Value::as_object_mut) {
        for key in ["pid", "base_url", "origin", "port"] {
            value.remove(key);
        }
    }
    values
}

/// Without the SDK of new recordings, which is learned from those that can be read, and which recordings a server did not
/// need: a warning is enough for them.
fn without_recorder(values: &[Value]) -> Vec<Value> {
    let mut values = values.to_vec();
    for report in values.iter_mut().filter_map(Value::as_object_mut) {
        report.remove("recorder");
        report.remove("unread");
        report.remove("never_read");
    }
    values
}

/// The paths in a list of a report.
fn listed(values: &[Value], list: &str, status: Option<&str>) -> BTreeSet<String> {
    let items = values.iter().filter_map(|value| value[list].as_array()).flatten();
    let items = items.filter(|item| status.is_none_or(|status| item["status"] == status));
    items.map(|item| item["path"].to_string()).collect()
}

/// What is wrong with a run in which something could not be read.
fn flaw(scene: &Scene, place: &Place, whole: &Run, run: &Run) -> Option<String> {
    let scenario = scene.scenario;
    let now = contents(&scene.env);
    if run.stderr.contains("panicked") {
        return Some("a panic".to_owned());
    }
    if !scenario.is_foreign {
        check(&format!("{}: {place:?}", scenario.name), &scene.before, &scene.after, &now);
    }
    let (was, is) = (steady(scenario, &whole.stdout), steady(scenario, &run.stdout));
    for (list, status) in [("delete", None), ("results", Some("written")), ("moves", None)] {
        if !listed(&is, list, status).is_subset(&listed(&was, list, status)) {
            return Some(format!("{list} has more than without the fault"));
        }
    }
    let errors = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    let all = format!("{}{}", run.stdout, run.stderr);
    // A file that only marks what a folder is means nothing to users: the folder is what they can mend.
    let is_mark = ["CACHEDIR.TAG", "pyvenv.cfg"].iter().any(|mark| place.path.ends_with(mark));
    let named = if is_mark { place.path.parent().unwrap() } else { &place.path };
    let name = named.file_name().unwrap().to_string_lossy().into_owned();
    let is_warned = || run.stderr.lines().any(|line| line.starts_with("warning: ") && line.contains(&name));
    // It ends with 0 whatever it shows, and shows that a side cannot be read.
    let is_shown = || {
        let changes = is.iter().filter_map(|report| report["changes"].as_array()).flatten();
        let mut unreadable =
            changes.filter(|change| change["note"].as_str().is_some_and(|note| note.contains("cannot be read")));
        scenario.name.starts_with("diff") && unreadable.any(|change| change.to_string().contains(&name))
    };
    match run.code {
        0 if is_shown() => None,
        // It plans no more than without the fault, and says what it could not read.
        0 if scenario.args[0] == "prune" && is_warned() => None,
        0 if without_recorder(&was) != without_recorder(&is) || was != is && !is_warned() => {
            Some(format!("exit 0 with another report: {is:?}, not {was:?}"))
        }
        code if code == whole.code && was == is => None,
        2 if errors != 1 => Some(format!("{errors} lines of errors")),
        _ if !all.contains(&name) => Some("the file is not named".to_owned()),
        _ => None,
    }
}

super::each_command!(super::reads::what_cannot_be_read_is_not_absent);

/// The same for commands that do not write.
mod readers {
    macro_rules! each_reader {
        ($($test:ident $name:literal,)*) => {
            $(#[test]
            fn $test() {
                super::what_cannot_be_read_is_not_absent(crate::crash::scenario($name));
            })*

            #[test]
            fn every_reader_has_its_test() {
                let names = [$($name),*];
                assert!(super::READERS.iter().all(|reader| names.contains(&reader.name)));
            }
        };
    }
    each_reader! {
        verify "verify", record_missing "record --missing", record_plan "record --plan", record_path "record PATH",
        replay_check "replay-check", replay_check_cases "replay-check --cases", explain "explain", diff "diff",
        diff_folders "diff A B", prune_plan "prune, plan", rekey_plan "rekey, plan", doctor "doctor",
    }
}

fn what_cannot_be_read_is_not_absent(scenario: &'static Scenario) {
    if !is_possible() {
        return;
    }
    let scene = Scene::of(scenario);
    scene.put_back();
    let (_, whole) = trace(&scene.env, scenario, &["--trace=openat".to_owned()]);
    let (mut runs, mut flaws) = (0, BTreeMap::new());
    let places = places(&scene);
    // The short form takes other places of each command.
    let (stride, whens) = if is_long() { (1, &["", ":when=1", ":when=2+"][..]) } else { (19, &[""][..]) };
    let faults = places.iter().flat_map(|place| {
        let (_, errors) = READS.iter().find(|(call, _)| *call == place.call).unwrap();
        errors.iter().flat_map(move |error| whens.iter().map(move |when| (place, *error, *when)))
    });
    for (place, error, when) in faults.skip(scenario.name.len() % stride).step_by(stride) {
        scene.put_back();
        let how = [
            format!("--trace={}", place.call),
            format!("--trace-path={}", place.path.display()),
            format!("--inject={}:error={error}{when}", place.call),
        ];
        let (log, run) = trace(&scene.env, scenario, &how);
        if !log.contains("(INJECTED)") {
            continue;
        }
        runs += 1;
        if let Some(flaw) = flaw(&scene, place, &whole, &run) {
            let below = place.path.strip_prefix(scene.env.root().parent().unwrap()).unwrap().display();
            flaws.insert(format!("{error}{when} of {} {below}", place.call), (flaw, run.code, run.stderr));
        }
    }
    eprintln!("{}: {runs} runs with a failing read, at {} places", scenario.name, places.len());
    assert!(runs > 0 && flaws.is_empty(), "{}: {} of {runs}: {flaws:#?}", scenario.name, flaws.len());
}

/// A recording that the server cannot read now may be readable the next time, and it is paid for.
#[test]
fn a_server_asks_nothing_again_that_it_could_not_read() {
    if !is_possible() {
        return;
    }
    for name in ["serve", "serve --mode missing"] {
        let scene = Scene::of(crate::crash::scenario(name));
        scene.put_back();
        // The first that the client asks for.
        let asked =
            scene.env.recording_paths().into_iter().find(|path| scene.env.read(path).contains("::one")).unwrap();
        let path = format!("--trace-path={}", scene.env.root().join(&asked).display());
        let inject = "--inject=openat:error=EACCES";
        let (_, run) = trace(&scene.env, scene.scenario, &["--trace=openat".to_owned(), path, inject.to_owned()]);
        let receipt = steady(scene.scenario, &run.stdout).pop().unwrap();
        assert!(!receipt["recorded"].to_string().contains(&asked), "{name}: {receipt}");
        let misses = receipt["misses"].as_array().unwrap();
        let is_named = misses.iter().any(|miss| miss["message"].as_str().unwrap().starts_with(&asked));
        assert!(is_named, "{name}: {receipt}");
        assert!(run.stderr.contains(&format!("warning: {asked}: cannot be read: Permission denied")), "{}", run.stderr);
    }
}

/// A file that cannot be read must not get into a baseline, where it would count as known for ever.
#[test]
fn what_cannot_be_read_is_in_no_baseline() {
    if !is_possible() {
        return;
    }
    let scene = Scene::of(crate::crash::scenario("verify --write-baseline"));
    scene.put_back();
    let path = scene.env.recording_paths().remove(0);
    let place = format!("--trace-path={}", scene.env.root().join(&path).display());
    let how = ["--trace=read".to_owned(), place, "--inject=read:error=EIO".to_owned()];
    let (_, run) = trace(&scene.env, scene.scenario, &how);
    assert_eq!(run.code, 2, "{run:#?}");
    run.one_error(&[&path, "cannot be read: Input/output error", "no baseline was written"]);
    assert_eq!(contents(&scene.env), scene.before);
}
