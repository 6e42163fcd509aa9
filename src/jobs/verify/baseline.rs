//! Findings that are known: a repository with old ones can adopt `verify` today and fail on new ones only.

use std::collections::BTreeSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::recording::sight::{Sight, without_mark};
use crate::report::{Finding, RuleId};
use crate::store::{self, output::Readers};

/// The rule whose findings are known by a hash of what was found: the next secret in the same place is another one.
const BY_CONTENT: RuleId = RuleId::Secret;

/// The findings that a baseline file lists.
pub(crate) struct Baseline {
    salt: String,
    known: BTreeSet<KnownFinding>,
    /// Findings without the hash that they need, which cover nothing.
    pub(crate) unbound: usize,
}

/// One finding. The message is part of it, so that a second fault of the same rule in the same file is new; if there is
/// a hash of the secret, the hash counts instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct KnownFinding {
    path: String,
    rule: String,
    pointer: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an object with schema, salt and findings")]
struct Document {
    schema: u32,
    /// Goes into the hashes, so that those of two files cannot be compared.
    #[serde(default)]
    salt: String,
    findings: Vec<KnownFinding>,
}

impl KnownFinding {
    fn of(finding: &Finding, salt: &str) -> Self {
        KnownFinding {
            path: finding.path.clone(),
            rule: finding.rule.to_string(),
            pointer: finding.pointer.clone(),
            message: finding.message.clone(),
            content: finding.content.map(|content| content.salted(salt)),
        }
    }

    /// What is compared.
    fn identity(mut self) -> Self {
        if self.content.is_some() {
            self.message.clear();
        }
        self
    }
}

impl Baseline {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let hint = "write one with verify --write-baseline";
        let bad = |why: String| Error::new(why).at(file.display()).hint(hint);
        let content = store::read_input(file)?;
        let bytes = without_mark(&content);
        if let Some(sight) = Sight::of(bytes) {
            return Err(bad(format!("not a baseline: {sight}")));
        }
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| bad(format!("not a baseline: {error}")))?;
        if document.schema != 1 {
            return Err(bad(format!("a baseline of schema {}; this version reads schema 1", document.schema)));
        }
        let covers = |known: &KnownFinding| known.rule != BY_CONTENT.as_str() || known.content.is_some();
        let unbound = document.findings.iter().filter(|known| !covers(known)).count();
        let known = document.findings.into_iter().filter(covers).map(KnownFinding::identity).collect();
        Ok(Baseline { salt: document.salt, known, unbound })
    }

    pub(crate) fn write(file: &Path, findings: &[Finding]) -> Result<()> {
        let salt = salt();
        let findings = findings.iter().map(|finding| KnownFinding::of(finding, &salt)).collect();
        let mut text = serde_json::to_string_pretty(&Document { schema: 1, salt, findings })
            .map_err(|error| Error::new(format!("cannot write the baseline: {error}")).at(file.display()))?;
        text.push('\n');
        store::output::write(file, text.as_bytes(), Readers::AsBefore)
    }

    pub(crate) fn leave_out(&self, findings: &mut Vec<Finding>) {
        findings.retain(|finding| !self.known.contains(&KnownFinding::of(finding, &self.salt).identity()));
    }
}

/// 128 random bits in hex.
fn salt() -> String {
    // Each of these has keys of its own from the system.
    let random = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", random(), random())
}
