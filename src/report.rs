//! What a command found, as plain data. [`crate::output`] prints it; nothing here knows how.
//!
//! The field names of the serialised structs are the documented JSON (`"schema": 1`).

pub mod diff;
pub mod doctor;
pub mod evidence;
pub mod explain;
pub mod init;
pub mod page;
pub mod prune;
pub mod record;
pub mod rekey;
pub mod replay;
pub mod review;
mod rule_id;
pub mod serve;
pub(crate) mod shell;
pub mod token;

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use diff::{DiffReport, OutlineReport};
use doctor::DoctorReport;
use evidence::EvidenceReport;
use explain::ExplainReport;
use init::InitReport;
pub use page::PageReport;
use prune::PruneReport;
pub use record::{
    Expected, Guarded, Interrupt, PreflightNote, RecordPlan, RecordReport, RecordResult, Skip, Status, TokenCounts,
    Unreadable,
};
pub use rekey::{Collided, LeftAlone, Moved, RekeyReport};
pub use replay::{Miss, Near, ReplayFailure, ReplayReport, RequestDifference, WatchedCommand};
pub use review::ReviewReport;
pub use rule_id::{RuleId, UnknownRule};
pub use serve::ServeReport;
pub use token::{MintReport, Online, OnlineResult, Revealed, TokenNote, TokenReport};

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
    /// Of `explain`.
    Explain(ExplainReport),
    /// Of `explain --hashed`: the text, which ends without a line feed.
    Hashed(String),
    /// Of `prune`.
    Prune(PruneReport),
    /// Of `rekey`.
    Rekey(RekeyReport),
    /// Of `verify-token`.
    VerifyToken(TokenReport),
    /// Of `mint-token`.
    MintToken(MintReport),
    /// Of `demo`.
    Demo(Box<DemoReport>),
    /// Of `diff`.
    Diff(DiffReport),
    /// Of `diff --textconv`.
    Outline(OutlineReport),
    /// Of `doctor`.
    Doctor(DoctorReport),
    /// Of `init`.
    Init(InitReport),
    /// Of `review`, `accept` and `reject`.
    Review(ReviewReport),
    /// Of `evidence collect`.
    Evidence(EvidenceReport),
    /// Of `serve`.
    Serve(ServeReport),
    /// Of `completions`, `man` and `help`.
    Page(PageReport),
}

/// The meaning of the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Clean,
    /// Exit code 1: findings, differences, misses, something not recorded or not done.
    Findings,
    /// Exit code 2: the work could not be done, though there is something to report.
    Failed,
    /// Exit code 130: a second Ctrl-C ended it at once.
    Interrupted,
    /// The exit code of a command that was run.
    Command(u8),
}

impl Report {
    /// The meaning of the exit code.
    pub fn outcome(&self) -> Outcome {
        match self {
            Report::Verify(report) => report.outcome(),
            Report::Rules(_) => Outcome::Clean,
            Report::Record(report) => report.outcome(),
            Report::ReplayCheck(report) => report.outcome(),
            Report::Explain(report) => report.outcome(),
            Report::Hashed(_) => Outcome::Clean,
            Report::Prune(report) => report.outcome(),
            Report::Rekey(report) => report.outcome(),
            Report::VerifyToken(report) => report.outcome(),
            Report::MintToken(_) => Outcome::Clean,
            Report::Diff(report) => report.outcome(),
            Report::Doctor(report) => report.outcome(),
            Report::Init(report) => report.outcome(),
            Report::Review(report) => report.outcome(),
            Report::Evidence(report) => report.outcome(),
            Report::Serve(report) => report.outcome(),
            Report::Outline(_) | Report::Page(_) => Outcome::Clean,
            Report::Demo(report) => {
                let outcomes = [report.record.outcome(), report.verify.outcome(), report.replay.outcome()];
                let is_caught = report.edit.verify.outcome() == Outcome::Findings;
                if outcomes == [Outcome::Clean; 3] && is_caught { Outcome::Clean } else { Outcome::Findings }
            }
        }
    }
}

impl Report {
    /// Warnings, for standard error.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let (notes, hints) = match self {
            Report::VerifyToken(report) => (report.notes.as_slice(), &[][..]),
            Report::MintToken(report) => (report.notes.as_slice(), &[][..]),
            Report::Record(RecordReport { guarded: Some(guarded), .. }) => (&[][..], guarded.hints.as_slice()),
            _ => (&[][..], &[][..]),
        };
        let notes = notes.iter().filter(|note| note.warning).map(|note| note.text.as_str());
        notes.chain(hints.iter().map(String::as_str))
    }

    /// Why the work could not be done, though there is something to report.
    pub fn failure(&self) -> Option<String> {
        match self {
            Report::Record(report) => report.failure.clone(),
            Report::ReplayCheck(report) => report.watched.as_ref()?.failure.clone(),
            Report::Prune(report) => report.failure.clone(),
            Report::VerifyToken(TokenReport { online: Some(online), .. }) if self.outcome() == Outcome::Failed => {
                Some(format!("{}: the token could not be checked: {}", online.origin, online.reason.as_deref()?))
            }
            _ => None,
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
    /// The rule.
    pub rule: RuleId,
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
    /// Of a finding whose content must not be shown: by what it is known again.
    #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentDigest>,
}

/// The SHA-256 of what was found. It is shown by its first digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// Of the bytes of what was found.
    pub fn of(content: &[u8]) -> Self {
        // The name keeps it from being the digest of the content alone, which tables may hold.
        ContentDigest(Sha256::new().chain_update(b"bedrock-fixtures\0").chain_update(content).finalize().into())
    }

    /// The digest together with a salt, in hex: what a file may keep.
    pub fn salted(&self, salt: &str) -> String {
        hex(&Sha256::new().chain_update(salt).chain_update(b"\0").chain_update(self.0).finalize())
    }
}

/// The id by which a person names it.
impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..8]))
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The recorder and the SDK in force, as every JSON report has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecorderRow {
    /// The version of OGX.
    pub ogx: String,
    /// The version of the openai SDK.
    pub openai_sdk: String,
    /// What names them.
    pub source: String,
    /// What names OGX, when the sources differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ogx_source: Option<String>,
    /// What names the SDK, when the sources differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub openai_sdk_source: Option<String>,
}

/// A file that `verify --fix` rewrote.
#[derive(Clone, Debug, Serialize)]
pub struct Fixed {
    /// The file, relative to the root.
    pub path: String,
    /// The rules that it broke.
    pub rules: Vec<RuleId>,
}

/// A rule of `verify`, for people.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub rule: RuleId,
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
    /// All rules, for formats that carry them.
    #[serde(skip)]
    pub rules: Vec<RuleRow>,
}

impl VerifyReport {
    fn outcome(&self) -> Outcome {
        let counts = |finding: &Finding| self.strict || finding.severity == Severity::Error;
        if self.findings.iter().any(counts) { Outcome::Findings } else { Outcome::Clean }
    }
}

/// The result of `demo`: the steps it took.
#[derive(Debug, Serialize)]
pub struct DemoReport {
    /// Recording from the sandbox.
    pub record: RecordReport,
    /// Checking what was written.
    pub verify: VerifyReport,
    /// Replaying it.
    pub replay: ReplayReport,
    /// Checking a recording with an edited prompt.
    pub edit: DemoEdit,
}

/// An edit of a recording, and what `verify` says about it.
#[derive(Debug, Serialize)]
pub struct DemoEdit {
    /// The recording.
    pub path: String,
    /// The words that were replaced.
    pub from: String,
    /// The new words.
    pub to: String,
    /// Checking the edited file.
    pub verify: VerifyReport,
}

/// Takes what was typed.
pub type Typed = Box<dyn FnOnce(Option<String>) + Send>;

/// Shows the progress of a command. Never on standard output.
pub trait Progress: Sync {
    /// A line a person should see now.
    fn note(&self, text: &str);
    /// A line of data for standard output, at once.
    fn data(&self, line: &str);
    /// Starts counting to `total`.
    fn begin(&self, what: &str, total: usize);
    /// Counts one more as done; `detail` is the current state.
    fn step(&self, detail: &str);
    /// Counting ends.
    fn end(&self);
    /// Asks a yes-or-no question; `None` without a terminal.
    fn confirm(&self, question: &str) -> Option<bool>;
    /// Asks for a secret, which is hidden as it is typed; `about` says why. Returns false without a terminal. Otherwise
    /// `answer` is called once with the typed text or `None`, maybe later and on another thread, so that the caller can
    /// listen for Ctrl-C.
    fn ask_secret(&self, about: &str, question: &str, answer: Typed) -> bool;
    /// Cancels the question for a secret, and restores the terminal.
    fn withdraw(&self);
    /// Asks a yes-or-no question about a plan, which is shown first; `None` without a terminal.
    fn confirm_plan(&self, plan: &Report, question: &str) -> Option<bool>;
    /// Shows something and waits for one of these keys; `None` without a terminal.
    fn choose(&self, shown: &Report, question: &str, keys: &[char]) -> Option<char>;
    /// Asks to type `word` to confirm a plan that cannot be undone, which is shown first; `None` without a terminal.
    fn confirm_typed(&self, plan: &Report, question: &str, word: &str) -> Option<bool>;
}
