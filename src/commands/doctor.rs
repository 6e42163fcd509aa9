//! `doctor`: what stands in the way of recording and replaying, without trying either.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::doctor::{self, DoctorOptions};
use crate::report::Report;

/// Check what stands in the way: token, region, endpoint, recordings, suites, hooks
///
/// Use it in a fresh clone, when recording or replaying fails without a good reason, and after adding a test: it sees
/// what was left out. Each check passes, fails, or cannot be told from here, and says what to do. Nobody is asked but git,
/// unless --online is given; nothing of a token is shown.
#[derive(clap::Args, Debug)]
#[command(after_help = "Exit codes: 0 no check fails; 1 some do.

Examples:
  bedrock-fixtures doctor
  bedrock-fixtures doctor --online --region us-west-2
  bedrock-fixtures doctor --suite bedrock --baseline known.json
  bedrock-fixtures doctor -q")]
pub struct DoctorArgs {
    /// The region that is to be asked, by default AWS_REGION, AWS_DEFAULT_REGION, or us-west-2
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Ask the endpoint whether it takes the token, by one call that costs nothing
    #[arg(long)]
    online: bool,
    /// Look at these suites of tests/integration/suites.py and their recordings; by default at those of Bedrock
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// Leave out the errors of recordings that FILE lists, as `verify --write-baseline` writes it
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
