//! Bedrock API keys: reads them, judges them at a given time, makes them. Pure: no clock and no network.
//!
//! A short-term key is a presigned request in base64. It contains its region, its issue time and its requested
//! duration, but only AWS can check its signature, and its session may expire earlier. So a key is never called valid
//! here, but well-formed, and valid at most until a time.

mod flaw;
pub mod forms;
pub mod identity;
pub mod lookalike;
pub mod mint;
pub mod parse;
mod percent;
pub mod presigned;
pub mod verdict;

/// What short-term keys start with.
pub const SHORT_PREFIX: &str = "bedrock-api-key-";

/// What long-term keys start with.
pub const LONG_PREFIX: &str = "ABSK";

/// Longest life of a short-term key in seconds: 12 hours.
pub const LONGEST: i64 = 43_200;

/// The kind of a text that was given as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A presigned request, at most 12 hours long.
    ShortTerm,
    /// The credential of an IAM user.
    LongTerm,
    /// Placeholders for a key in examples.
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
