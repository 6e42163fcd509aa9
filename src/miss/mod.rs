//! Why a request has no recording: which recordings come nearest, where they differ, and what that says. Pure.

pub mod cause;
mod test_ids;

use std::collections::HashMap;

use crate::recording::Recording;
use crate::recording::difference::differences;
use crate::recording::json::{Object, Value};
use crate::recording::key::{Request, RequestKey};
use crate::recording::recorder::KeyRules;
use crate::report::{Near, RequestDifference};

/// How many near recordings a miss names.
pub const NEAREST: usize = 3;

/// A request prepared for comparison: normalised once for all comparisons.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The test that makes it.
    pub test_id: Option<String>,
    /// Its key.
    pub key: RequestKey,
    /// The url; its host may matter.
    pub url: String,
    compared: Value,
}

/// A recording and its request.
#[derive(Clone, Debug)]
pub struct KnownRecording {
    /// Where it is, relative to the root.
    pub path: String,
    /// What it answers.
    pub request: Asked,
}

impl Asked {
    /// Takes a request. `test_id` is that of its test, also where it is not part of the key.
    pub fn of(request: &Request<'_>, test_id: Option<&str>, rules: KeyRules) -> Self {
        let url = match request {
            Request::Inference { url, .. } | Request::Payload { url, .. } => url,
            Request::Tool { .. } => "",
        };
        Asked {
            test_id: test_id.map(str::to_owned),
            key: request.key(rules),
            url: url.to_owned(),
            compared: Value::Object(compared(request, rules)),
        }
    }
}

impl KnownRecording {
    /// Takes a recording; its answer does not matter.
    pub fn of(path: &str, recording: &Recording, rules: KeyRules) -> Self {
        KnownRecording { path: path.to_owned(), request: Asked::of(&recording.request(), recording.test_id(), rules) }
    }
}

/// The hashed parts in a form that one comparison covers: the members of the body, and in brackets the other parts of
/// the key.
fn compared(request: &Request<'_>, rules: KeyRules) -> Object {
    let mut hashed = request.hashed(rules);
    let main = match request {
        Request::Inference { .. } => "body",
        Request::Payload { .. } => "payload",
        Request::Tool { .. } => "kwargs",
    };
    let mut compared = match hashed.remove(main) {
        Some(Value::Object(body)) => body,
        Some(other) => Object::from_iter([(format!("({main})"), other)]),
        None => Object::new(),
    };
    for (name, value) in hashed.iter() {
        compared.insert(format!("({name})"), value.clone());
    }
    compared
}

/// All recordings, ready to be compared with many requests.
#[derive(Debug)]
pub struct Neighbours<'a> {
    of_test: HashMap<Option<&'a str>, Vec<&'a KnownRecording>>,
    all: &'a [KnownRecording],
}

/// What comes nearest to a request.
#[derive(Debug)]
pub struct Nearest<'a> {
    /// Of the same test, nearest first.
    pub same_test: Vec<&'a KnownRecording>,
    /// Of all others, nearest first.
    pub others: Vec<&'a KnownRecording>,
}

impl<'a> Neighbours<'a> {
    /// Takes the recordings of a store.
    pub fn of(all: &'a [KnownRecording]) -> Self {
        let mut of_test: HashMap<Option<&str>, Vec<&KnownRecording>> = HashMap::new();
        for known in all {
            of_test.entry(known.request.test_id.as_deref()).or_default().push(known);
        }
        Neighbours { of_test, all }
    }

    /// The recordings that come nearest: those of the test, and those of others.
    pub fn nearest(&self, asked: &Asked) -> Nearest<'a> {
        let test_id = asked.test_id.as_deref();
        // Requests without a test have nothing in common.
        let is_same = |known: &&KnownRecording| test_id.is_some() && known.request.test_id.as_deref() == test_id;
        let same_test = self.of_test.get(&test_id).filter(|_| test_id.is_some()).map_or(&[][..], Vec::as_slice);
        let others = self.all.iter().filter(|known| !is_same(known));
        Nearest {
            same_test: nearest(&asked.compared, same_test.iter().copied()),
            others: nearest(&asked.compared, others),
        }
    }

    /// The ids of all tests that have a recording.
    pub fn test_ids(&self) -> impl Iterator<Item = &'a str> {
        self.of_test.keys().copied().flatten()
    }
}

impl<'a> Nearest<'a> {
    /// Those that are shown: of the same test first, however far, then others; and the one that tells the cause.
    pub fn shown(&self, telling: Option<&'a KnownRecording>) -> Vec<&'a KnownRecording> {
        let mut shown: Vec<&KnownRecording> =
            self.same_test.iter().chain(&self.others).copied().take(NEAREST).collect();
        if let Some(telling) = telling.filter(|telling| !shown.iter().any(|known| std::ptr::eq(*known, *telling))) {
            shown.truncate(NEAREST - 1);
            shown.push(telling);
        }
        shown
    }
}

/// The recordings with the fewest differences, in their order, equal ones by path.
fn nearest<'a>(request: &Value, recordings: impl Iterator<Item = &'a KnownRecording>) -> Vec<&'a KnownRecording> {
    let mut best: Vec<(usize, &KnownRecording)> = Vec::with_capacity(NEAREST + 1);
    for recording in recordings {
        // One that is farther than the farthest of the best need not be compared to its end.
        let limit = if best.len() < NEAREST { usize::MAX } else { best.last().map_or(0, |(distance, _)| *distance) };
        let distance = distance(Some(request), Some(&recording.request.compared), limit);
        if distance > limit {
            continue;
        }
        let place = best.partition_point(|(other, known)| (*other, &known.path) < (distance, &recording.path));
        best.insert(place, (distance, recording));
        best.truncate(NEAREST);
    }
    best.into_iter().map(|(_, recording)| recording).collect()
}

/// How many [`differences`] there are, without naming them; anything above `limit` stands for more than that.
fn distance(left: Option<&Value>, right: Option<&Value>, limit: usize) -> usize {
    let mut found = 0;
    let mut add = |left, right| {
        found += distance(left, right, limit - found.min(limit));
        found <= limit
    };
    match (left, right) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let _ = a.iter().all(|(name, value)| add(Some(value), b.get(name)))
                && b.iter().filter(|(name, _)| !a.contains_key(name)).all(|(_, value)| add(None, Some(value)));
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            let _ = (0..a.len().max(b.len())).all(|index| add(a.get(index), b.get(index)));
        }
        _ => found = usize::from(left != right),
    }
    found
}

/// A near recording with all places in which it differs.
pub fn describe(asked: &Asked, known: &KnownRecording) -> Near {
    let differences =
        differences(&asked.compared, &known.request.compared).into_iter().map(|difference| RequestDifference {
            pointer: difference.pointer,
            expected: difference.left.map(to_serde),
            found: difference.right.map(to_serde),
        });
    Near { path: known.path.clone(), differences: differences.collect() }
}

fn to_serde(value: &Value) -> serde_json::Value {
    let text = value.to_wire_text();
    serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
}
