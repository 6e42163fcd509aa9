//! `evidence collect`: the lists of tests and the read logs that `prune` needs, of every run of OGX's CI.
//!
//! The runs are those of `ci_matrix.json`. Each is collected as in CI, and its replay is watched. Existing evidence of
//! the same tests and recordings is kept, so that an interrupted run resumes where it stopped.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

mod command;
mod plan;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::ids::KnownIds;
use crate::evidence::matrix;
use crate::evidence::suites::FOLDER;
use crate::evidence::{Gap, ReadLog, read_tests};
use crate::jobs::replay::watched::{Unknown, WatchedProgram, WatchedRun, watch_run};
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Ended, Program, StandardOutput, supervise};
use crate::report::Report;
use crate::report::evidence::{EvidenceReport, EvidenceRun, EvidenceStatus};
use crate::store::{self, Store, output, scratch_folder};

use command::{TestCommand, listing_variables};
use plan::{PlannedRun, plan};

/// The file that says what each list and log in a folder of evidence covers.
const MANIFEST: &str = "evidence.json";

/// The options of `evidence collect`.
#[derive(Clone, Debug, Default)]
pub struct CollectOptions {
    /// The folder for lists and logs; it is made.
    pub folder: PathBuf,
    /// Only these suites.
    pub suite: Vec<String>,
    /// Only these clients.
    pub client: Vec<String>,
    /// Also replay each run and log what it reads.
    pub replay: bool,
    /// Collect existing evidence again.
    pub again: bool,
    /// How pytest is called.
    pub command: Vec<OsString>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    schema: u32,
    /// Of each run, by its name.
    runs: BTreeMap<String, Covered>,
}

/// What the evidence of one run covers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Covered {
    suite: String,
    setup: Option<String>,
    client: String,
    /// A digest of the tests and recordings that it covers.
    state: String,
    list: Option<String>,
    tests: usize,
    log: Option<String>,
    read: usize,
    passed: usize,
    exit: Option<u8>,
}

/// Collects the evidence of the runs of CI.
pub fn run(context: &Context<'_>, options: &CollectOptions) -> Result<Report> {
    let store = context.store(&[])?;
    let planned = plan(&store, &options.suite, &options.client)?;
    has_pytest(context, &store, options)?;
    let tests = TestCommand::of(&store, &context.environment, &options.command)?;
    let folder = context.cwd.join(&options.folder);
    output::make_folder(&folder)?;
    let mut manifest = read_manifest(&folder)?.unwrap_or_default();
    manifest.schema = 1;
    let state = state(&store)?;
    let mut runs = Vec::new();
    for (at, run) in planned.iter().enumerate() {
        let setup = run.setup.as_deref().unwrap_or("no setup");
        let what = format!("{} of {}: {}, {setup}, {}", at + 1, planned.len(), run.suite, run.client);
        let there = manifest.runs.get(&run.name).filter(|there| {
            there.state == state && (there.log.is_some() || !options.replay) && is_there(&folder, there)
        });
        if let Some(there) = there.filter(|_| !options.again) {
            runs.push(row(run, EvidenceStatus::Kept, None, Some(there)));
            continue;
        }
        context.progress.note(&what);
        match collect(context, &store, options, &tests, &folder, run) {
            Ok(None) => {
                forget(&folder, &mut manifest, run)?;
                let hint = "start it again: it resumes with this run";
                return Err(Error::new(format!("ended by a signal in run {what}")).hint(hint));
            }
            Ok(Some((covered, reason))) => {
                let covered = Covered { state: state.clone(), ..covered };
                runs.push(row(run, EvidenceStatus::Collected, reason, Some(&covered)));
                manifest.runs.insert(run.name.clone(), covered);
                // Written after each run, so that an interruption loses at most one.
                write_manifest(&folder, &manifest)?;
            }
            Err(error) => {
                runs.push(row(run, EvidenceStatus::Failed, Some(error.to_string()), None));
                forget(&folder, &mut manifest, run)?;
            }
        }
    }
    Ok(Report::Evidence(EvidenceReport { folder: options.folder.display().to_string(), runs }))
}

/// The lists and the logs in a folder that `evidence collect` filled, named like the folder.
pub(crate) fn files(cwd: &Path, folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let Some(manifest) = read_manifest(&cwd.join(folder))? else {
        let hint = "make it with `bedrock-fixtures evidence collect`";
        return Err(Error::new(format!("not a folder of evidence: it has no {MANIFEST}"))
            .at(folder.display())
            .hint(hint));
    };
    if manifest.runs.is_empty() {
        let hint = "collect it again: no run of CI gave evidence";
        return Err(Error::new("holds the evidence of no run").at(folder.display()).hint(hint));
    }
    let paths = |pick: fn(&Covered) -> Option<&String>| -> Vec<PathBuf> {
        manifest.runs.values().filter_map(pick).map(|name| folder.join(name)).collect()
    };
    Ok((paths(|run| run.list.as_ref()), paths(|run| run.log.as_ref())))
}

/// Asks the runner for its version, so that a machine without it is told once and not for each run.
fn has_pytest(context: &Context<'_>, store: &Store, options: &CollectOptions) -> Result<()> {
    let scratch = scratch_folder()?;
    let aside = scratch.path().join("version");
    let line: Vec<OsString> = options.command.iter().cloned().chain(["--version".into()]).collect();
    let program = Program {
        line: &line,
        folder: store.root(),
        set: vec![],
        unset: vec![],
        stdout: StandardOutput::ToFile(output::create(&aside)?),
    };
    match supervise(&program, &|text| context.progress.note(text))?.exit {
        0 => Ok(()),
        exit => {
            let hint = "give the command that starts pytest here after --, as in `-- uv run pytest`";
            Err(Error::new(format!("`{}` ended with exit code {exit}", shown(&line))).hint(hint))
        }
    }
}

/// A command as a person reads it.
fn shown(line: &[OsString]) -> String {
    line.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Collects the tests of one run, and replays it if that is wanted. Gives nothing if a signal asked to end.
fn collect(
    context: &Context<'_>,
    store: &Store,
    options: &CollectOptions,
    tests: &TestCommand,
    folder: &Path,
    run: &PlannedRun,
) -> Result<Option<(Covered, Option<String>)>> {
    let list = format!("{}.tests.txt", run.name);
    let command = tests.listing(run);
    let (scratch, plugin) = (scratch_folder()?, scratch_folder()?);
    let (aside, listing) = (scratch.path().join("printed"), scratch.path().join("listing"));
    let (region, empty) =
        (context.environment.region(None).ok().map(|(region, _)| region), scratch.path().join("empty"));
    output::write(&empty, b"", output::Readers::AsBefore)?;
    let child_env = ChildEnv::of_replay(&context.environment, region.as_ref(), &empty, scratch.path());
    let mut set = child_env.set;
    set.extend(listing_variables(&context.environment, plugin.path(), &listing)?);
    let program = Program {
        line: &command,
        folder: store.root(),
        set,
        unset: child_env.unset,
        stdout: StandardOutput::ToFile(output::create(&aside)?),
    };
    let Ended { exit, by_signal } = supervise(&program, &|text| context.progress.note(text))?;
    if by_signal {
        return Ok(None);
    }
    let text = store::read_any(&listing).unwrap_or_default();
    let listed = read_tests(&String::from_utf8_lossy(&text), &KnownIds::default());
    if exit != 0 || listed.ids.is_empty() {
        let printed = store::read_any(&aside).unwrap_or_default();
        let printed = String::from_utf8_lossy(&printed);
        let last = printed.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing");
        let error = Error::new(format!("`{}` ended with exit code {exit}: {last}", shown(&command)));
        return Err(match exit == 0 && !store::is_file(&listing) {
            true => error.hint(
                "it did not load the plugin that writes the list: PYTEST_ADDOPTS and PYTHONPATH must reach pytest",
            ),
            false => error,
        });
    }
    output::write(&folder.join(&list), &text, output::Readers::AsBefore)?;
    let mut covered = Covered {
        suite: run.suite.clone(),
        setup: run.setup.clone(),
        client: run.client.to_owned(),
        list: Some(list),
        tests: listed.ids.len(),
        ..Covered::default()
    };
    let gap = listed.gaps.iter().find(|gap| !matches!(gap, Gap::Count { .. }));
    let mut reason = gap.map(|gap| format!("the list is incomplete: {gap}"));
    if options.replay {
        let command = tests.replay(run);
        let stdout = StandardOutput::ToStandardError;
        let program = WatchedProgram { command: &command, folder: store.root(), stdout, wants_results: true };
        let watched = watch_run(context, store, program)?;
        if watched.by_signal {
            return Ok(None);
        }
        reason = write_log(folder, run, watched, &mut covered)?.or(reason);
    }
    Ok(Some((covered, reason)))
}

/// Writes what the replay of one run read and which tests passed. Gives the reason if that is not all known.
fn write_log(folder: &Path, run: &PlannedRun, watched: WatchedRun, covered: &mut Covered) -> Result<Option<String>> {
    let log = format!("{}.reads.log", run.name);
    let read = match watched.read {
        Ok(read) => read,
        Err(Unknown::System) => return Ok(Some("this system does not report which files a command reads".to_owned())),
        Err(Unknown::Gap(gap)) => return Ok(Some(format!("it is not known what the replay read: {gap}"))),
    };
    let comments = ReadLog::comments_of_run(watched.results.as_ref(), watched.exit);
    let passed = watched.results.map(|results| results.passed).unwrap_or_default();
    let mut text = format!("# {} {} {}\n", run.suite, run.setup.as_deref().unwrap_or("-"), run.client);
    comments.iter().chain(&read).for_each(|line| text.push_str(&format!("{line}\n")));
    (covered.read, covered.passed, covered.exit) = (read.len(), passed.len(), Some(watched.exit));
    if read.is_empty() {
        return Ok(Some("its replay did not read a recording, so it has no log".to_owned()));
    }
    output::write(&folder.join(&log), text.as_bytes(), output::Readers::AsBefore)?;
    covered.log = Some(log);
    let changed = watched.changed.first().map(|first| format!("its replay changed recordings; the first is {first}"));
    Ok(changed)
}

/// A digest of what evidence depends on: the recordings, the tests with their suites, and the matrix.
fn state(store: &Store) -> Result<String> {
    let mut digest = Sha256::new();
    for (path, content) in store.digests()? {
        digest.update(path);
        digest.update(content);
    }
    let files = store.python_files(FOLDER);
    for path in files.iter().map(String::as_str).chain([matrix::FILE]) {
        digest.update(path);
        digest.update(store::read_any(&store.root().join(path)).unwrap_or_default());
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Takes a run out of the manifest: what was there covers other tests or recordings.
fn forget(folder: &Path, manifest: &mut Manifest, run: &PlannedRun) -> Result<()> {
    match manifest.runs.remove(&run.name) {
        Some(_) => write_manifest(folder, manifest),
        None => Ok(()),
    }
}

fn is_there(folder: &Path, covered: &Covered) -> bool {
    covered.list.iter().chain(&covered.log).all(|name| store::is_file(&folder.join(name)))
}

fn row(run: &PlannedRun, status: EvidenceStatus, reason: Option<String>, covered: Option<&Covered>) -> EvidenceRun {
    EvidenceRun {
        suite: run.suite.clone(),
        setup: run.setup.clone(),
        client: run.client.to_owned(),
        status,
        reason,
        list: covered.and_then(|covered| covered.list.clone()),
        tests: covered.map_or(0, |covered| covered.tests),
        log: covered.and_then(|covered| covered.log.clone()),
        read: covered.map_or(0, |covered| covered.read),
        passed: covered.map_or(0, |covered| covered.passed),
        exit: covered.and_then(|covered| covered.exit),
    }
}

fn read_manifest(folder: &Path) -> Result<Option<Manifest>> {
    let file = folder.join(MANIFEST);
    if !store::is_file(&file) {
        return Ok(None);
    }
    let bytes = store::read_input(&file)?;
    let bad = |why: String| Error::new(why).at(file.display()).hint("remove it and collect the evidence again");
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| bad(format!("not readable: {error}")))?;
    let is_name = |name: &String| !name.contains(['/', '\\']);
    if manifest.schema != 1 || !manifest.runs.values().all(|run| run.list.iter().chain(&run.log).all(is_name)) {
        return Err(bad("not written by this version".to_owned()));
    }
    Ok(Some(manifest))
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> Result<()> {
    let text = serde_json::to_string_pretty(manifest).map_err(|error| Error::new(format!("cannot write: {error}")))?;
    output::write(&folder.join(MANIFEST), format!("{text}\n").as_bytes(), output::Readers::AsBefore)
}
