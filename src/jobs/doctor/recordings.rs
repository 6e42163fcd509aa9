//! The recordings: whether there are any, whether they are sound, and whether they are committed.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::context::Context;
use crate::jobs::judged::judge_reading;
use crate::jobs::project::SUITES;
use crate::recording::scan::Reading;
use crate::report::Severity;
use crate::report::doctor::Check;
use crate::store::Store;

use super::{DoctorCase, some};

/// A recording that is Bedrock's.
pub(crate) struct Recorded {
    pub(crate) path: String,
    pub(crate) test_id: Option<String>,
    pub(crate) host: Option<Host>,
    pub(crate) model: Option<String>,
}

/// All recordings, read once.
#[derive(Default)]
pub(crate) struct Survey {
    /// Files looked at.
    files: usize,
    /// How many break a rule that is an error, and the first of them with what is wrong.
    broken: usize,
    first: Option<(String, String)>,
    /// Some file has lines that end with CRLF.
    crlf: bool,
    /// Why there is nothing more.
    failed: Option<String>,
    /// Those of Bedrock, by path.
    pub(crate) recorded: Vec<Recorded>,
    /// The tests of all recordings.
    pub(crate) tests: BTreeSet<String>,
}

struct SeenFile {
    wrong: Option<String>,
    crlf: bool,
    test_id: Option<String>,
    recorded: Option<Recorded>,
}

impl Survey {
    pub(crate) fn of(context: &Context<'_>, store: &Store) -> Self {
        let files = match store.list(&context.cwd, &[]) {
            Ok(files) => files,
            Err(error) => return Survey { failed: Some(error.to_string()), ..Survey::default() },
        };
        context.progress.begin("reading", files.len());
        let look = |file| {
            let seen = match store.read(file) {
                Ok(bytes) => look_at(store, file, &bytes),
                Err(why) => SeenFile { wrong: Some(why), crlf: false, test_id: None, recorded: None },
            };
            context.progress.step("");
            (file.path.clone(), seen)
        };
        let seen: Vec<_> = files.par_iter().map(look).collect();
        context.progress.end();
        let mut survey = Survey { files: files.len(), ..Survey::default() };
        for (path, seen) in seen {
            if let Some(wrong) = seen.wrong {
                survey.broken += 1;
                survey.first.get_or_insert((path, wrong));
            }
            survey.crlf |= seen.crlf;
            survey.tests.extend(seen.test_id);
            survey.recorded.extend(seen.recorded);
        }
        survey
    }
}

fn look_at(store: &Store, file: &crate::store::RecordingFile, bytes: &[u8]) -> SeenFile {
    let reading = Reading::of(bytes, store.key_rules());
    let findings = judge_reading(store, file, bytes, &reading, false).findings;
    let wrong = findings.into_iter().find(|finding| finding.severity == Severity::Error);
    let canonical = reading.rewritten.as_deref().unwrap_or(bytes);
    let outline = reading.facts.as_ref().ok().map(|facts| facts.with_arguments(canonical));
    let outline = outline.as_ref();
    let test_id = outline.and_then(|outline| outline.test_id()).map(str::to_owned);
    let url = outline.and_then(|outline| outline.url()).unwrap_or("");
    let host = Endpoint::of_base_url(url).map(|endpoint| endpoint.host);
    let is_ours = host.is_some() || test_id.as_deref().is_some_and(|test_id| test_id.contains("bedrock/"));
    let model = || Some(outline?.body()?.get("model")?.as_str()?.to_owned());
    let recorded =
        is_ours.then(|| Recorded { path: file.path.clone(), test_id: test_id.clone(), host, model: model() });
    let crlf = bytes.iter().position(|byte| *byte == b'\n').is_some_and(|at| at > 0 && bytes[at - 1] == b'\r');
    SeenFile { wrong: wrong.map(|finding| format!("{}: {}", finding.rule, finding.message)), crlf, test_id, recorded }
}

pub(crate) fn checks(case: &DoctorCase<'_>) -> Vec<Check> {
    vec![store(case), recordings(case), committed(case)]
}

fn store(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "store";
    let root = case.place.store.root().display();
    match (&case.survey.failed, case.survey.files) {
        (Some(why), _) => Check::fail(NAME, why.clone(), "see that the folder can be read"),
        (None, 0) => Check::unknown(
            NAME,
            format!("there is no recording below {root}"),
            "if there should be, give the tree that holds them with --root; else `bedrock-fixtures record` makes some",
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
    match &case.survey.first {
        _ if case.survey.files == 0 => Check::skipped(NAME, "there is none"),
        None => Check::pass(NAME, format!("{} checked, nothing wrong", case.survey.files)),
        Some((path, _)) if case.survey.crlf => Check::fail(
            NAME,
            format!("the lines of {path} end with CRLF: git changes them on checkout"),
            "`bedrock-fixtures init` writes the attribute that keeps git from it; then check the files out again",
        ),
        Some((path, why)) => Check::fail(
            NAME,
            format!("with errors: {}: {why}", some(case.survey.broken, "recording", path)),
            "`bedrock-fixtures verify --explain` shows all and what to do; `rekey` mends names",
        ),
    }
}

fn committed(case: &DoctorCase<'_>) -> Check {
    const NAME: &str = "committed";
    case.ask_git(NAME, |git| {
        let is_part = |path: &str| crate::store::is_recording_path(path) || path == SUITES;
        let changed: Vec<String> =
            git.uncommitted()?.into_iter().map(|file| file.path).filter(|path| is_part(path)).collect();
        Ok(match changed.first() {
            None => Check::pass(NAME, "every recording is committed as it is"),
            Some(first) => Check::fail(
                NAME,
                format!("not committed: {}", some(changed.len(), "change", first)),
                "review them with `bedrock-fixtures diff`, then commit recordings and suite together",
            ),
        })
    })
}
