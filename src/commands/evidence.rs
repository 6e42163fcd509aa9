//! `evidence`: what `prune` rests on, collected from the runs of CI.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::error::Result;
use crate::jobs::collect::{self, CollectOptions};
use crate::report::Report;

const HELP: &str =
    "Exit codes: 0 all runs gave evidence; 1 some did not; 2 there is no matrix or no pytest, or a signal ended it.

Examples:
  bedrock-fixtures evidence collect ../evidence
  bedrock-fixtures evidence collect ../evidence --replay --client library -- uv run pytest
  bedrock-fixtures evidence collect ../evidence --suite bedrock --again";

/// Collect the evidence that prune needs: the tests of every CI run, and what their replays read
///
/// Use it in the tree of OGX before prune. One command makes the lists of tests and the read logs of all runs. You can
/// stop it and start it again.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub struct EvidenceArgs {
    #[command(subcommand)]
    what: EvidenceCommand,
}

#[derive(Subcommand, Debug)]
enum EvidenceCommand {
    Collect(CollectArgs),
}

/// Collect the tests of every run of OGX's CI, and with --replay what its replays read
///
/// The runs are those of tests/integration/ci_matrix.json, with the suites and setups of tests/integration/suites.py.
/// Each runs as in CI, without credentials: by scripts/integration-tests.sh, where the tree has it. Existing evidence of
/// the same tests and the same recordings is kept, so a run that was interrupted resumes where it stopped.
#[derive(Args, Debug)]
#[command(after_help = HELP)]
struct CollectArgs {
    /// The folder for the evidence; best outside the tree
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only the runs of this suite
    #[arg(long, value_name = "NAME")]
    suite: Vec<String>,
    /// Only the runs with this client
    #[arg(long, value_name = "CLIENT", value_parser = ["library", "server"])]
    client: Vec<String>,
    /// Also replay each run, and log which recordings it reads and which tests pass
    #[arg(long)]
    replay: bool,
    /// Collect existing evidence again
    #[arg(long)]
    again: bool,
    /// The command that runs pytest, by default `pytest`. Each run adds its arguments, or calls the script of CI in the
    /// place of pytest
    #[arg(last = true, value_name = "PYTEST")]
    command: Vec<OsString>,
}

/// Collects the evidence.
pub fn run(context: &Context<'_>, args: &EvidenceArgs) -> Result<Report> {
    let EvidenceCommand::Collect(args) = &args.what;
    let options = CollectOptions {
        folder: args.folder.clone(),
        suite: args.suite.clone(),
        client: args.client.clone(),
        replay: args.replay,
        again: args.again,
        command: if args.command.is_empty() { vec!["pytest".into()] } else { args.command.clone() },
    };
    collect::run(context, &options)
}
