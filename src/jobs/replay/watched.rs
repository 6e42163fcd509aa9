//! `replay-check -- COMMAND…`: the team's own replay without credentials, and what it read.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::misses;
use crate::jobs::explain::reported;
use crate::jobs::run_report::RunReport;
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Program, supervise};
use crate::report::{Miss, ReplayReport, WatchedCommand};
use crate::store::{Store, log, output, scratch_folder, watch};

use super::coverage::unread;
use super::options::ReplayCheckOptions;

/// Runs the command and reports what it did to the store.
pub(crate) fn run(context: &Context<'_>, store: &Store, options: &ReplayCheckOptions) -> Result<ReplayReport> {
    let files = context.recordings(store, &options.paths)?;
    let region = context.environment.region(None).ok().map(|(region, _)| region);
    let scratch = scratch_folder()?;
    let aside = scratch_folder()?;
    let empty = aside.path().join("empty");
    output::write(&empty, b"", output::Readers::AsBefore)?;
    let child_env = ChildEnv::of_replay(&context.environment, region.as_ref(), &empty, scratch.path());
    child_env.taken_out().iter().for_each(|text| context.progress.note(text));
    // A run of minutes is not to end with a log that cannot be written.
    let log = options.reads_out.as_ref().map(|path| log::open(&context.cwd.join(path))).transpose()?;
    let before = store.digests()?;
    let watch = watch::watch(store)?;
    if watch.is_none() {
        let unknown = "this system does not tell which files a command reads";
        if options.reads_out.is_some() {
            return Err(Error::new(unknown)
                .at("--reads-out")
                .hint("use a read log that the runner writes, on Linux this"));
        }
        context.progress.note(unknown);
    }
    let report = RunReport::of(&context.environment, &options.command, &context.cwd, aside.path());
    let mut set = child_env.set;
    set.extend(report.iter().filter_map(|report| report.set.clone()));
    let program = Program {
        line: &options.command,
        folder: &context.cwd,
        set,
        unset: child_env.unset.clone(),
        stdout_to_stderr: context.stdout_is_data,
    };
    let command_exit = supervise(&program, &|text| context.progress.note(text));
    let seen = watch.map(watch::Watch::end);
    let command_exit = command_exit?;
    let changed = changed(&before, &store.digests()?);

    let gap = seen.as_ref().and_then(|seen| seen.gap.clone());
    let read = seen.filter(|seen| seen.gap.is_none()).map(|seen| seen.read);
    let unread = read.as_ref().map(|read| unread(&files, read));
    if let (Some(read), Some(log), Some(path)) = (&read, log, &options.reads_out) {
        let count = log.append(read)?;
        let paths = if count == 1 { "path" } else { "paths" };
        context.progress.note(&format!("{}: {count} {paths} added", path.display()));
    }
    if let Some(gap) = gap.as_ref().filter(|_| options.reads_out.is_none()) {
        context.progress.note(&format!("what the command read is not known: {gap}"));
    }
    let failure = gap.filter(|_| options.reads_out.is_some());
    let watched = WatchedCommand {
        command_exit,
        read: read.map(|read| read.into_iter().collect()),
        changed,
        taken_out: child_env.unset,
        failure: failure.map(|gap| format!("what was read is not known, so nothing was written to the log: {gap}")),
    };
    let replayed = watched.read.as_ref().map_or(0, Vec::len);
    let missed = if command_exit == 0 { vec![] } else { missed(context, store, report.as_ref())? };
    Ok(ReplayReport { replayed, unread, missed, watched: Some(Box::new(watched)), ..ReplayReport::default() })
}

/// The requests that failed tests of the command did not find, each with what is near it.
fn missed(context: &Context<'_>, store: &Store, report: Option<&RunReport>) -> Result<Vec<Miss>> {
    let Some(report) = report.filter(|report| report.is_there()) else { return Ok(vec![]) };
    let entries = reported::entries(context, store)?;
    let Some(list) = report.read(&reported::known(&entries)) else { return Ok(vec![]) };
    let found = misses::unique(misses::of_failures(&list.failures));
    Ok(reported::explain(context, store, &entries, &[], &found))
}

/// The recordings that are not as they were, or not there, or were not.
fn changed(before: &BTreeMap<String, [u8; 32]>, after: &BTreeMap<String, [u8; 32]>) -> Vec<String> {
    let mut changed: Vec<String> =
        before.iter().filter(|(path, digest)| after.get(*path) != Some(digest)).map(|(path, _)| path.clone()).collect();
    changed.extend(after.keys().filter(|path| !before.contains_key(*path)).cloned());
    changed.sort_unstable();
    changed
}
