//! The options of a replay.

use std::ffi::OsString;
use std::path::PathBuf;

/// The options of `replay-check`.
#[derive(Clone, Debug, Default)]
pub struct ReplayCheckOptions {
    /// Files or folders to replay instead of every recording below the root
    pub paths: Vec<PathBuf>,
    /// Requests of a future run, JSON Lines as for `record`; `-` is standard input
    pub cases: Vec<PathBuf>,
    /// Tests that there are, as `pytest --collect-only -q` prints them; `-` is standard input. Several are taken together
    pub tests: Vec<PathBuf>,
    /// Read logs, one path or key per line; `-` is standard input. Several logs are combined
    pub reads: Vec<PathBuf>,
    /// Region for cases without a url
    pub region: Option<String>,
    /// Append the recordings that COMMAND read to FILE, one path per line
    pub reads_out: Option<PathBuf>,
    /// A test command to run and watch, without AWS credentials in its environment
    pub command: Vec<OsString>,
}
