//! The rules of the house: who imports whom, and which room touches which outside thing.

use std::path::Path;

/// Each room with the rooms it may import. `lib.rs` says why.
fn rooms() -> Vec<(&'static str, Vec<&'static str>)> {
    let with = |others: &[&'static str]| [&JOBS, others].concat();
    vec![
        ("recording", vec![]),
        ("error", vec![]),
        ("secret", vec![]),
        ("looks", vec![]),
        ("report", vec![]),
        ("evidence", vec![]),
        ("aws", vec![]),
        ("miss", vec!["recording", "report", "looks"]),
        ("prune", vec!["recording"]),
        ("store", vec!["recording", "error", "secret"]),
        ("vcs", vec!["recording", "error"]),
        ("client", vec!["recording", "aws", "error", "secret"]),
        ("token", vec!["aws", "error", "secret"]),
        ("context", vec!["recording", "report", "aws", "token", "error", "secret"]),
        ("process", vec!["context", "aws", "error", "secret"]),
        ("rules", vec!["recording", "report"]),
        ("rekey", vec!["recording", "error"]),
        ("review", vec!["recording", "report"]),
        ("jobs", with(&[])),
        ("commands", with(&["jobs"])),
        ("output", vec!["report", "error", "looks"]),
        ("cli", vec!["commands", "context", "output", "report", "error"]),
    ]
}

/// What jobs may import.
const JOBS: [&str; 17] = [
    "recording",
    "store",
    "client",
    "aws",
    "process",
    "vcs",
    "context",
    "token",
    "rules",
    "review",
    "rekey",
    "evidence",
    "miss",
    "prune",
    "report",
    "error",
    "secret",
];

/// Each outside thing with the rooms that may touch it.
const OUTSIDE: [(&str, &[&str]); 17] = [
    ("clap::", &["commands", "cli", "output"]),
    (".exists()", &["store"]),
    (".is_file()", &["store", "vcs"]),
    (".is_dir()", &["store"]),
    (".is_symlink()", &["store"]),
    (".canonicalize()", &["store"]),
    // What runs is read from files of the system.
    ("std::fs", &["store", "process"]),
    ("Command::new", &["process", "vcs", "output"]),
    ("walkdir::", &["store"]),
    ("tempfile::", &["store"]),
    ("reqwest::", &["client"]),
    ("axum::", &["client"]),
    ("indicatif::", &["output"]),
    ("dialoguer::", &["output"]),
    ("std::env", &["main"]),
    ("SystemTime::now", &["main"]),
    ("Timestamp::now", &["main"]),
];

fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walkdir::WalkDir::new(&src)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let path = entry.path().strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            let room = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            // Tests may stand above the rooms they test.
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            (path, room, text)
        })
        .collect()
}

#[test]
fn rooms_import_only_what_they_may() {
    let (rooms, mut imports) = (rooms(), 0);
    for (path, room, text) in sources() {
        let Some((_, allowed)) = rooms.iter().find(|(name, _)| *name == room) else {
            assert!(matches!(room.as_str(), "main" | "lib"), "{path} belongs to no room");
            continue;
        };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for part in line.split("crate::").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let may = name == room || allowed.contains(&name.as_str());
                assert!(may, "{path}: {room} may not import {name}: {}", line.trim());
                imports += 1;
            }
        }
    }
    assert!(imports > 50, "imports are found at all");
}

#[test]
fn commands_do_not_import_each_other() {
    // What several of them need has a file of its own; `demo` is three of them in a row.
    let shared = ["mod", "span", "topics"];
    let commands: Vec<String> = sources()
        .iter()
        .filter_map(|(path, _, _)| path.strip_prefix("commands/"))
        .map(|rest| rest.split('/').next().unwrap().trim_end_matches(".rs").to_owned())
        .filter(|command| !shared.contains(&command.as_str()))
        .collect();
    for (path, room, text) in sources() {
        let Some(rest) = path.strip_prefix("commands/").filter(|_| room == "commands") else { continue };
        let own = rest.split('/').next().unwrap().trim_end_matches(".rs");
        if own == "demo" || own == "mod" {
            continue;
        }
        for other in commands.iter().filter(|other| *other != own) {
            for import in [format!("super::{other}::"), format!("commands::{other}::")] {
                assert!(!text.contains(&import), "{path} imports the command {other}");
            }
        }
    }
}

#[test]
fn one_room_touches_each_outside_thing() {
    for (path, room, text) in sources() {
        for (thing, allowed) in OUTSIDE {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let touches = code.into_iter().any(|line| line.contains(thing));
            assert!(!touches || allowed.contains(&room.as_str()), "{path}: {thing} is the business of {allowed:?}");
        }
    }
}

#[test]
fn commands_are_arguments_and_one_call() {
    for (path, room, text) in sources() {
        let lines = text.lines().count();
        assert!(room != "commands" || lines <= 200, "{path} has {lines} lines: what of it is a job?");
    }
}

#[test]
fn no_file_hides_more_than_one_reason_to_exist() {
    for (path, _, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines: what does it hide?");
    }
}
