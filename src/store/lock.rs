//! Locks on the folders of a store, by which runs that write wait for each other. Systems without locks give none.

use std::fs::File;
use std::path::Path;

use super::folder::Store;

/// Held by a run that moves or takes away recordings: two of them wait for each other, and the second finds at the first
/// file that its plan is old.
#[derive(Debug)]
pub struct StoreLock<'a> {
    root: &'a Path,
    _held: Option<File>,
}

impl Store {
    /// Locks the store, once it is free.
    pub fn lock(&self) -> StoreLock<'_> {
        StoreLock { root: self.root(), _held: lock_folder(self.root()) }
    }
}

impl StoreLock<'_> {
    /// Locks one folder against a `record` that writes there. The root is locked already, and a process that locks a folder
    /// twice waits for itself.
    pub(super) fn folder(&self, folder: &Path) -> Option<File> {
        if folder == self.root { None } else { lock_folder(folder) }
    }
}

/// Locks a folder, once it is free.
pub(super) fn lock_folder(folder: &Path) -> Option<File> {
    File::open(folder).ok().filter(|folder| folder.lock().is_ok())
}
