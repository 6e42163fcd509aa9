//! What is at a path.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};

use super::system;

/// Whether anything is at a path.
pub fn is_there(path: &Path) -> bool {
    path.exists()
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is a file at a path.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
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

/// Makes the folder of a new store, if it is not there.
pub fn make_root(root: &Path) -> Result<()> {
    fs::create_dir_all(root).map_err(|error| Error::io("cannot create the root", root.display(), &error))
}
