//! What is shipped, and what it is made of: licences, minimum versions, the files of the package.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn cargo(args: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO")).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Every package that may be built in: for all systems if their manifests are on this machine, else for this one.
fn packages() -> Vec<Value> {
    let args = ["metadata", "--format-version", "1", "--locked", "--offline"];
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(rustc.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    let text = cargo(&args).or_else(|| cargo(&[&args[..], &["--filter-platform", &host]].concat())).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    json["packages"].as_array().unwrap().clone()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The texts of the list `name` in a TOML file of one text a line.
fn list(toml: &str, name: &str) -> Vec<String> {
    let (_, rest) = toml.split_once(&format!("\n{name} = [\n")).unwrap();
    let lines = rest.lines().take_while(|line| *line != "]");
    lines.map(|line| line.trim().trim_start_matches('"').split('"').next().unwrap().to_owned()).collect()
}

/// Whether a licence expression can be met with what is allowed: `A OR B`, `A AND B`, brackets, and `/` as of old.
fn is_allowed(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let words = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = words.split_whitespace().collect();
    let (met, rest) = any(&words, allowed);
    assert!(rest.is_empty(), "{expression}");
    met
}

fn any<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = all(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (other, after) = all(after, allowed);
        (met, rest) = (met || other, after);
    }
    (met, rest)
}

fn all<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (other, after) = one(after, allowed);
        (met, rest) = (met && other, after);
    }
    (met, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &dyn Fn(&str) -> bool) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => {
            let (met, rest) = any(inner, allowed);
            (met, rest.strip_prefix(&[")"]).unwrap())
        }
        [licence, "WITH", exception, rest @ ..] => (allowed(&format!("{licence} WITH {exception}")), rest),
        [licence, rest @ ..] => (allowed(licence), rest),
        [] => panic!("an expression ends early"),
    }
}

#[test]
fn licences_are_those_that_deny_toml_allows() {
    let allow = list(&read("deny.toml"), "allow");
    assert!(allow.len() > 3, "{allow:?}");
    let allowed = |licence: &str| allow.iter().any(|known| known == licence);
    let none = |_: &str| false;
    assert!(is_allowed("GPL-3.0 OR (MIT AND ISC)", &allowed) && !is_allowed("GPL-3.0 AND MIT", &allowed));
    assert!(!is_allowed("MIT/Apache-2.0", &none));
    let packages = packages();
    assert!(packages.len() > 50);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("nothing");
        assert!(
            is_allowed(licence, &allowed),
            "{} is under {licence}, which deny.toml does not allow",
            package["name"]
        );
    }
}

#[test]
fn the_minimum_version_of_rust_is_enough_for_what_is_built_in() {
    let version = |text: &str| text.split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    for package in packages() {
        if let Some(theirs) = package["rust_version"].as_str() {
            assert!(version(theirs) <= ours, "{} needs Rust {theirs}", package["name"]);
        }
    }
    assert!(read("README.md").contains(&format!("Rust {} or later", env!("CARGO_PKG_RUST_VERSION"))));
}

#[test]
fn the_package_holds_what_it_needs_and_no_more() {
    let listing = cargo(&["package", "--list", "--allow-dirty", "--offline"]).unwrap().replace('\\', "/");
    let files: Vec<&str> = listing.lines().collect();
    for file in ["README.md", "LICENSE", "completions/_bedrock-fixtures", "completions/bedrock-fixtures.1"] {
        assert!(files.contains(&file), "{file} is not in the package");
    }
    // The manual's topics and the built-in cases are compiled in.
    assert!(files.contains(&"docs/key.md") && files.contains(&"recordings/cases.jsonl"));
    for file in files {
        assert!(![".ci", ".github", "target"].contains(&file.split('/').next().unwrap()), "{file} is in the package");
    }
}

#[test]
fn workflows_pin_what_they_run_and_may_do_little() {
    let workflows = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let mut actions = 0;
    let Ok(entries) = workflows.read_dir() else {
        crate::support::skipped("the package has no workflows");
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{}", path.display());
        for line in text.lines() {
            // The action of this repository is the one that is checked out.
            if let Some((_, action)) = line.split_once("uses: ").filter(|(_, action)| *action != "./") {
                let hash = action.split('@').nth(1).unwrap().split(' ').next().unwrap();
                assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
                actions += 1;
            }
        }
    }
    assert!(actions > 0);
}
