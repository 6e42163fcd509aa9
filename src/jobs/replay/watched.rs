//! `replay-check -- COMMAND…`: the team's own replay without credentials, and what it read.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::{ReadLog, TestList, misses};
use crate::jobs::explain::reported;
use crate::jobs::run_report::RunReport;
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Ended, Program, StandardOutput, supervise};
use crate::report::{Miss, ReplayReport, WatchedCommand};
use crate::store::{Store, log, output, scratch_folder, watch};

use super::coverage::unread;
use super::options::ReplayCheckOptions;

/// What a replaying command did.
pub(crate) struct WatchedRun {
    /// Its exit code; of one that a signal ended, 128 and the signal.
    pub(crate) exit: u8,
    /// A signal asked this process to end while the command ran.
    pub(crate) by_signal: bool,
    /// The recordings it read, or why that is not known.
    pub(crate) read: std::result::Result<BTreeSet<String>, Unknown>,
    /// The recordings that it changed.
    pub(crate) changed: Vec<String>,
    /// Variables that were removed from its environment.
    pub(crate) taken_out: Vec<String>,
    /// How its tests ended, if it is pytest.
    pub(crate) results: Option<TestList>,
}

/// Why it is not known what was read.
pub(crate) enum Unknown {
    /// This system does not tell.
    System,
    /// The watch missed events.
    Gap(String),
}

/// What to find out about a run.
pub(crate) struct WatchedProgram<'a> {
    pub(crate) command: &'a [OsString],
    pub(crate) folder: &'a Path,
    pub(crate) stdout: StandardOutput,
    /// How its tests ended is reported even if all of them passed.
    pub(crate) wants_results: bool,
}

/// Runs a command without credentials and watches what it reads.
pub(crate) fn watch_run(context: &Context<'_>, store: &Store, program: WatchedProgram<'_>) -> Result<WatchedRun> {
    let region = context.environment.region(None).ok().map(|(region, _)| region);
    let (scratch, aside) = (scratch_folder()?, scratch_folder()?);
    let empty = aside.path().join("empty");
    output::write(&empty, b"", output::Readers::AsBefore)?;
    let child_env = ChildEnv::of_replay(&context.environment, region.as_ref(), &empty, scratch.path());
    child_env.taken_out().iter().for_each(|text| context.progress.note(text));
    let before = store.digests()?;
    let watch = watch::watch(store)?;
    let report = RunReport::of(&context.environment, program.command, program.folder, aside.path());
    let mut set = child_env.set;
    set.extend(report.iter().filter_map(|report| report.set.clone()));
    let taken_out = child_env.unset.clone();
    let WatchedProgram { command, folder, stdout, wants_results } = program;
    let child = Program { line: command, folder, set, unset: child_env.unset, stdout };
    let ended = supervise(&child, &|text| context.progress.note(text));
    let seen = watch.map(watch::Watch::end);
    let Ended { exit, by_signal } = ended?;
    let changed = changed(&before, &store.digests()?);
    let read = match seen {
        None => Err(Unknown::System),
        Some(seen) => seen.gap.map_or(Ok(seen.read), |gap| Err(Unknown::Gap(gap))),
    };
    let results = match report.filter(RunReport::is_there) {
        Some(report) if exit != 0 || wants_results => {
            report.read(&reported::known(&reported::entries(context, store)?))?
        }
        _ => None,
    };
    Ok(WatchedRun { exit, by_signal, read, changed, taken_out, results })
}

/// Runs the command and reports what it did to the store.
pub(crate) fn run(context: &Context<'_>, store: &Store, options: &ReplayCheckOptions) -> Result<ReplayReport> {
    const UNKNOWN: &str = "this system does not report which files a command reads";
    let files = context.recordings(store, &options.paths)?;
    if options.reads_out.is_some() && !watch::IS_POSSIBLE {
        let hint = "use a read log that the test runner writes, or run this command on Linux";
        return Err(Error::new(UNKNOWN).at("--reads-out").hint(hint));
    }
    // A run of minutes must not end with a log that cannot be written.
    let log = options.reads_out.as_ref().map(|path| log::open(&context.cwd.join(path))).transpose()?;
    let program = WatchedProgram {
        command: &options.command,
        folder: &context.cwd,
        stdout: StandardOutput::beside_report(context.stdout_is_data),
        wants_results: options.reads_out.is_some(),
    };
    let run = watch_run(context, store, program)?;
    let unread = run.read.as_ref().ok().map(|read| unread(&files, read));
    if let (Ok(read), Some(log), Some(path)) = (&run.read, log, &options.reads_out) {
        log.append(ReadLog::comments_of_run(run.results.as_ref(), run.exit).iter().chain(read))?;
        let count = read.len();
        let paths = if count == 1 { "path" } else { "paths" };
        context.progress.note(&format!("{}: {count} {paths} added", path.display()));
    }
    let gap = match &run.read {
        Ok(_) => None,
        Err(Unknown::System) => {
            context.progress.note(UNKNOWN);
            None
        }
        Err(Unknown::Gap(gap)) => Some(gap),
    };
    if let Some(gap) = gap.filter(|_| options.reads_out.is_none()) {
        context.progress.note(&format!("it is not known what the command read: {gap}"));
    }
    let failure = gap.filter(|_| options.reads_out.is_some());
    let failure = failure.map(|gap| format!("it is not known what was read, so the log was not written: {gap}"));
    let missed = match &run.results {
        Some(results) => missed(context, store, results)?,
        None => vec![],
    };
    let watched = WatchedCommand {
        command_exit: run.exit,
        read: run.read.ok().map(|read| read.into_iter().collect()),
        changed: run.changed,
        taken_out: run.taken_out,
        failure,
    };
    let replayed = watched.read.as_ref().map_or(0, Vec::len);
    Ok(ReplayReport { replayed, unread, missed, watched: Some(Box::new(watched)), ..ReplayReport::default() })
}

/// The requests that failed tests of the command did not find, each with the most similar recordings.
fn missed(context: &Context<'_>, store: &Store, results: &TestList) -> Result<Vec<Miss>> {
    let found = misses::unique(misses::of_failures(&results.failures));
    if found.is_empty() {
        return Ok(vec![]);
    }
    let entries = reported::entries(context, store)?;
    Ok(reported::explain(context, store, &entries, &[], &found))
}

/// The recordings that were changed, deleted or added.
fn changed(before: &BTreeMap<String, [u8; 32]>, after: &BTreeMap<String, [u8; 32]>) -> Vec<String> {
    let mut changed: Vec<String> =
        before.iter().filter(|(path, digest)| after.get(*path) != Some(digest)).map(|(path, _)| path.clone()).collect();
    changed.extend(after.keys().filter(|path| !before.contains_key(*path)).cloned());
    changed.sort_unstable();
    changed
}
