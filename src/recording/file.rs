//! The path of a recording, and which paths are recordings.

/// The name of every folder that holds recordings.
pub const RECORDINGS: &str = "recordings";

/// Folders that are never searched.
pub const NOT_SEARCHED: [&str; 2] = [".git", "node_modules"];

/// A file of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordingFile {
    /// Its path relative to the root, with `/` on every system.
    pub path: String,
}

impl RecordingFile {
    /// The folder, relative to the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file name without `.json`.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or("");
        name.strip_suffix(".json").unwrap_or(name)
    }

    /// Whether its path may stand for one that is not UTF-8, which no text can hold.
    pub fn has_lossy_name(&self) -> bool {
        self.path.contains(char::REPLACEMENT_CHARACTER)
    }
}

/// Whether a path below the root, with `/`, is a recording: a `*.json` directly in a folder named `recordings`, and not
/// inside a folder that is not searched.
pub fn is_recording_path(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    if path.split('/').any(|part| NOT_SEARCHED.contains(&part)) {
        return false;
    }
    let is_json = parts.next().is_some_and(|name| name.len() > 5 && name.ends_with(".json"));
    is_json && parts.next() == Some(RECORDINGS)
}
