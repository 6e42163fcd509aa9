//! What a rule looks at, and what it says.

use std::cell::OnceCell;
use std::ops::Range;

use crate::recording::scan::{Facts, Reading};
use crate::report::{ContentDigest, Severity};

/// The input of the rules: the content of a file and its path.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Path relative to the root, for the finding.
    pub path: &'a str,
    /// Folder relative to the root.
    pub folder: &'a str,
    /// File name without `.json`.
    pub stem: &'a str,
    /// Folders in which a replay would look for it; the first is its own.
    pub lookup_folders: &'a [String],
    /// The bytes of the file.
    pub bytes: &'a [u8],
    /// What is in them.
    pub reading: &'a Reading,
    /// Also find untidy content.
    pub strict: bool,
    /// Where something starts as a secret does; found once, when a rule asks.
    pub candidates: OnceCell<Vec<Range<usize>>>,
}

impl<'a> Subject<'a> {
    pub(super) fn facts(&self) -> Option<&'a Facts> {
        self.reading.facts.as_ref().ok()
    }

    /// The bytes as the recorder would have written them.
    pub(super) fn canonical(&self) -> &'a [u8] {
        self.reading.rewritten.as_deref().unwrap_or(self.bytes)
    }
}

/// What a rule says of a subject.
pub(super) struct Violation {
    pub(super) pointer: String,
    pub(super) message: String,
    /// Overrides the severity of the rule.
    pub(super) severity: Option<Severity>,
    /// Overrides the help of the rule.
    pub(super) help: Option<String>,
    /// The digest of what was found.
    pub(super) content: Option<ContentDigest>,
}

impl Violation {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Violation { pointer: pointer.into(), message: message.into(), severity: None, help: None, content: None }
    }

    /// A fault in something that must not be shown; its digest identifies it.
    pub(super) fn of_content(pointer: impl Into<String>, message: impl Into<String>, content: &[u8]) -> Self {
        Violation { content: Some(ContentDigest::of(content)), ..Violation::new(pointer, message) }
    }
}
