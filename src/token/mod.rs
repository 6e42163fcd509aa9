//! Bedrock API keys: read, judged at a moment, made. Pure: the moment is given, nothing is asked.
//!
//! A short-term key is a presigned request in base64. It says its region, its issue time and how long it was asked to
//! last, but only AWS can check its signature, and the session behind it may end first. So nothing here calls a key
//! valid: it is well-formed, and valid at most until a time.

mod flaw;
pub mod forms;
pub mod identity;
pub mod lookalike;
pub mod mint;
pub mod parse;
pub mod presigned;
pub mod verdict;

/// What short-term keys start with.
pub const SHORT_PREFIX: &str = "bedrock-api-key-";

/// What long-term keys start with.
pub const LONG_PREFIX: &str = "ABSK";

/// Longest life of a short-term key in seconds: 12 hours.
pub const LONGEST: i64 = 43_200;

/// What a text that was given for a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A presigned request, at most 12 hours long.
    ShortTerm,
    /// The credential of an IAM user.
    LongTerm,
    /// What stands in examples where the key goes.
    Placeholder,
    /// Something else.
    Unknown,
    /// Nothing.
    Absent,
}

impl KeyKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            KeyKind::ShortTerm => "short-term",
            KeyKind::LongTerm => "long-term",
            KeyKind::Placeholder => "placeholder",
            KeyKind::Unknown => "unknown",
            KeyKind::Absent => "absent",
        }
    }
}
