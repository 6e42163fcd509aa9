//! Where programs are looked for that this tool starts by itself: git, aws, a pager.
//!
//! An entry of PATH that is no whole path, such as `.` or an empty one, stands for the folder that somebody happens to be
//! in, and a program in a cloned repository would run in place of the real one. Such entries are left out. A command that
//! somebody gives on the command line is looked for as they asked.

use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;

/// PATH without the entries that are left out, and these; nothing while none is.
static SEARCHED: OnceLock<(OsString, Vec<String>)> = OnceLock::new();

/// What is searched where PATH has nothing but entries that are left out. An empty PATH would be the current folder.
#[cfg(unix)]
const USUAL: &str = "/usr/bin:/bin";
#[cfg(not(unix))]
const USUAL: &str = "";

/// Says which entries of PATH are searched, and which are not. The first call counts.
pub fn search_only(whole: OsString, left_out: Vec<String>) {
    let whole = if whole.is_empty() { USUAL.into() } else { whole };
    let _ = SEARCHED.set((whole, left_out));
}

/// The value of PATH for a helper, if it is another than that of this process.
pub fn path() -> Option<(&'static str, &'static OsStr)> {
    SEARCHED.get().map(|(path, _)| ("PATH", path.as_os_str()))
}

/// What to say behind the name of a helper that is not found; nothing if all of PATH is searched.
pub fn note() -> String {
    let Some((_, left_out)) = SEARCHED.get() else { return String::new() };
    let shown: Vec<String> = left_out.iter().map(|entry| format!("{entry:?}")).collect();
    format!(" (PATH is searched without {}, as helpers are looked for in whole paths alone)", shown.join(" and "))
}
