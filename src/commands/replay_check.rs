//! `replay-check`: the store answers, with no network and no token.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::replay::check::{self, ReplayCheckOptions};
use crate::jobs::server::{self, ServeOptions};
use crate::report::Report;

/// Answer requests from the store alone, as a test run would
///
/// Use it before a commit and in CI, to know that tests will find their recordings. Every selected recording is asked
/// for by its own request: found by its key, decoded, its stream put together, its exception raised. With --cases the
/// requests of a run that is yet to come are asked too; one without a recording is shown with the recordings that come
/// nearest. With --tests it says which collected tests have no recording, with --reads which recordings no run has
/// opened. No network is used and no token is read.
///
/// After `--`, the team's own test run is watched instead: it finds no credential of AWS, and afterwards is said which
/// recordings it read, which it did not, and whether it changed any. What was read is known on Linux only.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Examples:
  bedrock-fixtures replay-check
  bedrock-fixtures replay-check --cases cases.jsonl tests/integration/inference
  pytest --collect-only -q tests/integration | bedrock-fixtures replay-check --tests -
  bedrock-fixtures replay-check --reads job1.log --reads job2.log
  bedrock-fixtures replay-check --serve -- npm test
  bedrock-fixtures replay-check --reads-out reads.log -- uv run pytest --inference-mode=replay")]
pub struct ReplayCheckArgs {
    /// Files or folders to replay instead of every recording below the root
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Requests that a run will make, JSON Lines as for `record`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a run; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub tests: Vec<PathBuf>,
    /// Read logs, one path or key a line; `-` is standard input. Several are taken together
    #[arg(long, value_name = "FILE")]
    pub reads: Vec<PathBuf>,
    /// Region of the urls of cases that name none
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Append the recordings that COMMAND read to FILE, one path a line
    #[arg(long, value_name = "FILE", requires = "command")]
    pub reads_out: Option<PathBuf>,
    /// Serve the store over HTTP to COMMAND instead of watching what it opens: for any language
    #[arg(long, requires = "command")]
    serve: bool,
    /// A test run to watch instead: without credentials of AWS in its environment
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["cases", "tests", "reads", "region"])]
    pub command: Vec<OsString>,
}

/// Replays the selected recordings on all cores.
pub fn run(context: &Context<'_>, args: &ReplayCheckArgs) -> Result<Report> {
    if args.serve {
        let options = ServeOptions {
            reads_out: args.reads_out.clone(),
            command: args.command.clone(),
            ..ServeOptions::default()
        };
        return server::run(context, &options);
    }
    let options = ReplayCheckOptions {
        paths: args.paths.clone(),
        cases: args.cases.clone(),
        tests: args.tests.clone(),
        reads: args.reads.clone(),
        region: args.region.clone(),
        reads_out: args.reads_out.clone(),
        command: args.command.clone(),
    };
    check::run(context, &options)
}
