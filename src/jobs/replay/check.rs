//! `replay-check`: the store answers, with no network and no token.

use crate::jobs::replay::{coverage, watched};

use rayon::prelude::*;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::client::call::{Call, CallOutcome};
use crate::client::replay::{self, Replay};
use crate::error::Result;
use crate::miss::Asked;
use crate::recording::Recording;
use crate::recording::json::Value;
use crate::recording::key::Request;
use crate::recording::name::model_ids;
use crate::recording::scan::Reading;
use crate::recording::test_id::TestId;
use crate::report::{Miss, ReplayFailure, ReplayReport, Report};
use crate::store::{RecordingFile, Store};

pub use super::options::ReplayCheckOptions;
use crate::context::Context;
use crate::jobs::cases::{self, Case};
use crate::jobs::evidence::EvidenceFiles;
use crate::jobs::nearest::{self, Missing};

/// Replays the selected recordings on all cores.
pub fn run(context: &Context<'_>, options: &ReplayCheckOptions) -> Result<Report> {
    let store = context.store(&options.paths)?;
    if !options.command.is_empty() {
        return watched::run(context, &store, options).map(Report::ReplayCheck);
    }
    let (region, _) = context.environment.region(options.region.as_deref())?;
    let url = Endpoint::public(Host::Runtime, region).recorded_url();
    let cases = cases::read(&context.cwd, &options.cases, &url, store.key_rules())?.all()?;
    let evidence = EvidenceFiles::read(context, &options.tests, &options.reads)?;
    let asks_cases_only =
        options.paths.is_empty() && !cases.is_empty() && options.tests.is_empty() && options.reads.is_empty();
    let files = if asks_cases_only { vec![] } else { context.recordings(&store, &options.paths)? };
    let mut report = replay(context, &store, &files, &cases)?;
    if !options.tests.is_empty() {
        coverage::of_tests(context, &store, &files, &evidence, &mut report)?;
    }
    if !options.reads.is_empty() {
        coverage::of_reads(context, &store, &files, &evidence, &mut report)?;
    }
    Ok(Report::ReplayCheck(report))
}

pub(crate) fn replay(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
    cases: &[Case],
) -> Result<ReplayReport> {
    let progress = context.progress;
    progress.begin("replaying", files.len() + cases.len());
    let replay = |file: &RecordingFile| {
        let result = replay_file(store, file);
        progress.step("");
        result.err().map(|reason| ReplayFailure { path: file.path.clone(), reason })
    };
    let mut failed: Vec<ReplayFailure> = files.par_iter().filter_map(replay).collect();
    let mut replayed = files.len() - failed.len();

    let mut missed = Vec::new();
    let ask_case = |case: &Case| {
        let answer = ask(store, &case.call);
        progress.step("");
        answer
    };
    let answers: Vec<_> = cases.par_iter().map(ask_case).collect();
    for (case, answer) in cases.iter().zip(answers) {
        match answer {
            Ok(_) => replayed += 1,
            Err(Unanswered::Missing) => missed.push(case),
            Err(Unanswered::Unreadable(reason)) => {
                let file = store.find_one(case.key, case.test_id.as_ref());
                failed.push(ReplayFailure { path: file.map_or(case.source.clone(), |file| file.path), reason });
            }
        }
    }
    progress.end();
    let missed = explain(context, store, &missed)?;
    Ok(ReplayReport { replayed, failed, missed, ..ReplayReport::default() })
}

/// Explains each case without a recording, as `explain` does.
fn explain(context: &Context<'_>, store: &Store, missed: &[&Case]) -> Result<Vec<Miss>> {
    if missed.is_empty() {
        return Ok(vec![]);
    }
    let asked = |case: &&Case| {
        let body = Value::Object(case.call.body.clone());
        Asked::of(&case.call.key_request(&body), case.call.test_id.as_deref(), store.key_rules())
    };
    let asked: Vec<Asked> = missed.iter().map(asked).collect();
    let missing = nearest::explain(context, store, &asked)?;
    let miss = |(case, missing): (&&Case, Missing)| Miss {
        test_id: case.call.test_id.clone(),
        key: case.key.to_string(),
        looked_up: store.looked_up(case.key, case.test_id.as_ref(), false),
        nearest: missing.nearest,
        cause: missing.cause,
    };
    Ok(missed.iter().zip(missing).map(miss).collect())
}

/// Asks for a recording by its own request, as the test that made it would.
fn replay_file(store: &Store, file: &RecordingFile) -> std::result::Result<(), String> {
    let (bytes, rules) = (store.read(file)?, store.key_rules());
    // Most kinds of answers need not be held.
    let facts = Reading::of(&bytes, rules).facts.map_err(|flaw| flaw.to_string())?;
    let (key, outline) = (facts.key, &facts.outline);
    let test_id = outline.test_id().map(TestId::parse).transpose().map_err(|why| why.to_string())?;
    let is_list = outline.endpoint().is_some_and(|endpoint| rules.names_as_list(endpoint));
    let found = store.find(key, test_id.as_ref(), is_list).map_err(|error| error.to_string())?;
    if !found.contains(file) {
        return Err(match found.first() {
            Some(other) => format!("{} answers its request", other.path),
            None => format!("its request has the key {key}, and no recording has this name"),
        });
    }
    let whole = || Recording::parse(&bytes).map_err(|flaw| flaw.to_string());
    if is_list {
        let recording = whole()?;
        return if model_ids(&recording).is_empty() { Err("the list of models is empty".to_owned()) } else { Ok(()) };
    }
    if outline.is_chat() {
        let recording = whole()?;
        // The client calls with POST and arguments, and then the key is this one.
        let is_call = matches!(recording.request(), Request::Inference { method, body, .. }
            if method.eq_ignore_ascii_case("POST") && body.as_object().is_some());
        if !is_call {
            return Err("no recording has the key of its request".to_owned());
        }
        return replay::answer(&recording).map(drop).map_err(|failure| failure.to_string());
    }
    // This tool has no client for other kinds: it checks only that there is a body.
    if outline.response().body.is_null() && outline.response().exception.is_none() {
        return Err("the recording has no answer".to_owned());
    }
    Ok(())
}

enum Unanswered {
    /// No file has the key.
    Missing,
    /// A file has it, but gives no answer.
    Unreadable(String),
}

/// Asks through the client that a test would use, over the store instead of the network.
fn ask(store: &Store, call: &Call) -> std::result::Result<CallOutcome, Unanswered> {
    Replay::new(store).ask(call).map_err(|failure| match failure.missing {
        true => Unanswered::Missing,
        false => Unanswered::Unreadable(failure.to_string()),
    })
}
