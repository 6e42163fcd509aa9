//! The suites of OGX: whether they name tests that are there, are recorded, are run in CI, and are not skipped.

use std::collections::BTreeSet;

use crate::evidence::functions::{Function, functions, has_word};
use crate::evidence::suites::{FOLDER, Suite, file_of, function_of, holds_test, of_bedrock, setups, suites};
use crate::jobs::project::{ProjectKind, SUITES};
use crate::report::doctor::Check;

use super::case::{DoctorCase, counted_all, counted_first};
use super::file_cache::FileCache;
use super::matrix;

const NAMES: [&str; 6] = ["suites", "suite-roots", "suite-recordings", "suite-covers", "skip-lists", "ci-matrix"];

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    let mut checks = match (case.place.kind, case.place.text(SUITES)) {
        (ProjectKind::Ogx(_), Ok(Some(text))) => of_suites(case, &text),
        (ProjectKind::Ogx(_), Ok(None)) => {
            let missing =
                Check::unknown("suites", format!("there is no {SUITES}"), "check that --root is the tree of OGX");
            let others = NAMES[1..].iter().map(|name| Check::skipped(name, "there are no suites"));
            [missing].into_iter().chain(others).collect()
        }
        (ProjectKind::Ogx(_), Err(error)) => {
            vec![Check::unknown("suites", error.to_string(), "check that it can be read")]
        }
        _ => NAMES.iter().map(|name| Check::skipped(name, "this is not a checkout of OGX")).collect(),
    };
    checks.push(pytest_folder(case));
    checks
}

fn of_suites(case: &DoctorCase<'_>, text: &str) -> Vec<Check> {
    let (setups, entries) = (setups(text), matrix::read(case));
    let ours: Vec<Suite> = match case.options.suite.as_slice() {
        [] => of_bedrock(suites(text), &setups, entries.as_deref().unwrap_or(&[])),
        named => suites(text).into_iter().filter(|suite| named.contains(&suite.name)).collect(),
    };
    if ours.is_empty() {
        let (message, help) = match case.options.suite.as_slice() {
            [] => (
                format!("{SUITES} has no suite of Bedrock"),
                "add one: \"bedrock\": Suite(name=\"bedrock\", roots=[…], default_setup=\"bedrock\")".to_owned(),
            ),
            named => (
                format!("{SUITES} does not define {}", named.join(", ")),
                "give a suite that it defines, or leave --suite out to check those of Bedrock".to_owned(),
            ),
        };
        let others = NAMES[1..].iter().map(|name| Check::skipped(name, "there is no such suite"));
        return [Check::fail("suites", message, help)].into_iter().chain(others).collect();
    }
    let roots: Vec<&str> = ours.iter().flat_map(|suite| &suite.roots).map(String::as_str).collect();
    vec![
        listed(&ours),
        exist(case, &roots),
        recorded(case, &roots),
        covered(case, &ours, &roots),
        skipped(case, &roots),
        matrix::check(case, &ours, &setups, entries),
    ]
}

fn listed(ours: &[Suite]) -> Check {
    const NAME: &str = "suites";
    if let Some(empty) = ours.iter().find(|suite| suite.complete && suite.roots.is_empty()) {
        let message = format!("the suite {} has no roots: it does not run a test of Bedrock", empty.name);
        return Check::fail(NAME, message, format!("name its tests in {SUITES}"));
    }
    if let Some(open) = ours.iter().find(|suite| !suite.complete) {
        let message = format!("the roots of the suite {} are computed by code, which cannot be read here", open.name);
        return Check::unknown(NAME, message, "write them as a plain list, or check by hand that they name the tests");
    }
    let names: Vec<&str> = ours.iter().map(|suite| suite.name.as_str()).collect();
    Check::pass(NAME, format!("{} in {SUITES}", names.join(", ")))
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
        _ if roots.is_empty() => Check::skipped(NAME, "no root is a plain text"),
        None => Check::pass(NAME, format!("all {} are there", roots.len())),
        Some(first) => Check::fail(
            NAME,
            format!("not there: {}", counted_first(missing.len(), "root", first)),
            format!(
                "correct the names in {SUITES}; after a rename of tests, `bedrock-fixtures rekey --test-id OLD=NEW`"
            ),
        ),
    }
}

fn recorded(case: &DoctorCase<'_>, roots: &[&str]) -> Check {
    const NAME: &str = "suite-recordings";
    // A list of models alone is not an answer that a test checks.
    let answers = case.survey.recorded.iter().filter(|recorded| !recorded.is_list);
    let tests: Vec<&str> = answers.filter_map(|recorded| recorded.test_id.as_deref()).collect();
    let without: Vec<&str> =
        roots.iter().copied().filter(|root| !tests.iter().any(|test_id| holds_test(root, test_id))).collect();
    match without.first() {
        _ if roots.is_empty() => Check::skipped(NAME, "no root is a plain text"),
        None => Check::pass(NAME, format!("every root has answers of Bedrock ({} recordings)", tests.len())),
        Some(first) => {
            let of = match case.survey.tests.iter().any(|test_id| holds_test(first, test_id)) {
                true => "only lists of models or recordings of other providers",
                false => "no recordings",
            };
            Check::fail(
                NAME,
                format!("with {of}: {}", counted_first(without.len(), "root", first)),
                "record them, check that `bedrock-fixtures replay-check` passes, and commit suite and recordings \
                 together",
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
    let message =
        format!("recorded for Bedrock, but not in a suite of Bedrock: {}", counted_first(left.len(), "test", first));
    let help = format!("add the tests that CI should run to the roots in {SUITES}");
    if ours.iter().all(|suite| suite.complete) {
        Check::fail(NAME, message, help)
    } else {
        Check::unknown(NAME, message, help)
    }
}

/// Tests of the suites that name Bedrock where they skip, or call a function that does.
fn skipped(case: &DoctorCase<'_>, roots: &[&str]) -> Check {
    const NAME: &str = "skip-lists";
    let reviewed = &case.context.settings.reviewed_skips;
    let mut files = FileCache::default();
    let (mut found, mut deliberate, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (root, file) in roots
        .iter()
        .flat_map(|root| case.place.store.python_files(file_of(root)).into_iter().map(move |file| (root, file)))
    {
        let Some(text) = files.text(case, &file) else { continue };
        let all = functions(text);
        let is_test = |name: &str| name.starts_with("test");
        let naming: Vec<&Function<'_>> =
            all.iter().filter(|one| !is_test(one.name) && names_bedrock(one.text)).collect();
        for one in all.iter().filter(|one| is_test(one.name) && function_of(root).is_none_or(|name| name == one.name)) {
            let id = format!("{file}::{}", one.name);
            let skips = |helper: &Function<'_>| helper.text.contains("skip") || one.text.contains("skip");
            let by = if names_bedrock(one.text) && one.text.contains("skip") {
                Some(one.name)
            } else {
                naming.iter().find(|helper| skips(helper) && has_word(one.text, helper.name)).map(|helper| helper.name)
            };
            if let Some(by) = by {
                let is_reviewed = reviewed.iter().any(|root| holds_test(root, &id));
                let list = if is_reviewed { &mut deliberate } else { &mut found };
                list.insert(format!("{id}, by {by}"));
            }
            seen.insert(id);
        }
    }
    let known = match deliberate.len() {
        0 => String::new(),
        1 => "; 1 more is in reviewed-skips of the configuration".to_owned(),
        count => format!("; {count} more are in reviewed-skips of the configuration"),
    };
    match (found.len(), seen.len()) {
        (0, 0) => Check::skipped(NAME, "no test of a suite was found"),
        (0, seen) => Check::pass(NAME, format!("none of {seen} tests is skipped for Bedrock by its file{known}")),
        (..) => Check::fail(
            NAME,
            format!("perhaps skipped for Bedrock: {}{known}", counted_all("test", &found)),
            "remove Bedrock from the skip list if it supports this now, or remove the test from the suite; an \
             intended skip belongs in reviewed-skips of bedrock-fixtures.toml",
        ),
    }
}

/// Whether a function tells Bedrock apart: by the type or the name of its provider, or by how its models are named.
fn names_bedrock(text: &str) -> bool {
    let starts = |text: &str| {
        ["remote::bedrock", "bedrock"]
            .iter()
            .any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with(['"', '\'', '/'])))
    };
    text.match_indices(['"', '\'']).any(|(quote, _)| starts(&text[quote + 1..]))
}

/// Whether pytest, run from here, knows the arguments of OGX.
fn pytest_folder(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "pytest-folder";
    let conftest = format!("{FOLDER}/conftest.py");
    let adds = matches!(case.place.text(&conftest), Ok(Some(text)) if text.contains("pytest_addoption"));
    if !adds {
        return Check::skipped(NAME, format!("there is no {conftest} that adds arguments to pytest"));
    }
    let help = "pytest reports `unrecognized arguments` in other folders: run it in tests/integration/inference, or name a \
         path below it";
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
