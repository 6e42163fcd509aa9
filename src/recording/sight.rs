//! Files whose first bytes show what they are: broken in a known way.

use std::fmt;

/// The kind of a file that is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sight {
    /// Nothing, or white space.
    Empty,
    /// JSON after a byte order mark, which Python's `json` does not read.
    ByteOrderMark,
    /// UTF-16 or UTF-32.
    Utf16,
    /// The marks of a merge that was not resolved.
    MergeMarks,
    /// A pointer of Git LFS whose file was not fetched.
    LfsPointer,
    /// Encrypted by git-crypt and locked.
    GitCrypt,
    /// Compressed by gzip.
    Gzip,
    /// A page of HTML.
    Html,
}

/// A byte order mark in UTF-8, with which some editors begin a file.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The text without a byte order mark before it.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

impl Sight {
    /// Knows a file by its bytes, if it is one of these.
    pub fn of(bytes: &[u8]) -> Option<Sight> {
        let start = &bytes[..bytes.len().min(1024)];
        let text = start.trim_ascii_start();
        let is_wide =
            || start.len() >= 4 && (start[..4] == *b"{\0\n\0" || start[..2] == *b"{\0" || start[..2] == *b"\0{");
        let has_line = |mark: &[u8]| bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(mark));
        if bytes.trim_ascii().is_empty() {
            Some(Sight::Empty)
        } else if start.starts_with(MARK) {
            Some(Sight::ByteOrderMark)
        } else if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || is_wide() {
            Some(Sight::Utf16)
        } else if start.starts_with(b"version https://git-lfs.github.com/spec/") {
            Some(Sight::LfsPointer)
        } else if start.starts_with(b"\0GITCRYPT\0") {
            Some(Sight::GitCrypt)
        } else if start.starts_with(b"\x1f\x8b") {
            Some(Sight::Gzip)
        } else if has_line(b"<<<<<<< ") && has_line(b">>>>>>> ") {
            Some(Sight::MergeMarks)
        } else if text.to_ascii_lowercase().starts_with(b"<!doctype html")
            || text.to_ascii_lowercase().starts_with(b"<html")
        {
            Some(Sight::Html)
        } else {
            None
        }
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Sight::Empty => "restore it with git restore, or record it again",
            Sight::ByteOrderMark => "save it as UTF-8 without the mark, or run verify --fix",
            Sight::Utf16 => "save it as UTF-8, or restore it with git restore",
            Sight::MergeMarks => "choose one side, such as `git checkout --ours FILE`, or record it again",
            Sight::LfsPointer => "run `git lfs pull`",
            Sight::GitCrypt => "run `git-crypt unlock`",
            Sight::Gzip => "unpack it, or restore it with git restore",
            Sight::Html => "record it again: a page was stored in place of an answer",
        }
    }
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sight::Empty => "the file is empty",
            Sight::ByteOrderMark => "the file starts with a byte order mark, which Python's json does not read",
            Sight::Utf16 => "the file is UTF-16, not UTF-8",
            Sight::MergeMarks => "the file contains the marks of a merge conflict",
            Sight::LfsPointer => "the file is a pointer of Git LFS: its content was not fetched",
            Sight::GitCrypt => "the file is encrypted by git-crypt and locked",
            Sight::Gzip => "the file is compressed by gzip",
            Sight::Html => "the file is a page of HTML",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_and_a_recording_is_none() {
        let wide: Vec<u8> = "{\n}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, sight) in [
            (&b""[..], Some(Sight::Empty)),
            (b" \n", Some(Sight::Empty)),
            (b"\xef\xbb\xbf{}", Some(Sight::ByteOrderMark)),
            (&wide, Some(Sight::Utf16)),
            (b"\xff\xfe{\0", Some(Sight::Utf16)),
            (b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n", Some(Sight::MergeMarks)),
            (b"{\n<<<<<<< HEAD\n>>>>>>> x\n}\n", Some(Sight::MergeMarks)),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", Some(Sight::LfsPointer)),
            (b"\0GITCRYPT\0x", Some(Sight::GitCrypt)),
            (b"\x1f\x8b\x08", Some(Sight::Gzip)),
            (b"\n<!DOCTYPE html><p>", Some(Sight::Html)),
            (b"{}", None),
            (b"{", None),
            (b"<<<<<<< HEAD\n", None),
        ] {
            assert_eq!(Sight::of(bytes), sight, "{bytes:?}");
        }
    }
}
