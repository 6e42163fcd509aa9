//! What `verify` found.

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::outcome::Outcome;
use super::rule_id::RuleId;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The recording cannot be replayed, or replays what was never answered.
    Error,
    /// Worth a look.
    Warning,
}

/// Something wrong with a recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How bad it is.
    pub severity: Severity,
    /// The file, relative to the root.
    pub path: String,
    /// JSON pointer to the place in the file; empty for the whole of it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// For a finding whose content must not be shown: what identifies it.
    #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentDigest>,
}

/// The SHA-256 of what was found. It is shown by its first digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// The digest of the bytes that were found.
    pub fn of(content: &[u8]) -> Self {
        // The name keeps it from being the digest of the content alone, which tables may hold.
        ContentDigest(Sha256::new().chain_update(b"bedrock-fixtures\0").chain_update(content).finalize().into())
    }

    /// The digest together with a salt, in hex: what a file may keep.
    pub fn salted(&self, salt: &str) -> String {
        hex(&Sha256::new().chain_update(salt).chain_update(b"\0").chain_update(self.0).finalize())
    }
}

/// The id by which a person names it.
impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..8]))
    }
}

impl Serialize for ContentDigest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file that `verify --fix` rewrote.
#[derive(Clone, Debug, Serialize)]
pub struct Fixed {
    /// The file, relative to the root.
    pub path: String,
    /// The rules that it broke.
    pub rules: Vec<RuleId>,
}

/// A rule of `verify`, for people.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub rule: RuleId,
    /// How bad a finding is.
    pub severity: Severity,
    /// What it finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub mend: &'static str,
}

/// The result of `verify`.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// Files looked at.
    pub checked: usize,
    /// What was found, by path.
    pub findings: Vec<Finding>,
    /// Files that could not be read, and why; each is among the findings too.
    #[serde(skip)]
    pub unread: Vec<(String, String)>,
    /// What `--fix` mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Fixed>,
    /// Warnings count as errors.
    #[serde(skip)]
    pub strict: bool,
    /// All rules, for formats that carry them.
    #[serde(skip)]
    pub rules: Vec<RuleRow>,
}

impl VerifyReport {
    pub(super) fn outcome(&self) -> Outcome {
        let counts = |finding: &Finding| self.strict || finding.severity == Severity::Error;
        if self.findings.iter().any(counts) { Outcome::Findings } else { Outcome::Clean }
    }
}
