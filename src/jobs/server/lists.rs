//! Lists of models: which ones answer a request, and the one list that the recorder makes of them.

use std::collections::BTreeMap;

use crate::client::bedrock::endpoint::Endpoint;
use crate::recording::Recording;
use crate::recording::json::{Object, Value};
use crate::recording::key::{Request, RequestKey};
use crate::recording::python::Url;
use crate::recording::test_id::TestId;
use crate::store::{RecordingFile, Store};

use super::answer::{Served, data_of};
use super::wire::WireRequest;

/// The files that a recorder merges.
struct Group {
    base: String,
    is_bedrock: bool,
    files: Vec<RecordingFile>,
}

/// The lists that the recorder would merge for a test whose client has the base url of the request: all of one key, in
/// the folder of the test and the common one. Or why it cannot be said which ones.
pub(super) fn find(
    store: &Store,
    lists: Vec<RecordingFile>,
    request: &WireRequest,
    test_id: Option<&str>,
) -> Result<Vec<RecordingFile>, String> {
    if lists.is_empty() {
        return Err("the store holds no list of models".to_owned());
    }
    let rules = store.key_rules();
    let test = test_id.and_then(|id| TestId::parse(id).ok());
    let mut groups: BTreeMap<(RequestKey, String), Group> = BTreeMap::new();
    for file in lists {
        let Some(recording) = read(store, &file) else { continue };
        let Some((wire, _)) = WireRequest::of_recording(&recording) else { continue };
        let Request::Inference { method, url, body, .. } = recording.request() else { continue };
        if wire.key(false, rules) != request.key(false, rules) {
            continue;
        }
        let key = Request::Inference { test_id, method, url, body }.key(rules);
        let found = store.find(key, test.as_ref(), true).map_err(|error| error.to_string())?;
        let (id, files) = match (found.is_empty(), test_id) {
            (false, _) => ((key, String::new()), found),
            (true, Some(_)) => continue,
            // A request without a test gets what only one test could get.
            (true, None) => ((recording.key(rules), file.folder().to_owned()), vec![file]),
        };
        let is_bedrock = Endpoint::of_host(&Url::parse(url).netloc).is_some();
        let group = groups.entry(id).or_insert(Group { base: wire.base, is_bedrock, files: vec![] });
        group.is_bedrock |= is_bedrock;
        files.into_iter().filter(|file| !group.files.contains(file)).collect::<Vec<_>>().into_iter().for_each(|file| {
            group.files.push(file);
        });
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    // The server stands for Bedrock, unless the base url is that of another endpoint.
    let wanted: [&dyn Fn(&Group) -> bool; 2] = [&|group| group.base == request.base, &|group| group.is_bedrock];
    for is_wanted in wanted {
        if groups.iter().any(is_wanted) {
            groups.retain(is_wanted);
        }
    }
    match groups.as_mut_slice() {
        [] => Err("the lists of models in the store were recorded by other tests or with a query".to_owned()),
        [group] => Ok(std::mem::take(&mut group.files)),
        _ => {
            let mut bases: Vec<&str> = groups.iter().map(|group| group.base.as_str()).collect();
            bases.sort_unstable();
            bases.dedup();
            Err(match bases.as_slice() {
                [_] => {
                    "different tests have recorded lists of models; name the test with the header x-test-id".to_owned()
                }
                _ => format!(
                    "lists of several endpoints are recorded; give the client the path of one as its base url: {}",
                    bases.join(", ")
                ),
            })
        }
    }
}

fn read(store: &Store, file: &RecordingFile) -> Option<Recording> {
    Recording::parse(&store.read(file).ok()?).ok()
}

/// One list: each model once, sorted by its id. Of two with the same id the later one counts.
pub(super) fn merged(store: &Store, files: &[RecordingFile], request: &WireRequest) -> Served {
    let is_ollama = request.operation == "api/tags";
    let (items, id) = if is_ollama { ("models", "model") } else { ("data", "id") };
    let mut models = BTreeMap::new();
    for recording in files.iter().filter_map(|file| read(store, file)) {
        let body = data_of(recording.response().body);
        let list = body.get(items).unwrap_or(&body);
        for model in list.as_array().unwrap_or_default().iter().map(data_of) {
            if let Some(id) = model.get(id).and_then(Value::as_str).map(str::to_owned) {
                models.insert(id, model);
            }
        }
    }
    let mut body = Object::default();
    if !is_ollama {
        body.insert("object", Value::from("list"));
    }
    body.insert(items, Value::Array(models.into_values().collect()));
    Served::json(200, &Value::Object(body))
}
