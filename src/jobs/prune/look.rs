//! All recordings of a store, as they are judged, and which of them may be deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::evidence::Base;
use crate::jobs::index::{self, Entry, UnreadableFile};
use crate::jobs::suites::SuiteScope;
use crate::prune::{Item, Service};
use crate::recording::Recording;
use crate::recording::json::Value;
use crate::recording::key::Request;
use crate::recording::python::Url;
use crate::recording::recorder::{HashedTestId, KeyRules};
use crate::recording::test_id::TestId;
use crate::report::LeftAlone;
use crate::store::{RecordingFile, Store};

/// What is in the store.
pub(crate) struct Looked {
    /// Every recording, by path.
    pub(crate) items: Vec<Item>,
    /// Selected files that cannot be read.
    pub(crate) refused: Vec<LeftAlone>,
    selected: BTreeSet<String>,
    sizes: BTreeMap<String, usize>,
}

impl Looked {
    /// Reads the whole store; only what PATHs and suites name may be deleted.
    pub(crate) fn at(context: &Context<'_>, store: &Store, paths: &[PathBuf], suite: &[String]) -> Result<Self> {
        let asked = context.recordings(store, paths)?;
        let scope = SuiteScope::named(store, suite)?;
        let in_suite = |test_id: Option<&str>, path: &str| suite.is_empty() || scope.holds(test_id, path);
        let all = if paths.is_empty() { asked.clone() } else { store.list(&context.cwd, &[])? };
        let asked: BTreeSet<&RecordingFile> = asked.iter().collect();
        let mut looked = Looked { items: vec![], refused: vec![], selected: BTreeSet::new(), sizes: BTreeMap::new() };
        let judged = |read: std::result::Result<Entry, UnreadableFile>| match read {
            Ok(entry) => Ok((item(store, &entry), entry.size)),
            Err(unreadable) if unreadable.unknown_kind => {
                Ok((of_unknown_kind(store, &unreadable), unreadable.size.unwrap_or(0)))
            }
            Err(unreadable) => Err(unreadable),
        };
        for read in index::read_as(context, store, &all, judged) {
            let (item, size) = match read {
                Ok(known) => known,
                Err(UnreadableFile { file, reason, .. }) => {
                    if asked.contains(&file) && in_suite(None, &file.path) {
                        looked.selected.insert(file.path.clone());
                        looked.refused.push(LeftAlone { path: file.path, reason });
                    }
                    continue;
                }
            };
            let file = RecordingFile { path: item.path.clone() };
            if asked.contains(&file) && in_suite(item.test_id.as_deref(), &item.path) {
                looked.selected.insert(item.path.clone());
            }
            looked.sizes.insert(item.path.clone(), size);
            looked.items.push(item);
        }
        if looked.selected.is_empty() {
            let hint = "check its roots in tests/integration/suites.py, or give a PATH";
            return Err(Error::new("the suite has no recordings").at(suite.join(", ")).hint(hint));
        }
        Ok(looked)
    }

    pub(crate) fn is_selected(&self, path: &str) -> bool {
        self.selected.contains(path)
    }

    /// How many files may be deleted.
    pub(crate) fn selected(&self) -> usize {
        self.selected.len()
    }

    pub(crate) fn size(&self, path: &str) -> u64 {
        self.sizes.get(path).map_or(0, |size| *size as u64)
    }
}

fn item(store: &Store, entry: &Entry) -> Item {
    let recording = entry.outline();
    let place = entry.test_id().and_then(|test_id| TestId::parse(test_id).ok());
    Item {
        path: entry.file.path.clone(),
        test_id: entry.test_id().map(|test_id| Base::Same.apply(test_id)),
        key: Some(entry.key()),
        has_its_name: entry.has_its_name(),
        // A file in the root itself cannot be in a wrong folder.
        is_in_place: entry.is_in_place(store) || entry.file.folder().is_empty(),
        is_first: store.layout().folder(place.as_ref()) == entry.file.folder(),
        is_list: entry.is_list(),
        belongs_to_test: belongs_to_test(recording, store.key_rules()),
        url: recording.url().unwrap_or_default().to_owned(),
        service: Service::of(recording),
        messages: Item::messages_of(recording),
    }
}

/// Whether the test of a recording is part of its key.
fn belongs_to_test(recording: &Recording, rules: KeyRules) -> bool {
    let test_id = recording.test_id();
    let is_hashed = || match recording.request() {
        Request::Inference { url, .. } => {
            rules.hashed_test_id(&Url::parse(url), test_id) == HashedTestId::Present(test_id)
        }
        Request::Payload { .. } | Request::Tool { .. } => true,
    };
    test_id.is_some() && is_hashed()
}

/// A request of a kind that nothing replays: only its test matters.
fn of_unknown_kind(store: &Store, unreadable: &UnreadableFile) -> Item {
    let document = store.read(&unreadable.file).ok().and_then(|bytes| Value::parse(&bytes).ok());
    let test_id = document.as_ref().and_then(|document| document.get("test_id")).and_then(Value::as_str);
    Item {
        path: unreadable.file.path.clone(),
        test_id: test_id.map(|test_id| Base::Same.apply(test_id)),
        key: None,
        has_its_name: false,
        is_in_place: false,
        is_first: false,
        is_list: false,
        belongs_to_test: test_id.is_some(),
        url: String::new(),
        service: Service::default(),
        messages: 0,
    }
}
