//! What a server answered: its receipt.

use std::collections::BTreeSet;

use serde::Serialize;

use super::outcome::Outcome;
use super::record::Status;
use super::replay::Miss;

/// A request that had no recording, and what the user is told about it.
#[derive(Clone, Debug, Serialize)]
pub struct ServedMiss {
    /// What is known of it.
    #[serde(flatten)]
    pub miss: Miss,
    /// `POST`, `GET`.
    pub method: String,
    /// The path that was asked for.
    pub path: String,
    /// One paragraph: the failure of the test.
    pub message: String,
}

/// A request that was asked upstream.
#[derive(Clone, Debug, Serialize)]
pub struct ServedRecord {
    /// The test that asked.
    pub test_id: Option<String>,
    /// The key of the request.
    pub key: String,
    /// Where the recording is.
    pub path: String,
    /// What became of the answer.
    pub status: Status,
    /// Why it was not stored.
    pub reason: Option<String>,
}

/// What a server did in one run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ServeReport {
    /// `replay`, `missing`, `record` or `live`.
    pub mode: &'static str,
    /// The test that this is about, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_id: Option<String>,
    /// Requests that were answered from a recording.
    pub hits: usize,
    /// Of those, requests that had been answered before for the same test.
    pub repeats: usize,
    /// Requests without a recording.
    pub misses: Vec<ServedMiss>,
    /// Requests that were asked upstream.
    pub recorded: Vec<ServedRecord>,
    /// Requests that were asked upstream and not stored, of the mode `live`.
    #[serde(skip_serializing_if = "is_zero")]
    pub live: usize,
    /// The recordings that were read, sorted, each once.
    pub read: BTreeSet<String>,
    /// How many recordings below the root were not read.
    pub unread: usize,
    /// With a command: the paths of those recordings.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub never_read: BTreeSet<String>,
    /// Tests that were reported as passed.
    pub passed: BTreeSet<String>,
    /// The exit code of a command that was run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_exit: Option<u8>,
    /// Of a command: whether it passed, was answered at least once, and missed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolated: Option<bool>,
}

/// Whether a count of one mode has nothing to say.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl ServeReport {
    /// Whether every request was answered and every answer was stored.
    pub fn is_clean(&self) -> bool {
        self.misses.is_empty() && !self.recorded.iter().any(|record| record.status == Status::Refused)
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.command_exit {
            Some(code) if code != 0 => Outcome::Command(code),
            Some(_) if self.hits + self.live == 0 && self.recorded.is_empty() => Outcome::Findings,
            _ if self.is_clean() => Outcome::Clean,
            _ => Outcome::Findings,
        }
    }
}
