//! Errors that end a command: what went wrong, where, and what to do next.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

/// An error for a person, in one line. The exit code follows from it being one: see [`crate::cli`].
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    place: Option<String>,
    hint: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What a caller can decide on. The text is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input, the request or the state of things is wrong; the text says how.
    Invalid,
    /// The operating system reported an error.
    Io(io::ErrorKind),
    /// A disk is full, or a quota used up: no other write would fare better.
    OutOfSpace,
}

/// What commands and rooms return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that says `what` went wrong: a lower-case fragment without a full stop.
    pub fn new(what: impl Into<String>) -> Self {
        Error { kind: ErrorKind::Invalid, what: what.into(), place: None, hint: None, source: None }
    }

    /// An error of the operating system while doing `what`; it is the source.
    pub fn io(what: &str, place: impl fmt::Display, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::OutOfSpace,
            other => ErrorKind::Io(other),
        };
        // What the system said cannot be copied but by its number.
        let source = error
            .raw_os_error()
            .map_or_else(|| io::Error::new(error.kind(), error.to_string()), io::Error::from_raw_os_error);
        Error { kind, source: Some(Arc::new(source)), ..Error::new(format!("{what}: {error}")).at(place) }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether a disk is full, or a quota used up: no other write would fare better.
    pub fn is_out_of_space(&self) -> bool {
        self.kind == ErrorKind::OutOfSpace
    }

    /// Puts what was being done before what went wrong; kind, place, hint and source stay.
    #[must_use]
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.what = format!("{doing}: {}", self.what);
        self
    }

    /// Passes every text through `scrub`. The source is dropped, because its text cannot be changed.
    #[must_use]
    pub fn scrubbed(mut self, scrub: impl Fn(&str) -> String) -> Self {
        self.what = scrub(&self.what);
        self.place = self.place.as_deref().map(&scrub);
        self.hint = self.hint.as_deref().map(&scrub);
        self.source = None;
        self
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Errors are equal if they say the same.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        let texts = |error: &Self| (error.kind, error.what.clone(), error.place.clone(), error.hint.clone());
        texts(self) == texts(other)
    }
}

impl Eq for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_what_it_knows_when_it_is_passed_on() {
        let full = io::Error::from_raw_os_error(28);
        let error = Error::io("cannot write", "a.json", &full).hint("free some space").context("while recording");
        assert!(error.is_out_of_space());
        assert_eq!(error.to_string(), format!("a.json: while recording: cannot write: {full}; free some space"),);
        assert_eq!(error.source().map(ToString::to_string), Some(full.to_string()));
        let gone = Error::io("cannot read", "b", &io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(gone.kind(), ErrorKind::Io(io::ErrorKind::NotFound));
        let scrubbed = Error::new("token abc").at("abc").hint("abc").scrubbed(|text| text.replace("abc", "***"));
        assert_eq!(scrubbed.to_string(), "***: token ***; ***");
        assert!(scrubbed.source().is_none());
    }
}
