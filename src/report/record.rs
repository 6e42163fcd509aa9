//! What `record` found.

use serde::Serialize;

use super::Outcome;

/// What became of one request of `record`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A recording was written.
    Written,
    /// The answer differs from the stored one in noise only; the old file was kept.
    Unchanged,
    /// The answer may not be stored; what was there was kept.
    Refused,
    /// Not asked.
    Skipped,
}

/// One request of `record`.
#[derive(Clone, Debug, Serialize)]
pub struct RecordResult {
    /// The test that makes the request.
    pub test_id: Option<String>,
    /// The key of the request.
    pub key: String,
    /// The file of its recording, relative to the root.
    pub path: String,
    /// What became of it.
    pub status: Status,
    /// Why it was refused or skipped.
    pub reason: Option<String>,
    /// What kind of skipping it is.
    #[serde(skip)]
    pub skip: Option<Skip>,
}

/// Why a request was not asked, as far as it decides what is shown and how the run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// A plan only: it would be asked.
    Planned,
    /// It need not be asked, or the run ended before.
    Left,
    /// A recording of another provider, in a folder that was given.
    Foreign,
    /// Somebody asked for it, and it cannot be: shown, and a finding.
    Impossible,
}

/// A file that is no recording, so that it has no key.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The file, relative to the root.
    pub path: String,
    /// Why it is none.
    pub reason: String,
}

/// How often somebody pressed Ctrl-C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// Calls under way were waited for.
    Once,
    /// And then were not.
    Twice,
}

/// Token counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TokenCounts {
    /// Tokens of the requests.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
}

/// What a run of another recorder came to, besides its recordings.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Guarded {
    /// The exit code of the command; of one that a signal ended, 128 and the signal.
    pub command_exit: u8,
    /// Variables that were taken out of its environment.
    pub taken_out: Vec<String>,
    /// What to try, as its end tells.
    pub hints: Vec<String>,
    /// Recordings that are again as they were.
    pub put_back: usize,
}

/// The result of `record`.
#[derive(Debug, Default, Serialize)]
pub struct RecordReport {
    /// One entry a request, in the order of the sources.
    pub results: Vec<RecordResult>,
    /// What the endpoint counted.
    pub usage: TokenCounts,
    /// Why the run ended early with nothing done, when it did.
    #[serde(skip)]
    pub failure: Option<String>,
    /// Files in the given folders that are no recordings.
    #[serde(skip)]
    pub unreadable: Vec<Unreadable>,
    /// Only a plan: nothing was asked.
    #[serde(skip)]
    pub plan: bool,
    /// Interrupted before every request was asked.
    #[serde(skip)]
    pub interrupt: Option<Interrupt>,
    /// Of a run of another recorder.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub guarded: Option<Guarded>,
}

impl RecordReport {
    /// How many requests ended so.
    pub fn count(&self, status: Status) -> usize {
        self.results.iter().filter(|result| result.status == status).count()
    }

    /// How many requests were skipped so.
    pub fn skipped(&self, skip: Skip) -> usize {
        self.results.iter().filter(|result| result.skip == Some(skip)).count()
    }

    pub(super) fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Failed
        } else if let Some(guarded) = &self.guarded {
            if guarded.put_back > 0 { Outcome::Findings } else { Outcome::Command(guarded.command_exit) }
        } else if self.interrupt == Some(Interrupt::Twice) {
            Outcome::Interrupted
        } else if self.count(Status::Refused) + self.skipped(Skip::Impossible) > 0 || self.interrupt.is_some() {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}
