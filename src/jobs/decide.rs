//! `review`, `accept`, `reject`: a decision for each changed recording. The index and the work tree are the only state:
//! accepted files are staged, rejected files are restored from the last commit.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::cases::selects;
use crate::jobs::compare;
use crate::jobs::recorder::options::RecordOptions;
use crate::jobs::recorder::session;
use crate::jobs::sides::DiffOptions;
use crate::report::Report;
use crate::report::diff::{Change, Class, ClassCounts, DiffReport};
use crate::report::review::{Decided, ReviewReport};
use crate::store::remove::Away;
use crate::store::{RecordingFile, Store};
use crate::vcs::{Git, GitContent};

/// Which changes are selected.
#[derive(Clone, Debug, Default)]
pub struct DecideOptions {
    /// Only below these folders, or these files.
    pub paths: Vec<PathBuf>,
    /// Only of tests whose id contains this, or matches it when it has a `*`.
    pub test: Option<String>,
    /// Only these classes.
    pub classes: Vec<Class>,
    /// Undo without asking.
    pub yes: bool,
}

/// What to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Stage them.
    Accept,
    /// Undo them.
    Reject,
    /// Ask for each.
    Review,
}

/// Decides, or asks.
pub fn run(context: &Context<'_>, options: &DecideOptions, decision: Decision) -> Result<Report> {
    let store = context.store(&[])?;
    let git = Git::open(store.root()).map_err(|error| error.hint("decisions are stored in git's index"))?;
    let waiting = waiting(context, &git, options)?;
    let mut report = ReviewReport { command: name(decision), ..ReviewReport::default() };
    match decision {
        Decision::Accept => {
            accept(&git, &waiting)?;
            report.accepted = waiting.iter().map(Decided::of).collect();
        }
        Decision::Reject if waiting.is_empty() => {}
        Decision::Reject => {
            let agreed = options.yes || {
                let word = waiting.len().to_string();
                let plan = shown(waiting.clone());
                let question = format!("Type {word} to undo these changes");
                context.progress.confirm_typed(&plan, &question, &word) == Some(true)
            };
            if agreed {
                store.remove_leftovers();
                reject(&store, &git, &waiting)?;
                report.rejected = waiting.iter().map(Decided::of).collect();
            } else {
                report.asked = true;
                report.waiting = waiting.iter().map(Decided::of).collect();
            }
        }
        Decision::Review => review(context, &store, &git, waiting, &mut report)?,
    }
    Ok(Report::Review(report))
}

fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept => "accept",
        Decision::Reject => "reject",
        Decision::Review => "review",
    }
}

/// The changes against the last commit that are not staged, the worst first.
fn waiting(context: &Context<'_>, git: &Git, options: &DecideOptions) -> Result<Vec<Change>> {
    let unstaged = git.unstaged()?;
    if unstaged.is_empty() {
        return Ok(vec![]);
    }
    let diff = DiffOptions { paths: options.paths.clone(), all: true, ..DiffOptions::default() };
    let Report::Diff(DiffReport { changes, .. }) = compare::run(context, &diff)? else { return Ok(vec![]) };
    let is_meant = |change: &Change| {
        let is_open = change.before.iter().chain(&change.after).any(|path| unstaged.contains(path));
        let is_of_test = options
            .test
            .as_ref()
            .is_none_or(|pattern| change.test_id.as_deref().is_some_and(|test_id| selects(pattern, test_id)));
        is_open && is_of_test && (options.classes.is_empty() || options.classes.contains(&change.class))
    };
    Ok(changes.into_iter().filter(is_meant).collect())
}

fn accept(git: &Git, changes: &[Change]) -> Result<()> {
    let mut paths: Vec<String> =
        changes.iter().flat_map(|change| change.before.iter().chain(&change.after)).cloned().collect();
    paths.sort();
    paths.dedup();
    git.stage(&paths)
}

/// Undoes changes: deletes new files, restores old ones bit for bit.
fn reject(store: &Store, git: &Git, changes: &[Change]) -> Result<()> {
    let old: Vec<RecordingFile> =
        changes.iter().filter_map(|change| Some(RecordingFile { path: change.before.clone()? })).collect();
    // A file that cannot be read would be lost if it were replaced.
    if let Some(error) = old.iter().find_map(|file| store.hidden(file)) {
        return Err(error);
    }
    let is_new = |change: &&Change| change.after.is_some() && change.before != change.after;
    let new: Vec<String> = changes.iter().filter(is_new).filter_map(|change| change.after.clone()).collect();
    git.unstage_new(&new)?;
    for path in new {
        store.take_away(&store.lock(), &RecordingFile { path }, &Away::Deleted, |_| true)?;
    }
    restore(store, git, &old)
}

/// How many files are held in memory while they are restored.
const PART: usize = 100;

/// Restores files from the last commit. A checkout writes a file where it stands, so one that is killed leaves half of it:
/// the bytes are put in their place in one step, and git does what is left, such as links and modes.
fn restore(store: &Store, git: &Git, files: &[RecordingFile]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    git.restore_in_index(&paths)?;
    let committed: BTreeMap<String, GitContent> =
        git.tree("HEAD")?.into_iter().map(|blob| (blob.file.path, blob.content)).collect();
    for part in files.chunks(PART) {
        let contents = part.iter().filter_map(|file| Some((file, committed.get(&file.path)?)));
        let contents: Vec<_> = contents.filter(|(file, _)| store.hindrance(file).is_none()).collect();
        let read = git.read_each(contents.iter().map(|(_, content)| (*content).clone()))?;
        for (file, content) in contents {
            if let Some(Ok(bytes)) = read.get(content) {
                let name = file.path.rsplit('/').next().unwrap_or(&file.path);
                store.write(file.folder(), name, bytes, |there| there == bytes)?;
            }
        }
    }
    git.restore(&paths)
}

/// Walks the changes on a terminal, one key each. Noise needs no decision. Elsewhere it says what waits.
fn review(
    context: &Context<'_>,
    store: &Store,
    git: &Git,
    waiting: Vec<Change>,
    report: &mut ReviewReport,
) -> Result<()> {
    let (noise, mut loud): (Vec<Change>, Vec<Change>) = waiting.into_iter().partition(|change| change.class.is_quiet());
    accept(git, &noise)?;
    report.accepted.extend(noise.iter().map(Decided::of));
    let mut left = Vec::new();
    let mut stopped = false;
    let count = loud.len();
    for (index, change) in loud.drain(..).enumerate() {
        if stopped {
            left.push(change);
            continue;
        }
        let question = format!("{} of {count}: [a]ccept, [r]eject, [s]kip, re-record this [t]est, [q]uit?", index + 1);
        match context.progress.choose(&shown(vec![change.clone()]), &question, &['a', 'r', 's', 't', 'q']) {
            Some('a') => {
                accept(git, std::slice::from_ref(&change))?;
                report.accepted.push(Decided::of(&change));
            }
            Some('r') => {
                reject(store, git, std::slice::from_ref(&change))?;
                report.rejected.push(Decided::of(&change));
            }
            Some('t') => {
                rerecord(context, store, &change);
                left.push(change);
            }
            Some('s') => left.push(change),
            _ => {
                stopped = true;
                left.push(change);
            }
        }
    }
    report.waiting = left.iter().map(Decided::of).collect();
    Ok(())
}

/// Records the request again. The new answer is reviewed next.
fn rerecord(context: &Context<'_>, store: &Store, change: &Change) {
    let Some(path) = change.after.as_ref().or(change.before.as_ref()) else { return };
    let options =
        RecordOptions { paths: vec![store.root().join(path)], yes: true, concurrency: 1, ..RecordOptions::default() };
    let said = match session::record(context, store, &options) {
        Ok(report) => {
            report.results.first().and_then(|result| result.reason.clone()).unwrap_or("recorded again".to_owned())
        }
        Err(error) => Error::to_string(&error),
    };
    context.progress.note(&said);
}

/// Changes as `diff` shows them.
fn shown(changes: Vec<Change>) -> Report {
    let mut counts = ClassCounts::default();
    changes.iter().for_each(|change| counts.add(change.class, 1));
    Report::Diff(DiffReport {
        before: "HEAD".to_owned(),
        after: "the work tree".to_owned(),
        taken_for: None,
        counts,
        changes,
        moved: 0,
        stat: false,
        exit_code: false,
        output: None,
        page_url: None,
    })
}
