//! A change that `init` plans: what is said of it, and what makes it.

use std::path::PathBuf;

use similar::TextDiff;

use crate::report::init::{ChangeStatus, SetupChange};

/// A change that is yet to be made, and how.
pub(crate) struct Planned {
    pub(crate) change: SetupChange,
    pub(crate) act: Act,
}

/// What makes a change.
pub(crate) enum Act {
    Nothing,
    /// Writes a text of the tree, if it is still as it was.
    Write {
        path: &'static str,
        old: Option<Vec<u8>>,
        new: Vec<u8>,
    },
    /// Sets the textconv.
    Set,
    /// Writes the hook of this clone.
    Hook(PathBuf),
    /// Writes the baseline.
    Baseline,
}

/// A change that has to wait until something else is done.
pub(crate) fn skipped(name: &'static str, path: Option<&str>, why: &str, first: &str) -> Planned {
    let mut planned = settled(name, path, &format!("{why}; {first}"));
    planned.change.status = ChangeStatus::Skipped;
    planned
}

/// A change that cannot be made safely.
pub(crate) fn refused(name: &'static str, path: &str, why: &str) -> Planned {
    let mut planned = settled(name, Some(path), why);
    planned.change.status = ChangeStatus::Refused;
    planned
}

pub(crate) fn settled(name: &'static str, path: Option<&str>, reason: &str) -> Planned {
    let status = ChangeStatus::Unchanged;
    let (path, reason) = (path.map(str::to_owned), Some(reason.to_owned()));
    Planned { change: SetupChange { name, path, command: None, status, reason, diff: None }, act: Act::Nothing }
}

pub(crate) fn written(name: &'static str, path: &'static str, old: Option<Vec<u8>>, new: Vec<u8>) -> Planned {
    let before = if old.is_some() { path } else { "/dev/null" };
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (from, to) = (shown(old.as_deref().unwrap_or_default()), shown(&new));
    let diff = TextDiff::from_lines(&from, &to).unified_diff().header(before, path).to_string();
    let status = ChangeStatus::Planned;
    let change =
        SetupChange { name, path: Some(path.to_owned()), command: None, status, reason: None, diff: Some(diff) };
    Planned { change, act: Act::Write { path, old, new } }
}
