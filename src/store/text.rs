//! Texts that are part of a project's own set-up: read whole, written in one step.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::folder::{Store, walk};
use super::input::read_input;
use super::output::{self, Readers};
use super::paths::{folder_names, look};
use super::{read, system};
use crate::recording::MAX_FILE_BYTES;

/// No text of this kind is larger than this.
const MAX_TEXT_BYTES: u64 = 4 << 20;

/// Reads a text; `None` if the file does not exist. Bytes that are not UTF-8 become U+FFFD, so the text must not be
/// written back.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    Ok(read_text_bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// The bytes of a text; `None` if it is not there.
pub fn read_text_bytes(path: &Path) -> Result<Option<Vec<u8>>> {
    match look(path) {
        Ok(None) => Ok(None),
        Ok(Some(there)) if !there.is_file() => Err(Error::new("not a regular file").at(path.display())),
        Ok(Some(there)) if there.len() > MAX_TEXT_BYTES => Err(Error::new("larger than 4 MiB").at(path.display())),
        _ => read_input(path).map(Some),
    }
}

/// The names in the `site-packages` of a Python environment, of every Python it has.
pub fn site_packages(environment: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in site_folders(environment)? {
        names.extend(folder_names(&folder)?);
    }
    Ok(names)
}

/// Where packages of a Python environment may be installed. Debian has its own name for the folder.
pub fn site_folders(environment: &Path) -> Result<Vec<PathBuf>> {
    let pythons = folder_names(&environment.join("lib"))?;
    let of_unix = pythons.iter().filter(|name| name.starts_with("python"));
    let folders = of_unix.map(|python| environment.join("lib").join(python)).chain([environment.join("Lib")]);
    Ok(folders.flat_map(|folder| ["site-packages", "dist-packages"].map(|name| folder.join(name))).collect())
}

impl Store {
    /// The first file by name, in the first of these folders below the root that has any, that pytest would run.
    pub fn pytest_file(&self, folders: &[&str]) -> Option<String> {
        let is_test = |name: &str| name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"));
        folders.iter().find_map(|folder| {
            let names = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
            let names = names.filter_map(|entry| entry.file_name().into_string().ok());
            let first = names.filter(|name| is_test(name)).min()?;
            Some(if folder.is_empty() { first } else { format!("{folder}/{first}") })
        })
    }

    /// The text of a regular file below the root, if it is there and not too large.
    pub fn text_of_file(&self, path: &str) -> Result<Option<String>> {
        let place = self.root.join(path);
        let failed = |error| Error::io("cannot be read", path, &error).hint("check the file and its permissions");
        match look(&place).map_err(failed)? {
            Some(there) if there.is_file() && there.len() <= MAX_FILE_BYTES => {
                let bytes = read::whole(&place, true).map_err(failed)?;
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
            _ => Ok(None),
        }
    }

    /// The Python files below a folder of the root, or the file itself, sorted; none if it cannot be read.
    pub fn python_files(&self, path: &str) -> Vec<String> {
        let is_python = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
        let place = self.root.join(path);
        let entries = walk(&place).flatten().filter(|entry| entry.file_type().is_file());
        let files = entries
            .filter(|entry| is_python(entry.path()))
            .filter_map(|entry| Some(self.file(entry.path()).ok()?.path));
        let mut files: Vec<String> = files.collect();
        files.sort();
        files
    }

    /// Writes a text below the root in one step, if the current content is still `old`. A link is followed, but not out
    /// of the tree; the permissions of the old file stay.
    pub fn write_text(&self, path: &str, old: Option<&[u8]>, new: &[u8]) -> Result<()> {
        let place = self.text_place(path)?;
        if read_text_bytes(&place)?.as_deref() != old {
            return Err(Error::new("the file has changed since it was read").at(path).hint("run it again"));
        }
        output::write(&place, new, Readers::AsBefore)
    }

    /// Where the bytes of a text are, or would be.
    fn text_place(&self, path: &str) -> Result<PathBuf> {
        let place = self.root.join(path);
        let real = match system::real(&place) {
            Ok(real) => real,
            // A link to nowhere could lead anywhere.
            Err(_) if fs::symlink_metadata(&place).is_err() => return Ok(place),
            Err(error) => return Err(Error::io("cannot open", path, &error).hint("check where the link points")),
        };
        if real.starts_with(&self.root) {
            Ok(real)
        } else {
            Err(Error::new("a link that points out of the tree")
                .at(path)
                .hint("change the file that it points to by hand"))
        }
    }
}
