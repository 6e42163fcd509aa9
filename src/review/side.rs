//! A file of one side, read.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::OnceLock;

use crate::recording::answer::Answer;
use crate::recording::json::{Object, Value};
use crate::recording::key::RequestKey;
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::{Kind, Recording};

/// A file of one side.
#[derive(Debug)]
pub struct SideFile {
    /// Its path below the root of its side, with `/`.
    pub path: String,
    /// Its bytes; none when it could not be read.
    pub(super) bytes: Vec<u8>,
    pub(super) content: Result<SideContent, String>,
}

/// A file that is a recording.
#[derive(Debug)]
pub(super) struct SideContent {
    pub(super) recording: Recording,
    /// The normalised request.
    pub(super) hashed: Object,
    pub(super) key: RequestKey,
    pub(super) answer: OnceLock<Answer>,
}

impl SideFile {
    /// The model that its request asks.
    pub(super) fn model(&self) -> Option<&str> {
        let body = self.content.as_ref().ok()?.recording.body()?;
        body.get("model")?.as_str()
    }

    /// Reads a file, or keeps why it could not be read.
    pub fn new(path: String, bytes: Result<Vec<u8>, String>) -> Self {
        let (bytes, content) = match bytes {
            Ok(bytes) => {
                let content = Recording::parse(&bytes).map(SideContent::new).map_err(|flaw| flaw.to_string());
                (bytes, content)
            }
            Err(why) => (vec![], Err(why)),
        };
        SideFile { path, bytes, content }
    }

    /// The test that makes the request.
    pub fn test_id(&self) -> Option<&str> {
        self.content.as_ref().ok()?.recording.test_id()
    }

    /// The key of its request; for a file that is not a recording, the key in its name.
    pub fn key(&self) -> Option<RequestKey> {
        match &self.content {
            Ok(content) => Some(content.key),
            Err(_) => FileName::parse(self.stem()).key(),
        }
    }

    /// Why it is not a recording.
    pub fn flaw(&self) -> Option<&str> {
        self.content.as_ref().err().map(String::as_str)
    }

    pub(super) fn content(&self) -> Option<&SideContent> {
        self.content.as_ref().ok()
    }

    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or("");
        name.strip_suffix(".json").unwrap_or(name)
    }
}

impl SideContent {
    fn new(recording: Recording) -> Self {
        // Whichever rules: the two sides are compared by the same.
        let hashed = recording.request().hashed(KeyRules::NEWEST);
        let key = RequestKey::of(Value::Object(hashed.clone()).to_sorted_text());
        SideContent { recording, hashed, key, answer: OnceLock::new() }
    }

    pub(super) fn answer(&self) -> &Answer {
        self.answer.get_or_init(|| Answer::of(&self.recording))
    }

    pub(super) fn answer_hash(&self) -> u64 {
        hash_of(self.answer().canonical())
    }

    /// The request without its test and its url.
    pub(super) fn asked(&self) -> u64 {
        let parts = ["body", "payload", "provider", "tool_name", "kwargs"];
        hash_of(parts.map(|part| self.hashed.get(part).map(Value::to_sorted_text)))
    }

    /// Requests of two families are never compared: a chat has nothing in common with an embedding.
    pub(super) fn family(&self) -> (u8, &str) {
        let recording = &self.recording;
        let (kind, of) = match recording.kind() {
            Kind::Inference => (0, recording.endpoint()),
            Kind::Payload => (1, recording.url().and_then(|url| url.rsplit('/').next())),
            Kind::Tool => (2, self.hashed.get("tool_name").and_then(Value::as_str)),
        };
        (kind, of.unwrap_or(""))
    }
}

/// Equal values have equal hashes, in every run.
pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
