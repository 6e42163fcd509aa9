//! `verify --fix`: which files can be fixed without a new answer, and how.

use crate::error::{Error, Result};
use crate::recording::Recording;
use crate::recording::sight::{Sight, without_mark};
use crate::report::{Finding, RuleId};
use crate::store::{RecordingFile, Store};

/// The fix for a file.
pub(super) struct Fix {
    pub(super) file: RecordingFile,
    /// The rules whose findings it mends.
    pub(super) rules: Vec<RuleId>,
    /// Ids and times too.
    tidies: bool,
}

impl Fix {
    /// The possible fix of a file for the rules that are `selected`: its layout always, ids only if the file name is right.
    pub(super) fn of(
        store: &Store,
        file: &RecordingFile,
        findings: &[Finding],
        selected: impl Fn(RuleId) -> bool,
    ) -> Option<Self> {
        let found = |rule: RuleId| findings.iter().any(|finding| finding.rule == rule);
        let has = |rule: RuleId| selected(rule) && found(rule);
        let tidies = (has(RuleId::RecId) || has(RuleId::Noise)) && !found(RuleId::KeyMismatch);
        let has_mark = found(RuleId::Json) && selected(RuleId::Json) && starts_with_mark(store, file);
        if !(tidies || has_mark || has(RuleId::NotCanonical)) {
            return None;
        }
        let rules = match has_mark {
            true => vec![RuleId::Json],
            false => {
                [RuleId::NotCanonical, RuleId::RecId, RuleId::Noise].into_iter().filter(|&rule| has(rule)).collect()
            }
        };
        Some(Fix { file: file.clone(), rules, tidies })
    }

    /// Writes the fixed file and returns its bytes; nothing if it has these bytes already.
    pub(super) fn write(&self, store: &Store) -> Result<Option<Vec<u8>>> {
        let file = &self.file;
        let unreadable = |why: String| Error::new(format!("cannot be read again: {why}")).at(&file.path);
        let bytes = store.read(file).map_err(unreadable)?;
        let recording = Recording::parse(without_mark(&bytes)).map_err(|flaw| unreadable(flaw.to_string()))?;
        let stem = file.stem().strip_prefix("models-").unwrap_or(file.stem());
        let rewritten = if self.tidies { recording.tidied(stem) } else { recording }.to_bytes();
        if rewritten == bytes {
            return Ok(None);
        }
        let name = file.path.rsplit('/').next().unwrap_or_default();
        store.write(file.folder(), name, &rewritten, |_| false)?;
        Ok(Some(rewritten))
    }
}

/// Whether all that is wrong with the JSON of a file is the byte order mark before it.
fn starts_with_mark(store: &Store, file: &RecordingFile) -> bool {
    let bytes = store.read(file).unwrap_or_default();
    Sight::of(&bytes) == Some(Sight::ByteOrderMark) && Recording::parse(without_mark(&bytes)).is_ok()
}
