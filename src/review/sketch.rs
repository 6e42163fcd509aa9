//! What is held of a recording while it has no partner: enough to find one, but not its content. So a comparison of
//! stores whose files were all renamed holds only paths and a few numbers per file.

use std::collections::HashMap;

use crate::recording::json::Value;
use crate::recording::key::RequestKey;

use super::side::{SideContent, SideFile, hash_of};

/// How many words of a request are compared.
pub(super) const SAMPLE: usize = 256;

/// A file of one side as far as pairing needs it.
#[derive(Debug)]
pub struct Sketch {
    /// Its path below the root of its side, with `/`.
    pub path: String,
    pub(super) key: Option<RequestKey>,
    /// The hash of its bytes.
    pub(super) whole: u64,
    pub(super) known: Option<SketchContent>,
}

/// What is known of a file that is a recording.
#[derive(Debug)]
pub(super) struct SketchContent {
    pub(super) test_id: Option<String>,
    pub(super) family: u64,
    pub(super) asked: u64,
    pub(super) answer: u64,
    /// A sample of the words of its request, in order.
    pub(super) words: Box<[u64]>,
}

impl SideFile {
    /// What pairing needs of it, without its content.
    pub fn sketch(&self) -> Sketch {
        Sketch::of(self)
    }
}

impl Sketch {
    fn of(file: &SideFile) -> Self {
        let known = file.content().map(|content| SketchContent {
            test_id: file.test_id().map(str::to_owned),
            family: hash_of(content.family()),
            asked: content.asked(),
            answer: content.answer_hash(),
            words: words(content).into_boxed_slice(),
        });
        Sketch { path: file.path.clone(), key: file.key(), whole: hash_of(&file.bytes), known }
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or("")
    }

    pub(super) fn test_id(&self) -> Option<&str> {
        self.known.as_ref()?.test_id.as_deref()
    }
}

/// A sample of the words and values of a request: those with the smallest hashes, in order.
fn words(content: &SideContent) -> Vec<u64> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    let mut words = Vec::new();
    // The host is not hashed into the key, but it tells two services apart.
    let request = content.hashed.iter().map(|(name, value)| (name, value.clone()));
    let url = content.recording.url().map(|url| ("url", Value::from(url)));
    for (name, value) in request.chain(url) {
        collect(&value, name, &mut |name, word| {
            let word = hash_of((name, word));
            // The second `the` is another word than the first, so that lengths count.
            let count = counts.entry(word).or_default();
            *count += 1;
            words.push(hash_of((word, *count)));
        });
    }
    words.sort_unstable();
    words.dedup();
    words.truncate(SAMPLE);
    words
}

fn collect(value: &Value, name: &str, take: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, item)| collect(item, name, take)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, take)),
        Value::String(text) => {
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).for_each(|w| take(name, w));
        }
        other => take(name, &other.to_sorted_text()),
    }
}
