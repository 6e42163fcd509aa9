//! Files that must not be replaced: links, unreadable files, and other things than files.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};
use crate::recording::MAX_FILE_BYTES;
use crate::recording::file::RecordingFile;

use super::folder::Store;
use super::paths::{look, look_at_link};
use super::read;

/// The current bytes at the path of a recording to write; `None` if there is no file. One rule for every command that
/// writes: replacing a link would not change the file it points to, and replacing an unreadable file could lose unknown
/// content.
pub(super) fn replaceable(path: &Path, shown: &str) -> Result<Option<Vec<u8>>> {
    let hint = "check its permissions";
    let failed = |error| Error::io("cannot be inspected, so it is not replaced", shown, &error).hint(hint);
    let Some(there) = look_at_link(path).map_err(failed)? else { return Ok(None) };
    if there.is_symlink() {
        return Err(Error::new("a link is not replaced")
            .at(shown)
            .hint("change the file that it points to, or remove the link"));
    }
    if !there.is_file() {
        return Err(Error::new("not a regular file, so it is not replaced").at(shown).hint("remove it"));
    }
    let failed = |error| Error::io("cannot be read, so it is not replaced", shown, &error).hint(hint);
    read::whole(path, true).map(Some).map_err(failed)
}

impl Store {
    /// Why the bytes of a recording that is a regular file cannot be read, if so.
    pub fn hidden(&self, file: &RecordingFile) -> Option<Error> {
        let path = self.root.join(&file.path);
        match look(&path) {
            Ok(Some(there)) if there.is_file() && there.len() <= MAX_FILE_BYTES => read::whole(&path, true).err(),
            Ok(_) => None,
            Err(error) => Some(error),
        }
        .filter(|error| error.kind() != ErrorKind::NotFound)
        .map(|error| Error::io("cannot be read", &file.path, &error).hint("check its permissions"))
    }

    /// Why a recording may not be written to its place, if it may not.
    pub fn hindrance(&self, file: &RecordingFile) -> Option<Error> {
        let path = self.root.join(&file.path);
        match look_at_link(&path) {
            // A folder is found when its own folder is made ready.
            Ok(there) if there.as_ref().is_none_or(fs::Metadata::is_dir) => None,
            _ => replaceable(&path, &file.path).err(),
        }
    }
}
