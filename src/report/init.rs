//! What `init` would do, or did.

use serde::Serialize;

use super::outcome::Outcome;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeStatus {
    /// It is done.
    Written,
    /// It would be done.
    Planned,
    /// The user said no.
    Declined,
    /// There is no work to do.
    Unchanged,
    /// It cannot be done safely.
    Refused,
    /// It cannot be done here, because something is missing first.
    Skipped,
}

/// One change.
#[derive(Clone, Debug, Serialize)]
pub struct SetupChange {
    /// What it is about.
    pub name: &'static str,
    /// The file, relative to the root; none for a setting of git.
    pub path: Option<String>,
    /// The command that does the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What became of it.
    pub status: ChangeStatus,
    /// Why there is no work to do, or why it cannot be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The change of the file, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// The result of `init`.
#[derive(Debug, Serialize)]
pub struct InitReport {
    /// `ogx`, `pytest` or `plain`.
    pub kind: &'static str,
    /// Every change, in order.
    pub changes: Vec<SetupChange>,
    /// The steps that are left to do by hand.
    pub next: Vec<String>,
    /// The changes were shown already, with a question.
    #[serde(skip)]
    pub shown: bool,
}

impl InitReport {
    /// How many changes are in this state.
    pub fn count(&self, status: ChangeStatus) -> usize {
        self.changes.iter().filter(|change| change.status == status).count()
    }

    pub(super) fn outcome(&self) -> Outcome {
        let open =
            self.count(ChangeStatus::Planned) + self.count(ChangeStatus::Refused) + self.count(ChangeStatus::Skipped);
        if open > 0 { Outcome::Findings } else { Outcome::Clean }
    }
}
