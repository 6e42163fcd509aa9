//! Checks the recordings that a command wrote, keeps the good ones, and restores the others.

use std::collections::BTreeSet;

use crate::jobs::gate::{self, Admission, FileContent, Policy, Rejection};
use crate::recording::Recording;
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::turn::{Turn, Usage};
use crate::report::{RecordReport, RecordResult, RuleId, Status, TokenCounts};
use crate::store::snapshot::{Fate, Snapshot};
use crate::store::{RecordingFile, Store};

/// Checks every recording that differs from the snapshot.
pub(super) struct Review<'a> {
    pub(super) store: &'a Store,
    pub(super) policy: &'a Policy,
    pub(super) memory: Snapshot,
    /// Long after the run: people may have changed files too, so only bad recordings are restored.
    pub(super) is_late: bool,
    /// Of a late one: recordings whose deletion is staged in git.
    pub(super) deleted_in_index: BTreeSet<String>,
    /// Tests that failed, whose recordings do not stay.
    pub(super) failed: BTreeSet<String>,
    /// A replay of its test does not look in the folder of the recording.
    pub(super) is_misplaced: bool,
    pub(super) report: RecordReport,
}

impl Review<'_> {
    /// Restores what must not stay, and returns the number of restored files.
    pub(super) fn review(&mut self) -> usize {
        let changes = self.memory.changes(self.store);
        let mut usage = Usage::default();
        let mut put_back = 0;
        let mut failures = changes.failures;
        for (file, fate) in changes.files {
            let (result, counted) = self.judge_change(&file, fate);
            usage += counted;
            let Some((mut result, stays)) = result else { continue };
            // A file that cannot be read is not replaced: it may be the only copy of a paid answer.
            if let Some(error) = self.store.hidden(&file).filter(|_| !stays && fate != Fate::Deleted) {
                result.reason = Some(format!("it cannot be read, so it was left as it is: {error}"));
                failures.push(error.to_string());
            } else if !stays {
                match self.memory.put_back(self.store, &file) {
                    Ok(()) => put_back += 1,
                    Err(error) => {
                        result.status = Status::Refused;
                        result.reason = Some(format!("it could not be restored: {error}"));
                        failures.push(error.to_string());
                    }
                }
            }
            if result.status == Status::Refused {
                // All of it is from a file that may hold anything.
                let texts =
                    result.test_id.iter_mut().chain(&mut result.reason).chain([&mut result.key, &mut result.path]);
                texts.for_each(|text| *text = self.policy.scrubbed(text));
            }
            self.report.results.push(result);
        }
        self.report.usage =
            TokenCounts { prompt_tokens: usage.prompt_tokens, completion_tokens: usage.completion_tokens };
        if let Some(first) = failures.first() {
            self.memory.keep();
            let (count, copies) = (failures.len(), self.memory.files());
            self.report.failure = Some(format!(
                "{count} of the recordings could not be read or restored: {first}; the previous recordings are in {}",
                copies.display()
            ));
        }
        put_back
    }

    /// Whether the current content of a file may stay, and the recording in it, if it may be shown.
    fn admit(
        &self,
        file: &RecordingFile,
        old: Option<&[u8]>,
    ) -> (std::result::Result<Admission, String>, Option<Recording>) {
        let bytes = match self.store.read(file) {
            Ok(bytes) => bytes,
            Err(why) => return (Err(why), None),
        };
        let recording = Recording::parse(&bytes).ok();
        let old_recording = old.and_then(|old| Recording::parse(old).ok());
        let old = old.map(|bytes| FileContent { bytes, recording: old_recording.as_ref() });
        let new = FileContent { bytes: &bytes, recording: recording.as_ref() };
        let admission = gate::admit(self.store, file, old, new, self.policy);
        // A recording that repeats a credential is not shown.
        let is_secret = admission == Admission::Refuse(Rejection::Secret);
        (Ok(admission), recording.filter(|_| !is_secret))
    }

    /// Judges one recording: the result and whether it stays, or nothing; and the tokens that it counted.
    fn judge_change(&mut self, file: &RecordingFile, fate: Fate) -> (Option<(RecordResult, bool)>, Usage) {
        let old = self.memory.read(file);
        if fate == Fate::Deleted {
            let recording = old.as_deref().and_then(|bytes| Recording::parse(bytes).ok());
            let reason = "the command deleted it; the previous version was restored".to_owned();
            let result = result(file, recording.as_ref(), Status::Refused, Some(reason), self.store.key_rules());
            // Long after the run, somebody may have deleted it on purpose: git knows, if that is staged.
            let is_meant = self.is_late && self.deleted_in_index.contains(&file.path);
            return ((!is_meant).then_some((result, false)), Usage::default());
        }
        let (admission, recording) = self.admit(file, old.as_deref());
        // A file that is not a recording now may have been one.
        let named = || old.as_deref().and_then(|old| Recording::parse(old).ok());
        let turn = recording.as_ref().and_then(|recording| Turn::of_recording(recording).ok());
        let usage = turn.map(|turn| turn.usage).unwrap_or_default();
        let refused = |why: &str| {
            let what = if fate == Fate::New { "it was removed" } else { "the previous version was restored" };
            (Status::Refused, Some(format!("{why}; {what}")))
        };
        let test_id = recording.as_ref().and_then(Recording::test_id);
        let (status, reason) = match admission {
            Ok(Admission::Store) if test_id.is_some_and(|test_id| self.failed.contains(test_id)) => {
                refused("its test failed; --keep-failed stores it anyway")
            }
            Ok(Admission::Store) => (Status::Written, None),
            Ok(Admission::Same) => (Status::Unchanged, None),
            Ok(Admission::Refuse(why)) => {
                self.is_misplaced |= matches!(why, Rejection::Rule { rule: RuleId::Misplaced, .. });
                refused(&why.to_string())
            }
            Err(why) => refused(&format!("it cannot be read: {why}")),
        };
        let stays = status == Status::Written || (self.is_late && status == Status::Unchanged);
        (Some((result(file, recording.or_else(named).as_ref(), status, reason, self.store.key_rules()), stays)), usage)
    }
}

fn result(
    file: &RecordingFile,
    recording: Option<&Recording>,
    status: Status,
    reason: Option<String>,
    rules: KeyRules,
) -> RecordResult {
    let named = FileName::parse(file.stem()).key();
    let key = named
        .or_else(|| recording.map(|recording| recording.key(rules)))
        .map_or(file.stem().to_owned(), |key| key.to_string());
    let test_id = recording.and_then(Recording::test_id).map(str::to_owned);
    RecordResult { test_id, key, path: file.path.clone(), status, reason, skip: None }
}
