//! Findings that are known: a repository with old ones can adopt `verify` today and fail on new ones only.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::report::Finding;
use crate::store::{self, output::Readers};

/// The findings that a baseline file lists.
pub(crate) struct Baseline(BTreeSet<Known>);

/// One finding. Its message is part of it, so that a second fault of the same rule in the same file is a new one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Known {
    path: String,
    rule: String,
    pointer: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    findings: Vec<Known>,
}

impl Known {
    fn of(finding: &Finding) -> Self {
        Known {
            path: finding.path.clone(),
            rule: finding.rule.to_owned(),
            pointer: finding.pointer.clone(),
            message: finding.message.clone(),
        }
    }
}

impl Baseline {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let hint = "write one with verify --write-baseline";
        let bad = |why: String| Error::new(why).at(file.display()).hint(hint);
        let document: Document =
            serde_json::from_slice(&store::read_input(file)?).map_err(|error| bad(format!("no baseline: {error}")))?;
        if document.schema != 1 {
            return Err(bad(format!("a baseline of schema {}, which is newer than this tool", document.schema)));
        }
        Ok(Baseline(document.findings.into_iter().collect()))
    }

    pub(crate) fn write(file: &Path, findings: &[Finding]) -> Result<()> {
        let document = Document { schema: 1, findings: findings.iter().map(Known::of).collect() };
        let mut text = serde_json::to_string_pretty(&document)
            .map_err(|error| Error::new(format!("cannot write the baseline: {error}")).at(file.display()))?;
        text.push('\n');
        store::output::write(file, text.as_bytes(), Readers::AsBefore)
    }

    pub(crate) fn leave_out(&self, findings: &mut Vec<Finding>) {
        findings.retain(|finding| !self.0.contains(&Known::of(finding)));
    }
}
