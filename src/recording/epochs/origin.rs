//! How a name comes out: an algorithm, and the edits to undo before it.

use std::fmt;

use super::history::{Epoch, RENAMES, Rename, STEP_NAMES, Steps};
use crate::recording::recorder::KeyRules;

/// Which algorithm gives a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// That of the rules in force.
    Today,
    /// That of other recorders, older or newer.
    Of(KeyRules),
    /// One that was in force until the change named.
    Before(&'static Epoch),
    /// A part of the change that ended an epoch; none such was ever merged.
    During {
        /// The epoch that was to end.
        epoch: &'static Epoch,
        /// The steps of the change that were applied, of those that make a difference here.
        applied: u8,
        /// The steps that were not applied yet.
        missing: u8,
    },
    /// The key of a tool call with the test id in it, which was tried and given up.
    ToolWithTestId,
}

/// The edit to undo in the content so that the name is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A search-and-replace.
    Renamed(&'static Rename),
    /// The test id: this one, or none.
    TestId(Option<String>),
    /// The path of the url.
    Path(String),
}

/// An algorithm, and the edits to undo before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The edits, none for content that is as it was recorded.
    pub edits: Vec<Edit>,
}

/// What was tried in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How many keys.
    pub keys: usize,
    /// Whether that was all; of a very large request only the first and likeliest are tried.
    pub all: bool,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "none of {} keys gives the name: ", self.keys)?;
        if !self.all {
            return f.write_str("the request is too large to try more");
        }
        f.write_str("older algorithms and parts of them, other test ids and paths")?;
        RENAMES.iter().try_for_each(|rename| write!(f, ", the rename {}", rename.what))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { algorithm, edits } = self;
        let edits = edits.iter().map(Edit::to_string).collect::<Vec<_>>().join(" and ");
        match (algorithm, edits.as_str()) {
            (algorithm, "") => algorithm.fmt(f),
            (Algorithm::Today, edits) => write!(f, "edited after it was recorded: {edits}"),
            (algorithm, edits) => write!(f, "{algorithm} and edited since: {edits}"),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |steps: Steps| {
            let names = STEP_NAMES.iter().enumerate().filter(|(place, _)| steps & (1 << place) != 0);
            names.map(|(_, name)| *name).collect::<Vec<_>>().join(" and ")
        };
        match self {
            Algorithm::Today => f.write_str("recorded by today's algorithm"),
            Algorithm::Of(rules) => write!(f, "the key of {}", rules.whose()),
            Algorithm::Before(epoch) => write!(f, "recorded before {} ({})", epoch.change, epoch.until),
            Algorithm::During { epoch, applied, missing } => {
                let (applied, missing) = (names(*applied), names(*missing));
                write!(f, "recorded before {} ({}), with a draft of that change: ", epoch.change, epoch.until)?;
                write!(f, "{applied} done, {missing} not yet")
            }
            Algorithm::ToolWithTestId => f.write_str("recorded when the keys of tool calls contained the test id"),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Renamed(rename) => write!(f, "the rename {} ({}) undone", rename.what, rename.date),
            Edit::TestId(None) => f.write_str("without its test id"),
            Edit::TestId(Some(id)) => write!(f, "with the test id {id}"),
            Edit::Path(path) => write!(f, "with the path {path}"),
        }
    }
}
