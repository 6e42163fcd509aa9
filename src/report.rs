//! What a command found, as plain data. [`crate::output`] prints it; nothing here knows how.
//!
//! The field names of the serialised structs are the documented JSON (`"schema": 1`).

mod demo;
pub mod diff;
pub mod doctor;
pub mod evidence;
pub mod explain;
pub mod init;
mod outcome;
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
mod verify;

use serde::Serialize;

pub use demo::{DemoEdit, DemoReport};
use diff::{DiffReport, OutlineReport};
use doctor::DoctorReport;
use evidence::EvidenceReport;
use explain::ExplainReport;
use init::InitReport;
pub use outcome::Outcome;
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
pub use verify::{ContentDigest, Finding, Fixed, RuleRow, Severity, VerifyReport};

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
