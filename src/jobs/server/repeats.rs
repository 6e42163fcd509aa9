//! Requests that a recording has answered: the same bytes of the same test are answered again without the worker, as
//! long as the file of the recording has not changed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::store::{RecordingFile, Store};

use super::answer::Served;

/// A larger request is looked up each time.
const LARGEST_REQUEST: usize = 64 << 10;

/// The most that is kept, in bytes of requests and answers.
const MOST_BYTES: usize = 32 << 20;

/// By which recording a request was answered.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) file: RecordingFile,
    /// When the file of the answer was written; `None` for several files, such as lists of models.
    pub(super) time: Option<SystemTime>,
}

/// What was answered before.
pub(super) struct Repeats {
    store: Store,
    known: Mutex<GivenAnswers>,
}

#[derive(Default)]
struct GivenAnswers {
    answers: HashMap<Vec<u8>, GivenAnswer>,
    bytes: usize,
}

struct GivenAnswer {
    test_id: String,
    hit: Hit,
    served: Served,
    /// How often it was given again.
    count: usize,
}

/// What tells a request from all others.
pub(super) fn key(method: &str, path: &str, test_id: &str, body: &[u8]) -> Option<Vec<u8>> {
    let head = [method, path, test_id];
    (body.len() <= LARGEST_REQUEST).then(|| {
        let mut key = Vec::with_capacity(head.iter().map(|part| part.len() + 1).sum::<usize>() + body.len());
        for part in head {
            key.extend(part.as_bytes());
            // In none of them.
            key.push(0);
        }
        key.extend(body);
        key
    })
}

impl Repeats {
    pub(super) fn new(store: Store) -> Self {
        Repeats { store, known: Mutex::default() }
    }

    /// The previous answer, if its recording is unchanged.
    pub(super) fn again(&self, key: &[u8]) -> Option<(Served, Hit)> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = known.answers.get_mut(key)?;
        if self.store.modified(&answer.hit.file) != answer.hit.time {
            // It may be counted, so it stays; the worker looks the request up.
            answer.hit.time = None;
            return None;
        }
        answer.count += 1;
        Some((answer.served.clone(), answer.hit.clone()))
    }

    /// Keeps an answer of a test.
    pub(super) fn keep(&self, key: Vec<u8>, test_id: String, served: &Served, hit: &Hit) {
        if hit.time.is_none() {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let size = key.len() + served.pieces.iter().map(String::len).sum::<usize>();
        if let Some(before) = known.answers.get_mut(&key) {
            // The recording was written anew.
            (before.hit, before.served) = (hit.clone(), served.clone());
        } else if known.bytes + size <= MOST_BYTES {
            known.bytes += size;
            known.answers.insert(key, GivenAnswer { test_id, hit: hit.clone(), served: served.clone(), count: 0 });
        }
    }

    /// How many requests of a test, or of all, were answered here.
    pub(super) fn count(&self, of: Option<&str>) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |answer: &&GivenAnswer| of.is_none_or(|of| of == answer.test_id);
        known.answers.values().filter(is_of).map(|answer| answer.count).sum()
    }
}
