//! `review`, `accept`, `reject`: a decision for each changed recording. The index and the work tree are the only state:
//! accepted files are staged, rejected files are restored from the last commit.

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
use crate::vcs::Git;

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
                waiting.iter().try_for_each(|change| reject(&store, &git, change))?;
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

/// Undoes a change: deletes a new file, restores an old one bit for bit.
fn reject(store: &Store, git: &Git, change: &Change) -> Result<()> {
    if let Some(new) = change.after.as_ref().filter(|after| change.before.as_ref() != Some(after)) {
        git.unstage_new(std::slice::from_ref(new))?;
        store.take_away(&store.lock(), &RecordingFile { path: new.clone() }, &Away::Deleted, |_| true)?;
    }
    match &change.before {
        Some(old) => git.restore(std::slice::from_ref(old)),
        None => Ok(()),
    }
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
                reject(store, git, &change)?;
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
