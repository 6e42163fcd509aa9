//! `diff`: compares two sides for the reviewer of a re-record.

use crate::jobs::sides;

use std::path::Path;

use crate::error::{Error, Result};
use crate::report::Report;
use crate::report::diff::{Change, Class, ClassCounts, DiffReport, OutlineReport};
use crate::review::classify::classify;
use crate::review::outline::outline;
use crate::review::pair::pair;
use crate::review::{SideFile, Sketch};
use crate::store::{self, read_input};

pub use super::sides::DiffOptions;
use crate::context::Context;
use sides::{Place, SideBytes, Sides};

/// Compares the two sides on all cores.
pub fn run(context: &Context<'_>, options: &DiffOptions) -> Result<Report> {
    if let Some(file) = &options.textconv {
        let bytes = read_input(&context.cwd.join(file))?;
        return Ok(Report::Outline(OutlineReport { lines: outline(&bytes) }));
    }
    let sides = sides::open(context, options)?;
    let [before, after] = &sides.alone;
    if sides.unchanged + sides.together.len() + before.len() + after.len() == 0 {
        let hint = "recordings are *.json in folders named recordings; give the tree that has them with --root";
        return Err(Error::new("no recordings on either side").hint(hint));
    }
    let mut pairs: Vec<[Option<&Place>; 2]> = pair_alone(&sides)?;
    pairs.extend(sides.together.iter().map(|(before, after)| [Some(before), Some(after)]));
    let judged = sides.each(&pairs, |files| Judged::of(files, options.all, sides.are_one_file))?;

    let mut counts = ClassCounts::default();
    counts.add(Class::Identical, sides.unchanged);
    judged.iter().for_each(|judged| counts.add(judged.class, 1));
    let moved = judged.iter().filter(|judged| judged.is_moved).count();
    let mut changes: Vec<Change> = judged.into_iter().filter_map(|judged| judged.shown).collect();
    changes.sort_by_cached_key(order);
    let [before, after] = sides.names;
    Ok(Report::Diff(DiffReport {
        before,
        after,
        taken_for: sides.taken_for,
        counts,
        changes,
        moved,
        stat: options.stat,
        exit_code: options.exit_code,
        output: options.output.as_ref().map(|file| context.cwd.join(file)),
        page_url: options.page_url.clone(),
    }))
}

/// Which of the files that one side alone has belong together. Only a sketch of each is held meanwhile.
fn pair_alone(sides: &Sides) -> Result<Vec<[Option<&Place>; 2]>> {
    let singles =
        sides.alone.each_ref().map(|places| places.iter().map(|place| [Some(place), None]).collect::<Vec<_>>());
    let [before, mut after] = singles;
    after.iter_mut().for_each(|pair| pair.swap(0, 1));
    if before.is_empty() || after.is_empty() {
        return Ok([before, after].concat());
    }
    let sketch = |files: [Option<SideBytes>; 2]| {
        files.into_iter().flatten().map(|file| SideFile::new(file.path, file.bytes).sketch()).collect::<Vec<Sketch>>()
    };
    let sketches = |singles: &[[Option<&Place>; 2]]| {
        Ok::<_, Error>(sides.each(singles, sketch)?.into_iter().flatten().collect::<Vec<Sketch>>())
    };
    let paired = pair(&sketches(&before)?, &sketches(&after)?);
    let [before, after] = &sides.alone;
    Ok(paired.iter().map(|pair| [pair.before.map(|i| &before[i]), pair.after.map(|i| &after[i])]).collect())
}

/// What became of a pair, and what is told of it.
struct Judged {
    class: Class,
    is_moved: bool,
    shown: Option<Change>,
}

impl Judged {
    fn of(files: [Option<SideBytes>; 2], all: bool, are_one_file: bool) -> Self {
        if let [Some(before), Some(after)] = &files
            && before.path == after.path
            && before.bytes.is_ok()
            && before.bytes == after.bytes
        {
            return Judged { class: Class::Identical, is_moved: false, shown: None };
        }
        let [before, after] = files.map(|file| file.map(|file| SideFile::new(file.path, file.bytes)));
        let change = classify(before.as_ref(), after.as_ref(), all);
        let class = change.class;
        let is_moved = class == Class::Identical && change.before != change.after && !are_one_file;
        let is_shown = match class {
            Class::Identical => all && is_moved,
            Class::Noise => all,
            _ => true,
        };
        Judged { class, is_moved, shown: is_shown.then_some(change) }
    }
}

/// Writes the comparison to the given file.
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
