//! What `prune` plans, and what came of it.

use serde::Serialize;

use super::{LeftAlone, Outcome};

/// A recording that is dead.
#[derive(Clone, Debug, Serialize)]
pub struct Deletion {
    /// The file, relative to the root.
    pub path: String,
    /// Why it goes.
    pub reasons: Vec<&'static str>,
    /// The same in words.
    pub because: Vec<String>,
    /// The test that made it.
    pub test_id: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
}

/// What a list of tests came to.
#[derive(Clone, Debug, Serialize)]
pub struct TestEvidence {
    /// The files it is from.
    pub files: Vec<String>,
    /// Tests on it.
    pub collected: usize,
    /// Those that have a recording.
    pub with_recording: usize,
}

/// What read logs came to.
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

/// What the plan rests on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PruneEvidence {
    /// The list of tests, if there is one.
    pub tests: Option<TestEvidence>,
    /// The read logs, if there are any.
    pub reads: Option<ReadEvidence>,
    /// Recordings that stay only as nothing shows that they are dead: with a log those that are not read, without one those
    /// that are shared and out of reach.
    pub unproven: usize,
}

/// The result of `prune`.
#[derive(Debug, Default, Serialize)]
pub struct PruneReport {
    /// What the plan rests on.
    pub evidence: PruneEvidence,
    /// What goes.
    pub delete: Vec<Deletion>,
    /// Recordings that stay.
    pub kept: usize,
    /// Files that may not go, or of which nobody knows whether they should.
    pub refused: Vec<LeftAlone>,
    /// What is gone; after a failure not all of it.
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
    /// Somebody has seen the plan already and was asked about it.
    #[serde(skip)]
    pub shown: bool,
}

impl PruneReport {
    /// Whether all that was planned was done.
    pub fn is_done(&self) -> bool {
        self.deleted.len() == self.delete.len()
    }

    /// The sizes of all that goes, in bytes.
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
