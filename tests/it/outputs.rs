//! The files that commands are told to write: a link stays a link, and only a regular file is written over.

#![cfg(unix)]

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::{TestEnv, case};

fn store() -> TestEnv {
    let path = std::env::var("PATH").unwrap();
    let env = TestEnv::new().set("PATH", &path).set("AWS_ACCESS_KEY_ID", &["AKIA", "IOSFODNN7EXAMPLE"].concat());
    let env = env.set("AWS_SECRET_ACCESS_KEY", &"wJalr/".repeat(7)[..40]);
    env.write("cases.jsonl", case("tests/test_t.py::one", "One?"));
    env.run(&["record", "--sandbox", "--cases", "cases.jsonl"]).exits(0);
    env
}

/// Every command with an output file, and the exit code when it can be written.
const WRITERS: [(&[&str], i32); 3] =
    [(&["verify", "--write-baseline"], 0), (&["mint-token", "--output"], 0), (&["replay-check", "--", "cat"], 0)];

fn write_to(env: &TestEnv, writer: &[&str], path: &str) -> crate::support::Run {
    let mut args = writer.to_vec();
    if let Some(at) = args.iter().position(|arg| *arg == "--") {
        let command = std::fs::read_dir(env.root().join("tests/recordings")).unwrap().next().unwrap().unwrap().path();
        args.splice(at..at, ["--reads-out", path]);
        let command = command.to_str().unwrap().to_owned();
        return env.run(&[&args[..], &[command.as_str()]].concat());
    }
    args.push(path);
    env.run(&args)
}

/// What stands in the way, and a word for it.
fn obstacles(env: &TestEnv) -> Vec<(&'static str, &'static str)> {
    let at = |name: &str| env.root().join(name);
    let made = Command::new("mkfifo").arg(at("fifo")).status().unwrap();
    assert!(made.success());
    std::fs::create_dir(at("folder")).unwrap();
    symlink("fifo", at("to-fifo")).unwrap();
    symlink("folder", at("to-folder")).unwrap();
    symlink("nowhere", at("to-nowhere")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let mut all = vec![
        ("fifo", "a FIFO"),
        ("folder", "a folder"),
        ("to-fifo", "a link to a FIFO"),
        ("to-folder", "a link to a folder"),
        ("to-nowhere", "a link to a file that does not exist"),
        ("socket", "a socket"),
    ];
    // The numbers of /dev/full: what is written to it fails, and nothing is lost if it were replaced.
    if Command::new("mknod").arg(at("device")).args(["c", "1", "7"]).status().is_ok_and(|status| status.success()) {
        all.push(("device", "a device"));
    } else {
        crate::support::skipped("mknod is not permitted here");
    }
    all
}

fn kind(path: &Path) -> String {
    let there = std::fs::symlink_metadata(path).unwrap();
    let file_type = there.file_type();
    format!(
        "{} {} {} {} {}",
        file_type.is_fifo(),
        file_type.is_dir(),
        file_type.is_symlink(),
        file_type.is_socket(),
        file_type.is_char_device()
    )
}

#[test]
fn only_regular_files_are_written_over() {
    let env = store();
    for (name, word) in obstacles(&env) {
        for (writer, _) in WRITERS {
            let before = kind(&env.root().join(name));
            let run = write_to(&env, writer, name).exits(2);
            run.one_error(&[name, &format!("not a regular file: {word}")]);
            assert_eq!(kind(&env.root().join(name)), before, "{writer:?} {name}");
        }
    }
    assert!(!env.root().join("nowhere").exists());
}

#[test]
fn a_link_stays_a_link_and_a_mode_stays() {
    let env = store();
    for (number, (writer, code)) in WRITERS.into_iter().enumerate() {
        let (file, link) = (format!("file{number}"), format!("link{number}"));
        let target = env.write(&file, "");
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, env.root().join(&link)).unwrap();
        write_to(&env, writer, &link).exits(code);
        assert!(std::fs::symlink_metadata(env.root().join(&link)).unwrap().is_symlink(), "{writer:?}");
        assert!(!env.read(&file).is_empty(), "{writer:?}");
        let mode = std::fs::metadata(&target).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if writer[0] == "mint-token" { 0o600 } else { 0o640 }, "{writer:?}");
        write_to(&env, writer, &format!("new{number}")).exits(code);
    }
    let left: Vec<String> = env.tree().into_iter().map(|(path, _)| path).filter(|path| path.contains(".out")).collect();
    assert_eq!(left, Vec::<String>::new());
}

/// The port is written while the server listens, and taken away at its end: the file, not the link.
#[test]
fn the_link_to_the_port_outlives_the_server() {
    let env = store();
    let target = env.write("target", "");
    symlink("target", env.root().join("port")).unwrap();
    for _ in 0..2 {
        let server = crate::serve::Server::start(&env, &["--port-file", "port"]);
        assert_eq!(env.read("target").trim(), server.port.to_string());
        server.ask("GET", "/-/receipt", &[], "");
        server.end();
        assert!(std::fs::symlink_metadata(env.root().join("port")).unwrap().is_symlink());
        assert_eq!(std::fs::read(&target).unwrap(), b"");
    }
}

#[test]
fn what_a_killed_run_left_is_removed_and_never_added_to_git() {
    if !crate::support::has_git() {
        return;
    }
    let env = store();
    env.git(&["init", "-q"]);
    // As it is left between the writing and the move.
    env.write(".bedrock-fixtures-dead00.out/lock", "");
    env.write(".bedrock-fixtures-dead00.out/.gitignore", "*\n");
    env.write(".bedrock-fixtures-dead00.out/staged", "a key");
    // Nobody else can look into one.
    let folder = env.root().join(".bedrock-fixtures-dead00.out");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    env.git(&["add", "--all"]);
    assert!(!env.git(&["ls-files"]).contains(".out"));
    write_to(&env, WRITERS[0].0, "baseline.json").exits(0);
    assert!(!env.root().join(".bedrock-fixtures-dead00.out").exists());
}
