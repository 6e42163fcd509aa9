//! Errors that end a command: what went wrong, where, and what to do next.

use std::fmt;

/// An error for a person, in one line. The exit code follows from it being one: see [`crate::cli`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    what: String,
    place: Option<String>,
    hint: Option<String>,
    is_out_of_space: bool,
}

/// What commands and rooms return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that says `what` went wrong: a lower-case fragment without a full stop.
    pub fn new(what: impl Into<String>) -> Self {
        Error { what: what.into(), place: None, hint: None, is_out_of_space: false }
    }

    /// An error of the operating system while doing `what`.
    pub fn io(what: &str, place: impl fmt::Display, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let is_out_of_space = matches!(error.kind(), StorageFull | QuotaExceeded);
        Error { is_out_of_space, ..Error::new(format!("{what}: {error}")).at(place) }
    }

    /// Whether a disk is full, or a quota used up: no other write would fare better.
    pub fn is_out_of_space(&self) -> bool {
        self.is_out_of_space
    }

    /// Says where: a path, a url, a line of a file.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
