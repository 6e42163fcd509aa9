//! `prune`: what is dead goes, with reasons, after it was shown.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::prune::clean_up::{self, PruneOptions};
use crate::report::Report;

/// Delete recordings that nothing can use any more, each with its reasons, after showing them
///
/// Use it when tests, prompts or endpoints have changed and re-recording has only added. Without evidence it finds what no
/// request can reach; a list of the tests there are and logs of what their replays read tell the rest. What a log names
/// always stays. The plan is shown, and on a terminal you are asked to type how many files go; elsewhere --yes deletes
/// them, and without it the exit code is 1 if there is anything to delete.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Reasons: unreachable (its name is not its key, its folder is not its test's, or its kind is not replayed), \
no-such-test (needs --tests), unread, superseded, foreign-endpoint (need --reads), duplicate. Recordings without a test, and \
lists of models, need --reads for any reason. `help cleaning-up` says what proves each reason, and which files are never deleted.

Examples:
  bedrock-fixtures prune
  pytest --collect-only -q > tests.txt
  bedrock-fixtures prune --tests tests.txt --reads job1.log job2.log
  bedrock-fixtures prune --tests tests.txt --reads reads.log --suite bedrock --quarantine ../pruned --yes"
)]
pub struct PruneArgs {
    /// Files or folders to which it is limited
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a whole run; `-` is standard input
    #[arg(long, value_name = "FILE")]
    tests: Vec<PathBuf>,
    /// Read logs of replays, one path or key a line; `-` is standard input
    #[arg(long, value_name = "FILE", num_args = 1..)]
    reads: Vec<PathBuf>,
    /// A folder that `evidence collect` filled: its lists and logs beside those of --tests and --reads
    #[arg(long, value_name = "DIR")]
    evidence: Vec<PathBuf>,
    /// Only recordings of this suite: one that tests/integration/suites.py spells out, or a folder of tests/integration
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// A base url at which Bedrock is asked today; by default those of the recordings that are read
    #[arg(long, value_name = "URL")]
    endpoint: Vec<String>,
    /// Move the files there instead of deleting them, in the same folders
    #[arg(long, value_name = "DIR")]
    quarantine: Option<PathBuf>,
    /// Do what is planned
    #[arg(long)]
    yes: bool,
    /// Also delete files that git has not committed
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
