//! What may not be replaced: a link, what cannot be read, what is not a file.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};

use super::{RecordingFile, Store, read};

/// The bytes at the place of a recording that is to be written; `None` if nothing is there. One rule for every command that
/// writes: a link would be replaced beside the file it leads to, and nobody knows what is lost with what cannot be read.
pub(super) fn replaceable(path: &Path, shown: &str) -> Result<Option<Vec<u8>>> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("cannot be looked at, so it is not replaced", shown, &error)),
        Ok(there) => there,
    };
    if there.is_symlink() {
        return Err(Error::new("a link is left as it is")
            .at(shown)
            .hint("change the file that it leads to, or remove it"));
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
