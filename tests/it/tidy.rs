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
        ("helper", vec![]),
        ("later", vec![]),
        ("report", vec![]),
        ("evidence", vec![]),
        ("aws", vec![]),
        ("miss", vec!["recording", "report", "looks"]),
        ("prune", vec!["aws", "evidence", "recording"]),
        ("store", vec!["recording", "error", "secret", "later"]),
        ("vcs", vec!["recording", "error", "helper"]),
        ("client", vec!["recording", "aws", "error", "secret"]),
        ("token", vec!["aws", "error", "secret"]),
        ("settings", vec!["recording", "report", "aws", "error"]),
        ("context", vec!["settings", "recording", "report", "aws", "token", "error", "secret", "later"]),
        ("process", vec!["context", "aws", "error", "secret", "helper"]),
        ("rules", vec!["recording", "report", "aws"]),
        ("rekey", vec!["recording", "error"]),
        ("review", vec!["recording", "report"]),
        ("jobs", with(&[])),
        ("commands", with(&["jobs"])),
        ("output", vec!["report", "error", "looks", "helper"]),
        ("cli", vec!["commands", "jobs", "settings", "context", "output", "report", "error"]),
    ]
}

/// What jobs may import.
const JOBS: [&str; 19] = [
    "settings",
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
    "later",
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
    ("axum::", &["client", "jobs"]),
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

/// The files that each file imports, by `use` lines. A file and the `mod.rs` above it are one thing in two files, so what a
/// file takes from the folders around it is left out.
fn imports() -> Vec<(String, Vec<String>)> {
    let module = |path: &str| path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned();
    let sources = sources();
    let modules: Vec<String> = sources.iter().map(|(path, ..)| module(path)).collect();
    let file_of = |path: &str| {
        let mut path = path.to_owned();
        loop {
            if modules.contains(&path) {
                return Some(path);
            }
            path.truncate(path.rfind('/')?);
        }
    };
    let imports_of = |(path, _, text): &(String, String, String)| {
        let own = module(path);
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join(" ");
        let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()).flat_map(|import| {
            let import = import.replace(' ', "");
            let (start, names) =
                import.split_once('{').map_or((import.as_str(), String::new()), |(a, b)| (a, b.to_owned()));
            let names: Vec<String> = names.trim_end_matches('}').split(',').map(str::to_owned).collect();
            names.into_iter().map(|name| format!("{start}{name}").replace("::", "/")).collect::<Vec<_>>()
        });
        let resolved = uses.filter_map(|import| match import.split_once('/')? {
            ("crate", rest) => file_of(rest),
            ("super", rest) => {
                let (mut base, mut rest) = (own.rsplit_once('/')?.0.to_owned(), rest);
                while let Some(above) = rest.strip_prefix("super/") {
                    base.truncate(base.rfind('/')?);
                    rest = above;
                }
                file_of(&format!("{base}/{rest}"))
            }
            _ => None,
        });
        let others = resolved.filter(|other| *other != own && !own.starts_with(&format!("{other}/")));
        (own.clone(), others.collect::<Vec<_>>())
    };
    sources.iter().map(imports_of).collect()
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let imports: std::collections::BTreeMap<String, Vec<String>> = imports().into_iter().collect();
    assert!(imports.values().map(Vec::len).sum::<usize>() > 200, "imports are found at all");
    for start in imports.keys() {
        let mut seen: Vec<(&String, Vec<&String>)> = vec![(start, vec![start])];
        let mut known = std::collections::BTreeSet::new();
        while let Some((at, way)) = seen.pop() {
            for next in imports.get(at).into_iter().flatten() {
                assert!(next != start, "a circle: {way:?} → {next}");
                if known.insert(next) {
                    seen.push((next, [&way[..], &[next]].concat()));
                }
            }
        }
    }
}

#[test]
fn a_type_name_means_one_thing() {
    let mut places: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> = Default::default();
    for (path, _, text) in sources() {
        for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            // `type Item = …;` within an impl names what a trait asks for.
            let foreign = ["Item", "Error", "Err", "Value"];
            let at = words.iter().position(|word| matches!(*word, "struct" | "enum" | "trait" | "union" | "type"));
            let Some(name) = at.filter(|at| *at < 3).and_then(|at| words.get(at + 1)) else { continue };
            let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
            if name.starts_with(|c: char| c.is_ascii_uppercase()) && !foreign.contains(&name.as_str()) {
                places.entry(name).or_default().insert(path.clone());
            }
        }
    }
    // Two of a name in one file are one type on two systems.
    let twice: Vec<_> = places.iter().filter(|(_, files)| files.len() > 1).collect();
    assert!(places.len() > 200 && twice.is_empty(), "{twice:#?}");
}
