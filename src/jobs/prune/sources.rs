//! The test files of a store: what they define, beside what was listed of them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{defines, ids};
use crate::store::{self, Store};

/// The files, each read once.
pub(crate) struct Sources<'a> {
    store: &'a Store,
    listed: BTreeMap<&'a str, BTreeSet<&'a str>>,
    texts: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(store: &'a Store, collected: &'a [String]) -> Self {
        let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for id in collected {
            listed.entry(ids::file_of(id)).or_default().insert(id);
        }
        Sources { store, listed, texts: RefCell::default() }
    }

    /// Whether its file may still make a test.
    pub(crate) fn may_define(&self, id: &str) -> bool {
        self.with_text(ids::file_of(id), |text| defines::may_define(text, id))
    }

    /// Whether a file defines test functions that are not listed.
    pub(crate) fn lacks_functions(&self, file: &str) -> bool {
        let none = BTreeSet::new();
        let listed = self.listed.get(file).unwrap_or(&none);
        self.with_text(file, |text| defines::lacks_functions(text, file, listed))
    }

    /// A file that cannot be read may define anything.
    fn with_text(&self, file: &str, ask: impl FnOnce(&str) -> bool) -> bool {
        let mut texts = self.texts.borrow_mut();
        let read = || store::read_text(&self.store.root().join(file)).ok().map(Option::unwrap_or_default);
        texts.entry(file.to_owned()).or_insert_with(read).as_deref().is_none_or(ask)
    }
}
