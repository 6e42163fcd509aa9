//! The runs of CI: whether each suite of Bedrock runs, with the setup of Bedrock, and with the clients that its tests need.

use std::collections::BTreeMap;

use crate::evidence::clients::{fails_with_server, needs_server};
use crate::evidence::functions::{Function, functions};
use crate::evidence::matrix::{FILE, MatrixEntry};
use crate::evidence::suites::{FOLDER, Setup, Suite, file_of, function_of, holds_test};
use crate::jobs::project::SUITES;
use crate::report::doctor::Check;

use super::case::{DoctorCase, counted_first};
use super::file_cache::FileCache;

const NAME: &str = "ci-matrix";

/// What the tests of a suite need.
#[derive(Default)]
struct Clients {
    tests: usize,
    /// Those that the library skips.
    server_only: Vec<String>,
    /// Those with a variant for the server that is not recorded.
    library_only: Vec<String>,
}

/// Whether CI runs each suite with the setup and the clients that it needs.
pub(crate) fn check(
    case: &DoctorCase<'_>,
    ours: &[Suite],
    setups: &[Setup],
    entries: Result<Vec<MatrixEntry>, Check>,
) -> Check {
    let entries = match entries {
        Ok(entries) => entries,
        Err(check) => return check,
    };
    let mut files = FileCache::default();
    let wrong = ours.iter().find_map(|suite| {
        let mine: Vec<_> = entries.iter().filter(|entry| entry.suite == suite.name).collect();
        if mine.is_empty() {
            let message = format!("{FILE} does not have the suite {}: CI does not run it", suite.name);
            let setup = suite.setup.as_deref().unwrap_or("bedrock");
            let entry = format!(
                "{{\"suite\": \"{}\", \"setup\": \"{setup}\", \"allowed_clients\": [\"library\"]}}",
                suite.name
            );
            return Some(Check::fail(NAME, message, format!("add {entry}")));
        }
        wrong_setup(suite, &mine, setups).or_else(|| wrong_clients(&clients(case, &mut files, suite), suite, &mine))
    });
    wrong.unwrap_or_else(|| {
        Check::pass(NAME, format!("{FILE} has each suite of Bedrock, with its setup and a client that can run it"))
    })
}

/// The runs of CI, or why the list is invalid.
pub(crate) fn read(case: &DoctorCase<'_>) -> Result<Vec<MatrixEntry>, Check> {
    let entry = "{\"suite\": \"bedrock\", \"setup\": \"bedrock\", \"allowed_clients\": [\"library\"]}";
    match case.place.text(FILE) {
        Ok(Some(text)) => crate::evidence::matrix::entries(&text)
            .ok_or_else(|| Check::fail(NAME, format!("{FILE} is not JSON"), "correct it: CI reads it")),
        Ok(None) => Err(Check::fail(NAME, format!("there is no {FILE}"), format!("write one with {entry}"))),
        Err(error) => Err(Check::unknown(NAME, error.to_string(), "check that it can be read")),
    }
}

/// A suite of Bedrock runs with a setup of Bedrock; others may run beside it where the suite is not Bedrock's by name.
fn wrong_setup(suite: &Suite, mine: &[&MatrixEntry], setups: &[Setup]) -> Option<Check> {
    let named = |name: &str| setups.iter().find(|setup| setup.name == name);
    let of = |entry: &MatrixEntry| entry.setup.clone().or_else(|| suite.setup.clone());
    let missing = mine.iter().filter_map(|entry| of(entry)).find(|name| !setups.is_empty() && named(name).is_none());
    if let Some(name) = missing {
        let message = format!("{FILE} has the setup {name:?}, which is not in {SUITES}");
        return Some(Check::fail(NAME, message, "name an existing setup"));
    }
    let is_bedrock = |name: &str| named(name).map_or(name.contains("bedrock"), Setup::is_bedrock);
    let mut others = mine.iter().filter_map(|entry| of(entry)).filter(|name| !is_bedrock(name)).peekable();
    let own =
        suite.name.contains("bedrock") || !mine.iter().any(|entry| of(entry).is_some_and(|name| is_bedrock(&name)));
    let other = others.next().filter(|_| own)?;
    let right = suite.setup.as_deref().filter(|name| is_bedrock(name));
    let right = right.or_else(|| setups.iter().find(|setup| setup.is_bedrock()).map(|setup| setup.name.as_str()));
    Some(Check::fail(
        NAME,
        format!(
            "{FILE} runs the suite {} with the setup {other:?}, whose models are not Bedrock's: its recordings are not found",
            suite.name
        ),
        format!("write \"setup\": {:?}", right.unwrap_or("bedrock")),
    ))
}

fn wrong_clients(clients: &Clients, suite: &Suite, mine: &[&MatrixEntry]) -> Option<Check> {
    let allows = |client: &str| mine.iter().any(|entry| entry.allows(client));
    let of_all = |names: &[String]| {
        format!(
            "{} of the {} in the suite {}",
            counted_first(names.len(), "test", &names[0]),
            clients.tests,
            suite.name
        )
    };
    if !clients.server_only.is_empty() && !allows("server") {
        let message = format!("the client `library` skips {}: they need a server", of_all(&clients.server_only));
        let all = clients.server_only.len() == clients.tests;
        let list = if all { "[\"server\"]" } else { "[\"server\"], or leave it out for both clients" };
        return Some(Check::fail(NAME, message, format!("write \"allowed_clients\": {list}")));
    }
    if clients.server_only.is_empty() && !allows("library") {
        let message =
            format!("no entry of the suite {} allows the client `library`, which its recordings need", suite.name);
        return Some(Check::fail(NAME, message, "write \"allowed_clients\": [\"library\"]"));
    }
    let open = mine.iter().any(|entry| entry.clients.is_none());
    if !clients.library_only.is_empty() && allows("server") {
        let message = format!(
            "with the client `server`, {} need recordings that do not exist: only those of the client `library` exist",
            of_all(&clients.library_only)
        );
        return Some(Check::fail(NAME, message, "write \"allowed_clients\": [\"library\"]"));
    }
    if clients.server_only.is_empty() && open {
        let message =
            format!("an entry of the suite {} has no allowed_clients: CI runs it with a server too", suite.name);
        let help = "if its tests were recorded with the library only, write \"allowed_clients\": [\"library\"]";
        return Some(Check::unknown(NAME, message, help));
    }
    None
}

/// Reads what each test of the suite asks for.
fn clients(case: &DoctorCase<'_>, files: &mut FileCache, suite: &Suite) -> Clients {
    let mut clients = Clients::default();
    let recorded: Vec<&str> = case.survey.recorded.iter().filter_map(|recorded| recorded.test_id.as_deref()).collect();
    let mut by_file: BTreeMap<String, Vec<Option<&str>>> = BTreeMap::new();
    for root in &suite.roots {
        for file in case.place.store.python_files(file_of(root)) {
            by_file.entry(file).or_default().push(function_of(root));
        }
    }
    for (file, names) in by_file {
        let mut texts: Vec<String> =
            fixture_files(case, &file).iter().filter_map(|path| files.text(case, path).map(str::to_owned)).collect();
        texts.extend(files.text(case, &file).map(str::to_owned));
        let Some(own) = texts.last() else { continue };
        let fixtures: Vec<Function<'_>> = texts.iter().flat_map(|text| functions(text)).collect();
        for test in functions(own).iter().filter(|one| one.name.starts_with("test")) {
            if !names.iter().any(|name| name.is_none_or(|name| name == test.name)) {
                continue;
            }
            clients.tests += 1;
            let id = format!("{file}::{}", test.name);
            let of_test = recorded.iter().copied().filter(|test_id| holds_test(&id, test_id));
            if needs_server(test, &fixtures) {
                clients.server_only.push(id);
            } else if fails_with_server(test, of_test) {
                clients.library_only.push(id);
            }
        }
    }
    clients
}

/// Where pytest finds the fixtures of a file of tests: the conftest of each folder above it, and what they import.
fn fixture_files(case: &DoctorCase<'_>, file: &str) -> Vec<String> {
    let mut files = case.place.store.python_files(&format!("{FOLDER}/fixtures"));
    let folders = file.match_indices('/').map(|(at, _)| &file[..at]);
    files.extend(folders.filter(|folder| folder.starts_with(FOLDER)).map(|folder| format!("{folder}/conftest.py")));
    files
}
