//! Stores an answer after it was judged and checked by the rules.

use crate::client::call::{Failure, Reply};
use crate::jobs::gate::{self, Admission, FileContent, Policy};
use crate::recording::Recording;
use crate::recording::dump::Form;
use crate::recording::turn::Usage;
use crate::report::{RecordResult, Skip, Status};
use crate::store::Store;
use crate::store::stage::Promotion;

use super::judge::{Refusal, judge};
use crate::jobs::cases::Case;

/// Keeps answers in a store.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) store: Store,
    /// What may be stored. Its secrets are the token in use, and those before it.
    pub(crate) policy: Policy,
    /// The form of new recordings. A replaced recording keeps its layout, so that a diff shows the answer and not an
    /// upgrade.
    pub(crate) form: Form,
}

/// The outcome of one request.
pub(crate) struct AskedCase {
    pub(crate) result: RecordResult,
    pub(crate) usage: Usage,
    pub(crate) refusal: Option<Refusal>,
}

impl AskedCase {
    /// The answer is not kept.
    pub(crate) fn refused(store: &Store, case: &Case, refusal: Refusal) -> Self {
        let result = result(store, case, Status::Refused, Some(refusal.reason.clone()));
        AskedCase { result, usage: Usage::default(), refusal: Some(refusal) }
    }
}

impl Gate {
    /// Judges a reply and stores what may be.
    pub(crate) fn keep(&self, case: &Case, reply: std::result::Result<Reply, Failure>) -> AskedCase {
        let old = &case.slot(&self.store).old;
        let layout = old.as_ref().map_or(self.form.layout, Recording::layout);
        let judged = judge(case, reply, &self.policy, old.as_ref(), Form { layout, ..self.form });
        let stored = judged.and_then(|(recording, usage)| Ok((self.store(case, &recording)?, usage)));
        match stored {
            Ok((status, usage)) => AskedCase { result: result(&self.store, case, status, None), usage, refusal: None },
            Err(refusal) => AskedCase::refused(&self.store, case, refusal),
        }
    }

    /// Writes a recording, if it may be stored and is more than noise.
    fn store(&self, case: &Case, recording: &Recording) -> std::result::Result<Status, Refusal> {
        let bytes = recording.to_bytes();
        let new = FileContent { bytes: &bytes, recording: Some(recording) };
        let slot = case.slot(&self.store);
        let (store, file, policy) = (&self.store, &slot.file, &self.policy);
        // Before anything is staged, so that a refused answer leaves no trace.
        if let Some(why) = gate::reject(store, file, slot.old.as_ref(), new, policy) {
            return Err(Refusal::of_this(format!("{why}; the answer was not stored")));
        }
        let mut rejection = None;
        let keeps = |bytes: &[u8]| {
            let recording = slot.recording_in(bytes);
            let old = FileContent { bytes, recording: recording.as_deref() };
            match gate::compare(store, file, Some(old), new, policy) {
                Admission::Store => false,
                Admission::Same => true,
                Admission::Refuse(why) => {
                    rejection = Some(why);
                    true
                }
            }
        };
        let name = format!("{}.json", file.stem());
        let written = store.write(file.folder(), &name, &bytes, keeps);
        match (written, rejection) {
            (Ok(Promotion::Written), _) => Ok(Status::Written),
            (Ok(Promotion::Kept), Some(why)) => Err(Refusal::of_this(why.to_string())),
            (Ok(Promotion::Kept), None) => Ok(Status::Unchanged),
            // The answers that are still to come could not be stored either.
            (Err(error), _) => {
                Err(Refusal { ends_run: error.is_out_of_space(), ..Refusal::of_this(error.to_string()) })
            }
        }
    }
}

/// The result of one case, with the place of its recording.
pub(crate) fn result(store: &Store, case: &Case, status: Status, reason: Option<String>) -> RecordResult {
    let (test_id, key) = (case.call.test_id.clone(), case.key.to_string());
    RecordResult { test_id, key, path: case.slot(store).file.path.clone(), status, reason, skip: None }
}

/// The result of a case that is not asked.
pub(crate) fn skipped(store: &Store, case: &Case, skip: Skip, reason: impl Into<String>) -> RecordResult {
    RecordResult { skip: Some(skip), ..result(store, case, Status::Skipped, Some(reason.into())) }
}
