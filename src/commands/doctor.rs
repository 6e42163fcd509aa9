//! `doctor`: checks the setup for recording and replaying, without doing either.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::doctor::{self, DoctorOptions};
use crate::report::Report;

/// Check the setup: token, region, endpoint, recordings, suites, hooks
///
/// Use it in a fresh clone, when recording or replaying fails for an unclear reason, and after adding a test: it finds
/// the steps that are missing. Each check passes, fails or is unknown, and says what to do. It asks only git, unless
/// --online is given. It never shows a token.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit codes: 0 no check fails; 1 a check fails.

Examples:
  bedrock-fixtures doctor
  bedrock-fixtures doctor --online --region us-west-2
  bedrock-fixtures doctor --suite bedrock --baseline known.json
  bedrock-fixtures doctor -q")]
pub struct DoctorArgs {
    /// The region of the endpoint, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Ask the endpoint whether it accepts the token, with one free call
    #[arg(long)]
    online: bool,
    /// Check these suites of tests/integration/suites.py and their recordings; by default those of Bedrock
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// Leave out the errors of recordings that FILE lists; `verify --write-baseline` writes it
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Runs every check.
pub fn run(context: &Context<'_>, args: &DoctorArgs) -> Result<Report> {
    let baseline = super::baseline(context, args.baseline.as_ref())?;
    let options =
        DoctorOptions { region: args.region.clone(), online: args.online, suite: args.suite.clone(), baseline };
    doctor::run(context, &options).map(Report::Doctor)
}
