//! Where the recording of a request is, and what is there: looked up and read once for each request.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::recording::Recording;
use crate::recording::exception::is_transient;
use crate::recording::key::RequestKey;
use crate::recording::sight::Sight;
use crate::recording::test_id::TestId;
use crate::store::{RecordingFile, Store};

/// The place of a recording.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// Where a replay finds the recording, so that no twin is written; otherwise in the folder of its test.
    pub(crate) file: RecordingFile,
    /// The current content, if it is a recording.
    pub(crate) old: Option<Recording>,
    digest: Option<[u8; 32]>,
    sight: Option<Sight>,
    /// Why the file that is there could not be read.
    unread: Option<String>,
}

impl Slot {
    /// Looks up the place of a request.
    pub(crate) fn find(store: &Store, key: RequestKey, test_id: Option<&TestId>) -> Self {
        match store.find_one(key, test_id) {
            Some(file) => {
                let (bytes, unread) = match store.read(&file) {
                    Ok(bytes) => (Some(bytes), None),
                    Err(why) => (None, Some(why)),
                };
                let old = bytes.as_deref().and_then(|bytes| Recording::parse(bytes).ok());
                let sight = bytes.as_deref().filter(|_| old.is_none()).and_then(Sight::of);
                Slot { file, old, digest: bytes.as_deref().map(digest), sight, unread }
            }
            None => {
                let folder = store.layout().folder(test_id);
                Slot {
                    file: RecordingFile { path: format!("{folder}/{key}.json") },
                    old: None,
                    digest: None,
                    sight: None,
                    unread: None,
                }
            }
        }
    }

    /// The recording in these bytes, which are at the place now. They are read again only if another process wrote them.
    pub(crate) fn recording_in(&self, bytes: &[u8]) -> Option<Cow<'_, Recording>> {
        if self.digest == Some(digest(bytes)) {
            return self.old.as_ref().map(Cow::Borrowed);
        }
        Recording::parse(bytes).ok().map(Cow::Owned)
    }

    /// The kind of the current content, if it is not JSON but known by its first bytes.
    pub(crate) fn sight(&self) -> Option<Sight> {
        self.sight
    }

    /// Why the current content is unknown. The request is not sent again, because the file may be its answer.
    pub(crate) fn unread(&self) -> Option<Error> {
        let why = self.unread.as_ref()?;
        Some(
            Error::new(format!("cannot be read, so it is not replaced: {why}"))
                .at(&self.file.path)
                .hint("check its permissions"),
        )
    }

    /// Why no answer could be stored there, so that the request is not sent: the current file must not be replaced, or
    /// it cannot be read.
    pub(crate) fn hindrance(&self, store: &Store) -> Option<Error> {
        store.hindrance(&self.file).or_else(|| self.unread())
    }

    /// Whether `--missing` need not ask again: the recording answers, or fails as the request always would.
    pub(crate) fn is_settled(&self) -> bool {
        self.old.as_ref().is_some_and(|old| match old.response().exception {
            Some(exception) => exception.status().is_some_and(|status| !is_transient(status)),
            None => true,
        })
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recording that `record` parsed at its look-up is used until another process writes the file.
    #[test]
    fn the_old_file_is_parsed_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("recordings")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let bytes =
            include_bytes!("../../recordings/1766722ccd0a741e1e8e790b79954934f1e3c7b2150d2707595ca802eee2e0e4.json");
        let recording = Recording::parse(bytes).unwrap();
        let key = recording.key(store.key_rules());
        let test_id = recording.test_id().and_then(|id| TestId::parse(id).ok());
        let path = folder.path().join("recordings").join(format!("{key}.json"));
        std::fs::write(&path, bytes).unwrap();
        let slot = Slot::find(&Store::open(folder.path()).unwrap(), key, test_id.as_ref());
        assert!(matches!(slot.recording_in(bytes), Some(Cow::Borrowed(_))));
        let changed = [bytes.as_slice(), b"\n"].concat();
        assert!(matches!(slot.recording_in(&changed), Some(Cow::Owned(_))));
    }
}
