//! What became of the changes that waited for a decision.

use serde::Serialize;

use super::diff::{Change, Class};
use super::outcome::Outcome;

/// One change and what was decided.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    /// Its class.
    pub class: Class,
    /// The test that makes the request.
    pub test_id: Option<String>,
    /// The file before, if there was one.
    pub before: Option<String>,
    /// The file after, if there is one.
    pub after: Option<String>,
}

impl Decided {
    /// Of a change.
    pub fn of(change: &Change) -> Self {
        Decided {
            class: change.class,
            test_id: change.test_id.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        }
    }

    /// The file that names it for a person.
    pub fn path(&self) -> &str {
        self.after.as_deref().or(self.before.as_deref()).unwrap_or_default()
    }
}

/// The result of `review`, `accept` and `reject`.
#[derive(Debug, Default, Serialize)]
pub struct ReviewReport {
    /// The command.
    #[serde(skip)]
    pub command: &'static str,
    /// Changes that were staged.
    pub accepted: Vec<Decided>,
    /// Changes that were undone.
    pub rejected: Vec<Decided>,
    /// Changes that still wait, the worst first.
    pub waiting: Vec<Decided>,
    /// Changes that would have been undone with consent.
    #[serde(skip)]
    pub asked: bool,
}

impl ReviewReport {
    pub(super) fn outcome(&self) -> Outcome {
        match self.command {
            "review" if !self.waiting.is_empty() => Outcome::Findings,
            _ if self.asked => Outcome::Findings,
            _ => Outcome::Clean,
        }
    }
}
