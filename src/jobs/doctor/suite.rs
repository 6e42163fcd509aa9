//! The suites of OGX: whether they name tests that are there, are recorded, are run in CI, and are not skipped.

use std::collections::BTreeMap;

use crate::evidence::functions::{functions, has_word};
use crate::evidence::suites::{FOLDER, Suite, holds_test, setups, suites};
use crate::jobs::project::{ProjectKind, SUITES};
use crate::report::doctor::Check;

use super::{DoctorCase, some};

/// Where CI says which suites it runs.
const MATRIX: &str = "tests/integration/ci_matrix.json";

const NAMES: [&str; 6] = ["suites", "suite-roots", "suite-recordings", "suite-covers", "skip-lists", "ci-matrix"];

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    let mut checks = match (case.place.kind, case.place.text(SUITES)) {
        (ProjectKind::Ogx(_), Ok(Some(text))) => of_suites(case, &text),
        (ProjectKind::Ogx(_), Ok(None)) => {
            let missing =
                Check::unknown("suites", format!("there is no {SUITES}"), "see that --root is the tree of OGX");
            let others = NAMES[1..].iter().map(|name| Check::skipped(name, "there are no suites"));
            [missing].into_iter().chain(others).collect()
        }
        (ProjectKind::Ogx(_), Err(error)) => {
            vec![Check::unknown("suites", error.to_string(), "see that it can be read")]
        }
        _ => NAMES.iter().map(|name| Check::skipped(name, "this is no tree of OGX")).collect(),
    };
    checks.push(pytest_folder(case));
    checks
}

fn of_suites(case: &DoctorCase<'_>, text: &str) -> Vec<Check> {
    let is_ours = |suite: &Suite| suite.name.contains("bedrock") || suite.setup.as_deref() == Some("bedrock");
    let ours: Vec<Suite> = suites(text).into_iter().filter(is_ours).collect();
    if ours.is_empty() {
        let message = format!("{SUITES} has no suite of Bedrock");
        let help = "add one: \"bedrock\": Suite(name=\"bedrock\", roots=[…], default_setup=\"bedrock\")";
        let others = NAMES[1..].iter().map(|name| Check::skipped(name, "there is no suite of Bedrock"));
        return [Check::fail("suites", message, help)].into_iter().chain(others).collect();
    }
    let roots: Vec<&str> = ours.iter().flat_map(|suite| &suite.roots).map(String::as_str).collect();
    vec![
        listed(&ours),
        exist(case, &roots),
        recorded(case, &roots),
        covered(case, &ours, &roots),
        skipped(case, &roots),
        matrix(case, &ours, text),
    ]
}

fn listed(ours: &[Suite]) -> Check {
    const NAME: &str = "suites";
    if let Some(empty) = ours.iter().find(|suite| suite.complete && suite.roots.is_empty()) {
        let message = format!("the suite {} has no roots: it runs no test of Bedrock", empty.name);
        return Check::fail(NAME, message, format!("name its tests in {SUITES}"));
    }
    if let Some(open) = ours.iter().find(|suite| !suite.complete) {
        let message = format!("the roots of the suite {} are computed, which cannot be read here", open.name);
        return Check::unknown(NAME, message, "write them out, or check by hand that they name the tests");
    }
    let names: Vec<&str> = ours.iter().map(|suite| suite.name.as_str()).collect();
    Check::pass(NAME, format!("{} in {SUITES}", names.join(", ")))
}

fn file_of(root: &str) -> &str {
    root.split("::").next().unwrap_or(root)
}

/// The name of the test function that a root names.
fn function_of(root: &str) -> Option<&str> {
    let (_, rest) = root.split_once("::")?;
    rest.split('[').next()?.rsplit("::").next()
}

/// Files that are asked for more than once are read once.
#[derive(Default)]
struct FileCache(BTreeMap<String, Option<String>>);

impl FileCache {
    fn text(&mut self, case: &DoctorCase<'_>, path: &str) -> Option<&str> {
        let read = || case.place.text(path).ok().flatten();
        self.0.entry(path.to_owned()).or_insert_with(read).as_deref()
    }
}

fn exist(case: &DoctorCase<'_>, roots: &[&str]) -> Check {
    const NAME: &str = "suite-roots";
    let mut files = FileCache::default();
    let mut missing = Vec::new();
    for root in roots {
        let there = case.place.store.exists(file_of(root));
        let has = match function_of(root).filter(|_| there) {
            Some(name) => {
                files.text(case, file_of(root)).is_none_or(|text| functions(text).iter().any(|one| one.name == name))
            }
            None => there,
        };
        if !has {
            missing.push(*root);
        }
    }
    match missing.first() {
        _ if roots.is_empty() => Check::skipped(NAME, "no root is written out"),
        None => Check::pass(NAME, format!("all {} are there", roots.len())),
        Some(first) => Check::fail(
            NAME,
            format!("not there: {}", some(missing.len(), "root", first)),
            format!(
                "correct the names in {SUITES}; after a rename of tests, `bedrock-fixtures rekey --test-id OLD=NEW`"
            ),
        ),
    }
}

fn recorded(case: &DoctorCase<'_>, roots: &[&str]) -> Check {
    const NAME: &str = "suite-recordings";
    let tests: Vec<&str> = case.survey.recorded.iter().filter_map(|recorded| recorded.test_id.as_deref()).collect();
    let without: Vec<&str> =
        roots.iter().copied().filter(|root| !tests.iter().any(|test_id| holds_test(root, test_id))).collect();
    match without.first() {
        _ if roots.is_empty() => Check::skipped(NAME, "no root is written out"),
        None => Check::pass(NAME, "every root has recordings of Bedrock"),
        Some(first) => {
            let others = case.survey.tests.iter().any(|test_id| holds_test(first, test_id));
            let of = if others { "recordings of other providers only" } else { "no recordings" };
            Check::fail(
                NAME,
                format!("with {of}: {}", some(without.len(), "root", first)),
                "record them, see that `bedrock-fixtures replay-check` passes, and commit suite and recordings together",
            )
        }
    }
}

/// Whether every recorded test is run by some suite.
fn covered(case: &DoctorCase<'_>, ours: &[Suite], roots: &[&str]) -> Check {
    const NAME: &str = "suite-covers";
    let tests = case.survey.recorded.iter().filter_map(|recorded| recorded.test_id.as_deref());
    let mut left: Vec<&str> = tests.filter(|test_id| !roots.iter().any(|root| holds_test(root, test_id))).collect();
    left.sort_unstable();
    left.dedup();
    let Some(first) = left.first() else {
        return match case.survey.recorded.is_empty() {
            true => Check::skipped(NAME, "there is no recording of Bedrock"),
            false => Check::pass(NAME, "every test with a recording of Bedrock is in a suite"),
        };
    };
    let message = format!("recorded for Bedrock, but in no suite of it: {}", some(left.len(), "test", first));
    let help = format!("add what CI should run to the roots in {SUITES}");
    if ours.iter().all(|suite| suite.complete) {
        Check::fail(NAME, message, help)
    } else {
        Check::unknown(NAME, message, help)
    }
}

/// Tests of the suites that call a function which leaves Bedrock out.
fn skipped(case: &DoctorCase<'_>, roots: &[&str]) -> Check {
    const NAME: &str = "skip-lists";
    let mut files = FileCache::default();
    let (mut found, mut seen) = (Vec::new(), 0);
    for root in roots {
        let Some(text) = files.text(case, file_of(root)) else { continue };
        let all = functions(text);
        let named = |text: &str| text.contains("\"remote::bedrock\"") || text.contains("'remote::bedrock'");
        let is_test = |name: &str| name.starts_with("test");
        let skipping: Vec<&str> =
            all.iter().filter(|one| !is_test(one.name) && named(one.text)).map(|one| one.name).collect();
        for one in all.iter().filter(|one| is_test(one.name) && function_of(root).is_none_or(|name| name == one.name)) {
            seen += 1;
            let by = if named(one.text) {
                Some(one.name)
            } else {
                skipping.iter().copied().find(|name| has_word(one.text, name))
            };
            if let Some(by) = by {
                found.push(format!("{}::{}, by {by}", file_of(root), one.name));
            }
        }
    }
    match found.first() {
        Some(first) => Check::fail(
            NAME,
            format!("perhaps skipped for Bedrock: {}", some(found.len(), "test", first)),
            "take remote::bedrock out of the skip list if Bedrock can do it by now, or the test out of the suite",
        ),
        None if seen == 0 => Check::skipped(NAME, "no test of a suite was found"),
        None => Check::pass(NAME, format!("none of {seen} tests names remote::bedrock in a skip list")),
    }
}

/// Whether CI runs each suite with a client that can.
fn matrix(case: &DoctorCase<'_>, ours: &[Suite], suites_text: &str) -> Check {
    const NAME: &str = "ci-matrix";
    let entry = "{\"suite\": \"bedrock\", \"setup\": \"bedrock\", \"allowed_clients\": [\"library\"]}";
    let text = match case.place.text(MATRIX) {
        Ok(Some(text)) => text,
        Ok(None) => return Check::fail(NAME, format!("there is no {MATRIX}"), format!("write one with {entry}")),
        Err(error) => return Check::unknown(NAME, error.to_string(), "see that it can be read"),
    };
    let Ok(json) = serde_json::from_str::<serde_json::Value>(&text) else {
        return Check::fail(NAME, format!("{MATRIX} is no JSON"), "mend it: CI reads it");
    };
    let mut entries = Vec::new();
    collect(&json, &mut entries);
    let known: Vec<String> = setups(suites_text).into_iter().map(|setup| setup.name).collect();
    for suite in ours {
        let mine: Vec<_> = entries.iter().copied().filter(|entry| entry["suite"] == suite.name.as_str()).collect();
        if mine.is_empty() {
            let message = format!("{MATRIX} does not name the suite {}: CI does not run it", suite.name);
            return Check::fail(NAME, message, format!("add {}", entry.replacen("bedrock", &suite.name, 1)));
        }
        // Without a list every client runs it.
        let runs = |entry: &&&serde_json::Value| match entry.get("allowed_clients").and_then(|list| list.as_array()) {
            Some(clients) => clients.iter().any(|client| client == "library"),
            None => true,
        };
        let Some(entry) = mine.iter().find(runs) else {
            let message =
                format!("no entry of the suite {} allows the client `library`, which its recordings need", suite.name);
            return Check::fail(NAME, message, "write \"allowed_clients\": [\"library\"]");
        };
        let setup = entry.get("setup").and_then(|setup| setup.as_str());
        if let Some(setup) = setup.filter(|setup| !known.is_empty() && !known.iter().any(|name| name == setup)) {
            let message = format!("{MATRIX} names the setup {setup:?}, which {SUITES} does not have");
            return Check::fail(NAME, message, "name a setup that is there");
        }
    }
    Check::pass(NAME, format!("{MATRIX} names each suite of Bedrock with a client that can run it"))
}

/// The objects that name a suite, wherever they are.
fn collect<'a>(json: &'a serde_json::Value, entries: &mut Vec<&'a serde_json::Value>) {
    match json {
        serde_json::Value::Object(object) if object.contains_key("suite") => entries.push(json),
        serde_json::Value::Object(object) => object.values().for_each(|value| collect(value, entries)),
        serde_json::Value::Array(list) => list.iter().for_each(|value| collect(value, entries)),
        _ => {}
    }
}

/// Whether pytest, run from here, knows the arguments of OGX.
fn pytest_folder(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "pytest-folder";
    let conftest = format!("{FOLDER}/conftest.py");
    let adds = matches!(case.place.text(&conftest), Ok(Some(text)) if text.contains("pytest_addoption"));
    if !adds {
        return Check::skipped(NAME, format!("no {conftest} adds arguments to pytest"));
    }
    let help =
        "pytest says `unrecognized arguments` elsewhere: run it in tests/integration/inference, or name a path below";
    let here = case.place.store.relative(&case.context.cwd, ".".as_ref()).unwrap_or_default();
    if here == FOLDER || here.starts_with(&format!("{FOLDER}/")) {
        Check::pass(NAME, format!("pytest run in {here} knows --setup and --inference-mode"))
    } else if here.is_empty() || here == "tests" {
        let message = format!("from here pytest knows --setup and --inference-mode only with a path below {FOLDER}");
        Check::unknown(NAME, message, help)
    } else {
        Check::fail(NAME, format!("pytest run in {here} does not know --setup and --inference-mode"), help)
    }
}
