//! What became of a recording: one class for each pair, and what there is to show of it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Map;

use crate::recording::answer::Answer;
use crate::recording::difference::{Difference, differences};
use crate::recording::json::{Object, Value};
use crate::recording::noise::undated;
use crate::recording::turn::Usage;
use crate::report::TokenCounts;
use crate::report::diff::{Change, Class, Keys, RequestChange};

use super::compare::{compare, usages};
use super::side::{SideContent, SideFile};

/// Fields of a request that are copies of others, or that no test and no key sees.
const UNSEEN: [&str; 5] = ["headers", "endpoint", "model", "provider_metadata", "test_id"];

/// How many kinds of noise are named at most.
const NOISE_NAMES: usize = 8;

/// Classifies a pair. One side may be missing, not both. `all` asks what the noise was too.
pub fn classify(before: Option<&SideFile>, after: Option<&SideFile>, all: bool) -> Change {
    let test_id = after.and_then(SideFile::test_id).or(before.and_then(SideFile::test_id));
    let key = |file: Option<&SideFile>| file.and_then(SideFile::key).map(|key| key.to_string());
    let change = Change {
        class: Class::Identical,
        answer_class: None,
        test_id: test_id.map(str::to_owned),
        model: after.and_then(SideFile::model).or(before.and_then(SideFile::model)).map(str::to_owned),
        keys: Keys { before: key(before), after: key(after) },
        before: before.map(|file| file.path.clone()),
        after: after.map(|file| file.path.clone()),
        request: vec![],
        answer: Map::new(),
        usage: None,
        noise: vec![],
        note: note(before, after),
    };
    match (before, after) {
        (Some(before), Some(after)) => pair(change, before, after, all),
        (None, Some(after)) => {
            let answer = compare(None, after.content().map(SideContent::answer)).fields;
            Change { class: Class::Added, answer, ..change }
        }
        (Some(before), None) => {
            let answer = compare(before.content().map(SideContent::answer), None).fields;
            Change { class: Class::Removed, answer, ..change }
        }
        (None, None) => change,
    }
}

fn pair(change: Change, before: &SideFile, after: &SideFile, all: bool) -> Change {
    if before.bytes == after.bytes && before.flaw() == after.flaw() {
        return Change { note: None, ..change };
    }
    let (Some(was), Some(is)) = (before.content(), after.content()) else {
        // Nobody knows what a test would see, so it gets the worst class.
        return Change { class: Class::Behaviour, ..change };
    };
    let rekeyed = was.key != is.key;
    let comparison = compare(Some(&*seen_answer(was, rekeyed)), Some(&*seen_answer(is, rekeyed)));
    let (class, answer_class) = match (was.key == is.key, comparison.class()) {
        (true, class) => (class, None),
        (false, Class::Noise) => (Class::Rekeyed, None),
        (false, class) => (Class::Request, Some(class)),
    };
    let counts =
        |usage: Usage| TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens };
    Change {
        class,
        answer_class,
        request: request_changes(was, is),
        answer: comparison.fields,
        usage: usages(was.answer(), is.answer()).map(|both| both.map(counts)),
        noise: if all && class == Class::Noise { noise(was, is) } else { vec![] },
        ..change
    }
}

/// The answer of one side. If the requests differ, a model that repeats the one of the request is not a change of the
/// answer.
fn seen_answer(content: &SideContent, rekeyed: bool) -> Cow<'_, Answer> {
    let answer = content.answer();
    let asked = content.recording.body().and_then(|body| body.get("model")).and_then(Value::as_str).map(undated);
    match (answer, asked) {
        (Answer::Turn(turn), Some(asked)) if rekeyed && turn.models.iter().eq([asked]) => {
            let mut turn = turn.clone();
            turn.models.clear();
            Cow::Owned(Answer::Turn(turn))
        }
        _ => Cow::Borrowed(answer),
    }
}

fn note(before: Option<&SideFile>, after: Option<&SideFile>) -> Option<String> {
    let flaw = |file: Option<&SideFile>| file.and_then(SideFile::flaw).map(str::to_owned);
    match (flaw(before), flaw(after)) {
        (None, None) => None,
        (Some(flaw), None) => Some(format!("before: {flaw}")),
        (None, Some(flaw)) => Some(format!("after: {flaw}")),
        (Some(before), Some(after)) if before == after => Some(format!("both sides: {before}")),
        (Some(before), Some(after)) => Some(format!("before: {before}; after: {after}")),
    }
}

fn request_changes(before: &SideContent, after: &SideContent) -> Vec<RequestChange> {
    let mut changes = Vec::new();
    let (was, is) = (before.recording.test_id(), after.recording.test_id());
    if was != is {
        let test_id = |test_id: Option<&str>| test_id.map(serde_json::Value::from);
        changes.push(RequestChange { pointer: "/test_id".to_owned(), before: test_id(was), after: test_id(is) });
    }
    let request = |content: &SideContent| {
        let fields = content.recording.document().get("request").and_then(Value::as_object);
        let seen = fields.into_iter().flat_map(Object::iter).filter(|(name, _)| !UNSEEN.contains(name));
        Value::Object(seen.map(|(name, value)| (name, value.clone())).collect())
    };
    let (was, is) = (request(before), request(after));
    changes.extend(differences(&was, &is).into_iter().map(|Difference { pointer, left, right }| RequestChange {
        pointer: format!("/request{pointer}"),
        before: left.map(Into::into),
        after: right.map(Into::into),
    }));
    changes
}

/// The names of what differs between two recordings of the same behaviour.
fn noise(before: &SideContent, after: &SideContent) -> Vec<String> {
    let mut names = Vec::new();
    let pieces = |content: &SideContent| content.recording.response().body.as_array().map_or(0, <[Value]>::len);
    let (was, is) = (pieces(before), pieces(after));
    let (was_document, is_document);
    if was == is {
        (was_document, is_document) = (before.recording.document().clone(), after.recording.document().clone());
    } else {
        names.push(format!("{was} → {is} chunks"));
        // Piece by piece there is nothing to compare.
        let without_body = |content: &SideContent| {
            let mut document = content.recording.document().clone();
            if let Some(Value::Object(response)) = document.get_mut("response") {
                response.remove("body");
            }
            document
        };
        (was_document, is_document) = (without_body(before), without_body(after));
    }
    let (was, is) = (Value::Object(was_document), Value::Object(is_document));
    let mut seen = BTreeSet::new();
    for difference in differences(&was, &is) {
        let mut parts = difference.pointer.rsplit('/');
        let name = parts.find(|part| part.parse::<usize>().is_err()).unwrap_or("").to_owned();
        if seen.insert(name.clone()) && names.len() < NOISE_NAMES {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push("order or layout".to_owned());
    }
    names
}
