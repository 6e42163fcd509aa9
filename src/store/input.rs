//! What somebody gives to a command: files and standard input.

use std::io::Read as _;
use std::path::Path;

use crate::error::{Error, Result};
use crate::recording::MAX_FILE_BYTES;

use super::read;

/// Reads a file that somebody named: cases, a token.
pub fn read_input(path: &Path) -> Result<Vec<u8>> {
    read::whole(path, false)
        .map_err(|error| Error::io("cannot read the file", path.display(), &error).hint("check the path"))
}

/// Reads a file that need not be a recording, or says why it cannot be read.
pub fn read_any(path: &Path) -> std::result::Result<Vec<u8>, String> {
    read::whole(path, false).map_err(|error| error.to_string())
}

/// Reads all of standard input.
pub fn read_stdin() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_FILE_BYTES => {
            Err(Error::new(format!("larger than {} MiB", MAX_FILE_BYTES >> 20)).at("standard input"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::io("cannot read", "standard input", &error)),
    }
}

/// Reads standard input to its end and keeps nothing of it.
pub fn read_away_stdin() {
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
}
