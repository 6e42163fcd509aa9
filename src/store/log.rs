//! A log of lines that many processes may add to.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

use super::output;

/// A log that is open to be added to.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

/// Opens a log that somebody named, which may be there already.
pub fn open(path: &Path) -> Result<Log> {
    Ok(Log { path: path.to_owned(), file: output::append(path)? })
}

impl Log {
    /// Adds lines in one piece, as many processes may share the file.
    pub fn append<'a>(mut self, lines: impl IntoIterator<Item = &'a String>) -> Result<()> {
        let text: String = lines.into_iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| Error::io("cannot write the log", self.path.display(), &error))
    }
}
