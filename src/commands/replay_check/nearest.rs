//! Which recordings come nearest to a request that has none.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::commands::Context;
use crate::commands::cases::Case;
use crate::error::Result;
use crate::recording::Recording;
use crate::recording::difference::differences;
use crate::recording::json::{Object, Value};
use crate::recording::key::Request;
use crate::report::{Difference, Miss, Near};
use crate::store::{RecordingFile, Store};

/// How many near recordings a miss names.
const NEAREST: usize = 3;

/// A recording with its request as it is compared: normalised once, however many requests miss.
struct Known {
    path: String,
    test_id: Option<String>,
    request: Value,
}

/// Names for each missed request the recordings that come nearest: those of its test, then those of any.
pub(super) fn explain(context: &Context<'_>, store: &Store, missed: &[&Case]) -> Result<Vec<Miss>> {
    let files = store.list(&context.cwd, &[])?;
    let progress = context.progress;
    progress.begin("comparing", files.len() + missed.len());
    let known = |file: &RecordingFile| {
        let known = read(store, file);
        progress.step("");
        known
    };
    let known: Vec<Known> = files.par_iter().filter_map(known).collect();
    let mut of_test: HashMap<Option<&str>, Vec<&Known>> = HashMap::new();
    for recording in &known {
        of_test.entry(recording.test_id.as_deref()).or_default().push(recording);
    }
    let miss = |case: &&Case| {
        let test_id = case.call.test_id.as_deref();
        let request = request_of(test_id, &case.call.url, &case.call.body);
        let same_test = of_test.get(&test_id).map_or(&[][..], Vec::as_slice);
        let mut near = nearest(&request, same_test.iter().copied(), NEAREST);
        if near.len() < NEAREST {
            let others = known.iter().filter(|recording| recording.test_id.as_deref() != test_id);
            near.extend(nearest(&request, others, NEAREST - near.len()));
        }
        let nearest = near.into_iter().map(|recording| describe(&request, recording)).collect();
        progress.step("");
        Miss { test_id: case.call.test_id.clone(), key: case.key.to_string(), nearest }
    };
    let misses = missed.par_iter().map(miss).collect();
    progress.end();
    Ok(misses)
}

fn read(store: &Store, file: &RecordingFile) -> Option<Known> {
    let recording = Recording::parse(&store.read(file).ok()?).ok()?;
    let request = request_of(recording.test_id(), recording.url().unwrap_or_default(), recording.body()?);
    Some(Known { path: file.path.clone(), test_id: recording.test_id().map(str::to_owned), request })
}

/// The `count` recordings with the fewest differences, in their order, equal ones by path.
fn nearest<'a>(request: &Value, recordings: impl Iterator<Item = &'a Known>, count: usize) -> Vec<&'a Known> {
    let mut best: Vec<(usize, &Known)> = Vec::with_capacity(count + 1);
    for recording in recordings {
        // One that is farther than the farthest of the best need not be compared to its end.
        let limit = if best.len() < count { usize::MAX } else { best.last().map_or(0, |(distance, _)| *distance) };
        let distance = distance(Some(request), Some(&recording.request), limit);
        if distance > limit {
            continue;
        }
        let place = best.partition_point(|(other, known)| (*other, &known.path) < (distance, &recording.path));
        best.insert(place, (distance, recording));
        best.truncate(count);
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

fn describe(request: &Value, recording: &Known) -> Near {
    let differences = differences(request, &recording.request).into_iter().map(|difference| Difference {
        pointer: difference.pointer,
        expected: difference.left.map(to_serde),
        found: difference.right.map(to_serde),
    });
    Near { path: recording.path.clone(), differences: differences.collect() }
}

/// The normalised body with what else decides the key beside it, so that one comparison shows all.
fn request_of(test_id: Option<&str>, url: &str, body: &Object) -> Value {
    let body = Value::Object(body.clone());
    let mut hashed = Request::Inference { test_id, method: "POST", url, body: &body }.hashed();
    let mut request = match hashed.remove("body") {
        Some(Value::Object(body)) => body,
        _ => Object::new(),
    };
    for name in ["endpoint", "test_id"] {
        if let Some(value) = hashed.remove(name) {
            request.insert(format!("({name})"), value);
        }
    }
    Value::Object(request)
}

fn to_serde(value: &Value) -> serde_json::Value {
    let text = value.to_wire_text();
    serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))
}
