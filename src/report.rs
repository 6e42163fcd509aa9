//! What a command found, as plain data. [`crate::output`] prints it; nothing here knows how.
//!
//! The field names of the serialised structs are the documented JSON (`"schema": 1`).

use serde::Serialize;

/// The result of a command.
#[derive(Debug)]
pub enum Report {
    /// Of `verify`.
    Verify(VerifyReport),
    /// Of `verify --rules`.
    Rules(Vec<RuleRow>),
    /// Of `record`.
    Record(RecordReport),
    /// Of `replay-check`.
    ReplayCheck(ReplayReport),
    /// Of `demo`.
    Demo(DemoReport),
}

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Clean,
    /// Exit code 1: findings, differences, misses, something refused.
    Findings,
    /// Exit code 2: the work could not be done, though there is something to report.
    Failed,
    /// Exit code 130: ended at once, as somebody insisted.
    Interrupted,
}

impl Report {
    /// What the exit code says.
    pub fn outcome(&self) -> Outcome {
        match self {
            Report::Verify(report) => report.outcome(),
            Report::Rules(_) => Outcome::Clean,
            Report::Record(report) => report.outcome(),
            Report::ReplayCheck(report) => report.outcome(),
            Report::Demo(report) => {
                let outcomes = [report.record.outcome(), report.verify.outcome(), report.replay.outcome()];
                if outcomes == [Outcome::Clean; 3] { Outcome::Clean } else { Outcome::Findings }
            }
        }
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The recording cannot be replayed, or replays what never was.
    Error,
    /// Worth a look.
    Warning,
}

/// Something wrong with a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The id of the rule.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, relative to the root.
    pub path: String,
    /// JSON pointer to the place in the file; empty for the whole of it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// A file that `verify --fix` rewrote.
#[derive(Clone, Debug, Serialize)]
pub struct Fixed {
    /// The file, relative to the root.
    pub path: String,
    /// The rules that it broke.
    pub rules: Vec<&'static str>,
}

/// A rule of `verify`, for people.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub rule: &'static str,
    /// How bad a finding is.
    pub severity: Severity,
    /// What it finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub mend: &'static str,
}

/// The result of `verify`.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Files looked at.
    pub checked: usize,
    /// What was found, by path.
    pub findings: Vec<Finding>,
    /// What `--fix` mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Fixed>,
    /// Warnings count as errors.
    #[serde(skip)]
    pub strict: bool,
}

impl VerifyReport {
    fn outcome(&self) -> Outcome {
        let counts = |finding: &Finding| self.strict || finding.severity == Severity::Error;
        if self.findings.iter().any(counts) { Outcome::Findings } else { Outcome::Clean }
    }
}

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
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TokenCounts {
    /// Tokens of the requests.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
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

    fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Failed
        } else if self.interrupt == Some(Interrupt::Twice) {
            Outcome::Interrupted
        } else if self.count(Status::Refused) + self.skipped(Skip::Impossible) > 0 || self.interrupt.is_some() {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}

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
pub struct Difference {
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
    pub differences: Vec<Difference>,
}

/// A request without a recording.
#[derive(Clone, Debug, Serialize)]
pub struct Miss {
    /// The test that makes it.
    pub test_id: Option<String>,
    /// Its key.
    pub key: String,
    /// The recordings that come nearest.
    pub nearest: Vec<Near>,
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
}

impl ReplayReport {
    fn outcome(&self) -> Outcome {
        if self.failed.is_empty() && self.missed.is_empty() { Outcome::Clean } else { Outcome::Findings }
    }
}

/// The result of `demo`: the three steps it took.
#[derive(Debug, Serialize)]
pub struct DemoReport {
    /// Recording from the sandbox.
    pub record: RecordReport,
    /// Checking what was written.
    pub verify: VerifyReport,
    /// Replaying it.
    pub replay: ReplayReport,
}

/// Where a command says how far it is. Never on standard output.
pub trait Progress: Sync {
    /// A line a person should see now.
    fn note(&self, text: &str);
    /// Starts counting to `total`.
    fn begin(&self, what: &str, total: usize);
    /// One more is done; `detail` says how it stands.
    fn step(&self, detail: &str);
    /// Counting ends.
    fn end(&self);
    /// Asks a yes-or-no question; `None` when nobody can answer.
    fn confirm(&self, question: &str) -> Option<bool>;
}
