//! What `demo` did.

use serde::Serialize;

use super::record::RecordReport;
use super::replay::ReplayReport;
use super::verify::VerifyReport;

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
