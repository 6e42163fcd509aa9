//! The recordings of a store without their answers: what several commands look up, compare and judge.

use rayon::prelude::*;

use crate::recording::json;
use crate::recording::key::RequestKey;
use crate::recording::name::FileName;
use crate::recording::recorder::KeyRules;
use crate::recording::scan::{Facts, Reading};
use crate::recording::test_id::TestId;
use crate::recording::{Flaw, Recording};
use crate::store::{RecordingFile, Store};

use crate::context::Context;

/// A recording without the inside of its answer.
#[derive(Debug)]
pub struct Entry {
    /// Where it is.
    pub file: RecordingFile,
    /// What is in it and in its answer.
    pub facts: Facts,
    /// How large it is, in bytes.
    pub size: usize,
    outline: Recording,
    rules: KeyRules,
}

/// A file that is not a recording.
#[derive(Debug)]
pub struct UnreadableFile {
    /// Where it is.
    pub file: RecordingFile,
    /// Why it cannot be read.
    pub reason: String,
    /// Whether it is a request of a kind that no current recorder makes.
    pub unknown_kind: bool,
    /// Its size in bytes; `None` if its bytes could not be read.
    pub size: Option<usize>,
}

/// Creates the threads that read recordings. Their stack is large enough for the deepest allowed text.
pub fn make_threads() {
    // Fails only if they are there already.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(json::STACK).build_global();
}

/// Reads the files on all cores, in their order, without those that are gone.
pub fn read(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
) -> Vec<std::result::Result<Entry, UnreadableFile>> {
    read_as(context, store, files, |entry| entry)
}

/// Like [`read`], but holds only what `make` returns: a store may be larger than memory.
pub fn read_as<T: Send>(
    context: &Context<'_>,
    store: &Store,
    files: &[RecordingFile],
    make: impl Fn(std::result::Result<Entry, UnreadableFile>) -> T + Send + Sync,
) -> Vec<T> {
    let progress = context.progress;
    progress.begin("reading", files.len());
    let read = |file: &RecordingFile| {
        let entry = entry(store, file);
        progress.step("");
        entry
    };
    // A file that another run renamed or deleted since the folder was read is not part of the store any more.
    let is_gone = |entry: &std::result::Result<Entry, UnreadableFile>| {
        entry.as_ref().is_err_and(|file| file.size.is_none() && !store.exists(&file.file.path))
    };
    let made = files.par_iter().map(read).filter(|entry| !is_gone(entry)).map(make).collect();
    progress.end();
    made
}

fn entry(store: &Store, file: &RecordingFile) -> std::result::Result<Entry, UnreadableFile> {
    let unreadable = |reason, unknown_kind, size| UnreadableFile { file: file.clone(), reason, unknown_kind, size };
    let bytes = store.read(file).map_err(|why| unreadable(format!("cannot be read: {why}"), false, None))?;
    let reading = Reading::of(&bytes, store.key_rules());
    let canonical = reading.rewritten.as_deref().unwrap_or(&bytes);
    match reading.facts {
        Ok(facts) => {
            let outline = facts.with_arguments(canonical);
            Ok(Entry { file: file.clone(), outline, facts, size: bytes.len(), rules: store.key_rules() })
        }
        Err(flaw) => Err(unreadable(flaw.to_string(), flaw == Flaw::UnknownKind, Some(bytes.len()))),
    }
}

impl Entry {
    /// The recording without the inside of its answer.
    pub fn outline(&self) -> &Recording {
        &self.outline
    }

    /// The test that made it.
    pub fn test_id(&self) -> Option<&str> {
        self.outline().test_id()
    }

    /// The key of its request.
    pub fn key(&self) -> RequestKey {
        self.facts.key
    }

    /// Whether it has the name of a list of models. Several such lists may answer one request.
    pub fn is_list(&self) -> bool {
        self.outline().endpoint().is_some_and(|endpoint| self.rules.names_as_list(endpoint))
    }

    /// Whether its name is what a replay of its own request looks for.
    pub fn has_its_name(&self) -> bool {
        match FileName::parse(self.file.stem()) {
            FileName::Key(key) => !self.is_list() && key == self.key(),
            FileName::ModelList { key, .. } => self.is_list() && key == self.key(),
            FileName::Other => false,
        }
    }

    /// Whether a replay of its own request looks in its folder. Without a known test, any folder may be right.
    pub fn is_in_place(&self, store: &Store) -> bool {
        let Some(test_id) = self.test_id() else { return true };
        let Ok(test_id) = TestId::parse(test_id) else { return false };
        store.layout().lookup_folders(Some(&test_id)).iter().any(|folder| folder == self.file.folder())
    }
}
