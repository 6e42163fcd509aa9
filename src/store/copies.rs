//! Files and folders of copies: where they lie, and how they are compared and moved.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::stage::{held, remove_stale};

/// Names are safe only when their folder is on disk too; systems that cannot flush a folder need not.
pub(super) fn flush(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Where copies go, the best place first, and whether it is made if it is not there.
pub(super) fn memory_places(of_git: Option<&Path>) -> Vec<(PathBuf, bool)> {
    let of_git = of_git.map(|folder| (folder.join("bedrock-fixtures"), true));
    of_git.into_iter().chain([(tempfile::env::temp_dir(), false)]).collect()
}

/// Writes a copy to its place in one step, with the permissions it had.
pub(super) fn restore(folder: &Path, path: &Path, copy: &Path) -> std::io::Result<()> {
    // Open until it has its name, as others tell by that that it is in use.
    let mut staged = held(folder)?;
    remove_stale(folder, staged.path());
    std::io::copy(&mut File::open(copy)?, &mut staged)?;
    staged.as_file().set_permissions(fs::metadata(copy)?.permissions())?;
    staged.as_file().sync_all()?;
    staged.persist(path).map_err(|error| error.error)?;
    flush(folder);
    Ok(())
}

pub(super) fn missing_is_fine(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Whether two files hold the same, a piece at a time.
pub(super) fn same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    // Opening a pipe would wait for its other end.
    let (size_a, b_is) = (fs::metadata(a)?.len(), fs::metadata(b)?);
    if !b_is.is_file() || size_a != b_is.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    let (mut left, mut right) = (vec![0; 1 << 16], Vec::new());
    loop {
        let count = a.read(&mut left)?;
        right.clear();
        b.by_ref().take(count.max(1) as u64).read_to_end(&mut right)?;
        if left[..count] != right[..] {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
    }
}

#[cfg(unix)]
pub(super) fn make_link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
pub(super) fn make_link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(to, at)
}

/// A folder that nobody else can look into or put something in.
pub(super) fn private<'a>(prefix: &'a str) -> tempfile::Builder<'a, 'a> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder
}

/// Whether nobody else can have made it.
#[cfg(unix)]
pub(super) fn is_own(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.uid() == rustix::process::getuid().as_raw() && metadata.mode() & 0o077 == 0
}

#[cfg(not(unix))]
pub(super) fn is_own(_: &fs::Metadata) -> bool {
    true
}
