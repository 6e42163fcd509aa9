//! What the rules say of the bytes of a file in a store.

use std::cell::{Cell, OnceCell};

use crate::recording::Recording;
use crate::recording::recorder::KeyRules;
use crate::recording::scan::Reading;
use crate::recording::test_id::TestId;
use crate::recording::version::Version;
use crate::report::Finding;
use crate::rules::{self, Subject, Suspect};
use crate::store::{RecordingFile, Store};

/// What the rules say of one file.
pub(crate) struct FileFindings {
    pub(crate) findings: Vec<Finding>,
    /// The file may be one of two for the same request.
    pub(crate) suspect: Option<Suspect>,
}

/// Judges the bytes of one file by the rules. Which recorder is in force is asked only where the answer matters, as it may
/// be a question to all recordings of the store.
pub(crate) fn judge_bytes(store: &Store, file: &RecordingFile, bytes: &[u8], strict: bool) -> FileFindings {
    let rules = |outline: &Recording| match outline.depends_on_rules() {
        true => store.key_rules(),
        false => KeyRules::NEWEST,
    };
    judge_reading(store, file, bytes, &Reading::under(bytes, &rules), strict)
}

/// What can be said of a file while the recorder in force is not known.
pub(crate) struct EarlyFindings {
    /// The SDK that the recording names.
    pub(crate) sdk: Option<Version>,
    /// What the rules say; nothing if that depends on the recorder.
    pub(crate) findings: Option<FileFindings>,
}

/// Judges the bytes of one file without asking which recorder is in force.
pub(crate) fn judge_early(store: &Store, file: &RecordingFile, bytes: &[u8], strict: bool) -> EarlyFindings {
    let depends = Cell::new(false);
    let rules = |outline: &Recording| {
        depends.set(outline.depends_on_rules());
        KeyRules::NEWEST
    };
    let reading = Reading::under(bytes, &rules);
    let sdk = reading.facts.as_ref().ok().and_then(|facts| facts.outline.sdk_version());
    let findings = (!depends.get()).then(|| judge_reading(store, file, bytes, &reading, strict));
    EarlyFindings { sdk, findings }
}

/// Like [`judge_bytes`], for bytes that were already read under the rules of a recorder.
pub(crate) fn judge_reading(
    store: &Store,
    file: &RecordingFile,
    bytes: &[u8],
    reading: &Reading,
    strict: bool,
) -> FileFindings {
    let test_id = reading.facts.as_ref().ok().and_then(|facts| facts.outline.test_id());
    let test_id = test_id.and_then(|test_id| TestId::parse(test_id).ok());
    let subject = Subject {
        path: &file.path,
        folder: file.folder(),
        stem: file.stem(),
        lookup_folders: &store.layout().lookup_folders(test_id.as_ref()),
        bytes,
        reading,
        strict,
        candidates: OnceCell::new(),
    };
    FileFindings { findings: rules::check(&subject), suspect: rules::suspect(&subject) }
}
