//! What `doctor` found.

use serde::Serialize;

use super::outcome::Outcome;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// It is not known.
    Unknown,
    /// There is nothing to check here.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// How it ended.
    pub status: CheckStatus,
    /// What there is.
    pub message: String,
    /// What to do, unless it passes.
    pub help: Option<String>,
}

impl Check {
    /// All is well.
    pub fn pass(name: &'static str, message: impl Into<String>) -> Self {
        Check { name, status: CheckStatus::Pass, message: message.into(), help: None }
    }

    /// Something is wrong.
    pub fn fail(name: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Check { name, status: CheckStatus::Fail, message: message.into(), help: Some(help.into()) }
    }

    /// It cannot be known here.
    pub fn unknown(name: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Check { name, status: CheckStatus::Unknown, message: message.into(), help: Some(help.into()) }
    }

    /// It does not apply here.
    pub fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Check { name, status: CheckStatus::Skipped, message: message.into(), help: None }
    }
}

/// The result of `doctor`.
#[derive(Debug, Serialize)]
pub struct DoctorReport {
    /// Every check, in order.
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// How many checks have this status.
    pub fn count(&self, status: CheckStatus) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }

    pub(super) fn outcome(&self) -> Outcome {
        if self.count(CheckStatus::Fail) > 0 { Outcome::Findings } else { Outcome::Clean }
    }
}
