//! One file a subcommand: its arguments, whose comments are the help, and `run`, which returns a [`crate::report::Report`].

pub mod demo;
pub mod diff;
pub mod environment;
pub mod record;
pub mod replay_check;
pub mod verify;

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::recording::test_id::TestId;
use crate::recording::{Flaw, Recording};
use crate::report::{Finding, Progress};
use crate::rules::{self, Subject};
use crate::store::{RecordingFile, Store};

pub use environment::Environment;

/// What a command gets from the process: everything it may depend on.
pub struct Context<'a> {
    /// `--root`.
    pub root: Option<PathBuf>,
    /// The current folder.
    pub cwd: PathBuf,
    /// The environment.
    pub environment: Environment,
    /// Where it says how far it is.
    pub progress: &'a dyn Progress,
}

impl Context<'_> {
    fn store(&self, paths: &[PathBuf]) -> Result<Store> {
        Store::for_command(self.root.as_deref(), &self.cwd, paths)
    }

    /// The selected recordings. None at all is an error: a gate that checks nothing must not pass.
    fn recordings(&self, store: &Store, paths: &[PathBuf]) -> Result<Vec<RecordingFile>> {
        let files = store.list(&self.cwd, paths)?;
        if files.is_empty() {
            let place = paths.first().map_or_else(|| store.root().display(), |path| path.display());
            let hint = "recordings are *.json in folders named recordings; give the tree that has them with --root";
            return Err(Error::new("no recordings below this folder").at(place).hint(hint));
        }
        Ok(files)
    }
}

/// Judges the bytes of one file by the rules.
fn check_bytes(
    store: &Store,
    file: &RecordingFile,
    bytes: &[u8],
    parsed: &std::result::Result<Recording, Flaw>,
) -> Vec<Finding> {
    let test_id = parsed.as_ref().ok().and_then(|recording| recording.test_id());
    let test_id = test_id.and_then(|test_id| TestId::parse(test_id).ok());
    rules::check(&Subject {
        path: &file.path,
        folder: file.folder(),
        stem: file.stem(),
        lookup_folders: &store.layout().lookup_folders(test_id.as_ref()),
        bytes,
        parsed,
    })
}
