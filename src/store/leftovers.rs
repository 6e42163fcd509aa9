//! What killed runs left behind.

use std::path::PathBuf;

use super::copies::memory_places;
use super::folder::{Store, walk, work_tree};
use super::owned::{PREFIX, SCRATCH, SET, dead};
use super::{output, stage};

impl Store {
    /// Removes the leftovers of killed runs: staged files and folders in the tree, incomplete copies, temporary
    /// folders. Those of a running process are locked and stay.
    pub fn remove_leftovers(&self) {
        let mut folders: Vec<PathBuf> = Vec::new();
        for entry in walk(self.root()).flatten() {
            let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
            if let Some(folder) = entry.path().parent().filter(|_| is_ours) {
                folders.push(folder.to_owned());
            }
        }
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            stage::remove_dead(&folder);
            output::remove_dead(&folder);
            drop(dead(&folder, PREFIX, SET));
        }
        drop(dead(&tempfile::env::temp_dir(), SCRATCH.0, SCRATCH.1));
        let of_git = work_tree(self.root()).map(|top| top.join(".git")).filter(|folder| folder.is_dir());
        for (place, _) in memory_places(of_git.as_deref()) {
            self.remove_half_copies(&place);
        }
    }
}
