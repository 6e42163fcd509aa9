//! Giving many recordings a new place at once: all of them, or none.
//!
//! Everything new is staged and flushed first; then it is moved into place, and only then does the old go. An error on the
//! way puts everything back. A process that is killed leaves each recording at its old place, its new one, or both, and
//! staged files, which a later run removes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::error::{Error, Result};

use super::stage::{path_text, remove_stale, staging};
use super::{RecordingFile, Store, work_tree};

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to the root.
    pub path: String,
    /// The recording it is made from, whose permissions it keeps; none if the file goes.
    pub source: Option<String>,
    /// Whether a file is there now, that may be replaced or is to go.
    pub replaces: bool,
}

/// A change that is ready: what comes, and a copy of what was there.
struct ReadyChange {
    path: PathBuf,
    new: Option<TempPath>,
    old: Option<TempPath>,
}

impl Store {
    /// Whether the root lies in a git work tree.
    pub fn is_in_git(&self) -> bool {
        work_tree(&self.root).is_some()
    }

    /// Whether something is at a path below the root.
    pub fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.root.join(path)).is_ok()
    }

    /// Whether a recording is a link to another file.
    pub fn is_link(&self, file: &RecordingFile) -> bool {
        fs::symlink_metadata(self.root.join(&file.path)).is_ok_and(|metadata| metadata.is_symlink())
    }

    /// Makes all changes in order, or none. `content` gives the bytes of the change with this number,
    /// or says why it is out of date; of one that removes, only that counts.
    pub fn relocate(&self, changes: &[FileChange], content: &mut dyn FnMut(usize) -> Result<Vec<u8>>) -> Result<()> {
        // Two such runs wait for each other; the second finds at the first file that its plan is old.
        let lock = File::open(&self.root).ok().filter(|root| root.lock().is_ok());
        let mut ready = Vec::with_capacity(changes.len());
        for (index, change) in changes.iter().enumerate() {
            ready.push(self.prepare(change, || content(index))?);
        }
        let mut done: Vec<ReadyChange> = Vec::with_capacity(changes.len());
        let mut was_placing = true;
        for (mut next, change) in ready.into_iter().zip(changes) {
            // What was placed must be on disk before anything goes.
            let places = change.source.is_some();
            if was_placing && !places {
                flush_folders(&done);
            }
            was_placing = places;
            match self.make(&mut next, change.replaces) {
                Ok(()) => done.push(next),
                Err(error) => return Err(put_back(done, error)),
            }
        }
        flush_folders(&done);
        drop(lock);
        Ok(())
    }

    fn prepare(&self, change: &FileChange, content: impl FnOnce() -> Result<Vec<u8>>) -> Result<ReadyChange> {
        let path = self.root.join(&change.path);
        let (folder, _) = change.path.rsplit_once('/').unwrap_or(("", &change.path));
        let failed = |what: &str, error: std::io::Error| Error::io(what, path_text(&path), &error);
        let bytes = content()?;
        let backup = || if change.replaces { backup(&path).map(Some) } else { Ok(None) };
        let Some(source) = &change.source else {
            let old = backup().map_err(|error| failed("cannot remove", error))?;
            return Ok(ReadyChange { path, new: None, old });
        };
        let folder = self.make_folder(folder, &mut Vec::new())?;
        let stage = || {
            let mut staged = staging(&folder)?;
            staged.write_all(&bytes)?;
            staged.as_file().set_permissions(fs::metadata(self.root.join(source))?.permissions())?;
            staged.as_file().sync_all()?;
            // Thousands of files may be staged at a time; none stays open.
            Ok(staged.into_temp_path())
        };
        let new = stage().map_err(|error| failed("cannot write", error))?;
        remove_stale(&folder, &new);
        let old = backup().map_err(|error| failed("cannot replace", error))?;
        Ok(ReadyChange { path, new: Some(new), old })
    }

    /// Makes one change, with what is new in it.
    fn make(&self, ready: &mut ReadyChange, replaces: bool) -> Result<()> {
        let path = &ready.path;
        let failed = |what: &str, error: &std::io::Error| Error::io(what, path_text(path), error);
        let Some(new) = ready.new.take() else {
            return fs::remove_file(path).map_err(|error| failed("cannot remove", &error));
        };
        // `record` may write at the same time and takes the same lock. The root is locked already.
        let folder = path.parent().filter(|folder| *folder != self.root);
        let lock = folder.and_then(|folder| File::open(folder).ok()).filter(|folder| folder.lock().is_ok());
        if !replaces && fs::symlink_metadata(path).is_ok() {
            let here = Error::new("a file has come here since the plan was made").at(path_text(path));
            return Err(here.hint("run it again"));
        }
        new.persist(path).map_err(|error| failed("cannot replace", &error.error))?;
        drop(lock);
        Ok(())
    }
}

/// A copy of a file beside it, to put back if a later change fails.
fn backup(path: &Path) -> std::io::Result<TempPath> {
    let copy = staging(path.parent().unwrap_or(path))?.into_temp_path();
    fs::copy(path, &copy)?;
    Ok(copy)
}

/// Undoes what was done, last first, and adds to the error what came of it.
fn put_back(done: Vec<ReadyChange>, error: Error) -> Error {
    let mut lost = Vec::new();
    for ready in done.into_iter().rev() {
        match ready.old {
            None => match fs::remove_file(&ready.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => lost.push(path_text(&ready.path)),
                _ => {}
            },
            Some(old) => {
                if let Err(error) = old.persist(&ready.path) {
                    // The copy is all there is of it.
                    let copy = error.path.keep().unwrap_or_else(|error| error.path.to_path_buf());
                    lost.push(path_text(&copy));
                }
            }
        }
    }
    if lost.is_empty() {
        error.hint("everything was put back as it was")
    } else {
        error.hint(format!("and not everything could be put back; look at {}", lost.join(", ")))
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
