//! The copies of a guarded run, of which some are the only ones: whatever cannot be read, they stay.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::scenarios::store;
use super::{contents, is_possible};
use crate::support::{Run, TestEnv};

fn guarded() -> TestEnv {
    let env = TestEnv::new().set("PATH", &std::env::var("PATH").unwrap());
    let env = env
        .set("AWS_BEARER_TOKEN_BEDROCK", "token-of-this-test-0123456789")
        .set("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9");
    let env = env.below("root").set("TMPDIR", "../tmp");
    std::fs::create_dir(env.root().join("../tmp")).unwrap();
    store(&env);
    env
}

/// The folder of the copy.
fn copy(env: &TestEnv) -> PathBuf {
    let mut folders = std::fs::read_dir(env.root().join(".git/bedrock-fixtures")).unwrap();
    let folder = folders.next().expect("a copy was left").unwrap().path();
    assert!(folders.next().is_none());
    folder
}

/// A link to itself cannot be looked through, by nobody: it stands for what a disk does not give.
fn hide(path: &std::path::Path) {
    std::fs::rename(path, path.with_extension("aside")).unwrap();
    symlink(path.file_name().unwrap(), path).unwrap();
}

#[test]
fn a_copy_that_cannot_be_read_is_not_taken_for_half_a_copy() {
    if !is_possible() {
        return;
    }
    let env = guarded();
    let lost = env.recording_paths().remove(0);
    let bytes = env.read(&lost);
    env.write("kill.sh", format!("rm {lost}; kill -9 $PPID"));
    env.run(&["record", "--", "sh", "kill.sh"]);
    let whole = copy(&env).join("whole");
    hide(&whole);
    let run = env.run(&["record", "--", "true"]).exits(2);
    run.one_error(&["cannot read the copy of the recordings", whole.parent().unwrap().to_str().unwrap()]);
    env.write("cases.jsonl", crate::support::case("tests/z/test_z.py::z", "z"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    std::fs::rename(whole.with_extension("aside"), &whole).unwrap();
    env.run(&["record", "--", "true"]);
    assert_eq!(env.read(&lost), bytes, "the copy is still there, and the recording comes back from it");
}

#[test]
fn a_recording_whose_copy_cannot_be_read_is_not_removed() {
    if !is_possible() {
        return;
    }
    let env = guarded();
    let path = env.recording_paths().remove(0);
    let hide =
        "f=$(find \"$PWD/.git/bedrock-fixtures\" -path \"*/files/$1\"); mv $f $f.aside; ln -s ${f##*/} $f; echo x > $1";
    env.write("hide.sh", hide);
    let run = env.run(&["record", "--", "sh", "hide.sh", &path]).exits(2);
    run.one_error(&["could not be read or restored", &path]);
    assert_eq!(env.read(&path), "x\n", "it is as the command left it");
    assert!(copy(&env).join("files").join(format!("{path}.aside")).exists(), "the copy stays for a person");
}

#[test]
fn a_recording_that_cannot_be_read_after_the_run_is_replaced_by_nothing() {
    if !is_possible() {
        return;
    }
    let env = guarded();
    let (old, new) = (env.recording_paths().remove(0), "tests/a/recordings/new.json");
    env.write("run.sh", format!("echo x > {old}; echo x > {new}"));
    for path in [old.as_str(), new] {
        let run = strace(&env, path, "read:error=EIO", &["record", "--", "sh", "run.sh"]);
        assert_eq!(run.code, 2, "{run:#?}");
        run.one_error(&["could not be read or restored", path]);
        assert_eq!(env.read(path), "x\n", "{run:#?}");
    }
}

#[test]
fn whatever_cannot_be_listed_after_the_run_nothing_is_lost() {
    if !is_possible() {
        return;
    }
    let mut lasting = 0;
    for number in 1..12 {
        let env = guarded();
        let all = env.recording_paths();
        let before = contents(&env);
        env.write("run.sh", format!("rm {}; echo x > ran", all[0]));
        let how = format!("getdents64:error=EIO:when={number}+");
        let run = strace(&env, "tests/b", &how, &["record", "--", "sh", "run.sh"]);
        if run.code == 2 && env.root().join("ran").exists() {
            lasting += 1;
            run.one_error(&["tests/b", "Input/output error"]);
        }
        let after = contents(&env);
        for path in &all {
            let is_it = |(there, bytes): (&String, &Vec<u8>)| there.ends_with(path.as_str()) && *bytes == before[path];
            assert!(after.iter().any(is_it), "{number}: {path} is lost: {run:#?}");
        }
    }
    assert!(lasting > 0, "no list failed after the command had run");
}

fn strace(env: &TestEnv, path: &str, how: &str, args: &[&str]) -> Run {
    let plain = env.command(args);
    let call = how.split(':').next().unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-P"]).arg(env.root().join(path));
    command.args([format!("--trace={call}"), format!("--inject={how}")]);
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(args).current_dir(env.root()).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::of(command.output().unwrap())
}

#[test]
fn a_restored_recording_is_never_half_there() {
    if !is_possible() {
        return;
    }
    let env = guarded();
    let path = env.recording_paths().remove(0);
    let bytes = env.read(&path);
    env.write(&path, "{}");
    let log = env.root().join("../strace.log");
    let plain = env.command(&[]);
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "--trace=openat", "-o"]).arg(&log);
    command.arg(env!("CARGO_BIN_EXE_bedrock-fixtures")).args(["reject", "--yes"]).current_dir(env.root()).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::of(command.output().unwrap()).exits(0);
    assert_eq!(env.read(&path), bytes);
    let log = std::fs::read_to_string(log).unwrap();
    let writes: Vec<&str> = log
        .lines()
        .filter(|line| line.contains(&path) && (line.contains("O_WRONLY") || line.contains("O_RDWR")))
        .collect();
    assert!(writes.is_empty(), "a kill there would leave half of it: {writes:?}");
}

#[test]
fn a_prune_that_was_killed_when_all_was_moved_is_cleaned_up_by_the_next() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = guarded();
    let left = env.root().join("../quarantine/.bedrock-fixtures-dead.out");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::set_permissions(&left, std::fs::Permissions::from_mode(0o700)).unwrap();
    ["lock", "staged", ".gitignore"].iter().for_each(|name| std::fs::write(left.join(name), "x").unwrap());
    env.run(&["prune", "--yes", "--quarantine", "../quarantine"]).exits(0);
    assert!(!left.exists());
}
