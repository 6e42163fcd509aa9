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
/// Use it before a commit and in CI, to know that tests will find their recordings. It replays every selected recording
/// with its own request: finds it by its key, decodes it, joins its stream, raises its exception. With --cases it also
/// replays requests of a future run, and shows the most similar recordings for each one without a recording. With
/// --tests it lists collected tests without a recording, with --reads recordings that no run has opened. It uses no
/// network and reads no token.
///
/// With a command after `--`, it runs and watches your own tests instead, without AWS credentials. Then it reports
/// which recordings they read, which they did not read, and whether they changed any. Only on Linux is it known what
/// they read.
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
    /// Requests of a future run, JSON Lines as for `record`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// All tests: what `pytest --collect-only -q` prints, or the output or JUnit report of a run; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub tests: Vec<PathBuf>,
    /// Read logs, one path or key per line; `-` is standard input. Several logs are combined
    #[arg(long, value_name = "FILE")]
    pub reads: Vec<PathBuf>,
    /// Region for cases without a url
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Append the recordings that COMMAND read to FILE, one path per line
    #[arg(long, value_name = "FILE", requires = "command")]
    pub reads_out: Option<PathBuf>,
    /// Serve the store over HTTP to COMMAND instead of watching which files it opens; for any language
    #[arg(long, requires = "command")]
    serve: bool,
    /// A test command to run and watch, without AWS credentials in its environment
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
