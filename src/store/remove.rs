//! Removes recordings one by one: each only if it has not changed, never through a link, never outside the root.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use crate::error::{Error, Result};

use super::folder::{QUARANTINE, Store};
use super::lock::StoreLock;
use super::read;
use super::stage::{held, path_text, remove_stale};
use crate::recording::file::RecordingFile;

/// In a quarantine, the list of what the last run moved there.
const MOVED: &str = ".bedrock-fixtures-moved";

/// Where recordings go when they are taken away.
#[derive(Clone, Debug)]
pub enum Away {
    /// Nowhere: they are deleted.
    Deleted,
    /// Below this folder, in the same folders as they were.
    Quarantine(PathBuf),
}

impl Store {
    /// When a recording was last written.
    pub fn modified(&self, file: &RecordingFile) -> Option<SystemTime> {
        modified(&self.root.join(&file.path))
    }

    /// Prepares a folder to which recordings are moved. Inside the tree it gets a mark, so that lookups and checks
    /// ignore its files. It must not contain one of `files` already.
    pub fn quarantine(&self, folder: &Path, files: &[RecordingFile]) -> Result<Away> {
        let folder = super::paths::absolute(folder);
        let failed =
            |error| Error::io("cannot create the folder", path_text(&folder), &error).hint("give another folder");
        if self.root.starts_with(&folder) {
            return Err(Error::new("this folder contains the recordings")
                .at(path_text(&folder))
                .hint("give another one"));
        }
        // Files that a finished run moved must not be overwritten; what a killed run copied is completed.
        let ended = fs::read_to_string(folder.join(MOVED)).unwrap_or_default();
        let ended: BTreeSet<&str> = ended.split('\0').collect();
        if let Some(there) = files.iter().map(|file| (file, folder.join(&file.path))).find_map(|(file, path)| {
            let is_taken = path.symlink_metadata().is_ok();
            let is_same =
                || !ended.contains(file.path.as_str()) && self.read(file).is_ok_and(|bytes| holds(&path, &bytes));
            (is_taken && !is_same()).then_some(path)
        }) {
            let hint = "give another folder, or empty this one";
            return Err(Error::new("a file is there already").at(path_text(&there)).hint(hint));
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        let folder = fs::canonicalize(&folder).map_err(failed)?;
        if !folder.starts_with(&self.root) {
            return Ok(Away::Quarantine(folder));
        }
        let mut mark = File::create(folder.join(QUARANTINE)).map_err(failed)?;
        mark.write_all(b"Recordings that `bedrock-fixtures prune` moved here. They are not used.\n")
            .and_then(|()| mark.sync_all())
            .map_err(failed)?;
        Ok(Away::Quarantine(folder))
    }

    /// Lists in a quarantine what was moved there, for the command that brings it back. A NUL ends each path: a name may
    /// hold anything else, also a line break, and tar takes a line that begins with `-` for an option.
    pub fn list_moved(&self, folder: &Path, paths: &[String]) -> Result<PathBuf> {
        let list = folder.join(MOVED);
        let text: String = paths.iter().map(|path| format!("{path}\0")).collect();
        super::output::write(&list, text.as_bytes(), super::output::Readers::AsBefore)?;
        Ok(list)
    }

    /// Removes one recording, if its bytes are still those that `is_as_planned` knows.
    pub fn take_away(
        &self,
        lock: &StoreLock<'_>,
        file: &RecordingFile,
        away: &Away,
        is_as_planned: impl FnOnce(&[u8]) -> bool,
    ) -> Result<()> {
        let path = self.root.join(&file.path);
        let folder = path.parent().unwrap_or(&self.root);
        let failed = |error| Error::io("cannot be removed", &file.path, &error).hint("check the permissions");
        // A folder that became a link leads elsewhere.
        if fs::canonicalize(folder).map_err(failed)? != folder {
            return Err(Error::new("a link points to it").at(&file.path).hint("files behind links are not deleted"));
        }
        let held = lock.folder(folder);
        if !fs::symlink_metadata(&path).map_err(failed)?.is_file() {
            return Err(Error::new("not a regular file").at(&file.path).hint("check what it is"));
        }
        let bytes = self.read(file).map_err(|why| Error::new(why).at(&file.path))?;
        if !is_as_planned(&bytes) {
            return Err(Error::new("the file has changed since the plan was made").at(&file.path).hint("run it again"));
        }
        match away {
            Away::Deleted => fs::remove_file(&path).map_err(failed)?,
            Away::Quarantine(to) => move_to(&path, &to.join(&file.path), &bytes).map_err(failed)?,
        }
        drop(held);
        Ok(())
    }

    /// Sees that it is on disk that files are gone from their folders.
    pub fn flush<'a>(&self, files: impl IntoIterator<Item = &'a RecordingFile>) {
        let folders: BTreeSet<&str> = files.into_iter().map(RecordingFile::folder).collect();
        for folder in folders {
            // Systems that cannot flush a folder need not.
            if let Ok(folder) = File::open(self.root.join(folder)) {
                let _ = folder.sync_all();
            }
        }
    }
}

/// Whether a path relative to `cwd` leads through a link: what is there may be far away.
pub fn leads_through_link(cwd: &Path, path: &Path) -> bool {
    if path.is_absolute() || path.components().any(|part| part == Component::ParentDir) {
        return false;
    }
    let here = fs::canonicalize(cwd).map(|cwd| cwd.join(path).components().collect::<PathBuf>());
    here.is_ok_and(|here| fs::canonicalize(&here).is_ok_and(|there| there != here))
}

/// When a file was last written, if it is one.
pub fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Whether a regular file holds just these bytes.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|there| there.is_file() && there.len() == bytes.len() as u64);
    is_file && read::whole(path, true).is_ok_and(|there| there == bytes)
}

/// Moves a file, also to another file system: the copy is on disk before the file goes.
fn move_to(from: &Path, to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder)?;
    let permissions = fs::metadata(from)?.permissions();
    // A run that was killed between copying and removing is finished by the next one.
    if !holds(to, bytes) {
        // A copy that is cut short must not have the name of a whole one.
        super::stage::remove_dead(folder);
        let mut copy = held(folder)?;
        remove_stale(folder, copy.path());
        copy.write_all(bytes)?;
        copy.as_file().set_permissions(permissions)?;
        copy.as_file().sync_all()?;
        copy.persist_noclobber(to).map_err(|error| error.error)?;
    }
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    fs::remove_file(from)
}
