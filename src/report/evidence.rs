//! What `evidence collect` wrote.

use serde::Serialize;

use super::outcome::Outcome;

/// What became of one run of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceStatus {
    /// Its evidence was written.
    Collected,
    /// Its evidence exists already, for the same tests and recordings.
    Kept,
    /// It gave no evidence.
    Failed,
    /// It cannot be run here.
    Skipped,
}

/// One run of the matrix.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceRun {
    /// The suite.
    pub suite: String,
    /// The setup, if the suite has one.
    pub setup: Option<String>,
    /// `library` or `server`.
    pub client: String,
    /// What became of it.
    pub status: EvidenceStatus,
    /// Why there is no evidence, or a note about it.
    pub reason: Option<String>,
    /// The list of its tests, in the folder.
    pub list: Option<String>,
    /// How many tests it lists.
    pub tests: usize,
    /// The log of what its replay read, in the folder.
    pub log: Option<String>,
    /// How many recordings its replay read.
    pub read: usize,
    /// How many of its tests passed.
    pub passed: usize,
    /// The exit code of its replay.
    pub exit: Option<u8>,
}

/// The result of `evidence collect`.
#[derive(Debug, Serialize)]
pub struct EvidenceReport {
    /// The folder, as it was given.
    pub folder: String,
    /// Every run, in the order of the matrix.
    pub runs: Vec<EvidenceRun>,
}

impl EvidenceReport {
    pub(super) fn outcome(&self) -> Outcome {
        let is_bad = |run: &EvidenceRun| run.status == EvidenceStatus::Failed;
        if self.runs.iter().any(is_bad) { Outcome::Findings } else { Outcome::Clean }
    }
}
