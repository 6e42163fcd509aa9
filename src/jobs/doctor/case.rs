//! What the checks look at, and how they count.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::error::Result;
use crate::evidence::stack::Stack;
use crate::jobs::project::Project;
use crate::report::doctor::Check;
use crate::vcs::Git;

use super::options::DoctorOptions;
use super::survey::Survey;

/// What the checks look at.
pub(super) struct DoctorCase<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) options: &'a DoctorOptions,
    pub(super) place: Project,
    pub(super) survey: Survey,
    /// The stack configuration for local recording.
    pub(super) local: Option<Stack>,
    /// The stack configuration of the continuous integration, and its path.
    pub(super) ci: Option<(String, Stack)>,
}

impl DoctorCase<'_> {
    /// What git says, or that it says nothing, as a check.
    pub(super) fn ask_git(&self, name: &'static str, ask: impl FnOnce(&Git) -> Result<Check>) -> Check {
        match (&self.place.git, &self.place.git_error) {
            (None, Some(error)) => Check::unknown(name, error.to_string(), "check that git works in this folder"),
            (None, None) => Check::skipped(name, "not a git work tree"),
            (Some(git), _) => ask(git)
                .unwrap_or_else(|error| Check::unknown(name, error.to_string(), "check that git works in this folder")),
        }
    }

    /// A variable that is not blank.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.context.environment.get(name)
    }
}

/// A count and all of its things.
pub(super) fn counted_all(what: &str, things: &BTreeSet<String>) -> String {
    let plural = if things.len() == 1 { "" } else { "s" };
    format!("{} {what}{plural} ({})", things.len(), things.iter().map(String::as_str).collect::<Vec<_>>().join("; "))
}

/// A count and the first of its things.
pub(super) fn counted_first(count: usize, what: &str, first: &str) -> String {
    match count {
        1 => format!("1 {what} ({first})"),
        _ => format!("{count} {what}s (the first: {first})"),
    }
}
