//! Resuming a run that ended early: the command that sends exactly the remaining requests.
//!
//! `--missing` is enough as long as no remaining request has a recording. When recordings are recorded again, the
//! remaining ones have one, so the command has their keys.

use crate::report::shell;
use std::collections::BTreeSet;

use crate::context::Context;
use crate::jobs::cases::Case;
use crate::store::Store;

/// How many digits of a key tell it from all others.
const TELLING: usize = 12;

/// What is left of a run.
pub(crate) struct Resume {
    /// The keys of the cases that are left.
    keys: Vec<String>,
    /// Whether some of it has a recording already.
    by_key: bool,
}

impl Resume {
    /// What is left of a run when these cases are.
    pub(crate) fn of<'a>(store: &Store, left: impl Iterator<Item = &'a Case>) -> Self {
        let left: Vec<&Case> = left.collect();
        let is_recorded = |case: &&Case| case.slot(store).is_settled();
        let keys: BTreeSet<String> = left.iter().map(|case| case.key.to_string()[..TELLING].to_owned()).collect();
        Resume { by_key: left.iter().any(is_recorded), keys: keys.into_iter().collect() }
    }

    /// The flag that selects the cases that are left.
    pub(crate) fn flag(&self) -> &'static str {
        if self.by_key { "--key" } else { "--missing" }
    }

    /// The command that resumes the run, for a shell; `None` if no case is left.
    pub(crate) fn command(&self, context: &Context<'_>) -> Option<String> {
        if self.keys.is_empty() {
            return None;
        }
        let given = context.args.iter().map(|arg| arg.to_string_lossy().into_owned());
        let mut args: Vec<String> = Vec::new();
        let mut is_value = false;
        for arg in given {
            // The keys that an earlier command printed.
            let is_key = arg == "--key";
            if !is_value && !is_key && !arg.starts_with("--key=") {
                args.push(arg);
            }
            is_value = is_key;
        }
        let flags =
            if self.by_key { vec!["--key".to_owned(), self.keys.join(",")] } else { vec!["--missing".to_owned()] };
        if self.by_key || !args.iter().any(|arg| *arg == flags[0]) {
            let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
            args.splice(end..end, flags);
        }
        Some(args.iter().map(|arg| shell::quoted(arg)).collect::<Vec<_>>().join(" "))
    }
}
