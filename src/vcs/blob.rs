//! What git holds of a recording.

use crate::recording::file::RecordingFile;

/// A recording in a revision or in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its path below the root.
    pub file: RecordingFile,
    /// Where its bytes are.
    pub content: GitContent,
}

/// Where the bytes of a file are that git holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GitContent {
    /// The object.
    pub oid: String,
    /// The path relative to the top of the work tree: the filters of a file depend on it.
    pub(super) path: Vec<u8>,
    /// Whether the object is a link, and holds the path to which it leads.
    pub is_link: bool,
}
