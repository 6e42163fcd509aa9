//! What `record` found.

use serde::Serialize;

use super::outcome::Outcome;
use super::verify::Severity;

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
    /// Would be asked, if this were not a plan.
    Planned,
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
    /// Why it was not sent or not stored.
    pub reason: Option<String>,
    /// What kind of skipping it is.
    #[serde(skip)]
    pub skip: Option<Skip>,
}

/// Why a request was not sent; it decides what is shown and how the run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It need not be asked, or the run ended before.
    Left,
    /// A recording of another provider, in a folder that was given.
    Foreign,
    /// It was requested, but cannot be recorded: it is shown, and is a finding.
    Impossible,
}

/// A file that is not a recording, so it has no key.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The file, relative to the root.
    pub path: String,
    /// Why it is none.
    pub reason: String,
}

/// How often Ctrl-C was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// Once: calls in flight finished.
    Once,
    /// Twice: calls in flight were given up.
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

/// The result of a run of another recorder, besides its recordings.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Guarded {
    /// The exit code of the command; of one that a signal ended, 128 and the signal.
    pub command_exit: u8,
    /// Variables that were removed from its environment.
    pub taken_out: Vec<String>,
    /// What to try, as its end tells.
    pub hints: Vec<String>,
    /// Recordings that are again as they were.
    pub put_back: usize,
}

/// The estimate of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Expected {
    /// Requests that would be asked; those that are asked once more after a failure are not counted.
    pub calls: usize,
    /// How many of them at a time.
    pub concurrency: usize,
    /// How many of them have a stored answer with token counts; the others are assumed to be average.
    pub counted: usize,
    /// Tokens of the requests, if anything is known of them.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answers, if anything is known of them.
    pub completion_tokens: Option<u64>,
    /// How long it takes.
    pub seconds: u64,
    /// The same in minutes, to the next tenth.
    pub minutes: f64,
    /// The assumptions behind the time.
    pub assumption: String,
}

/// Something that was seen before the first paid call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreflightNote {
    /// An error stops the run.
    pub severity: Severity,
    /// What it is and what to do, in one line.
    pub message: String,
}

/// What a plan says besides the requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordPlan {
    /// The estimate of the run.
    #[serde(flatten)]
    pub expected: Expected,
    /// What the run would warn about or stop for before its first request; nothing was sent.
    pub preflight: Vec<PreflightNote>,
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
    /// Files in the given folders that are not recordings.
    #[serde(skip)]
    pub unreadable: Vec<Unreadable>,
    /// Only a plan: no request was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<RecordPlan>,
    /// Interrupted before every request was asked.
    #[serde(skip)]
    pub interrupt: Option<Interrupt>,
    /// Of a run of another recorder.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub guarded: Option<Box<Guarded>>,
    /// The command that resumes a run that ended early, for a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl RecordReport {
    /// How many requests have this status.
    pub fn count(&self, status: Status) -> usize {
        self.results.iter().filter(|result| result.status == status).count()
    }

    /// How many requests were skipped for this reason.
    pub fn skipped(&self, skip: Skip) -> usize {
        self.results.iter().filter(|result| result.skip == Some(skip)).count()
    }

    /// What would stop the run of a plan.
    pub fn stops(&self) -> impl Iterator<Item = &PreflightNote> {
        let notes = self.plan.as_ref().map_or(&[][..], |plan| plan.preflight.as_slice());
        notes.iter().filter(|note| note.severity == Severity::Error)
    }

    pub(super) fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Failed
        } else if let Some(guarded) = &self.guarded {
            if guarded.put_back > 0 { Outcome::Findings } else { Outcome::Command(guarded.command_exit) }
        } else if self.interrupt == Some(Interrupt::Twice) {
            Outcome::Interrupted
        } else if self.count(Status::Refused) + self.skipped(Skip::Impossible) > 0
            || self.interrupt.is_some()
            || self.stops().next().is_some()
        {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}
