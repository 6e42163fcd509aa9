//! Versions of the recorder and of the SDK that it dumps.

use std::fmt;
use std::str::FromStr;

/// A version of a Python package: its three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

/// A version of the `openai` SDK.
pub type SdkVersion = Version;

impl Version {
    /// A version by its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Version { major, minor, patch }
    }

    /// The first of the three numbers.
    pub const fn major(self) -> u32 {
        self.major
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A text is not a version such as `3.57.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a version such as 1.5.0")
    }
}

impl std::error::Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `3.57.0`, `3.57`, `v3.57.0` and `3.57.0rc1`. What follows the numbers does not count.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let trimmed = text.trim();
        let mut rest = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let mut numbers = Vec::new();
        while numbers.len() < 3 {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            numbers.push(rest[..end].parse::<u32>().map_err(|_| NotAVersion)?);
            rest = &rest[end..];
            match rest.strip_prefix('.') {
                Some(more) if more.starts_with(|c: char| c.is_ascii_digit()) => rest = more,
                _ => break,
            }
        }
        // A suffix of PEP 440: `rc1`, `.post1`, `.dev0`, `+local`.
        let is_suffix = rest.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c));
        match numbers[..] {
            [major, minor] if is_suffix => Ok(Version::new(major, minor, 0)),
            [major, minor, patch] if is_suffix => Ok(Version::new(major, minor, patch)),
            _ => Err(NotAVersion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        for (text, version) in [
            ("3.57.0", Version::new(3, 57, 0)),
            ("3.57", Version::new(3, 57, 0)),
            ("v2.5.0", Version::new(2, 5, 0)),
            (" 1.2.5\n", Version::new(1, 2, 5)),
            ("4.0.0rc1", Version::new(4, 0, 0)),
            ("1.5.0.post1", Version::new(1, 5, 0)),
            ("1.5.0+local.7", Version::new(1, 5, 0)),
        ] {
            assert_eq!(text.parse(), Ok(version), "{text}");
        }
        for text in ["", "3", "3.", "newest", "3.x.1", ">=3.0.0", "3.57.0 or so", "99999999999.0.0"] {
            assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text}");
        }
        assert!(Version::new(3, 4, 0) < Version::new(3, 25, 0));
        assert!(Version::new(3, 25, 0) < Version::new(3, 25, 1));
    }
}
