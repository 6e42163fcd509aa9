//! The output files of commands. All of them are written here: only a regular file is replaced, a link stays a link,
//! and the new content appears in one step.
//!
//! A file is staged in its own folder, which tells git to ignore its content: a killed run must not leave a key where
//! `git add --all` finds it. The next run that writes beside it removes the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::owned::{self, OwnedFolder};
use super::paths::look;
use super::stage::path_text;
use super::system;

/// How the names of the folders end in which files are staged.
const SUFFIX: &str = ".out";

/// The name of the file in such a folder.
const STAGED: &str = "staged";

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Everyone who could read the old file; the umask decides for a new one.
    AsBefore,
    /// The owner alone.
    Owner,
    /// As the umask says, and executable.
    Program,
}

impl Readers {
    /// The mode of a new file, before the umask.
    #[cfg(unix)]
    fn mode(self) -> u32 {
        match self {
            Readers::AsBefore => 0o666,
            Readers::Owner => 0o600,
            Readers::Program => 0o777,
        }
    }
}

/// Writes a file that somebody named, in one step: what was there stays until the new one is whole.
pub fn write(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    let place = regular(path)?;
    let failed = |error| Error::io("cannot write the file", path_text(path), &error).hint("check the path");
    let folder = folder_of(&place);
    remove_dead(folder);
    let staging = OwnedFolder::new(folder, owned::PREFIX, SUFFIX).map_err(failed)?;
    let staged = staging.path().join(STAGED);
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, readers.mode());
        let mut file = options.open(&staged)?;
        file.write_all(bytes)?;
        if let (Readers::AsBefore, Some(there)) = (readers, look(&place)?) {
            file.set_permissions(there.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        system::rename(&staged, &place)?;
        flush_folder(folder);
        Ok(())
    };
    write().map_err(failed)
}

/// Makes a file in a folder of this process, for a program to write into.
pub fn create(path: &Path) -> Result<File> {
    File::create_new(path).map_err(|error| Error::io("cannot write the file", path_text(path), &error))
}

/// Makes the folder that somebody named for outputs, if it is not there.
pub fn make_folder(path: &Path) -> Result<()> {
    let failed = |error| Error::io("cannot create the folder", path_text(path), &error).hint("check the path");
    fs::create_dir_all(path).map_err(failed)
}

/// Opens a file that somebody named to add to its end; it may be there already.
pub(super) fn append(path: &Path) -> Result<File> {
    let place = regular(path)?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        // Should a pipe have come here since, it is not waited for.
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let failed = |error| Error::io("cannot write the file", path_text(path), &error).hint("check the path");
    let file = options.open(&place).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_file() { Ok(file) } else { Err(not_regular(path, "a FIFO or a device")) }
}

/// The path of the bytes of an output, if that is a regular file or does not exist: a link is followed to its target.
fn regular(path: &Path) -> Result<PathBuf> {
    let failed = |error| Error::io("cannot write the file", path_text(path), &error).hint("check the path");
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path.to_owned()),
        Err(error) => return Err(failed(error)),
    };
    if !there.is_symlink() {
        return if there.is_file() { Ok(path.to_owned()) } else { Err(not_regular(path, kind(&there))) };
    }
    let target = match system::real(path) {
        Ok(target) => target,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(not_regular(path, "a link to a file that does not exist"));
        }
        Err(error) => return Err(failed(error)),
    };
    let there = fs::metadata(&target).map_err(failed)?;
    if there.is_file() { Ok(target) } else { Err(not_regular(path, &format!("a link to {}", kind(&there)))) }
}

fn not_regular(path: &Path, what: &str) -> Error {
    Error::new(format!("not a regular file: {what}")).at(path_text(path)).hint("give the path of a regular file")
}

/// What something is that is not a regular file.
fn kind(there: &fs::Metadata) -> &'static str {
    if there.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let file_type = there.file_type();
        if file_type.is_fifo() {
            return "a FIFO";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return "a device";
        }
    }
    "something else"
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Names are safe only when their folder is on disk too; systems that cannot flush a folder need not.
pub(super) fn flush_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Removes what runs that were killed left in a folder: nobody holds its lock.
pub(super) fn remove_dead(folder: &Path) {
    drop(owned::dead(folder, owned::PREFIX, SUFFIX));
}

/// Removes a file that this run wrote. Whoever removed it before did the same. A link stays a link, to an empty file.
pub fn remove(path: &Path) {
    let is_link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    if is_link {
        let _ = write(path, b"", Readers::AsBefore);
    } else {
        let _ = fs::remove_file(path);
    }
}
