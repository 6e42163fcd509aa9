//! Which recordings answer which wire requests. The store may change while the server runs: a file is read again if its
//! time or size has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::context::Context;
use crate::jobs::index::{self, Entry};
use crate::recording::key::RequestKey;
use crate::recording::test_id::TestId;
use crate::store::{RecordingFile, Store};

use super::wire::WireRequest;

/// A recording in the catalog.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) file: RecordingFile,
    pub(super) test_id: Option<String>,
    key: Option<RequestKey>,
    /// The path of the base url of the client that recorded it.
    base: String,
    is_list: bool,
}

/// The recordings of a store by what a client sends.
#[derive(Debug)]
pub(super) struct Catalog {
    store: Store,
    rows: BTreeMap<String, (Option<SystemTime>, Option<Row>)>,
    by_key: BTreeMap<RequestKey, Vec<Row>>,
    /// The files that could not be read the last time.
    unread: BTreeSet<String>,
}

/// What a request finds.
pub(super) enum Match {
    One(Row),
    /// Several tests make the request, and it does not say which is asking.
    Several(Vec<Row>),
    None,
}

impl Catalog {
    pub(super) fn new(store: Store) -> Self {
        Catalog { store, rows: BTreeMap::new(), by_key: BTreeMap::new(), unread: BTreeSet::new() }
    }

    /// Reads the files of the store that are new or have changed.
    pub(super) fn refresh(&mut self, context: &Context<'_>) -> crate::error::Result<()> {
        let files = self.store.list(&context.cwd, &[])?;
        let mut rows = BTreeMap::new();
        let mut stale = Vec::new();
        for file in files {
            let time = self.store.modified(&file);
            match self.rows.remove(&file.path) {
                Some((known, row)) if known == time && time.is_some() => {
                    rows.insert(file.path, (known, row));
                }
                _ => stale.push((file, time)),
            }
        }
        let files: Vec<RecordingFile> = stale.iter().map(|(file, _)| file.clone()).collect();
        let mut unread = BTreeSet::new();
        let read = index::read(context, &self.store, &files).into_iter().filter_map(|read| match read {
            Ok(entry) => Some(entry),
            Err(failed) => {
                if failed.size.is_none() {
                    if !self.unread.contains(&failed.file.path) {
                        context.progress.note(&format!("warning: {}: {}", failed.file.path, failed.reason));
                    }
                    unread.insert(failed.file.path);
                }
                None
            }
        });
        // A recording that no replay finds by its own request does not answer here either.
        let found = read.filter(|entry| entry.has_its_name() && entry.is_in_place(&self.store));
        let mut found: BTreeMap<String, Row> = found.map(|entry| (entry.file.path.clone(), self.row(&entry))).collect();
        for (file, time) in stale {
            let row = found.remove(&file.path);
            // A file that could not be read may be readable the next time, even if it was not written.
            let time = time.filter(|_| !unread.contains(&file.path));
            rows.insert(file.path, (time, row));
        }
        self.unread = unread;
        self.rows = rows;
        self.by_key.clear();
        for row in self.rows.values().filter_map(|(_, row)| row.as_ref()) {
            if let Some(key) = row.key {
                self.by_key.entry(key).or_default().push(row.clone());
            }
        }
        Ok(())
    }

    fn row(&self, entry: &Entry) -> Row {
        let rules = self.store.key_rules();
        let request = WireRequest::of_recording(entry.outline());
        let is_list = request.as_ref().is_some_and(|(request, _)| request.is_model_list(rules));
        Row {
            file: entry.file.clone(),
            test_id: entry.test_id().map(str::to_owned),
            key: request.as_ref().map(|(request, is_bedrock)| request.key(*is_bedrock, rules)),
            base: request.map(|(request, _)| request.base).unwrap_or_default(),
            is_list,
        }
    }

    /// Whether the file of a row is unchanged.
    pub(super) fn is_fresh(&self, row: &Row) -> bool {
        let time = self.store.modified(&row.file);
        time.is_some() && self.rows.get(&row.file.path).is_some_and(|(known, _)| *known == time)
    }

    /// The recording that answers a request of a test.
    pub(super) fn find(&self, request: &WireRequest, test_id: Option<&str>) -> Match {
        for key in request.keys(self.store.key_rules()) {
            let rows = self.by_key.get(&key).map_or(&[][..], Vec::as_slice);
            let mut of_test: Vec<&Row> = match test_id {
                Some(test_id) => rows.iter().filter(|row| row.test_id.as_deref() == Some(test_id)).collect(),
                None => {
                    let untested: Vec<&Row> = rows.iter().filter(|row| row.test_id.is_none()).collect();
                    if untested.is_empty() { rows.iter().collect() } else { untested }
                }
            };
            // Of several recordings of one test, the one with the base url, in the folder where a replay looks first.
            let folders = test_id.and_then(|id| TestId::parse(id).ok());
            let folders = self.store.layout().lookup_folders(folders.as_ref());
            let rank = |row: &Row| folders.iter().position(|folder| folder == row.file.folder());
            of_test.sort_by_key(|row| (row.base != request.base, rank(row).unwrap_or(folders.len())));
            let tests: BTreeSet<_> = of_test.iter().map(|row| &row.test_id).collect();
            match (of_test.first(), tests.len()) {
                (None, _) => {}
                (Some(row), 1) => return Match::One((*row).clone()),
                _ => return Match::Several(of_test.into_iter().cloned().collect()),
            }
        }
        Match::None
    }

    /// The lists of models, in the order of their paths.
    pub(super) fn lists(&self) -> Vec<RecordingFile> {
        let rows = self.rows.values().filter_map(|(_, row)| row.as_ref());
        rows.filter(|row| row.is_list).map(|row| row.file.clone()).collect()
    }

    /// The paths of the recordings.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.rows.values().filter_map(|(_, row)| row.as_ref()).map(|row| row.file.path.as_str())
    }
}
