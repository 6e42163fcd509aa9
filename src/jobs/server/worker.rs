//! The one place that looks requests up and counts: handlers send it jobs and wait for what comes back.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use tokio::time::Instant;

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::client::call::Call;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::jobs::cases::{Case, UrlFrom};
use crate::jobs::nearest;
use crate::jobs::recorder::keep;
use crate::miss::Asked;
use crate::recording::Recording;
use crate::recording::json::{Object, Value};
use crate::recording::key::Request;
use crate::recording::test_id::TestId;
use crate::report::serve::{ServeReport, ServedMiss, ServedRecord};
use crate::report::{Miss, RecordResult, Status};
use crate::store::{RecordingFile, Store};

use super::answer::Served;
use super::catalog::{Catalog, Match};
use super::counts::Counts;
use super::job::{Answered, HeldCall, Job};
use super::lists;
use super::message::{NATIVE, message, miss_without_key};
use super::options::{ServeMode, ServeOptions};
use super::repeats::{Hit, Repeats};
use super::wire::{WireRequest, is_native};

pub(super) struct Worker<'a> {
    context: &'a Context<'a>,
    store: &'a Store,
    options: &'a ServeOptions,
    endpoint: Endpoint,
    catalog: Catalog,
    /// When the catalog was read last.
    refreshed: Instant,
    /// The test of requests that do not name one.
    current: Option<String>,
    counts: Counts,
    /// Recordings that were made in this run: an equal call is not asked twice.
    made: BTreeSet<String>,
    /// Equal calls that came while one was asked upstream, by its key.
    waiting: HashMap<String, Vec<HeldCall>>,
    /// Said once.
    has_noted: bool,
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        store: &'a Store,
        options: &'a ServeOptions,
        repeats: Arc<Repeats>,
    ) -> Result<Self> {
        let (region, _) = context.environment.region(options.record.region.as_deref())?;
        let host = if options.record.mantle { Host::Mantle } else { Host::Runtime };
        let mut catalog = Catalog::new(store.clone());
        catalog.refresh(context)?;
        Ok(Worker {
            context,
            store,
            options,
            endpoint: Endpoint::public(host, region),
            catalog,
            refreshed: Instant::now(),
            current: options.test_id.clone(),
            counts: Counts::new(options.mode, repeats),
            made: BTreeSet::new(),
            waiting: HashMap::new(),
            has_noted: false,
        })
    }

    /// Works until it is told to end.
    pub(super) fn work(mut self, jobs: &Receiver<Job>) -> ServeReport {
        // A client that went away does not wait for its answer.
        for job in jobs {
            match job {
                Job::Ask(mut call) => {
                    call.test_id = call.test_id.or_else(|| self.current.clone());
                    self.answer(call);
                }
                Job::Kept { result, request, path, reply } => {
                    let waiting = self.waiting.remove(&result.key).unwrap_or_default();
                    let _ = reply.send(self.kept(result, &request, &path));
                    // If nothing was stored, the next request goes upstream.
                    waiting.into_iter().for_each(|asking| self.answer(asking));
                }
                Job::SetTest { test_id, reply } => {
                    let before = std::mem::replace(&mut self.current, test_id);
                    let _ = reply.send(self.receipt(before.as_deref()));
                }
                Job::Live { test_id } => self.counts.of(test_id).live += 1,
                Job::Passed { test_id } => self.counts.pass(test_id),
                Job::Receipt { test_id, reply } => drop(reply.send(self.receipt(test_id.as_deref()))),
                Job::End => break,
            }
        }
        self.refresh(Instant::now());
        let report = self.receipt(None);
        let never_read = self.catalog.paths().filter(|path| !report.read.contains(*path)).map(str::to_owned).collect();
        ServeReport { never_read, ..report }
    }

    fn receipt(&self, of: Option<&str>) -> ServeReport {
        self.counts.receipt(of, self.catalog.paths())
    }

    /// Answers, or lets a call wait for an equal one that is being asked.
    fn answer(&mut self, asking: HeldCall) {
        let answered = self.ask(&asking);
        // A request whose answer is not stored goes upstream each time.
        if let Answered::Upstream(case) = &answered
            && self.options.mode != ServeMode::Live
        {
            match self.waiting.entry(case.key.to_string()) {
                Entry::Occupied(mut others) => return others.get_mut().push(asking),
                Entry::Vacant(first) => drop(first.insert(vec![])),
            }
        }
        let _ = asking.reply.send(answered);
    }

    /// Reads the store, unless it was read after the request came: of many requests at once only the first reads it.
    fn refresh(&mut self, arrived: Instant) {
        if self.refreshed > arrived {
            return;
        }
        self.refreshed = Instant::now();
        if let Err(error) = self.catalog.refresh(self.context) {
            self.context.progress.note(&format!("warning: {error}"));
        }
    }

    fn ask(&mut self, HeldCall { request, path, test_id, arrived, .. }: &HeldCall) -> Answered {
        let (test_id, arrived) = (test_id.clone(), *arrived);
        if let Some(why) = test_id.as_deref().and_then(|id| TestId::parse(id).err()) {
            let served = Served::error(400, "invalid_test_id", &format!("{why}; give a pytest node id"));
            return Answered::Now { served, hit: None };
        }
        if is_native(path) {
            return self.native(request, path, test_id);
        }
        if request.is_model_list(self.store.key_rules()) {
            self.refresh(arrived);
            return self.list(request, path, test_id);
        }
        let mut found = self.catalog.find(request, test_id.as_deref());
        let is_stale = match &found {
            // Whether it is the only one depends on all the others.
            Match::One(row) => test_id.is_none() || !self.catalog.is_fresh(row),
            _ => true,
        };
        if is_stale {
            // A recording may have been added or changed since.
            self.refresh(arrived);
            found = self.catalog.find(request, test_id.as_deref());
        }
        match found {
            Match::One(row)
                if matches!(self.options.mode, ServeMode::Replay | ServeMode::Missing)
                    || self.made.contains(&row.file.path) =>
            {
                if test_id.is_none() && row.test_id.is_some() && !self.has_noted {
                    self.has_noted = true;
                    self.context.progress.note(
                        "a request named no test; the only recording of this request answered it. Name tests with the \
                         header x-test-id",
                    );
                }
                self.hit(&row.file, &request.method, path, test_id)
            }
            Match::Several(rows) if self.options.mode == ServeMode::Replay => {
                let mut tests: Vec<&str> = rows.iter().filter_map(|row| row.test_id.as_deref()).take(3).collect();
                if tests.len() < rows.len() {
                    tests.push("…");
                }
                let why = format!(
                    "{} recordings of different tests have this request ({}); name the test with the header x-test-id",
                    rows.len(),
                    tests.join(", ")
                );
                self.miss(request, path, test_id, Some(why))
            }
            _ => match self.unread(request, path, test_id.clone()) {
                Some(file) => self.hit(&file, &request.method, path, test_id),
                None if self.options.mode != ServeMode::Replay => self.upstream(request, path, test_id),
                None => self.miss(request, path, test_id, None),
            },
        }
    }

    /// The recording of a request, if it is there and cannot be read: it is not absent, and is not asked for again.
    fn unread(&self, request: &WireRequest, path: &str, test_id: Option<String>) -> Option<RecordingFile> {
        if !matches!(self.options.mode, ServeMode::Replay | ServeMode::Missing)
            || request.operation != "chat/completions"
        {
            return None;
        }
        let call = self.call(request, test_id);
        let case = Case::new(call, path.to_owned(), UrlFrom::Options, self.store.key_rules()).ok()?;
        let slot = case.slot(self.store);
        slot.unread().map(|_| slot.file.clone())
    }

    /// Answers from a file.
    fn hit(&mut self, file: &RecordingFile, method: &str, path: &str, test_id: Option<String>) -> Answered {
        // Before the file is read, so that a later write is noticed.
        let time = self.store.modified(file);
        let read = self.store.read(file).and_then(|bytes| Recording::parse(&bytes).map_err(|flaw| flaw.to_string()));
        match read.and_then(|recording| Served::of(&recording)) {
            Ok(served) => {
                self.counts.of(test_id).hit(std::slice::from_ref(file));
                Answered::Now { served, hit: Some(Hit { file: file.clone(), time }) }
            }
            Err(why) => {
                let message = format!("{}: {why}; `bedrock-fixtures verify` says more", file.path);
                self.context.progress.note(&format!("miss: {message}"));
                self.counts.of(test_id.clone()).misses.push(miss_without_key(method, path, test_id, &message));
                Answered::Now { served: Served::error(500, "recording_unusable", &message), hit: None }
            }
        }
    }

    fn list(&mut self, request: &WireRequest, path: &str, test_id: Option<String>) -> Answered {
        let files = match lists::find(self.store, self.catalog.lists(), request, test_id.as_deref()) {
            Ok(files) => files,
            Err(why) => return self.miss(request, path, test_id, Some(why)),
        };
        let served = lists::merged(self.store, &files, request);
        self.counts.of(test_id).hit(&files);
        Answered::Now { served, hit: files.into_iter().next().map(|file| Hit { file, time: None }) }
    }

    /// A call of AWS's own SDKs; this tool does not record such calls.
    fn native(&mut self, request: &WireRequest, path: &str, test_id: Option<String>) -> Answered {
        self.context.progress.note(&format!("miss: {} {path}: {NATIVE}", request.method));
        let miss = miss_without_key(&request.method, path, test_id.clone(), NATIVE);
        self.counts.of(test_id).misses.push(miss);
        Answered::Now { served: Served::aws_error(404, "ResourceNotFoundException", NATIVE), hit: None }
    }

    /// The call that the recorder would make for it.
    fn call(&self, request: &WireRequest, test_id: Option<String>) -> Call {
        let mut body = request.body.clone();
        if !request.query.is_empty() {
            let pairs = request.query.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str())));
            body.insert("extra_query", Value::Object(pairs.collect()));
        }
        Call { test_id, url: self.endpoint.recorded_url(), body }
    }

    fn upstream(&mut self, request: &WireRequest, path: &str, test_id: Option<String>) -> Answered {
        if request.operation != "chat/completions" {
            let why = format!("only chat completions are recorded, not {}", request.operation);
            return self.miss(request, path, test_id, Some(why));
        }
        if !request.has_plain_query() {
            let why = "lists and objects in the query are not recorded: the server cannot know how the client was \
                       given them";
            return Answered::Now { served: Served::error(400, "cannot_be_recorded", why), hit: None };
        }
        let call = self.call(request, test_id);
        match Case::new(call, path.to_owned(), UrlFrom::Options, self.store.key_rules()) {
            Ok(case) => match self.hindrance(&case) {
                Some(why) => {
                    let refused = keep::result(self.store, &case, Status::Refused, Some(why.to_string()));
                    self.kept(refused, request, path)
                }
                None => Answered::Upstream(Arc::new(case)),
            },
            Err(error) => {
                Answered::Now { served: Served::error(400, "cannot_be_recorded", &error.to_string()), hit: None }
            }
        }
    }

    /// Why the answer of a request could not be stored, if it is to be.
    fn hindrance(&self, case: &Case) -> Option<Error> {
        Some(case.slot(self.store)).filter(|_| self.options.mode != ServeMode::Live)?.hindrance(self.store)
    }

    /// Answers a request that was asked upstream, from what was stored.
    fn kept(&mut self, result: RecordResult, request: &WireRequest, path: &str) -> Answered {
        let test_id = result.test_id.clone();
        let record = ServedRecord {
            test_id: test_id.clone(),
            key: result.key.clone(),
            path: result.path.clone(),
            status: result.status,
            reason: result.reason.clone(),
        };
        self.counts.of(test_id.clone()).recorded.push(record);
        if result.status == Status::Refused {
            let why = result.reason.unwrap_or_default();
            self.context.progress.note(&format!("not recorded: {} {path}: {why}", request.method));
            return Answered::Now { served: Served::error(502, "upstream_failed", &why), hit: None };
        }
        self.made.insert(result.path.clone());
        self.refresh(Instant::now());
        let file = RecordingFile { path: result.path };
        let answered = self.hit(&file, &request.method, path, test_id.clone());
        // It was asked, not replayed.
        self.counts.of(test_id).hits -= usize::from(matches!(answered, Answered::Now { hit: Some(_), .. }));
        answered
    }

    fn miss(&mut self, request: &WireRequest, path: &str, test_id: Option<String>, why: Option<String>) -> Answered {
        let call = self.call(request, test_id.clone());
        let body = Value::Object(call.body.clone());
        let is_list = request.is_model_list(self.store.key_rules());
        let url = match request.operation.as_str() {
            "chat/completions" => call.url.clone(),
            operation => format!("{}{}/v1/{operation}", self.endpoint.origin(), request.base),
        };
        // What a recorder hashes for every call of an SDK.
        let key_request = Request::Inference { test_id: test_id.as_deref(), method: "POST", url: &url, body: &body };
        let key = key_request.key(self.store.key_rules());
        let asked = Asked::of(&key_request, test_id.as_deref(), self.store.key_rules());
        let missing = nearest::explain(self.context, self.store, &[asked]).ok().and_then(|mut all| all.pop());
        let (nearest, cause) = missing.map_or((vec![], None), |missing| (missing.nearest, missing.cause));
        let parsed = test_id.as_deref().and_then(|id| TestId::parse(id).ok());
        let looked_up = self.store.looked_up(key, parsed.as_ref(), is_list);
        let miss = Miss { test_id: test_id.clone(), key: key.to_string(), looked_up, nearest, cause: why.or(cause) };
        let message = message(&miss, &request.method, path);
        self.context.progress.note(&format!("miss: {message}"));
        let served = Served::error(404, "recording_not_found", &message);
        let miss = ServedMiss { miss, method: request.method.clone(), path: path.to_owned(), message };
        self.counts.of(test_id).misses.push(miss);
        Answered::Now { served, hit: None }
    }
}

/// The body of a request, if it is a JSON object.
pub(super) fn body_of(bytes: &[u8]) -> std::result::Result<Object, String> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Object::default());
    }
    match Value::parse(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err("the body is not a JSON object".to_owned()),
        Err(error) => Err(format!("the body is not JSON: {error}")),
    }
}
