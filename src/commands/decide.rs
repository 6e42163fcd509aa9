//! `review`, `accept` and `reject`: decisions on changed recordings.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::decide::{self, DecideOptions, Decision};
use crate::report::Report;
use crate::report::diff::Class;

/// Which changes are selected.
#[derive(clap::Args, Debug)]
pub struct ChangeSelection {
    /// Only below these folders, or these files
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only recordings of tests whose id contains PATTERN, or matches it if it has a `*`
    #[arg(long, value_name = "PATTERN")]
    test: Option<String>,
    /// Only these classes
    #[arg(long, value_name = "CLASS", value_delimiter = ',', value_parser = class_parser())]
    class: Vec<Class>,
}

fn class_parser() -> impl clap::builder::TypedValueParser<Value = Class> {
    PossibleValuesParser::new(Class::ALL.map(Class::name))
        .map(|name| Class::ALL.into_iter().find(|class| class.name() == name).unwrap_or(Class::Identical))
}

/// Decide on changed recordings one by one
///
/// Use it after a re-record, by this tool or another one. Every recording that differs from the last commit and is not
/// staged waits for a decision. On a terminal it shows each one as `diff` does, the worst first, and one key accepts,
/// rejects or skips it, or records it again. It accepts noise without asking. Accepted recordings are staged, rejected
/// ones are restored from the last commit. Without a terminal it lists the waiting recordings; exit code 1 if there are
/// any.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures review
  bedrock-fixtures review --class behaviour,text tests/integration/inference")]
pub struct ReviewArgs {
    #[command(flatten)]
    meant: ChangeSelection,
}

/// Accept changed recordings: stage them
///
/// Use it in scripts, or when a re-record is good as a whole. Stages every selected changed recording; without a
/// selection, all of them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures accept --noise
  bedrock-fixtures accept --test test_tools --class text")]
pub struct AcceptArgs {
    #[command(flatten)]
    meant: ChangeSelection,
    /// Only changes that tests cannot see: ids, times, token counts; the same as --class noise
    #[arg(long, conflicts_with = "class")]
    noise: bool,
}

/// Reject changed recordings: restore them from the last commit
///
/// Use it when a re-record went wrong. Restores every selected recording from the last commit, byte for byte; new
/// recordings are deleted, deleted ones come back. Asks on a terminal; without a terminal --yes is needed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures reject --class behaviour
  bedrock-fixtures reject --yes tests/integration/agents")]
pub struct RejectArgs {
    #[command(flatten)]
    meant: ChangeSelection,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

fn options(meant: &ChangeSelection) -> DecideOptions {
    DecideOptions { paths: meant.paths.clone(), test: meant.test.clone(), classes: meant.class.clone(), yes: false }
}

/// Walks the changes, or lists them.
pub fn review(context: &Context<'_>, args: &ReviewArgs) -> Result<Report> {
    decide::run(context, &options(&args.meant), Decision::Review)
}

/// Stages changes.
pub fn accept(context: &Context<'_>, args: &AcceptArgs) -> Result<Report> {
    let mut options = options(&args.meant);
    if args.noise {
        options.classes = vec![Class::Noise];
    }
    decide::run(context, &options, Decision::Accept)
}

/// Undoes changes.
pub fn reject(context: &Context<'_>, args: &RejectArgs) -> Result<Report> {
    decide::run(context, &DecideOptions { yes: args.yes, ..options(&args.meant) }, Decision::Reject)
}
