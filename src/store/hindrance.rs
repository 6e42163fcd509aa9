//! Files that must not be replaced: links, unreadable files, and other things than files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};
use crate::recording::file::RecordingFile;

use super::folder::Store;
use super::read;

/// The current bytes at the path of a recording to write; `None` if there is no file. One rule for every command that
/// writes: replacing a link would not change the file it points to, and replacing an unreadable file could lose unknown
/// content.
pub(super) fn replaceable(path: &Path, shown: &str) -> Result<Option<Vec<u8>>> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("cannot be inspected, so it is not replaced", shown, &error)),
        Ok(there) => there,
    };
    if there.is_symlink() {
        return Err(Error::new("a link is not replaced")
            .at(shown)
            .hint("change the file that it points to, or remove the link"));
    }
    if !there.is_file() {
        return Err(Error::new("not a regular file, so it is not replaced").at(shown).hint("remove it"));
    }
    let failed =
        |error| Error::io("cannot be read, so it is not replaced", shown, &error).hint("check its permissions");
    read::whole(path, true).map(Some).map_err(failed)
}

impl Store {
    /// Why a recording may not be written to its place, if it may not.
    pub fn hindrance(&self, file: &RecordingFile) -> Option<Error> {
        let path = self.root.join(&file.path);
        // A place that cannot be looked at, or is a folder, is found when its folder is made ready.
        fs::symlink_metadata(&path).ok().filter(|there| !there.is_dir())?;
        replaceable(&path, &file.path).err()
    }
}
