//! `replay-check`: the store answers, with no network and no token.

use std::path::PathBuf;

use futures_util::FutureExt as _;
use rayon::prelude::*;

use crate::bedrock::client::{Call, Client, Failure, Outcome, Replay};
use crate::bedrock::endpoint::{Endpoint, Host};
use crate::error::Result;
use crate::recording::difference::differences;
use crate::recording::json::{Object, Value};
use crate::recording::key::{MODEL_LIST_ENDPOINTS, RequestKey};
use crate::recording::name::model_ids;
use crate::recording::test_id::TestId;
use crate::recording::{Kind, Recording};
use crate::report::{Difference, Miss, Near, ReplayFailure, ReplayReport, Report};
use crate::store::{RecordingFile, Store};

use super::Context;
use super::record::cases::{self, Case};

/// How many near recordings a miss names.
const NEAREST: usize = 3;

/// Answer requests from the store alone, as a test run would
///
/// Every selected recording is asked for by its own request: found by its key, decoded, its stream put together, its
/// exception raised. With --cases the requests of a run that is yet to come are asked too; one without a recording is
/// shown with the recordings that come nearest. No network is used and no token is read.
#[derive(clap::Args, Debug, Default)]
#[command(after_help = "Examples:
  bedrock-fixtures replay-check
  bedrock-fixtures replay-check --cases cases.jsonl tests/integration/inference")]
pub struct ReplayCheckArgs {
    /// Files or folders to replay instead of every recording below the root
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Requests that a run will make, JSON Lines as for `record`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Region of the urls of cases that name none
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// Replays the selected recordings on all cores.
pub fn run(context: &Context<'_>, args: &ReplayCheckArgs) -> Result<Report> {
    let store = context.store(&args.paths)?;
    let (region, _) = context.environment.region(args.region.as_deref())?;
    let url = Endpoint { host: Host::Runtime, region }.recorded_url();
    let cases = cases::read(&context.cwd, &args.cases, &url)?;
    let files =
        if args.paths.is_empty() && !cases.is_empty() { vec![] } else { context.recordings(&store, &args.paths)? };
    Ok(Report::ReplayCheck(replay(context, &store, &files, &cases)?))
}

pub(super) fn replay(
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
    for case in cases {
        match ask(store, &case.call, case.key, case.test_id.as_ref()) {
            Ok(_) => replayed += 1,
            Err(Unanswered::Missing) => missed.push(case),
            Err(Unanswered::Unreadable(reason)) => {
                let file = store.find(case.key, case.test_id.as_ref(), false).into_iter().next();
                failed.push(ReplayFailure { path: file.map_or(case.source.clone(), |file| file.path), reason });
            }
        }
        progress.step("");
    }
    progress.end();
    let missed = if missed.is_empty() { vec![] } else { explain(context, store, &missed)? };
    Ok(ReplayReport { replayed, failed, missed })
}

/// Asks for a recording by its own request, as the test that made it would.
fn replay_file(store: &Store, file: &RecordingFile) -> std::result::Result<(), String> {
    let recording = Recording::parse(&store.read(file)?).map_err(|flaw| flaw.to_string())?;
    let test_id = recording.test_id().map(TestId::parse).transpose().map_err(|why| why.to_string())?;
    let key = recording.key();
    let is_list = recording.endpoint().is_some_and(|endpoint| MODEL_LIST_ENDPOINTS.contains(&endpoint));
    let found = store.find(key, test_id.as_ref(), is_list);
    if !found.contains(file) {
        return Err(match found.first() {
            Some(other) => format!("its request is answered by {}", other.path),
            None => format!("its request has the key {key}, under which nothing is found"),
        });
    }
    if is_list {
        return if model_ids(&recording).is_empty() { Err("the list of models is empty".to_owned()) } else { Ok(()) };
    }
    if recording.kind() == Kind::Inference && recording.endpoint() == Some("/v1/chat/completions") {
        let call = Call {
            test_id: recording.test_id().map(str::to_owned),
            url: recording.url().unwrap_or_default().to_owned(),
            body: recording.body().cloned().unwrap_or_default(),
        };
        return match ask(store, &call, key, test_id.as_ref()) {
            Ok(_) => Ok(()),
            Err(Unanswered::Missing) => Err("no recording has the key of its request".to_owned()),
            Err(Unanswered::Unreadable(reason)) => Err(reason),
        };
    }
    // Other kinds have no client here: that a body is there to be given out is all that can be said.
    if recording.response().body.is_null() && recording.response().exception.is_none() {
        return Err("the recording holds no answer".to_owned());
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
fn ask(
    store: &Store,
    call: &Call,
    key: RequestKey,
    test_id: Option<&TestId>,
) -> std::result::Result<Outcome, Unanswered> {
    let file = store.find(key, test_id, false).into_iter().next().ok_or(Unanswered::Missing)?;
    let bytes = store.read(&file).map_err(Unanswered::Unreadable)?;
    let recording = Recording::parse(&bytes).map_err(|flaw| Unanswered::Unreadable(flaw.to_string()))?;
    let client = Client::new(Replay::new(|_: &Call| Some(recording.clone())));
    // A replay waits for nothing, so its future is ready at once and needs no event loop, which could open a socket.
    let outcome = client.chat(call).now_or_never();
    let outcome = outcome.unwrap_or_else(|| Err(Failure::new("the replay waits for something")));
    outcome.map_err(|failure| Unanswered::Unreadable(failure.to_string()))
}

/// Names for each missed request the recordings that come nearest: those of its test, else those of any.
fn explain(context: &Context<'_>, store: &Store, missed: &[&Case]) -> Result<Vec<Miss>> {
    let files = store.list(&context.cwd, &[])?;
    let read = |file: &RecordingFile| {
        let recording = Recording::parse(&store.read(file).ok()?).ok()?;
        recording.body()?;
        Some((file.path.clone(), recording))
    };
    let recordings: Vec<(String, Recording)> = files.par_iter().filter_map(read).collect();
    Ok(missed
        .iter()
        .map(|case| Miss {
            test_id: case.call.test_id.clone(),
            key: case.key.to_string(),
            nearest: nearest(case, &recordings),
        })
        .collect())
}

fn nearest(case: &Case, recordings: &[(String, Recording)]) -> Vec<Near> {
    let request = request_of(case.call.test_id.as_deref(), &case.call.url, &case.call.body);
    let mut near: Vec<_> = recordings
        .iter()
        .map(|(path, recording)| {
            let body = recording.body().cloned().unwrap_or_default();
            let found = request_of(recording.test_id(), recording.url().unwrap_or_default(), &body);
            let differences: Vec<Difference> = differences(&request, &found)
                .into_iter()
                .map(|difference| Difference {
                    pointer: difference.pointer,
                    expected: difference.left.map(Into::into),
                    found: difference.right.map(Into::into),
                })
                .collect();
            let other_test = recording.test_id() != case.call.test_id.as_deref();
            (other_test, differences.len(), path, differences)
        })
        .collect();
    near.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    near.into_iter().take(NEAREST).map(|(_, _, path, differences)| Near { path: path.clone(), differences }).collect()
}

/// The normalised body with what else decides the key beside it, so that one comparison shows all.
fn request_of(test_id: Option<&str>, url: &str, body: &Object) -> Value {
    let body = Value::Object(body.clone());
    let hashed = crate::recording::key::Request::Inference { test_id, method: "POST", url, body: &body }.hashed();
    let mut request = hashed.get("body").and_then(Value::as_object).cloned().unwrap_or_default();
    for name in ["endpoint", "test_id"] {
        if let Some(value) = hashed.get(name) {
            request.insert(format!("({name})"), value.clone());
        }
    }
    Value::Object(request)
}
