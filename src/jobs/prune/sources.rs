//! The test files of a store: what they define, beside what was listed of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::evidence::defines::Definitions;
use crate::evidence::ids::file_of;
use crate::store::{self, Store};

/// The files, each read once.
pub(crate) struct Sources<'a> {
    store: &'a Store,
    listed: BTreeMap<&'a str, BTreeSet<&'a str>>,
    files: RefCell<BTreeMap<String, Option<TestFile>>>,
    /// What could not be read or inspected, and why.
    unread: RefCell<BTreeMap<String, String>>,
}

struct TestFile {
    definitions: Definitions,
    lacks_functions: bool,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(store: &'a Store, collected: &'a [String]) -> Self {
        let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for id in collected {
            listed.entry(file_of(id)).or_default().insert(id);
        }
        Sources { store, listed, files: RefCell::default(), unread: RefCell::default() }
    }

    /// Whether a file is there, or may be.
    pub(crate) fn has_file(&self, file: &str) -> bool {
        self.store.is_there(file).unwrap_or_else(|error| {
            self.note(file, &error);
            true
        })
    }

    /// Whether its file may still generate the test.
    pub(crate) fn may_define(&self, id: &str) -> bool {
        self.ask(file_of(id), |file| file.definitions.may_define(id))
    }

    /// Whether a file defines test functions that are not listed.
    pub(crate) fn lacks_functions(&self, file: &str) -> bool {
        self.ask(file, |file| file.lacks_functions)
    }

    /// The files that could not be read or inspected, each with the reason.
    pub(crate) fn unread(&self) -> BTreeMap<String, String> {
        self.unread.borrow().clone()
    }

    /// A file that cannot be read may define anything.
    fn ask(&self, file: &str, question: impl FnOnce(&TestFile) -> bool) -> bool {
        let mut files = self.files.borrow_mut();
        let read = || self.read(file).map_err(|error| self.note(file, &error)).ok();
        files.entry(file.to_owned()).or_insert_with(read).as_ref().is_none_or(question)
    }

    fn note(&self, file: &str, error: &Error) {
        self.unread.borrow_mut().insert(file.to_owned(), error.to_string());
    }

    fn read(&self, file: &str) -> Result<TestFile> {
        let text = store::read_text(&self.store.root().join(file))?.unwrap_or_default();
        let definitions = Definitions::of(file, text);
        let none = BTreeSet::new();
        let lacks_functions = definitions.lacks_functions(self.listed.get(file).unwrap_or(&none));
        Ok(TestFile { definitions, lacks_functions })
    }
}
