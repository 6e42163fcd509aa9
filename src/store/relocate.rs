//! Giving many recordings a new place at once: all of them, or none.
//!
//! All new files are staged and flushed first; then they are moved into place, and then the old files are deleted. An
//! error restores everything. A killed process leaves each recording at its old place, its new place, or both, and
//! staged files, which the next run that writes removes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::folder::{Store, work_tree};
use super::lock::StoreLock;
use super::owned::OwnedFolder;
use super::paths::{is_file, look_at_link};
use super::stage::path_text;
use super::system;
use crate::recording::file::RecordingFile;

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to the root.
    pub path: String,
    /// The recording it is made from, whose permissions it keeps; none if the file is to be deleted.
    pub source: Option<String>,
    /// Whether a file is there now that may be replaced or is to be deleted.
    pub replaces: bool,
}

/// A change that is ready: what comes, and a copy of what was there.
struct ReadyChange {
    path: PathBuf,
    new: Option<PathBuf>,
    old: Option<PathBuf>,
}

/// Where files are staged: in each folder one of this process, as many as there are files in it.
#[derive(Default)]
struct Staged {
    folders: BTreeMap<PathBuf, OwnedFolder>,
    count: usize,
}

impl Staged {
    /// A path for a file that is staged for a place in `folder`.
    fn next(&mut self, folder: &Path) -> std::io::Result<PathBuf> {
        self.count += 1;
        let owned = match self.folders.get(folder) {
            Some(owned) => owned,
            None => self.folders.entry(folder.to_owned()).or_insert(OwnedFolder::for_set(folder)?),
        };
        Ok(owned.path().join(format!("{}.staged", self.count)))
    }

    /// Leaves the staged files in place.
    fn keep(&mut self) {
        self.folders.values_mut().for_each(OwnedFolder::keep);
    }
}

impl Store {
    /// Whether the root is in a git work tree.
    pub fn is_in_git(&self) -> bool {
        !matches!(work_tree(&self.root), Ok(None))
    }

    /// Whether something is at a path below the root, or may be, as it cannot be looked at.
    pub fn exists(&self, path: &str) -> bool {
        !matches!(look_at_link(&self.root.join(path)), Ok(None))
    }

    /// Whether something is at a path below the root.
    pub fn is_there(&self, path: &str) -> Result<bool> {
        let failed = |error| Error::io("cannot be inspected", path, &error).hint("check its permissions");
        Ok(look_at_link(&self.root.join(path)).map_err(failed)?.is_some())
    }

    /// Whether a recording is a regular file, or may be, as it cannot be looked at.
    pub fn may_be_file(&self, file: &RecordingFile) -> bool {
        is_file(&self.root.join(&file.path))
    }

    /// Whether a recording is a link to another file.
    pub fn is_link(&self, file: &RecordingFile) -> bool {
        fs::symlink_metadata(self.root.join(&file.path)).is_ok_and(|metadata| metadata.is_symlink())
    }

    /// Makes all changes in order, or none. `content` gives the bytes of the change with this number,
    /// or says why it is out of date; of one that removes, only that counts.
    pub fn relocate(&self, changes: &[FileChange], content: &mut dyn FnMut(usize) -> Result<Vec<u8>>) -> Result<()> {
        let lock = self.lock();
        self.remove_leftovers();
        let mut staged = Staged::default();
        let mut ready = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            ready.push(self.prepare(&mut staged, change, || content(index))?);
        }
        let mut done: Vec<ReadyChange> = Vec::with_capacity(changes.len());
        let mut was_placing = true;
        for (mut next, change) in ready.into_iter().zip(changes) {
            // New files must be on disk before old ones are deleted.
            let places = change.source.is_some();
            if was_placing && !places {
                flush_folders(&done);
            }
            was_placing = places;
            match self.make(&lock, &mut next, change.replaces) {
                Ok(()) => done.push(next),
                Err(error) => return Err(put_back(done, error, &mut staged)),
            }
        }
        flush_folders(&done);
        drop(lock);
        Ok(())
    }

    fn prepare(
        &self,
        staged: &mut Staged,
        change: &FileChange,
        content: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<ReadyChange> {
        let path = self.root.join(&change.path);
        let (folder, _) = change.path.rsplit_once('/').unwrap_or(("", &change.path));
        let hint = "check the permissions and the space of its folder; nothing was changed";
        let failed = |what: &str, error: std::io::Error| Error::io(what, path_text(&path), &error).hint(hint);
        let bytes = content()?;
        let backup = |staged: &mut Staged| if change.replaces { backup(staged, &path).map(Some) } else { Ok(None) };
        let Some(source) = &change.source else {
            let old = backup(staged).map_err(|error| failed("cannot remove", error))?;
            return Ok(ReadyChange { path, new: None, old });
        };
        let folder = self.make_folder(folder, &mut Vec::new())?;
        let mut stage = || {
            let new = staged.next(&folder)?;
            let mut file = File::create_new(&new)?;
            file.write_all(&bytes)?;
            file.set_permissions(fs::metadata(self.root.join(source))?.permissions())?;
            file.sync_all()?;
            // Thousands of files may be staged at a time; none stays open.
            Ok(new)
        };
        let new = stage().map_err(|error| failed("cannot write", error))?;
        let old = backup(staged).map_err(|error| failed("cannot replace", error))?;
        Ok(ReadyChange { path, new: Some(new), old })
    }

    /// Makes one change, with its new content.
    fn make(&self, lock: &StoreLock<'_>, ready: &mut ReadyChange, replaces: bool) -> Result<()> {
        let path = &ready.path;
        let failed = |what: &str, error: &std::io::Error| Error::io(what, path_text(path), error);
        let Some(new) = ready.new.take() else {
            return fs::remove_file(path).map_err(|error| failed("cannot remove", &error));
        };
        let held = path.parent().and_then(|folder| lock.folder(folder));
        if !replaces && !matches!(look_at_link(path), Ok(None)) {
            let here = Error::new("a new file is here since the plan was made").at(path_text(path));
            return Err(here.hint("run it again"));
        }
        system::rename(&new, path).map_err(|error| failed("cannot replace", &error))?;
        drop(held);
        Ok(())
    }
}

/// A copy of a file beside it, to put back if a later change fails.
fn backup(staged: &mut Staged, path: &Path) -> std::io::Result<PathBuf> {
    let copy = staged.next(path.parent().unwrap_or(path))?;
    fs::copy(path, &copy)?;
    Ok(copy)
}

/// Undoes the changes, the last one first, and adds the result to the error.
fn put_back(done: Vec<ReadyChange>, error: Error, staged: &mut Staged) -> Error {
    let mut lost = Vec::new();
    for ready in done.into_iter().rev() {
        match ready.old {
            None => match fs::remove_file(&ready.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => lost.push(path_text(&ready.path)),
                _ => {}
            },
            Some(old) => {
                if system::rename(&old, &ready.path).is_err() {
                    // The copy is the only one left.
                    staged.keep();
                    lost.push(path_text(&old));
                }
            }
        }
    }
    if lost.is_empty() {
        error.hint("everything was restored")
    } else {
        error.hint(format!("and some files could not be restored; check {}", lost.join(", ")))
    }
}

/// The names are safe only when the folders are on disk too; systems that cannot flush a folder need not.
fn flush_folders(done: &[ReadyChange]) {
    let mut folders: Vec<&Path> = done.iter().filter_map(|ready| ready.path.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
    }
}
