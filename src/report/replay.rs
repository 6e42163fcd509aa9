//! What `replay-check` found, and how requests and recordings differ.

use serde::Serialize;

use super::outcome::Outcome;

/// A recording that does not replay.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayFailure {
    /// The file, relative to the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// One place in which two requests differ after normalisation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestDifference {
    /// JSON pointer into the body.
    pub pointer: String,
    /// What the request says; absent when it has nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<serde_json::Value>,
    /// What the recording says; absent when it has nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<serde_json::Value>,
}

/// A recording that is close to a request without being its own.
#[derive(Clone, Debug, Serialize)]
pub struct Near {
    /// The file, relative to the root.
    pub path: String,
    /// Where the two differ.
    pub differences: Vec<RequestDifference>,
}

/// A request without a recording.
#[derive(Clone, Debug, Serialize)]
pub struct Miss {
    /// The test that makes it.
    pub test_id: Option<String>,
    /// Its key.
    pub key: String,
    /// Where its recording was looked for.
    pub looked_up: Vec<String>,
    /// The recordings that come nearest.
    pub nearest: Vec<Near>,
    /// Why there is none, if that is known.
    pub cause: Option<String>,
}

/// The result of `replay-check`.
#[derive(Debug, Default, Serialize)]
pub struct ReplayReport {
    /// Recordings and requests that were answered from the store.
    pub replayed: usize,
    /// Recordings that do not replay.
    pub failed: Vec<ReplayFailure>,
    /// Requests without a recording.
    pub missed: Vec<Miss>,
    /// Collected tests without a recording that a replay finds, if a list of tests was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncovered: Option<Vec<String>>,
    /// Recordings whose test is not on the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untested: Option<Vec<String>>,
    /// Recordings that no read log names, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Vec<String>>,
    /// The result of a watched command.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Box<WatchedCommand>>,
}

/// What a replaying command did.
#[derive(Debug, Serialize)]
pub struct WatchedCommand {
    /// Its exit code; of one that a signal ended, 128 and the signal.
    pub command_exit: u8,
    /// The recordings it read, if that is known.
    pub read: Option<Vec<String>>,
    /// The recordings it wrote, changed or deleted.
    pub changed: Vec<String>,
    /// Variables that were removed from its environment.
    pub taken_out: Vec<String>,
    /// Why the log that was asked for was not written.
    #[serde(skip)]
    pub failure: Option<String>,
}

impl WatchedCommand {
    /// Whether it is known that the command opened no recording, so that its success says nothing about them.
    pub fn read_nothing(&self) -> bool {
        self.read.as_ref().is_some_and(Vec::is_empty)
    }
}

impl ReplayReport {
    pub(super) fn outcome(&self) -> Outcome {
        if let Some(watched) = &self.watched {
            return match watched.command_exit {
                _ if watched.failure.is_some() => Outcome::Failed,
                0 if !watched.changed.is_empty() || watched.read_nothing() => Outcome::Findings,
                code => Outcome::Command(code),
            };
        }
        let is_covered = self.uncovered.as_ref().is_none_or(Vec::is_empty);
        let is_clean = self.failed.is_empty() && self.missed.is_empty() && is_covered;
        if is_clean { Outcome::Clean } else { Outcome::Findings }
    }
}
