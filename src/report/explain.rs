//! What `explain` found.

use serde::Serialize;

use super::outcome::Outcome;
use super::replay::{Miss, Near};

/// The result of `explain`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExplainReport {
    /// The recording that was asked about, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The test that makes the request.
    pub test_id: Option<String>,
    /// The key of the request, or the part of it that was given.
    pub key: String,
    /// The exact text that is hashed; nothing if only a key is known.
    pub hashed: Option<String>,
    /// Where a replay looks.
    pub looked_up: Vec<String>,
    /// What it finds, in the order of the lookup; all lists of models, because it merges them.
    pub found: Vec<String>,
    /// The answer of each, in one line.
    pub answers: Vec<String>,
    /// The recordings that come nearest, when nothing is found.
    pub nearest: Vec<Near>,
    /// Why nothing is found, or why the found recording is invalid, if that is known.
    pub cause: Option<String>,
    /// The recordings of a folder, if it was one that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recordings: Option<Vec<Listed>>,
    /// The misses of a run, if its output was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<Vec<Miss>>,
    /// Whether a replay of the request gets an answer; for a recording that was asked about, its own.
    #[serde(skip)]
    pub is_answered: bool,
}

/// A recording of a folder.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Where it is, relative to the root.
    pub path: String,
    /// The test that made it.
    pub test_id: Option<String>,
    /// The key of its request; `None` if the file is not a recording.
    pub key: Option<String>,
    /// Its answer in one line, or why it is not a recording.
    pub answer: String,
}

impl ExplainReport {
    pub(super) fn outcome(&self) -> Outcome {
        if self.is_answered { Outcome::Clean } else { Outcome::Findings }
    }
}
