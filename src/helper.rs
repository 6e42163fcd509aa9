//! The programs that this tool starts by itself, such as git, aws and a pager, and where they are looked for.
//!
//! A relative entry of PATH, such as `.` or an empty one, stands for the current folder, where a cloned repository could
//! have a program of the same name. Such entries are not searched. A command on the command line is looked up by the whole
//! PATH.

use std::ffi::OsString;
use std::process::Command;
use std::sync::OnceLock;

/// PATH without the entries that are left out, and these; nothing while none is.
static SEARCHED: OnceLock<(OsString, Vec<String>)> = OnceLock::new();

/// What is searched where PATH has only relative entries. An empty PATH would be the current folder.
#[cfg(unix)]
const USUAL: &str = "/usr/bin:/bin";
#[cfg(not(unix))]
const USUAL: &str = "";

/// Sets which entries of PATH are searched, and which are not. Only the first call has an effect.
pub fn search_only(whole: OsString, left_out: Vec<String>) {
    let whole = if whole.is_empty() { USUAL.into() } else { whole };
    let _ = SEARCHED.set((whole, left_out));
}

/// A call of a helper, which is looked for as described above.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.envs(SEARCHED.get().map(|(path, _)| ("PATH", path)));
    command
}

/// What follows the name of a missing helper in a message; empty if all of PATH is searched.
pub fn note() -> String {
    let Some((_, left_out)) = SEARCHED.get() else { return String::new() };
    let shown: Vec<String> = left_out.iter().map(|entry| format!("{entry:?}")).collect();
    format!(" (only absolute entries of PATH are searched, not {})", shown.join(" and "))
}
