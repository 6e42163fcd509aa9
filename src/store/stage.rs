//! Writing a recording: staged beside its place, flushed, then moved there in one step.
//!
//! A killed process leaves the old file or the new one, never half of one; at worst a staged file stays, which does not
//! count as a recording, and which the next run removes.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};

use super::folder::Store;
use super::paths::look;
use super::{hindrance, system};
use crate::recording::file::RecordingFile;

/// Staged files start so and end in `.tmp`, so that they are neither recordings nor shown by `ls`.
const PREFIX: &str = ".bedrock-fixtures-";

/// Staged files that are locked for as long as their process lives end so instead.
const HELD: &str = ".new";

/// A staged file older than this belongs to no living run.
pub(super) const STALE: Duration = Duration::from_secs(3600);

/// What to do about a place that cannot be written.
const WRITABLE: &str = "check the test id, the permissions and the space, or give another --root";

/// What became of a recording that was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promotion {
    /// It is in its place now.
    Written,
    /// What was there was kept.
    Kept,
}

impl Store {
    /// Writes `bytes` to `folder/name`, unless `keeps` says of what is there now that it is to stay.
    ///
    /// Two processes may write into one store at a time: each file is compared and replaced under a lock of its folder.
    pub fn write(
        &self,
        folder: &str,
        name: &str,
        bytes: &[u8],
        keeps: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Promotion> {
        let (folder, mut staged) = self.stage(folder)?;
        let path = folder.join(name);
        let flushed = staged.write_all(bytes).and_then(|()| staged.as_file().sync_all());
        flushed.map_err(|error| cannot_write(&folder, &error))?;

        // Where a folder cannot be locked, the move is still one step; only the comparison may then be late.
        let lock = super::lock::lock_folder(&folder);
        remove_stale(&folder, staged.path());
        let shown = if self.root.join(name) == path { name.to_owned() } else { path_text(&path).to_string() };
        let old = hindrance::replaceable(&path, &shown)?;
        if old.is_some_and(|old| keeps(&old)) {
            return Ok(Promotion::Kept);
        }
        let there = look(&path);
        if let Some(there) =
            there.map_err(|error| Error::io("cannot be inspected, so it is not replaced", path_text(&path), &error))?
        {
            // The file stays as open to others as it was.
            let _ = fs::set_permissions(staged.path(), there.permissions());
        }
        let held = "close programs that have the file open, or check its permissions";
        system::move_into_place(staged, &path)
            .map_err(|error| Error::io("cannot replace", path_text(&path), &error).hint(held))?;
        drop(lock);
        // The name is safe only when the folder is on disk too; systems that cannot flush a folder need not.
        if let Ok(folder) = File::open(&folder) {
            let _ = folder.sync_all();
        }
        Ok(Promotion::Written)
    }

    /// Checks before paid calls that recordings can be written: creates the folders, and stages and removes a file in
    /// each. Also removes the leftovers of killed runs there.
    pub fn make_ready<'a>(&self, places: impl IntoIterator<Item = &'a RecordingFile>) -> Result<Prepared> {
        self.remove_leftovers();
        let mut prepared = Prepared { made: Vec::new() };
        let mut seen = HashSet::new();
        for place in places {
            if seen.insert(place.folder()) {
                let folder = self.make_folder(place.folder(), &mut prepared.made)?;
                held(&folder).map_err(|error| cannot_write(&folder, &error))?;
                remove_dead(&folder);
            }
            let path = self.root.join(&place.path);
            match fs::symlink_metadata(&path) {
                Ok(there) if there.is_dir() => {
                    return Err(Error::new("a folder has the name of the recording").at(path_text(&path)));
                }
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(cannot_write(&path, &error)),
                _ => {}
            }
        }
        Ok(prepared)
    }

    /// Makes the folder and an empty file in it.
    fn stage(&self, folder: &str) -> Result<(PathBuf, tempfile::NamedTempFile)> {
        let made = self.make_folder(folder, &mut Vec::new())?;
        match held(&made) {
            Ok(staged) => Ok((made, staged)),
            // Another run that found no use for it has just removed it.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let made = self.make_folder(folder, &mut Vec::new())?;
                let staged = held(&made).map_err(|error| cannot_write(&made, &error))?;
                Ok((made, staged))
            }
            Err(error) => Err(cannot_write(&made, &error)),
        }
    }

    /// Creates `folder` below the root; a link out of the root is an error. New folders are added to `new`.
    pub(super) fn make_folder(&self, folder: &str, new: &mut Vec<PathBuf>) -> Result<PathBuf> {
        let mut path = self.root.clone();
        for part in folder.split('/') {
            path.push(part);
            let failed = |error| Error::io("cannot create the folder", path_text(&path), &error).hint(WRITABLE);
            match fs::create_dir(&path) {
                Ok(()) => new.push(path.clone()),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let real = system::real(&path).map_err(failed)?;
                    if !real.starts_with(&self.root) {
                        return Err(Error::new("a link points out of the root")
                            .at(path_text(&path))
                            .hint("recordings are written below --root only"));
                    }
                    if !real.is_dir() {
                        return Err(Error::new("a file has the name of a folder").at(path_text(&path)).hint(WRITABLE));
                    }
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(path)
    }
}

/// Folders that are ready for writing. New ones that stay empty are removed when this value is dropped.
#[derive(Debug)]
#[must_use]
pub struct Prepared {
    made: Vec<PathBuf>,
}

impl Drop for Prepared {
    fn drop(&mut self) {
        for folder in self.made.iter().rev() {
            // Fails for one that is in use, as it should.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::io("cannot write there", path_text(path), error).hint(WRITABLE)
}

fn staging(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    staging_as(folder, ".tmp")
}

/// Stages a file that is locked until it is closed, so that others see when its owner is dead.
pub(super) fn held(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    loop {
        let staged = staging_as(folder, HELD)?;
        if staged.as_file().lock().is_err() {
            // No locks here: it goes by its age.
            drop(staged);
            return staging(folder);
        }
        // Before it was locked, somebody may have taken it for dead.
        if staged.path().exists() {
            return Ok(staged);
        }
    }
}

fn staging_as(folder: &Path, suffix: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(suffix);
    #[cfg(unix)]
    {
        // What any other program would have made; the umask takes its part.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Removes the staged files whose process has ended: their lock is free.
pub(super) fn remove_dead(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_held = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(HELD));
        if is_held && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes what runs that were killed long ago left behind; `staged` is the measure of now.
pub(super) fn remove_stale(folder: &Path, staged: &Path) {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(now) = modified(staged) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(".tmp"));
        let age = if ours { modified(&entry.path()).and_then(|then| now.duration_since(then).ok()) } else { None };
        if age.is_some_and(|age| age > STALE) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

pub(super) fn path_text(path: &Path) -> String {
    path.display().to_string()
}
