//! What is wanted of `doctor`.

use std::path::PathBuf;

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
