//! What killed runs left behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
        folders.iter().for_each(|folder| remove_in(folder));
        drop(dead(&tempfile::env::temp_dir(), SCRATCH.0, SCRATCH.1));
        let of_git = work_tree(self.root()).ok().flatten().map(|top| top.join(".git")).filter(|folder| folder.is_dir());
        for (place, _) in memory_places(of_git.as_deref()) {
            self.remove_half_copies(&place);
        }
    }

    /// Removes what killed runs left in a folder to which recordings are moved: in it, and where these would be.
    pub fn remove_leftovers_of_quarantine<'a>(&self, folder: &Path, paths: impl IntoIterator<Item = &'a str>) {
        let folders = paths.into_iter().filter_map(|path| folder.join(path).parent().map(Path::to_owned));
        let folders: BTreeSet<PathBuf> = folders.chain([folder.to_owned()]).collect();
        folders.iter().for_each(|folder| remove_in(folder));
    }
}

fn remove_in(folder: &Path) {
    stage::remove_dead(folder);
    output::remove_dead(folder);
    drop(dead(folder, PREFIX, SET));
}
