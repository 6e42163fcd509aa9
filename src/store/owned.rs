//! Folders that belong to a running process. Each is locked until the process ends, so that others see when its owner
//! is dead. A killed process leaves such a folder; the next process that writes removes it.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::copies::{is_own, private};
use super::paths::is_there;

/// The locked file in such a folder. It is removed last, so that another run can finish an interrupted removal.
const LOCK: &str = "lock";

/// The file that marks a folder that was named to the user, to whom it now belongs.
pub(super) const KEPT: &str = "kept";

/// What folders in the tree start with, and what those among the temporary files do.
pub(super) const PREFIX: &str = ".bedrock-fixtures-";
pub(super) const SCRATCH: (&str, &str) = ("bedrock-fixtures-", ".run");

/// What folders end with in which a set of files is staged.
pub(super) const SET: &str = ".set";

/// A folder that is removed when the value is dropped; if the process is killed, others see that the owner is dead.
#[derive(Debug)]
pub struct OwnedFolder {
    path: PathBuf,
    lock: Option<File>,
    stays: bool,
}

impl OwnedFolder {
    /// A new private folder inside another one. It tells git to ignore its content.
    pub(super) fn new(place: &Path, prefix: &str, suffix: &str) -> io::Result<Self> {
        loop {
            let folder = private(prefix).suffix(suffix).tempdir_in(place)?;
            let lock = match File::create_new(folder.path().join(LOCK)) {
                // Another process took the empty folder for an abandoned one.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                other => other?,
            };
            // Without locks, no process can tell whether the folder is in use.
            let _ = lock.lock();
            // Another process may have taken it for abandoned before it was locked.
            if folder.path().join(LOCK).exists() {
                fs::write(folder.path().join(".gitignore"), "*\n")?;
                return Ok(OwnedFolder { path: folder.keep(), lock: Some(lock), stays: false });
            }
        }
    }

    /// A folder inside the tree, for a set of files that are staged there.
    pub(super) fn for_set(place: &Path) -> io::Result<Self> {
        OwnedFolder::new(place, PREFIX, SET)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the folder when the value is dropped, for the user: no later run removes it.
    pub(super) fn keep(&mut self) {
        self.stays = true;
        // A file of its own might find no room.
        let _ = fs::rename(self.path.join(LOCK), self.path.join(KEPT));
    }

    /// The folder and its lock; the folder is no longer removed with the value.
    pub(super) fn into_parts(mut self) -> (PathBuf, Option<File>) {
        self.stays = true;
        (self.path.clone(), self.lock.take())
    }

    /// Makes it a folder of this process again, which is removed with the value.
    pub(super) fn of_parts(path: PathBuf, lock: Option<File>) -> Self {
        OwnedFolder { path, lock, stays: false }
    }

    fn remove(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        match fs::remove_file(self.path.join(LOCK)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::remove_dir(&self.path)
    }
}

impl Drop for OwnedFolder {
    fn drop(&mut self) {
        if !self.stays {
            // A later run removes what is left.
            let _ = self.remove();
        }
        drop(self.lock.take());
    }
}

/// An empty folder among the temporary files, which is removed with the value.
#[derive(Debug)]
pub struct ScratchFolder {
    path: PathBuf,
    _owned: OwnedFolder,
}

impl ScratchFolder {
    pub(super) fn new() -> io::Result<Self> {
        let owned = OwnedFolder::new(&tempfile::env::temp_dir(), SCRATCH.0, SCRATCH.1)?;
        let path = owned.path().join("scratch");
        fs::create_dir(&path)?;
        Ok(ScratchFolder { path, _owned: owned })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes over the folders in another one whose process has ended. An empty one is removed at once; one that was kept
/// for the user stays.
pub(super) fn dead(place: &Path, prefix: &str, suffix: &str) -> Vec<OwnedFolder> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let ours = entries
        .filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(suffix))
        })
        .filter(|entry| entry.metadata().is_ok_and(|there| there.is_dir() && is_own(&there)));
    ours.filter(|entry| !is_there(&entry.path().join(KEPT))).filter_map(|entry| adopt(entry.path())).collect()
}

/// Takes over a folder if its process has ended.
fn adopt(path: PathBuf) -> Option<OwnedFolder> {
    let lock = match File::open(path.join(LOCK)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // An empty folder is new or nearly removed: its owner makes another one. In any other folder the lock was
            // removed first, as in earlier versions.
            return match fs::remove_dir(&path) {
                Ok(()) => None,
                Err(_) => Some(OwnedFolder { path, lock: None, stays: false }),
            };
        }
        Err(_) => return None,
    };
    match lock.try_lock() {
        Ok(()) => Some(OwnedFolder { path, lock: Some(lock), stays: false }),
        // It is in use, or there are no locks here, and no process can tell.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

/// An empty folder that is removed with everything in it when the value is dropped.
pub fn scratch_folder() -> Result<ScratchFolder> {
    ScratchFolder::new().map_err(|error| Error::io("cannot make", "a temporary folder", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What could not be restored is named to a person, who looks at it later.
    #[test]
    fn a_kept_folder_is_nobodys_leftover() {
        let place = tempfile::tempdir().unwrap();
        let folder = |keeps: bool| {
            let mut folder = OwnedFolder::for_set(place.path()).unwrap();
            fs::write(folder.path().join("1.staged"), "the only copy").unwrap();
            if keeps {
                folder.keep();
            }
            let (path, lock) = folder.into_parts();
            drop(lock);
            path
        };
        let (kept, dropped) = (folder(true), folder(false));
        drop(dead(place.path(), PREFIX, SET));
        assert_eq!((kept.join("1.staged").exists(), dropped.exists()), (true, false));
    }
}
