//! `prune`: deletes recordings that nothing uses, with reasons, after showing them.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::prune::clean_up::{self, PruneOptions};
use crate::report::Report;

/// Delete recordings that nothing can use any more, after showing each with its reasons
///
/// Use it when tests, prompts or endpoints have changed, because re-recording only adds files. Without evidence it
/// finds recordings that no request can reach. With a list of the tests and logs of what their replays read, it finds
/// the rest. A recording that a log names always stays. It shows the plan. On a terminal you confirm by typing the
/// number of files; without a terminal --yes deletes them, and without --yes the exit code is 1 if there are files to
/// delete.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Reasons: unreachable (its name is not its key, its folder is not its test's, or its kind is not replayed), \
no-such-test (needs --tests), unread, superseded, foreign-endpoint (need --reads), duplicate. Recordings without a test, and \
lists of models, always need --reads. `help cleaning-up` says what proves each reason, and which files are never deleted.

Examples:
  bedrock-fixtures prune
  pytest --collect-only -q > tests.txt
  bedrock-fixtures prune --tests tests.txt --reads job1.log job2.log
  bedrock-fixtures prune --tests tests.txt --reads reads.log --suite bedrock --quarantine ../pruned --yes"
)]
pub struct PruneArgs {
    /// Only these files or folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a whole run; `-` is standard input
    #[arg(long, value_name = "FILE")]
    tests: Vec<PathBuf>,
    /// Read logs of replays, one path or key per line; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    reads: Vec<PathBuf>,
    /// A folder of `evidence collect`: its lists and logs, in addition to --tests and --reads
    #[arg(long, value_name = "DIR")]
    evidence: Vec<PathBuf>,
    /// Only recordings of this suite: one that is in tests/integration/suites.py, or a folder of tests/integration
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// A base url of Bedrock that is in use; by default those of the recordings that the logs name
    #[arg(long, value_name = "URL")]
    endpoint: Vec<String>,
    /// Move the files there instead of deleting them, in the same folders
    #[arg(long, value_name = "DIR")]
    quarantine: Option<PathBuf>,
    /// Carry out the plan
    #[arg(long)]
    yes: bool,
    /// Also delete uncommitted files
    #[arg(long)]
    force: bool,
}

/// Plans, and with consent does, the clean-up.
pub fn run(context: &Context<'_>, args: &PruneArgs) -> Result<Report> {
    let options = PruneOptions {
        paths: args.paths.clone(),
        tests: args.tests.clone(),
        reads: args.reads.clone(),
        evidence: args.evidence.clone(),
        suite: args.suite.clone(),
        endpoint: args.endpoint.clone(),
        quarantine: args.quarantine.clone(),
        yes: args.yes,
        force: args.force,
    };
    clean_up::run(context, &options)
}
