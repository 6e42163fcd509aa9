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

/// A snapshot that no test holds any more would stay for ever: insta does not look for it.
#[test]
fn every_snapshot_is_held_by_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let sources = walkdir::WalkDir::new(&tests).into_iter().map(Result::unwrap);
    let sources = sources.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"));
    let text: String = sources.map(|source| std::fs::read_to_string(source.path()).unwrap()).collect();
    let commands = bedrock_fixtures::cli::command_line();
    let is_of_help = |name: &str| match name.strip_prefix("help") {
        Some(rest) => rest.split('_').skip(1).all(|word| {
            let mut all = commands.get_subcommands().flat_map(|command| command.get_subcommands().chain([command]));
            all.any(|command| command.get_name() == word)
        }),
        None => false,
    };
    for entry in std::fs::read_dir(tests.join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = name.strip_suffix(".snap") else { continue };
        assert!(is_of_help(name) || text.contains(&format!("{name:?}")), "no test holds snapshots/{name}.snap");
    }
}

/// Each outside thing with the rooms that may touch it.
const OUTSIDE: [(&str, &[&str]); 26] = [
    ("clap::", &["commands", "cli", "output"]),
    (".exists()", &["store"]),
    (".is_file()", &["store"]),
    (".is_dir()", &["store"]),
    (".is_symlink()", &["store"]),
    (".canonicalize()", &["store"]),
    (".read_dir()", &["store"]),
    (".metadata()", &["store"]),
    ("Path::exists", &["store"]),
    ("Path::is_file", &["store"]),
    ("Path::is_dir", &["store"]),
    // The processes that run are files of the system.
    ("std::fs", &["store", "process"]),
    ("tokio::fs", &[]),
    ("Command::new", &["process", "helper"]),
    ("helper::program", &["process", "vcs", "output"]),
    ("walkdir::", &["store"]),
    ("tempfile::", &["store"]),
    ("reqwest::", &["client"]),
    ("axum::", &["client", "jobs"]),
    ("TcpListener", &["client", "jobs"]),
    ("io::stdin", &["store", "output"]),
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
    for (path, named) in named() {
        let room = path.split('/').next().unwrap();
        let Some((_, allowed)) = rooms.iter().find(|(name, _)| *name == room) else {
            assert!(matches!(room, "main" | "lib"), "{path} belongs to no room");
            continue;
        };
        for import in named.iter().filter(|path| !path.starts_with("::")) {
            let name = import.split('/').next().unwrap();
            assert!(name == room || allowed.contains(&name), "{path}: {room} may not import {import}");
            imports += 1;
        }
    }
    assert!(imports > 1000, "imports are found at all");
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
    let named = named();
    // By a list of imports too, such as `use std::{env, fs}`.
    let names = |path: &str, thing: &str| {
        let own = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let (_, paths) = named.iter().find(|(module, _)| module == own).unwrap();
        paths.iter().any(|path| path.strip_prefix("::").is_some_and(|path| path.contains(thing)))
    };
    for (path, room, text) in sources() {
        for (thing, allowed) in OUTSIDE {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let touches = code.into_iter().any(|line| line.contains(thing)) || names(&path, thing);
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

/// What stands between the braces of a list of imports, at any depth, as whole paths.
fn whole_paths(import: &str) -> Vec<String> {
    let Some((start, list)) = import.split_once('{') else {
        return vec![import.split(" as ").next().unwrap().split_whitespace().collect()];
    };
    let (mut paths, mut depth, mut from) = (vec![], 0, 0);
    let list = list.trim_end().strip_suffix('}').unwrap();
    for (at, c) in list.char_indices().chain([(list.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let one = &list[from..at];
                from = (at + 1).min(list.len());
                if !one.trim().is_empty() {
                    paths.extend(whole_paths(&format!("{start}{one}")));
                }
            }
            _ => {}
        }
    }
    paths
}

/// The imports of a file, each from `use` to its end, and the rest of its code.
fn taken_apart(text: &str) -> (Vec<String>, String) {
    let (mut imports, mut rest, mut open) = (vec![], String::new(), String::new());
    for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
        let is_import = ["use ", "pub use ", "pub(super) use ", "pub(crate) use "].iter().any(|s| line.starts_with(s));
        if !is_import && open.is_empty() {
            rest.push_str(line);
            rest.push(' ');
            continue;
        }
        open.push_str(line);
        if line.ends_with(';') {
            let import = open.split_once("use ").unwrap().1;
            imports.push(import.trim_end_matches(';').to_owned());
            open.clear();
        }
    }
    (imports, rest)
}

/// Each file with the paths that it names, by `use` or in the middle of code: from the crate, from the file itself and its
/// folders, or from a file below it. `super` is what is above the file, so a module inside a file names its own by `crate`.
fn named() -> Vec<(String, Vec<String>)> {
    let sources = sources();
    let module = |path: &str| path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned();
    let modules: Vec<String> = sources.iter().map(|(path, ..)| module(path)).collect();
    let named_by = |(path, _, text): &(String, String, String)| {
        let own = module(path);
        let (imports, rest) = taken_apart(text);
        let mut paths: Vec<String> = imports.iter().flat_map(|import| whole_paths(import)).collect();
        let is_of_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        // `pub(in crate::…)` says who may see, and imports nothing.
        let words = rest.replace("pub(in ", "(").split(|c| !is_of_path(c)).map(str::to_owned).collect::<Vec<_>>();
        let visible = |word: &&String| !rest.contains(&format!("pub(in {word})"));
        paths.extend(words.iter().filter(|word| word.contains("::")).filter(visible).cloned());
        let whole = paths.into_iter().filter_map(|path| {
            let parts: Vec<&str> = path.split("::").collect();
            let below = format!("{own}/{}", parts[0]);
            let mut base: Vec<&str> = own.split('/').collect();
            let rest = match parts[0] {
                "crate" => &parts[1..],
                "self" => &parts[..],
                "super" => {
                    let up = parts.iter().take_while(|part| **part == "super").count();
                    base.truncate(base.len().saturating_sub(up));
                    return Some([&base[..], &parts[up..]].concat().join("/"));
                }
                _ if modules.contains(&below) => return Some(format!("{own}/{}", parts.join("/"))),
                // A thing from outside.
                _ => return Some(format!("::{path}")),
            };
            (parts[0] == "crate").then(|| rest.join("/"))
        });
        (own.clone(), whole.collect::<Vec<_>>())
    };
    sources.iter().map(named_by).collect()
}

/// The files that each file imports, those above and below it included.
fn imports() -> Vec<(String, Vec<String>)> {
    let named = named();
    let modules: Vec<String> = named.iter().map(|(module, _)| module.clone()).collect();
    let file_of = |path: &String| {
        let mut path = path.clone();
        loop {
            if modules.contains(&path) {
                return Some(path);
            }
            path.truncate(path.rfind('/')?);
        }
    };
    let of = |(own, paths): &(String, Vec<String>)| {
        (own.clone(), paths.iter().filter_map(file_of).filter(|other| other != own).collect())
    };
    named.iter().map(of).collect()
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
