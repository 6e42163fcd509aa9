//! What is at a path.

use std::fs::{self, Metadata};
use std::io::{
    self,
    ErrorKind::{InvalidFilename, NotADirectory, NotFound},
};
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

use super::system;

/// What a path leads to; `None` if the system says that nothing is there.
pub(super) fn look(path: &Path) -> io::Result<Option<Metadata>> {
    sure(fs::metadata(path))
}

/// The same, of a link itself.
pub(super) fn look_at_link(path: &Path) -> io::Result<Option<Metadata>> {
    sure(fs::symlink_metadata(path))
}

fn sure(there: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match there {
        Ok(there) => Ok(Some(there)),
        // No file has a name that is too long.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidFilename) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether anything is at a path. What cannot be looked at counts as there: whoever reads it learns why it cannot be read.
pub fn is_there(path: &Path) -> bool {
    !matches!(look(path), Ok(None))
}

/// The place that a path leads to by all links; `None` if it leads nowhere.
pub fn without_links(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a regular file at a path, or may be, as it cannot be looked at.
pub fn is_file(path: &Path) -> bool {
    look(path).map_or(true, |there| there.is_some_and(|there| there.is_file()))
}

/// A path without links, `.` and `..`. What is not there is taken by its words.
pub fn absolute(path: &Path) -> PathBuf {
    if let Ok(path) = system::real(path) {
        return path;
    }
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::ParentDir)) => {
            absolute(parent).parent().map_or_else(PathBuf::new, Path::to_owned)
        }
        (Some(parent), Some(Component::Normal(name))) => absolute(parent).join(name),
        (Some(parent), Some(Component::CurDir)) => absolute(parent),
        _ => path.to_owned(),
    }
}

/// The names in a folder, sorted; none if it is not there.
pub fn folder_names(folder: &Path) -> Result<Vec<String>> {
    let failed = |error| unlisted(folder, &error);
    if !look(folder).map_err(failed)?.is_some_and(|there| there.is_dir()) {
        return Ok(vec![]);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// A folder whose content is not known.
pub(super) fn unlisted(folder: &Path, error: &io::Error) -> Error {
    Error::io("cannot read the folder", folder.display(), error).hint("check the folder and its permissions")
}

/// Makes the folder of a new store, if it is not there.
pub fn make_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("cannot create the root", root.display(), &error))
}
