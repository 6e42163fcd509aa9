//! All recordings, read once.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::context::Context;
use crate::error::Result;
use crate::jobs::judged::judge_reading;
use crate::jobs::project::{Project, ProjectKind};
use crate::jobs::suites::SuiteScope;
use crate::jobs::verify::baseline::Baseline;
use crate::recording::scan::Reading;
use crate::report::{Finding, Severity};
use crate::settings::file::Settings;
use crate::store::Store;

use super::options::DoctorOptions;

/// A recording that is Bedrock's.
pub(crate) struct Recorded {
    pub(crate) path: String,
    pub(crate) test_id: Option<String>,
    pub(crate) host: Option<Host>,
    pub(crate) model: Option<String>,
    /// It holds a list of models, which no test checks.
    pub(crate) is_list: bool,
}

/// All recordings, read once.
#[derive(Default)]
pub(crate) struct Survey {
    /// Files looked at.
    pub(super) files: usize,
    /// Those of them that were looked at for errors: see [`SurveyScope`].
    pub(super) in_scope: usize,
    /// How many of them break a rule with an error, and the first of them with its error.
    pub(super) broken: usize,
    pub(super) first: Option<(String, String)>,
    /// How many others do.
    pub(super) broken_others: usize,
    /// Some file in scope has lines that end with CRLF.
    pub(super) crlf: bool,
    /// Why the known errors are not known.
    pub(super) baseline_failed: Option<String>,
    /// Why there is nothing more.
    pub(super) failed: Option<String>,
    /// Those of Bedrock, by path.
    pub(crate) recorded: Vec<Recorded>,
    /// The tests of all recordings.
    pub(crate) tests: BTreeSet<String>,
}

/// Which recordings are looked at for errors. A file that cannot be read could belong to any.
enum SurveyScope {
    All,
    /// In a tree with recordings of other providers: those of Bedrock.
    Bedrock,
    Suites(SuiteScope),
}

impl SurveyScope {
    fn of(options: &DoctorOptions, place: &Project) -> Result<Self> {
        Ok(match (options.suite.as_slice(), place.kind) {
            ([], ProjectKind::Ogx(_)) => SurveyScope::Bedrock,
            ([], _) => SurveyScope::All,
            (named, _) => SurveyScope::Suites(SuiteScope::named(&place.store, named)?),
        })
    }

    fn holds(&self, path: &str, test_id: Option<&str>, url: Option<&str>) -> bool {
        match self {
            SurveyScope::All => true,
            SurveyScope::Bedrock => url.is_none_or(|url| Endpoint::of_base_url(url).is_some()),
            SurveyScope::Suites(suites) => suites.holds(test_id, path),
        }
    }
}

/// What decides whether an error counts.
struct ErrorFilter<'a> {
    settings: &'a Settings,
    baseline: Option<Baseline>,
}

impl ErrorFilter<'_> {
    /// The first error that neither the configuration nor the baseline leaves out.
    fn first(&self, mut findings: Vec<Finding>) -> Option<Finding> {
        let settings = self.settings;
        findings.retain(|finding| {
            let selected = settings.select.is_empty() || settings.select.contains(&finding.rule);
            let ignored = settings.ignore.contains(&finding.rule) || settings.ignores(&finding.path, finding.rule);
            finding.severity == Severity::Error && selected && !ignored
        });
        if let Some(baseline) = &self.baseline {
            baseline.leave_out(&mut findings);
        }
        findings.into_iter().next()
    }
}

struct SeenFile {
    pub(super) in_scope: bool,
    wrong: Option<String>,
    pub(super) crlf: bool,
    test_id: Option<String>,
    recorded: Option<Recorded>,
}

impl Survey {
    pub(crate) fn of(context: &Context<'_>, options: &DoctorOptions, place: &Project) -> Result<Self> {
        let (store, scope) = (&place.store, SurveyScope::of(options, place)?);
        let (baseline, baseline_failed) = match options.baseline.as_ref().map(|file| Baseline::read(file)).transpose() {
            Ok(baseline) => (baseline, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let filter = ErrorFilter { settings: &context.settings, baseline };
        let files = match store.list(&context.cwd, &[]) {
            Ok(files) => files,
            Err(error) => return Ok(Survey { failed: Some(error.to_string()), ..Survey::default() }),
        };
        context.progress.begin("reading", files.len());
        let look = |file| {
            let seen = match store.read(file) {
                Ok(bytes) => look_at(store, file, &bytes, &scope, &filter),
                Err(why) => SeenFile {
                    in_scope: scope.holds(&file.path, None, None),
                    wrong: Some(why),
                    crlf: false,
                    test_id: None,
                    recorded: None,
                },
            };
            context.progress.step("");
            (file.path.clone(), seen)
        };
        let seen: Vec<_> =
            files.par_iter().filter(|file| store.exists(&file.path) || file.has_lossy_name()).map(look).collect();
        context.progress.end();
        let mut survey = Survey { files: files.len(), baseline_failed, ..Survey::default() };
        for (path, seen) in seen {
            survey.in_scope += usize::from(seen.in_scope);
            match seen.wrong {
                Some(wrong) if seen.in_scope => {
                    survey.broken += 1;
                    survey.first.get_or_insert((path, wrong));
                }
                Some(_) => survey.broken_others += 1,
                None => {}
            }
            survey.crlf |= seen.crlf && seen.in_scope;
            survey.tests.extend(seen.test_id);
            survey.recorded.extend(seen.recorded);
        }
        Ok(survey)
    }
}

fn look_at(
    store: &Store,
    file: &crate::store::RecordingFile,
    bytes: &[u8],
    scope: &SurveyScope,
    filter: &ErrorFilter<'_>,
) -> SeenFile {
    let reading = Reading::of(bytes, store.key_rules());
    let findings = judge_reading(store, file, bytes, &reading, false).findings;
    let wrong = filter.first(findings);
    let canonical = reading.rewritten.as_deref().unwrap_or(bytes);
    let outline = reading.facts.as_ref().ok().map(|facts| facts.with_arguments(canonical));
    let outline = outline.as_ref();
    let test_id = outline.and_then(|outline| outline.test_id()).map(str::to_owned);
    let url = outline.and_then(|outline| outline.url());
    let host = url.and_then(Endpoint::of_base_url).map(|endpoint| endpoint.host);
    let endpoint = outline.and_then(|outline| outline.endpoint());
    let is_list = endpoint.is_some_and(|endpoint| store.key_rules().names_as_list(endpoint));
    let model = || Some(outline?.body()?.get("model")?.as_str()?.to_owned());
    let recorded = host.is_some().then(|| Recorded {
        path: file.path.clone(),
        test_id: test_id.clone(),
        host,
        model: model(),
        is_list,
    });
    let in_scope = scope.holds(&file.path, test_id.as_deref(), url);
    let crlf = bytes.iter().position(|byte| *byte == b'\n').is_some_and(|at| at > 0 && bytes[at - 1] == b'\r');
    SeenFile {
        in_scope,
        wrong: wrong.map(|finding| format!("{}: {}", finding.rule, finding.message)),
        crlf,
        test_id,
        recorded,
    }
}
