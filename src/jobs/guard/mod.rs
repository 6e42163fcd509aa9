//! `record -- COMMAND…`: runs the team's own recorder, with a snapshot of the store before and a check after.

mod hints;
mod review;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;
use crate::error::{Error, Result};
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Program, StandardOutput, supervise};
use crate::report::{Guarded, RecordReport, Status};
use crate::secret::Secret;
use crate::store::{Store, scratch_folder};
use crate::token::forms;
use crate::vcs::Git;

use crate::evidence::TestList;
use crate::jobs::explain::reported;
use crate::jobs::gate::Policy;
use crate::jobs::recorder::options::RecordOptions;
use crate::jobs::recorder::preflight::{self, Need};
use crate::jobs::recorder::target::RecordTarget;
use crate::jobs::run_report::RunReport;
use review::Review;

/// Other credentials that the environment may have, and that must not be in a recording.
const CREDENTIALS: [&str; 3] = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

/// Runs the command and keeps its good recordings.
pub(crate) fn run(context: &Context<'_>, store: &Store, options: &RecordOptions) -> Result<RecordReport> {
    let (region, source) = context.environment.region(options.region.as_deref())?;
    let (token, credentials) = preflight(context, options, (Endpoint::public(Host::Runtime, region.clone()), source))?;
    let (scratch, aside) = (scratch_folder()?, scratch_folder()?);
    let child_env = ChildEnv::of_record(&context.environment, token.as_ref(), &region, scratch.path());
    child_env.taken_out().iter().for_each(|text| context.progress.note(text));
    let policy = Policy {
        allowed: options.allow_status.clone(),
        no_secrets: options.allow_secret.clone(),
        secrets: secrets(context, token).into_iter().chain(credentials).collect(),
        only_bedrock: true,
        invented: false,
    };
    mend(context, store, &policy)?;
    store.remove_leftovers();
    let memory = store.take_snapshot(git_folder(store).as_deref())?;
    let times = store.write_times()?;
    let run_report = RunReport::of(&context.environment, &options.command, &context.cwd, aside.path());
    let mut set = child_env.set;
    set.extend(run_report.iter().filter_map(|report| report.set.clone()));
    let program = Program {
        line: &options.command,
        folder: &context.cwd,
        set,
        unset: child_env.unset.clone(),
        stdout: StandardOutput::beside_report(context.stdout_is_data),
    };
    let command_exit = supervise(&program, &|text| context.progress.note(text)).map(|ended| ended.exit);

    // What the command wrote may have given the store its layout.
    let store =
        &Store::open(store.root()).map_or_else(|_| store.clone(), |again| again.of_recorder(store.recorder().clone()));
    // Even if something cannot be read from here on, the recordings are checked: only the copy has those that were
    // lost.
    let read = |report: RunReport| report.read(&reported::known(&reported::entries(context, store)?));
    let (results, unread) = match run_report.filter(RunReport::is_there).map(read).transpose() {
        Ok(results) => (results.flatten(), None),
        Err(error) => (None, Some(error)),
    };
    let rewritten = store.write_times().map_or(0, |after| rewritten(&times, &after));
    let mut review = Review {
        store,
        policy: &policy,
        memory,
        is_late: false,
        deleted_in_index: BTreeSet::new(),
        failed: results.as_ref().filter(|_| !options.keep_failed).map(failed).unwrap_or_default(),
        is_misplaced: false,
        report: RecordReport::default(),
    };
    let put_back = review.review();
    let (mut report, is_misplaced) = (review.report, review.is_misplaced);
    if let Some(error) = unread {
        let failure = format!("how the tests ended is not known: {error}");
        report.failure.get_or_insert(failure);
    }
    let command_exit = command_exit?;
    let recorded = !report.results.is_empty();
    let passed = results.map_or(0, |results| results.passed.len());
    let mut hints = vec![];
    match (recorded, rewritten, passed) {
        (false, 1.., _) => context.progress.note(&format!(
            "nothing changed: the command wrote {rewritten} recording{} again with the same bytes",
            if rewritten == 1 { "" } else { "s" }
        )),
        (false, 0, 1..) if hints::wants_recording(&options.command) => {
            context.progress.note(&format!("nothing new was recorded; tests that passed: {passed}"));
        }
        _ => hints = hints::hints(&options.command, command_exit, recorded, store.root()),
    }
    if is_misplaced {
        let root = store.root().display();
        hints.push(format!(
            "test ids are assumed to be relative to {root}; if they are not, give their folder with --root"
        ));
    }
    let taken_out = child_env.unset;
    report.guarded = Some(Box::new(Guarded { command_exit, taken_out, hints, put_back }));
    Ok(report)
}

/// The tests that failed.
fn failed(results: &TestList) -> BTreeSet<String> {
    results.failures.iter().map(|failure| failure.test_id.clone()).collect()
}

/// How many files were written again; new and deleted ones are reported elsewhere.
fn rewritten(before: &BTreeMap<String, SystemTime>, after: &BTreeMap<String, SystemTime>) -> usize {
    before.iter().filter(|(path, time)| after.get(*path).is_some_and(|now| now != *time)).count()
}

/// The checks before the command runs: the token, and the credentials that made it. The command chooses its own
/// endpoint, so an unreachable one is only a warning.
fn preflight(
    context: &Context<'_>,
    options: &RecordOptions,
    place: (Endpoint, &'static str),
) -> Result<(Option<Secret>, Vec<Secret>)> {
    context.progress.note(&format!("region {} (from {})", place.0.region, place.1));
    let target = RecordTarget::of(context, options)?;
    target.note(context);
    let RecordTarget::Server(mut server) = target else { return Ok((None, vec![])) };
    server.mint(context, options, &place.0.region)?;
    let token = server.token()?;
    let need = Need { target: &server.target, trust: &server.trust, places: &[place], lasts: None };
    let checked = server.check(context, &need);
    if let Some(error) = checked.error() {
        return Err(Error::new(error));
    }
    let warn = |text: &str| context.progress.note(&format!("warning: {text}"));
    checked.notes.iter().for_each(|note| warn(&note.message));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("cannot start", "the event loop", &error))?;
    runtime.block_on(async {
        match (preflight::reach(&need).await, &server.token) {
            (Err(failure), _) => warn(&format!("{failure}; the command may still work")),
            (Ok(()), Some((source, token))) => drop(preflight::is_taken(token, source, &need).await?),
            (Ok(()), None) => {}
        }
        Ok::<(), Error>(())
    })?;
    Ok((token, server.credentials))
}

/// Everything that may not be in a recording, whatever it is used for.
fn secrets(context: &Context<'_>, token: Option<Secret>) -> Vec<Secret> {
    let environment = &context.environment;
    let tokens = TOKEN_VARIABLES.iter().filter_map(|name| forms::secret(environment.get(name)?));
    let others = CREDENTIALS.iter().filter_map(|name| forms::credential(environment.get(name)?));
    token.into_iter().chain(tokens).chain(others).collect()
}

/// Git's own folder, where copies outlive a restart and no search finds them.
fn git_folder(store: &Store) -> Option<PathBuf> {
    if store.is_in_git() { Some(Git::open(store.root()).ok()?.own_folder().to_owned()) } else { None }
}

/// Completes what a killed run could not: restores the recordings that it left poisoned.
fn mend(context: &Context<'_>, store: &Store, policy: &Policy) -> Result<()> {
    for memory in store.left_behind(git_folder(store).as_deref())? {
        let mut review = Review {
            store,
            policy,
            memory,
            is_late: true,
            deleted_in_index: deleted_in_index(store),
            failed: BTreeSet::new(),
            is_misplaced: false,
            report: RecordReport::default(),
        };
        let put_back = review.review();
        context
            .progress
            .note(&format!("an earlier guarded run was killed; {put_back} of its recordings were restored"));
        for result in review.report.results.iter().filter(|result| result.status == Status::Refused) {
            let reason = result.reason.as_deref().unwrap_or_default();
            context.progress.note(&format!("mended {}: {reason}", result.path));
        }
    }
    Ok(())
}

/// The recordings that the last commit has and the index no longer has.
fn deleted_in_index(store: &Store) -> BTreeSet<String> {
    let asked = || {
        let git = Git::open(store.root()).ok()?;
        let index: BTreeSet<String> = git.index().ok()?.into_iter().map(|blob| blob.file.path).collect();
        let head = git.tree("HEAD").ok()?.into_iter().map(|blob| blob.file.path);
        Some(head.filter(|path| !index.contains(path)).collect())
    };
    if store.is_in_git() { asked().unwrap_or_default() } else { BTreeSet::new() }
}
