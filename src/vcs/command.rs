//! How git is called: one place, so that no setting and no variable shapes what it prints or names a program to run.
//!
//! The repository's own configuration is the user's, with one exception: a folder that looks like a bare repository may have
//! come with a pull request. Git is told not to use it. An older git that does not have this setting is checked after it ran.
//! Two kinds of settings still count, because a checkout follows them too: which filters make a file of the work tree, and
//! which files are ignored.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::Error;
use crate::helper;

/// Settings with a fixed value for every call. The command line wins over all files and variables.
const PINNED: [&str; 17] = [
    // Programs: a monitor of files, hooks, everything that a transport would start.
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "maintenance.auto=false",
    "gc.auto=0",
    // The form of the output.
    "diff.relative=false",
    "diff.renames=false",
    "diff.orderFile=/dev/null",
    "diff.ignoreSubmodules=all",
    "submodule.recurse=false",
    "status.relativePaths=false",
    "status.submoduleSummary=false",
    "color.ui=false",
    "core.quotePath=false",
    // How it is seen that a file has changed.
    "core.checkStat=default",
    "core.ignoreStat=false",
];

/// Variables by which git is led to another place. They count only for the repository that they name.
const REDIRECTING: [&str; 11] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_NAMESPACE",
];

/// Those of them that say which repository it is; the others say what of it is used.
const NAMING: usize = 4;

/// Variables that name programs, print more, or change the meaning of paths and attributes.
const UNWANTED: [&str; 34] = [
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_PAGER_IN_USE",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_PROXY_COMMAND",
    "GIT_EXEC_PATH",
    "GIT_CONFIG",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_ATTR_SOURCE",
    "GIT_ATTR_NOSYSTEM",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_DEFAULT_HASH",
    "GIT_ALLOW_PROTOCOL",
    "GIT_TRACE",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_SHALLOW",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_PACKFILE",
    "GIT_TRACE_PACK_ACCESS",
    "GIT_TRACE_PERFORMANCE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_FSMONITOR",
    "GIT_TRACE_REFS",
    "GIT_TRACE_UNTRACKED_STATS",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_TEST_FSMONITOR",
];

/// Variables with a fixed value for every call: messages are in English, git does not fetch or ask, and it does not
/// refresh the index on disk.
const SET: [(&str, &str); 4] =
    [("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_LAZY_FETCH", "1"), ("LANGUAGE", "en")];

/// The repository that git uses, and how git gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RepositoryChoice {
    /// The one that the variables name, as seen from the current folder.
    AsItIs,
    /// The one that holds the folder, whatever the variables say.
    Found,
    /// The same; the variables speak of it too, so an index or objects that they name are its own.
    FoundAndNamed,
    /// The one that the variables name: its folder and its work tree.
    Named { git: PathBuf, tree: PathBuf },
}

/// A call of git. `pins_hooks` is off only for questions about hooks.
pub(super) fn command(folder: Option<&Path>, way: &RepositoryChoice, pins_hooks: bool, args: &[&str]) -> Command {
    let mut command = helper::program("git");
    command.arg("--no-pager");
    if let Some(folder) = folder {
        command.arg("-C").arg(folder);
    }
    for setting in PINNED.iter().filter(|setting| pins_hooks || !setting.starts_with("core.hooksPath")) {
        command.args(["-c", setting]);
    }
    for name in UNWANTED {
        command.env_remove(name);
    }
    let dropped = match way {
        RepositoryChoice::AsItIs => 0,
        RepositoryChoice::Found => REDIRECTING.len(),
        RepositoryChoice::FoundAndNamed | RepositoryChoice::Named { .. } => NAMING,
    };
    for name in &REDIRECTING[..dropped] {
        command.env_remove(name);
    }
    if let RepositoryChoice::Named { git, tree } = way {
        command.env("GIT_DIR", git).env("GIT_WORK_TREE", tree);
    }
    command.envs(SET).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What git says in words alone: it ends with the same exit code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Complaint {
    /// No folder above is a repository.
    NoRepository,
    /// The repository has no work tree, and git does not trust it.
    UntrustedBare,
    /// Nothing has this name.
    NoRevision,
    /// Anything else.
    Other,
}

/// The words of each, as git has them in English (see [`SET`]).
const COMPLAINTS: [(&str, Complaint); 3] = [
    ("not a git repository (or any", Complaint::NoRepository),
    ("safe.bareRepository", Complaint::UntrustedBare),
    ("Needed a single revision", Complaint::NoRevision),
];

impl Complaint {
    /// The complaint in the standard error of a call that failed.
    pub(super) fn of(said: &[u8]) -> Self {
        let said = words(&String::from_utf8_lossy(said)).unwrap_or_default();
        let known = COMPLAINTS.iter().find(|(words, _)| said.contains(words));
        known.map_or(Complaint::Other, |(_, complaint)| *complaint)
    }
}

/// A call that failed.
pub(super) struct CallFailure {
    pub(super) complaint: Complaint,
    error: Error,
}

impl From<CallFailure> for Error {
    fn from(failure: CallFailure) -> Self {
        failure.error
    }
}

/// The standard output of a call that succeeded.
pub(super) fn output(mut command: Command, name: &str, place: &Path) -> std::result::Result<Vec<u8>, CallFailure> {
    let failed = |complaint, error| CallFailure { complaint, error };
    let output = command.output().map_err(|error| failed(Complaint::Other, no_git(&error)))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failed(Complaint::of(&output.stderr), failure(&output, name, place)))
}

/// What git says of a call that failed, in one line with the command that it advises.
pub(super) fn failure(output: &Output, name: &str, place: &Path) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    let words = words(&said).unwrap_or_else(|| "it failed and did not say why".to_owned());
    let error = Error::new(format!("git {name}: {words}")).at(place.display());
    if Complaint::of(&output.stderr) == Complaint::UntrustedBare {
        return error.hint("a bare repository inside a tree is not trusted; give the root of a work tree with --root");
    }
    // Git sets the command that helps apart by a tab.
    match said.lines().find_map(|line| line.strip_prefix('\t')) {
        Some(advice) => error.hint(format!("git advises: {}", advice.trim())),
        None => error,
    }
}

/// What an output says of the error: the fatal line, with the error that led to it, or else the first that is not a warning.
pub(super) fn words(said: &str) -> Option<String> {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().find_map(|line| line.strip_prefix("fatal: "));
    let error = lines().find_map(|line| line.strip_prefix("error: "));
    match (fatal, error) {
        // Only the error names the file.
        (Some(fatal), Some(error)) => Some(format!("{fatal} ({error})")),
        (one, other) => {
            one.or(other).or_else(|| lines().find(|line| !line.starts_with("warning: "))).map(str::to_owned)
        }
    }
}

pub(super) fn no_git(error: &std::io::Error) -> Error {
    let what = format!("cannot run git{}: {error}", helper::note());
    Error::new(what).hint("install git, or give files and folders instead")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_line_that_says_most_is_taken() {
        for (said, words_of_it) in [
            ("fatal: not a git repository\n", Some("not a git repository")),
            (
                "error: object file x is empty\nfatal: loose object y is corrupt\n",
                Some("loose object y is corrupt (object file x is empty)"),
            ),
            ("warning: w\nerror: e\n", Some("e")),
            ("warning: only this\n\nhow odd\n", Some("how odd")),
            ("warning: only this\n", None),
            ("", None),
        ] {
            assert_eq!(words(said).as_deref(), words_of_it);
        }
    }
}
