//! Reading one file.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::recording::MAX_FILE_BYTES;

/// The bytes of a file, or, unless `only_regular`, of a pipe that somebody named.
pub(super) fn whole(path: &Path, only_regular: bool) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = into(path, only_regular, &mut bytes)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// Reads a file into the front of `buffer`, which grows as needed. Files are read far more often than they change, so
/// the number of system calls matters: a regular file needs one read.
pub(super) fn into<'a>(path: &Path, only_regular: bool, buffer: &'a mut Vec<u8>) -> std::io::Result<&'a [u8]> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    if only_regular {
        // A pipe with the name of a recording would be waited for.
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let mut file = options.open(path)?;
    let metadata = file.metadata()?;
    if only_regular && !metadata.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    let too_large = || std::io::Error::other(format!("larger than {} MiB", MAX_FILE_BYTES >> 20));
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large());
    }
    // A pipe and a growing file have no size to trust.
    let size = usize::try_from(metadata.len()).unwrap_or(0);
    let mut length = 0;
    loop {
        if buffer.len() <= length.max(size) {
            buffer.resize((2 * length).max(size + 1).max(4096), 0);
        }
        let asked = buffer.len() - length;
        let read = match file.read(&mut buffer[length..]) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        length += read;
        if length as u64 > MAX_FILE_BYTES {
            return Err(too_large());
        }
        // More was asked for than the file has, and no more came.
        if read == 0 || (metadata.is_file() && length == size && read < asked) {
            return Ok(&buffer[..length]);
        }
    }
}
