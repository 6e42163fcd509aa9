//! `evidence collect`: the lists of tests and the read logs that `prune` needs, of every run of OGX's CI.
//!
//! The runs are those of `ci_matrix.json`. Each is collected as in CI, and its replay is watched. Existing evidence of
//! the same tests and recordings is kept, so that an interrupted run resumes where it stopped.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::ids::KnownIds;
use crate::evidence::matrix::{self, MatrixEntry};
use crate::evidence::suites::{self, FOLDER, Suite};
use crate::evidence::{Gap, ReadLog, read_tests};
use crate::jobs::replay::watched::{Unknown, WatchedProgram, watch_run};
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Program, StandardOutput, supervise};
use crate::report::Report;
use crate::report::evidence::{EvidenceReport, EvidenceRun, EvidenceStatus};
use crate::store::{self, Store, output, scratch_folder};

/// The file that says what each list and log in a folder of evidence covers.
const MANIFEST: &str = "evidence.json";

/// The configuration of the stack in CI.
const CI_STACK: &str = "ci-tests";

/// Whose tests are in the process of the stack, and whose have a server of their own.
const CLIENTS: [&str; 2] = ["library", "server"];

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

/// One run of the matrix with one client.
struct PlannedRun {
    name: String,
    suite: String,
    setup: Option<String>,
    client: &'static str,
    stack: String,
}

/// Collects the evidence of the runs of CI.
pub fn run(context: &Context<'_>, options: &CollectOptions) -> Result<Report> {
    let store = context.store(&[])?;
    let planned = plan(&store, options)?;
    has_pytest(context, &store, options)?;
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
        match collect(context, &store, options, &folder, run) {
            Ok((covered, reason)) => {
                let covered = Covered { state: state.clone(), ..covered };
                runs.push(row(run, EvidenceStatus::Collected, reason, Some(&covered)));
                manifest.runs.insert(run.name.clone(), covered);
                // Written after each run, so that an interruption loses at most one.
                write_manifest(&folder, &manifest)?;
            }
            Err(error) => {
                runs.push(row(run, EvidenceStatus::Failed, Some(error.to_string()), None));
                // The existing evidence covers other tests or recordings.
                if manifest.runs.remove(&run.name).is_some() {
                    write_manifest(&folder, &manifest)?;
                }
            }
        }
    }
    Ok(Report::Evidence(EvidenceReport { folder: options.folder.display().to_string(), runs }))
}

/// The lists and the logs in a folder that `evidence collect` filled.
pub(crate) fn files(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let Some(manifest) = read_manifest(folder)? else {
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
    match supervise(&program, &|text| context.progress.note(text))? {
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

/// The runs of the matrix, each once for a client.
fn plan(store: &Store, options: &CollectOptions) -> Result<Vec<PlannedRun>> {
    let read = |path: &str| {
        let missing = |_| Error::new("there is no such file").at(path).hint("give the tree of OGX with --root");
        let bytes = store::read_any(&store.root().join(path)).map_err(missing)?;
        Ok::<_, Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let entries = matrix::entries(&read(matrix::FILE)?)
        .ok_or_else(|| Error::new("not JSON").at(matrix::FILE).hint("correct it: CI reads it"))?;
    let defined = suites::suites(&read(suites::FILE)?);
    let known: Vec<&str> = entries.iter().map(|entry| entry.suite.as_str()).collect();
    if let Some(unknown) = options.suite.iter().find(|suite| !known.contains(&suite.as_str())) {
        let hint = format!("it runs {}", known.join(", "));
        return Err(Error::new(format!("CI does not run the suite {unknown}")).at(matrix::FILE).hint(hint));
    }
    let mut planned: Vec<PlannedRun> = Vec::new();
    for entry in entries.iter().filter(|entry| options.suite.is_empty() || options.suite.contains(&entry.suite)) {
        for client in CLIENTS.into_iter().filter(|client| entry.allows(client)) {
            if !options.client.is_empty() && !options.client.iter().any(|name| name == client) {
                continue;
            }
            let run = planned_run(entry, &defined, client);
            if !planned.iter().any(|other| other.name == run.name) {
                planned.push(run);
            }
        }
    }
    if planned.is_empty() {
        return Err(Error::new("CI has no such run").at(matrix::FILE).hint("leave --suite and --client out"));
    }
    Ok(planned)
}

fn planned_run(entry: &MatrixEntry, defined: &[Suite], client: &'static str) -> PlannedRun {
    let suite = defined.iter().find(|suite| suite.name == entry.suite);
    let setup = entry.setup.clone().or_else(|| suite.and_then(|suite| suite.setup.clone()));
    let stack = entry.stack_config.clone().unwrap_or_else(|| match client {
        "server" => format!("server:{CI_STACK}"),
        _ => CI_STACK.to_owned(),
    });
    // It becomes part of a file name, so it must not lead to another folder.
    let plain = |text: &str| text.replace(|c: char| !c.is_alphanumeric() && !"-_.".contains(c), "_");
    let parts = [&entry.suite, setup.as_deref().unwrap_or("none"), client].map(plain);
    let own_stack = entry.stack_config.as_deref().map(|stack| format!("-{}", plain(stack))).unwrap_or_default();
    PlannedRun { name: format!("{}{own_stack}", parts.join("-")), suite: entry.suite.clone(), setup, client, stack }
}

/// Collects the tests of one run, and replays it if that is wanted.
fn collect(
    context: &Context<'_>,
    store: &Store,
    options: &CollectOptions,
    folder: &Path,
    run: &PlannedRun,
) -> Result<(Covered, Option<String>)> {
    let list = format!("{}.tests.txt", run.name);
    let command = command(options, run, &["--collect-only", "-q"]);
    let scratch = scratch_folder()?;
    let aside = scratch.path().join("collected");
    let (region, empty) =
        (context.environment.region(None).ok().map(|(region, _)| region), scratch.path().join("empty"));
    output::write(&empty, b"", output::Readers::AsBefore)?;
    let child_env = ChildEnv::of_replay(&context.environment, region.as_ref(), &empty, scratch.path());
    let program = Program {
        line: &command,
        folder: store.root(),
        set: child_env.set,
        unset: child_env.unset,
        stdout: StandardOutput::ToFile(output::create(&aside)?),
    };
    let exit = supervise(&program, &|text| context.progress.note(text))?;
    let text = store::read_any(&aside).map_err(|why| Error::new(format!("cannot read what pytest printed: {why}")))?;
    let listed = read_tests(&String::from_utf8_lossy(&text), &KnownIds::default());
    if exit != 0 || listed.ids.is_empty() {
        let last = String::from_utf8_lossy(&text);
        let last = last.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing").to_owned();
        return Err(Error::new(format!("`{}` ended with exit code {exit}: {last}", shown(&command))));
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
        reason = replay(context, store, options, folder, run, &mut covered)?.or(reason);
    }
    Ok((covered, reason))
}

/// Replays one run under the watch.
fn replay(
    context: &Context<'_>,
    store: &Store,
    options: &CollectOptions,
    folder: &Path,
    run: &PlannedRun,
    covered: &mut Covered,
) -> Result<Option<String>> {
    let log = format!("{}.reads.log", run.name);
    let command = command(options, run, &[]);
    let stdout = StandardOutput::ToStandardError;
    let program = WatchedProgram { command: &command, folder: store.root(), stdout, wants_results: true };
    let watched = watch_run(context, store, program)?;
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

/// The words of one call of pytest.
fn command(options: &CollectOptions, run: &PlannedRun, more: &[&str]) -> Vec<OsString> {
    let mut command = options.command.clone();
    let mut add = |word: String| command.push(word.into());
    add(FOLDER.to_owned());
    add(format!("--suite={}", run.suite));
    run.setup.iter().for_each(|setup| add(format!("--setup={setup}")));
    add(format!("--stack-config={}", run.stack));
    add("--inference-mode=replay".to_owned());
    more.iter().for_each(|word| add((*word).to_owned()));
    command
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
