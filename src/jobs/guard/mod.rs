//! `record -- COMMAND…`: the team's own recorder, with the store remembered before and judged after.

mod hints;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::context::Context;
use crate::context::environment::TOKEN_VARIABLES;
use crate::error::{Error, Result};
use crate::process::child_env::ChildEnv;
use crate::process::supervise::{Program, supervise};
use crate::recording::Recording;
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::turn::{Turn, Usage};
use crate::report::{Guarded, RecordReport, RecordResult, RuleId, Status, TokenCounts};
use crate::secret::Secret;
use crate::store::snapshot::{Fate, Snapshot};
use crate::store::{RecordingFile, Store, scratch_folder};
use crate::token::forms;
use crate::vcs::Git;

use crate::jobs::gate::{self, Admission, FileContent, Policy, Rejection};
use crate::jobs::recorder::options::RecordOptions;
use crate::jobs::recorder::preflight::{self, Need};
use crate::jobs::recorder::target::RecordTarget;

/// Other credentials that may be in the environment, and may be in no recording.
const CREDENTIALS: [&str; 3] = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

/// Runs the command and keeps of what it recorded what is good.
pub(crate) fn run(context: &Context<'_>, store: &Store, options: &RecordOptions) -> Result<RecordReport> {
    let (region, source) = context.environment.region(options.region.as_deref())?;
    let (token, credentials) = preflight(context, options, (Endpoint::public(Host::Runtime, region.clone()), source))?;
    let scratch = scratch_folder()?;
    let child_env = ChildEnv::of_record(&context.environment, token.as_ref(), &region, scratch.path());
    child_env.taken_out().iter().for_each(|text| context.progress.note(text));
    let policy = Policy {
        allowed: options.allow_status.clone(),
        no_secrets: options.allow_secret.clone(),
        secrets: secrets(context, token).into_iter().chain(credentials).collect(),
        only_bedrock: true,
        invented: false,
    };
    mend(context, store, &policy);
    let memory = store.take_snapshot(git_folder(store).as_deref())?;
    let program = Program {
        line: &options.command,
        folder: &context.cwd,
        set: child_env.set,
        unset: child_env.unset.clone(),
        stdout_to_stderr: context.stdout_is_data,
    };
    let command_exit = supervise(&program, &|text| context.progress.note(text));

    // What the command wrote may have given the store its layout.
    let store = &Store::open(store.root()).map_or_else(|_| store.clone(), |again| again.of_recorder(store.recorder()));
    let mut review = Review {
        store,
        policy: &policy,
        memory,
        is_late: false,
        deleted_in_index: BTreeSet::new(),
        is_misplaced: false,
        report: RecordReport::default(),
    };
    let put_back = review.review();
    let (mut report, is_misplaced) = (review.report, review.is_misplaced);
    let command_exit = command_exit?;
    let recorded = !report.results.is_empty();
    let mut hints = hints::hints(&options.command, command_exit, recorded, store.root());
    if is_misplaced {
        let root = store.root().display();
        hints.push(format!(
            "test ids are taken to be relative to {root}; if they are not, give their folder with --root"
        ));
    }
    let taken_out = child_env.unset;
    report.guarded = Some(Box::new(Guarded { command_exit, taken_out, hints, put_back }));
    Ok(report)
}

/// What is looked at before the command runs: the token, and the credentials that made it. Where it goes is its own affair, so that nobody answers here is a warning.
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
            (Err(failure), _) => warn(&format!("{failure}; the command may fare better")),
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

/// Does what a run that was killed could not: puts back what it left poisoned.
fn mend(context: &Context<'_>, store: &Store, policy: &Policy) {
    for memory in store.left_behind(git_folder(store).as_deref(), context.now.into()) {
        let mut review = Review {
            store,
            policy,
            memory,
            is_late: true,
            deleted_in_index: deleted_in_index(store),
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

/// Looks at everything that differs from what is remembered.
struct Review<'a> {
    store: &'a Store,
    policy: &'a Policy,
    memory: Snapshot,
    /// Long after the run: people may have changed something too, so only what is bad is put back.
    is_late: bool,
    /// Of a late one: recordings whose deletion is staged in git.
    deleted_in_index: BTreeSet<String>,
    /// A recording lies where no replay of its test looks.
    is_misplaced: bool,
    report: RecordReport,
}

impl Review<'_> {
    /// Puts back what may not stay, and gives the number of files that were.
    fn review(&mut self) -> usize {
        let changes = self.memory.changes(self.store);
        let mut usage = Usage::default();
        let mut put_back = 0;
        let mut failures = changes.failures;
        for (file, fate) in changes.files {
            let (result, counted) = self.one(&file, fate);
            usage += counted;
            let Some((mut result, stays)) = result else { continue };
            if !stays {
                match self.memory.put_back(self.store, &file) {
                    Ok(()) => put_back += 1,
                    Err(error) => {
                        result.status = Status::Refused;
                        result.reason = Some(format!("it could not be restored: {error}"));
                        failures.push(error.to_string());
                    }
                }
            }
            if result.status == Status::Refused {
                // All of it is from a file that may hold anything.
                let texts =
                    result.test_id.iter_mut().chain(&mut result.reason).chain([&mut result.key, &mut result.path]);
                texts.for_each(|text| *text = scrub(&self.policy.secrets, text));
            }
            self.report.results.push(result);
        }
        self.report.usage =
            TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens };
        if let Some(first) = failures.first() {
            self.memory.keep();
            let (count, copies) = (failures.len(), self.memory.files());
            self.report.failure = Some(format!(
                "{count} of the recordings could not be read or restored: {first}; the previous recordings are in {}",
                copies.display()
            ));
        }
        put_back
    }

    /// Whether what is in a file now may stay; and the recording in it, if it may be spoken of.
    fn admit(
        &self,
        file: &RecordingFile,
        old: Option<&[u8]>,
    ) -> (std::result::Result<Admission, String>, Option<Recording>) {
        let bytes = match self.store.read(file) {
            Ok(bytes) => bytes,
            Err(why) => return (Err(why), None),
        };
        let recording = Recording::parse(&bytes).ok();
        let old_recording = old.and_then(|old| Recording::parse(old).ok());
        let old = old.map(|bytes| FileContent { bytes, recording: old_recording.as_ref() });
        let new = FileContent { bytes: &bytes, recording: recording.as_ref() };
        let admission = gate::admit(self.store, file, old, new, self.policy);
        // Nothing of what repeats a credential is shown.
        let is_secret = admission == Admission::Refuse(Rejection::Secret);
        (Ok(admission), recording.filter(|_| !is_secret))
    }

    /// Judges one recording: what to say of it and whether it stays, or nothing; and what it counted.
    fn one(&mut self, file: &RecordingFile, fate: Fate) -> (Option<(RecordResult, bool)>, Usage) {
        let old = self.memory.read(file);
        if fate == Fate::Deleted {
            let recording = old.as_deref().and_then(|bytes| Recording::parse(bytes).ok());
            let reason = "the command deleted it; it was restored".to_owned();
            let result = result(file, recording.as_ref(), Status::Refused, Some(reason), self.store.key_rules());
            // Long after the run, somebody may have deleted it on purpose: git knows, if that is staged.
            let is_meant = self.is_late && self.deleted_in_index.contains(&file.path);
            return ((!is_meant).then_some((result, false)), Usage::default());
        }
        let (admission, recording) = self.admit(file, old.as_deref());
        // A file that is no recording now may have been one.
        let named = || old.as_deref().and_then(|old| Recording::parse(old).ok());
        let turn = recording.as_ref().and_then(|recording| Turn::of_recording(recording).ok());
        let usage = turn.map(|turn| turn.usage).unwrap_or_default();
        let refused = |why: &str| {
            let what = if fate == Fate::New { "it was removed" } else { "the previous version was restored" };
            (Status::Refused, Some(format!("{why}; {what}")))
        };
        let (status, reason) = match admission {
            Ok(Admission::Store) => (Status::Written, None),
            Ok(Admission::Same) => (Status::Unchanged, None),
            Ok(Admission::Refuse(why)) => {
                self.is_misplaced |= matches!(why, Rejection::Rule { rule: RuleId::Misplaced, .. });
                refused(&why.to_string())
            }
            Err(why) => refused(&format!("it cannot be read: {why}")),
        };
        let stays = status == Status::Written || (self.is_late && status == Status::Unchanged);
        (Some((result(file, recording.or_else(named).as_ref(), status, reason, self.store.key_rules()), stays)), usage)
    }
}

/// A text without any part of what may be in no recording.
fn scrub(secrets: &[Secret], text: &str) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
}

fn result(
    file: &RecordingFile,
    recording: Option<&Recording>,
    status: Status,
    reason: Option<String>,
    rules: KeyRules,
) -> RecordResult {
    let named = FileName::parse(file.stem()).key();
    let key = named
        .or_else(|| recording.map(|recording| recording.key(rules)))
        .map_or(file.stem().to_owned(), |key| key.to_string());
    let test_id = recording.and_then(Recording::test_id).map(str::to_owned);
    RecordResult { test_id, key, path: file.path.clone(), status, reason, skip: None }
}
