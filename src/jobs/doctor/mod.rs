//! `doctor`: checks the setup for recording and replaying, without doing either.

mod checkout;
mod configuration;
mod credentials;
mod endpoint;
mod file_cache;
mod matrix;
mod recordings;
mod suite;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::error::Result;
use crate::evidence::stack::{self, Stack};
use crate::report::doctor::{Check, DoctorReport};

use crate::context::Context;
use crate::jobs::project::{LOCAL_STACK, Project, ProjectKind};
use recordings::Survey;

/// The options of `doctor`.
#[derive(Clone, Debug, Default)]
pub struct DoctorOptions {
    /// The region of the endpoint, if one is given.
    pub region: Option<String>,
    /// Ask the endpoint whether it takes the token.
    pub online: bool,
    /// The suites of OGX to check; empty means those of Bedrock.
    pub suite: Vec<String>,
    /// A file of findings that are known, as `verify --write-baseline` makes it.
    pub baseline: Option<PathBuf>,
}

/// What the checks look at.
struct DoctorCase<'a> {
    context: &'a Context<'a>,
    options: &'a DoctorOptions,
    place: Project,
    survey: Survey,
    /// The stack configuration for local recording.
    local: Option<Stack>,
    /// The stack configuration of the continuous integration, and its path.
    ci: Option<(String, Stack)>,
}

impl DoctorCase<'_> {
    /// What git says, or that it says nothing, as a check.
    fn ask_git(&self, name: &'static str, ask: impl FnOnce(&crate::vcs::Git) -> Result<Check>) -> Check {
        match (&self.place.git, &self.place.git_error) {
            (None, Some(error)) => Check::unknown(name, error.to_string(), "check that git works in this folder"),
            (None, None) => Check::skipped(name, "not a git work tree"),
            (Some(git), _) => ask(git)
                .unwrap_or_else(|error| Check::unknown(name, error.to_string(), "check that git works in this folder")),
        }
    }

    /// A variable that is not blank.
    fn variable(&self, name: &str) -> Option<&str> {
        self.context.environment.get(name)
    }
}

/// Runs every check.
pub fn run(context: &Context<'_>, options: &DoctorOptions) -> Result<DoctorReport> {
    let place = Project::of(context)?;
    let survey = Survey::of(context, options, &place)?;
    let local = place.text(LOCAL_STACK).ok().flatten().map(|text| stack::read(&text));
    let ci = match place.kind {
        ProjectKind::Ogx(package) => {
            let path = format!("src/{package}/distributions/ci-tests/config.yaml");
            place.text(&path).ok().flatten().map(|text| (path, stack::read(&text)))
        }
        _ => None,
    };
    let case = DoctorCase { context, options, place, survey, local, ci };
    let mut checks = credentials::checks(&case)?;
    checks.extend(configuration::checks(context));
    checks.extend(endpoint::checks(&case));
    checks.extend(recordings::checks(&case));
    checks.extend(suite::checks(&case));
    checks.extend(checkout::checks(&case));
    Ok(DoctorReport { checks })
}

/// A count and all of its things.
fn all_of(what: &str, things: &BTreeSet<String>) -> String {
    let plural = if things.len() == 1 { "" } else { "s" };
    format!("{} {what}{plural} ({})", things.len(), things.iter().map(String::as_str).collect::<Vec<_>>().join("; "))
}

/// A count and the first of its things.
fn some(count: usize, what: &str, first: &str) -> String {
    match count {
        1 => format!("1 {what} ({first})"),
        _ => format!("{count} {what}s (the first: {first})"),
    }
}
