//! The store of a command, and the recordings in it that it was given.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::store::{RecordingFile, Store};

impl Context<'_> {
    /// The store that a command works in.
    pub(crate) fn store(&self, paths: &[PathBuf]) -> Result<Store> {
        let store = Store::for_command(self.root.as_deref(), &self.cwd, paths)?;
        Ok(store.of_recorder(self.recorder()))
    }

    /// The selected recordings. It is an error if there are none: a gate that checks nothing must not pass.
    pub(crate) fn recordings(&self, store: &Store, paths: &[PathBuf]) -> Result<Vec<RecordingFile>> {
        let files = store.list(&self.cwd, paths)?;
        if files.is_empty() { Err(no_recordings(store, paths)) } else { Ok(files) }
    }
}

pub(crate) fn no_recordings(store: &Store, paths: &[PathBuf]) -> Error {
    let place = paths.first().map_or_else(|| store.root().display(), |path| path.display());
    let hint = "recordings are *.json in folders named recordings; `record` makes some, or give the folder that \
                contains them with --root";
    Error::new("no recordings below this folder").at(place).hint(hint)
}
