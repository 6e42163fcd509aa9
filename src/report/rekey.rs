//! What `rekey` plans, or did.

use serde::Serialize;

use super::outcome::Outcome;

/// A recording that gets its place and name.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// Where it is, relative to the root.
    pub from: String,
    /// Where it belongs; the same when only its content changes.
    pub to: String,
}

/// Two recordings that get one name.
#[derive(Clone, Debug, Serialize)]
pub struct Collided {
    /// The path of the recording that cannot get the name.
    pub from: String,
    /// The name.
    pub to: String,
    /// The current path of the recording that has or gets the name.
    pub other: String,
    /// Whether both have the same answer, so that the first one is deleted.
    pub same_answer: bool,
    /// Both answers, if they differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<[String; 2]>,
}

/// A file that is not changed.
#[derive(Clone, Debug, Serialize)]
pub struct LeftAlone {
    /// The file, relative to the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// The result of `rekey`.
#[derive(Debug, Default, Serialize)]
pub struct RekeyReport {
    /// Recordings looked at.
    pub checked: usize,
    /// What moves, by the old path.
    pub moves: Vec<Moved>,
    /// What cannot move, because another recording has the name.
    pub collisions: Vec<Collided>,
    /// Whether all of this was done; else none of it.
    pub applied: bool,
    /// Files that must not be changed, or that cannot be judged.
    pub refused: Vec<LeftAlone>,
    /// Files that are not recordings, and are not changed.
    pub left: Vec<LeftAlone>,
    /// Whether git was asked for changes that are not committed.
    #[serde(skip)]
    pub git_checked: bool,
    /// The plan was shown already, with a question.
    #[serde(skip)]
    pub shown: bool,
}

impl RekeyReport {
    /// Whether there is no work to do.
    pub fn is_settled(&self) -> bool {
        self.moves.is_empty() && self.collisions.is_empty()
    }

    /// Collisions that cannot be resolved.
    pub fn conflicts(&self) -> usize {
        self.collisions.iter().filter(|collision| !collision.same_answer).count()
    }

    pub(super) fn outcome(&self) -> Outcome {
        let is_done = self.applied || self.is_settled();
        if is_done && self.refused.is_empty() { Outcome::Clean } else { Outcome::Findings }
    }
}
