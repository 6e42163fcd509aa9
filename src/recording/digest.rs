//! The digest of an answer, which this tool writes into the file so that it can find later edits.
//!
//! It covers the canonical lines of `response`, without ids and times, which depend on the name of the file and the
//! version of the recorder.

use sha2::{Digest as _, Sha256};

use super::document::Recording;
use super::json::{Object, Value};
use super::noise::CONSTANT_TIMES;

/// Its name in `request.provider_metadata`, which no replay reads and no key depends on.
pub const FIELD: &str = "answer_sha256";

/// How deep the members of an answer are indented: of an object, and of an element of a stream.
const LEVELS: [usize; 2] = [8, 10];

impl Recording {
    /// The digest that the file says its answer has, if it says one.
    pub fn noted_digest(&self) -> Option<&str> {
        self.request_field("provider_metadata")?.get(FIELD)?.as_str()
    }

    /// Whether the answer is the one that was recorded; of a file without a digest that is not known.
    pub fn is_intact(&self) -> Option<bool> {
        self.noted_digest().map(|noted| noted == self.digest())
    }

    /// The digest of the current answer.
    pub fn digest(&self) -> String {
        let response = self.document.get("response").cloned().unwrap_or(Value::Null);
        let text = Value::Object(Object::from_iter([("response", response)])).to_file_bytes();
        let text = text.strip_prefix(b"{\n  \"response\": ".as_slice()).unwrap_or(&text);
        of_lines(text.strip_suffix(b"\n}\n".as_slice()).unwrap_or(text))
    }

    /// Stores the digest of the current answer.
    pub(super) fn note_digest(&mut self) {
        let digest = self.digest();
        if let Some(Value::Object(request)) = self.document.get_mut("request")
            && let Some(Value::Object(metadata)) = request.get_mut("provider_metadata")
        {
            metadata.insert(FIELD, digest.as_str());
        }
    }
}

/// The digest of canonical bytes: the value of `response` in a file.
pub fn of_lines(response: &[u8]) -> String {
    let mut hash = Sha256::new();
    for line in response.split_inclusive(|byte| *byte == b'\n') {
        if !is_noise(line) {
            hash.update(line);
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_noise(line: &[u8]) -> bool {
    let indent = line.iter().take_while(|byte| **byte == b' ').count();
    let Some(name) = line[indent..].strip_prefix(b"\"").filter(|_| LEVELS.contains(&indent)) else { return false };
    let is = |field: &str| name.strip_prefix(field.as_bytes()).is_some_and(|rest| rest.starts_with(b"\": "));
    is("id") || CONSTANT_TIMES.iter().any(|(field, _)| is(field))
}
