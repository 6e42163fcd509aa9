//! `diff`: what a re-record changed, for a reviewer.

use crate::jobs::sides;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::report::Report;
use crate::report::diff::{Change, Class, ClassCounts, DiffReport, OutlineReport};
use crate::review::classify::classify;
use crate::review::outline::outline;
use crate::review::pair::{Pair, pair};
use crate::store::read_input;

use crate::context::Context;
use sides::Sides;

/// Compare recordings as behaviour: what tests will see change, and what is noise
///
/// Use it to review a re-recording, whose lines nobody can read. Recordings of the two sides are paired even if their
/// request, and so their name, changed. Each is in one class: identical, noise (ids, times, usage, chunk boundaries),
/// text, behaviour (finish reason, tool calls, refusal, error), rekeyed (another request, the same answer), request
/// (another request and answer), added, removed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  bedrock-fixtures diff                        # HEAD with the work tree
  bedrock-fixtures diff main...HEAD            # a branch with where it left main
  bedrock-fixtures diff --staged --exit-code   # what is about to be committed
  bedrock-fixtures diff old/ new/              # two folders, or two files
  bedrock-fixtures diff main -- tests/agents   # part of the tree")]
pub struct DiffArgs {
    /// Two files, two folders, REV..REV, or REV (with the work tree); by default HEAD with the work tree
    #[arg(value_name = "BEFORE AFTER", num_args = 0..=2)]
    pub(crate) sides: Vec<PathBuf>,
    /// Only below these folders, or these files
    #[arg(last = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Compare with the index instead of the work tree
    #[arg(long)]
    pub(crate) staged: bool,
    /// Exit with 1 when there is anything but noise
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// List noise too
    #[arg(long)]
    pub(crate) all: bool,
    /// Only counts and a line a change
    #[arg(long)]
    pub(crate) stat: bool,
    /// Print a recording as a short text without noise, for git's diff
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sides", "paths", "staged", "exit_code", "all", "stat"])]
    pub(crate) textconv: Option<PathBuf>,
}

/// Compares the two sides on all cores.
pub fn run(context: &Context<'_>, args: &DiffArgs) -> Result<Report> {
    if let Some(file) = &args.textconv {
        let bytes = read_input(&context.cwd.join(file))?;
        return Ok(Report::Outline(OutlineReport { lines: outline(&bytes) }));
    }
    let Sides { names, unchanged, before, after, are_one_file } = sides::open(context, args)?;
    if unchanged + before.len() + after.len() == 0 {
        let hint = "recordings are *.json in folders named recordings; give the tree that has them with --root";
        return Err(Error::new("no recordings on either side").hint(hint));
    }
    let pairs = match (before.len(), after.len()) {
        (1, 1) if are_one_file => vec![Pair { before: Some(0), after: Some(0) }],
        _ => pair(&before, &after),
    };
    let of = |pair: &Pair| classify(pair.before.map(|i| &before[i]), pair.after.map(|i| &after[i]), args.all);
    let mut changes: Vec<Change> = pairs.par_iter().map(of).collect();

    let mut counts = ClassCounts::default();
    counts.add(Class::Identical, unchanged);
    changes.iter().for_each(|change| counts.add(change.class, 1));
    let is_moved = |change: &Change| change.class == Class::Identical && change.before != change.after && !are_one_file;
    let moved = changes.iter().filter(|change| is_moved(change)).count();
    changes.retain(|change| match change.class {
        Class::Identical => args.all && is_moved(change),
        Class::Noise => args.all,
        _ => true,
    });
    changes.sort_by_cached_key(order);
    let [before, after] = names;
    Ok(Report::Diff(DiffReport { before, after, counts, changes, moved, stat: args.stat, exit_code: args.exit_code }))
}

/// The worst first; what was re-keyed in the same way together; then by test and path.
fn order(change: &Change) -> impl Ord + use<> {
    let way = match change.class {
        Class::Rekeyed => change.request.iter().map(|change| format!("{change:?}")).collect(),
        _ => String::new(),
    };
    let name = (change.test_id.clone(), change.after.clone(), change.before.clone());
    (change.class, change.answer_class, way, name)
}
