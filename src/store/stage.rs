//! Writing a recording: staged beside its place, flushed, then moved there in one step.
//!
//! A process that is killed leaves the old file or the new one, never half of either; at worst a staged file stays, which
//! no one takes for a recording and a later run removes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};

use super::Store;

/// Staged files start so and end in `.tmp`, so that they are neither recordings nor shown by `ls`.
const PREFIX: &str = ".bedrock-fixtures-";

/// A staged file older than this belongs to no living run.
const STALE: Duration = Duration::from_secs(3600);

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
        let folder = self.make_folder(folder)?;
        let path = folder.join(name);
        let failed = |error| Error::io("cannot write to the folder", path_text(&folder), &error);

        let mut staged = staging(&folder).map_err(failed)?;
        staged.write_all(bytes).and_then(|()| staged.as_file().sync_all()).map_err(failed)?;

        // Where a folder cannot be locked, the move is still one step; only the comparison may then be late.
        let lock = File::open(&folder).ok().filter(|folder| folder.lock().is_ok());
        remove_stale(&folder, staged.path());
        if let Ok(old) = fs::read(&path)
            && keeps(&old)
        {
            return Ok(Promotion::Kept);
        }
        staged.persist(&path).map_err(|error| Error::io("cannot replace", path_text(&path), &error.error))?;
        drop(lock);
        // The name is safe only when the folder is on disk too; systems that cannot flush a folder need not.
        if let Ok(folder) = File::open(&folder) {
            let _ = folder.sync_all();
        }
        Ok(Promotion::Written)
    }

    /// Makes `folder` below the root, following no link that leads out of it.
    pub(super) fn make_folder(&self, folder: &str) -> Result<PathBuf> {
        let mut path = self.root.clone();
        for part in folder.split('/') {
            path.push(part);
            let failed = |error| Error::io("cannot make the folder", path_text(&path), &error);
            match fs::create_dir(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    let real = fs::canonicalize(&path).map_err(failed)?;
                    if !real.starts_with(&self.root) {
                        return Err(Error::new("a link leads out of the root")
                            .at(path_text(&path))
                            .hint("recordings are written below --root only"));
                    }
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(path)
    }
}

/// Writes a file that nobody else may read, in one step: what was there stays until the new one is whole.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    // A link stays a link; a device or a folder is nothing to move a file over.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |error| Error::io("cannot write the file", path_text(&path), &error).hint("check the path");
    if path.exists() && !path.is_file() {
        return Err(Error::new("not a regular file").at(path_text(&path)).hint("give the path of a file"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    let mut staged = builder.tempfile_in(folder).map_err(failed)?;
    staged.write_all(bytes).and_then(|()| staged.as_file().sync_all()).map_err(failed)?;
    staged.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes `path`, which is in `folder`, in one step.
pub(super) fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut staged = staging(folder)?;
    staged.write_all(bytes)?;
    staged.as_file().sync_all()?;
    staged.persist(path).map(drop).map_err(|error| error.error)
}

pub(super) fn staging(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(".tmp");
    #[cfg(unix)]
    {
        // What any other program would have made; the umask takes its part.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
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
