//! What to record again: the requests of existing recordings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::client::bedrock::endpoint::Endpoint;
use crate::client::call::Call;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::files::no_recordings;
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::{Kind, Recording};
use crate::report::{RecordResult, Skip, Status, Unreadable};
use crate::store::{RecordingFile, Store};

use crate::jobs::cases::{Case, UrlFrom};

/// What the given paths hold.
#[derive(Default)]
pub(crate) struct Again {
    /// Requests that can be asked.
    pub(crate) cases: Vec<Case>,
    /// Recordings whose requests cannot.
    pub(crate) skipped: Vec<RecordResult>,
    /// Files without a key, so without a result.
    pub(crate) unreadable: Vec<Unreadable>,
}

/// Reads the given recordings. A path without recordings is an error, and so is a named file that is not a recording.
pub(crate) fn read(context: &Context<'_>, store: &Store, paths: &[PathBuf]) -> Result<Again> {
    let mut files: BTreeMap<RecordingFile, bool> = BTreeMap::new();
    for path in paths {
        let path = std::slice::from_ref(path);
        let found = store.list(&context.cwd, path)?;
        if found.is_empty() {
            return Err(no_recordings(store, path));
        }
        let named = store.relative(&context.cwd, &path[0])?;
        for file in found {
            let is_named = file.path == named;
            *files.entry(file).or_default() |= is_named;
        }
    }
    let mut again = Again::default();
    for (file, named) in files {
        let read = store.read(&file);
        let is_unread = read.is_err();
        let parsed = read.and_then(|bytes| Recording::parse(&bytes).map_err(|flaw| flaw.to_string()));
        match parsed {
            Ok(recording) => again.add(file, &recording, named, store.key_rules()),
            Err(reason) if named => return Err(unreadable(&file.path, &reason)),
            Err(reason) => match FileName::parse(file.stem()).key() {
                Some(key) => {
                    // A file that is there to be read and cannot be is no file of others.
                    let skip = if is_unread && store.may_be_file(&file) { Skip::Impossible } else { Skip::Left };
                    again.skipped.push(skipped(file.path, None, key.to_string(), skip, reason));
                }
                None => again.unreadable.push(Unreadable { path: file.path, reason }),
            },
        }
    }
    match again.unreadable.first() {
        Some(first) if again.cases.is_empty() && again.skipped.is_empty() => {
            Err(unreadable(&first.path, &first.reason))
        }
        _ => Ok(again),
    }
}

fn unreadable(path: &str, reason: &str) -> Error {
    Error::new(format!("cannot be recorded again: {reason}"))
        .at(path)
        .hint("give paths of recordings, or requests with --cases")
}

fn skipped(path: String, test_id: Option<&str>, key: String, skip: Skip, reason: String) -> RecordResult {
    let test_id = test_id.map(str::to_owned);
    RecordResult { test_id, key, path, status: Status::Skipped, reason: Some(reason), skip: Some(skip) }
}

impl Again {
    fn add(&mut self, file: RecordingFile, recording: &Recording, named: bool, rules: KeyRules) {
        let url = recording.url().unwrap_or_default();
        let is_bedrock = recording.kind() == Kind::Inference && Endpoint::of_recorded_url(url).is_some();
        let case = if is_bedrock {
            let body = recording.body().cloned().unwrap_or_default();
            let call = Call { test_id: recording.test_id().map(str::to_owned), url: url.to_owned(), body };
            Case::new(call, file.path.clone(), UrlFrom::Recording, rules).map_err(|error| error.to_string())
        } else {
            Err("not a chat completion of Bedrock".to_owned())
        };
        match case {
            Ok(case) => self.cases.push(case),
            Err(reason) => {
                let skip = if named || is_bedrock { Skip::Impossible } else { Skip::Foreign };
                let key = recording.key(rules).to_string();
                self.skipped.push(skipped(file.path, recording.test_id(), key, skip, reason));
            }
        }
    }
}
