//! What `prune` plans, and what came of it.

use serde::Serialize;

use super::outcome::Outcome;
use super::rekey::LeftAlone;

/// A recording that is dead.
#[derive(Clone, Debug, Serialize)]
pub struct Deletion {
    /// The file, relative to the root.
    pub path: String,
    /// Why it is deleted.
    pub reasons: Vec<&'static str>,
    /// The same in words.
    pub because: Vec<String>,
    /// The test that made it.
    pub test_id: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a list of tests says.
#[derive(Clone, Debug, Serialize)]
pub struct TestEvidence {
    /// The files it is from.
    pub files: Vec<String>,
    /// Tests on it.
    pub collected: usize,
    /// Those that have a recording.
    pub with_recording: usize,
}

/// What read logs say.
#[derive(Clone, Debug, Serialize)]
pub struct ReadEvidence {
    /// The files they are from.
    pub files: Vec<String>,
    /// Recordings of the store that they name.
    pub read: usize,
    /// Lines that name none.
    pub elsewhere: usize,
    /// Whether it is known which tests passed; else one that read a recording is taken to have.
    pub results: bool,
}

/// The evidence of the plan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PruneEvidence {
    /// The list of tests, if there is one.
    pub tests: Option<TestEvidence>,
    /// The read logs, if there are any.
    pub reads: Option<ReadEvidence>,
    /// Recordings that stay only because there is no proof: with a log those that were not read, without a log the
    /// shared ones.
    pub unproven: usize,
}

/// The result of `prune`.
#[derive(Debug, Default, Serialize)]
pub struct PruneReport {
    /// The evidence of the plan.
    pub evidence: PruneEvidence,
    /// The files to delete.
    pub delete: Vec<Deletion>,
    /// Recordings that stay.
    pub kept: usize,
    /// Files that must not be deleted, or that cannot be judged.
    pub refused: Vec<LeftAlone>,
    /// The deleted files; after a failure not all of the plan.
    pub deleted: Vec<String>,
    /// The folder to which it went, if it was not deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<String>,
    /// The command that brings it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
    /// What ended the work early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The plan was shown already, with a question.
    #[serde(skip)]
    pub shown: bool,
}

impl PruneReport {
    /// Whether all that was planned was done.
    pub fn is_done(&self) -> bool {
        self.deleted.len() == self.delete.len()
    }

    /// The total size of the files to delete, in bytes.
    pub fn bytes(&self) -> u64 {
        self.delete.iter().map(|deletion| deletion.bytes).sum()
    }

    pub(super) fn outcome(&self) -> Outcome {
        match (&self.failure, self.is_done() && self.refused.is_empty()) {
            (Some(_), _) => Outcome::Failed,
            (None, true) => Outcome::Clean,
            (None, false) => Outcome::Findings,
        }
    }
}
