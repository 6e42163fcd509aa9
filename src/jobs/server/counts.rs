//! What is counted, by test: the receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::report::serve::{ServeReport, ServedMiss, ServedRecord};
use crate::store::RecordingFile;

use super::ServeMode;
use super::repeats::Repeats;

/// The counts of one test.
#[derive(Default)]
pub(super) struct Count {
    pub(super) hits: usize,
    repeats: usize,
    pub(super) misses: Vec<ServedMiss>,
    pub(super) recorded: Vec<ServedRecord>,
    /// Answers that came from upstream and were not kept.
    pub(super) live: usize,
    read: BTreeSet<String>,
}

impl Count {
    /// Counts an answer from recordings; a repeat, if all of them were read before.
    pub(super) fn hit(&mut self, files: &[RecordingFile]) {
        self.hits += 1;
        let known = self.read.len();
        self.read.extend(files.iter().map(|file| file.path.clone()));
        self.repeats += usize::from(self.read.len() == known);
    }
}

pub(super) struct Counts {
    mode: ServeMode,
    by_test: BTreeMap<Option<String>, Count>,
    passed: BTreeSet<String>,
    /// Answers that are given again without a look-up.
    repeats: Arc<Repeats>,
}

impl Counts {
    pub(super) fn new(mode: ServeMode, repeats: Arc<Repeats>) -> Self {
        Counts { mode, by_test: BTreeMap::new(), passed: BTreeSet::new(), repeats }
    }

    /// The counts of a test.
    pub(super) fn of(&mut self, test_id: Option<String>) -> &mut Count {
        self.by_test.entry(test_id).or_default()
    }

    /// A test passed.
    pub(super) fn pass(&mut self, test_id: String) {
        self.passed.insert(test_id);
    }

    /// The receipt of one test, or of all, beside the recordings that there are.
    pub(super) fn receipt<'a>(&self, of: Option<&str>, recordings: impl Iterator<Item = &'a str>) -> ServeReport {
        let mut report = ServeReport { mode: self.mode.name(), test_id: of.map(str::to_owned), ..Default::default() };
        let is_of = |test_id: &Option<String>| of.is_none() || test_id.as_deref() == of;
        for (_, count) in self.by_test.iter().filter(|(test_id, _)| is_of(test_id)) {
            report.hits += count.hits;
            report.repeats += count.repeats;
            report.live += count.live;
            report.misses.extend(count.misses.iter().cloned());
            report.recorded.extend(count.recorded.iter().cloned());
            report.read.extend(count.read.iter().cloned());
        }
        let again = self.repeats.count(of);
        report.hits += again;
        report.repeats += again;
        report.unread = recordings.filter(|path| !report.read.contains(*path)).count();
        report.passed = self.passed.iter().filter(|test| of.is_none_or(|of| of == test.as_str())).cloned().collect();
        report
    }
}
