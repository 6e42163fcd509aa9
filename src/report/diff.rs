//! What `diff` found.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};

use super::outcome::Outcome;
use super::record::TokenCounts;

/// What became of a recording, exactly one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A test can see a difference beyond the text: finish reason, tool calls, refusal, choices, error, streaming.
    Behaviour,
    /// Another request, and another answer.
    Request,
    /// Only text or reasoning differ.
    Text,
    /// There before, not after.
    Removed,
    /// There after, not before.
    Added,
    /// Another key, the same answer.
    Rekeyed,
    /// Other bytes, but nothing a test can see.
    Noise,
    /// The same bytes.
    Identical,
}

impl Class {
    /// All of them, the worst first.
    pub const ALL: [Class; 8] = [
        Class::Behaviour,
        Class::Request,
        Class::Text,
        Class::Removed,
        Class::Added,
        Class::Rekeyed,
        Class::Noise,
        Class::Identical,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Class::Behaviour => "behaviour",
            Class::Request => "request",
            Class::Text => "text",
            Class::Removed => "removed",
            Class::Added => "added",
            Class::Rekeyed => "rekeyed",
            Class::Noise => "noise",
            Class::Identical => "identical",
        }
    }

    /// Whether a reviewer may pass it over.
    pub fn is_quiet(self) -> bool {
        matches!(self, Class::Noise | Class::Identical)
    }
}

/// How many recordings are in each class. A pair counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// [`Class::Identical`].
    pub identical: usize,
    /// [`Class::Noise`].
    pub noise: usize,
    /// [`Class::Text`].
    pub text: usize,
    /// [`Class::Behaviour`].
    pub behaviour: usize,
    /// [`Class::Rekeyed`].
    pub rekeyed: usize,
    /// [`Class::Request`].
    pub request: usize,
    /// [`Class::Added`].
    pub added: usize,
    /// [`Class::Removed`].
    pub removed: usize,
}

impl ClassCounts {
    /// The count of one class.
    pub fn of(&self, class: Class) -> usize {
        let mut counts = *self;
        *counts.slot(class)
    }

    /// Counts one more.
    pub fn add(&mut self, class: Class, count: usize) {
        *self.slot(class) += count;
    }

    /// All together.
    pub fn total(&self) -> usize {
        Class::ALL.into_iter().map(|class| self.of(class)).sum()
    }

    fn slot(&mut self, class: Class) -> &mut usize {
        match class {
            Class::Identical => &mut self.identical,
            Class::Noise => &mut self.noise,
            Class::Text => &mut self.text,
            Class::Behaviour => &mut self.behaviour,
            Class::Rekeyed => &mut self.rekeyed,
            Class::Request => &mut self.request,
            Class::Added => &mut self.added,
            Class::Removed => &mut self.removed,
        }
    }
}

/// A place in which two requests differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestChange {
    /// JSON pointer into the recording.
    pub pointer: String,
    /// What was there; absent when there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The new value; `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// The keys of a recording before and after, as their file should be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Keys {
    /// Before, if there was a request that could be read.
    pub before: Option<String>,
    /// After, likewise.
    pub after: Option<String>,
}

/// What became of one recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Its class.
    pub class: Class,
    /// For [`Class::Request`], the class of the answer.
    pub answer_class: Option<Class>,
    /// The test that makes the request.
    pub test_id: Option<String>,
    /// The model of the request, if it has one.
    #[serde(skip)]
    pub model: Option<String>,
    /// Its keys.
    pub keys: Keys,
    /// The file before.
    pub before: Option<String>,
    /// The file after.
    pub after: Option<String>,
    /// Where the requests differ.
    pub request: Vec<RequestChange>,
    /// Where the answers differ: for each field what it was and what it is.
    pub answer: Map<String, Value>,
    /// The token counts before and after, when both have them and they differ.
    pub usage: Option<[TokenCounts; 2]>,
    /// Differences that no test can see.
    pub noise: Vec<String>,
    /// What else there is to say, such as that a side cannot be read.
    pub note: Option<String>,
}

/// The result of `diff`.
#[derive(Debug, Serialize)]
pub struct DiffReport {
    /// What is compared: a revision, a path, the index, the work tree.
    pub before: String,
    /// With what.
    pub after: String,
    /// What two given names were taken for: files, folders or revisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_for: Option<&'static str>,
    /// How many are in each class.
    pub counts: ClassCounts,
    /// The changes, worst first. Noise is included on request.
    pub changes: Vec<Change>,
    /// Recordings with the same bytes in another place.
    pub moved: usize,
    /// One line per change only.
    #[serde(skip)]
    pub stat: bool,
    /// Exit with code 1 if there are changes other than noise.
    #[serde(skip)]
    pub exit_code: bool,
    /// The file it is written to instead of standard output.
    #[serde(skip)]
    pub output: Option<PathBuf>,
    /// Where the page with everything is, for a comment to link to.
    #[serde(skip)]
    pub page_url: Option<String>,
}

impl DiffReport {
    pub(super) fn outcome(&self) -> Outcome {
        let loud = self.counts.total() - self.counts.noise - self.counts.identical;
        if self.exit_code && loud > 0 { Outcome::Findings } else { Outcome::Clean }
    }
}

/// The result of `diff --textconv`: a recording as a short text.
#[derive(Debug, Serialize)]
pub struct OutlineReport {
    /// Its lines.
    pub lines: Vec<String>,
}
