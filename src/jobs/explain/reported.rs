//! Requests that are known only from the error of a replay: the key, and perhaps test, model and url.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::ids::KnownIds;
use crate::evidence::misses::{self, ReportedMiss};
use crate::evidence::text_of;
use crate::jobs::cases::{self, Case, selects};
use crate::jobs::index::{self, Entry};
use crate::jobs::nearest;
use crate::miss::{Asked, NEAREST};
use crate::recording::json::Value;
use crate::recording::key::RequestKey;
use crate::recording::python::Url;
use crate::recording::test_id::TestId;
use crate::report::explain::ExplainReport;
use crate::report::{Miss, Near, RequestDifference};
use crate::store::{self, Store};

use super::key::Meant;

/// Explains the misses that the output of a run, or its JUnit report, names.
pub(crate) fn of_log(
    context: &Context<'_>,
    file: &PathBuf,
    case_files: &[PathBuf],
    url: &str,
) -> Result<ExplainReport> {
    let bytes = match file.as_os_str() == "-" {
        true => store::read_stdin()?,
        false => store::read_input(&context.cwd.join(file))?,
    };
    let store = context.store(&[])?;
    let entries = entries(context, &store)?;
    let found = misses::misses(&text_of(&bytes), &known(&entries));
    if found.is_empty() {
        let hint = "give the output of pytest, or its JUnit report; the recorder says `Recording not found for request hash: …`";
        return Err(Error::new("contains no error of a replay about a missing recording")
            .at(file.display())
            .hint(hint));
    }
    let cases = cases::read(&context.cwd, case_files, url, store.key_rules())?.good;
    let missed = explain(context, &store, &entries, &cases, &found);
    Ok(ExplainReport { missed: Some(missed), ..ExplainReport::default() })
}

/// All recordings that can be read.
pub(crate) fn entries(context: &Context<'_>, store: &Store) -> Result<Vec<Entry>> {
    let files = store.list(&context.cwd, &[])?;
    Ok(index::read(context, store, &files).into_iter().flatten().collect())
}

/// The tests of the recordings.
pub(crate) fn known(entries: &[Entry]) -> KnownIds {
    KnownIds::new(entries.iter().filter_map(Entry::test_id))
}

/// Finds for each miss the most similar recordings and a cause. A case with its key has the request, and then every
/// difference is known.
pub(crate) fn explain(
    context: &Context<'_>,
    store: &Store,
    entries: &[Entry],
    cases: &[Case],
    misses: &[ReportedMiss],
) -> Vec<Miss> {
    misses.iter().map(|miss| explain_miss(context, store, entries, cases, miss)).collect()
}

fn explain_miss(context: &Context<'_>, store: &Store, entries: &[Entry], cases: &[Case], miss: &ReportedMiss) -> Miss {
    let key = RequestKey::parse(&miss.key);
    let test_id = miss.test_id.as_deref().map(|id| recorded_spelling(entries, id));
    if let Some(case) = cases.iter().find(|case| Some(case.key) == key) {
        return of_case(context, store, entries, case);
    }
    let place = test_id.and_then(|id| TestId::parse(id).ok());
    let looked_up = key.map_or(vec![], |key| store.looked_up(key, place.as_ref(), false));
    let mut nearest = test_id.map_or(vec![], |id| of_test(entries, id, store, miss));
    let count = nearest.len();
    nearest.truncate(NEAREST);
    let cause = cause(store, entries, test_id, count, miss);
    Miss { test_id: test_id.map(str::to_owned), key: miss.key.clone(), looked_up, nearest, cause: Some(cause) }
}

/// What is known of the request of a case, as `explain` says it.
fn of_case(context: &Context<'_>, store: &Store, entries: &[Entry], case: &Case) -> Miss {
    let body = Value::Object(case.call.body.clone());
    let asked = Asked::of(&case.call.key_request(&body), case.call.test_id.as_deref(), store.key_rules());
    let missing = nearest::explain_among(context, store, entries, &[asked]).pop();
    let (nearest, cause) = missing.map_or((vec![], None), |missing| (missing.nearest, missing.cause));
    let again = format!("{} has this request: `bedrock-fixtures record --cases` records it", case.source);
    Miss {
        test_id: case.call.test_id.clone(),
        key: case.key.to_string(),
        looked_up: store.looked_up(case.key, case.test_id.as_ref(), false),
        nearest,
        cause: Some(cause.map_or(again.clone(), |cause| format!("{cause}; {again}"))),
    }
}

/// An id as the recordings have it: a run from another folder prints it without the first folders.
fn recorded_spelling<'a>(entries: &'a [Entry], id: &'a str) -> &'a str {
    let ids = || entries.iter().filter_map(Entry::test_id);
    let longer = |recorded: &&str| recorded.strip_suffix(id).is_some_and(|before| before.ends_with('/'));
    if ids().any(|recorded| recorded == id) { id } else { ids().find(longer).unwrap_or(id) }
}

/// The recordings of a test that the request could mean, the most likely first: those of the same url and model. A list
/// of models is never similar to another request.
pub(crate) fn of_test(entries: &[Entry], test: &str, store: &Store, miss: &ReportedMiss) -> Vec<Near> {
    let asks_list = miss.request.as_ref().is_some_and(|(_, url)| store.key_rules().may_be_list(&Url::parse(url).path));
    let is_of_test = |entry: &&Entry| entry.test_id().is_some_and(|test_id| test_id == test || selects(test, test_id));
    let of_test = entries.iter().filter(is_of_test).filter(|entry| entry.is_list() == asks_list);
    let mut near: Vec<Near> = of_test.map(|entry| near(entry, miss)).collect();
    near.sort_by_key(|near| near.differences.len());
    near
}

fn near(entry: &Entry, miss: &ReportedMiss) -> Near {
    let difference = |pointer: &str, asked: &str, recorded: Option<&str>| {
        (Some(asked) != recorded).then(|| RequestDifference {
            pointer: pointer.to_owned(),
            expected: Some(asked.into()),
            found: recorded.map(Into::into),
        })
    };
    let outline = entry.outline();
    let model = outline.body().and_then(|body| body.get("model")?.as_str());
    let of_model = miss.model.as_deref().and_then(|asked| difference("/model", asked, model));
    let of_url = miss.request.as_ref().and_then(|(_, asked)| difference("(url)", asked, outline.url()));
    Near { path: entry.file.path.clone(), differences: of_model.into_iter().chain(of_url).collect() }
}

fn cause(store: &Store, entries: &[Entry], test_id: Option<&str>, count: usize, miss: &ReportedMiss) -> String {
    let meant = Meant::parse(&miss.key);
    let older = meant.as_ref().and_then(|meant| meant.older(entries, store.key_rules()));
    let now = || {
        let entry = entries.iter().find(|entry| entry.key().to_string().starts_with(&miss.key))?;
        let place = nearest::out_of_reach(store, entry);
        Some(place.unwrap_or_else(|| {
            format!("{} has this key now, or another test looks in another folder", entry.file.path)
        }))
    };
    older.or_else(now).unwrap_or_else(|| missing_cause(test_id.is_some(), count))
}

/// What can be said of a key that nothing in the store has.
pub(crate) fn missing_cause(has_test: bool, count: usize) -> String {
    const GIVE: &str = "give the request to see the differences: --cases FILE with the case is enough";
    match (has_test, count) {
        (false, _) => {
            "no recording has this name or this key, and a key alone does not show the request; name the test with \
             --test, or give the request: --cases FILE with the case is enough"
                .to_owned()
        }
        (true, 0) => "the test has no recordings".to_owned(),
        (true, 1) => format!("the test has 1 recording with another key, so the request changed or is new; {GIVE}"),
        (true, count) => {
            format!("the test has {count} recordings with other keys, so the request changed or is new; {GIVE}")
        }
    }
}
