//! Where operating systems differ: what a path is called, and what holds a file.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and with what pause, a file is tried that another program has open. On Windows scanners and indexers open
/// every new file for a moment, and an open file cannot be replaced there.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// A path without links, `.` and `..`, as other programs take it.
pub(super) fn real(path: &Path) -> io::Result<PathBuf> {
    let real = fs::canonicalize(path)?;
    // Windows answers with a form that git and people do not know.
    Ok(match real.to_str().filter(|_| cfg!(windows)) {
        Some(text) => PathBuf::from(plain(text)),
        None => real,
    })
}

/// `\\?\C:\x` as `C:\x`; a path that needs the long form keeps it.
fn plain(path: &str) -> &str {
    // The usual form ends at 260 characters.
    match path.strip_prefix(r"\\?\").filter(|rest| rest.len() < 260) {
        Some(rest) if rest.as_bytes().get(1..3) == Some(br":\") => rest,
        _ => path,
    }
}

/// Renames a file in one step and replaces the target.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut tries = if cfg!(windows) { TRIES } else { 1 };
    loop {
        match fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied && tries > 1 => {
                tries -= 1;
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Moves a staged file to its place in one step and replaces the old file.
pub(super) fn move_into_place(mut staged: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    let mut tries = if cfg!(windows) { TRIES } else { 1 };
    loop {
        match staged.persist(path) {
            Ok(_) => return Ok(()),
            Err(error) if error.error.kind() == ErrorKind::PermissionDenied && tries > 1 => {
                tries -= 1;
                staged = error.file;
                std::thread::sleep(PAUSE);
            }
            Err(error) => return Err(error.error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn paths_of_windows_are_called_as_people_call_them() {
        let long = format!(r"\\?\C:\{}", "x".repeat(300));
        for (path, called) in [
            (r"\\?\C:\work\tests", r"C:\work\tests"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
            (r"C:\work", r"C:\work"),
            ("/work", "/work"),
            (&long, &long),
            (r"\\?\", r"\\?\"),
        ] {
            assert_eq!(plain(path), called);
        }
    }
}
