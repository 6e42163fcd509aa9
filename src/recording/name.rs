//! The file name of a recording.

use sha2::{Digest as _, Sha256};

use super::document::Recording;
use super::json::Value;
use super::key::RequestKey;
use super::recorder::{INFO, KeyRules};

/// What the stem of a file name (without `.json`) says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileName {
    /// `<key>`.
    Key(RequestKey),
    /// `models-<key>-<digest>`: one of perhaps several lists of models that answer one key, merged at replay.
    ModelList {
        /// The key of the request.
        key: RequestKey,
        /// The first 8 hex digits of the SHA-256 of the model ids.
        digest: String,
    },
    /// Nothing that today's recorder would look for.
    Other,
}

impl FileName {
    /// Reads a stem.
    pub fn parse(stem: &str) -> Self {
        if let Some(key) = RequestKey::parse(stem) {
            return FileName::Key(key);
        }
        let list = stem.strip_prefix("models-").and_then(|rest| rest.split_once('-'));
        match list.and_then(|(key, digest)| Some((RequestKey::parse(key)?, digest))) {
            Some((key, digest)) if digest.len() == 8 && digest.bytes().all(|b| b.is_ascii_hexdigit()) => {
                FileName::ModelList { key, digest: digest.to_owned() }
            }
            _ => FileName::Other,
        }
    }

    /// The key in the name.
    pub fn key(&self) -> Option<RequestKey> {
        match self {
            FileName::Key(key) | FileName::ModelList { key, .. } => Some(*key),
            FileName::Other => None,
        }
    }
}

/// The name that a recorder gives a recording, with `.json`.
pub fn file_name(recording: &Recording, rules: KeyRules) -> String {
    let key = recording.key(rules);
    match recording.endpoint() {
        Some(endpoint) if rules.names_as_list(endpoint) => {
            format!("models-{key}-{}.json", model_digest(&model_ids(recording)))
        }
        _ => format!("{key}.json"),
    }
}

/// The ids in a recorded list of models, sorted, each once.
pub fn model_ids(recording: &Recording) -> Vec<String> {
    if recording.endpoint() == Some(INFO) {
        // The answer is one object as the server sent it.
        return recording
            .response()
            .body
            .get("model_id")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .into_iter()
            .collect();
    }
    let mut ids: Vec<String> = recording
        .answers()
        .flat_map(|(_, data)| match data.get("models").and_then(Value::as_array) {
            // Ollama: one object that holds the list.
            Some(models) => models.iter().filter_map(|model| model.get("model")).collect(),
            None => Vec::from_iter(data.get("id")),
        })
        .filter_map(|id| id.as_str().map(str::to_owned))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn model_digest(ids: &[String]) -> String {
    Sha256::digest(ids.join("|").as_bytes())[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}
