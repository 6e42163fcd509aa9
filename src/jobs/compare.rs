//! `diff`: what a re-record changed, for a reviewer.

use crate::jobs::sides;

use std::path::Path;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::report::Report;
use crate::report::diff::{Change, Class, ClassCounts, DiffReport, OutlineReport};
use crate::review::classify::classify;
use crate::review::outline::outline;
use crate::review::pair::{Pair, pair};
use crate::store::{self, read_input};

pub use super::sides::DiffOptions;
use crate::context::Context;
use sides::Sides;

/// Compares the two sides on all cores.
pub fn run(context: &Context<'_>, options: &DiffOptions) -> Result<Report> {
    if let Some(file) = &options.textconv {
        let bytes = read_input(&context.cwd.join(file))?;
        return Ok(Report::Outline(OutlineReport { lines: outline(&bytes) }));
    }
    let Sides { names, taken_for, unchanged, before, after, are_one_file } = sides::open(context, options)?;
    if unchanged + before.len() + after.len() == 0 {
        let hint = "recordings are *.json in folders named recordings; give the tree that has them with --root";
        return Err(Error::new("no recordings on either side").hint(hint));
    }
    let pairs = match (before.len(), after.len()) {
        (1, 1) if are_one_file => vec![Pair { before: Some(0), after: Some(0) }],
        _ => pair(&before, &after),
    };
    let of = |pair: &Pair| classify(pair.before.map(|i| &before[i]), pair.after.map(|i| &after[i]), options.all);
    let mut changes: Vec<Change> = pairs.par_iter().map(of).collect();

    let mut counts = ClassCounts::default();
    counts.add(Class::Identical, unchanged);
    changes.iter().for_each(|change| counts.add(change.class, 1));
    let is_moved = |change: &Change| change.class == Class::Identical && change.before != change.after && !are_one_file;
    let moved = changes.iter().filter(|change| is_moved(change)).count();
    changes.retain(|change| match change.class {
        Class::Identical => options.all && is_moved(change),
        Class::Noise => options.all,
        _ => true,
    });
    changes.sort_by_cached_key(order);
    let [before, after] = names;
    Ok(Report::Diff(DiffReport {
        before,
        after,
        taken_for,
        counts,
        changes,
        moved,
        stat: options.stat,
        exit_code: options.exit_code,
        output: options.output.as_ref().map(|file| context.cwd.join(file)),
        page_url: options.page_url.clone(),
    }))
}

/// Writes what was compared to the file that somebody named.
pub fn write_output(file: &Path, bytes: &[u8]) -> Result<()> {
    store::output::write(file, bytes, store::output::Readers::AsBefore)
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
