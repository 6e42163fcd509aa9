//! What to ask: requests from case files, and which of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::client::bedrock::endpoint::{Endpoint, Host};
use crate::client::call::Call;
use crate::error::{Error, Result};
use crate::recording::json::Value;
use crate::recording::key::RequestKey;
use crate::recording::recorder::KeyRules;
use crate::recording::sight::without_mark;
use crate::recording::test_id::TestId;
use crate::store::{self, Store};

use super::slot::Slot;

/// The cases that `record --sandbox` asks when none are given: those of the shipped `recordings/`.
pub const BUILT_IN: &str = include_str!("../../recordings/cases.jsonl");

/// The status that the built-in cases expect of one of them: a test may be about an error.
pub const BUILT_IN_ALLOWS: u16 = 400;

/// A request to record.
#[derive(Clone, Debug)]
pub struct Case {
    /// What to ask.
    pub call: Call,
    /// The test that asks, checked.
    pub test_id: Option<TestId>,
    /// The key of the request.
    pub key: RequestKey,
    /// Where it is from, for messages: `cases.jsonl:3`, or the path of a recording.
    pub source: String,
    /// What decided its url.
    pub url_from: UrlFrom,
    slot: OnceLock<Arc<Slot>>,
}

/// What decided the url of a case, and so its region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFrom {
    /// Flags, the environment, or the default.
    Options,
    /// The case itself.
    Case,
    /// The recording whose request it is.
    Recording,
}

impl UrlFrom {
    /// What decided it, in words; `default` is where the region of the options is from.
    pub fn name(self, default: &str) -> &str {
        match self {
            UrlFrom::Options => default,
            UrlFrom::Case => "the cases",
            UrlFrom::Recording => "the recordings",
        }
    }
}

impl Case {
    pub(crate) fn new(call: Call, source: String, url_from: UrlFrom, rules: KeyRules) -> Result<Self> {
        let hint = "see `bedrock-fixtures record --help`";
        let test_id = call.test_id.as_deref().map(TestId::parse).transpose();
        let test_id = test_id.map_err(|why| Error::new(why.to_string()).at(&source).hint("give a pytest node id"))?;
        if let Some(problem) = call.problem() {
            return Err(Error::new(problem).at(source).hint(hint));
        }
        let body = Value::Object(call.body.clone());
        let key = call.key_request(&body).key(rules);
        Ok(Case { call, test_id, key, source, url_from, slot: OnceLock::new() })
    }

    /// The place of its recording and the content at the first call.
    pub(crate) fn slot(&self, store: &Store) -> &Slot {
        self.slot.get_or_init(|| Arc::new(Slot::find(store, self.key, self.test_id.as_ref())))
    }
}

/// A line of a case file that is not a case.
#[derive(Clone, Debug)]
pub struct BadCase {
    /// Where it is: `cases.jsonl:3`.
    pub source: String,
    /// The test that it names, if it names one.
    pub test_id: Option<String>,
    /// What is wrong with it, and what to do.
    pub error: Error,
}

/// The lines of case files.
#[derive(Clone, Debug, Default)]
pub struct Cases {
    /// Those that can be asked.
    pub good: Vec<Case>,
    /// Those that cannot.
    pub bad: Vec<BadCase>,
}

impl Cases {
    /// All cases, for a caller that accepts no bad one.
    ///
    /// # Errors
    ///
    /// When one is bad: the first.
    pub fn all(self) -> Result<Vec<Case>> {
        self.bad.into_iter().next().map_or(Ok(self.good), |bad| Err(bad.error))
    }
}

/// Reads the lines of a case file: `{"test_id": …, "body": {…}}`, and optionally `url`. A bad line does not hide the others.
///
/// # Errors
///
/// When no line holds anything.
pub fn parse(name: &str, bytes: &[u8], default_url: &str, rules: KeyRules) -> Result<Cases> {
    let mut cases = Cases::default();
    add(&mut cases, &mut HashMap::new(), name, bytes, default_url, rules)?;
    Ok(cases)
}

/// Adds the cases of one file; `seen` has the place of each key.
fn add(
    cases: &mut Cases,
    seen: &mut HashMap<RequestKey, String>,
    name: &str,
    bytes: &[u8],
    default_url: &str,
    rules: KeyRules,
) -> Result<()> {
    let mut is_empty = true;
    for (index, line) in without_mark(bytes).split(|byte| *byte == b'\n').enumerate() {
        let source = format!("{name}:{}", index + 1);
        if line.trim_ascii().is_empty() {
            continue;
        }
        is_empty = false;
        let first = |case: &Case| seen.get(&case.key).cloned();
        let parsed = parse_line(line, default_url, source.clone(), rules).and_then(|case| match first(&case) {
            Some(first) => Err(Error::new(format!("the same request as {first}"))
                .at(&case.source)
                .hint("remove one of them: both have the same key, so the same recording")),
            None => Ok(case),
        });
        match parsed {
            Ok(case) => {
                seen.insert(case.key, source);
                cases.good.push(case);
            }
            Err(error) => cases.bad.push(BadCase { source, test_id: test_id_in(line), error }),
        }
    }
    if is_empty {
        return Err(Error::new("contains no case")
            .at(name)
            .hint("write one JSON object a line: {\"test_id\": …, \"body\": {…}}"));
    }
    Ok(())
}

/// The test id of a line whose case is bad.
fn test_id_in(line: &[u8]) -> Option<String> {
    Some(Value::parse(line).ok()?.get("test_id")?.as_str()?.to_owned())
}

fn parse_line(line: &[u8], default_url: &str, source: String, rules: KeyRules) -> Result<Case> {
    let shape = "write {\"test_id\": …, \"body\": {…}}";
    let bad = |what: String| Error::new(what).at(&source).hint(shape);
    let json = Value::parse(line).map_err(|error| bad(format!("not JSON: {error}")))?;
    let object = json.as_object().ok_or_else(|| bad("the case is not a JSON object".to_owned()))?;
    if let Some((name, _)) = object.iter().find(|(name, _)| !matches!(*name, "comment" | "test_id" | "body" | "url")) {
        return Err(bad(format!("a case has no field {name:?}")));
    }
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad(format!("{name} is not a string"))),
    };
    let body = match object.get("body") {
        Some(Value::Object(body)) => body.clone(),
        Some(_) => return Err(bad("body is not an object".to_owned())),
        None => return Err(bad("the case has no body".to_owned())),
    };
    let url = text("url")?;
    let url_from = if url.is_some() { UrlFrom::Case } else { UrlFrom::Options };
    let call = Call { test_id: text("test_id")?, url: url.unwrap_or_else(|| default_url.to_owned()), body };
    Case::new(call, source, url_from, rules)
}

/// Reads the given case files; `-` is standard input. A request may occur only once in all of them.
pub fn read(cwd: &Path, files: &[PathBuf], default_url: &str, rules: KeyRules) -> Result<Cases> {
    let mut cases = Cases::default();
    let mut seen = HashMap::new();
    for file in files {
        let (name, bytes) = if file.as_os_str() == "-" {
            ("standard input".to_owned(), store::read_stdin()?)
        } else {
            (file.display().to_string(), store::read_input(&cwd.join(file))?)
        };
        add(&mut cases, &mut seen, &name, &bytes, default_url, rules)?;
    }
    Ok(cases)
}

/// The regions that get requests, and what decided each, in one line.
pub fn regions(cases: &[Case], default: (&Endpoint, &str)) -> String {
    let mut places: Vec<String> = Vec::new();
    for case in cases {
        let source = case.url_from.name(default.1);
        let place = Endpoint::of_recorded_url(&case.call.url).map(|endpoint| region(&endpoint, source));
        places.extend(place.filter(|place| !places.contains(place)));
    }
    match places.as_slice() {
        [] if cases.is_empty() => format!("region {}", region(default.0, default.1)),
        [] => "no region: the cases name urls that are not Bedrock's".to_owned(),
        [only] => format!("region {only}"),
        several => format!("regions {}", several.join(", ")),
    }
}

fn region(endpoint: &Endpoint, source: &str) -> String {
    let host = if endpoint.host == Host::Mantle { " on bedrock-mantle" } else { "" };
    format!("{}{host} (from {source})", endpoint.region)
}

/// Each request once: the first of those with one key.
pub fn once(cases: &mut Vec<Case>) {
    let mut seen = std::collections::HashSet::new();
    cases.retain(|case| seen.insert(case.key));
}

/// Whether a test id matches a `--test` pattern. With a `*`, which matches anything, the whole id must match; otherwise
/// a part. Brackets and question marks are common in test ids and are not special.
pub fn selects(pattern: &str, test_id: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return test_id.contains(pattern) };
    let Some(mut rest) = test_id.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    middle.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, test_id, selected) in [
            ("streaming", "a.py::test_streaming[x]", true),
            ("[x]", "a.py::test_streaming[x]", true),
            ("a.py::*", "a.py::test", true),
            ("*::test_*[x]", "a.py::test_b[x]", true),
            ("*b*", "a", false),
            ("a*a", "a", false),
            ("test", "a.py::t", false),
        ] {
            assert_eq!(selects(pattern, test_id), selected, "{pattern} {test_id}");
        }
    }
}
