//! The recordings: whether there are any, whether they are sound, and whether they are committed.

use std::collections::BTreeSet;

use crate::evidence::matrix;
use crate::evidence::suites::file_of;
use crate::jobs::project::SUITES;
use crate::report::doctor::Check;

use super::case::{DoctorCase, counted_first};

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    vec![store(case), recordings(case), committed(case)]
}

fn store(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "store";
    let root = case.place.store.root().display();
    match (&case.survey.failed, case.survey.files) {
        (Some(why), _) => Check::fail(NAME, why.clone(), "check that the folder can be read"),
        (None, 0) => Check::unknown(
            NAME,
            format!("there is no recording below {root}"),
            "give the folder that contains them with --root, or make some with `bedrock-fixtures record`",
        ),
        (None, files) => {
            let of_bedrock = case.survey.recorded.len();
            Check::pass(
                NAME,
                format!("{files} recording{}, {of_bedrock} of Bedrock", if files == 1 { "" } else { "s" }),
            )
        }
    }
}

fn recordings(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "recordings";
    let others = match case.survey.broken_others {
        0 => String::new(),
        1 => "; 1 other has errors, which `bedrock-fixtures verify` shows".to_owned(),
        count => format!("; {count} others have errors, which `bedrock-fixtures verify` shows"),
    };
    if let Some(why) = &case.survey.baseline_failed {
        let help = "write it with `bedrock-fixtures verify --write-baseline FILE`, or remove it from the configuration";
        return Check::fail(NAME, why.clone(), help);
    }
    match &case.survey.first {
        _ if case.survey.in_scope == 0 => Check::skipped(NAME, format!("there are no recordings to check{others}")),
        None => Check::pass(NAME, format!("{} checked, nothing wrong{others}", case.survey.in_scope)),
        Some((path, _)) if case.survey.crlf => Check::fail(
            NAME,
            format!("the lines of {path} end with CRLF: git changes them on checkout"),
            "`bedrock-fixtures init` writes the attribute that prevents it; then check the files out again",
        ),
        Some((path, why)) => Check::fail(
            NAME,
            format!("with errors: {}: {why}{others}", counted_first(case.survey.broken, "recording", path)),
            "`bedrock-fixtures verify --explain` shows all errors and what to do; `rekey` corrects names",
        ),
    }
}

fn committed(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "committed";
    case.ask_git(NAME, |git| {
        let tests = case.survey.recorded.iter().filter_map(|recorded| recorded.test_id.as_deref()).map(file_of);
        let tests: BTreeSet<&str> = tests.collect();
        let is_part = |path: &str| {
            crate::store::is_recording_path(path) || [SUITES, matrix::FILE].contains(&path) || tests.contains(path)
        };
        let changed: Vec<String> =
            git.uncommitted()?.into_iter().map(|file| file.path).filter(|path| is_part(path)).collect();
        Ok(match changed.first() {
            None => Check::pass(NAME, "every recording, its test, the suites and the matrix are committed"),
            Some(first) => Check::fail(
                NAME,
                format!("not committed: {}", counted_first(changed.len(), "change", first)),
                "review them with `bedrock-fixtures diff`, then commit recordings, tests and suite together",
            ),
        })
    })
}
