//! The names of the rules of `verify`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A rule of `verify`. The order is the one in which findings of a file are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table of the rules says what each one finds")]
#[non_exhaustive]
pub enum RuleId {
    Json,
    LoneSurrogate,
    Schema,
    UnknownKind,
    NotCanonical,
    KeyMismatch,
    Misplaced,
    RecId,
    UnknownType,
    NoAnswer,
    EditedAnswer,
    TruncatedStream,
    TransientError,
    Secret,
    AccountId,
    Oversize,
    UnsupportedRequest,
    ForeignHost,
    Duplicate,
    Noise,
}

impl RuleId {
    /// All of them.
    pub const ALL: [RuleId; 20] = [
        RuleId::Json,
        RuleId::LoneSurrogate,
        RuleId::Schema,
        RuleId::UnknownKind,
        RuleId::NotCanonical,
        RuleId::KeyMismatch,
        RuleId::Misplaced,
        RuleId::RecId,
        RuleId::UnknownType,
        RuleId::NoAnswer,
        RuleId::EditedAnswer,
        RuleId::TruncatedStream,
        RuleId::TransientError,
        RuleId::Secret,
        RuleId::AccountId,
        RuleId::Oversize,
        RuleId::UnsupportedRequest,
        RuleId::ForeignHost,
        RuleId::Duplicate,
        RuleId::Noise,
    ];

    /// Its name in findings and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            RuleId::Json => "json",
            RuleId::LoneSurrogate => "lone-surrogate",
            RuleId::Schema => "schema",
            RuleId::UnknownKind => "unknown-kind",
            RuleId::NotCanonical => "not-canonical",
            RuleId::KeyMismatch => "key-mismatch",
            RuleId::Misplaced => "misplaced",
            RuleId::RecId => "rec-id",
            RuleId::UnknownType => "unknown-type",
            RuleId::NoAnswer => "no-answer",
            RuleId::EditedAnswer => "edited-answer",
            RuleId::TruncatedStream => "truncated-stream",
            RuleId::TransientError => "transient-error",
            RuleId::Secret => "secret",
            RuleId::AccountId => "account-id",
            RuleId::Oversize => "oversize",
            RuleId::UnsupportedRequest => "unsupported-request",
            RuleId::ForeignHost => "foreign-host",
            RuleId::Duplicate => "duplicate",
            RuleId::Noise => "noise",
        }
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// There is no rule of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRule;

impl FromStr for RuleId {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        RuleId::ALL.into_iter().find(|id| id.as_str() == name).ok_or(UnknownRule)
    }
}
