//! `diff`: what a re-record changed, for a reviewer.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::Result;
use crate::jobs::compare::{self, DiffOptions};
use crate::report::Report;

/// Compare recordings by what tests see: behaviour, text, noise
///
/// Use it to review a re-recording, whose raw lines are hard to read. It pairs the recordings of the two sides even if
/// the request, and so the file name, changed. Each recording is in one class: identical, noise (ids, times, usage,
/// chunk boundaries), text, behaviour (finish reason, tool calls, refusal, error), rekeyed (another request, the same
/// answer), request (another request and answer), added, removed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures diff                        # HEAD and the work tree
  bedrock-fixtures diff main...HEAD            # a branch, since it left main
  bedrock-fixtures diff --staged --exit-code   # the next commit
  bedrock-fixtures diff old/ new/              # two folders, or two files
  bedrock-fixtures diff main -- tests/agents   # part of the tree
  bedrock-fixtures diff main...HEAD --format html --output page.html")]
pub struct DiffArgs {
    /// Two files, two folders, REV..REV, or REV (against the work tree); by default HEAD against the work tree
    #[arg(value_name = "BEFORE AFTER", num_args = 0..=2)]
    pub(crate) sides: Vec<PathBuf>,
    /// Only below these folders, or these files
    #[arg(last = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Compare with the index instead of the work tree
    #[arg(long)]
    pub(crate) staged: bool,
    /// Exit with code 1 if there are changes other than noise
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// List noise too
    #[arg(long)]
    pub(crate) all: bool,
    /// Print only counts and one line per change
    #[arg(long)]
    pub(crate) stat: bool,
    /// Write to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The public url of the page of --format html, to which the comment of --format markdown links
    #[arg(long, value_name = "URL", value_parser = page_url)]
    pub(crate) page_url: Option<String>,
    /// Print a recording as a short text without noise, for git's diff
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sides", "paths", "staged", "exit_code", "all", "stat"])]
    pub(crate) textconv: Option<PathBuf>,
}

/// A url that is safe in Markdown.
fn page_url(text: &str) -> std::result::Result<String, String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !"()<>\"\\`".contains(c);
    match ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("give an http or https url; spaces and brackets are percent-encoded".to_owned()),
    }
}

/// Compares the two sides on all cores.
pub fn run(context: &Context<'_>, args: &DiffArgs) -> Result<Report> {
    let options = DiffOptions {
        sides: args.sides.clone(),
        paths: args.paths.clone(),
        staged: args.staged,
        exit_code: args.exit_code,
        all: args.all,
        stat: args.stat,
        textconv: args.textconv.clone(),
        output: args.output.clone(),
        page_url: args.page_url.clone(),
    };
    compare::run(context, &options)
}
