//! The options of a recording run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::client::sandbox::SandboxFault;
use crate::jobs::cases;

/// The options of `record`.
#[derive(Clone, Debug, Default)]
pub struct RecordOptions {
    /// Recordings, or folders of recordings, to record again
    pub paths: Vec<PathBuf>,
    /// Requests to record, JSON Lines; `-` is standard input
    pub cases: Vec<PathBuf>,
    /// Only requests whose test id contains PATTERN, or matches it if it has a `*`
    pub test: Option<String>,
    /// Only requests that have no recording yet, or one with a transient failure such as 401 or 429
    pub missing: bool,
    /// Only requests whose key starts with KEY; resumes a run that ended early
    pub key: Vec<String>,
    /// Send nothing; print the planned requests, the expected tokens and time, and what would stop the run
    pub plan: bool,
    /// Send the requests to this server instead of AWS; plain http only to this machine
    pub endpoint_url: Option<String>,
    /// Region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2; an existing recording uses its
    /// own region
    pub region: Option<String>,
    /// Use bedrock-mantle instead of bedrock-runtime
    pub mantle: bool,
    /// Record from the built-in stand-in on this machine: no account, no token, no model. Without cases and PATHs it
    /// records the built-in cases, which are those of the shipped recordings/; one of them stores a status 400
    pub sandbox: bool,
    /// Errors of the sandbox, one word per request in order of arrival, such as ok,throttle,cut
    pub sandbox_faults: Vec<SandboxFault>,
    /// Send also requests that Bedrock is known to reject
    pub ask_anyway: bool,
    /// Store replies with this HTTP status as the exception they raise
    pub allow_status: Vec<u16>,
    /// Store answers although they hold this text, which looks like a secret. The message about the answer names the id.
    pub allow_secret: Vec<String>,
    /// Maximum concurrent requests
    pub concurrency: usize,
    /// Longest wait for the first byte of a reply, and between two parts of it [default: 120 and 60]
    pub timeout: Option<Duration>,
    /// The profile of the AWS CLI whose credentials make the token
    pub profile: Option<String>,
    /// Without a token, stop instead of minting one from AWS credentials
    pub no_mint: bool,
    /// Do not ask before paid calls; with --sandbox, replace real answers too
    pub yes: bool,
    /// Keep what a guarded run recorded for tests that failed
    pub keep_failed: bool,
    /// Your own recorder, to run instead: its environment has the token and the region, but no keys of other providers.
    /// All recordings below the root are guarded
    pub command: Vec<OsString>,
}

impl RecordOptions {
    /// The sandbox without sources records the built-in cases.
    pub(crate) fn asks_built_in_cases(&self) -> bool {
        self.sandbox && self.cases.is_empty() && self.paths.is_empty()
    }

    /// Error statuses that are stored.
    pub(crate) fn allowed(&self) -> Vec<u16> {
        let own = self.asks_built_in_cases().then_some(cases::BUILT_IN_ALLOWS);
        self.allow_status.iter().copied().chain(own).collect()
    }
}
